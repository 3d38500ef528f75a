//! Packets and sets of packet headers: mathematics that knows no spans, no chains and no rules.
//!
//! A header is a point in a space of axes (addresses, ports, states, …), each a range of integers from zero. A [`Cube`]
//! is a product of one value set per axis; a union of cubes is any set. Value sets are interned in one [`Store`], so a
//! cube is a short list of small numbers, equal sets are equal numbers, and each operation on two sets is done once.
//!
//! One [`Packet`] is what a person says of it, in a notation of its own ([`notation`]).

mod cube;
pub mod notation;
mod packet;
mod ranges;
mod recent;
mod store;
#[cfg(test)]
mod tests;
mod tree;

pub use cube::{Axis, Cube, Relation, Term, side};
pub use packet::{
    Address, Contradiction, Direction, End, Family, Fields, Icmp, Interface, Packet, Route, State,
    has_ports, is_icmp,
};
pub use ranges::Ranges;
pub use store::{SetId, Store};
