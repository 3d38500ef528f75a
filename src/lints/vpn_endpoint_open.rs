//! The outer end of a tunnel, or a proxy, is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW116",
    name: "vpn-endpoint-open",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a VPN endpoint or proxy is reachable", zh: "VPN 端点或代理可被访问"
    },
    why: Text {
        en: "The outer end of a tunnel is usually meant to be reached, and is worth a look all the same: the \
             encryption of PPTP is broken, VXLAN and GRE carry packets inside without any, and an open proxy lends \
             this host's address to anybody.",
        zh: "隧道的外侧端点通常就是要对外开放的，但仍值得确认：PPTP 的加密早已被攻破，VXLAN、GRE 既不加密也不认证就把数据包送进内网，而开放代理等于把本机地址借给所有人。",
    },
    remedy: Text {
        en: "Prefer WireGuard, IPsec or OpenVPN; name the peer of a tunnel between sites (`-s 198.51.100.7`), and \
             never leave a proxy open.",
        zh: "请优先使用 WireGuard、IPsec 或 OpenVPN；站点间隧道请写明对端地址（如 `-s 198.51.100.7`），代理切勿对外开放。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 1723 -j ACCEPT
#~^ FW116
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 198.51.100.7/32 -p udp -m udp --dport 51820 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::VpnEndpoint),
};
