//! A printer, a camera or another device is reachable.

use super::{Example, Fix, Lint, service};
use crate::{
    knowledge::Category,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW115",
    name: "device-service-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a printer, camera or other device is reachable",
        zh: "打印机、摄像头等设备可被访问",
    },
    why: Text {
        en: "Firmware is seldom updated and often ships with one password for all: printers print and keep what \
             anybody sends, cameras show what they see, and botnets such as Mirai are made of little else.",
        zh: "设备固件很少更新，还常常整个型号共用一个默认口令：打印机谁发都印并留存内容，摄像头谁连都给看，Mirai 之类的僵尸网络几乎全由它们组成。",
    },
    remedy: Text {
        en: "Put devices in a network of their own and let in only those who use them (`-s 192.0.2.0/24`); from \
             outside, go through a VPN.",
        zh: "请将设备放进独立网段，只放行使用者（如 `-s 192.0.2.0/24`）；从外部访问请走 VPN。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 9100 -j ACCEPT
#~^ FW115
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 9100 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| service::report(cx, findings, &LINT, Category::DeviceService),
};
