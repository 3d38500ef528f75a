//! A goto that keeps packets from the rules below it.

use super::{Context, Example, Finding, Findings, Fix, Label, Lint, Place, dead, quote::quoted};
use crate::{
    analysis::{Skipping, trace::Decision},
    model::{Action, ChainId, Rule, RuleId, Ruleset, Verdict},
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW313",
    name: "goto-skips-rest",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "a goto keeps packets from later rules that would decide about them otherwise",
        zh: "goto 使数据包跳过了本会作不同处理的后续规则",
    },
    why: Text {
        en: "What the chain of a goto does not decide does not come back behind the goto, as it does behind a jump: it goes on behind the last jump, or to the policy. The rules below the goto never see it.",
        zh: "与 jump 不同，goto 目标链未作决定的数据包不会回到 goto 之后，而是回到上一个 jump 之后或直接交给默认策略；goto 下面的规则永远看不到它们。",
    },
    remedy: Text {
        en: "Write a jump (`-j CHAIN`, in nftables `jump`), or let the chain end with a verdict for all that is left.",
        zh: "请改用 jump（`-j CHAIN`，nftables 为 `jump`），或在目标链末尾对其余数据包作出裁决。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
:lan - [0:0]
-A INPUT -s 192.0.2.0/24 -g lan
#~^ FW313
-A INPUT -p icmp -j ACCEPT
-A lan -s 192.0.2.7/32 -p tcp -j REJECT
COMMIT
",
            good: "\
*filter
:INPUT DROP [0:0]
:lan - [0:0]
-A INPUT -s 192.0.2.0/24 -j lan
-A INPUT -p icmp -j ACCEPT
-A lan -s 192.0.2.7/32 -p tcp -j REJECT
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
		ip saddr 192.0.2.0/24 goto lan
#~^ FW313
		icmp type echo-request accept
	}
	chain lan {
		ip saddr 192.0.2.7 meta l4proto tcp reject
	}
}
",
            good: "\
table ip filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 192.0.2.0/24 jump lan
		icmp type echo-request accept
	}
	chain lan {
		ip saddr 192.0.2.7 meta l4proto tcp reject
	}
}
",
        },
    ],
    check,
};

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let gotos = ruleset.rules.iter().zip(0..).filter(|(rule, id)| {
        let is_last = ruleset.chain(rule.chain).rules.end == id + 1;
        let mut targets = targets(ruleset, rule);
        !is_last
            && targets.any(|it| may_leave(ruleset, it) && !dead::is_managed_chain(ruleset, it))
            && !dead::is_managed(cx, RuleId(*id))
    });
    let gotos: Vec<RuleId> = gotos.map(|(_, id)| RuleId(id)).collect();
    if gotos.is_empty() {
        return;
    }
    for it in cx.analysis.skipping(&gotos) {
        findings.0.extend(finding(cx, &it));
    }
}

/// The chains that a rule goes to.
fn targets<'r>(ruleset: &'r Ruleset, rule: &Rule) -> impl Iterator<Item = ChainId> + 'r {
    let goto = |verdict: Verdict| match verdict {
        Verdict::Goto(chain) => Some(chain),
        _ => None,
    };
    let own = ruleset.verdict_of(rule).and_then(|(verdict, _)| goto(verdict));
    let branches = ruleset.branches_of(rule).iter().filter_map(move |it| goto(it.verdict));
    own.into_iter().chain(branches)
}

/// Whether packets may leave a chain undecided, as far as a look at its rules tells.
fn may_leave(ruleset: &Ruleset, chain: ChainId) -> bool {
    let mut verdicts = ruleset.rules_of(chain).map(|(_, rule)| {
        let steps = ruleset.steps_of(rule);
        let asks =
            steps.iter().any(|step| matches!(step.action, Action::Match(_) | Action::Assign(_)));
        (asks, ruleset.verdict_of(rule).map(|it| it.0))
    });
    let ends = |(asks, verdict): (bool, Option<Verdict>)| match verdict {
        Some(Verdict::Return) => Some(false),
        Some(Verdict::Accept | Verdict::Drop | Verdict::Reject) if !asks => Some(true),
        _ => None,
    };
    verdicts.find_map(ends) != Some(true)
}

fn finding(cx: &Context<'_>, it: &Skipping) -> Option<Finding> {
    let ruleset = cx.ruleset();
    let rule = ruleset.rule(it.rule);
    let (_, span) = ruleset.verdict_of(rule)?;
    let chain = quoted(&ruleset.chain(rule.chain).name);
    let (is, would) = (by(cx, it.before), by(cx, it.after));
    let message = if it.passes {
        Message {
            en: format!(
                "the goto skips the rest of {chain}: {} accepts what {} would drop",
                is.en, would.en
            ),
            zh: format!(
                "此 goto 跳过 {chain} 的其余规则：{}会丢弃的数据包被{}放行",
                would.zh, is.zh
            ),
        }
    } else {
        Message {
            en: format!(
                "the goto skips the rest of {chain}: {} drops what {} would accept",
                is.en, would.en
            ),
            zh: format!(
                "此 goto 跳过 {chain} 的其余规则：{}会放行的数据包被{}丢弃",
                would.zh, is.zh
            ),
        }
    };
    let label = Message {
        en: "what it leaves does not come back here".into(),
        zh: "未裁决的数据包不会回到此处".into(),
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    let place = Place { file: rule.place.file, span };
    let mut finding = Finding::new(&LINT, place, message, label).help(help);
    let decisions = [
        (it.after, Message { en: "would decide about it".into(), zh: "本应由此裁决".into() }),
        (it.before, Message { en: "decides about it instead".into(), zh: "实际由此裁决".into() }),
    ];
    for (decision, text) in decisions {
        let place = match decision {
            Decision::Rule(rule, _) => Some(ruleset.rule(rule).place),
            Decision::Policy(chain) => {
                ruleset.chains.get(chain.0 as usize).and_then(|it| it.base?.policy_place)
            }
            Decision::None => None,
        };
        finding.labels.extend(place.map(|place| Label { place, text }));
    }
    finding.witness = Some(it.witness.to_string());
    Some(finding)
}

/// What decides, in a sentence.
fn by(cx: &Context<'_>, decision: Decision) -> Message {
    match decision {
        Decision::Rule(rule, _) => {
            let line = cx.line(cx.ruleset().rule(rule).place);
            Message { en: format!("line {line}"), zh: format!("第 {line} 行") }
        }
        Decision::Policy(_) => Message { en: "the policy".into(), zh: "默认策略".into() },
        Decision::None => Message { en: "nothing".into(), zh: "没有任何规则".into() },
    }
}
