//! Lines that put each rule in front of the one before.

use super::{Context, Example, Finding, Findings, Fix, Label, Lint, iptables_file, quote::quoted};
use crate::{
    analysis::diff::Reordered,
    model::{ChainId, RuleId},
    settings::{Persona, Severity},
    source::Span,
    syntax::{Dialect, iptables},
    words::{Message, Text},
};
use iptables_file::IptablesFile;
use std::collections::BTreeSet;

pub(super) static LINT: Lint = Lint {
    code: "FW701",
    name: "insert-reverses-order",
    severity: Severity::Warning,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "rules that are inserted one by one stand in reverse",
        zh: "逐条插入的规则顺序颠倒",
    },
    why: Text {
        en: "`-I CHAIN` puts a rule first. Of several such lines the last one comes first, so that an exception written in front \
             of its rule stands behind it.",
        zh: "`-I CHAIN` 会把规则放到链首。连续几行如此书写时，最后一行反而排在最前，写在前面的例外便落到了后面。",
    },
    remedy: Text {
        en: "Write `-A` in the order that is wanted, or give each line its place: `-I INPUT 1`, `-I INPUT 2`.",
        zh: "请按期望的顺序使用 `-A`，或写明位置：`-I INPUT 1`、`-I INPUT 2`。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
-I INPUT -s 192.0.2.7/32 -p icmp -j ACCEPT
#~^ FW701
-I INPUT -s 192.0.2.0/24 -p icmp -j DROP
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.7/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.0/24 -p icmp -j DROP
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    for file in iptables_file::all(cx) {
        let first = |rule: &&iptables::Rule| rule.place == iptables::Place::Insert(1);
        let lines: BTreeSet<Span> = file.rules().filter(first).map(|rule| rule.line).collect();
        if lines.len() < 2 {
            continue;
        }
        for id in (0..).map(ChainId).take(ruleset.chains.len()) {
            let inserted = ruleset.rules_of(id).filter(|(_, rule)| {
                rule.place.file == file.index && lines.contains(&rule.place.span)
            });
            let mut rules: Vec<RuleId> = inserted.map(|(id, _)| id).collect();
            let as_loaded = rules.clone();
            rules.sort_by_key(|it| ruleset.rule(*it).place.span.start);
            if rules == as_loaded {
                continue;
            }
            if let Some(found) = cx.analysis.reordered(&rules) {
                findings.add(finding(cx, &file, &ruleset.chain(id).name, &rules, &found));
            }
        }
    }
}

fn finding(
    cx: &Context<'_>,
    file: &IptablesFile<'_>,
    chain: &str,
    rules: &[RuleId],
    found: &Reordered,
) -> Finding {
    let (name, count) = (quoted(&format!("-I {chain}")), rules.len());
    let message = Message {
        en: format!(
            "{count} lines with {name} stand in reverse once loaded, and that decides what passes"
        ),
        zh: format!("{count} 行 {name} 加载后顺序颠倒，并改变了哪些数据包能通过"),
    };
    let line = |id: RuleId| file.place(cx.ruleset().rule(id).place.span);
    // The one that would decide if the lines were loaded as they are written.
    let meant = found.after.filter(|it| rules.contains(it)).unwrap_or(rules[0]);
    let label = Message { en: "written first".into(), zh: "写在前面".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let mut finding = Finding::new(&LINT, line(meant), message, label).help(help);
    if let Some(decides) = found.before.filter(|it| *it != meant && rules.contains(it)) {
        let text = Message { en: "comes before it".into(), zh: "实际排在它之前".into() };
        finding.labels.push(Label { place: line(decides), text });
    }
    finding.witness = found.witness.as_ref().map(ToString::to_string);
    finding
}
