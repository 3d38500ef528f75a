//! Why each dead rule is dead, and what comes of it.

use super::{
    Cause, Consequence, DeadRule, Kind,
    consequence::Usual,
    fate::{self, Fate, Part},
    hooks,
    near::{Index, Indexes},
    survey::{self, Spot, Survey},
    verdicts::{NamedSets, catch_all, kind},
};
use crate::{
    analysis::{
        Calls, FamilyAnalysis, Slice, Space,
        flat::{Effect, Entry, Flat},
        way::Listed,
    },
    model::{
        Action, Assignment, ChainId, ChainKind, Condition, Field, Hook, RuleId, Ruleset, State,
        Verdict,
    },
    packets::{Cube, Term},
};
use rustc_hash::FxHashMap;
use std::cell::{Cell, OnceCell};

/// The most rules that explain one.
const SHOWN: usize = 3;
/// So many places of one rule are explained: a rule with alternatives has one for each.
const MOST_PLACES: usize = 8;
/// Explaining meets this many entries; of what is then left nothing is said.
const MOST_STEPS: usize = 4_000_000;

/// What explaining asks again and again.
pub(super) struct Explaining<'a, 'r> {
    pub(super) ruleset: &'r Ruleset,
    pub(super) calls: &'a Calls,
    pub(super) families: &'a [FamilyAnalysis<'r>],
    pub(super) survey: &'a Survey,
    pub(super) indexes: &'a Indexes,
    /// What can be at the hook of each family's lists.
    pub(super) plain: Vec<Vec<OnceCell<Vec<Slice>>>>,
    /// The chains below each family's lists.
    pub(super) below: Vec<Vec<OnceCell<Vec<bool>>>>,
    pub(super) catch_alls: FxHashMap<ChainId, Option<RuleId>>,
    pub(super) named_sets: NamedSets,
    pub(super) usual: Vec<Usual>,
    pub(super) steps: Cell<usize>,
}

