//! A packet's way through the host: the base chains of each hook by priority, and the routing decision between them.

use super::{
    Assumption, Decision, Effect, Event, Verdict,
    branch::Branch,
    chain::{End, Pass},
    events::Events,
    protocols::{self, Protocols},
    start,
};
use crate::{
    analysis::{
        Slice, Space, arrival, calls::in_calling_order, interfaces::Interfaces, space::Reason,
        way::CONNTRACK,
    },
    model::{
        Base, ChainId, ChainKind, DestinationKind, Field, Hook, OpaqueKind, Policy, RuleId, State,
        Values,
    },
    packets::{self, Cube, Packet, Ranges, Route, is_icmp},
};
use rustc_hash::FxHashMap;
use std::{cell::RefCell, rc::Rc};

/// What the walks of one family's packets share.
#[derive(Debug)]
pub(super) struct Walks<'r> {
    pub(super) space: Space<'r>,
    /// The base chains, in the order in which the kernel calls them.
    chains: Vec<(ChainId, Base)>,
    /// What the matches from a step on mean, once they were asked for.
    pub(super) known: RefCell<FxHashMap<u32, Rc<[Cube]>>>,
    /// Values that are too many to look at one by one, sorted, by where they begin.
    sorted: RefCell<FxHashMap<u32, Ranges>>,
    /// The protocols that each rule may be about.
    pub(super) protocols: Vec<Protocols>,
}

/// A packet at its end.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub(super) branch: Branch,
    pub(super) verdict: Verdict,
    pub(super) decided_by: Decision,
}

/// All ends that a packet may come to.
#[derive(Debug, Default)]
pub(super) struct Ends {
    pub(super) ended: Vec<Ended>,
    pub(super) events: Events,
    pub(super) assumptions: Vec<Assumption>,
    pub(super) bounded: bool,
    /// Whether it matters that nobody says if it is the first packet of its connection.
    pub(super) first_unknown: bool,
}

impl<'r> Walks<'r> {
    pub(super) fn of(space: Space<'r>) -> Self {
        let sees = |chain: ChainId| space.ruleset.table_of(chain).family.sees(space.family);
        let mut chains = in_calling_order(space.ruleset);
        chains.retain(|(chain, _)| sees(*chain));
        let protocols = protocols::of_rules(space.ruleset);
        let (known, sorted) = (RefCell::default(), RefCell::default());
        Self { space, chains, known, sorted, protocols }
    }

    /// Whether `value` is one of `values`.
    pub(super) fn holds(&self, values: Values, value: u128) -> bool {
        const FEW: usize = 16;
        let ranges = self.space.ruleset.values(values);
        if ranges.len() <= FEW {
            return ranges.iter().any(|(low, high)| (*low..=*high).contains(&value));
        }
        let mut sorted = self.sorted.borrow_mut();
        let known = sorted.entry(values.start);
        known.or_insert_with(|| Ranges::of(ranges.to_vec())).contains(value)
    }
}

/// Walks a packet to every end that it may come to.
pub(super) fn walk(walks: &Walks<'_>, packet: &Packet) -> Ends {
    let branch = Branch::of(start::slice(&walks.space, packet));
    let mut way = Way { walks, packet, ends: Ends::default() };
    let mut branches = vec![branch];
    if let Route::Output { .. } = packet.route {
        branches = way.hook(Hook::Output, branches, false);
        branches = way.hook(Hook::Postrouting, branches, true);
        branches = way.hook(Hook::Egress, branches, true);
        way.passed(branches);
        return way.ends;
    }
    branches = way.hook(Hook::Ingress, branches, false);
    branches = way.hook(Hook::Prerouting, branches, false);
    let (input, forward) = way.route(branches);
    let input = way.hook(Hook::Input, input, true);
    way.passed(input);
    let forward = way.hook(Hook::Forward, forward, true);
    let forward = way.hook(Hook::Postrouting, forward, true);
    let forward = way.hook(Hook::Egress, forward, true);
    way.passed(forward);
    way.ends
}

/// The rule of a base chain that surely rewrites the source of a packet that comes to it and begins a connection,
/// whatever other chains do.
pub(super) fn source_rewritten(
    walks: &Walks<'_>,
    hook: Hook,
    chain: ChainId,
    packet: &Packet,
) -> Option<RuleId> {
    let mut slice = start::slice(&walks.space, packet);
    start::tracked(&walks.space, packet, false, &mut slice);
    let branch = Branch::of(slice);
    let (mut events, mut bounded) = (Events::default(), false);
    let ends = Pass::new(walks, hook, chain, &mut events, &mut bounded).walk(branch);
    let rewriting = |(branch, _): &(Branch, End)| {
        let met = events.until(branch.events);
        met.iter().find(|it| it.effect == Effect::SourceRewritten).and_then(|it| it.rule)
    };
    let first = ends.first().and_then(rewriting).filter(|_| !bounded);
    first.filter(|_| ends.iter().all(|end| rewriting(end).is_some()))
}

