//! Packets as people write them: `tcp 198.51.100.7:40000 -> 192.0.2.1:79 in eth0`.
//!
//! ```text
//! packet   := protocol end "->" end option*
//! protocol := "tcp" | "udp" | "udplite" | "sctp" | "dccp" | "icmp" | "icmpv6" | "esp" | "ah" | 0..255
//! end      := IPv4 [":" port] | IPv6 | "[" IPv6 "]" [":" port] | "host" [":" port]
//! option   := "in" interface | "out" interface | "state" state | "dir" direction
//!           | "flags" ("none" | flag ("," flag)*) | "type" 0..255 ["/" 0..255] | "mark" number
//! ```
//!
//! `in`, `out` or both are there, each option once. What is left out is its usual value, and is left out when a packet
//! is printed, so that equal packets print the same.

mod display;
mod parse;
#[cfg(test)]
mod tests;

use super::packet::{Contradiction, Direction, ICMP, ICMPV6, State};
use std::ops::Range;

/// Why a text is no packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotationError {
    /// The bytes that are wrong; empty, at the end, where something is missing.
    pub span: Range<usize>,
    /// What is wrong with them.
    pub kind: Wrong,
}

/// What is wrong with a text that should be a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The text ends where this should follow.
    Missing(Part),
    /// This should stand there, and something else does.
    Expected(Part, Suggestion),
    /// An IPv6 address with a port is written in brackets.
    NeedsBrackets,
    /// An IPv4 address, or `host`, is written without brackets.
    NeedsNoBrackets,
    /// This option is there twice.
    Twice(&'static str),
    /// `none` stands beside a flag.
    NoneBesideFlag,
    /// `icmp` is written between IPv6 addresses, or `icmpv6` between IPv4 addresses.
    OtherIcmp,
    /// The fields do not fit together.
    Contradiction(Contradiction),
}

/// The word that was perhaps meant.
pub type Suggestion = Option<&'static str>;

/// A part of the notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A protocol.
    Protocol,
    /// An address, or `host`.
    Address,
    /// A port.
    Port,
    /// The arrow between the two ends.
    Arrow,
    /// The word that begins an option.
    Option,
    /// The name of an interface.
    Interface,
    /// `in` or `out`: without them nobody knows where the packet goes.
    Route,
    /// The state of a connection.
    State,
    /// A direction of a connection.
    Direction,
    /// TCP flags.
    Flags,
    /// An ICMP type with or without a code.
    Icmp,
    /// A mark.
    Mark,
}

const PROTOCOLS: [(&str, u8); 9] = [
    ("tcp", 6),
    ("udp", 17),
    ("udplite", 136),
    ("sctp", 132),
    ("dccp", 33),
    // Before the shorter one: who writes `icmp6` means this.
    ("icmpv6", ICMPV6),
    ("icmp", ICMP),
    ("esp", 50),
    ("ah", 51),
];

const STATES: [(&str, State); 5] = [
    ("new", State::New),
    ("established", State::Established),
    ("related", State::Related),
    ("invalid", State::Invalid),
    ("untracked", State::Untracked),
];

const DIRECTIONS: [(&str, Direction); 2] =
    [("original", Direction::Original), ("reply", Direction::Reply)];

/// `ecn` is what nftables calls `ece`.
const FLAGS: [(&str, u8); 9] = [
    ("fin", 0x01),
    ("syn", 0x02),
    ("rst", 0x04),
    ("psh", 0x08),
    ("ack", 0x10),
    ("urg", 0x20),
    ("ece", 0x40),
    ("cwr", 0x80),
    ("ecn", 0x40),
];

const OPTIONS: [&str; 7] = ["in", "out", "state", "dir", "flags", "type", "mark"];
