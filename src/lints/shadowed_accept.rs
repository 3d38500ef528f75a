//! An allow that never applies.

use super::{Example, Fix, Lint, dead};
use crate::{
    analysis::{Cause, Kind},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW202",
    name: "shadowed-accept",
    severity: Severity::Warning,
    fix: Fix::Unsafe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "an allow never applies", zh: "放行规则永远不会生效" },
    why: Text {
        en: "The first rule that decides about a packet wins. What this rule should let through has been dropped by rules before it, and the service it was written for cannot be reached.",
        zh: "最先作出决定的规则生效。这条规则本应放行的数据包已被前面的规则丢弃，相应服务无法访问。",
    },
    remedy: Text {
        en: "Move it in front of the rule that takes its packets, or remove it if nobody misses it.",
        zh: "请把它移到先处理这些数据包的规则之前；如果无人需要，则删除它。",
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
-A INPUT -s 10.1.0.0/16 -j DROP
-A INPUT -s 10.1.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
#~^ FW202
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 10.1.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -s 10.1.0.0/16 -j DROP
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
		ip saddr 10.1.0.0/16 drop
		ip saddr 10.1.2.0/24 tcp dport 443 accept
#~^ FW202
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 10.1.2.0/24 tcp dport 443 accept
		ip saddr 10.1.0.0/16 drop
	}
}
",
        },
    ],
    check: |cx, findings| {
        dead::report(cx, findings, &LINT, |it| {
            matches!(it.kind, Kind::Accept | Kind::Jump | Kind::Return)
                && matches!(it.cause, Cause::Decided | Cause::Callers | Cause::Earlier)
        });
    },
};
