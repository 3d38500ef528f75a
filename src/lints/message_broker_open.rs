//! A message broker is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW112",
    name: "message-broker-open",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a message broker is reachable", zh: "消息中间件可被访问" },
    why: Text {
        en: "Brokers often take clients without a password or with the default one: a stranger then reads every queue, \
             forges messages that other systems obey, or fills the disk; ActiveMQ and RocketMQ have had flaws that ran \
             code before any login.",
        zh: "消息中间件常不设口令或沿用默认口令：陌生人可读取全部队列、伪造其他系统会照办的消息，或写满磁盘；ActiveMQ、RocketMQ 还出现过无需登录即可执行代码的漏洞。",
    },
    remedy: Text {
        en: "Let in only producers and consumers, by address (`-s 10.0.3.0/24`); devices on the internet use TLS with \
             credentials of their own (MQTT at 8883).",
        zh: "请按地址只放行生产者与消费者（如 `-s 10.0.3.0/24`）；公网设备请使用 TLS 与各自独立的凭据（如 8883 上的 MQTT）。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 1883 -j ACCEPT
#~^ FW112
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 8883 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::MessageBroker),
};
