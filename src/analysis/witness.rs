//! A packet that shows what is open, such as a person would believe.

use super::{
    Exposure, FamilyAnalysis, Path, PolicyReach, Reach, Slice, SourceClass, Space,
    interfaces::Atom, reach::few,
};
use crate::{
    model::{Address, Family, Field},
    packets::SetId,
};
use std::fmt::Write as _;

impl FamilyAnalysis<'_> {
    /// A packet that gets in, in packet notation.
    pub fn witness(
        &self,
        exposure: &Exposure,
        reach: &Reach,
        protocol: u8,
        port: Option<u16>,
    ) -> String {
        let slice = &exposure.slices[reach.shown];
        let neighbour = reach.class == SourceClass::OnLink;
        let sources =
            if neighbour { neighbours(&self.space, reach.sources) } else { reach.sources };
        witness(&self.space, slice, exposure.path, protocol, port, sources)
    }

    /// A packet that a policy lets in: an attempt to log in if one is among them.
    pub fn policy_witness(&self, reach: &PolicyReach) -> Option<String> {
        of_slice(&self.space, reach.slice.as_ref()?, reach.path)
    }
}

/// A packet of a slice: an attempt to log in if one is among them.
pub(super) fn of_slice(space: &Space<'_>, slice: &Slice, path: Path) -> Option<String> {
    const SSH: u128 = 22;
    let store = &space.store;
    let protocols = slice.sent(Field::Protocol);
    let usual = [6_u8, 17, 1, 58].into_iter().find(|it| store.contains(protocols, (*it).into()));
    let protocol = usual.or_else(|| u8::try_from(store.first(protocols)?).ok())?;
    let ports = slice.sent(Field::DestinationPort);
    let port = if store.contains(ports, SSH) { Some(SSH) } else { store.first(ports) };
    let port = port.and_then(|port| u16::try_from(port).ok());
    let port = port.filter(|_| matches!(protocol, 6 | 17));
    Some(witness(space, slice, path, protocol, port, slice.sent(Field::Source)))
}

/// Those of the sources that can be on the same link: private ones, if there are any.
fn neighbours(space: &Space<'_>, sources: SetId) -> SetId {
    let private = space.store.minus(sources, space.global);
    let usual = match space.family {
        Family::Ipv4 => space.range(Field::Source, 0xc0a8_0000, 0xc0a8_ffff),
        Family::Ipv6 => space.range(Field::Source, 0xfe80 << 112, (0xfec0 << 112) - 1),
    };
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
) -> String {
    const SOURCE_PORT: u128 = 40_000;
    let store = &space.store;
    let address = |bits| Address { family: space.family, bits };
    let own = store.intersect(slice.sent(Field::Source), sources);
    let source = address(believable(space, own)).to_string();
    let sent_to = slice.sent(Field::Destination);
    let may_be_host = path == Path::Input || slice.translated_by.is_some();
    let target = if may_be_host && space.size(Field::Destination, sent_to) > few(space.family) {
        "host".to_owned()
    } else {
        address(believable_target(space, sent_to)).to_string()
    };
    let mut text = protocol_name(protocol);
    let _ = match port {
        Some(port) => {
            let ports = slice.sent(Field::SourcePort);
            let from = if store.contains(ports, SOURCE_PORT) {
                Some(SOURCE_PORT)
            } else {
                store.first(ports)
            };
            let from = from.unwrap_or(SOURCE_PORT);
            write!(text, " {} -> {}", with_port(&source, from), with_port(&target, port.into()))
        }
        None => write!(text, " {source} -> {target}"),
    };
    let _ = write!(text, " in {}", interface(space, slice.sent(Field::In)));
    if path == Path::Forward && slice.translated_by.is_none() {
        let _ = write!(text, " out {}", interface(space, slice.sent(Field::Out)));
    }
    text
}

fn with_port(address: &str, port: u128) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

fn protocol_name(protocol: u8) -> String {
    match protocol {
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        33 => "dccp".to_owned(),
        50 => "esp".to_owned(),
        51 => "ah".to_owned(),
        58 => "icmpv6".to_owned(),
        132 => "sctp".to_owned(),
        136 => "udplite".to_owned(),
        number => number.to_string(),
    }
}

/// An address out of a documentation block if there is one, else a public one, else the first that is no network's.
fn believable(space: &Space<'_>, sources: SetId) -> u128 {
    let store = &space.store;
    let examples: [u128; 3] = match space.family {
        Family::Ipv4 => [0xc633_6407, 0xcb00_7107, 0xc000_0207],
        Family::Ipv6 => [
            0x2001_0db8_0000_0000_0000_0000_0000_0007,
            0x2001_0db8_00ff_0000_0000_0000_0000_0007,
            0xfd00_0000_0000_0000_0000_0000_0000_0007,
        ],
    };
    if let Some(example) = examples.into_iter().find(|example| store.contains(sources, *example)) {
        return example;
    }
    let public = store.intersect(sources, space.global);
    let from = if public == SetId::EMPTY { sources } else { public };
    let first = store.first(from).unwrap_or_default();
    if store.contains(from, first + 7) { first + 7 } else { first }
}

fn believable_target(space: &Space<'_>, targets: SetId) -> u128 {
    let example = match space.family {
        Family::Ipv4 => 0xc000_0201,
        Family::Ipv6 => (0x2001_0db8_u128 << 96) | 1,
    };
    if space.store.contains(targets, example) {
        return example;
    }
    space.store.first(targets).unwrap_or_default()
}

/// The name of an interface out of a set, `eth0` if it may be any.
fn interface(space: &Space<'_>, set: SetId) -> String {
    const USUAL: [&str; 6] = ["eth0", "ens3", "eno1", "enp1s0", "wan0", "net0"];
    let atoms = space.interfaces.atoms();
    let number = |name: &str| {
        // An exact name is closer than any beginning, a longer beginning closer than a shorter one.
        let closeness = |atom: &Atom| match atom {
            Atom::Named(other) => (other == name).then_some(usize::MAX),
            Atom::Beginning(other) => name.starts_with(other.as_str()).then_some(other.len()),
            Atom::Other => Some(0),
            Atom::Loopback | Atom::None => None,
        };
        let close = atoms.iter().zip(0_u128..);
        let close = close.filter_map(|(atom, number)| Some((closeness(atom)?, number)));
        close.max().map(|(_, number)| number)
    };
    if let Some(usual) = USUAL
        .iter()
        .find(|name| number(name).is_some_and(|number| space.store.contains(set, number)))
    {
        return (*usual).to_owned();
    }
    let mut inside = atoms
        .iter()
        .zip(0_u128..)
        .filter(|(_, number)| space.store.contains(set, *number))
        .map(|(atom, _)| atom);
    match inside.next() {
        Some(Atom::Beginning(name)) => format!("{name}0"),
        Some(Atom::Other) | None => "other0".to_owned(),
        Some(atom) => atom.name(),
    }
}
