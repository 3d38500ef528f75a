//! A rule opens more than a hundred ports in a row.

use super::{Example, Fix, Lint, range};
use crate::{
    analysis::RangeClass,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW124",
    name: "wide-range-open",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rule opens a wide range of ports", zh: "规则放行大段连续端口"
    },
    why: Text {
        en: "Nobody can say what listens at each of a hundred ports or more, today or next year; such a range is \
             usually there for one program, which needs far fewer.",
        zh: "上百个端口上现在和将来都监听着什么，没有人说得清；这种大段放行往往只是为了某一个程序，而它需要的端口要少得多。",
    },
    remedy: Text {
        en: "Set the program's range to what it needs and open exactly that, or name its clients (`-s 192.0.2.0/24`).",
        zh: "请把程序的端口范围设成实际所需并只放行这些端口，或写明其客户端地址（如 `-s 192.0.2.0/24`）。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 5000:9999 -j ACCEPT
#~^ FW124
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 9500:9549 -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| range::report(cx, findings, &LINT, RangeClass::Wide),
};
