//! A log line for every packet that somebody sends.

use super::{Context, Example, Finding, Findings, Fix, Lint, Place, quote::quoted};
use crate::{
    analysis::Path,
    model::{
        Action, ChainId, Condition, Field, Hook, Log, OpaqueKind, Rule, RuleId, Ruleset, Step,
        TableFamily, Verdict,
    },
    settings::{Persona, Severity},
    syntax::Dialect,
    words::{Message, Text},
};

pub(super) static LINT: Lint = Lint {
    code: "FW907",
    name: "unlimited-log",
    severity: Severity::Warning,
    fix: Fix::None,
    persona: Persona::Default,
    since: "0.1.0",
    summary: Text {
        en: "packets from outside are logged without a limit",
        zh: "外来数据包的日志没有速率限制",
    },
    why: Text {
        en: "Whoever can send packets decides how many lines are written: a flood fills the disk, slows the host, and what \
             matters is lost among its lines.",
        zh: "谁能发送数据包，谁就能决定写多少行日志：洪水般的数据包会填满磁盘、拖慢主机，真正重要的记录也被淹没。",
    },
    remedy: Text {
        en: "Limit it: `-m limit --limit 5/min -j LOG`, in nftables `limit rate 5/minute log`, in a rule of its own before the \
             verdict.",
        zh: "请加以限制：`-m limit --limit 5/min -j LOG`，nftables 为 `limit rate 5/minute log`，\
             并单独写成一条位于判决之前的规则。",
    },
    examples: &[
        Example {
            dialect: Dialect::Iptables,
            settings: "",
            bad: "\
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -j LOG --log-prefix \"dropped: \"
#~^ FW907
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
		type filter hook input priority filter; policy drop;
		iif \"lo\" accept
		log prefix \"dropped: \"
#~^ FW907
	}
}
",
            good: "\
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif \"lo\" accept
		limit rate 5/minute log prefix \"dropped: \"
	}
}
",
        },
    ],
    check,
};

/// So many rules of one file are asked whether new packets come to them.
const TRIED: usize = 16;

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let ruleset = cx.ruleset();
    let logs = |step: &Step| step.action == Action::Log(Log::Kernel);
    if !ruleset.steps.iter().any(logs) {
        return;
    }
    let mut entered = vec![false; ruleset.chains.len()];
    // Only neighbours send ARP.
    let strangers = |id: ChainId| ruleset.table_of(id).family != TableFamily::Arp;
    let bases = ruleset.base_chains().filter(|(id, _, base)| arrive(base.hook) && strangers(*id));
    let mut open: Vec<ChainId> = bases.map(|(id, ..)| id).collect();
    while let Some(chain) = open.pop() {
        if std::mem::replace(&mut entered[chain.0 as usize], true) {
            continue;
        }
        for (id, rule) in
            ruleset.rules_of(chain).take_while(|(_, rule)| !may_be_capped(ruleset, rule))
        {
            if !is_narrow(cx, id) {
                open.extend(ruleset.chains_entered(rule));
            }
        }
    }
    let mut unlimited: Vec<(u32, Vec<(RuleId, Place)>)> = Vec::new();
    for id in (0..).zip(&entered).filter(|(_, entered)| **entered).map(|(id, _)| id) {
        let rules = ruleset.rules_of(ChainId(id)).take_while(|(_, it)| !may_be_capped(ruleset, it));
        for (id, rule) in rules {
            let Some(step) = ruleset.steps_of(rule).iter().find(|step| logs(step)) else {
                continue;
            };
            if is_narrow(cx, id) {
                continue;
            }
            let place = Place { file: rule.place.file, span: step.span };
            match unlimited.iter_mut().find(|(file, _)| *file == place.file) {
                Some((_, rules)) => rules.push((id, place)),
                None => unlimited.push((place.file, vec![(id, place)])),
            }
        }
    }
    for (_, rules) in unlimited {
        // The line that fills the log is one that strangers' packets come to.
        let met = rules.iter().take(TRIED).find(|(id, _)| is_met(cx, *id));
        let Some((id, place)) = met.or(rules.first()) else { continue };
        let chain = ruleset.chain(ruleset.rule(*id).chain);
        findings.add(finding(&chain.name, *place, rules.len() - 1));
    }
}

