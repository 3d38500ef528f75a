//! What each rule lets in: the packets that start a flow, arrive from outside, and pass every hook on their way.

use super::{
    Calls, FamilyAnalysis, Interest, Slice, Space, arrival,
    before::{Asked, Before, MOST_SLICES},
    behind::Behind,
    egress,
    flat::Effect,
    homes,
    interfaces::Interfaces,
    question::{Question, let_in},
    reach, regardless, walk,
    way::{CONNTRACK, Listed, Way, devices},
    witness,
};
use crate::{
    model::{
        Base, ChainId, ChainKind, Condition, DestinationKind, Family, Field, Hook, Policy, RuleId,
        Ruleset, State,
    },
    packets::{Ranges, SetId},
    settings::{Trust, Zones},
};
use std::{
    cell::{OnceCell, RefCell},
    cmp::Reverse,
};

/// More often than this slices are not held against the cubes of chains whose rules are not reported; the analysis then says
/// that it stopped.
const MOST_LOOKS: u64 = 40_000_000;

/// Where the packets of an exposure go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// To this host.
    Input,
    /// Through this host.
    Forward,
    /// Not known: the file holds chains that nothing in it calls.
    Fragment,
}

/// What decided that packets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decider {
    /// A rule.
    Rule(RuleId),
    /// A base chain's policy.
    Policy(ChainId),
}

/// The packets that one rule or policy lets in.
#[derive(Debug)]
pub struct Exposure {
    /// What decided.
    pub decider: Decider,
    /// Where they go.
    pub path: Path,
    /// The rule that translated their destination.
    pub translated_by: Option<RuleId>,
    /// The jumps that led to the rule, the first of the walk first.
    pub jumps: Vec<RuleId>,
    /// The packets, as disjoint slices.
    pub slices: Vec<Slice>,
}

/// What a base chain's policy lets in that no rule decided.
#[derive(Debug)]
pub struct PolicyReach {
    /// The chain.
    pub chain: ChainId,
    /// Where its packets go.
    pub path: Path,
    /// What the policy lets in: all of it where everything is asked for, else one part.
    pub slices: Vec<Slice>,
}

pub(super) fn family<'r>(
    ruleset: &'r Ruleset,
    calls: &Calls,
    family: Family,
    interest: Interest<'_>,
    zones: &Zones,
) -> FamilyAnalysis<'r> {
    let names: Vec<_> = ruleset.interfaces.iter().chain(zones.interfaces()).cloned().collect();
    let space = Space::naming(ruleset, family, Interfaces::of(&names));
    let way =
        if is_fragment(ruleset, calls) { Way::of_fragment(&space, calls) } else { Way::of(&space) };
    let mut result = Result::new(interest);
    result.bounded = way.lists.iter().any(|listed| listed.flat.bounded);
    fragment(&space, &way, &mut result);
    whole(&space, &way, &mut result);
    let Result { mut exposures, policies, passed_over, bounded, .. } = result;
    exposures.sort_by_key(|it: &Exposure| (it.decider, it.path, it.translated_by));
    let bounded = bounded.then_some("the walk of its rules");
    let outside = space.intern(Field::Out, &egress::outside(&space));
    let untrusted = space.intern(Field::In, &of_trust(&space, zones, Trust::Untrusted));
    let (inside_input, inside_forward) = (SetId::EMPTY, SetId::EMPTY);
    let homes = homes::of(&space, &way);
    FamilyAnalysis {
        space,
        exposures,
        inside_input,
        inside_forward,
        outside,
        untrusted,
        homes,
        claimed: OnceCell::new(),
        several: RefCell::default(),
        policies,
        passed_over,
        bounded,
        way,
    }
}

