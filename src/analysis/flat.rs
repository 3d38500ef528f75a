//! A base chain with everything it jumps to, as one list.
//!
//! Each entry is one rule at one place of the walk, with the conditions of the jumps that led there multiplied in. An
//! entry decides its packets up to its `end`: for good, or (a return) until the list goes on behind the jump.

use super::{Space, cover::Cover, space::Reason};
use crate::{
    model::{Action, Assignment, ChainId, Condition, Field, OpaqueKind, RuleId, Unserved, Verdict},
    packets::{Axis, Cube, Term},
};
use rustc_hash::FxHashMap;
use std::{cell::RefCell, collections::VecDeque, rc::Rc};

/// Chains that call each other often make the list long; past this many entries it stops and says so.
const MOST_ENTRIES: usize = 4_000_000;

/// The list.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is so of the list or is not")]
pub(super) struct Flat {
    pub(super) entries: Vec<Entry>,
    terms: Vec<Term>,
    calls: Vec<Call>,
    /// Whether an entry asks where packets were sent.
    pub(super) asks_destination: bool,
    /// Whether an entry changes what a later one may ask for.
    pub(super) assigns: bool,
    /// Whether that may be any field of the header.
    pub(super) rewrites: bool,
    /// Whether entries change the state, or a mark; and whether entries ask for it.
    assigns_state: bool,
    assigns_mark: bool,
    asks_state: bool,
    asks_mark: bool,
    /// Whether some rule changes what only opaque conditions ask for.
    pub(super) changes_unmodelled: bool,
    /// Where rules are met that decide nothing by themselves: jumps, and what only notes.
    pub(super) passages: Vec<Passage>,
    /// The entries that leave a walk through a chain for the place behind its jump, in order, by that walk.
    returns: FxHashMap<u32, Vec<u32>>,
    /// Whether the list stopped short.
    pub(super) bounded: bool,
    /// Whether packets surely come to the part of the rule that is being listed.
    goes_on: bool,
    /// The runs that were asked for from their beginning, by their first entry.
    runs: RefCell<FxHashMap<u32, Rc<Run>>>,
}

/// Entries in a row that all accept, or all drop: which of them does is no matter to what comes after all of them.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) length: u32,
    /// What they take, in the fewest cubes.
    pub(super) cubes: Vec<Vec<Term>>,
}

/// One rule at one place of the walk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// The rule; the goto that led there for the end of its chain.
    pub(super) rule: RuleId,
    terms: (u32, u32),
    /// Index of the first entry that its packets meet again; [`Entry::FINAL`] for never.
    pub(super) end: u32,
    pub(super) effect: Effect,
    /// The jump that led here: an index into `calls`, which tells one walk through a chain from another.
    pub(super) call: u32,
    /// Whether it depends on a question that is asked nowhere else on the walk: see [`Space::is_fresh`].
    pub(super) fresh: bool,
    /// Whether it depends on any opaque question.
    pub(super) opaque: bool,
    /// Whether it surely does what it does to packets that fulfil its conditions.
    pub(super) certain: bool,
}

impl Entry {
    /// The end of an entry that decides for good.
    pub(super) const FINAL: u32 = u32::MAX;
}

/// A rule at one place of the walk that itself decides nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passage {
    pub(super) rule: RuleId,
    terms: (u32, u32),
    /// The jump that led here, as [`Entry::call`].
    pub(super) call: u32,
    /// Index of the entry before which it is met.
    pub(super) at: u32,
}

/// What becomes of an entry's packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Accept,
    Drop,
    /// Goes on at the entry's end.
    Return,
    /// Leaves the base chain with another destination.
    Dnat(u32),
    /// Goes on, changed.
    Assign(Assignment),
}

#[derive(Debug, Clone, Copy)]
struct Call {
    rule: RuleId,
    caller: u32,
}

const NO_CALL: u32 = u32::MAX;

/// A chain that is being listed.
struct Frame {
    chain: ChainId,
    next: u32,
    guard: Cube,
    call: u32,
    /// Entries that go on where this frame ends.
    returns: Vec<u32>,
    /// Present where the chain was entered by a goto: its end is the end of the frame below it.
    goto: Option<RuleId>,
    /// Chains that the rule before `next` enters. A rule with alternatives enters its chain once for
    /// each: a packet that fulfils two of them walks the chain twice, to the same effect.
    entering: VecDeque<(Entered, Cube)>,
}

