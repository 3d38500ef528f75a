//! What comes of a rule's being dead, and a packet that shows it.

use super::{
    Consequence, DeadRule, Kind, Witness,
    cause::{Explaining, Found, size},
    fate::Part,
    hooks,
};
use crate::{
    analysis::{
        Calls, Slice, Space,
        flat::Effect,
        interfaces::Interfaces,
        trace::Decision,
        way::{CONNTRACK, Listed},
        witness,
    },
    model::{ChainId, ChainKind, Field, Policy, State, Verdict},
    packets::{Cube, Ranges, SetId},
};
use std::cmp::Reverse;

/// So many packets are tried for one that shows what comes of a dead rule.
const MOST_WITNESSES: usize = 8;
const UNTRACKED: u128 = State::Untracked.value();

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

    /// Packets that show what comes of it.
    pub(super) fn witness(
        &self,
        family: usize,
        listed: &Listed,
        found: &Found,
        dead: &mut DeadRule,
    ) {
        let wanted = match dead.consequence {
            Consequence::Hole => Outcome::Passed,
            Consequence::Outage => Outcome::Dropped,
            Consequence::None => return,
        };
        let space = &self.families[family].space;
        let new = space.one(Field::State, State::New.value());
        let shows = found.parts.iter().filter(|part| {
            self.outcome(family, listed, part) == wanted
                && self.matters(family, part, &found.starts, wanted)
        });
        let mut shows: Vec<&Part> = shows.collect();
        let starts = |part: &Part| space.store.overlaps(part.slice.now(Field::State), new);
        shows.sort_by_cached_key(|part| Reverse((starts(part), size(space, &part.slice.cube))));
        shows.truncate(MOST_WITNESSES);
        let arriving = self.arriving(family, listed);
        let mut met: Vec<(&Part, Slice)> = Vec::new();
        for part in shows {
            let slices = arriving.iter().filter_map(|it| part.slice.narrowed_to(it.terms(), space));
            met.extend(slices.map(|slice| (part, slice)));
        }
        met.sort_by_cached_key(|(part, slice)| Reverse((starts(part), size(space, &slice.cube))));
        dead.unseen = met.is_empty();
        // What is not tracked has that state whatever its sender wants.
        let untracked = |slice: &Slice| space.store.contains(slice.now(Field::State), UNTRACKED);
        let witnesses = met.into_iter().filter_map(|(part, mut slice)| {
            if untracked(&slice) {
                slice.put(Space::axis(Field::State), SetId::FULL);
            }
            let packet = witness::packet_at_hook(space, &slice, listed.base.hook)?;
            let decision = part.by.map_or(Decision::Policy(listed.chain), |by| {
                Decision::Rule(listed.flat.entries[by as usize].rule, listed.chain)
            });
            Some(Witness { packet, decision })
        });
        dead.witnesses = witnesses.take(MOST_WITNESSES).collect();
    }

    /// What comes to a list, with the states that packets have once they are tracked.
    fn arriving(&self, family: usize, listed: &Listed) -> Vec<Cube> {
        let untracked_yet = listed.base.called_at() < CONNTRACK;
        let arriving = self.survey.arriving[family][listed.index].iter();
        let cubes = arriving.map(|slice| slice.cube.clone());
        let with_state = |cube: Cube| {
            if untracked_yet { cube.replace(Space::axis(Field::State), None) } else { cube }
        };
        cubes.map(with_state).collect()
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
