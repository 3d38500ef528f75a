//! A table that is opened twice: the second block throws the first one away.

use super::{Context, Example, Finding, Findings, Fix, Label, Lint, Place};
use crate::{
    settings::{Persona, Severity},
    syntax::{
        Dialect,
        iptables::{Item, Table},
    },
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW407",
    name: "duplicate-table-block",
    severity: Severity::Error,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a table is opened twice in one file", zh: "同一文件中两次打开同一个表"
    },
    why: Text {
        en: "Every `*filter` line empties the table before it fills it, so that only the last block is in force; the rules \
             of the others look as if they counted.",
        zh: "每个 `*filter` 行都会先清空该表再填充，因此只有最后一块生效；其余各块的规则看似有效，实则无效。",
    },
    remedy: Text { en: "Merge the blocks into one.", zh: "请把这些块合并为一块。" },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
COMMIT
*filter
#~^ FW407
:INPUT DROP [0:0]
-A INPUT -p icmp -j ACCEPT
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p icmp -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for input in cx.inputs {
        let files = input.parsed.iptables();
        let tables = files.iter().flat_map(|(_, file)| {
            file.tables.iter().enumerate().map(|(index, it)| (&file.tables, index, it))
        });
        for (tables, index, table) in tables.filter(|(.., table)| !table.keeps) {
            // The nearest block before is the one that is in force until here.
            let earlier = tables[..index].iter().rev().find(|it| it.kind == table.kind);
            // A script may well begin with commands of its own.
            let Some(earlier) = earlier.filter(|it| !it.items.is_empty() && !it.keeps) else {
                continue;
            };
            findings.add(finding(cx, input.file, earlier, table));
        }
    }
}

fn finding(cx: &Context<'_>, file: u32, earlier: &Table, table: &Table) -> Finding {
    let name = table.kind.name();
    let place = |table: &Table| Place { file, span: table.name };
    let line = cx.line(place(earlier));
    let message = Message {
        en: format!("`*{name}` once more throws away the block of line {line}"),
        zh: format!("此处再次写 `*{name}`，会丢弃第 {line} 行开始的块"),
    };
    let label = Message {
        en: format!("empties table `{name}` before filling it"),
        zh: format!("先清空表 `{name}` 再填充"),
    };
    let rules = earlier.items.iter().filter(|it| matches!(it, Item::Rule(_))).count();
    let text = match rules {
        0 => Message { en: "of no effect".into(), zh: "不起作用".into() },
        1 => Message {
            en: "of no effect, with its one rule".into(),
            zh: "连同其 1 条规则不起作用".into(),
        },
        _ => Message {
            en: format!("of no effect, with its {rules} rules"),
            zh: format!("连同其 {rules} 条规则不起作用"),
        },
    };
    let mut finding = Finding::new(&LINT, place(table), message, label)
        .help(Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() });
    finding.labels.push(Label { place: place(earlier), text });
    finding
}
