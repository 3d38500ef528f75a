//! A chain that nothing jumps to.

use super::{Context, Example, Finding, Findings, Fix, Lint, dead, quote::quoted};
use crate::{
    model::{Chain, ChainId, Sort, Undefined},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW208",
    name: "unreferenced-chain",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "nothing jumps to a chain", zh: "没有规则跳转到该链" },
    why: Text {
        en: "The rules of a chain count only for packets that some rule hands to it. A chain that nobody calls looks like protection, or like an opening, and is neither.",
        zh: "链中的规则只对被交来的数据包生效。无人调用的链看似防护或放行，其实两者都不是。",
    },
    remedy: Text {
        en: "Jump to it where it was meant to be used, or delete it.",
        zh: "请在需要之处跳转到它，或者删除它。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:OLD - [0:0]
#~^ FW208
-A OLD -s 192.0.2.0/24 -j DROP
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:OLD - [0:0]
-A INPUT -j OLD
-A OLD -s 192.0.2.0/24 -j DROP
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain old {
#~^ FW208
		ip saddr 192.0.2.0/24 drop
	}
	chain input {
		type filter hook input priority filter; policy drop;
	}
}
",
            good: "\
table inet filter {
	chain old {
		ip saddr 192.0.2.0/24 drop
	}
	chain input {
		type filter hook input priority filter; policy drop;
		jump old
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    // Who calls the chains of a part of a rule set stands elsewhere.
    if cx.analysis.is_fragment() {
        return;
    }
    let ruleset = cx.ruleset();
    for (chain, index) in ruleset.chains.iter().zip(0..) {
        let id = ChainId(index);
        let theirs = dead::is_managed_chain(ruleset, id);
        let called = chain.base.is_some() || !cx.analysis.calls.callers(id).is_empty();
        // One of its callers may be misspelt: that is told where it is written.
        let misspelt = |it: &Undefined| it.sort == Sort::Chain && it.table == chain.table;
        if ruleset.undefined.iter().any(misspelt) {
            continue;
        }
        if called || theirs || !chain.declared || is_named_elsewhere(cx, chain) {
            continue;
        }
        let name = quoted(&chain.name);
        let message = Message {
            en: format!("nothing jumps to chain {name}"),
            zh: format!("没有规则跳转到链 {name}"),
        };
        let label = Message { en: "never entered".into(), zh: "从不进入".into() };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        findings.add(Finding::new(&LINT, chain.place, message, label).help(help));
    }
}

/// Whether the elements of a map lead to a chain, even if no rule is seen that asks the map.
fn is_named_elsewhere(cx: &Context<'_>, chain: &Chain) -> bool {
    let Some(source) = cx.source(chain.place) else { return false };
    let text = source.text();
    let before = ["jump ", "goto ", "\"target\": \"", "\"target\":\""];
    before.iter().any(|word| {
        let named = text.match_indices(word).map(|(at, _)| &text[at + word.len()..]);
        let is_name = |rest: &str| {
            let rest = rest.trim_start().trim_start_matches('"').strip_prefix(&*chain.name);
            rest.is_some_and(|it| {
                !it.starts_with(|it: char| it.is_alphanumeric() || it == '_' || it == '-')
            })
        };
        named.into_iter().any(is_name)
    })
}
