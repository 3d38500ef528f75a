//! Metrics, logs or their agents are reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW113",
    name: "monitoring-service-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a monitoring service is reachable", zh: "监控服务可被访问" },
    why: Text {
        en: "Metrics and logs tell a stranger versions, host names, paths and load, often without a login; agents such \
             as NRPE and Zabbix run commands, and a port that takes logs lets anybody write history.",
        zh: "指标与日志往往无需登录就会透露版本、主机名、路径与负载；NRPE、Zabbix 等代理还能执行命令，而接收日志的端口则任人伪造记录。",
    },
    remedy: Text {
        en: "Let in only the monitoring server (`-s 192.0.2.10`); show dashboards through a proxy with a login.",
        zh: "请只放行监控服务器（如 `-s 192.0.2.10`）；仪表盘请经由带登录的代理对外展示。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 9090 -j ACCEPT
#~^ FW113
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.10/32 -p tcp -m tcp --dport 9090 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::MonitoringService),
};
