//! The walk of a part of the packets through one side.

use super::{
    Decision, Side,
    deltas::{is_behind_translation, is_translated, stable},
    lists::{Listed, Lists, is_before_tracking},
    starts::Start,
};
use crate::{
    analysis::{
        Slice, Space,
        bounds::Bounds,
        cover::Cover,
        exposure::routed,
        flat::{Effect, Entry},
        walk,
        way::devices,
    },
    model::{Assignment, ChainKind, Field, Hook, Policy, State},
    packets::{Axis, Cube, Term},
};
use std::cell::Cell;

/// More slices than this are not followed at one time.
const MOST_SLICES: usize = 5_000;
/// Entries of one effect in a row, from which on they are gathered.
const MANY: usize = 8;

/// One side, reduced to the entries that a part of the packets can meet.
pub(super) struct Prepared<'l> {
    hooks: Vec<(Hook, Vec<Reduced<'l>>)>,
}

struct Reduced<'l> {
    listed: &'l Listed,
    items: Vec<Item>,
}

/// One entry, or what several in a row take to the same effect.
struct Item {
    terms: Vec<Term>,
    at: u32,
    end: u32,
    effect: Effect,
    entry: Entry,
}

/// Packets on their way, and what let them on.
#[derive(Debug, Clone)]
pub(super) struct Traveller {
    pub(super) slice: Slice,
    pub(super) by: Decision,
}

/// Where the packets end.
#[derive(Debug, Default)]
pub(super) struct Ends {
    pub(super) input: Vec<Traveller>,
    pub(super) forward: Vec<Traveller>,
    pub(super) output: Vec<Traveller>,
    /// What was thrown away.
    pub(super) lost: Vec<Traveller>,
    /// Whether the walk stopped short.
    pub(super) bounded: bool,
    /// Whether something was asked that is not followed exactly: a mark that the text does not tell.
    pub(super) inexact: bool,
}

impl<'l> Prepared<'l> {
    /// Keeps what the packets of `part` can meet; `gathered` puts together what need not be told apart.
    pub(super) fn of(
        space: &Space<'_>,
        lists: &'l Lists,
        side: Side,
        part: &Cube,
        gathered: bool,
    ) -> Self {
        let elsewhere: Vec<Term> =
            part.terms().iter().copied().filter(|(axis, _)| !is_translated(*axis)).collect();
        let elsewhere = Cube::of(&space.store, elsewhere).unwrap_or_default();
        let translate = lists.translate;
        let hooks = lists.of_side(side).iter().map(|(hook, lists)| {
            let reduced = lists.iter().map(|listed| {
                let may_differ = translate && is_behind_translation(listed);
                let part = if may_differ { &elsewhere } else { part };
                Reduced { listed, items: items(space, listed, part, gathered) }
            });
            (*hook, reduced.collect())
        });
        Self { hooks: hooks.collect() }
    }

    fn at(&self, hook: Hook) -> &[Reduced<'l>] {
        self.hooks.iter().find(|(it, _)| *it == hook).map_or(&[], |(_, lists)| lists)
    }
}

fn items(space: &Space<'_>, listed: &Listed, part: &Cube, gathered: bool) -> Vec<Item> {
    let flat = &listed.flat;
    let mut met = listed.nearby.meeting(&Bounds::of_terms(space, part.terms()));
    met.retain(|at| {
        let entry = &flat.entries[*at as usize];
        part == &Cube::ALL || part.overlaps(&stable(space, flat.terms(entry)), &space.store)
    });
    let mut targets: Vec<u32> = met
        .iter()
        .map(|at| &flat.entries[*at as usize])
        .filter(|entry| entry.effect == Effect::Return)
        .map(|entry| entry.end)
        .collect();
    targets.sort_unstable();
    let mut items = Vec::new();
    let mut rest = &met[..];
    while let Some(first) = rest.first() {
        let entry = flat.entries[*first as usize];
        let decides = matches!(entry.effect, Effect::Accept | Effect::Drop);
        // Up to where somebody comes in from elsewhere.
        let until = targets.get(targets.partition_point(|it| it <= first)).copied();
        let run = rest.iter().take_while(|at| {
            flat.entries[**at as usize].effect == entry.effect && until.is_none_or(|it| **at < it)
        });
        let run = if gathered && decides { run.count() } else { 1 };
        if run < MANY {
            for at in &rest[..run] {
                let entry = flat.entries[*at as usize];
                let terms = flat.terms(&entry).to_vec();
                items.push(Item { terms, at: *at, end: entry.end, effect: entry.effect, entry });
            }
        } else {
            let mut cover = Cover::default();
            for at in &rest[..run] {
                cover.add(space, flat, &flat.entries[*at as usize]);
            }
            let (at, effect) = (rest[run - 1], entry.effect);
            items.extend(cover.groups(space).map(|terms| Item {
                terms: terms.to_vec(),
                at,
                end: Entry::FINAL,
                effect,
                entry,
            }));
        }
        rest = &rest[run..];
    }
    items
}

