//! Which format a file is in: what its lines say comes first, its name second.

mod family;
mod lines;
mod name;
mod template;

use super::{Error, ErrorKind, Parsed, Tree, ipset, iptables};
use crate::source::{SourceFile, Span};

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
        let of_name = name::dialect(&source.path);
        let dialect = lines::dialect(source.text()).or(of_name)?;
        if matches!(dialect, Self::Iptables | Self::Ip6tables) {
            return Some(match family::of(source) {
                iptables::Family::V4 => Self::Iptables,
                iptables::Family::V6 => Self::Ip6tables,
            });
        }
        Some(dialect)
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
    let text = source.text();
    let opaque = |kind, at: usize| {
        let start = u32::try_from(at).unwrap_or(u32::MAX);
        let end = start.saturating_add(1).min(u32::try_from(text.len()).unwrap_or(u32::MAX));
        let error = Error { span: Span::new(start.min(end), end), kind };
        let kind =
            if dialect == Dialect::Script { FileKind::Script } else { FileKind::RestoreFile };
        Parsed { dialect, kind, tree: Tree::Opaque, errors: vec![error] }
    };
    if let Some(at) = lines::binary(text) {
        return opaque(ErrorKind::Binary, at);
    }
    if let Some(at) = template::marker(source, dialect) {
        return opaque(ErrorKind::Template, at);
    }
    match dialect {
        Dialect::Iptables | Dialect::Ip6tables => {
            let family = if dialect == Dialect::Iptables {
                iptables::Family::V4
            } else {
                iptables::Family::V6
            };
            let (file, errors) = iptables::parse(text, family);
            let kind = lines::iptables_kind(text, &file);
            Parsed { dialect, kind, tree: Tree::Iptables(file), errors: errors.into_vec() }
        }
        Dialect::Ipset => {
            let (file, errors) = ipset::parse(text);
            Parsed {
                dialect,
                kind: FileKind::RestoreFile,
                tree: Tree::Ipset(file),
                errors: errors.into_vec(),
            }
        }
        Dialect::Script | Dialect::Nft | Dialect::NftJson => opaque(ErrorKind::NotSupported, 0),
    }
}
