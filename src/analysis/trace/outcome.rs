//! From all ends that a packet may come to the one answer.

use super::{
    Decision, Dependence, Effect, Trace, Verdict,
    branch::Branch,
    way::{Ended, Ends, Walks},
};
use crate::{
    analysis::{Slice, Space},
    model::{Family, Field},
    packets::{Address, Axis, End, Fields, Packet, SetId},
};
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// With more ends than this, everything that was asked counts as what made the difference.
const MOST_COMPARED: usize = 256;

pub(super) fn trace(walks: &Walks<'_>, packet: &Packet, ends: Ends) -> Trace {
    let Ends { ended, events, mut assumptions, bounded, first_unknown } = ends;
    assumptions.sort_unstable();
    assumptions.dedup();
    let first = ended.first().expect("every packet comes to an end");
    let same = !bounded && ended.iter().all(|it| it.verdict == first.verdict);
    let mut ends: Vec<Verdict> = ended.iter().map(|it| it.verdict).collect();
    ends.sort_unstable();
    ends.dedup();
    let walk = events.until(first.branch.events);
    let rewritten = rewritten(&walks.space, packet, &first.branch.slice);
    if same {
        let mut or_by: Vec<Decision> = ended.iter().map(|it| it.decided_by).collect();
        or_by.sort_unstable();
        or_by.dedup();
        or_by.retain(|it| *it != first.decided_by);
        return Trace {
            verdict: first.verdict,
            decided_by: first.decided_by,
            ends,
            or_by,
            accepts: first.branch.accepts.clone(),
            depends_on: Vec::new(),
            rewritten,
            walk,
            assumptions,
            bounded,
        };
    }
    // Up to where the ends part they have the same events.
    let mut common = walk;
    for end in &ended[1..] {
        let other = events.until(end.branch.events);
        let same = common.iter().zip(&other).take_while(|(a, b)| a == b).count();
        common.truncate(same);
    }
    let mut depends_on = depends_on(&walks.space, &ended, first_unknown);
    if first_unknown {
        depends_on.push(Dependence::FirstOfItsKind);
    }
    let decided_by = parting(&ended).unwrap_or(first.decided_by);
    Trace {
        verdict: Verdict::Maybe,
        decided_by,
        ends,
        or_by: Vec::new(),
        accepts: Vec::new(),
        depends_on,
        rewritten: None,
        walk: common,
        assumptions,
        bounded,
    }
}

/// The deciding rule of the first end that needed an answer.
fn parting(ended: &[Ended]) -> Option<Decision> {
    let needs = |it: &&Ended| asked(&it.branch).next().is_some();
    let decisions = ended.iter().filter(needs).map(|it| it.decided_by);
    decisions.min_by_key(|it| match it {
        Decision::Rule(rule, _) => (0, rule.0),
        Decision::Policy(chain) => (1, chain.0),
        Decision::None => (2, 0),
    })
}

/// The axes on which an end holds less than the rules and the kernel made of the packet, with what it holds.
fn asked(branch: &Branch) -> impl Iterator<Item = (Axis, SetId)> {
    let unasked = &branch.unasked.cube;
    let terms = branch.slice.cube.terms().iter().copied();
    terms.filter(|(axis, set)| unasked.get(*axis) != Some(*set))
}

/// What two ends with different verdicts differ in; all that was asked if that is no single answer and nothing else
/// explains it.
fn depends_on(space: &Space<'_>, ended: &[Ended], explained: bool) -> Vec<Dependence> {
    let sides: Vec<Vec<(Axis, SetId)>> =
        ended.iter().map(|it| asked(&it.branch).collect()).collect();
    let all: BTreeSet<Axis> = sides.iter().flatten().map(|(axis, _)| *axis).collect();
    let get = |at: usize, axis: Axis| {
        sides[at].iter().find(|(it, _)| *it == axis).map_or(SetId::FULL, |(_, set)| *set)
    };
    let apart = |a: usize, b: usize, axis: Axis| !space.store.overlaps(get(a, axis), get(b, axis));
    // An answer matters if two ends with different verdicts part at it and at nothing else.
    let matters = |axis: &Axis| {
        let pairs = (0..ended.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
        let different = pairs.filter(|(a, b)| ended[*a].verdict != ended[*b].verdict);
        different.into_iter().any(|(a, b)| {
            apart(a, b, *axis) && all.iter().all(|it| it == axis || !apart(a, b, *it))
        })
    };
    let matter: Vec<Axis> = if ended.len() > MOST_COMPARED {
        all.iter().copied().collect()
    } else {
        all.iter().copied().filter(|axis| matters(axis)).collect()
    };
    let matter = if matter.is_empty() && !explained { all.into_iter().collect() } else { matter };
    let mut named: Vec<Dependence> = matter
        .into_iter()
        .filter_map(|axis| {
            let subject = space.subject(axis).map(Dependence::Subject);
            subject.or_else(|| Space::field(axis).map(Dependence::Field))
        })
        .collect();
    named.sort();
    named.dedup();
    named
}

/// The packet with the destination that it has now, where the rules say one.
fn rewritten(space: &Space<'_>, packet: &Packet, slice: &Slice) -> Option<Packet> {
    slice.translated_by?;
    let only = |field: Field| space.only(field, slice.now(field));
    let address = if slice.address_rewritten {
        only(Field::Destination).map_or(Address::Host, |bits| literal(space.family, bits))
    } else {
        packet.destination.address
    };
    let known = !slice.address_rewritten || address != Address::Host || slice.redirected;
    let port = match only(Field::DestinationPort) {
        Some(port) if slice.port_rewritten => Some(u16::try_from(port).ok()?),
        None if slice.port_rewritten => return None,
        _ => packet.destination.port,
    };
    let destination = End { address, port };
    if !known || destination == packet.destination {
        return None;
    }
    Packet::new(Fields { destination, ..Fields::clone(packet) }).ok()
}

fn literal(family: Family, bits: u128) -> Address {
    Address::Literal(match family {
        Family::Ipv4 => {
            IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(bits).expect("an IPv4 address")))
        }
        Family::Ipv6 => IpAddr::V6(Ipv6Addr::from_bits(bits)),
    })
}

impl Effect {
    /// The word of JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Drop => "drop",
            Self::Reject => "reject",
            Self::Return => "return",
            Self::Jump(_) => "jump",
            Self::Goto(_) => "goto",
            Self::Queue => "queue",
            Self::DestinationRewritten => "dnat",
            Self::SourceRewritten => "snat",
            Self::Proxy => "proxy",
            Self::Change => "change",
            Self::Unknown => "unknown",
        }
    }
}
