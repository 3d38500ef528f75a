//! A service that asks for no password is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW111",
    name: "unauthenticated-service-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a service that asks for no password is reachable",
        zh: "默认无需认证的服务可被访问",
    },
    why: Text {
        en: "Out of the box it trusts whoever connects: an X server shows the screen and takes keystrokes, rsh \
             believes the name that the caller gives, YARN runs the job it is handed.",
        zh: "这类服务出厂即信任任何来客：X server 会交出屏幕与键盘，rsh 只凭对方自报的身份，YARN 则直接运行提交来的作业。",
    },
    remedy: Text {
        en: "Bind it to `127.0.0.1` and reach it through SSH (`ssh -X`, `ssh -L`); if others must use it, put a proxy \
             that authenticates in front.",
        zh: "请让它只监听 `127.0.0.1` 并经由 SSH 访问（`ssh -X`、`ssh -L`）；若必须供他人使用，请在前面加一层带认证的代理。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 6000 -j ACCEPT
#~^ FW111
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -p tcp -m tcp --dport 6010 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::UnauthenticatedService),
};
