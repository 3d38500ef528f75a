//! The few rules that explain why a rule is dead: no more than it takes, and where they are met from its own chain.

use super::{DeadRule, cause::takes, fate::Part};
use crate::{
    analysis::{
        Space,
        flat::{Effect, Entry, Flat},
    },
    model::RuleId,
    packets::{Cube, SetId, Term},
};

/// The most rules that explain one.
const SHOWN: usize = 3;
/// With more pairs of a part and an entry than this nobody looks for the fewest.
const MOST_PAIRS: usize = 4_000;

/// A rule that takes packets of a dead one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taker {
    /// The entry that decides.
    pub(super) entry: u32,
    /// How many of the packets it takes, as a power of two.
    size: i64,
}

impl Taker {
    pub(super) const fn of(entry: u32) -> Self {
        Self { entry, size: 0 }
    }
}

/// What takes a rule's packets, and what of them.
pub(super) struct Taking<'a> {
    pub(super) space: &'a Space<'a>,
    pub(super) flat: &'a Flat,
    /// The parts of the packets that are to be explained, and the places that they do not come to.
    pub(super) parts: Vec<(&'a Part, u32)>,
}

impl Taking<'_> {
    /// The fewest entries that take all parts, as far as a few looks find them, those that take most first; and the first
    /// that does something else with some of them.
    pub(super) fn fewest(&self) -> Vec<Taker> {
        let mut takers: Vec<Taker> = Vec::new();
        for (part, at) in &self.parts {
            let Some(entry) = takes(part, *at) else { continue };
            let size = size(self.space, &part.slice.cube);
            match takers.iter_mut().find(|it| it.entry == entry) {
                Some(known) => known.size = known.size.max(size),
                None => takers.push(Taker { entry, size }),
            }
        }
        takers.sort_by_key(|it| (std::cmp::Reverse(it.size), it.entry));
        if takers.len() < 2 || takers.len() * self.parts.len() > MOST_PAIRS {
            return takers;
        }
        let covers: Vec<Vec<bool>> = takers
            .iter()
            .map(|taker| self.parts.iter().map(|it| self.takes_whole(taker.entry, *it)).collect())
            .collect();
        let mut open = vec![true; self.parts.len()];
        let mut chosen: Vec<usize> = Vec::new();
        while open.contains(&true) {
            let gain = |at: usize| open.iter().zip(&covers[at]).filter(|(a, b)| **a && **b).count();
            let best = (0..takers.len()).rev().max_by_key(|at| gain(*at));
            let Some(best) = best.filter(|best| gain(*best) > 0) else { return takers };
            for (open, covered) in open.iter_mut().zip(&covers[best]) {
                *open &= !covered;
            }
            chosen.push(best);
        }
        for at in (0..chosen.len()).rev() {
            let others = || chosen.iter().enumerate().filter(|it| it.0 != at).map(|it| *it.1);
            let needless = (0..self.parts.len()).all(|part| others().any(|it| covers[it][part]));
            if needless {
                chosen.remove(at);
            }
        }
        chosen.sort_unstable();
        let effect = |at: usize| self.flat.entries[takers[at].entry as usize].effect;
        let is_new = |at: &usize| chosen.iter().all(|it| effect(*it) != effect(*at));
        let other = (0..takers.len()).find(is_new);
        chosen.into_iter().chain(other).map(|at| takers[at]).collect()
    }

    /// Whether an entry would take all of a part, did it meet it.
    fn takes_whole(&self, index: u32, (part, at): (&Part, u32)) -> bool {
        if takes(part, at) == Some(index) {
            return true;
        }
        let entry = &self.flat.entries[index as usize];
        let decides = index < at && entry.end == Entry::FINAL && entry.certain && !entry.opaque;
        decides
            && self.flat.returns_past(entry).next().is_none()
            && part
                .slice
                .view(self.flat.terms(entry), self.space)
                .is_some_and(|view| part.slice.cube.is_subset(&view, &self.space.store))
    }
}

impl DeadRule {
    /// Is explained by rules that take its packets: where they are met from the walk that leads to it, and where that
    /// is a jump, what decides behind it.
    pub(super) fn name(&mut self, flat: &Flat, path: &[RuleId], takers: &[Taker]) {
        let own: Vec<RuleId> = path.iter().copied().chain([self.rule]).collect();
        let mut named: Vec<(RuleId, RuleId, Effect)> = Vec::new();
        for taker in takers {
            let entry = &flat.entries[taker.entry as usize];
            let mut theirs: Vec<RuleId> = flat.path(entry).collect();
            theirs.reverse();
            theirs.push(entry.rule);
            let met = theirs.iter().zip(&own).find(|(theirs, own)| theirs != own);
            let met = met.map_or(entry.rule, |(theirs, _)| *theirs);
            if !named.iter().any(|it| (it.0, it.2) == (met, entry.effect)) {
                named.push((met, entry.rule, entry.effect));
            }
        }
        // One of each verdict is among those that are shown.
        if let Some(first) = named.first().copied()
            && named.iter().take(SHOWN).all(|it| it.2 == first.2)
            && let Some(other) = named.iter().position(|it| it.2 != first.2)
        {
            named.swap(other, SHOWN - 1);
        }
        let mut by: Vec<RuleId> = Vec::new();
        for (met, ..) in &named {
            if !by.contains(met) {
                by.push(*met);
            }
        }
        self.take(by);
        let shown = named.iter().filter(|it| self.by.contains(&it.0));
        self.deciders = shown.map(|it| it.1).collect();
    }

    /// Is explained by `rules`, which themselves decide.
    pub(super) fn take(&mut self, mut rules: Vec<RuleId>) {
        self.more = rules.len().saturating_sub(SHOWN);
        rules.truncate(SHOWN);
        self.deciders.clone_from(&rules);
        self.by = rules;
    }
}

/// How much of everything a cube is, as a power of two: not exact, but the same for the same.
pub(super) fn size(space: &Space<'_>, cube: &Cube) -> i64 {
    let log = |size: u128| i64::from(size.max(1).ilog2());
    let part = |(axis, set): &Term| {
        let whole = space.size(*axis, SetId::FULL);
        log(space.size(*axis, *set)) - log(whole)
    };
    cube.terms().iter().map(part).sum()
}
