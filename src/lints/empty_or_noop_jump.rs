//! A jump that changes nothing.

use super::{
    Context, Edit, Example, Finding, Findings, Fix, Label, Lint, Repair, dead, quote::quoted,
};
use crate::{
    analysis::{Calls, Idle},
    model::{ChainId, Rule, RuleId, Ruleset, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW209",
    name: "empty-or-noop-jump",
    severity: Severity::Info,
    fix: Fix::Unsafe,
    persona: Persona::Audit,
    since: "0.1.0",
    summary: Text {
        en: "a jump hands a chain packets with which it does nothing",
        zh: "跳转交给目标链的数据包，该链并不处理",
    },
    why: Text {
        en: "The chain holds rules, but none that decides about the packets of this jump otherwise than they would be decided about anyway. Often the jump or the chain asks for the wrong protocol or address.",
        zh: "链中虽有规则，却没有一条会改变这一跳转所交来的数据包的结果。往往是跳转或链中的协议、地址写错了。",
    },
    remedy: Text {
        en: "Remove the jump, or mend what it or the rules of the chain ask for.",
        zh: "请删除该跳转，或改正它或链中规则的匹配条件。",
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
:ping - [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -j ping
#~^ FW209
-A INPUT -s 192.0.2.0/24 -p icmp -j ping
-A ping -p icmp -m icmp --icmp-type 8 -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:ping - [0:0]
-A INPUT -s 192.0.2.0/24 -p icmp -j ping
-A ping -p icmp -m icmp --icmp-type 8 -j ACCEPT
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 192.0.2.0/24 ip protocol tcp jump ping
#~^ FW209
		ip saddr 192.0.2.0/24 ip protocol icmp jump ping
	}
	chain ping {
		icmp type echo-request accept
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 192.0.2.0/24 ip protocol icmp jump ping
	}
	chain ping {
		icmp type echo-request accept
	}
}
",
        },
    ],
    check,
};

/// The most rules that are shown.
const SHOWN: usize = 3;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let mut decides: Vec<Option<bool>> = vec![None; ruleset.chains.len()];
    let mut jumps = Vec::new();
    for (rule, id) in ruleset.rules.iter().zip(0..) {
        let Some((Verdict::Jump(chain), _)) = ruleset.verdict_of(rule) else { continue };
        let known = &mut decides[chain.0 as usize];
        let theirs = || dead::is_managed(cx, RuleId(id)) || dead::is_managed_chain(ruleset, chain);
        if *known.get_or_insert_with(|| holds_something(ruleset, chain)) && !theirs() {
            jumps.push(RuleId(id));
        }
    }
    for it in cx.analysis.idle_jumps(&jumps, &|rule, step| dead::only_counts(cx, rule, step)) {
        findings.0.extend(finding(cx, &it));
    }
}

/// Whether a chain is more than a place which a program fills: one that is empty, or returns.
fn holds_something(ruleset: &Ruleset, chain: ChainId) -> bool {
    let does = |rule: &Rule| {
        let verdict = ruleset.verdict_of(rule).map(|it| it.0);
        verdict
            .is_some_and(|it| !matches!(it, Verdict::Return | Verdict::Jump(_) | Verdict::Goto(_)))
    };
    Calls::rules_below(ruleset, chain).any(does)
}

fn finding(cx: &Context<'_>, it: &Idle) -> Option<Finding> {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(it.rule);
    let (Verdict::Jump(chain), _) = ruleset.verdict_of(rule)? else { return None };
    // Where nothing else leads to the chain, it is its rules that are superfluous.
    if !it.by.is_empty() && cx.analysis.calls.callers(chain).len() == 1 {
        return None;
    }
    let name = quoted(&ruleset.chain(chain).name);
    let (by, more) = it.by.split_at(it.by.len().min(SHOWN));
    let lines = dead::lines(cx, by, more.len());
    let message = if by.is_empty() {
        Message {
            en: format!("changes nothing: no rule of {name} is about packets of this jump"),
            zh: format!("不起作用：{name} 中没有规则处理该跳转交来的数据包"),
        }
    } else {
        let does = if it.by.len() == 1 { "does" } else { "do" };
        Message {
            en: format!(
                "changes nothing: {} {does} later what {name} does with these packets",
                lines.en
            ),
            zh: format!("不起作用：{name} 对这些数据包的处理与之后的{}相同", lines.zh),
        }
    };
    let label =
        Message { en: "hands it nothing to decide".into(), zh: "跳转后无事可做".into() };
    let mut finding = Finding::new(&LINT, rule.place, message, label);
    let chain_text = Message { en: "the chain".into(), zh: "目标链".into() };
    finding.labels.push(Label { place: ruleset.chain(chain).place, text: chain_text });
    finding.labels.extend(by.iter().map(|rule| Label {
        place: ruleset.rule(*rule).place,
        text: Message { en: "does the same later".into(), zh: "之后作同样处理".into() },
    }));
    if it.rests_on_set {
        dead::rest_on_set(&mut finding);
    }
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Some(finding.help(help).fixed_by(removal(cx, it)))
}

fn removal(cx: &Context<'_>, it: &Idle) -> Option<Repair> {
    let place = cx.ruleset().rule(it.rule).place;
    let said = cx.text(place).contains("comment");
    let source = cx.source(place).filter(|_| !said && !it.rests_on_set)?;
    let title = Message { en: "remove the jump".into(), zh: "删除该跳转".into() };
    Some(Repair::risky(title).edit(Edit::remove(source, place)))
}
