//! The packets that come to a hook.

use super::pair::Pair;
use crate::{
    analysis::{Calls, Space, arrival, interfaces::Interfaces},
    model::{Action, Assignment, Field, Hook, State},
    packets::{Axis, Cube, Ranges, Term},
};

/// Values of a mark that a packet may bring along, for each group of its bits.
const MOST_VALUES: usize = 4;

/// `NF_IP_PRI_CONNTRACK` in `linux/netfilter_ipv4.h`.
const CONNTRACK: i32 = -200;

impl Pair<'_, '_> {
    /// The packets that fulfil `terms`, as they may come to the hook: each part has one state and one value of each mark,
    /// so that nothing is lost when those are overwritten.
    pub(super) fn starts(&self, terms: &[Term]) -> Vec<Cube> {
        let space = self.space;
        let base = self.listed[0].base;
        // Before connection tracking every packet is invalid to who asks.
        let states: &[State] = if self.is_before_tracking() {
            &[State::Invalid]
        } else {
            &[State::New, State::Established, State::Related, State::Untracked, State::Invalid]
        };
        let mut starts = Vec::new();
        let targets = self.targets();
        for state in states {
            let mut sides = self.at_hook(base.hook);
            // What nobody knows is taken to let packets on.
            sides.extend(targets.iter().map(|axis| (*axis, space.one(*axis, 0))));
            let one = |field: Field, value: u128| (Space::axis(field), space.one(field, value));
            sides.extend([
                one(Field::State, state.value()),
                one(Field::Fragment, 0),
                one(Field::Translated, 0),
            ]);
            if *state == State::New {
                let syn = space.intern(Field::TcpFlags, &arrival::syn());
                sides.extend([one(Field::Direction, 0), (Space::axis(Field::TcpFlags), syn)]);
            }
            sides.extend(terms);
            for marks in self.marks(*state) {
                let sides = sides.iter().copied().chain(marks);
                starts.extend(Cube::of(&space.store, sides));
            }
        }
        starts
    }

    /// Whether connection tracking comes only after the two chains.
    pub(super) fn is_before_tracking(&self) -> bool {
        let base = self.listed[0].base;
        let tracked_at = matches!(base.hook, Hook::Prerouting | Hook::Output);
        base.hook == Hook::Ingress || (tracked_at && base.called_at() < CONNTRACK)
    }

    /// The axes of the targets that nobody knows, in either chain.
    pub(super) fn targets(&self) -> Vec<Axis> {
        let flats = self.listed.iter().map(|it| &it.flat);
        let terms = flats.flat_map(|flat| flat.entries.iter().flat_map(|it| flat.terms(it)));
        terms.map(|term| term.0).filter(|axis| self.space.is_target(*axis)).collect()
    }

    /// Through which interfaces packets come and go at a hook.
    fn at_hook(&self, hook: Hook) -> Vec<Term> {
        let space = self.space;
        let none = Ranges::of([Interfaces::LOOPBACK, Interfaces::NONE].map(|it| (it, it)).into());
        let some = |field: Field| {
            let all = Ranges::range(0, space.interfaces.last());
            (Space::axis(field), space.intern(field, &all.minus(&none)))
        };
        let no = |field: Field| (Space::axis(field), space.one(field, Interfaces::NONE));
        match hook {
            Hook::Ingress | Hook::Prerouting | Hook::Input => vec![some(Field::In), no(Field::Out)],
            Hook::Forward => vec![some(Field::In), some(Field::Out)],
            Hook::Output => vec![no(Field::In), some(Field::Out)],
            Hook::Postrouting | Hook::Egress => vec![some(Field::Out)],
        }
    }

    /// The marks that a packet may bring along: none, or one that the two chains ask for or write.
    fn marks(&self, state: State) -> Vec<Vec<Term>> {
        let space = self.space;
        let axes = |field: Field| space.mark_axes(field).map(|(axis, _)| axis).collect::<Vec<_>>();
        let (own, of_flow) = (axes(Field::Mark), axes(Field::ConnectionMark));
        let zero: Vec<Term> =
            own.iter().chain(&of_flow).map(|axis| (*axis, space.one(*axis, 0))).collect();
        let mut marks = vec![zero.clone()];
        let mut brought = Vec::new();
        if self.marked_before() {
            brought.extend(own);
        }
        if matches!(state, State::Established | State::Related) {
            brought.extend(of_flow);
        }
        for axis in brought {
            for value in self.values(axis) {
                let mut sides = zero.clone();
                sides.retain(|term| term.0 != axis);
                sides.push((axis, space.one(axis, value)));
                marks.push(sides);
            }
        }
        marks
    }

    /// Whether a chain other than the two writes marks.
    fn marked_before(&self) -> bool {
        let ruleset = self.space.ruleset;
        let others = ruleset
            .base_chains()
            .map(|(id, ..)| id)
            .filter(|id| self.listed.iter().all(|it| it.chain != *id));
        others.into_iter().any(|chain| {
            Calls::rules_below(ruleset, chain).any(|rule| {
                ruleset.steps_of(rule).iter().any(|step| {
                    matches!(
                        step.action,
                        Action::Assign(
                            Assignment::Bits { field: Field::Mark, .. }
                                | Assignment::Copy { to: Field::Mark, .. }
                        )
                    )
                })
            })
        })
    }

    /// The first few values, other than 0, that the two chains ask for on a mark's axis.
    fn values(&self, axis: Axis) -> Vec<u128> {
        let flats = self.listed.iter().map(|it| &it.flat);
        let terms = flats.flat_map(|flat| flat.entries.iter().flat_map(|it| flat.terms(it)));
        let mut values = Vec::new();
        for (_, set) in terms.filter(|term| term.0 == axis) {
            let value = self.space.store.first(*set);
            values.extend(value.filter(|it| *it != 0 && !values.contains(it)));
            if values.len() == MOST_VALUES {
                break;
            }
        }
        values
    }
}
