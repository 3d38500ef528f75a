//! Operators, concatenations, ranges, lists and sets.

use super::{Kind, LONGEST, Parser, Read, Sign, wrong};
use crate::{
    source::Span,
    syntax::nft::{
        error::{ErrorKind, Wanted},
        tree::{BinaryOperator, ExprId, ExprKind, RawBase},
        values,
    },
};

/// On which side of a match an expression stands, which decides what a word in it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Words are about the packet.
    Left,
    /// Words are values.
    Right,
    /// The key of an element: values, and `:` ends it.
    Key,
    /// Either: the argument of a statement.
    Argument,
}

/// Words that end a value, because a statement starts with them.
const NO_VALUE: &[&str] = &[
    "accept",
    "drop",
    "continue",
    "return",
    "jump",
    "goto",
    "counter",
    "limit",
    "log",
    "reject",
    "masquerade",
    "notrack",
    "vmap",
    "map",
    "comment",
    "table",
    "chain",
    "hook",
    "meta",
    "inet",
    "element",
    "elements",
    "flush",
    "define",
    "include",
];

impl Parser<'_> {
    // list := expression ("," expression)*
    pub(super) fn list(&mut self, side: Side) -> Read<ExprId> {
        let first = self.expression(side)?;
        if !self.is_sign(Sign::Comma) {
            return Ok(first);
        }
        let start = self.span_of(first).start;
        let mark = self.parts.len();
        self.parts.push(first);
        while self.take_sign(Sign::Comma) {
            self.skip_newlines();
            let next = self.expression(side)?;
            self.parts.push(next);
        }
        let parts = self.parts_since(mark);
        Ok(self.push(self.since(start), ExprKind::List(parts)))
    }

    // expression := operand ("." operand)* ("map" operand)?
    pub(super) fn expression(&mut self, side: Side) -> Read<ExprId> {
        let first = self.operand(side)?;
        let start = self.span_of(first).start;
        let mut key = first;
        if self.is_sign(Sign::Dot) {
            let mark = self.parts.len();
            self.parts.push(first);
            while self.take_sign(Sign::Dot) {
                self.skip_newlines();
                let next = self.operand(side)?;
                self.parts.push(next);
            }
            let parts = self.parts_since(mark);
            key = self.push(self.since(start), ExprKind::Concat(parts));
        }
        if matches!(side, Side::Left | Side::Argument) && self.take("map") {
            if let ExprKind::Word | ExprKind::Number(_) = self.file.expr(key).kind {
                return Err(wrong(self.span_of(key), ErrorKind::ConstantOnTheLeft));
            }
            let map = self.set_operand()?;
            return Ok(self.push(self.since(start), ExprKind::Map { key, map }));
        }
        Ok(key)
    }

    // operand := or ("/" number | "-" or)?
    fn operand(&mut self, side: Side) -> Read<ExprId> {
        let first = self.or(side)?;
        if side == Side::Left {
            return Ok(first);
        }
        let start = self.span_of(first).start;
        if self.is_sign(Sign::Slash) && self.second().kind == Kind::Number {
            self.bump();
            let at = self.token.span;
            let length = self.number(u64::MAX)?;
            let Ok(length) = u8::try_from(length) else {
                return Err(wrong(at, ErrorKind::PrefixTooLong { max: 128 }));
            };
            return Ok(self.push(self.since(start), ExprKind::Prefix { base: first, length }));
        }
        if self.take_sign(Sign::Dash) {
            let last = self.or(side)?;
            return Ok(self.push(self.since(start), ExprKind::Range { first, last }));
        }
        Ok(first)
    }

    // or := xor (("|" | "or") xor)*
    fn or(&mut self, side: Side) -> Read<ExprId> {
        self.binary(side, 0)
    }

    // xor := and (("^" | "xor") and)*;  and := shift (("&" | "and") shift)*;  shift := primary (("<<" | ">>") primary)*
    fn binary(&mut self, side: Side, level: u8) -> Read<ExprId> {
        if level > 3 {
            return self.primary(side);
        }
        let mut left = self.binary(side, level + 1)?;
        let mut count = 0;
        while let Some(operator) = self.operator(level) {
            count += 1;
            if count > LONGEST {
                return Err(wrong(self.token.span, ErrorKind::TooDeep { limit: LONGEST }));
            }
            self.bump();
            let side = if side == Side::Left { Side::Argument } else { side };
            let right = self.binary(side, level + 1)?;
            let start = self.span_of(left).start;
            left = self.push(self.since(start), ExprKind::Binary { operator, left, right });
        }
        Ok(left)
    }

    fn operator(&self, level: u8) -> Option<BinaryOperator> {
        let operator = match self.token.kind {
            Kind::Sign(Sign::Or) => BinaryOperator::Or,
            Kind::Sign(Sign::Xor) => BinaryOperator::Xor,
            Kind::Sign(Sign::And) => BinaryOperator::And,
            Kind::Sign(Sign::ShiftLeft) => BinaryOperator::ShiftLeft,
            Kind::Sign(Sign::ShiftRight) => BinaryOperator::ShiftRight,
            Kind::Word => match self.word() {
                "or" => BinaryOperator::Or,
                "xor" => BinaryOperator::Xor,
                "and" => BinaryOperator::And,
                "lshift" => BinaryOperator::ShiftLeft,
                "rshift" => BinaryOperator::ShiftRight,
                _ => return None,
            },
            _ => return None,
        };
        let its = match operator {
            BinaryOperator::Or => 0,
            BinaryOperator::Xor => 1,
            BinaryOperator::And => 2,
            _ => 3,
        };
        (its == level).then_some(operator)
    }

    // primary := literal | variable | "@" name | raw | set | "(" or ")" | selector
    fn primary(&mut self, side: Side) -> Read<ExprId> {
        let span = self.token.span;
        let kind = match self.token.kind {
            Kind::Number => match values::number(self.slice(span)) {
                Some(number) => ExprKind::Number(number),
                None => ExprKind::Long,
            },
            Kind::Ipv4 => match self.slice(span).parse() {
                Ok(address) => ExprKind::Ipv4(address),
                // `010.0.0.256` reads as an address to the scanner and to nobody else: a host name, then.
                Err(_) => ExprKind::Word,
            },
            Kind::Ipv6 => ExprKind::Ipv6,
            Kind::Mac => ExprKind::Mac,
            Kind::Time => ExprKind::Time,
            Kind::Class => ExprKind::ClassId,
            Kind::Quoted => ExprKind::Quoted,
            Kind::Wildcard => ExprKind::Word,
            Kind::Word => return self.word_expression(side),
            Kind::Sign(Sign::Dollar) => return self.variable(),
            Kind::Sign(Sign::At) => return self.at(),
            Kind::Sign(Sign::Open) => return self.deeper(|it| it.set(Side::Key)),
            Kind::Sign(Sign::OpenParen) => {
                return self.deeper(|it| {
                    it.bump();
                    let inner = it.or(side)?;
                    it.expect_sign(Sign::CloseParen, &[")"])?;
                    Ok(inner)
                });
            }
            _ if side == Side::Left => return Err(self.unexpected(Wanted::Statement)),
            _ => return Err(self.unexpected(Wanted::Value)),
        };
        self.bump();
        Ok(self.push(span, kind))
    }

    fn word_expression(&mut self, side: Side) -> Read<ExprId> {
        let span = self.token.span;
        if matches!(side, Side::Left | Side::Argument)
            && let Some(selector) = self.selector(side == Side::Left)
        {
            return selector;
        }
        if side == Side::Left {
            return Err(self.unexpected(Wanted::Statement));
        }
        if NO_VALUE.contains(&self.word()) {
            return Err(self.unexpected(Wanted::Value));
        }
        self.bump();
        Ok(self.push(span, ExprKind::Word))
    }

    // at := "@" name | "@" ("ll" | "nh" | "th" | "ih") "," number "," number
    fn at(&mut self) -> Read<ExprId> {
        let start = self.bump().span.start;
        let base = match self.word() {
            "ll" => Some(RawBase::Link),
            "nh" => Some(RawBase::Network),
            "th" => Some(RawBase::Transport),
            "ih" => Some(RawBase::Inner),
            _ => None,
        };
        if let Some(base) = base.filter(|_| self.second().kind == Kind::Sign(Sign::Comma)) {
            self.bump();
            self.bump();
            let offset = self.number32()?;
            self.expect_sign(Sign::Comma, &[","])?;
            let length = self.number32()?;
            return Ok(self.push(self.since(start), ExprKind::Raw { base, offset, length }));
        }
        let name = self.set_name()?;
        Ok(self.push(self.since(start), ExprKind::SetReference(name)))
    }

    fn set_name(&mut self) -> Read<Span> {
        if self.token.kind != Kind::Word {
            return Err(self.unexpected(Wanted::Name));
        }
        Ok(self.bump().span)
    }

    // set_reference := "@" name
    pub(super) fn set_reference(&mut self) -> Read<Span> {
        self.expect_sign(Sign::At, &["@"])?;
        self.set_name()
    }

    // set_operand := set | "@" name | variable
    pub(super) fn set_operand(&mut self) -> Read<ExprId> {
        match self.token.kind {
            Kind::Sign(Sign::Open) => self.deeper(|it| it.set(Side::Key)),
            Kind::Sign(Sign::At) => self.at(),
            Kind::Sign(Sign::Dollar) => self.variable(),
            _ => Err(self.unexpected(Wanted::OneOf(&["{", "@", "$"]))),
        }
    }
}
