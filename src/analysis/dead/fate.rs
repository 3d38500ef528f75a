//! What becomes of some packets in a list, entry by entry, and which entries take them.

use super::{near::Index, points::is_unsure};
use crate::{
    analysis::{
        Slice, Space,
        bounds::Bounds,
        flat::{Effect, Entry, Flat},
        walk,
    },
    packets::{Relation, SetId, Term},
};
use std::borrow::Cow;

/// More entries than this are not met for one question, and the packets not cut into more pieces.
pub(super) const MOST_STEPS: usize = 3_000;
pub(super) const MOST_PIECES: usize = 200;
/// Lists up to this length are looked through as a whole.
const SHORT: usize = 64;
/// So many entries that are seen to lie elsewhere cost what one costs that is met.
pub(super) const PASSED: usize = 64;

/// A part of the packets, and what takes it.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The entry that decides it for good; `None` for the end of the list.
    pub(super) by: Option<u32>,
    /// The return on whose account it does not come to the entry that was asked about.
    pub(super) returned: Option<u32>,
    pub(super) slice: Slice,
}

/// What becomes of packets.
#[derive(Debug, Default)]
pub(super) struct Fate {
    pub(super) parts: Vec<Part>,
    /// Whether not everything was followed.
    pub(super) bounded: bool,
    /// How many entries were met.
    pub(super) steps: usize,
}

/// Walks `start` from entry `from` on. Entries that need not do what they say, or ask what nobody can answer, are passed.
/// `until` is the place that was asked about: returns to behind it are noted.
pub(super) fn of(
    space: &Space<'_>,
    flat: &Flat,
    index: &Index,
    start: Slice,
    from: u32,
    until: u32,
) -> Fate {
    let mut fate = Fate::default();
    let bounds = bounds(space, flat, &start);
    let (mut lists, looked) = index.candidates(space, flat, &start, &bounds);
    fate.steps += looked / PASSED;
    if !flat.assigns && lists.iter().map(|list| list.len()).sum::<usize>() <= SHORT {
        // Nothing changes on the way: what the whole does not meet none of its parts does.
        let mut near: Vec<u32> = lists.iter().flat_map(|list| list.iter().copied()).collect();
        if lists.len() > 1 {
            near.sort_unstable();
            near.dedup();
        }
        near.drain(..near.partition_point(|it| *it < from));
        let relation = |index: &u32| {
            let view = start.view(flat.terms(&flat.entries[*index as usize]), space);
            view.map_or(Relation::Apart, |view| start.cube.relation(&view, &space.store))
        };
        if let Some(number) = first_decides(flat, &near, &start, relation) {
            fate.steps += 1;
            fate.parts.push(Part { by: Some(number), returned: None, slice: start });
            return fate;
        }
        near.retain(|index| relation(index) != Relation::Apart);
        lists = vec![Cow::Owned(near)];
    }
    let near = Near { index, lists: &lists };
    let mut pieces = vec![(start, from, None)];
    while let Some((piece, from, returned)) = pieces.pop() {
        let bounds = self::bounds(space, flat, &piece);
        let met = near.next(&bounds, from, &mut fate.steps, |index| {
            taken(space, flat, &flat.entries[index as usize], &piece)
        });
        if fate.steps >= MOST_STEPS || pieces.len() + fate.parts.len() > MOST_PIECES {
            fate.bounded = true;
            return fate;
        }
        let Some((number, terms)) = met else {
            fate.parts.push(Part { by: None, returned, slice: piece });
            continue;
        };
        let entry = &flat.entries[number as usize];
        let (common, rest) = piece.cube.parted(&terms, &space.store);
        pieces.extend(rest.into_iter().map(|cube| (piece.narrowed(cube), number + 1, returned)));
        let slice = piece.narrowed(common);
        match entry.effect {
            Effect::Return if entry.end == Entry::FINAL => {
                fate.parts.push(Part { by: None, returned: returned.or(Some(number)), slice });
            }
            Effect::Return => {
                let skips = number < until && entry.end > until;
                let returned = returned.or(skips.then_some(number));
                pieces.push((slice, entry.end, returned));
            }
            Effect::Assign(change) => {
                pieces.push((walk::assign(space, slice, change), number + 1, returned));
            }
            Effect::Accept | Effect::Drop | Effect::Dnat(_) => {
                fate.parts.push(Part { by: Some(number), returned, slice });
            }
        }
    }
    fate
}

/// Where packets lie, for good.
pub(super) fn bounds(space: &Space<'_>, flat: &Flat, slice: &Slice) -> Bounds {
    // Where entries change headers they may lie anywhere after that.
    Bounds::of(space, |field| if flat.rewrites { SetId::FULL } else { slice.now(field) })
}

/// Entries that may take some packets.
pub(super) struct Near<'a> {
    pub(super) index: &'a Index,
    /// Each in order.
    pub(super) lists: &'a [Cow<'a, [u32]>],
}

impl Near<'_> {
    /// The next of them, from one on, that takes something of what lies within `bounds`, and what.
    pub(super) fn next<T>(
        &self,
        bounds: &Bounds,
        from: u32,
        steps: &mut usize,
        taken: impl Fn(u32) -> Option<T>,
    ) -> Option<(u32, T)> {
        let after = |list: &'_ Cow<'_, [u32]>| list.partition_point(|it| *it < from);
        let mut at: Vec<usize> = self.lists.iter().map(after).collect();
        loop {
            let heads = self.lists.iter().zip(&at);
            let next = heads.filter_map(|(list, at)| list.get(*at)).min().copied()?;
            for (list, at) in self.lists.iter().zip(&mut at) {
                *at += usize::from(list.get(*at) == Some(&next));
            }
            *steps += 1;
            if *steps >= MOST_STEPS {
                return None;
            }
            if self.index.may_meet(next, bounds)
                && let Some(taken) = taken(next)
            {
                return Some((next, taken));
            }
        }
    }
}

/// The first of some entries that takes a packet of `start`, if it decides about all of them for good.
fn first_decides(
    flat: &Flat,
    near: &[u32],
    start: &Slice,
    relation: impl Fn(&u32) -> Relation,
) -> Option<u32> {
    let open = |term: &Term| Space::is_opaque(term.0) && start.cube.get(term.0).is_none();
    for number in near {
        let entry = &flat.entries[*number as usize];
        let relation = relation(number);
        let asks_open = || entry.opaque && flat.terms(entry).iter().any(open);
        if relation == Relation::Apart || is_unsure(flat, entry) || asks_open() {
            continue;
        }
        let decides = matches!(entry.effect, Effect::Accept | Effect::Drop | Effect::Dnat(_));
        return (relation == Relation::Inside && decides).then_some(*number);
    }
    None
}

/// What an entry surely takes of a piece, if anything.
fn taken<'f>(
    space: &Space<'_>,
    flat: &'f Flat,
    entry: &Entry,
    piece: &Slice,
) -> Option<Cow<'f, [Term]>> {
    let view = piece.view(flat.terms(entry), space)?;
    if !piece.cube.overlaps(&view, &space.store) {
        return None;
    }
    let open = |term: &Term| Space::is_opaque(term.0) && piece.cube.get(term.0).is_none();
    (!is_unsure(flat, entry) && !view.iter().any(open)).then_some(view)
}
