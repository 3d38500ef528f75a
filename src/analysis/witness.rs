//! A packet that shows what is open, such as a person would believe.

use super::{
    Exposure, FamilyAnalysis, Part, Path, PolicyReach, Reach, Slice, SourceClass, Space, arrival,
    interfaces::Atom, reach::few,
};
use crate::{
    model::{self, Family, Field, Hook},
    packets::{
        self, Address, Cube, Direction, End, Fields, Icmp, Interface, Packet, Ranges, Route, SetId,
        State, has_ports,
    },
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

impl FamilyAnalysis<'_> {
    /// A packet that gets in, in packet notation; `None` where its interface has a name that no interface can have.
    pub fn witness(
        &self,
        exposure: &Exposure,
        reach: &Reach,
        protocol: u8,
        port: Option<u16>,
    ) -> Option<String> {
        let slice = &exposure.slices[reach.shown];
        let neighbour = reach.class == SourceClass::OnLink;
        let sources =
            if neighbour { neighbours(&self.space, reach.sources) } else { reach.sources };
        Some(witness(&self.space, slice, exposure.path, protocol, port, sources)?.to_string())
    }

    /// A packet of a part of what is open.
    pub fn part_witness(
        &self,
        of: &Part,
        path: Path,
        protocol: u8,
        port: Option<u16>,
    ) -> Option<Packet> {
        let fields = [
            (Field::DestinationPort, of.ports),
            (Field::Source, of.sources),
            (Field::Destination, of.destinations),
            (Field::SourcePort, of.source_ports),
            (Field::In, of.from),
            (Field::Out, of.to),
            (Field::Icmp, of.icmp),
        ];
        let terms = fields.into_iter().map(|(field, set)| (Space::axis(field), set));
        let cube = Cube::of(&self.space.store, terms.filter(|it| it.1 != SetId::FULL))?;
        let slice = Slice { core: of.core, ..Slice::of(cube) };
        let near = of.class == SourceClass::OnLink;
        let sources = if near { neighbours(&self.space, of.sources) } else { of.sources };
        witness(&self.space, &slice, path, protocol, port, sources)
    }

    /// A packet that a policy lets in: an attempt to log in if one is among them.
    pub fn policy_witness(&self, reach: &PolicyReach) -> Option<String> {
        of_slice(&self.space, reach.slices.first()?, reach.path)
    }
}

/// A packet of a slice: an attempt to log in if one is among them.
pub(super) fn of_slice(space: &Space<'_>, slice: &Slice, path: Path) -> Option<String> {
    Some(packet_of(space, slice, path)?.to_string())
}

/// The same, as a packet.
pub(super) fn packet_of(space: &Space<'_>, slice: &Slice, path: Path) -> Option<Packet> {
    const SSH: u128 = 22;
    let store = &space.store;
    let protocols = slice.sent(Field::Protocol);
    let icmp = match space.family {
        Family::Ipv4 => 1,
        Family::Ipv6 => 58,
    };
    let usual =
        [6_u8, 17, icmp, 47, 50].into_iter().find(|it| store.contains(protocols, (*it).into()));
    let protocol = usual.or_else(|| u8::try_from(store.first(protocols)?).ok())?;
    let ports = slice.sent(Field::DestinationPort);
    // Nobody sends to port 0 on purpose.
    let others = store.minus(ports, space.one(Field::DestinationPort, 0));
    let first = store.first(others).or_else(|| store.first(ports));
    let port = Some(SSH).filter(|ssh| store.contains(ports, *ssh)).or(first);
    let port = port.and_then(|port| u16::try_from(port).ok());
    let port = port.filter(|_| matches!(protocol, 6 | 17));
    witness(space, slice, path, protocol, port, slice.sent(Field::Source))
}

/// How well a packet of a slice shows what is open: better to TCP than to others, and from many strangers than from few.
pub(super) fn worth(space: &Space<'_>, slice: &Slice) -> (bool, u128, u128) {
    let store = &space.store;
    let has = |protocol: u128| store.contains(slice.sent(Field::Protocol), protocol);
    let strangers = space.common_size(Field::Source, slice.sent(Field::Source), space.global);
    let ports = space.size(Field::DestinationPort, slice.sent(Field::DestinationPort));
    (has(6) || has(17), strangers, ports)
}

