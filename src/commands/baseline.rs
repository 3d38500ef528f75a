//! What was there already: the findings of a baseline, or of an earlier commit, by their fingerprints.

use super::{
    Outcome,
    suppress::{By, Silence},
};
use crate::words::Message;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The only version of the file.
const VERSION: u32 = 1;

/// Findings that somebody decided to live with for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The file's path, as it is shown.
    pub path: String,
    /// The findings, in the order of the file.
    pub entries: Vec<Entry>,
}

/// A finding of a baseline. What it says is for people; the fingerprint counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it is known by when lines move.
    pub fingerprint: String,
    /// The code of its lint.
    pub code: String,
    /// The file it was found in.
    pub path: String,
    /// What it said.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    schema_version: u32,
    findings: Vec<Entry>,
}

/// The findings that are known, and who knows them.
#[derive(Debug, Clone, Default)]
pub struct Known(BTreeMap<String, Silence>);

impl Known {
    /// Who knows a finding.
    pub(super) fn of(&self, fingerprint: &str) -> Option<&Silence> {
        self.0.get(fingerprint)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What an earlier state reports, by the name that it goes by.
    pub fn since(reference: &str, earlier: &Outcome) -> Self {
        let reported = earlier.all().into_iter().filter(|it| it.silence.is_none());
        let known = reported.map(|it| {
            let place = it.finding.primary.place;
            let source = &earlier.files[place.file as usize].source;
            let silence = Silence {
                by: By::Baseline,
                reason: Some(format!("reported at {reference} already")),
                path: source.path.clone(),
                line: source.position(place.span.start).line,
            };
            (it.fingerprint, silence)
        });
        Self(known.collect())
    }

    /// What either knows.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (fingerprint, silence) in other.0 {
            self.0.entry(fingerprint).or_insert(silence);
        }
        self
    }
}

impl Baseline {
    /// What an outcome reports; what is suppressed needs no baseline.
    pub fn of(path: &str, outcome: &Outcome) -> Self {
        let reported = outcome.all().into_iter().filter(|it| it.silence.is_none());
        let entries = reported.map(|it| Entry {
            fingerprint: it.fingerprint,
            code: it.finding.lint.code.to_owned(),
            path: outcome.files[it.finding.primary.place.file as usize].source.path.clone(),
            message: it.finding.message.en.clone(),
        });
        Self { path: path.to_owned(), entries: entries.collect() }
    }

    /// Reads one.
    ///
    /// # Errors
    ///
    /// It is none, or of a version that nobody here knows.
    pub fn read(path: &str, text: &str) -> Result<Self, Message> {
        let raw: Raw = serde_json::from_str(text).map_err(|error| Message {
            en: format!("not a baseline: {error}"),
            zh: format!("不是基线文件：{error}"),
        })?;
        if raw.schema_version != VERSION {
            let version = raw.schema_version;
            return Err(Message {
                en: format!("a baseline of version {version}, and only version {VERSION} is known"),
                zh: format!("基线文件的版本为 {version}，仅支持版本 {VERSION}"),
            });
        }
        Ok(Self { path: path.to_owned(), entries: raw.findings })
    }

    /// The file: one finding a line, so that a change of it is read as one.
    ///
    /// # Panics
    ///
    /// Never: texts are JSON.
    pub fn text(&self) -> String {
        let entries: Vec<String> = self
            .entries
            .iter()
            .map(|entry| serde_json::to_string(entry).expect("texts are JSON"))
            .collect();
        let between = if entries.is_empty() { "" } else { "\n    " };
        format!(
            "{{\n  \"schema_version\": {VERSION},\n  \"findings\": [{between}{}{}]\n}}\n",
            entries.join(",\n    "),
            if entries.is_empty() { "" } else { "\n  " }
        )
    }

    /// The findings in it, each with its line in `text`, what the file holds.
    pub fn known(&self, text: &str) -> Known {
        let mut from = 0;
        let mut line = 1;
        let known = self.entries.iter().map(|entry| {
            if let Some(at) = text.get(from..).and_then(|rest| rest.find(&entry.fingerprint)) {
                let lines = text[from..from + at].matches('\n').count();
                line += u32::try_from(lines).unwrap_or(u32::MAX);
                from += at;
            }
            let (by, path) = (By::Baseline, self.path.clone());
            (entry.fingerprint.clone(), Silence { by, reason: None, path, line })
        });
        Known(known.collect())
    }

    /// Without what is gone: what an outcome no longer has of files that it looked at, and all of files that `is_there`
    /// does not know.
    #[must_use]
    pub fn pruned(&self, outcome: &Outcome, is_there: impl Fn(&str) -> bool) -> Self {
        let reported = outcome.all().into_iter().filter(|it| it.silence.is_none());
        let found: BTreeSet<String> = reported.map(|it| it.fingerprint).collect();
        let looked_at: BTreeSet<&str> =
            outcome.named().map(|file| file.source.path.as_str()).collect();
        let stays = |entry: &&Entry| {
            let is_open = !looked_at.contains(entry.path.as_str()) && is_there(&entry.path);
            found.contains(&entry.fingerprint) || is_open
        };
        Self {
            path: self.path.clone(),
            entries: self.entries.iter().filter(stays).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Baseline, Entry};

    #[test]
    fn a_baseline_is_read_as_it_was_written_and_knows_its_lines() {
        let entry = |fingerprint: &str| Entry {
            fingerprint: fingerprint.into(),
            code: "FW101".into(),
            path: "a \"b\".v4".into(),
            message: "tcp/22\u{7}".into(),
        };
        for entries in [vec![], vec![entry("aa")], vec![entry("aa"), entry("bb")]] {
            let baseline = Baseline { path: "b.json".into(), entries };
            let text = baseline.text();
            assert_eq!(Baseline::read("b.json", &text), Ok(baseline.clone()), "{text}");
            let known = baseline.known(&text);
            for (entry, line) in baseline.entries.iter().zip(4..) {
                assert_eq!(known.of(&entry.fingerprint).map(|it| it.line), Some(line), "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        for text in ["", "[]", "{\"schema_version\": 2, \"findings\": []}", "{\"findings\": []}"] {
            assert!(Baseline::read("b.json", text).is_err(), "{text}");
        }
    }
}
