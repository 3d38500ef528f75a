//! Which rules are dead, against two judges that know nothing of sets: packets sent one by one through small made-up rule
//! sets, and long lists whose boxes are taken apart one after the other.

#![expect(clippy::print_stdout, reason = "the counts are said aloud")]

mod boxes;
#[path = "../conditions/mod.rs"]
mod conditions;
mod idle;
mod interpreter;
#[path = "../numbers/mod.rs"]
mod numbers;
mod rules;

use fwlint::{
    analysis::{Analysis, Interest},
    lower::{self, Input},
    model::{RuleId, Ruleset},
    source::SourceFile,
    syntax::{self, Dialect},
};
use std::{collections::BTreeSet, env};

/// So many by default; `FWLINT_RULE_SETS` asks for more, `FWLINT_LONG_LISTS` for a list of so many rules.
const RULE_SETS: u64 = 150;

/// What the analysis says of a file, and what `judge` says of its rules, but those of which the analysis says that it does
/// not know.
fn compared(
    text: &str,
    judge: impl Fn(&Ruleset) -> BTreeSet<RuleId>,
) -> (BTreeSet<RuleId>, BTreeSet<RuleId>) {
    let source = SourceFile::new("rules.v4", text.as_bytes().to_vec());
    let parsed = syntax::parse(&source, Some(Dialect::Iptables)).expect("a dialect is given");
    assert!(parsed.errors.is_empty(), "{text}\n{:?}", parsed.errors);
    let ruleset = lower::ruleset(&[Input { file: 0, source: &source, parsed: &parsed }]);
    let analysis = Analysis::of(&ruleset, Interest::Everything);
    let said = analysis.dead().rules.iter().map(|it| it.rule).collect();
    let unsettled: BTreeSet<RuleId> = analysis.dead().unsettled.iter().copied().collect();
    assert!(unsettled.len() * 2 < ruleset.rules.len(), "{} are unsettled", unsettled.len());
    if !unsettled.is_empty() {
        println!("of {} rules {} are not settled", ruleset.rules.len(), unsettled.len());
    }
    let judged = judge(&ruleset);
    (said, judged.difference(&unsettled).copied().collect())
}

#[test]
fn a_rule_is_dead_where_no_packet_of_a_small_world_meets_it() {
    let (mut found, mut rules) = (0, 0);
    let sets = env::var("FWLINT_RULE_SETS").ok().and_then(|it| it.parse().ok());
    let sets: u64 = sets.unwrap_or(RULE_SETS);
    for seed in 0..sets {
        let text = rules::small(seed);
        let (said, true_ones) = compared(&text, interpreter::dead);
        found += said.len();
        rules += text.matches("-A ").count();
        assert_eq!(said, true_ones, "seed {seed}\n{text}");
    }
    println!("{found} of {rules} rules are dead in {sets} rule sets");
    assert!(found * 10 > rules, "too few are dead to say much");
}

#[test]
fn long_lists_are_judged_as_their_boxes_are() {
    let more = env::var("FWLINT_LONG_LISTS").ok().and_then(|it| it.parse().ok());
    let more = more.map(|rules: usize| (rules, 5));
    for (rules, seed) in [(1_000, 1), (1_000, 2), (1_000, 3), (10_000, 4)].into_iter().chain(more) {
        let text = rules::long(rules, seed);
        let (said, true_ones) = compared(&text, boxes::dead);
        println!("{} of {rules} rules are dead", said.len());
        assert!(!said.is_empty() && said.len() < rules, "one side only says little");
        assert_eq!(said, true_ones, "seed {seed}");
    }
}
