//! The command line, word for word: what `clap` reads, and how it becomes settings.

mod baseline;
mod check;
mod chosen;
mod config;
mod default;
mod diff;
mod files;
mod review;
mod trace;
mod values;

pub use baseline::{Baseline, BaselineAction};
pub use check::Check;
pub use chosen::Chosen;
pub use config::{Config, ConfigAction};
pub use default::with_command;
pub use diff::Diff;
pub use files::Files;
pub use review::Review;
pub use trace::{Trace, TraceFormat};

use super::Choice;
use crate::{
    settings::{Display, Overrides, When, config::VARIABLES},
    source::input::Request,
    words::Language,
};
use clap::{
    ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand,
    builder::BoolishValueParser, error::ErrorKind, parser::ValueSource,
};
use std::{ffi::OsString, path::PathBuf};
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
  fwlint review rules.v4 rules.v6    what is open, to whom, by which rule
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
    /// Say what is open, to whom, and decided by which rule
    Review(Box<Review>),
    /// Say what a change opens or closes, or prove that it is none
    Diff(Box<Diff>),
    /// Test what the configuration expects of packets, groups and public ports
    Test(Test),
    /// Write down what is found now, so that only what is new is reported
    Baseline(Box<Baseline>),
    /// Show the configuration that holds, describe it, or write one to begin with
    Config(Box<Config>),
    /// Follow a packet through the rules: what becomes of it, and which rule decides
    Trace(Box<Trace>),
    /// Explain a lint (FW106, legacy-service-open) or a port (tcp/79, 79, redis)
    Explain(Explain),
    /// List the lints
    Lints(Lints),
    /// List what is known about ports
    Ports(Ports),
    /// Print a script that gathers what there is to review on a server (and never run it)
    Collect,
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// `fwlint test`.
#[derive(Debug, Args)]
#[command(after_long_help = TESTS)]
pub struct Test {
    /// Configuration files with what is expected [default: the nearest one]
    #[arg(value_name = "FILE.toml")]
    pub files: Vec<PathBuf>,
    /// Look here too for what nftables files include (repeatable)
    #[arg(short = 'I', long = "includepath", value_name = "DIR")]
    pub include_paths: Vec<PathBuf>,
    /// The directory that absolute includes start from
    #[arg(long, env = "FWLINT_SYSROOT", value_name = "DIR", hide_env_values = true)]
    pub sysroot: Option<PathBuf>,
    /// text or json
    #[arg(short, long, value_name = "FORMAT", value_parser = listing(), default_value = "text")]
    pub format: Listing,
    /// Which configuration is followed.
    #[command(flatten)]
    pub configured: Configured,
    /// How it looks.
    #[command(flatten)]
    pub common: Common,
}

const TESTS: &str = "\
What is tested, of each host that the file names, or else of the rule files below its folder:
  [[expect.packet]]           the verdict on a packet
  [expect] NAME = { from, must-reach }   that all of a zone reach ports of the host
  [expect] public             that nothing else is public

Exit 1 where one fails. What depends on something that the rules do not tell is maybe, with the reason.";

impl Test {
    /// What to read below `folder`.
    pub fn request(&self, folder: PathBuf) -> Request {
        Request {
            paths: vec![folder],
            stdin_filename: None,
            exclude: Vec::new(),
            force_exclude: false,
            max_file_size: u32::MAX,
            include_paths: self.include_paths.clone(),
            sysroot: self.sysroot.clone(),
        }
    }

    /// What it says about the settings.
    pub fn overrides(&self) -> Overrides {
        let (language, display) = (self.common.language(), self.common.display());
        Overrides { language, display, ..Overrides::default() }
    }
}

/// `fwlint explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A code, a lint's name, a port or a service's name
    #[arg(value_name = "CODE|NAME|PORT")]
    pub word: String,
    /// Which configuration is followed.
    #[command(flatten)]
    pub configured: Configured,
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
    /// Which configuration is followed.
    #[command(flatten)]
    pub configured: Configured,
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

/// Reads the command line and the variables that stand for options.
///
/// # Errors
///
/// It cannot be followed, or asks for help or the version.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(with_command(arguments))?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    let configured = match &mut cli.command {
        Command::Check(check) => &mut check.configured,
        Command::Baseline(baseline) => &mut baseline.configured,
        Command::Review(review) => &mut review.configured,
        Command::Trace(trace) => &mut trace.configured,
        Command::Test(test) => &mut test.configured,
        Command::Config(config) => {
            config.from_environment = from_environment(&matches);
            &mut config.configured
        }
        Command::Diff(_)
        | Command::Explain(_)
        | Command::Lints(_)
        | Command::Ports(_)
        | Command::Collect
        | Command::Completions { .. } => {
            return Ok(cli);
        }
    };
    let Some((_, own)) = matches.subcommand() else { return Ok(cli) };
    // The command line wins over a variable that says the other.
    let written = |id| own.value_source(id) == Some(ValueSource::CommandLine);
    match (written("config"), written("isolated")) {
        (true, true) => {
            let message = "the argument '--config <PATH>' cannot be used with '--isolated'\n";
            return Err(command.error(ErrorKind::ArgumentConflict, message));
        }
        (true, false) => configured.isolated = false,
        (false, true) => configured.config = None,
        (false, false) => {}
    }
    Ok(cli)
}

/// Which keys of the configuration a variable says.
fn from_environment(matches: &ArgMatches) -> Vec<&'static str> {
    let Some((_, own)) = matches.subcommand() else { return Vec::new() };
    let is_said = |id: &&str| own.value_source(id) == Some(ValueSource::EnvVariable);
    VARIABLES.iter().map(|(id, _)| *id).filter(is_said).collect()
}

/// Options of every command that reads rules, or says what is known of ports.
#[derive(Debug, Args)]
#[command(next_help_heading = "Configuration")]
pub struct Configured {
    /// Follow this configuration file and look for no other
    #[arg(long, env = "FWLINT_CONFIG", value_name = "PATH", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Follow no configuration file
    #[arg(
        long,
        env = "FWLINT_ISOLATED",
        value_parser = BoolishValueParser::new(),
        action = ArgAction::SetTrue,
        hide_env_values = true
    )]
    pub isolated: bool,
}

impl Configured {
    /// Which configuration files are looked at.
    pub fn choice(&self) -> Choice {
        match &self.config {
            _ if self.isolated => Choice::None,
            Some(path) => Choice::File(path.clone()),
            None => Choice::Nearest,
        }
    }
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
    use super::{Cli, CommandFactory};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
