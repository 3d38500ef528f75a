//! Every packet that can come to a base chain.

use crate::{
    analysis::{
        Slice, Space,
        flat::Effect,
        interfaces::Interfaces,
        slice::Beginning,
        walk,
        way::{CONNTRACK, Listed, Way, devices},
    },
    model::{Assignment, ChainKind, DestinationKind, Field, Hook, Policy, State, Verdict},
    packets::{Cube, Ranges, SetId, Term},
};

/// More kinds of packets than this are not told apart.
const MOST_SLICES: usize = 48;

/// For each list, which packets come to it.
pub(super) fn arriving(space: &Space<'_>, way: &Way) -> Vec<Vec<Slice>> {
    if way.is_fragment() {
        return way.lists.iter().map(|_| vec![whole(Cube::ALL)]).collect();
    }
    let mut arriving: Vec<Vec<Slice>> =
        way.lists.iter().map(|listed| at_hook(space, listed)).collect();
    let follows = |hook: Hook| way.at(hook).any(|listed| takes_away(space, listed));
    let (from_wire, to_host) = (follows(Hook::Prerouting), follows(Hook::Input));
    let (through, from_host) = (follows(Hook::Forward), follows(Hook::Output));
    if from_host {
        let start = vec![plain(space, Hook::Output)];
        spread(space, way, &mut arriving, Hook::Output, start, false);
    }
    let untracked = from_host && sends_untracked(space, way);
    let routed = from_wire.then(|| {
        let start = received(space, untracked);
        spread(space, way, &mut arriving, Hook::Prerouting, start, untracked)
    });
    for (hook, follows) in [(Hook::Input, to_host), (Hook::Forward, through)] {
        if !follows && routed.is_none() {
            continue;
        }
        let plain = plain(space, hook);
        let out = plain.cube.get(Space::axis(Field::Out));
        let start = routed.clone().map_or_else(
            || vec![plain.clone()],
            |slices| {
                let leads = |slice: Slice| {
                    slice.narrowed(slice.cube.clone().replace(Space::axis(Field::Out), out))
                };
                slices.into_iter().map(leads).collect()
            },
        );
        spread(space, way, &mut arriving, hook, start, untracked);
    }
    arriving
}

/// A slice of which nothing is known but its headers: it may have been translated, and be a reply.
fn whole(cube: Cube) -> Slice {
    Slice { beginning: Beginning::Unknown, ..Slice::of(cube) }
}

/// Every packet that can be at a hook, whatever came before.
pub(super) fn plain(space: &Space<'_>, hook: Hook) -> Slice {
    let none = space.one(Field::In, Interfaces::NONE);
    let some = space.store.minus(SetId::FULL, none);
    let (from, to) = match hook {
        Hook::Ingress | Hook::Prerouting | Hook::Input => (Some(some), Some(none)),
        Hook::Forward => (Some(some), Some(some)),
        Hook::Output => (Some(none), Some(some)),
        Hook::Postrouting | Hook::Egress => (None, Some(some)),
    };
    let sides = [(Field::In, from), (Field::Out, to)];
    let sides = sides.into_iter().filter_map(|(field, set)| Some((Space::axis(field), set?)));
    whole(Cube::of_sides(sides.collect()).expect("an interface and no interface are both possible"))
}

/// Every packet that a base chain can be asked about, whatever came before.
pub(super) fn at_hook(space: &Space<'_>, listed: &Listed) -> Vec<Slice> {
    asked(space, listed, &[plain(space, listed.base.hook)])
}

/// Those of `slices` that a base chain is asked about: of its devices; where it translates, of new flows.
fn asked(space: &Space<'_>, listed: &Listed, slices: &[Slice]) -> Vec<Slice> {
    let mut terms: Vec<Term> = Vec::new();
    if let Some(devices) = devices(space, listed.base) {
        let field = if listed.base.hook == Hook::Egress { Field::Out } else { Field::In };
        terms.push((Space::axis(field), devices));
    }
    if listed.base.kind == ChainKind::Nat {
        let states = [State::Related, State::New].map(|it| (it.value(), it.value()));
        let states = space.intern(Field::State, &Ranges::of(states.to_vec()));
        terms.push((Space::axis(Field::State), states));
    }
    let Some(cube) = Cube::of_sides(terms) else { return Vec::new() };
    slices.iter().filter_map(|slice| slice.narrowed_to(cube.terms(), space)).collect()
}

