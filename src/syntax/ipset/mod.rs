//! `ipset save` files: `create NAME TYPE option…` and `add NAME ENTRY option…` lines.
//!
//! ```text
//! file   := (create | add | other | comment | blank)*
//! create := ("create" | "-N" | "--create") name type option*
//! add    := ("add" | "-A" | "--add") name entry option*
//! option := word value? | "\"" text "\""
//! ```
//!
//! Knows which options each command and type takes and what an entry's parts look like, not which packets it matches.

mod entry;
mod kinds;
mod parse;

pub use entry::{Part, parts};
pub use kinds::{Dimension, SetKind};

pub(super) use parse::parse;

use crate::source::Span;

/// A whole file.
#[derive(Debug, Default)]
pub struct File {
    /// The sets in the order of their `create` lines.
    pub sets: Vec<Set>,
    /// Names of sets that lose entries again, or get another's: what they hold is not followed.
    pub changed: Vec<Span>,
}

/// One set with its entries.
#[derive(Debug)]
pub struct Set {
    /// The whole `create` line.
    pub line: Span,
    /// Its name.
    pub name: Span,
    /// Its type: `hash:net,port`, `bitmap:ip`, `list:set` …
    pub kind: Span,
    /// Whether its entries are IPv6 addresses.
    pub ipv6: bool,
    /// Whether its entries may expire or it has a default timeout.
    pub timeout: bool,
    /// Its entries.
    pub entries: Vec<Entry>,
}

/// One `add` line.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The entry: `192.0.2.0/24,tcp:80`.
    pub entry: Span,
    /// Whether it is an exception (`nomatch`).
    pub nomatch: bool,
    /// Whether it carries a timeout.
    pub timeout: bool,
}
