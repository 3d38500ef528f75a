//! What comes of a rule's being dead, and a packet that shows it.

use super::{
    Consequence, DeadRule, Kind,
    cause::{Explaining, Found, leads, takes},
    fate::{self, PASSED, Part},
    hooks,
    takers::size,
};
use crate::{
    analysis::{
        Calls, Slice, Space,
        flat::{Effect, Entry, Flat},
        interfaces::Interfaces,
        walk,
        way::{CONNTRACK, Listed},
        witness,
    },
    model::{ChainId, ChainKind, Field, Hook, Policy, RuleId, State, Verdict},
    packets::{self, Fields, Packet, Ranges, SetId},
};

/// So many packets are looked for that show what comes of a dead rule.
const MOST_WITNESSES: usize = 8;

/// What the chains that one rule enters would do is asked of so many entries at most.
const MOST_ASKED: usize = 3_000;

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

/// What of some packets a rule would do something to.
pub(super) enum Would {
    /// These at least.
    Do(Slice),
    /// None of them.
    Not,
    /// It was not found out.
    Unknown,
}

impl Would {
    fn slice(self) -> Option<Slice> {
        if let Self::Do(slice) = self { Some(slice) } else { None }
    }
}

impl Explaining<'_, '_> {
    /// What comes of a rule's being dead, and packets that show it, the best first.
    pub(super) fn consequence(
        &self,
        family: usize,
        listed: &Listed,
        dead: &DeadRule,
        found: &Found,
    ) -> (Consequence, Vec<Packet>) {
        let (space, hook) = (&self.families[family].space, listed.base.hook);
        let fragment = self.families[family].way.is_fragment();
        if listed.base.kind == ChainKind::Nat {
            return self.astray(family, listed, dead.rule, found);
        }
        let wanted = match dead.kind {
            Kind::Deny => Outcome::Passed,
            Kind::Accept | Kind::Return | Kind::Jump => Outcome::Dropped,
            Kind::Note => return (Consequence::None, Vec::new()),
        };
        let lost: Vec<Slice> = found
            .parts
            .iter()
            .filter(|(part, _)| self.outcome(family, listed, part) == wanted)
            .filter(|(part, _)| self.matters(family, part, &found.starts, wanted))
            .filter_map(|(part, at)| self.meant(family, listed, dead, part, *at))
            .map(|slice| unmarked(space, &listed.flat, slice))
            .flat_map(|slice| self.arriving(family, listed, &slice))
            .collect();
        match wanted {
            _ if lost.is_empty() => (Consequence::None, Vec::new()),
            // Who calls the chain, and with which packets, is not known.
            Outcome::Passed if fragment => (Consequence::Hole, Vec::new()),
            Outcome::Dropped | Outcome::Open if fragment => (Consequence::Outage, Vec::new()),
            Outcome::Passed => {
                let shown = |slice: &Slice| witness::at_hook(space, slice, hook);
                (Consequence::Hole, best(space, &lost, shown))
            }
            // What nobody starts, or only this host's own chains lose, is lost to nobody.
            Outcome::Dropped | Outcome::Open => {
                match best(space, &lost, |slice| sent(space, slice, hook)) {
                    none if none.is_empty() => (Consequence::None, none),
                    packets => (Consequence::Outage, packets),
                }
            }
        }
    }

    /// What of a slice comes to a list past the drops of the chains before, in the states that packets have once they are
    /// tracked.
    fn arriving(&self, family: usize, listed: &Listed, slice: &Slice) -> Vec<Slice> {
        let space = &self.families[family].space;
        if self.families[family].way.is_fragment() {
            return vec![slice.clone()];
        }
        let untracked_yet = listed.base.called_at() < CONNTRACK;
        let arriving = self.survey.arriving[family][listed.index].iter().map(|it| {
            let cube = it.cube.clone();
            if untracked_yet { cube.replace(Space::axis(Field::State), None) } else { cube }
        });
        let met = arriving.filter_map(|cube| slice.narrowed_to(cube.terms(), space));
        let free_of_untracked = |mut slice: Slice| {
            // What is not tracked has that state whatever its sender wants.
            if space.store.contains(slice.now(Field::State), State::Untracked.value()) {
                slice.put(Space::axis(Field::State), SetId::FULL);
            }
            slice
        };
        met.map(free_of_untracked).collect()
    }

