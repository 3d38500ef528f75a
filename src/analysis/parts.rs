//! An exposure in parts that can be said in one line each: a transport, its ports, and who can send there.

use super::{FamilyAnalysis, Path, Slice, SourceClass, Space, arrival, homes, reach, slight::Pair};
use crate::{
    model::{Address, Family, Field, Subject},
    packets::SetId,
};

/// A protocol whose set is wider than this stands in a rule that is not about it.
const MOST_PROTOCOLS: u128 = 8;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: [u8; 2] = [1, 58];
/// The transports that have ports.
const PORTED: [u8; 5] = [TCP, UDP, 132, 33, 136];
/// More parts than this are not compared with each other.
const MOST_COMPARED: usize = 200;

/// What a part is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Every protocol, at every port.
    Any,
    /// This one.
    Protocol(u8),
    /// Every protocol but TCP and UDP.
    Other,
}

/// Packets of an exposure that differ in nothing but ports, addresses and interfaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The transport.
    pub transport: Transport,
    /// Who can send them.
    pub class: SourceClass,
    /// The destination ports as they are dialled; all of them where the transport has none.
    pub ports: SetId,
    /// The sources.
    pub sources: SetId,
    /// The destinations as they are sent to.
    pub destinations: SetId,
    /// The interfaces they come in on.
    pub from: SetId,
    /// The interfaces they go out on.
    pub to: SetId,
    /// The source ports.
    pub source_ports: SetId,
    /// The types of ICMP, where it is that.
    pub icmp: SetId,
    /// Where a translation leads: the addresses and the ports, where it says them.
    pub translated_to: Option<(Option<SetId>, Option<SetId>)>,
    /// What must hold besides and nobody can tell.
    pub depends_on: Vec<Subject>,
    /// What a sender can satisfy by timing or repetition.
    pub limited_by: Vec<Subject>,
    /// Two addresses between which all of it is open, where rules take a little of it here and there.
    pub(super) core: Option<Pair>,
}

impl Part {
    /// The sets in which two parts may differ and still be told in one.
    fn sets(&mut self) -> [&mut SetId; 7] {
        [
            &mut self.destinations,
            &mut self.to,
            &mut self.from,
            &mut self.icmp,
            &mut self.source_ports,
            &mut self.sources,
            &mut self.ports,
        ]
    }
}

impl FamilyAnalysis<'_> {
    /// The parts of some slices, all of one exposure; together they are the slices.
    pub fn parts(&self, slices: &[Slice], path: Path) -> Vec<Part> {
        let space = &self.space;
        let mut parts: Vec<Part> =
            slices.iter().flat_map(|slice| self.parts_of(slice, path)).collect();
        if parts.len() > 1 {
            for axis in (0..7).chain(0..7) {
                merge(space, &mut parts, axis);
            }
            collapse(space, &mut parts);
        }
        if (2..=MOST_COMPARED).contains(&parts.len()) {
            leave_out_covered(space, &mut parts);
        }
        for part in &mut parts {
            // What a slice's interfaces and destinations do not decide, its sources do.
            let by_sources = part.class == SourceClass::Any;
            if by_sources {
                part.class = reach::source_class(space, part.sources);
            }
            if by_sources && part.class == SourceClass::Public && self.is_barred(part) {
                part.class = SourceClass::Interface;
            }
        }
        parts.sort();
        parts
    }

    /// Whether the public sources of a part are networks of the site itself.
    fn is_barred(&self, part: &Part) -> bool {
        let public = self.space.store.intersect(part.sources, self.space.global);
        !homes::barred(&self.space, &self.homes, public, part.from).is_empty()
    }

    fn parts_of(&self, slice: &Slice, path: Path) -> Vec<Part> {
        let space = &self.space;
        let Some(sources) = reach::possible(space, slice.sent(Field::Source)) else {
            return Vec::new();
        };
        let protocols = slice.sent(Field::Protocol);
        let has = |protocol: u8| space.store.contains(protocols, protocol.into());
        let transports: Vec<Transport> = if space.size(Field::Protocol, protocols) > MOST_PROTOCOLS
        {
            let both = [TCP, UDP].into_iter().filter(|it| has(*it)).map(Transport::Protocol);
            both.chain([Transport::Other]).collect()
        } else {
            (0..=u8::MAX).filter(|it| has(*it)).map(Transport::Protocol).collect()
        };
        let class = reach::slice_class(self, slice, path).unwrap_or(SourceClass::Any);
        let translated_to = slice.translated_by.is_some().then(|| {
            let now = |rewritten: bool, field| rewritten.then(|| slice.now(field));
            let address = now(slice.address_rewritten, Field::Destination);
            (address, now(slice.port_rewritten, Field::DestinationPort))
        });
        let part = |transport| {
            let is = |protocols: &[u8]| matches!(transport, Transport::Protocol(it) if protocols.contains(&it));
            let of = |asked: bool, field| if asked { slice.sent(field) } else { SetId::FULL };
            Part {
                transport,
                class,
                ports: of(is(&PORTED), Field::DestinationPort),
                sources,
                destinations: slice.sent(Field::Destination),
                from: slice.sent(Field::In),
                to: of(path == Path::Forward, Field::Out),
                source_ports: of(is(&PORTED), Field::SourcePort),
                icmp: of(is(&ICMP), Field::Icmp),
                translated_to,
                depends_on: reach::unknowns(space, slice),
                limited_by: reach::limits(space, slice),
                core: slice.core,
            }
        };
        transports.into_iter().map(part).collect()
    }

    /// The names of a set of interfaces: `any` first where names that no rule speaks of are among them, then with `!` what
    /// is not, else those that are.
    pub fn interface_names(&self, set: SetId) -> Vec<String> {
        use super::interfaces::Atom;
        let atoms = self.space.interfaces.atoms().iter().zip(0_u128..);
        let named = atoms.filter(|(atom, _)| atom.is_named());
        let has = |number: u128| self.space.store.contains(set, number);
        let atoms = self.space.interfaces.atoms();
        let others = atoms.iter().position(|atom| *atom == Atom::Other);
        let any = others.is_none_or(|number| has(number as u128));
        let listed = named.filter(|(_, number)| has(*number) != any);
        if any {
            let but = listed.map(|(atom, _)| format!("!{}", atom.name()));
            return ["any".to_owned()].into_iter().chain(but).collect();
        }
        listed.map(|(atom, _)| atom.name()).collect()
    }

    /// Whether a set holds every destination that a packet from outside can be sent to a host with.
    pub fn is_any_destination(&self, set: SetId) -> bool {
        let space = &self.space;
        let mut others = space.martians;
        if space.family == Family::Ipv4 {
            let broadcast = space.one(Field::Destination, arrival::BROADCAST);
            others = space.store.union(others, broadcast);
        }
        // Most sets lack more, and are soon seen to.
        let least =
            space.size(Field::Destination, SetId::FULL) - space.size(Field::Destination, others);
        space.size(Field::Destination, set) >= least
            && space.store.union(set, others)
                == space.range(Field::Destination, 0, space.family.last_address())
    }

    /// The one address that a set holds.
    pub fn only_address(&self, set: SetId) -> Option<Address> {
        let bits = self.space.only(Field::Destination, set)?;
        Some(Address { family: self.space.family, bits })
    }

    /// An interface that packets from outside come in on, as far as the rules tell one: behind which addresses are hidden,
    /// else named and not inside.
    pub fn outside_interface(&self) -> Option<String> {
        use super::interfaces::Atom;
        let store = &self.space.store;
        let atoms = self.space.interfaces.atoms().iter().zip(0_u128..);
        let named: Vec<(&Atom, u128)> =
            atoms.filter(|(atom, _)| matches!(atom, Atom::Named(_))).collect();
        let hiding = named.iter().find(|(_, number)| store.contains(self.outside, *number));
        let is_inside = |number: u128| {
            [self.inside_input, self.inside_forward].iter().any(|it| store.contains(*it, number))
        };
        let other = || named.iter().find(|(_, number)| !is_inside(*number));
        hiding.or_else(other).map(|(atom, _)| atom.name())
    }
}

