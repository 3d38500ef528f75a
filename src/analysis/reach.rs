//! Who can reach what is open, and a packet that shows it.

use super::{
    Exposure, FamilyAnalysis, Path, PolicyReach, Slice, Space,
    interfaces::{Atom, Interfaces},
};
use crate::{
    model::{Address, DestinationKind, Family, Field, OpaqueKind},
    packets::{Ranges, SetId},
};
use std::fmt::Write as _;

/// Who can reach it, from the widest to the narrowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceClass {
    /// More than half of the global unicast addresses of the family.
    Any,
    /// More than 256 IPv4 addresses or a /48 that are globally routable.
    Public,
    /// Only private addresses.
    Private,
    /// A few public addresses.
    Narrow,
    /// Anybody, but only on an inside interface.
    Interface,
    /// Anybody on the same link: what was sent to cannot be routed to from elsewhere.
    OnLink,
}

impl SourceClass {
    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Public => "public",
            Self::Private => "private",
            Self::Narrow => "narrow",
            Self::Interface => "interface",
            Self::OnLink => "on-link",
        }
    }

    /// Whether strangers are among them.
    pub const fn is_world(self) -> bool {
        matches!(self, Self::Any | Self::Public)
    }
}

/// Who can reach some of the packets of an exposure.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The widest class.
    pub class: SourceClass,
    /// The source addresses of that class.
    pub sources: Ranges,
    /// The inside interfaces, where the class is [`SourceClass::Interface`].
    pub interfaces: Vec<String>,
    /// What must hold besides and nobody can tell: the extension or set, as a person would call it.
    pub depends_on: Vec<String>,
    /// What a sender can satisfy by timing or repetition.
    pub limited_by: Vec<String>,
    /// Index of the exposure's slice that shows it best: see [`FamilyAnalysis::witness`].
    shown: usize,
}

/// Names of interfaces that lead inside: tunnels, bridges of containers and virtual machines, overlays.
const INSIDE: [&str; 17] = [
    "tun",
    "tap",
    "wg",
    "tailscale",
    "zt",
    "docker",
    "br-",
    "virbr",
    "veth",
    "cni",
    "cali",
    "flannel",
    "weave",
    "vif",
    "lxc",
    "lxdbr",
    "podman",
];

/// The special-purpose blocks that no stranger's packet comes from (IANA registry, RFC 6890), without the
/// documentation blocks, which stand for public addresses wherever somebody writes an example.
const SPECIAL_V4: [(u128, u128); 11] = [
    (0x0000_0000, 0x00ff_ffff),
    (0x0a00_0000, 0x0aff_ffff),
    (0x6440_0000, 0x647f_ffff),
    (0x7f00_0000, 0x7fff_ffff),
    (0xa9fe_0000, 0xa9fe_ffff),
    (0xac10_0000, 0xac1f_ffff),
    (0xc000_0000, 0xc000_00ff),
    (0xc0a8_0000, 0xc0a8_ffff),
    (0xc612_0000, 0xc613_ffff),
    (0xe000_0000, 0xefff_ffff),
    (0xf000_0000, 0xffff_ffff),
];

/// The addresses that packets from the internet can bear.
fn global(family: Family) -> Ranges {
    match family {
        Family::Ipv4 => Ranges::range(0, u32::MAX.into()).minus(&Ranges::of(SPECIAL_V4.to_vec())),
        Family::Ipv6 => Ranges::range(0x2 << 124, (0x4 << 124) - 1),
    }
}

/// More public sources than this are `public`: a /24 of IPv4, a /48 of IPv6.
const fn few(family: Family) -> u128 {
    match family {
        Family::Ipv4 => 256,
        Family::Ipv6 => 1 << 80,
    }
}

