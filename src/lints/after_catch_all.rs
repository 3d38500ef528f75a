//! A rule behind one that lets nothing past.

use super::{Example, Fix, Lint, dead};
use crate::{
    analysis::Cause,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW206",
    name: "after-catch-all",
    severity: Severity::Warning,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule stands behind one that lets nothing past",
        zh: "规则位于不让任何数据包继续的规则之后",
    },
    why: Text {
        en: "A rule without conditions decides about every packet that comes to it. What is appended behind it, as scripts and panels like to do, is loaded, listed and never used.",
        zh: "没有条件的规则会处理到达它的每个数据包。脚本和面板常把规则追加在它之后：能加载，能列出，却从不生效。",
    },
    remedy: Text {
        en: "Insert it in front of the rule without conditions, or remove it.",
        zh: "请把它插到无条件规则之前，或者删除它。",
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
-A INPUT -j REJECT --reject-with icmp-port-unreachable
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
#~^ FW206
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -j REJECT --reject-with icmp-port-unreachable
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		reject
		ip saddr 192.0.2.0/24 tcp dport 443 accept
#~^ FW206
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 192.0.2.0/24 tcp dport 443 accept
		reject
	}
}
",
        },
    ],
    check: |cx, findings| {
        dead::report(cx, findings, &LINT, |it| matches!(it.cause, Cause::CatchAll(_)));
    },
};
