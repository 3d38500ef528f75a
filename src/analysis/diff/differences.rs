//! From cubes to differences: one for each service or range and for the rules that decide about it, with a packet.

use super::{
    Class, Decision, Path, Side,
    deltas::stable,
    lists::Lists,
    pieces::{Kind, Outcome, Pieces, merged, minus},
    standing::{Standing, standing},
    starts::Start,
    walk::{Prepared, Walker},
    witness::{Wanted, Witness, witness},
};
use crate::{
    analysis::{SourceClass, Space, bounds::Bounds, interfaces::Interfaces, reach},
    model::{DestinationKind, Field, OpaqueKind},
    packets::{Axis, Cube, Packet, Ranges, SetId, Term, has_ports},
};
use std::{cell::Cell, collections::BTreeSet};

/// More differences than this are counted only.
const MOST_DIFFERENCES: usize = 1_000;
/// A cube is told apart by its rules into so many parts.
const MOST_PARTS: usize = 32;
/// Protocols are named one by one up to this many.
const MOST_PROTOCOLS: u128 = 8;

/// Which side lets more in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The new one.
    Widened,
    /// The old one.
    Narrowed,
}

/// Packets that only one side lets in, or the two sides to different ends.
#[derive(Debug)]
pub struct Difference {
    /// Which side lets more in.
    pub direction: Direction,
    /// Whether it is so whatever nobody can tell.
    pub certain: bool,
    /// What sort of packets these are.
    pub class: Class,
    /// Where they go.
    pub path: Path,
    /// Their protocol, if it is one.
    pub protocol: Option<u8>,
    /// Their destination ports as they were sent: none where they have none, or any.
    pub ports: Option<(u16, u16)>,
    /// Who can send them.
    pub source_class: SourceClass,
    /// The packets.
    pub cube: Cube,
    /// What was.
    pub before: Standing,
    /// What is to be.
    pub after: Standing,
    /// One of the packets; none where what tells them apart cannot be said in packet notation.
    pub witness: Option<Packet>,
}

pub(super) fn of(space: &Space<'_>, lists: &Lists, pieces: &Pieces) -> (Vec<Difference>, usize) {
    let asks_destination = lists.all().any(|it| it.flat.asks_destination);
    let shared = shared(space, lists);
    let maker = Maker { space, lists, starts: &pieces.starts, asks_destination, shared };
    let mut differences = Vec::new();
    let mut omitted = 0;
    let mut told: Vec<(Class, Direction, bool, Cube)> = Vec::new();
    for (kind, cubes) in &pieces.found {
        let cubes = cubes.iter().map(|it| maker.plain(it, *kind)).collect();
        // What is told of packets that begin a flow need not be told of others, and of each sort but once.
        let known = told.iter().filter(|(class, direction, limit, _)| {
            (*direction, *limit) == (kind.direction, kind.limit)
                && kind.class != Class::Flow
                && [kind.class, Class::Flow].contains(class)
        });
        let known: Vec<Cube> = known.map(|it| it.3.clone()).collect();
        let mut cubes = merged(space, minus(space, cubes, &known, &mut false));
        // What holds of packets to hosts need not be told of those to groups.
        cubes.sort_by_key(|it| it.terms().len());
        let mut kept: Vec<Cube> = Vec::new();
        for cube in cubes {
            let rest = minus(space, vec![cube], &kept, &mut false);
            kept.extend(rest);
        }
        let cubes = kept;
        let whatever =
            |it: &Cube| (kind.class, kind.direction, kind.limit, maker.whatever(it, kind.class));
        told.extend(cubes.iter().map(whatever));
        let mut by_policy: Vec<Told> = Vec::new();
        for cube in cubes {
            if differences.len() >= MOST_DIFFERENCES {
                omitted += 1;
                continue;
            }
            maker.tell(*kind, cube, &mut by_policy, &mut differences);
        }
        for Told { cube, shown, .. } in by_policy {
            maker.add(*kind, None, None, cube, shown, &mut differences);
        }
    }
    let key = |it: &Difference| {
        let ports = it.ports.unwrap_or((0, 0));
        (it.class, it.direction, !it.certain, it.path, it.protocol, ports)
    };
    differences
        .sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.cube.terms().cmp(b.cube.terms())));
    (differences, omitted)
}

/// The interfaces that packets of a difference come in on; none for all of them.
pub(super) fn interfaces(space: &Space<'_>, difference: &Difference) -> Vec<String> {
    let Some(set) = difference.cube.get(Space::axis(Field::In)) else { return Vec::new() };
    let atoms = space.interfaces.atoms().iter().zip(0_u128..);
    let inside = atoms.filter(|(_, number)| space.store.contains(set, *number));
    inside.map(|(atom, _)| atom.name()).filter(|name| !name.is_empty()).collect()
}

