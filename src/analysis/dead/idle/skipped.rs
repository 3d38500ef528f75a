//! Gotos that keep packets from rules that would decide about them otherwise.
//!
//! What leaves the chain of a goto is laid against the rules that it skips. A packet that seems to fare otherwise behind a jump
//! is then followed through the rules as they are and as they would be: what it shows is so.

use super::{
    super::{
        fate::{self, Near, Part, bounds},
        hooks,
    },
    Asking, List,
    later::{met, policy_of},
    limits::opening,
};
use crate::{
    analysis::{
        Analysis, Slice, Space,
        flat::{Effect, Flat},
        trace::{Decision, Tracer, Verdict},
        witness,
    },
    model::{self, Action, Field, RuleId, Ruleset},
    packets::{Packet, SetId},
};
use rustc_hash::FxHashSet;
use std::{cell::Cell, collections::BTreeMap};

/// So many skipped rules of one goto are laid against what leaves it.
const MOST_RULES: usize = 256;
/// So many packets are followed for one goto, and for all.
const MOST_PACKETS: usize = 16;
const MOST_PACKETS_OF_ALL: usize = 128;

/// A goto but for which a packet would fare otherwise.
#[derive(Debug)]
pub struct Skipping {
    /// The goto.
    pub rule: RuleId,
    /// The packet.
    pub witness: Packet,
    /// What decides about it.
    pub before: Decision,
    /// What would if it came back behind the goto.
    pub after: Decision,
    /// Whether it passes as it is, and would not if it came back; else it is the other way round.
    pub passes: bool,
}

/// Where packets leave the chain of a goto.
#[derive(Debug, Clone, Copy)]
struct Leaving {
    rule: RuleId,
    /// The entry by which they do.
    at: u32,
    /// The first that they would meet behind a jump.
    behind: u32,
    /// The first that they do meet.
    end: u32,
}

impl Analysis<'_> {
    /// Those of `gotos` from whose chains packets come that would surely fare otherwise behind a jump, in their order.
    pub fn skipping(&self, gotos: &[RuleId]) -> Vec<Skipping> {
        let wanted: FxHashSet<RuleId> =
            gotos.iter().copied().filter(|it| self.dead().reaches(*it)).collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let asking = Asking::new(self, &|_, _| false);
        let left = Cell::new(MOST_PACKETS_OF_ALL);
        let mut found: BTreeMap<RuleId, Skipping> = BTreeMap::new();
        for list in asking.lists() {
            let hosts =
                list.family.space.store.minus(SetId::FULL, hooks::groups(&list.family.space));
            let hosts = [(Space::axis(Field::DestinationKind), hosts)];
            let starts = opening(&list);
            let starts = starts.iter().filter_map(|it| it.narrowed_to(&hosts, &list.family.space));
            let starts: Vec<Slice> = starts.collect();
            for leaving in leavings(&list.listed.flat, &wanted) {
                if found.contains_key(&leaving.rule) {
                    continue;
                }
                if asking.is_spent() || left.get() == 0 {
                    asking.leave([leaving.rule]);
                } else if let Some(new) = asking.skipped(&list, &starts, leaving, &left) {
                    found.insert(leaving.rule, new);
                }
            }
        }
        found.into_values().collect()
    }

    /// What becomes of a packet as it is, and if a goto were a jump, where that surely differs.
    fn as_jump(&self, rule: RuleId, packet: Packet) -> Option<Skipping> {
        let before = self.trace(&packet);
        if before.verdict == Verdict::Maybe {
            return None;
        }
        let other = with_jump(self.ruleset, rule);
        let after = Tracer::new(&other).trace(&packet);
        let passes = before.verdict == Verdict::Accept;
        let differs =
            after.verdict != Verdict::Maybe && passes != (after.verdict == Verdict::Accept);
        let (before, after) = (before.decided_by, after.decided_by);
        differs.then_some(Skipping { rule, witness: packet, before, after, passes })
    }
}

/// Where packets leave the chains of gotos.
fn leavings(flat: &Flat, wanted: &FxHashSet<RuleId>) -> Vec<Leaving> {
    let mut leavings = Vec::new();
    // Returns inside such a chain, until its end is met.
    let mut open: Vec<(RuleId, u32)> = Vec::new();
    for (entry, at) in flat.entries.iter().zip(0..) {
        if entry.effect != Effect::Return {
            continue;
        }
        if wanted.contains(&entry.rule) {
            let (rule, behind, end) = (entry.rule, at + 1, entry.end);
            let own = open.iter().filter(|it| it.0 == rule).map(|it| it.1);
            leavings.extend(own.chain([at]).map(|at| Leaving { rule, at, behind, end }));
            open.retain(|it| it.0 != entry.rule);
        }
        open.extend(flat.path(entry).next().filter(|it| wanted.contains(it)).map(|it| (it, at)));
    }
    leavings
}

