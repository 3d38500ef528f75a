//! Interfaces that lead inside because of what another is: rules let their packets out to the internet, through an interface
//! behind which the addresses of a site are hidden.

use super::{FamilyAnalysis, Path, Slice, Space, reach};
use crate::{
    model::{Condition, Field, Rule, Verdict},
    packets::Ranges,
};

/// The interfaces through which packets leave with their source hidden.
pub(super) fn outside(space: &Space<'_>) -> Ranges {
    hidden_behind(space, |_| true)
}

/// The interfaces that translations of the source name, those that are asked for.
fn hidden_behind(space: &Space<'_>, asked: impl Fn(&Rule) -> bool) -> Ranges {
    let ruleset = space.ruleset;
    let hides = |rule: &&Rule| {
        matches!(ruleset.verdict_of(rule), Some((Verdict::Snat(_), _))) && asked(rule)
    };
    let mut found = Ranges::EMPTY;
    for rule in ruleset.rules.iter().filter(hides) {
        for (condition, _) in ruleset.conditions_of(rule) {
            if let Condition::Interface { field: Field::Out, name, negated: false } = condition {
                found = found.union(space.interfaces.meant(name));
            }
        }
    }
    found
}

/// The interfaces, of a host whose families these are, through which packets leave with their source hidden wherever they
/// are sent to. A translation for some destinations or for public sources is another matter: so are published ports made
/// to work from inside.
fn hiding(space: &Space<'_>) -> Ranges {
    let ruleset = space.ruleset;
    let for_some = |condition: Condition| match condition {
        Condition::In { field: Field::Source, values, negated } => {
            let sources = Ranges::of(ruleset.values(values).to_vec());
            negated || !sources.intersect(&reach::global(space.family)).is_empty()
        }
        Condition::In { field: Field::Destination, negated, .. } => !negated,
        Condition::In { field: Field::SourcePort | Field::DestinationPort, .. }
        | Condition::OneOf { .. }
        | Condition::Never => true,
        _ => false,
    };
    let hiding = hidden_behind(space, |rule| {
        ruleset.table_of(rule.chain).family.sees(space.family)
            && !ruleset.conditions_of(rule).any(|(condition, _)| for_some(condition))
    });
    // A tunnel or a bridge of containers leads to another inside.
    let atoms = space.interfaces.atoms().iter().zip(0_u128..);
    let inside = atoms.filter(|(atom, _)| reach::leads_inside(atom));
    hiding.minus(&Ranges::of(inside.map(|(_, number)| (number, number)).collect()))
}

/// The interfaces from which rules let packets out, where they let less in from the other side.
pub(super) fn inside(families: &[FamilyAnalysis<'_>]) -> Ranges {
    let mut inside = Ranges::EMPTY;
    for family in families {
        let space = &family.space;
        let hiding = hiding(space);
        if hiding.is_empty() {
            continue;
        }
        let sides = reach::sides(family, true);
        let openness = |interface: u128| Ranges::of(reach::open(space, &sides, interface, 0));
        let numbers = hiding.as_slice().iter().flat_map(|(low, high)| *low..=*high);
        let strict: Vec<Ranges> = numbers.map(openness).collect();
        let outgoing = outgoing(family, &hiding);
        for (atom, number) in space.interfaces.atoms().iter().zip(0_u128..) {
            let is_one = atom.is_named();
            if !is_one || !outgoing.contains(number) || hiding.contains(number) {
                continue;
            }
            let mine = openness(number);
            if strict.iter().all(|other| other != &mine && other.is_subset(&mine)) {
                inside = inside.union(&Ranges::range(number, number));
            }
        }
    }
    inside
}

/// The interfaces from which a rule lets packets to most of the internet out through one of `hiding`.
fn outgoing(family: &FamilyAnalysis<'_>, hiding: &Ranges) -> Ranges {
    let space = &family.space;
    let hiding = space.intern(Field::Out, hiding);
    let most = space.size(Field::Destination, space.global) / 2;
    let goes_out = |slice: &&Slice| {
        slice.translated_by.is_none()
            && space.store.overlaps(slice.sent(Field::Out), hiding)
            && space.common_size(Field::Destination, slice.sent(Field::Destination), space.global)
                > most
    };
    let forwarded = family.exposures.iter().filter(|it| it.path == Path::Forward);
    forwarded
        .flat_map(|it| &it.slices)
        .filter(goes_out)
        .map(|slice| space.ranges(Field::In, slice.sent(Field::In)))
        .fold(Ranges::EMPTY, |all, some| all.union(&some))
}
