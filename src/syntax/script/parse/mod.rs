//! The grammar of the shell, one function a production, as far as scripts of firewall commands use it.
//!
//! ```text
//! list     := (and_or (";" | "&" | NL))*
//! and_or   := pipeline (("&&" | "||") NL* pipeline)*
//! pipeline := "!"? command ("|" NL* command)*
//! command  := (if | while | for | case | group | subshell | test | function | simple) redirect*
//! ```
//!
//! Recovery is by line: what does not read costs one error, and reading goes on behind the end of its line.

mod compound;
mod redirect;
mod word;

use super::tree::{Assigned, Assignment, Document, Node, NodeKind, Tree, Word};
use crate::{
    source::Span,
    syntax::{Error, ErrorKind, Errors, Limit, ShellError},
};
use memchr::memchr;
use nom::{
    IResult, Parser as _,
    bytes::complete::take_while,
    character::complete::char,
    combinator::{opt, recognize},
    sequence::{delimited, terminated},
};
use redirect::Pending;
use word::name;

/// How deep commands and expansions are read in each other.
const DEEPEST: u32 = 64;

type Read<T> = Result<T, Error>;

/// Reads a whole script.
pub(super) fn parse(text: &str) -> (Tree, Errors) {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        documents: Vec::new(),
        pending: Vec::new(),
        errors: Errors::default(),
    };
    if let Some(rest) = text.strip_prefix('\u{feff}') {
        parser.at = text.len() - rest.len();
    }
    if let Some(at) = memchr::memmem::find(text.as_bytes(), b"\r\n") {
        let error = Error { span: span(at, at + 1), kind: ErrorKind::CarriageReturn };
        parser.errors.add(error);
    }
    let mut nodes = Vec::new();
    loop {
        nodes.append(&mut parser.list());
        if parser.at >= text.len() {
            break;
        }
        // A word that closes what nothing opened.
        let start = parser.at;
        parser.at += parser.closer().map_or(1, str::len);
        let kind = ErrorKind::Shell(ShellError::Unexpected);
        parser.errors.add(Error { span: span(start, parser.at), kind });
    }
    (Tree { nodes, documents: parser.documents }, parser.errors)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
    documents: Vec<Document>,
    /// The documents whose text begins behind the end of this line.
    pending: Vec<Pending>,
    errors: Errors,
}

