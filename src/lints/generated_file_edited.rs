//! A rule of one's own in a file that a program writes.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, iptables_file};
use crate::{
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};
use iptables_file::IptablesFile;

pub(super) static LINT: Lint = Lint {
    code: "FW807",
    name: "generated-file-edited",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "a rule was written by hand into a file that ufw writes",
        zh: "在 ufw 生成的文件中手工写入了规则",
    },
    why: Text {
        en: "ufw makes `user.rules` anew from its own notes (the lines with `### tuple ###`) at every command. A rule without such a \
             note is gone after the next one.",
        zh: "每次执行命令时，ufw 都会根据自己的记录（含 `### tuple ###` 的行）重写 `user.rules`。\
             没有对应记录的规则在下一条命令之后就会消失。",
    },
    remedy: Text {
        en: "Let ufw add it (`ufw allow ...`), or write it into `before.rules` or `after.rules`, which ufw leaves alone.",
        zh: "请用 ufw 命令添加（`ufw allow ...`），或写入 ufw 不会改动的 `before.rules` 或 `after.rules`。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:ufw-user-input - [0:0]
### RULES ###

### tuple ### allow any any 0.0.0.0/0 any 192.0.2.7 in
-A ufw-user-input -s 192.0.2.7 -j ACCEPT

-A ufw-user-input -p icmp -j ACCEPT
#~^ FW807
### END RULES ###
COMMIT
",
        good: "\
*filter
:ufw-user-input - [0:0]
### RULES ###

### tuple ### allow any any 0.0.0.0/0 any 192.0.2.7 in
-A ufw-user-input -s 192.0.2.7 -j ACCEPT

### END RULES ###
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for file in iptables_file::all(cx) {
        let edits = edits(&file);
        if let [first, ..] = edits[..] {
            findings.add(finding(file.place(first), edits.len() - 1));
        }
    }
}

/// The rules that ufw has no note of.
// file    := (rule | section)*
// section := "### " name " ###" (tuple rule* blank | rule)* "### END " name " ###"
fn edits(file: &IptablesFile<'_>) -> Vec<Span> {
    let text = file.source.text();
    let mut edits = Vec::new();
    if !text.contains("### RULES ###\n") || !text.contains("### END RULES ###\n") {
        return edits;
    }
    let (mut among_rules, mut noted) = (false, false);
    for number in 1..=file.source.line_count() {
        let span = file.source.line(number);
        match file.source.slice(span).trim_end() {
            "### RULES ###" => among_rules = true,
            "### END RULES ###" => among_rules = false,
            "" => noted = false,
            line if line.starts_with("### tuple ###") => noted = true,
            line if among_rules && !noted && line.starts_with(['-', '[']) => edits.push(span),
            _ => {}
        }
    }
    edits
}

fn finding(place: Place, more: usize) -> Finding {
    let message = Message {
        en: "ufw has no note of this rule and leaves it out when it writes the file anew".into(),
        zh: "ufw 没有此规则的记录，重写文件时会将其丢弃".into(),
    };
    let label = match more {
        0 => Message {
            en: "no `### tuple ###` before it".into(),
            zh: "前面没有 `### tuple ###`".into(),
        },
        1 => Message {
            en: "no `### tuple ###` before it, nor before one more rule".into(),
            zh: "前面没有 `### tuple ###`，另有 1 条规则相同".into(),
        },
        _ => Message {
            en: format!("no `### tuple ###` before it, nor before {more} more rules"),
            zh: format!("前面没有 `### tuple ###`，另有 {more} 条规则相同"),
        },
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, place, message, label).help(help)
}
