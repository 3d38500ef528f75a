//! Who of a zone is shut out of a port of this host.

use super::{
    FamilyAnalysis, Slice, Space, arrival,
    exposure::{Result, kind, route, through},
    interest::Interest,
    interfaces::Interfaces,
    reach::few,
    space::Reason,
    witness,
};
use crate::{
    model::{self, DestinationKind, Field, Hook, OpaqueKind, Policy},
    packets::{Address, Cube, Direction, End, Fields, Packet, Ranges, Route, SetId, State, Term},
    settings::{Expect, Ports, Zone},
};

/// The port that those who come send from: one of those that every system chooses.
const SOURCE_PORT: u16 = 40_000;

/// The chains that a packet to this host passes in one family.
pub struct Doors<'a, 'r> {
    family: &'a FamilyAnalysis<'r>,
    /// The host's own addresses, where they are known.
    addresses: Vec<u128>,
}

impl<'a, 'r> Doors<'a, 'r> {
    /// The chains of a family; `addresses` are the host's own, none for not known.
    pub fn of(family: &'a FamilyAnalysis<'r>, addresses: &[model::Address]) -> Self {
        let own = addresses.iter().filter(|it| it.family == family.space.family);
        let addresses = own.map(|it| it.bits).collect();
        Self { family, addresses }
    }

    /// For each interface of the zone by which somebody of it may be kept from opening a connection to one of `ports`, a
    /// packet that may not get in; where that depends on nothing, one that surely does not. A zone that says nothing
    /// of interfaces gets in if it does by any. What a sender can satisfy by waiting keeps nobody out.
    pub fn shut_out(&self, zone: &Zone, ports: Ports) -> Vec<Packet> {
        let space = &self.family.space;
        let sources = self.sources(zone);
        if sources == SetId::EMPTY {
            return Vec::new();
        }
        let first = u128::from(ports.ports.first);
        let wanted = space.range(Field::DestinationPort, first, ports.ports.last.into());
        let refused = |interfaces: SetId| {
            let admitted = self.admitted(sources, wanted, interfaces, ports.transport.protocol());
            let mut refused = vec![Cube::of(
                &space.store,
                [(Space::axis(Field::Source), sources), (Field::DestinationPort.into(), wanted)],
            )?];
            for cube in admitted {
                let part = |it: &Cube| it.minus(cube.terms(), &space.store);
                refused = refused.iter().flat_map(part).collect();
            }
            let surely =
                refused.iter().find(|it| !it.terms().iter().any(|term| asks(space, *term)));
            let shown = surely.or_else(|| refused.first())?;
            self.packet(shown, interfaces, ports.transport.protocol())
        };
        self.interfaces(zone).into_iter().filter_map(refused).collect()
    }

    /// The ports of this host that strangers surely reach and nobody declared, with a packet each: also those that
    /// only a policy opens.
    pub fn undeclared(&self, expect: &Expect) -> Vec<(u8, Ranges, Packet)> {
        let space = &self.family.space;
        let outside = self.outside();
        let every = space.range(Field::DestinationPort, 0, u16::MAX.into());
        let open = |protocol: u8| {
            let admitted = self.admitted(space.global, every, outside, protocol);
            let sure = |it: &&Cube| !it.terms().iter().any(|term| asks(space, *term));
            let mut open = Ranges::EMPTY;
            for cube in admitted.iter().filter(sure) {
                let sources = cube.get(Space::axis(Field::Source)).unwrap_or(SetId::FULL);
                if space.common_size(Field::Source, sources, space.global) > few(space.family) {
                    let ports = cube.get(Field::DestinationPort.into()).unwrap_or(SetId::FULL);
                    open = open.union(&space.ranges(Field::DestinationPort, ports));
                }
            }
            let open = open.minus(&expect.public_ports(protocol));
            let ports = space.one(Field::DestinationPort, open.first()?);
            let holds = |it: &&Cube| {
                let own = it.get(Field::DestinationPort.into()).unwrap_or(SetId::FULL);
                let sources = it.get(Space::axis(Field::Source)).unwrap_or(SetId::FULL);
                space.store.overlaps(own, ports) && space.store.overlaps(sources, space.global)
            };
            let shown = admitted.iter().find(|it| sure(it) && holds(it))?;
            let term = [(Field::DestinationPort.into(), ports)];
            let packet = self.packet(&shown.intersect(&term, &space.store)?, outside, protocol)?;
            Some((protocol, open, packet))
        };
        [6, 17].into_iter().filter_map(open).collect()
    }

    /// The interfaces that strangers come in on.
    fn outside(&self) -> SetId {
        let space = &self.family.space;
        let local = [Interfaces::LOOPBACK, Interfaces::NONE].map(|atom| (atom, atom));
        let all = Ranges::range(0, space.interfaces.last()).minus(&Ranges::of(local.into()));
        space.store.minus(space.intern(Field::In, &all), self.family.inside_input)
    }

    fn sources(&self, zone: &Zone) -> SetId {
        let space = &self.family.space;
        let ranges = if zone.sources.is_empty() {
            Ranges::range(0, space.family.last_address())
        } else {
            Ranges::of(zone.ranges(space.family))
        };
        space.intern(Field::Source, &ranges.minus(&arrival::martians(space.family)))
    }

