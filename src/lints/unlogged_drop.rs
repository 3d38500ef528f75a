//! What a host refuses leaves no trace.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, quote::quoted};
use crate::{
    analysis::Calls,
    model::{Action, Base, Chain, ChainId, ChainKind, Hook, Policy, Rule, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW906",
    name: "unlogged-drop",
    severity: Severity::Info,
    fix: Fix::None,
    persona: Persona::Strict,
    since: "0.1.0",
    summary: Text {
        en: "nothing that a chain refuses is logged",
        zh: "链所拒绝的数据包均不记录日志",
    },
    why: Text {
        en: "After an incident nobody can tell who tried what, and a rule that stops too much is found by guessing.",
        zh: "发生安全事件后，无从得知谁做过什么尝试；规则拦得过多时，也只能靠猜来查找。",
    },
    remedy: Text {
        en: "Log with a limit before the last word is said: `-m limit --limit 5/min -j LOG`, in nftables `limit rate 5/minute log`.",
        zh: "请在最终拒绝之前限速记录日志：`-m limit --limit 5/min -j LOG`，nftables 为 `limit rate 5/minute log`。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
#~^ FW906
-A INPUT -i lo -j ACCEPT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m limit --limit 5/min -j LOG --log-prefix \"dropped: \"
COMMIT
",
        },
        Example {
            dialect: Dialect::Nft,
            settings: "",
            bad: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		iif \"lo\" accept
		drop
#~^ FW906
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		iif \"lo\" accept
		limit rate 5/minute log prefix \"dropped: \"
		drop
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    for (id, chain, base) in ruleset.base_chains() {
        let guards =
            base.kind == ChainKind::Filter && matches!(base.hook, Hook::Input | Hook::Forward);
        // A door that has no rule was never meant to open.
        if !guards || chain.rules.is_empty() {
            continue;
        }
        let Some(place) = last_word(cx, id, base) else { continue };
        let logs = |rule: &Rule| {
            let steps = ruleset.steps_of(rule);
            steps.iter().any(|step| matches!(step.action, Action::Log(_)))
        };
        if !Calls::rules_below(ruleset, id).any(logs) {
            findings.add(finding(chain, place));
        }
    }
}

/// Where a base chain refuses all that it has not let through.
fn last_word(cx: &Context<'_>, id: ChainId, base: Base) -> Option<Place> {
    let ruleset = cx.ruleset();
    let is_for_all = |rule: &Rule| ruleset.conditions_of(rule).next().is_none();
    for (_, rule) in ruleset.rules_of(id) {
        if let Some((verdict, span)) = ruleset.verdict_of(rule).filter(|_| is_for_all(rule)) {
            match verdict {
                Verdict::Drop | Verdict::Reject => {
                    return Some(Place { file: rule.place.file, span });
                }
                Verdict::Jump(_) => {}
                _ => return None,
            }
        }
    }
    base.policy_place.filter(|_| base.policy == Policy::Drop)
}

fn finding(chain: &Chain, place: Place) -> Finding {
    let name = quoted(&chain.name);
    let message = Message {
        en: format!("what {name} refuses leaves no trace"),
        zh: format!("被 {name} 拒绝的数据包没有留下任何记录"),
    };
    let label = Message { en: "not logged before".into(), zh: "此前未记录日志".into() };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, place, message, label).help(help)
}
