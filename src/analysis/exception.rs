//! What is let in on interfaces where everything else is denied.

use super::{Decider, Exposure, FamilyAnalysis, Path};
use crate::{
    model::{ChainId, Condition, Field, Rule, RuleId, Verdict},
    packets::Ranges,
};
use rustc_hash::FxHashMap;

impl FamilyAnalysis<'_> {
    /// Whether all that rules let in to this host are exceptions: packets on interfaces of which a rule of the same chain denies
    /// the rest, where the ruleset names no other interface. Such rules say nothing about what comes in elsewhere.
    pub fn lets_in_exceptions_only(&self) -> bool {
        let by_rule =
            |it: &&Exposure| it.path == Path::Input && matches!(it.decider, Decider::Rule(_));
        let mut bars: FxHashMap<ChainId, Vec<Bar>> = FxHashMap::default();
        let mut barred = Ranges::EMPTY;
        for exposure in self.exposures.iter().filter(by_rule) {
            let Decider::Rule(id) = exposure.decider else { continue };
            let chain = self.space.ruleset.rule(id).chain;
            let bars = bars.entry(chain).or_insert_with(|| self.bars_of(chain));
            let from = self.from(exposure);
            if !bars.iter().any(|bar| bar.rule > id && from.is_subset(&bar.interfaces)) {
                return false;
            }
            barred = barred.union(&from);
        }
        barred.is_empty() || self.named().is_subset(&barred)
    }

    /// The interfaces on which an exposure lets packets in.
    fn from(&self, exposure: &Exposure) -> Ranges {
        let space = &self.space;
        let sets = exposure.slices.iter().map(|it| space.ranges(Field::In, it.sent(Field::In)));
        sets.fold(Ranges::EMPTY, |all, some| all.union(&some))
    }

    /// The rules of a chain that deny all that comes in on some interfaces.
    fn bars_of(&self, chain: ChainId) -> Vec<Bar> {
        let (space, ruleset) = (&self.space, self.space.ruleset);
        let bar = |(id, rule): (RuleId, &Rule)| {
            let (verdict, _) = ruleset.verdict_of(rule)?;
            let mut interfaces = self.named();
            for (condition, _) in ruleset.conditions_of(rule) {
                let Condition::Interface { field: Field::In, name, negated: false } = condition
                else {
                    return None;
                };
                interfaces = interfaces.intersect(space.interfaces.meant(name));
            }
            matches!(verdict, Verdict::Drop | Verdict::Reject)
                .then_some(Bar { rule: id, interfaces })
        };
        ruleset.rules_of(chain).filter_map(bar).collect()
    }

    /// The interfaces that the ruleset names.
    fn named(&self) -> Ranges {
        let atoms = self.space.interfaces.atoms().iter().zip(0_u128..);
        let named = atoms.filter(|(atom, _)| atom.is_named());
        Ranges::of(named.map(|(_, number)| (number, number)).collect())
    }
}

/// A rule that denies all that comes in on these interfaces and to its chain.
struct Bar {
    rule: RuleId,
    interfaces: Ranges,
}