    /// The sets of interfaces that are asked about one by one.
    fn interfaces(&self, zone: &Zone) -> Vec<SetId> {
        let space = &self.family.space;
        if zone.interfaces.is_empty() {
            let local = [Interfaces::LOOPBACK, Interfaces::NONE].map(|atom| (atom, atom));
            let all = Ranges::range(0, space.interfaces.last()).minus(&Ranges::of(local.into()));
            return vec![space.intern(Field::In, &all)];
        }
        let named = zone.interfaces.iter().map(|it| space.interfaces.named(&it.value));
        let named = named.fold(Ranges::EMPTY, |all, it| all.union(&it));
        let atoms = named.as_slice().iter().flat_map(|(low, high)| *low..=*high);
        atoms.map(|atom| space.one(Field::In, atom)).collect()
    }

    /// The sources and ports that get in, with what that depends on.
    fn admitted(&self, sources: SetId, ports: SetId, interfaces: SetId, protocol: u8) -> Vec<Cube> {
        let space = &self.family.space;
        let mut terms: Vec<Term> = vec![
            (Space::axis(Field::Source), sources),
            (Field::DestinationPort.into(), ports),
            (Field::In.into(), interfaces),
            (Field::Protocol.into(), space.one(Field::Protocol, protocol.into())),
            (Field::SourcePort.into(), space.one(Field::SourcePort, SOURCE_PORT.into())),
        ];
        if !self.addresses.is_empty() {
            let own = self.addresses.iter().map(|bits| (*bits, *bits)).collect();
            terms.push((
                Field::Destination.into(),
                space.intern(Field::Destination, &Ranges::of(own)),
            ));
        }
        terms.sort_unstable_by_key(|term| term.0);
        let mut result = Result::new(Interest::Everything);
        result.asks_policies = true;
        result.bounded = self.family.way.lists.iter().any(|listed| listed.flat.bounded);
        let local = kind(space, DestinationKind::Local);
        let to_host = |it: &Slice| it.sent(Field::DestinationKind) == local;
        let mut slices: Vec<Slice> = arrival::arriving(space).into_iter().filter(to_host).collect();
        slices = slices.iter().filter_map(|it| it.narrowed_to(&terms, space)).collect();
        let way = &self.family.way;
        for listed in way.at(Hook::Ingress).chain(way.at(Hook::Prerouting)) {
            slices = through(space, listed, slices, &mut result);
        }
        let (mut slices, mut onward) = route(space, slices);
        for listed in way.at(Hook::Input) {
            slices = through(space, listed, slices, &mut result);
        }
        // What a translation leads elsewhere gets in if it gets through.
        for listed in way.at(Hook::Forward).chain(way.at(Hook::Postrouting)) {
            onward = through(space, listed, onward, &mut result);
        }
        slices.extend(onward);
        if result.bounded {
            // What a bound left out is not known to be refused.
            let axis = space.new_opaque(Reason::Alternatives, OpaqueKind::Fixed);
            let own = [(Space::axis(Field::Source), sources), (axis, space.one(axis, 1))];
            let whole = Cube::of(&space.store, own);
            return whole
                .into_iter()
                .chain(slices.iter().filter_map(|it| shadow(space, it)))
                .collect();
        }
        slices.iter().filter_map(|it| shadow(space, it)).collect()
    }

    fn packet(&self, refused: &Cube, interfaces: SetId, protocol: u8) -> Option<Packet> {
        let space = &self.family.space;
        let sources = refused.get(Space::axis(Field::Source))?;
        let bits = witness::believable(space, sources);
        let ports = refused.get(Field::DestinationPort.into())?;
        let port = u16::try_from(space.store.first(ports)?).ok()?;
        let source = witness::address(space.family, bits);
        let host = self.addresses.first().map(|bits| witness::address(space.family, *bits));
        let fields = Fields {
            protocol,
            source: End { address: source, port: Some(SOURCE_PORT) },
            destination: End { address: host.unwrap_or(Address::Host), port: Some(port) },
            route: Route::Input { from: witness::interface(space, interfaces)? },
            state: State::New,
            direction: Direction::Original,
            flags: None,
            icmp: None,
            mark: 0,
        };
        Some(Packet::new(fields).expect("both ends are of one family, and the transport has ports"))
    }
}

impl Result<'_> {
    /// What a policy that does not drop lets on.
    pub(super) fn by_policy(
        &self,
        space: &Space<'_>,
        policy: Policy,
        undecided: Vec<Slice>,
    ) -> Vec<Slice> {
        if policy != Policy::Unknown || !self.asks_policies || undecided.is_empty() {
            return undecided;
        }
        let axis = space.new_opaque(Reason::Policy, OpaqueKind::Fixed);
        let term = [(axis, space.one(axis, 1))];
        undecided.iter().filter_map(|slice| slice.narrowed_to(&term, space)).collect()
    }
}

/// Who gets in by a slice, whatever else must be so that they can bring about: sources, ports, and what nobody knows.
fn shadow(space: &Space<'_>, slice: &Slice) -> Option<Cube> {
    let kept = [Space::axis(Field::Source), Field::DestinationPort.into()];
    let terms = slice.cube.terms().iter().copied();
    Cube::of(&space.store, terms.filter(|term| kept.contains(&term.0) || asks(space, *term)))
}

/// Whether a term is a question that neither the packet nor waiting answers.
fn asks(space: &Space<'_>, (axis, _): Term) -> bool {
    space.opaque(axis).is_some_and(|it| it.kind != OpaqueKind::Timing)
}
