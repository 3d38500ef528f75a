//! Remote administration is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW101",
    name: "admin-service-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "remote administration is reachable", zh: "远程管理服务可被访问"
    },
    why: Text {
        en: "Whoever reaches SSH, RDP, VNC, WinRM or IPMI can guess passwords around the clock and try every flaw of the \
             server before anybody has logged in; one success is the whole machine.",
        zh: "能访问 SSH、RDP、VNC、WinRM 或 IPMI 的人可以昼夜不停地猜测口令，并在登录之前尝试服务程序的每个漏洞；成功一次即控制整台主机。",
    },
    remedy: Text {
        en: "Let in only the addresses that administer the host (`-s 192.0.2.0/28`), or a VPN.",
        zh: "请只放行管理该主机的地址（如 `-s 192.0.2.0/28`）或经由 VPN 访问。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 3389 -j ACCEPT
#~^ FW101
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -p tcp -m tcp --dport 3389 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::AdminService),
};
