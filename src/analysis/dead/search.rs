//! Whether some packet of a cube comes to a place of a list.
//!
//! One packet of the cube is followed. If it comes there, that is the answer; if not, what took it takes more of the cube than
//! this one packet, and only the rest is looked at further, which is never the same again. Where entries hand packets back
//! to a caller, the rest is whatever may have come another way: the packets that the same decisions and the same returns do
//! not take, and those that a return takes which the followed packet did not meet.

use super::points::{Packet, Points, Taker};
use crate::{
    analysis::{
        Space,
        flat::{Effect, Entry, Flat},
    },
    packets::{Cube, Term},
};
use std::borrow::Cow;

/// So much is looked at for one place.
const MOST_STEPS: u64 = 400_000;
/// More pieces than this do not wait at one time.
const MOST_PIECES: usize = 20_000;

/// What is found out about a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Some packet comes there.
    Comes,
    /// None does.
    Never,
    /// It was not found out.
    Unsettled,
}

/// A place of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The entries before this index are passed.
    pub(super) at: u32,
    /// The walk through a chain that the place is in, where it may be at its end.
    pub(super) inside: Option<u32>,
}

/// What is asked again and again for one list.
pub(super) struct Search<'a, 'r> {
    pub(super) space: &'a Space<'r>,
    pub(super) flat: &'a Flat,
    pub(super) points: Points,
    pub(super) steps: u64,
    usual: [Packet; 2],
    found: [Vec<Taker>; 2],
}

/// How a packet that does not come to the place is kept from it.
#[derive(Debug, Default)]
struct Kept {
    /// The entries that decide about it, on each way that it may take.
    deciders: Vec<u32>,
    /// The returns that it surely takes.
    jumps: Vec<u32>,
}

impl<'a, 'r> Search<'a, 'r> {
    pub(super) fn new(space: &'a Space<'r>, flat: &'a Flat) -> Self {
        Self {
            space,
            flat,
            points: Points::new(space.family),
            steps: 0,
            usual: [Packet::unusual(space.family), Packet::least()],
            found: [Vec::new(), Vec::new()],
        }
    }

    /// Whether a packet of `start` comes to a place.
    pub(super) fn comes(&mut self, start: Cube, place: Place) -> Found {
        let limit = self.steps + MOST_STEPS;
        let mut pieces = vec![start];
        while let Some(piece) = pieces.pop() {
            if self.steps > limit || pieces.len() > MOST_PIECES {
                return Found::Unsettled;
            }
            let Some(first) = self.followed(&piece, 0, place) else { return Found::Comes };
            if self.is_taken_whole(&piece, 0, place) {
                continue;
            }
            let Some(_) = self.followed(&piece, 1, place) else { return Found::Comes };
            if self.is_taken_whole(&piece, 1, place) {
                continue;
            }
            self.leave_out(&piece, &first, place, &mut pieces);
        }
        Found::Never
    }

