//! `fwlint check --add-ignore`: the comments that would silence what is reported.

use super::check::{CheckedFile, Outcome};
use crate::{
    lints::Finding,
    source::SourceFile,
    syntax::{self, Dialect},
};
use std::collections::{BTreeMap, BTreeSet};

/// Comments for one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Additions {
    /// Its path, as it is shown.
    pub path: String,
    /// What is put in, each before the byte at its offset, in their order.
    pub lines: Vec<(u32, String)>,
    /// How many findings they silence.
    pub findings: usize,
}

/// What can be added, and what cannot be silenced so.
#[derive(Debug, Default)]
pub struct Added<'o> {
    /// The comments, by file.
    pub files: Vec<Additions>,
    /// What stays.
    pub left: Vec<&'o Finding>,
}

impl Additions {
    /// The file with the comments in it.
    pub fn applied(&self, bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(bytes.len());
        let mut from = 0;
        for (offset, line) in &self.lines {
            let offset = (*offset as usize).min(bytes.len());
            text.extend_from_slice(&bytes[from..offset]);
            text.extend_from_slice(line.as_bytes());
            from = offset;
        }
        text.extend_from_slice(&bytes[from..]);
        text
    }
}

/// The comments that silence what an outcome reports. What is wrong with suppressions is to be mended, and what keeps a file
/// from being analysed is no finding to get used to: these stay.
pub fn add_ignore<'o>(outcome: &'o Outcome, reason: &str) -> Added<'o> {
    let mut added = Added::default();
    let mut by_line: BTreeMap<(u32, u32), Vec<&Finding>> = BTreeMap::new();
    for finding in &outcome.findings {
        let place = finding.primary.place;
        let file = &outcome.files[place.file as usize];
        match line(file, finding) {
            Some(line) => by_line.entry((place.file, line)).or_default().push(finding),
            None => added.left.push(finding),
        }
    }
    for (file, index) in outcome.files.iter().zip(0..) {
        let lines = by_line.range((index, 0)..=(index, u32::MAX));
        let lines: Vec<(u32, &Vec<&Finding>)> = lines.map(|((_, line), it)| (*line, it)).collect();
        if lines.is_empty() {
            continue;
        }
        let additions = Additions {
            path: file.source.path.clone(),
            lines: lines.iter().map(|(line, it)| comment(file, *line, it, reason)).collect(),
            findings: lines.iter().map(|(_, it)| it.len()).sum(),
        };
        if still_loads(file, &additions) {
            added.files.push(additions);
        } else {
            added.left.extend(lines.iter().flat_map(|(_, it)| it.iter().copied()));
        }
    }
    added
}

/// The line that a comment about a finding stands above.
fn line(file: &CheckedFile, finding: &Finding) -> Option<u32> {
    let code = finding.lint.code;
    if code == "FW000" || code.starts_with("FW90") && code <= "FW904" {
        return None;
    }
    if file.dialect == Dialect::NftJson {
        return None;
    }
    let start = finding.primary.place.span.start;
    let start = file.anchor_at(start).map_or(start, |anchor| anchor.span.start);
    let line = file.source.position(start).line;
    // A comment about a comment is one about what follows both.
    let text = file.source.slice(file.source.line(line));
    (!text.trim_start().starts_with('#')).then_some(line)
}

/// A line of its own, indented and ended as the line that it is about.
fn comment(file: &CheckedFile, line: u32, findings: &[&Finding], reason: &str) -> (u32, String) {
    let codes: BTreeSet<&str> = findings.iter().map(|it| it.lint.code).collect();
    let codes = codes.into_iter().collect::<Vec<_>>().join(",");
    let span = file.source.line(line);
    let text = file.source.slice(span);
    let indent = &text[..text.len() - text.trim_start_matches([' ', '\t']).len()];
    let after = file.source.text().as_bytes().get(span.end as usize);
    let end = if after == Some(&b'\r') { "\r\n" } else { "\n" };
    let space = if reason.is_empty() { "" } else { " " };
    (span.start, format!("{indent}# fwlint: ignore[{codes}]{space}{reason}{end}"))
}

/// Whether the loader takes as much of a file as before: a comment in the middle of a statement may end it.
fn still_loads(file: &CheckedFile, additions: &Additions) -> bool {
    let wrong = |source: &SourceFile| {
        let parsed = syntax::parse(source, Some(file.dialect));
        parsed.map_or(0, |parsed| parsed.errors.len())
    };
    let path = &file.source.path;
    let text = additions.applied(file.source.text().as_bytes());
    wrong(&SourceFile::new(path, text)) <= wrong(&file.source)
}
