//! Addresses, their kinds, and the devices they are reached by.

use super::{
    data::{INCOMING, OUTGOING},
    spec::{
        Case, Extension, OptionSpec, Value, at_least_one, at_most_one, flag, matching, option, text,
    },
};
use crate::syntax::{
    Error, ErrorKind, Expected,
    iptables::{
        Family, Hook, Opt,
        extensions::Facts,
        values::{self, ADDRESS_TYPES},
    },
};

const SRC_TYPE: OptionSpec =
    option("src-type", Value::Choices(Case::Start, ADDRESS_TYPES)).negatable();
const DST_TYPE: OptionSpec =
    option("dst-type", Value::Choices(Case::Start, ADDRESS_TYPES)).negatable();

pub(super) const ADDRTYPE: Extension = matching(
    "addrtype",
    &[
        SRC_TYPE,
        DST_TYPE,
        flag("limit-iface-in").hooks(INCOMING),
        flag("limit-iface-out").hooks(OUTGOING),
    ],
)
.groups(&[
    at_least_one(&["src-type", "dst-type"]),
    at_most_one(&["limit-iface-in", "limit-iface-out"]),
])
.check(types_of_the_family);

/// IPv6 has no broadcast, and knows routes of fewer kinds.
fn types_of_the_family(facts: &Facts<'_>) -> Result<(), Error> {
    static IPV6: &[&str] = &["UNSPEC", "UNICAST", "LOCAL", "ANYCAST", "MULTICAST", "UNREACHABLE"];
    let wrong = |option: &&Opt| {
        let types = values::address_types(facts.value(option)).unwrap_or(0);
        let known = |(_, name): &(usize, &&str)| IPV6.contains(name);
        let six = ADDRESS_TYPES
            .iter()
            .enumerate()
            .filter(known)
            .fold(0, |bits, (at, _)| bits | 1u16 << at);
        types & !six != 0
    };
    let option =
        ["src-type", "dst-type"].into_iter().filter_map(|name| facts.get(name)).find(wrong);
    match option {
        Some(option) if facts.family == Family::V6 => Err(Error {
            span: option.value,
            kind: ErrorKind::BadValue { expected: Expected::SomeOf(IPV6), suggestion: None },
        }),
        _ => Ok(()),
    }
}

pub(super) const IPRANGE: Extension = matching(
    "iprange",
    &[
        option("src-range", Value::AddressRange).negatable(),
        option("dst-range", Value::AddressRange).negatable(),
    ],
)
.groups(&[at_least_one(&[])]);

pub(super) const MAC: Extension =
    matching("mac", &[option("mac-source", Value::Mac).negatable().mandatory()]).hooks(INCOMING);

pub(super) const EUI64: Extension = matching("eui64", &[]).family(Family::V6).hooks(INCOMING);

const BRIDGE_OUT: &[Hook] = &[Hook::Forward, Hook::Postrouting, Hook::Prerouting, Hook::Input];

pub(super) const PHYSDEV: Extension = matching(
    "physdev",
    &[
        option("physdev-in", text("interface name", 15)).negatable(),
        option("physdev-out", text("interface name", 15)).negatable().hooks(BRIDGE_OUT),
        flag("physdev-is-in").negatable(),
        flag("physdev-is-out").negatable().hooks(BRIDGE_OUT),
        flag("physdev-is-bridged").negatable(),
    ],
)
.groups(&[at_least_one(&[])]);

pub(super) const DEVGROUP: Extension = matching(
    "devgroup",
    &[
        option("src-group", Value::Form("GROUP[/MASK]", group)).negatable().hooks(INCOMING),
        option("dst-group", Value::Form("GROUP[/MASK]", group)).negatable().hooks(OUTGOING),
    ],
)
.groups(&[at_least_one(&[])]);

pub(super) const REALM: Extension = matching(
    "realm",
    &[option("realm", Value::Form("VALUE[/MASK]", group)).negatable().mandatory()],
)
.family(Family::V4)
.hooks(&[Hook::Input, Hook::Forward, Hook::Output, Hook::Postrouting]);

pub(super) const RPFILTER: Extension =
    matching("rpfilter", &[flag("loose"), flag("validmark"), flag("accept-local"), flag("invert")])
        .tables(super::data::RAW_OR_MANGLE)
        .hooks(&[Hook::Prerouting]);

// group := number ("/" number)? | name
fn group(text: &str) -> bool {
    let named =
        text.starts_with(|first: char| first.is_ascii_alphabetic()) && !text.contains(['/', ' ']);
    named || values::mark(text).is_ok()
}
