//! A debugging or development service is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW114",
    name: "debug-service-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a debugging or development service is reachable",
        zh: "调试或开发服务可被访问",
    },
    why: Text {
        en: "A debugger exists to run code in somebody else's process: whoever reaches JDWP, adb, Jupyter or the Node \
             inspector needs no flaw, only the documented command.",
        zh: "调试接口的用途就是在别的进程里执行代码：能连上 JDWP、adb、Jupyter 或 Node inspector 的人无需任何漏洞，照文档输入命令即可。",
    },
    remedy: Text {
        en: "Switch it off in production, or bind it to `127.0.0.1` and forward the port when it is needed (`ssh -L \
             5005:127.0.0.1:5005 host`).",
        zh: "生产环境请关闭；确有需要时只监听 `127.0.0.1`，用到时再转发端口（`ssh -L 5005:127.0.0.1:5005 host`）。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 5005 -j ACCEPT
#~^ FW114
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -p tcp -m tcp --dport 5005 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::DebugService),
};