pub(super) fn explained(
    ruleset: &Ruleset,
    calls: &Calls,
    families: &[FamilyAnalysis<'_>],
    survey: &Survey,
    indexes: &Indexes,
    dead: &[RuleId],
) -> (Vec<DeadRule>, Vec<RuleId>) {
    let mut explaining = Explaining {
        ruleset,
        calls,
        families,
        survey,
        indexes,
        plain: families.iter().map(cells).collect(),
        below: families.iter().map(cells).collect(),
        catch_alls: FxHashMap::default(),
        named_sets: NamedSets::of(ruleset),
        usual: families.iter().map(|it| Usual::of(&it.space)).collect(),
        steps: Cell::new(0),
    };
    let mut explained = Vec::new();
    for (rule, index) in dead.iter().zip(0..) {
        if explaining.steps.get() > MOST_STEPS {
            return (explained, dead[index..].to_vec());
        }
        explained.push(explaining.rule(*rule));
    }
    (explained, Vec::new())
}

fn cells<T>(family: &FamilyAnalysis<'_>) -> Vec<OnceCell<T>> {
    family.way.lists.iter().map(|_| OnceCell::new()).collect()
}

/// The entry on whose account a part does not come to `at`.
pub(super) fn takes(part: &Part, at: u32) -> Option<u32> {
    part.returned.or(part.by.filter(|it| *it < at))
}

/// What was found out about one rule.
#[derive(Default)]
pub(super) struct Found {
    /// The rule's packets as they come to the list.
    pub(super) starts: Vec<Slice>,
    pub(super) parts: Vec<Part>,
    /// Every rule that takes some of its packets, with how many those are, as a power of two.
    pub(super) by: Vec<(RuleId, i64)>,
    pub(super) same: bool,
    /// For each of [`Self::starts`] the rule that alone would do the same with all of it, if there is one.
    covering: Vec<Option<RuleId>>,
    /// Whether something comes past all that its own list holds.
    pub(super) open: bool,
}

impl Explaining<'_, '_> {
    fn rule(&mut self, id: RuleId) -> DeadRule {
        let ruleset = self.ruleset;
        let kind = kind(ruleset, id);
        let mut dead = DeadRule {
            rule: id,
            kind,
            cause: Cause::Decided,
            consequence: Consequence::None,
            by: Vec::new(),
            more: 0,
            rests_on_set: false,
            witness: None,
        };
        let Some(spot) = self.survey.spot(id) else {
            self.without_place(&mut dead);
            return dead;
        };
        let family = spot.family;
        let listed = &self.families[family].way.lists[spot.list];
        let mut found = self.decided(family, listed, spot, id);
        if found.starts.is_empty() {
            self.without_place(&mut dead);
            return dead;
        }
        let took: Vec<RuleId> = found.by.iter().map(|it| it.0).collect();
        dead.rests_on_set = took.iter().chain([&id]).any(|rule| self.asks_set(*rule));
        dead.consequence = self.consequence(family, listed, &dead, &found);
        let wanted = dead.consequence;
        dead.witness = self.witness(family, listed, wanted, &found);
        if found.open {
            self.kept_away(family, listed, spot, &mut dead);
            return dead;
        }
        (dead.by, dead.more) = shown(&found.by);
        // What others decide before both is not what makes it dead.
        let covering: Option<Vec<RuleId>> = found.covering.iter().copied().collect();
        let covering = covering.map(|mut rules| {
            rules.sort_unstable();
            rules.dedup();
            rules
        });
        if let Some(rules) = covering {
            dead.consequence = Consequence::None;
            dead.witness = None;
            found.same = true;
            (dead.by, dead.more) = first(rules);
        }
        let chain = ruleset.rule(id).chain;
        let catch_all = *self.catch_alls.entry(chain).or_insert_with(|| catch_all(ruleset, chain));
        dead.cause = match catch_all.filter(|it| *it < id) {
            Some(catch_all) => {
                (dead.by, dead.more) = (vec![catch_all], 0);
                Cause::CatchAll(catch_all)
            }
            None if found.same => Cause::Same,
            None => Cause::Decided,
        };
        dead
    }

    fn index(&self, family: usize, list: usize) -> &Index {
        self.indexes.of(self.families, family, list)
    }

    /// Every packet that a list can be asked about, whatever came before.
    fn plain(&self, family: usize, listed: &Listed) -> &[Slice] {
        let it = &self.families[family];
        self.plain[family][listed.index].get_or_init(|| hooks::at_hook(&it.space, listed))
    }

    /// What takes the packets of a rule before they come to it.
    fn decided(&self, family: usize, listed: &Listed, spot: Spot, id: RuleId) -> Found {
        let space = &self.families[family].space;
        let mut found = Found { same: true, ..Found::default() };
        let mut ends: Vec<(u32, usize)> = Vec::new();
        let plain = if self.families[family].way.is_fragment() {
            &self.survey.arriving[family][spot.list]
        } else {
            self.plain(family, listed)
        };
        for (terms, at) in places(&listed.flat, spot, id) {
            for slice in plain {
                let Some(start) = slice.narrowed_to(terms, space) else { continue };
                found.starts.push(start.clone());
                let index = self.index(family, listed.index);
                let Fate { parts, bounded, steps } =
                    fate::of(space, &listed.flat, index, start.clone(), 0, at);
                self.steps.set(self.steps.get() + steps);
                found.same &= !bounded;
                let covers = |entry: &&Entry| self.covers(space, listed, id, entry, &start);
                let taking = parts.iter().filter_map(|part| takes(part, at));
                let mut taking = taking.map(|index| &listed.flat.entries[index as usize]);
                found.covering.push(taking.find(covers).map(|entry| entry.rule));
                found.open |= parts.iter().any(|part| takes(part, at).is_none());
                found.parts.extend(parts);
                ends.push((at, found.parts.len()));
            }
        }
        // That replies and the loopback's packets were decided about before explains nothing of what was meant.
        let beside: Vec<bool> =
            found.parts.iter().map(|it| self.beside(family, it, &found.starts)).collect();
        let nothing_else = !beside.contains(&false);
        let parts = std::mem::take(&mut found.parts);
        let mut from = 0;
        for (at, to) in ends {
            for index in (from..to).filter(|index| nothing_else || !beside[*index]) {
                self.took(space, listed, id, at, &parts[index], &mut found);
            }
            from = to;
        }
        found.parts = parts;
        found.by.sort_by_key(|(rule, size)| (std::cmp::Reverse(*size), *rule));
        found
    }

    /// Notes what took a part.
    fn took(
        &self,
        space: &Space<'_>,
        listed: &Listed,
        id: RuleId,
        at: u32,
        part: &Part,
        found: &mut Found,
    ) {
        let Some(index) = takes(part, at) else { return };
        let entry = &listed.flat.entries[index as usize];
        found.same &= self.is_same(listed, id, entry);
        let size = size(space, &part.slice.cube);
        match found.by.iter_mut().find(|it| it.0 == entry.rule) {
            Some(known) => known.1 = known.1.max(size),
            None => found.by.push((entry.rule, size)),
        }
    }

    /// Whether an entry would do with all of `start` what the rule would, were it the only one before it.
    fn covers(
        &self,
        space: &Space<'_>,
        listed: &Listed,
        id: RuleId,
        entry: &Entry,
        start: &Slice,
    ) -> bool {
        let decides = entry.certain && !entry.opaque && entry.end == Entry::FINAL;
        decides
            && listed.base.kind == ChainKind::Filter
            && self.is_same(listed, id, entry)
            && listed.flat.returns_past(entry).next().is_none()
            && start
                .view(listed.flat.terms(entry), space)
                .is_some_and(|view| start.cube.minus(&view, &space.store).is_empty())
    }

    /// Whether an entry does with packets what the rule would do.
    fn is_same(&self, listed: &Listed, id: RuleId, entry: &Entry) -> bool {
        let ruleset = self.ruleset;
        let own = ruleset.verdict_of(ruleset.rule(id)).map(|it| it.0);
        let other = ruleset.verdict_of(ruleset.rule(entry.rule)).map(|it| it.0);
        match kind(ruleset, id) {
            Kind::Deny => entry.effect == Effect::Drop,
            Kind::Return => entry.effect == Effect::Return,
            Kind::Accept => match (own, entry.effect) {
                (Some(Verdict::Dnat(own)), Effect::Dnat(other)) => {
                    let dnat = |index| Action::Verdict(Verdict::Dnat(index));
                    ruleset.says_the_same(dnat(own), dnat(other))
                }
                (Some(Verdict::Snat(given)), _) => {
                    let of = |it: Verdict| Action::Verdict(it);
                    given.is_some()
                        && other.is_some_and(|it| {
                            ruleset.says_the_same(of(Verdict::Snat(given)), of(it))
                        })
                }
                (_, Effect::Accept) if listed.base.kind == ChainKind::Nat => own == other,
                (Some(Verdict::Dnat(_)), _) => false,
                (_, effect) => effect == Effect::Accept,
            },
            Kind::Jump | Kind::Note => false,
        }
    }

    /// A rule whose packets its own list lets come to it: base chains before keep them away.
    fn kept_away(&self, family: usize, listed: &Listed, spot: Spot, dead: &mut DeadRule) {
        let it = &self.families[family];
        dead.cause = Cause::Earlier;
        dead.consequence = match dead.kind {
            Kind::Accept => Consequence::Outage,
            _ => Consequence::None,
        };
        dead.witness = None;
        let hooks: &[Hook] = match listed.base.hook {
            Hook::Input | Hook::Forward => &[Hook::Prerouting, listed.base.hook],
            Hook::Prerouting => &[Hook::Prerouting],
            Hook::Output => &[Hook::Output],
            _ => &[],
        };
        let before = |earlier: &&Listed| {
            hooks.contains(&earlier.base.hook)
                && (earlier.base.hook != listed.base.hook || earlier.index < listed.index)
        };
        let earlier: Vec<&Listed> = it.way.lists.iter().filter(before).collect();
        let Some((terms, _)) = places(&listed.flat, spot, dead.rule).next() else { return };
        let untracked = State::Untracked.value();
        let state = terms.iter().find(|(axis, _)| *axis == Space::axis(Field::State));
        let free = |axis| axis == Space::axis(Field::Out) || axis == Space::axis(Field::State);
        let own = Cube::of_sides(terms.iter().copied().filter(|term| !free(term.0)).collect());
        let Some(own) = own else { return };
        if state.is_some_and(|(_, set)| !it.space.store.contains(*set, untracked)) {
            let (store, mut rules) = (&it.space.store, Vec::<RuleId>::new());
            for flat in earlier.iter().map(|it| &it.flat) {
                let untracks = |it: &&Entry| {
                    it.effect == Effect::Assign(Assignment::Untracked)
                        && own.overlaps(flat.terms(it), store)
                };
                rules.extend(flat.entries.iter().filter(untracks).map(|entry| entry.rule));
            }
            rules.dedup();
            if !rules.is_empty() {
                dead.cause = Cause::Untracked;
                (dead.by, dead.more) = first(rules);
                return;
            }
        }
        let terms = own.terms();
        for earlier in earlier {
            let starts = self.plain(family, earlier).iter();
            let starts = starts.filter_map(|slice| slice.narrowed_to(terms, &it.space));
            let mut drops: Vec<RuleId> = Vec::new();
            for start in starts {
                let index = self.index(family, earlier.index);
                let parts = fate::of(&it.space, &earlier.flat, index, start, 0, u32::MAX).parts;
                let entries = parts.iter().filter_map(|part| part.by);
                let entries = entries.map(|entry| &earlier.flat.entries[entry as usize]);
                drops.extend(
                    entries.filter(|entry| entry.effect == Effect::Drop).map(|entry| entry.rule),
                );
            }
            drops.sort_unstable();
            drops.dedup();
            if !drops.is_empty() {
                dead.rests_on_set |= drops.iter().any(|rule| self.asks_set(*rule));
                (dead.by, dead.more) = first(drops);
                break;
            }
        }
    }

    /// A rule that no walk meets: it excludes all packets, or its callers hand it none of its own.
    fn without_place(&self, dead: &mut DeadRule) {
        let ruleset = self.ruleset;
        let rule = ruleset.rule(dead.rule);
        let conditions: Vec<Condition> =
            ruleset.conditions_of(rule).map(|(condition, _)| condition).collect();
        dead.rests_on_set = self.asks_set(dead.rule);
        dead.cause = Cause::Impossible;
        for (family, it) in self.families.iter().enumerate() {
            let cubes = it.space.cubes(conditions.iter().copied());
            for listed in &it.way.lists {
                let below = self.below[family][listed.index]
                    .get_or_init(|| Calls::chains_below(ruleset, listed.chain));
                let possible = |cube: &Cube| {
                    survey::is_possible(&it.space, listed, it.way.is_fragment(), cube.terms())
                };
                if !below[rule.chain.0 as usize] || !cubes.iter().any(possible) {
                    continue;
                }
                dead.cause = Cause::Callers;
                let alive = |id: &&RuleId| self.survey.is_alive(**id);
                let callers = self.calls.callers(rule.chain).iter().filter(alive);
                (dead.by, dead.more) = first(callers.copied().collect());
                dead.rests_on_set |= dead.by.iter().any(|rule| self.asks_set(*rule));
                let mut found = Found::default();
                for cube in cubes.iter().take(MOST_PLACES) {
                    for slice in &self.survey.arriving[family][listed.index] {
                        let Some(start) = slice.narrowed_to(cube.terms(), &it.space) else {
                            continue;
                        };
                        found.starts.push(start.clone());
                        let index = self.index(family, listed.index);
                        let fate = fate::of(&it.space, &listed.flat, index, start, 0, 0);
                        found.parts.extend(fate.parts);
                    }
                }
                dead.consequence = self.consequence(family, listed, dead, &found);
                dead.witness = self.witness(family, listed, dead.consequence, &found);
                return;
            }
        }
    }

    fn asks_set(&self, rule: RuleId) -> bool {
        self.named_sets.asked_by(self.ruleset, rule)
    }
}

/// The conditions of each place where a rule is met, from one on, and which entries come before it.
fn places(flat: &Flat, spot: Spot, id: RuleId) -> Box<dyn Iterator<Item = (&[Term], u32)> + '_> {
    if spot.is_passage {
        let met = flat.passages[spot.index as usize..].iter();
        let met = met.take_while(move |it| it.rule == id).take(MOST_PLACES);
        return Box::new(met.map(|it| (flat.passage_terms(it), it.at)));
    }
    let met = flat.entries[spot.index as usize..].iter().zip(spot.index..);
    let met = met.take_while(move |(it, _)| it.rule == id).take(MOST_PLACES);
    Box::new(met.map(|(it, index)| (flat.terms(it), index)))
}

/// How much of everything a cube is, as a power of two: not exact, but the same for the same.
pub(super) fn size(space: &Space<'_>, cube: &Cube) -> i64 {
    let log = |size: u128| i64::from(size.max(1).ilog2());
    let part = |(axis, set): &Term| {
        let whole = space.size(*axis, crate::packets::SetId::FULL);
        log(space.size(*axis, *set)) - log(whole)
    };
    cube.terms().iter().map(part).sum()
}

/// The rules worth showing of those that take a rule's packets, those that take most first.
fn shown(by: &[(RuleId, i64)]) -> (Vec<RuleId>, usize) {
    first(by.iter().map(|it| it.0).collect())
}

fn first(mut rules: Vec<RuleId>) -> (Vec<RuleId>, usize) {
    let more = rules.len().saturating_sub(SHOWN);
    rules.truncate(SHOWN);
    (rules, more)
}
