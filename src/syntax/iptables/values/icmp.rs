use super::number;
use crate::syntax::Expected;
use std::ops::RangeInclusive;

/// A type and its codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcmpType {
    /// The type; `None` for every one.
    pub kind: Option<u8>,
    /// The codes; `None` for every one.
    pub codes: Option<RangeInclusive<u8>>,
}

/// A name with its type and, where it is about one, its code.
type Named = (&'static str, u8, Option<u8>);

/// The names of IPv4 types and codes.
pub static ICMP_NAMES: &[Named] = &[
    ("echo-reply", 0, None),
    ("pong", 0, None),
    ("destination-unreachable", 3, None),
    ("network-unreachable", 3, Some(0)),
    ("host-unreachable", 3, Some(1)),
    ("protocol-unreachable", 3, Some(2)),
    ("port-unreachable", 3, Some(3)),
    ("fragmentation-needed", 3, Some(4)),
    ("source-route-failed", 3, Some(5)),
    ("network-unknown", 3, Some(6)),
    ("host-unknown", 3, Some(7)),
    ("network-prohibited", 3, Some(9)),
    ("host-prohibited", 3, Some(10)),
    ("TOS-network-unreachable", 3, Some(11)),
    ("TOS-host-unreachable", 3, Some(12)),
    ("communication-prohibited", 3, Some(13)),
    ("host-precedence-violation", 3, Some(14)),
    ("precedence-cutoff", 3, Some(15)),
    ("source-quench", 4, None),
    ("redirect", 5, None),
    ("network-redirect", 5, Some(0)),
    ("host-redirect", 5, Some(1)),
    ("TOS-network-redirect", 5, Some(2)),
    ("TOS-host-redirect", 5, Some(3)),
    ("echo-request", 8, None),
    ("ping", 8, None),
    ("router-advertisement", 9, None),
    ("router-solicitation", 10, None),
    ("time-exceeded", 11, None),
    ("ttl-exceeded", 11, None),
    ("ttl-zero-during-transit", 11, Some(0)),
    ("ttl-zero-during-reassembly", 11, Some(1)),
    ("parameter-problem", 12, None),
    ("ip-header-bad", 12, Some(0)),
    ("required-option-missing", 12, Some(1)),
    ("timestamp-request", 13, None),
    ("timestamp-reply", 14, None),
    ("address-mask-request", 17, None),
    ("address-mask-reply", 18, None),
];

/// The names of IPv6 types and codes.
pub static ICMPV6_NAMES: &[Named] = &[
    ("destination-unreachable", 1, None),
    ("no-route", 1, Some(0)),
    ("communication-prohibited", 1, Some(1)),
    ("beyond-scope", 1, Some(2)),
    ("address-unreachable", 1, Some(3)),
    ("port-unreachable", 1, Some(4)),
    ("failed-policy", 1, Some(5)),
    ("reject-route", 1, Some(6)),
    ("packet-too-big", 2, None),
    ("time-exceeded", 3, None),
    ("ttl-exceeded", 3, None),
    ("ttl-zero-during-transit", 3, Some(0)),
    ("ttl-zero-during-reassembly", 3, Some(1)),
    ("parameter-problem", 4, None),
    ("bad-header", 4, Some(0)),
    ("unknown-header-type", 4, Some(1)),
    ("unknown-option", 4, Some(2)),
    ("echo-request", 128, None),
    ("ping", 128, None),
    ("echo-reply", 129, None),
    ("pong", 129, None),
    ("mld-listener-query", 130, None),
    ("mld-listener-report", 131, None),
    ("mld-listener-done", 132, None),
    ("mld-listener-reduction", 132, None),
    ("router-solicitation", 133, None),
    ("router-advertisement", 134, None),
    ("neighbour-solicitation", 135, None),
    ("neighbor-solicitation", 135, None),
    ("neighbour-advertisement", 136, None),
    ("neighbor-advertisement", 136, None),
    ("redirect", 137, None),
];

/// The value of `--icmp-type`: `any`, a name or its unambiguous start, `type`, `type/code`, `type/code:code`.
///
/// # Errors
/// Where it is none of these.
pub fn icmp_type(text: &str) -> Result<IcmpType, Expected> {
    let any = IcmpType { kind: None, codes: None };
    if !text.is_empty() && "any".starts_with(text) {
        return Ok(any);
    }
    let read = read(text, ICMP_NAMES)?;
    // The kernel takes type 255 for every type.
    Ok(if read.kind == Some(255) { any } else { read })
}

/// The value of `--icmpv6-type`.
///
/// # Errors
/// Where it is neither a name or its unambiguous start, `type`, `type/code` nor `type/code:code`.
pub fn icmpv6_type(text: &str) -> Result<IcmpType, Expected> {
    read(text, ICMPV6_NAMES)
}

// icmp := name | type ("/" code (":" code)?)?
fn read(text: &str, names: &[Named]) -> Result<IcmpType, Expected> {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return numeric(text).ok_or(Expected::IcmpType);
    }
    if let Some(named) = names.iter().find(|(name, ..)| name.eq_ignore_ascii_case(text)) {
        return Ok(of(*named));
    }
    let begins =
        |name: &str| name.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
    let mut found = names.iter().filter(|(name, ..)| !text.is_empty() && begins(name));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(of(*only)),
        _ => Err(Expected::IcmpType),
    }
}

fn of((_, kind, code): Named) -> IcmpType {
    IcmpType { kind: Some(kind), codes: code.map(|code| code..=code) }
}

fn numeric(text: &str) -> Option<IcmpType> {
    let byte = |text| number(text, 0, 255).ok().and_then(|value| u8::try_from(value).ok());
    let Some((kind, codes)) = text.split_once('/') else {
        return Some(IcmpType { kind: Some(byte(text)?), codes: None });
    };
    let (from, to) = codes.split_once(':').unwrap_or((codes, codes));
    Some(IcmpType { kind: Some(byte(kind)?), codes: Some(byte(from)?..=byte(to)?) })
}

#[cfg(test)]
mod tests {
    use super::{icmp_type, icmpv6_type};

    #[test]
    fn a_type_without_code_has_every_code() {
        for (text, read) in [
            ("8", Some((Some(8), None))),
            ("3/4", Some((Some(3), Some(4..=4)))),
            ("3/4:5", Some((Some(3), Some(4..=5)))),
            ("any", Some((None, None))),
            ("255/255", Some((None, None))),
            ("echo-req", Some((Some(8), None))),
            ("HOST-UNREACHABLE", Some((Some(3), Some(1..=1)))),
            ("echo", None),
            ("256", None),
            ("8/", None),
        ] {
            assert_eq!(icmp_type(text).ok().map(|it| (it.kind, it.codes)), read, "{text}");
        }
    }

    #[test]
    fn names_of_the_families_differ() {
        assert_eq!(icmpv6_type("echo-request").map(|it| it.kind), Ok(Some(128)));
        assert!(icmp_type("packet-too-big").is_err() && icmpv6_type("any").is_err());
    }
}
