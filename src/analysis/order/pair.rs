//! Two chains of one hook and priority, and what they do to the same packets in both orders.

use super::{
    Difference, OrderConflict,
    parts::{Part, is_changed},
};
use crate::{
    analysis::{
        Path, Slice, Space,
        flat::{Effect, Entry, Flat},
        witness,
    },
    model::{Assignment, Base, ChainId, Field, Hook, RuleId, State, Verdict},
    packets::{Axis, Cube, Term},
};
use std::{cell::Cell, rc::Rc};

/// A chain with the list of its entries.
pub(super) struct Listed {
    pub(super) chain: ChainId,
    pub(super) base: Base,
    pub(super) flat: Flat,
}

/// The two of them.
pub(super) struct Pair<'a, 'r> {
    pub(super) space: &'a Space<'r>,
    pub(super) listed: [Rc<Listed>; 2],
    /// How many steps are left.
    pub(super) left: &'a Cell<usize>,
}

/// What a rule changes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// One of the axes of [`Space::is_assigned`].
    Axes,
    Destination,
    Source,
}

impl Listed {
    pub(super) fn of(space: &Space<'_>, chain: ChainId, base: Base) -> Self {
        Self { chain, base, flat: Flat::of(space, chain) }
    }
}

impl Pair<'_, '_> {
    /// The gravest way in which the order matters.
    pub(super) fn conflict(&self, alike: &dyn Fn(RuleId, RuleId) -> bool) -> Option<OrderConflict> {
        if self.listed.iter().any(|it| it.flat.bounded) {
            return None;
        }
        let mut worst: Option<OrderConflict> = None;
        for (changing, rules) in self.meetings() {
            for start in self.starts(&changing) {
                let Some((what, cube)) = self.compare(&start, alike) else { continue };
                if worst.as_ref().is_some_and(|known| known.what <= what) {
                    continue;
                }
                let certain =
                    cube.terms().iter().all(|(axis, _)| self.space.opaque(*axis).is_none());
                let witness = self.witness(cube);
                let chains = [self.listed[0].chain, self.listed[1].chain];
                worst = Some(OrderConflict { chains, what, rules, certain, witness });
            }
            if worst.as_ref().is_some_and(|it| it.what == Difference::Verdict) {
                break;
            }
        }
        worst
    }

    /// The conditions of each entry that changes something which an entry of the other chain reads or changes too, for
    /// packets that both may meet; with the rules of the two.
    fn meetings(&self) -> Vec<(Vec<Term>, [RuleId; 2])> {
        let mut meetings = Vec::new();
        for (mine, other) in [(0, 1), (1, 0)] {
            let (mine, other) = (&self.listed[mine].flat, &self.listed[other].flat);
            for entry in &mine.entries {
                let Some(change) = self.change(entry) else { continue };
                let terms = unchanged(mine.terms(entry));
                if !self.spend(other.entries.len()) {
                    return meetings;
                }
                let Some(cube) = Cube::of(&self.space.store, terms.iter().copied()) else {
                    continue;
                };
                let meets = |it: &&Entry| {
                    self.sees(other, it, entry, change)
                        && (change != Change::Axes
                            || cube.overlaps(&unchanged(other.terms(it)), &self.space.store))
                };
                if let Some(met) = other.entries.iter().find(meets) {
                    meetings.push((terms, [entry.rule, met.rule]));
                }
            }
        }
        meetings
    }

    /// Takes steps from those that are left; whether there were enough.
    pub(super) fn spend(&self, steps: usize) -> bool {
        let left = self.left.get().saturating_sub(steps);
        self.left.set(left);
        left > 0
    }

    /// What an entry changes of the packets that fulfil it.
    fn change(&self, entry: &Entry) -> Option<Change> {
        match entry.effect {
            Effect::Assign(Assignment::Other) => None,
            Effect::Assign(_) => Some(Change::Axes),
            Effect::Dnat(_) => Some(Change::Destination),
            Effect::Accept if self.hides(entry.rule) => Some(Change::Source),
            _ => None,
        }
    }

    /// Whether a rule hides the source of packets.
    pub(super) fn hides(&self, rule: RuleId) -> bool {
        let ruleset = self.space.ruleset;
        matches!(ruleset.verdict_of(ruleset.rule(rule)), Some((Verdict::Snat(_), _)))
    }

    /// Whether `other`, an entry of the other chain, reads or writes what `entry` changes.
    fn sees(&self, flat: &Flat, other: &Entry, entry: &Entry, change: Change) -> bool {
        let reads = |axis: Axis| flat.terms(other).iter().any(|term| term.0 == axis);
        match change {
            Change::Axes => {
                let written = self.written(entry);
                written.iter().any(|axis| reads(*axis))
                    || self.written(other).iter().any(|axis| written.contains(axis))
            }
            Change::Destination => {
                let read = [
                    Field::Destination,
                    Field::DestinationPort,
                    Field::DestinationKind,
                    Field::Translated,
                ];
                matches!(other.effect, Effect::Dnat(_))
                    || read.into_iter().any(|it| reads(Axis(it as u32)))
            }
            Change::Source => self.change(other) == Some(Change::Source),
        }
    }

