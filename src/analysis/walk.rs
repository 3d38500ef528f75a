//! The walk of packets through the list of one base chain.

use super::{
    Slice, Space,
    before::{Before, MOST_SLICES},
    cover::Cover,
    flat::{Effect, Entry, Flat},
    marks,
};
use crate::{
    model::{Assignment, Field, RuleId, State, Translation},
    packets::{Ranges, Term},
};

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

/// Walks `slices` through the whole list; each cube that a slice is held against is one of the `looks` that are left.
pub(super) fn pass(space: &Space<'_>, flat: &Flat, slices: Vec<Slice>, looks: &mut u64) -> Passed {
    let mut passed = Passed::default();
    // Each slice with the entry that it meets next.
    let mut walking: Vec<(Slice, u32)> = slices.into_iter().map(|slice| (slice, 0)).collect();
    let mut at = 0_u32;
    while let Some(entry) = flat.entries.get(at as usize) {
        let skipped = walking.iter().any(|(_, from)| *from > at);
        let run = if skipped { None } else { flat.run(space, at) };
        let own = [flat.terms(entry)];
        let (length, cubes) = match &run {
            Some(run) => (run.length, run.cubes.iter().map(Vec::as_slice).collect()),
            None => (1, own.to_vec()),
        };
        for terms in cubes {
            if walking.is_empty() {
                return passed;
            }
            *looks = looks.saturating_sub(walking.len() as u64);
            step(space, terms, entry, at, &mut walking, &mut passed);
            if *looks == 0 || walking.len() + passed.accepted.len() > MOST_SLICES {
                passed.bounded = true;
                passed.undecided.extend(walking.into_iter().map(|(slice, _)| slice));
                return passed;
            }
        }
        at += length;
    }
    passed.undecided.extend(walking.into_iter().map(|(slice, _)| slice));
    passed
}

/// Walks `slices` through the whole list and leaves out only what it surely drops; what may go either way goes both ways.
/// `None` if that is more than `most` slices.
pub(super) fn surely_left(
    space: &Space<'_>,
    flat: &Flat,
    slices: Vec<Slice>,
    most: usize,
) -> Option<Passed> {
    let mut passed = Passed::default();
    let mut walking: Vec<(Slice, u32)> = slices.into_iter().map(|slice| (slice, 0)).collect();
    let mut at = 0_u32;
    while let Some(entry) = flat.entries.get(at as usize) {
        let is_sure = |entry: &Entry| entry.certain && !entry.opaque;
        let skipped = walking.iter().any(|(_, from)| *from > at);
        let mut length = 1;
        if !is_sure(entry) {
            let mut kept = walking.clone();
            let terms = flat.terms(entry);
            if entry.effect != Effect::Drop {
                step(space, terms, entry, at, &mut walking, &mut passed);
                kept.append(&mut walking);
                kept.sort_by(|(a, from), (b, other)| {
                    (from, a.cube.terms()).cmp(&(other, b.cube.terms()))
                });
                kept.dedup_by(|(a, from), (b, other)| (from, &a.cube) == (other, &b.cube));
            }
            walking = kept;
        } else if skipped || !matches!(entry.effect, Effect::Accept | Effect::Drop) {
            step(space, flat.terms(entry), entry, at, &mut walking, &mut passed);
        } else {
            let run = flat.entries[at as usize..].iter();
            let run = run.take_while(|it| it.effect == entry.effect && is_sure(it));
            let mut cover = Cover::default();
            for entry in run {
                cover.add(space, flat, entry);
                length += 1;
            }
            length -= 1;
            for terms in cover.groups(space) {
                step(space, terms, entry, at, &mut walking, &mut passed);
                if walking.len() + passed.accepted.len() > most {
                    return None;
                }
            }
        }
        at += length;
        if walking.len() + passed.accepted.len() > most {
            return None;
        }
    }
    passed.undecided.extend(walking.into_iter().map(|(slice, _)| slice));
    Some(passed)
}

