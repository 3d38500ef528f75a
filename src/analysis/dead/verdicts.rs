//! What rules and chains do with packets, whatever comes to them.

use super::Kind;
use crate::analysis::Calls;
use crate::model::{Action, ChainId, Place, Rule, RuleId, Ruleset, Verdict};

/// Where rules ask for named sets whose elements are known now.
pub(super) struct NamedSets(Vec<Place>);

impl NamedSets {
    pub(super) fn of(ruleset: &Ruleset) -> Self {
        let mut places = ruleset.named_sets.clone();
        places.sort_unstable();
        Self(places)
    }

    /// Whether a rule asks for one.
    pub(super) fn asked_by(&self, ruleset: &Ruleset, rule: RuleId) -> bool {
        let place = ruleset.rule(rule).place;
        let start = |it: &Place| (it.file, it.span.start);
        let first = self.0.partition_point(|it| start(it) < start(&place));
        let inside = |it: &Place| it.file == place.file && it.span.start < place.span.end;
        self.0.get(first).is_some_and(inside)
    }
}

/// What a rule does with packets.
pub(super) fn kind(ruleset: &Ruleset, id: RuleId) -> Kind {
    match ruleset.verdict_of(ruleset.rule(id)).map(|it| it.0) {
        None => Kind::Note,
        Some(Verdict::Drop | Verdict::Reject) => Kind::Deny,
        Some(Verdict::Jump(chain) | Verdict::Goto(chain)) if Calls::denies(ruleset, chain) => {
            Kind::Deny
        }
        Some(Verdict::Jump(_) | Verdict::Goto(_) | Verdict::Branches(_) | Verdict::Unknown) => {
            Kind::Jump
        }
        Some(Verdict::Return) => Kind::Return,
        Some(
            Verdict::Accept
            | Verdict::Snat(_)
            | Verdict::Dnat(_)
            | Verdict::Synproxy
            | Verdict::Queue { .. },
        ) => Kind::Accept,
    }
}

/// The first rule of a chain that lets nothing past.
pub(super) fn catch_all(ruleset: &Ruleset, chain: ChainId) -> Option<RuleId> {
    let ends = |rule: &Rule| {
        let steps = ruleset.steps_of(rule);
        let asks =
            steps.iter().any(|step| matches!(step.action, Action::Match(_) | Action::Assign(_)));
        let verdict = ruleset.verdict_of(rule).map(|it| it.0);
        !asks
            && matches!(
                verdict,
                Some(
                    Verdict::Accept
                        | Verdict::Drop
                        | Verdict::Reject
                        | Verdict::Return
                        | Verdict::Goto(_)
                        | Verdict::Snat(_)
                )
            )
    };
    ruleset.rules_of(chain).find(|(_, rule)| ends(rule)).map(|it| it.0)
}