impl FamilyAnalysis<'_> {
    /// Who can send the packets of some slices of an exposure; `None` for no slices.
    pub fn reach(&self, exposure: &Exposure, slices: &[usize]) -> Option<Reach> {
        let space = &self.space;
        let slice = |index: usize| &exposure.slices[index];
        // Where the same packets are open without a condition that nobody can tell, that is what counts.
        let mut counting: Vec<usize> =
            slices.iter().copied().filter(|it| unknowns(space, slice(*it)).is_empty()).collect();
        if counting.is_empty() {
            counting = slices.to_vec();
        }
        let class_of = |index: &usize| slice_class(self, slice(*index), exposure.path);
        let free: Vec<usize> =
            counting.iter().copied().filter(|it| class_of(it).is_none()).collect();
        let (class, deciding) = if free.is_empty() {
            let mut inside = counting.clone();
            inside.retain(|it| class_of(it) == Some(SourceClass::Interface));
            if inside.is_empty() {
                (Some(SourceClass::OnLink), counting)
            } else {
                (Some(SourceClass::Interface), inside)
            }
        } else {
            (None, free)
        };
        let sources = union(space, deciding.iter().map(|it| slice(*it)));
        let class = class.unwrap_or_else(|| source_class(space.family, &sources));
        let size = |index: &usize| space.store.size(slice(*index).sent(Field::Source, space));
        let shown = deciding.iter().copied().max_by_key(size)?;
        let mut interfaces = Vec::new();
        if class == SourceClass::Interface {
            let sets = deciding.iter().map(|it| space.store.get(slice(*it).sent(Field::In, space)));
            let atoms = sets.fold(Ranges::EMPTY, |union, set| union.union(&set));
            let named = space
                .interfaces
                .atoms()
                .iter()
                .zip(0_u128..)
                .filter(|(_, atom)| atoms.contains(*atom));
            interfaces.extend(named.map(|(atom, _)| atom.name()));
        }
        let (depends_on, limited_by) = (unknowns(space, slice(shown)), limits(space, slice(shown)));
        Some(Reach { class, sources, interfaces, depends_on, limited_by, shown })
    }

    /// A packet that gets in, in packet notation.
    pub fn witness(
        &self,
        exposure: &Exposure,
        reach: &Reach,
        protocol: u8,
        port: Option<u16>,
    ) -> String {
        witness(
            &self.space,
            &exposure.slices[reach.shown],
            exposure.path,
            protocol,
            port,
            &reach.sources,
        )
    }

    /// A packet that a policy lets in: an attempt to log in if one is among them.
    pub fn policy_witness(&self, reach: &PolicyReach) -> Option<String> {
        const SSH: u128 = 22;
        let slice = reach.slice.as_ref()?;
        let set = |field| self.space.store.get(slice.sent(field, &self.space));
        let protocols = set(Field::Protocol);
        let protocol = [6, 17, 1, 58].into_iter().find(|it| protocols.contains((*it).into()));
        let protocol = protocol.or_else(|| u8::try_from(protocols.first()?).ok())?;
        let ports = set(Field::DestinationPort);
        let port = if ports.contains(SSH) { Some(SSH) } else { ports.first() };
        let port =
            port.and_then(|port| u16::try_from(port).ok()).filter(|_| matches!(protocol, 6 | 17));
        Some(witness(&self.space, slice, reach.path, protocol, port, &set(Field::Source)))
    }

    /// Whether all of these interfaces lead inside.
    pub fn is_inside(&self, interfaces: SetId, path: Path) -> bool {
        let inside = match path {
            Path::Forward => &self.inside_forward,
            _ => &self.inside_input,
        };
        self.space.store.get(interfaces).is_subset(inside)
    }
}

/// The class of a slice that its sources do not decide.
fn slice_class(family: &FamilyAnalysis<'_>, slice: &Slice, path: Path) -> Option<SourceClass> {
    let space = &family.space;
    let kind = space.store.get(slice.sent(Field::DestinationKind, space));
    let group = [DestinationKind::Multicast, DestinationKind::Broadcast]
        .iter()
        .any(|it| kind.contains(it.value()));
    let link = group && kind.size() == 1 && slice.translated_by.is_none();
    let sent_to = space.store.get(slice.sent(Field::Destination, space));
    if link || sent_to.intersect(&global(space.family)).is_empty() || link_layer(space, slice) {
        return Some(SourceClass::OnLink);
    }
    family.is_inside(slice.sent(Field::In, space), path).then_some(SourceClass::Interface)
}

