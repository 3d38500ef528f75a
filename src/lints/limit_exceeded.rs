//! A name, list or line that is longer than the loader or the kernel takes.

use super::{Example, Fix, Lint, refusal};
use crate::{
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW415",
    name: "limit-exceeded",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a name, list or line is longer than the loader takes",
        zh: "名称、列表或行的长度超过加载程序的上限",
    },
    why: Text {
        en: "Past its bounds (15 ports in a list, 15 bytes of an interface's name, 28 of a chain's) the loader refuses the \
             file; a log prefix is cut off without a word, and what searches the log for it finds nothing.",
        zh: "超过上限（端口列表 15 个、接口名 15 字节、链名 28 字节）时，加载程序会拒绝整个文件；\
             日志前缀则会被悄悄截断，按前缀检索日志便一无所获。",
    },
    remedy: Text {
        en: "Shorten it; split a list of ports over two rules, or use an ipset.",
        zh: "请缩短它；端口列表可拆成两条规则，或改用 ipset。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i enterprise-uplink0 -p icmp -j ACCEPT
#~^ FW415
-A INPUT -m limit --limit 5/min -j LOG --log-prefix \"dropped at the end of chain INPUT: \"
#~^ FW415
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i uplink0 -p icmp -j ACCEPT
-A INPUT -m limit --limit 5/min -j LOG --log-prefix \"dropped in INPUT: \"
COMMIT
",
    }],
    check: |cx, findings| refusal::report(cx, findings, &LINT),
};
