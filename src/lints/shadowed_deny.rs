//! A deny that never applies.

use super::{Example, Fix, Lint, dead};
use crate::{
    analysis::{Cause, Kind},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW201",
    name: "shadowed-deny",
    severity: Severity::Error,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a deny never applies", zh: "拒绝规则永远不会生效" },
    why: Text {
        en: "The first rule that decides about a packet wins. Whoever reads this rule believes that its packets are stopped; in truth rules before it have let them through.",
        zh: "最先作出决定的规则生效。读到这条规则的人会以为相应数据包已被拦下，其实前面的规则早已放行。",
    },
    remedy: Text {
        en: "Move it in front of the rule that takes its packets, or remove it if they are welcome.",
        zh: "请把它移到先处理这些数据包的规则之前；如果本就允许这些数据包，则删除它。",
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
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -s 10.66.0.0/16 -p tcp -m tcp --dport 443 -j DROP
#~^ FW201
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 10.66.0.0/16 -p tcp -m tcp --dport 443 -j DROP
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 443 -j ACCEPT
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
		ip saddr 10.0.0.0/8 tcp dport 443 accept
		ip saddr 10.66.0.0/16 tcp dport 443 drop
#~^ FW201
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 10.66.0.0/16 tcp dport 443 drop
		ip saddr 10.0.0.0/8 tcp dport 443 accept
	}
}
",
        },
    ],
    check: |cx, findings| {
        dead::report(cx, findings, &LINT, |it| {
            it.kind == Kind::Deny
                && matches!(it.cause, Cause::Decided | Cause::Callers | Cause::Earlier)
        });
    },
};
