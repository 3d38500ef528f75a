//! From text to tokens, the longest match first, as the loader's scanner cuts them.

use crate::{
    source::Span,
    syntax::nft::{tree::ExprKind, values},
};
use memchr::memchr;
use nom::{
    IResult, Parser,
    bytes::complete::{take_while, take_while_m_n, take_while1},
    character::complete::char,
    combinator::{opt, recognize},
    sequence::{pair, preceded},
};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A letter, `_` or `.`, then letters, digits and `/-_.`.
    Word,
    /// A word that ends in `*`.
    Wildcard,
    /// `"…"`.
    Quoted,
    /// Decimal, octal or hexadecimal digits.
    Number,
    /// `192.0.2.1`.
    Ipv4,
    /// `2001:db8::1`, `[2001:db8::1]`.
    Ipv6,
    /// Six groups of hexadecimal digits.
    Mac,
    /// `1d2h3m4s5ms`.
    Time,
    /// `1:10`, followed by what may end it.
    Class,
    /// A character with a meaning, and the operators of two as one.
    Sign(Sign),
    /// The end of a line.
    Newline,
    /// The end of the file.
    End,
    /// `"` that is never closed; the token goes on to the end of the file.
    OpenQuote,
    /// Anything else.
    Junk,
}

/// The punctuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sign {
    /// `{`
    Open,
    /// `}`
    Close,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `;`
    Semicolon,
    /// `:`
    Colon,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `/`
    Slash,
    /// `-`
    Dash,
    /// `+`
    Plus,
    /// `*`
    Asterisk,
    /// `@`
    At,
    /// `$`
    Dollar,
    /// `=`
    Assign,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `!`
    Not,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// The token that starts at or after `at`.
// token := blank* (word | number | quoted | sign | NL)
pub(super) fn token(text: &str, at: u32) -> Token {
    let start = skip(text, at as usize);
    let input = text.get(start..).unwrap_or_default();
    let (kind, length) = first(input);
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Token { kind, span: Span::new(offset(start), offset(start + length)) }
}

/// The kind of constant that the whole of `text` is; `None` for text that only quotes make one.
pub(in crate::syntax::nft) fn literal_kind(text: &str) -> Option<ExprKind> {
    let found = token(text, 0);
    if found.span.range() != (0..text.len()) || text.is_empty() {
        return None;
    }
    Some(match found.kind {
        Kind::Word | Kind::Wildcard => ExprKind::Word,
        Kind::Number => values::number(text).map_or(ExprKind::Long, ExprKind::Number),
        Kind::Ipv4 => text.parse().map_or(ExprKind::Word, ExprKind::Ipv4),
        Kind::Ipv6 => ExprKind::Ipv6,
        Kind::Mac => ExprKind::Mac,
        Kind::Time => ExprKind::Time,
        Kind::Class => ExprKind::ClassId,
        _ => return None,
    })
}

// blank := " " | "\t" | "\r" | "\\" NL | "#" any*
fn skip(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t') => at += 1,
            Some(b'\\') if bytes.get(at + 1) == Some(&b'\n') => at += 2,
            Some(b'#') => at += memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
            _ => return at,
        }
    }
}

fn first(input: &str) -> (Kind, usize) {
    let bytes = input.as_bytes();
    let Some(first) = bytes.first() else { return (Kind::End, 0) };
    match first {
        b'\n' => (Kind::Newline, 1),
        b'\r' if bytes.get(1) == Some(&b'\n') => (Kind::Newline, 2),
        b'"' => match memchr(b'"', &bytes[1..]) {
            Some(end) => (Kind::Quoted, end + 2),
            None => (Kind::OpenQuote, bytes.len()),
        },
        b'0'..=b'9' => longest(input, numeric(input)),
        b'a'..=b'f' | b'A'..=b'F' => longest(input, wordlike(input)),
        b'g'..=b'z' | b'G'..=b'Z' | b'_' | b'.' => wordlike(input),
        b':' if bytes.get(1) == Some(&b':') => longest(input, (Kind::Sign(Sign::Colon), 1)),
        b'[' => bracketed(input),
        b'\\' if bytes.get(1) == Some(&b'*') => (Kind::Word, 2),
        _ => sign(input),
    }
}

/// Whatever begins like the group of an address may be one; the longer match wins.
fn longest(input: &str, other: (Kind, usize)) -> (Kind, usize) {
    let bytes = input.as_bytes();
    let group = bytes.iter().take(5).take_while(|byte| byte.is_ascii_hexdigit()).count();
    if group > 4 || bytes.get(group) != Some(&b':') {
        return other;
    }
    match address(input).or_else(|| class(input, group)) {
        Some((kind, length)) if length > other.1 => (kind, length),
        _ => other,
    }
}