/// Words that end a list where a command could begin.
static CLOSERS: &[&str] = &["then", "else", "elif", "fi", "do", "done", "esac", "}", ")", ";;"];

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Runs `parser` on what is left, which it takes if it succeeds.
    fn take<O>(
        &mut self,
        parser: impl nom::Parser<&'t str, Output = O, Error = nom::error::Error<&'t str>>,
    ) -> Option<O> {
        let mut parser = parser;
        let (rest, output) = parser.parse(self.rest()).ok()?;
        self.at = self.text.len() - rest.len();
        Some(output)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn blanks(&mut self) {
        self.take(blanks);
    }

    /// Goes one level deeper, or says that this is too deep.
    fn deeper<T>(&mut self, start: usize, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEEPEST {
            let what = "commands in each other";
            let (limit, written) = (DEEPEST, DEEPEST + 1);
            let kind = ErrorKind::LimitExceeded(Limit { what, limit, written, truncated: false });
            return Err(Error { span: span(start, start + 1), kind });
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Takes the end of the line, and the documents that begin behind it.
    fn newline(&mut self) -> bool {
        if self.take(newline).is_none() {
            return false;
        }
        for pending in std::mem::take(&mut self.pending) {
            self.document(pending);
        }
        true
    }

    fn separators(&mut self) {
        loop {
            self.blanks();
            if self.newline() {
                continue;
            }
            let more = self.byte() == Some(b';') && !self.rest().starts_with(";;");
            if !more {
                return;
            }
            self.at += 1;
        }
    }

    fn newlines(&mut self) {
        loop {
            self.blanks();
            if !self.newline() {
                return;
            }
        }
    }

    /// The word that ends this list, if it stands here.
    fn closer(&self) -> Option<&'static str> {
        let rest = self.rest();
        CLOSERS.iter().copied().find(|word| {
            let symbol = matches!(*word, ")" | ";;");
            rest.strip_prefix(word).is_some_and(|after| symbol || ends(after))
        })
    }

    /// Whether the reserved word `word` stands here; takes it.
    fn reserved(&mut self, word: &str) -> bool {
        let found = self.rest().strip_prefix(word).is_some_and(ends);
        if found {
            self.at += word.len();
        }
        found
    }

    // list := (and_or (";" | "&" | NL))*
    fn list(&mut self) -> Vec<Node> {
        let mut nodes = Vec::new();
        loop {
            self.separators();
            if self.at >= self.text.len() || self.closer().is_some() {
                return nodes;
            }
            let start = self.at;
            match self.and_or() {
                Ok(node) => nodes.push(self.ended(node, start)),
                Err(error) => {
                    self.errors.add(error);
                    self.recover(start);
                }
            }
        }
    }

    /// What stands behind a command: `&`, or what separates it from the next.
    fn ended(&mut self, node: Node, start: usize) -> Node {
        self.blanks();
        if self.rest().starts_with('&') && !self.rest().starts_with("&&") {
            self.at += 1;
            let span = node.span;
            return Node {
                span,
                kind: NodeKind::Background(Box::new(node)),
                redirects: Vec::new(),
            };
        }
        let ends = matches!(self.byte(), None | Some(b'\n' | b'\r' | b';' | b')'));
        if !ends && self.closer().is_none() {
            let from = self.at;
            let kind = ErrorKind::Shell(ShellError::Unexpected);
            self.errors.add(Error { span: span(from, self.word_end()), kind });
            self.recover(start);
        }
        node
    }

    fn word_end(&self) -> usize {
        let rest = self.rest();
        let length = rest.find([' ', '\t', '\n', ';']).unwrap_or(rest.len());
        self.at + length.max(rest.chars().next().map_or(0, char::len_utf8))
    }

    /// Goes on behind the end of the line.
    fn recover(&mut self, start: usize) {
        self.at = self.at.max(start + 1).min(self.text.len());
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        let left = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += memchr(b'\n', left).unwrap_or(left.len());
    }

    // and_or := pipeline (("&&" | "||") NL* pipeline)*
    fn and_or(&mut self) -> Read<Node> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let and = self.rest().starts_with("&&");
            if !and && !self.rest().starts_with("||") {
                break;
            }
            self.at += 2;
            self.newlines();
            rest.push((and, self.pipeline()?));
        }
        let Some((_, last)) = rest.last() else { return Ok(first) };
        let span = first.span.to(last.span);
        let kind = NodeKind::Joined(Box::new(first), rest);
        Ok(Node { span, kind, redirects: Vec::new() })
    }

    // pipeline := "!"? command ("|" "&"? NL* command)*
    fn pipeline(&mut self) -> Read<Node> {
        let start = self.at;
        if self.reserved("!") {
            self.blanks();
            let node = self.deeper(start, Self::pipeline)?;
            let span = span(start, node.span.end as usize);
            return Ok(Node { span, kind: NodeKind::Not(Box::new(node)), redirects: Vec::new() });
        }
        let first = self.command()?;
        let mut stages = vec![first];
        loop {
            self.blanks();
            if !self.rest().starts_with('|') || self.rest().starts_with("||") {
                break;
            }
            self.at += 1;
            self.takes("&");
            self.newlines();
            stages.push(self.command()?);
        }
        if stages.len() == 1 {
            return Ok(stages.remove(0));
        }
        let end = stages.last().map_or(self.at, |it| it.span.end as usize);
        let kind = NodeKind::Pipe(stages);
        Ok(Node { span: span(start, end), kind, redirects: Vec::new() })
    }

    // command := (compound | function | simple) redirect*
    fn command(&mut self) -> Read<Node> {
        let start = self.at;
        self.deeper(start, |it| {
            if let Some(kind) = it.compound()? {
                let end = it.at;
                let redirects = it.redirects()?;
                return Ok(Node { span: span(start, end), kind, redirects });
            }
            it.simple()
        })
    }

    // simple := (assignment | redirect)* (word | redirect)*
    fn simple(&mut self) -> Read<Node> {
        let start = self.at;
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        let mut end = start;
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                end = self.at;
                continue;
            }
            let assigns = words.is_empty() || words.first().is_some_and(declares);
            if let Some(assignment) = assigns.then(|| self.assignment()).transpose()?.flatten() {
                assignments.push(assignment);
                end = self.at;
                continue;
            }
            let word = self.word()?;
            if word.parts.is_empty() {
                break;
            }
            end = self.at;
            if words.is_empty() && assignments.is_empty() && self.takes_parentheses() {
                return self.function(start, word.literal().unwrap_or_default());
            }
            words.push(word);
        }
        if words.is_empty() && assignments.is_empty() && redirects.is_empty() {
            let kind = ErrorKind::Shell(ShellError::Unexpected);
            return Err(Error { span: span(start, self.word_end()), kind });
        }
        let kind = NodeKind::Simple { assignments, words };
        Ok(Node { span: span(start, end), kind, redirects })
    }

    // parentheses := "(" ")"
    fn takes_parentheses(&mut self) -> bool {
        let parentheses = delimited(char('('), blanks, char(')'));
        self.take(nom::sequence::preceded(blanks, parentheses)).is_some()
    }

    // function := name "(" ")" NL* command
    fn function(&mut self, start: usize, name: String) -> Read<Node> {
        self.newlines();
        let body = Box::new(self.command()?);
        let span = span(start, body.span.end as usize);
        Ok(Node { span, kind: NodeKind::Function { name, body }, redirects: Vec::new() })
    }

    // assignment := name ("[" any* "]")? "+"? "=" ("(" word* ")" | word)
    fn assignment(&mut self) -> Read<Option<Assignment>> {
        let element =
            recognize(delimited(char('['), take_while(|it| it != ']' && it != '\n'), char(']')));
        let head = (name, opt(element), terminated(opt(char('+')), char('=')));
        let Some((name, element, added)) = self.take(head) else { return Ok(None) };
        let start = self.at;
        let value = if self.takes("(") {
            let mut words = Vec::new();
            loop {
                self.newlines();
                if self.takes(")") {
                    break;
                }
                let word = self.word()?;
                if word.parts.is_empty() {
                    return Err(open(start, start + 1, "("));
                }
                words.push(word);
            }
            Assigned::Array(words)
        } else {
            Assigned::Word(self.word()?)
        };
        let value = if element.is_some() { Assigned::Element } else { value };
        Ok(Some(Assignment { name: name.to_owned(), added: added.is_some(), value }))
    }
}

