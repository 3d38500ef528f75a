//! A rule that earlier rules have made superfluous.

use super::{Example, Fix, Lint, dead};
use crate::{
    analysis::{Cause, Kind},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW203",
    name: "redundant-rule",
    severity: Severity::Info,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "earlier rules already do what this rule does",
        zh: "前面的规则已包含此规则的作用",
    },
    why: Text {
        en: "Rules before it, alone or together, do the same with all its packets. It costs time to read, and whoever changes the earlier rules may not know that this one then wakes up.",
        zh: "前面的一条或几条规则已对它的全部数据包作同样处理。它徒增阅读负担；日后有人修改前面的规则时，也未必知道它会随之生效。",
    },
    remedy: Text {
        en: "Remove it, or narrow the earlier rule if this one was meant to be the only way in.",
        zh: "请删除它；如果本意是只靠这一条放行，则收窄前面的规则。",
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
-A INPUT -s 192.0.2.0/25 -p tcp -m tcp --dport 440:443 -j ACCEPT
-A INPUT -s 192.0.2.0/26 -p tcp -m tcp --dport 443 -j ACCEPT
#~^ FW203
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/25 -p tcp -m tcp --dport 440:443 -j ACCEPT
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
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
		ip saddr 192.0.2.0/25 tcp dport 440-443 accept
		ip saddr 192.0.2.0/26 tcp dport 443 accept
#~^ FW203
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 192.0.2.0/25 tcp dport 440-443 accept
		ip saddr 192.0.2.0/24 tcp dport 443 accept
	}
}
",
        },
    ],
    check: |cx, findings| {
        dead::report(cx, findings, &LINT, |it| {
            let notes = it.kind == Kind::Note
                && matches!(it.cause, Cause::Decided | Cause::Callers | Cause::Earlier);
            let logs =
                matches!(it.cause, Cause::Copy(first) if !super::log::is_alike(cx, first, it.rule));
            matches!(it.cause, Cause::Same | Cause::Rest) || notes || logs
        });
    },
};
