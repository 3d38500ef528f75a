//! What the user does not want to hear of: by comments in the files.

use super::{check::CheckedFile, reading::Reading};
use crate::{
    lints::{self, Commented, Finding, Lint},
    model::Place,
    settings::{Settings, names_lint},
    source::Span,
    syntax::suppression::{self, Remarks, Scope, Standing, Suppression},
};
use std::{borrow::Cow, collections::BTreeMap};

/// Why a finding is not reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// What silences it.
    pub by: By,
    /// Why, where that is said.
    pub reason: Option<String>,
    /// The file that says so.
    pub path: String,
    /// Where it says so, from 1.
    pub line: u32,
}

/// What silences a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A comment.
    Comment,
    /// The comment of the rule itself.
    RuleComment,
    /// A comment about the whole file.
    File,
    /// Somebody decided to live with it, or it was there before.
    Baseline,
}

impl By {
    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::RuleComment => "rule-comment",
            Self::File => "file",
            Self::Baseline => "baseline",
        }
    }
}

/// A finding, and why it is not reported if it is not.
pub(super) type Heard = (Finding, Option<Silence>);

/// What the comments of all files that were asked about say.
#[derive(Debug, Default)]
pub(super) struct Comments(BTreeMap<u32, Remarks>);

impl Comments {
    /// Reads the comments of files, and of the rules in the texts that they make.
    pub(super) fn of(reading: &Reading) -> Self {
        let mut all = Self::default();
        for text in reading.texts() {
            let remarks = suppression::in_rules(text.source, text.parsed);
            let locate = |span: Span| reading.locate(Place { file: text.file, span });
            for mut it in remarks.suppressions {
                let place = locate(it.span);
                let own = &reading.files[place.file as usize].source;
                it.words.iter_mut().for_each(|word| *word = locate(*word).span);
                it.until.iter_mut().for_each(|until| until.span = locate(until.span).span);
                it.removable = it.removable.map(|it| locate(it).span);
                it.scope = match it.scope {
                    Scope::Line(_) => Scope::Line(own.position(place.span.start).line),
                    Scope::File => Scope::File,
                };
                it.span = place.span;
                all.file(place.file).suppressions.push(it);
            }
            for mut it in remarks.malformed {
                let place = locate(it.span);
                (it.span, it.word) = (place.span, locate(it.word).span);
                all.file(place.file).malformed.push(it);
            }
            for mut it in remarks.ends {
                let place = locate(it.span);
                it.span = place.span;
                all.file(place.file).ends.push(it);
            }
        }
        for (file, index) in reading.files.iter().zip(0..) {
            let remarks = suppression::in_comments(&file.source, reading.dialect(index));
            if !remarks.suppressions.is_empty() || !remarks.malformed.is_empty() {
                let known = all.file(index);
                known.suppressions.extend(remarks.suppressions);
                known.malformed.extend(remarks.malformed);
            }
        }
        // A file that two others include is read twice.
        for remarks in all.0.values_mut() {
            remarks.suppressions.sort_by_key(|it| it.span);
            remarks.suppressions.dedup();
            remarks.malformed.sort_by_key(|it| it.span);
            remarks.malformed.dedup();
            remarks.ends.sort_by_key(|it| it.span);
            remarks.ends.dedup();
        }
        all.0.retain(|file, _| reading.asked[*file as usize]);
        all
    }

    fn file(&mut self, file: u32) -> &mut Remarks {
        self.0.entry(file).or_default()
    }
}

/// The finding with the severity that its file gives its lint; `None` where that is off.
pub(super) fn as_wanted(settings: &Settings, finding: Finding) -> Option<Finding> {
    let Lint { code, name, persona, .. } = *finding.lint;
    let severity = settings.as_wanted(code, name, persona)?;
    Some(Finding { severity: severity.unwrap_or(finding.severity), ..finding })
}

/// What is wanted of a file: its index and its path are asked for.
pub(super) type Wanted<'s> = dyn Fn(u32) -> Cow<'s, Settings> + 's;

