//! Line ends of another system.

use super::{Example, Fix, Lint, refusal};
use crate::{
    settings::{Persona, Severity},
    syntax::Dialect,
    words::Text,
};

pub(super) static LINT: Lint = Lint {
    code: "FW406",
    name: "crlf",
    severity: Severity::Error,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "lines end in CR LF", zh: "行尾为 CR LF" },
    why: Text {
        en: "The loader takes the carriage return for a part of the last word: there is no table `filter\\r` and no target \
             `ACCEPT\\r`, so nothing is loaded.",
        zh: "加载程序会把回车符当作最后一个词的一部分：既没有表 `filter\\r`，也没有目标 `ACCEPT\\r`，因此什么都不会加载。",
    },
    remedy: Text {
        en: "Save the file with LF line ends, and say `eol=lf` for it in `.gitattributes`.",
        zh: "请以 LF 行尾保存该文件，并在 `.gitattributes` 中为其写明 `eol=lf`。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "*filter\r\n#~^ FW406\r\n:INPUT DROP [0:0]\r\n-A INPUT -i lo -j ACCEPT\r\nCOMMIT\r\n",
        good: "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n",
    }],
    check: |cx, findings| refusal::report(cx, findings, &LINT),
};
