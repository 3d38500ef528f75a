use super::{
    Common, Configured, Files,
    values::{baseline_action, persona},
};
use crate::settings::{Overrides, Persona};
use clap::Args;
use std::path::PathBuf;

/// `fwlint baseline`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Baseline {
    /// create writes what is found now; prune takes out what is found no more
    #[arg(value_name = "create|prune", value_parser = baseline_action(), hide_possible_values = true)]
    pub action: BaselineAction,
    /// Which files are read.
    #[command(flatten)]
    pub files: Files,
    /// The baseline
    #[arg(
        long,
        env = "FWLINT_BASELINE",
        value_name = "FILE",
        default_value = "fwlint-baseline.json",
        help_heading = "Result",
        hide_env_values = true
    )]
    pub baseline: PathBuf,
    /// Who reads: default, strict or audit
    #[arg(long, env = "FWLINT_PERSONA", value_parser = persona(), help_heading = "Lints", hide_env_values = true, hide_possible_values = true)]
    pub persona: Option<Persona>,

    /// Which configuration is followed.
    #[command(flatten)]
    pub configured: Configured,
    /// How it looks.
    #[command(flatten)]
    pub common: Common,
}

/// What is done to a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaselineAction {
    /// What is found is written into a new one.
    Create,
    /// What is found no more is taken out of it.
    Prune,
}

const EXAMPLES: &str = "\
Examples:
  fwlint baseline create                           live with what is there
  fwlint check --baseline fwlint-baseline.json     report what is new
  fwlint baseline prune                            forget what was mended

A finding is known by its lint, its rule's text and its chain, not by its line.";

impl Baseline {
    /// What it says about the settings.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            persona: self.persona,
            language: self.common.language(),
            allow_empty: self.files.allow_empty,
            allow_incomplete: self.files.allow_incomplete,
            display: self.common.display(),
            ..Overrides::default()
        }
    }
}