impl Flat {
    /// Lists base chain `chain`.
    pub(super) fn of(space: &Space<'_>, chain: ChainId) -> Self {
        let mut flat = Self { goes_on: true, ..Self::default() };
        let first = space.ruleset.chain(chain).rules.start;
        let (returns, entering) = (Vec::new(), VecDeque::new());
        let base = Frame {
            chain,
            next: first,
            guard: Cube::ALL,
            call: NO_CALL,
            returns,
            goto: None,
            entering,
        };
        let mut stack = vec![base];
        // Frames on the stack by chain, to see a loop without looking through a deep stack.
        let mut open = vec![false; space.ruleset.chains.len()];
        open[chain.0 as usize] = true;
        while let Some(frame) = stack.last_mut() {
            if let Some((entered, guard)) = frame.entering.pop_front() {
                let rule = RuleId(frame.next - 1);
                if open[entered.chain.0 as usize] {
                    flat.unknown(space, rule, frame.call, &guard);
                    continue;
                }
                flat.calls.push(Call { rule, caller: frame.call });
                open[entered.chain.0 as usize] = true;
                stack.push(Frame {
                    chain: entered.chain,
                    next: space.ruleset.chain(entered.chain).rules.start,
                    guard,
                    call: index(flat.calls.len() - 1),
                    returns: Vec::new(),
                    goto: entered.goto.then_some(rule),
                    entering: VecDeque::new(),
                });
                continue;
            }
            if frame.next >= space.ruleset.chain(frame.chain).rules.end
                || flat.entries.len() > MOST_ENTRIES
            {
                flat.bounded |= flat.entries.len() > MOST_ENTRIES;
                let frame = stack.pop().expect("the frame was just looked at");
                open[frame.chain.0 as usize] = false;
                flat.close(space, frame, stack.last_mut());
                continue;
            }
            frame.next += 1;
            flat.rule(space, RuleId(frame.next - 1), frame);
        }
        flat
    }

    /// What of a run is left from entry `at` on, if that is more than this entry.
    pub(super) fn run(&self, space: &Space<'_>, at: u32) -> Option<Rc<Run>> {
        let after = &self.entries[at as usize..];
        let effect = after.first()?.effect;
        let decides = matches!(effect, Effect::Accept | Effect::Drop);
        if !decides || after.get(1).is_none_or(|next| next.effect != effect) {
            return None;
        }
        let gathered = || {
            let mut cover = Cover::default();
            let mut length = 0;
            for entry in after.iter().take_while(|entry| entry.effect == effect) {
                cover.add(space, self, entry);
                length += 1;
            }
            Rc::new(Run { length, cubes: cover.groups(space).map(<[Term]>::to_vec).collect() })
        };
        // Who comes in the middle of one is seldom there again.
        let before = at.checked_sub(1).map(|before| self.entries[before as usize].effect);
        if before == Some(effect) {
            return Some(gathered());
        }
        Some(Rc::clone(self.runs.borrow_mut().entry(at).or_insert_with(gathered)))
    }

    /// The conditions of a passage.
    pub(super) fn passage_terms(&self, passage: &Passage) -> &[Term] {
        &self.terms[passage.terms.0 as usize..passage.terms.1 as usize]
    }

    /// The returns by which packets can miss an entry, each list in order: those of all walks that it stands in.
    pub(super) fn returns_past(&self, entry: &Entry) -> impl Iterator<Item = &[u32]> {
        let caller = |call: &u32| self.calls.get(*call as usize).map(|it| it.caller);
        let calls = std::iter::successors(Some(entry.call), caller);
        calls.filter_map(|call| self.returns.get(&call).map(Vec::as_slice))
    }

    /// Whether a return leads out of a walk through a chain, or of one that this is a part of.
    pub(super) fn leaves(&self, index: u32, inside: u32) -> bool {
        let caller = |call: &u32| self.calls.get(*call as usize).map(|it| it.caller);
        let mut calls = std::iter::successors(Some(inside), caller);
        let has = |call| self.returns.get(&call).is_some_and(|it| it.binary_search(&index).is_ok());
        calls.any(has)
    }

    /// Whether entries ask for what entries change.
    pub(super) const fn asks_for_changes(&self) -> bool {
        (self.assigns_state && self.asks_state) || (self.assigns_mark && self.asks_mark)
    }

    /// The conditions of what is surely dropped.
    pub(super) fn drops(&self) -> impl Iterator<Item = &[Term]> {
        let drops = |it: &&Entry| it.effect == Effect::Drop && it.certain && !it.opaque;
        self.entries.iter().filter(drops).map(|it| self.terms(it))
    }

    /// The conditions of an entry.
    pub(super) fn terms(&self, entry: &Entry) -> &[Term] {
        &self.terms[entry.terms.0 as usize..entry.terms.1 as usize]
    }

