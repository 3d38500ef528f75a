//! A rule whose own conditions exclude each other.

use super::{Context, Example, Findings, Fix, Lint, dead};
use crate::{
    analysis::Cause,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW207",
    name: "impossible-match",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "the conditions of a rule exclude each other", zh: "规则的条件互相矛盾"
    },
    why: Text {
        en: "All conditions of a rule must hold at once. Both loaders take a rule whose conditions never do, and an interface that packets leave by in a chain for packets that stay; whoever wrote it meant something else.",
        zh: "一条规则的条件必须同时成立。两种加载器都会接受条件永不同时成立的规则，也会接受在入站链中匹配出站接口的规则；写规则的人显然另有所指。",
    },
    remedy: Text {
        en: "Write one rule for each of the conditions, or a set where one of several values is meant; `oifname` belongs to forward and output chains.",
        zh: "请为每个条件各写一条规则；若意为多个值之一，请使用集合；`oifname` 应放在 forward 或 output 链中。",
    },
    examples: &[
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 10.0.0.0/8 ip saddr 192.168.0.0/16 tcp dport 443 accept
#~^ FW207
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr { 10.0.0.0/8, 192.168.0.0/16 } tcp dport 443 accept
	}
}
",
        },
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 443 -m multiport --dports 80,8443 -s 192.0.2.0/24 -j ACCEPT
#~^ FW207
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m multiport --dports 80,443,8443 -s 192.0.2.0/24 -j ACCEPT
COMMIT
",
        },
    ],
    check,
};

/// Of a rule that can never match nobody knows what would come of it.
fn check(cx: &Context<'_>, findings: &mut Findings) {
    let impossible = cx.analysis.dead().rules.iter().filter(|it| it.cause == Cause::Impossible);
    for it in impossible.filter(|it| !dead::is_managed(cx, it.rule)) {
        let severity = if it.rests_on_set { Severity::Info } else { LINT.severity };
        findings.add(dead::finding(cx, &LINT, it).severity(severity));
    }
}
