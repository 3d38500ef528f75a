//! Address translation.

use super::{
    data::NAT,
    spec::{Case, Extension, Facts, OptionSpec, Value, flag, option, target},
};
use crate::syntax::{
    Error, ErrorKind, Expected,
    iptables::{Family, Hook, Opt, values},
};

/// TCP, UDP, SCTP, DCCP and ICMP: what has ports, or something in their place.
const PORTS: &[u8] = &[6, 17, 132, 33, 1];

const RANDOM: OptionSpec = flag("random");
const RANDOM_FULLY: OptionSpec = flag("random-fully");
const PERSISTENT: OptionSpec = flag("persistent");

pub(super) const DNAT: Extension =
    target("DNAT", &[option("to-destination", Value::NatTarget).mandatory(), RANDOM, PERSISTENT])
        .tables(NAT)
        .hooks(&[Hook::Prerouting, Hook::Output])
        .check(ports_need_a_protocol);

pub(super) const SNAT: Extension = target(
    "SNAT",
    &[option("to-source", Value::NatTarget).mandatory(), RANDOM, RANDOM_FULLY, PERSISTENT],
)
.tables(NAT)
.hooks(&[Hook::Postrouting, Hook::Input])
.check(ports_need_a_protocol);

pub(super) const MASQUERADE: Extension =
    target("MASQUERADE", &[option("to-ports", Value::NatPorts), RANDOM, RANDOM_FULLY])
        .tables(NAT)
        .hooks(&[Hook::Postrouting])
        .check(ports_need_a_protocol);

pub(super) const REDIRECT: Extension =
    target("REDIRECT", &[option("to-ports", Value::Form("port[-port]", plain_ports)), RANDOM])
        .tables(NAT)
        .hooks(&[Hook::Prerouting, Hook::Output])
        .check(ports_need_a_protocol);

/// Ranges cannot be shifted here.
fn plain_ports(text: &str) -> bool {
    values::nat_ports(text).is_ok_and(|(_, base)| base.is_none())
}

pub(super) const NETMAP: Extension = target("NETMAP", &[option("to", Value::Network).mandatory()])
    .tables(NAT)
    .hooks(&[Hook::Prerouting, Hook::Input, Hook::Output, Hook::Postrouting]);

pub(super) const DNPT: Extension =
    prefix_translation("DNPT").hooks(&[Hook::Prerouting, Hook::Output]);
pub(super) const SNPT: Extension =
    prefix_translation("SNPT").hooks(&[Hook::Input, Hook::Postrouting]);

const fn prefix_translation(name: &'static str) -> Extension {
    const OPTIONS: &[OptionSpec] = &[
        option("src-pfx", Value::Network).mandatory(),
        option("dst-pfx", Value::Network).mandatory(),
    ];
    target(name, OPTIONS).family(Family::V6).tables(super::data::MANGLE).check(prefixes)
}

/// Prefixes of up to 64 bits, without host bits.
fn prefixes(facts: &Facts<'_>) -> Result<(), Error> {
    let whole = |option: &Opt| match values::address(facts.value(option), facts.family) {
        Ok(values::Address::V6 { address, mask }) => {
            mask.leading_ones() <= 64 && address & !mask == 0
        }
        _ => true,
    };
    match ["src-pfx", "dst-pfx"]
        .into_iter()
        .filter_map(|name| facts.get(name))
        .find(|option| !whole(option))
    {
        None => Ok(()),
        Some(option) => Err(Error {
            span: option.value,
            kind: ErrorKind::BadValue {
                expected: Expected::Form("PREFIX/LENGTH, up to 64 bits"),
                suggestion: None,
            },
        }),
    }
}

pub(super) const CLUSTERIP: Extension = target(
    "CLUSTERIP",
    &[
        flag("new"),
        option(
            "hashmode",
            Value::Choice(
                Case::Exact,
                &["sourceip", "sourceip-sourceport", "sourceip-sourceport-destport"],
            ),
        ),
        option("clustermac", Value::Mac),
        option("total-nodes", Value::Number { min: 1, max: 16 }),
        option("local-node", Value::Number { min: 1, max: 16 }),
        option("hash-init", Value::u32()),
    ],
)
.family(Family::V4);

/// A port to translate to means nothing without a protocol that has ports.
fn ports_need_a_protocol(facts: &Facts<'_>) -> Result<(), Error> {
    if facts.named_protocol.is_some_and(|protocol| PORTS.contains(&protocol)) {
        return Ok(());
    }
    let target = facts.get("to-destination").or_else(|| facts.get("to-source"));
    let with_ports = match target {
        Some(option) => {
            values::nat_target(facts.value(option), facts.family).is_ok_and(|it| it.ports.is_some())
        }
        None => facts.get("to-ports").is_some(),
    };
    if with_ports {
        let extension = super::ALL[usize::from(facts.extension)].name;
        return Err(Error {
            span: facts.name,
            kind: ErrorKind::RequiresProtocol { extension, protocols: PORTS },
        });
    }
    Ok(())
}
