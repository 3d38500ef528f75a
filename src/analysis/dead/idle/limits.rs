//! Limits on what is let in all the same.

use super::{
    Asking, Counting, List,
    later::{Asked, Ending},
};
use crate::{
    analysis::{Analysis, Slice, Space, arrival, flat::Effect, interfaces::Interfaces, witness},
    model::{Assignment, ChainId, Field, Hook, OpaqueKind, RuleId, State, Verdict},
    packets::{Cube, Ranges, SetId, Term},
};
use rustc_hash::FxHashSet;

/// A rule that lets packets in up to a rate, and those above it get in too.
#[derive(Debug, Clone)]
pub struct Bypassed {
    /// The rule.
    pub rule: RuleId,
    /// The later rules that let them in, in order.
    pub by: Vec<RuleId>,
    /// The base chain whose policy does, for what no rule decides.
    pub policy: Option<ChainId>,
    /// A packet.
    pub witness: Option<String>,
}

impl Analysis<'_> {
    /// Those of `rules`, which let packets in by the rate at which they come, that might as well not ask for it.
    pub fn bypassed(&self, rules: &[RuleId], counting: Counting<'_>) -> Vec<Bypassed> {
        let mut wanted: FxHashSet<RuleId> =
            rules.iter().copied().filter(|it| self.dead().reaches(*it)).collect();
        let mut found: Vec<Bypassed> = Vec::new();
        if wanted.is_empty() {
            return found;
        }
        let asking = Asking::new(self, counting);
        for list in asking.lists() {
            let starts = opening(&list);
            for (entry, at) in list.listed.flat.entries.iter().zip(0..) {
                if !wanted.contains(&entry.rule) || entry.effect != Effect::Accept {
                    continue;
                }
                let terms = without_rates(&list.family.space, list.listed.flat.terms(entry));
                match asking.excess(&list, &starts, &terms, entry.rule, at) {
                    Some(new) => add(&mut found, new),
                    None => drop(wanted.remove(&entry.rule)),
                }
            }
        }
        found.retain(|it| wanted.contains(&it.rule) && (!it.by.is_empty() || it.policy.is_some()));
        found.sort_by_key(|it| it.rule);
        found
    }
}

/// Adds what holds of a rule at one place.
fn add(found: &mut Vec<Bypassed>, new: Bypassed) {
    let Some(known) = found.iter_mut().find(|it| it.rule == new.rule) else {
        return found.push(new);
    };
    known.by.extend(new.by);
    known.by.sort_unstable();
    known.by.dedup();
    known.policy = known.policy.or(new.policy);
    known.witness = known.witness.take().or(new.witness);
}

impl Asking<'_, '_> {
    /// What lets in the packets that a rule would let in if their rate allowed it; `None` if not all of them get in.
    fn excess(
        &self,
        list: &List<'_, '_>,
        starts: &[Slice],
        terms: &[Term],
        rule: RuleId,
        at: u32,
    ) -> Option<Bypassed> {
        let mut bypassed = Bypassed { rule, by: Vec::new(), policy: None, witness: None };
        let (wanted, verdict) = (Effect::Accept, Some(Verdict::Accept));
        let (from, without) = (at + 1, Some(rule));
        let asked = Asked { from, wanted, verdict, without, passing: true, traces: false };
        let space = &list.family.space;
        for start in starts.iter().filter_map(|it| it.narrowed_to(terms, space)) {
            if self.is_spent() {
                self.leave([rule]);
                return None;
            }
            match self.ending(list, &start, asked) {
                Ending::Same { by, policy } => {
                    bypassed.by.extend(by);
                    if policy {
                        bypassed.policy = Some(list.listed.chain);
                    }
                    let hook = list.listed.base.hook;
                    let show = || Some(witness::at_hook(space, &start, hook)?.to_string());
                    bypassed.witness = bypassed.witness.take().or_else(show);
                }
                Ending::Other => return None,
                Ending::Unsettled => {
                    self.leave([rule]);
                    return None;
                }
            }
        }
        bypassed.by.sort_unstable();
        bypassed.by.dedup();
        Some(bypassed)
    }
}

fn without_rates(space: &Space<'_>, terms: &[Term]) -> Vec<Term> {
    let is_rate =
        |term: &&Term| space.opaque(term.0).is_some_and(|it| it.kind == OpaqueKind::Timing);
    terms.iter().filter(|it| !is_rate(it)).copied().collect()
}

/// The packets that open a flow at the hook of a list, those of the loopback left out; none before they are tracked.
pub(super) fn opening(list: &List<'_, '_>) -> Vec<Slice> {
    let space = &list.family.space;
    let field = match list.listed.base.hook {
        Hook::Input | Hook::Forward => Field::In,
        Hook::Output => Field::Out,
        _ => return Vec::new(),
    };
    let nowhere = [Interfaces::LOOPBACK, Interfaces::NONE].map(|it| (it, it));
    let nowhere = space.intern(field, &Ranges::of(nowhere.to_vec()));
    let terms = [
        (Space::axis(field), space.store.minus(SetId::FULL, nowhere)),
        (Space::axis(Field::State), space.one(Field::State, State::New.value())),
        (Space::axis(Field::Direction), space.one(Field::Direction, 0)),
        (Space::axis(Field::Fragment), space.one(Field::Fragment, 0)),
        (Space::axis(Field::TcpFlags), space.intern(Field::TcpFlags, &arrival::syn())),
    ];
    let terms = terms.into_iter().chain(unmarked(list));
    let Some(cube) = Cube::of(&space.store, terms) else { return Vec::new() };
    list.starts.iter().filter_map(|it| it.narrowed_to(cube.terms(), space)).collect()
}

/// The marks that packets off a wire bear: none, unless a rule called before writes one.
fn unmarked(list: &List<'_, '_>) -> Vec<Term> {
    let (space, own) = (&list.family.space, list.listed);
    if own.base.hook == Hook::Output || list.family.way.is_fragment() {
        return Vec::new();
    }
    let before = list.family.way.lists.iter().filter(|it| it.index < own.index);
    let written = |field: Field| {
        before.clone().flat_map(|it| &it.flat.entries).any(|entry| match entry.effect {
            Effect::Assign(Assignment::Bits { field: to, .. } | Assignment::Copy { to, .. }) => {
                to == field
            }
            _ => false,
        })
    };
    let unwritten = [Field::Mark, Field::ConnectionMark].into_iter().filter(|it| !written(*it));
    unwritten
        .flat_map(|field| space.mark_axes(field).map(|(axis, _)| (axis, space.one(axis, 0))))
        .collect()
}
