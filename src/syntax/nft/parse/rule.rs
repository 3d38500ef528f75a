//! Rules, matches and verdicts.

use super::{Kind, Parser, Read, Sign, expression::Side, lexer, selector, wrong};
use crate::{
    source::Span,
    syntax::nft::{
        error::{ErrorKind, Wanted},
        fields::Header,
        tree::{
            BinaryOperator, ExprId, ExprKind, Jump, Operator, Rule, Statement, StatementKind,
            Verdict,
        },
    },
};

/// The words that statements start with.
const STATEMENTS: &[&str] = &[
    "accept",
    "drop",
    "continue",
    "return",
    "jump",
    "goto",
    "counter",
    "limit",
    "quota",
    "log",
    "reject",
    "dnat",
    "snat",
    "masquerade",
    "redirect",
    "tproxy",
    "notrack",
    "queue",
    "dup",
    "fwd",
    "synproxy",
    "last",
    "add",
    "update",
    "delete",
    "set",
    "map",
    "meter",
    "flow",
    "reset",
    "xt",
    "comment",
];

/// Every word that a statement can start with.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    STATEMENTS
        .iter()
        .copied()
        .chain(selector::WORDS.iter().copied())
        .chain(selector::BARE_META.iter().copied())
        .chain(Header::ALL.iter().map(|header| header.name()).filter(|name| !name.contains(' ')))
}

impl Parser<'_> {
    // rule := statement+ comment?
    pub(super) fn rule(&mut self) -> Read<Rule> {
        let start = self.token.span.start;
        let mark = self.statements.len();
        let mut comment = None;
        while !self.at_end() {
            if self.is("comment") && self.statements.len() > mark {
                comment = Some(self.comment()?);
                break;
            }
            let statement = self.statement()?;
            self.statements.push(statement);
        }
        if !self.at_end() {
            return Err(self.unexpected(Wanted::End));
        }
        if self.statements.len() == mark {
            return Err(self.unexpected(Wanted::Statement));
        }
        let statements = self.statements_since(mark);
        let handle = self.listed_handle(self.end).and_then(|it| it.try_into().ok());
        Ok(Rule { span: self.since(start), statements, comment, handle })
    }

    // statement := verdict | stateful | action | match
    fn statement(&mut self) -> Read<Statement> {
        let start = self.token.span.start;
        if let Some(verdict) = self.verdict() {
            let kind = StatementKind::Verdict(verdict?);
            return Ok(Statement { span: self.since(start), kind });
        }
        if let Some(statement) = self.stateful() {
            return statement;
        }
        if let Some(kind) = self.action() {
            let kind = kind?;
            return Ok(Statement { span: self.since(start), kind });
        }
        let kind = self.matching()?;
        Ok(Statement { span: self.since(start), kind })
    }

    // verdict := "accept" | "drop" | "continue" | "return" | ("jump" | "goto") target
    pub(super) fn verdict(&mut self) -> Option<Read<Verdict>> {
        let verdict = match self.word() {
            "accept" => Verdict::Accept,
            "drop" => Verdict::Drop,
            "continue" => Verdict::Continue,
            "return" => Verdict::Return,
            "jump" => {
                self.bump();
                return Some(self.target().map(Verdict::Jump));
            }
            "goto" => {
                self.bump();
                return Some(self.target().map(Verdict::Goto));
            }
            _ => return None,
        };
        self.bump();
        Some(Ok(verdict))
    }

    // target := name | variable | "{" rules "}"
    fn target(&mut self) -> Read<Jump> {
        match self.token.kind {
            Kind::Sign(Sign::Dollar) => self.variable().map(Jump::Chain),
            Kind::Sign(Sign::Open) => {
                self.deeper(|it| it.scoped(Self::inline_chain)).map(Jump::Block)
            }
            _ => {
                let name = self.name()?;
                Ok(Jump::Chain(self.push(name, ExprKind::Word)))
            }
        }
    }

    // match := expression (operator? right | "set" argument | "vmap" set)
    fn matching(&mut self) -> Read<StatementKind> {
        let left = self.expression(Side::Left)?;
        if self.take("vmap") {
            let map = self.set_operand()?;
            return Ok(StatementKind::Vmap { key: left, map });
        }
        if self.is("set") {
            self.bump();
            let value = self.list(Side::Argument)?;
            return Ok(StatementKind::Set { target: left, value });
        }
        let operator = self.comparison();
        if operator == Operator::Implicit && self.is("in") && self.set_follows() {
            return Err(wrong(self.token.span, ErrorKind::NoOperator));
        }
        let right = self.right()?;
        Ok(StatementKind::Match { left, operator, right })
    }

    /// Whether a set or the name of one comes after the next token, and not what a statement can start with: `@th,0,16`.
    fn set_follows(&self) -> bool {
        let second = self.second();
        match second.kind {
            Kind::Sign(Sign::Open) => true,
            Kind::Sign(Sign::At) => {
                let name = lexer::token(self.text, second.span.end);
                let behind = lexer::token(self.text, name.span.end);
                name.kind == Kind::Word && behind.kind != Kind::Sign(Sign::Comma)
            }
            _ => false,
        }
    }

    // operator := "==" | "!=" | "<" | "<=" | ">" | ">=" | "!"
    fn comparison(&mut self) -> Operator {
        let operator = match self.token.kind {
            Kind::Sign(Sign::Equal) => Operator::Equal,
            Kind::Sign(Sign::NotEqual) => Operator::NotEqual,
            Kind::Sign(Sign::Less) => Operator::Less,
            Kind::Sign(Sign::LessEqual) => Operator::LessEqual,
            Kind::Sign(Sign::Greater) => Operator::Greater,
            Kind::Sign(Sign::GreaterEqual) => Operator::GreaterEqual,
            Kind::Sign(Sign::Not) => Operator::Not,
            Kind::Word => match self.word() {
                "eq" => Operator::Equal,
                "ne" => Operator::NotEqual,
                "lt" => Operator::Less,
                "le" => Operator::LessEqual,
                "gt" => Operator::Greater,
                "ge" => Operator::GreaterEqual,
                _ => return Operator::Implicit,
            },
            _ => return Operator::Implicit,
        };
        self.bump();
        operator
    }

    // right := list ("/" list)?
    fn right(&mut self) -> Read<ExprId> {
        let left = self.list(Side::Right)?;
        if !self.take_sign(Sign::Slash) {
            return Ok(left);
        }
        let right = self.list(Side::Right)?;
        let span: Span = self.since(self.span_of(left).start);
        let operator = BinaryOperator::Masked;
        Ok(self.push(span, ExprKind::Binary { operator, left, right }))
    }
}
