//! A ruleset under construction.

use crate::model::{
    Action, Assignment, Base, Chain, ChainId, Condition, Field, InterfaceName, Opaque, OpaqueId,
    OpaqueKind, Place, Rule, Ruleset, Step, Subject, Table, TableFamily, TableId, Translation,
    Undefined, Unknown, Values, Verdict,
};
use crate::source::Span;
use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::hash::BuildHasher;

/// Collects tables, chains and rules in the order of the file and puts the rules of each chain side by side at the end.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub(super) ruleset: Ruleset,
    /// The rules of each chain.
    rules: Vec<Vec<Rule>>,
    interfaces: FxHashMap<InterfaceName, u32>,
    /// The ranges that are kept once, by their index in the ruleset.
    values: HashTable<u32>,
}

impl Builder {
    pub(super) fn table(&mut self, family: TableFamily, name: &str, place: Place) -> TableId {
        self.ruleset.tables.push(Table { family, name: name.to_owned(), place });
        TableId(index(self.ruleset.tables.len() - 1))
    }

    pub(super) fn chain(
        &mut self,
        table: TableId,
        name: &str,
        place: Place,
        base: Option<Base>,
    ) -> ChainId {
        let (name, packets) = (name.to_owned(), None);
        self.ruleset.chains.push(Chain {
            table,
            name,
            place,
            declared: false,
            base,
            rules: 0..0,
            packets,
        });
        self.rules.push(Vec::new());
        ChainId(index(self.ruleset.chains.len() - 1))
    }

    pub(super) fn rules(&mut self, chain: ChainId) -> &mut Vec<Rule> {
        &mut self.rules[chain.0 as usize]
    }

    pub(super) fn rules_of(&self, chain: ChainId) -> &[Rule] {
        &self.rules[chain.0 as usize]
    }

    /// The number of steps so far: a rule's steps are those between two such numbers.
    pub(super) fn mark(&self) -> u32 {
        index(self.ruleset.steps.len())
    }

    pub(super) fn step(&mut self, span: Span, action: Action) {
        self.ruleset.steps.push(Step { span, action });
    }

    pub(super) fn condition(&mut self, span: Span, condition: Condition) {
        self.step(span, Action::Match(condition));
    }

    pub(super) fn assign(&mut self, span: Span, assignment: Assignment) {
        self.step(span, Action::Assign(assignment));
    }

    pub(super) fn verdict(&mut self, span: Span, verdict: Verdict) {
        self.step(span, Action::Verdict(verdict));
    }

    /// Values that are one range, each kept once.
    pub(super) fn one(&mut self, low: u128, high: u128) -> Values {
        let ranges = &mut self.ruleset.ranges;
        let hash = FxBuildHasher.hash_one((low, high));
        let same = |index: &u32| ranges[*index as usize] == (low, high);
        if let Some(start) = self.values.find(hash, same).copied() {
            return Values { start, end: start + 1 };
        }
        let start = index(ranges.len());
        ranges.push((low, high));
        let rehash = |index: &u32| FxBuildHasher.hash_one(ranges[*index as usize]);
        self.values.insert_unique(hash, start, rehash);
        Values { start, end: start + 1 }
    }

    /// Values that are any ranges.
    pub(super) fn several(&mut self, values: impl IntoIterator<Item = (u128, u128)>) -> Values {
        let start = index(self.ruleset.ranges.len());
        self.ruleset.ranges.extend(values);
        Values { start, end: index(self.ruleset.ranges.len()) }
    }

    pub(super) fn within(
        &mut self,
        field: Field,
        low: u128,
        high: u128,
        negated: bool,
    ) -> Condition {
        Condition::In { field, values: self.one(low, high), negated }
    }

    pub(super) fn interface(&mut self, name: &str, prefix: bool) -> u32 {
        let name = InterfaceName { name: name.to_owned(), prefix };
        if let Some(known) = self.interfaces.get(&name) {
            return *known;
        }
        let number = index(self.ruleset.interfaces.len());
        self.ruleset.interfaces.push(name.clone());
        self.interfaces.insert(name, number);
        number
    }

    pub(super) fn opaque(
        &mut self,
        text: String,
        subject: Subject,
        kind: OpaqueKind,
        place: Place,
    ) -> OpaqueId {
        self.ruleset.opaques.push(Opaque { text, subject, kind, place });
        OpaqueId(index(self.ruleset.opaques.len() - 1))
    }

    pub(super) fn one_of(&mut self, alternatives: Vec<Vec<Condition>>, negated: bool) -> Condition {
        self.ruleset.alternatives.push(alternatives);
        Condition::OneOf { alternatives: index(self.ruleset.alternatives.len() - 1), negated }
    }

    pub(super) fn translation(&mut self, translation: Translation) -> Verdict {
        Verdict::Dnat(self.translated(translation))
    }

    pub(super) fn translated(&mut self, translation: Translation) -> u32 {
        self.ruleset.translations.push(translation);
        index(self.ruleset.translations.len() - 1)
    }

    pub(super) fn undefined(&mut self, undefined: Undefined) {
        self.ruleset.undefined.push(undefined);
    }

    pub(super) fn unknown(&mut self, place: Place, subject: Subject) {
        self.ruleset.unknown.push(Unknown { place, subject });
    }

    pub(super) fn finish(self) -> Ruleset {
        let mut ruleset = self.ruleset;
        ruleset.rules.reserve_exact(self.rules.iter().map(Vec::len).sum());
        for (chain, rules) in ruleset.chains.iter_mut().zip(self.rules) {
            let start = index(ruleset.rules.len());
            ruleset.rules.extend(rules);
            chain.rules = start..index(ruleset.rules.len());
        }
        ruleset
    }
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("a file is smaller than four gibibytes, and so is what it says")
}
