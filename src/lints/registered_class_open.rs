//! A rule opens all registered ports.

use super::{Example, Fix, Lint, range};
use crate::{
    analysis::RangeClass,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW122",
    name: "registered-class-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a rule opens all registered ports", zh: "规则放行全部注册端口" },
    why: Text {
        en: "Ports 1024 to 49151 hold nearly every database, message broker, debugger and admin console there is; such \
             a rule is most often an old way of letting replies in, which connection tracking does without opening \
             anything.",
        zh: "1024-49151 几乎囊括所有数据库、消息中间件、调试接口与管理控制台；这种规则多半是早年放行回包的写法，而连接跟踪无需开放任何端口就能做到。",
    },
    remedy: Text {
        en: "Let replies in by state (`--ctstate ESTABLISHED,RELATED`, in nftables `ct state established,related`) and name the ports that this host \
             serves.",
        zh: "回包请按状态放行（`--ctstate ESTABLISHED,RELATED`，nftables 为 `ct state established,related`），并写明本机实际提供服务的端口。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 1024:49151 -j ACCEPT
#~^ FW122
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| range::report(cx, findings, &LINT, RangeClass::Registered),
};
