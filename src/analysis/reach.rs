//! Who can reach what is open.

use super::{Exposure, FamilyAnalysis, Path, Slice, Space, arrival, homes, interfaces::Atom};
use crate::{
    model::{DestinationKind, Family, Field, OpaqueKind, Subject},
    packets::{Axis, Cube, Ranges, SetId},
};

/// Who can reach it, from the widest to the narrowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceClass {
    /// More than half of the global unicast addresses of the family.
    Any,
    /// More than 256 IPv4 addresses or a /48 that are globally routable.
    Public,
    /// Private addresses, and at most a few public ones.
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
    pub sources: SetId,
    /// Whether these are 256 IPv4 addresses or a /64 of IPv6 at most, private ones too.
    pub few: bool,
    /// Whether the class is [`SourceClass::OnLink`] because it is sent to private addresses, which others route to.
    pub to_private: bool,
    /// The inside interfaces, where the class is [`SourceClass::Interface`].
    pub interfaces: Vec<String>,
    /// The interfaces on which none of the sources is believed, where these are networks of the site itself.
    pub barred: Vec<String>,
    /// What must hold besides and nobody can tell: the extension or set.
    pub depends_on: Vec<Subject>,
    /// What a sender can satisfy by timing or repetition.
    pub limited_by: Vec<Subject>,
    /// Whether they pass whatever the rule asks: see [`Slice::regardless`].
    pub regardless: bool,
    /// Index of the exposure's slice that shows it best: see [`FamilyAnalysis::witness`].
    pub(super) shown: usize,
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
pub(super) fn global(family: Family) -> Ranges {
    match family {
        Family::Ipv4 => Ranges::range(0, u32::MAX.into()).minus(&Ranges::of(SPECIAL_V4.to_vec())),
        Family::Ipv6 => Ranges::range(0x2 << 124, (0x4 << 124) - 1),
    }
}

/// More public sources than this are `public`: a /24 of IPv4, a /48 of IPv6.
pub(super) const fn few(family: Family) -> u128 {
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
        let is_sure = |it: &usize| unknowns(space, slice(*it)).is_empty();
        let mut counting: Vec<usize> = slices.iter().copied().filter(is_sure).collect();
        if counting.is_empty() {
            counting = slices.to_vec();
        }
        let class_of = |index: &usize| slice_class(self, slice(*index), exposure.path);
        let of = |class| counting.iter().copied().filter(move |it| class_of(it) == class);
        let classes = [None, Some(SourceClass::Interface), Some(SourceClass::OnLink)];
        let (class, deciding) = classes
            .into_iter()
            .map(|class| (class, of(class).collect::<Vec<usize>>()))
            .find(|(_, slices)| !slices.is_empty())?;
        let sources = union(space, deciding.iter().map(|it| slice(*it)), Field::Source);
        let sources = possible(space, sources)?;
        let class = class.unwrap_or_else(|| source_class(space, sources));
        let few = are_few(space, sources);
        // Private ones beside them are not what makes them public.
        let sources = if class == SourceClass::Public {
            space.store.intersect(sources, space.global)
        } else {
            sources
        };
        // Their own networks, which come in from outside only if somebody forges them.
        let mut barred = Vec::new();
        let from = || union(space, deciding.iter().map(|it| slice(*it)), Field::In);
        if class == SourceClass::Public {
            barred = homes::barred(space, &self.homes, sources, from());
        }
        let class = if barred.is_empty() { class } else { SourceClass::Interface };
        let size = |index: &usize| space.size(Field::Source, slice(*index).sent(Field::Source));
        let shown = deciding.iter().copied().max_by_key(size)?;
        let mut interfaces = Vec::new();
        if class == SourceClass::Interface && barred.is_empty() {
            let numbers = from();
            let atoms = space.interfaces.atoms().iter().zip(0_u128..);
            let named = atoms.filter(|(_, number)| space.store.contains(numbers, *number));
            interfaces.extend(named.map(|(atom, _)| atom.name()));
        }
        let (depends_on, limited_by) = (unknowns(space, slice(shown)), limits(space, slice(shown)));
        let regardless = slice(shown).regardless;
        let to_private = class == SourceClass::OnLink && is_routable(space, slice(shown));
        Some(Reach {
            class,
            sources,
            few,
            to_private,
            interfaces,
            barred,
            depends_on,
            limited_by,
            regardless,
            shown,
        })
    }

    /// Whether most of the internet is among the sources: none is required, or a few are left out.
    pub fn is_from_anywhere(&self, reach: &Reach) -> bool {
        source_class(&self.space, reach.sources) == SourceClass::Any
    }

    /// An interface that leads inside, as the rules about packets to this host name it.
    pub fn inside_interface(&self) -> Option<String> {
        let atoms = self.space.interfaces.atoms().iter().zip(0_u128..);
        let mut inside = atoms.filter(|(atom, number)| {
            atom.is_named() && self.space.store.contains(self.inside_input, *number)
        });
        inside.next().map(|(atom, _)| atom.name())
    }

    /// Whether all of it leaves through an interface behind which addresses are hidden: traffic to the internet.
    pub(super) fn leads_outside(&self, exposure: &Exposure) -> bool {
        let leaves = |set| self.space.store.is_subset(set, self.outside);
        exposure.path == Path::Forward
            && exposure.slices.iter().all(|slice| leaves(slice.sent(Field::Out)))
    }

    /// Whether all interfaces lead inside that a name of the ruleset means.
    pub fn names_inside(&self, name: u32, path: Path) -> bool {
        self.is_inside(self.space.intern(Field::In, self.space.interfaces.meant(name)), path)
    }

    /// Whether all of these interfaces lead inside.
    pub fn is_inside(&self, interfaces: SetId, path: Path) -> bool {
        let inside = match path {
            Path::Forward => self.inside_forward,
            Path::Input | Path::Fragment => self.inside_input,
        };
        self.space.store.is_subset(interfaces, inside)
    }
}

