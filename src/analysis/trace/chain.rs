//! A packet's walk through one base chain and all that it calls.

use super::{Effect, Event, branch::Branch, events::Events, protocols::Protocols, way::Walks};
use crate::{
    analysis::{Slice, Space, space::Reason, walk},
    model::{
        Action, Assignment, ChainId, Condition, Field, Hook, OpaqueKind, RuleId, Unserved, Verdict,
    },
    packets::{Cube, Term},
};
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// More answers than this are not followed at one time.
pub(super) const MOST_BRANCHES: usize = 4_096;
/// More rules than this are not asked in one base chain.
const MOST_RULES: usize = 8_000_000;

/// How a packet comes out of a base chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// A rule lets it on.
    Accepted(RuleId),
    /// A rule throws it away.
    Dropped(RuleId),
    /// A rule throws it away with an answer.
    Rejected(RuleId),
    /// No rule decided.
    Undecided,
}

/// Where a walk stands.
struct Walker {
    branch: Branch,
    frames: Vec<Frame>,
    /// Changes whenever the packet does: a chain that let it through unchanged would do so again.
    version: u32,
}

#[derive(Clone, Copy)]
struct Frame {
    chain: ChainId,
    next: u32,
    /// The version with which it was entered.
    version: u32,
}

/// What the walk through one base chain needs besides the packet.
pub(super) struct Pass<'w, 'r> {
    pub(super) walks: &'w Walks<'r>,
    pub(super) hook: Hook,
    pub(super) base: ChainId,
    pub(super) events: &'w mut Events,
    pub(super) bounded: &'w mut bool,
    versions: u32,
    asked: usize,
    /// That of the packet.
    protocol: Protocols,
    /// Chains that let the packet through, with its version.
    through: FxHashSet<(ChainId, u32)>,
    waiting: Vec<(Walker, Option<(RuleId, u32)>)>,
    ends: Vec<(Branch, End)>,
}

