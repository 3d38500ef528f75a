//! What each option of each extension asks for, as far as the model knows it.

use crate::{
    model::{Field, OpaqueKind},
    syntax::iptables::extensions::{self, Extension, Kind, OptionSpec},
};
use std::sync::LazyLock;

/// What an option means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Says nothing about the packet (a comment, a table size).
    Nothing,
    /// `-s`, `-d` and what reads like them.
    Addresses(Field),
    /// `FIRST-LAST`.
    AddressRange(Field),
    Protocol,
    Interface(Field),
    Fragment,
    /// A port or `FROM:TO`.
    PortRange(Field),
    /// A multiport list.
    PortList(Field),
    /// A multiport list, of either end.
    EitherPort,
    TcpFlags,
    Syn,
    Icmp,
    Icmpv6,
    States,
    Direction,
    Mark(Field),
    DestinationKind,
    Set,
    /// Always fulfilled, and noted.
    Always,
    /// Nobody can compute it.
    Opaque(OpaqueKind),
    /// `-j`.
    Jump,
    /// `-g`.
    Goto,
    /// `-m`.
    MatchName,
    /// Belongs to a target.
    Target,
}

/// Whether a condition asks the connection, which a packet without one does not have: it then fails, negated or not.
pub(super) const fn asks_connection(extension: &str) -> bool {
    matches!(extension.as_bytes(), b"conntrack" | b"connmark")
}

type Row = (&'static str, &'static str, Meaning);

/// Matches and their options; an empty option name stands for all that have no row of their own. A match without a row
/// is opaque and fixed.
const ROWS: &[Row] = &[
    ("", "source", Meaning::Addresses(Field::Source)),
    ("", "destination", Meaning::Addresses(Field::Destination)),
    ("", "protocol", Meaning::Protocol),
    ("", "in-interface", Meaning::Interface(Field::In)),
    ("", "out-interface", Meaning::Interface(Field::Out)),
    ("", "fragment", Meaning::Fragment),
    ("", "jump", Meaning::Jump),
    ("", "goto", Meaning::Goto),
    ("", "match", Meaning::MatchName),
    ("tcp", "source-port", Meaning::PortRange(Field::SourcePort)),
    ("tcp", "destination-port", Meaning::PortRange(Field::DestinationPort)),
    ("tcp", "tcp-flags", Meaning::TcpFlags),
    ("tcp", "syn", Meaning::Syn),
    ("tcp", "", Meaning::Opaque(OpaqueKind::Header)),
    ("udp", "source-port", Meaning::PortRange(Field::SourcePort)),
    ("udp", "destination-port", Meaning::PortRange(Field::DestinationPort)),
    ("sctp", "source-port", Meaning::PortRange(Field::SourcePort)),
    ("sctp", "destination-port", Meaning::PortRange(Field::DestinationPort)),
    ("sctp", "", Meaning::Opaque(OpaqueKind::Header)),
    ("dccp", "source-port", Meaning::PortRange(Field::SourcePort)),
    ("dccp", "destination-port", Meaning::PortRange(Field::DestinationPort)),
    ("dccp", "", Meaning::Opaque(OpaqueKind::Header)),
    ("multiport", "source-ports", Meaning::PortList(Field::SourcePort)),
    ("multiport", "destination-ports", Meaning::PortList(Field::DestinationPort)),
    ("multiport", "ports", Meaning::EitherPort),
    ("icmp", "icmp-type", Meaning::Icmp),
    ("icmp6", "icmpv6-type", Meaning::Icmpv6),
    ("iprange", "src-range", Meaning::AddressRange(Field::Source)),
    ("iprange", "dst-range", Meaning::AddressRange(Field::Destination)),
    ("state", "state", Meaning::States),
    ("conntrack", "ctstate", Meaning::States),
    ("conntrack", "ctproto", Meaning::Protocol),
    ("conntrack", "ctorigsrc", Meaning::Addresses(Field::OriginalSource)),
    ("conntrack", "ctorigdst", Meaning::Addresses(Field::OriginalDestination)),
    ("conntrack", "ctorigsrcport", Meaning::PortRange(Field::OriginalSourcePort)),
    ("conntrack", "ctorigdstport", Meaning::PortRange(Field::OriginalDestinationPort)),
    ("conntrack", "ctdir", Meaning::Direction),
    ("conntrack", "ctexpire", Meaning::Opaque(OpaqueKind::Timing)),
    ("mark", "mark", Meaning::Mark(Field::Mark)),
    ("connmark", "mark", Meaning::Mark(Field::ConnectionMark)),
    ("addrtype", "dst-type", Meaning::DestinationKind),
    ("addrtype", "limit-iface-in", Meaning::Opaque(OpaqueKind::Header)),
    ("addrtype", "limit-iface-out", Meaning::Opaque(OpaqueKind::Header)),
    ("set", "match-set", Meaning::Set),
    ("comment", "", Meaning::Nothing),
    ("nfacct", "", Meaning::Always),
    ("recent", "set", Meaning::Always),
    ("recent", "name", Meaning::Nothing),
    ("recent", "mask", Meaning::Nothing),
    ("recent", "rsource", Meaning::Nothing),
    ("recent", "rdest", Meaning::Nothing),
    ("recent", "", Meaning::Opaque(OpaqueKind::Timing)),
    ("rpfilter", "", Meaning::Opaque(OpaqueKind::Assumed)),
    ("limit", "", Meaning::Opaque(OpaqueKind::Timing)),
    ("hashlimit", "", Meaning::Opaque(OpaqueKind::Timing)),
    ("connlimit", "", Meaning::Opaque(OpaqueKind::Timing)),
    ("connbytes", "", Meaning::Opaque(OpaqueKind::Timing)),
    ("quota", "", Meaning::Opaque(OpaqueKind::Timing)),
    ("rateest", "", Meaning::Opaque(OpaqueKind::Timing)),
    ("statistic", "", Meaning::Opaque(OpaqueKind::Timing)),
    ("time", "", Meaning::Opaque(OpaqueKind::Timing)),
    ("ah", "", Meaning::Opaque(OpaqueKind::Header)),
    ("dscp", "", Meaning::Opaque(OpaqueKind::Header)),
    ("dst", "", Meaning::Opaque(OpaqueKind::Header)),
    ("ecn", "", Meaning::Opaque(OpaqueKind::Header)),
    ("esp", "", Meaning::Opaque(OpaqueKind::Header)),
    ("frag", "", Meaning::Opaque(OpaqueKind::Header)),
    ("hbh", "", Meaning::Opaque(OpaqueKind::Header)),
    ("hl", "", Meaning::Opaque(OpaqueKind::Header)),
    ("ipcomp", "", Meaning::Opaque(OpaqueKind::Header)),
    ("ipv6header", "", Meaning::Opaque(OpaqueKind::Header)),
    ("length", "", Meaning::Opaque(OpaqueKind::Header)),
    ("mh", "", Meaning::Opaque(OpaqueKind::Header)),
    ("rt", "", Meaning::Opaque(OpaqueKind::Header)),
    ("srh", "", Meaning::Opaque(OpaqueKind::Header)),
    ("tcpmss", "", Meaning::Opaque(OpaqueKind::Header)),
    ("tos", "", Meaning::Opaque(OpaqueKind::Header)),
    ("ttl", "", Meaning::Opaque(OpaqueKind::Header)),
];

