//! A packet of a difference, such as a person would believe, and the point that it is.

use super::{Class, Path, pieces::Kind, starts::Start};
use crate::{
    analysis::{
        Slice, Space,
        witness::{address, believable, believable_target, interface},
    },
    model::{self, DestinationKind, Family, Field},
    packets::{
        self, Address, Cube, Direction, End, Fields, Icmp, Interface, Packet, Route, SetId, State,
        Term, has_ports, is_icmp,
    },
};

/// A packet and the slice that holds nothing else, but for what no notation says.
pub(super) struct Witness {
    /// `None` where an interface has a name that none can have.
    pub(super) packet: Option<Packet>,
    pub(super) start: usize,
    pub(super) point: Slice,
}

/// What a witness is asked to be.
pub(super) struct Wanted<'w> {
    pub(super) starts: &'w [Start],
    pub(super) kind: Kind,
    /// Whether some rule asks where packets were sent.
    pub(super) asks_destination: bool,
}

impl Wanted<'_> {
    fn fits(&self, space: &Space<'_>, start: &Start) -> bool {
        let Kind { class, is_reply, is_first, outcome, .. } = self.kind;
        let unicast = space.one(Field::DestinationKind, DestinationKind::Unicast.value());
        let leads_on = start.slice.sent(Field::DestinationKind) == unicast;
        let way = outcome.address_rewritten
            || outcome.redirected
            || outcome.path == Path::Output
            || leads_on == (outcome.path == Path::Forward);
        way && (start.class, start.slice.is_reply(), start.is_first) == (class, is_reply, is_first)
    }
}

/// A packet of `cube`; `None` for none that starts as wanted.
pub(super) fn witness(space: &Space<'_>, cube: &Cube, wanted: &Wanted<'_>) -> Option<Witness> {
    let is_output = wanted.kind.outcome.path == Path::Output;
    // Where it goes out is decided on the way.
    let out = Space::axis(Field::Out);
    let sent = if is_output { cube.clone() } else { cube.clone().replace(out, None) };
    let mut starts = wanted.starts.iter().enumerate().filter(|(_, it)| wanted.fits(space, it));
    let (start, whole) = starts.find_map(|(at, start)| {
        Some((at, start.slice.cube.intersect(sent.terms(), &space.store)?))
    })?;
    let out = if is_output { &whole } else { cube }.get(out).unwrap_or(SetId::FULL);
    let picked = Picked::of(space, &whole, out, wanted.kind.class, is_output);
    let point = Cube::of(&space.store, picked.terms(space, is_output))?;
    let point = whole.intersect(point.terms(), &space.store)?;
    let start_slice = &wanted.starts[start].slice;
    let packet = picked.packet(space, &whole, wanted, &wanted.starts[start]);
    Some(Witness { packet, start, point: start_slice.narrowed(point) })
}

/// One value for all that a notation says.
struct Picked {
    protocol: u8,
    source: u128,
    destination: u128,
    source_port: u128,
    port: u128,
    flags: u128,
    icmp: u128,
    from: Option<Interface>,
    to: Option<Interface>,
}

impl Picked {
    fn of(space: &Space<'_>, whole: &Cube, out: SetId, class: Class, is_output: bool) -> Self {
        const USUAL_PORTS: [u128; 4] = [22, 80, 443, 53];
        let store = &space.store;
        let set = |field: Field| whole.get(Space::axis(field)).unwrap_or(SetId::FULL);
        let usual = |field: Field, wanted: &[u128]| {
            let known = wanted.iter().copied().find(|it| store.contains(set(field), *it));
            known.unwrap_or_else(|| store.first(set(field)).unwrap_or_default())
        };
        let (icmp, echo, own) = match space.family {
            Family::Ipv4 => (1, 8 << 8, 0x7f00_0001),
            Family::Ipv6 => (58, 128 << 8, 1),
        };
        let is_own = |field: Field| class == Class::Loopback && store.contains(set(field), own);
        let address = |field: Field, usual: fn(&Space<'_>, SetId) -> u128| {
            if is_own(field) { own } else { usual(space, set(field)) }
        };
        let flags: &[u128] = match class {
            Class::Flow | Class::Loopback | Class::Output => &[0x02, 0x10],
            _ => &[0x10],
        };
        Self {
            protocol: u8::try_from(usual(Field::Protocol, &[6, 17, icmp])).unwrap_or(u8::MAX),
            source: address(Field::Source, believable),
            destination: address(Field::Destination, believable_target),
            source_port: usual(Field::SourcePort, &[40_000]),
            port: usual(Field::DestinationPort, &USUAL_PORTS),
            flags: usual(Field::TcpFlags, flags),
            icmp: usual(Field::Icmp, &[echo]),
            from: interface(space, set(Field::In)).filter(|_| !is_output),
            to: interface(space, out),
        }
    }

