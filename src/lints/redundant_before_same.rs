//! A rule that later rules make superfluous.

use super::{Context, Example, Finding, Findings, Fix, Label, Lint, Place, dead};
use crate::{
    analysis::Redundant,
    model::{RuleId, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW204",
    name: "redundant-before-same",
    severity: Severity::Info,
    fix: Fix::Safe,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "later rules do what this rule does, with all its packets",
        zh: "后面的规则会对此规则的全部数据包作同样处理",
    },
    why: Text {
        en: "Nothing between the two decides otherwise, so that nothing changes without the first. Whoever takes out the later rule, to close what it opens, leaves this one open.",
        zh: "两者之间没有规则作不同处理，删去前面这条并无影响。日后若有人为关闭某个口子而删除后面的规则，这一条仍会敞开。",
    },
    remedy: Text {
        en: "Remove it; if it was meant as an exception, the later rule is wider than it should be.",
        zh: "请删除它；如果本意是例外，则后面的规则范围过宽。",
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
-A INPUT -s 192.0.2.0/26 -p tcp -m tcp --dport 443 -j ACCEPT
#~^ FW204
-A INPUT -s 192.0.2.0/25 -p tcp -m tcp --dport 440:443 -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/26 -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j DROP
-A INPUT -s 192.0.2.0/25 -p tcp -m tcp --dport 440:443 -j ACCEPT
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
		ip saddr 192.0.2.0/26 tcp dport 443 accept
#~^ FW204
		ip saddr 192.0.2.0/25 tcp dport 440-443 accept
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 192.0.2.0/26 tcp dport 443 accept
		ip saddr 192.0.2.0/24 tcp dport 443 drop
		ip saddr 192.0.2.0/25 tcp dport 440-443 accept
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
    let rules = &cx.ruleset().rules;
    let found = cx.analysis.redundant(&|rule, step| dead::only_counts(cx, rule, step));
    let is_one = |rule: RuleId| found.binary_search_by_key(&rule, |it| it.rule).is_ok();
    for it in &found {
        // One line may make several rules, one behind the other, of which others are needed.
        let rule = cx.ruleset().rule(it.rule);
        let (place, end) = (rule.place, cx.ruleset().chain(rule.chain).rules.end);
        let is_of_line = |id: &u32| rules.get(*id as usize).is_some_and(|it| it.place == place);
        let is_first = it.rule.0.checked_sub(1).is_none_or(|before| !is_of_line(&before));
        let all = (it.rule.0..end).take_while(is_of_line).all(|id| is_one(RuleId(id)));
        if is_first && all && refuses_alike(cx, it) && !dead::is_managed(cx, it.rule) {
            findings.add(finding(cx, it));
        }
    }
}

/// Whether all of them tell the sender the same.
fn refuses_alike(cx: &Context<'_>, it: &Redundant) -> bool {
    let words = |id: &RuleId| {
        let rule = cx.ruleset().rule(*id);
        let (verdict, span) = cx.ruleset().verdict_of(rule)?;
        let words = cx.text(Place { file: rule.place.file, span });
        (verdict == Verdict::Reject).then_some(words)
    };
    it.by.iter().all(|by| words(by) == words(&it.rule))
}

fn finding(cx: &Context<'_>, it: &Redundant) -> Finding {
    let (by, more) = it.by.split_at(it.by.len().min(SHOWN));
    let lines = dead::lines(cx, by, more.len());
    let does = if it.by.len() == 1 { "does" } else { "do" };
    let message = Message {
        en: format!("changes nothing: {} {does} the same with all its packets later", lines.en),
        zh: format!("不起作用：之后{}会对它的全部数据包作同样处理", lines.zh),
    };
    let label = Message { en: "not needed".into(), zh: "多余".into() };
    let place = cx.ruleset().rule(it.rule).place;
    let mut finding = Finding::new(&LINT, place, message, label);
    finding.labels.extend(by.iter().map(|rule| Label {
        place: cx.ruleset().rule(*rule).place,
        text: Message { en: "does the same later".into(), zh: "之后作同样处理".into() },
    }));
    if it.rests_on_set {
        dead::rest_on_set(&mut finding);
    }
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    finding.help(help).fixed_by(dead::removal(cx, &[(it.rule, it.rests_on_set)]))
}
