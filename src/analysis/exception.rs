//! What is let in on interfaces where everything else is denied.

use super::{Decider, Exposure, FamilyAnalysis, Path, interfaces::Atom};
use crate::{
    model::{Condition, Field, Rule, Verdict},
    packets::Ranges,
};

impl FamilyAnalysis<'_> {
    /// Whether all that rules let in to this host are exceptions: packets on interfaces of which a rule of the same chain denies
    /// the rest, where the ruleset names no other interface. Such rules say nothing about what comes in elsewhere.
    pub fn lets_in_exceptions_only(&self) -> bool {
        let by_rule =
            |it: &&Exposure| it.path == Path::Input && matches!(it.decider, Decider::Rule(_));
        let mut barred = Ranges::EMPTY;
        for exposure in self.exposures.iter().filter(by_rule) {
            let Some(interfaces) = self.barred_around(exposure) else { return false };
            barred = barred.union(&interfaces);
        }
        let atoms = self.space.interfaces.atoms().iter().zip(0_u128..);
        let mut others = atoms.filter(|(_, number)| !barred.contains(*number));
        barred.is_empty() || others.all(|(atom, _)| !is_named(atom))
    }

    /// The interfaces on which an exposure lets packets in, if these are named and a rule behind it denies all the rest.
    fn barred_around(&self, exposure: &Exposure) -> Option<Ranges> {
        let Decider::Rule(id) = exposure.decider else { return None };
        let (space, ruleset) = (&self.space, self.space.ruleset);
        let sets = exposure.slices.iter().map(|it| space.ranges(Field::In, it.sent(Field::In)));
        let from = sets.fold(Ranges::EMPTY, |all, some| all.union(&some));
        let atoms = space.interfaces.atoms().iter().zip(0_u128..);
        let mut atoms = atoms.filter(|(_, number)| from.contains(*number));
        let named = atoms.all(|(atom, _)| is_named(atom));
        let bars = |rule: &Rule| {
            let verdict = ruleset.verdict_of(rule).map(|(verdict, _)| verdict);
            matches!(verdict, Some(Verdict::Drop | Verdict::Reject))
                && ruleset.conditions_of(rule).all(|(condition, _)| match condition {
                    Condition::Interface { field: Field::In, name, negated: false } => {
                        from.is_subset(space.interfaces.meant(name))
                    }
                    _ => false,
                })
        };
        let mut rules = ruleset.rules_of(ruleset.rule(id).chain);
        (named && rules.any(|(other, rule)| other > id && bars(rule))).then_some(from)
    }
}

fn is_named(atom: &Atom) -> bool {
    matches!(atom, Atom::Named(_) | Atom::Beginning(_))
}
