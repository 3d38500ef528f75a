//! The grammar of nft(8), one function a production.
//!
//! Recovery is by statement: to the next `;` or line end outside the braces that were open when the statement began.

mod block;
mod chain;
mod command;
mod expression;
mod includes;
mod lexer;
mod literal;
mod nat;
mod objects;
mod rule;
mod selector;
mod set;
mod sets;
mod statement;
mod update;
mod variables;

pub(in crate::syntax) use includes::includes;
pub(super) use lexer::literal_kind;
pub(super) use selector::option_field;

use super::{
    error::{ErrorKind, Wanted},
    tree::{
        Command, CommandKind, DefinitionId, Element, Expr, ExprId, ExprKind, File, Ids, Rule,
        Statement, Verb,
    },
};
use crate::{
    source::{self, Span},
    syntax::{
        Error,
        error::{Errors, nearest},
    },
};
pub(in crate::syntax) use command::OBJECTS;
use lexer::{Kind, Sign, Token};
use rustc_hash::FxHashMap;

/// How deep blocks, sets and parentheses are read.
const DEEPEST: u32 = 64;

/// How many operators stand in one chain of them.
const LONGEST: u32 = 256;

/// Something read, or the one error that this statement costs.
type Read<T> = Result<T, Error>;

/// Reads a whole file.
pub(super) fn parse(text: &str, includes: &[source::Include]) -> (File, Errors) {
    let mut parser = Parser::new(text, includes);
    parser.file();
    (parser.file, parser.errors)
}

/// Reads commands of a script: see [`super::parse_commands`].
pub(super) fn parse_commands(text: &str, open: bool) -> (File, Errors) {
    let mut parser = Parser::new(text, &[]);
    parser.included = open;
    parser.file();
    (parser.file, parser.errors)
}

/// How much there was of everything when a statement began.
#[derive(Debug, Clone, Copy)]
struct Marks {
    braces: usize,
    depth: u32,
    scopes: usize,
    rules: usize,
    statements: usize,
    elements: usize,
    parts: usize,
}

