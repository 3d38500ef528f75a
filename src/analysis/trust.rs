//! What the user's own words about ports and interfaces are held against.

use super::{Exposure, FamilyAnalysis, Reach, Slice, SourceClass, Space, openings::TRANSPORTS};
use crate::{
    model::{Family, Field},
    packets::{Ranges, SetId},
    settings::{Expect, Zones},
};

/// Ports of one transport that strangers reach and nobody declared.
#[derive(Debug, Clone)]
pub struct Undeclared {
    /// The transport.
    pub protocol: u8,
    /// The ports, as a client dials them.
    pub ports: Ranges,
    /// Who reaches the first of them.
    pub reach: Reach,
    /// That one.
    pub port: u16,
}

/// Addresses that a site uses inside and that nobody on the internet has: a packet that bears one there is forged. Those
/// of the loopback are not among them, as the kernel itself throws such packets away.
const PRIVATE_V4: [(u128, u128); 3] =
    [(0x0a00_0000, 0x0aff_ffff), (0xac10_0000, 0xac1f_ffff), (0xc0a8_0000, 0xc0a8_ffff)];
const PRIVATE_V6: (u128, u128) = (0xfc << 120, (0xfe << 120) - 1);

fn private(family: Family) -> Ranges {
    match family {
        Family::Ipv4 => Ranges::of(PRIVATE_V4.to_vec()),
        Family::Ipv6 => Ranges::of(vec![PRIVATE_V6]),
    }
}

