//! What a list lets in of some packets, where the walk of it is.

use super::{
    Slice, Space,
    before::Before,
    exposure::{Result, through},
    flat::Entry,
    regardless, walk,
    way::Listed,
};
use crate::packets::Term;

/// Packets that are asked about where the walk of a list is.
pub(super) struct Question<'q> {
    pub(super) terms: &'q [Term],
    /// The entry that accepts them, if it is no policy.
    pub(super) entry: Option<&'q Entry>,
    pub(super) slice: &'q Slice,
    /// How many pieces of them are enough.
    pub(super) most: usize,
}

/// What of the packets of a question comes past what the walk has passed, and through the chains behind.
pub(super) fn let_in(
    space: &Space<'_>,
    listed: &Listed,
    before: &mut Before,
    later: &[&Listed],
    question: &Question<'_>,
    result: &mut Result<'_>,
) -> Vec<Slice> {
    let Question { terms, entry, slice, most } = *question;
    let mut ask = |exact: bool| {
        before.exact = exact;
        let reaching = walk::reaching(space, &listed.flat, before, terms, slice, most);
        result.bounded |= reaching.bounded;
        let mut slices = reaching.slices;
        if let Some(entry) = entry {
            let list = (&listed.flat, listed.base.policy);
            let parted = |piece| regardless::parts(space, list, entry, piece, &mut result.patience);
            slices = slices.into_iter().flat_map(parted).collect();
        }
        onward(space, later, slices, result)
    };
    let slices = ask(false);
    // What comes behind may take the core of a piece.
    if slices.iter().all(|slice| slice.has_its_core(space)) { slices } else { ask(true) }
}

/// What of `slices` passes the chains behind the deciding one.
fn onward(
    space: &Space<'_>,
    later: &[&Listed],
    slices: Vec<Slice>,
    result: &mut Result<'_>,
) -> Vec<Slice> {
    later.iter().fold(slices, |slices, listed| through(space, listed, slices, result))
}
