//! Sets in braces and their elements.

use super::{Kind, Parser, Read, Sign, expression::Side};
use crate::syntax::nft::{
    error::Wanted,
    tree::{Element, ExprId, ExprKind, Extra, ExtraId},
};

impl Parser<'_> {
    // set := "{" element ("," element)* ","? "}"
    pub(super) fn set(&mut self, side: Side) -> Read<ExprId> {
        let start = self.expect_sign(Sign::Open, &["{"])?.start;
        let mark = self.elements.len();
        loop {
            self.skip_newlines();
            let first = self.elements.len() == mark;
            if !first && self.is_sign(Sign::Close) {
                break;
            }
            let element = self.element(side)?;
            self.elements.push(element);
            self.skip_newlines();
            if !self.take_sign(Sign::Comma) {
                break;
            }
            while self.is_sign(Sign::Comma) {
                self.bump();
            }
        }
        if !self.is_sign(Sign::Close) {
            return Err(self.unexpected(Wanted::OneOf(&[",", "}"])));
        }
        self.bump();
        let elements = self.elements_since(mark);
        Ok(self.push(self.since(start), ExprKind::Set(elements)))
    }

    // element := ("*" | expression) option* (":" data)?
    pub(super) fn element(&mut self, side: Side) -> Read<Element> {
        let key = if self.is_sign(Sign::Asterisk) {
            let span = self.bump().span;
            self.push(span, ExprKind::CatchAll)
        } else {
            self.expression(side)?
        };
        let extra = self.options()?;
        self.skip_newlines();
        let mut data = None;
        if self.take_sign(Sign::Colon) {
            self.skip_newlines();
            data = Some(self.data(side)?);
        }
        Ok(Element { key, data, extra })
    }

    // data := verdict | expression
    fn data(&mut self, side: Side) -> Read<ExprId> {
        let start = self.token.span.start;
        if let Some(verdict) = self.verdict() {
            let verdict = verdict?;
            return Ok(self.push(self.since(start), ExprKind::Verdict(verdict)));
        }
        let side = if side == Side::Key { Side::Right } else { side };
        self.expression(side)
    }

    // option := "timeout" time | "expires" time | comment | stateful
    fn options(&mut self) -> Read<Option<ExtraId>> {
        // Most elements have none.
        if self.token.kind != Kind::Word {
            return Ok(None);
        }
        let mut extra = Extra::default();
        let mark = self.statements.len();
        loop {
            match self.word() {
                "timeout" => {
                    self.bump();
                    extra.timeout = Some(self.element_time()?);
                }
                "expires" => {
                    self.bump();
                    extra.expires = Some(self.element_time()?);
                }
                "comment" => extra.comment = Some(self.comment()?),
                _ => match self.stateful() {
                    Some(statement) => {
                        let statement = statement?;
                        self.statements.push(statement);
                    }
                    None => break,
                },
            }
        }
        extra.statements = self.statements_since(mark);
        if extra == Extra::default() {
            return Ok(None);
        }
        let id = ExtraId::at(self.file.extras.len());
        self.file.extras.push(extra);
        Ok(Some(id))
    }

    // element_time := time | "never" | variable
    fn element_time(&mut self) -> Read<ExprId> {
        if self.is_sign(Sign::Dollar) {
            return self.variable();
        }
        if self.is("never") {
            let span = self.bump().span;
            return Ok(self.push(span, ExprKind::Word));
        }
        self.time()
    }
}