/// Nobody sends this to a group.
const TCP: u128 = 6;

/// What comes to prerouting. Before connection tracking a packet off a wire has no state; one that this host sent to itself
/// keeps the state it was sent with, and so does the copy of what it sends to a group (both asked of a kernel).
fn received(space: &Space<'_>, untracked: bool) -> Vec<Slice> {
    let plain = plain(space, Hook::Prerouting);
    let loopback = space.one(Field::In, Interfaces::LOOPBACK);
    let groups = groups(space);
    let with = |terms: &[(Field, SetId)]| {
        let terms = terms.iter().map(|(field, set)| (Space::axis(*field), *set));
        let cube = Cube::of(&space.store, plain.cube.terms().iter().copied().chain(terms));
        cube.map(whole)
    };
    let all_but = |set| space.store.minus(SetId::FULL, set);
    let mut sent = vec![(Field::In, loopback)];
    sent.extend(
        untracked.then(|| (Field::State, space.one(Field::State, State::Untracked.value()))),
    );
    let slices = [
        with(&[
            (Field::In, all_but(loopback)),
            (Field::DestinationKind, all_but(groups)),
            (Field::State, space.one(Field::State, State::Invalid.value())),
        ]),
        with(&sent),
        with(&[
            (Field::In, all_but(loopback)),
            (Field::DestinationKind, groups),
            (Field::Protocol, all_but(space.one(Field::Protocol, TCP))),
            (Field::State, unanswered(space)),
        ]),
        with(&[
            (Field::In, all_but(loopback)),
            (Field::DestinationKind, groups),
            (Field::Protocol, space.one(Field::Protocol, TCP)),
            (Field::State, space.one(Field::State, State::Invalid.value())),
        ]),
    ];
    slices.into_iter().flatten().collect()
}

pub(super) fn groups(space: &Space<'_>) -> SetId {
    let kinds = [DestinationKind::Multicast, DestinationKind::Broadcast];
    let kinds = kinds.map(|kind| (kind.value(), kind.value()));
    space.intern(Field::DestinationKind, &Ranges::of(kinds.to_vec()))
}

/// The states of what is sent to a group: nobody answers in its name, so no known flow is ever sent there.
fn unanswered(space: &Space<'_>) -> SetId {
    let states = [State::Invalid, State::New, State::Untracked].map(|it| (it.value(), it.value()));
    space.intern(Field::State, &Ranges::of(states.to_vec()))
}

/// Whether a list takes packets or their states from what comes after it.
fn takes_away(space: &Space<'_>, listed: &Listed) -> bool {
    let takes =
        |effect: Effect| matches!(effect, Effect::Drop | Effect::Assign(Assignment::Untracked));
    let acts = listed.flat.entries.iter().any(|entry| takes(entry.effect));
    let translates = listed.base.kind == ChainKind::Nat;
    !translates
        && !listed.flat.rewrites
        && (acts || listed.base.policy == Policy::Drop)
        && space.ruleset.table_of(listed.chain).family != crate::model::TableFamily::Netdev
}

/// Whether everything that this host sends itself is left untracked.
fn sends_untracked(space: &Space<'_>, way: &Way) -> bool {
    let untracked = space.one(Field::State, State::Untracked.value());
    let early = way.at(Hook::Output).filter(|listed| listed.base.called_at() < CONNTRACK);
    let mut slices = vec![plain(space, Hook::Output)];
    for listed in early {
        slices = after(space, listed, slices);
    }
    slices.iter().all(|slice| slice.now(Field::State) == untracked)
}