/// The class of a slice that its sources do not decide.
pub(super) fn slice_class(
    family: &FamilyAnalysis<'_>,
    slice: &Slice,
    path: Path,
) -> Option<SourceClass> {
    let space = &family.space;
    let kind = space.only(Field::DestinationKind, slice.sent(Field::DestinationKind));
    let groups = [DestinationKind::Multicast, DestinationKind::Broadcast];
    let to_group =
        slice.translated_by.is_none() && groups.iter().any(|it| Some(it.value()) == kind);
    let sent_to = slice.sent(Field::Destination);
    let routed = space.store.overlaps(sent_to, space.global);
    if to_group || !routed || link_layer(space, slice) {
        return Some(SourceClass::OnLink);
    }
    family.is_inside(slice.sent(Field::In), path).then_some(SourceClass::Interface)
}

/// Whether a slice holds packets that come over a router: not only what is sent to a group or with addresses of the link.
fn is_routable(space: &Space<'_>, slice: &Slice) -> bool {
    let (low, high) = arrival::link_local(space.family);
    let link = space.range(Field::Destination, low, high);
    let group = [DestinationKind::Multicast, DestinationKind::Broadcast].iter().any(|it| {
        slice.sent(Field::DestinationKind) == space.one(Field::DestinationKind, it.value())
    });
    !group
        && !link_layer(space, slice)
        && !space.store.is_subset(slice.sent(Field::Destination), link)
}

/// Whether a slice holds only frames that were sent to a group on the link.
fn link_layer(space: &Space<'_>, slice: &Slice) -> bool {
    slice
        .cube
        .terms()
        .iter()
        .any(|(axis, set)| space.asks_link(*axis) && space.store.contains(*set, 1))
}

/// Who can send the packets of a cube, as far as names of interfaces and addresses tell.
pub(super) fn of_packets(space: &Space<'_>, cube: &Cube) -> SourceClass {
    let inside = |set: SetId| {
        let atoms = space.interfaces.atoms().iter().zip(0_u128..);
        let mut named = atoms.filter(|(_, number)| space.store.contains(set, *number));
        named.all(|(atom, _)| leads_inside(atom))
    };
    if cube.get(Space::axis(Field::In)).is_some_and(inside) {
        return SourceClass::Interface;
    }
    let sent_to = cube.get(Space::axis(Field::Destination)).unwrap_or(SetId::FULL);
    if !space.store.overlaps(sent_to, space.global) {
        return SourceClass::OnLink;
    }
    source_class(space, cube.get(Space::axis(Field::Source)).unwrap_or(SetId::FULL))
}

/// Whether an interface leads inside by its name.
pub(super) fn leads_inside(atom: &Atom) -> bool {
    match atom {
        Atom::Named(name) | Atom::Beginning(name) => INSIDE.iter().any(|it| name.starts_with(it)),
        Atom::Loopback | Atom::None | Atom::Other => false,
    }
}

fn union<'s>(space: &Space<'_>, slices: impl Iterator<Item = &'s Slice>, field: Field) -> SetId {
    let sets = slices.map(|slice| slice.sent(field));
    sets.fold(SetId::EMPTY, |union, set| space.store.union(union, set))
}

/// Whether sources are a few public addresses, and no private ones: what private ones may do tells an inside interface.
pub(super) fn is_few(space: &Space<'_>, sources: SetId) -> bool {
    source_class(space, sources) == SourceClass::Narrow
}

/// Whether they would fit into one network of a site.
fn are_few(space: &Space<'_>, sources: SetId) -> bool {
    let network = match space.family {
        Family::Ipv4 => 1 << 8,
        Family::Ipv6 => 1 << 64,
    };
    space.size(Field::Source, sources) <= network
}

/// The sources that a packet on a wire can have; `None` for none.
pub(super) fn possible(space: &Space<'_>, sources: SetId) -> Option<SetId> {
    if space.store.overlaps(sources, space.global) {
        return Some(sources);
    }
    let sources = space.store.minus(sources, space.martians);
    (sources != SetId::EMPTY).then_some(sources)
}

