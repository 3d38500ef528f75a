//! Words: quotes, escapes, and what a `$` begins.

use super::{Parser, Read, open, span};
use crate::{
    source::Span,
    syntax::script::tree::{Default, Part, PartKind, Word},
};
use memchr::memchr;
use nom::{
    IResult, Parser as _,
    branch::alt,
    bytes::complete::{tag, take_while, take_while_m_n, take_while1},
    character::complete::{char, one_of},
    combinator::recognize,
    sequence::{delimited, pair},
};

// name := (letter | "_") (letter | digit | "_")*
pub(super) fn name(input: &str) -> IResult<&str, &str> {
    recognize(pair(
        take_while_m_n(1, 1, |it: char| it.is_ascii_alphabetic() || it == '_'),
        take_while(|it: char| it.is_ascii_alphanumeric() || it == '_'),
    ))
    .parse(input)
}

// parameter := name | digit+ | "@" | "*" | "#" | "?" | "$" | "!" | "-"
fn parameter(input: &str) -> IResult<&str, &str> {
    let digits = take_while1(|it: char| it.is_ascii_digit());
    alt((name, digits, recognize(one_of("@*#?$!-")))).parse(input)
}

// index := "[" any* "]"
fn index(input: &str) -> IResult<&str, &str> {
    delimited(char('['), take_while(|it| it != ']'), char(']')).parse(input)
}

/// Whether a byte ends a word that stands free.
fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')
}

/// What a word is read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// Between blanks.
    Free,
    /// Between double quotes.
    Quotes,
    /// In the text behind `<<`, which ends here.
    Document(usize),
    /// Behind the operator of `${NAME:-…}`, up to the brace; and whether quotes are around it.
    Braces { quoted: bool },
}

impl Within {
    const fn is_quoted(self) -> bool {
        !matches!(self, Self::Free | Self::Braces { quoted: false })
    }
}

