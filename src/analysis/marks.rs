//! Marks as groups of bits: those that every mask of the ruleset takes or leaves together are one axis.

use crate::model::{Action, Assignment, Condition, Field, Ruleset};

/// The groups of bits that a ruleset's masks tell apart; both marks share them, since one is copied to the other.
#[derive(Debug)]
pub(super) struct Marks {
    groups: Vec<u32>,
}

impl Marks {
    pub(super) fn of(ruleset: &Ruleset) -> Self {
        let mut masks = Vec::new();
        for step in &ruleset.steps {
            match step.action {
                Action::Match(condition) => gather(ruleset, &condition, &mut masks),
                Action::Assign(Assignment::Bits { mask, .. } | Assignment::Copy { mask, .. }) => {
                    masks.push(mask);
                }
                _ => {}
            }
        }
        for condition in ruleset.alternatives.iter().flatten().flatten() {
            gather(ruleset, condition, &mut masks);
        }
        masks.sort_unstable();
        masks.dedup();
        let mut groups = vec![u32::MAX];
        for mask in masks {
            groups = groups
                .iter()
                .flat_map(|group| [group & mask, group & !mask])
                .filter(|group| *group != 0)
                .collect();
        }
        groups.sort_unstable();
        Self { groups }
    }

    /// The groups, each as its bits.
    pub(super) fn groups(&self) -> &[u32] {
        &self.groups
    }
}

fn gather(ruleset: &Ruleset, condition: &Condition, masks: &mut Vec<u32>) {
    if let Condition::Masked { field: Field::Mark | Field::ConnectionMark, values, .. } = condition
    {
        masks.extend(ruleset.values(*values).iter().map(|(mask, _)| bits(*mask)));
    }
}

/// A mark as the ruleset keeps it, among wider values.
pub(super) fn bits(value: u128) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The bits of `value` at `group`, pushed together: the number on the group's axis.
pub(super) fn extract(value: u32, group: u32) -> u128 {
    let bits = (0..32).filter(|bit| group >> bit & 1 == 1);
    bits.zip(0..).fold(0, |number, (bit, place)| number | (u128::from(value >> bit & 1) << place))
}

#[cfg(test)]
mod tests {
    use super::extract;

    #[test]
    fn bits_of_a_group_are_pushed_together() {
        assert_eq!(extract(0b1010_0000, 0b1111_0000), 0b1010);
        assert_eq!(extract(0b1000_0001, 0b1000_0001), 0b11);
        assert_eq!(extract(u32::MAX, u32::MAX), u128::from(u32::MAX));
    }
}
