//! What takes little of a question.
//!
//! A rule among a hundred thousand meets hundreds before it that each take an address or a network from it. Cut out one by
//! one they leave as many pieces, which nobody wants to be told. Where many take little, the question is answered whole:
//! each of its ports and interfaces is still open between nearly all of the addresses (all of those that it names are left),
//! and between one pair of addresses, its core, nothing of it is taken.

use super::{
    Slice, Space,
    bounds::{Bounds, Counts, network},
    witness,
};
use crate::{model::Field, packets::SetId};

/// Fewer groups than this in one place are cut out.
const MANY: usize = 32;
/// Where more groups than this were passed, no person wrote them one by one, and fewer in one place are enough.
const LONG: usize = 1_000;
const MANY_OF_LONG: usize = 8;
/// So is what takes more than this share of the addresses.
const LITTLE: f64 = 1.0 / 64.0;
/// All that is left in takes no more than this.
const LITTLE_OF_ALL: f64 = 1.0 / 16.0;

/// Two addresses, as conditions find them: source and destination.
pub(super) type Pair = (u128, u128);

/// What takes little of one question.
#[derive(Debug)]
pub(super) struct Slight {
    bounds: Bounds,
    counts: Counts,
    /// Whether the question names addresses on that side.
    names_source: bool,
    names_destination: bool,
    noted: Vec<(Bounds, Counts)>,
}

impl Slight {
    pub(super) fn new(space: &Space<'_>, question: &Slice) -> Self {
        let names = |field: Field| {
            space.size(field, question.now(field)) < space.size(field, SetId::FULL) / 2
        };
        Self {
            bounds: Bounds::of(space, |field| question.now(field)),
            counts: Counts::of(space, |field| question.now(field)),
            names_source: names(Field::Source),
            names_destination: names(Field::Destination),
            noted: Vec::new(),
        }
    }

    /// Notes a group if it takes little of the question, and says whether it does.
    pub(super) fn notes(&mut self, taken: (&Bounds, &Counts)) -> bool {
        let little = self.share((&self.bounds, &self.counts), taken) <= LITTLE;
        if little {
            self.noted.push((*taken.0, *taken.1));
        }
        little
    }

    /// Whether so many in one place are few, where so many groups were passed.
    pub(super) const fn are_few(noted: usize, passed: usize) -> bool {
        noted < if passed > LONG { MANY_OF_LONG } else { MANY }
    }

    /// Forgets the last `count` that it noted: they are cut out.
    pub(super) fn forget(&mut self, count: usize) {
        self.noted.truncate(self.noted.len() - count);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.noted.is_empty()
    }

    /// How much some packets take of a part of the question at most: of the destinations that each source has if the
    /// question names its sources, and the other way round.
    fn share(&self, part: (&Bounds, &Counts), taken: (&Bounds, &Counts)) -> f64 {
        let ((bounds, counts), (other, most)) = (part, taken);
        let source = share(bounds.source, counts.sources, other.source, most.sources);
        let destination =
            share(bounds.destination, counts.destinations, other.destination, most.destinations);
        match (self.names_source, self.names_destination) {
            (true, true) => source.max(destination),
            (true, false) => destination,
            (false, true) => source,
            (false, false) => source * destination,
        }
    }

    /// Two addresses between which nothing of `piece` is taken, if what was noted takes little of it.
    pub(super) fn core(&self, space: &Space<'_>, piece: &Slice) -> Option<Pair> {
        let bounds = Bounds::of(space, |field| piece.now(field));
        let counts = Counts::of(space, |field| piece.now(field));
        let meeting = || self.noted.iter().filter(|(other, _)| other.meets(&bounds));
        let shares = meeting().map(|(other, most)| self.share((&bounds, &counts), (other, most)));
        if shares.sum::<f64>() > LITTLE_OF_ALL {
            return None;
        }
        let free = |(source, destination): &Pair| {
            let (from, to) = (network(space, *source), network(space, *destination));
            let has = |(low, high): (u64, u64), it: u64| low <= it && it <= high;
            !meeting().any(|(other, _)| has(other.source, from) && has(other.destination, to))
        };
        let (sources, destinations) = (piece.now(Field::Source), piece.now(Field::Destination));
        let near = !space.store.overlaps(destinations, space.global);
        let usual = if near { witness::neighbours(space, sources) } else { sources };
        let source = witness::believable(space, usual);
        let destination = witness::believable_target(space, destinations);
        // Ever farther from where a person would look first.
        let steps = |set: SetId, first: u128| {
            let steps = (0..128).filter_map(move |power| first.checked_add(1 << power));
            let is_one = move |it: &u128| {
                *it <= space.family.last_address() && space.store.contains(set, *it)
            };
            std::iter::once(first).chain(steps.filter(is_one))
        };
        let aside = steps(sources, source).map(|source| (source, destination));
        let both = steps(sources, source).zip(steps(destinations, destination));
        let onward = steps(destinations, destination).map(|destination| (source, destination));
        aside.chain(both).chain(onward).find(free)
    }
}

/// How much of `size` addresses in `mine` are among `most` in `other`, at most.
#[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
fn share(mine: (u64, u64), size: u64, other: (u64, u64), most: u64) -> f64 {
    let (low, high) = (mine.0.max(other.0), mine.1.min(other.1));
    let common = high.saturating_sub(low).saturating_add(1).min(most);
    (common as f64 / size as f64).min(1.0)
}
