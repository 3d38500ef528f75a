//! Everybody's address is hidden, also towards the inside.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place};
use crate::{
    analysis::Calls,
    model::{Chain, ChainId, ChainKind, Condition, Field, Hook, RuleId, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW310",
    name: "unscoped-masquerade",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "the source of every packet is hidden, whatever interface it leaves by",
        zh: "无论从哪个接口发出，所有数据包的源地址都被隐藏",
    },
    why: Text {
        en: "Packets between inside networks, through tunnels and into the local network are hidden too: servers there see \
             this host instead of the client, so that their logs, limits and lists of who may connect are worth nothing.",
        zh: "内部网络之间、经隧道以及进入本地网络的数据包也会被隐藏：那里的服务器看到的是本机而非客户端，\
             其日志、限速和访问控制列表都失去意义。",
    },
    remedy: Text {
        en: "Name the interface that leads outside: `-o eth0 -j MASQUERADE`, in nftables `oifname \"eth0\" masquerade`.",
        zh: "请写明通向外部的接口：`-o eth0 -j MASQUERADE`，nftables 为 `oifname \"eth0\" masquerade`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -j MASQUERADE
#~^ FW310
COMMIT
",
            good: "\
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		masquerade
#~^ FW310
	}
}
",
            good: "\
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		oifname \"eth0\" masquerade
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let mut seen: BTreeSet<RuleId> = BTreeSet::new();
    for (id, chain, base) in ruleset.base_chains() {
        let translates = base.hook == Hook::Postrouting && base.kind == ChainKind::Nat;
        if !translates || !may_hide_everybody(cx, id) {
            continue;
        }
        let table = ruleset.table_of(id).family;
        let families = cx.analysis.families.iter();
        for family in families.filter(|family| table.sees(family.space.family)) {
            let Some(rule) = cx.analysis.hides_everybody(family, id) else { continue };
            if seen.insert(rule) {
                findings.add(finding(cx, chain, rule));
            }
        }
    }
}

/// Whether a rule below the chain says nothing about which way packets go: only then it is worth asking.
fn may_hide_everybody(cx: &Context<'_>, chain: ChainId) -> bool {
    let ruleset = cx.ruleset();
    let narrows = |(condition, _): (Condition, _)| match condition {
        Condition::Interface { .. } => true,
        Condition::In { field, .. } | Condition::Masked { field, .. } => {
            matches!(field, Field::Source | Field::Destination | Field::Mark)
        }
        _ => false,
    };
    Calls::rules_below(ruleset, chain).any(|rule| {
        matches!(ruleset.verdict_of(rule), Some((Verdict::Snat(_), _)))
            && !ruleset.conditions_of(rule).any(narrows)
    })
}

fn finding(cx: &Context<'_>, chain: &Chain, rule: RuleId) -> Finding {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(rule);
    let span = ruleset.verdict_of(rule).map_or(rule.place.span, |(_, span)| span);
    let message = Message {
        en: format!("`{}` hides the source of whatever leaves, towards the inside too", chain.name),
        zh: format!("`{}` 会隐藏所有外发数据包的源地址，发往内部的也不例外", chain.name),
    };
    let label = Message {
        en: "for every source and interface".into(),
        zh: "针对所有来源和接口".into(),
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let place = Place { file: rule.place.file, span };
    Finding::new(&LINT, place, message, label).help(help)
}
