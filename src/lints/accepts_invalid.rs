//! Packets that fit no connection are accepted by name.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place};
use crate::{
    model::{Condition, Field, Hook, Rule, RuleId, State, Verdict},
    settings::{Persona, Severity},
    source::Span,
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW311",
    name: "accepts-invalid",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "packets in state INVALID are accepted",
        zh: "放行了 INVALID 状态的数据包",
    },
    why: Text {
        en: "INVALID is what connection tracking can make nothing of: scans with odd flags, stray resets, packets outside of \
             a window. Address translation passes them by, so they may leak inside addresses.",
        zh: "INVALID 是连接跟踪无法识别的数据包：标志异常的扫描、多余的 RST、窗口之外的数据包。它们不经过地址转换，可能泄露内网地址。",
    },
    remedy: Text {
        en: "Take INVALID out of the list, and drop it before anything is accepted.",
        zh: "请从状态列表中去掉 INVALID，并在放行之前将其丢弃。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate INVALID,RELATED,ESTABLISHED -j ACCEPT
#~^ FW311
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
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
		ct state invalid,established,related accept
#~^ FW311
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state vmap { invalid : drop, established : accept, related : accept }
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    for (rule, id) in ruleset.rules.iter().zip(0..) {
        let Some(span) = accepted(cx, rule) else { continue };
        let hook = cx.analysis.way_to(RuleId(id)).map(|(base, _)| base.hook);
        if hook.is_some_and(|hook| !matches!(hook, Hook::Input | Hook::Forward)) {
            continue;
        }
        let message = Message {
            en: "packets that fit no known connection are accepted here".into(),
            zh: "此处放行了不属于任何已知连接的数据包".into(),
        };
        let label = Message {
            en: "state INVALID is among them".into(),
            zh: "其中包含 INVALID 状态".into(),
        };
        let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
        let place = Place { file: rule.place.file, span };
        findings.add(Finding::new(&LINT, place, message, label).help(help));
    }
}

/// The words by which a rule accepts packets in state INVALID, if it names that state.
fn accepted(cx: &Context<'_>, rule: &Rule) -> Option<Span> {
    let ruleset = cx.ruleset();
    let invalid = State::Invalid.value();
    let names = |condition: Condition| match condition {
        Condition::In { field: Field::State, values, negated: false } => {
            ruleset.values(values).contains(&(invalid, invalid))
        }
        _ => false,
    };
    match ruleset.verdict_of(rule)? {
        (Verdict::Accept, _) => {
            ruleset.conditions_of(rule).find(|(it, _)| names(*it)).map(|(_, span)| span)
        }
        (Verdict::Branches(branches), span) => {
            let branches = &ruleset.branches[branches as usize];
            let is_let_in = branches.iter().any(|branch| {
                branch.verdict == Verdict::Accept && branch.conditions.iter().any(|it| names(*it))
            });
            is_let_in.then_some(span)
        }
        _ => None,
    }
}
