use super::{
    Common, Configured, Files,
    values::{change_gate, table_format},
};
use crate::{
    commands::diff::Gate,
    settings::{Error, Output, Overrides, TableFormat, table_outputs},
};
use clap::Args;

/// `fwlint diff`.
#[derive(Debug, Args)]
#[command(
    override_usage = "fwlint diff [OPTIONS] OLD NEW\n       fwlint diff [OPTIONS] --git REF [PATH]...",
    after_help = "More, with examples: fwlint diff --help",
    after_long_help = EXAMPLES
)]
pub struct Diff {
    /// Which files are read.
    #[command(flatten)]
    pub files: Files,
    /// The old side is what this commit of the repository here holds
    #[arg(long, value_name = "REF", help_heading = "Input")]
    pub git: Option<String>,
    /// Compare what the host itself sends too
    #[arg(long, help_heading = "Input")]
    pub outgoing: bool,

    /// Exit 1 on: never (the default), widened or any
    #[arg(long, value_name = "CHANGE", value_parser = change_gate(), default_value = "never", help_heading = "Result", hide_possible_values = true, hide_default_value = true)]
    pub fail_on: Gate,
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
  fwlint diff /etc/iptables/rules.v4 rules.v4
  fwlint diff --git main --fail-on widened hosts/
  fwlint diff rules.v4 nftables.conf          is the migration equal?
  iptables-save | fwlint diff rules.v4 -      what does the kernel hold that the file does not?
  fwlint diff -f markdown --git HEAD~1

widened: let in now, and not before; maybe-widened counts too. any: everything that is not proven to be equal.
The exit code is 3 where not everything could be analysed, whatever was found.";

impl Diff {
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