struct Maker<'m, 'r> {
    space: &'m Space<'r>,
    lists: &'m Lists,
    starts: &'m [Start],
    asks_destination: bool,
    /// The questions that both sides ask.
    shared: BTreeSet<Axis>,
}

impl Maker<'_, '_> {
    /// A cube without what holds of all packets of its kind.
    fn plain(&self, cube: &Cube, kind: Kind) -> Cube {
        let groups = [DestinationKind::Multicast, DestinationKind::Broadcast]
            .map(|it| self.space.one(Field::DestinationKind, it.value()));
        let sent_to = cube.get(Space::axis(Field::DestinationKind));
        let is_group = sent_to.is_some_and(|it| groups.contains(&it));
        let mut plain = cube.clone();
        // Where nothing is translated, the way that packets go tells what they are sent to.
        if !kind.outcome.address_rewritten && !kind.outcome.redirected {
            plain = plain.replace(Space::axis(Field::DestinationKind), None);
        }
        let mut starts = self.starts.iter().filter(|it| {
            let kinds = it.slice.sent(Field::DestinationKind);
            (it.class, it.slice.is_reply(), it.is_first)
                == (kind.class, kind.is_reply, kind.is_first)
                && sent_to.is_none_or(|sent_to| self.space.store.overlaps(sent_to, kinds))
        });
        let Some(start) = starts.next() else { return plain };
        for (axis, set) in cube.terms() {
            let default = start.slice.cube.get(*axis);
            let is_own = is_group && *axis == Space::axis(Field::Destination);
            if default == Some(*set) && !is_own && *axis != Space::axis(Field::In) {
                plain = plain.replace(*axis, None);
            }
        }
        let all = [Interfaces::LOOPBACK, Interfaces::NONE].map(|atom| (atom, atom));
        let any = Ranges::range(0, self.space.interfaces.last()).minus(&Ranges::of(all.into()));
        let any = self.space.intern(Field::In, &any);
        for field in [Field::In, Field::Out] {
            let axis = Space::axis(field);
            let loopback = kind.class == Class::Loopback && field == Field::In;
            if plain.get(axis) == Some(any) || loopback {
                plain = plain.replace(axis, None);
            }
        }
        plain
    }

    /// The same packets, whatever begins a flow about them, on whatever interface they come.
    fn whatever(&self, cube: &Cube, class: Class) -> Cube {
        let fields = [Field::TcpFlags, Field::Icmp, Field::In, Field::Out, Field::Direction];
        let fields = if class == Class::Flow { &fields[..] } else { &fields[4..] };
        let sides = cube
            .terms()
            .iter()
            .copied()
            .filter(|(axis, _)| !fields.iter().any(|field| *axis == Space::axis(*field)));
        let opaque = |term: &Term| self.space.opaque(term.0).is_none();
        Cube::of_sides(sides.filter(opaque).collect()).unwrap_or_default()
    }

    /// Tells of all packets of a cube; what a policy lets in is not told apart.
    fn tell(
        &self,
        kind: Kind,
        cube: Cube,
        by_policy: &mut Vec<Told>,
        differences: &mut Vec<Difference>,
    ) {
        let space = self.space;
        let Some(shown) = self.show(&cube, kind) else { return };
        let decision = match kind.direction {
            Direction::Widened => shown.after.decided_by,
            Direction::Narrowed => shown.before.decided_by,
        };
        let outcome = kind.outcome;
        let translated = outcome.address_rewritten || outcome.port_rewritten || outcome.redirected;
        if !translated && !matches!(decision, Decision::Rule(..)) {
            let certain = self.is_certain(&cube, kind);
            let same = |it: &&mut Told| (it.decision, it.certain) == (decision, certain);
            match by_policy.iter_mut().find(same) {
                Some(told) => {
                    told.cube = hull(space, &told.cube, &cube);
                    if usual(&shown) < usual(&told.shown) {
                        told.shown = shown;
                    }
                }
                None => by_policy.push(Told { decision, certain, cube, shown }),
            }
            return;
        }
        let axis = Space::axis(Field::Protocol);
        let protocols = cube.get(axis).unwrap_or(SetId::FULL);
        if space.size(Field::Protocol, protocols) > MOST_PROTOCOLS {
            return self.parts(kind, None, cube, differences);
        }
        let ranges = space.ranges(Field::Protocol, protocols);
        for protocol in ranges.as_slice().iter().flat_map(|(low, high)| *low..=*high) {
            let one = space.one(Field::Protocol, protocol);
            let cube = cube.clone().replace(axis, Some(one));
            self.parts(kind, u8::try_from(protocol).ok(), cube, differences);
        }
    }

