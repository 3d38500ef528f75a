//! Why each dead rule is dead, and what comes of it.

use super::{
    Cause, Consequence, DeadRule, Kind,
    consequence::{Usual, best, sent, unmarked},
    fate::{self, Fate, Part},
    hooks,
    near::{Index, Indexes},
    survey::{self, Spot, Survey},
    takers::Taker,
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
    packets::{Cube, SetId, Term},
};
use rustc_hash::FxHashMap;
use std::cell::{Cell, OnceCell};

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
    /// How many entries were asked for one rule what they would do.
    pub(super) asked: Cell<usize>,
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
        asked: Cell::new(0),
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
    /// What becomes of them, and the place of the rule that they do not come to, if it has one.
    pub(super) parts: Vec<(Part, Option<u32>)>,
    /// The few that take them.
    pub(super) takers: Vec<Taker>,
    /// The jumps that lead to the rule, the first first.
    pub(super) path: Vec<RuleId>,
    pub(super) same: bool,
    /// Whether others deny its packets but those that narrower accepts before it let in.
    pub(super) excepted: bool,
    /// Those that would do the same with all of them whatever came before, if there are such.
    pub(super) covering: Option<Vec<Taker>>,
    /// Whether something comes past all that its own list holds.
    pub(super) open: bool,
}

impl Explaining<'_, '_> {
    fn rule(&mut self, id: RuleId) -> DeadRule {
        let ruleset = self.ruleset;
        let kind = kind(ruleset, id);
        self.asked.set(0);
        let mut dead = DeadRule {
            rule: id,
            kind,
            cause: Cause::Decided,
            consequence: Consequence::None,
            by: Vec::new(),
            deciders: Vec::new(),
            more: 0,
            rests_on_set: false,
            witnesses: Vec::new(),
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
        if found.open {
            dead.rests_on_set = self.asks_set(id);
            self.kept_away(family, listed, spot, &mut dead);
            return dead;
        }
        dead.kind = self.kind_of_jump(family, listed, &dead, &found);
        self.judge(family, listed, &dead, &mut found);
        // What others decide before both is not what makes it dead.
        if let Some(covering) = found.covering.take() {
            (found.takers, found.same) = (covering, true);
        }
        let took: Vec<u32> = if found.same || found.excepted {
            found.takers.iter().map(|it| it.entry).collect()
        } else {
            found.parts.iter().filter_map(|(part, at)| takes(part, (*at)?)).collect()
        };
        let took = took.into_iter().map(|index| listed.flat.entries[index as usize].rule);
        dead.rests_on_set = took.chain([id]).any(|rule| self.asks_set(rule));
        if !found.same && !found.excepted {
            (dead.consequence, dead.witnesses) = self.consequence(family, listed, &dead, &found);
        }
        dead.name(&listed.flat, &found.path, &found.takers);
        let chain = ruleset.rule(id).chain;
        let catch_all = *self.catch_alls.entry(chain).or_insert_with(|| catch_all(ruleset, chain));
        dead.cause = match catch_all.filter(|it| *it < id) {
            Some(catch_all) => {
                dead.take(vec![catch_all]);
                Cause::CatchAll(catch_all)
            }
            None if found.same && dead.kind != Kind::Note => Cause::Same,
            None if found.excepted => Cause::Rest,
            None => Cause::Decided,
        };
        dead
    }

    fn index(&self, family: usize, list: usize) -> &Index {
        self.indexes.of(self.families, family, list)
    }

    /// Every packet that a list can be asked about, whatever came before.
    pub(super) fn plain(&self, family: usize, listed: &Listed) -> &[Slice] {
        let it = &self.families[family];
        self.plain[family][listed.index].get_or_init(|| hooks::at_hook(&it.space, listed))
    }

    /// What takes the packets of a rule before they come to it.
    fn decided(&self, family: usize, listed: &Listed, spot: Spot, id: RuleId) -> Found {
        let space = &self.families[family].space;
        let mut found = Found { same: true, ..Found::default() };
        found.path = path(&listed.flat, spot);
        let plain = if self.families[family].way.is_fragment() {
            &self.survey.arriving[family][spot.list]
        } else {
            self.plain(family, listed)
        };
        for (terms, at) in places(&listed.flat, spot, id) {
            for slice in plain {
                let Some(start) = slice.narrowed_to(terms, space) else { continue };
                let start = self.whole(family, start);
                found.starts.push(start.clone());
                let index = self.index(family, listed.index);
                let Fate { parts, bounded, steps } =
                    fate::of(space, &listed.flat, index, start.clone(), 0, at);
                self.steps.set(self.steps.get() + steps);
                found.same &= !bounded;
                found.open |= parts.iter().any(|part| takes(part, at).is_none());
                found.parts.extend(parts.into_iter().map(|part| (part, Some(at))));
            }
        }
        found
    }

    /// Ports and flags are in the first fragment of a packet: what asks for them never sees a later one.
    fn whole(&self, family: usize, start: Slice) -> Slice {
        const LATER: u128 = 2;
        let space = &self.families[family].space;
        let asked = [Field::SourcePort, Field::DestinationPort, Field::TcpFlags, Field::Icmp];
        if asked.into_iter().all(|field| start.now(field) == SetId::FULL) {
            return start;
        }
        let first = [(Space::axis(Field::Fragment), space.range(Field::Fragment, 0, LATER - 1))];
        start.narrowed_to(&first, space).unwrap_or(start)
    }

    /// Whether an entry does with packets what the rule would do.
    pub(super) fn is_same(&self, listed: &Listed, id: RuleId, entry: &Entry) -> bool {
        let ruleset = self.ruleset;
        let own = ruleset.verdict_of(ruleset.rule(id)).map(|it| it.0);
        let other = ruleset.verdict_of(ruleset.rule(entry.rule)).map(|it| it.0);
        match kind(ruleset, id) {
            Kind::Deny => entry.effect == Effect::Drop && !self.asks_program(entry),
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
                if dead.kind == Kind::Accept {
                    dead.consequence = Consequence::Outage;
                }
                dead.take(rules);
                return;
            }
        }
        let out = terms.iter().find(|term| term.0 == Space::axis(Field::Out)).map(|term| term.1);
        let plain = hooks::plain(&it.space, listed.base.hook).cube;
        let out = out.or(plain.get(Space::axis(Field::Out))).unwrap_or(SetId::FULL);
        let with_state: Vec<Term> = own.terms().iter().chain(state).copied().collect();
        let asked = Cube::of(&it.space.store, with_state).unwrap_or_default();
        let dropped: Vec<(Vec<RuleId>, Vec<Slice>)> = [asked.terms(), own.terms()]
            .into_iter()
            .flat_map(|terms| earlier.iter().map(move |earlier| (terms, earlier)))
            .map(|(terms, earlier)| self.dropped(family, earlier, terms))
            .filter(|(rules, _)| !rules.is_empty())
            .collect();
        let shown = |lost: &[Slice]| {
            let lost = lost.iter().map(|slice| {
                let mut slice = slice.narrowed_to(asked.terms(), &it.space)?;
                slice.put(Space::axis(Field::Out), out);
                Some(slice)
            });
            let lost: Vec<Slice> = lost.flatten().collect();
            best(&it.space, &lost, |slice| sent(&it.space, slice, listed.base.hook))
        };
        if dead.kind == Kind::Accept {
            for (rules, lost) in &dropped {
                dead.witnesses = shown(lost);
                if !dead.witnesses.is_empty() {
                    dead.consequence = Consequence::Outage;
                    dead.rests_on_set |= rules.iter().any(|rule| self.asks_set(*rule));
                    return dead.take(rules.clone());
                }
            }
        }
        if let Some((rules, _)) = dropped.into_iter().next() {
            dead.rests_on_set |= rules.iter().any(|rule| self.asks_set(*rule));
            dead.take(rules);
        }
    }