impl<'w, 'r> Pass<'w, 'r> {
    pub(super) fn new(
        walks: &'w Walks<'r>,
        hook: Hook,
        base: ChainId,
        events: &'w mut Events,
        bounded: &'w mut bool,
    ) -> Self {
        Self {
            walks,
            hook,
            base,
            events,
            bounded,
            versions: 0,
            asked: 0,
            protocol: Protocols::ALL,
            through: FxHashSet::default(),
            waiting: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Walks a packet through the chain; each way that its questions can be answered ends on its own.
    pub(super) fn walk(mut self, branch: Branch) -> Vec<(Branch, End)> {
        let space = self.space();
        let only = space.only(Field::Protocol, branch.slice.now(Field::Protocol));
        self.protocol = only.map_or(Protocols::ALL, Protocols::one);
        let frame = self.entered(self.base, 0);
        self.waiting.push((Walker { branch, frames: vec![frame], version: 0 }, None));
        while let Some((walker, at)) = self.waiting.pop() {
            if self.waiting.len() + self.ends.len() > MOST_BRANCHES || self.asked > MOST_RULES {
                *self.bounded = true;
                self.ends.push((walker.branch, End::Undecided));
                break;
            }
            self.follow(walker, at);
        }
        self.ends
    }

    fn space(&self) -> &'w Space<'r> {
        &self.walks.space
    }

    fn entered(&self, chain: ChainId, version: u32) -> Frame {
        Frame { chain, next: self.space().ruleset.chain(chain).rules.start, version }
    }

    fn new_version(&mut self) -> u32 {
        self.versions += 1;
        self.versions
    }

    fn note(&mut self, walker: &mut Walker, rule: RuleId, effect: Effect) {
        let event = Event { hook: self.hook, base: self.base, rule: Some(rule), effect };
        walker.branch.events = self.events.add(event, walker.branch.events);
    }

    /// Follows a walker until it ends or parts; `at` is the rule and the step that it stands at.
    fn follow(&mut self, mut walker: Walker, at: Option<(RuleId, u32)>) {
        let mut at = at;
        loop {
            if let Some((rule, step)) = at.take()
                && !self.steps(&mut walker, rule, step)
            {
                return;
            }
            let ruleset = self.space().ruleset;
            let Some(frame) = walker.frames.last_mut() else {
                self.ends.push((walker.branch, End::Undecided));
                return;
            };
            if frame.next >= ruleset.chain(frame.chain).rules.end {
                if frame.version == walker.version {
                    self.through.insert((frame.chain, frame.version));
                }
                walker.frames.pop();
                continue;
            }
            let rule = RuleId(frame.next);
            frame.next += 1;
            self.asked += 1;
            if self.asked > MOST_RULES {
                *self.bounded = true;
                self.ends.push((walker.branch, End::Undecided));
                return;
            }
            if self.walks.protocols[rule.0 as usize].meets(self.protocol) {
                at = Some((rule, ruleset.rule(rule).steps.start));
            }
        }
    }

    /// Takes the steps of a rule from `step` on. Returns whether the walker goes on with the next rule.
    fn steps(&mut self, walker: &mut Walker, rule: RuleId, step: u32) -> bool {
        let ruleset = self.space().ruleset;
        let end = ruleset.rule(rule).steps.end;
        let mut step = step;
        while step < end {
            let action = ruleset.steps[step as usize].action;
            step += 1;
            match action {
                Action::Match(_) => {
                    let first = step - 1;
                    while step < end
                        && matches!(ruleset.steps[step as usize].action, Action::Match(_))
                    {
                        step += 1;
                    }
                    if self.misses(first, step, &walker.branch.slice) {
                        return true;
                    }
                    let cubes = self.walks.cubes(first, step, &walker.branch.slice);
                    if !self.part(walker, &cubes, (rule, step)) {
                        return true;
                    }
                }
                Action::Note | Action::Log(_) => {}
                Action::Assign(assignment) => {
                    walker.version = self.new_version();
                    walker.branch.rewritten |= matches!(assignment, Assignment::Header { .. });
                    let space = self.space();
                    walker.branch.change(|slice| {
                        let old = std::mem::replace(slice, Slice::of(Cube::ALL));
                        *slice = walk::assign(space, old, assignment);
                    });
                    self.note(walker, rule, Effect::Change);
                }
                Action::Verdict(Verdict::Branches(branches)) => {
                    let own = walker.branch.slice.clone();
                    let mut left = vec![own];
                    for branch in &ruleset.branches[branches as usize] {
                        let cubes = self.space().cubes(branch.conditions.iter().copied());
                        let asking = std::mem::take(&mut left);
                        for slice in asking {
                            let parts = self.split(slice, &cubes);
                            left.extend(parts.rest);
                            for slice in parts.met {
                                let mut own = self.with(walker, slice);
                                if self.verdict(&mut own, rule, branch.verdict, step) {
                                    self.waiting.push((own, None));
                                }
                            }
                        }
                    }
                    let mut left = left.into_iter();
                    let Some(first) = left.next() else { return false };
                    for slice in left {
                        let other = self.with(walker, slice);
                        self.waiting.push((other, Some((rule, step))));
                    }
                    self.narrow(walker, first);
                }
                Action::Verdict(verdict) => return self.verdict(walker, rule, verdict, step),
            }
        }
        true
    }

    /// Whether one of the matches from step `first` to step `end` surely fails, told by numbers alone: most rules are about
    /// other packets, and are not worth a set.
    fn misses(&self, first: u32, end: u32, slice: &Slice) -> bool {
        let space = self.space();
        let steps = &space.ruleset.steps[first as usize..end as usize];
        steps.iter().any(|step| {
            let Action::Match(Condition::In { field, values, negated }) = step.action else {
                return false;
            };
            let Some(value) = space.only(field, slice.now(field)) else { return false };
            self.walks.holds(values, value) == negated
        })
    }

    /// Another walker at the same place with other answers.
    fn with(&mut self, walker: &Walker, slice: Slice) -> Walker {
        let branch = Branch { slice, ..walker.branch.clone() };
        Walker { branch, frames: walker.frames.clone(), version: self.new_version() }
    }

    fn narrow(&mut self, walker: &mut Walker, slice: Slice) {
        if walker.branch.slice.cube != slice.cube {
            walker.version = self.new_version();
        }
        walker.branch.slice = slice;
    }

    /// What of a packet fulfils one of `cubes`, and what does not.
    fn split(&self, slice: Slice, cubes: &[Cube]) -> Parts {
        let space = self.space();
        let (mut met, mut rest) = (Vec::new(), vec![slice]);
        for cube in cubes {
            let asking = std::mem::take(&mut rest);
            for piece in asking {
                let common = piece.view(cube.terms(), space).and_then(|view| {
                    let common = piece.cube.intersect(&view, &space.store)?;
                    Some((common, piece.cube.minus(&view, &space.store)))
                });
                let Some((common, outside)) = common else {
                    rest.push(piece);
                    continue;
                };
                met.push(piece.narrowed(common));
                rest.extend(outside.into_iter().map(|cube| piece.narrowed(cube)));
            }
        }
        Parts { met, rest }
    }

    /// Lets a walker meet conditions. Returns whether it did: then it is left with what fulfils them, and what does not
    /// waits at the next rule.
    fn part(&mut self, walker: &mut Walker, cubes: &[Cube], at: (RuleId, u32)) -> bool {
        let space = self.space();
        let slice = &walker.branch.slice;
        let meets = |terms: &[Term]| {
            let view = slice.view(terms, space);
            view.is_some_and(|view| slice.cube.overlaps(&view, &space.store))
        };
        // The usual case first: most rules are about other packets.
        if !cubes.iter().any(|cube| meets(cube.terms())) {
            return false;
        }
        let parts = self.split(slice.clone(), cubes);
        for slice in parts.rest {
            let other = self.with(walker, slice);
            self.waiting.push((other, None));
        }
        let mut met = parts.met.into_iter();
        let Some(first) = met.next() else { return false };
        for slice in met {
            let other = self.with(walker, slice);
            self.waiting.push((other, Some(at)));
        }
        self.narrow(walker, first);
        true
    }

    /// Does to the packet what a verdict says. Returns whether the walker goes on in its frames.
    fn verdict(&mut self, walker: &mut Walker, rule: RuleId, verdict: Verdict, step: u32) -> bool {
        let ruleset = self.space().ruleset;
        match verdict {
            Verdict::Accept => self.end(walker, rule, Effect::Accept, End::Accepted(rule)),
            Verdict::Drop => self.end(walker, rule, Effect::Drop, End::Dropped(rule)),
            Verdict::Reject => self.end(walker, rule, Effect::Reject, End::Rejected(rule)),
            Verdict::Synproxy => self.end(walker, rule, Effect::Proxy, End::Accepted(rule)),
            Verdict::Snat(_) => {
                walker.branch.change(Slice::forget_source);
                walker.branch.translated_here = true;
                self.end(walker, rule, Effect::SourceRewritten, End::Accepted(rule))
            }
            Verdict::Return => {
                self.note(walker, rule, Effect::Return);
                walker.frames.pop();
                true
            }
            Verdict::Jump(chain) | Verdict::Goto(chain) => {
                if walker.frames.iter().any(|frame| frame.chain == chain) {
                    // A loop, which no kernel loads.
                    return self.unknown(walker, rule);
                }
                let goto = matches!(verdict, Verdict::Goto(_));
                let effect = if goto { Effect::Goto(chain) } else { Effect::Jump(chain) };
                self.note(walker, rule, effect);
                if goto {
                    walker.frames.pop();
                }
                if !self.through.contains(&(chain, walker.version)) {
                    let frame = self.entered(chain, walker.version);
                    walker.frames.push(frame);
                }
                true
            }
            Verdict::Queue { .. } => {
                self.note(walker, rule, Effect::Queue);
                let (mut yes, mut no) = self.ask(walker, Reason::Program);
                self.end(&mut yes, rule, Effect::Accept, End::Accepted(rule));
                self.end(&mut no, rule, Effect::Drop, End::Dropped(rule))
            }
            Verdict::Dnat(index) => {
                let translation = ruleset.translations[index as usize];
                let Some(unserved) = translation.proxy else {
                    walker.branch.translate(self.space(), rule, translation);
                    walker.branch.translated_here = true;
                    let end = End::Accepted(rule);
                    return self.end(walker, rule, Effect::DestinationRewritten, end);
                };
                let (mut served, mut not) = self.ask(walker, Reason::Program);
                served.branch.change(|slice| {
                    slice.redirected = true;
                    slice.translated_by = Some(rule);
                });
                match unserved {
                    // The target accepts by itself; the statement goes on to the next.
                    Unserved::Dropped => {
                        self.end(&mut served, rule, Effect::Proxy, End::Accepted(rule));
                        self.end(&mut not, rule, Effect::Drop, End::Dropped(rule))
                    }
                    Unserved::GoesOn => {
                        self.note(&mut served, rule, Effect::Proxy);
                        self.waiting.push((served, Some((rule, step))));
                        *walker = not;
                        true
                    }
                }
            }
            Verdict::Branches(_) => unreachable!("a branch of a verdict map leads to no other map"),
            Verdict::Unknown => self.unknown(walker, rule),
        }
    }

    /// Any outcome is possible.
    fn unknown(&mut self, walker: &mut Walker, rule: RuleId) -> bool {
        self.note(walker, rule, Effect::Unknown);
        let (decided, on) = self.ask(walker, Reason::Target(rule));
        let (mut yes, mut no) = self.ask(&decided, Reason::Target(rule));
        self.end(&mut yes, rule, Effect::Accept, End::Accepted(rule));
        self.end(&mut no, rule, Effect::Drop, End::Dropped(rule));
        *walker = on;
        true
    }

    /// The two answers to a question that only this place asks.
    fn ask(&mut self, walker: &Walker, reason: Reason) -> (Walker, Walker) {
        let space = self.space();
        let axis = space.new_opaque(reason, OpaqueKind::Fixed);
        let mut answer = |value| {
            let cube = walker.branch.slice.cube.clone();
            let cube = cube.replace(axis, Some(space.one(axis, value)));
            self.with(walker, walker.branch.slice.narrowed(cube))
        };
        (answer(1), answer(0))
    }

    fn end(&mut self, walker: &mut Walker, rule: RuleId, effect: Effect, end: End) -> bool {
        self.note(walker, rule, effect);
        self.ends.push((walker.branch.clone(), end));
        walker.frames.clear();
        false
    }
}

/// The two parts of a packet that a question leaves.
struct Parts {
    met: Vec<Slice>,
    rest: Vec<Slice>,
}

impl Walks<'_> {
    /// The packets that fulfil the matches from step `first` to step `end`, as far as `slice` leaves them open.
    fn cubes(&self, first: u32, end: u32, slice: &Slice) -> Rc<[Cube]> {
        if let Some(known) = self.known.borrow().get(&first) {
            return Rc::clone(known);
        }
        let steps = &self.space.ruleset.steps[first as usize..end as usize];
        let conditions = steps.iter().filter_map(|step| match step.action {
            Action::Match(condition) => Some(condition),
            _ => None,
        });
        let mut conditions: Vec<Condition> = conditions.collect();
        let all = conditions.len();
        let value = |field| self.space.only(field, slice.now(field));
        let mut never = false;
        conditions.retain(|condition| {
            let holds = self.space.holds_for(*condition, value);
            never |= holds == Some(false);
            holds.is_none()
        });
        if never {
            return Rc::new([]);
        }
        let own = conditions.len() < all;
        let cubes: Rc<[Cube]> = self.space.cubes(conditions.into_iter()).into();
        // A question that is asked anew each time has another axis the next time.
        let fresh = |cube: &Cube| cube.terms().iter().any(|(axis, _)| self.space.is_fresh(*axis));
        if !own && !cubes.iter().any(fresh) {
            self.known.borrow_mut().insert(first, Rc::clone(&cubes));
        }
        cubes
    }
}