impl Asking<'_, '_> {
    /// A packet that fares otherwise because it does not come back behind a goto.
    fn skipped(
        &self,
        list: &List<'_, '_>,
        starts: &[Slice],
        leaving: Leaving,
        left: &Cell<usize>,
    ) -> Option<Skipping> {
        let (space, flat) = (&list.family.space, &list.listed.flat);
        let entry = &flat.entries[leaving.at as usize];
        let mut packets = MOST_PACKETS;
        for start in starts.iter().filter_map(|it| it.narrowed_to(flat.terms(entry), space)) {
            let all = bounds(space, flat, &start);
            let (lists, _) = list.index.candidates(space, flat, &start, &all);
            let near = Near { index: list.index, lists: &lists };
            let (mut from, mut steps) = (leaving.behind, 0);
            for _ in 0..MOST_RULES {
                let next = near.next(&all, from, &mut steps, |index| {
                    let entry = &flat.entries[index as usize];
                    let (terms, surely) = met(list, entry, &start)?;
                    let decides = matches!(entry.effect, Effect::Accept | Effect::Drop);
                    (decides && surely).then_some(terms)
                });
                self.steps.set(self.steps.get() + steps);
                let Some((index, terms)) = next.filter(|it| it.0 < leaving.end) else { break };
                (from, steps) = (index + 1, 0);
                let Some(cube) = start.cube.intersect(&terms, &space.store) else { continue };
                for slice in self.differing(list, start.narrowed(cube), leaving) {
                    let packet = packet(list, &slice);
                    if let Some(packet) = packet.filter(|_| packets > 0 && left.get() > 0) {
                        packets -= 1;
                        left.set(left.get() - 1);
                        if let Some(found) = self.analysis.as_jump(leaving.rule, packet) {
                            return Some(found);
                        }
                    }
                }
            }
        }
        None
    }

    /// What of some packets leaves a goto's chain and seems to fare otherwise behind it.
    fn differing(&self, list: &List<'_, '_>, start: Slice, leaving: Leaving) -> Vec<Slice> {
        let (space, flat) = (&list.family.space, &list.listed.flat);
        let parts = |slice: Slice, from: u32| {
            let fate = fate::of(space, flat, list.index, slice, from, u32::MAX);
            self.steps.set(self.steps.get() + fate.steps);
            fate.parts
        };
        let end = u32::try_from(flat.entries.len()).unwrap_or(u32::MAX).min(leaving.end);
        let mut differing = Vec::new();
        for slice in self.comes(list, start, 0, leaving.at) {
            for is in parts(slice, end) {
                let passes = passes(list, &is);
                let would = parts(is.slice, leaving.behind).into_iter();
                let would = would.filter(|it| self::passes(list, it) != passes);
                differing.extend(would.map(|it| it.slice));
            }
        }
        differing
    }
}

/// Whether a list lets a part on.
fn passes(list: &List<'_, '_>, part: &Part) -> Option<bool> {
    let effect = match part.by {
        Some(by) => Some(list.listed.flat.entries[by as usize].effect),
        None => policy_of(list),
    };
    effect.map(|it| it != Effect::Drop)
}

fn packet(list: &List<'_, '_>, slice: &Slice) -> Option<Packet> {
    witness::starting(&list.family.space, slice, list.listed.base.hook)
}

/// The same rules with a goto made a jump.
fn with_jump(ruleset: &Ruleset, rule: RuleId) -> Ruleset {
    let mut other = ruleset.clone();
    let steps = ruleset.rule(rule).steps.clone();
    let jump = |verdict: &mut model::Verdict| {
        if let model::Verdict::Goto(chain) = *verdict {
            *verdict = model::Verdict::Jump(chain);
        }
    };
    for step in &mut other.steps[steps.start as usize..steps.end as usize] {
        let Action::Verdict(verdict) = &mut step.action else { continue };
        jump(verdict);
        if let model::Verdict::Branches(branches) = *verdict {
            for branch in &mut other.branches[branches as usize] {
                jump(&mut branch.verdict);
            }
        }
    }
    other
}
