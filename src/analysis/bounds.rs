//! Where packets lie, as plain numbers: what is soon seen to be elsewhere, or small, needs no look at its sets.

use super::Space;
use crate::{
    model::{Family, Field},
    packets::{SetId, Term, side},
};

/// What of an address is told apart here: the interface part of an IPv6 address tells hardly any two rules apart.
pub(super) fn network(space: &Space<'_>, address: u128) -> u64 {
    let shift = if space.family == Family::Ipv6 { 64 } else { 0 };
    u64::try_from(address >> shift).unwrap_or(u64::MAX)
}

/// The set that terms ask for on the axis of a field.
fn asked(terms: &[Term], field: Field) -> SetId {
    side(terms, Space::condition_axis(field)).unwrap_or(SetId::FULL)
}

/// The least and the greatest of the addresses and ports of some packets, as plain numbers: most groups are seen to lie
/// elsewhere without a look at their sets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) source: (u64, u64),
    pub(super) destination: (u64, u64),
    pub(super) ports: (u16, u16),
}

impl Bounds {
    /// `set` says which set there is for a field.
    pub(super) fn of(space: &Space<'_>, set: impl Fn(Field) -> SetId) -> Self {
        let address = |field: Field| {
            let (low, high) = space.bounds(field, set(field));
            (network(space, low), network(space, high))
        };
        let (low, high) = space.bounds(Field::DestinationPort, set(Field::DestinationPort));
        let port = |port: u128| u16::try_from(port).unwrap_or(u16::MAX);
        Self {
            source: address(Field::Source),
            destination: address(Field::Destination),
            ports: (port(low), port(high)),
        }
    }

    pub(super) fn of_terms(space: &Space<'_>, terms: &[Term]) -> Self {
        Self::of(space, |field| asked(terms, field))
    }

    pub(super) fn extend(&mut self, other: &Self) {
        fn join<T: Ord + Copy>(mine: &mut (T, T), other: (T, T)) {
            *mine = (mine.0.min(other.0), mine.1.max(other.1));
        }
        join(&mut self.source, other.source);
        join(&mut self.destination, other.destination);
        join(&mut self.ports, other.ports);
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        fn share<T: Ord + Copy>(a: (T, T), b: (T, T)) -> bool {
            a.0 <= b.1 && b.0 <= a.1
        }
        share(self.source, other.source)
            && share(self.destination, other.destination)
            && share(self.ports, other.ports)
    }
}

/// How many addresses some packets have on each side at most: networks of 64 bits for IPv6.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) sources: u64,
    pub(super) destinations: u64,
}

impl Counts {
    /// `set` says which set there is for a field.
    pub(super) fn of(space: &Space<'_>, set: impl Fn(Field) -> SetId) -> Self {
        let count = |field| network(space, space.size(field, set(field))).max(1);
        Self { sources: count(Field::Source), destinations: count(Field::Destination) }
    }

    pub(super) fn of_terms(space: &Space<'_>, terms: &[Term]) -> Self {
        Self::of(space, |field| asked(terms, field))
    }

    pub(super) const fn extend(&mut self, other: &Self) {
        self.sources = self.sources.saturating_add(other.sources);
        self.destinations = self.destinations.saturating_add(other.destinations);
    }
}
