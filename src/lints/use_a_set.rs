//! Many rules that differ in an address only.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, alike};
use crate::{
    analysis::Run,
    model::Field,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW908",
    name: "use-a-set",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "many rules in a row differ in nothing but an address",
        zh: "连续许多规则仅地址不同",
    },
    why: Text {
        en: "Each packet is compared with one rule after the other, and a list that grows as rules changes with every line; a \
             set is looked up at once, and is filled without touching the rules.",
        zh: "每个数据包都要逐条比较这些规则，名单每增减一项都要改动规则；集合只需查找一次，增减元素也不必改动规则。",
    },
    remedy: Text {
        en: "Keep the addresses in an `ipset` (`-m set --match-set NAME src`) or in a set of nftables (`ip saddr @name`).",
        zh: "请将这些地址放入 `ipset`（`-m set --match-set NAME src`）或 nftables 集合（`ip saddr @name`）。",
    },
    examples: &[Example {
        dialect: Dialect::Iptables,
        settings: "",
        bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.1/32 -p icmp -j ACCEPT
#~^ FW908
-A INPUT -s 192.0.2.2/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.3/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.4/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.5/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.6/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.7/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.8/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.9/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.10/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.11/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.12/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.13/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.14/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.15/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.16/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.17/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.18/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.19/32 -p icmp -j ACCEPT
-A INPUT -s 192.0.2.20/32 -p icmp -j ACCEPT
COMMIT
",
        good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p icmp -m set --match-set monitors src -j ACCEPT
COMMIT
",
    }],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    for run in alike::runs(cx, alike::MANY) {
        if alike::is_of_addresses(&run) {
            findings.add(finding(cx, &run));
        }
    }
}

fn finding(cx: &Context<'_>, run: &Run) -> Finding {
    let (count, rule) = (run.count, cx.ruleset().rule(run.first));
    let of_source = run.field == Field::Source;
    let (en, zh) =
        if of_source { ("source", "源地址") } else { ("destination", "目的地址") };
    let message = Message {
        en: format!("{count} rules in a row differ in nothing but the {en} address"),
        zh: format!("连续 {count} 条规则仅{zh}不同"),
    };
    let label = Message { en: "the first of them".into(), zh: "其中第一条".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let span = cx.ruleset().steps_of(rule)[run.step].span;
    Finding::new(&LINT, Place { file: rule.place.file, span }, message, label).help(help)
}
