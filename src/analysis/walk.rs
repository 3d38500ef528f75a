//! The walk of packets through the list of one base chain.

use super::{
    Slice, Space,
    cover::{self, Before, Cover},
    flat::{Effect, Entry, Flat},
    marks,
};
use crate::{
    model::{Assignment, Field, State, Translation},
    packets::{Axis, Ranges, Term},
};

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
    let mut at = 0_u32;
    while let Some(entry) = flat.entries.get(at as usize) {
        let skipped = walking.iter().any(|(_, from)| *from > at);
        let run = if skipped { 1 } else { run(flat, at) };
        if run > 1 {
            let mut cover = Cover::default();
            for entry in &flat.entries[at as usize..(at + run) as usize] {
                cover.add(space, flat, entry);
            }
            for terms in cover.groups(space) {
                step(space, terms, entry, at, &mut walking, &mut passed);
            }
        } else {
            step(space, flat.terms(entry), entry, at, &mut walking, &mut passed);
        }
        at += run;
        if walking.len() + passed.accepted.len() > MOST_SLICES {
            passed.bounded = true;
            break;
        }
    }
    passed.undecided.extend(walking.into_iter().map(|(slice, _)| slice));
    passed
}

/// How many entries from `at` on can be asked in any order: they all accept, or all drop.
fn run(flat: &Flat, at: u32) -> u32 {
    let first = &flat.entries[at as usize];
    if !matches!(first.effect, Effect::Accept | Effect::Drop) {
        return 1;
    }
    let after = &flat.entries[at as usize..];
    let run = after.iter().take_while(|entry| entry.effect == first.effect);
    u32::try_from(run.count()).unwrap_or(1).max(1)
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
    let mut next = Vec::with_capacity(walking.len());
    for (slice, from) in walking.drain(..) {
        let view = if from > at { None } else { slice.view(terms, space) };
        let met = view.and_then(|view| {
            let common = slice.cube.intersect(&view, &space.store)?;
            Some((common, slice.cube.minus(&view, &space.store)))
        });
        let Some((common, rest)) = met else {
            next.push((slice, from));
            continue;
        };
        next.extend(rest.into_iter().map(|cube| (slice.narrowed(cube), from)));
        let taken = slice.narrowed(common);
        match entry.effect {
            Effect::Drop => {}
            Effect::Accept => passed.accepted.push(taken),
            Effect::Return if entry.end == Entry::FINAL => passed.undecided.push(taken),
            Effect::Return => next.push((taken, entry.end)),
            Effect::Assign(assignment) => next.push((assign(space, taken, assignment), entry.end)),
            Effect::Dnat(translation) => {
                let translation = space.ruleset.translations[translation as usize];
                let mut slice = translate(space, taken, translation);
                slice.translated_by = Some(entry.rule);
                passed.accepted.push(slice);
            }
        }
    }
    *walking = next;
}

/// The part of `slice` that comes past the entries of `before` and fulfils `terms`. Stops at the first piece if `one` is
/// enough.
pub(super) fn reaching(
    space: &Space<'_>,
    flat: &Flat,
    before: &mut Before,
    terms: &[Term],
    slice: &Slice,
    one: bool,
) -> Reaching {
    let mut reaching = Reaching::default();
    let unchanged = |axis| !flat.assigns || !Space::is_assigned(axis);
    let Some(start) = fulfilling(space, slice, terms, unchanged) else { return reaching };
    let covers = before.cover.meeting(space, &start);
    let fresh = cover::answers(space, start.cube.terms());
    let ordered = if fresh { merged(&before.ordered, &before.fresh) } else { Vec::new() };
    let ordered = if fresh { ordered.as_slice() } else { before.ordered.as_slice() };
    // A depth-first search: each piece with the group that it meets next.
    let mut pieces = vec![(start, 0_usize)];
    while let Some((piece, from)) = pieces.pop() {
        let meets = |terms: &&[Term]| {
            piece.view(terms, space).is_some_and(|view| piece.cube.overlaps(&view, &space.store))
        };
        let Some(at) = covers[from..].iter().position(meets) else {
            let rest = past_ordered(space, flat, ordered, before.at, piece, one);
            reaching.bounded |= rest.bounded;
            let met = rest.slices.iter().filter_map(|it| fulfilling(space, it, terms, |_| true));
            reaching.slices.extend(met);
            if one && !reaching.slices.is_empty() {
                return reaching;
            }
            if reaching.slices.len() + pieces.len() > MOST_SLICES {
                reaching.bounded = true;
                return reaching;
            }
            continue;
        };
        let Some(view) = piece.view(covers[from + at], space) else { continue };
        let rest = piece.cube.minus(&view, &space.store);
        pieces.extend(rest.into_iter().rev().map(|cube| (piece.narrowed(cube), from + at + 1)));
        if pieces.len() > MOST_SLICES {
            reaching.bounded = true;
            return reaching;
        }
    }
    reaching
}

