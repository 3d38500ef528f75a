//! A service of names, addresses or accounts is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW110",
    name: "name-service-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a name or directory service is reachable", zh: "名称或目录服务可被访问"
    },
    why: Text {
        en: "Directories tell a stranger the names of users, groups and machines, and take password guesses for all of \
             them; WINS, LLMNR and DHCP believe whoever answers first.",
        zh: "目录服务会向陌生人透露用户、组与主机的名称，还可被用来猜测所有账号的口令；WINS、LLMNR、DHCP 则是谁先应答就信谁。",
    },
    remedy: Text {
        en: "Serve only the network whose names it keeps (`-s 192.0.2.0/24`), and LDAP over TLS only; of them all, \
             only an authoritative DNS server has something to say to the world.",
        zh: "请只服务于它所管理的网络（如 `-s 192.0.2.0/24`），LDAP 只用 TLS；这类服务中需要面向公网的只有权威 DNS 服务器。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 389 -j ACCEPT
#~^ FW110
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 636 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::NameService),
};
