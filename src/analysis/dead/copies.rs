//! Dead rules that say again what an earlier rule of their chain says.

use super::{Cause, Consequence, DeadRule};
use crate::model::{Action, ChainId, Condition, RuleId, Ruleset, Verdict};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

/// Finds them: what a copy repeats is dead too, or takes the copy's packets.
pub(super) fn find(ruleset: &Ruleset, dead: &mut [DeadRule]) {
    let mut known: FxHashMap<(ChainId, u64), RuleId> = FxHashMap::default();
    let mut note = |rule: RuleId| {
        let key = (ruleset.rule(rule).chain, hash(ruleset, rule));
        let first = known.entry(key).or_insert(rule);
        *first = rule.min(*first);
    };
    for it in dead.iter() {
        note(it.rule);
        it.by.iter().chain(&it.deciders).copied().for_each(&mut note);
    }
    for it in dead {
        // What is logged is not modelled, nor which source a map gives: such rules are not known to be alike.
        let verdict = ruleset.verdict_of(ruleset.rule(it.rule)).map(|it| it.0);
        if it.kind == super::Kind::Note || verdict == Some(Verdict::Snat(None)) {
            continue;
        }
        let key = (ruleset.rule(it.rule).chain, hash(ruleset, it.rule));
        let first = known.get(&key).copied().filter(|first| *first < it.rule);
        if let Some(first) = first.filter(|first| is_same(ruleset, *first, it.rule)) {
            it.cause = Cause::Copy(first);
            // What becomes of its packets became of those of the first already.
            (it.consequence, it.witnesses) = (Consequence::None, Vec::new());
            it.take(vec![first]);
        }
    }
}

/// What a rule says; not what it notes, only that it does.
fn said(ruleset: &Ruleset, rule: RuleId) -> impl Iterator<Item = Said<'_>> {
    let steps = ruleset.steps_of(ruleset.rule(rule)).iter();
    steps.map(|step| match step.action {
        Action::Note => Said::Note,
        Action::Match(condition) => self::condition(ruleset, condition),
        Action::Verdict(Verdict::Dnat(index)) => translation(ruleset, true, index),
        Action::Verdict(Verdict::Snat(Some(index))) => translation(ruleset, false, index),
        action => Said::Action(format!("{action:?}")),
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Said<'r> {
    Note,
    Values(String, &'r [(u128, u128)]),
    Opaque(bool, &'r str),
    Translation(String, Option<&'r [(u128, u128)]>, Option<&'r [(u128, u128)]>),
    Several(bool, Vec<Vec<Said<'r>>>),
    Action(String),
}

fn translation(ruleset: &Ruleset, of_destination: bool, index: u32) -> Said<'_> {
    let it = ruleset.translations[index as usize];
    let values = |values| ruleset.values(values);
    let how = format!("{of_destination} {} {} {} {:?}", it.kept, it.local, it.picked, it.proxy);
    Said::Translation(how, it.addresses.map(values), it.ports.map(values))
}

fn condition(ruleset: &Ruleset, it: Condition) -> Said<'_> {
    match it {
        Condition::In { field, values, negated } => {
            Said::Values(format!("{field:?} {negated}"), ruleset.values(values))
        }
        Condition::Masked { field, values, negated } => {
            Said::Values(format!("{field:?} masked {negated}"), ruleset.values(values))
        }
        Condition::Opaque { opaque, negated } => {
            Said::Opaque(negated, &ruleset.opaques[opaque.0 as usize].text)
        }
        Condition::OneOf { alternatives, negated } => {
            let lists = ruleset.alternatives[alternatives as usize].iter();
            let list =
                |list: &Vec<Condition>| list.iter().map(|it| condition(ruleset, *it)).collect();
            Said::Several(negated, lists.map(list).collect())
        }
        other => Said::Action(format!("{other:?}")),
    }
}

fn hash(ruleset: &Ruleset, rule: RuleId) -> u64 {
    let mut hasher = FxHasher::default();
    said(ruleset, rule).for_each(|it| it.hash(&mut hasher));
    hasher.finish()
}

fn is_same(ruleset: &Ruleset, one: RuleId, other: RuleId) -> bool {
    said(ruleset, one).eq(said(ruleset, other))
}