    /// Asks the questions of some axes on others.
    pub(super) fn rename(&mut self, axes: &FxHashMap<Axis, Axis>) {
        for entry in &self.entries {
            let terms = &mut self.terms[entry.terms.0 as usize..entry.terms.1 as usize];
            let mut renamed = false;
            for term in terms.iter_mut() {
                if let Some(axis) = axes.get(&term.0) {
                    term.0 = *axis;
                    renamed = true;
                }
            }
            if renamed {
                terms.sort_unstable_by_key(|term| term.0);
            }
        }
    }

    /// The jumps that led to an entry, the last first.
    pub(super) fn path(&self, entry: &Entry) -> impl Iterator<Item = RuleId> {
        self.jumps_to(entry.call)
    }

    /// The same for the walk through a chain.
    pub(super) fn jumps_to(&self, call: u32) -> impl Iterator<Item = RuleId> {
        let get = |index: u32| self.calls.get(index as usize).copied();
        std::iter::successors(get(call), move |it| get(it.caller)).map(|it| it.rule)
    }

    fn passage(&mut self, rule: RuleId, call: u32, cube: &Cube) {
        let start = index(self.terms.len());
        self.terms.extend_from_slice(cube.terms());
        let (terms, at) = ((start, index(self.terms.len())), index(self.entries.len()));
        self.passages.push(Passage { rule, terms, call, at });
    }

    /// Lists one rule and notes which chain it enters.
    fn rule(&mut self, space: &Space<'_>, id: RuleId, frame: &mut Frame) {
        let rule = space.ruleset.rule(id);
        let mut conditions: Vec<Condition> = Vec::new();
        let mut cubes: Option<Vec<Cube>> = None;
        let (listed, met) = (self.entries.len(), self.passages.len());
        // Whether packets that fulfil the conditions surely come to the end of the rule.
        self.goes_on = true;
        for step in space.ruleset.steps_of(rule) {
            if let Action::Match(condition) = step.action {
                conditions.push(condition);
                cubes = None;
                continue;
            }
            let cubes = cubes.get_or_insert_with(|| guarded(space, &conditions, &frame.guard));
            match step.action {
                Action::Match(_) | Action::Note | Action::Log(_) => {}
                Action::Assign(assignment) => {
                    for cube in cubes.iter() {
                        self.push(space, id, frame.call, cube, Effect::Assign(assignment));
                    }
                    self.changes_unmodelled |= assignment == Assignment::Other;
                    // A copy from a connection ends the rule where there is none, and so does a change of what is not there.
                    self.goes_on &= matches!(assignment, Assignment::Bits { value: Some(_), .. });
                }
                Action::Verdict(Verdict::Branches(branches)) => {
                    for branch in &space.ruleset.branches[branches as usize] {
                        let own = space.cubes(branch.conditions.iter().copied());
                        let pairs =
                            cubes.iter().flat_map(|cube| own.iter().map(move |it| (cube, it)));
                        let both = pairs.filter_map(|(a, b)| a.intersect(b.terms(), &space.store));
                        for cube in both.collect::<Vec<_>>() {
                            self.verdict(space, id, frame, &cube, branch.verdict);
                        }
                    }
                }
                Action::Verdict(verdict) => {
                    for cube in cubes.iter() {
                        self.verdict(space, id, frame, cube, verdict);
                    }
                }
            }
        }
        if (listed, met) == (self.entries.len(), self.passages.len()) {
            let cubes = cubes.unwrap_or_else(|| guarded(space, &conditions, &frame.guard));
            for cube in &cubes {
                self.passage(id, frame.call, cube);
            }
        }
    }

    fn verdict(
        &mut self,
        space: &Space<'_>,
        id: RuleId,
        frame: &mut Frame,
        cube: &Cube,
        verdict: Verdict,
    ) {
        // A proxy takes what opens a connection and leaves the rest (`nft_synproxy.c`, `xt_SYNPROXY.c`); a transparent one
        // takes what a program listens for (`nft_tproxy.c`).
        let takes_some = match verdict {
            Verdict::Synproxy => true,
            Verdict::Dnat(translation) => {
                let translation = space.ruleset.translations[translation as usize];
                translation.proxy == Some(Unserved::GoesOn)
            }
            _ => false,
        };
        self.goes_on &= !takes_some;
        let effect = match verdict {
            Verdict::Accept | Verdict::Snat(_) | Verdict::Synproxy => Effect::Accept,
            Verdict::Drop | Verdict::Reject => Effect::Drop,
            Verdict::Dnat(translation) => Effect::Dnat(translation),
            Verdict::Return => {
                frame.returns.push(index(self.entries.len()));
                Effect::Return
            }
            Verdict::Queue { .. } => {
                // What the program says is not known: it may accept.
                let axis = space.new_opaque(Reason::Program, OpaqueKind::Fixed);
                let one = [(axis, space.one(axis, 1))];
                if let Some(cube) = cube.intersect(&one, &space.store) {
                    self.push(space, id, frame.call, &cube, Effect::Accept);
                }
                Effect::Drop
            }
            Verdict::Unknown => return self.unknown(space, id, frame.call, cube),
            Verdict::Jump(chain) | Verdict::Goto(chain) => {
                let goto = matches!(verdict, Verdict::Goto(_));
                self.passage(id, frame.call, cube);
                frame.entering.push_back((Entered { chain, goto }, cube.clone()));
                return;
            }
            // A branch leads to a verdict of its own, never to further branches.
            Verdict::Branches(_) => return,
        };
        self.push(space, id, frame.call, cube, effect);
    }

