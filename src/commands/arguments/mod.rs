//! The command line, word for word: what `clap` reads, and how it becomes settings.

mod check;
mod default;
mod diff;
mod files;
mod values;

pub use check::Check;
pub use default::with_command;
pub use diff::Diff;
pub use files::Files;

use crate::{
    settings::{Display, When},
    words::Language,
};
use clap::{ArgAction, Args, Parser, Subcommand, builder::BoolishValueParser};
use values::{language, listing, when};

/// A linter and analyser for iptables- and nftables-style rule files.
#[derive(Debug, Parser)]
#[command(
    name = "fwlint",
    version,
    about = "A linter and analyser for iptables- and nftables-style rule files",
    long_about = "A linter and analyser for iptables- and nftables-style rule files.\n\n\
        It works out exactly which packets the rules let in, checks every opened port against what is known about \
        the services there, and says what is wrong where it is written. It needs no root, no kernel module and no \
        network.",
    override_usage = "fwlint [check] [OPTIONS] [PATH|-]...\n       fwlint <COMMAND> …",
    after_help = "`fwlint PATH` is short for `fwlint check PATH`. More: fwlint --help",
    after_long_help = EXAMPLES,
    max_term_width = 120,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What is asked for.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  fwlint                             lint the rule files below this directory
  fwlint rules.v4 rules.v6           lint two files
  iptables-save | fwlint -           lint what the kernel holds
  fwlint -f json -o report.json .    write a report for programs
  fwlint diff --git main             what the change opens or closes
  fwlint explain FW106               why a lint exists, and what to do
  fwlint explain tcp/79              what is known about a port

Exit codes:
  0  nothing at or above --fail-on (warning)
  1  findings
  2  the command line or the settings cannot be followed
  3  something was not fully analysed, or there was nothing to look at
  4  a defect of fwlint";

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lint rule files (the default command)
    Check(Box<Check>),
    /// Say what a change opens or closes, or prove that it is none
    Diff(Box<Diff>),
    /// Explain a lint (FW106, legacy-service-open) or a port (tcp/79, 79, redis)
    Explain(Explain),
    /// List the lints
    Lints(Lints),
    /// List what is known about ports
    Ports(Ports),
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// `fwlint explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A code, a lint's name, a port or a service's name
    #[arg(value_name = "CODE|NAME|PORT")]
    pub word: String,
    /// How it looks.
    #[command(flatten)]
    pub common: Common,
}

/// `fwlint lints`.
#[derive(Debug, Args)]
pub struct Lints {
    /// text or json
    #[arg(short, long, value_name = "FORMAT", value_parser = listing(), default_value = "text")]
    pub format: Listing,
    /// How it looks.
    #[command(flatten)]
    pub common: Common,
}

/// `fwlint ports`.
#[derive(Debug, Args)]
pub struct Ports {
    /// A port, tcp/79, or part of a name or a note
    pub query: Option<String>,
    /// Only services of this category, such as legacy-service
    #[arg(long, value_name = "CATEGORY")]
    pub category: Option<String>,
    /// text or json
    #[arg(short, long, value_name = "FORMAT", value_parser = listing(), default_value = "text")]
    pub format: Listing,
    /// How it looks.
    #[command(flatten)]
    pub common: Common,
}

/// The formats of what is not findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Display")]
pub struct Common {
    /// Language: auto, en or zh
    #[arg(long, env = "FWLINT_LANG", value_name = "LANG", value_parser = language(), hide_env_values = true, hide_possible_values = true)]
    pub lang: Option<Lang>,
    /// Colour: auto, always or never
    #[arg(
        long,
        env = "FWLINT_COLOR",
        value_name = "WHEN",
        value_parser = when(),
        default_value = "auto",
        hide_env_values = true,
        hide_possible_values = true
    )]
    pub color: When,
    /// Links to files: auto, always or never
    #[arg(
        long,
        env = "FWLINT_LINKS",
        value_name = "WHEN",
        value_parser = when(),
        default_value = "auto",
        hide_env_values = true,
        hide_possible_values = true
    )]
    pub links: When,
    /// Draw with ASCII alone
    #[arg(
        long,
        env = "FWLINT_ASCII",
        value_parser = BoolishValueParser::new(),
        action = ArgAction::SetTrue,
        hide_env_values = true
    )]
    pub ascii: bool,
    /// Cells a line may take, 40 to 120
    #[arg(long, env = "FWLINT_WIDTH", value_name = "CELLS", hide_env_values = true)]
    pub width: Option<u16>,
    /// Print findings and nothing else
    #[arg(
        short,
        long,
        env = "FWLINT_QUIET",
        value_parser = BoolishValueParser::new(),
        action = ArgAction::SetTrue,
        hide_env_values = true
    )]
    pub quiet: bool,
    /// Say more: notes one by one, all that is not known
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,
}

/// `--lang`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// That of the locale.
    Auto,
    /// This one.
    Fixed(Language),
}

impl Common {
    /// The language, where one is given.
    pub fn language(&self) -> Option<Language> {
        match self.lang {
            Some(Lang::Fixed(language)) => Some(language),
            Some(Lang::Auto) | None => None,
        }
    }

    /// What it says about the look of text.
    pub fn display(&self) -> Display {
        Display {
            color: self.color,
            links: self.links,
            ascii: self.ascii,
            width: self.width,
            quiet: self.quiet,
            verbose: self.verbose > 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