    fn has_type(&self, space: &Space<'_>) -> bool {
        let family = match space.family {
            Family::Ipv4 => packets::Family::Ipv4,
            Family::Ipv6 => packets::Family::Ipv6,
        };
        is_icmp(self.protocol, family)
    }

    /// The packet as a point, as far as it is picked.
    fn terms(&self, space: &Space<'_>, is_output: bool) -> Vec<Term> {
        let number = |it: &Interface| space.interfaces.number(it.name());
        let ports = has_ports(self.protocol);
        let values = [
            (Field::Protocol, Some(self.protocol.into())),
            (Field::Source, Some(self.source)),
            (Field::Destination, Some(self.destination)),
            (Field::SourcePort, Some(self.source_port).filter(|_| ports)),
            (Field::DestinationPort, Some(self.port).filter(|_| ports)),
            (Field::TcpFlags, Some(self.flags).filter(|_| self.protocol == TCP)),
            (Field::Icmp, Some(self.icmp).filter(|_| self.has_type(space))),
            (Field::In, self.from.as_ref().map(number)),
            (Field::Out, self.to.as_ref().filter(|_| is_output).map(number)),
        ];
        let known = values.into_iter().filter_map(|(field, value)| Some((field, value?)));
        known.map(|(field, value)| (Space::axis(field), space.one(field, value))).collect()
    }

    /// The packet in its notation.
    fn packet(
        self,
        space: &Space<'_>,
        whole: &Cube,
        wanted: &Wanted<'_>,
        start: &Start,
    ) -> Option<Packet> {
        let path = wanted.kind.outcome.path;
        let kind = whole.get(Space::axis(Field::DestinationKind)).unwrap_or(SetId::FULL);
        let is = |it: DestinationKind| kind == space.one(Field::DestinationKind, it.value());
        let has_type = self.has_type(space);
        let route = match (path, self.from, self.to) {
            (Path::Output, _, Some(to)) => Route::Output { to },
            (_, Some(from), Some(to)) if is(DestinationKind::Unicast) => {
                Route::Forward { from, to }
            }
            (_, Some(from), _) if !is(DestinationKind::Unicast) => Route::Input { from },
            _ => return None,
        };
        let is_host =
            is(DestinationKind::Local) && !wanted.asks_destination && path != Path::Output;
        let ports = has_ports(self.protocol);
        let number = |value: u128| u16::try_from(value).ok();
        let destination =
            if is_host { Address::Host } else { address(space.family, self.destination) };
        let fields = Fields {
            protocol: self.protocol,
            source: End {
                address: address(space.family, self.source),
                port: number(self.source_port).filter(|_| ports),
            },
            destination: End { address: destination, port: number(self.port).filter(|_| ports) },
            route,
            state: state(start.state),
            direction: if start.slice.is_reply() { Direction::Reply } else { Direction::Original },
            flags: u8::try_from(self.flags).ok().filter(|_| self.protocol == TCP),
            icmp: number(self.icmp).filter(|_| has_type).map(|it| {
                let [kind, code] = it.to_be_bytes();
                Icmp { kind, code: Some(code) }
            }),
            mark: 0,
        };
        Packet::new(fields).ok()
    }
}

const TCP: u8 = 6;

const fn state(state: model::State) -> State {
    match state {
        model::State::Invalid => State::Invalid,
        model::State::Established => State::Established,
        model::State::Related => State::Related,
        model::State::New => State::New,
        model::State::Untracked => State::Untracked,
    }
}
