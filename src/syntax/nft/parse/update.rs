//! Statements by which packets fill sets: updates, meters and flows.

use super::{Parser, Read, Sign, expression::Side};
use crate::{
    source::Span,
    syntax::nft::tree::{Element, Extra, ExtraId, Ids, Meter, StatementKind, Update, UpdateKind},
};

impl Parser<'_> {
    // update := ("add" | "update" | "delete") "@" name "{" element "}"
    pub(super) fn update(&mut self) -> Read<StatementKind> {
        let kind = match self.expect(&["add", "update", "delete"])? {
            "add" => UpdateKind::Add,
            "update" => UpdateKind::Update,
            _ => UpdateKind::Delete,
        };
        let set = self.set_reference()?;
        let element = self.braced_element()?;
        Ok(StatementKind::Update(Box::new(Update { kind, set, element })))
    }

    // braced_element := "{" element stateful* "}"
    fn braced_element(&mut self) -> Read<Element> {
        self.deeper(|it| {
            it.expect_sign(Sign::Open, &["{"])?;
            it.skip_newlines();
            let mut element = it.element(Side::Argument)?;
            it.skip_newlines();
            if element.data.is_some() && !it.is_sign(Sign::Close) {
                it.trailing(&mut element)?;
            }
            it.expect_sign(Sign::Close, &["}"])?;
            Ok(element)
        })
    }

    fn trailing(&mut self, element: &mut Element) -> Read<()> {
        let mark = self.statements.len();
        while let Some(statement) = self.stateful() {
            let statement = statement?;
            self.statements.push(statement);
        }
        let statements: Ids = self.statements_since(mark);
        if !statements.is_empty() && element.extra.is_none() {
            element.extra = Some(ExtraId::at(self.file.extras.len()));
            self.file.extras.push(Extra { statements, ..Extra::default() });
        }
        Ok(())
    }

    // old_update := "set" ("add" | "update" | "delete") element "@" name
    pub(super) fn old_update(&mut self) -> Read<StatementKind> {
        self.bump();
        let kind = match self.expect(&["add", "update", "delete"])? {
            "add" => UpdateKind::Add,
            "update" => UpdateKind::Update,
            _ => UpdateKind::Delete,
        };
        let element = self.element(Side::Argument)?;
        let set = self.set_reference()?;
        Ok(StatementKind::Update(Box::new(Update { kind, set, element })))
    }

    // meter := "meter" name ("size" number)? "{" element "}"
    pub(super) fn meter(&mut self) -> Read<StatementKind> {
        self.bump();
        let name = self.name()?;
        let size = if self.take("size") { Some(self.number32()?) } else { None };
        let element = self.braced_element()?;
        Ok(StatementKind::Meter(Box::new(Meter { name, size, element })))
    }

    // flow := "flow" ("add" | "offload") "@" name | "flow" "table" name? "{" element "}"
    pub(super) fn flow(&mut self) -> Read<StatementKind> {
        self.bump();
        if self.take("table") {
            let name = if self.is_sign(Sign::Open) { Span::default() } else { self.name()? };
            let element = self.braced_element()?;
            return Ok(StatementKind::Meter(Box::new(Meter { name, size: None, element })));
        }
        self.expect(&["add", "offload"])?;
        Ok(StatementKind::Flow(self.set_reference()?))
    }
}
