//! Whether two rule sets say the same, wherever in a text each part of it stands.

use super::{Base, Chain, Opaque, Rule, Ruleset, Step, Table};

impl Ruleset {
    /// Whether both say the same in the same order. It may be no and no packet be treated otherwise, never the reverse.
    pub fn is_like(&self, other: &Self) -> bool {
        let table = |it: &Table| (it.family, it.name.clone());
        let base = |it: Base| Base { policy_place: None, ..it };
        let chain = |it: &Chain| (it.table, it.name.clone(), it.base.map(base), it.rules.clone());
        let rule = |it: &Rule| (it.chain, it.steps.clone());
        let action = |it: &Step| it.action;
        let opaque = |it: &Opaque| (it.text.clone(), it.subject.clone(), it.kind);
        alike(&self.tables, &other.tables, table)
            && alike(&self.chains, &other.chains, chain)
            && alike(&self.rules, &other.rules, rule)
            && alike(&self.steps, &other.steps, action)
            && alike(&self.opaques, &other.opaques, opaque)
            && self.ranges == other.ranges
            && self.interfaces == other.interfaces
            && self.devices == other.devices
            && self.branches == other.branches
            && self.translations == other.translations
            && self.alternatives == other.alternatives
    }
}

fn alike<T, K: PartialEq>(old: &[T], new: &[T], key: impl Fn(&T) -> K) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| key(old) == key(new))
}
