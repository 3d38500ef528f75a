use super::{Decision, Difference, Pair, compare};
use crate::{analysis::Analysis, model::RuleId, packets::Packet};

/// A packet that fares otherwise if rules stand in another order.
#[derive(Debug)]
pub struct Reordered {
    /// The packet; none where what tells it apart cannot be said in packet notation.
    pub witness: Option<Packet>,
    /// The rule that decides about it as the order is; none where no rule does.
    pub before: Option<RuleId>,
    /// The one that would.
    pub after: Option<RuleId>,
}

impl Analysis<'_> {
    /// What surely fares otherwise if `rules`, all of one chain, stood in the order given, each at one of their places.
    pub fn reordered(&self, rules: &[RuleId]) -> Option<Reordered> {
        let mut places = rules.to_vec();
        places.sort_unstable();
        let mut other = self.ruleset.clone();
        for (place, rule) in places.iter().zip(rules) {
            other.rules[place.0 as usize] = self.ruleset.rule(*rule).clone();
        }
        let pair = Pair::of(self.ruleset.clone(), other, 0);
        let decides = |it: Decision| match it {
            Decision::Rule(rule, _) => Some(rule),
            Decision::Policy(_) | Decision::None => None,
        };
        let mut differences = compare(&pair, true).into_iter().flat_map(|it| it.differences);
        let Difference { witness, before, after, .. } = differences.find(|it| it.certain)?;
        // A rule of the other side, as it is called on this one.
        let own = |rule: RuleId| {
            let place = RuleId(rule.0 - pair.seam.rule.0);
            places.binary_search(&place).map_or(place, |at| rules[at])
        };
        let (before, after) = (decides(before.decided_by), decides(after.decided_by).map(own));
        Some(Reordered { witness, before, after })
    }
}
