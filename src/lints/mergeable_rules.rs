//! A few rules that one with a set says as well.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, alike, nft_file};
use crate::{
    analysis::Run,
    model::RuleId,
    settings::{Persona, Severity},
    syntax::{Dialect, FileKind},
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW610",
    name: "mergeable-rules",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "rules in a row could be one rule with a set",
        zh: "连续的几条规则可合并为一条使用集合的规则",
    },
    why: Text {
        en: "The kernel compares a packet with each of them; in one rule with a set it looks once, and the reader sees that they \
             belong together.",
        zh: "内核要把数据包与每条规则逐一比较；写成一条带集合的规则只需查找一次，读者也能看出它们属于一体。",
    },
    remedy: Text {
        en: "Write the values in braces: `tcp dport { 80, 443 } accept`.",
        zh: "请将各值写入花括号：`tcp dport { 80, 443 } accept`。",
    },
    examples: &[Example {
        dialect: Dialect::Nft,
        settings: "",
        bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		icmp type echo-request accept
#~^ FW610
		icmp type destination-unreachable accept
		icmp type time-exceeded accept
	}
}
",
        good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		icmp type { echo-request, destination-unreachable, time-exceeded } accept
	}
}
",
    }],
    check,
};

/// Two rules are soon written and soon read.
const SOME: u32 = 3;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    if nft_file::all(cx).next().is_none() {
        return;
    }
    for run in alike::runs(cx, SOME) {
        // Long lists of addresses have a lint of their own.
        let is_list = alike::is_of_addresses(&run) && run.count >= alike::MANY;
        if !is_list && is_plain(cx, &run) {
            findings.add(finding(cx, &run));
        }
    }
}

/// Whether nothing is lost where the rules of a run become one: a comment, or a named set, which is no value.
fn is_plain(cx: &Context<'_>, run: &Run) -> bool {
    let ruleset = cx.ruleset();
    let file = ruleset.rule(run.first).place.file;
    let Some(file) = nft_file::all(cx).find(|it| it.index == file) else { return false };
    file.kind != FileKind::Dump
        && (run.first.0..run.first.0 + run.count).all(|id| {
            let rule = ruleset.rule(RuleId(id));
            let text = file.source.slice(rule.place.span);
            let value = file.source.slice(ruleset.steps_of(rule)[run.step].span);
            rule.place.file == file.index
                && !text.contains(" comment ")
                && !value.contains(['@', '$'])
        })
}

fn finding(cx: &Context<'_>, run: &Run) -> Finding {
    let (count, rule) = (run.count, cx.ruleset().rule(run.first));
    let message = Message {
        en: format!(
            "{count} rules in a row differ in this value only: one rule with a set says the same"
        ),
        zh: format!("连续 {count} 条规则仅此值不同：一条带集合的规则即可表达"),
    };
    let label = Message { en: "the first of them".into(), zh: "其中第一条".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let span = cx.ruleset().steps_of(rule)[run.step].span;
    Finding::new(&LINT, Place { file: rule.place.file, span }, message, label).help(help)
}