/// The meaning of every option, by the indices of the tree.
static TABLE: LazyLock<Vec<Vec<Meaning>>> = LazyLock::new(|| {
    let of = |extension: &Extension| {
        extension.options.iter().map(|option| find(extension, option)).collect()
    };
    extensions::ALL.iter().map(of).collect()
});

fn find(extension: &Extension, option: &OptionSpec) -> Meaning {
    if extension.kind == Kind::Target {
        return Meaning::Target;
    }
    let named =
        |row: &&Row| row.0 == extension.name && !row.1.is_empty() && option.is_called(row.1);
    let row = ROWS
        .iter()
        .find(named)
        .or_else(|| ROWS.iter().find(|row| row.0 == extension.name && row.1.is_empty()));
    row.map_or(Meaning::Opaque(OpaqueKind::Fixed), |row| row.2)
}

/// What option `option` of extension `extension` means.
pub(super) fn of(extension: u16, option: u16) -> Meaning {
    let options = TABLE.get(usize::from(extension));
    options
        .and_then(|options| options.get(usize::from(option)))
        .copied()
        .unwrap_or(Meaning::Opaque(OpaqueKind::Foreign))
}

/// How a match behaves that was asked for without any option (`-m socket`).
pub(super) fn without_options(name: &str) -> Meaning {
    let Some(extension) =
        extensions::ALL.iter().find(|it| it.kind == Kind::Match && it.name == name)
    else {
        return Meaning::Opaque(OpaqueKind::Foreign);
    };
    let modelled = ROWS.iter().any(|row| row.0 == name && !row.1.is_empty());
    let whole = ROWS.iter().find(|row| row.0 == name && row.1.is_empty());
    match whole {
        _ if modelled || extension.options.is_empty() && whole.is_none() && name == "udplite" => {
            Meaning::Nothing
        }
        Some(row) => row.2,
        None => Meaning::Opaque(OpaqueKind::Fixed),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, ROWS, extensions};

    #[test]
    fn every_row_names_an_option_that_exists() {
        for (name, option, _) in ROWS {
            let mut known =
                extensions::ALL.iter().filter(|it| it.kind != Kind::Target && it.name == *name);
            let found = known.any(|it| {
                option.is_empty() || it.options.iter().any(|spec| spec.is_called(option))
            });
            assert!(found, "no option {option} of {name}");
        }
    }
}
