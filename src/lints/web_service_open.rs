//! The web is served.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW118",
    name: "web-service-open",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a web service is reachable", zh: "Web 服务可被访问" },
    why: Text {
        en: "A web server is usually meant to be public; the console at 8080, 8081 or 8090 beside it is usually not, \
             and consoles are where WebLogic, Confluence and many application servers have been taken over.",
        zh: "Web 服务器通常本就面向公众，但旁边 8080、8081、8090 上的控制台通常不是，WebLogic、Confluence 与许多应用服务器正是从控制台被攻破的。",
    },
    remedy: Text {
        en: "Keep what is meant to be public; put consoles and back ends on the loopback behind the reverse proxy, or \
             let in only their users.",
        zh: "确需公开的请保留；控制台与后端请只监听回环地址并置于反向代理之后，或只放行其使用者。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT
#~^ FW118
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -p tcp -m tcp --dport 8080 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::WebService),
};
