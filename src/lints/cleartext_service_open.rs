//! A service that sends passwords in the clear is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW104",
    name: "cleartext-service-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a service that sends passwords in the clear is reachable",
        zh: "明文传输口令的服务可被访问",
    },
    why: Text {
        en: "Telnet, FTP and rlogin, and POP3 and IMAP before STARTTLS, send the user name and password as plain text: \
             anybody on the way can read them, and the same password usually opens more than this one service.",
        zh: "Telnet、FTP、rlogin 以及未启用 STARTTLS 的 POP3、IMAP 都以明文发送用户名与口令：途经的任何人都能读到，而同一口令往往还能打开别的系统。",
    },
    remedy: Text {
        en: "Replace it by its encrypted successor (SSH for Telnet and rlogin, SFTP for FTP, 993 and 995 for mail) and \
             remove the rule.",
        zh: "请改用加密的后继协议（Telnet、rlogin 换成 SSH，FTP 换成 SFTP，收信改用 993、995），并删除该规则。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 23 -j ACCEPT
#~^ FW104
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::CleartextService),
};
