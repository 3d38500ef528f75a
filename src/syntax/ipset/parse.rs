//! The lines of a file.

use super::{
    Dimension, Entry, File, Set, SetKind,
    entry::refused,
    kinds::{KINDS, add_option, create_option},
};
use crate::{
    source::Span,
    syntax::{
        Error, ErrorKind, Errors, Expected, Limit,
        error::nearest,
        iptables::{Family, values::number},
    },
};
use memchr::memchr;
use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::{is_not, take_while},
    character::complete::char,
    combinator::recognize,
    sequence::{delimited, preceded},
};
use rustc_hash::FxHashMap;

/// The longest name of a set.
const LONGEST_NAME: usize = 31;

/// Reads a whole file.
// file := (create | add | other | comment | blank)*
pub(in crate::syntax) fn parse(text: &str) -> (File, Errors) {
    let mut parser = Parse {
        file: File::default(),
        made: Vec::new(),
        names: FxHashMap::default(),
        last: None,
        suggest: true,
    };
    let mut errors = Errors::default();
    let mut carriage_return = false;
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let end = memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length);
        let line = &text[start..end];
        let content = line.strip_suffix('\r').unwrap_or(line);
        if content.len() < line.len() && !carriage_return {
            carriage_return = true;
            let at = offset(start + content.len());
            errors.add(Error { span: Span::new(at, at + 1), kind: ErrorKind::CarriageReturn });
        }
        let words = Words { text: content, end: offset(start + content.len()) };
        parser.suggest = !errors.is_full();
        if let Err(error) = parser.line(words) {
            errors.add(error);
        }
        start = end + 1;
    }
    (parser.file, errors)
}

/// What a set was made for.
struct Made {
    kind: &'static SetKind,
    /// Which of [`EXTRAS`] its entries may carry, one bit each.
    extras: u8,
}

/// Options of `create`, each with the options of `add` that need it.
static EXTRAS: [(&str, &[&str]); 4] = [
    ("timeout", &["timeout"]),
    ("counters", &["packets", "bytes"]),
    ("comment", &["comment"]),
    ("skbinfo", &["skbmark", "skbprio", "skbqueue"]),
];

impl Made {
    /// The option of `create` without which `option` of `add` is refused.
    fn lacks(&self, option: &str) -> Option<&'static str> {
        let at = EXTRAS.iter().position(|(_, needing)| needing.contains(&option))?;
        (self.extras & 1 << at == 0).then_some(EXTRAS[at].0)
    }
}

struct Parse<'t> {
    file: File,
    /// What each set was made for, in their order.
    made: Vec<Made>,
    names: FxHashMap<&'t str, usize>,
    /// The set that the last line added to: the next one nearly always does, too.
    last: Option<(&'t str, usize)>,
    /// Whether an error is worth a proposal.
    suggest: bool,
}

/// What is left of a line; always a suffix of it.
#[derive(Clone, Copy)]
struct Words<'t> {
    text: &'t str,
    end: u32,
}

impl<'t> Words<'t> {
    fn span(self) -> Span {
        Span::new(self.end - offset(self.text.len()), self.end)
    }

    /// The next word, where it stands, and whether it is quoted.
    fn next(&mut self) -> Option<(&'t str, Span)> {
        let (rest, word) = word(self.text).ok()?;
        let end = self.end - offset(rest.len());
        self.text = rest;
        Some((word.trim_matches('"'), Span::new(end - offset(word.len()), end)))
    }
}

// word := blank* ("\"" text "\"" | nonblank+)
fn word(input: &str) -> IResult<&str, &str> {
    let blank = |it: char| matches!(it, ' ' | '\t');
    let quoted = recognize(delimited(char('"'), take_while(|it| it != '"'), char('"')));
    preceded(take_while(blank), alt((quoted, is_not(" \t")))).parse(input)
}

