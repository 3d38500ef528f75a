//! A list of boxes: what the earlier ones leave of each is cut into boxes until something or nothing is left.

use fwlint::model::{Condition, Field, RuleId, Ruleset};
use std::collections::BTreeSet;

const FIELDS: [(Field, u128); 4] = [
    (Field::Source, u32::MAX as u128),
    (Field::Destination, u32::MAX as u128),
    (Field::Protocol, 255),
    (Field::DestinationPort, 65_535),
];

type Cuboid = [(u128, u128); FIELDS.len()];

fn cuboid(ruleset: &Ruleset, rule: RuleId) -> Cuboid {
    let mut sides = FIELDS.map(|(_, last)| (0, last));
    for (condition, _) in ruleset.conditions_of(ruleset.rule(rule)) {
        let Condition::In { field, values, negated: false } = condition else {
            panic!("{condition:?} is not made up here")
        };
        let axis = FIELDS.iter().position(|it| it.0 == field).expect("a field of the list");
        let [side] = ruleset.values(values) else { panic!("several ranges are not made up here") };
        sides[axis] = *side;
    }
    sides
}

fn meets(piece: &Cuboid, it: &Cuboid) -> bool {
    piece.iter().zip(it).all(|(a, b)| a.0.max(b.0) <= a.1.min(b.1))
}

/// Whether something of `piece` is in none of `earlier`.
fn is_left(mut piece: Cuboid, earlier: &[Cuboid]) -> bool {
    let Some(at) = earlier.iter().position(|it| meets(&piece, it)) else { return true };
    for axis in 0..FIELDS.len() {
        let (low, high) = earlier[at][axis];
        if piece[axis].0 < low {
            let mut below = piece;
            below[axis].1 = low - 1;
            if is_left(below, &earlier[at + 1..]) {
                return true;
            }
            piece[axis].0 = low;
        }
        if piece[axis].1 > high {
            let mut above = piece;
            above[axis].0 = high + 1;
            if is_left(above, &earlier[at + 1..]) {
                return true;
            }
            piece[axis].1 = high;
        }
    }
    false
}

/// The rules of which the earlier ones leave nothing.
pub(crate) fn dead(ruleset: &Ruleset) -> BTreeSet<RuleId> {
    let rules = (0..u32::try_from(ruleset.rules.len()).expect("a short list")).map(RuleId);
    let mut alive: Vec<Cuboid> = Vec::new();
    let mut dead = BTreeSet::new();
    for rule in rules {
        let own = cuboid(ruleset, rule);
        let near: Vec<Cuboid> = alive.iter().filter(|it| meets(&own, it)).copied().collect();
        if is_left(own, &near) {
            alive.push(own);
        } else {
            dead.insert(rule);
        }
    }
    dead
}
