//! IPv6 extension headers.

use super::spec::{Extension, OptionSpec, Value, at_most_one, flag, matching, option};
use crate::syntax::{
    Error, ErrorKind,
    iptables::{Family, extensions::Facts, values},
};

const fn ranged(name: &'static str) -> OptionSpec {
    option(name, Value::NumberRange { max: 0xffff_ffff }).negatable()
}

const fn whole(name: &'static str) -> OptionSpec {
    option(name, Value::u32()).negatable()
}

const fn byte(name: &'static str) -> OptionSpec {
    option(name, Value::u8()).negatable()
}

pub(super) const DST: Extension = matching(
    "dst",
    &[whole("dst-len"), option("dst-opts", Value::Form("TYPE[:LENGTH],…", header_options))],
)
.family(Family::V6);

pub(super) const HBH: Extension = matching(
    "hbh",
    &[whole("hbh-len"), option("hbh-opts", Value::Form("TYPE[:LENGTH],…", header_options))],
)
.family(Family::V6);

// options := type (":" length)? ("," …)* ; at most sixteen
fn header_options(text: &str) -> bool {
    let known = |part: &str| {
        let (kind, length) = part.split_once(':').unwrap_or((part, "0"));
        values::number(kind, 0, 65535).is_ok() && values::number(length, 0, 65535).is_ok()
    };
    text.split(',').count() <= 16 && text.split(',').all(known)
}

pub(super) const FRAG: Extension = matching(
    "frag",
    &[
        ranged("fragid"),
        whole("fraglen"),
        flag("fragres"),
        flag("fragfirst"),
        flag("fragmore"),
        flag("fraglast"),
    ],
)
.family(Family::V6)
.groups(&[at_most_one(&["fragmore", "fraglast"])]);

pub(super) const RT: Extension = matching(
    "rt",
    &[
        whole("rt-type"),
        ranged("rt-segsleft"),
        whole("rt-len"),
        flag("rt-0-res").requires(&["rt-type"]),
        option("rt-0-addrs", Value::Form("ADDRESS,…", route_addresses)).requires(&["rt-type"]),
        flag("rt-0-not-strict").requires(&["rt-0-addrs"]),
    ],
)
.family(Family::V6)
.check(type_zero);

/// Addresses and flags are those of type 0.
fn type_zero(facts: &Facts<'_>) -> Result<(), Error> {
    let of_type_zero =
        ["rt-0-res", "rt-0-addrs", "rt-0-not-strict"].into_iter().find_map(|name| facts.get(name));
    let (Some(option), Some(kind)) = (of_type_zero, facts.get("rt-type")) else { return Ok(()) };
    if !kind.negated && values::number(facts.value(kind), 0, 0).is_ok() {
        return Ok(());
    }
    Err(Error { span: option.name, kind: ErrorKind::Requires { other: "rt-type" } })
}

fn route_addresses(text: &str) -> bool {
    text.split(',').count() <= 16
        && text.split(',').all(|part| part.parse::<std::net::Ipv6Addr>().is_ok())
}

pub(super) const SRH: Extension = matching(
    "srh",
    &[
        byte("srh-next-hdr"),
        byte("srh-hdr-len-eq"),
        byte("srh-hdr-len-gt"),
        byte("srh-hdr-len-lt"),
        byte("srh-segs-left-eq"),
        byte("srh-segs-left-gt"),
        byte("srh-segs-left-lt"),
        byte("srh-last-entry-eq"),
        byte("srh-last-entry-gt"),
        byte("srh-last-entry-lt"),
        option("srh-tag", Value::u16()).negatable(),
        option("srh-psid", Value::Network).negatable(),
        option("srh-nsid", Value::Network).negatable(),
        option("srh-lsid", Value::Network).negatable(),
    ],
)
.family(Family::V6);

pub(super) const IPV6HEADER: Extension = matching(
    "ipv6header",
    &[
        option("header", Value::Form("HEADER,…", header_names)).negatable().mandatory(),
        flag("soft"),
    ],
)
.family(Family::V6);

fn header_names(text: &str) -> bool {
    static NAMES: &[&str] = &[
        "hop-by-hop",
        "hop",
        "ipv6-opts",
        "dst",
        "ipv6-route",
        "route",
        "ipv6-frag",
        "frag",
        "esp",
        "auth",
        "ah",
        "ipv6-nonxt",
        "none",
        "protocol",
        "prot",
    ];
    let numbered = |part: &str| {
        values::number(part, 0, 255).is_ok_and(|it| [0, 43, 44, 50, 51, 59, 60, 255].contains(&it))
    };
    text.split(',')
        .all(|part| NAMES.contains(&part.to_ascii_lowercase().as_str()) || numbered(part))
}
