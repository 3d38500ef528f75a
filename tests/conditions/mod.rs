//! What one packet answers to a condition, asked by judges that know nothing of sets.

use fwlint::model::{Condition, Field, OpaqueId, Ruleset, Values};

/// A packet of a small world.
pub(crate) trait Answers {
    /// Its value of a field.
    fn value(&self, field: Field) -> u128;
    /// The name of the interface that conditions ask for.
    fn interface(&self) -> &str;
    /// What is answered to a question that no set tells.
    fn answer(&self, question: OpaqueId) -> bool;
}

/// Whether a packet fulfils a condition.
pub(crate) fn fulfils(packet: &impl Answers, ruleset: &Ruleset, condition: &Condition) -> bool {
    let among = |values: Values, value: u128| {
        ruleset.values(values).iter().any(|(low, high)| (*low..=*high).contains(&value))
    };
    match condition {
        Condition::Never => false,
        Condition::In { field, values, negated } => {
            among(*values, packet.value(*field)) != *negated
        }
        Condition::Masked { field, values, negated } => {
            let (mask, value) = ruleset.values(*values)[0];
            (packet.value(*field) & mask == value) != *negated
        }
        Condition::Interface { name, negated, .. } => {
            let name = &ruleset.interfaces[*name as usize];
            let same = if name.prefix {
                packet.interface().starts_with(&name.name)
            } else {
                packet.interface() == name.name
            };
            same != *negated
        }
        Condition::OneOf { alternatives, negated } => {
            let lists = &ruleset.alternatives[*alternatives as usize];
            let all = |list: &Vec<Condition>| list.iter().all(|it| fulfils(packet, ruleset, it));
            lists.iter().any(all) != *negated
        }
        Condition::Opaque { opaque, negated } => packet.answer(*opaque) != *negated,
        Condition::Family { .. } => panic!("{condition:?} is not made up here"),
    }
}
