//! Targets that end a packet's way: refusals, queues, proxies.

use super::{
    data::{FILTER, FILTERING, MANGLE, TCP},
    spec::{
        Case, Extension, Facts, Value, at_least_one, at_most_one, cut_text, flag, option, target,
    },
};
use crate::syntax::{
    Error, ErrorKind,
    iptables::{Hook, values},
};

pub(super) const REJECT: Extension = target(
    "REJECT",
    &[option(
        "reject-with",
        Value::ByFamily(
            &Value::Choice(Case::Start, REPLIES_V4),
            &Value::Choice(Case::Start, REPLIES_V6),
        ),
    )],
)
.tables(FILTER)
.hooks(FILTERING)
.check(reset_needs_tcp);

const REPLIES_V4: &[&str] = &[
    "icmp-net-unreachable",
    "icmp-host-unreachable",
    "icmp-proto-unreachable",
    "icmp-port-unreachable",
    "icmp-net-prohibited",
    "icmp-host-prohibited",
    "tcp-reset",
    "icmp-admin-prohibited",
    "net-unreach",
    "host-unreach",
    "proto-unreach",
    "port-unreach",
    "net-prohib",
    "host-prohib",
    "tcp-rst",
    "admin-prohib",
];

const REPLIES_V6: &[&str] = &[
    "icmp6-no-route",
    "icmp6-adm-prohibited",
    "icmp6-addr-unreachable",
    "icmp6-port-unreachable",
    "tcp-reset",
    "icmp6-policy-fail",
    "icmp6-reject-route",
    "no-route",
    "adm-prohibited",
    "addr-unreach",
    "port-unreach",
    "policy-fail",
    "reject-route",
];

fn reset_needs_tcp(facts: &Facts<'_>) -> Result<(), Error> {
    match facts.get("reject-with") {
        Some(option) if facts.value(option).starts_with('t') && facts.protocol != Some(6) => {
            Err(Error {
                span: option.value,
                kind: ErrorKind::RequiresProtocol { extension: "REJECT", protocols: TCP },
            })
        }
        _ => Ok(()),
    }
}

pub(super) const NFQUEUE: Extension = target(
    "NFQUEUE",
    &[
        option("queue-num", Value::u16()),
        option("queue-balance", Value::Form("FROM:TO", queue_range)),
        flag("queue-bypass"),
        flag("queue-cpu-fanout").requires(&["queue-balance"]),
    ],
)
.groups(&[at_most_one(&["queue-num", "queue-balance"])]);

fn queue_range(text: &str) -> bool {
    values::number_range(text, 65535)
        .is_ok_and(|range| (1..65535).contains(&(range.end() - range.start())))
        && text.contains(':')
}

pub(super) const SYNPROXY: Extension = target(
    "SYNPROXY",
    &[
        flag("sack-perm"),
        flag("timestamp"),
        option("wscale", Value::u32()),
        option("mss", Value::u32()),
        flag("ecn"),
    ],
)
.protocols(TCP)
.hooks(&[Hook::Input, Hook::Forward]);

pub(super) const TPROXY: Extension = target(
    "TPROXY",
    &[
        option("on-port", Value::Port).mandatory(),
        option("on-ip", Value::Host),
        option("tproxy-mark", Value::Mark),
    ],
)
.tables(MANGLE)
.hooks(&[Hook::Prerouting])
.protocols(&[6, 17]);

pub(super) const TEE: Extension = target(
    "TEE",
    &[option("gateway", Value::Host).mandatory(), option("oif", cut_text("interface name", 15))],
);

pub(super) const HMARK: Extension = target(
    "HMARK",
    &[
        option(
            "hmark-tuple",
            Value::Choices(Case::Start, &["src", "dst", "sport", "dport", "spi", "ct"]),
        ),
        option("hmark-src-prefix", Value::PrefixMask),
        option("hmark-dst-prefix", Value::PrefixMask),
        option("hmark-sport-mask", Value::u16()),
        option("hmark-dport-mask", Value::u16()),
        option("hmark-spi-mask", Value::u32()),
        option("hmark-sport", Value::u16()),
        option("hmark-dport", Value::u16()),
        option("hmark-spi", Value::u32()),
        option("hmark-proto-mask", Value::u16()),
        option("hmark-rnd", Value::u32()).mandatory(),
        option("hmark-mod", Value::Number { min: 1, max: 0xffff_ffff }).mandatory(),
        option("hmark-offset", Value::u32()),
    ],
)
.groups(&[
    at_least_one(&[
        "hmark-tuple",
        "hmark-src-prefix",
        "hmark-dst-prefix",
        "hmark-sport-mask",
        "hmark-dport-mask",
        "hmark-spi-mask",
        "hmark-sport",
        "hmark-dport",
        "hmark-spi",
        "hmark-proto-mask",
    ]),
    at_most_one(&["hmark-spi-mask", "hmark-sport-mask"]),
    at_most_one(&["hmark-spi-mask", "hmark-dport-mask"]),
])
.check(tuple_comes_last);

/// A prefix says how much of an address counts; after `--hmark-tuple` it has already been said.
fn tuple_comes_last(facts: &Facts<'_>) -> Result<(), Error> {
    let Some(tuple) = facts.get("hmark-tuple") else { return Ok(()) };
    let named = |part: &str| facts.value(tuple).split(',').any(|word| part.starts_with(word));
    let later = [("src", "hmark-src-prefix"), ("dst", "hmark-dst-prefix")]
        .into_iter()
        .filter(|(part, _)| named(part))
        .filter_map(|(_, name)| facts.get(name))
        .find(|prefix| prefix.name.start > tuple.name.start);
    match later {
        Some(prefix) => {
            Err(Error { span: prefix.name, kind: ErrorKind::Excludes { other: "hmark-tuple" } })
        }
        None => Ok(()),
    }
}
