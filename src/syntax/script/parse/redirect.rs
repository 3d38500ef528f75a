//! Redirections, and the texts behind `<<`.

use super::{Parser, Read, span, word::Within};
use crate::syntax::{
    Error, ErrorKind, ShellError,
    script::tree::{Document, Part, PartKind, Redirect, RedirectKind, Word},
};
use memchr::memchr;
use nom::{
    IResult, Parser as _,
    branch::alt,
    bytes::complete::{tag, take_while},
};

/// A document that was announced.
pub(super) struct Pending {
    number: usize,
    end: String,
    /// Whether tabs at the beginning of its lines do not count.
    strip: bool,
    /// Whether nothing in it is expanded.
    quoted: bool,
}

impl Parser<'_> {
    pub(super) fn redirects(&mut self) -> Read<Vec<Redirect>> {
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => return Ok(redirects),
            }
        }
    }

    // redirect := digit* (">" | ">>" | ">&" | "<" | "<<" | "<<<" | …) word
    pub(super) fn redirect(&mut self) -> Read<Option<Redirect>> {
        let Ok((rest, (number, operator))) = redirection(self.rest()) else { return Ok(None) };
        let start = self.at;
        self.at = self.text.len() - rest.len();
        if operator.starts_with("<<") && operator != "<<<" {
            self.blanks();
            let number = self.announced(operator == "<<-")?;
            return Ok(Some(Redirect { kind: RedirectKind::Document(number) }));
        }
        self.blanks();
        let word = self.word()?;
        if word.parts.is_empty() {
            let kind = ErrorKind::Shell(ShellError::Unexpected);
            return Err(Error { span: span(start, self.at), kind });
        }
        let kind = match (operator, number) {
            ("<", "" | "0") => RedirectKind::Input(word),
            ("<<<", _) => RedirectKind::Text(word),
            (">" | ">|" | "&>", "" | "1") => RedirectKind::Output { file: word, adds: false },
            (">>" | "&>>", "" | "1") => RedirectKind::Output { file: word, adds: true },
            _ => RedirectKind::Other,
        };
        Ok(Some(Redirect { kind }))
    }

    /// Takes the word behind `<<` that ends a document.
    fn announced(&mut self, strip: bool) -> Read<usize> {
        let start = self.at;
        let word = self.word()?;
        let plain = |it: &Part| self.text.get(it.span.range());
        let end: String = match word.literal() {
            Some(text) => text,
            None => word.parts.iter().filter_map(plain).collect(),
        };
        if word.parts.is_empty() {
            let kind = ErrorKind::Shell(ShellError::Unexpected);
            return Err(Error { span: span(start, self.word_end()), kind });
        }
        let quoted = word.parts.iter().any(|part| part.quoted);
        let number = self.documents.len();
        self.documents.push(Document::default());
        self.pending.push(Pending { number, end, strip, quoted });
        Ok(number)
    }

    // document := line* END NL ; the end of the script ends it too
    pub(super) fn document(&mut self, Pending { number, end, strip, quoted }: Pending) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let (mut lines, mut stop, mut next) = (Vec::new(), bytes.len(), bytes.len());
        let mut from = start;
        while from < bytes.len() {
            let to = memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |length| from + length);
            let line = &self.text[from..to];
            let skipped = if strip { line.len() - line.trim_start_matches('\t').len() } else { 0 };
            if line[skipped..].trim_end_matches('\r') == end {
                (stop, next) = (from, (to + 1).min(bytes.len()));
                break;
            }
            let line_end = (to + 1).min(bytes.len());
            lines.push((from + skipped, line_end));
            from = line_end;
        }
        let mut text = Word { span: span(start, stop), parts: Vec::new() };
        let lines = if strip { lines } else { vec![(start, stop)] };
        for (from, to) in lines {
            if quoted {
                let kind = PartKind::Text(self.text[from..to].to_owned());
                text.parts.push(Part { span: span(from, to), quoted, kind });
                continue;
            }
            self.at = from;
            if let Err(error) = self.parts(Within::Document(to), &mut text.parts) {
                self.errors.add(error);
            }
        }
        self.at = next;
        self.documents[number] = Document { text };
    }
}

// redirection := digit* operator
fn redirection(input: &str) -> IResult<&str, (&str, &str)> {
    let operator = alt((
        tag("<<<"),
        tag("<<-"),
        tag("<<"),
        tag("<&"),
        tag("<>"),
        tag("<"),
        tag("&>>"),
        tag("&>"),
        tag(">>"),
        tag(">&"),
        tag(">|"),
        tag(">"),
    ));
    (take_while(|it: char| it.is_ascii_digit()), operator).parse(input)
}
