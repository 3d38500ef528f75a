//! When two steps ask or do the same: what they speak of may be kept at two places.

use super::{Action, Condition, Ruleset, Translation, Values, Verdict};

impl Ruleset {
    /// Whether two steps are the same but for where they stand.
    pub fn says_the_same(&self, one: Action, other: Action) -> bool {
        match (one, other) {
            (Action::Match(one), Action::Match(other)) => self.asks_the_same(one, other),
            (Action::Verdict(Verdict::Dnat(one)), Action::Verdict(Verdict::Dnat(other)))
            | (
                Action::Verdict(Verdict::Snat(Some(one))),
                Action::Verdict(Verdict::Snat(Some(other))),
            ) => {
                let of = |index: u32| self.translations[index as usize];
                self.leads_to_the_same(of(one), of(other))
            }
            (one, other) => one == other,
        }
    }

    fn asks_the_same(&self, one: Condition, other: Condition) -> bool {
        use Condition::{In, Masked, OneOf, Opaque};
        match (one, other) {
            (
                In { field, values, negated },
                In { field: other_field, values: other_values, negated: other_negated },
            )
            | (
                Masked { field, values, negated },
                Masked { field: other_field, values: other_values, negated: other_negated },
            ) => {
                (field, negated) == (other_field, other_negated)
                    && self.values(values) == self.values(other_values)
            }
            (
                OneOf { alternatives, negated },
                OneOf { alternatives: others, negated: other_negated },
            ) => {
                let of = |index: u32| &self.alternatives[index as usize];
                let (one, other) = (of(alternatives), of(others));
                let same = |one: &Vec<Condition>, other: &Vec<Condition>| {
                    let mut pairs = one.iter().zip(other);
                    one.len() == other.len()
                        && pairs.all(|(one, other)| self.asks_the_same(*one, *other))
                };
                negated == other_negated
                    && one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| same(one, other))
            }
            (Opaque { opaque, negated }, Opaque { opaque: other, negated: other_negated }) => {
                let text = |id: super::OpaqueId| &self.opaques[id.0 as usize].text;
                negated == other_negated && text(opaque) == text(other)
            }
            (one, other) => one == other,
        }
    }

    fn leads_to_the_same(&self, one: Translation, other: Translation) -> bool {
        let values = |it: Option<Values>| it.map(|it| self.values(it));
        values(one.addresses) == values(other.addresses)
            && values(one.ports) == values(other.ports)
            && (one.kept, one.local, one.picked) == (other.kept, other.local, other.picked)
            && one.proxy == other.proxy
    }
}