/// Takes from the walking slices what fulfils `terms`, and does to it what `entry` does.
fn step(
    space: &Space<'_>,
    terms: &[Term],
    entry: &Entry,
    at: u32,
    walking: &mut Vec<(Slice, u32)>,
    passed: &mut Passed,
) {
    let meets = |(slice, from): &(Slice, u32)| {
        let view = if *from > at { None } else { slice.view(terms, space) };
        view.is_some_and(|view| slice.cube.overlaps(&view, &space.store))
    };
    if !walking.iter().any(meets) {
        return;
    }
    let mut next = Vec::with_capacity(walking.len());
    for (slice, from) in walking.drain(..) {
        let met = if from > at { None } else { slice.parted(terms, space) };
        let Some((taken, rest)) = met else {
            next.push((slice, from));
            continue;
        };
        next.extend(rest.into_iter().map(|slice| (slice, from)));
        match entry.effect {
            Effect::Drop => {}
            Effect::Accept => passed.accepted.push(taken),
            Effect::Return if entry.end == Entry::FINAL => passed.undecided.push(taken),
            Effect::Return => next.push((taken, entry.end)),
            Effect::Assign(assignment) => next.push((assign(space, taken, assignment), entry.end)),
            Effect::Dnat(translation) => {
                let translation = space.ruleset.translations[translation as usize];
                passed.accepted.extend(translated(space, taken, translation, entry.rule));
            }
        }
    }
    *walking = next;
}

/// The part of `slice` that comes past the entries of `before` and fulfils `terms`, in at most so many pieces as asked for.
pub(super) fn reaching(
    space: &Space<'_>,
    flat: &Flat,
    before: &mut Before,
    terms: &[Term],
    slice: &Slice,
    most: usize,
) -> Reaching {
    let mut reaching = Reaching::default();
    let slices = &mut reaching.slices;
    if !before.ordered {
        let Some(start) = slice.narrowed_to(terms, space) else { return reaching };
        reaching.bounded = before.survivors(space, flat, start, |piece| {
            slices.push(piece);
            slices.len() < most
        });
        return reaching;
    }
    // What the list itself may change on the way is asked at the end.
    let stays = |(axis, _): &Term| !flat.rewrites && !Space::is_assigned(*axis);
    let unchanged: Vec<Term> = terms.iter().copied().filter(stays).collect();
    let Some(start) = slice.narrowed_to(&unchanged, space) else { return reaching };
    reaching.bounded = before.survivors(space, flat, start, |piece| {
        slices.extend(piece.narrowed_to(terms, space));
        slices.len() < most
    });
    reaching
}

/// What reaches an entry.
#[derive(Debug, Default)]
pub(super) struct Reaching {
    pub(super) slices: Vec<Slice>,
    /// Whether the search stopped short.
    pub(super) bounded: bool,
}

