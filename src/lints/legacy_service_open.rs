//! Protocols that nobody should run any more are reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW106",
    name: "legacy-service-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "an obsolete protocol is reachable", zh: "过时协议可被访问" },
    why: Text {
        en: "Protocols such as tcpmux, finger and POP2 were designed without encryption or authentication, their servers are \
             no longer maintained, and what they tell a stranger helps the next step of an attack.",
        zh: "tcpmux、finger、POP2 等协议在设计时没有加密与认证，其服务程序已无人维护，泄露的信息会帮助攻击者进行下一步。",
    },
    remedy: Text {
        en: "Remove the rule and switch the service off; if a machine still needs it, reach it through a tunnel.",
        zh: "请删除该规则并停用相应服务；若仍有设备依赖它，请经由隧道访问。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 79 -j ACCEPT
#~^ FW106
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -p tcp -m tcp --dport 79 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::LegacyService),
};
