//! What only this host knows: sockets, owners, processors, comments.

use super::{
    data::INCOMING,
    spec::{Case, Extension, Value, at_least_one, cut_text, exactly_one, flag, matching, option},
};
use crate::syntax::iptables::{Family, Hook, values::number};

pub(super) const COMMENT: Extension =
    matching("comment", &[option("comment", cut_text("comment", 255)).mandatory()]);

const LOCAL: &[Hook] = &[Hook::Output, Hook::Postrouting];

pub(super) const OWNER: Extension = matching(
    "owner",
    &[
        option("uid-owner", Value::Form("USER or UID[-UID]", owner)).negatable(),
        option("gid-owner", Value::Form("GROUP or GID[-GID]", owner)).negatable(),
        flag("socket-exists").negatable(),
        flag("suppl-groups").requires(&["gid-owner"]),
    ],
)
.hooks(LOCAL)
.groups(&[at_least_one(&["uid-owner", "gid-owner", "socket-exists"])]);

// owner := name | number ("-" number)?
fn owner(text: &str) -> bool {
    let id = |text: &str| number(text, 0, u64::from(u32::MAX) - 1).ok();
    let ids = text.split_once('-').map(|(from, to)| (id(from), id(to)));
    match ids {
        Some((Some(from), Some(to))) => from <= to,
        _ if text.starts_with(|first: char| first.is_ascii_digit()) => id(text).is_some(),
        _ => !text.is_empty() && !text.starts_with('-') && !text.contains([' ', '/', ':']),
    }
}

pub(super) const SOCKET: Extension =
    matching("socket", &[flag("transparent"), flag("nowildcard"), flag("restore-skmark")])
        .hooks(&[Hook::Prerouting, Hook::Input]);

pub(super) const CGROUP: Extension = matching(
    "cgroup",
    &[
        option("path", cut_text("cgroup path", 511)).negatable(),
        option("cgroup", Value::u32()).negatable(),
    ],
)
.hooks(&[Hook::Input, Hook::Output, Hook::Postrouting])
.groups(&[exactly_one(&["path", "cgroup"])]);

pub(super) const CPU: Extension =
    matching("cpu", &[option("cpu", Value::u32()).negatable().mandatory()]);

pub(super) const PKTTYPE: Extension = matching(
    "pkttype",
    &[option("pkt-type", Value::Choice(Case::Either, &["unicast", "broadcast", "multicast"]))
        .negatable()
        .mandatory()],
);

pub(super) const NFACCT: Extension = matching(
    "nfacct",
    &[option(
        "nfacct-name",
        Value::Text { what: "accounting object", least: 1, most: 31, cut: true },
    )
    .mandatory()],
);

pub(super) const OSF: Extension = matching(
    "osf",
    &[
        option("genre", cut_text("operating system", 31)).negatable().mandatory(),
        option("ttl", Value::Number { min: 0, max: 2 }),
        option("log", Value::Number { min: 0, max: 2 }),
    ],
)
.family(Family::V4)
.protocols(super::data::TCP)
.hooks(INCOMING);

pub(super) const IPVS: Extension = matching(
    "ipvs",
    &[
        flag("ipvs").negatable(),
        option("vproto", Value::Protocol).negatable(),
        option("vaddr", Value::Network).negatable(),
        option("vport", Value::Port).negatable(),
        option("vdir", Value::Choice(Case::Either, &["ORIGINAL", "REPLY"])),
        option("vmethod", Value::Choice(Case::Either, &["GATE", "IPIP", "MASQ"])).negatable(),
        option("vportctl", Value::Port).negatable(),
    ],
)
.groups(&[at_least_one(&[])]);
