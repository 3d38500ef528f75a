//! A table that is never committed.

use super::{Edit, Example, Fix, Lint, Place, Repair, refusal};
use crate::{
    lower::Input,
    settings::{Persona, Severity},
    source::Span,
    syntax::{Dialect, Error},
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW405",
    name: "missing-commit",
    severity: Severity::Error,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "a table lacks its `COMMIT`", zh: "表缺少 `COMMIT`" },
    why: Text {
        en: "The loader collects the lines of a table and hands them to the kernel at `COMMIT`; without it, nothing of the \
             table is loaded and the loader fails.",
        zh: "加载程序先收集一个表的所有行，遇到 `COMMIT` 才交给内核；没有它，该表的内容一概不会加载，加载程序也会报错。",
    },
    remedy: Text {
        en: "Write `COMMIT` on a line of its own after the table's last rule.",
        zh: "请在该表最后一条规则之后另起一行写 `COMMIT`。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
#~^ FW405
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
COMMIT
",
    }],
    check: |cx, findings| refusal::report_fixed(cx, findings, &LINT, fix),
};

/// `COMMIT` behind the last line of the table that says something.
fn fix(input: &Input<'_>, error: &Error) -> Option<Repair> {
    let text = input.source.text();
    let mut last = error.span;
    let mut start = input.source.whole_lines(error.span).end;
    for line in text.get(start as usize..)?.split_inclusive('\n') {
        let end = start + u32::try_from(line.len()).ok()?;
        if line.starts_with('*') {
            break;
        }
        if !line.trim_ascii().is_empty() && !line.starts_with('#') {
            last = Span::new(start, end);
        }
        start = end;
    }
    let title = Message {
        en: "write `COMMIT` behind the last line of the table".into(),
        zh: "在该表最后一行之后写上 `COMMIT`".into(),
    };
    let place = Place { file: input.file, span: last };
    Some(Repair::loads(title).edit(Edit::below(input.source, place, "COMMIT")))
}
