//! A service that amplifies forged requests is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW105",
    name: "amplifier-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a service that amplifies forged requests is reachable",
        zh: "反射放大型服务可被访问",
    },
    why: Text {
        en: "UDP answers whoever the packet says it came from: a small request with a forged source makes this host \
             send a far larger reply to a victim, and it is this host's address that ends up on a blocklist.",
        zh: "UDP 只认数据包上写的来源：攻击者伪造源地址发来很小的请求，本机就会向受害者发出大得多的响应，最终被投诉、被封禁的是本机的地址。",
    },
    remedy: Text {
        en: "Answer only your own clients (`-s 192.0.2.0/24`) or switch the service off; for a public DNS server, \
             refuse recursion and limit the rate of responses.",
        zh: "请只应答自己的客户端（如 `-s 192.0.2.0/24`）或停用该服务；若确为公共 DNS 服务器，请关闭递归并启用响应限速（RRL）。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
#~^ FW105
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -p udp -m udp --dport 53 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::Amplifier),
};
