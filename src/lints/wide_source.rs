//! A range of public sources so wide that it is nearly everybody.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, phrases, service};
use crate::{
    analysis::SourceClass,
    model::{Condition, Family, Field, RuleId, display_ranges},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW132",
    name: "wide-source",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "a huge range of public addresses is let in",
        zh: "放行了范围极大的公网地址段",
    },
    why: Text {
        en: "Behind a /8 of a provider stand millions of machines that anybody can rent by the hour, scanners among them.",
        zh: "服务商的一个 /8 地址段背后有上百万台任何人都能按小时租用的机器，其中不乏扫描器。",
    },
    remedy: Text {
        en: "Use the list of prefixes that the provider publishes for the service, or ask for something only the peer has.",
        zh: "请使用服务商为该服务公布的前缀列表，或改用只有对端才具备的凭据。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 52.0.0.0/8 -p tcp -m tcp --dport 443 -j ACCEPT
#~^ FW118 FW132
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 52.94.76.0/26 -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 52.0.0.0/8 tcp dport 443 accept
#~^ FW118 FW132
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 52.94.76.0/26 tcp dport 443 accept
	}
}
",
        },
    ],
    check,
};

/// A run of so many addresses is huge: a /9 of IPv4, a /20 of IPv6.
const fn huge(family: Family) -> u128 {
    match family {
        Family::Ipv4 => 1 << 23,
        Family::Ipv6 => 1 << 108,
    }
}

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let mut said: BTreeSet<RuleId> = BTreeSet::new();
    for (family, exposure, opening) in cx.openings() {
        let reach = &opening.reach;
        let Some(rule) = Context::opening_rule(exposure) else { continue };
        if reach.class != SourceClass::Public {
            continue;
        }
        let space = &family.space;
        let public = space.store.intersect(reach.sources, space.global());
        let ranges = space.ranges(Field::Source, public);
        let widest = ranges.as_slice().iter().max_by_key(|(low, high)| high - low);
        let Some((low, high)) = widest else { continue };
        if high - low < huge(space.family) - 1 || !said.insert(rule) {
            continue;
        }
        let Some(place) = source_place(cx, rule).or_else(|| service::opening_place(cx, exposure))
        else {
            continue;
        };
        let names = display_ranges(space.family, &[(*low, *high)]).join(", ");
        let count = phrases::grouped(high - low + 1);
        let message = Message {
            en: format!("{names} is {count} public addresses of many owners"),
            zh: format!("{names} 包含 {count} 个分属众多所有者的公网地址"),
        };
        let label = Message { en: "nearly everybody".into(), zh: "几乎等于所有人".into() };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let mut finding = Finding::new(&LINT, place, message, label).help(help);
        finding.confidence = service::reach_confidence(reach, exposure);
        finding.source_class = Some(reach.class.name());
        findings.add(finding);
    }
}

/// The words of a rule that say who may send.
pub(super) fn source_place(cx: &Context<'_>, rule: RuleId) -> Option<Place> {
    let rule = cx.ruleset().rule(rule);
    cx.ruleset().conditions_of(rule).find_map(|(condition, span)| match condition {
        Condition::In { field: Field::Source, .. } => Some(Place { file: rule.place.file, span }),
        _ => None,
    })
}
