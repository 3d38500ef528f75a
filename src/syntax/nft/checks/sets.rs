//! Named sets and maps, and elements that commands add to them.

use super::{Checker, context::Context, types::Kind};
use crate::{
    source::Span,
    syntax::nft::{
        error::ErrorKind,
        tree::{Data, ExprId, ExprKind, Ids, Set, SetFlags, TableRef, Target},
    },
};

impl<'f> Checker<'f> {
    pub(super) fn set(&mut self, table: TableRef, set: &'f Set, closed: bool, new: bool) {
        let cx = self.context(table, "", closed);
        if let Some(body) = set.body
            && new
            && set.key.is_none()
        {
            // A misspelt type is not a missing one.
            if !self.errors.touch(body) {
                self.add(set.name, ErrorKind::MissingType);
            }
            return;
        }
        for elements in &set.elements {
            self.set_elements(&cx, set, *elements, true);
        }
    }

    /// Elements that a command adds to a set of this file, or takes from it.
    pub(super) fn elements(&mut self, table: TableRef, name: Span, elements: ExprId, adds: bool) {
        let cx = self.context(table, "", false);
        let known = self.names.get(cx.family, cx.table);
        let set = known.and_then(|table| table.sets.get(self.slice(name)).copied());
        if let Some(set) = set {
            self.set_elements(&cx, set, elements, adds);
        }
    }

    fn set_elements(&mut self, cx: &Context<'f>, set: &'f Set, elements: ExprId, adds: bool) {
        let Some(resolved) = self.file.resolved(elements) else { return };
        let ExprKind::Set(elements) = self.file.expr(resolved).kind else { return };
        let Some(key) = &set.key else { return };
        let kinds = self.declared(cx, key);
        let before = self.errors.len();
        self.keys(cx, set, &kinds, elements, adds, 0);
        let interval = set.flags.contains(SetFlags::INTERVAL);
        if let [Some(kind)] = kinds[..]
            && self.errors.len() == before
            && interval
            && !set.auto_merge
            && adds
        {
            self.overlaps(kind, elements);
        }
    }

    fn keys(
        &mut self,
        cx: &Context<'f>,
        set: &'f Set,
        kinds: &[Option<Kind>],
        elements: Ids,
        adds: bool,
        depth: u32,
    ) {
        let interval = set.flags.contains(SetFlags::INTERVAL);
        for element in self.file.elements(elements) {
            if self.errors.is_full() {
                return;
            }
            let key = self.file.expr(element.key);
            if let Some(inner) = self.nested(element.key) {
                if depth < 8 {
                    self.keys(cx, set, kinds, inner, adds, depth + 1);
                }
                continue;
            }
            self.value(cx, kinds, element.key, 0);
            if !interval && self.is_interval(element.key) {
                self.add(key.span, ErrorKind::MissingInterval);
                return;
            }
            let Some(data) = element.data else {
                if set.is_map && adds && !matches!(key.kind, ExprKind::Variable(_)) {
                    self.add(key.span, ErrorKind::MissingData);
                }
                continue;
            };
            let data_expr = self.file.expr(data);
            if !set.is_map {
                self.add(data_expr.span, ErrorKind::UnexpectedData);
                continue;
            }
            self.data(cx, set, data);
        }
    }

    fn data(&mut self, cx: &Context<'f>, set: &'f Set, data: ExprId) {
        let expr = self.file.expr(data);
        match (&set.data, &expr.kind) {
            (_, ExprKind::Variable(_)) => {}
            (Some(Data::Verdict), ExprKind::Verdict(verdict)) => self.verdict(cx, *verdict),
            (Some(Data::Verdict), _) => {
                let datatype = crate::syntax::nft::datatype::Datatype::Verdict;
                self.add(expr.span, ErrorKind::BadValue { datatype });
            }
            (Some(Data::Object(kind)), ExprKind::Quoted | ExprKind::Word) => {
                let quotes = u32::from(expr.kind == ExprKind::Quoted);
                let inner = Span::new(expr.span.start + quotes, expr.span.end - quotes);
                self.refer(cx, Target::Object(*kind), inner);
            }
            (Some(Data::Value { of, .. }), ExprKind::Verdict(_)) => {
                if let Some(kind) = self.declared(cx, of).first().copied().flatten() {
                    self.add(expr.span, ErrorKind::BadValue { datatype: kind.datatype });
                }
            }
            (Some(Data::Value { of, .. }), _) => {
                let kinds = self.declared(cx, of);
                self.value(cx, &kinds, data, 0);
            }
            _ => {}
        }
    }

    /// The elements of a set in a set, written there or in a variable.
    fn nested(&self, key: ExprId) -> Option<Ids> {
        let resolved = self.file.resolved(key)?;
        match self.file.expr(resolved).kind {
            ExprKind::Set(elements) => Some(elements),
            _ => None,
        }
    }

    /// Whether a key takes more than one value.
    fn is_interval(&self, key: ExprId) -> bool {
        let Some(resolved) = self.file.resolved(key) else { return false };
        let is_one = |id: ExprId| {
            let resolved = self.file.resolved(id);
            resolved.is_some_and(|id| {
                let expr = self.file.expr(id);
                let text = self.slice(expr.span).trim_end_matches('"');
                let wildcard = text.ends_with('*') && !text.ends_with("\\*");
                match expr.kind {
                    ExprKind::Range { .. } | ExprKind::Prefix { .. } => true,
                    ExprKind::Word | ExprKind::Quoted => wildcard,
                    _ => false,
                }
            })
        };
        match self.file.expr(resolved).kind {
            ExprKind::Concat(parts) => self.file.parts(parts).iter().any(|part| is_one(*part)),
            _ => is_one(resolved),
        }
    }
}
