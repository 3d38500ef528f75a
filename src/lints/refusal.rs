//! What the loader refuses, in words: FW000 and the load errors with a lint of their own share them.
//!
//! Each language puts every [`ErrorKind`] and every [`Expected`] into words in one exhaustive `match`: an error without
//! words does not compile.

use super::{
    Context, Finding, Findings, Label, Lint, Place, Repair, quote::quoted,
    refusal_in_chinese as chinese, refusal_in_english as english, refusal_nft,
};
use crate::{
    lower::Input,
    settings::Severity,
    source::Span,
    syntax::{
        Dialect, Error, ErrorKind, Expected, Limit,
        iptables::{
            Family,
            extensions::{self, Kind},
        },
        nft,
    },
    words::Message,
};
use std::net::IpAddr;

/// What there is to say about one error in one language.
pub(super) struct Said {
    /// What is wrong: a clause about this place.
    pub(super) message: String,
    /// What the caret says: what to write, or what was expected.
    pub(super) label: String,
    /// What to do, where the label cannot hold it: a whole sentence.
    pub(super) help: Option<String>,
}

impl Said {
    pub(super) fn new(message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { message: message.into(), label: label.into(), help: None }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// What an error is about, for both languages.
pub(super) struct Subject<'a> {
    /// The wrong words in backticks.
    pub(super) word: String,
    /// The same as they stand in the file.
    pub(super) raw: &'a str,
    /// The word before them on their line, in backticks; empty where there is none.
    before: &'a str,
    /// The word after them.
    after: &'a str,
    /// Whether blanks and nothing else stand before them on their line.
    indented: bool,
    /// The format of the file.
    pub(super) dialect: &'static str,
    /// Whether the command of a script is one of `ip6tables`.
    by_ip6tables: bool,
    /// The words at the other place that the error is about, in backticks, where there is one.
    pub(super) earlier: Option<String>,
}

/// Why a word stands where none may.
pub(super) enum Misplaced {
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
    report_fixed(cx, findings, lint, |_, _| None);
}

/// The same, each with what mends it.
pub(super) fn report_fixed(
    cx: &Context<'_>,
    findings: &mut Findings,
    lint: &'static Lint,
    fix: fn(&Input<'_>, &Error) -> Option<Repair>,
) {
    for input in cx.inputs {
        for error in input.parsed.errors.iter().filter(|error| code(&error.kind) == lint.code) {
            findings.add(finding(input, error, lint).fixed_by(fix(input, error)));
        }
    }
}

/// The lint that an error is reported by.
pub fn code(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::MissingCommit => "FW405",
        ErrorKind::CarriageReturn => "FW406",
        ErrorKind::UnknownSet { .. } => "FW412",
        ErrorKind::LimitExceeded(_) => "FW415",
        ErrorKind::Nft(nft::ErrorKind::Overlap { .. }) => "FW604",
        ErrorKind::Nft(nft::ErrorKind::MissingInterval) => "FW609",
        _ => "FW000",
    }
}

fn finding(input: &Input<'_>, error: &Error, lint: &'static Lint) -> Finding {
    let subject = Subject::of(input, error);
    let kind = subject.telling(&error.kind).unwrap_or_else(|| error.kind.clone());
    let en = english::said(&kind, &subject);
    let zh = chinese::said(&kind, &subject);
    let place = Place { file: input.file, span: error.span };
    let message = Message { en: en.message, zh: zh.message };
    let label = Message { en: en.label, zh: zh.label };
    let mut finding =
        Finding::new(lint, place, message, label).severity(severity(&error.kind, lint));
    if let (Some(en), Some(zh)) = (en.help, zh.help) {
        finding.help.push(Message { en, zh });
    }
    if let (Some(span), ErrorKind::Nft(kind)) = (earlier(error), &error.kind) {
        let text = refusal_nft::there(kind);
        let text = Message { en: text.en.into(), zh: text.zh.into() };
        finding.labels.push(Label { place: Place { file: input.file, span }, text });
    }
    finding
}

/// The other place that an error is about, which may be this very place.
fn earlier(error: &Error) -> Option<Span> {
    let ErrorKind::Nft(kind) = &error.kind else { return None };
    refusal_nft::earlier(kind).filter(|span| *span != error.span)
}

/// Nothing is wrong with a template.
fn severity(kind: &ErrorKind, lint: &Lint) -> Severity {
    match kind {
        ErrorKind::Template => Severity::Info,
        ErrorKind::LimitExceeded(Limit { truncated: true, .. }) => Severity::Warning,
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
            by_ip6tables: input.parsed.script().is_some()
                && source.slice(line).contains("ip6tables"),
            earlier: earlier(error).map(|span| quoted(source.slice(span))),
        }
    }

