//! A chain of kind nat that drops: it sees only the first packet of each connection.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place};
use crate::{
    analysis::Calls,
    model::{Chain, ChainKind, Policy, Ruleset, Verdict},
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW308",
    name: "filter-in-nat",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a chain that translates addresses is used to drop",
        zh: "用地址转换链来丢弃数据包",
    },
    why: Text {
        en: "The kernel asks chains of type nat about the first packet of a connection only. Connections that are already \
             known, untracked packets and those that a chain before has translated pass by.",
        zh: "内核只在连接的首个数据包时查询 nat 类型的链。已建立的连接、不跟踪的数据包以及已被前面的链转换过的数据包都会绕过它。",
    },
    remedy: Text {
        en: "Drop in a chain of type filter, and let the nat chain accept.",
        zh: "请在 filter 类型的链中丢弃，nat 链的策略保持放行。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table ip nat {
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		ip saddr 203.0.113.7 drop
#~^ FW308
	}
}
",
        good: "\
table ip filter {
	chain prerouting {
		type filter hook prerouting priority raw; policy accept;
		ip saddr 203.0.113.7 drop
	}
}
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let filtering: BTreeSet<(u32, Span)> =
        below(ruleset, ChainKind::Filter).map(|(place, _)| (place.file, place.span)).collect();
    let mut seen = BTreeSet::new();
    for (place, chain) in below(ruleset, ChainKind::Nat) {
        let key = (place.file, place.span);
        if !filtering.contains(&key) && seen.insert(key) {
            findings.add(finding(place, chain));
        }
    }
    for (_, chain, base) in ruleset.base_chains() {
        if base.kind == ChainKind::Nat && base.policy == Policy::Drop {
            findings.add(finding(base.policy_place.unwrap_or(chain.place), chain));
        }
    }
}

/// Where rules drop that base chains of that kind lead to, each with such a base chain.
fn below(ruleset: &Ruleset, kind: ChainKind) -> impl Iterator<Item = (Place, &Chain)> {
    let base = ruleset.base_chains().filter(move |(.., base)| base.kind == kind);
    base.flat_map(move |(id, chain, _)| {
        Calls::rules_below(ruleset, id).filter_map(move |rule| {
            let (verdict, span) = ruleset.verdict_of(rule)?;
            let drops = matches!(verdict, Verdict::Drop | Verdict::Reject);
            drops.then_some((Place { file: rule.place.file, span }, chain))
        })
    })
}

fn finding(place: Place, chain: &Chain) -> Finding {
    let message = Message {
        en: format!(
            "`{}` is a chain of type nat: it does not see all that should be dropped",
            chain.name
        ),
        zh: format!("`{}` 是 nat 类型的链，看不到所有应丢弃的数据包", chain.name),
    };
    let label = Message {
        en: "only for the first packet of a connection".into(),
        zh: "只对连接的首个数据包生效".into(),
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, place, message, label).help(help)
}
