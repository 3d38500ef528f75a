//! Rules of which some words apply to nothing: earlier rules decide otherwise about all packets that have those values.

use super::{
    super::{
        cause::takes,
        fate::{self, Part},
        takers::size,
    },
    Asking, List,
    later::policy_of,
    limits::opening,
};
use crate::{
    analysis::{
        Analysis, Slice, Space,
        flat::{Effect, Entry},
        witness,
    },
    model::{Condition, Family, Field, RuleId, Verdict},
    packets::Ranges,
};
use std::collections::BTreeMap;

/// A rule that applies to a part of what it names.
#[derive(Debug, Clone)]
pub struct PartialRule {
    /// The rule.
    pub rule: RuleId,
    /// What is left of the values that it names; none where no packet that opens a flow is left.
    pub left: Vec<Left>,
    /// The earlier rules that decide about the rest, the most important first.
    pub by: Vec<RuleId>,
    /// How many more there are.
    pub more: usize,
    /// Whether that rests on what a named set holds now.
    pub rests_on_set: bool,
    /// A packet of the rest.
    pub witness: Option<String>,
}

/// What is left of the values of one field.
#[derive(Debug, Clone)]
pub struct Left {
    /// The field.
    pub field: Field,
    /// The family, of addresses.
    pub family: Family,
    /// The values.
    pub values: Ranges,
    /// Those that the rule names in vain.
    pub lost: Ranges,
}

/// The most rules that explain one.
const SHOWN: usize = 3;

const FIELDS: [Field; 4] =
    [Field::DestinationPort, Field::Source, Field::Destination, Field::SourcePort];

/// What is known of one rule.
#[derive(Default)]
struct Known {
    /// The values asked for and those left, by field and, of addresses, family.
    values: BTreeMap<(Field, Option<Family>), (Ranges, Ranges, Family)>,
    takers: Vec<Taker>,
    some_left: bool,
    witness: Option<(i64, String)>,
}

/// A rule that takes packets.
struct Taker {
    rule: RuleId,
    /// How many those are, as a power of two.
    size: i64,
    values: Vec<(Field, Ranges)>,
}

impl Analysis<'_> {
    /// Those of `rules`, in order, that packets reach but of which some named ports or addresses apply to no packet that opens
    /// a flow.
    pub fn partial(&self, rules: &[RuleId]) -> Vec<PartialRule> {
        let asking = Asking::new(self, &|_, _| false);
        let mut wanted = vec![false; self.ruleset.rules.len()];
        for rule in rules.iter().filter(|it| self.dead().reaches(**it)) {
            wanted[rule.0 as usize] = asking.named(*rule).next().is_some();
        }
        let mut touched = vec![false; self.ruleset.rules.len()];
        asking.each(&wanted, |list, entry, at, start, _| {
            let rule = entry.rule.0 as usize;
            if let Some(parts) = asking.parts(list, start, entry, at) {
                touched[rule] |= parts.iter().any(|part| is_taken(list, part, entry, at));
            }
        });
        let mut known: BTreeMap<RuleId, Option<Known>> = BTreeMap::new();
        asking.each(&touched, |list, entry, at, start, fields| {
            let known = known.entry(entry.rule).or_insert_with(|| Some(Known::default()));
            let parts = asking.parts(list, start.clone(), entry, at);
            match (parts, known.as_mut()) {
                (Some(parts), Some(known)) => known.add(list, entry, at, (&start, fields), &parts),
                (None, _) => *known = None,
                (_, None) => {}
            }
        });
        let known = known.into_iter().filter_map(|(rule, it)| Some((rule, it?)));
        known.filter_map(|(rule, it)| asking.told(rule, it)).collect()
    }
}

impl Asking<'_, '_> {
    /// The fields of which a rule names values.
    fn named(&self, rule: RuleId) -> impl Iterator<Item = Field> {
        let rule = self.ruleset.rule(rule);
        let verdict = self.ruleset.verdict_of(rule).map(|it| it.0);
        let decides = matches!(verdict, Some(Verdict::Accept | Verdict::Drop | Verdict::Reject));
        let conditions: Vec<Condition> =
            self.ruleset.conditions_of(rule).map(|(condition, _)| condition).collect();
        FIELDS.into_iter().filter(move |wanted| {
            let names = |it: &Condition| {
                matches!(it, Condition::In { field, negated: false, .. } if field == wanted)
            };
            decides && conditions.iter().any(names)
        })
    }

    /// Looks at each place of the rules that are wanted, with what opens a flow there and the fields that the rule names.
    fn each(
        &self,
        wanted: &[bool],
        mut look: impl FnMut(&List<'_, '_>, &Entry, u32, Slice, &[Field]),
    ) {
        if !wanted.contains(&true) {
            return;
        }
        for list in self.lists() {
            let starts = opening(&list);
            for (entry, at) in list.listed.flat.entries.iter().zip(0..) {
                if !wanted[entry.rule.0 as usize] {
                    continue;
                }
                let fields: Vec<Field> = self.named(entry.rule).collect();
                let terms = list.listed.flat.terms(entry);
                let space = &list.family.space;
                for start in starts.iter().filter_map(|it| it.narrowed_to(terms, space)) {
                    look(&list, entry, at, start, &fields);
                }
            }
        }
    }

