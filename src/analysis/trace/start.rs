//! From a packet as people write it to what conditions ask of it.

use crate::{
    analysis::{Slice, Space, arrival, interfaces::Interfaces, slice::Beginning},
    model::{self, DestinationKind, Family, Field},
    packets::{
        Address, Cube, Direction, End, Packet, Ranges, Route, SetId, State, Term, has_ports,
        is_icmp,
    },
};
use std::net::IpAddr;

/// The packet as it comes, or as this host sends it. What it does not say is left open.
pub(super) fn slice(space: &Space<'_>, packet: &Packet) -> Slice {
    let one = |field: Field, value: u128| (Space::axis(field), space.one(field, value));
    let none = |field: Field| one(field, Interfaces::NONE);
    let mut terms: Vec<Term> = vec![
        one(Field::Protocol, packet.protocol.into()),
        one(Field::Fragment, 0),
        // Nothing is tracked yet, so nothing is translated.
        one(Field::State, model::State::Invalid.value()),
        one(Field::Translated, 0),
        one(Field::DestinationKind, destination_kind(space, packet).value()),
    ];
    terms.push(address(space, Field::Source, packet.source, &packet.route));
    terms.push(address(space, Field::Destination, packet.destination, &packet.route));
    if has_ports(packet.protocol) {
        let ports =
            [(Field::SourcePort, packet.source), (Field::DestinationPort, packet.destination)];
        let known = ports.into_iter().filter_map(|(field, end)| Some(one(field, end.port?.into())));
        terms.extend(known);
    }
    if let Some(flags) = packet.flags {
        terms.push(one(Field::TcpFlags, flags.into()));
    }
    if let Some(icmp) = packet.icmp.filter(|_| is_icmp(packet.protocol, packet.family())) {
        let first = u128::from(icmp.kind) << 8;
        let codes = icmp.code.map_or((0, 0xff), |code| (code.into(), code.into()));
        terms.push((
            Space::axis(Field::Icmp),
            space.range(Field::Icmp, first | codes.0, first | codes.1),
        ));
    }
    terms.push(match packet.route.from() {
        Some(name) => one(Field::In, space.interfaces.number(name.name())),
        None => none(Field::In),
    });
    // Where it goes out is known once it is routed.
    terms.push(match &packet.route {
        Route::Output { to } => one(Field::Out, space.interfaces.number(to.name())),
        _ => none(Field::Out),
    });
    terms.extend(space.mark_terms(Field::Mark, packet.mark));
    terms.retain(|(_, set)| *set != SetId::FULL);
    let cube = Cube::of(&space.store, terms).expect("a packet has a value on each axis");
    let beginning = match packet.direction {
        Direction::Reply => Beginning::Unknown,
        Direction::Original if has_ports_of_its_own(packet.protocol) => Beginning::Same,
        Direction::Original => Beginning::SameAddresses,
    };
    Slice { beginning, ..Slice::of(cube) }
}

/// Whether connection tracking knows the ports of a protocol: TCP, UDP, SCTP, UDP-Lite; no more DCCP since Linux 6.16.
const fn has_ports_of_its_own(protocol: u8) -> bool {
    matches!(protocol, 6 | 17 | 132 | 136)
}

/// What connection tracking adds, once it has seen the packet; `rewritten` says whether rules had changed its header by
/// then, so that it may be none of the connection that it was sent in.
pub(super) fn tracked(space: &Space<'_>, packet: &Packet, rewritten: bool, slice: &mut Slice) {
    let state = match packet.state {
        State::New => model::State::New,
        State::Established => model::State::Established,
        State::Related => model::State::Related,
        State::Invalid => model::State::Invalid,
        State::Untracked => model::State::Untracked,
    };
    // A rule that ran before may have said that it is not tracked.
    let untracked = space.one(Field::State, model::State::Untracked.value());
    if slice.cube.get(Space::axis(Field::State)) == Some(untracked) {
        return;
    }
    let one = |field: Field, value: u128| (Space::axis(field), space.one(field, value));
    let direction = u128::from(packet.direction == Direction::Reply);
    let mut known = vec![one(Field::State, state.value()), one(Field::Direction, direction)];
    match state {
        // A connection that begins has no mark yet.
        model::State::New => known.extend(space.mark_terms(Field::ConnectionMark, 0)),
        // One that is known may have been translated by rules that are there no more.
        model::State::Established | model::State::Related => {
            known.push((Space::axis(Field::Translated), SetId::FULL));
            if rewritten {
                let open =
                    [Field::State, Field::Direction].map(|it| (Space::axis(it), SetId::FULL));
                known.extend(open);
            }
        }
        model::State::Invalid | model::State::Untracked => {}
    }
    for (axis, set) in known {
        slice.put(axis, set);
    }
}

fn address(space: &Space<'_>, field: Field, end: End, route: &Route) -> Term {
    let set = match bits(end.address) {
        Some(bits) => space.one(field, bits),
        None => space.intern(field, &own(space.family, route)),
    };
    (Space::axis(field), set)
}

/// The addresses that a host may have; those of the loopback for who is on the host only.
fn own(family: Family, route: &Route) -> Ranges {
    let away = match route {
        Route::Output { to } => to.name() != "lo",
        _ => route.from().is_some_and(|from| from.name() != "lo"),
    };
    let mut others = vec![arrival::multicast(family)];
    others.extend((family == Family::Ipv4).then_some((arrival::BROADCAST, arrival::BROADCAST)));
    others.extend(away.then(|| arrival::loopback(family)));
    Ranges::range(0, family.last_address()).minus(&Ranges::of(others))
}

/// An address as a number; `None` for one of the host's own.
pub(super) fn bits(address: Address) -> Option<u128> {
    match address {
        Address::Literal(IpAddr::V4(address)) => Some(address.to_bits().into()),
        Address::Literal(IpAddr::V6(address)) => Some(address.to_bits()),
        Address::Host => None,
    }
}

/// What the destination is to this host, by the way that the packet is said to go.
fn destination_kind(space: &Space<'_>, packet: &Packet) -> DestinationKind {
    let Some(bits) = bits(packet.destination.address) else { return DestinationKind::Local };
    let groups = Ranges::of(vec![arrival::multicast(space.family)]);
    if groups.contains(bits) {
        return DestinationKind::Multicast;
    }
    if space.family == Family::Ipv4 && bits == arrival::BROADCAST {
        return DestinationKind::Broadcast;
    }
    let loopback = arrival::loopback(space.family);
    match packet.route {
        Route::Input { .. } => DestinationKind::Local,
        _ if (loopback.0..=loopback.1).contains(&bits) => DestinationKind::Local,
        _ => DestinationKind::Unicast,
    }
}
