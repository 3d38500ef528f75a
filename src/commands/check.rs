//! `fwlint check`: what every other part of the program is for.

use super::{Exit, ServiceView};
use crate::{
    knowledge::ServiceId,
    lints::{Finding, Place},
    settings::{Settings, Severity},
    source::{
        SourceFile, Span,
        input::{Inputs, Origin, Problem},
    },
    syntax::{Dialect, FileKind},
    words::Message,
};
use std::collections::BTreeMap;

/// One file that was analysed.
#[derive(Debug)]
pub struct CheckedFile {
    /// Its name and text.
    pub source: SourceFile,
    /// The format it was read as.
    pub dialect: Dialect,
    /// Where such a file comes from.
    pub kind: FileKind,
    /// How many rules it holds.
    pub rules: u32,
    /// Its rules by start, none inside another: what a fingerprint is made of. May be empty; the line stands in then.
    pub anchors: Vec<Anchor>,
}

/// A rule as a fingerprint knows it: its text, and the chain it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The whole rule.
    pub span: Span,
    /// The chain with its table and family, such as `ip filter INPUT`.
    pub chain: String,
}

/// Something whose effect static text cannot tell, or that is not modelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The words.
    pub place: Place,
    /// What is not known.
    pub what: Message,
}

/// All that `check` has to say. Findings are filtered and sorted; every [`Place`] is in `files`.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The files, by path.
    pub files: Vec<CheckedFile>,
    /// What the lints report.
    pub findings: Vec<Finding>,
    /// The entries of the knowledge base that the findings name.
    pub services: BTreeMap<ServiceId, ServiceView>,
    /// What made verdicts *maybe*.
    pub unknown: Vec<Unknown>,
    /// Named inputs that could not be read.
    pub problems: Vec<Problem>,
    /// Whether any part of a file was left out by an error.
    pub opaque: bool,
    /// How many files a walk passed over because they are no rules.
    pub skipped: u32,
    /// How many findings `--min-severity` left out.
    pub hidden: u32,
    /// How many findings the user's comments or baseline silence.
    pub suppressed: u32,
}

impl Outcome {
    /// Whether everything that was named was analysed.
    pub fn complete(&self) -> bool {
        !self.opaque && self.problems.is_empty()
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// What the process ends with.
    pub fn exit(&self, settings: &Settings) -> Exit {
        let nothing = self.files.is_empty() && !settings.allow_empty;
        if (nothing || !self.complete()) && !settings.allow_incomplete {
            return Exit::Incomplete;
        }
        let fails = |severity| self.findings.iter().any(|it| it.severity >= severity);
        if settings.fail_on.is_some_and(fails) { Exit::Findings } else { Exit::Clean }
    }
}

/// Whether a file is one of rules: what reading asks, file by file.
///
/// A `--dialect` holds for what was named; what a walk finds must show by itself that it is one.
pub fn recognised(source: &SourceFile, origin: Origin, dialect: Option<Dialect>) -> bool {
    let named = origin != Origin::Walked;
    (named && dialect.is_some()) || Dialect::of(source).is_some()
}

/// Checks everything that was read, in the format `dialect` where one is given.
pub fn check(inputs: Inputs, dialect: Option<Dialect>, _settings: &Settings) -> Outcome {
    let files = inputs.files.into_iter().filter_map(|input| {
        let forced = dialect.filter(|_| input.origin != Origin::Walked);
        let parsed = crate::syntax::parse(&input.source, forced)?;
        Some(CheckedFile {
            source: input.source,
            dialect: parsed.dialect,
            kind: parsed.kind,
            rules: 0,
            anchors: Vec::new(),
        })
    });
    Outcome {
        files: files.collect(),
        problems: inputs.problems,
        skipped: u32::try_from(inputs.skipped.len()).unwrap_or(u32::MAX),
        ..Outcome::default()
    }
}