/// Says of a host's interfaces which lead inside: the same for all its families.
pub(super) fn look_inside(families: &mut [FamilyAnalysis<'_>], zones: &Zones) {
    let Some(first) = families.first() else { return };
    let egress = egress::inside(families);
    let inside = |forward: bool| {
        if zones.name_interfaces() {
            return of_trust(&first.space, zones, Trust::Trusted);
        }
        let hook = if forward { Hook::Forward } else { Hook::Input };
        let named = named_interfaces(&first.space, hook);
        // Nor is inside where the site's own networks are not believed.
        let barring = families.iter().map(|it| homes::barring(&it.space, &it.homes));
        let outside = barring.fold(egress::outside(&first.space), |all, it| all.union(&it));
        reach::inside(families, forward, &named, &outside).union(&egress)
    };
    let (to_host, through) = (inside(false), inside(true));
    for family in families {
        family.inside_input = family.space.intern(Field::In, &to_host);
        family.inside_forward = family.space.intern(Field::In, &through);
    }
}

/// The interfaces that the user's zones name.
fn of_trust(space: &Space<'_>, zones: &Zones, trust: Trust) -> Ranges {
    let names = zones.interfaces_with(trust);
    names.fold(Ranges::EMPTY, |all, name| all.union(&space.interfaces.named(name)))
}

/// The interfaces that the filter rules of a hook name as those packets come in on, but for those of known networks: where a
/// rule throws away what does not come from their own addresses, what else is refused there tells nothing of the others.
fn named_interfaces(space: &Space<'_>, hook: Hook) -> Ranges {
    let ruleset = space.ruleset;
    let is_base = |base: Base| base.hook == hook && base.kind == ChainKind::Filter;
    let base = ruleset.base_chains().filter(|(_, _, base)| is_base(*base));
    let mut open: Vec<ChainId> = base.map(|(id, ..)| id).collect();
    let mut seen = vec![false; ruleset.chains.len()];
    let (mut named, mut known) = (Vec::new(), Vec::new());
    while let Some(chain) = open.pop() {
        if std::mem::replace(&mut seen[chain.0 as usize], true) {
            continue;
        }
        for (_, rule) in ruleset.rules_of(chain) {
            let checks_sources = homes::checks_sources(ruleset, rule);
            for condition in ruleset.conditions_within(rule) {
                if let Condition::Interface { field: Field::In, name, negated } = condition {
                    let meant = space.interfaces.meant(name).as_slice();
                    named.extend_from_slice(meant);
                    known.extend_from_slice(if checks_sources && !negated { meant } else { &[] });
                }
            }
            open.extend(ruleset.chains_entered(rule));
        }
    }
    known.push((Interfaces::LOOPBACK, Interfaces::LOOPBACK));
    Ranges::of(named).minus(&Ranges::of(known))
}

#[derive(Debug)]
pub(super) struct Result<'k> {
    exposures: Vec<Exposure>,
    policies: Vec<PolicyReach>,
    passed_over: Vec<RuleId>,
    pub(super) bounded: bool,
    /// Whether a policy that is not written is a question; else it accepts.
    pub(super) asks_policies: bool,
    /// For [`regardless::parts`].
    pub(super) patience: u64,
    /// For [`walk::pass`].
    looks: u64,
    interest: Interest<'k>,
}

impl<'k> Result<'k> {
    pub(super) fn new(interest: Interest<'k>) -> Self {
        let (exposures, policies, passed_over) = (Vec::new(), Vec::new(), Vec::new());
        let (patience, looks) = (regardless::PATIENCE, MOST_LOOKS);
        let (bounded, asks_policies) = (false, false);
        Self { exposures, policies, passed_over, bounded, asks_policies, patience, looks, interest }
    }

    /// Adds slices to the exposure of a decider.
    fn add(&mut self, exposure: Exposure) {
        if exposure.slices.is_empty() {
            return;
        }
        let key = |it: &Exposure| (it.decider, it.path, it.translated_by);
        // Instances of one rule follow each other closely.
        match self.exposures.iter_mut().rev().take(64).find(|it| key(it) == key(&exposure)) {
            Some(known) => known.slices.extend(exposure.slices),
            None => self.exposures.push(exposure),
        }
    }
}

/// Whether the input is a part of a rule set: rules that no hook leads to, and not a word about the chains of the hooks.
pub(super) fn is_fragment(ruleset: &Ruleset, calls: &Calls) -> bool {
    let declares = ruleset.base_chains().any(|(_, chain, _)| chain.declared);
    let reached = ruleset.rules.iter().any(|rule| calls.is_reached(rule.chain));
    !ruleset.rules.is_empty() && !declares && !reached
}

fn fragment(space: &Space<'_>, way: &Way, result: &mut Result<'_>) {
    let filters = way.lists.iter().filter(|listed| {
        way.is_fragment() && space.ruleset.table_of(listed.chain).name == "filter"
    });
    for listed in filters {
        let name = space.ruleset.chain(listed.chain).name.as_str();
        // The names that ufw gives the chains of each hook; its before- and after-chains call the user's.
        let path = match name.trim_start_matches("ufw6-").trim_start_matches("ufw-") {
            _ if !name.starts_with("ufw") => Path::Fragment,
            "before-input" | "user-input" | "after-input" => Path::Input,
            "before-forward" | "user-forward" | "after-forward" => Path::Forward,
            _ => continue,
        };
        let mut slices = arrival::arriving(space);
        if path == Path::Forward {
            slices.retain(|slice| {
                slice.sent(Field::DestinationKind) == kind(space, DestinationKind::Unicast)
            });
        } else {
            slices.retain(|slice| {
                slice.sent(Field::DestinationKind) != kind(space, DestinationKind::Unicast)
            });
        }
        accepted(space, listed, &slices, &[], path, result);
    }
}

/// So many parts of what a policy lets in are looked at for one that shows it well.
const SHOWN: usize = 16;