struct Way<'w, 'r> {
    walks: &'w Walks<'r>,
    packet: &'w Packet,
    ends: Ends,
}

impl Way<'_, '_> {
    /// Walks the base chains of a hook. Packets that no chain stops come out; `tracked` says whether connection tracking
    /// has seen them before.
    fn hook(&mut self, hook: Hook, mut branches: Vec<Branch>, tracked: bool) -> Vec<Branch> {
        let walks = self.walks;
        let mut tracked = tracked || hook == Hook::Ingress;
        for branch in &mut branches {
            branch.translated_here = false;
        }
        for (chain, base) in walks.chains.iter().filter(|(_, base)| base.hook == hook) {
            if !tracked && base.called_at() >= CONNTRACK {
                tracked = true;
                self.track(&mut branches);
            }
            branches = self.chain(*chain, *base, branches);
        }
        if !tracked {
            self.track(&mut branches);
        }
        branches
    }

    fn track(&self, branches: &mut [Branch]) {
        for branch in branches {
            let rewritten = branch.rewritten;
            branch.change(|slice| start::tracked(&self.walks.space, self.packet, rewritten, slice));
            let now = [Field::Destination, Field::DestinationPort];
            branch.tracked_to = Some(now.map(|field| branch.slice.now(field)));
        }
    }

    fn chain(&mut self, chain: ChainId, base: Base, branches: Vec<Branch>) -> Vec<Branch> {
        let mut onward = Vec::new();
        for branch in branches {
            for branch in self.asked(base, branch, &mut onward) {
                let Ends { events, bounded, .. } = &mut self.ends;
                let pass = Pass::new(self.walks, base.hook, chain, events, bounded);
                for (branch, end) in pass.walk(branch) {
                    match end {
                        End::Accepted(rule) => {
                            onward.push(let_on(branch, Decision::Rule(rule, chain)));
                        }
                        End::Dropped(rule) => self.stop(branch, Verdict::Drop, rule, chain),
                        End::Rejected(rule) => self.stop(branch, Verdict::Reject, rule, chain),
                        End::Undecided => self.policy(base, chain, branch, &mut onward),
                    }
                }
            }
        }
        onward
    }

    fn stop(&mut self, branch: Branch, verdict: Verdict, rule: RuleId, chain: ChainId) {
        let decided_by = Decision::Rule(rule, chain);
        self.ends.ended.push(Ended { branch, verdict, decided_by });
    }

    /// Does what the policy says; where the input does not, both.
    fn policy(&mut self, base: Base, chain: ChainId, branch: Branch, onward: &mut Vec<Branch>) {
        let space = &self.walks.space;
        let answers = match base.policy {
            Policy::Accept => vec![(branch, true)],
            Policy::Drop => vec![(branch, false)],
            // Nobody changes those of other tables but where it is written.
            Policy::Unknown if space.ruleset.table_of(chain).name != "filter" => {
                self.ends.assumptions.push(Assumption::UnwrittenPolicyAccepts);
                vec![(branch, true)]
            }
            Policy::Unknown => {
                let axis = space.new_opaque(Reason::Policy, OpaqueKind::Fixed);
                let answer = |passes: bool| {
                    let set = space.one(axis, passes.into());
                    let cube = branch.slice.cube.clone().replace(axis, Some(set));
                    (Branch { slice: branch.slice.narrowed(cube), ..branch.clone() }, passes)
                };
                vec![answer(true), answer(false)]
            }
        };
        for (mut branch, passes) in answers {
            let effect = if passes { Effect::Accept } else { Effect::Drop };
            let event = Event { hook: base.hook, base: chain, rule: None, effect };
            branch.events = self.ends.events.add(event, branch.events);
            let decided_by = Decision::Policy(chain);
            if passes {
                onward.push(let_on(branch, decided_by));
            } else {
                self.ends.ended.push(Ended { branch, verdict: Verdict::Drop, decided_by });
            }
        }
    }

