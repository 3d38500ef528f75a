use super::{
    Chosen, Common, Configured, Files,
    values::{format, reason, severity},
};
use crate::settings::{Format, Overrides, Severity};
use clap::{ArgAction, ArgGroup, Args, builder::BoolishValueParser};
use std::path::PathBuf;

/// `fwlint check`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(after_help = "More, with examples: fwlint check --help", after_long_help = EXAMPLES)]
#[command(group(ArgGroup::new("fixing").multiple(true)))]
pub struct Check {
    /// Which files are read.
    #[command(flatten)]
    pub files: Files,
    /// Print the files that would be checked, and stop
    #[arg(long, help_heading = "Input")]
    pub show_files: bool,

    /// Which lints, and what of them is an error.
    #[command(flatten)]
    pub chosen: Chosen,
    /// Hide findings below: error, warning or info
    #[arg(long, env = "FWLINT_MIN_SEVERITY", value_name = "SEVERITY", value_parser = severity(), help_heading = "Lints", hide_env_values = true, hide_possible_values = true)]
    pub min_severity: Option<Severity>,

    /// text, concise or json
    #[arg(short, long, env = "FWLINT_FORMAT", value_parser = format(), help_heading = "Result", hide_env_values = true, hide_possible_values = true)]
    pub format: Option<Format>,
    /// Write a report to a file, or to - (repeatable)
    #[arg(
        short,
        long,
        env = "FWLINT_OUTPUT",
        value_name = "[FORMAT=]FILE",
        help_heading = "Result",
        hide_env_values = true
    )]
    pub output: Vec<String>,
    /// Leave out the findings of this baseline
    #[arg(
        long,
        env = "FWLINT_BASELINE",
        value_name = "FILE",
        help_heading = "Result",
        hide_env_values = true
    )]
    pub baseline: Option<PathBuf>,
    /// Leave out what a commit reports already
    #[arg(long, value_name = "REF", help_heading = "Result")]
    pub new_since: Option<String>,
    /// Write comments into the files that suppress what is reported
    #[arg(long, value_name = "REASON", num_args = 0..=1, require_equals = true, default_missing_value = "", value_parser = reason, help_heading = "Result")]
    pub add_ignore: Option<String>,
    /// Count the findings of each lint too
    #[arg(long, env = "FWLINT_STATISTICS", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "Result", hide_env_values = true)]
    pub statistics: bool,
    /// Report what comments and the baseline suppress, as such
    #[arg(long, env = "FWLINT_SHOW_SUPPRESSED", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "Result", hide_env_values = true)]
    pub show_suppressed: bool,
    /// Mend what is proven to change no verdict, then report the rest
    #[arg(long, group = "fixing", help_heading = "Fixes")]
    pub fix: bool,
    /// Print what --fix would change, and write nothing
    #[arg(long, group = "fixing", help_heading = "Fixes")]
    pub diff: bool,
    /// Mend also what may change what is accepted; show the difference first
    #[arg(long, requires = "fixing", help_heading = "Fixes")]
    pub unsafe_fixes: bool,
    /// How many threads [default: one for each core]
    #[arg(
        short = 'j',
        long,
        env = "FWLINT_THREADS",
        value_name = "NUMBER",
        help_heading = "Result",
        hide_env_values = true
    )]
    pub threads: Option<u16>,

    /// Which configuration is followed.
    #[command(flatten)]
    pub configured: Configured,

    /// How it looks.
    #[command(flatten)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  fwlint check --fail-on error /etc/iptables
  fwlint check --select FW1,shadowed-deny --ignore FW107 rules.v4
  iptables-save | fwlint check --stdin-filename rules.v4 -
  fwlint check -o json=report.json -o concise=- .
  fwlint check --diff rules.v4
  fwlint check --fix --unsafe-fixes rules.v4

A pattern in --exclude without a slash names a file or directory anywhere; with one it is a path from here.
Every option with [env: …] can be set by that variable; the command line wins.";

impl Check {
    /// What it says about the settings.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            min_severity: self.min_severity,
            language: self.common.language(),
            allow_empty: self.files.allow_empty,
            allow_incomplete: self.files.allow_incomplete,
            verbose: self.common.verbose,
            statistics: self.statistics,
            show_suppressed: self.show_suppressed,
            format: self.format,
            outputs: self.output.clone(),
            display: self.common.display(),
            ..self.chosen.overrides()
        }
    }
}
