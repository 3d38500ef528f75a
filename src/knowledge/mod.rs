//! What is known about ports: the services behind them, why they are risky, and what to do.
//!
//! The entries are TOML in `rules/`, embedded in the binary. Knows nothing about any rule file.

/// An entry of the knowledge base, by its place in the sorted table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u32);