    /// Words, and none around them.
    #[cfg(test)]
    pub(super) fn alone(raw: &'a str, dialect: Dialect) -> Self {
        let dialect = dialect.name();
        let word = quoted(raw);
        Self {
            word,
            raw,
            before: "",
            after: "",
            indented: false,
            dialect,
            by_ip6tables: false,
            earlier: None,
        }
    }

    /// The words at the other place, or what they are.
    pub(super) fn earlier_or<'s>(&'s self, what: &'s str) -> &'s str {
        self.earlier.as_deref().unwrap_or(what)
    }

    /// Whether it is an address, or starts with one, of that family.
    pub(super) fn is_address_of(&self, family: nft::Family) -> bool {
        let address = self.raw.split('/').next().unwrap_or_default();
        match address.parse() {
            Ok(IpAddr::V4(_)) => family == nft::Family::Ip,
            Ok(IpAddr::V6(_)) => family == nft::Family::Ip6,
            Err(_) => false,
        }
    }

    /// A word that belongs to the first column and stands elsewhere, or has something behind it.
    pub(super) fn misplaced(&self) -> Option<Misplaced> {
        let starts_lines = self.raw.starts_with([':', '*']) || self.raw == "COMMIT";
        match self.raw {
            _ if self.dialect == Dialect::Script.name() => None,
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
    pub(super) fn option_without_value(&self) -> Option<String> {
        let is_option = |word: &str| {
            let name = word.trim_start_matches('-');
            name.len() < word.len() && name.starts_with(|it: char| it.is_ascii_alphabetic())
        };
        (is_option(self.raw) && is_option(self.before)).then(|| quoted(self.before))
    }

    /// How to ask for the match or target that has the option that is not known here: `-p tcp`, `-m multiport`.
    pub(super) fn owners(&self) -> Vec<String> {
        let Some(name) = self.raw.strip_prefix("--") else { return Vec::new() };
        let name = name.split('=').next().unwrap_or_default();
        let of = |kind| {
            let all = extensions::ALL.iter().filter(move |it| it.kind == kind);
            all.filter(|it| it.option(name).is_some()).map(|it| it.name).collect::<Vec<_>>()
        };
        let matches = of(Kind::Match);
        if matches.contains(&"tcp") {
            let both = if matches.contains(&"udp") { &["tcp", "udp"][..] } else { &["tcp"] };
            return both.iter().map(|it| format!("-p {it}")).collect();
        }
        // A name that several have tells nothing.
        match (&matches[..], &of(Kind::Target)[..]) {
            ([one], _) => vec![format!("-m {one}")],
            ([], [one]) => vec![format!("-j {one}")],
            _ => Vec::new(),
        }
    }

    /// Whether a value is a range whose ends only have to change places.
    fn is_reversed(&self, expected: Expected) -> bool {
        let ranges = matches!(
            expected,
            Expected::PortRange
                | Expected::PortList
                | Expected::NumberRange { .. }
                | Expected::NatPorts
        );
        let ends = self.raw.split_once([':', '-']);
        let number = |word: &str| word.parse::<u16>().ok();
        ranges
            && ends.is_some_and(|(first, last)| {
                number(first).zip(number(last)).is_some_and(|(first, last)| first > last)
            })
    }

    /// The family of an address that stands in a file of the other one.
    fn other_family(&self, expected: Expected) -> Option<Family> {
        if !matches!(expected, Expected::Address | Expected::Network | Expected::Mask) {
            return None;
        }
        let address: IpAddr = self.raw.split('/').next()?.parse().ok()?;
        match (address, self.is_ipv6()) {
            (IpAddr::V4(_), true) => Some(Family::V4),
            (IpAddr::V6(_), false) => Some(Family::V6),
            _ => None,
        }
    }

    /// The error as it is put into words: what a parser finds to be no value is often something more telling.
    fn telling(&self, kind: &ErrorKind) -> Option<ErrorKind> {
        let ErrorKind::BadValue { expected, .. } = *kind else { return None };
        if self.is_reversed(expected) {
            return Some(ErrorKind::ReversedRange);
        }
        self.other_family(expected).map(|family| ErrorKind::WrongFamily { family })
    }

    pub(super) fn is_ipv6(&self) -> bool {
        self.by_ip6tables || self.dialect == Dialect::Ip6tables.name()
    }

    /// `! -s x` for what is written as `-s ! x`.
    pub(super) fn new_negation(&self) -> String {
        if self.before.starts_with('-') && !self.after.is_empty() {
            quoted(&format!("! {} {}", self.before, self.after))
        } else {
            "`! -s x`".to_owned()
        }
    }
}