/// A packet of a slice that starts a flow, if it holds one that comes to or through this host so.
pub(super) fn at_hook(space: &Space<'_>, slice: &Slice, hook: Hook) -> Option<Packet> {
    let path = match hook {
        Hook::Input | Hook::Prerouting | Hook::Ingress => Path::Input,
        Hook::Forward => Path::Forward,
        Hook::Output | Hook::Postrouting | Hook::Egress => return None,
    };
    let new = space.store.contains(slice.now(Field::State), model::State::New.value());
    let unmarked = space
        .mark_axes(Field::Mark)
        .all(|(axis, _)| slice.cube.get(axis).is_none_or(|set| space.store.contains(set, 0)));
    let original = space.store.contains(slice.now(Field::Direction), 0);
    if new && unmarked && original { packet_of(space, slice, path) } else { None }
}

/// A packet of a slice that starts a flow at a hook, off a wire or from this host.
pub(super) fn starting(space: &Space<'_>, slice: &Slice, hook: Hook) -> Option<Packet> {
    match hook {
        Hook::Input => packet_of(space, slice, Path::Input),
        Hook::Forward => packet_of(space, slice, Path::Forward),
        Hook::Output => {
            let on = slice.narrowed(slice.cube.clone().replace(Space::axis(Field::In), None));
            let packet = packet_of(space, &on, Path::Forward)?;
            let to = interface(space, slice.sent(Field::Out))?;
            let any = slice.sent(Field::Source) == SetId::FULL;
            let address = if any { Address::Host } else { packet.source.address };
            let source = End { address, ..packet.source };
            let route = Route::Output { to };
            Packet::new(Fields { source, route, ..Fields::clone(&packet) }).ok()
        }
        _ => None,
    }
}

/// Those of the sources that can be on the same link: private ones, if there are any.
pub(super) fn neighbours(space: &Space<'_>, sources: SetId) -> SetId {
    let private = space.store.minus(sources, space.global);
    let (low, high) = match space.family {
        Family::Ipv4 => (0xc0a8_0000, 0xc0a8_ffff),
        Family::Ipv6 => arrival::link_local(space.family),
    };
    let usual = space.range(Field::Source, low, high);
    let near = space.store.intersect(private, usual);
    [near, private].into_iter().find(|set| *set != SetId::EMPTY).unwrap_or(sources)
}

fn witness(
    space: &Space<'_>,
    slice: &Slice,
    path: Path,
    protocol: u8,
    port: Option<u16>,
    sources: SetId,
) -> Option<Packet> {
    const SOURCE_PORT: u16 = 40_000;
    const TCP: u8 = 6;
    let store = &space.store;
    let own = store.intersect(slice.sent(Field::Source), sources);
    let sent_to = slice.sent(Field::Destination);
    let may_be_host = path == Path::Input || slice.translated_by.is_some();
    if !slice.has_its_core(space) {
        return None;
    }
    let target = match slice.core {
        Some((_, destination)) => address(space.family, destination),
        None if may_be_host && space.size(Field::Destination, sent_to) > few(space.family) => {
            Address::Host
        }
        None => address(space.family, believable_target(space, sent_to)),
    };
    let from_core = slice.core.map(|(source, _)| source);
    let port = port.filter(|_| has_ports(protocol));
    let source_port = port.map(|_| {
        let ports = slice.sent(Field::SourcePort);
        let first = || store.first(ports).and_then(|port| u16::try_from(port).ok());
        let is_usual = store.contains(ports, SOURCE_PORT.into());
        Some(SOURCE_PORT).filter(|_| is_usual).or_else(first).unwrap_or(SOURCE_PORT)
    });
    let source = from_core.unwrap_or_else(|| believable(space, own));
    let from = interface(space, slice.sent(Field::In))?;
    let family = match space.family {
        Family::Ipv4 => packets::Family::Ipv4,
        Family::Ipv6 => packets::Family::Ipv6,
    };
    let is_through = path == Path::Forward && slice.translated_by.is_none();
    let route = if is_through {
        Route::Forward { from, to: interface(space, slice.sent(Field::Out))? }
    } else {
        Route::Input { from }
    };
    let fields = Fields {
        protocol,
        source: End { address: address(space.family, source), port: source_port },
        destination: End { address: target, port },
        route,
        state: State::New,
        direction: Direction::Original,
        flags: flags(space, slice).filter(|_| protocol == TCP),
        icmp: icmp(space, slice).filter(|_| packets::is_icmp(protocol, family)),
        mark: 0,
    };
    Some(Packet::new(fields).expect("a witness has one family, and ports where there are any"))
}

