use super::{Common, Configured, Files, values::table_format};
use crate::settings::{Error, Output, Overrides, TableFormat, table_outputs};
use clap::Args;

/// `fwlint review`.
#[derive(Debug, Args)]
#[command(after_help = "More, with examples: fwlint review --help", after_long_help = EXAMPLES)]
pub struct Review {
    /// Which files are read.
    #[command(flatten)]
    pub files: Files,

    /// text, markdown, json or csv
    #[arg(short, long, value_parser = table_format(), help_heading = "Result", hide_possible_values = true)]
    pub format: Option<TableFormat>,
    /// Write a report to a file, or to - (repeatable)
    #[arg(short, long, value_name = "[FORMAT=]FILE", help_heading = "Result")]
    pub output: Vec<String>,

    /// Which configuration is followed.
    #[command(flatten)]
    pub configured: Configured,
    /// How it looks.
    #[command(flatten)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  fwlint review /etc/iptables
  iptables-save | fwlint review -
  fwlint review -f markdown rules.v4 rules.v6
  fwlint review -o review.json -o exposures.csv -o - hosts/web1

The exit code is 0 whatever is open, and 3 where not everything could be analysed.";

impl Review {
    /// What it says about the settings.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            language: self.common.language(),
            allow_empty: self.files.allow_empty,
            allow_incomplete: self.files.allow_incomplete,
            verbose: self.common.verbose,
            display: self.common.display(),
            ..Overrides::default()
        }
    }

    /// The reports that are asked for.
    ///
    /// # Errors
    ///
    /// A word that names no format.
    pub fn outputs(&self) -> Result<Vec<Output<TableFormat>>, Error> {
        table_outputs(&self.output, self.format)
    }
}