    /// Tells apart what different rules decide.
    fn parts(&self, kind: Kind, protocol: Option<u8>, cube: Cube, all: &mut Vec<Difference>) {
        let mut open = vec![cube];
        let mut count = 0;
        while let Some(cube) = open.pop() {
            count += 1;
            let Some(shown) = self.show(&cube, kind) else { continue };
            let own = if count < MOST_PARTS { self.own(&shown, kind) } else { Vec::new() };
            let (part, rest) = match cube.intersect(&own, &self.space.store) {
                Some(part) => (part, cube.minus(&own, &self.space.store)),
                None => (cube.clone(), Vec::new()),
            };
            open.extend(rest.into_iter().rev());
            self.ports(kind, protocol, &part, shown, all);
        }
    }

    /// What the rule that lets a shown packet in asks of packets as they are sent.
    fn own(&self, shown: &Shown, kind: Kind) -> Vec<Term> {
        let (side, standing) = match kind.direction {
            Direction::Widened => (Side::New, &shown.after),
            Direction::Narrowed => (Side::Old, &shown.before),
        };
        let Decision::Rule(rule, _) = standing.decided_by else { return Vec::new() };
        let point = &shown.witness.point.cube;
        let lists = self.lists.of_side(side).iter().flat_map(|(_, lists)| lists);
        let as_sent = |terms: Vec<Term>| -> Vec<Term> {
            terms.into_iter().filter(|(axis, _)| is_as_sent(*axis, kind.outcome)).collect()
        };
        let sent = as_sent(stable(self.space, point.terms()));
        let bounds = Bounds::of_terms(self.space, &sent);
        let entries = lists.flat_map(|it| {
            let near = it.nearby.meeting(&bounds).into_iter();
            near.map(move |at| (it, &it.flat.entries[at as usize]))
        });
        let mut own = entries.filter(|(_, entry)| entry.rule == rule);
        let terms = own.find_map(|(listed, entry)| {
            let sent = as_sent(stable(self.space, listed.flat.terms(entry)));
            point.is_subset(&sent, &self.space.store).then_some(sent)
        });
        terms.unwrap_or_default()
    }

    /// One difference for each run of ports.
    fn ports(
        &self,
        kind: Kind,
        protocol: Option<u8>,
        cube: &Cube,
        shown: Shown,
        all: &mut Vec<Difference>,
    ) {
        let axis = Space::axis(Field::DestinationPort);
        let ports = cube.get(axis).filter(|_| protocol.is_none_or(has_ports));
        let Some(ports) = ports else {
            let whole = protocol.filter(|it| has_ports(*it)).map(|_| (0, u16::MAX));
            return self.add(kind, protocol, whole, cube.clone(), shown, all);
        };
        let ranges = self.space.ranges(Field::DestinationPort, ports);
        if let [(low, high)] = ranges.as_slice() {
            let run = (number(*low), number(*high));
            return self.add(kind, protocol, Some(run), cube.clone(), shown, all);
        }
        for (low, high) in ranges.as_slice() {
            let set = self.space.range(Field::DestinationPort, *low, *high);
            let cube = cube.clone().replace(axis, Some(set));
            let Some(shown) = self.show(&cube, kind) else { continue };
            self.add(kind, protocol, Some((number(*low), number(*high))), cube, shown, all);
        }
    }

    fn add(
        &self,
        kind: Kind,
        protocol: Option<u8>,
        ports: Option<(u16, u16)>,
        cube: Cube,
        shown: Shown,
        all: &mut Vec<Difference>,
    ) {
        let Shown { witness, before, after } = shown;
        let certain = self.is_certain(&cube, kind);
        let sides = cube.terms().to_vec();
        all.push(Difference {
            direction: kind.direction,
            certain,
            class: kind.class,
            path: kind.outcome.path,
            protocol,
            ports,
            source_class: reach::of_packets(self.space, &cube),
            cube,
            before,
            after,
            witness: witness.packet.filter(|_| !sides.iter().any(|it| is_unsaid(it.0))),
        });
    }

    /// Whether a difference is one whatever the answers are that nobody can tell. A question that only one side asks may be
    /// what the other says in other words.
    fn is_certain(&self, cube: &Cube, kind: Kind) -> bool {
        let doubts = |(axis, set): &Term| {
            let Some(it) = self.space.opaque(*axis) else { return false };
            let holds = self.space.store.first(*set) == Some(1);
            let unknown = matches!(it.kind, OpaqueKind::Fixed | OpaqueKind::Foreign) && holds;
            unknown || !self.shared.contains(axis)
        };
        !kind.limit && !cube.terms().iter().any(doubts)
    }

