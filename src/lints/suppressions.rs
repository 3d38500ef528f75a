//! What the lints about suppressions share. They are no lints about a host: what is unused is known once every other lint
//! has been heard, so `commands::check` asks here, file by file.

use super::{
    Context, Finding, Findings, expired, suppression_without_reason, unknown_code,
    unused_suppression,
};
use crate::{
    model::Place,
    settings::Settings,
    source::{SourceFile, Span},
    syntax::suppression::{Date, FIRST_LINES, Remarks, Scope, Standing, Suppression, Until},
};

/// What the comments of one file say.
#[derive(Debug, Clone, Copy)]
pub struct Commented<'a> {
    /// Its index among the files of the run.
    pub file: u32,
    /// The text that the remarks are of.
    pub source: &'a SourceFile,
    /// What is wanted of it.
    pub settings: &'a Settings,
}

impl<'a> Commented<'a> {
    pub(super) fn place(self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    pub(super) fn text(self, span: Span) -> &'a str {
        self.source.slice(span)
    }

    /// Whether a suppression silences what it names.
    pub fn holds(self, suppression: &Suppression) -> bool {
        let Settings { today, options, .. } = self.settings;
        let is_over = suppression.until.is_some_and(|until| is_over(until, *today));
        let has_reason = suppression.reason.is_some() || !options.require_reason;
        has_reason && !is_over && self.is_in_place(suppression)
    }

    fn is_in_place(self, suppression: &Suppression) -> bool {
        let line = self.source.position(suppression.span.start).line;
        match suppression.scope {
            Scope::Line(_) => true,
            Scope::File => suppression.place == Standing::Comment && line <= FIRST_LINES,
        }
    }

    /// What is wrong with what they say, whatever is found in the file.
    pub fn wrong(self, remarks: &Remarks) -> Vec<Finding> {
        let mut findings = Findings::default();
        for suppression in &remarks.suppressions {
            unknown_code::words(self, suppression, &mut findings);
            suppression_without_reason::report(self, suppression, &mut findings);
            if let Some(until) = suppression.until {
                expired::suppression(self, until, &mut findings);
            }
            if !self.is_in_place(suppression) {
                findings.add(unused_suppression::out_of_place(self, suppression));
            }
        }
        for malformed in &remarks.malformed {
            findings.add(unknown_code::malformed(self, malformed));
        }
        for end in &remarks.ends {
            expired::rule(self, *end, &mut findings);
        }
        findings.into_vec()
    }

    /// That some words of a suppression silence nothing.
    pub fn unused(self, suppression: &Suppression, words: &[Span]) -> Finding {
        unused_suppression::finding(self, suppression, words)
    }
}

/// Whether a day is past; what is no day is.
pub(super) fn is_over(until: Until, today: Option<Date>) -> bool {
    until.day.is_none_or(|day| today.is_some_and(|today| day < today))
}

/// What these lints report of a host.
pub(super) fn nothing(_: &Context<'_>, _: &mut Findings) {}
