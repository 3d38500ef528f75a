//! What later entries of a list do with packets.

use super::{
    super::{
        fate::{MOST_PIECES, MOST_STEPS, Near, PASSED, bounds},
        points::is_unsure,
    },
    Asking, List,
};
use crate::{
    analysis::{
        Slice, Space,
        flat::{Effect, Entry, Passage},
    },
    model::{Assignment, Policy, RuleId, Verdict},
    packets::Term,
};
use std::borrow::Cow;

/// How packets that a rule would let past end.
#[derive(Debug)]
pub(super) enum Ending {
    /// As they would by the rule: these do the same, and a policy if `policy`.
    Same { by: Vec<RuleId>, policy: bool },
    /// Some of them may end otherwise, or leave a trace.
    Other,
    /// It was not found out.
    Unsettled,
}

/// What packets would meet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// From which entry on.
    pub(super) from: u32,
    /// How they have to end.
    pub(super) wanted: Effect,
    /// The words of which verdict, where a drop is no reject.
    pub(super) verdict: Option<Verdict>,
    /// The rule that they do not meet.
    pub(super) without: Option<RuleId>,
    /// Whether what may do the same may also not: what is left then has to end the same.
    pub(super) passing: bool,
    /// Whether traces that they leave on the way are nobody's concern.
    pub(super) traces: bool,
}

impl Asking<'_, '_> {
    /// Whether all packets of `start` surely end alike.
    pub(super) fn ending(&self, list: &List<'_, '_>, start: &Slice, asked: Asked) -> Ending {
        let (space, flat) = (&list.family.space, &list.listed.flat);
        let all = bounds(space, flat, start);
        let (lists, looked) = list.index.candidates(space, flat, start, &all);
        let near = Near { index: list.index, lists: &lists };
        let (mut steps, mut by, mut policy) = (looked / PASSED, Vec::new(), false);
        let mut pieces = vec![(start.clone(), asked.from)];
        let ending = loop {
            let Some((piece, from)) = pieces.pop() else { break Ending::Same { by, policy } };
            let bounds = bounds(space, flat, &piece);
            let met = near.next(&bounds, from, &mut steps, |index| {
                let entry = &flat.entries[index as usize];
                if Some(entry.rule) == asked.without { None } else { met(list, entry, &piece) }
            });
            if steps >= MOST_STEPS || pieces.len() > MOST_PIECES {
                break Ending::Unsettled;
            }
            let end = met.as_ref().map_or(u32::MAX, |(number, _)| *number);
            if !asked.traces && is_noted(list, &piece, from, end, &mut steps) {
                break Ending::Other;
            }
            let Some((number, (terms, surely))) = met else {
                if policy_of(list) != Some(asked.wanted) {
                    break Ending::Other;
                }
                policy = true;
                continue;
            };
            let entry = &flat.entries[number as usize];
            let is_return = entry.effect == Effect::Return;
            if asked.traces && entry.effect == Effect::Assign(Assignment::Other) {
                pieces.push((piece, number + 1));
                continue;
            }
            let noted = !asked.traces && self.leaves_trace(entry.rule);
            if noted || !(is_return || self.decides_so(entry, asked)) {
                break Ending::Other;
            }
            // A dead rule takes nothing as long as the rule stands that is asked about: one of the two has to stay.
            let stays = asked.without.is_none() || self.analysis.dead().reaches(entry.rule);
            let takes = is_return || stays;
            if !surely && !is_return && !asked.passing {
                break Ending::Other;
            }
            let (common, rest) = piece.cube.parted(&terms, &space.store);
            if surely && takes {
                pieces.extend(rest.into_iter().map(|cube| (piece.narrowed(cube), number + 1)));
            } else {
                pieces.push((piece.clone(), number + 1));
            }
            if !is_return {
                if surely && takes && !by.contains(&entry.rule) {
                    by.push(entry.rule);
                }
            } else if entry.end != Entry::FINAL {
                pieces.push((piece.narrowed(common), entry.end));
            } else if policy_of(list) == Some(asked.wanted) {
                policy = true;
            } else {
                break Ending::Other;
            }
        };
        self.steps.set(self.steps.get() + steps);
        ending
    }

    /// Whether an entry decides as it is asked for.
    fn decides_so(&self, entry: &Entry, asked: Asked) -> bool {
        let own = self.ruleset.verdict_of(self.ruleset.rule(entry.rule)).map(|it| it.0);
        let alike = asked.verdict.is_none_or(|wanted| {
            own == Some(wanted)
                || (matches!(own, Some(Verdict::Branches(_)))
                    && matches!(wanted, Verdict::Accept | Verdict::Drop))
        });
        entry.effect == asked.wanted && alike
    }
}

/// What an entry takes of a piece, and whether it surely does.
pub(super) fn met<'l>(
    list: &List<'l, '_>,
    entry: &'l Entry,
    piece: &Slice,
) -> Option<(Cow<'l, [Term]>, bool)> {
    let (space, flat) = (&list.family.space, &list.listed.flat);
    let view = piece.view(flat.terms(entry), space)?;
    if !piece.cube.overlaps(&view, &space.store) {
        return None;
    }
    let open = |term: &Term| Space::is_opaque(term.0) && piece.cube.get(term.0).is_none();
    let surely = !is_unsure(flat, entry) && !view.iter().any(open);
    Some((view, surely))
}

/// Whether a rule between two entries leaves a trace of some packets.
fn is_noted(list: &List<'_, '_>, piece: &Slice, from: u32, to: u32, steps: &mut usize) -> bool {
    let (space, flat) = (&list.family.space, &list.listed.flat);
    let first = list.noting.partition_point(|it| it.at < from);
    let between = list.noting[first..].iter().take_while(|it| it.at <= to);
    let meets = |it: &&Passage| {
        let view = piece.view(flat.passage_terms(it), space);
        view.is_some_and(|view| piece.cube.overlaps(&view, &space.store))
    };
    let between = between.inspect(|_| *steps += 1);
    between.copied().any(|it| meets(&it))
}

/// What a list does with what no entry decided.
pub(super) fn policy_of(list: &List<'_, '_>) -> Option<Effect> {
    match list.listed.base.policy {
        _ if list.family.way.is_fragment() => None,
        Policy::Accept => Some(Effect::Accept),
        Policy::Drop => Some(Effect::Drop),
        Policy::Unknown => None,
    }
}