/// Whether a command's arguments are assignments.
fn declares(word: &Word) -> bool {
    ["export", "readonly", "local", "declare", "typeset"].iter().any(|it| word.is_bare(it))
}

// blanks := (" " | "\t" | "\\" NL | "#" any*)* ; a comment begins where a word could
fn blanks(input: &str) -> IResult<&str, ()> {
    let mut rest = input;
    loop {
        let after = rest.trim_start_matches([' ', '\t']);
        let after =
            after.strip_prefix("\\\n").or_else(|| after.strip_prefix("\\\r\n")).unwrap_or(after);
        let after = if after.starts_with('#') {
            &after[memchr(b'\n', after.as_bytes()).unwrap_or(after.len())..]
        } else {
            after
        };
        if after.len() == rest.len() {
            return Ok((rest, ()));
        }
        rest = after;
    }
}

// newline := "\r"? "\n"
fn newline(input: &str) -> IResult<&str, &str> {
    recognize((opt(char('\r')), char('\n'))).parse(input)
}

/// Whether a reserved word ends where `after` begins.
fn ends(after: &str) -> bool {
    after.starts_with([' ', '\t', '\n', '\r', ';', '&', '|', '(', ')', '<', '>'])
        || after.is_empty()
}

fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end.max(start)))
}

/// Something that is never closed.
fn open(start: usize, end: usize, what: &'static str) -> Error {
    Error { span: span(start, end), kind: ErrorKind::Shell(ShellError::NeverClosed { what }) }
}
