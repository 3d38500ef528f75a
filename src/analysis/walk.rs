//! The walk of packets through the list of one base chain.

use super::{
    Slice, Space,
    flat::{Effect, Entry, Flat},
    marks,
};
use crate::{
    model::{Assignment, Field, State, Translation},
    packets::{Axis, Term},
};
use std::ops::Range;

/// More slices than this at one time are not followed; the walk says that it stopped.
const MOST_SLICES: usize = 20_000;

/// Where packets come out of a base chain.
#[derive(Debug, Default)]
pub(super) struct Passed {
    /// What the chain's rules accepted, or changed the destination of.
    pub(super) accepted: Vec<Slice>,
    /// What no rule decided: the policy's.
    pub(super) undecided: Vec<Slice>,
    /// Whether the walk stopped short.
    pub(super) bounded: bool,
}

/// Walks `slices` through the whole list.
pub(super) fn pass(space: &Space<'_>, flat: &Flat, slices: Vec<Slice>) -> Passed {
    let mut passed = Passed::default();
    // Each slice with the entry that it meets next.
    let mut walking: Vec<(Slice, u32)> = slices.into_iter().map(|slice| (slice, 0)).collect();
    for (entry, at) in flat.entries.iter().zip(0_u32..) {
        let mut next = Vec::with_capacity(walking.len());
        for (slice, from) in walking {
            let terms = if from > at { None } else { slice.view(flat.terms(entry), space) };
            let Some(common) =
                terms.as_ref().and_then(|terms| slice.cube.intersect(terms, &space.store))
            else {
                next.push((slice, from));
                continue;
            };
            let terms = terms.expect("what has a common part has terms");
            let rest = slice.cube.minus(&terms, &space.store, |axis| space.full(axis));
            next.extend(rest.into_iter().map(|cube| (slice.narrowed(cube), from)));
            let taken = slice.narrowed(common);
            match entry.effect {
                Effect::Drop => {}
                Effect::Accept => passed.accepted.push(taken),
                Effect::Return if entry.end == Entry::FINAL => passed.undecided.push(taken),
                Effect::Return => next.push((taken, entry.end)),
                Effect::Assign(assignment) => {
                    next.push((assign(space, taken, assignment), entry.end))
                }
                Effect::Dnat(translation) => {
                    let translation = space.ruleset.translations[translation as usize];
                    let mut slice = translate(space, taken, translation);
                    slice.translated_by = Some(entry.rule);
                    passed.accepted.push(slice);
                }
            }
        }
        walking = next;
        if walking.len() + passed.accepted.len() > MOST_SLICES {
            passed.bounded = true;
            break;
        }
    }
    passed.undecided.extend(walking.into_iter().map(|(slice, _)| slice));
    passed
}

/// The part of `slice` that reaches entry `at` of the list and fulfils it; `at` past the end asks for what no entry
/// decides. Stops at the first piece if `one` is enough.
pub(super) fn reaching(
    space: &Space<'_>,
    flat: &Flat,
    at: u32,
    slice: &Slice,
    one: bool,
) -> Reaching {
    let terms = flat.entries.get(at as usize).map_or(&[] as &[Term], |entry| flat.terms(entry));
    let mut reaching = Reaching::default();
    let Some(start) =
        fulfilling(space, slice, terms, |axis| !flat.assigns || !Space::is_assigned(axis))
    else {
        return reaching;
    };
    // A depth-first search: each piece with the entry that it meets next.
    let mut pieces = vec![(start, 0_u32)];
    for _ in 0..MOST_SLICES {
        let Some((piece, from)) = pieces.pop() else { return reaching };
        let Some(meeting) = meeting(space, flat, &piece, from..at) else {
            reaching.slices.extend(fulfilling(space, &piece, terms, |_| true));
            if one && !reaching.slices.is_empty() {
                return reaching;
            }
            continue;
        };
        let entry = &flat.entries[meeting.entry as usize];
        let rest = piece.cube.minus(&meeting.terms, &space.store, |axis| space.full(axis));
        if entry.end <= at
            && let Some(common) = piece.cube.intersect(&meeting.terms, &space.store)
        {
            let taken = piece.narrowed(common);
            let taken = if let Effect::Assign(change) = entry.effect {
                assign(space, taken, change)
            } else {
                taken
            };
            pieces.push((taken, entry.end));
        }
        pieces.extend(rest.into_iter().rev().map(|cube| (piece.narrowed(cube), meeting.entry + 1)));
    }
    reaching.bounded = true;
    reaching
}

