//! What the user wants: which lints, how strict, in which language. No `Option` is left to interpret.

pub mod config;
mod environment;
mod error;
mod expect;
mod levels;
mod look;
mod options;
mod overrides;
mod sockets;
mod zones;

pub use config::Written;
pub use environment::{Environment, Today};
pub use error::Error;
pub use expect::{Expect, ExpectedPacket, ExpectedVerdict, Group, Host, Ports};
pub(crate) use levels::names_lint;
pub use levels::{Level, PerFile};
pub use look::{Color, Display, Look, Stream, When};
pub use options::{CommentPattern, Options};
pub use overrides::{LintName, Overrides, table_outputs};
pub(crate) use overrides::{nearest, unknown_lint};
pub use sockets::{Listening, Sockets, Sysctl};
pub use zones::{Trust, Zone, Zones};

use crate::{knowledge::Knowledge, syntax::suppression::Date, words::Language};
use std::{path::PathBuf, sync::Arc};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably wrong.
    Warning,
    /// Wrong, or dangerous.
    Error,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// The word for the command line and every format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Who reads: decides which lints are on and whether the faintest findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Persona {
    /// What everybody wants to know.
    #[default]
    Default,
    /// Matters of taste and thrift too.
    Strict,
    /// Everything, for a reviewer.
    Audit,
}

impl Persona {
    /// Every persona, the most lenient first.
    pub const ALL: [Self; 3] = [Self::Default, Self::Strict, Self::Audit];

    /// The word for the command line and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Strict => "strict",
            Self::Audit => "audit",
        }
    }
}

/// A format of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Format {
    /// The source with carets, for people.
    #[default]
    Text,
    /// One line a finding.
    Concise,
    /// For programs.
    Json,
}

impl Format {
    /// Every format, in the order they are listed to people.
    pub const ALL: [Self; 3] = [Self::Text, Self::Concise, Self::Json];

    /// The word for the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Concise => "concise",
            Self::Json => "json",
        }
    }
}

/// A format of tables: what `review` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TableFormat {
    /// In columns, for people.
    #[default]
    Text,
    /// For a page or a comment.
    Markdown,
    /// For programs.
    Json,
    /// One row for each part of what is open.
    Csv,
}

impl TableFormat {
    /// Every format, in the order they are listed to people.
    pub const ALL: [Self; 4] = [Self::Text, Self::Markdown, Self::Json, Self::Csv];

    /// The word for the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

/// A report that is asked for, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output<F = Format> {
    /// How it is written.
    pub format: F,
    /// The file; `None` for standard output.
    pub path: Option<PathBuf>,
}

/// Everything the library takes.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Settings {
    /// Which lints are on by default.
    pub persona: Persona,
    /// Codes, code prefixes (`FW1`) or names that are on; empty for all of the persona.
    pub select: Vec<String>,
    /// Codes, code prefixes or names that are off.
    pub ignore: Vec<String>,
    /// How bad the findings of lints are, whatever the lints themselves say.
    pub severity: Vec<Level>,
    /// What else is wanted of some files.
    pub per_file: Vec<PerFile>,
    /// What lints can be told.
    pub options: Options,
    /// Findings below are not shown.
    pub min_severity: Severity,
    /// Findings from here on make exit code 1; `None` for never.
    pub fail_on: Option<Severity>,
    /// The language of the text formats.
    pub language: Language,
    /// Whether looking at no file at all is in order.
    pub allow_empty: bool,
    /// Whether a part that could not be analysed is in order.
    pub allow_incomplete: bool,
    /// Whether the text report folds findings of severity info into one line while there are worse ones.
    pub fold_infos: bool,
    /// Whether findings are also counted by lint.
    pub statistics: bool,
    /// The reports to write.
    pub outputs: Vec<Output>,
    /// How they look in a terminal.
    pub display: Display,
    /// The configuration file that was followed, as it is shown.
    pub config: Option<String>,
    /// Where packets can come from.
    pub zones: Zones,
    /// What should be so.
    pub expect: Expect,
    /// Which files make a host.
    pub hosts: Vec<Host>,
    /// What is known about ports.
    pub knowledge: Arc<Knowledge>,
    /// The day it is; `None` where nobody says, and nothing ends.
    pub today: Option<Date>,
    /// Whether findings that are suppressed are reported as such.
    pub show_suppressed: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            persona: Persona::Default,
            select: Vec::new(),
            ignore: Vec::new(),
            severity: Vec::new(),
            per_file: Vec::new(),
            options: Options::default(),
            min_severity: Severity::Info,
            fail_on: Some(Severity::Warning),
            language: Language::En,
            allow_empty: false,
            allow_incomplete: false,
            fold_infos: true,
            statistics: false,
            outputs: vec![Output { format: Format::Text, path: None }],
            display: Display::default(),
            config: None,
            zones: Zones::default(),
            expect: Expect::default(),
            hosts: Vec::new(),
            knowledge: Arc::new(Knowledge::builtin()),
            today: None,
            show_suppressed: false,
        }
    }
}
