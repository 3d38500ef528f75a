//! What a change opens or closes: two rule sets in one space, and the packets that only one of them lets in.
//!
//! The base chains of both sides are listed and laid beside each other (`lists`); packets that meet none of the entries in
//! which the lists differ are treated alike (`deltas`). The others are walked through both sides (`walk`), and what
//! comes out is subtracted (`pieces`). Each difference is shown by a packet and by the rules that decide about it
//! (`differences`).
//!
//! A condition that changes with time hides nothing: what some moment lets in is let in. Any other condition that nobody can
//! compute is a question, and the same question on both sides if it reads the same there.

mod align;
mod deltas;
mod differences;
mod lists;
mod nearby;
mod pieces;
mod reordered;
mod standing;
mod starts;
mod walk;
mod witness;

pub use differences::{Difference, Direction};
pub use reordered::Reordered;
pub use standing::{Standing, State};
pub use starts::Class;

use super::{Space, calls::in_calling_order, flat::Effect};
use crate::{
    model::{
        Action, Base, ChainId, Family, OpaqueKind, Policy, RuleId, Ruleset, Seam, Subject, Verdict,
    },
    packets::Ranges,
};
use lists::Lists;
use pieces::Pieces;
use std::collections::BTreeSet;

pub use super::trace::Decision;

/// One of the two rule sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// What was.
    Old,
    /// What is to be.
    New,
}

/// Where packets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// To this host.
    Input,
    /// Through this host.
    Forward,
    /// From this host.
    Output,
}

impl Path {
    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Forward => "forward",
            Self::Output => "output",
        }
    }
}

/// Two rule sets that are compared.
#[derive(Debug)]
pub struct Pair {
    /// Both, the new one behind the old one.
    pub ruleset: Ruleset,
    /// Whether both say the same word by word, so that no packet needs to be followed.
    pub same: bool,
    seam: Seam,
    old: Vec<(ChainId, Base)>,
    new: Vec<(ChainId, Base)>,
}

impl Pair {
    /// Lays two rule sets beside each other; the files of the new one count from `files` on.
    pub fn of(old: Ruleset, new: Ruleset, files: u32) -> Self {
        let order = |ruleset: &Ruleset| -> Vec<ChainId> {
            in_calling_order(ruleset).into_iter().map(|(chain, _)| chain).collect()
        };
        let (first, second) = (order(&old), order(&new));
        let same = old.is_like(&new);
        let (ruleset, seam) = old.beside(new, files);
        let with_base = |chain: ChainId| Some((chain, ruleset.chain(chain).base?));
        let moved = |chain: ChainId| ChainId(chain.0 + seam.chain.0);
        let old = first.into_iter().filter_map(with_base).collect();
        let new = second.into_iter().map(moved).filter_map(with_base).collect();
        Self { ruleset, same, seam, old, new }
    }

    /// The base chains of a side, in the order in which the kernel calls them.
    fn chains(&self, side: Side) -> &[(ChainId, Base)] {
        match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        }
    }

    fn side_of_chain(&self, chain: ChainId) -> Side {
        if chain < self.seam.chain { Side::Old } else { Side::New }
    }

    /// The side that a rule is of.
    pub fn side(&self, rule: RuleId) -> Side {
        if rule < self.seam.rule { Side::Old } else { Side::New }
    }
}

/// What a comparison does not look at, or takes for the same where it reads the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Modulo {
    /// A condition that changes with time or with what was sent before.
    Timing(Subject),
    /// A property of the packet that is not modelled, or something that the text does not hold.
    Unknown(Subject),
    /// Traces that rules leave outside the packet: log lines, counters, elements of sets.
    Notes,
    /// How the sender is told that its packet was thrown away.
    Refusals,
    /// What the source address is rewritten to.
    SourceTranslation,
    /// Header fields that rules write and that are not modelled.
    HeaderChanges,
}