/// What the walks of a comparison share.
pub(super) struct Walker<'w, 'r> {
    pub(super) space: &'w Space<'r>,
    /// How many entries may still be asked.
    pub(super) budget: &'w Cell<u64>,
}

/// One walk.
struct Walking<'w, 'r> {
    space: &'w Space<'r>,
    budget: &'w Cell<u64>,
    start: &'w Start,
    ends: Ends,
}

impl Walker<'_, '_> {
    /// Walks what starts as `slice` to its ends.
    pub(super) fn walk(&self, side: &Prepared<'_>, start: &Start, slice: Slice) -> Ends {
        let ends = Ends::default();
        let mut walking = Walking { space: self.space, budget: self.budget, start, ends };
        let mut travellers = vec![Traveller { slice, by: Decision::None }];
        if start.class == super::Class::Output {
            travellers = walking.hook(side, Hook::Output, travellers);
            walking.ends.output = walking.hook(side, Hook::Postrouting, travellers);
            return walking.ends;
        }
        travellers = walking.hook(side, Hook::Ingress, travellers);
        travellers = walking.hook(side, Hook::Prerouting, travellers);
        let (mut input, mut forward) = (Vec::new(), Vec::new());
        for traveller in travellers {
            let (slice, local) = routed(self.space, traveller.slice);
            let list = if local { &mut input } else { &mut forward };
            list.push(Traveller { slice, ..traveller });
        }
        walking.ends.input = walking.hook(side, Hook::Input, input);
        forward = walking.hook(side, Hook::Forward, forward);
        walking.ends.forward = walking.hook(side, Hook::Postrouting, forward);
        walking.ends
    }
}

impl Walking<'_, '_> {
    fn hook(&mut self, side: &Prepared<'_>, hook: Hook, all: Vec<Traveller>) -> Vec<Traveller> {
        side.at(hook).iter().fold(all, |travellers, list| self.chain(list, travellers))
    }

    fn chain(&mut self, list: &Reduced<'_>, travellers: Vec<Traveller>) -> Vec<Traveller> {
        let space = self.space;
        let base = list.listed.base;
        let state = |it: State| space.one(Field::State, it.value());
        let untracked_yet = is_before_tracking(base);
        let devices = devices(space, base);
        let (mut asked, mut onward) = (Vec::new(), Vec::new());
        for mut traveller in travellers {
            if base.kind == ChainKind::Nat {
                let is_new = traveller.slice.now(Field::State) == state(self.start.state);
                let again = matches!(base.hook, Hook::Prerouting | Hook::Output)
                    && traveller.slice.translated_by.is_some();
                if !self.start.is_first || !is_new || again {
                    onward.push(traveller);
                    continue;
                }
            }
            if let Some(devices) = devices {
                let terms = [(Space::axis(Field::In), devices)];
                let others = traveller.slice.cube.minus(&terms, &space.store).into_iter();
                onward.extend(others.map(|cube| Traveller {
                    slice: traveller.slice.narrowed(cube),
                    ..traveller.clone()
                }));
                let Some(slice) = traveller.slice.narrowed_to(&terms, space) else { continue };
                traveller.slice = slice;
            }
            if untracked_yet {
                self.change(&mut traveller, self.start.state, State::Invalid);
            }
            asked.push((traveller, 0));
        }
        let before = onward.len();
        self.pass(list, asked, &mut onward);
        if untracked_yet {
            for traveller in &mut onward[before..] {
                self.change(traveller, State::Invalid, self.start.state);
            }
        }
        onward
    }

    fn change(&self, traveller: &mut Traveller, from: State, to: State) {
        let set = |it: State| self.space.one(Field::State, it.value());
        if traveller.slice.now(Field::State) == set(from) {
            let cube = std::mem::take(&mut traveller.slice.cube);
            traveller.slice.cube = cube.replace(Space::axis(Field::State), Some(set(to)));
        }
    }

