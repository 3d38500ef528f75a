//! JSON with a span on every value.

use crate::source::Span;
use memchr::memchr2;

/// How deep values are read into each other.
const DEEPEST: u32 = 100;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// All of it, with the quotes of a string.
    pub(super) span: Span,
    pub(super) value: Value,
}

/// The kinds of value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(Option<u64>),
    /// The text between the quotes.
    String(Span),
    Array(Vec<Node>),
    /// Keys without their quotes, in the order written.
    Object(Vec<(Span, Node)>),
}

impl Node {
    /// What stands at `key` in an object.
    pub(super) fn get(&self, text: &str, key: &str) -> Option<&Self> {
        let Value::Object(members) = &self.value else { return None };
        members.iter().find(|(name, _)| text.get(name.range()) == Some(key)).map(|(_, node)| node)
    }

    /// The only member of an object.
    pub(super) fn only(&self) -> Option<(Span, &Self)> {
        match &self.value {
            Value::Object(members) => members.first().map(|(name, node)| (*name, node)),
            _ => None,
        }
    }

    /// The text of a string.
    pub(super) fn string(&self) -> Option<Span> {
        match self.value {
            Value::String(span) => Some(span),
            _ => None,
        }
    }

    /// The members of an array; of anything else, itself.
    pub(super) fn list(&self) -> &[Self] {
        match &self.value {
            Value::Array(nodes) => nodes,
            _ => std::slice::from_ref(self),
        }
    }
}

/// The whole text as one value, or where it cannot be read.
pub(super) fn read(text: &str) -> Result<Node, Span> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.value(0)?;
    reader.blanks();
    if reader.at < text.len() { Err(reader.here()) } else { Ok(node) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn here(&self) -> Span {
        let length =
            self.text.get(self.at..).and_then(|it| it.chars().next()).map_or(0, char::len_utf8);
        span(self.at, self.at + length)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    // value := object | array | string | number | "true" | "false" | "null"
    fn value(&mut self, depth: u32) -> Result<Node, Span> {
        self.blanks();
        let start = self.at;
        if depth > DEEPEST {
            return Err(self.here());
        }
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => {
                let rest = &self.text[start..];
                let part =
                    |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let length = rest.bytes().take_while(|byte| part(byte)).count();
                self.at += length;
                Value::Number(rest[..length].parse().ok())
            }
            _ => {
                let words = [
                    ("true", Value::Bool(true)),
                    ("false", Value::Bool(false)),
                    ("null", Value::Null),
                ];
                let rest = &self.text[start..];
                let word = words.into_iter().find(|(word, _)| rest.starts_with(word));
                let Some((word, value)) = word else { return Err(self.here()) };
                self.at += word.len();
                value
            }
        };
        Ok(Node { span: span(start, self.at), value })
    }

    // object := "{" (string ":" value ("," string ":" value)*)? "}"
    fn object(&mut self, depth: u32) -> Result<Value, Span> {
        self.at += 1;
        let mut members = Vec::new();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.here());
            }
            let name = self.string()?;
            if !self.take(b':') {
                return Err(self.here());
            }
            members.push((name, self.value(depth + 1)?));
            if self.take(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.take(b',') {
                return Err(self.here());
            }
        }
    }

    // array := "[" (value ("," value)*)? "]"
    fn array(&mut self, depth: u32) -> Result<Value, Span> {
        self.at += 1;
        let mut nodes = Vec::new();
        if self.take(b']') {
            return Ok(Value::Array(nodes));
        }
        loop {
            nodes.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Ok(Value::Array(nodes));
            }
            if !self.take(b',') {
                return Err(self.here());
            }
        }
    }

    // string := "\"" (any | "\\" any)* "\""
    fn string(&mut self) -> Result<Span, Span> {
        let open = self.at;
        let mut at = open + 1;
        let bytes = self.text.as_bytes();
        while let Some(stop) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
            at += stop;
            if bytes[at] == b'"' {
                self.at = at + 1;
                return Ok(span(open + 1, at));
            }
            let escaped = self.text.get(at + 1..).and_then(|rest| rest.chars().next());
            at += 1 + escaped.map_or(1, char::len_utf8);
        }
        Err(span(open, open + 1))
    }
}

fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}
