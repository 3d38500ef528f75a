//! `nft -j`: the same tree from libnftables-json(5).
//!
//! Spans are those of the JSON text: a name is the text of its string, an expression the string or object that holds it.

mod command;
mod expression;
mod object;
mod statement;
mod value;

use super::{
    error::{ErrorKind, Wanted},
    tree::{Expr, ExprId, ExprKind, File, Ids, Statement},
};
use crate::{
    source::Span,
    syntax::{Error, error::Errors},
};
use value::{Node, Value};

/// Something read, or the one error that a command costs.
type Read<T> = Result<T, Error>;

/// Reads a whole file.
pub(super) fn parse(text: &str) -> (File, Errors) {
    let mut reader = Reader { text, file: File::default(), errors: Errors::default() };
    match value::read(text) {
        Ok(node) => reader.commands(&node),
        Err(span) => reader.errors.add(wrong(span, Wanted::Value)),
    }
    (reader.file, reader.errors)
}

struct Reader<'t> {
    text: &'t str,
    file: File,
    errors: Errors,
}

impl<'t> Reader<'t> {
    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or_default()
    }

    fn push(&mut self, span: Span, kind: ExprKind) -> ExprId {
        let id = ExprId::at(self.file.expressions.len());
        self.file.expressions.push(Expr { span, kind });
        id
    }

    fn get<'n>(&self, node: &'n Node, key: &str) -> Option<&'n Node> {
        node.get(self.text, key)
    }

    /// The value that must stand at `key`.
    fn need<'n>(&self, node: &'n Node, key: &'static [&'static str]) -> Read<&'n Node> {
        self.get(node, key[0]).ok_or_else(|| wrong(node.span, Wanted::OneOf(key)))
    }

    fn text_at(&self, node: &Node, key: &str) -> Option<Span> {
        self.get(node, key)?.string()
    }

    fn need_text(&self, node: &Node, key: &'static [&'static str]) -> Read<Span> {
        let it = self.need(node, key)?;
        it.string().ok_or_else(|| wrong(it.span, Wanted::Text))
    }

    fn word_at(&self, node: &Node, key: &str) -> &'t str {
        self.text_at(node, key).map_or("", |span| self.slice(span))
    }

    fn number_at(&self, node: &Node, key: &str) -> Option<u64> {
        match self.get(node, key)?.value {
            Value::Number(number) => number,
            _ => None,
        }
    }

    fn flag_at(&self, node: &Node, key: &str) -> bool {
        matches!(self.get(node, key).map(|node| &node.value), Some(Value::Bool(true)))
    }

    fn statements(&mut self, statements: Vec<Statement>) -> Ids {
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = number(self.file.statements.len());
        self.file.statements.extend(statements);
        Ids { start, end: number(self.file.statements.len()) }
    }

    fn parts(&mut self, parts: Vec<ExprId>) -> Ids {
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = number(self.file.parts.len());
        self.file.parts.extend(parts);
        Ids { start, end: number(self.file.parts.len()) }
    }
}

fn wrong(span: Span, wanted: Wanted) -> Error {
    let kind = ErrorKind::Unexpected { wanted, suggestion: None };
    Error { span, kind: crate::syntax::ErrorKind::Nft(kind) }
}
