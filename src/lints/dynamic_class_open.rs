//! A rule opens the dynamic ports.

use super::{Example, Fix, Lint, range};
use crate::{
    analysis::RangeClass,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW123",
    name: "dynamic-class-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a rule opens the dynamic ports", zh: "规则放行全部动态端口" },
    why: Text {
        en: "A host sends its own requests from these ports, so the rule was probably meant for replies; it lets in \
             whoever calls first as well, and Windows RPC, GlusterFS bricks and many programs without privileges \
             listen here.",
        zh: "主机自身的请求就是从这些端口发出的，所以规则原意多半是放行回包；可它同样放进主动来访者，而 Windows RPC、GlusterFS brick 与许多普通权限的程序正监听在这里。",
    },
    remedy: Text {
        en: "Let replies in by state (`--ctstate ESTABLISHED,RELATED`, in nftables `ct state established,related`) and remove the rule.",
        zh: "回包请按状态放行（`--ctstate ESTABLISHED,RELATED`，nftables 为 `ct state established,related`），并删除该规则。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 49152:65535 -j ACCEPT
#~^ FW123
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| range::report(cx, findings, &LINT, RangeClass::Dynamic),
};
