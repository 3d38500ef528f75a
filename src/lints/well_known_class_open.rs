//! A rule opens all well-known ports.

use super::{Example, Fix, Lint, range};
use crate::{
    analysis::RangeClass,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW121",
    name: "well-known-class-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a rule opens all well-known ports", zh: "规则放行全部公认端口" },
    why: Text {
        en: "Ports 0 to 1023 are those of the system's own services, among them SSH, Telnet, SMB and rpcbind; whatever \
             is installed later is exposed from its first minute.",
        zh: "0-1023 是系统服务的端口，SSH、Telnet、SMB、rpcbind 都在其中；今后装上的任何服务，从启动那一刻起就暴露在外。",
    },
    remedy: Text {
        en: "Name the ports that this host serves (`--dports 80,443`, in nftables `dport { 80, 443 }`).",
        zh: "请只写本机实际提供服务的端口（如 `--dports 80,443`，nftables 为 `dport { 80, 443 }`）。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 0:1023 -j ACCEPT
#~^ FW121
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m multiport --dports 80,443 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| range::report(cx, findings, &LINT, RangeClass::WellKnown),
};
