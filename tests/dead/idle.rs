//! Rules that change nothing, or less than they say: whether it is so for every packet of a small world.

use super::{interpreter, rules};
use fwlint::{
    analysis::{Analysis, Interest},
    lower::{self, Input},
    model::{Condition, OpaqueId, RuleId, Ruleset, Verdict},
    source::SourceFile,
    syntax::{self, Dialect},
};
use std::{collections::BTreeSet, env};

/// So many by default; `FWLINT_RULE_SETS` asks for more.
const RULE_SETS: u64 = 60;

/// Every made-up rule set with what is known of it.
fn each(look: impl Fn(&Ruleset, &Analysis<'_>, &str)) {
    let sets = env::var("FWLINT_RULE_SETS").ok().and_then(|it| it.parse().ok());
    let seeds = 0..sets.unwrap_or(RULE_SETS);
    for (seed, text) in seeds
        .flat_map(|it| [rules::small(it), rules::narrow_before_wide(it)].map(|text| (it, text)))
    {
        let source = SourceFile::new("rules.v4", text.as_bytes().to_vec());
        let parsed = syntax::parse(&source, Some(Dialect::Iptables)).expect("a dialect is given");
        let ruleset = lower::ruleset(&[Input { file: 0, source: &source, parsed: &parsed }]);
        let analysis = Analysis::of(&ruleset, Interest::Everything);
        look(&ruleset, &analysis, &format!("seed {seed}\n{text}"));
        assert_eq!(analysis.unsought(), [], "seed {seed}\n{text}");
    }
}

/// The rules with a verdict.
fn with(ruleset: &Ruleset, wanted: impl Fn(Verdict) -> bool) -> Vec<RuleId> {
    let rules = ruleset.rules.iter().zip(0..);
    let rules = rules
        .filter(|(rule, _)| ruleset.verdict_of(rule).is_some_and(|(verdict, _)| wanted(verdict)));
    rules.map(|(_, id)| RuleId(id)).collect()
}

/// Whether a packet of the small world ends otherwise without some rules.
fn changes(ruleset: &Ruleset, without: &BTreeSet<RuleId>) -> bool {
    let none = BTreeSet::new();
    let mut pairs =
        interpreter::ways(ruleset, &none, None).zip(interpreter::ways(ruleset, without, None));
    pairs.any(|(with, without)| with.end != without.end)
}

#[test]
fn rules_that_later_ones_make_superfluous_can_go_together() {
    let found = std::cell::Cell::new(0);
    each(|ruleset, analysis, text| {
        let said = analysis.redundant(&|_, _| false);
        let rules: BTreeSet<RuleId> = said.iter().map(|it| it.rule).collect();
        found.set(found.get() + rules.len());
        assert!(rules.is_empty() || !changes(ruleset, &rules), "{rules:?} {text}");
    });
    println!("{} rules are superfluous", found.get());
    assert!(found.get() > 10, "too few to say much");
}

#[test]
fn a_jump_that_changes_nothing_can_go() {
    let found = std::cell::Cell::new(0);
    each(|ruleset, analysis, text| {
        let jumps = with(ruleset, |it| matches!(it, Verdict::Jump(_)));
        for idle in analysis.idle_jumps(&jumps, &|_, _| false) {
            found.set(found.get() + 1);
            assert!(!changes(ruleset, &BTreeSet::from([idle.rule])), "{idle:?} {text}");
        }
    });
    println!("{} jumps are superfluous", found.get());
    assert!(found.get() > 10, "too few to say much");
}

#[test]
fn a_limit_that_is_bypassed_holds_no_packet_back_that_opens_a_flow() {
    let found = std::cell::Cell::new(0);
    each(|ruleset, analysis, text| {
        let limit = |rule: RuleId| {
            let mut conditions = ruleset.conditions_of(ruleset.rule(rule));
            conditions.find_map(|(condition, _)| match condition {
                Condition::Opaque { opaque: OpaqueId(number), negated: false } => Some(number),
                _ => None,
            })
        };
        let mut limited = with(ruleset, |it| it == Verdict::Accept);
        limited.retain(|it| limit(*it).is_some());
        for bypassed in analysis.bypassed(&limited, &|_, _| false) {
            let number = limit(bypassed.rule).expect("it has one");
            found.set(found.get() + 1);
            let none = BTreeSet::new();
            let kept = interpreter::ways(ruleset, &none, Some((number, true)));
            let exceeded = interpreter::ways(ruleset, &none, Some((number, false)));
            for (kept, exceeded) in kept.zip(exceeded) {
                let is_met = kept.opens() && kept.rules.contains(&bypassed.rule);
                assert!(!is_met || exceeded.passes(), "{bypassed:?} {text}");
            }
        }
    });
    println!("{} limits are bypassed", found.get());
    assert!(found.get() > 0, "none to say anything of");
}

#[test]
fn no_packet_that_opens_a_flow_meets_a_rule_by_a_value_that_it_names_in_vain() {
    let found = std::cell::Cell::new(0);
    each(|ruleset, analysis, text| {
        let all: Vec<RuleId> = (0..).map(RuleId).take(ruleset.rules.len()).collect();
        let partial = analysis.partial(&all);
        found.set(found.get() + partial.len());
        if partial.is_empty() {
            return;
        }
        let none = BTreeSet::new();
        for way in interpreter::ways(ruleset, &none, None).filter(interpreter::Way::opens) {
            for it in partial.iter().filter(|it| way.rules.contains(&it.rule)) {
                assert!(!it.left.is_empty(), "{it:?} {text}");
                let in_vain = it.left.iter().any(|left| left.lost.contains(way.value(left.field)));
                assert!(!in_vain, "{it:?} {text}");
            }
        }
    });
    println!("{} rules apply in part", found.get());
    assert!(found.get() > 5, "too few to say much");
}