fn whole(space: &Space<'_>, way: &Way, result: &mut Result<'_>) {
    let mut slices = arrival::arriving(space);
    for listed in way.at(Hook::Ingress).chain(way.at(Hook::Prerouting)) {
        slices = through(space, listed, slices, result);
    }
    let (input, forward) = route(space, slices);
    let behind = Behind::of(space);
    let forward = forward.into_iter().map(|slice| behind.sent_on(space, slice)).collect();
    let chains = |hook: Hook| way.at(hook).collect::<Vec<&Listed>>();
    hook(space, &chains(Hook::Input), input, &[], Path::Input, result);
    let postrouting = chains(Hook::Postrouting);
    hook(space, &chains(Hook::Forward), forward, &postrouting, Path::Forward, result);
}

pub(super) fn kind(space: &Space<'_>, kind: DestinationKind) -> SetId {
    space.one(Field::DestinationKind, kind.value())
}

/// Walks a base chain whose rules decide nothing that is reported here; what comes out goes on.
pub(super) fn through(
    space: &Space<'_>,
    listed: &Listed,
    slices: Vec<Slice>,
    result: &mut Result<'_>,
) -> Vec<Slice> {
    // Address translation is asked only for packets that conntrack calls new.
    let new = space.one(Field::State, State::New.value());
    let devices = devices(space, listed.base);
    let mut asked = Vec::new();
    let mut onward = Vec::new();
    for slice in slices {
        // Nor are they asked again: the first translation of a hook holds.
        let translated = listed.base.hook == Hook::Prerouting && slice.translated_by.is_some();
        let is_asked = slice.now(Field::State) == new && !translated;
        if listed.base.kind == ChainKind::Nat && !is_asked {
            onward.push(slice);
            continue;
        }
        let Some(devices) = devices else {
            asked.push(slice);
            continue;
        };
        let terms = [(Space::axis(Field::In), devices)];
        let others = slice.cube.minus(&terms, &space.store);
        onward.extend(others.into_iter().map(|cube| slice.narrowed(cube)));
        asked.extend(slice.narrowed_to(&terms, space));
    }
    // Before connection tracking every packet is invalid to who asks.
    let untracked_yet = listed.base.hook == Hook::Ingress
        || (listed.base.hook == Hook::Prerouting && listed.base.priority < CONNTRACK);
    let invalid = space.one(Field::State, State::Invalid.value());
    let change = |slices: &mut Vec<Slice>, from, to| {
        for slice in slices.iter_mut().filter(|slice| slice.now(Field::State) == from) {
            slice.cube = slice.cube.clone().replace(Space::axis(Field::State), Some(to));
        }
    };
    if untracked_yet {
        change(&mut asked, new, invalid);
    }
    let mut passed = walk::pass(space, &listed.flat, asked, &mut result.looks);
    if untracked_yet {
        change(&mut passed.accepted, invalid, new);
        change(&mut passed.undecided, invalid, new);
    }
    result.bounded |= passed.bounded;
    onward.extend(passed.accepted);
    if listed.base.policy != Policy::Drop {
        onward.extend(result.by_policy(space, listed.base.policy, passed.undecided));
    }
    onward
}

/// The routing decision: what is for this host, and what goes through it.
pub(super) fn route(space: &Space<'_>, slices: Vec<Slice>) -> (Vec<Slice>, Vec<Slice>) {
    let (mut input, mut forward) = (Vec::new(), Vec::new());
    for slice in slices {
        let (slice, local) = routed(space, slice);
        if local { &mut input } else { &mut forward }.push(slice);
    }
    (input, forward)
}

/// What a slice is once it is routed, and whether it is for this host.
pub(super) fn routed(space: &Space<'_>, mut slice: Slice) -> (Slice, bool) {
    let store = &space.store;
    let to_host = slice.sent(Field::DestinationKind) != kind(space, DestinationKind::Unicast);
    // A translation to another address leads through the host, unless it is the loopback's.
    let target = slice.now(Field::Destination);
    let loopback = arrival::loopback(space.family);
    let to_loopback = slice.address_rewritten
        && store.is_subset(target, space.range(Field::Destination, loopback.0, loopback.1));
    let local = slice.redirected || to_loopback || (to_host && !slice.address_rewritten);
    if slice.translated_by.is_some() {
        let now = if local { DestinationKind::Local } else { DestinationKind::Unicast };
        let axis = Space::rewritten(Field::DestinationKind);
        slice.cube = slice.cube.replace(axis, Some(kind(space, now)));
    }
    if !local {
        let none = [Interfaces::LOOPBACK, Interfaces::NONE].map(|atom| (atom, atom));
        let all = Ranges::range(0, space.interfaces.last());
        let out = space.intern(Field::Out, &all.minus(&Ranges::of(none.into())));
        slice.cube = slice.cube.replace(Space::axis(Field::Out), Some(out));
    }
    (slice, local)
}

