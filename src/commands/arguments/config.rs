use super::{
    Common, Configured,
    values::{Gate, config_action, gate, persona},
};
use crate::settings::{Overrides, Persona};
use clap::{ArgAction, Args, builder::BoolishValueParser};
use std::path::PathBuf;

/// `fwlint config`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Config {
    /// show prints what holds, and who says so; schema a JSON Schema; init writes a file to begin with
    #[arg(value_name = "show|schema|init", value_parser = config_action(), hide_possible_values = true)]
    pub action: ConfigAction,
    /// The file or folder that it is about [default: .]
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,

    /// As for check
    #[arg(
        long,
        env = "FWLINT_SELECT",
        value_name = "LINT",
        value_delimiter = ',',
        help_heading = "Lints",
        hide_env_values = true
    )]
    pub select: Vec<String>,
    /// As for check
    #[arg(
        long,
        env = "FWLINT_IGNORE",
        value_name = "LINT",
        value_delimiter = ',',
        help_heading = "Lints",
        hide_env_values = true
    )]
    pub ignore: Vec<String>,
    /// As for check
    #[arg(long, env = "FWLINT_PERSONA", value_parser = persona(), help_heading = "Lints", hide_env_values = true, hide_possible_values = true)]
    pub persona: Option<Persona>,
    /// As for check
    #[arg(long, env = "FWLINT_FAIL_ON", value_name = "SEVERITY", value_parser = gate(), help_heading = "Result", hide_env_values = true, hide_possible_values = true)]
    pub fail_on: Option<Gate>,
    /// As for check
    #[arg(short, long, env = "FWLINT_EXIT_ZERO", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, help_heading = "Result", hide_env_values = true)]
    pub exit_zero: bool,
    /// Which of these a variable of the environment says, by their names here.
    #[arg(skip)]
    pub from_environment: Vec<&'static str>,

    /// Which configuration is followed.
    #[command(flatten)]
    pub configured: Configured,
    /// How it looks.
    #[command(flatten)]
    pub common: Common,
}

/// What is done about a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigAction {
    /// What holds is printed.
    Show,
    /// What may be written is printed.
    Schema,
    /// A file to begin with is written.
    Init,
}

const EXAMPLES: &str = "\
Examples:
  fwlint config init                       write fwlint.toml, every key explained
  fwlint config show hosts/web1/rules.v4   what holds for a file, and who says so
  fwlint config schema > fwlint.schema.json";

impl Config {
    /// What it says about the settings.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            persona: self.persona,
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            fail_on: self.fail_on.map(|Gate(severity)| severity),
            exit_zero: self.exit_zero,
            language: self.common.language(),
            display: self.common.display(),
            ..Overrides::default()
        }
    }
}