    fn entry(&self, index: u32) -> &'a Entry {
        &self.flat.entries[index as usize]
    }

    /// What an entry asks for, as far as it stays what it is.
    fn terms(&self, index: u32) -> Cow<'a, [Term]> {
        let terms = self.flat.terms(self.entry(index));
        let is_loose = |term: &Term| self.points.loose.contains(&term.0);
        if !self.points.loose.is_empty() && terms.iter().any(is_loose) {
            return Cow::Owned(terms.iter().copied().filter(|term| !is_loose(term)).collect());
        }
        Cow::Borrowed(terms)
    }

    /// Whether what an entry takes comes to the place.
    fn comes_on(&self, index: u32, place: Place) -> bool {
        let entry = self.entry(index);
        let leaves = || place.inside.is_some_and(|call| self.flat.leaves(index, call));
        // Nobody knows whether a return that asks for what changes hands the packet back: it may as well keep it.
        let is_loose = |term: &Term| self.points.loose.contains(&term.0);
        let asks_loose =
            !self.points.loose.is_empty() && self.flat.terms(entry).iter().any(is_loose);
        entry.effect == Effect::Return
            && !asks_loose
            && (entry.end < place.at || (entry.end == place.at && !leaves()))
    }

    /// Follows the packet of `piece` that is like the usual one `which`; what keeps it from the place.
    fn followed(&mut self, piece: &Cube, which: usize, place: Place) -> Option<Kept> {
        let packet = &mut self.usual[which];
        let fields = piece.terms().iter().filter(|term| !Space::is_opaque(term.0));
        let changed: Vec<_> = fields.map(|term| (term.0, packet.get(term.0))).collect();
        for (axis, usual) in &changed {
            let set = piece.get(*axis)?;
            let value = match which {
                _ if self.space.store.contains(set, *usual) => *usual,
                0 => self.space.store.first(set)?,
                _ => self.space.far(*axis, set)?,
            };
            packet.put(*axis, value);
        }
        let (found, steps) = (&mut self.found[which], &mut self.steps);
        self.points.takers(self.space, self.flat, packet, piece, found, steps);
        for (axis, usual) in changed {
            packet.put(axis, usual);
        }
        self.kept(which, place)
    }

    /// What keeps a packet that these entries take from the place; `None` if it may come there.
    fn kept(&self, which: usize, place: Place) -> Option<Kept> {
        // Where the packet may be: the entries that it meets next.
        let mut ways = vec![0_u32];
        let mut kept = Kept::default();
        for taker in &self.found[which] {
            let meets = |way: &u32| *way <= taker.index;
            if !ways.iter().any(meets) {
                continue;
            }
            if self.comes_on(taker.index, place) {
                if taker.surely {
                    ways.retain(|way| !meets(way));
                    kept.jumps.push(taker.index);
                }
                ways.push(self.entry(taker.index).end);
            } else if taker.surely {
                ways.retain(|way| !meets(way));
                kept.deciders.push(taker.index);
            }
            if ways.is_empty() {
                return Some(kept);
            }
        }
        None
    }

    /// Whether one of the entries that take the packet takes all of `piece`.
    fn is_taken_whole(&self, piece: &Cube, which: usize, place: Place) -> bool {
        self.found[which].iter().any(|taker| {
            taker.surely
                && !self.comes_on(taker.index, place)
                && piece.is_subset(&self.terms(taker.index), &self.space.store)
                && self.missing(piece, taker.index, place, &mut Vec::new())
        })
    }

    /// Whether no packet of `piece` can miss an entry; if some can, the returns that take them, but those in `found`, are noted
    /// there.
    fn missing(&self, piece: &Cube, index: u32, place: Place, found: &mut Vec<u32>) -> bool {
        let mut none = true;
        for returns in self.flat.returns_past(self.entry(index)) {
            let before = returns.partition_point(|it| *it < index);
            for back in &returns[..before] {
                if self.comes_on(*back, place)
                    && piece.overlaps(&self.terms(*back), &self.space.store)
                {
                    none = false;
                    if !found.contains(back) {
                        found.push(*back);
                    }
                }
            }
        }
        none
    }

    /// Adds to `pieces` what of `piece` need not be kept from the place as the followed packet is.
    fn leave_out(&mut self, piece: &Cube, kept: &Kept, place: Place, pieces: &mut Vec<Cube>) {
        let store = &self.space.store;
        let met: Vec<u32> = self.found[0].iter().map(|taker| taker.index).collect();
        let mut missing = Vec::new();
        let mut deciders = kept.deciders.clone();
        if let ([_], []) = (&deciders[..], &kept.jumps[..]) {
            // Whichever decides about the packet: the one that leaves least is as good as the first.
            let takers = self.found[0].iter().filter(|it| it.surely);
            let takers = takers.filter(|it| !self.comes_on(it.index, place));
            let outside = |index: u32| {
                let mine = |axis| piece.get(axis).unwrap_or(crate::packets::SetId::FULL);
                let terms = self.terms(index);
                terms.iter().filter(|term| !store.is_subset(mine(term.0), term.1)).count()
            };
            deciders =
                takers.map(|it| it.index).min_by_key(|it| outside(*it)).into_iter().collect();
        }
        for index in deciders.iter().chain(&kept.jumps) {
            self.missing(piece, *index, place, &mut missing);
        }
        missing.retain(|index| !met.contains(index));
        for index in missing {
            pieces.extend(piece.intersect(&self.terms(index), store));
        }
        for index in deciders.iter().chain(&kept.jumps) {
            pieces.extend(piece.minus(&self.terms(*index), store));
        }
        self.steps += 16;
    }
}
