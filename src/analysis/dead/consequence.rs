//! What comes of a rule's being dead, and a packet that shows it.

use super::{
    Consequence, DeadRule, Kind,
    cause::{Explaining, Found, size},
    fate::Part,
    hooks,
};
use crate::{
    analysis::{Calls, Slice, Space, flat::Effect, interfaces::Interfaces, way::Listed, witness},
    model::{ChainId, ChainKind, Field, Policy, State, Verdict},
    packets::{Ranges, SetId},
};

/// Values that packets have which a rule is seldom written for.
pub(super) struct Usual {
    /// Replies, and what belongs to a connection.
    known: SetId,
    invalid: SetId,
    /// All but what opens a connection.
    settled: SetId,
    loopback: SetId,
    groups: SetId,
}

impl Usual {
    pub(super) fn of(space: &Space<'_>) -> Self {
        let states = |states: &[State]| {
            let states = states.iter().map(|it| (it.value(), it.value())).collect();
            space.intern(Field::State, &Ranges::of(states))
        };
        Self {
            known: states(&[State::Established, State::Related]),
            invalid: states(&[State::Invalid]),
            settled: states(&[State::Established, State::Related, State::Invalid]),
            loopback: space.one(Field::In, Interfaces::LOOPBACK),
            groups: hooks::groups(space),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Dropped,
    /// The input does not say.
    Open,
}

impl Explaining<'_, '_> {
    pub(super) fn consequence(
        &self,
        family: usize,
        listed: &Listed,
        dead: &DeadRule,
        found: &Found,
    ) -> Consequence {
        let ruleset = self.ruleset;
        if listed.base.kind == ChainKind::Nat {
            let verdict = ruleset.verdict_of(ruleset.rule(dead.rule)).map(|it| it.0);
            let wanted = matches!(verdict, Some(Verdict::Dnat(_)));
            return if wanted && !found.same { Consequence::Outage } else { Consequence::None };
        }
        let has = |wanted: Outcome| {
            let parts = found.parts.iter();
            let mut parts = parts.filter(|part| self.outcome(family, listed, part) == wanted);
            parts.any(|part| self.matters(family, part, &found.starts, wanted))
        };
        match dead.kind {
            Kind::Deny if has(Outcome::Passed) => Consequence::Hole,
            Kind::Accept | Kind::Return if has(Outcome::Dropped) => Consequence::Outage,
            Kind::Jump if has(Outcome::Dropped) => {
                let entered = ruleset.chains_entered(ruleset.rule(dead.rule));
                let accepts = |chain: ChainId| {
                    Calls::rules_below(ruleset, chain)
                        .any(|rule| matches!(ruleset.verdict_of(rule), Some((Verdict::Accept, _))))
                };
                if entered.into_iter().any(accepts) {
                    Consequence::Outage
                } else {
                    Consequence::None
                }
            }
            _ => Consequence::None,
        }
    }

    /// Whether a part holds what the rule was written for: not only the loopback's packets, what is sent to groups, the
    /// replies that are let in everywhere, or what is invalid; unless the rule is about nothing else.
    fn matters(&self, family: usize, part: &Part, starts: &[Slice], wanted: Outcome) -> bool {
        let usual = &self.usual[family];
        let states = match wanted {
            Outcome::Dropped => usual.invalid,
            Outcome::Passed | Outcome::Open => usual.known,
        };
        ![
            (Field::State, states),
            (Field::In, usual.loopback),
            (Field::DestinationKind, usual.groups),
        ]
        .into_iter()
        .any(|(field, usual)| self.is_only(family, field, usual, part, starts))
    }

    fn outcome(&self, family: usize, listed: &Listed, part: &Part) -> Outcome {
        match part.by.map(|it| listed.flat.entries[it as usize].effect) {
            Some(Effect::Drop) => Outcome::Dropped,
            Some(_) => Outcome::Passed,
            None if self.families[family].way.is_fragment() => Outcome::Open,
            None => match listed.base.policy {
                Policy::Accept => Outcome::Passed,
                Policy::Drop => Outcome::Dropped,
                Policy::Unknown => Outcome::Open,
            },
        }
    }

    /// A packet that shows what comes of it.
    pub(super) fn witness(
        &self,
        family: usize,
        listed: &Listed,
        consequence: Consequence,
        found: &Found,
    ) -> Option<String> {
        let wanted = match consequence {
            Consequence::Hole => Outcome::Passed,
            Consequence::Outage => Outcome::Dropped,
            Consequence::None => return None,
        };
        let space = &self.families[family].space;
        let new = space.one(Field::State, State::New.value());
        let shows = found.parts.iter().filter(|part| {
            self.outcome(family, listed, part) == wanted
                && self.matters(family, part, &found.starts, wanted)
        });
        let starts = |part: &&Part| space.store.overlaps(part.slice.now(Field::State), new);
        let best = shows.max_by_key(|part| (starts(part), size(space, &part.slice.cube)))?;
        witness::at_hook(space, &best.slice, listed.base.hook)
    }

    /// Whether a part holds nothing but replies, what is invalid, what is sent to groups or the loopback's packets, where the
    /// rule is about more than that.
    pub(super) fn beside(&self, family: usize, part: &Part, starts: &[Slice]) -> bool {
        let usual = &self.usual[family];
        [
            (Field::State, usual.settled),
            (Field::In, usual.loopback),
            (Field::DestinationKind, usual.groups),
        ]
        .into_iter()
        .any(|(field, usual)| self.is_only(family, field, usual, part, starts))
    }

    /// Whether a part, and not all that the rule is about, has only such values.
    fn is_only(
        &self,
        family: usize,
        field: Field,
        usual: SetId,
        part: &Part,
        starts: &[Slice],
    ) -> bool {
        let store = &self.families[family].space.store;
        let only = |slice: &Slice| store.is_subset(slice.now(field), usual);
        only(&part.slice) && !starts.iter().all(only)
    }
}
