//! A sensitive service is open to all private addresses of a kind.

use super::{
    ALL, Context, Example, Finding, Findings, Fix, Lint, phrases, service,
    wide_source::source_place,
};
use crate::{
    analysis::{FamilyAnalysis, OpenService, Reach, SourceClass, What},
    knowledge::Risk,
    model::{Family, Field, RuleId, display_ranges},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeMap;

pub(super) static LINT: Lint = Lint {
    code: "FW138",
    name: "wide-private-source",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a sensitive service is open to a whole block of private addresses",
        zh: "敏感服务对整段私有地址开放",
    },
    why: Text {
        en: "All of 10.0.0.0/8 is every office, guest network, container and cloud neighbour that may be routed here one day. \
             One of them taken over is enough.",
        zh: "整个 10.0.0.0/8 涵盖每间办公室、访客网络、容器以及将来可能互通的云上邻居，只要其中一台失陷就足够了。",
    },
    remedy: Text {
        en: "Name the network that administrators or the application use.",
        zh: "请写明管理员或应用实际使用的网段。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "lint.severity.FW102 = \"off\"\n",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 6379 -j ACCEPT
#~^ FW138
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 10.20.30.0/28 -p tcp -m tcp --dport 8443 -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "lint.severity.FW102 = \"off\"\n",
            bad: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 10.0.0.0/8 tcp dport 6379 accept
#~^ FW138
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 10.20.30.0/28 tcp dport 8443 accept
	}
}
",
        },
    ],
    check,
};

/// The blocks of private addresses that no site uses whole: see RFC 1918 and RFC 4193.
const fn blocks(family: Family) -> &'static [(u128, u128)] {
    match family {
        Family::Ipv4 => &[(0x0a00_0000, 0x0aff_ffff), (0xac10_0000, 0xac1f_ffff)],
        Family::Ipv6 => &[(0xfd << 120, (0xfe << 120) - 1)],
    }
}

/// The block of private addresses that all of a sensitive service's sources are.
fn block(
    cx: &Context<'_>,
    family: &FamilyAnalysis<'_>,
    service: &OpenService,
    reach: &Reach,
) -> Option<String> {
    let sensitive = cx.knowledge.facts(service.service).risk >= Risk::High;
    if reach.class != SourceClass::Private || !sensitive || service.by_chance {
        return None;
    }
    let space = &family.space;
    let block = blocks(space.family).iter().find(|(low, high)| {
        space.store.is_subset(space.range(Field::Source, *low, *high), reach.sources)
    })?;
    Some(display_ranges(space.family, &[*block]).join(", "))
}

/// What is said of it where the service itself is reported.
pub(super) fn advice(
    cx: &Context<'_>,
    family: &FamilyAnalysis<'_>,
    service: &OpenService,
    reach: &Reach,
) -> Option<Message> {
    let block = block(cx, family, service, reach)?;
    Some(Message {
        en: format!(
            "All of {block} is every network that may ever be inside: name the one that needs it."
        ),
        zh: format!("整个 {block} 涵盖一切可能成为内网的网段：请写明真正需要访问的网段。"),
    })
}

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let mut rules: BTreeMap<RuleId, Finding> = BTreeMap::new();
    for (family, exposure, opening) in cx.openings() {
        let What::Service(service) = &opening.what else { continue };
        let reach = &opening.reach;
        // Where the service is reported, it is said there.
        let category = cx.knowledge.facts(service.service).category;
        if ALL.iter().any(|it| it.code == category.code() && cx.is_on(it)) {
            continue;
        }
        let Some(block) = block(cx, family, service, reach) else { continue };
        let Some(rule) = Context::opening_rule(exposure) else { continue };
        if rules.contains_key(&rule) {
            continue;
        }
        let place = source_place(cx, rule).or_else(|| service::opening_place(cx, exposure));
        let Some(place) = place else { continue };
        let transport = phrases::transport(service.protocol);
        let name = service.port.map_or_else(String::new, |port| format!("{transport}/{port}"));
        let message = Message {
            en: format!("{name} is open to all of {block}"),
            zh: format!("{name} 对整个 {block} 开放"),
        };
        let label = Message {
            en: "every network that may ever be inside".into(),
            zh: "一切可能成为内网的网段".into(),
        };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let mut finding = Finding::new(&LINT, place, message, label).help(help);
        finding.confidence = service::reach_confidence(reach, exposure);
        finding.source_class = Some(reach.class.name());
        finding.witness = family.witness(exposure, reach, service.protocol, service.port);
        rules.insert(rule, finding);
    }
    findings.0.extend(rules.into_values());
}
