//! From the text to the packet, one function a production.

use super::{
    DIRECTIONS, FLAGS, NotationError, OPTIONS, PROTOCOLS, Part, STATES, Suggestion, Wrong,
};
use crate::packets::{
    Address, Contradiction, Direction, End, Fields, Icmp, Interface, Packet, Route, State,
    packet::is_icmp,
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Range,
    str::FromStr,
};

impl Packet {
    /// Reads a packet.
    ///
    /// # Errors
    /// Where the text is none, with the place and the cause.
    pub fn parse(text: &str) -> Result<Self, NotationError> {
        let mut words = Words { text, at: 0 };
        let protocol_word = words.next(Part::Protocol)?;
        let protocol = protocol(protocol_word)?;
        let (source, source_port) = end(words.next(Part::Address)?)?;
        let arrow = words.next(Part::Arrow)?;
        if arrow.text != "->" {
            return Err(arrow.expected(Part::Arrow, None));
        }
        let (destination, destination_port) = end(words.next(Part::Address)?)?;
        let ends = protocol_word.start..words.at;
        let mut options = Options::default();
        while let Some(word) = words.peek() {
            options.read(word, &mut words)?;
        }
        let Some(route) = options.route() else {
            return Err(words.missing(Part::Route));
        };
        let fields = Fields {
            protocol,
            source,
            destination,
            route,
            state: options.state.unwrap_or_default(),
            direction: options.direction.unwrap_or_default(),
            flags: options.flags,
            icmp: options.icmp,
            mark: options.mark.unwrap_or_default(),
        };
        let packet = Self::new(fields).map_err(|contradiction| {
            let span = match contradiction {
                Contradiction::TwoFamilies | Contradiction::NoFamily => ends,
                Contradiction::SourcePort => source_port,
                Contradiction::DestinationPort => destination_port,
                Contradiction::Flags => options.span("flags"),
                Contradiction::Icmp => options.span("type"),
                Contradiction::Reply => options.span("dir"),
            };
            NotationError { span, kind: Wrong::Contradiction(contradiction) }
        })?;
        let names_icmp = matches!(protocol_word.text, "icmp" | "icmpv6");
        if names_icmp && !is_icmp(packet.protocol, packet.family()) {
            return Err(protocol_word.wrong(Wrong::OtherIcmp));
        }
        Ok(packet)
    }
}

impl FromStr for Packet {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Self, NotationError> {
        Self::parse(text)
    }
}

/// A word and where it begins.
#[derive(Debug, Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    start: usize,
}

impl Word<'_> {
    fn span(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn wrong(self, kind: Wrong) -> NotationError {
        NotationError { span: self.span(), kind }
    }

    fn expected(self, part: Part, suggestion: Suggestion) -> NotationError {
        self.wrong(Wrong::Expected(part, suggestion))
    }

    /// The bytes of it from `low` to `high`.
    fn part(self, low: usize, high: usize) -> Self {
        Self { text: &self.text[low..high], start: self.start + low }
    }

    /// What comes before `separator` and what comes behind it.
    fn split(self, separator: char) -> Option<(Self, Self)> {
        let at = self.text.find(separator)?;
        Some((self.part(0, at), self.part(at + separator.len_utf8(), self.text.len())))
    }

    /// What the word stands for in a table.
    fn lookup<T: Copy>(self, table: &[(&'static str, T)], part: Part) -> Result<T, NotationError> {
        let found = table.iter().find(|(name, _)| *name == self.text);
        let names = table.iter().map(|(name, _)| *name);
        found.map(|(_, value)| *value).ok_or_else(|| self.expected(part, nearest(self.text, names)))
    }

    /// A decimal number without sign or leading zeros, which some read as octal.
    fn number<T: FromStr>(self) -> Option<T> {
        let text = self.text;
        let is_plain = text.bytes().all(|it| it.is_ascii_digit());
        let is_octal = text.len() > 1 && text.starts_with('0');
        (is_plain && !is_octal).then(|| text.parse().ok()).flatten()
    }
}

struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    fn peek(&self) -> Option<Word<'t>> {
        let rest = &self.text[self.at..];
        let text = rest.split_whitespace().next()?;
        let blank = rest.len() - rest.trim_start().len();
        Some(Word { text, start: self.at + blank })
    }

    fn next(&mut self, part: Part) -> Result<Word<'t>, NotationError> {
        let word = self.peek().ok_or_else(|| self.missing(part))?;
        self.at = word.span().end;
        Ok(word)
    }

    fn missing(&self, part: Part) -> NotationError {
        let end = self.text.trim_end().len();
        NotationError { span: end..end, kind: Wrong::Missing(part) }
    }
}

fn protocol(word: Word<'_>) -> Result<u8, NotationError> {
    if word.text.bytes().all(|it| it.is_ascii_digit()) {
        return word.number().ok_or_else(|| word.expected(Part::Protocol, None));
    }
    word.lookup(&PROTOCOLS, Part::Protocol)
}