    /// The rules of a list that drop packets with these terms, and what of them they drop.
    fn dropped(&self, family: usize, listed: &Listed, terms: &[Term]) -> (Vec<RuleId>, Vec<Slice>) {
        let space = &self.families[family].space;
        let starts = self.plain(family, listed).iter();
        let starts: Vec<Slice> =
            starts.filter_map(|slice| slice.narrowed_to(terms, space)).collect();
        let index = self.index(family, listed.index);
        let fates = starts
            .iter()
            .map(|start| fate::of(space, &listed.flat, index, start.clone(), 0, u32::MAX).parts);
        let (mut rules, mut lost) = (Vec::new(), Vec::new());
        for part in fates.flatten() {
            let Some(by) = part.by else { continue };
            let entry = &listed.flat.entries[by as usize];
            if entry.effect == Effect::Drop {
                rules.push(entry.rule);
                if !self.beside(family, &part, &starts) {
                    lost.push(unmarked(space, &listed.flat, part.slice));
                }
            }
        }
        rules.sort_unstable();
        rules.dedup();
        (rules, lost)
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
                dead.take(callers.copied().collect());
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
                        found.parts.extend(fate.parts.into_iter().map(|part| (part, None)));
                    }
                }
                (dead.consequence, dead.witnesses) = self.consequence(family, listed, dead, &found);
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

/// The jumps that lead to a place, the first first.
fn path(flat: &Flat, spot: Spot) -> Vec<RuleId> {
    let call = if spot.is_passage {
        flat.passages[spot.index as usize].call
    } else {
        flat.entries[spot.index as usize].call
    };
    let mut path: Vec<RuleId> = flat.jumps_to(call).collect();
    path.reverse();
    path
}

/// Whether a rule leads into chains, or to what values say, all of which are known.
pub(super) fn leads(ruleset: &Ruleset, rule: RuleId) -> bool {
    let verdict = ruleset.verdict_of(ruleset.rule(rule)).map(|it| it.0);
    matches!(verdict, Some(Verdict::Jump(_) | Verdict::Goto(_) | Verdict::Branches(_)))
}
