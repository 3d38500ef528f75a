//! A few rules that one with a set says as well.

use super::{
    Context, Example, Finding, Findings, Fix, Lint, Place, Repair, alike, iptables_file, merge,
    nft_file::{self, NftFile},
};
use crate::{
    analysis::Run,
    model::Ruleset,
    settings::{Persona, Severity},
    syntax::{Dialect, FileKind},
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW610",
    name: "mergeable-rules",
    severity: Severity::Info,
    fix: Fix::Safe,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "rules in a row could be one rule with a list of values",
        zh: "连续的几条规则可合并为一条带多个值的规则",
    },
    why: Text {
        en: "The kernel compares a packet with each of them; in one rule it looks once, and the reader sees that they belong \
             together.",
        zh: "内核要把数据包与每条规则逐一比较；写成一条规则只需查找一次，读者也能看出它们属于一体。",
    },
    remedy: Text {
        en: "Write the values in braces, `tcp dport { 80, 443 } accept`, or behind `-m multiport --dports 80,443`.",
        zh: "请将各值写入花括号：`tcp dport { 80, 443 } accept`；iptables 则用 `-m multiport --dports 80,443`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.0/28 -p tcp -m tcp --dport 8443 -j ACCEPT
#~^ FW610
-A INPUT -s 192.0.2.0/28 -p tcp -m tcp --dport 9443 -j ACCEPT
-A INPUT -s 192.0.2.0/28 -p tcp -m tcp --dport 10443 -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.0/28 -p tcp -m multiport --dports 8443,9443,10443 -j ACCEPT
COMMIT
",
        },
        Example {
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
        },
    ],
    check,
};

/// Two rules are soon written and soon read.
const SOME: u32 = 3;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    for run in alike::runs(cx, SOME) {
        // Long lists of addresses have a lint of their own.
        if alike::is_of_addresses(&run) && run.count >= alike::MANY {
            continue;
        }
        let file = ruleset.rule(run.first).place.file;
        let nft = nft_file::all(cx).find(|it| it.index == file);
        let iptables = iptables_file::all(cx).find(|it| it.index == file);
        if let Some(file) = nft.filter(|file| is_plain(ruleset, file, &run)) {
            let title = Message {
                en: "write one rule with a set".into(),
                zh: "合并为一条带集合的规则".into(),
            };
            let edits = merge::with_set(&file, ruleset, &run).zip(merge::rest_gone(
                file.source,
                ruleset,
                &run,
            ));
            let fix = edits.map(|(one, rest)| Repair::safe(title).edit(one).edit(rest));
            findings.add(finding(cx, &run, SET).fixed_by(fix));
        }
        if let Some(file) = iptables.filter(|file| file.kind != FileKind::Dump) {
            // Other values than ports have no list, and a longer one has no place.
            let Some(one) = merge::with_ports(&file, ruleset, &run) else { continue };
            let title = Message {
                en: "write one rule with `multiport`".into(),
                zh: "合并为一条使用 `multiport` 的规则".into(),
            };
            let rest = merge::rest_gone(file.source, ruleset, &run);
            let fix = rest.map(|rest| Repair::safe(title).edit(one).edit(rest));
            findings.add(finding(cx, &run, PORTS).fixed_by(fix));
        }
    }
}

/// Whether nothing is lost where the rules of a run become one: a comment, or a named set, which is no value.
fn is_plain(ruleset: &Ruleset, file: &NftFile<'_>, run: &Run) -> bool {
    file.kind != FileKind::Dump
        && merge::rules(run).all(|id| {
            let rule = ruleset.rule(id);
            let text = file.source.slice(rule.place.span);
            let value = file.source.slice(ruleset.steps_of(rule)[run.step].span);
            rule.place.file == file.index
                && !text.contains(" comment ")
                && !value.contains(['@', '$'])
        })
}

/// What one rule would have.
const SET: Text = Text { en: "a set", zh: "集合" };
const PORTS: Text = Text { en: "`multiport`", zh: " `multiport` " };

fn finding(cx: &Context<'_>, run: &Run, with: Text) -> Finding {
    let (count, rule) = (run.count, cx.ruleset().rule(run.first));
    let message = Message {
        en: format!(
            "{count} rules in a row differ in this value only: one rule with {} says the same",
            with.en
        ),
        zh: format!("连续 {count} 条规则仅此值不同：一条带{}的规则即可表达", with.zh),
    };
    let label = Message { en: "the first of them".into(), zh: "其中第一条".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let span = cx.ruleset().steps_of(rule)[run.step].span;
    Finding::new(&LINT, Place { file: rule.place.file, span }, message, label).help(help)
}