/// The flags that let it in, where a plain SYN is not among them.
fn flags(space: &Space<'_>, slice: &Slice) -> Option<u8> {
    const SYN: u128 = 0x02;
    let flags = slice.sent(Field::TcpFlags);
    let other = || u8::try_from(space.store.first(flags)?).ok();
    if space.store.contains(flags, SYN) { None } else { other() }
}

/// A request for an echo if it is let in, else the first type that is.
fn icmp(space: &Space<'_>, slice: &Slice) -> Option<Icmp> {
    let echo: u128 = match space.family {
        Family::Ipv4 => 8 << 8,
        Family::Ipv6 => 128 << 8,
    };
    let types = slice.sent(Field::Icmp);
    let is_echo = space.store.contains(types, echo);
    let value = if is_echo { echo } else { space.store.first(types)? };
    let [kind, code] = u16::try_from(value).ok()?.to_be_bytes();
    Some(Icmp { kind, code: Some(code) })
}

pub(super) fn address(family: Family, bits: u128) -> Address {
    Address::Literal(match family {
        Family::Ipv4 => {
            IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(bits).expect("an IPv4 address")))
        }
        Family::Ipv6 => IpAddr::V6(Ipv6Addr::from_bits(bits)),
    })
}

/// An address out of a documentation block if there is one, else a public one; the first that can be a host's in whatever
/// network of four addresses or more it is.
pub(super) fn believable(space: &Space<'_>, sources: SetId) -> u128 {
    let store = &space.store;
    let examples: [u128; 3] = match space.family {
        Family::Ipv4 => [0xc633_6407, 0xcb00_7107, 0xc000_0207],
        Family::Ipv6 => [
            0x2001_0db8_0000_0000_0000_0000_0000_0007,
            0x2001_0db8_00ff_0000_0000_0000_0000_0007,
            0xfd00_0000_0000_0000_0000_0000_0000_0007,
        ],
    };
    // The last address of a network of eight ends in seven, too.
    let is_inside =
        |it: &u128| [*it, it.saturating_add(1)].iter().all(|it| store.contains(sources, *it));
    if let Some(example) = examples.into_iter().find(is_inside) {
        return example;
    }
    let public = store.intersect(sources, space.global);
    let from = if public == SetId::EMPTY { sources } else { public };
    let first = store.first(from).unwrap_or_default();
    let usual = first.checked_add(7).filter(is_inside);
    usual.or_else(|| a_host(&space.ranges(Field::Source, from))).unwrap_or(first)
}

/// The first address that is neither the first nor the last of any network of four addresses or more.
fn a_host(addresses: &Ranges) -> Option<u128> {
    let hosts = |(low, high): &(u128, u128)| {
        (*low..=*high).take(4).find(|address| matches!(address % 4, 1 | 2))
    };
    addresses.as_slice().iter().find_map(hosts)
}

pub(super) fn believable_target(space: &Space<'_>, targets: SetId) -> u128 {
    let example = match space.family {
        Family::Ipv4 => 0xc000_0201,
        Family::Ipv6 => (0x2001_0db8_u128 << 96) | 1,
    };
    if space.store.contains(targets, example) {
        return example;
    }
    // Strangers send to public addresses, and nobody to that of a network.
    let public = space.store.intersect(targets, space.global);
    let from = if public == SetId::EMPTY { targets } else { public };
    let first = space.store.first(from).unwrap_or_default();
    if first.is_multiple_of(2) && space.store.contains(from, first + 1) { first + 1 } else { first }
}

/// An interface out of a set, `eth0` if it may be any.
pub(super) fn interface(space: &Space<'_>, set: SetId) -> Option<Interface> {
    const USUAL: [&str; 6] = ["eth0", "ens3", "eno1", "enp1s0", "wan0", "net0"];
    let atoms = space.interfaces.atoms();
    let is_in = |name: &&&str| space.store.contains(set, space.interfaces.number(name));
    if let Some(usual) = USUAL.iter().find(is_in) {
        return Interface::new(usual);
    }
    let mut inside = atoms
        .iter()
        .zip(0_u128..)
        .filter(|(_, number)| space.store.contains(set, *number))
        .map(|(atom, _)| atom);
    match inside.next() {
        // The longest names have no room for another letter.
        Some(Atom::Beginning(name)) => {
            Interface::new(&format!("{name}0")).or_else(|| Interface::new(name))
        }
        Some(Atom::Other) | None => Interface::new("other0"),
        Some(atom) => Interface::new(&atom.name()),
    }
}