// class := hex{1,4} ":" hex{1,4}, before a blank, `:`, `-`, `}` or `,`
fn class(input: &str, group: usize) -> Option<(Kind, usize)> {
    let minor = input.as_bytes().get(group + 1..)?;
    let digits = minor.iter().take(5).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let next = minor.get(digits).copied().unwrap_or(b'\n');
    let ends = matches!(next, b' ' | b'\t' | b'\n' | b':' | b'-' | b'}' | b',');
    ((1..=4).contains(&digits) && ends).then_some((Kind::Class, group + 1 + digits))
}

/// The longest IPv6 or MAC address at the start of `input`.
fn address(input: &str) -> Option<(Kind, usize)> {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let mut colons = 0;
    let part = |byte: &u8| {
        colons += usize::from(*byte == b':');
        is_part(byte) && colons < 9
    };
    let mut length = input.bytes().take(46).take_while(part).count();
    let double = input[..length].contains("::");
    // Cut back from the right: `fe80::1:22` is one address, `00:11:22:33:44:55:drop` a MAC address and a word.
    while length > 1 {
        let text = &input[..length];
        let colons = text.bytes().filter(|byte| *byte == b':').count();
        let may_be = double || colons == 5 || colons == 7 || text.contains('.');
        if colons < 2 {
            return None;
        }
        if may_be && text.parse::<std::net::Ipv6Addr>().is_ok() {
            return Some((Kind::Ipv6, length));
        }
        if colons == 5 && values::mac(text).is_some() {
            return Some((Kind::Mac, length));
        }
        length -= 1;
    }
    None
}

// bracketed := "[" ipv6 "]" | "["
fn bracketed(input: &str) -> (Kind, usize) {
    let bracket = (Kind::Sign(Sign::OpenBracket), 1);
    let near = &input.as_bytes()[..input.len().min(50)];
    let Some(end) = memchr(b']', near) else { return bracket };
    match input.get(..=end).and_then(values::ipv6) {
        Some(_) => (Kind::Ipv6, end + 1),
        _ => bracket,
    }
}

// number := "0x" hex+ | digit+ | ipv4 | time
fn numeric(input: &str) -> (Kind, usize) {
    let length = |result: IResult<&str, &str>| result.map_or(0, |(_, it)| it.len());
    let hex = length(hexadecimal(input));
    if hex > 0 {
        return (Kind::Number, hex);
    }
    let address = length(ipv4(input));
    if address > 0 {
        return (Kind::Ipv4, address);
    }
    let digits = input.bytes().take_while(u8::is_ascii_digit).count();
    let time = time(input);
    if time > digits {
        return (Kind::Time, time);
    }
    for name in ["8021ad", "8021q"] {
        if input.starts_with(name) {
            return (Kind::Word, name.len());
        }
    }
    let octal = input.starts_with('0') && input[..digits].contains(['8', '9']);
    (if octal { Kind::Word } else { Kind::Number }, digits)
}

// hexadecimal := "0" ("x" | "X") hex+
fn hexadecimal(input: &str) -> IResult<&str, &str> {
    let digits = take_while1(|it: char| it.is_ascii_hexdigit());
    recognize(preceded(pair(char('0'), nom::branch::alt((char('x'), char('X')))), digits))
        .parse(input)
}

// ipv4 := digits "." digits "." digits "." digits
fn ipv4(input: &str) -> IResult<&str, &str> {
    let digits = || take_while_m_n(1, 3, |it: char| it.is_ascii_digit());
    recognize((digits(), char('.'), digits(), char('.'), digits(), char('.'), digits()))
        .parse(input)
}

// time := (digit+ "d")? (digit+ "h")? (digit+ "m")? (digit+ "s")? (digit+ "ms")?
fn time(input: &str) -> usize {
    let mut end = 0;
    let mut units = ["d", "h", "m", "s", "ms"].iter();
    loop {
        let rest = &input[end..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit = if rest[digits..].starts_with("ms") {
            "ms"
        } else {
            rest.get(digits..=digits).unwrap_or_default()
        };
        if digits == 0 || !units.any(|it| *it == unit) {
            return end;
        }
        end += digits + unit.len();
    }
}

// word := (letter | "_" | ".") (letter | digit | "/" | "-" | "_" | ".")* "*"?
fn wordlike(input: &str) -> (Kind, usize) {
    let part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '/' | '-' | '_' | '.');
    let escaped = pair(nom::bytes::complete::tag("\\*"), take_while(part));
    let word: IResult<&str, &str> = recognize(pair(take_while1(part), opt(escaped))).parse(input);
    let length = word.map_or(1, |(_, it)| it.len());
    if length == 1 && input.starts_with('.') {
        return (Kind::Sign(Sign::Dot), 1);
    }
    if input.as_bytes().get(length) == Some(&b'*') {
        return (Kind::Wildcard, length + 1);
    }
    (Kind::Word, length)
}

