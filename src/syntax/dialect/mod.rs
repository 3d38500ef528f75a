//! Which format a file is in: what its lines say comes first, its name second.

mod family;
mod lines;
mod name;
mod template;

use super::{Error, ErrorKind, Parsed, Tree, ipset, iptables, nft, script};
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
        if name::is_foreign(&source.path) {
            return None;
        }
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
    // A script that says nothing of firewalls loads no rules, however it is written.
    let concerns = dialect != Dialect::Script || lines::speaks_of_firewalls(text);
    if let Some(at) = template::marker(source, dialect).filter(|_| concerns) {
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
        Dialect::Nft | Dialect::NftJson => {
            let is_json = dialect == Dialect::NftJson;
            let (file, errors) =
                if is_json { nft::parse_json(text) } else { nft::parse(text, &source.includes) };
            Parsed {
                dialect,
                kind: if is_json { FileKind::Dump } else { lines::nft_kind(text, &file) },
                tree: Tree::Nft(file),
                errors: errors.into_vec(),
            }
        }
        Dialect::Script => {
            let (file, mut errors) = script::parse(source);
            if !concerns && file.commands.is_empty() && file.unread.is_empty() {
                errors.clear();
            }
            let tree = Tree::Script(Box::new(file));
            Parsed { dialect, kind: FileKind::Script, tree, errors }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;
    use crate::{
        source::SourceFile,
        syntax::{self, ErrorKind, FileKind, Tree},
    };

    fn source(path: &str, text: &str) -> SourceFile {
        SourceFile::new(path, text.as_bytes().to_vec())
    }

    #[test]
    fn content_comes_before_the_name() {
        for (path, text, expected) in [
            ("rules.v4", "*filter\n", Some(Dialect::Iptables)),
            ("x.nft", "*filter\n:INPUT ACCEPT [0:0]\n", Some(Dialect::Iptables)),
            ("x", "-A INPUT -s 10.0.0.1 -j ACCEPT\n", Some(Dialect::Iptables)),
            ("x", "table inet filter {\n", Some(Dialect::Nft)),
            ("x", "flush ruleset\n", Some(Dialect::Nft)),
            ("x", "#!/usr/sbin/nft -f\n", Some(Dialect::Nft)),
            ("x", "add rule ip filter input accept\n", Some(Dialect::Nft)),
            ("x", "{\"nftables\": []}", Some(Dialect::NftJson)),
            ("x", "{\"other\": []}", None),
            ("x", "create a hash:ip family inet\nadd a 192.0.2.1\n", Some(Dialect::Ipset)),
            ("x", "#!/bin/sh\niptables -A INPUT -j DROP\n", Some(Dialect::Script)),
            ("x", "IPT=/sbin/iptables\n$IPT -A INPUT -j DROP\n", Some(Dialect::Script)),
            ("x", "#!/bin/sh\necho hello\n", None),
            ("README.md", "iptables -A INPUT -j DROP\n", None),
            ("x", "Some words.\n", None),
            ("rules.v6", "", Some(Dialect::Ip6tables)),
            ("nftables.conf", "", Some(Dialect::Nft)),
        ] {
            assert_eq!(Dialect::of(&source(path, text)), expected, "{path}: {text}");
        }
    }

    #[test]
    fn the_family_is_told_by_header_name_and_content() {
        let table = |body: &str| format!("*filter\n{body}\nCOMMIT\n");
        for (path, text, six) in [
            ("rules.v6", table(""), true),
            ("rules.v4", table(""), false),
            ("user6.rules", table(""), true),
            ("x", table(""), false),
            ("x", table("-A INPUT -s 2001:db8::1 -j ACCEPT"), true),
            ("x", table("-A INPUT -p ipv6-icmp -j ACCEPT"), true),
            ("x", table("-A INPUT -j REJECT --reject-with icmp6-adm-prohibited"), true),
            ("rules.v6", table("-A INPUT -s 192.0.2.1 -j ACCEPT"), true),
            ("rules.v4", format!("# Generated by ip6tables-save v1.8.9\n{}", table("")), true),
            ("x", format!("# Generated by iptables-save v1.8.9\n{}", table("")), false),
            ("rules.v4", format!("# Generated by ip6tables-nft-save v1.8.9\n{}", table("")), true),
            ("x", format!("# Generated by ip6tables-legacy-save v1.8.9\n{}", table("")), true),
            ("rules.v6", format!("# Generated by iptables-nft-save v1.8.9\n{}", table("")), false),
        ] {
            let expected = if six { Dialect::Ip6tables } else { Dialect::Iptables };
            assert_eq!(Dialect::of(&source(path, &text)), Some(expected), "{path}: {text}");
        }
    }

    #[test]
    fn templates_and_binary_data_are_not_read() {
        for (path, text, expected) in [
            (
                "rules.v4",
                "*filter\n-A INPUT -s {{ net }} -j ACCEPT\nCOMMIT\n",
                Some(ErrorKind::Template),
            ),
            ("rules.v4.j2", "*filter\nCOMMIT\n", Some(ErrorKind::Template)),
            ("rules.v4", "*filter\n# {{ not a template }}\nCOMMIT\n", None),
            ("rules.v4", "\0\0\0\0*filter\n", Some(ErrorKind::Binary)),
            ("x.sh", "docker ps --format '{{.Names}}'\niptables -F\n", None),
        ] {
            let parsed = syntax::parse(&source(path, text), None).expect("recognised");
            assert_eq!(
                parsed.errors.first().map(|error| error.kind.clone()),
                expected,
                "{path}: {text}"
            );
            assert_eq!(matches!(parsed.tree, Tree::Opaque), expected.is_some());
        }
    }

    #[test]
    fn a_dump_has_counted_or_says_so() {
        for (text, kind) in [
            ("*filter\n:INPUT DROP [0:0]\nCOMMIT\n", FileKind::RestoreFile),
            ("*filter\n:INPUT DROP [5:300]\nCOMMIT\n", FileKind::Dump),
            ("# Generated by iptables-save v1.8.9\n*filter\nCOMMIT\n", FileKind::Dump),
            ("# Generated by iptables-nft-save v1.8.9\n*filter\nCOMMIT\n", FileKind::Dump),
            ("# Generated by iptables-legacy-save v1.8.9\n*filter\nCOMMIT\n", FileKind::Dump),
            ("# Generated by ip6tables-nft-save v1.8.9\n*filter\nCOMMIT\n", FileKind::Dump),
            ("-P INPUT DROP\n-A INPUT -j ACCEPT\n", FileKind::Dump),
        ] {
            let parsed = syntax::parse(&source("x", text), None).expect("recognised");
            assert_eq!(parsed.kind, kind, "{text}");
        }
    }
}