    /// A packet of a cube, and what becomes of it on both sides.
    fn show(&self, cube: &Cube, kind: Kind) -> Option<Shown> {
        let wanted = Wanted { starts: self.starts, kind, asks_destination: self.asks_destination };
        // A translated destination is no property of what is sent.
        let sent = cube.terms().iter().copied().filter(|it| !Space::is_rewritten(it.0));
        let witness = witness(self.space, &Cube::of_sides(sent.collect())?, &wanted)?;
        let target: Vec<Term> =
            cube.terms().iter().copied().filter(|it| Space::is_rewritten(it.0)).collect();
        let before = self.standing(Side::Old, &witness, &target);
        let after = self.standing(Side::New, &witness, &target);
        Some(Shown { witness, before, after })
    }

    /// What a side does with a packet, whatever the answers to questions.
    fn standing(&self, side: Side, witness: &Witness, target: &[Term]) -> Standing {
        let space = self.space;
        let sides = witness.point.cube.terms().iter().copied();
        // What is in its header is a part of the packet, whoever cannot compute it.
        let is_header = |it: &Term| {
            space.opaque(it.0).is_none_or(|opaque| {
                matches!(opaque.kind, OpaqueKind::Header | OpaqueKind::Assumed)
            })
        };
        let known: Vec<Term> = sides.filter(is_header).collect();
        let cube = Cube::of_sides(known).expect("a packet has a value on each axis");
        let start = &self.starts[witness.start];
        let part = Cube::of_sides(stable(space, cube.terms())).unwrap_or_default();
        let prepared = Prepared::of(space, self.lists, side, &part, false);
        let budget = Cell::new(u64::MAX);
        let walker = Walker { space, budget: &budget };
        let ends = walker.walk(&prepared, start, witness.point.narrowed(cube));
        standing(space, ends, &witness.point, target)
    }
}

/// What one policy lets in.
struct Told {
    decision: Decision,
    certain: bool,
    cube: Cube,
    shown: Shown,
}

/// How far a shown packet is from what people think of first.
fn usual(shown: &Shown) -> usize {
    const USUAL: [u8; 4] = [6, 17, 1, 58];
    let protocol = shown.witness.packet.as_ref().map(|it| it.protocol);
    USUAL.iter().position(|it| Some(*it) == protocol).unwrap_or(USUAL.len())
}

/// The questions that both sides ask.
fn shared(space: &Space<'_>, lists: &Lists) -> BTreeSet<Axis> {
    let asked = |side: Side| -> BTreeSet<Axis> {
        let lists = lists.of_side(side).iter().flat_map(|(_, lists)| lists);
        let mut axes = BTreeSet::new();
        for listed in lists {
            axes.insert(listed.policy);
            for entry in &listed.flat.entries {
                let asked = listed.flat.terms(entry).iter().map(|it| it.0);
                axes.extend(asked.filter(|it| space.opaque(*it).is_some()));
            }
        }
        axes
    };
    &asked(Side::Old) & &asked(Side::New)
}

/// The smallest cube around two.
fn hull(space: &Space<'_>, a: &Cube, b: &Cube) -> Cube {
    let both = a
        .terms()
        .iter()
        .filter_map(|(axis, set)| Some((*axis, space.store.union(*set, b.get(*axis)?))));
    Cube::of_sides(both.collect()).unwrap_or_default()
}

/// A packet with what becomes of it.
struct Shown {
    witness: Witness,
    before: Standing,
    after: Standing,
}

/// Whether packets answer on an axis as they were sent, where they end so.
fn is_as_sent(axis: Axis, outcome: Outcome) -> bool {
    let is = |field: Field| axis == Space::axis(field);
    let rewritten = (outcome.address_rewritten && (is(Field::Destination)))
        || (outcome.port_rewritten && is(Field::DestinationPort));
    !rewritten && !is(Field::DestinationKind)
}

/// Whether no notation of packets says what is found on an axis.
fn is_unsaid(axis: Axis) -> bool {
    let unsaid = [
        Field::ConnectionMark,
        Field::Fragment,
        Field::Translated,
        Field::OriginalSource,
        Field::OriginalSourcePort,
        Field::OriginalDestination,
        Field::OriginalDestinationPort,
    ];
    !Space::is_rewritten(axis) && Space::field(axis).is_some_and(|it| unsaid.contains(&it))
}

fn number(value: u128) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}