    /// What becomes of packets before they come to an entry; `None` if it was not found out.
    fn parts(
        &self,
        list: &List<'_, '_>,
        start: Slice,
        entry: &Entry,
        at: u32,
    ) -> Option<Vec<Part>> {
        if !self.is_spent() {
            let (flat, space) = (&list.listed.flat, &list.family.space);
            let fate = fate::of(space, flat, list.index, start, 0, at);
            self.steps.set(self.steps.get() + fate.steps);
            if !fate.bounded {
                return Some(fate.parts);
            }
        }
        self.leave([entry.rule]);
        None
    }

    /// What is said of a rule, if values of it apply to nothing.
    fn told(&self, rule: RuleId, known: Known) -> Option<PartialRule> {
        let lost = known.values.iter().filter(|(_, (asked, left, _))| asked != left);
        let lost: Vec<_> = lost.collect();
        if lost.is_empty() {
            return None;
        }
        let mut takers: Vec<(RuleId, i64)> = Vec::new();
        for Taker { rule: by, size, values } in &known.takers {
            let takes_lost = |(field, values): &(Field, Ranges)| {
                let mut of_field = lost.iter().filter(|((lost, _), _)| lost == field);
                of_field
                    .any(|(_, (asked, left, _))| !asked.minus(left).intersect(values).is_empty())
            };
            if !values.iter().any(takes_lost) {
                continue;
            }
            match takers.iter_mut().find(|it| it.0 == *by) {
                Some(known) => known.1 = known.1.max(*size),
                None => takers.push((*by, *size)),
            }
        }
        takers.sort_by_key(|(by, size)| (std::cmp::Reverse(*size), *by));
        let more = takers.len().saturating_sub(SHOWN);
        let by: Vec<RuleId> = takers.into_iter().take(SHOWN).map(|it| it.0).collect();
        let left = lost.iter().map(|((field, _), (asked, left, family))| Left {
            field: *field,
            family: *family,
            values: left.clone(),
            lost: asked.minus(left),
        });
        let rests_on_set = by.iter().chain([&rule]).any(|it| self.asks_set(*it));
        Some(PartialRule {
            rule,
            left: if known.some_left { left.collect() } else { Vec::new() },
            rests_on_set,
            by,
            more,
            witness: known.witness.map(|it| it.1),
        })
    }
}

impl Known {
    /// Adds what holds at one place.
    fn add(
        &mut self,
        list: &List<'_, '_>,
        entry: &Entry,
        at: u32,
        (start, fields): (&Slice, &[Field]),
        parts: &[Part],
    ) {
        let space = &list.family.space;
        for field in fields {
            let (asked, _) = self.of(space, *field);
            *asked = asked.union(&values(space, start, *field));
        }
        for part in parts {
            if !is_taken(list, part, entry, at) {
                self.some_left = true;
                for field in fields {
                    let (_, left) = self.of(space, *field);
                    *left = left.union(&values(space, &part.slice, *field));
                }
                continue;
            }
            let Some(by) = takes(part, at) else { continue };
            let size = size(space, &part.slice.cube);
            let values = fields.iter().map(|it| (*it, values(space, &part.slice, *it))).collect();
            let rule = list.listed.flat.entries[by as usize].rule;
            self.takers.push(Taker { rule, size, values });
            if self.witness.as_ref().is_none_or(|it| it.0 < size) {
                let packet = witness::at_hook(space, &part.slice, list.listed.base.hook);
                self.witness =
                    packet.map(|packet| (size, packet.to_string())).or(self.witness.take());
            }
        }
    }

    /// The values of a field that are asked for, and those left.
    fn of(&mut self, space: &Space<'_>, field: Field) -> (&mut Ranges, &mut Ranges) {
        let is_address = matches!(field, Field::Source | Field::Destination);
        let key = (field, is_address.then_some(space.family));
        let new = || (Ranges::EMPTY, Ranges::EMPTY, space.family);
        let (asked, left, _) = self.values.entry(key).or_insert_with(new);
        (asked, left)
    }
}

fn values(space: &Space<'_>, slice: &Slice, field: Field) -> Ranges {
    space.ranges(field, slice.now(field))
}

/// Whether a part is decided about otherwise before it comes to an entry.
fn is_taken(list: &List<'_, '_>, part: &Part, entry: &Entry, at: u32) -> bool {
    if takes(part, at).is_none() {
        return false;
    }
    let effect: Option<Effect> = match part.by {
        Some(by) => Some(list.listed.flat.entries[by as usize].effect),
        None => policy_of(list),
    };
    effect.is_some_and(|effect| effect != entry.effect)
}