/// What `assignment` makes of a slice.
pub(super) fn assign(space: &Space<'_>, mut slice: Slice, assignment: Assignment) -> Slice {
    match assignment {
        Assignment::Untracked => {
            let untracked = space.one(Field::State, State::Untracked.value());
            slice.cube = slice.cube.replace(Space::axis(Field::State), Some(untracked));
        }
        // Without a connection there is no mark to copy, and none to set (`nft_ct_set_eval`, `connmark_tg_shift`).
        Assignment::Bits { field: Field::ConnectionMark, .. }
        | Assignment::Copy { from: Field::ConnectionMark, .. }
        | Assignment::Copy { to: Field::ConnectionMark, .. }
            if has_no_connection(space, &slice) => {}
        Assignment::Bits { field, mask, value } => {
            for (axis, group) in space.mark_axes(field) {
                if group & mask != 0 {
                    let number = value.map(|value| marks::extract(value, group));
                    let set = number.map(|number| space.one(axis, number));
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
        Assignment::Header { field, values } => {
            let ranges = values.map(|it| Ranges::of(space.ruleset.values(it).to_vec()));
            let set = ranges.map(|ranges| space.intern(field, &ranges));
            let axis = match field {
                Field::Destination | Field::DestinationPort => Space::rewritten(field),
                _ => Space::axis(field),
            };
            slice.address_rewritten |= field == Field::Destination;
            slice.port_rewritten |= field == Field::DestinationPort;
            slice.cube = slice.cube.replace(axis, set);
        }
        Assignment::Other => {}
    }
    slice
}

fn has_no_connection(space: &Space<'_>, slice: &Slice) -> bool {
    let states = [State::Invalid, State::Untracked].map(|it| (it.value(), it.value()));
    let set = space.intern(Field::State, &Ranges::of(states.to_vec()));
    space.store.is_subset(slice.now(Field::State), set)
}

/// What of a slice goes to where a translation leads anyway, and the rest.
pub(super) fn already_there(
    space: &Space<'_>,
    slice: Slice,
    translation: Translation,
) -> (Option<Slice>, Vec<Slice>) {
    // Of several the kernel picks one; of a network that is mapped onto another each address has its own.
    let known = |values, mapped: bool| match space.ruleset.values(values) {
        [(low, high)] if low == high || mapped => Some((*low, *high)),
        _ => None,
    };
    let mut terms: Vec<Term> = Vec::new();
    if let Some(values) = translation.addresses {
        let Some((low, high)) = known(values, translation.kept != 0) else {
            return (None, vec![slice]);
        };
        let axis = Space::condition_axis(Field::Destination);
        terms.push((axis, space.range(Field::Destination, low, high)));
    }
    if let Some(values) = translation.ports {
        let Some((port, _)) = known(values, false) else { return (None, vec![slice]) };
        let axis = Space::condition_axis(Field::DestinationPort);
        terms.push((axis, space.one(Field::DestinationPort, port)));
    }
    if translation.local || terms.is_empty() {
        return (None, vec![slice]);
    }
    terms.sort_unstable();
    match slice.parted(&terms, space) {
        Some((there, others)) => (Some(there), others),
        None => (None, vec![slice]),
    }
}

/// What rule `by` makes of a slice with a translation of the destination. What goes there anyway is not translated: the
/// kernel takes it for no change (`nf_nat_setup_info`).
pub(super) fn translated(
    space: &Space<'_>,
    slice: Slice,
    translation: Translation,
    by: RuleId,
) -> impl Iterator<Item = Slice> {
    let (there, others) = already_there(space, slice, translation);
    let others = others.into_iter().map(move |slice| Slice {
        translated_by: Some(by),
        ..translate(space, slice, translation)
    });
    there.into_iter().chain(others)
}

/// What a translation of the destination makes of a slice that does not go there anyway.
pub(super) fn translate(space: &Space<'_>, mut slice: Slice, translation: Translation) -> Slice {
    let set = |field: Field, values| {
        let ranges = Ranges::of(space.ruleset.values(values).to_vec());
        space.intern(field, &ranges)
    };
    slice.redirected = translation.local;
    if let Some(values) = translation.addresses {
        let old = space.only(Field::Destination, slice.now(Field::Destination));
        let new = match (old, translation.kept) {
            (Some(old), kept) if kept != 0 => {
                let (network, _) = space.ruleset.values(values)[0];
                space.one(Field::Destination, network | old & kept)
            }
            _ => set(Field::Destination, values),
        };
        slice.address_rewritten = true;
        slice.cube = slice.cube.replace(Space::rewritten(Field::Destination), Some(new));
    }
    if let Some(values) = translation.ports {
        slice.port_rewritten = true;
        slice.cube = slice.cube.replace(
            Space::rewritten(Field::DestinationPort),
            Some(set(Field::DestinationPort, values)),
        );
    }
    let translated = space.one(Field::Translated, 2);
    slice.cube = slice.cube.replace(Space::axis(Field::Translated), Some(translated));
    slice
}