/// Walks `slices` through the lists of a hook, noting what comes to each; returns what comes out.
fn spread(
    space: &Space<'_>,
    way: &Way,
    arriving: &mut [Vec<Slice>],
    hook: Hook,
    mut slices: Vec<Slice>,
    sent_untracked: bool,
) -> Vec<Slice> {
    let translated = translates(space);
    let mut tracked = !matches!(hook, Hook::Prerouting | Hook::Output);
    let lists = way.lists.iter().zip(arriving);
    for (listed, arriving) in lists.filter(|(listed, _)| listed.base.hook == hook) {
        if !tracked && listed.base.called_at() >= CONNTRACK {
            slices = track(space, hook, slices, sent_untracked);
            tracked = true;
        }
        *arriving = asked(space, listed, &slices);
        if takes_away(space, listed) {
            slices = after(space, listed, slices);
        }
        if translated {
            forget_destination(&mut slices);
        }
        slices.sort_by(|a, b| a.cube.terms().cmp(b.cube.terms()));
        slices.dedup_by(|a, b| a.cube == b.cube);
    }
    if tracked { slices } else { track(space, hook, slices, sent_untracked) }
}

/// Gives packets their states.
fn track(
    space: &Space<'_>,
    hook: Hook,
    mut slices: Vec<Slice>,
    sent_untracked: bool,
) -> Vec<Slice> {
    let untracked = space.one(Field::State, State::Untracked.value());
    let loopback = space.one(Field::In, Interfaces::LOOPBACK);
    let groups = groups(space);
    for slice in &mut slices {
        let is_untracked = slice.now(Field::State) == untracked;
        let sent_by_host =
            hook == Hook::Prerouting && space.store.is_subset(slice.now(Field::In), loopback);
        let to_group = hook == Hook::Prerouting
            && space.store.is_subset(slice.now(Field::DestinationKind), groups)
            && slice.now(Field::Protocol) != space.one(Field::Protocol, TCP);
        // What has a state already keeps it, whatever NOTRACK says (`xt_CT.c`).
        let state = match (sent_by_host, to_group) {
            (true, _) => sent_untracked.then_some(untracked),
            (false, true) if is_untracked && sent_untracked => Some(untracked),
            (false, true) => Some(unanswered(space)),
            (false, false) => is_untracked.then_some(untracked),
        };
        let cube = std::mem::take(&mut slice.cube);
        slice.cube = cube.replace(Space::axis(Field::State), state);
    }
    slices
}

/// Whether addresses are translated somewhere: a packet's destination is then not what it was before.
fn translates(space: &Space<'_>) -> bool {
    let ruleset = space.ruleset;
    let nat = |verdict| matches!(verdict, Some((Verdict::Dnat(_) | Verdict::Snat(_), _)));
    ruleset.base_chains().any(|(_, _, base)| base.kind == ChainKind::Nat)
        || ruleset.rules.iter().any(|rule| nat(ruleset.verdict_of(rule)))
}

fn forget_destination(slices: &mut [Slice]) {
    let fields =
        [Field::Destination, Field::DestinationPort, Field::DestinationKind, Field::Translated];
    for slice in slices {
        for field in fields {
            slice.cube = std::mem::take(&mut slice.cube).replace(Space::axis(field), None);
        }
    }
}

/// What comes out of a list, or may; what it surely drops does not. Marks and the answers to opaque questions are
/// forgotten.
fn after(space: &Space<'_>, listed: &Listed, slices: Vec<Slice>) -> Vec<Slice> {
    let passed = walk::surely_left(space, &listed.flat, slices.clone(), MOST_SLICES);
    let Some(mut passed) = passed.filter(|_| !listed.flat.bounded) else { return slices };
    let mut left = std::mem::take(&mut passed.accepted);
    if listed.base.policy != Policy::Drop {
        left.append(&mut passed.undecided);
    }
    for slice in &mut left {
        let axes: Vec<_> = slice.cube.terms().iter().map(|term| term.0).collect();
        let state = Space::axis(Field::State);
        let forgotten = |axis| {
            Space::is_opaque(axis)
                || Space::is_rewritten(axis)
                || (Space::is_assigned(axis) && axis != state)
        };
        let mut cube = std::mem::take(&mut slice.cube);
        for axis in axes.into_iter().filter(|axis| forgotten(*axis)) {
            cube = cube.replace(axis, None);
        }
        // A transparent proxy leaves the header as it is.
        *slice = whole(cube);
    }
    left
}