/// What reaches an entry.
#[derive(Debug, Default)]
pub(super) struct Reaching {
    pub(super) slices: Vec<Slice>,
    /// Whether the search stopped short.
    pub(super) bounded: bool,
}

/// The part of `slice` that fulfils those of `terms` that `asked` asks for.
fn fulfilling(
    space: &Space<'_>,
    slice: &Slice,
    terms: &[Term],
    asked: impl Fn(Axis) -> bool,
) -> Option<Slice> {
    let view = slice.view(terms, space)?;
    let asked: Vec<Term> = view.iter().copied().filter(|(axis, _)| asked(*axis)).collect();
    Some(slice.narrowed(slice.cube.intersect(&asked, &space.store)?))
}

/// An entry that takes some packet, with its conditions as the packet's slice sees them.
struct Meeting {
    entry: u32,
    terms: Vec<Term>,
}

/// The first of `entries` that takes some packet of `piece`.
fn meeting(space: &Space<'_>, flat: &Flat, piece: &Slice, entries: Range<u32>) -> Option<Meeting> {
    entries.take_while(|index| (*index as usize) < flat.entries.len()).find_map(|index| {
        let entry = &flat.entries[index as usize];
        let view = piece.view(flat.terms(entry), space)?;
        if !piece.cube.overlaps(&view, &space.store) {
            return None;
        }
        // A question that only this entry asks can be answered with no.
        let open = |axis: Axis| space.is_fresh(axis) && piece.cube.get(axis).is_none();
        let escapable = entry.fresh && view.iter().any(|(axis, _)| open(*axis));
        (!escapable).then(|| Meeting { entry: index, terms: view.into_owned() })
    })
}

fn assign(space: &Space<'_>, mut slice: Slice, assignment: Assignment) -> Slice {
    match assignment {
        Assignment::Untracked => {
            let untracked = space.store.range(State::Untracked.value(), State::Untracked.value());
            slice.cube = slice.cube.replace(Space::axis(Field::State), Some(untracked));
        }
        Assignment::Bits { field, mask, value } => {
            for (axis, group) in space.mark_axes(field) {
                if group & mask != 0 {
                    let number = value.map(|value| marks::extract(value, group));
                    let set = number.map(|number| space.store.range(number, number));
                    slice.cube = slice.cube.replace(axis, set);
                }
            }
        }
        Assignment::Copy { from, to, mask } => {
            for ((source, group), (target, _)) in space.mark_axes(from).zip(space.mark_axes(to)) {
                if group & mask != 0 {
                    let set = slice.cube.get(source);
                    slice.cube = slice.cube.replace(target, set);
                }
            }
        }
        Assignment::Other => {}
    }
    slice
}

fn translate(space: &Space<'_>, mut slice: Slice, translation: Translation) -> Slice {
    let set = |values| {
        let ranges = crate::packets::Ranges::of(space.ruleset.values(values).to_vec());
        space.store.intern(&ranges)
    };
    slice.redirected = translation.local;
    if let Some(values) = translation.addresses {
        slice.address_rewritten = true;
        slice.cube = slice.cube.replace(Space::rewritten(Field::Destination), Some(set(values)));
    }
    if let Some(values) = translation.ports {
        slice.port_rewritten = true;
        slice.cube =
            slice.cube.replace(Space::rewritten(Field::DestinationPort), Some(set(values)));
    }
    let translated = space.store.range(2, 2);
    slice.cube = slice.cube.replace(Space::axis(Field::Translated), Some(translated));
    slice
}
