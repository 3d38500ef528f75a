use super::{Chosen, Common, Configured, values::config_action};
use crate::settings::Overrides;
use clap::Args;
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

    /// What the command line says of lints.
    #[command(flatten)]
    pub chosen: Chosen,
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
            language: self.common.language(),
            display: self.common.display(),
            ..self.chosen.overrides()
        }
    }
}