/// Walks the chains of the last hook and reports what the deciding one lets through.
fn hook(
    space: &Space<'_>,
    chains: &[&Listed],
    slices: Vec<Slice>,
    after: &[&Listed],
    path: Path,
    result: &mut Result<'_>,
) {
    let filters =
        || chains.iter().enumerate().filter(|(_, listed)| listed.base.kind == ChainKind::Filter);
    let accepts =
        |listed: &Listed| listed.flat.entries.iter().any(|entry| entry.effect == Effect::Accept);
    let is_filter = |listed: &Listed| space.ruleset.table_of(listed.chain).name == "filter";
    // People filter in the filter table; elsewhere the last chain that accepts by a rule decides.
    let deciding =
        filters().rfind(|(_, it)| is_filter(it)).or_else(|| filters().rfind(|(_, it)| accepts(it)));
    let Some((deciding, listed)) = deciding else { return };
    let mut slices = slices;
    for listed in &chains[..deciding] {
        slices = through(space, listed, slices, result);
    }
    let later: Vec<&Listed> = chains[deciding + 1..].iter().chain(after).copied().collect();
    let mut before = accepted(space, listed, &slices, &later, path, result);
    if listed.base.policy == Policy::Drop {
        return;
    }
    // Who is only led to this host at the port that was dialled is let in by the policy alone.
    let led_away = |slice: &Slice| {
        slice.translated_by.is_some() && (!slice.redirected || slice.port_rewritten)
    };
    let (translated, plain): (Vec<_>, Vec<_>) = slices.into_iter().partition(led_away);
    let one = matches!(result.interest, Interest::Known { .. });
    let most = if one { SHOWN } else { MOST_SLICES };
    let mut reach = PolicyReach { chain: listed.chain, path, slices: Vec::new() };
    for slice in plain {
        // What reaches hosts need not be asked for groups.
        if !reach.slices.is_empty() && (one || is_to_group(space, &slice)) {
            continue;
        }
        let question = Question { terms: &[], entry: None, slice: &slice, most };
        reach.slices.extend(let_in(space, listed, &mut before, &later, &question, result));
        reach.slices.sort_by_cached_key(|it| Reverse(witness::worth(space, it)));
    }
    for slice in translated {
        let question = Question { terms: &[], entry: None, slice: &slice, most: MOST_SLICES };
        let slices = let_in(space, listed, &mut before, &later, &question, result);
        if slice.redirected && reach.slices.is_empty() {
            reach.slices.extend(slices.first().cloned());
        }
        let (decider, translated_by) = (Decider::Policy(listed.chain), slice.translated_by);
        result.add(Exposure { decider, path, translated_by, jumps: Vec::new(), slices });
    }
    result.policies.push(reach);
}

/// Reports what each accepting entry of the list lets through, and returns what all of them take.
fn accepted(
    space: &Space<'_>,
    listed: &Listed,
    slices: &[Slice],
    later: &[&Listed],
    path: Path,
    result: &mut Result<'_>,
) -> Before {
    let flat = &listed.flat;
    let mut before = Before::new(flat, Asked::MayPass);
    for (entry, index) in flat.entries.iter().zip(0..) {
        let accepts = entry.effect == Effect::Accept;
        let asked = accepts && result.interest.asks(space, flat.terms(entry));
        if accepts && !asked {
            result.passed_over.push(entry.rule);
        }
        // A translated port is known by the one that was dialled, and what it leads to by the translation.
        let asked = |slice: &&Slice| asked || (accepts && slice.translated_by.is_some());
        let mut hosts_reached = false;
        for slice in slices.iter().filter(asked) {
            // What reaches hosts need not be asked for groups, and what no rule tells apart neither.
            let group = is_to_group(space, slice);
            if group && (hosts_reached || !flat.asks_destination) {
                continue;
            }
            let terms = flat.terms(entry);
            let question = Question { terms, entry: Some(entry), slice, most: MOST_SLICES };
            let slices = let_in(space, listed, &mut before, later, &question, result);
            if slices.is_empty() {
                continue;
            }
            hosts_reached |= !group && !slices.is_empty();
            let mut jumps: Vec<_> = flat.path(entry).collect();
            jumps.reverse();
            let (decider, translated_by) = (Decider::Rule(entry.rule), slice.translated_by);
            result.add(Exposure { decider, path, translated_by, jumps, slices });
        }
        before.pass(space, flat, index);
    }
    before
}

/// Whether all of a slice is sent to a group or broadcast, and stays what it is.
fn is_to_group(space: &Space<'_>, slice: &Slice) -> bool {
    let kinds = slice.sent(Field::DestinationKind);
    let groups = [DestinationKind::Multicast, DestinationKind::Broadcast];
    slice.translated_by.is_none() && groups.iter().any(|it| kinds == kind(space, *it))
}
