//! Base chains that hang at one hook with one priority: whether it matters which the kernel calls first.
//!
//! The kernel calls the chain that was registered last before the others, so that the order depends on how the tables
//! were loaded. Two chains that only decide commute, because a packet passes both whatever comes first; one that writes
//! a mark, gives up tracking or translates an address may change what the other does. Both orders are walked, for the
//! packets that such a rule touches, and what comes out is compared.

mod pair;
mod parts;
mod starts;

use super::{Analysis, Calls};
use crate::model::{Action, Assignment, Base, ChainId, Hook, RuleId, Ruleset, Verdict};
use pair::{Listed, Pair};
use rustc_hash::FxHashMap;
use std::{cell::Cell, collections::BTreeMap, rc::Rc};

/// Two chains whose order matters.
#[derive(Debug, Clone)]
pub struct OrderConflict {
    /// The chains, in the order of the file.
    pub chains: [ChainId; 2],
    /// What depends on their order.
    pub what: Difference,
    /// A rule that changes the packet, and one of the other chain that sees the change or makes one of its own.
    pub rules: [RuleId; 2],
    /// Whether that rests on a condition nobody can compute.
    pub certain: bool,
    /// A packet, in packet notation.
    pub witness: Option<String>,
}

/// What comes out differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Whether a packet passes.
    Verdict,
    /// The address it is translated to.
    Translation,
    /// Its mark, its connection's mark, or whether it is tracked.
    Mark,
}

/// So many times a rule is asked about a part of the packets; what is not compared by then is not said to matter.
const MOST_STEPS: usize = 5_000_000;
/// The same for pairs of chains.
const MOST_PAIRS: usize = 10_000;

impl Analysis<'_> {
    /// The pairs of base chains whose order matters, each once. Whether two translations are the same, `alike` says where
    /// the model does not.
    pub fn order_conflicts(&self, alike: &dyn Fn(RuleId, RuleId) -> bool) -> Vec<OrderConflict> {
        let pairs = pairs(self.ruleset);
        let left = Cell::new(MOST_STEPS);
        let mut conflicts: Vec<OrderConflict> = Vec::new();
        for family in &self.families {
            let mut lists: FxHashMap<ChainId, Rc<Listed>> = FxHashMap::default();
            let mut list = |(chain, base): (ChainId, Base)| {
                let new = || Rc::new(Listed::of(&family.space, chain, base));
                Rc::clone(lists.entry(chain).or_insert_with(new))
            };
            let sees = |chain| self.ruleset.table_of(chain).family.sees(family.space.family);
            for [first, second] in pairs.iter().copied() {
                if !sees(first.0) || !sees(second.0) || left.get() == 0 {
                    continue;
                }
                let listed = [list(first), list(second)];
                let pair = Pair { space: &family.space, listed, left: &left };
                let Some(found) = pair.conflict(alike) else { continue };
                match conflicts.iter_mut().find(|it| it.chains == found.chains) {
                    Some(known) if known.what <= found.what => {}
                    Some(known) => *known = found,
                    None => conflicts.push(found),
                }
            }
        }
        conflicts.sort_by_key(|it| it.chains);
        conflicts
    }
}

/// The base chains of one hook and priority, two by two, of which at least one changes packets.
fn pairs(ruleset: &Ruleset) -> Vec<[(ChainId, Base); 2]> {
    let mut slots: BTreeMap<(Hook, i32), Vec<(ChainId, Base)>> = BTreeMap::new();
    for (id, _, base) in ruleset.base_chains().filter(|(_, _, base)| base.hook != Hook::Egress) {
        slots.entry((base.hook, base.called_at())).or_default().push((id, base));
    }
    let mut pairs = Vec::new();
    for chains in slots.values().filter(|chains| chains.len() > 1) {
        let changes: Vec<bool> = chains.iter().map(|(id, _)| changes(ruleset, *id)).collect();
        for (index, first) in chains.iter().enumerate() {
            for (other, second) in chains.iter().enumerate().skip(index + 1) {
                if pairs.len() == MOST_PAIRS {
                    return pairs;
                }
                // Chains of kind `nat` are called together, and by their numbers among themselves.
                let of_one_kind = first.1.kind == second.1.kind;
                let apart = of_one_kind && first.1.priority != second.1.priority;
                if !apart && (changes[index] || changes[other]) {
                    pairs.push([*first, *second]);
                }
            }
        }
    }
    pairs
}

/// Whether a chain, or one that it calls, changes what another one may see.
fn changes(ruleset: &Ruleset, chain: ChainId) -> bool {
    let is_change = |action: Action| match action {
        Action::Assign(assignment) => assignment != Assignment::Other,
        Action::Verdict(Verdict::Snat(_) | Verdict::Dnat(_)) => true,
        Action::Verdict(Verdict::Branches(index)) => ruleset.branches[index as usize]
            .iter()
            .any(|branch| matches!(branch.verdict, Verdict::Dnat(_))),
        _ => false,
    };
    Calls::rules_below(ruleset, chain)
        .any(|rule| ruleset.steps_of(rule).iter().any(|step| is_change(step.action)))
}