/// Says of each finding whether a comment silences it, and adds what is wrong with the comments themselves.
pub(super) fn suppress(
    mut findings: Vec<Finding>,
    comments: &Comments,
    files: &[CheckedFile],
    wanted: &Wanted<'_>,
) -> Vec<Heard> {
    let settings: BTreeMap<u32, Cow<'_, Settings>> =
        comments.0.keys().map(|file| (*file, wanted(*file))).collect();
    let mut books: BTreeMap<u32, Book<'_>> = BTreeMap::new();
    for (file, remarks) in &comments.0 {
        let source = &files[*file as usize].source;
        let commented = Commented { file: *file, source, settings: &settings[file] };
        let book = Book::of(commented, &files[*file as usize], remarks);
        findings.extend(commented.wrong(remarks).into_iter().filter_map(|it| book.as_wanted(it)));
        books.insert(*file, book);
    }
    let hear = |finding: Finding, books: &mut BTreeMap<u32, Book<'_>>| {
        let book = books.get_mut(&finding.primary.place.file);
        let silence = book.and_then(|book| book.silence(&finding));
        (finding, silence)
    };
    let mut heard: Vec<Heard> = findings.into_iter().map(|it| hear(it, &mut books)).collect();
    let unused: Vec<Finding> = books.values().flat_map(Book::unused).collect();
    heard.extend(unused.into_iter().map(|it| hear(it, &mut books)));
    heard
}

/// The suppressions of one file, and what became of them.
struct Book<'a> {
    commented: Commented<'a>,
    file: &'a CheckedFile,
    /// Those that hold.
    held: Vec<Held<'a>>,
}

struct Held<'a> {
    suppression: &'a Suppression,
    /// Which of its words silenced something.
    used: Vec<bool>,
}

impl<'a> Book<'a> {
    fn of(commented: Commented<'a>, file: &'a CheckedFile, remarks: &'a Remarks) -> Self {
        let held = remarks.suppressions.iter().filter(|it| commented.holds(it));
        let held = held
            .map(|suppression| Held { suppression, used: vec![false; suppression.words.len()] });
        Self { commented, file, held: held.collect() }
    }

    fn as_wanted(&self, finding: Finding) -> Option<Finding> {
        as_wanted(self.commented.settings, finding)
    }

    /// Why a finding of the file is not reported: what is nearest to it counts.
    fn silence(&mut self, finding: &Finding) -> Option<Silence> {
        let source = self.commented.source;
        let start = finding.primary.place.span.start;
        let line = source.position(start).line;
        let anchor = self.file.anchor_at(start).map(|it| it.span);
        let lines = anchor.map_or((line, line), |span| {
            (source.position(span.start).line, source.position(span.end).line.max(line))
        });
        let Lint { code, name, .. } = *finding.lint;
        let mut nearest: Option<&Suppression> = None;
        for held in &mut self.held {
            let is_near = match held.suppression.scope {
                Scope::Line(line) => (lines.0..=lines.1).contains(&line),
                Scope::File => true,
            };
            if !is_near {
                continue;
            }
            let words = held.suppression.words.iter().map(|it| source.slice(*it));
            let mut names = false;
            for (word, used) in words.zip(&mut held.used) {
                if names_lint(word, code, name) {
                    (*used, names) = (true, true);
                }
            }
            if names && nearest.is_none_or(|it| it.scope == Scope::File) {
                nearest = Some(held.suppression);
            }
        }
        nearest.map(|it| Silence {
            by: match (it.scope, it.place) {
                (Scope::File, _) => By::File,
                (Scope::Line(_), Standing::Comment) => By::Comment,
                (Scope::Line(_), Standing::RuleComment) => By::RuleComment,
            },
            reason: it.reason.clone(),
            path: source.path.clone(),
            line: source.position(it.span.start).line,
        })
    }

    /// What silences nothing. What the lints that a word names would say is known only where one of them is on, and
    /// where all of the file was analysed.
    fn unused(&self) -> Vec<Finding> {
        if self.file.opaque {
            return Vec::new();
        }
        let settings = self.commented.settings;
        let is_on = |lint: &&&'static Lint| settings.is_on(lint.code, lint.name, lint.persona);
        let is_told = |word: &str| {
            let mut named = lints::ALL.iter().filter(|it| names_lint(word, it.code, it.name));
            named.any(|it| is_on(&it) && it.code != lints::UNUSED_SUPPRESSION)
        };
        let finding = |held: &Held<'_>| {
            let words = held.suppression.words.iter().zip(&held.used);
            let idle = words
                .filter(|(word, used)| !**used && is_told(self.commented.source.slice(**word)));
            let idle: Vec<Span> = idle.map(|(word, _)| *word).collect();
            (!idle.is_empty()).then(|| self.commented.unused(held.suppression, &idle))
        };
        let unused = self.held.iter().filter_map(finding);
        unused.filter_map(|it| self.as_wanted(it)).collect()
    }
}
