//! What becomes of packets that no rule decides, and what containers publish past the rules of this host.

use super::{HostContext, OpenPart, assumptions::is_filtered, codes::Codes};
use crate::{
    analysis::Path,
    knowledge::{manager_of_chain, manager_of_interface, manager_of_table},
    lints::Place,
    model::{ChainKind, Family, Hook, Policy, Verdict},
};
use std::collections::BTreeSet;

/// The hooks that have a stance.
pub(super) const HOOKS: [Hook; 3] = [Hook::Input, Hook::Forward, Hook::Output];

/// The policy of a base chain in one family.
#[derive(Debug, Clone)]
pub struct PolicyLine {
    /// The family.
    pub family: Family,
    /// The hook.
    pub hook: Hook,
    /// The table, with its family.
    pub table: String,
    /// The chain.
    pub chain: String,
    /// What becomes of undecided packets.
    pub policy: Policy,
    /// Whether packets that start a flow come to it and pass; `None` where that was not computed.
    pub reached: Option<bool>,
    /// Where it is written.
    pub place: Place,
    /// The lints that report it.
    pub findings: Vec<&'static str>,
}

/// What becomes of packets that no rule of a hook decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    /// Some chain throws them away.
    Drop,
    /// They pass.
    Accept,
    /// They would pass, and none is left undecided.
    Decided,
    /// A policy is not written.
    Unknown,
    /// No chain filters there.
    Unfiltered,
    /// The files say nothing about the family.
    NotGiven,
}

impl Stance {
    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Accept => "accept",
            Self::Decided => "decided-by-rules",
            Self::Unknown => "unknown",
            Self::Unfiltered => "unfiltered",
            Self::NotGiven => "not-given",
        }
    }
}

/// The stance at a hook in both families.
#[derive(Debug, Clone)]
pub struct HookStance {
    /// The hook.
    pub hook: Hook,
    /// In IPv4.
    pub ipv4: Stance,
    /// In IPv6.
    pub ipv6: Stance,
    /// The lints that report its policies.
    pub findings: Vec<&'static str>,
}

/// The policies of the chains that filter, by family and hook.
pub(super) fn policies(cx: &HostContext<'_>, codes: &Codes) -> Vec<PolicyLine> {
    let ruleset = cx.analysis.ruleset;
    let mut lines = Vec::new();
    // A part of a rule set has no stance.
    if cx.analysis.is_fragment() {
        return lines;
    }
    for family in &cx.analysis.families {
        for (id, chain, base) in ruleset.base_chains() {
            let table = ruleset.table_of(id);
            let filters = base.kind == ChainKind::Filter && HOOKS.contains(&base.hook);
            // The mangle and raw tables of iptables come with every dump and decide nothing.
            let idle = base.policy == Policy::Accept && chain.rules.is_empty();
            let aside = idle && matches!(table.name.as_str(), "mangle" | "raw" | "security");
            if !filters || aside || !table.family.sees(family.space.family) {
                continue;
            }
            let reach = family.policies.iter().find(|it| it.chain == id);
            let place = base.policy_place.unwrap_or(chain.place);
            let reached = match base.policy {
                Policy::Drop => None,
                Policy::Accept | Policy::Unknown => reach.map(|it| !it.slices.is_empty()),
            };
            lines.push(PolicyLine {
                family: family.space.family,
                hook: base.hook,
                table: format!("{} {}", table.family.name(), table.name),
                chain: chain.name.clone(),
                policy: base.policy,
                reached,
                place,
                findings: codes.at(place),
            });
        }
    }
    lines.sort_by_key(|it| (it.family, it.hook, it.place));
    lines
}

/// The stance at each hook.
pub(super) fn stances(cx: &HostContext<'_>, policies: &[PolicyLine]) -> Vec<HookStance> {
    let stance = |hook: Hook, family: Family| {
        if !cx.analysis.families.iter().any(|it| it.space.family == family) {
            return Stance::NotGiven;
        }
        if !is_filtered(cx, family, hook) {
            return Stance::Unfiltered;
        }
        let own = || policies.iter().filter(|it| it.hook == hook && it.family == family);
        if own().any(|it| it.policy == Policy::Drop) {
            Stance::Drop
        } else if own().any(|it| it.reached == Some(false)) {
            Stance::Decided
        } else if own().any(|it| it.policy == Policy::Unknown) {
            Stance::Unknown
        } else {
            Stance::Accept
        }
    };
    let of = |hook: Hook| {
        let own = policies.iter().filter(|it| it.hook == hook);
        let mut findings: Vec<_> = own.flat_map(|it| it.findings.iter().copied()).collect();
        findings.sort_unstable();
        findings.dedup();
        let [ipv4, ipv6] = [Family::Ipv4, Family::Ipv6].map(|family| stance(hook, family));
        HookStance { hook, ipv4, ipv6, findings }
    };
    if cx.analysis.is_fragment() { Vec::new() } else { HOOKS.into_iter().map(of).collect() }
}

/// The families whose packets to and through this host meet a chain that filters.
pub(super) fn filtered(cx: &HostContext<'_>) -> Vec<Family> {
    if cx.analysis.is_fragment() {
        return Vec::new();
    }
    let families = cx.analysis.families.iter().map(|it| it.space.family);
    let all = |family: &Family| HOOKS[..2].iter().all(|hook| is_filtered(cx, *family, *hook));
    families.filter(all).collect()
}

/// What containers and virtual machines publish.
#[derive(Debug, Clone, Default)]
pub struct Containers {
    /// The programs that have chains, tables or interfaces here.
    pub managers: Vec<&'static str>,
    /// How many ports are translated to another host, and let through.
    pub published: usize,
    /// Whether Docker's chain for the user's own rules has none; `None` where there is no such chain.
    pub docker_user_is_empty: Option<bool>,
}

pub(super) fn containers(cx: &HostContext<'_>, opens: &[OpenPart]) -> Containers {
    const CONTAINERS: [&str; 9] = [
        "Docker",
        "Kubernetes",
        "Calico",
        "Cilium",
        "libvirt",
        "Podman",
        "Flannel",
        "Weave",
        "LXD",
    ];
    let ruleset = cx.analysis.ruleset;
    let chains = ruleset.chains.iter().filter_map(|it| manager_of_chain(&it.name));
    let tables = ruleset.tables.iter().filter_map(|it| manager_of_table(&it.name));
    let interfaces = ruleset.interfaces.iter().filter_map(|it| manager_of_interface(&it.name));
    let managers: BTreeSet<&str> = chains.chain(tables).chain(interfaces).collect();
    let published: BTreeSet<_> = opens
        .iter()
        .filter(|it| it.path == Path::Forward && it.translated_to.is_some())
        .map(|it| (&it.transport, it.ports, &it.translated_to))
        .collect();
    let user = ruleset.chains.iter().zip(0..).filter(|(chain, _)| chain.name == "DOCKER-USER");
    let decides = |id: u32| {
        ruleset
            .rules_of(crate::model::ChainId(id))
            .any(|(_, rule)| !matches!(ruleset.verdict_of(rule), Some((Verdict::Return, _)) | None))
    };
    let users: Vec<bool> = user.map(|(_, id)| !decides(id)).collect();
    Containers {
        managers: managers.into_iter().filter(|it| CONTAINERS.contains(it)).collect(),
        published: published.len(),
        docker_user_is_empty: (!users.is_empty()).then(|| users.iter().all(|empty| *empty)),
    }
}
