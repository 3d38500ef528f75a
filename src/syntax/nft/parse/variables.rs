//! `define` and its kin, `include`, and the scopes of variables.

use super::{Parser, Read, Sign, wrong};
use crate::{
    source::{Inclusion, Span, Unseen},
    syntax::nft::{
        error::{ErrorKind, Wanted},
        parse::{Kind, expression::Side},
        tree::{Definition, DefinitionId, DefinitionKind, ExprId, ExprKind, Ids, Include},
    },
};
use rustc_hash::FxHashMap;

/// What is known of an include where only the text is given.
const NOT_LOOKED_FOR: Inclusion = Inclusion::Unseen(Unseen::NotLookedFor);

/// What may stand anywhere.
pub(super) enum Common {
    Include,
    Define(DefinitionId),
    Undefine(Span),
}

impl Parser<'_> {
    // common := include | define | undefine
    pub(super) fn common(&mut self) -> Option<Read<Common>> {
        match self.word() {
            "include" => Some(self.include().map(|()| Common::Include)),
            "define" => Some(self.define(DefinitionKind::Define).map(Common::Define)),
            "redefine" => Some(self.define(DefinitionKind::Redefine).map(Common::Define)),
            "undefine" => Some(self.undefine().map(Common::Undefine)),
            _ => None,
        }
    }

    // include := "include" quoted
    fn include(&mut self) -> Read<()> {
        let start = self.bump().span.start;
        if self.token.kind != Kind::Quoted {
            return Err(self.unexpected(Wanted::Text));
        }
        let path = self.string()?;
        let span = self.since(start);
        let place = self.includes.partition_point(|it| it.span.start < start);
        let followed = self.includes.get(place).filter(|it| it.span.start == start);
        let outcome = followed.map_or(&NOT_LOOKED_FOR, |it| &it.outcome);
        let (mut known, mut unseen) = (false, None);
        match outcome {
            Inclusion::Read | Inclusion::Nothing(_) => known = true,
            Inclusion::Unseen(why) => unseen = Some(*why),
            Inclusion::Refused(refusal) => {
                self.errors.add(wrong(span, ErrorKind::Include(refusal.clone())));
            }
        }
        self.included |= !known;
        self.file.includes.push(Include { span, path, known, unseen });
        Ok(())
    }

    // define := ("define" | "redefine") name "=" initializer
    fn define(&mut self, kind: DefinitionKind) -> Read<DefinitionId> {
        let start = self.bump().span.start;
        let name = self.name()?;
        self.expect_sign(Sign::Assign, &["="])?;
        let value = self.initializer()?;
        let id = DefinitionId::at(self.file.definitions.len());
        let definition = Definition { span: self.since(start), kind, name, value };
        self.file.definitions.push(definition);
        let text = self.slice(name);
        let earlier = self.scopes.iter().rev().find_map(|scope| scope.get(text)).copied();
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(text, id);
        }
        if let (DefinitionKind::Define, Some(earlier)) = (kind, earlier) {
            let earlier = self.file.definition(earlier).name;
            self.errors.add(wrong(name, ErrorKind::Redefined { earlier }));
        }
        Ok(id)
    }

    // initializer := "{" "}" | "-" number | value ("," value)*
    fn initializer(&mut self) -> Read<ExprId> {
        let start = self.token.span.start;
        if self.is_sign(Sign::Open) {
            let mark = (self.token, self.end);
            self.bump();
            self.skip_newlines();
            if self.take_sign(Sign::Close) {
                return Ok(self.push(self.since(start), ExprKind::Set(Ids::default())));
            }
            self.braces.pop();
            (self.token, self.end) = mark;
        }
        if self.take_sign(Sign::Dash) {
            let number = self.number(u64::MAX)?;
            return Ok(self.push(self.since(start), ExprKind::Negative(number)));
        }
        self.list(Side::Right)
    }

    // undefine := "undefine" name
    fn undefine(&mut self) -> Read<Span> {
        self.bump();
        let name = self.name()?;
        let text = self.slice(name);
        let known = self.scopes.last_mut().is_some_and(|scope| scope.remove(text).is_some());
        if !known && !self.included {
            self.errors.add(wrong(name, ErrorKind::UndefinedVariable { suggestion: None }));
        }
        Ok(name)
    }

    /// The definition that `name` has here; an error where there is none.
    pub(super) fn lookup(&mut self, name: Span) -> Option<DefinitionId> {
        let text = self.slice(name);
        let found = self.scopes.iter().rev().find_map(|scope| scope.get(text)).copied();
        if found.is_none() && !self.included && !self.errors.is_full() {
            let suggestion = self.similar_variable(text);
            self.errors.add(wrong(name, ErrorKind::UndefinedVariable { suggestion }));
        }
        found
    }

    fn similar_variable(&self, text: &str) -> Option<String> {
        let limit = (text.chars().count() / 3).clamp(1, 3);
        let definitions = self.file.definitions.iter().rev().take(1000);
        definitions
            .map(|definition| self.slice(definition.name))
            .filter(|name| name.len() <= 64 && text.len() <= 64)
            .map(|name| (strsim::damerau_levenshtein(text, name), name))
            .filter(|(distance, _)| *distance <= limit)
            .min()
            .map(|(_, name)| name.to_owned())
    }

    /// Reads a block, whose definitions end with it.
    pub(super) fn scoped<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.scopes.push(FxHashMap::default());
        let result = read(self);
        self.scopes.pop();
        result
    }
}
