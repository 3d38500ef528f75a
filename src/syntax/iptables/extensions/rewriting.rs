//! Targets that change a header.

use super::{
    data::{MANGLE, OUTGOING, TCP},
    spec::{
        Extension, Facts, Value, at_least_one, at_most_one, exactly_one, flag, matching, option,
        target,
    },
};
use crate::syntax::{
    Error, ErrorKind,
    iptables::{Family, values},
};

pub(super) const TTL: Extension = target(
    "TTL",
    &[
        option("ttl-set", Value::u8()),
        option("ttl-dec", Value::Number { min: 1, max: 255 }),
        option("ttl-inc", Value::Number { min: 1, max: 255 }),
    ],
)
.family(Family::V4)
.tables(MANGLE)
.groups(&[exactly_one(&["ttl-set", "ttl-dec", "ttl-inc"])]);

pub(super) const HL: Extension = target(
    "HL",
    &[
        option("hl-set", Value::u8()),
        option("hl-dec", Value::Number { min: 1, max: 255 }),
        option("hl-inc", Value::Number { min: 1, max: 255 }),
    ],
)
.family(Family::V6)
.tables(MANGLE)
.groups(&[exactly_one(&["hl-set", "hl-dec", "hl-inc"])]);

pub(super) const DSCP: Extension = target(
    "DSCP",
    &[
        option("set-dscp", Value::Number { min: 0, max: 63 }),
        option("set-dscp-class", Value::Form("a DSCP class such as CS1, AF21, EF", dscp_class)),
    ],
)
.tables(MANGLE)
.groups(&[exactly_one(&["set-dscp", "set-dscp-class"])]);

fn dscp_class(text: &str) -> bool {
    values::dscp_class(text).is_ok()
}

pub(super) const TOS: Extension = target(
    "TOS",
    &[
        option("set-tos", Value::Tos),
        option("and-tos", Value::u8()),
        option("or-tos", Value::u8()),
        option("xor-tos", Value::u8()),
    ],
)
.tables(MANGLE)
.groups(&[exactly_one(&["set-tos", "and-tos", "or-tos", "xor-tos"])]);

pub(super) const ECN: Extension = target(
    "ECN",
    &[
        flag("ecn-tcp-remove"),
        option("ecn-tcp-cwr", Value::Number { min: 0, max: 1 }),
        option("ecn-tcp-ece", Value::Number { min: 0, max: 1 }),
        option("ecn-ip-ect", Value::Number { min: 0, max: 3 }),
    ],
)
.family(Family::V4)
.tables(MANGLE)
.groups(&[
    at_least_one(&[]),
    at_most_one(&["ecn-tcp-remove", "ecn-tcp-cwr"]),
    at_most_one(&["ecn-tcp-remove", "ecn-tcp-ece"]),
])
.check(tcp_bits_need_tcp);

/// Options about TCP's bits work on TCP only, those about IP's on everything.
pub(super) fn tcp_bits_need_tcp(facts: &Facts<'_>) -> Result<(), Error> {
    let tcp = ["ecn-tcp-remove", "ecn-tcp-cwr", "ecn-tcp-ece"]
        .into_iter()
        .find_map(|name| facts.get(name));
    match tcp {
        Some(option) if facts.protocol != Some(6) => {
            let extension = super::ALL[usize::from(facts.extension)].name;
            Err(Error {
                span: option.name,
                kind: ErrorKind::RequiresProtocol { extension, protocols: TCP },
            })
        }
        _ => Ok(()),
    }
}

pub(super) const TCPMSS: Extension = target(
    "TCPMSS",
    &[
        option(
            "set-mss",
            Value::ByFamily(
                &Value::Number { min: 0, max: 65515 },
                &Value::Number { min: 0, max: 65495 },
            ),
        ),
        flag("clamp-mss-to-pmtu").hooks(OUTGOING),
    ],
)
.protocols(TCP)
.groups(&[at_least_one(&["set-mss", "clamp-mss-to-pmtu"])]);

pub(super) const TCPOPTSTRIP: Extension = target(
    "TCPOPTSTRIP",
    &[option(
        "strip-options",
        Value::Form("wscale,mss,sack-permitted,sack,timestamp,md5 or numbers", tcp_options),
    )],
)
.tables(MANGLE)
.protocols(TCP);

fn tcp_options(text: &str) -> bool {
    let named = |part: &str| {
        matches!(part, "wscale" | "mss" | "sack-permitted" | "sack" | "timestamp" | "md5")
    };
    text.split(',').all(|part| named(part) || values::number(part, 2, 255).is_ok())
}

pub(super) const CHECKSUM: Extension =
    target("CHECKSUM", &[flag("checksum-fill").mandatory()]).tables(MANGLE);

pub(super) const CLASSIFY: Extension =
    target("CLASSIFY", &[option("set-class", Value::Form("MAJOR:MINOR", class)).mandatory()])
        .hooks(OUTGOING);

// class := hex+ ":" hex+
fn class(text: &str) -> bool {
    let half = |half: &str| {
        (1..=8).contains(&half.len()) && half.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    text.split_once(':').is_some_and(|(major, minor)| half(major) && half(minor))
}

pub(super) const DSCP_MATCH: Extension = matching(
    "dscp",
    &[
        option("dscp", Value::Number { min: 0, max: 63 }).negatable(),
        option("dscp-class", Value::Form("a DSCP class such as CS1, AF21, EF", dscp_class))
            .negatable(),
    ],
)
.groups(&[exactly_one(&["dscp", "dscp-class"])]);

pub(super) const TOS_MATCH: Extension =
    matching("tos", &[option("tos", Value::Tos).negatable().mandatory()]);

pub(super) const ECN_MATCH: Extension = matching(
    "ecn",
    &[
        flag("ecn-tcp-cwr").negatable(),
        flag("ecn-tcp-ece").negatable(),
        option("ecn-ip-ect", Value::Number { min: 0, max: 3 }).negatable(),
    ],
)
.groups(&[at_least_one(&[])])
.check(tcp_bits_need_tcp);

pub(super) const TTL_MATCH: Extension = matching(
    "ttl",
    &[
        option("ttl-lt", Value::u8()),
        option("ttl-gt", Value::u8()),
        option("ttl-eq", Value::u8()).negatable().aliases(&["ttl"]),
    ],
)
.family(Family::V4)
.groups(&[exactly_one(&["ttl-lt", "ttl-gt", "ttl-eq"])]);

pub(super) const HL_MATCH: Extension = matching(
    "hl",
    &[
        option("hl-lt", Value::u8()),
        option("hl-gt", Value::u8()),
        option("hl-eq", Value::u8()).negatable().aliases(&["hl"]),
    ],
)
.family(Family::V6)
.groups(&[exactly_one(&["hl-lt", "hl-gt", "hl-eq"])]);