impl<'t> Parse<'t> {
    fn line(&mut self, mut words: Words<'t>) -> Result<(), Error> {
        let line = words.span();
        if let Some(at) = memchr(0, words.text.as_bytes()) {
            let start = line.start + offset(at);
            return Err(Error { span: Span::new(start, start + 1), kind: ErrorKind::Binary });
        }
        let Some((mut command, mut span)) = words.next() else { return Ok(()) };
        while matches!(command, "-exist" | "-!" | "ipset") {
            let Some(next) = words.next() else { return Ok(()) };
            (command, span) = next;
        }
        match command {
            _ if command.starts_with('#') => Ok(()),
            "create" | "-N" | "--create" | "n" | "c" => self.create(line, words),
            "add" | "-A" | "--add" | "a" => self.add(words),
            "flush" | "-F" | "rename" | "-E" | "swap" | "-W" | "del" | "-D" => {
                while let Some((name, span)) = words.next() {
                    let filled = |set: &Set| !set.entries.is_empty();
                    if self.names.get(name).is_some_and(|at| filled(&self.file.sets[*at])) {
                        self.file.changed.push(span);
                    }
                }
                Ok(())
            }
            "COMMIT" | "destroy" | "-X" | "test" | "-T" | "list" | "-L" | "save" | "-S"
            | "quit" | "version" => Ok(()),
            _ => {
                let commands = ["create", "add", "flush", "destroy", "rename", "swap", "del"];
                let suggestion = nearest(command, commands.into_iter());
                Err(Error { span, kind: ErrorKind::UnknownOption { suggestion } })
            }
        }
    }

    // create := ("create" | "-N") name type option*
    fn create(&mut self, line: Span, mut words: Words<'t>) -> Result<(), Error> {
        let missing = |expected| Error { span: line, kind: ErrorKind::MissingValue(expected) };
        let (name_text, name) = words.next().ok_or_else(|| missing(Expected::Text))?;
        if name_text.len() > LONGEST_NAME {
            let written = offset(name_text.len());
            let limit =
                Limit { what: "set name", limit: offset(LONGEST_NAME), written, truncated: false };
            return Err(Error { span: name, kind: ErrorKind::LimitExceeded(limit) });
        }
        let (kind_text, kind) =
            words.next().ok_or_else(|| missing(Expected::Form("a type such as hash:ip")))?;
        let Some(spec) = SetKind::of(kind_text) else {
            let suggestion = nearest(kind_text, KINDS.iter().map(|kind| kind.name));
            let expected = Expected::Form("a type such as hash:ip");
            return Err(Error { span: kind, kind: ErrorKind::BadValue { expected, suggestion } });
        };
        let mut set = Set { line, name, kind, ipv6: false, timeout: false, entries: Vec::new() };
        let mut made = Made { kind: spec, extras: 0 };
        let (mut ranged, mut exist) = (false, false);
        while let Some((option, span)) = words.next() {
            let option = option.strip_prefix("--").unwrap_or(option);
            let Some(valued) = create_option(option) else {
                return Err(unknown_option(span, option));
            };
            let value = if valued { Some(words.next().ok_or(missing_value(span))?) } else { None };
            if let Some(at) = EXTRAS.iter().position(|(name, _)| *name == option) {
                made.extras |= 1 << at;
            }
            match (option, value) {
                ("family", Some((family, span))) => match family {
                    "inet" | "ipv4" | "-4" => {}
                    "inet6" | "ipv6" | "-6" => set.ipv6 = true,
                    _ => return Err(bad(span, Expected::OneOf(&["inet", "inet6"]), family)),
                },
                ("inet6" | "-6", _) => set.ipv6 = true,
                ("timeout", Some((seconds, span))) => {
                    timeout(seconds, span)?;
                    set.timeout = true;
                }
                ("range" | "from" | "network", _) => ranged = true,
                ("exist" | "-exist" | "-!", _) => exist = true,
                ("hashsize" | "maxelem" | "size" | "netmask", Some((value, span))) => {
                    let expected = Expected::Number { min: 0, max: u64::from(u32::MAX) };
                    number(value, 0, u64::from(u32::MAX))
                        .map_err(|_| bad(span, expected, value))?;
                }
                _ => {}
            }
        }
        if spec.name.starts_with("bitmap:") && !ranged {
            let kind = ErrorKind::MissingOption { extension: spec.name, options: &["range"] };
            return Err(Error { span: name, kind });
        }
        if self.names.contains_key(name_text) {
            if exist {
                return Ok(());
            }
            return Err(Error { span: name, kind: ErrorKind::DuplicateSet });
        }
        self.names.insert(name_text, self.file.sets.len());
        self.made.push(made);
        self.file.sets.push(set);
        Ok(())
    }