    /// Walks through the list; each with the entry that it meets next.
    fn pass(
        &mut self,
        list: &Reduced<'_>,
        mut walking: Vec<(Traveller, u32)>,
        onward: &mut Vec<Traveller>,
    ) {
        let space = self.space;
        let chain = list.listed.chain;
        for item in &list.items {
            if walking.is_empty() {
                break;
            }
            let left = self.budget.get().checked_sub(walking.len() as u64);
            let Some(left) = left.filter(|_| walking.len() + onward.len() <= MOST_SLICES) else {
                self.ends.bounded = true;
                return;
            };
            self.budget.set(left);
            let mut next = Vec::with_capacity(walking.len());
            for (traveller, from) in walking.drain(..) {
                let parted = || traveller.slice.parted(&item.terms, space);
                let met = if from > item.at { None } else { parted() };
                let Some((slice, rest)) = met else {
                    next.push((traveller, from));
                    continue;
                };
                let by = traveller.by;
                next.extend(rest.into_iter().map(|slice| (Traveller { slice, by }, from)));
                let rule = Decision::Rule(item.entry.rule, chain);
                match item.effect {
                    Effect::Drop => self.ends.lost.push(Traveller { slice, by: rule }),
                    Effect::Accept => {
                        let by = decided(list.listed, by, rule);
                        onward.push(Traveller { slice, by });
                    }
                    Effect::Return if item.end == Entry::FINAL => {
                        self.undecided(list.listed, Traveller { slice, by }, onward);
                    }
                    Effect::Return => next.push((Traveller { slice, by }, item.end)),
                    Effect::Assign(assignment) => {
                        self.ends.inexact |= self.forgets(&slice, assignment);
                        let slice = walk::assign(space, slice, assignment);
                        next.push((Traveller { slice, by }, item.end));
                    }
                    Effect::Dnat(index) => {
                        let translation = space.ruleset.translations[index as usize];
                        let slices = walk::translated(space, slice, translation, item.entry.rule);
                        let by = decided(list.listed, by, rule);
                        onward.extend(slices.map(|slice| Traveller { slice, by }));
                    }
                }
            }
            walking = next;
        }
        for (traveller, _) in walking {
            self.undecided(list.listed, traveller, onward);
        }
    }

    /// Does what the policy says; where it is not written, both.
    fn undecided(&mut self, listed: &Listed, traveller: Traveller, onward: &mut Vec<Traveller>) {
        let policy = Decision::Policy(listed.chain);
        let by = decided(listed, traveller.by, policy);
        let on = Traveller { slice: traveller.slice, by };
        match listed.base.policy {
            Policy::Accept => onward.push(on),
            Policy::Drop => self.ends.lost.push(Traveller { by: policy, ..on }),
            Policy::Unknown => {
                let answer = |value| {
                    let terms = [(listed.policy, self.space.one(listed.policy, value))];
                    on.slice.narrowed_to(&terms, self.space)
                };
                onward.extend(answer(1).map(|slice| Traveller { slice, by }));
                self.ends.lost.extend(answer(0).map(|slice| Traveller { slice, by: policy }));
            }
        }
    }

    /// Whether some bits of a mark may be anything.
    fn is_open(&self, slice: &Slice, field: Field, mask: u32) -> bool {
        let mut axes = self.space.mark_axes(field).filter(|(_, group)| group & mask != 0);
        axes.any(|(axis, _)| slice.cube.get(axis).is_none())
    }

    /// Whether a change overwrites what was asked about the packet as it came, or writes what nobody knows.
    fn forgets(&self, slice: &Slice, assignment: Assignment) -> bool {
        let start = &self.start.slice.cube;
        let asked = |axis: Axis| start.get(axis).is_none() && slice.cube.get(axis).is_some();
        match assignment {
            Assignment::Bits { value: None, .. } | Assignment::Header { .. } => true,
            Assignment::Copy { from, mask, .. } if self.is_open(slice, from, mask) => true,
            Assignment::Bits { field: to, mask, .. } | Assignment::Copy { to, mask, .. } => {
                self.space.mark_axes(to).any(|(axis, group)| group & mask != 0 && asked(axis))
            }
            Assignment::Untracked | Assignment::Other => false,
        }
    }
}

/// What lets packets on: the last rule that a filter chain accepted them by, where they go to, through or from this host;
/// without one the last policy there.
fn decided(listed: &Listed, before: Decision, now: Decision) -> Decision {
    let is_last = matches!(listed.base.hook, Hook::Input | Hook::Forward | Hook::Output);
    let decides = is_last && listed.base.kind == ChainKind::Filter;
    match (before, now) {
        (Decision::Rule(..), Decision::Policy(_)) => before,
        _ if decides => now,
        _ => before,
    }
}
