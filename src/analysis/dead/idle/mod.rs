//! Rules that packets do reach, and that change nothing all the same: what later entries do with their packets.
//!
//! Asked of every packet that can be at the hook and fulfils a rule's conditions, whether or not something takes it before:
//! what holds of all of them holds of those that come there. Only what is certain is said to do the same.

mod jumps;
mod later;
mod limits;
mod partial;
mod redundant;
mod skipped;
mod undone;

pub use jumps::Idle;
pub use limits::Bypassed;
pub use partial::{Left, PartialRule};
pub use redundant::Redundant;
pub use skipped::Skipping;
pub use undone::Undone;

use super::{
    fate::{self, Fate},
    hooks,
    near::Index,
    verdicts::NamedSets,
};
use crate::{
    analysis::{Analysis, FamilyAnalysis, Slice, flat::Passage, way::Listed},
    model::{Action, ChainKind, Rule, RuleId, Ruleset, Step},
};
use std::cell::Cell;

/// What tells whether a step of a rule that leaves a trace does nothing but count for itself.
pub type Counting<'w> = &'w dyn Fn(&Rule, &Step) -> bool;

/// So many entries are met for one question about all rules; of what is then left nothing is said.
const MOST_STEPS: usize = 20_000_000;

/// What is asked again and again.
struct Asking<'a, 'r> {
    ruleset: &'r Ruleset,
    analysis: &'a Analysis<'r>,
    counting: Counting<'a>,
    named_sets: NamedSets,
    steps: Cell<usize>,
}

/// One list, and what is known of it.
struct List<'a, 'r> {
    family: &'a FamilyAnalysis<'r>,
    listed: &'a Listed,
    index: &'a Index,
    /// Every packet that it can be asked about.
    starts: Vec<Slice>,
    /// Where rules are met that decide nothing and leave more of a trace than a count, in order.
    noting: Vec<&'a Passage>,
}

impl<'a, 'r> Asking<'a, 'r> {
    fn new(analysis: &'a Analysis<'r>, counting: Counting<'a>) -> Self {
        let ruleset = analysis.ruleset;
        let named_sets = NamedSets::of(ruleset);
        Self { ruleset, analysis, counting, named_sets, steps: Cell::new(0) }
    }

    /// The lists that only filter, family by family, those that rewrite headers left out.
    fn lists(&self) -> impl Iterator<Item = List<'a, 'r>> {
        let families = 0..self.analysis.families.len();
        families.flat_map(move |family| self.filters(family).map(move |it| self.list(family, it)))
    }

    fn filters(&self, family: usize) -> impl Iterator<Item = &'a Listed> {
        let lists = self.analysis.families[family].way.lists.iter();
        lists
            .filter(|it| it.base.kind == ChainKind::Filter && !it.flat.rewrites && !it.flat.bounded)
    }

    fn list(&self, number: usize, listed: &'a Listed) -> List<'a, 'r> {
        let family = &self.analysis.families[number];
        let indexes = &self.analysis.dead().indexes;
        let index = indexes.of(&self.analysis.families, number, listed.index);
        let notes = |it: &&Passage| self.leaves_trace(it.rule);
        let noting = listed.flat.passages.iter().filter(notes).collect();
        let starts = hooks::at_hook(&family.space, listed);
        List { family, listed, index, starts, noting }
    }

    /// Whether a rule does more than ask, decide and count.
    fn leaves_trace(&self, rule: RuleId) -> bool {
        let rule = self.ruleset.rule(rule);
        self.ruleset.steps_of(rule).iter().any(|step| match step.action {
            Action::Match(_) | Action::Verdict(_) => false,
            Action::Note => !(self.counting)(rule, step),
            Action::Log(_) | Action::Assign(_) => true,
        })
    }

    /// What of some packets may come to an entry from another one on.
    fn comes(&self, list: &List<'_, '_>, start: Slice, from: u32, at: u32) -> Vec<Slice> {
        let (flat, space) = (&list.listed.flat, &list.family.space);
        let Fate { parts, bounded, steps } =
            fate::of(space, flat, list.index, start.clone(), from, at);
        self.steps.set(self.steps.get() + steps);
        if bounded {
            return vec![start];
        }
        let come = parts
            .into_iter()
            .filter(|part| part.by.is_none_or(|by| by >= at) && part.returned.is_none());
        come.map(|part| part.slice).collect()
    }

    fn is_spent(&self) -> bool {
        self.steps.get() > MOST_STEPS
    }

    fn asks_set(&self, rule: RuleId) -> bool {
        self.named_sets.asked_by(self.ruleset, rule)
    }

    /// Notes rules of which it was not found out what they change.
    fn leave(&self, rules: impl IntoIterator<Item = RuleId>) {
        self.analysis.dead().unsought.borrow_mut().extend(rules);
    }
}

impl Analysis<'_> {
    /// The rules that packets reach and of which it was not found out whether they change anything, if anybody asked.
    pub fn unsought(&self) -> Vec<RuleId> {
        let Some(dead) = self.dead.get() else { return Vec::new() };
        let mut rules = dead.unsought.borrow().clone();
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}
