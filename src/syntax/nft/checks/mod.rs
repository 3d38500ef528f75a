//! What the loader and the kernel refuse in a file that reads well: names, hooks, types, protocols, intervals.
//!
//! Nothing here depends on the machine: interfaces, host names and what is loaded already are taken as they come.

mod chains;
mod context;
mod intervals;
mod joined;
mod loops;
mod names;
mod numbers;
mod protocols;
mod rules;
mod sets;
mod translations;
mod types;
mod words;

use super::{
    error::{ErrorKind, Wanted},
    tree::{CommandKind, DefinitionId, File, Item, Merged, Place, TableRef, Verb},
};
use crate::{
    source::Span,
    syntax::{Error, error::Errors},
};
use rustc_hash::FxHashSet;
use types::Kind;

/// Notes everything that is wrong in `file`, and returns what the loader takes and merges: see [`File::merged`].
pub(super) fn check(text: &str, file: &File, errors: &mut Errors) -> Vec<Merged> {
    let names = names::Names::of(text, file);
    let (seen, merged, merged_seen) = (FxHashSet::default(), Vec::new(), FxHashSet::default());
    let mut checker = Checker { text, file, errors, names, seen, merged, merged_seen };
    checker.run();
    joined::check(&mut checker);
    loops::check(&mut checker);
    checker.merged
}

struct Checker<'f> {
    text: &'f str,
    file: &'f File,
    errors: &'f mut Errors,
    names: names::Names<'f>,
    /// The definitions that were held against a type already.
    seen: FxHashSet<(DefinitionId, Kind)>,
    /// Elements of anonymous sets that share values.
    merged: Vec<Merged>,
    /// The same, by where they stand.
    merged_seen: FxHashSet<(Span, Span)>,
}

impl<'f> Checker<'f> {
    fn run(&mut self) {
        let file = self.file;
        let mut flushed = false;
        for command in &file.commands {
            if self.errors.is_full() {
                return;
            }
            match &command.kind {
                CommandKind::Table(table) => {
                    for item in &table.items {
                        self.item(table.table, item);
                    }
                }
                CommandKind::Chain { table, chain } => {
                    self.chain(*table, chain, flushed);
                }
                CommandKind::Rule { table, chain, place, rule } => {
                    let context = self.context(*table, self.slice(*chain), flushed);
                    self.rule(&context, rule);
                    if command.verb == Verb::Replace && !matches!(place, Some(Place::Handle(_))) {
                        let wanted = Wanted::OneOf(&["handle"]);
                        self.add(rule.span, ErrorKind::Unexpected { wanted, suggestion: None });
                    }
                }
                CommandKind::Set { table, set }
                    if matches!(command.verb, Verb::Add | Verb::Create) =>
                {
                    self.set(*table, set, flushed, true);
                }
                CommandKind::Elements { table, set, elements } => {
                    let adds = matches!(command.verb, Verb::Add | Verb::Create);
                    self.elements(*table, *set, *elements, adds);
                }
                CommandKind::Broad { subject: super::Subject::Ruleset, family: None, .. }
                    if command.verb == Verb::Flush =>
                {
                    flushed = true;
                }
                _ => {}
            }
        }
    }

    fn item(&mut self, table: TableRef, item: &'f Item) {
        match item {
            Item::Chain(chain) => self.chain(table, chain, true),
            Item::Set(set) => self.set(table, set, true, true),
            _ => {}
        }
    }

    fn slice(&self, span: Span) -> &'f str {
        self.text.get(span.range()).unwrap_or_default()
    }

    fn add(&mut self, span: Span, kind: ErrorKind) {
        self.errors.add(Error { span, kind: crate::syntax::ErrorKind::Nft(kind) });
    }
}
