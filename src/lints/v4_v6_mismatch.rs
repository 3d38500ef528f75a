//! A port is open over one family only.

use super::{Context, Example, Finding, Findings, Fix, Lint, parity, service};
use crate::{
    analysis::SourceClass,
    model::{Family, RuleId},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeMap;

pub(super) static LINT: Lint = Lint {
    code: "FW502",
    name: "v4-v6-mismatch",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a port is open to everybody over one address family and closed over the other",
        zh: "端口仅在一个地址族上对所有人开放，在另一个上关闭",
    },
    why: Text {
        en: "Clients try IPv6 first where a name has such an address: a service that answers over IPv4 only is slow to reach, \
             or looks down. If it is meant to be closed, it is open where nobody looks.",
        zh: "若域名有 IPv6 地址，客户端会优先尝试它：只在 IPv4 上应答的服务会变慢，甚至看似宕机。若本意是关闭，则它在无人留意之处仍然开放。",
    },
    remedy: Text {
        en: "Open it over both families, or over neither.",
        zh: "请在两个地址族上同时开放，或都不开放。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		meta l4proto ipv6-icmp accept
		meta nfproto ipv4 tcp dport 443 accept
#~^ FW118 FW502
		meta nfproto ipv6 tcp dport 80 accept
#~^ FW118 FW502
	}
}
",
        good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		meta l4proto ipv6-icmp accept
		meta nfproto ipv4 udp sport 67 udp dport 68 accept
	}
}
",
    }],
    check,
};

/// DHCP, which is another service over IPv6.
const OF_ONE_FAMILY: [u16; 4] = [67, 68, 546, 547];

fn check(cx: &Context<'_>, findings: &mut Findings) {
    if cx.analysis.is_fragment() {
        return;
    }

    let mut rules: BTreeMap<RuleId, Vec<parity::Open<'_>>> = BTreeMap::new();
    let services = parity::Services::of(cx);
    for open in services.iter() {
        let usual = open.service.port.is_some_and(|port| OF_ONE_FAMILY.contains(&port));
        let everybody = open.opening.reach.class == SourceClass::Any;
        if usual || !everybody || open.service.routine || !services.twins(open).is_empty() {
            continue;
        }
        if let Some(rule) = Context::opening_rule(open.exposure) {
            rules.entry(rule).or_default().push(*open);
        }
    }
    // Where a family is not filtered at all, or nothing of it gets in, there is nothing to compare.
    let compared = |family| {
        parity::is_filtered(cx, family)
            && cx.analysis.stopped_unasked(family).is_some()
            && cx.analysis.is_spoken(family)
    };
    if rules.is_empty() || !cx.analysis.families.iter().all(compared) {
        return;
    }
    for opens in rules.into_values() {
        let Some(first) = opens.first() else { continue };
        let Some(place) = service::opening_place(cx, first.exposure) else { continue };
        let mut names: Vec<String> = opens.iter().map(parity::Open::name).collect();
        names.dedup();
        names.truncate(SHOWN);
        let listed = super::phrases::listed(&names);
        let (here, there) = match first.family.space.family {
            Family::Ipv4 => (Family::Ipv4.name(), Family::Ipv6.name()),
            Family::Ipv6 => (Family::Ipv6.name(), Family::Ipv4.name()),
        };
        let verb = if names.len() == 1 { "is" } else { "are" };
        let message = Message {
            en: format!("{} {verb} open over {here} and closed over {there}", listed.en),
            zh: format!("{} 在 {here} 上开放，在 {there} 上关闭", listed.zh),
        };
        let label = Message {
            en: format!("for {here} packets only"),
            zh: format!("仅对 {here} 数据包生效"),
        };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let mut finding = Finding::new(&LINT, place, message, label).help(help);
        finding.source_class = Some(first.opening.reach.class.name());
        finding.witness = first.witness();
        findings.add(finding);
    }
}

/// So many ports are named.
const SHOWN: usize = 5;
