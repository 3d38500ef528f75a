//! A suppression of something that no lint is called.

use super::{
    ALL, Example, Finding, Findings, Fix, Lint,
    quote::quoted,
    suppressions::{self, Commented},
};
use crate::{
    settings::{LintName, Persona, Severity, unknown_lint},
    syntax::{
        Dialect,
        suppression::{Malformed, Suppression},
    },
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW904",
    name: "unknown-code",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a suppression names no lint", zh: "抑制注释所写的检查项不存在"
    },
    why: Text {
        en: "A misspelt suppression silences nothing; whoever wrote it believes that it does.",
        zh: "写错的抑制注释不起任何作用，而写它的人以为已经生效。",
    },
    remedy: Text {
        en: "Write a code or a name that `fwlint lints` lists: `fwlint: ignore[FW101] reason`.",
        zh: "请写 `fwlint lints` 列出的代码或名称：`fwlint: ignore[FW101] 原因`。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
# fwlint: ignore[admin-servce-open] OPS-4312: the vendor's support
#~^ FW904
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
#~^ FW101
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
# fwlint: ignore[admin-service-open] OPS-4312: the vendor's support
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
",
    }],
    check: suppressions::nothing,
};

/// Reports the words of a suppression that name no lint.
pub(super) fn words(file: Commented<'_>, suppression: &Suppression, findings: &mut Findings) {
    let names: Vec<_> = ALL.iter().map(|it| LintName { code: it.code, name: it.name }).collect();
    for word in &suppression.words {
        let Err(nearest) = unknown_lint(file.text(*word), &names) else { continue };
        let shown = quoted(file.text(*word));
        let message = Message {
            en: format!("no lint has the code or name {shown}"),
            zh: format!("没有代码或名称为 {shown} 的检查项"),
        };
        let label = nearest.map_or_else(idle, |nearest| Message {
            en: format!("did you mean `{nearest}`?"),
            zh: format!("您是否想写 `{nearest}`？"),
        });
        findings.add(Finding::new(&LINT, file.place(*word), message, label).help(remedy()));
    }
}

/// What begins as a suppression and is none.
pub(super) fn malformed(file: Commented<'_>, malformed: &Malformed) -> Finding {
    let word = file.text(malformed.word);
    let message = if matches!(word, "ignore" | "ignore-file") {
        Message {
            en: format!(
                "this suppression names no lint: {} wants a list in brackets",
                quoted(word)
            ),
            zh: format!("此抑制注释没有写明检查项：{} 之后应为方括号中的列表", quoted(word)),
        }
    } else {
        Message {
            en: format!(
                "this is no suppression: {} is neither `ignore` nor `ignore-file`",
                quoted(word)
            ),
            zh: format!("这不是抑制注释：{} 既不是 `ignore` 也不是 `ignore-file`", quoted(word)),
        }
    };
    Finding::new(&LINT, file.place(malformed.span), message, idle()).help(remedy())
}

fn idle() -> Message {
    Message { en: "silences nothing".into(), zh: "不起作用".into() }
}

fn remedy() -> Message {
    Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() }
}
