//! What is known about ports: the services behind them, why they are risky, and what to do; and which names belong to
//! which program.
//!
//! The entries are TOML in `rules/`, embedded in the binary. Knows nothing about any rule file.
//!
//! What every start needs, [`Facts`] by port, is a generated table that `tests/knowledge.rs` holds in date
//! (`BLESS=1 cargo test --test knowledge` rewrites it); an entry's sentences are parsed when they are shown.

mod base;
mod category;
mod classes;
mod embedded;
mod entry;
mod error;
mod facts;
#[rustfmt::skip]
mod index;
mod managers;
mod parse;
mod risk;
#[cfg(test)]
mod tests;
mod transport;

pub use base::Knowledge;
pub use category::Category;
pub use classes::{
    ClassEntry, Classes, NamedRange, PortClass, RangeEntry, RangeKind, parse_classes,
};
pub use entry::{Amplification, Entry, Seed};
pub use error::{Cause, Error};
pub use facts::{Facts, PortRange, ServiceId};
pub use managers::{is_for_the_owner, manager_of_chain, manager_of_interface, manager_of_table};
pub use parse::parse;
pub use risk::{Confidence, Evidence, Risk, Verdict};
pub use transport::{Transport, Transports};