/// Whether a slice holds only frames that were sent to a group on the link.
fn link_layer(space: &Space<'_>, slice: &Slice) -> bool {
    let words = slice.cube.terms().iter().filter_map(|(axis, set)| {
        space.store.get(*set).contains(1).then(|| space.opaque_words(*axis)).flatten()
    });
    words.into_iter().any(|opaque| opaque.what == "pkttype")
}

fn union<'s>(space: &Space<'_>, slices: impl Iterator<Item = &'s Slice>) -> Ranges {
    let mut ids: Vec<SetId> = slices.map(|slice| slice.sent(Field::Source, space)).collect();
    ids.sort_unstable();
    ids.dedup();
    Ranges::of(ids.iter().flat_map(|id| space.store.get(*id).as_slice().to_vec()).collect())
}

fn source_class(family: Family, sources: &Ranges) -> SourceClass {
    let global = global(family);
    let public = sources.intersect(&global);
    if public.size() > global.size() / 2 {
        SourceClass::Any
    } else if public.size() > few(family) {
        SourceClass::Public
    } else if public == *sources {
        SourceClass::Narrow
    } else {
        SourceClass::Private
    }
}

/// Conditions that must hold and that nobody can tell: the positive answers of fixed and foreign questions.
fn unknowns(space: &Space<'_>, slice: &Slice) -> Vec<String> {
    named(space, slice, |kind, holds| {
        holds && matches!(kind, OpaqueKind::Fixed | OpaqueKind::Foreign)
    })
}

/// Conditions that change with time.
fn limits(space: &Space<'_>, slice: &Slice) -> Vec<String> {
    named(space, slice, |kind, _| kind == OpaqueKind::Timing)
}

