//! Where packets of an exposure end up, as far as the rules say it.

use super::{Calls, Exposure, FamilyAnalysis, Path, Reach, interfaces::Atom};
use crate::{
    model::{Condition, Field, Hook},
    packets::{Ranges, SetId},
};

/// Where something is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The addresses, where these are not most of all.
    pub addresses: Vec<(u128, u128)>,
    /// The interfaces that they are behind, where these are not all.
    pub behind: Vec<String>,
    /// Whether packets to this host are meant, and no rule about such packets names one of the addresses: other rules do, and
    /// that they are its own is not known.
    pub unclaimed: bool,
}

impl FamilyAnalysis<'_> {
    /// Where the packets of some slices end up.
    pub(super) fn target(&self, exposure: &Exposure, slices: &[usize]) -> Target {
        let addresses = self.addresses(exposure, slices);
        let here = exposure.path == Path::Input && exposure.translated_by.is_none();
        let unclaimed = here && !addresses.is_empty() && !self.claims(&addresses);
        Target { addresses, behind: self.behind(exposure, slices), unclaimed }
    }

    /// A port for a packet that shows what is open: the first of `known`, or else of all, that no other rule opens as well;
    /// where others open them all, the first of `known`.
    pub fn shown_port(
        &self,
        exposure: &Exposure,
        reach: &Reach,
        protocol: u8,
        known: &[u16],
    ) -> Option<u16> {
        let space = &self.space;
        let open = exposure.slices[reach.shown].sent(Field::DestinationPort);
        let only = space.store.minus(open, self.ports_of_several(exposure.path, protocol));
        let known = |set| known.iter().copied().find(|it| space.store.contains(set, (*it).into()));
        let first = |set| {
            let ports = space.store.minus(set, space.one(Field::DestinationPort, 0));
            u16::try_from(space.store.first(ports)?).ok()
        };
        known(only).or_else(|| first(only)).or_else(|| known(open)).or_else(|| first(open))
    }

    /// The ports that more than one rule or policy opens on a path.
    fn ports_of_several(&self, path: Path, protocol: u8) -> SetId {
        let store = &self.space.store;
        let gathered = || {
            let (mut once, mut again) = (SetId::EMPTY, SetId::EMPTY);
            let on_path = self.exposures.iter().filter(|it| it.path == path).collect::<Vec<_>>();
            for own in on_path.chunk_by(|a, b| a.decider == b.decider) {
                let slices = own.iter().flat_map(|it| &it.slices);
                let of_it = slices
                    .filter(|it| store.contains(it.sent(Field::Protocol), protocol.into()))
                    .map(|it| it.sent(Field::DestinationPort));
                let own = of_it.fold(SetId::EMPTY, |all, it| store.union(all, it));
                again = store.union(again, store.intersect(once, own));
                once = store.union(once, own);
            }
            again
        };
        *self.several.borrow_mut().entry((path, protocol)).or_insert_with(gathered)
    }

    fn addresses(&self, exposure: &Exposure, slices: &[usize]) -> Vec<(u128, u128)> {
        let space = &self.space;
        let sets = slices.iter().map(|it| exposure.slices[*it].now(Field::Destination));
        let all = sets.fold(SetId::EMPTY, |all, set| space.store.union(all, set));
        let most = space.size(Field::Destination, space.global) / 2;
        if space.common_size(Field::Destination, all, space.global) > most {
            return Vec::new();
        }
        space.ranges(Field::Destination, all).as_slice().to_vec()
    }

    /// The interfaces that packets go out on, where rules name them all.
    fn behind(&self, exposure: &Exposure, slices: &[usize]) -> Vec<String> {
        let space = &self.space;
        let sets = slices.iter().map(|it| exposure.slices[*it].sent(Field::Out));
        let out = sets.fold(SetId::EMPTY, |all, set| space.store.union(all, set));
        let atoms = space.interfaces.atoms().iter().zip(0_u128..);
        let atoms = atoms.filter(|(_, number)| space.store.contains(out, *number));
        let named = |(atom, _): (&Atom, u128)| atom.is_named().then(|| atom.name());
        atoms.map(named).collect::<Option<Vec<String>>>().unwrap_or_default()
    }

    /// Whether a rule about packets to this host names one of the addresses.
    fn claims(&self, addresses: &[(u128, u128)]) -> bool {
        let space = &self.space;
        let addresses = space.intern(Field::Destination, &Ranges::of(addresses.to_vec()));
        let claimed =
            self.claimed.get_or_init(|| space.intern(Field::Destination, &self.named_here()));
        space.store.overlaps(*claimed, addresses)
    }

    /// The addresses that rules about packets to this host name.
    fn named_here(&self) -> Ranges {
        let ruleset = self.space.ruleset;
        let chains = ruleset.base_chains().filter(|(_, _, base)| base.hook == Hook::Input);
        let sees = chains.filter(|(id, ..)| ruleset.table_of(*id).family.sees(self.space.family));
        let mut named = Vec::new();
        for rule in sees.flat_map(|(id, ..)| Calls::rules_below(ruleset, id)) {
            for condition in ruleset.conditions_within(rule) {
                if let Condition::In { field: Field::Destination, values, .. } = condition {
                    named.extend_from_slice(ruleset.values(values));
                }
            }
        }
        Ranges::of(named).intersect(&Ranges::range(0, self.space.family.last_address()))
    }
}
