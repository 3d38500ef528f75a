//! The matches and targets of iptables 1.8.11, as data: one entry each, and adding one is adding an entry.

mod addresses;
mod conntrack;
mod core;
mod data;
mod headers;
mod icmp;
mod limits;
mod local;
mod logging;
mod marks;
mod nat;
mod ports;
mod queues;
mod rewriting;
mod sets;
mod spec;
mod tracking;
mod traffic;
mod tunnels;

pub use spec::{Among, Case, Check, Extension, Facts, Group, Kind, OptionSpec, Value};

pub(super) use self::core::{Core, NAMES as CORE_NAMES, index};

use crate::syntax::iptables::{Family, Opt};
use std::sync::LazyLock;

/// The index in [`ALL`] that stands for every extension nobody here knows.
pub const UNKNOWN: u16 = u16::MAX;

/// The index in [`ALL`] of the core options.
pub const CORE: u16 = 0;

/// The core options first (`-s`, `-p`, `-j` …), then every extension.
pub static ALL: &[Extension] = &[
    core::CORE,
    ports::TCP,
    ports::UDP,
    ports::SCTP,
    ports::DCCP,
    ports::MULTIPORT,
    ports::TCPMSS,
    icmp::ICMP,
    icmp::ICMP6,
    icmp::MH,
    addresses::ADDRTYPE,
    addresses::IPRANGE,
    addresses::MAC,
    addresses::EUI64,
    addresses::PHYSDEV,
    addresses::DEVGROUP,
    addresses::REALM,
    addresses::RPFILTER,
    conntrack::CONNTRACK,
    conntrack::STATE,
    conntrack::HELPER,
    conntrack::CONNBYTES,
    conntrack::CONNLABEL,
    conntrack::CONNLIMIT,
    conntrack::CONNMARK,
    conntrack::CLUSTER,
    limits::LIMIT,
    limits::HASHLIMIT,
    limits::RECENT,
    limits::QUOTA,
    limits::STATISTIC,
    limits::TIME,
    limits::RATEEST,
    local::COMMENT,
    local::OWNER,
    local::SOCKET,
    local::CGROUP,
    local::CPU,
    local::PKTTYPE,
    local::NFACCT,
    local::OSF,
    local::IPVS,
    marks::MARK_MATCH,
    sets::SET_MATCH,
    traffic::LENGTH,
    traffic::STRING,
    traffic::BPF,
    traffic::U32,
    headers::DST,
    headers::HBH,
    headers::FRAG,
    headers::RT,
    headers::SRH,
    headers::IPV6HEADER,
    tunnels::AH,
    tunnels::ESP,
    tunnels::IPCOMP,
    tunnels::POLICY,
    rewriting::DSCP_MATCH,
    rewriting::TOS_MATCH,
    rewriting::ECN_MATCH,
    rewriting::TTL_MATCH,
    rewriting::HL_MATCH,
    marks::MARK,
    marks::CONNMARK,
    marks::SECMARK,
    marks::CONNSECMARK,
    logging::LOG,
    logging::NFLOG,
    logging::ULOG,
    logging::AUDIT,
    logging::TRACE,
    logging::LED,
    logging::IDLETIMER,
    logging::RATEEST,
    nat::DNAT,
    nat::SNAT,
    nat::MASQUERADE,
    nat::REDIRECT,
    nat::NETMAP,
    nat::DNPT,
    nat::SNPT,
    nat::CLUSTERIP,
    queues::REJECT,
    queues::NFQUEUE,
    queues::SYNPROXY,
    queues::TPROXY,
    queues::TEE,
    queues::HMARK,
    rewriting::TTL,
    rewriting::HL,
    rewriting::DSCP,
    rewriting::TOS,
    rewriting::ECN,
    rewriting::TCPMSS,
    rewriting::TCPOPTSTRIP,
    rewriting::CHECKSUM,
    rewriting::CLASSIFY,
    sets::SET,
    tracking::CT,
    tracking::NOTRACK,
];

/// The index in [`ALL`] of the match or target called `name` that `family` has; several names stand for `icmp6`.
pub fn find(kind: Kind, name: &str, family: Family) -> Option<u16> {
    let name = match name {
        "icmpv6" | "ipv6-icmp" => "icmp6",
        name => name,
    };
    let names = if kind == Kind::Target { &BY_NAME.targets } else { &BY_NAME.matches };
    let at = names.binary_search_by_key(&name, |(name, _)| name).ok()?;
    let index = names[at].1;
    ALL[usize::from(index)].family.is_none_or(|it| it == family).then_some(index)
}

/// What an option of the tree is: `None` for one of an extension that nobody here knows.
pub fn option(option: &Opt) -> Option<&'static OptionSpec> {
    ALL.get(usize::from(option.extension))?.options.get(usize::from(option.option))
}

struct ByName {
    matches: Vec<(&'static str, u16)>,
    targets: Vec<(&'static str, u16)>,
}

static BY_NAME: LazyLock<ByName> = LazyLock::new(|| {
    let of = |kind| {
        let mut names: Vec<_> = (0u16..)
            .zip(ALL)
            .filter(|(_, it)| it.kind == kind)
            .map(|(index, it)| (it.name, index))
            .collect();
        names.sort_unstable();
        names
    };
    ByName { matches: of(Kind::Match), targets: of(Kind::Target) }
});

#[cfg(test)]
mod tests {
    use super::{ALL, Kind, find};
    use crate::syntax::iptables::Family;
    use std::collections::BTreeSet;

    #[test]
    fn every_extension_is_found_by_its_name() {
        for (index, it) in (0u16..).zip(ALL).skip(1) {
            assert_eq!(
                find(it.kind, it.name, it.family.unwrap_or(Family::V4)),
                Some(index),
                "{}",
                it.name
            );
        }
        assert_eq!(
            find(Kind::Match, "ipv6-icmp", Family::V6),
            find(Kind::Match, "icmp6", Family::V6)
        );
        assert_eq!(find(Kind::Match, "icmp6", Family::V4), None);
    }

    #[test]
    fn names_are_unique_and_all_that_is_named_exists() {
        for it in ALL {
            let names: Vec<_> = it.options.iter().flat_map(super::OptionSpec::names).collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{}", it.name);
            assert!(it.options.len() <= 64, "{}", it.name);
            let mentioned = it
                .groups
                .iter()
                .flat_map(|group| group.options)
                .chain(it.options.iter().flat_map(|it| it.requires));
            for name in mentioned {
                assert!(it.option(name).is_some(), "{} has no {name}", it.name);
            }
        }
    }
}
