//! Mail is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW117",
    name: "mail-service-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a mail service is reachable", zh: "邮件服务可被访问" },
    why: Text {
        en: "A mail server must be reachable to receive, and is tried around the clock for it: as an open relay, with \
             guessed passwords at submission, and for the flaws of its version. On any other host, port 25 is a \
             leftover.",
        zh: "邮件服务器要收信就必须可达，也因此昼夜被人试探：是否为开放转发（open relay）、提交端口能否爆破、版本有无漏洞。若本机并非邮件服务器，开放 25 端口多半是遗留配置。",
    },
    remedy: Text {
        en: "Open 25 only on the hosts that MX records name; behind a relay or a filter, let in only its addresses \
             (`-s 192.0.2.0/24`). Users submit at 465 or 587, with TLS and a login.",
        zh: "请只在 MX 记录指向的主机上开放 25；若前面有中继或过滤服务，只放行其地址（如 `-s 192.0.2.0/24`）。用户发信请用 465 或 587，并启用 TLS 与登录。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 25 -j ACCEPT
#~^ FW117
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 25 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::MailService),
};
