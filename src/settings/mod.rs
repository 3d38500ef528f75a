//! What the user wants: which lints, how strict, in which language. No `Option` is left to interpret.

use crate::words::Language;

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

/// Everything the library takes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which lints are on by default.
    pub persona: Persona,
    /// Codes, code prefixes (`FW1`) or names that are on; empty for all of the persona.
    pub select: Vec<String>,
    /// Codes, code prefixes or names that are off.
    pub ignore: Vec<String>,
    /// Findings below are not shown.
    pub min_severity: Severity,
    /// Findings from here on make exit code 1; `None` for never.
    pub fail_on: Option<Severity>,
    /// The language of the text formats.
    pub language: Language,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            persona: Persona::Default,
            select: Vec::new(),
            ignore: Vec::new(),
            min_severity: Severity::Info,
            fail_on: Some(Severity::Warning),
            language: Language::En,
        }
    }
}
