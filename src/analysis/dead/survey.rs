//! Which rules packets reach: one packet is enough.

use super::{
    hooks,
    search::{Found, Place, Search},
};
use crate::{
    analysis::{
        Calls, FamilyAnalysis, Slice, Space,
        before::{Asked, Before},
        flat::Flat,
        walk,
        way::Listed,
    },
    model::{Action, Condition, Field, RuleId, Ruleset, TableFamily},
    packets::Term,
};
use rustc_hash::FxHashMap;

/// A survey looks at so much, and so much more for each entry; of what is then left nothing is said.
const MOST_STEPS: u64 = 20_000_000;
const STEPS_AN_ENTRY: u64 = 400;

/// What is known of the rules.
#[derive(Debug)]
pub(super) struct Survey {
    met: Vec<Met>,
    /// Where rules that nothing reaches are met first.
    places: FxHashMap<RuleId, Spot>,
    /// What comes to each list of each family.
    pub(super) arriving: Vec<Vec<Vec<Slice>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    /// On no walk.
    Nowhere,
    /// By no packet.
    Dead,
    /// Nobody can tell.
    Unsettled,
    /// By some packet.
    Alive,
}

/// A place of the walk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// Index of the family.
    pub(super) family: usize,
    /// Index of the list.
    pub(super) list: usize,
    /// Index of the entry, or of the passage.
    pub(super) index: u32,
    pub(super) is_passage: bool,
}

impl Survey {
    pub(super) fn of(ruleset: &Ruleset, families: &[FamilyAnalysis<'_>]) -> Self {
        let arriving = families.iter().map(|it| hooks::arriving(&it.space, &it.way)).collect();
        let met = vec![Met::Nowhere; ruleset.rules.len()];
        let mut survey = Self { met, places: FxHashMap::default(), arriving };
        for (it, family) in families.iter().zip(0..) {
            let entries: usize = it.way.lists.iter().map(|listed| listed.flat.entries.len()).sum();
            let mut left = MOST_STEPS + STEPS_AN_ENTRY * entries as u64;
            for (listed, list) in it.way.lists.iter().zip(0..) {
                if listed.flat.bounded || listed.flat.rewrites {
                    survey.give_up(ruleset, listed);
                } else {
                    survey.list(it, family, list, &mut left);
                }
            }
        }
        survey
    }

    /// Says nothing about the rules that a list holds or should hold.
    fn give_up(&mut self, ruleset: &Ruleset, listed: &Listed) {
        for rule in Calls::rule_ids_below(ruleset, listed.chain) {
            let met = &mut self.met[rule.0 as usize];
            if *met != Met::Alive {
                *met = Met::Unsettled;
            }
        }
    }

    /// Looks through a list.
    fn list(&mut self, family: &FamilyAnalysis<'_>, number: usize, list: usize, left: &mut u64) {
        let listed = &family.way.lists[list];
        let flat = &listed.flat;
        let mut looking = Looking::new(&family.space, flat, *left);
        let arriving = std::mem::take(&mut self.arriving[number][list]);
        let spot = |index, is_passage| Spot { family: number, list, index, is_passage };
        let mut passages = flat.passages.iter().zip(0..).peekable();
        let end = u32::try_from(flat.entries.len()).unwrap_or(u32::MAX);
        for at in 0..=end {
            while let Some((passage, index)) = passages.next_if(|(it, _)| it.at <= at) {
                let terms = flat.passage_terms(passage);
                let place = Place { at, inside: Some(passage.call) };
                self.look(&mut looking, &arriving, passage.rule, terms, spot(index, true), place);
            }
            if let Some(entry) = flat.entries.get(at as usize) {
                let place = Place { at, inside: None };
                let terms = flat.terms(entry);
                self.look(&mut looking, &arriving, entry.rule, terms, spot(at, false), place);
                looking.pass(at);
            }
        }
        self.arriving[number][list] = arriving;
        *left = left.saturating_sub(looking.steps());
    }

    fn look(
        &mut self,
        looking: &mut Looking<'_, '_>,
        arriving: &[Slice],
        rule: RuleId,
        terms: &[Term],
        spot: Spot,
        place: Place,
    ) {
        let met = self.met[rule.0 as usize];
        if met == Met::Alive {
            return;
        }
        let found = looking.look(arriving, terms, place);
        self.met[rule.0 as usize] = match (found, met) {
            (Found::Comes, _) => Met::Alive,
            (Found::Unsettled, _) | (_, Met::Unsettled) => Met::Unsettled,
            (Found::Never, _) => Met::Dead,
        };
        if met == Met::Nowhere && found == Found::Never {
            self.places.insert(rule, spot);
        }
    }

    /// Whether some packet may come to a rule.
    pub(super) fn is_alive(&self, rule: RuleId) -> bool {
        matches!(self.met[rule.0 as usize], Met::Alive | Met::Unsettled)
    }

    /// The rules of which nobody can tell.
    pub(super) fn unsettled(&self) -> Vec<RuleId> {
        let met = self.met.iter().zip(0..);
        met.filter(|(met, _)| **met == Met::Unsettled).map(|(_, id)| RuleId(id)).collect()
    }

    /// Where a dead rule is met.
    pub(super) fn spot(&self, rule: RuleId) -> Option<Spot> {
        self.places.get(&rule).copied()
    }
}

/// How far a list was looked through.
struct Looking<'a, 'r> {
    search: Search<'a, 'r>,
    /// Where entries change what others ask for: all that come before, by their places.
    before: Option<Before>,
    left: u64,
}

impl<'a, 'r> Looking<'a, 'r> {
    fn new(space: &'a Space<'r>, flat: &'a Flat, left: u64) -> Self {
        let mut search = Search::new(space, flat);
        let before = flat.asks_for_changes().then(|| Before::new(flat, Asked::SurelyTaken));
        if before.is_some() {
            let marks = [Field::Mark, Field::ConnectionMark];
            let marks = marks.into_iter().flat_map(|field| space.mark_axes(field));
            search.points.loose.extend(marks.map(|(axis, _)| axis));
            search.points.loose.insert(Space::axis(Field::State));
        }
        Self { search, before, left }
    }