    // add := ("add" | "-A") name entry option*
    fn add(&mut self, mut words: Words<'t>) -> Result<(), Error> {
        let line = words.span();
        let missing = |expected| Error { span: line, kind: ErrorKind::MissingValue(expected) };
        let (name, name_span) = words.next().ok_or_else(|| missing(Expected::Text))?;
        let (entry_text, entry) =
            words.next().ok_or_else(|| missing(Expected::Form("an entry")))?;
        // No entry begins so, but rules of iptables do: `-A INPUT -p tcp`.
        if entry_text.starts_with('-') {
            return Err(unknown_option(entry, entry_text));
        }
        let Some(at) = self.find(name) else {
            let names = self
                .names
                .keys()
                .filter(|_| self.suggest)
                .map(|known| (strsim::damerau_levenshtein(name, known), *known));
            let near = names.filter(|(distance, _)| *distance <= 2).min();
            let suggestion = near.map(|(_, known)| known.to_owned());
            return Err(Error { span: name_span, kind: ErrorKind::UnknownSet { suggestion } });
        };
        let family = if self.file.sets[at].ipv6 { Family::V6 } else { Family::V4 };
        if let Some((part, expected)) = refused(entry_text, self.made[at].kind, family) {
            let start = entry.start + entry_text.find(part).map_or(0, offset);
            return Err(bad(Span::new(start, start + offset(part.len())), expected, part));
        }
        if self.made[at].kind.name == "list:set" && !self.names.contains_key(entry_text) {
            return Err(Error { span: entry, kind: ErrorKind::UnknownSet { suggestion: None } });
        }
        let mut it = Entry { entry, nomatch: false, timeout: false };
        while let Some((option, span)) = words.next() {
            let option = option.strip_prefix("--").unwrap_or(option);
            let Some(valued) = add_option(option) else {
                return Err(unknown_option(span, option));
            };
            let value = if valued { Some(words.next().ok_or(missing_value(span))?) } else { None };
            if let Some(other) = self.made[at].lacks(option) {
                return Err(Error { span, kind: ErrorKind::Requires { other } });
            }
            match (option, value) {
                ("nomatch", _) if !self.made[at].kind.dimensions.contains(&Dimension::Net) => {
                    return Err(unknown_option(span, ""));
                }
                ("nomatch", _) => it.nomatch = true,
                ("timeout", Some((seconds, span))) => {
                    timeout(seconds, span)?;
                    it.timeout = true;
                }
                ("comment", Some((text, span))) if text.len() > 255 => {
                    let limit = Limit {
                        what: "comment",
                        limit: 255,
                        written: offset(text.len()),
                        truncated: false,
                    };
                    return Err(Error { span, kind: ErrorKind::LimitExceeded(limit) });
                }
                _ => {}
            }
        }
        self.file.sets[at].entries.push(it);
        Ok(())
    }

    fn find(&mut self, name: &str) -> Option<usize> {
        if let Some((last, at)) = self.last
            && last == name
        {
            return Some(at);
        }
        let (known, at) = self.names.get_key_value(name)?;
        self.last = Some((known, *at));
        Some(*at)
    }
}

