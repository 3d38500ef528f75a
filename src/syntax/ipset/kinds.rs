//! The types of sets and what they take.

/// One part of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// One address, or a range or prefix that stands for all of its addresses.
    Ip,
    /// A network.
    Net,
    /// `[protocol:]port`, ICMP types included.
    Port,
    /// A plain port number, as bitmaps hold them.
    PlainPort,
    /// An Ethernet address.
    Mac,
    /// A mark.
    Mark,
    /// An interface, perhaps with `physdev:`.
    Interface,
    /// Another set.
    Set,
}

/// A type of set.
#[derive(Debug, PartialEq, Eq)]
pub struct SetKind {
    /// Its name.
    pub name: &'static str,
    /// Names that older versions gave it.
    pub aliases: &'static [&'static str],
    /// What its entries consist of.
    pub dimensions: &'static [Dimension],
}

use Dimension::{Interface, Ip, Mac, Mark, Net, PlainPort, Port, Set};

const fn kind(
    name: &'static str,
    aliases: &'static [&'static str],
    dimensions: &'static [Dimension],
) -> SetKind {
    SetKind { name, aliases, dimensions }
}

/// Every type.
pub(super) static KINDS: &[SetKind] = &[
    kind("hash:net", &["nethash"], &[Net]),
    kind("hash:ip", &["iphash", "iptree", "iptreemap"], &[Ip]),
    kind("hash:ip,port", &["ipporthash"], &[Ip, Port]),
    kind("hash:net,port", &[], &[Net, Port]),
    kind("hash:ip,port,ip", &["ipportiphash"], &[Ip, Port, Ip]),
    kind("hash:ip,port,net", &["ipportnethash"], &[Ip, Port, Net]),
    kind("hash:net,port,net", &[], &[Net, Port, Net]),
    kind("hash:net,net", &[], &[Net, Net]),
    kind("hash:net,iface", &[], &[Net, Interface]),
    kind("hash:ip,mark", &[], &[Ip, Mark]),
    kind("hash:ip,mac", &[], &[Ip, Mac]),
    kind("hash:mac", &[], &[Mac]),
    kind("bitmap:ip", &["ipmap"], &[Ip]),
    kind("bitmap:ip,mac", &["macipmap"], &[Ip, Mac]),
    kind("bitmap:port", &["portmap"], &[PlainPort]),
    kind("list:set", &["setlist"], &[Set]),
];

impl SetKind {
    /// The type of that name, old or new.
    pub fn of(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name || kind.aliases.contains(&name))
    }
}

/// Whether an option takes a value; `None` where `create` knows none of that name.
pub(super) fn create_option(name: &str) -> Option<bool> {
    Some(match name {
        "family" | "timeout" | "hashsize" | "maxelem" | "netmask" | "bitmask" | "markmask"
        | "size" | "range" | "probes" | "resize" | "gc" | "bucketsize" | "initval" | "from"
        | "to" | "network" => true,
        "counters" | "comment" | "skbinfo" | "forceadd" | "noexists" | "wildcard" | "exist"
        | "-exist" | "-!" | "inet" | "inet6" | "-4" | "-6" => false,
        _ => return None,
    })
}

/// The same for `add`.
pub(super) fn add_option(name: &str) -> Option<bool> {
    Some(match name {
        "timeout" | "packets" | "bytes" | "comment" | "skbmark" | "skbprio" | "skbqueue"
        | "before" | "after" => true,
        "nomatch" | "wildcard" | "exist" | "-exist" | "-!" => false,
        _ => return None,
    })
}
