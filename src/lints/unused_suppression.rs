//! A suppression that silences nothing.

use super::{
    Edit, Example, Finding, Fix, Lint, Repair,
    quote::quoted,
    repair::own_lines,
    suppressions::{self, Commented},
};
use crate::{
    settings::{Persona, Severity},
    source::Span,
    syntax::{
        Dialect,
        suppression::{FIRST_LINES, Suppression},
    },
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW901",
    name: "unused-suppression",
    severity: Severity::Warning,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a suppression silences nothing", zh: "抑制注释没有抑制任何告警"
    },
    why: Text {
        en: "The rule it was written for has changed or gone. It would silence the next rule that is written there, \
             which nobody has looked at.",
        zh: "它所针对的规则已经改动或删除。留着它，以后写在该处、未经审查的规则也会被抑制。",
    },
    remedy: Text {
        en: "Remove it, or take the code out of its list.",
        zh: "请将其删除，或从列表中去掉该代码。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
# fwlint: ignore[FW101] OPS-4312: the vendor's support
#~^ FW901
-A INPUT -i lo -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
# fwlint: ignore[FW101] OPS-4312: the vendor's support
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		ip saddr 192.0.2.0/28 tcp dport 22 accept # fwlint: ignore[FW104] OPS-4312: the vendor's support
#~^ FW901
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority 0; policy drop;
		tcp dport 23 accept # fwlint: ignore[FW104] OPS-4312: the vendor's support
	}
}
",
        },
    ],
    check: suppressions::nothing,
};

/// That `words` of a suppression silence nothing.
pub(super) fn finding(file: Commented<'_>, suppression: &Suppression, words: &[Span]) -> Finding {
    let all = words.len() == suppression.words.len();
    let (span, message) = match words {
        [word] if !all => {
            let word_shown = quoted(file.text(*word));
            let message = Message {
                en: format!("this suppression silences no {word_shown}"),
                zh: format!("此抑制注释没有抑制任何 {word_shown}"),
            };
            (*word, message)
        }
        _ => {
            let names: Vec<String> = words.iter().map(|word| quoted(file.text(*word))).collect();
            let message = Message {
                en: format!("this suppression silences nothing: no {} here", names.join(", ")),
                zh: format!("此抑制注释没有抑制任何告警：此处没有 {}", names.join("、")),
            };
            (suppression.span, message)
        }
    };
    let label = Message { en: "not reported here".into(), zh: "此处未报告".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let finding = Finding::new(&LINT, file.place(span), message, label).help(help);
    let fix = if all { removal(file, suppression) } else { shortening(file, suppression, words) };
    finding.fixed_by(fix)
}

/// Takes it out, with the comment that says nothing else.
fn removal(file: Commented<'_>, suppression: &Suppression) -> Option<Repair> {
    let span = suppression.removable?;
    let title = Message { en: "remove the suppression".into(), zh: "删除此抑制注释".into() };
    let span = own_lines(file.source, span).unwrap_or(span);
    Some(Repair::safe(title).edit(Edit::replace(file.place(span), "")))
}

/// Takes some words out of its list.
fn shortening(file: Commented<'_>, suppression: &Suppression, idle: &[Span]) -> Option<Repair> {
    suppression.removable?;
    let list = suppression.words.first()?.to(*suppression.words.last()?);
    let comma = if file.text(list).contains(", ") { ", " } else { "," };
    let kept = suppression.words.iter().filter(|it| !idle.contains(it));
    let kept: Vec<&str> = kept.map(|it| file.text(*it)).collect();
    let title = Message { en: "take it out of the list".into(), zh: "从列表中去掉".into() };
    Some(Repair::safe(title).edit(Edit::replace(file.place(list), kept.join(comma))))
}

/// That `ignore-file` stands where it has no effect.
pub(super) fn out_of_place(file: Commented<'_>, suppression: &Suppression) -> Finding {
    let message = Message {
        en: format!(
            "`ignore-file` has no effect behind line {FIRST_LINES}, or in the comment of a rule"
        ),
        zh: format!("`ignore-file` 写在第 {FIRST_LINES} 行之后或规则的注释中时不起作用"),
    };
    let label = Message { en: "not followed".into(), zh: "未被采用".into() };
    let help = Message {
        en: format!("Write it in a `#` comment of the first {FIRST_LINES} lines."),
        zh: format!("请写在前 {FIRST_LINES} 行的 `#` 注释中。"),
    };
    Finding::new(&LINT, file.place(suppression.span), message, label).help(help)
}
