//! What was written: one tree per dialect, and the errors found on the way.
//!
//! Knows words, not their meaning, and never fails: every parser returns a tree *and* errors. What the real loader takes
//! parses here; what it refuses is an [`Error`] with the span of the wrong word.

mod dialect;
mod error;
pub mod ipset;
pub mod iptables;
pub mod nft;
pub mod script;
pub mod suppression;

pub use dialect::{Dialect, FileKind};
pub use error::{Error, ErrorKind, Expected, Limit, ShellError};

use error::Errors;

use crate::source::{Directive, SourceFile};

/// One file, read.
#[derive(Debug)]
pub struct Parsed {
    /// The format it was read as.
    pub dialect: Dialect,
    /// Where such a file comes from.
    pub kind: FileKind,
    /// What it says.
    pub tree: Tree,
    /// What the loader would refuse, in the order of the file.
    pub errors: Vec<Error>,
}

impl Parsed {
    /// The text that the tree is about: of a script not `source` alone, but all that it runs.
    pub fn text<'p>(&'p self, source: &'p SourceFile) -> &'p SourceFile {
        self.script().map_or(source, |script| &script.whole.source)
    }

    /// The script, where it is one.
    pub fn script(&self) -> Option<&script::File> {
        match &self.tree {
            Tree::Script(script) => Some(script),
            _ => None,
        }
    }

    /// What it tells the loaders of iptables, for each family that it speaks to.
    pub fn iptables(&self) -> Vec<(iptables::Family, &iptables::File)> {
        use iptables::Family::{V4, V6};
        match &self.tree {
            Tree::Iptables(file) if self.dialect == Dialect::Ip6tables => vec![(V6, file)],
            Tree::Iptables(file) => vec![(V4, file)],
            Tree::Script(script) => {
                let both = [(V4, &script.ipv4), (V6, &script.ipv6)];
                both.into_iter().filter(|(_, file)| !file.tables.is_empty()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What it tells `nft`.
    pub fn nft(&self) -> Option<&nft::File> {
        match &self.tree {
            Tree::Nft(file) => Some(file),
            Tree::Script(script) if !script.nft.commands.is_empty() => Some(&script.nft),
            _ => None,
        }
    }

    /// What it tells `ipset`.
    pub fn sets(&self) -> Option<&ipset::File> {
        match &self.tree {
            Tree::Ipset(file) => Some(file),
            Tree::Script(script) if !script.sets.sets.is_empty() => Some(&script.sets),
            _ => None,
        }
    }
    /// Whether there is nothing in it, right or wrong.
    pub fn says_nothing(&self) -> bool {
        let nothing = match &self.tree {
            Tree::Iptables(file) => file.tables.iter().all(|table| table.items.is_empty()),
            Tree::Ipset(file) => file.sets.is_empty(),
            Tree::Nft(file) => file.commands.is_empty(),
            Tree::Script(file) => file.commands.is_empty() && file.unread.is_empty(),
            Tree::Opaque => false,
        };
        nothing && self.errors.is_empty()
    }
}

/// The tree of the file's dialect.
#[derive(Debug)]
pub enum Tree {
    /// A restore file, a dump or an `-S` listing.
    Iptables(iptables::File),
    /// The output of `ipset save`.
    Ipset(ipset::File),
    /// An nftables file or dump.
    Nft(nft::File),
    /// A shell script of firewall commands.
    Script(Box<script::File>),
    /// Recognised and deliberately not read (a template, binary data): the errors say why.
    Opaque,
}

/// Reads a file as `dialect`, or as what its content, then its name, say it is; `None` where neither is telling.
pub fn parse(source: &SourceFile, dialect: Option<Dialect>) -> Option<Parsed> {
    let dialect = dialect.or_else(|| Dialect::of(source))?;
    Some(dialect::parse_as(source, dialect))
}

/// Where a file pulls in others, read as `dialect` or as what it says it is. Only nftables files do.
pub fn includes(source: &SourceFile, dialect: Option<Dialect>) -> Vec<Directive> {
    match dialect.or_else(|| Dialect::of(source)) {
        Some(Dialect::Nft) => nft::includes(source.text()),
        _ => Vec::new(),
    }
}
