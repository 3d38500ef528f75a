//! A data store is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW102",
    name: "data-store-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a data store is reachable", zh: "数据存储服务可被访问" },
    why: Text {
        en: "Scripts look for databases around the clock, and copy, encrypt or delete what they find: Redis, MongoDB \
             and Elasticsearch have shipped without a password, and who administers Redis or PostgreSQL can run \
             commands on the host.",
        zh: "脚本昼夜不停地寻找数据库，找到后便拖库、加密或清空：Redis、MongoDB、Elasticsearch 都曾默认不设口令，而拿到 Redis 或 PostgreSQL 管理权限的人还能在主机上执行命令。",
    },
    remedy: Text {
        en: "Bind it to `127.0.0.1` or to the application's own network, and let in only the application servers (`-s \
             10.0.3.0/28`); people go through a VPN or an SSH tunnel.",
        zh: "请让它只监听 `127.0.0.1` 或应用内网，只放行应用服务器（如 `-s 10.0.3.0/28`）；人员访问请走 VPN 或 SSH 隧道。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 6379 -j ACCEPT
#~^ FW102
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -p tcp -m tcp --dport 6379 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::DataStore),
};
