//! A port that few may reach over IPv4 is open to everybody over IPv6.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Label, Lint, Repair, parity, phrases, service,
};
use crate::{
    analysis::SourceClass,
    model::{Family, TableFamily},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW503",
    name: "inet-unscoped-accept",
    severity: Severity::Warning,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a port that is limited over IPv4 is open to everybody over IPv6",
        zh: "端口在 IPv4 上受限，在 IPv6 上却对所有人开放",
    },
    why: Text {
        en: "In an inet table a rule without an address is for both families. Rules with `ip saddr` limit it for IPv4 only, \
             and IPv6 packets fall through to the accept.",
        zh: "inet 表中不带地址的规则对两个地址族都生效。带 `ip saddr` 的规则只限制 IPv4，IPv6 数据包会落到这条放行规则上。",
    },
    remedy: Text {
        en: "Say who may come over IPv6 too (`ip6 saddr`), or make the rule one for IPv4 (`meta nfproto ipv4`).",
        zh: "请同时限定 IPv6 来源（`ip6 saddr`），或将规则限定为 IPv4（`meta nfproto ipv4`）。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr != 10.0.0.0/24 tcp dport 3306 drop
		tcp dport 3306 accept
#~^ FW102 FW503
	}
}
",
        good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 10.0.0.0/24 tcp dport 8443 accept
		ip6 saddr fd00:10::/64 tcp dport 8443 accept
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let mut said = BTreeSet::new();
    let services = parity::Services::of(cx);
    for open in services.iter().filter(|it| it.family.space.family == Family::Ipv6) {
        let Some(id) = Context::opening_rule(open.exposure) else { continue };
        let rule = ruleset.rule(id);
        let in_inet = ruleset.table_of(rule.chain).family == TableFamily::Inet;
        if !in_inet || open.opening.reach.class != SourceClass::Any {
            continue;
        }
        // Over IPv4 somebody gets in, and all by their addresses: an interface limits both families.
        let like = services.twins(open);
        let by_address = |class| matches!(class, SourceClass::Private | SourceClass::Narrow);
        let limited = like.iter().all(|it| by_address(it.opening.reach.class));
        let Some(first) = like.first().filter(|_| limited) else { continue };
        if !said.insert(id) {
            continue;
        }
        let Some(place) = service::opening_place(cx, open.exposure) else { continue };
        let few = phrases::audience(first.family, &first.opening.reach);
        let name = open.name();
        let message = Message {
            en: format!("{name} is open to any IPv6 address, and over IPv4 only {}", few.en),
            zh: format!("{name} 对任意 IPv6 地址开放，而在 IPv4 上仅{}", few.zh),
        };
        let label = Message {
            en: "lets in IPv6 packets from everywhere".into(),
            zh: "放行来自任意地址的 IPv6 数据包".into(),
        };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let mut finding = Finding::new(&LINT, place, message, label).help(help);
        if let Some(other) = Context::opening_rule(first.exposure).filter(|other| *other != id) {
            let text = Message { en: "limits IPv4".into(), zh: "限制了 IPv4".into() };
            finding.labels.push(Label { place: ruleset.rule(other).place, text });
        }
        finding.confidence = service::reach_confidence(&open.opening.reach, open.exposure);
        finding.source_class = Some(open.opening.reach.class.name());
        finding.witness = open.witness();
        let title = Message {
            en: "make it a rule for IPv4: `meta nfproto ipv4`".into(),
            zh: "将规则限定为 IPv4：`meta nfproto ipv4`".into(),
        };
        let fix = Repair::risky(title).edit(Edit::before(rule.place, "meta nfproto ipv4 "));
        findings.add(finding.fixed_by([fix]));
    }
}
