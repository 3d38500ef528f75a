//! The matches and targets of iptables 1.8.11, as data: one entry each, and adding one is adding an entry.

/// A match or a target.
#[derive(Debug)]
pub struct Extension {
    /// The name after `-m` or `-j`.
    pub name: &'static str,
    /// Its options; their order is their index in the tree.
    pub options: &'static [OptionSpec],
}

/// One option of an extension.
#[derive(Debug)]
pub struct OptionSpec {
    /// The long name without its dashes.
    pub name: &'static str,
}

/// The index in [`ALL`] that stands for every extension nobody here knows.
pub const UNKNOWN: u16 = u16::MAX;

/// The core options first (`-s`, `-p`, `-j` …), then every extension.
pub static ALL: &[Extension] = &[];