/// An end of the packet, and where its port is written.
fn end(word: Word<'_>) -> Result<(End, Range<usize>), NotationError> {
    if let Some(at) = word.text.find("->") {
        return Err(word.part(at, at + 2).expected(Part::Arrow, None));
    }
    let (address, port) = if let Some(inner) = word.text.strip_prefix('[') {
        let Some(length) = inner.find(']') else {
            return Err(word.expected(Part::Address, None));
        };
        let (inside, behind) = (word.part(1, 1 + length), word.part(length + 2, word.text.len()));
        let is_six = inside.text.parse::<Ipv6Addr>().is_ok();
        let is_other = inside.text == "host" || inside.text.parse::<Ipv4Addr>().is_ok();
        if !is_six && is_other {
            return Err(inside.wrong(Wrong::NeedsNoBrackets));
        }
        match behind.split(':') {
            _ if behind.text.is_empty() => (inside, None),
            Some((nothing, port)) if nothing.text.is_empty() => (inside, Some(port)),
            _ => return Err(behind.expected(Part::Port, None)),
        }
    } else if word.text.matches(':').count() == 1 {
        let (address, port) = word.split(':').expect("a colon was counted");
        (address, Some(port))
    } else {
        (word, None)
    };
    let address = self::address(address)?;
    let Some(word) = port else { return Ok((End { address, port: None }, 0..0)) };
    let port = word.number().ok_or_else(|| word.expected(Part::Port, None))?;
    Ok((End { address, port: Some(port) }, word.span()))
}

fn address(word: Word<'_>) -> Result<Address, NotationError> {
    if word.text == "host" {
        return Ok(Address::Host);
    }
    if let Ok(address) = word.text.parse::<IpAddr>() {
        return Ok(Address::Literal(address));
    }
    let without_port = word.text.rsplit_once(':').map(|(address, _)| address);
    if without_port.is_some_and(|it| it.parse::<Ipv6Addr>().is_ok()) {
        return Err(word.wrong(Wrong::NeedsBrackets));
    }
    Err(word.expected(Part::Address, nearest(word.text, ["host"].into_iter())))
}

/// The options as they are read.
#[derive(Default)]
struct Options {
    /// Those that were there, and where.
    seen: Vec<(&'static str, Range<usize>)>,
    from: Option<Interface>,
    to: Option<Interface>,
    state: Option<State>,
    direction: Option<Direction>,
    flags: Option<u8>,
    icmp: Option<Icmp>,
    mark: Option<u32>,
}

impl Options {
    fn read<'t>(&mut self, key: Word<'t>, words: &mut Words<'t>) -> Result<(), NotationError> {
        let Some(name) = OPTIONS.into_iter().find(|name| *name == key.text) else {
            return Err(key.expected(Part::Option, nearest(key.text, OPTIONS.into_iter())));
        };
        if self.seen.iter().any(|(seen, _)| *seen == name) {
            return Err(key.wrong(Wrong::Twice(name)));
        }
        words.next(Part::Option)?;
        let end = match name {
            "in" | "out" => {
                let word = words.next(Part::Interface)?;
                let interface = Interface::new(word.text);
                let interface = interface.ok_or_else(|| word.expected(Part::Interface, None))?;
                *if name == "in" { &mut self.from } else { &mut self.to } = Some(interface);
                word
            }
            "state" => {
                let word = words.next(Part::State)?;
                self.state = Some(word.lookup(&STATES, Part::State)?);
                word
            }
            "dir" => {
                let word = words.next(Part::Direction)?;
                self.direction = Some(word.lookup(&DIRECTIONS, Part::Direction)?);
                word
            }
            "flags" => {
                let word = words.next(Part::Flags)?;
                self.flags = Some(flags(word)?);
                word
            }
            "type" => {
                let word = words.next(Part::Icmp)?;
                self.icmp = Some(icmp(word).ok_or_else(|| word.expected(Part::Icmp, None))?);
                word
            }
            _ => {
                let word = words.next(Part::Mark)?;
                self.mark = Some(mark(word).ok_or_else(|| word.expected(Part::Mark, None))?);
                word
            }
        };
        self.seen.push((name, key.start..end.span().end));
        Ok(())
    }

    /// Where an option that was read is written.
    fn span(&self, name: &str) -> Range<usize> {
        let seen = self.seen.iter().find(|(seen, _)| *seen == name);
        seen.map(|(_, span)| span.clone()).expect("the option was read")
    }

    fn route(&mut self) -> Option<Route> {
        match (self.from.take(), self.to.take()) {
            (Some(from), None) => Some(Route::Input { from }),
            (Some(from), Some(to)) => Some(Route::Forward { from, to }),
            (None, Some(to)) => Some(Route::Output { to }),
            (None, None) => None,
        }
    }
}

fn flags(word: Word<'_>) -> Result<u8, NotationError> {
    if word.text == "none" {
        return Ok(0);
    }
    let (mut flags, mut rest) = (0, Some(word));
    while let Some(word) = rest {
        let (first, others) = word.split(',').map_or((word, None), |(a, b)| (a, Some(b)));
        if first.text == "none" {
            return Err(first.wrong(Wrong::NoneBesideFlag));
        }
        flags |= first.lookup(&FLAGS, Part::Flags)?;
        rest = others;
    }
    Ok(flags)
}

fn icmp(word: Word<'_>) -> Option<Icmp> {
    let Some((kind, code)) = word.split('/') else {
        return Some(Icmp { kind: word.number()?, code: None });
    };
    Some(Icmp { kind: kind.number()?, code: Some(code.number()?) })
}

fn mark(word: Word<'_>) -> Option<u32> {
    let Some(digits) = word.text.strip_prefix("0x") else { return word.number() };
    let is_plain = digits.bytes().all(|it| it.is_ascii_hexdigit());
    is_plain.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// The name that somebody who wrote `word` perhaps meant.
fn nearest(word: &str, names: impl Iterator<Item = &'static str>) -> Suggestion {
    const LONGEST: usize = 32;
    if word.len() > LONGEST {
        return None;
    }
    let (word, limit) = (word.to_lowercase(), (word.len() / 3).clamp(1, 3));
    let distances = names.map(|name| (strsim::damerau_levenshtein(&word, name), name));
    let near = distances.filter(|(distance, name)| *distance <= limit && *distance < name.len());
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}
