//! What becomes of one packet on one side.

use super::{
    Decision,
    walk::{Ends, Traveller},
};
use crate::{
    analysis::{Slice, Space},
    model::{Address, Field, OpaqueKind, Subject},
    packets::Term,
};

/// What becomes of packets on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Thrown away.
    Closed,
    /// That depends on what nobody can tell.
    Maybe,
    /// Let in.
    Open,
}

impl State {
    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Maybe => "maybe",
            Self::Open => "open",
        }
    }
}

/// What becomes of a packet on one side, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What.
    pub state: State,
    /// What decides.
    pub decided_by: Decision,
    /// What it depends on, where it is *maybe*.
    pub depends_on: Vec<Subject>,
    /// What changes with time, where that decides.
    pub limited_by: Vec<Subject>,
    /// The address that it is let in with, where it was rewritten to one.
    pub address: Option<Address>,
    /// The port that it is let in with, where it was rewritten to one.
    pub port: Option<u16>,
}

/// What the ends of a packet come to; `target` is what a difference says of its destination as rewritten.
pub(super) fn standing(space: &Space<'_>, ends: Ends, point: &Slice, target: &[Term]) -> Standing {
    let Ends { input, forward, output, lost, .. } = ends;
    let passed: Vec<&Traveller> = input.iter().chain(&forward).chain(&output).collect();
    let unknowns = |it: &Traveller| {
        questions(space, &it.slice, |kind, holds| {
            holds && matches!(kind, OpaqueKind::Fixed | OpaqueKind::Foreign)
        })
    };
    let limits = |it: &Traveller| questions(space, &it.slice, |kind, _| kind == OpaqueKind::Timing);
    // The answers that the difference is about come first.
    let fits = |it: &&Traveller| {
        let asked = point.cube.terms().iter().filter(|it| space.opaque(it.0).is_some());
        asked.into_iter().all(|(axis, set)| {
            it.slice.cube.get(*axis).is_none_or(|mine| space.store.overlaps(mine, *set))
        })
    };
    let ends_so = |it: &Traveller| {
        let mut sides = target.iter();
        sides.all(|(axis, set)| {
            it.slice.cube.get(*axis).is_some_and(|mine| space.store.overlaps(mine, *set))
        })
    };
    let best = passed
        .iter()
        .copied()
        .min_by_key(|it| (!ends_so(it), unknowns(it).len(), limits(it).len()));
    let Some(best) = best else {
        let lost = lost.iter().find(fits).or(lost.first());
        return Standing {
            state: State::Closed,
            decided_by: lost.map_or(Decision::None, |it| it.by),
            depends_on: Vec::new(),
            limited_by: Vec::new(),
            address: None,
            port: None,
        };
    };
    let depends_on = unknowns(best);
    let state = if depends_on.is_empty() { State::Open } else { State::Maybe };
    // Where some answers let it in, what throws it away for others is what decides.
    let against = lost.iter().find(fits).filter(|_| passed.iter().copied().find(fits).is_none());
    let limited_by = limits(best);
    let only = |field: Field| space.only(field, best.slice.now(field));
    let address = best.slice.address_rewritten.then(|| only(Field::Destination)).flatten();
    let port = best.slice.port_rewritten.then(|| only(Field::DestinationPort)).flatten();
    Standing {
        state,
        decided_by: against.map_or(best.by, |it| it.by),
        depends_on,
        limited_by,
        address: address.map(|bits| Address { family: space.family, bits }),
        port: port.map(number),
    }
}

fn questions(
    space: &Space<'_>,
    slice: &Slice,
    asked: impl Fn(OpaqueKind, bool) -> bool,
) -> Vec<Subject> {
    let mut found = Vec::new();
    for (axis, set) in slice.cube.terms() {
        let Some(opaque) = space.opaque(*axis) else { continue };
        if asked(opaque.kind, space.store.first(*set) == Some(1)) {
            found.extend(space.subject(*axis));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn number(value: u128) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}
