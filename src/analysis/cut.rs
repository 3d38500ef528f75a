//! Cutting groups of a cover out of a piece, one after the other, as far as a budget goes.

use super::{
    Slice, Space,
    before::MOST_SLICES,
    cover::{Cover, Meeting},
};
use crate::packets::Term;
use std::{borrow::Cow, cell::Cell};

/// More looks at groups than this are not taken for one question.
const MOST_STEPS: u64 = 4_000_000;

/// How many looks at what was passed may still be taken.
pub(super) struct Budget<'b> {
    taken: &'b Cell<u64>,
    last: u64,
}

impl<'b> Budget<'b> {
    /// That of one question.
    pub(super) fn of(taken: &'b Cell<u64>, most: u64) -> Self {
        Self { taken, last: most.min(taken.get() + MOST_STEPS) }
    }

    /// Takes some, if that many are left.
    fn take(&self, looks: usize) -> bool {
        self.taken.set(self.taken.get() + looks as u64);
        self.taken.get() <= self.last
    }
}

/// Cuts `groups` out of `piece`: each part that is left is handed to `found`, which says whether to go on. Returns whether
/// it stopped short.
pub(super) fn cut(
    space: &Space<'_>,
    piece: Slice,
    groups: &[Cow<'_, [Term]>],
    budget: &Budget<'_>,
    mut found: impl FnMut(Slice) -> bool,
) -> bool {
    let mut pieces = vec![(piece, 0_usize)];
    while let Some((piece, from)) = pieces.pop() {
        let met = next_meeting(space, &piece, groups, from);
        let within = budget.take(met.as_ref().map_or(groups.len(), |(at, _)| at + 1) - from);
        let Some((at, view)) = met else {
            if !found(piece) {
                return false;
            }
            continue;
        };
        let rest = piece.cube.minus(&view, &space.store);
        pieces.extend(rest.into_iter().rev().map(|cube| (piece.narrowed(cube), at + 1)));
        if !within || pieces.len() > MOST_SLICES {
            return true;
        }
    }
    false
}

/// What of `piece` no group of `cover` takes.
pub(super) fn undecided(
    space: &Space<'_>,
    cover: &mut Cover,
    piece: Slice,
    budget: &Budget<'_>,
    bounded: &mut bool,
) -> Vec<Slice> {
    let Meeting::Some(numbers) = cover.meeting(space, &piece, None) else { return Vec::new() };
    let groups: Vec<Cow<'_, [Term]>> = numbers.iter().map(|part| cover.terms(*part)).collect();
    let mut left = Vec::new();
    *bounded |= cut(space, piece, &groups, budget, |piece| {
        left.push(piece);
        left.len() <= MOST_SLICES
    });
    *bounded |= left.len() > MOST_SLICES;
    left
}

/// The first of `groups` from index `from` on that takes some packet of `piece`, with its conditions as the piece sees them.
fn next_meeting(
    space: &Space<'_>,
    piece: &Slice,
    groups: &[Cow<'_, [Term]>],
    from: usize,
) -> Option<(usize, Vec<Term>)> {
    groups[from..].iter().zip(from..).find_map(|(terms, at)| {
        let view = piece.view(terms, space)?;
        piece.cube.overlaps(&view, &space.store).then(|| (at, view.into_owned()))
    })
}
