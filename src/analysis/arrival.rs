//! What arrives: the packets that start a flow, as they come in from a wire, before any hook.

use super::{Slice, Space, interfaces::Interfaces};
use crate::{
    model::{DestinationKind, Family, Field, State},
    packets::{Cube, Ranges, SetId, Term},
};

/// Packets that can start a flow, as they arrive on an interface that is not the loopback. Their sources are left free:
/// [`super::reach`] leaves out those that no packet on a wire can have, at the end and so once.
pub(super) fn arriving(space: &Space<'_>) -> Vec<Slice> {
    let store = &space.store;
    let one = |field: Field, value: u128| (Space::axis(field), space.one(field, value));
    let outside: Vec<_> = [Interfaces::LOOPBACK, Interfaces::NONE].map(|atom| (atom, atom)).into();
    let arriving = Ranges::range(0, space.interfaces.last()).minus(&Ranges::of(outside));
    let addresses = Ranges::range(0, space.family.last_address());
    let mut common: Vec<Term> = vec![
        one(Field::State, State::New.value()),
        one(Field::Direction, 0),
        one(Field::Fragment, 0),
        one(Field::Translated, 0),
        one(Field::Out, Interfaces::NONE),
        (Space::axis(Field::In), space.intern(Field::In, &arriving)),
        (Space::axis(Field::TcpFlags), space.intern(Field::TcpFlags, &syn())),
        (Space::axis(Field::Icmp), space.intern(Field::Icmp, &starting_icmp(space.family))),
    ];
    for field in [Field::Mark, Field::ConnectionMark] {
        common.extend(space.mark_axes(field).map(|(axis, _)| (axis, space.one(axis, 0))));
    }
    let groups = Ranges::of(vec![multicast(space.family)]);
    let broadcast = match space.family {
        Family::Ipv4 => Ranges::range(BROADCAST, BROADCAST),
        Family::Ipv6 => Ranges::EMPTY,
    };
    let hosts =
        addresses.minus(&groups).minus(&broadcast).minus(&Ranges::of(vec![loopback(space.family)]));
    let kinds = [
        (DestinationKind::Local, hosts.clone()),
        (DestinationKind::Broadcast, broadcast),
        (DestinationKind::Multicast, groups),
        (DestinationKind::Unicast, hosts),
    ];
    let slice = |(kind, destinations): (DestinationKind, Ranges)| {
        let more = [
            one(Field::DestinationKind, kind.value()),
            (Space::axis(Field::Destination), space.intern(Field::Destination, &destinations)),
        ];
        let terms = common.iter().copied().chain(more);
        let terms = terms.filter(|(_, set)| *set != SetId::FULL);
        Cube::of(store, terms).map(Slice::of)
    };
    kinds.into_iter().filter_map(slice).collect()
}

pub(super) const BROADCAST: u128 = 0xffff_ffff;

/// Sources that the kernel takes for an error on any interface but the loopback.
pub(super) fn martians(family: Family) -> Ranges {
    Ranges::of(vec![loopback(family), multicast(family)])
}

/// The first and the last address of the host itself.
pub(super) fn loopback(family: Family) -> (u128, u128) {
    match family {
        Family::Ipv4 => (0x7f00_0000, 0x7fff_ffff),
        Family::Ipv6 => (1, 1),
    }
}

/// The first and the last address of those that are of one link only (RFC 3927, RFC 4291).
pub(super) fn link_local(family: Family) -> (u128, u128) {
    match family {
        Family::Ipv4 => (0xa9fe_0000, 0xa9fe_ffff),
        Family::Ipv6 => (0xfe80 << 112, (0xfec0 << 112) - 1),
    }
}

/// The first and the last address of groups.
pub(super) fn multicast(family: Family) -> (u128, u128) {
    match family {
        Family::Ipv4 => (0xe000_0000, 0xefff_ffff),
        Family::Ipv6 => (0xff << 120, u128::MAX),
    }
}

/// The flags of a segment that opens a connection: SYN without FIN, RST and ACK (`nf_conntrack_proto_tcp.c`).
pub(super) fn syn() -> Ranges {
    const MASK: u128 = 0x17;
    const SYN: u128 = 0x02;
    Ranges::of((0..=0xff).filter(|flags| flags & MASK == SYN).map(|flags| (flags, flags)).collect())
}

/// The messages that begin a flow of their own (`nf_conntrack_proto_icmp.c`, `nf_conntrack_proto_icmpv6.c`).
fn starting_icmp(family: Family) -> Ranges {
    let types: &[u128] = match family {
        Family::Ipv4 => &[8, 13, 15, 17],
        Family::Ipv6 => &[128, 139],
    };
    Ranges::of(types.iter().map(|kind| (kind << 8, kind << 8 | 0xff)).collect())
}
