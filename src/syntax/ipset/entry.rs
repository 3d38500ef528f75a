//! The parts of an entry.

use super::{Dimension, SetKind};
use crate::syntax::{
    Expected,
    iptables::{Family, values},
};

/// One part of an entry as written, with what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'t> {
    /// What it is.
    pub dimension: Dimension,
    /// How it is written: `192.0.2.0/24`, `tcp:80-90`.
    pub text: &'t str,
}

/// The parts of an entry, one for each dimension of its set.
pub fn parts<'t>(
    entry: &'t str,
    dimensions: &'static [Dimension],
) -> impl Iterator<Item = Part<'t>> {
    entry.split(',').zip(dimensions).map(|(text, dimension)| Part { dimension: *dimension, text })
}

/// What is wrong with an entry of a set with these dimensions, with the part it is about.
// entry := part ("," part)*
pub(super) fn refused<'t>(
    entry: &'t str,
    kind: &'static SetKind,
    family: Family,
) -> Option<(&'t str, Expected)> {
    let dimensions = kind.dimensions;
    let written = entry.bytes().filter(|byte| *byte == b',').count() + 1;
    // The last part of `bitmap:ip,mac` may be missing.
    let missing = matches!(dimensions, [Dimension::Ip, Dimension::Mac]) && written == 1;
    if written != dimensions.len() && !missing {
        return Some((entry, Expected::Form("one part for each dimension of the set's type")));
    }
    let whole = matches!(kind.name, "hash:net" | "hash:net,port" | "hash:ip,port,net");
    parts(entry, dimensions).find_map(|part| {
        // These take no network of length 0: its two halves must be written.
        let everything = whole && part.dimension == Dimension::Net && part.text.ends_with("/0");
        let expected =
            if everything { Some(Expected::Network) } else { part_refused(part, family) };
        expected.map(|expected| (part.text, expected))
    })
}

fn part_refused(part: Part<'_>, family: Family) -> Option<Expected> {
    let text = part.text;
    match part.dimension {
        Dimension::Ip | Dimension::Net => {
            // A mask is a length here, never dotted.
            let dotted = text.split_once('/').is_some_and(|(_, mask)| mask.contains(['.', ':']));
            if values::address(text, family).is_ok() && !dotted {
                return None;
            }
            values::address_range(text, family).err().map(|_| Expected::Network)
        }
        Dimension::Port | Dimension::PlainPort => port_refused(text),
        Dimension::Mac => values::mac(text).err(),
        Dimension::Mark => values::number(text, 0, u64::from(u32::MAX)).err(),
        Dimension::Interface => {
            let name = text.strip_prefix("physdev:").unwrap_or(text);
            (name.is_empty() || name.len() > 15).then_some(Expected::Interface)
        }
        Dimension::Set => (text.is_empty() || text.len() > 31).then_some(Expected::Text),
    }
}

// port := (protocol ":")? (ports | icmp)
fn port_refused(text: &str) -> Option<Expected> {
    let Some((protocol, rest)) = text.split_once(':') else { return ports_refused(text) };
    match protocol.to_ascii_lowercase().as_str() {
        "icmp" => values::icmp_type(rest).err(),
        "icmpv6" | "ipv6-icmp" => values::icmpv6_type(rest).err(),
        name => match values::protocol(name) {
            Ok(_) => ports_refused(rest),
            Err(expected) => Some(expected),
        },
    }
}

// ports := port ("-" port)?
fn ports_refused(text: &str) -> Option<Expected> {
    if values::port(text).is_ok() {
        return None;
    }
    let range = text.split_once('-').map(|(from, to)| (values::port(from), values::port(to)));
    match range {
        Some((Ok(_), Ok(_))) => None,
        _ => Some(Expected::Port),
    }
}

#[cfg(test)]
mod tests {
    use super::refused;
    use crate::syntax::{ipset::SetKind, iptables::Family};

    #[test]
    fn an_entry_has_a_part_for_each_dimension() {
        for (kind, entry, ok) in [
            ("hash:ip", "192.0.2.1", true),
            ("hash:ip", "192.0.2.1-192.0.2.9", true),
            ("hash:ip", "192.0.2.1,tcp:80", false),
            ("hash:net", "192.0.2.0/24", true),
            ("hash:net", "2001:db8::/32", false),
            ("hash:net", "0.0.0.0/0", false),
            ("hash:net", "10.0.0.0/255.0.0.0", false),
            ("hash:net,iface", "0.0.0.0/0,eth0", true),
            ("hash:ip,port", "192.0.2.1,tcp:80", true),
            ("hash:ip,port", "192.0.2.1,80-90", true),
            ("hash:ip,port", "192.0.2.1,icmp:echo-request", true),
            ("hash:ip,port", "192.0.2.1,nosuch:80", false),
            ("hash:net,iface", "192.0.2.0/24,physdev:eth0", true),
            ("hash:ip,port,net", "192.0.2.1,udp:53,10.0.0.0/8", true),
            ("bitmap:port", "80-90", true),
            ("bitmap:ip,mac", "192.0.2.1", true),
            ("list:set", "other", true),
        ] {
            let spec = SetKind::of(kind).expect("a type");
            assert_eq!(refused(entry, spec, Family::V4).is_none(), ok, "{kind} {entry}");
        }
    }
}