    /// What of a part the rule would have treated otherwise than it was.
    fn meant(
        &self,
        family: usize,
        listed: &Listed,
        dead: &DeadRule,
        part: &Part,
        at: Option<u32>,
    ) -> Option<Slice> {
        let whole = || Some(part.slice.clone());
        let ruleset = self.ruleset;
        let leads = leads(ruleset, dead.rule);
        match (dead.kind, at) {
            (Kind::Return, Some(at)) => self.let_on(family, listed, &part.slice, at),
            (Kind::Deny, Some(at)) if leads => {
                self.would(family, listed, dead.rule, at, &part.slice, Effect::Drop).slice()
            }
            (Kind::Jump, Some(at)) => {
                self.would(family, listed, dead.rule, at, &part.slice, Effect::Accept).slice()
            }
            (Kind::Jump, None) => {
                let entered = ruleset.chains_entered(ruleset.rule(dead.rule));
                let accepts = |chain: ChainId| {
                    Calls::rules_below(ruleset, chain)
                        .any(|rule| matches!(ruleset.verdict_of(rule), Some((Verdict::Accept, _))))
                };
                if entered.into_iter().any(accepts) { whole() } else { None }
            }
            _ => whole(),
        }
    }

    /// What of some packets a rule may do this to, by itself or in the chains that it enters, did they come to it.
    pub(super) fn would(
        &self,
        family: usize,
        listed: &Listed,
        rule: RuleId,
        at: u32,
        slice: &Slice,
        effect: Effect,
    ) -> Would {
        let (space, flat) = (&self.families[family].space, &listed.flat);
        let own = |entry: &Entry| entry.rule == rule || flat.path(entry).any(|it| it == rule);
        let entries = flat.entries[at as usize..].iter().zip(at..);
        let mut looked = 0;
        for (entry, number) in entries {
            looked += 1;
            if self.asked.get() + looked / PASSED > MOST_ASKED {
                self.ask(looked);
                return Would::Unknown;
            }
            let outside = entry.effect != effect
                || slice
                    .view(flat.terms(entry), space)
                    .is_none_or(|view| !slice.cube.overlaps(&view, &space.store));
            if !own(entry) {
                break;
            }
            if outside {
                continue;
            }
            let Some(piece) = slice.narrowed_to(flat.terms(entry), space) else { continue };
            let index = self.indexes.of(self.families, family, listed.index);
            let fate = fate::of(space, flat, index, piece, at, number);
            self.ask(fate.steps * PASSED);
            if fate.bounded {
                return Would::Unknown;
            }
            let comes = |part: &Part| takes(part, number).is_none();
            if let Some(part) = fate.parts.into_iter().find(comes) {
                self.ask(looked);
                return Would::Do(part.slice);
            }
        }
        self.ask(looked);
        Would::Not
    }

    /// Notes that so many entries were looked at for one rule.
    fn ask(&self, looked: usize) {
        let steps = looked.div_ceil(PASSED);
        self.asked.set(self.asked.get() + steps);
        self.steps.set(self.steps.get() + steps);
    }

    /// What of some packets comes through all that is behind a return, did they come to it.
    fn let_on(&self, family: usize, listed: &Listed, slice: &Slice, at: u32) -> Option<Slice> {
        let (space, flat) = (&self.families[family].space, &listed.flat);
        let Some(entry) = flat.entries.get(at as usize) else { return Some(slice.clone()) };
        let index = self.indexes.of(self.families, family, listed.index);
        let fate = fate::of(space, flat, index, slice.clone(), entry.end, entry.end);
        self.steps.set(self.steps.get() + fate.steps);
        if fate.bounded {
            return Some(slice.clone());
        }
        let passes = |part: &Part| self.outcome(family, listed, part) != Outcome::Dropped;
        fate.parts.into_iter().find(passes).map(|part| part.slice)
    }

    /// Whether what becomes of a part is what a rule that leads into a chain would make of it.
    pub(super) fn is_as_wanted(
        &self,
        family: usize,
        listed: &Listed,
        rule: RuleId,
        part: &Part,
        at: u32,
    ) -> bool {
        let never = |effect| {
            matches!(self.would(family, listed, rule, at, &part.slice, effect), Would::Not)
        };
        match self.outcome(family, listed, part) {
            Outcome::Dropped => never(Effect::Accept),
            Outcome::Passed => never(Effect::Drop),
            Outcome::Open => false,
        }
    }

    /// A translation whose packets others send elsewhere.
    fn astray(
        &self,
        family: usize,
        listed: &Listed,
        rule: RuleId,
        found: &Found,
    ) -> (Consequence, Vec<Packet>) {
        let verdict = self.ruleset.verdict_of(self.ruleset.rule(rule)).map(|it| it.0);
        let space = &self.families[family].space;
        if found.same || !matches!(verdict, Some(Verdict::Dnat(_))) {
            return (Consequence::None, Vec::new());
        }
        let differs = |(part, at): &&(Part, Option<u32>)| {
            let taking = at.and_then(|at| takes(part, at));
            let taking = taking.map(|index| &listed.flat.entries[index as usize]);
            taking.is_some_and(|entry| {
                !self.is_same(listed, rule, entry) && !self.leads_alike(family, rule, entry, part)
            }) && !self.beside(family, part, &found.starts)
        };
        let elsewhere: Vec<Slice> =
            found.parts.iter().filter(differs).map(|(part, _)| part.slice.clone()).collect();
        match best(space, &elsewhere, |slice| sent(space, slice, listed.base.hook)) {
            none if none.is_empty() => (Consequence::None, none),
            packets => (Consequence::Astray, packets),
        }
    }

