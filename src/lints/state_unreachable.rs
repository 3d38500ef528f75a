//! A rule that asks for the state of connections nobody tracks.

use super::{Example, Fix, Lint, dead};
use crate::{
    analysis::Cause,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW212",
    name: "state-unreachable",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a rule asks for a state that no packet has", zh: "规则要求的连接状态不会出现" },
    why: Text {
        en: "Packets that the raw table exempts from connection tracking have the state UNTRACKED and no other: a rule that asks for NEW or ESTABLISHED never sees them.",
        zh: "被 raw 表免除连接跟踪的数据包，状态只会是 UNTRACKED：要求 NEW 或 ESTABLISHED 的规则永远匹配不到。",
    },
    remedy: Text {
        en: "Ask for UNTRACKED too, or exempt fewer packets from tracking.",
        zh: "请同时匹配 UNTRACKED，或缩小免除跟踪的范围。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 443 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i eth0 -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT
#~^ FW212
COMMIT
",
            good: "\
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 443 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i eth0 -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -m conntrack --ctstate UNTRACKED -j ACCEPT
COMMIT
",
        },
    ],
    check: |cx, findings| {
        dead::report(cx, findings, &LINT, |it| it.cause == Cause::Untracked);
    },
};
