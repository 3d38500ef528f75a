//! Whether fixes keep what they promise, before anything of them is written.

use crate::{
    commands::{
        Plan,
        diff::{self, Comparison},
        hosts,
        reading::Reading,
    },
    lints, lower,
    model::{ChainId, TableFamily},
    syntax,
};
use std::collections::BTreeMap;

/// What the loader refuses of everything that was read: how often, by the lint that reports it.
pub(super) fn refused(reading: &Reading) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for text in reading.texts() {
        for error in text.parsed.errors.iter().filter(|it| syntax::Error::stops_loading(it)) {
            *counts.entry(lints::code_of_error(&error.kind)).or_default() += 1;
        }
    }
    counts
}

/// Whether one error of each of these lints is gone, as often as it is named, and none without a lint of its own has come.
pub(super) fn loads_better(old: &Reading, new: &Reading, codes: &[&'static str]) -> bool {
    let (old, new) = (refused(old), refused(new));
    let count = |counts: &BTreeMap<&'static str, usize>, code: &'static str| {
        counts.get(code).copied().unwrap_or(0)
    };
    let mut wanted = BTreeMap::new();
    for code in codes {
        *wanted.entry(*code).or_insert(0) += 1;
    }
    let fewer = wanted.iter().all(|(code, gone)| count(&new, code) + gone <= count(&old, code));
    fewer && count(&new, SYNTAX) <= count(&old, SYNTAX)
}

/// What has no lint of its own.
const SYNTAX: &str = "FW000";

/// Whether it is proven that every packet meets the same verdict on both sides.
pub(super) fn same_verdicts(old: &Reading, new: &Reading, plan: &Plan) -> bool {
    if !refused(new).is_empty() {
        return false;
    }
    if same_rules(old, new, plan) {
        return true;
    }
    let Some(comparison) = diff::between([old, new], plan) else { return false };
    let same = |it: &diff::Host| it.equivalent == Some(true) && it.alone.is_empty();
    comparison.hosts.iter().all(same) && unseen(old) == unseen(new)
}

/// Whether the hosts say the same, whatever words they say it in.
fn same_rules(old: &Reading, new: &Reading, plan: &Plan) -> bool {
    let rulesets = [old, new].map(|reading| {
        let texts = reading.texts();
        let groups = hosts::groups(&texts, plan).0;
        let rulesets = groups.iter().map(|it| lower::ruleset(&it.inputs(&texts)));
        rulesets.collect::<Vec<_>>()
    });
    let [old, new] = rulesets;
    old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| old.is_like(new))
}

/// Whether the files load, and make hosts that can be compared with those that were.
pub(super) fn loads(old: &Reading, new: &Reading, plan: &Plan) -> bool {
    refused(new).is_empty() && diff::make_the_same_hosts([old, new], plan)
}

/// What a fix that may change verdicts lets in and does not; `None` where the files would not load.
pub(super) fn difference(old: &Reading, new: &Reading, plan: &Plan) -> Option<Comparison> {
    refused(new).is_empty().then(|| diff::between([old, new], plan)).flatten()
}

/// The rules that see no IP packets on their way through the host (`bridge`, `arp`), which the comparison does not look at,
/// as they are written.
fn unseen(reading: &Reading) -> Vec<String> {
    let mut words = Vec::new();
    for text in reading.texts() {
        let ruleset = lower::ruleset(&[text.input()]);
        for (chain, id) in ruleset.chains.iter().zip(0..) {
            let table = &ruleset.tables[chain.table.0 as usize];
            if !matches!(table.family, TableFamily::Bridge | TableFamily::Arp) {
                continue;
            }
            let policy = chain.base.map(|base| (base.hook, base.policy));
            words.push(format!("{} {} {policy:?}", table.name, chain.name));
            let rules = ruleset.rules_of(ChainId(id));
            words.extend(rules.map(|(_, rule)| text.source.slice(rule.place.span).to_owned()));
        }
    }
    words
}
