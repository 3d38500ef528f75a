//! Line ends of another system.

use super::{Edit, Example, Fix, Lint, Place, Repair, refusal};
use crate::{
    lower::Input,
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
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
    check: |cx, findings| refusal::report_fixed(cx, findings, &LINT, |input, _| Some(fix(input))),
};

/// Every carriage return at the end of a line goes.
fn fix(input: &Input<'_>) -> Repair {
    let text = input.source.text().as_bytes();
    let ends = memchr::memchr_iter(b'\r', text)
        .filter(|at| text.get(at + 1).is_none_or(|next| *next == b'\n'));
    let edits = ends.filter_map(|at| {
        let start = u32::try_from(at).ok()?;
        let place = Place { file: input.file, span: Span::new(start, start + 1) };
        Some(Edit::replace(place, ""))
    });
    let title =
        Message { en: "end every line in LF".into(), zh: "将所有行尾改为 LF".into() };
    Repair::loads(title).edits(edits)
}
