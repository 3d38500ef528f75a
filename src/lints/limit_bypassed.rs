//! A rate limit on what a later rule lets in without one.

use super::{
    Context, Example, Finding, Findings, Fix, Label, Lint, Place, dead, quote::quoted, rate,
};
use crate::{
    analysis::Bypassed,
    model::{RuleId, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW314",
    name: "limit-bypassed",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a rate limit on an accept has no effect: what exceeds it is accepted as well",
        zh: "放行规则的限速不起作用：超出的部分同样会被放行",
    },
    why: Text {
        en: "A limit only ends the rule that it stands in. What comes faster goes on to the rules below, and if one of them, or the policy, accepts it without a limit, nothing holds the flood back.",
        zh: "限速只决定它所在的规则是否匹配。超速的数据包会继续向下，一旦后面的规则或默认策略不加限制地放行，洪水便畅通无阻。",
    },
    remedy: Text {
        en: "Drop the rest right behind the limited rule, or take the later accept out.",
        zh: "请在限速规则之后立即丢弃其余部分，或删除后面的放行规则。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 5/sec -j ACCEPT
#~^ FW314
-A INPUT -p icmp -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 5/sec -j ACCEPT
-A INPUT -p icmp -m icmp --icmp-type 8 -j DROP
-A INPUT -p icmp -j ACCEPT
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
		icmp type echo-request limit rate 5/second accept
#~^ FW314
		ip protocol icmp accept
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		icmp type echo-request limit rate 5/second accept
		icmp type echo-request drop
		ip protocol icmp accept
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
    let limited = ruleset.rules.iter().zip(0..).filter(|(rule, id)| {
        let accepts = matches!(ruleset.verdict_of(rule), Some((Verdict::Accept, _)));
        accepts && rate::kept(cx, RuleId(*id)).is_some() && !dead::is_managed(cx, RuleId(*id))
    });
    let limited: Vec<RuleId> = limited.map(|(_, id)| RuleId(id)).collect();
    if limited.is_empty() {
        return;
    }
    for it in cx.analysis.bypassed(&limited, &|rule, step| dead::only_counts(cx, rule, step)) {
        findings.0.extend(finding(cx, &it));
    }
}

fn finding(cx: &Context<'_>, it: &Bypassed) -> Option<Finding> {
    let ruleset = cx.ruleset();
    let (_, span) = rate::kept(cx, it.rule)?;
    let file = ruleset.rule(it.rule).place.file;
    let limit = quoted(cx.text(Place { file, span }));
    let (by, more) = it.by.split_at(it.by.len().min(SHOWN));
    let lines = dead::lines(cx, by, more.len());
    let policy = it.policy.map(|chain| quoted(&ruleset.chain(chain).name));
    let message = match (&policy, by.is_empty()) {
        (Some(chain), true) => Message {
            en: format!("what exceeds {limit} is accepted all the same, by the policy of {chain}"),
            zh: format!("超出 {limit} 的数据包仍会被放行：{chain} 的默认策略为接受"),
        },
        (Some(chain), false) => Message {
            en: format!(
                "what exceeds {limit} is accepted all the same, by {} and the policy of {chain}",
                lines.en
            ),
            zh: format!("超出 {limit} 的数据包仍会被{}与 {chain} 的默认策略放行", lines.zh),
        },
        (None, _) => Message {
            en: format!("what exceeds {limit} is accepted all the same, by {}", lines.en),
            zh: format!("超出 {limit} 的数据包仍会被{}放行", lines.zh),
        },
    };
    let label = Message { en: "holds nothing back".into(), zh: "拦不住任何数据包".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let mut finding = Finding::new(&LINT, Place { file, span }, message, label).help(help);
    finding.labels.extend(by.iter().map(|rule| Label {
        place: ruleset.rule(*rule).place,
        text: Message {
            en: "accepts without the limit".into(), zh: "不受该限速约束地放行".into()
        },
    }));
    finding.labels.extend(it.policy.filter(|_| by.is_empty()).and_then(|chain| {
        let place = ruleset.chain(chain).base?.policy_place?;
        let text = Message {
            en: "accepts what no rule decides".into(),
            zh: "放行未被规则处理的数据包".into(),
        };
        Some(Label { place, text })
    }));
    finding.witness.clone_from(&it.witness);
    Some(finding)
}