    /// Whether two rules send the packets of a part to one place, however they say so.
    pub(super) fn leads_alike(
        &self,
        family: usize,
        rule: RuleId,
        entry: &Entry,
        part: &Part,
    ) -> bool {
        let own = self.ruleset.verdict_of(self.ruleset.rule(rule)).map(|it| it.0);
        let (Some(Verdict::Dnat(own)), Effect::Dnat(other)) = (own, entry.effect) else {
            return false;
        };
        let space = &self.families[family].space;
        let [own, other] = [own, other].map(|it| {
            let translation = self.ruleset.translations[it as usize];
            (translation.proxy.is_some(), walk::translate(space, part.slice.clone(), translation))
        });
        let leads = |it: &Slice| {
            (it.now(Field::Destination), it.now(Field::DestinationPort), it.redirected)
        };
        let is_one = space.only(Field::Destination, own.1.now(Field::Destination)).is_some();
        is_one && !own.0 && !other.0 && leads(&own.1) == leads(&other.1)
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

    /// Whether a program decides about what an entry takes.
    pub(super) fn asks_program(&self, entry: &Entry) -> bool {
        let verdict = self.ruleset.verdict_of(self.ruleset.rule(entry.rule)).map(|it| it.0);
        matches!(verdict, Some(Verdict::Queue { .. }))
    }

    fn outcome(&self, family: usize, listed: &Listed, part: &Part) -> Outcome {
        match part.by.map(|it| &listed.flat.entries[it as usize]) {
            Some(entry) if self.asks_program(entry) => Outcome::Open,
            Some(entry) if entry.effect == Effect::Drop => Outcome::Dropped,
            Some(_) => Outcome::Passed,
            None if self.families[family].way.is_fragment() => Outcome::Open,
            None => match listed.base.policy {
                Policy::Accept => Outcome::Passed,
                Policy::Drop => Outcome::Dropped,
                Policy::Unknown => Outcome::Open,
            },
        }
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

/// Packets of some slices that show best what is lost: they start a connection, as others start theirs.
pub(super) fn best(
    space: &Space<'_>,
    slices: &[Slice],
    shown: impl Fn(&Slice) -> Option<Packet>,
) -> Vec<Packet> {
    const SYN: u128 = 0x02;
    let worth = |slice: &&Slice| {
        let new = space.store.contains(slice.now(Field::State), State::New.value());
        let plain = space.store.contains(slice.now(Field::TcpFlags), SYN);
        (new, plain, size(space, &slice.cube))
    };
    let mut slices: Vec<&Slice> = slices.iter().collect();
    slices.sort_by_key(worth);
    slices.into_iter().rev().filter_map(shown).take(MOST_WITNESSES).collect()
}

/// A packet of a slice that this host receives, hands on or sends: one that starts a connection, if it holds one.
pub(super) fn sent(space: &Space<'_>, slice: &Slice, hook: Hook) -> Option<Packet> {
    const ACK: u128 = 0x10;
    let has = |field, value| space.store.contains(slice.now(field), value);
    if matches!(hook, Hook::Prerouting | Hook::Ingress) || has(Field::State, State::New.value()) {
        let one = witness::at_hook(space, slice, hook);
        let original = has(Field::Direction, 0) && is_unmarked(space, slice);
        let by_host = || witness::starting(space, slice, hook).filter(|_| original);
        return one.or_else(by_host);
    }
    let states = [
        (State::Established, packets::State::Established),
        (State::Related, packets::State::Related),
        (State::Untracked, packets::State::Untracked),
        (State::Invalid, packets::State::Invalid),
    ];
    let state = states.into_iter().find(|it| has(Field::State, it.0.value()))?.1;
    let packet = witness::starting(space, slice, hook).filter(|_| is_unmarked(space, slice))?;
    let direction = if has(Field::Direction, 0) {
        packets::Direction::Original
    } else {
        packets::Direction::Reply
    };
    let flags = packet.flags.filter(|_| !has(Field::TcpFlags, ACK));
    let fields = Fields { state, direction, flags, ..Fields::clone(&packet) };
    Packet::new(fields).ok()
}

/// The slice without the marks that a list gave it, where nothing in the list asks for them.
pub(super) fn unmarked(space: &Space<'_>, flat: &Flat, mut slice: Slice) -> Slice {
    if flat.assigns && !flat.asks_for_changes() {
        for (axis, _) in space.mark_axes(Field::Mark) {
            slice.put(axis, SetId::FULL);
        }
    }
    slice
}

/// Whether packets of a slice may bear no mark.
fn is_unmarked(space: &Space<'_>, slice: &Slice) -> bool {
    let mut axes = space.mark_axes(Field::Mark);
    axes.all(|(axis, _)| slice.cube.get(axis).is_none_or(|set| space.store.contains(set, 0)))
}
