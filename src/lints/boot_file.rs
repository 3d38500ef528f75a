//! Which files a service loads while the host starts.

use super::{Context, Place};
use crate::syntax::FileKind;

/// Where netfilter-persistent, the services of iptables and nftables of the distributions, and `/etc/network` look.
const PATHS: [&str; 14] = [
    "iptables/rules.v4",
    "iptables/rules.v6",
    "iptables/iptables.rules",
    "iptables/ip6tables.rules",
    "iptables/rules-save",
    "ip6tables/rules-save",
    "sysconfig/iptables",
    "sysconfig/ip6tables",
    "etc/iptables.rules",
    "etc/ip6tables.rules",
    "etc/iptables.up.rules",
    "etc/ip6tables.up.rules",
    "etc/nftables.conf",
    "sysconfig/nftables.conf",
];

/// Whether the file of `place` is loaded at boot. A dump may be there to be looked at only: it has to lie where it is loaded
/// from; of what is written to be loaded the name will do.
pub(super) fn is_one(cx: &Context<'_>, place: Place) -> bool {
    let Some(input) = cx.inputs.iter().find(|input| input.file == place.file) else { return false };
    let path = &*input.source.path;
    let lies_there = |end: &str| {
        let before = path.strip_suffix(end);
        before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    let is_called = |end: &str| end.rsplit('/').next() == path.rsplit('/').next();
    match input.parsed.kind {
        FileKind::Dump => PATHS.iter().any(|end| lies_there(end)),
        _ => PATHS.iter().any(|end| is_called(end)),
    }
}