    /// The branches that a base chain is asked about; the others go on as they are.
    fn asked(&mut self, base: Base, branch: Branch, onward: &mut Vec<Branch>) -> Vec<Branch> {
        let space = &self.walks.space;
        if base.kind == ChainKind::Nat {
            // Translation is asked for the first packet of a connection, and not again once it is found.
            let first = match self.packet.state {
                _ if branch.translated_here => Some(false),
                // Whose connection it is now, nobody knows.
                packets::State::Established | packets::State::Related if branch.rewritten => None,
                packets::State::New => Some(is_new(space, &branch.slice)),
                // A connection that was announced has a first packet of its own; an error has none.
                packets::State::Related => {
                    let error = is_icmp(self.packet.protocol, self.packet.family());
                    let untracked = is_untracked(space, &branch.slice);
                    if error || untracked { Some(false) } else { None }
                }
                _ => Some(false),
            };
            match first {
                Some(true) => {}
                Some(false) => {
                    onward.push(branch);
                    return Vec::new();
                }
                None => {
                    self.ends.first_unknown = true;
                    onward.push(branch.clone());
                }
            }
            return vec![branch];
        }
        let Some((start, end)) = base.devices else { return vec![branch] };
        let names = &space.ruleset.devices[start as usize..end as usize];
        let sets = names.iter().map(|name| space.interfaces.meant(*name));
        let devices = sets.fold(Ranges::EMPTY, |union, set| union.union(set));
        let field = if base.hook == Hook::Egress { Field::Out } else { Field::In };
        let terms = [(Space::axis(field), space.intern(field, &devices))];
        let others = branch.slice.cube.minus(&terms, &space.store).into_iter();
        onward.extend(
            others.map(|cube| Branch { slice: branch.slice.narrowed(cube), ..branch.clone() }),
        );
        let asked = branch.slice.narrowed_to(&terms, space);
        asked.into_iter().map(|slice| Branch { slice, ..branch.clone() }).collect()
    }

    /// The routing decision: what is for this host, and what goes through it.
    fn route(&mut self, branches: Vec<Branch>) -> (Vec<Branch>, Vec<Branch>) {
        let space = &self.walks.space;
        let (mut input, mut forward) = (Vec::new(), Vec::new());
        for mut branch in branches {
            let slice = &branch.slice;
            let target = slice.now(Field::Destination);
            let (low, high) = arrival::loopback(space.family);
            let own = start::bits(self.packet.destination.address)
                .filter(|_| matches!(self.packet.route, Route::Input { .. }))
                .map(|bits| space.one(Field::Destination, bits));
            let to_own = space.store.is_subset(target, space.range(Field::Destination, low, high))
                || own == Some(target);
            let for_host = matches!(self.packet.route, Route::Input { .. });
            let local = slice.redirected || if slice.address_rewritten { to_own } else { for_host };
            if slice.translated_by.is_some() {
                let kind = if local { DestinationKind::Local } else { DestinationKind::Unicast };
                let axis = Space::rewritten(Field::DestinationKind);
                let set = space.one(Field::DestinationKind, kind.value());
                branch.change(|slice| slice.put(axis, set));
            }
            if local {
                input.push(branch);
                continue;
            }
            let out = if let Route::Forward { to, .. } = &self.packet.route {
                space.one(Field::Out, space.interfaces.number(to.name()))
            } else {
                self.ends.assumptions.push(Assumption::TargetIsElsewhere);
                let nowhere = [Interfaces::LOOPBACK, Interfaces::NONE].map(|it| (it, it));
                let all = Ranges::range(0, space.interfaces.last());
                space.intern(Field::Out, &all.minus(&Ranges::of(nowhere.to_vec())))
            };
            let axis = Space::axis(Field::Out);
            branch.change(|slice| slice.put(axis, out));
            forward.push(branch);
        }
        (input, forward)
    }

    /// What came past every chain.
    fn passed(&mut self, branches: Vec<Branch>) {
        for branch in branches {
            let decided_by = self.deciding(&branch.accepts);
            let verdict = Verdict::Accept;
            self.ends.ended.push(Ended { branch, verdict, decided_by });
        }
    }

    /// What let a packet pass: the last rule that a filter chain accepted it by, where it goes to, through or from this
    /// host; without one the last policy there.
    fn deciding(&self, accepts: &[Decision]) -> Decision {
        const DECIDING: [Hook; 3] = [Hook::Input, Hook::Forward, Hook::Output];
        let filters = |decision: &&Decision| match decision {
            Decision::Rule(_, chain) | Decision::Policy(chain) => {
                let base = self.walks.space.ruleset.chain(*chain).base;
                base.is_some_and(|it| DECIDING.contains(&it.hook) && it.kind == ChainKind::Filter)
            }
            Decision::None => false,
        };
        let last = || accepts.iter().rev().filter(filters);
        let explicit = last().find(|it| matches!(it, Decision::Rule(..)));
        let decision = explicit.or_else(|| last().next()).or_else(|| accepts.last());
        decision.copied().unwrap_or(Decision::None)
    }
}

fn is_new(space: &Space<'_>, slice: &Slice) -> bool {
    slice.now(Field::State) == space.one(Field::State, State::New.value())
}

fn is_untracked(space: &Space<'_>, slice: &Slice) -> bool {
    slice.now(Field::State) == space.one(Field::State, State::Untracked.value())
}

fn let_on(mut branch: Branch, by: Decision) -> Branch {
    branch.accepts.push(by);
    branch
}
