//! What the loader refuses, in words: FW000 and the load errors with a lint of their own share them.
//!
//! Each language puts every [`ErrorKind`] and every [`Expected`] into words in one exhaustive `match`: an error without
//! words does not compile.

mod chinese;
mod english;

use super::{Context, Finding, Findings, Lint, Place, quote::quoted};
use crate::{
    lower::Input,
    settings::Severity,
    source::Span,
    syntax::{
        Dialect, Error, ErrorKind, Limit,
        iptables::extensions::{self, Kind},
    },
    words::Message,
};

/// What there is to say about one error in one language.
struct Said {
    /// What is wrong: a clause about this place.
    message: String,
    /// What the caret says: what to write, or what was expected.
    label: String,
    /// What to do, where the label cannot hold it: a whole sentence.
    help: Option<String>,
}

impl Said {
    fn new(message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { message: message.into(), label: label.into(), help: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// What an error is about, for both languages.
struct Subject<'a> {
    /// The wrong words in backticks.
    word: String,
    /// The same as they stand in the file.
    raw: &'a str,
    /// The word before them on their line, in backticks; empty where there is none.
    before: &'a str,
    /// The word after them.
    after: &'a str,
    /// Whether blanks and nothing else stand before them on their line.
    indented: bool,
    /// The format of the file.
    dialect: &'static str,
}

/// Why a word stands where none may.
enum Misplaced {
    /// A comment behind a rule.
    Comment,
    /// `  :INPUT`.
    Indented,
    /// `COMMIT` and more, a blank even.
    Followed,
    /// `commit`.
    Lowercase,
    /// `iptables -A`, as in a shell.
    Program,
}

/// Reports the errors of all files whose lint is `lint`.
pub(super) fn report(cx: &Context<'_>, findings: &mut Findings, lint: &'static Lint) {
    for input in cx.inputs {
        for error in input.parsed.errors.iter().filter(|error| code(&error.kind) == lint.code) {
            findings.add(finding(input, error, lint));
        }
    }
}

/// The lint that an error is reported by.
fn code(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::MissingCommit => "FW405",
        ErrorKind::CarriageReturn => "FW406",
        ErrorKind::UnknownSet { .. } => "FW412",
        ErrorKind::LimitExceeded(_) => "FW415",
        _ => "FW000",
    }
}

fn finding(input: &Input<'_>, error: &Error, lint: &'static Lint) -> Finding {
    let subject = Subject::of(input, error);
    let en = english::said(&error.kind, &subject);
    let zh = chinese::said(&error.kind, &subject);
    let place = Place { file: input.file, span: error.span };
    let message = Message { en: en.message, zh: zh.message };
    let label = Message { en: en.label, zh: zh.label };
    let mut finding =
        Finding::new(lint, place, message, label).severity(severity(&error.kind, lint));
    if let (Some(en), Some(zh)) = (en.help, zh.help) {
        finding.help.push(Message { en, zh });
    }
    finding
}

/// Nothing is wrong with a template, nor with a file in a format that is not read yet.
fn severity(kind: &ErrorKind, lint: &Lint) -> Severity {
    match kind {
        ErrorKind::Template => Severity::Info,
        ErrorKind::NotSupported | ErrorKind::LimitExceeded(Limit { truncated: true, .. }) => {
            Severity::Warning
        }
        _ => lint.severity,
    }
}

impl<'a> Subject<'a> {
    fn of(input: &Input<'a>, error: &Error) -> Self {
        let source = input.source;
        let raw = source.slice(error.span);
        let line = source.line(source.position(error.span.start).line);
        let before = source.slice(Span::new(line.start, error.span.start));
        let after = source.slice(Span::new(error.span.end, line.end.max(error.span.end)));
        Self {
            word: quoted(raw),
            raw,
            before: before.split_ascii_whitespace().next_back().unwrap_or_default(),
            indented: !before.is_empty() && before.trim_ascii().is_empty(),
            after: after.split_ascii_whitespace().next().unwrap_or_default(),
            dialect: input.parsed.dialect.name(),
        }
    }

    /// A word that belongs to the first column and stands elsewhere, or has something behind it.
    fn misplaced(&self) -> Option<Misplaced> {
        let starts_lines = self.raw.starts_with([':', '*']) || self.raw == "COMMIT";
        match self.raw {
            _ if self.raw.starts_with('#') => Some(Misplaced::Comment),
            _ if !self.before.is_empty() => None,
            _ if starts_lines && self.indented => Some(Misplaced::Indented),
            "COMMIT" => Some(Misplaced::Followed),
            _ if self.raw.eq_ignore_ascii_case("COMMIT") => Some(Misplaced::Lowercase),
            "iptables" | "ip6tables" => Some(Misplaced::Program),
            _ => None,
        }
    }

    /// The option that lacks its value, where the next option stands in its place.
    fn option_without_value(&self) -> Option<String> {
        let is_option = |word: &str| {
            let name = word.trim_start_matches('-');
            name.len() < word.len() && name.starts_with(|it: char| it.is_ascii_alphabetic())
        };
        (is_option(self.raw) && is_option(self.before)).then(|| quoted(self.before))
    }

    /// How to ask for a match that has the option that is not known here: `-p tcp`, `-m multiport`.
    fn owner(&self) -> Option<String> {
        let name = self.raw.strip_prefix("--")?;
        let matches = extensions::ALL.iter().filter(|it| it.kind == Kind::Match);
        let mut owners = matches.filter(|it| it.option(name).is_some());
        let owner = owners.next()?;
        if matches!(owner.name, "tcp" | "udp") {
            return Some(if name.ends_with("port") {
                "-p tcp` or `-p udp".to_owned()
            } else {
                "-p tcp".to_owned()
            });
        }
        // A name that several have tells nothing.
        owners.next().is_none().then(|| format!("-m {}", owner.name))
    }

    fn is_ipv6(&self) -> bool {
        self.dialect == Dialect::Ip6tables.name()
    }

    /// `! -s x` for what is written as `-s ! x`.
    fn new_negation(&self) -> String {
        if self.before.starts_with('-') && !self.after.is_empty() {
            quoted(&format!("! {} {}", self.before, self.after))
        } else {
            "`! -s x`".to_owned()
        }
    }
}