pub(super) fn source_class(space: &Space<'_>, sources: SetId) -> SourceClass {
    let public = space.common_size(Field::Source, sources, space.global);
    if public > space.size(Field::Source, space.global) / 2 {
        SourceClass::Any
    } else if public > few(space.family) {
        SourceClass::Public
    } else if public == space.size(Field::Source, sources) {
        SourceClass::Narrow
    } else {
        SourceClass::Private
    }
}

/// Conditions that must hold and that nobody can tell: the positive answers of fixed and foreign questions, and both of
/// those that a script asks to do one thing or another.
pub(super) fn unknowns(space: &Space<'_>, slice: &Slice) -> Vec<Subject> {
    named(space, slice, |axis, kind, holds| {
        let either = || matches!(space.subject(axis), Some(Subject::Question { either: true, .. }));
        matches!(kind, OpaqueKind::Fixed | OpaqueKind::Foreign) && (holds || either())
    })
}

/// Conditions that change with time.
pub(super) fn limits(space: &Space<'_>, slice: &Slice) -> Vec<Subject> {
    named(space, slice, |_, kind, _| kind == OpaqueKind::Timing)
}

fn named(
    space: &Space<'_>,
    slice: &Slice,
    asked: impl Fn(Axis, OpaqueKind, bool) -> bool,
) -> Vec<Subject> {
    let mut names = Vec::new();
    for (axis, set) in slice.cube.terms() {
        let Some(opaque) = space.opaque(*axis) else { continue };
        let holds = space.store.first(*set) == Some(1);
        if asked(*axis, opaque.kind, holds) && !space.asks_link(*axis) {
            names.extend(space.subject(*axis));
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// The interfaces that lead inside: by their names, or because some other interface that the same chain names is treated
/// more strictly, all families of the host taken together. What leads outside is never one of them.
pub(super) fn inside(
    families: &[FamilyAnalysis<'_>],
    forward: bool,
    named: &Ranges,
    outside: &Ranges,
) -> Ranges {
    let Some(first) = families.first() else { return Ranges::EMPTY };
    // The interfaces of all families have the same numbers.
    let atoms = || first.space.interfaces.atoms().iter().zip(0_u128..);
    let by_name = leads_inside;
    let known = atoms().filter(|(atom, _)| by_name(atom)).map(|(_, number)| number);
    let mut inside: Vec<u128> = known.collect();
    let sides: Vec<Vec<Side>> = families.iter().map(|it| sides(it, forward)).collect();
    let openness = |interface: u128| {
        let of = families.iter().zip(&sides).zip(0_u128..);
        let of = of.flat_map(|((it, sides), number)| open(&it.space, sides, interface, number));
        Ranges::of(of.collect())
    };
    let strangers = atoms().filter(|(atom, number)| named.contains(*number) && !by_name(atom));
    let open: Vec<Ranges> = strangers.map(|(_, number)| openness(number)).collect();
    for (atom, number) in atoms() {
        if by_name(atom) || outside.contains(number) || *atom == Atom::None {
            continue;
        }
        let mine = openness(number);
        if open.iter().any(|other| other != &mine && other.is_subset(&mine)) {
            inside.push(number);
        }
    }
    Ranges::of(inside.into_iter().map(|atom| (atom, atom)).collect())
}

/// Interfaces, and the protocols and ports that are open on them.
pub(super) type Side = (SetId, SetId, SetId);

/// What is let in of each, but for neighbours on the link itself: those say nothing of who else is there.
pub(super) fn sides(family: &FamilyAnalysis<'_>, forward: bool) -> Vec<Side> {
    let space = &family.space;
    let (low, high) = arrival::link_local(space.family);
    let link = space.range(Field::Source, low, high);
    let is_local = |slice: &&Slice| space.store.is_subset(slice.sent(Field::Source), link);
    let wanted = family.exposures.iter().filter(|it| (it.path == Path::Forward) == forward);
    let sides = wanted.flat_map(|it| &it.slices).filter(|it| !is_local(it)).map(|slice| {
        (slice.sent(Field::In), slice.sent(Field::Protocol), slice.sent(Field::DestinationPort))
    });
    let mut sides: Vec<Side> = sides.collect();
    sides.sort_unstable();
    sides.dedup();
    sides
}

/// Ports that tell nothing of who is there: nobody listens at the first, and clients of DHCP wait at the others.
const UNTOLD: [(u128, u128); 3] = [(0, 0), (68, 68), (546, 546)];

/// What is open on an interface, as family × 2²⁴ + protocol × 2¹⁶ + port.
pub(super) fn open(
    space: &Space<'_>,
    sides: &[Side],
    interface: u128,
    family: u128,
) -> Vec<(u128, u128)> {
    let mut ranges = Vec::new();
    for (interfaces, protocols, ports) in sides {
        if !space.store.contains(*interfaces, interface) {
            continue;
        }
        let ports = space.ranges(Field::DestinationPort, *ports);
        let ports = ports.minus(&Ranges::of(UNTOLD.to_vec()));
        for protocol in [6_u128, 17].into_iter().filter(|it| space.store.contains(*protocols, *it))
        {
            let number = |port: u128| family << 24 | protocol << 16 | port;
            ranges.extend(ports.as_slice().iter().map(|(low, high)| (number(*low), number(*high))));
        }
    }
    ranges
}