struct Parser<'t> {
    text: &'t str,
    /// What became of the includes in it.
    includes: &'t [source::Include],
    /// The token not yet taken.
    token: Token,
    /// Where the token before it ended.
    end: u32,
    file: File,
    errors: Errors,
    scopes: Vec<FxHashMap<&'t str, DefinitionId>>,
    /// Whether an include that nobody could follow may have defined what the text does not.
    included: bool,
    /// Whether a part of a table stood outside of one.
    outside: bool,
    depth: u32,
    /// The opening braces that are not closed yet.
    braces: Vec<u32>,
    /// What is read and not yet in its vector, because its siblings must stand beside it there.
    rules: Vec<Rule>,
    statements: Vec<Statement>,
    elements: Vec<Element>,
    parts: Vec<ExprId>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, includes: &'t [source::Include]) -> Self {
        Self {
            text,
            includes,
            token: lexer::token(text, 0),
            end: 0,
            file: File::default(),
            errors: Errors::default(),
            scopes: vec![FxHashMap::default()],
            included: false,
            outside: false,
            depth: 0,
            braces: Vec::new(),
            rules: Vec::new(),
            statements: Vec::new(),
            elements: Vec::new(),
            parts: Vec::new(),
        }
    }

    // file := (command? (NL | ";"))*
    fn file(&mut self) {
        loop {
            self.skip_separators();
            let start = self.token.span.start;
            if self.token.kind == Kind::End {
                break;
            }
            if self.is_sign(Sign::Close) {
                let error = self.unexpected(Wanted::Command);
                self.errors.add(error);
                self.bump();
                continue;
            }
            let marks = self.marks();
            let command = self.command();
            let command = command.and_then(|command| match self.token.kind {
                Kind::Newline | Kind::Sign(Sign::Semicolon) | Kind::End => Ok(command),
                _ => Err(self.unexpected(Wanted::End)),
            });
            let command = command.unwrap_or_else(|error| {
                self.recover(error, marks);
                let span = Span::new(start, self.end.max(start));
                Command { span, verb: Verb::Other, kind: CommandKind::Wrong }
            });
            self.file.commands.push(command);
        }
        if let Some(open) = self.braces.pop() {
            self.errors.add(wrong(Span::new(open, open + 1), ErrorKind::UnterminatedBlock));
        }
    }

    /// Takes the token.
    fn bump(&mut self) -> Token {
        let token = self.token;
        match token.kind {
            Kind::Sign(Sign::Open) => self.braces.push(token.span.start),
            Kind::Sign(Sign::Close) => {
                self.braces.pop();
            }
            _ => {}
        }
        self.end = token.span.end;
        self.token = lexer::token(self.text, token.span.end);
        token
    }

    /// The token after the next.
    fn second(&self) -> Token {
        lexer::token(self.text, self.token.span.end)
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The next token where it is a word; else nothing.
    fn word(&self) -> &'t str {
        if self.token.kind == Kind::Word { self.slice(self.token.span) } else { "" }
    }

    fn is(&self, word: &str) -> bool {
        self.token.kind == Kind::Word && self.slice(self.token.span) == word
    }

    fn second_is(&self, word: &str) -> bool {
        let token = self.second();
        token.kind == Kind::Word && self.slice(token.span) == word
    }

    fn is_sign(&self, sign: Sign) -> bool {
        self.token.kind == Kind::Sign(sign)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.is(word);
        if found {
            self.bump();
        }
        found
    }

    fn take_sign(&mut self, sign: Sign) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, words: &'static [&'static str]) -> Read<&'static str> {
        let word = self.word();
        match words.iter().find(|it| **it == word) {
            Some(found) => {
                self.bump();
                Ok(found)
            }
            None => Err(self.unexpected(Wanted::OneOf(words))),
        }
    }

    fn expect_sign(&mut self, sign: Sign, text: &'static [&'static str]) -> Read<Span> {
        if self.is_sign(sign) {
            return Ok(self.bump().span);
        }
        Err(self.unexpected(Wanted::OneOf(text)))
    }

    fn skip_newlines(&mut self) {
        while self.token.kind == Kind::Newline {
            self.bump();
        }
    }

    fn skip_separators(&mut self) {
        while matches!(self.token.kind, Kind::Newline | Kind::Sign(Sign::Semicolon)) {
            self.bump();
        }
    }

    /// Whether a statement ends here.
    fn at_end(&self) -> bool {
        matches!(
            self.token.kind,
            Kind::Newline | Kind::Sign(Sign::Semicolon | Sign::Close) | Kind::End
        )
    }

    /// From `start` to the token taken last.
    fn since(&self, start: u32) -> Span {
        Span::new(start, self.end.max(start))
    }

    /// The error that the next token is.
    fn unexpected(&self, wanted: Wanted) -> Error {
        let span = self.token.span;
        match self.token.kind {
            Kind::OpenQuote => {
                return wrong(Span::new(span.start, span.start + 1), ErrorKind::UnterminatedString);
            }
            Kind::Junk => return wrong(span, ErrorKind::UnexpectedCharacter),
            _ => {}
        }
        let word = if self.errors.is_full() { "" } else { self.word() };
        let suggestion = match wanted {
            _ if word.is_empty() => None,
            Wanted::OneOf(words) => nearest(word, words.iter().copied()),
            Wanted::Command => nearest(word, command::WORDS.iter().copied()),
            Wanted::TableItem => nearest(word, block::WORDS.iter().copied()),
            Wanted::Statement | Wanted::Selector => nearest(word, rule::words()),
            Wanted::FieldOf(header) => {
                nearest(word, header.fields().iter().map(|field| field.name))
            }
            _ => None,
        };
        wrong(span, ErrorKind::Unexpected { wanted, suggestion })
    }

    /// What a statement that fails is cut back to.
    fn marks(&self) -> Marks {
        Marks {
            braces: self.braces.len(),
            depth: self.depth,
            scopes: self.scopes.len(),
            rules: self.rules.len(),
            statements: self.statements.len(),
            elements: self.elements.len(),
            parts: self.parts.len(),
        }
    }

    /// Notes the error and goes to the end of the statement that began at `marks`.
    fn recover(&mut self, error: Error, marks: Marks) {
        self.errors.add(error);
        self.depth = marks.depth;
        self.scopes.truncate(marks.scopes);
        self.rules.truncate(marks.rules);
        self.statements.truncate(marks.statements);
        self.elements.truncate(marks.elements);
        self.parts.truncate(marks.parts);
        loop {
            match self.token.kind {
                Kind::End => return,
                Kind::Newline | Kind::Sign(Sign::Semicolon | Sign::Close)
                    if self.braces.len() <= marks.braces =>
                {
                    return;
                }
                Kind::OpenQuote => {
                    // The quote may be the very thing that is wrong: what follows it is read as if it were not there.
                    self.end = self.token.span.start + 1;
                    self.token = lexer::token(self.text, self.end);
                }
                _ => {
                    self.bump();
                }
            }
        }
    }

    /// Goes one level deeper, or says that this is too deep.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEEPEST {
            return Err(wrong(self.token.span, ErrorKind::TooDeep { limit: DEEPEST }));
        }
        self.depth += 1;
        let result = read(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    fn push(&mut self, span: Span, kind: ExprKind) -> ExprId {
        let id = ExprId::at(self.file.expressions.len());
        self.file.expressions.push(Expr { span, kind });
        id
    }

    fn span_of(&self, id: ExprId) -> Span {
        self.file.expr(id).span
    }

    /// Moves what was read since `mark` to its vector.
    fn parts_since(&mut self, mark: usize) -> Ids {
        run(&mut self.file.parts, self.parts.drain(mark..))
    }

    fn elements_since(&mut self, mark: usize) -> Ids {
        run(&mut self.file.elements, self.elements.drain(mark..))
    }

    fn statements_since(&mut self, mark: usize) -> Ids {
        run(&mut self.file.statements, self.statements.drain(mark..))
    }

    fn rules_since(&mut self, mark: usize) -> Ids {
        run(&mut self.file.rules, self.rules.drain(mark..))
    }
}

fn run<T>(to: &mut Vec<T>, from: impl Iterator<Item = T>) -> Ids {
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let start = number(to.len());
    to.extend(from);
    Ids { start, end: number(to.len()) }
}

fn wrong(span: Span, kind: ErrorKind) -> Error {
    Error { span, kind: crate::syntax::ErrorKind::Nft(kind) }
}