/// Whether a packet that starts a flow comes to a rule and fulfils what it asks.
fn is_met(cx: &Context<'_>, id: RuleId) -> bool {
    cx.analysis.families.iter().any(|family| cx.analysis.meets(family, id))
}

/// Whether packets that others send come to chains of the hook.
fn arrive(hook: Hook) -> bool {
    matches!(hook, Hook::Ingress | Hook::Prerouting | Hook::Input | Hook::Forward)
}

/// Whether a rule keeps what exceeds a rate, whatever packets these are, from all that stands behind it.
fn may_be_capped(ruleset: &Ruleset, rule: &Rule) -> bool {
    let ends = ruleset.verdict_of(rule).is_some_and(|(verdict, _)| {
        use Verdict::{Accept, Drop, Goto, Reject, Return};
        matches!(verdict, Accept | Drop | Reject | Return | Goto(_))
    });
    let mut above = false;
    ends && ruleset.conditions_of(rule).all(|(condition, _)| match condition {
        Condition::Opaque { opaque, negated: false } => {
            let opaque = &ruleset.opaques[opaque.0 as usize];
            // What stays below the rate is taken out by others, and its excess goes on.
            let exceeds = opaque.text.contains("over") || opaque.text.contains("above");
            above |= opaque.kind == OpaqueKind::Timing && exceeds;
            above
        }
        Condition::In { field: Field::State, .. } | Condition::Family { .. } => true,
        _ => false,
    }) && above
}

/// Whether a rule is for so many packets only, or for senders that are no strangers: on the loopback, at private addresses or at
/// a single one, in a set, behind an inside interface.
fn is_narrow(cx: &Context<'_>, id: RuleId) -> bool {
    let ruleset = cx.ruleset();
    let leads_inside = |name: u32| {
        let paths = [Path::Input, Path::Forward];
        cx.analysis.families.iter().any(|it| paths.iter().any(|path| it.names_inside(name, *path)))
    };
    ruleset.conditions_of(ruleset.rule(id)).any(|(condition, _)| match condition {
        Condition::Opaque { opaque, .. } => {
            let opaque = &ruleset.opaques[opaque.0 as usize];
            matches!(opaque.kind, OpaqueKind::Timing | OpaqueKind::Fixed | OpaqueKind::Foreign)
        }
        Condition::In { field: Field::Source, values, negated: false } => {
            // A network of a provider is not the world.
            let is_few = |(low, high): &(u128, u128)| {
                high - low < if *high > u32::MAX.into() { 1 << 96 } else { 1 << 24 }
            };
            ruleset.values(values).iter().all(|it| is_few(it) || is_private(*it))
        }
        Condition::Interface { field: Field::In, name, negated: false } => {
            let known = &ruleset.interfaces[name as usize].name;
            known == "lo"
                || crate::knowledge::manager_of_interface(known).is_some()
                || leads_inside(name)
        }
        Condition::Never => true,
        _ => false,
    })
}

/// Whether the addresses are those of private IPv4 networks, or no IPv6 addresses of the internet.
fn is_private((low, high): (u128, u128)) -> bool {
    const PRIVATE: [(u128, u128); 3] =
        [(0x0a00_0000, 0x0aff_ffff), (0xac10_0000, 0xac1f_ffff), (0xc0a8_0000, 0xc0a8_ffff)];
    PRIVATE.iter().any(|(first, last)| *first <= low && high <= *last) || low >= 0xfc << 120
}

fn finding(chain: &str, place: Place, more: usize) -> Finding {
    let name = quoted(chain);
    let message = Message {
        en: format!("every packet that comes here in {name} writes a line into the log"),
        zh: format!("每个到达 {name} 此处的数据包都会写一行日志"),
    };
    let label = match more {
        0 => Message { en: "without a limit".into(), zh: "没有限制".into() },
        1 => Message {
            en: "without a limit, here and in one more rule".into(),
            zh: "没有限制，另有 1 条规则相同".into(),
        },
        _ => Message {
            en: format!("without a limit, here and in {more} more rules"),
            zh: format!("没有限制，另有 {more} 条规则相同"),
        },
    };
    let help = Message { en: LINT.remedy.en.into(), zh: LINT.remedy.zh.into() };
    Finding::new(&LINT, place, message, label).help(help)
}
