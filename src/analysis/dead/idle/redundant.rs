//! Rules that later rules make superfluous.

use super::{
    Asking, Counting, List,
    later::{Asked, Ending},
};
use crate::{
    analysis::{
        Analysis,
        flat::{Effect, Entry},
    },
    model::{Condition, OpaqueKind, RuleId, Verdict},
};

/// A rule whose packets would all meet the same without it.
#[derive(Debug, Clone)]
pub struct Redundant {
    /// The rule.
    pub rule: RuleId,
    /// The later rules that do the same with its packets, in order.
    pub by: Vec<RuleId>,
    /// Whether one of them rests on what a named set holds now.
    pub rests_on_set: bool,
}

/// What is known of a rule.
#[derive(Debug, Clone, Default)]
enum Known {
    #[default]
    Nothing,
    By(Vec<RuleId>),
    Needed,
}

impl Analysis<'_> {
    /// The rules that packets reach and that decide as later rules would, in their order.
    pub fn redundant(&self, counting: Counting<'_>) -> Vec<Redundant> {
        let asking = Asking::new(self, counting);
        let mut known = vec![Known::Nothing; self.ruleset.rules.len()];
        for list in asking.lists() {
            for (entry, at) in list.listed.flat.entries.iter().zip(0..) {
                let known = &mut known[entry.rule.0 as usize];
                if !matches!(known, Known::Needed) {
                    asking.look(&list, entry, at, known);
                }
            }
        }
        let found = known.into_iter().zip(0..).filter_map(|(known, id)| match known {
            Known::By(mut by) => {
                by.sort_unstable();
                by.dedup();
                let rule = RuleId(id);
                let rests_on_set = by.iter().chain([&rule]).any(|it| asking.asks_set(*it));
                Some(Redundant { rule, by, rests_on_set })
            }
            Known::Nothing | Known::Needed => None,
        });
        found.collect()
    }
}

impl Asking<'_, '_> {
    /// Looks whether a rule is needed at one of its places.
    fn look(&self, list: &List<'_, '_>, entry: &Entry, at: u32, known: &mut Known) {
        let verdict = self.ruleset.verdict_of(self.ruleset.rule(entry.rule)).map(|it| it.0);
        let Some(verdict) = verdict.filter(|_| self.may_be_idle(entry)) else {
            *known = Known::Needed;
            return;
        };
        if self.is_spent() {
            self.leave([entry.rule]);
            *known = Known::Needed;
            return;
        }
        let flat = &list.listed.flat;
        let wanted = entry.effect;
        let (from, verdict, without) = (at + 1, Some(verdict), Some(entry.rule));
        let asked = Asked { from, wanted, verdict, without, passing: false, traces: false };
        let space = &list.family.space;
        let starts = list.starts.iter();
        for start in starts.filter_map(|it| it.narrowed_to(flat.terms(entry), space)) {
            match self.ending(list, &start, asked) {
                Ending::Same { by: more, policy: false } => match known {
                    Known::By(by) => by.extend(more),
                    Known::Nothing | Known::Needed => *known = Known::By(more),
                },
                Ending::Same { .. } | Ending::Other => return *known = Known::Needed,
                Ending::Unsettled => {
                    self.leave([entry.rule]);
                    return *known = Known::Needed;
                }
            }
        }
    }

    /// Whether a rule does nothing but decide, by what holds of a packet whenever it is asked.
    fn may_be_idle(&self, entry: &Entry) -> bool {
        let ruleset = self.ruleset;
        let rule = ruleset.rule(entry.rule);
        let verdict = ruleset.verdict_of(rule).map(|it| it.0);
        let decides = matches!(verdict, Some(Verdict::Accept | Verdict::Drop | Verdict::Reject))
            && matches!(entry.effect, Effect::Accept | Effect::Drop);
        let changes = |condition: Condition| match condition {
            Condition::Opaque { opaque, .. } => matches!(
                ruleset.opaques[opaque.0 as usize].kind,
                OpaqueKind::Timing | OpaqueKind::Foreign
            ),
            _ => false,
        };
        decides
            && entry.certain
            && !entry.fresh
            && !self.leaves_trace(entry.rule)
            && !ruleset.conditions_within(rule).any(changes)
            && self.analysis.dead().reaches(entry.rule)
    }
}
