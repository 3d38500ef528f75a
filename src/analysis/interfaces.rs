//! Interfaces as numbers: every name the rules speak of, every wildcard's remaining names, and all others.

use crate::{model::InterfaceName, packets::Ranges};

/// One number of the interface axes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Atom {
    /// The loopback interface.
    Loopback,
    /// No interface at all: what `-o` sees in an input chain.
    None,
    /// Exactly this one.
    Named(String),
    /// Those that begin so and have no number of their own.
    Beginning(String),
    /// All that no rule speaks of.
    Other,
}

impl Atom {
    /// Whether rules name it, or how its name begins.
    pub const fn is_named(&self) -> bool {
        matches!(self, Self::Named(_) | Self::Beginning(_))
    }

    /// How a person would call it.
    pub fn name(&self) -> String {
        match self {
            Self::Loopback => "lo".to_owned(),
            Self::None => String::new(),
            Self::Named(name) => name.clone(),
            Self::Beginning(name) => format!("{name}+"),
            Self::Other => "any".to_owned(),
        }
    }
}

/// The interface names that a ruleset tells apart.
#[derive(Debug)]
pub struct Interfaces {
    atoms: Vec<Atom>,
    /// For each name of the ruleset, the atoms that it means.
    meant: Vec<Ranges>,
}

impl Interfaces {
    /// The number of the loopback interface.
    pub const LOOPBACK: u128 = 0;
    /// The number of no interface.
    pub const NONE: u128 = 1;

    pub(super) fn of(names: &[InterfaceName]) -> Self {
        let mut atoms = vec![Atom::Loopback, Atom::None, Atom::Other];
        for name in names {
            atoms.push(match (name.prefix, name.name.as_str()) {
                (false, "lo") => Atom::Loopback,
                (false, _) => Atom::Named(name.name.clone()),
                (true, "") => Atom::Other,
                (true, _) => Atom::Beginning(name.name.clone()),
            });
        }
        atoms.sort_unstable();
        atoms.dedup();
        let meant = names.iter().map(|name| meaning(&atoms, name)).collect();
        Self { atoms, meant }
    }

    /// The numbers that a name means. It should be one of those that these are of, or it shares them with others.
    pub(super) fn named(&self, name: &InterfaceName) -> Ranges {
        meaning(&self.atoms, name)
    }

    /// The numbers that name `index` of the ruleset means.
    pub(super) fn meant(&self, index: u32) -> &Ranges {
        &self.meant[index as usize]
    }

    /// The number of the interface called `name`.
    pub(super) fn number(&self, name: &str) -> u128 {
        // An exact name is closer than any beginning, a longer beginning closer than a shorter one.
        let closeness = |atom: &Atom| match atom {
            Atom::Loopback => (name == "lo").then_some(usize::MAX),
            Atom::Named(other) => (other == name).then_some(usize::MAX),
            Atom::Beginning(other) => name.starts_with(other.as_str()).then_some(other.len()),
            Atom::Other => Some(0),
            Atom::None => None,
        };
        let close = self.atoms.iter().zip(0_u128..);
        let close = close.filter_map(|(atom, number)| Some((closeness(atom)?, number)));
        close.max().expect("every name is at least one of the others").1
    }

    /// Every atom; its index is its number.
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// The largest number.
    pub fn last(&self) -> u128 {
        self.atoms.len() as u128 - 1
    }
}

fn meaning(atoms: &[Atom], name: &InterfaceName) -> Ranges {
    let means = |atom: &Atom| match atom {
        Atom::Loopback => name.name == "lo" || (name.prefix && "lo".starts_with(&name.name)),
        Atom::Named(other) => *other == name.name || (name.prefix && other.starts_with(&name.name)),
        Atom::Beginning(other) => name.prefix && other.starts_with(&name.name),
        Atom::None | Atom::Other => name.prefix && name.name.is_empty(),
    };
    let numbers = atoms.iter().zip(0_u128..).filter(|(atom, _)| means(atom));
    Ranges::of(numbers.map(|(_, number)| (number, number)).collect())
}

#[cfg(test)]
mod tests {
    use super::{InterfaceName, Interfaces};

    fn named(text: &str) -> InterfaceName {
        InterfaceName { name: text.trim_end_matches('+').to_owned(), prefix: text.ends_with('+') }
    }

    #[test]
    fn a_wildcard_means_the_names_it_begins_and_the_rest_of_its_kind() {
        let names: Vec<_> = ["eth0", "eth+", "eth1+", "lo"].map(named).into();
        let interfaces = Interfaces::of(&names);
        assert!(interfaces.meant(0).is_subset(interfaces.meant(1)));
        assert!(interfaces.meant(2).is_subset(interfaces.meant(1)));
        assert!(interfaces.meant(0).intersect(interfaces.meant(2)).is_empty());
        assert_eq!(interfaces.meant(1).size(), 3);
        assert_eq!(interfaces.meant(3).as_slice(), [(Interfaces::LOOPBACK, Interfaces::LOOPBACK)]);
    }
}
