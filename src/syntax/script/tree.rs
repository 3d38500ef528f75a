//! What a script says, before anything of it is played.

use crate::source::Span;

/// A whole script.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// The texts behind `<<`, by the number that their redirection bears.
    pub(super) documents: Vec<Document>,
}

/// The text behind `<<`.
#[derive(Debug, Default, Clone)]
pub(super) struct Document {
    pub(super) text: Word,
}

/// A command of any kind.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: NodeKind,
    pub(super) redirects: Vec<Redirect>,
}

/// The kinds of commands.
#[derive(Debug, Clone)]
pub(super) enum NodeKind {
    /// Assignments, a program and its arguments.
    Simple { assignments: Vec<Assignment>, words: Vec<Word> },
    /// `a | b`.
    Pipe(Vec<Node>),
    /// `! a`.
    Not(Box<Node>),
    /// `a && b || c`: the first, and the others with whether they run if what stands before them succeeds.
    Joined(Box<Node>, Vec<(bool, Node)>),
    /// `a &`.
    Background(Box<Node>),
    /// `{ a; b; }`.
    Group(Vec<Node>),
    /// `( a; b )`.
    Subshell(Vec<Node>),
    /// `if a; then b; elif c; then d; else e; fi`.
    If { branches: Vec<(Vec<Node>, Vec<Node>)>, otherwise: Vec<Node> },
    /// `for NAME in a b; do c; done`; without `in`, the arguments.
    For { name: String, words: Option<Vec<Word>>, body: Vec<Node> },
    /// `while a; do b; done`, `until a; do b; done`.
    While { condition: Vec<Node>, until: bool, body: Vec<Node> },
    /// `case a in b) c;; esac`.
    Case { subject: Word, arms: Vec<Arm> },
    /// `NAME() a`.
    Function { name: String, body: Box<Node> },
    /// `[[ a ]]`: its words.
    Test(Vec<Word>),
    /// `(( a ))`.
    Arithmetic,
}

/// One way of a `case`.
#[derive(Debug, Clone)]
pub(super) struct Arm {
    pub(super) patterns: Vec<Word>,
    pub(super) body: Vec<Node>,
}

/// `NAME=value`, `NAME+=value`, `NAME=(a b)`.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) added: bool,
    pub(super) value: Assigned,
}

/// What is assigned.
#[derive(Debug, Clone)]
pub(super) enum Assigned {
    Word(Word),
    Array(Vec<Word>),
    /// One element of an array: which, is not followed.
    Element,
}

/// Where a command reads from or writes to.
#[derive(Debug, Clone)]
pub(super) struct Redirect {
    pub(super) kind: RedirectKind,
}

/// The redirections that matter here.
#[derive(Debug, Clone)]
pub(super) enum RedirectKind {
    /// `< FILE`.
    Input(Word),
    /// `<< END`: the number of its text.
    Document(usize),
    /// `<<< word`.
    Text(Word),
    /// Standard output goes to a file, behind what is in it or in its place.
    Output { file: Word, adds: bool },
    /// The rest.
    Other,
}

/// A word, of which expansion makes none, one or several.
#[derive(Debug, Clone, Default)]
pub(super) struct Word {
    pub(super) span: Span,
    pub(super) parts: Vec<Part>,
}

/// A part of a word.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) span: Span,
    pub(super) quoted: bool,
    pub(super) kind: PartKind,
}

/// The kinds of parts.
#[derive(Debug, Clone)]
pub(super) enum PartKind {
    /// Itself, quotes and escapes taken away.
    Text(String),
    /// `$NAME`, `${NAME…}`.
    Variable { name: String, all: bool, default: Option<Default> },
    /// `$(…)` or what backticks hold: the commands as written.
    Commands(String),
    /// Anything else that only a shell can compute.
    Computed,
}

/// What stands behind the name in `${NAME:-word}`.
#[derive(Debug, Clone)]
pub(super) struct Default {
    /// `-`, `+`, `=` or `?`.
    pub(super) operator: char,
    pub(super) word: Word,
}

impl Word {
    /// A sign that stands between the words of a test.
    pub(super) fn operator(span: Span, text: &str) -> Self {
        let kind = PartKind::Text(text.to_owned());
        Self { span, parts: vec![Part { span, quoted: false, kind }] }
    }

    /// The word if nothing in it has to be expanded.
    pub(super) fn literal(&self) -> Option<String> {
        let texts = self.parts.iter().map(|part| match &part.kind {
            PartKind::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// Whether it is that word, without quotes or escapes.
    pub(super) fn is_bare(&self, word: &str) -> bool {
        matches!(&self.parts[..], [Part { kind: PartKind::Text(text), quoted: false, .. }] if text == word)
    }
}
