//! The walk of packets through a chain, without losing what they were when they came to the hook.

use super::pair::{Listed, Pair};
use crate::{
    analysis::{
        Slice, Space,
        flat::{Effect, Entry},
        walk, way,
    },
    model::{Assignment, Base, ChainKind, Field, Policy, RuleId, State},
    packets::{Axis, Cube, SetId},
};

/// More parts of packets than this are not followed.
const MOST_PARTS: usize = 2_000;

/// A part of the packets on its way through both chains.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) slice: Slice,
    /// The rule that translated it at this hook.
    pub(super) translated: Option<RuleId>,
    /// Whether the text does not tell what a rule wrote into it.
    pub(super) unknown: bool,
}

impl Part {
    /// The packets of a part as they came to the hook, but for what is one value for all that started together.
    pub(super) fn sent(&self) -> Cube {
        let changed = self.slice.cube.terms().iter().filter(|(axis, _)| is_changed(*axis));
        changed.fold(self.slice.cube.clone(), |cube, (axis, _)| cube.replace(*axis, None))
    }
}

impl Pair<'_, '_> {
    /// What comes out of a chain; `None` past a bound.
    pub(super) fn walk(&self, listed: &Listed, parts: Vec<Part>) -> Option<Vec<Part>> {
        let space = self.space;
        let store = &space.store;
        let new = space.one(Field::State, State::New.value());
        let devices = way::devices(space, listed.base);
        let mut passed = Vec::new();
        // Each part with the entry that it meets next.
        let mut walking: Vec<(Part, u32)> = Vec::new();
        for part in parts {
            // Translation is asked once, for the first packet of a flow.
            let asked = listed.base.kind != ChainKind::Nat
                || (part.slice.now(Field::State) == new && part.translated.is_none());
            let Some(devices) = devices else {
                if asked {
                    walking.push((part, 0));
                } else {
                    passed.push(part);
                }
                continue;
            };
            let terms = [(Space::axis(Field::In), devices)];
            for cube in part.slice.cube.minus(&terms, store) {
                passed.push(Part { slice: part.slice.narrowed(cube), ..part });
            }
            if let Some(slice) = part.slice.narrowed_to(&terms, space) {
                walking.push((Part { slice, ..part }, 0));
            }
        }
        for (entry, at) in listed.flat.entries.iter().zip(0..) {
            if walking.is_empty() {
                break;
            }
            if !self.spend(walking.len()) {
                return None;
            }
            let terms = listed.flat.terms(entry);
            let mut next = Vec::with_capacity(walking.len());
            for (part, from) in walking.drain(..) {
                let view = if from > at { None } else { part.slice.view(terms, space) };
                let met = view.and_then(|view| {
                    let common = part.slice.cube.intersect(&view, store)?;
                    Some((common, part.slice.cube.minus(&view, store)))
                });
                let Some((common, rest)) = met else {
                    next.push((part, from));
                    continue;
                };
                next.extend(
                    rest.into_iter()
                        .map(|cube| (Part { slice: part.slice.narrowed(cube), ..part }, from)),
                );
                let taken = Part { slice: part.slice.narrowed(common), ..part };
                match entry.effect {
                    Effect::Drop => {}
                    Effect::Accept => {
                        let hidden = self.hides(entry.rule).then_some(entry.rule);
                        passed.push(Part { translated: taken.translated.or(hidden), ..taken });
                    }
                    Effect::Return if entry.end == Entry::FINAL => {
                        undecided(listed.base, taken, &mut passed);
                    }
                    Effect::Return => next.push((taken, entry.end)),
                    Effect::Assign(assignment) => {
                        let unknown = matches!(assignment, Assignment::Bits { value: None, .. });
                        let unknown = taken.unknown || unknown;
                        let slice = walk::assign(space, taken.slice, assignment);
                        next.push((Part { slice, unknown, ..taken }, entry.end));
                    }
                    Effect::Dnat(translation) => {
                        let translation = space.ruleset.translations[translation as usize];
                        let mut slice = walk::translate(space, taken.slice, translation);
                        slice.translated_by = Some(entry.rule);
                        passed.push(Part { slice, translated: Some(entry.rule), ..taken });
                    }
                }
            }
            walking = next;
            if walking.len() + passed.len() > MOST_PARTS {
                return None;
            }
        }
        for (part, _) in walking {
            undecided(listed.base, part, &mut passed);
        }
        for part in passed.iter_mut().filter(|it| it.slice.translated_by.is_some()) {
            part.unknown |= self.is_split(&part.slice);
        }
        Some(passed)
    }

    /// Whether a condition told apart what a translation leaves open: one address of a range, or whether it is the host's.
    fn is_split(&self, slice: &Slice) -> bool {
        let open = |field: Field| {
            let set = slice.cube.get(Space::rewritten(field));
            set.is_some_and(|set| self.space.size(Space::rewritten(field), set) > 1)
        };
        let kind = slice.cube.get(Space::rewritten(Field::DestinationKind));
        kind.is_some_and(|set| set != SetId::FULL)
            || open(Field::Destination)
            || open(Field::DestinationPort)
    }
}

/// Whether a walk changes what is found on an axis.
pub(super) fn is_changed(axis: Axis) -> bool {
    Space::is_assigned(axis) || Space::is_rewritten(axis) || axis == Space::axis(Field::Translated)
}

/// What a chain does with what no rule of it decided.
fn undecided(base: Base, part: Part, passed: &mut Vec<Part>) {
    if base.policy != Policy::Drop {
        passed.push(part);
    }
}
