use super::{Decision, Difference, Pair, compare};
use crate::{analysis::Analysis, model::RuleId, packets::Packet};
use rustc_hash::FxHashMap;

/// Packets that fare otherwise if rules stand in another order.
#[derive(Debug)]
pub struct Reordered {
    /// One of them; none where what tells them apart cannot be said in packet notation.
    pub witness: Option<Packet>,
    /// The rule that decides about it as the order is; none where no rule does.
    pub before: Option<RuleId>,
    /// The one that would.
    pub after: Option<RuleId>,
}

impl Analysis<'_> {
    /// What surely fares otherwise if the rules of each group, all of one chain, stood in the order given, each at one of the
    /// places of its group.
    pub fn reordered(&self, groups: &[Vec<RuleId>]) -> Vec<Reordered> {
        let mut other = self.ruleset.clone();
        let mut own: FxHashMap<RuleId, RuleId> = FxHashMap::default();
        for rules in groups {
            let mut places = rules.clone();
            places.sort_unstable();
            for (place, rule) in places.into_iter().zip(rules) {
                other.rules[place.0 as usize] = self.ruleset.rule(*rule).clone();
                own.insert(place, *rule);
            }
        }
        let pair = Pair::of(self.ruleset.clone(), other, 0);
        let decides = |it: Decision| match it {
            Decision::Rule(rule, _) => Some(rule),
            Decision::Policy(_) | Decision::None => None,
        };
        // A rule of the other side, as it is called on this one.
        let own = |rule: RuleId| {
            let place = RuleId(rule.0 - pair.seam.rule.0);
            own.get(&place).copied().unwrap_or(place)
        };
        let differences = compare(&pair, true).into_iter().flat_map(|it| it.differences);
        let certain = differences.filter(|it| it.certain);
        let told = certain.map(|Difference { witness, before, after, .. }| {
            let (before, after) = (decides(before.decided_by), decides(after.decided_by).map(own));
            Reordered { witness, before, after }
        });
        told.collect()
    }
}