    /// A target whose outcome nobody knows: it may drop; whether it does is an opaque question.
    fn unknown(&mut self, space: &Space<'_>, id: RuleId, call: u32, cube: &Cube) {
        self.goes_on = true;
        let axis = space.new_opaque(Reason::Target(id), OpaqueKind::Foreign);
        let one = [(axis, space.one(axis, 1))];
        if let Some(cube) = cube.intersect(&one, &space.store) {
            self.push(space, id, call, &cube, Effect::Drop);
        }
    }

    fn push(&mut self, space: &Space<'_>, rule: RuleId, call: u32, cube: &Cube, effect: Effect) {
        let start = index(self.terms.len());
        self.terms.extend_from_slice(cube.terms());
        // Axes of questions come last, those of marks before them.
        let last = cube.terms().last().map(|(axis, _)| *axis);
        let opaque = last.is_some_and(Space::is_opaque);
        let asked = if opaque { cube.terms() } else { &[] };
        let fresh = asked.iter().any(|(axis, _)| space.is_fresh(*axis));
        self.asks_state |= cube.get(Space::axis(Field::State)).is_some();
        self.asks_mark |= last.is_some_and(|axis| opaque || Space::is_assigned(axis))
            && cube
                .terms()
                .iter()
                .any(|(axis, _)| Space::is_assigned(*axis) && *axis != Space::axis(Field::State));
        self.assigns_state |= effect == Effect::Assign(Assignment::Untracked);
        self.assigns_mark |=
            matches!(effect, Effect::Assign(Assignment::Bits { .. } | Assignment::Copy { .. }));
        // A change ends nothing: its packets meet the next entry. The end of a return is filled in when it is known.
        let destination = [Field::Destination, Field::DestinationKind, Field::OriginalDestination];
        self.asks_destination |=
            destination.into_iter().any(|field| cube.get(Space::condition_axis(field)).is_some());
        let assigns = matches!(effect, Effect::Assign(_));
        self.assigns |= assigns && effect != Effect::Assign(Assignment::Other);
        self.rewrites |= matches!(effect, Effect::Assign(Assignment::Header { .. }));
        let end = if assigns { index(self.entries.len()) + 1 } else { Entry::FINAL };
        self.entries.push(Entry {
            rule,
            terms: (start, index(self.terms.len())),
            end,
            effect,
            call,
            fresh,
            opaque,
            certain: self.goes_on,
        });
    }

    /// Ends a chain: what returns from it goes on here, or, after a goto, where the caller of the goto's chain goes on.
    fn close(&mut self, space: &Space<'_>, frame: Frame, below: Option<&mut Frame>) {
        let here = index(self.entries.len());
        if let (Some(rule), Some(below)) = (frame.goto, below) {
            below.returns.push(here);
            below.returns.extend(frame.returns);
            self.goes_on = true;
            self.push(space, rule, below.call, &frame.guard, Effect::Return);
            return;
        }
        for entry in &frame.returns {
            self.entries[*entry as usize].end = here;
        }
        if !frame.returns.is_empty() {
            let mut returns = frame.returns;
            returns.sort_unstable();
            self.returns.insert(frame.call, returns);
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Entered {
    chain: ChainId,
    goto: bool,
}

/// The packets that fulfil all conditions and that a chain was entered with.
fn guarded(space: &Space<'_>, conditions: &[Condition], guard: &Cube) -> Vec<Cube> {
    let own = space.cubes(conditions.iter().copied());
    if *guard == Cube::ALL {
        return own;
    }
    own.iter().filter_map(|cube| cube.intersect(guard.terms(), &space.store)).collect()
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("the list is bounded well below four billion entries")
}
