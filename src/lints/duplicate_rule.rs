//! The same rule twice.

use super::{Context, Example, Findings, Fix, Label, Lint, dead};
use crate::{
    analysis::{Cause, DeadRule},
    model::RuleId,
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};
use std::collections::BTreeMap;

pub(super) static LINT: Lint = Lint {
    code: "FW205",
    name: "duplicate-rule",
    severity: Severity::Warning,
    fix: Fix::Safe,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text { en: "the same rule stands twice", zh: "同一规则出现两次" },
    why: Text {
        en: "A copy never matches, for the first one takes its packets. It mostly comes from a script that was run twice, or a file that was loaded without emptying the table first: then there are more, and removing one rule no longer closes what it opened.",
        zh: "副本永远不会匹配，因为第一条已处理它的数据包。这多半是脚本运行了两次，或者加载文件前没有清空表：此时往往不止一处，删掉一条规则也关不上它开的口子。",
    },
    remedy: Text {
        en: "Remove the copies, and let the script check (`iptables -C`) or flush before it adds.",
        zh: "请删除副本，并让脚本在添加前先检查（`iptables -C`）或清空。",
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
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
#~^ FW205
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
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
		ip saddr 192.0.2.0/24 tcp dport 443 accept
		ip saddr 192.0.2.0/24 tcp dport 443 accept
#~^ FW205
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 192.0.2.0/24 tcp dport 443 accept
	}
}
",
        },
    ],
    check,
};

/// The most copies that are shown.
const SHOWN: usize = 3;

/// One finding for all copies of a rule, on the first of them.
fn check(cx: &Context<'_>, findings: &mut Findings) {
    let mut groups: BTreeMap<RuleId, Vec<&DeadRule>> = BTreeMap::new();
    for it in dead::told(cx) {
        if let Cause::Copy(first) = it.cause
            && super::log::is_alike(cx, first, it.rule)
        {
            groups.entry(first).or_default().push(it);
        }
    }
    for copies in groups.values() {
        let Some((copy, more)) = copies.split_first() else { continue };
        let theirs = dead::is_managed(cx, copy.rule) || dead::is_dumped(cx, copy.rule);
        let severity = if theirs { Severity::Info } else { LINT.severity };
        let mut finding = dead::finding(cx, &LINT, copy).severity(severity);
        let again = more.iter().take(SHOWN).map(|it| Label {
            place: cx.ruleset().rule(it.rule).place,
            text: Message { en: "and again".into(), zh: "再次重复".into() },
        });
        finding.labels.extend(again);
        if more.len() > SHOWN {
            finding.help.insert(
                0,
                Message {
                    en: format!("There are {} copies of it.", copies.len()),
                    zh: format!("它共有 {} 个副本。", copies.len()),
                },
            );
        }
        let rules: Vec<_> = copies.iter().map(|it| (it.rule, it.rests_on_set)).collect();
        findings.add(finding.fixed_by(dead::removal(cx, &rules)));
    }
}
