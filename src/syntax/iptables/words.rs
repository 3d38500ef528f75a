use crate::{source::Span, syntax::iptables::values::unquoted};
use memchr::{memchr2, memchr3};
use nom::{IResult, Parser, bytes::complete::take_while, combinator::rest, sequence::preceded};
use std::borrow::Cow;

/// The longest word that fits the loader's buffer.
pub(super) const LONGEST_WORD: usize = 1023;

/// What is left of a line; always a suffix of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    /// From the first byte that counts to the end of the line.
    pub(super) text: &'t str,
    /// The offset of the line's end in the file.
    pub(super) end: u32,
}

impl<'t> Line<'t> {
    pub(super) fn span(self) -> Span {
        Span::new(self.at(self.text), self.end)
    }

    /// The offset of `rest`, a suffix of the line.
    fn at(self, rest: &str) -> u32 {
        self.end - u32::try_from(rest.len()).unwrap_or(self.end)
    }

    /// Runs `parser` over the line and says where its result stands.
    pub(super) fn spanned<O>(
        self,
        parser: impl Parser<&'t str, Output = O, Error = nom::error::Error<&'t str>>,
    ) -> Option<(Self, Span, O)> {
        let mut parser = parser;
        let (rest, output) = parser.parse(self.text).ok()?;
        Some((
            Self { text: rest, end: self.end },
            Span::new(self.at(self.text), self.at(rest)),
            output,
        ))
    }

    pub(super) fn skip_blanks(self) -> Self {
        Self { text: self.text.trim_start_matches([' ', '\t']), end: self.end }
    }
}

/// A word as the loader sees it, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Word<'t> {
    /// Without quotes and escapes.
    pub(super) text: Cow<'t, str>,
    /// With them.
    pub(super) span: Span,
}

/// A word of a script with something in it that the script does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::syntax) struct Unresolved {
    /// Where it stands.
    pub(in crate::syntax) span: Span,
    /// Which unknown value.
    pub(in crate::syntax) number: u32,
    /// Whether it may be no word or several.
    pub(in crate::syntax) open: bool,
}

impl Unresolved {
    /// Those of `all`, in their order, that stand in `span`.
    pub(in crate::syntax) fn within(all: &[Self], span: Span) -> impl Iterator<Item = Self> {
        let from = all.partition_point(|it| it.span.end <= span.start);
        all[from..].iter().copied().take_while(move |it| it.span.start < span.end)
    }
}

/// Splits the whole line; `words` is emptied first.
// words := (blank* word)* blank*
pub(super) fn split<'t>(line: Line<'t>, words: &mut Vec<Word<'t>>) {
    words.clear();
    let mut left = line.skip_blanks();
    while let Some((after, span, text)) = left.spanned(word) {
        words.push(Word { text, span });
        left = after.skip_blanks();
    }
}

// word := bare+ | bare* "\"" (quoted | "\\" any)* "\""
fn word(input: &str) -> IResult<&str, Cow<'_, str>> {
    let bytes = input.as_bytes();
    let Some(at) = memchr3(b' ', b'\t', b'"', bytes) else {
        return if input.is_empty() {
            Err(no_word(input))
        } else {
            rest.map(Cow::Borrowed).parse(input)
        };
    };
    if bytes[at] != b'"' {
        let (word, rest) = input.split_at(at);
        return if word.is_empty() { Err(no_word(input)) } else { Ok((rest, Cow::Borrowed(word))) };
    }
    let mut end = at + 1;
    // A quote that closes ends the word; one that is never closed takes the rest of the line, with its end.
    while let Some(stop) = memchr2(b'"', b'\\', &bytes[end..]) {
        if bytes[end + stop] == b'"' {
            let (word, rest) = input.split_at(end + stop + 1);
            return Ok((rest, unquoted(word)));
        }
        let escaped = input[end + stop + 1..].chars().next().map_or(0, char::len_utf8);
        end += stop + 1 + escaped;
    }
    let mut open = unquoted(input).into_owned();
    open.push('\n');
    Ok(("", Cow::Owned(open)))
}

fn no_word(input: &str) -> nom::Err<nom::error::Error<&str>> {
    nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Eof))
}

// token := blank* nonblank+
pub(super) fn token(input: &str) -> IResult<&str, &str> {
    preceded(take_while(is_blank), nom::bytes::complete::take_while1(|it| !is_blank(it)))
        .parse(input)
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

#[cfg(test)]
mod tests {
    use super::{Line, split};

    #[test]
    fn a_closing_quote_ends_the_word() {
        for (line, expected) in [
            ("-A  INPUT\t-j", "-A|INPUT|-j"),
            ("\"a b\"c d", "a b|c|d"),
            ("a\"b c\" d", "ab c|d"),
            ("\"\" x", "|x"),
            ("\"a \\\" b\" x", "a \" b|x"),
            ("'a b'", "'a|b'"),
            ("\"open to the end", "open to the end\n"),
            ("  ", ""),
        ] {
            let mut words = Vec::new();
            split(Line { text: line, end: u32::try_from(line.len()).expect("short") }, &mut words);
            let found: Vec<_> = words.iter().map(|word| word.text.as_ref()).collect();
            assert_eq!(found.join("|"), expected, "{line}");
        }
    }
}