    fn pass(&mut self, index: u32) {
        let (space, flat) = (self.search.space, self.search.flat);
        self.search.points.add(space, flat, index);
        if let Some(before) = &mut self.before {
            before.pass(space, flat, index);
        }
    }

    fn steps(&self) -> u64 {
        self.search.steps + self.before.as_ref().map_or(0, |before| before.steps.get())
    }

    /// Whether packets with these terms come to a place.
    fn look(&mut self, arriving: &[Slice], terms: &[Term], place: Place) -> Found {
        let mut found = Found::Never;
        for slice in arriving {
            if self.steps() > self.left {
                return Found::Unsettled;
            }
            match self.comes(slice, terms, place) {
                Found::Comes => return Found::Comes,
                Found::Unsettled => found = Found::Unsettled,
                Found::Never => {}
            }
        }
        found
    }

    fn comes(&mut self, slice: &Slice, terms: &[Term], place: Place) -> Found {
        let (space, flat) = (self.search.space, self.search.flat);
        let is_loose = |term: &Term| self.search.points.loose.contains(&term.0);
        let asks_changed = self.before.is_some() && terms.iter().any(is_loose);
        if !asks_changed {
            let Some(start) = slice.narrowed_to(terms, space) else { return Found::Never };
            let found = self.search.comes(start.cube, place);
            if self.before.is_none() || found == Found::Comes {
                return found;
            }
        }
        let Some(before) = &mut self.before else { return Found::Unsettled };
        before.most_steps = self.left.saturating_sub(self.search.steps);
        before.inside = place.inside;
        let reaching = walk::reaching(space, flat, before, terms, slice, 1);
        before.inside = None;
        match (reaching.slices.is_empty(), reaching.bounded) {
            (false, _) => Found::Comes,
            (true, true) => Found::Unsettled,
            (true, false) => Found::Never,
        }
    }
}

/// The rules that no family's packets reach, in chains that they do reach.
pub(super) fn dead(
    ruleset: &Ruleset,
    families: &[FamilyAnalysis<'_>],
    survey: &Survey,
) -> Vec<RuleId> {
    let mut entered = vec![false; ruleset.chains.len()];
    for listed in families.iter().flat_map(|family| &family.way.lists) {
        entered[listed.chain.0 as usize] = true;
    }
    for (rule, id) in ruleset.rules.iter().zip(0..) {
        if survey.is_alive(RuleId(id)) {
            for chain in ruleset.chains_entered(rule) {
                entered[chain.0 as usize] = true;
            }
        }
    }
    let rules = ruleset.rules.iter().zip(0..).map(|(rule, id)| (rule, RuleId(id)));
    let dead = rules.filter(|(rule, id)| {
        entered[rule.chain.0 as usize] && !survey.is_alive(*id) && !sees_other_frames(ruleset, rule)
    });
    dead.map(|(_, id)| id).collect()
}

/// Whether a rule may be about frames that are neither IPv4 nor IPv6.
fn sees_other_frames(ruleset: &Ruleset, rule: &crate::model::Rule) -> bool {
    let netdev = ruleset.table_of(rule.chain).family == TableFamily::Netdev;
    netdev
        && ruleset.steps_of(rule).iter().any(|step| {
            matches!(
                step.action,
                Action::Match(
                    Condition::Never | Condition::Family { .. } | Condition::OneOf { .. }
                )
            )
        })
}

/// Whether some packet that a list can be asked about fulfils `cubes`, whatever comes before.
pub(super) fn is_possible(
    space: &Space<'_>,
    listed: &Listed,
    fragment: bool,
    terms: &[Term],
) -> bool {
    if fragment {
        return true;
    }
    let slices = hooks::at_hook(space, listed);
    slices.iter().any(|slice| slice.narrowed_to(terms, space).is_some())
}