/// A base chain whose policy changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyChange {
    /// The chain of the old side; none if it has no such chain.
    pub old: Option<ChainId>,
    /// The chain of the new side.
    pub new: Option<ChainId>,
}

/// Rules that stand on one side only, or at another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    /// Only the new side has them.
    pub added: usize,
    /// Only the old side has them.
    pub removed: usize,
    /// Both sides have them, in another order.
    pub moved: usize,
}

/// What two rule sets differ in, for one family.
#[derive(Debug)]
pub struct FamilyComparison<'p> {
    /// The space of its packets.
    pub space: Space<'p>,
    /// What only one side lets in, the worst first.
    pub differences: Vec<Difference>,
    /// How many differences more there are.
    pub omitted: usize,
    /// What was not compared.
    pub modulo: BTreeSet<Modulo>,
    /// The policies that changed.
    pub policies: Vec<PolicyChange>,
    /// The rules that changed.
    pub changes: Changes,
    /// Whether a bound stopped the comparison.
    pub bounded: bool,
    /// Whether rules read or write a mark of which nobody can tell what it is.
    pub inexact: bool,
}

impl FamilyComparison<'_> {
    /// Whether both sides treat every packet alike; `None` where that is not proven.
    pub fn equivalent(&self) -> Option<bool> {
        if self.differences.iter().any(|it| it.certain) {
            return Some(false);
        }
        let proven = self.differences.is_empty() && !self.bounded && !self.inexact;
        proven.then_some(true)
    }

    /// The interfaces that packets of a difference come in on; none for all of them.
    pub fn interfaces(&self, difference: &Difference) -> Vec<String> {
        differences::interfaces(&self.space, difference)
    }

    /// The values of a field that packets of a difference have as they are sent; none where all.
    pub fn values(&self, difference: &Difference, field: crate::model::Field) -> Option<Ranges> {
        let axis = Space::axis(field);
        Some(self.space.ranges(axis, difference.cube.get(axis)?))
    }
}

/// Which sides have tables that see packets of a family.
pub fn sides(pair: &Pair, family: Family) -> Vec<Side> {
    let sees = |side: Side| {
        let chains = pair.ruleset.chains.iter().zip(0..);
        let mut tables = chains.filter(|(_, at)| pair.side_of_chain(ChainId(*at)) == side);
        tables.any(|(it, _)| pair.ruleset.tables[it.table.0 as usize].family.sees(family))
    };
    [Side::Old, Side::New].into_iter().filter(|it| sees(*it)).collect()
}

/// Compares the two sides in each family in which both have tables; `output` says whether what this host sends counts too.
pub fn compare(pair: &Pair, output: bool) -> Vec<FamilyComparison<'_>> {
    let families = [Family::Ipv4, Family::Ipv6].into_iter();
    let families = families.filter(|family| sides(pair, *family).len() == 2);
    families.map(|family| compare_family(pair, family, output)).collect()
}

fn compare_family(pair: &Pair, family: Family, output: bool) -> FamilyComparison<'_> {
    let space = Space::of(&pair.ruleset, family);
    let mut lists = Lists::of(&space, pair);
    if !output {
        let counts = |hook| hook != crate::model::Hook::Output;
        lists.old.retain(|(hook, _)| counts(*hook));
        lists.new.retain(|(hook, _)| counts(*hook));
    }
    let found = if pair.same { Pieces::default() } else { pieces::pieces(&space, &lists, output) };
    let bounded = !pair.same && (lists.bounded || found.bounded);
    let inexact = found.inexact;
    let (differences, omitted) = differences::of(&space, &lists, &found);
    FamilyComparison {
        differences,
        omitted,
        modulo: modulo(&space, &lists),
        policies: policies(&lists),
        changes: changes(&lists),
        bounded,
        inexact,
        space,
    }
}

