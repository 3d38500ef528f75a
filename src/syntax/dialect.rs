use super::{Error, ErrorKind, Parsed, Tree, ipset, iptables};
use crate::source::SourceFile;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// `iptables-save` dumps, restore files and `iptables -S` listings.
    Iptables,
    /// The same for IPv6.
    Ip6tables,
    /// Shell scripts of firewall commands.
    Script,
    /// nftables files.
    Nft,
    /// `nft -j list ruleset`.
    NftJson,
    /// `ipset save` files.
    Ipset,
}

impl Dialect {
    /// Every dialect, in the order they are listed to people.
    pub const ALL: [Self; 6] =
        [Self::Iptables, Self::Ip6tables, Self::Script, Self::Nft, Self::NftJson, Self::Ipset];

    /// The word for `--dialect` and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Iptables => "iptables",
            Self::Ip6tables => "ip6tables",
            Self::Script => "script",
            Self::Nft => "nft",
            Self::NftJson => "nft-json",
            Self::Ipset => "ipset",
        }
    }

    /// What `source` is, by content first and name second; `None` where nothing tells.
    pub fn of(source: &SourceFile) -> Option<Self> {
        let _ = source;
        None
    }
}

/// Where a file of rules comes from, which decides what its owner can change in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// Printed by a program: counters, repeats of a daemon's rules.
    Dump,
    /// Written to be loaded.
    RestoreFile,
    /// A program that calls the loaders.
    Script,
    /// A part that no hook leads into.
    Fragment,
}

impl FileKind {
    /// The word for `--as` and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dump => "dump",
            Self::RestoreFile => "restore-file",
            Self::Script => "script",
            Self::Fragment => "fragment",
        }
    }
}

pub(super) fn parse_as(source: &SourceFile, dialect: Dialect) -> Parsed {
    let _ = (source, ErrorKind::Template, ipset::File::default(), iptables::File::default());
    Parsed { dialect, kind: FileKind::RestoreFile, tree: Tree::Opaque, errors: Vec::<Error>::new() }
}
