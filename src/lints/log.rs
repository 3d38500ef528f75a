//! What dead rules would have written into a log.

use super::{Context, Place};
use crate::{
    analysis::{Calls, DeadRule},
    model::{Action, ChainId, Rule, RuleId},
};

/// That a log line is never written, where that is so.
pub(super) fn lost(cx: &Context<'_>, dead: &DeadRule) -> (&'static str, &'static str) {
    if is_lost(cx, dead) {
        ("; what it logs is never written", "；其日志也不会写出")
    } else {
        ("", "")
    }
}

/// Whether a rule, or a chain that it enters, would note its packets in a log, and none of those that decide does.
fn is_lost(cx: &Context<'_>, dead: &DeadRule) -> bool {
    let ruleset = cx.ruleset();
    let logs = |rule: &Rule| {
        ruleset.steps_of(rule).iter().any(|step| matches!(step.action, Action::Log(_)))
    };
    let entered = ruleset.chains_entered(ruleset.rule(dead.rule));
    let below = |chain: ChainId| Calls::rules_below(ruleset, chain);
    let loses = logs(ruleset.rule(dead.rule)) || entered.iter().any(|it| below(*it).any(logs));
    let logged = dead.deciders.iter().any(|it| {
        let rule = ruleset.rule(*it);
        let others = ruleset.rules_of(rule.chain).filter(|(_, other)| logs(other));
        logs(rule) || (rule.chain != ruleset.rule(dead.rule).chain && others.count() > 0)
    });
    loses && !logged
}

/// Whether what two rules write into a log is written alike.
pub(super) fn is_alike(cx: &Context<'_>, one: RuleId, other: RuleId) -> bool {
    let words = |id: RuleId| {
        let rule = cx.ruleset().rule(id);
        let logs = cx.ruleset().steps_of(rule).iter();
        let logs = logs.filter(|step| matches!(step.action, Action::Log(_)));
        logs.map(move |step| cx.text(Place { file: rule.place.file, span: step.span }))
    };
    words(one).eq(words(other))
}
