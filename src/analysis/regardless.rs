//! What an entry lets in that would pass without it: a condition that nobody can tell hides nothing where those who do not
//! fulfil it pass all the same.
//!
//! The whole list is walked with the entry's questions left open. What is thrown away depends on them; the rest does not.

use super::{
    Slice, Space,
    flat::{Effect, Entry, Flat},
};
use crate::{
    model::{OpaqueKind, Policy, Subject},
    packets::{Axis, Cube, Term},
};

/// How many entries are asked of short pieces before a family's exposures stay as they are: what they then say is *maybe*.
pub(super) const PATIENCE: u64 = 150_000;

/// `piece`, which comes to `entry` and fulfils its conditions: first what passes whatever its questions answer, without
/// them, then what depends on the answers.
pub(super) fn parts(
    space: &Space<'_>,
    (flat, policy): (&Flat, Policy),
    entry: &Entry,
    piece: Slice,
    patience: &mut u64,
) -> Vec<Slice> {
    let questions: Vec<Axis> = flat
        .terms(entry)
        .iter()
        .map(|(axis, _)| *axis)
        .filter(|axis| space.opaque(*axis).is_some_and(|it| it.kind != OpaqueKind::Timing))
        .collect();
    // What the list changes is not put back to what it was.
    if questions.is_empty() || flat.assigns {
        return vec![piece];
    }
    let free =
        |cube: &Cube| questions.iter().fold(cube.clone(), |cube, axis| cube.replace(*axis, None));
    let asked = piece.narrowed(free(&piece.cube));
    let Some(lost) = lost(space, (flat, policy), asked, &questions, patience) else {
        return vec![piece];
    };
    // Whoever is lost by one answer depends on them all.
    let kept = |(axis, _): &Term| !Space::is_opaque(*axis) || piece.cube.get(*axis).is_some();
    let lost: Vec<Cube> = lost
        .iter()
        .filter_map(|cube| {
            let terms = free(cube);
            Cube::of(&space.store, terms.terms().iter().copied().filter(kept))
        })
        .collect();
    let (mut sure, mut unsure) = (vec![free(&piece.cube)], vec![piece.cube.clone()]);
    for cube in &lost {
        let without = |it: &Cube| it.minus(cube.terms(), &space.store);
        sure = sure.iter().flat_map(without).collect();
    }
    for cube in &sure {
        let without = |it: &Cube| it.minus(cube.terms(), &space.store);
        unsure = unsure.iter().flat_map(without).collect();
    }
    let sure = sure.into_iter().map(|cube| Slice { regardless: true, ..piece.narrowed(cube) });
    let unsure = unsure.into_iter().map(|cube| piece.narrowed(cube));
    sure.chain(unsure).collect()
}

/// What of `slice` the list may throw away because of `questions`; `None` if that is not found out.
fn lost(
    space: &Space<'_>,
    (flat, policy): (&Flat, Policy),
    slice: Slice,
    questions: &[Axis],
    patience: &mut u64,
) -> Option<Vec<Cube>> {
    let mut lost = Vec::new();
    let mut walking = vec![(slice, 0_u32)];
    for (entry, at) in flat.entries.iter().zip(0_u32..) {
        let asks = flat.terms(entry);
        // Who exceeds a rate may come again.
        let is_rate = |axis| space.opaque(axis).is_some_and(|it| it.kind == OpaqueKind::Timing);
        let terms: Vec<Term> = if entry.effect == Effect::Accept && entry.opaque {
            asks.iter().copied().filter(|(axis, _)| !is_rate(*axis)).collect()
        } else {
            asks.to_vec()
        };
        let mut next = Vec::with_capacity(walking.len());
        for (slice, from) in walking {
            // A long conjunction takes its time.
            let cost = 1 + slice.cube.terms().len() / 8;
            *patience = patience.checked_sub(cost as u64)?;
            let met = if from > at { None } else { slice.parted(&terms, space) };
            let Some((taken, rest)) = met else {
                next.push((slice, from));
                continue;
            };
            next.extend(rest.into_iter().map(|slice| (slice, from)));
            match entry.effect {
                // Who may be banned is said to be let in.
                Effect::Drop if may_ban(space, asks, questions) => {}
                Effect::Drop => lost.push(taken.cube),
                Effect::Accept if entry.certain => {}
                Effect::Accept => next.push((taken, from)),
                Effect::Return => {
                    if !entry.certain {
                        next.push((taken.clone(), from));
                    }
                    next.push((taken, entry.end));
                }
                Effect::Dnat(_) | Effect::Assign(_) => return None,
            }
        }
        walking = next;
        if walking.is_empty() {
            return Some(lost);
        }
    }
    if policy != Policy::Accept {
        lost.extend(walking.into_iter().map(|(slice, _)| slice.cube));
    }
    Some(lost)
}

/// Whether what is asked is whether a packet is on some list, and none of `questions`.
fn may_ban(space: &Space<'_>, terms: &[Term], questions: &[Axis]) -> bool {
    let either = |axis| matches!(space.subject(axis), Some(Subject::Question { either: true, .. }));
    let is_list = |(axis, set): &Term| {
        *set == space.one(*axis, 1)
            && !questions.contains(axis)
            && !space.is_target(*axis)
            && !either(*axis)
    };
    let mut asked = terms.iter().filter(|(axis, _)| Space::is_opaque(*axis)).peekable();
    asked.peek().is_some() && asked.all(is_list)
}