fn named(
    space: &Space<'_>,
    slice: &Slice,
    asked: impl Fn(OpaqueKind, bool) -> bool,
) -> Vec<String> {
    let mut names = Vec::new();
    for (axis, set) in slice.cube.terms() {
        let Some(opaque) = space.opaque(*axis) else { continue };
        let words = space.opaque_words(*axis);
        let holds = space.store.get(*set).first() == Some(1);
        let link_layer = words.is_some_and(|it| it.what == "pkttype");
        if asked(opaque.kind, holds) && !link_layer {
            names.push(
                words.map_or_else(
                    || "a program or chain not given".to_owned(),
                    |it| it.what.clone(),
                ),
            );
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// A packet of the slice that a person would believe.
fn witness(
    space: &Space<'_>,
    slice: &Slice,
    path: Path,
    protocol: u8,
    port: Option<u16>,
    sources: &Ranges,
) -> String {
    let mut text = protocol_name(protocol);
    let own = space.store.get(slice.sent(Field::Source, space)).intersect(sources);
    let source = Address { family: space.family, bits: believable(space.family, &own) };
    let source_ports = space.store.get(slice.sent(Field::SourcePort, space));
    let source_port =
        if source_ports.contains(40_000) { 40_000 } else { source_ports.first().unwrap_or(40_000) };
    let sent_to = space.store.get(slice.sent(Field::Destination, space));
    let to_host = path == Path::Input && sent_to.size() > few(space.family);
    let target = match path {
        _ if to_host => "host".to_owned(),
        Path::Forward if slice.translated_by.is_some() && sent_to.size() > few(space.family) => {
            "host".to_owned()
        }
        _ => Address { family: space.family, bits: believable_target(space.family, &sent_to) }
            .to_string(),
    };
    let with_port = |address: String, port: u128| {
        if address.contains(':') {
            format!("[{address}]:{port}")
        } else {
            format!("{address}:{port}")
        }
    };
    match port {
        Some(port) => {
            let _ = write!(
                text,
                " {} -> {}",
                with_port(source.to_string(), source_port),
                with_port(target, port.into())
            );
        }
        None => {
            let _ = write!(text, " {source} -> {target}");
        }
    }
    let interface = |set: SetId| interface(space, &space.store.get(set));
    let _ = write!(text, " in {}", interface(slice.sent(Field::In, space)));
    if path == Path::Forward && slice.translated_by.is_none() {
        let _ = write!(text, " out {}", interface(slice.sent(Field::Out, space)));
    }
    text
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
fn believable(family: Family, sources: &Ranges) -> u128 {
    let examples: [u128; 3] = match family {
        Family::Ipv4 => [0xc633_6407, 0xcb00_7107, 0xc000_0207],
        Family::Ipv6 => [
            0x2001_0db8_0000_0000_0000_0000_0000_0007,
            (0x2001_0db8_00ff << 80) | 7,
            (0xfd00 << 112) | 7,
        ],
    };
    if let Some(example) = examples.into_iter().find(|example| sources.contains(*example)) {
        return example;
    }
    let public = sources.intersect(&global(family));
    let from = if public.is_empty() { sources } else { &public };
    let first = from.first().unwrap_or_default();
    if from.contains(first + 7) { first + 7 } else { first }
}

fn believable_target(family: Family, targets: &Ranges) -> u128 {
    let example = match family {
        Family::Ipv4 => 0xc000_0201,
        Family::Ipv6 => (0x2001_0db8_u128 << 96) | 1,
    };
    if targets.contains(example) { example } else { targets.first().unwrap_or_default() }
}

/// The name of an interface out of a set, `eth0` if it may be any.
fn interface(space: &Space<'_>, set: &Ranges) -> String {
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
    if let Some(usual) =
        USUAL.iter().find(|name| number(name).is_some_and(|number| set.contains(number)))
    {
        return (*usual).to_owned();
    }
    let mut inside = atoms
        .iter()
        .zip(0_u128..)
        .filter(|(_, number)| set.contains(*number))
        .map(|(atom, _)| atom);
    match inside.next() {
        Some(Atom::Beginning(name)) => format!("{name}0"),
        Some(Atom::Other) | None => "other0".to_owned(),
        Some(atom) => atom.name(),
    }
}

/// The interfaces that lead inside: by their names, or because some other named interface of the way is treated more
/// strictly.
pub(super) fn inside(space: &Space<'_>, slices: &[&Slice]) -> Ranges {
    let atoms = space.interfaces.atoms();
    let by_name = |atom: &Atom| matches!(atom, Atom::Named(name) | Atom::Beginning(name) if INSIDE.iter().any(|it| name.starts_with(it)));
    let mut inside: Vec<u128> =
        atoms.iter().zip(0..).filter(|(atom, _)| by_name(atom)).map(|(_, number)| number).collect();
    let named = |atom: &Atom| matches!(atom, Atom::Named(_) | Atom::Beginning(_)) && !by_name(atom);
    let named: Vec<u128> =
        atoms.iter().zip(0..).filter(|(atom, _)| named(atom)).map(|(_, number)| number).collect();
    // What is open to many on each interface, as protocol × 65536 + port.
    let open: Vec<Ranges> = named.iter().map(|atom| openness(space, slices, *atom)).collect();
    for (atom, mine) in named.iter().zip(&open) {
        let stricter = |other: &Ranges| other.is_subset(mine) && other != mine;
        if open.iter().any(stricter) {
            inside.push(*atom);
        }
    }
    Ranges::of(inside.into_iter().map(|atom| (atom, atom)).collect())
}

fn openness(space: &Space<'_>, slices: &[&Slice], interface: u128) -> Ranges {
    let mut open = Vec::new();
    for slice in slices {
        if !space.store.get(slice.sent(Field::In, space)).contains(interface) {
            continue;
        }
        let protocols = space.store.get(slice.sent(Field::Protocol, space));
        let ports = space.store.get(slice.sent(Field::DestinationPort, space));
        for protocol in [6_u128, 17].into_iter().filter(|protocol| protocols.contains(*protocol)) {
            open.extend(
                ports
                    .as_slice()
                    .iter()
                    .map(|(low, high)| (protocol << 16 | low, protocol << 16 | high)),
            );
        }
    }
    Ranges::of(open)
}

impl Interfaces {
    /// Whether a set of atoms leaves out only the loopback and none: any interface will do.
    pub fn is_any(&self, set: &Ranges) -> bool {
        self.atoms()
            .iter()
            .zip(0_u128..)
            .any(|(atom, number)| *atom == Atom::Other && set.contains(number))
    }
}
