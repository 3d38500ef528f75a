//! Networks that the rules know to be inside: who bears such an address and comes in from outside is thrown away.

use super::{Calls, Space, reach, way::Way};
use crate::{
    model::{Condition, Field, Rule, Ruleset, Verdict},
    packets::{Ranges, SetId, Term},
};

/// Sources that are not believed on some interfaces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home {
    /// The sources.
    sources: SetId,
    /// The interfaces, all of them named.
    barred: SetId,
}

/// What the drops of all chains say that ask for nothing but an interface and sources.
pub(super) fn of(space: &Space<'_>, way: &Way) -> Vec<Home> {
    let mut homes = Vec::new();
    for listed in &way.lists {
        homes.extend(listed.flat.drops().filter_map(|terms| home(space, terms)));
    }
    homes
}

fn home(space: &Space<'_>, terms: &[Term]) -> Option<Home> {
    let get = |field: Field| {
        let axis = Space::axis(field);
        terms.iter().find(|term| term.0 == axis).map(|term| term.1)
    };
    let [_, _] = terms else { return None };
    let (sources, barred) = (get(Field::Source)?, get(Field::In)?);
    let atoms = space.interfaces.atoms().iter().zip(0_u128..);
    let mut barred_atoms = atoms.filter(|(_, number)| space.store.contains(barred, *number));
    let named = barred_atoms.all(|(atom, _)| atom.is_named());
    let few = reach::source_class(space, sources) != reach::SourceClass::Any;
    (named && few).then_some(Home { sources, barred })
}

/// The interfaces on which whole networks are not believed that others may be behind: these lead outside.
pub(super) fn barring(space: &Space<'_>, homes: &[Home]) -> Ranges {
    let store = &space.store;
    let is_network = |home: &&Home| {
        let possible = store.minus(home.sources, space.martians);
        space.size(Field::Source, possible) > 1
    };
    let barred = homes.iter().filter(is_network).map(|home| home.barred);
    space.ranges(Field::In, barred.fold(SetId::EMPTY, |all, it| store.union(all, it)))
}

/// Whether a rule throws away what does not come from known addresses, itself or in a chain from which only these return.
pub(super) fn checks_sources(ruleset: &Ruleset, rule: &Rule) -> bool {
    let asks = |rule: &Rule, wanted: bool| {
        ruleset.conditions_of(rule).any(|(condition, _)| {
            matches!(condition, Condition::In { field: Field::Source, negated, .. } if negated == wanted)
        })
    };
    match ruleset.verdict_of(rule).map(|it| it.0) {
        Some(Verdict::Drop | Verdict::Reject) => asks(rule, true),
        Some(Verdict::Jump(chain) | Verdict::Goto(chain)) => {
            let rules: Vec<&Rule> = ruleset.rules_of(chain).map(|(_, rule)| rule).collect();
            let returns = |rule: &Rule| match ruleset.verdict_of(rule).map(|it| it.0) {
                None => true,
                Some(Verdict::Return) => asks(rule, false),
                Some(_) => false,
            };
            let Some((last, rest)) = rules.split_last() else { return false };
            let is_check =
                rest.iter().all(|it| returns(it)) && rest.iter().any(|it| asks(it, false));
            is_check && ruleset.conditions_of(last).next().is_none() && denies(ruleset, last)
        }
        _ => false,
    }
}

fn denies(ruleset: &Ruleset, rule: &Rule) -> bool {
    match ruleset.verdict_of(rule).map(|it| it.0) {
        Some(Verdict::Drop | Verdict::Reject) => true,
        Some(Verdict::Jump(chain) | Verdict::Goto(chain)) => Calls::denies(ruleset, chain),
        _ => false,
    }
}

/// The interfaces on which none of `sources` is believed, where `from` are the interfaces that they come in on; nothing if
/// they are not all of such networks.
pub(super) fn barred(
    space: &Space<'_>,
    homes: &[Home],
    sources: SetId,
    from: SetId,
) -> Vec<String> {
    let store = &space.store;
    let kept = homes.iter().filter(|it| !store.overlaps(it.barred, from));
    let (mut known, mut barred) = (SetId::EMPTY, SetId::EMPTY);
    for home in kept.filter(|it| store.overlaps(it.sources, sources)) {
        known = store.union(known, home.sources);
        barred = store.union(barred, home.barred);
    }
    if !store.is_subset(sources, known) {
        return Vec::new();
    }
    let atoms = space.interfaces.atoms().iter().zip(0_u128..);
    let atoms = atoms.filter(|(_, number)| store.contains(barred, *number));
    atoms.map(|(atom, _)| atom.name()).collect()
}