/// What no question of the comparison is about.
fn modulo(space: &Space<'_>, lists: &Lists) -> BTreeSet<Modulo> {
    let mut found = BTreeSet::new();
    let mut axes = BTreeSet::new();
    for listed in lists.all() {
        for entry in &listed.flat.entries {
            let opaque = |axis| space.opaque(axis).is_some();
            axes.extend(listed.flat.terms(entry).iter().map(|it| it.0).filter(|it| opaque(*it)));
            if matches!(entry.effect, Effect::Assign(crate::model::Assignment::Other)) {
                found.insert(Modulo::HeaderChanges);
            }
        }
        if listed.base.policy == Policy::Unknown {
            axes.insert(listed.policy);
        }
    }
    for axis in axes {
        let Some((subject, opaque)) = space.subject(axis).zip(space.opaque(axis)) else { continue };
        found.insert(match opaque.kind {
            OpaqueKind::Timing => Modulo::Timing(subject),
            OpaqueKind::Header | OpaqueKind::Assumed | OpaqueKind::Fixed | OpaqueKind::Foreign => {
                Modulo::Unknown(subject)
            }
        });
    }
    let sees = |chain: ChainId| space.ruleset.table_of(chain).family.sees(space.family);
    for rule in space.ruleset.rules.iter().filter(|rule| sees(rule.chain)) {
        for step in space.ruleset.steps_of(rule) {
            match step.action {
                Action::Note | Action::Log(_) => found.insert(Modulo::Notes),
                Action::Verdict(Verdict::Reject) => found.insert(Modulo::Refusals),
                Action::Verdict(Verdict::Snat(_)) => found.insert(Modulo::SourceTranslation),
                _ => false,
            };
        }
    }
    found
}

fn policies(lists: &Lists) -> Vec<PolicyChange> {
    let mut found = Vec::new();
    for ((_, old), (_, new)) in lists.old.iter().zip(&lists.new) {
        let mut changed = |side: Side, listed: &lists::Listed| {
            if !listed.policy_changed {
                return;
            }
            let place = |it: &&lists::Listed| {
                it.policy_changed
                    && (it.base.called_at(), it.base.kind)
                        == (listed.base.called_at(), listed.base.kind)
            };
            let other = if side == Side::Old { new } else { old };
            let other = other.iter().find(place).map(|it| it.chain);
            let (old, new) = match side {
                Side::Old => (Some(listed.chain), other),
                Side::New => (other, Some(listed.chain)),
            };
            let change = PolicyChange { old, new };
            if !found.contains(&change) {
                found.push(change);
            }
        };
        for listed in old {
            changed(Side::Old, listed);
        }
        for listed in new {
            changed(Side::New, listed);
        }
    }
    found
}

/// The rules behind the entries that the sides do not share.
fn changes(lists: &Lists) -> Changes {
    let mut changes = Changes::default();
    for ((_, old), (_, new)) in lists.old.iter().zip(&lists.new) {
        let rules = |all: &[lists::Listed]| {
            let mut texts: Vec<(Vec<crate::packets::Term>, RuleId)> = Vec::new();
            for listed in all {
                for at in &listed.changed {
                    let entry = &listed.flat.entries[*at as usize];
                    texts.push((listed.flat.terms(entry).to_vec(), entry.rule));
                }
            }
            texts
        };
        let (left, mut right) = (rules(old), rules(new));
        right.sort();
        let (mut gone, mut moved) = (BTreeSet::new(), BTreeSet::new());
        let mut used = BTreeSet::new();
        for (terms, rule) in left {
            let from = right.partition_point(|it| it.0 < terms);
            let same = right[from..].iter().take_while(|it| it.0 == terms);
            let free = same.map(|it| it.1).find(|it| !used.contains(it));
            match free {
                Some(other) => {
                    used.insert(other);
                    moved.insert(rule);
                }
                None => {
                    gone.insert(rule);
                }
            }
        }
        let added: BTreeSet<RuleId> =
            right.iter().map(|it| it.1).filter(|it| !used.contains(it)).collect();
        changes.removed += gone.iter().filter(|it| !moved.contains(it)).count();
        changes.moved += moved.len();
        changes.added += added.len();
    }
    changes
}