fn sign(input: &str) -> (Kind, usize) {
    const TWO: &[(&str, Sign)] = &[
        ("==", Sign::Equal),
        ("!=", Sign::NotEqual),
        ("<=", Sign::LessEqual),
        (">=", Sign::GreaterEqual),
        ("<<", Sign::ShiftLeft),
        (">>", Sign::ShiftRight),
    ];
    const ONE: &[(u8, Sign)] = &[
        (b'{', Sign::Open),
        (b'}', Sign::Close),
        (b'(', Sign::OpenParen),
        (b')', Sign::CloseParen),
        (b';', Sign::Semicolon),
        (b',', Sign::Comma),
        (b':', Sign::Colon),
        (b'/', Sign::Slash),
        (b'-', Sign::Dash),
        (b'+', Sign::Plus),
        (b'*', Sign::Asterisk),
        (b'@', Sign::At),
        (b'$', Sign::Dollar),
        (b'=', Sign::Assign),
        (b'<', Sign::Less),
        (b'>', Sign::Greater),
        (b'!', Sign::Not),
        (b'&', Sign::And),
        (b'|', Sign::Or),
        (b'^', Sign::Xor),
        (b']', Sign::CloseBracket),
    ];
    if let Some((text, sign)) = TWO.iter().find(|(text, _)| input.starts_with(text)) {
        return (Kind::Sign(*sign), text.len());
    }
    let byte = input.as_bytes()[0];
    if let Some((_, sign)) = ONE.iter().find(|(it, _)| *it == byte) {
        return (Kind::Sign(*sign), 1);
    }
    (Kind::Junk, input.chars().next().map_or(1, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::{Kind, token};

    fn tokens(text: &str) -> String {
        let mut found = Vec::new();
        let mut at = 0;
        loop {
            let token = token(text, at);
            at = token.span.end;
            let word = &text[token.span.range()];
            match token.kind {
                Kind::End => return found.join(" "),
                Kind::Sign(_) => found.push(word.to_owned()),
                Kind::Newline => found.push("NL".to_owned()),
                kind => found.push(format!("{kind:?}({word})")),
            }
        }
    }

    #[test]
    fn the_longest_match_wins() {
        for (text, expected) in [
            ("tcp dport 22-80", "Word(tcp) Word(dport) Number(22) - Number(80)"),
            ("10.0.0.0/8", "Ipv4(10.0.0.0) / Number(8)"),
            ("eth0.100", "Word(eth0.100)"),
            ("eth* eth\\*", "Wildcard(eth*) Word(eth\\*)"),
            ("a.b . c", "Word(a.b) . Word(c)"),
            ("fe80::1-fe80::2", "Ipv6(fe80::1) - Ipv6(fe80::2)"),
            ("::/0", "Ipv6(::) / Number(0)"),
            ("[::1]:80", "Ipv6([::1]) : Number(80)"),
            ("{22:accept}", "{ Number(22) : Word(accept) }"),
            ("00:11:22:33:44:55 : drop", "Mac(00:11:22:33:44:55) : Word(drop)"),
            ("00:11:22:33:44:55:drop", "Mac(00:11:22:33:44:55) : Word(drop)"),
            ("ad:c", "Class(ad:c)"),
            ("{ad:cx", "{ Word(ad) : Word(cx)"),
            ("1d2h 4h30m 5ms 10s", "Time(1d2h) Time(4h30m) Time(5ms) Time(10s)"),
            ("0x1f 020 08 8021q", "Number(0x1f) Number(020) Word(08) Word(8021q)"),
            ("a # b\nc \\\n d", "Word(a) NL Word(c) Word(d)"),
            ("\"a\nb\"", "Quoted(\"a\nb\")"),
            ("$x != @y", "$ Word(x) != @ Word(y)"),
            ("a \"b", "Word(a) OpenQuote(\"b)"),
            ("é", "Junk(é)"),
            ("1::2", "Ipv6(1::2)"),
            ("1000-2000", "Number(1000) - Number(2000)"),
            ("[2]", "[ Number(2) ]"),
            ("a\r\nb", "Word(a) NL Word(b)"),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }
}
