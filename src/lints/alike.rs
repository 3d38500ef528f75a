//! What lints about rules that one rule could stand for share.

use super::{Context, Place};
use crate::{
    analysis::Run,
    knowledge::{manager_of_chain, manager_of_table},
    lower::Input,
    model::{Action, ChainId, Field, Rule, Step, Verdict},
    syntax::Error,
};

/// So many rules that differ in an address are a list.
pub(super) const MANY: u32 = 20;

/// The runs of at least `least` rules in the chains that people write.
pub(super) fn runs(cx: &Context<'_>, least: u32) -> Vec<Run> {
    let ruleset = cx.ruleset();
    let words =
        |(rule, step): (&Rule, &Step)| cx.text(Place { file: rule.place.file, span: step.span });
    let same_words = |one: (&Rule, &Step), other: (&Rule, &Step)| {
        one.1.action != Action::Verdict(Verdict::Reject) || words(one) == words(other)
    };
    let refused = |input: &&Input<'_>| input.parsed.errors.iter().any(Error::stops_loading);
    let broken: Vec<u32> = cx.inputs.iter().filter(refused).map(|input| input.file).collect();
    let mut runs = Vec::new();
    for (chain, id) in ruleset.chains.iter().zip(0..) {
        let is_managed = manager_of_chain(&chain.name).is_some()
            || manager_of_table(&ruleset.table_of(ChainId(id)).name).is_some();
        // Where lines were refused, rules that stand in a row may not.
        let is_whole = !broken.contains(&chain.place.file);
        if !is_managed && is_whole {
            runs.extend(cx.analysis.runs(ChainId(id), least, &same_words));
        }
    }
    runs
}

/// Whether they differ in an address.
pub(super) fn is_of_addresses(run: &Run) -> bool {
    matches!(run.field, Field::Source | Field::Destination)
}