impl Parser<'_> {
    // word := (text | quoted | "\\" any | dollar)+
    pub(super) fn word(&mut self) -> Read<Word> {
        let start = self.at;
        let mut parts = Vec::new();
        self.parts(Within::Free, &mut parts)?;
        Ok(Word { span: span(start, self.at), parts })
    }

    /// Reads up to what ends `within`, which is not taken.
    pub(super) fn parts(&mut self, within: Within, parts: &mut Vec<Part>) -> Read<()> {
        let mut plain = Plain::at(self.at);
        while let Some(byte) = self.byte() {
            let start = self.at;
            match (within, byte) {
                (Within::Document(end), _) if self.at >= end => break,
                (Within::Free, _) if ends_word(byte) => break,
                (Within::Quotes, b'"') | (Within::Braces { .. }, b'}') => break,
                (Within::Free | Within::Braces { quoted: false }, b'\'') => {
                    plain.finish(start, within, parts);
                    self.single_quotes(parts)?;
                    plain = Plain::at(self.at);
                }
                (Within::Free | Within::Braces { .. }, b'"') => {
                    plain.finish(start, within, parts);
                    self.double_quotes(parts)?;
                    plain = Plain::at(self.at);
                }
                (_, b'\\') => self.escape(within, &mut plain),
                (_, b'$') => {
                    if self.text.as_bytes().get(self.at + 1) == Some(&b'\'')
                        && within == Within::Free
                    {
                        plain.finish(start, within, parts);
                        self.at += 1;
                        self.single_quotes(parts)?;
                    } else if let Some(kind) = self.dollar(within.is_quoted())? {
                        plain.finish(start, within, parts);
                        let (span, quoted) = (span(start, self.at), within.is_quoted());
                        parts.push(Part { span, quoted, kind });
                    } else {
                        plain.text.push('$');
                        self.at += 1;
                        continue;
                    }
                    plain = Plain::at(self.at);
                }
                (_, b'`') => {
                    plain.finish(start, within, parts);
                    let kind = self.backticks()?;
                    let (span, quoted) = (span(start, self.at), within.is_quoted());
                    parts.push(Part { span, quoted, kind });
                    plain = Plain::at(self.at);
                }
                _ => {
                    let character = self.rest().chars().next().unwrap_or_default();
                    plain.text.push(character);
                    self.at += character.len_utf8();
                }
            }
        }
        plain.finish(self.at, within, parts);
        Ok(())
    }

    // escape := "\\" any ; between quotes it takes its meaning from few characters only
    fn escape(&mut self, within: Within, plain: &mut Plain) {
        let next = self.rest().chars().nth(1);
        let meant = match within {
            Within::Free | Within::Braces { quoted: false } => true,
            Within::Quotes | Within::Braces { quoted: true } => {
                matches!(next, Some('$' | '`' | '"' | '\\' | '\n'))
            }
            Within::Document(_) => matches!(next, Some('$' | '`' | '\\' | '\n')),
        };
        self.at += 1;
        plain.escaped |= meant;
        match next {
            Some('\n') if meant => self.at += 1,
            Some(character) if meant => {
                plain.text.push(character);
                self.at += character.len_utf8();
            }
            _ => plain.text.push('\\'),
        }
    }

    // single := "'" any* "'"
    fn single_quotes(&mut self, parts: &mut Vec<Part>) -> Read<()> {
        let start = self.at;
        let Some(length) = memchr(b'\'', &self.text.as_bytes()[start + 1..]) else {
            self.at = self.text.len();
            return Err(open(start, start + 1, "'"));
        };
        self.at = start + length + 2;
        let text = self.text[start + 1..self.at - 1].to_owned();
        let span = span(start + 1, self.at - 1);
        parts.push(Part { span, quoted: true, kind: PartKind::Text(text) });
        Ok(())
    }

    // double := "\"" (text | "\\" any | dollar)* "\""
    fn double_quotes(&mut self, parts: &mut Vec<Part>) -> Read<()> {
        let start = self.at;
        self.at += 1;
        let before = parts.len();
        self.parts(Within::Quotes, parts)?;
        if self.byte() != Some(b'"') {
            return Err(open(start, start + 1, "\""));
        }
        if parts.len() == before {
            let span = span(self.at, self.at);
            parts.push(Part { span, quoted: true, kind: PartKind::Text(String::new()) });
        }
        self.at += 1;
        Ok(())
    }

    // dollar := "$" parameter | "${" … "}" | "$((" … "))" | "$(" … ")"
    fn dollar(&mut self, quoted: bool) -> Read<Option<PartKind>> {
        let start = self.at;
        let rest = &self.text[start + 1..];
        if rest.starts_with("((") {
            self.at += 1;
            self.balanced(start, "$((")?;
            return Ok(Some(PartKind::Computed));
        }
        if rest.starts_with('(') {
            self.at += 1;
            self.balanced(start, "$(")?;
            return Ok(Some(PartKind::Commands(self.text[start + 2..self.at - 1].to_owned())));
        }
        if rest.starts_with('{') {
            self.at += 2;
            return self.braces(start, quoted).map(Some);
        }
        let Ok((after, name)) = parameter(rest) else { return Ok(None) };
        // Only one digit belongs to the name without braces.
        let length = if name.starts_with(|it: char| it.is_ascii_digit()) {
            1
        } else {
            rest.len() - after.len()
        };
        self.at += 1 + length;
        Ok(Some(PartKind::Variable { name: rest[..length].to_owned(), all: false, default: None }))
    }

    // braces := parameter index? ((":"? ("-" | "=" | "+" | "?") word) | other)? "}"
    fn braces(&mut self, start: usize, quoted: bool) -> Read<PartKind> {
        let Some(name) = self.take(parameter) else { return self.computed(start, quoted) };
        let index = self.take(index);
        let all = matches!(index, Some("@" | "*"));
        if self.byte() == Some(b'}') {
            self.at += 1;
            // One element, by its number: which, is not followed.
            if index.is_some_and(|index| !all && index != "0") {
                return Ok(PartKind::Computed);
            }
            return Ok(PartKind::Variable { name: name.to_owned(), all, default: None });
        }
        let operator = alt((
            tag(":-"),
            tag(":="),
            tag(":+"),
            tag(":?"),
            tag("-"),
            tag("="),
            tag("+"),
            tag("?"),
        ));
        let Some(operator) = self.take(operator) else { return self.computed(start, quoted) };
        let from = self.at;
        let mut parts = Vec::new();
        self.deeper(start, |it| it.parts(Within::Braces { quoted }, &mut parts))?;
        if self.byte() != Some(b'}') {
            return Err(open(start, start + 2, "${"));
        }
        let word = Word { span: span(from, self.at), parts };
        self.at += 1;
        let operator = operator.chars().next_back().unwrap_or('-');
        let default = Some(Default { operator, word });
        Ok(PartKind::Variable { name: name.to_owned(), all, default })
    }

    /// Passes over an expansion that is not followed, to its brace.
    fn computed(&mut self, start: usize, quoted: bool) -> Read<PartKind> {
        let mut parts = Vec::new();
        self.deeper(start, |it| it.parts(Within::Braces { quoted }, &mut parts))?;
        if self.byte() != Some(b'}') {
            return Err(open(start, start + 2, "${"));
        }
        self.at += 1;
        Ok(PartKind::Computed)
    }

    // backticks := "`" any* "`"
    fn backticks(&mut self) -> Read<PartKind> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'`' => {
                    self.at = at + 1;
                    return Ok(PartKind::Commands(self.text[start + 1..at].to_owned()));
                }
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.at = self.text.len();
        Err(open(start, start + 1, "`"))
    }

    /// Passes over what stands between parentheses, from the first of them, quotes respected.
    pub(super) fn balanced(&mut self, start: usize, what: &'static str) -> Read<()> {
        let bytes = self.text.as_bytes();
        let (mut depth, mut at) = (0_u32, self.at);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at = at + 1;
                        return Ok(());
                    }
                }
                b'\\' => at += 1,
                b'#' if at > 0 && matches!(bytes[at - 1], b' ' | b'\n' | b'\t') && what == "$(" => {
                    at += memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
                    continue;
                }
                b'\'' => at += memchr(b'\'', &bytes[at + 1..]).map_or(bytes.len(), |it| it + 1),
                b'"' => at = closing_quote(bytes, at),
                _ => {}
            }
            at += 1;
        }
        self.at = self.text.len();
        Err(open(start, (start + what.len()).min(self.text.len()), what))
    }
}

/// The quote that closes the one at `at`, or the end.
fn closing_quote(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// Text that is being read.
struct Plain {
    start: usize,
    text: String,
    /// Whether a character was escaped, so that the text is there even if it is empty or looks like a keyword.
    escaped: bool,
}

impl Plain {
    const fn at(start: usize) -> Self {
        Self { start, text: String::new(), escaped: false }
    }

    fn finish(self, end: usize, within: Within, parts: &mut Vec<Part>) {
        let Self { start, text, escaped } = self;
        if text.is_empty() {
            return;
        }
        let quoted = within.is_quoted() || escaped;
        let span: Span = span(start, end);
        parts.push(Part { span, quoted, kind: PartKind::Text(text) });
    }
}