/// The kernel counts milliseconds in 32 bits.
fn timeout(seconds: &str, span: Span) -> Result<(), Error> {
    let max = 2_147_483;
    number(seconds, 0, max).map(drop).map_err(|expected| bad(span, expected, seconds))
}

fn bad(span: Span, expected: Expected, word: &str) -> Error {
    let suggestion = match expected {
        Expected::OneOf(words) => nearest(word, words.iter().copied()),
        _ => None,
    };
    Error { span, kind: ErrorKind::BadValue { expected, suggestion } }
}

fn missing_value(span: Span) -> Error {
    Error { span, kind: ErrorKind::MissingValue(Expected::Text) }
}

fn unknown_option(span: Span, option: &str) -> Error {
    let known = [
        "family", "timeout", "hashsize", "maxelem", "counters", "comment", "skbinfo", "forceadd",
        "nomatch", "range",
    ];
    Error {
        span,
        kind: ErrorKind::UnknownOption { suggestion: nearest(option, known.into_iter()) },
    }
}

/// Files of four gibibytes and more are refused before they come here.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::syntax::ErrorKind;

    fn errors(text: &str) -> Vec<String> {
        let (_, errors) = parse(text);
        let name = |kind: &ErrorKind| {
            format!("{kind:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned()
        };
        errors
            .into_vec()
            .iter()
            .map(|error| format!("{} {}", name(&error.kind), &text[error.span.range()]))
            .collect()
    }

    #[test]
    fn entries_go_to_their_sets() {
        let text = "create a hash:net family inet6 timeout 60\ncreate b hash:ip,port comment timeout 0\n\
                    add a 2001:db8::/32 nomatch\nadd b 192.0.2.1,tcp:80 comment \"two words\" timeout 5\n";
        let (file, errors) = parse(text);
        assert!(errors.into_vec().is_empty());
        assert!(file.sets[0].ipv6 && file.sets[0].timeout && file.sets[0].entries[0].nomatch);
        assert_eq!(&text[file.sets[1].entries[0].entry.range()], "192.0.2.1,tcp:80");
        assert!(file.sets[1].entries[0].timeout && !file.sets[1].ipv6);
    }

    #[test]
    fn old_commands_and_types_are_taken() {
        assert_eq!(
            errors("-N a iphash\n-A a 192.0.2.1\nCOMMIT\n# a comment\n\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_bad_line_costs_one_error() {
        for (text, expected) in [
            ("create a hash:ipp\n", "BadValue hash:ipp"),
            ("create a hash:ip famly inet\n", "UnknownOption famly"),
            ("create a hash:ip\nadd b 192.0.2.1\n", "UnknownSet b"),
            ("create a hash:ip\nadd a 192.0.2.999\n", "BadValue 192.0.2.999"),
            ("create a hash:ip timeout 0\nadd a 192.0.2.1 timeout x\n", "BadValue x"),
            ("create a hash:ip\nadd a 192.0.2.1 timeout 5\n", "Requires timeout"),
            ("create a bitmap:port\n", "MissingOption a"),
            ("create a list:set\nadd a b\n", "UnknownSet b"),
            ("create a hash:ip\ncreate a hash:ip\n", "DuplicateSet a"),
            ("creat a hash:ip\n", "UnknownOption creat"),
            ("create a hash:ip\r\n", "CarriageReturn \r"),
        ] {
            assert_eq!(errors(text), [expected], "{text}");
        }
    }

    #[test]
    fn a_rule_of_iptables_among_sets_is_not_an_unknown_set() {
        let (_, errors) = parse("create a hash:ip\n-A OUTPUT -p all -j DROP\n-A b 192.0.2.1\n");
        let errors = errors.into_vec();
        assert!(matches!(errors[0].kind, ErrorKind::UnknownOption { .. }), "{errors:?}");
        assert!(matches!(errors[1].kind, ErrorKind::UnknownSet { .. }), "{errors:?}");
    }
}
