use super::number;
use crate::syntax::Expected;

/// Names, sorted, as the loader takes them: its own and those of an ordinary `/etc/protocols`.
static PROTOCOLS: &[(&str, u8)] = &[
    ("ah", 51),
    ("all", 0),
    ("ax.25", 93),
    ("dccp", 33),
    ("ddp", 37),
    ("egp", 8),
    ("eigrp", 88),
    ("encap", 98),
    ("esp", 50),
    ("etherip", 97),
    ("ethernet", 143),
    ("fc", 133),
    ("ggp", 3),
    ("gre", 47),
    ("hip", 139),
    ("hmp", 20),
    ("hopopt", 0),
    ("icmp", 1),
    ("icmpv6", 58),
    ("idpr-cmtp", 38),
    ("idrp", 45),
    ("igmp", 2),
    ("igp", 9),
    ("ip", 0),
    ("ip-encap", 4),
    ("ipcomp", 108),
    ("ipencap", 4),
    ("ipip", 94),
    ("ipsec-ah", 51),
    ("ipsec-esp", 50),
    ("ipv6", 41),
    ("ipv6-frag", 44),
    ("ipv6-icmp", 58),
    ("ipv6-mh", 135),
    ("ipv6-nonxt", 59),
    ("ipv6-opts", 60),
    ("ipv6-route", 43),
    ("isis", 124),
    ("iso-tp4", 29),
    ("l2tp", 115),
    ("manet", 138),
    ("mh", 135),
    ("mobility-header", 135),
    ("mpls-in-ip", 137),
    ("ospf", 89),
    ("ospfigp", 89),
    ("pim", 103),
    ("pup", 12),
    ("rdp", 27),
    ("rohc", 142),
    ("rspf", 73),
    ("rsvp", 46),
    ("sctp", 132),
    ("shim6", 140),
    ("skip", 57),
    ("st", 5),
    ("tcp", 6),
    ("udp", 17),
    ("udplite", 136),
    ("vmtp", 81),
    ("vrrp", 112),
    ("wesp", 141),
    ("xns-idp", 22),
    ("xtp", 36),
];

/// A protocol's number: 0, which stands for every one, to 255.
///
/// # Errors
/// Where it is neither a number of 8 bits nor a known name.
pub fn protocol(text: &str) -> Result<u8, Expected> {
    match text {
        "tcp" => return Ok(6),
        "udp" => return Ok(17),
        "icmp" => return Ok(1),
        _ => {}
    }
    if let Ok(value) = number(text, 0, 255) {
        return u8::try_from(value).map_err(|_| Expected::Protocol);
    }
    let lower = text.to_ascii_lowercase();
    PROTOCOLS
        .binary_search_by_key(&lower.as_str(), |(name, _)| name)
        .map(|at| PROTOCOLS[at].1)
        .map_err(|_| Expected::Protocol)
}

/// The name by which the loader finds the match of a protocol.
pub fn protocol_name(number: u8) -> Option<&'static str> {
    match number {
        1 => Some("icmp"),
        6 => Some("tcp"),
        17 => Some("udp"),
        33 => Some("dccp"),
        50 => Some("esp"),
        51 => Some("ah"),
        58 => Some("ipv6-icmp"),
        132 => Some("sctp"),
        135 => Some("mh"),
        136 => Some("udplite"),
        _ => PROTOCOLS.iter().find(|(_, it)| *it == number).map(|(name, _)| *name),
    }
}

/// Every known name, for suggestions.
pub(in crate::syntax) fn protocol_names() -> impl Iterator<Item = &'static str> {
    PROTOCOLS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::{PROTOCOLS, protocol};

    #[test]
    fn names_are_sorted() {
        assert!(PROTOCOLS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn names_and_numbers_are_taken() {
        for (text, value) in [
            ("tcp", Some(6)),
            ("TCP", Some(6)),
            ("all", Some(0)),
            ("58", Some(58)),
            ("256", None),
            ("tpc", None),
        ] {
            assert_eq!(protocol(text).ok(), value, "{text}");
        }
    }
}