impl FamilyAnalysis<'_> {
    /// The ports that an exposure opens to strangers and that are not declared to be public, by transport.
    pub fn undeclared(&self, exposure: &Exposure, expect: &Expect) -> Vec<Undeclared> {
        if self.leads_outside(exposure) {
            return Vec::new();
        }
        let space = &self.space;
        let with = |protocol: u8| {
            let has = |index: &usize| {
                let set = exposure.slices[*index].sent(Field::Protocol);
                space.store.contains(set, protocol.into())
            };
            (protocol, (0..exposure.slices.len()).filter(has).collect::<Vec<usize>>())
        };
        let mut transports: Vec<_> = TRANSPORTS.into_iter().map(with).collect();
        transports.retain(|(_, slices)| !slices.is_empty());
        // A rule for all protocols is not about SCTP and its like.
        let has = |wanted: u8| transports.iter().any(|(protocol, _)| *protocol == wanted);
        if has(6) && has(17) {
            transports.retain(|(protocol, _)| matches!(protocol, 6 | 17));
        }
        let transports = transports.iter();
        transports
            .filter_map(|(protocol, slices)| {
                self.undeclared_of(exposure, *protocol, slices, &expect.public_ports(*protocol))
            })
            .collect()
    }

    fn undeclared_of(
        &self,
        exposure: &Exposure,
        protocol: u8,
        slices: &[usize],
        declared: &Ranges,
    ) -> Option<Undeclared> {
        let space = &self.space;
        let sent = |index: usize| exposure.slices[index].sent(Field::DestinationPort);
        let all = slices.iter().fold(SetId::EMPTY, |all, it| space.store.union(all, sent(*it)));
        let open = space.ranges(Field::DestinationPort, all).minus(declared);
        let (mut ports, mut first) = (Vec::new(), None);
        for (low, high) in
            apart(&open, slices.iter().map(|it| space.ranges(Field::DestinationPort, sent(*it))))
        {
            let touching: Vec<usize> =
                slices.iter().copied().filter(|it| space.store.contains(sent(*it), low)).collect();
            let reach = self.reach(exposure, &touching).filter(|it| it.class.is_world());
            let Some(reach) = reach else { continue };
            ports.push((low, high));
            // What is surely open is what is shown.
            let better = first.as_ref().is_none_or(|(_, known): &(u128, Reach)| {
                reach.depends_on.is_empty() && !known.depends_on.is_empty()
            });
            if better {
                first = Some((low, reach));
            }
        }
        let (port, reach) = first?;
        let port = u16::try_from(port).ok()?;
        Some(Undeclared { protocol, ports: Ranges::of(ports), reach, port })
    }

    /// Whether some of these packets come in on an interface that the user calls untrusted.
    pub fn comes_from_untrusted(&self, slices: &[Slice]) -> bool {
        let store = &self.space.store;
        slices.iter().any(|it| store.overlaps(it.sent(Field::In), self.untrusted))
    }

    /// The private sources that an exposure believes on an untrusted interface, as the reach of those of its slices; a
    /// zone that claims them and no interface expects them anywhere.
    pub fn believed(&self, exposure: &Exposure, zones: &Zones) -> Option<Reach> {
        let space = &self.space;
        let family = space.family;
        let on_untrusted =
            |slice: &Slice| space.store.overlaps(slice.sent(Field::In), self.untrusted);
        let indices: Vec<usize> =
            (0..exposure.slices.len()).filter(|it| on_untrusted(&exposure.slices[*it])).collect();
        let mut reach = self.reach(exposure, &indices)?;
        let sent = |it: &usize| exposure.slices[*it].sent(Field::Source);
        let sources = indices.iter().fold(SetId::EMPTY, |all, it| space.store.union(all, sent(it)));
        let public = space.common_size(Field::Source, sources, space.global);
        if public > super::reach::few(family) {
            return None;
        }
        let claims = zones.0.iter().filter(|zone| zone.interfaces.is_empty());
        let claimed: Vec<_> = claims.flat_map(|zone| zone.ranges(family)).collect();
        let sources = space.ranges(Field::Source, sources).intersect(&private(family));
        let sources = sources.minus(&Ranges::of(claimed));
        if sources.is_empty() {
            return None;
        }
        reach.sources = space.intern(Field::Source, &sources);
        reach.class = SourceClass::Private;
        Some(reach)
    }

    /// A packet with one of the sources of `reach` that gets in on an untrusted interface, in packet notation.
    pub fn forged(&self, exposure: &Exposure, reach: &Reach) -> Option<String> {
        let space = &self.space;
        let term =
            [(Space::axis(Field::Source), reach.sources), (Space::axis(Field::In), self.untrusted)];
        let mut forged = exposure.slices.iter().filter_map(|slice| slice.narrowed_to(&term, space));
        super::witness::of_slice(space, &forged.next()?, exposure.path)
    }

    /// The untrusted interfaces on which an exposure lets packets in.
    pub fn untrusted_of(&self, exposure: &Exposure) -> Vec<String> {
        let space = &self.space;
        let sets = exposure.slices.iter().map(|slice| slice.sent(Field::In));
        let all = sets.fold(SetId::EMPTY, |all, set| space.store.union(all, set));
        let both = space.store.intersect(all, self.untrusted);
        let atoms = space.interfaces.atoms().iter().zip(0_u128..);
        let inside = atoms.filter(|(_, number)| space.store.contains(both, *number));
        inside.map(|(atom, _)| atom.name()).collect()
    }
}

/// `open` cut at every border of a set: within each part, either all or none of a set is open.
fn apart(open: &Ranges, sets: impl Iterator<Item = Ranges>) -> Vec<(u128, u128)> {
    let mut borders: Vec<u128> = sets
        .flat_map(|set| {
            set.as_slice().iter().flat_map(|(low, high)| [*low, high + 1]).collect::<Vec<_>>()
        })
        .collect();
    borders.sort_unstable();
    borders.dedup();
    let mut parts = Vec::new();
    for (low, high) in open.as_slice() {
        let mut from = *low;
        let start = borders.partition_point(|border| border <= low);
        for border in borders[start..].iter().take_while(|border| *border <= high) {
            parts.push((from, border - 1));
            from = *border;
        }
        parts.push((from, *high));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::apart;
    use crate::packets::Ranges;

    #[test]
    fn ports_are_cut_where_a_set_begins_or_ends() {
        let open = Ranges::of(vec![(1, 10), (20, 20)]);
        let sets = [Ranges::range(1, 4), Ranges::range(3, 20)];
        assert_eq!(apart(&open, sets.into_iter()), [(1, 2), (3, 4), (5, 10), (20, 20)]);
        assert_eq!(apart(&open, std::iter::empty()), [(1, 10), (20, 20)]);
    }
}