/// Two ascending lists as one.
fn merged(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut merged: Vec<u32> = a.iter().chain(b).copied().collect();
    merged.sort_unstable();
    merged
}

/// What of `start` comes past entries whose place matters, up to entry `at`.
fn past_ordered(
    space: &Space<'_>,
    flat: &Flat,
    ordered: &[u32],
    at: u32,
    start: Slice,
    one: bool,
) -> Reaching {
    let mut reaching = Reaching::default();
    if ordered.is_empty() {
        reaching.slices.push(start);
        return reaching;
    }
    let mut pieces = vec![(start, 0_u32)];
    for _ in 0..MOST_SLICES {
        let Some((piece, from)) = pieces.pop() else { return reaching };
        let Some(meeting) = meeting(space, flat, &piece, ordered, from) else {
            reaching.slices.push(piece);
            if one {
                return reaching;
            }
            continue;
        };
        let entry = &flat.entries[meeting.entry as usize];
        let rest = piece.cube.minus(&meeting.terms, &space.store);
        if entry.end <= at
            && let Some(common) = piece.cube.intersect(&meeting.terms, &space.store)
        {
            let taken = piece.narrowed(common);
            let taken = match entry.effect {
                Effect::Assign(change) => assign(space, taken, change),
                _ => taken,
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

/// The first of the entries `ordered`, from index `from` on, that takes some packet of `piece`.
fn meeting(
    space: &Space<'_>,
    flat: &Flat,
    piece: &Slice,
    ordered: &[u32],
    from: u32,
) -> Option<Meeting> {
    let first = ordered.partition_point(|index| *index < from);
    ordered[first..].iter().find_map(|index| {
        let entry = &flat.entries[*index as usize];
        let view = piece.view(flat.terms(entry), space)?;
        if !piece.cube.overlaps(&view, &space.store) {
            return None;
        }
        // A question that only this entry asks can be answered with no.
        let open = |axis: Axis| space.is_fresh(axis) && piece.cube.get(axis).is_none();
        let escapable = entry.fresh && view.iter().any(|(axis, _)| open(*axis));
        (!escapable).then(|| Meeting { entry: *index, terms: view.into_owned() })
    })
}

fn assign(space: &Space<'_>, mut slice: Slice, assignment: Assignment) -> Slice {
    match assignment {
        Assignment::Untracked => {
            let untracked = space.one(Field::State, State::Untracked.value());
            slice.cube = slice.cube.replace(Space::axis(Field::State), Some(untracked));
        }
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
        Assignment::Other => {}
    }
    slice
}

fn translate(space: &Space<'_>, mut slice: Slice, translation: Translation) -> Slice {
    let set = |field: Field, values| {
        let ranges = Ranges::of(space.ruleset.values(values).to_vec());
        space.intern(field, &ranges)
    };
    slice.redirected = translation.local;
    if let Some(values) = translation.addresses {
        slice.address_rewritten = true;
        slice.cube = slice
            .cube
            .replace(Space::rewritten(Field::Destination), Some(set(Field::Destination, values)));
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
