use super::values::{Gate, gate, persona};
use crate::settings::{Overrides, Persona};
use clap::{ArgAction, Args, builder::BoolishValueParser};

/// Which lints, and what of their findings ends in exit code 1.
#[derive(Debug, Args)]
pub struct Chosen {
    /// Only these lints: codes, prefixes (FW1) or names, with commas
    #[arg(
        long,
        env = "FWLINT_SELECT",
        value_name = "LINT",
        value_delimiter = ',',
        help_heading = "Lints",
        hide_env_values = true
    )]
    pub select: Vec<String>,
    /// Not these lints; the more exact of --select and --ignore wins
    #[arg(
        long,
        env = "FWLINT_IGNORE",
        value_name = "LINT",
        value_delimiter = ',',
        help_heading = "Lints",
        hide_env_values = true
    )]
    pub ignore: Vec<String>,
    /// Who reads: default, strict or audit
    #[arg(long, env = "FWLINT_PERSONA", value_parser = persona(), help_heading = "Lints", hide_env_values = true, hide_possible_values = true)]
    pub persona: Option<Persona>,

    /// Exit 1 from: error, warning (the default), info or never
    #[arg(long, env = "FWLINT_FAIL_ON", value_name = "SEVERITY", value_parser = gate(), help_heading = "Result", hide_env_values = true, hide_possible_values = true)]
    pub fail_on: Option<Gate>,
    /// Exit 0 whatever is found (not if something could not be analysed)
    #[arg(short, long, env = "FWLINT_EXIT_ZERO", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "Result", hide_env_values = true)]
    pub exit_zero: bool,
}

impl Chosen {
    /// What they say about the settings.
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            persona: self.persona,
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            fail_on: self.fail_on.map(|Gate(severity)| severity),
            exit_zero: self.exit_zero,
            ..Overrides::default()
        }
    }
}