    /// The axes that an entry writes.
    fn written(&self, entry: &Entry) -> Vec<Axis> {
        let of_mark = |field: Field, mask: u32| {
            let axes = self.space.mark_axes(field).filter(move |(_, group)| group & mask != 0);
            axes.map(|(axis, _)| axis).collect()
        };
        match entry.effect {
            Effect::Assign(Assignment::Untracked) => vec![Space::axis(Field::State)],
            Effect::Assign(Assignment::Bits { field, mask, .. }) => of_mark(field, mask),
            Effect::Assign(Assignment::Header { field, .. }) => vec![Space::axis(field)],
            Effect::Assign(Assignment::Copy { to, mask, .. }) => of_mark(to, mask),
            _ => Vec::new(),
        }
    }

    /// Walks both orders; what comes out differently, with the packets for which it does.
    fn compare(
        &self,
        start: &Cube,
        alike: &dyn Fn(RuleId, RuleId) -> bool,
    ) -> Option<(Difference, Cube)> {
        let [first, second] = &self.listed;
        let store = &self.space.store;
        let begin =
            || vec![Part { slice: Slice::of(start.clone()), translated: None, unknown: false }];
        let through = |one: &Listed, two: &Listed| {
            let parts = self.walk(two, self.walk(one, begin())?)?;
            Some(parts.into_iter().map(|part| (part.sent(), part)).collect::<Vec<_>>())
        };
        let (one, two) = (through(first, second)?, through(second, first)?);
        let whole = |cube: &Cube| cube.intersect(start.terms(), store);
        for (here, there) in [(&one, &two), (&two, &one)] {
            for (sent, _) in here.iter().filter(|(_, part)| !part.unknown) {
                let mut lost = vec![sent.clone()];
                for (passed, _) in there {
                    if !self.spend(lost.len()) {
                        return None;
                    }
                    lost = lost.iter().flat_map(|it| it.minus(passed.terms(), store)).collect();
                }
                if let Some(cube) = lost.first() {
                    return Some((Difference::Verdict, whole(cube)?));
                }
            }
        }
        let known = |parts: &'_ [(Cube, Part)]| {
            parts.iter().filter(|(_, part)| !part.unknown).cloned().collect::<Vec<_>>()
        };
        let mut found = None;
        for (sent, part) in &known(&one) {
            if !self.spend(two.len()) {
                return found;
            }
            for (also, like) in &known(&two) {
                let Some(common) = sent.intersect(also.terms(), store) else { continue };
                match difference(part, like, alike) {
                    Some(Difference::Mark) => {
                        found = found.or_else(|| Some((Difference::Mark, whole(&common)?)));
                    }
                    Some(what) => return Some((what, whole(&common)?)),
                    None => {}
                }
            }
        }
        found
    }

    /// A packet that arrives without a mark.
    fn witness(&self, cube: Cube) -> Option<String> {
        let path = match self.listed[0].base.hook {
            Hook::Ingress | Hook::Prerouting | Hook::Input => Path::Input,
            Hook::Forward => Path::Forward,
            Hook::Output | Hook::Postrouting | Hook::Egress => return None,
        };
        let slice = Slice::of(cube);
        let zero = |axis: Axis| {
            slice.cube.get(axis).is_none_or(|set| self.space.only(axis, set) == Some(0))
        };
        if !self.space.mark_axes(Field::Mark).all(|(axis, _)| zero(axis)) {
            return None;
        }
        let packet = witness::of_slice(self.space, &slice, path)?;
        let state = self.space.only(Field::State, slice.now(Field::State))?;
        let state = match State::ALL.into_iter().find(|it| it.value() == state)? {
            State::New => return Some(packet),
            State::Invalid if self.is_before_tracking() => return Some(packet),
            State::Invalid => "invalid",
            State::Established => "established",
            State::Related => "related",
            State::Untracked => "untracked",
        };
        Some(format!("{packet} state {state}"))
    }
}

/// The conditions on what no rule changes.
fn unchanged(terms: &[Term]) -> Vec<Term> {
    terms.iter().copied().filter(|(axis, _)| !is_changed(*axis)).collect()
}

/// What is different about packets that pass in both orders.
fn difference(
    one: &Part,
    two: &Part,
    alike: &dyn Fn(RuleId, RuleId) -> bool,
) -> Option<Difference> {
    let same = match (one.translated, two.translated) {
        (Some(by), Some(by_other)) => {
            by == by_other || leads_alike(&one.slice, &two.slice) || alike(by, by_other)
        }
        (one, two) => one == two,
    };
    if !same {
        return Some(Difference::Translation);
    }
    let assigned = |part: &Part| {
        let terms = part.slice.cube.terms().iter().copied();
        terms.filter(|(axis, _)| Space::is_assigned(*axis)).collect::<Vec<_>>()
    };
    (assigned(one) != assigned(two)).then_some(Difference::Mark)
}

/// Whether two parts have had their destination made the same.
fn leads_alike(one: &Slice, two: &Slice) -> bool {
    let now = |it: &Slice| {
        let new = [Field::Destination, Field::DestinationPort];
        (it.redirected, new.map(|field| it.cube.get(Space::rewritten(field))))
    };
    one.translated_by.is_some() && two.translated_by.is_some() && now(one) == now(two)
}