/// Makes one of parts that differ in one set.
fn merge(space: &Space<'_>, parts: &mut Vec<Part>, axis: usize) {
    // The set in question stands apart while the rest is compared.
    let mut apart: Vec<(Part, SetId)> = std::mem::take(parts)
        .into_iter()
        .map(|mut part| {
            let set = std::mem::replace(part.sets()[axis], SetId::EMPTY);
            (part, set)
        })
        .collect();
    apart.sort();
    apart.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = space.store.union(kept.1, next.1);
        }
        same
    });
    parts.extend(apart.into_iter().map(|(mut part, set)| {
        *part.sets()[axis] = set;
        part
    }));
}

/// Whether it is about all ports of its transport.
fn has_all_ports(space: &Space<'_>, part: &Part) -> bool {
    space.size(Field::DestinationPort, part.ports) > u128::from(u16::MAX)
        && space.size(Field::SourcePort, part.source_ports) > u128::from(u16::MAX)
}

/// Makes one of TCP, UDP and the rest, where all of each is open alike.
fn collapse(space: &Space<'_>, parts: &mut Vec<Part>) {
    let others: Vec<Part> =
        parts.iter().filter(|it| it.transport == Transport::Other).cloned().collect();
    for other in others {
        let like = |part: &Part| {
            let Part { transport, ports, source_ports, .. } = *part;
            let same = Part { transport, ports, source_ports, ..other.clone() };
            has_all_ports(space, part) && same == *part
        };
        let both = [TCP, UDP].map(|it| {
            parts.iter().position(|part| part.transport == Transport::Protocol(it) && like(part))
        });
        if both.iter().all(Option::is_some) {
            let all = Part { transport: Transport::Any, ..other.clone() };
            parts.retain(|part| part.transport == Transport::Other || !like(part));
            parts.retain(|part| *part != other);
            parts.push(all);
        }
    }
}

/// Leaves out what is open under a condition, where all of it is open under fewer.
fn leave_out_covered(space: &Space<'_>, parts: &mut Vec<Part>) {
    let covers = |wide: &mut Part, narrow: &mut Part| {
        let fewer = |a: &[Subject], b: &[Subject]| a.iter().all(|it| b.contains(it));
        let (wider, narrower) = (&*wide, &*narrow);
        let strictly = wider.depends_on.len() < narrower.depends_on.len()
            || wider.limited_by.len() < narrower.limited_by.len();
        let alike = (wider.transport, wider.translated_to, wider.class)
            == (narrower.transport, narrower.translated_to, narrower.class);
        alike
            && strictly
            && fewer(&wider.depends_on, &narrower.depends_on)
            && fewer(&wider.limited_by, &narrower.limited_by)
            && wide.sets().iter().zip(narrow.sets()).all(|(a, b)| space.store.is_subset(*b, **a))
    };
    let mut all = parts.clone();
    parts.retain_mut(|part| !all.iter_mut().any(|other| covers(other, part)));
}
