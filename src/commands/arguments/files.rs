use super::values::{dialect, size};
use crate::{source::input::Request, syntax::Dialect};
use clap::{ArgAction, Args, builder::BoolishValueParser};
use std::path::PathBuf;

/// Which files a command reads, and as what.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub struct Files {
    /// Files, directories, patterns, - for standard input [default: .]
    #[arg(value_name = "PATH|-", help_heading = None::<&'static str>)]
    pub paths: Vec<PathBuf>,

    /// Read named files as: iptables, ip6tables, script, nft, nft-json, ipset
    #[arg(long, env = "FWLINT_DIALECT", value_parser = dialect(), hide_env_values = true, hide_possible_values = true)]
    pub dialect: Option<Dialect>,
    /// The path of what comes from standard input
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<String>,
    /// Leave out what matches this pattern (repeatable)
    #[arg(
        long,
        env = "FWLINT_EXCLUDE",
        value_name = "GLOB",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub exclude: Vec<String>,
    /// Leave it out even if it is named
    #[arg(long, env = "FWLINT_FORCE_EXCLUDE", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, hide_env_values = true)]
    pub force_exclude: bool,
    /// Finding no rule file is in order
    #[arg(long, env = "FWLINT_ALLOW_EMPTY", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, hide_env_values = true)]
    pub allow_empty: bool,
    /// A part that could not be analysed is in order
    #[arg(long, env = "FWLINT_ALLOW_INCOMPLETE", value_parser = BoolishValueParser::new(), action = ArgAction::SetTrue, hide_env_values = true)]
    pub allow_incomplete: bool,
    /// Refuse larger files: bytes, or with K, M, G [default: 4294967295]
    #[arg(long, env = "FWLINT_MAX_FILE_SIZE", value_name = "SIZE", value_parser = size, hide_env_values = true)]
    pub max_file_size: Option<u32>,
    /// Look here too for what nftables files include (repeatable)
    #[arg(short = 'I', long = "includepath", value_name = "DIR")]
    pub include_paths: Vec<PathBuf>,
    /// The directory that absolute includes start from
    #[arg(long, env = "FWLINT_SYSROOT", value_name = "DIR", hide_env_values = true)]
    pub sysroot: Option<PathBuf>,
}

impl Files {
    /// How standard input is called, where it is read.
    pub fn stdin_name(&self) -> Option<&str> {
        let is_read = self.paths.iter().any(|path| path.as_os_str() == "-");
        is_read.then_some(self.stdin_filename.as_deref().unwrap_or("-"))
    }

    /// What to read.
    pub fn request(&self) -> Request {
        Request {
            paths: self.paths.clone(),
            stdin_filename: self.stdin_filename.clone(),
            exclude: self.exclude.clone(),
            force_exclude: self.force_exclude,
            max_file_size: self.max_file_size.unwrap_or(u32::MAX),
            include_paths: self.include_paths.clone(),
            sysroot: self.sysroot.clone(),
        }
    }
}
