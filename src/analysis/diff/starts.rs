//! The packets that are compared, as they start: those that begin a flow from outside, and all others.

use crate::{
    analysis::{Slice, Space, arrival, interfaces::Interfaces, slice::Beginning},
    model::{DestinationKind, Field, State},
    packets::{Axis, Ranges, SetId},
};

/// What sort of packets start together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// They begin a flow and arrive from outside.
    Flow,
    /// TCP that belongs to no known connection and asks for none: connection tracking takes some of it for new.
    MidStream,
    /// Of a known connection.
    Established,
    /// Announced by a known connection.
    Related,
    /// Connection tracking makes nothing of them.
    Invalid,
    /// From this host to itself.
    Loopback,
    /// From this host.
    Output,
}

/// Packets that start together.
#[derive(Debug, Clone)]
pub(super) struct Start {
    pub(super) class: Class,
    /// What connection tracking makes of them.
    pub(super) state: State,
    /// Whether translation is asked for them.
    pub(super) is_first: bool,
    pub(super) slice: Slice,
}

/// Everything that is compared; `output` also what this host sends. Where no rule asks for destinations, groups are treated
/// like hosts and left out.
pub(super) fn starts(space: &Space<'_>, output: bool, asks_destination: bool) -> Vec<Start> {
    let mut arriving = arrival::arriving(space);
    let kind = |it: DestinationKind| space.one(Field::DestinationKind, it.value());
    if !asks_destination {
        let hosts = [kind(DestinationKind::Local), kind(DestinationKind::Unicast)];
        arriving.retain(|slice| hosts.contains(&slice.sent(Field::DestinationKind)));
    }
    let mut starts = Vec::new();
    let mut add = |class, state: State, is_first, slice: Slice| {
        let state_set = Some(space.one(Field::State, state.value()));
        let slice = with(slice, &[(Space::axis(Field::State), state_set)]);
        starts.push(Start { class, state, is_first, slice });
    };
    let flags = space.intern(Field::TcpFlags, &arrival::syn());
    let others = space.store.minus(SetId::FULL, flags);
    let free = |slice: Slice| {
        let mut sides = vec![
            (Space::axis(Field::TcpFlags), None),
            (Space::axis(Field::Icmp), None),
            (Space::axis(Field::Translated), None),
        ];
        sides.extend(space.mark_axes(Field::ConnectionMark).map(|(axis, _)| (axis, None)));
        with(slice, &sides)
    };
    let reply = |slice: Slice| {
        let back = Some(space.one(Field::Direction, 1));
        Slice {
            beginning: Beginning::Unknown,
            ..with(slice, &[(Space::axis(Field::Direction), back)])
        }
    };
    for slice in &arriving {
        add(Class::Flow, State::New, true, slice.clone());
        let tcp = Some(space.one(Field::Protocol, 6));
        let odd =
            [(Space::axis(Field::Protocol), tcp), (Space::axis(Field::TcpFlags), Some(others))];
        add(Class::MidStream, State::New, true, with(slice.clone(), &odd));
        let known = free(slice.clone());
        add(Class::Established, State::Established, false, known.clone());
        add(Class::Established, State::Established, false, reply(known.clone()));
        add(Class::Related, State::Related, false, known.clone());
        // What was announced may be the first packet of a connection of its own.
        add(Class::Related, State::Related, true, known.clone());
        add(Class::Related, State::Related, false, reply(known));
        let nothing = with(
            slice.clone(),
            &[(Space::axis(Field::TcpFlags), None), (Space::axis(Field::Icmp), None)],
        );
        add(Class::Invalid, State::Invalid, false, nothing);
    }
    if let Some(host) =
        arriving.iter().find(|it| it.sent(Field::DestinationKind) == kind(DestinationKind::Local))
    {
        let lo = Some(space.one(Field::In, Interfaces::LOOPBACK));
        let own = [(Space::axis(Field::In), lo), (Space::axis(Field::Destination), None)];
        let own = with(host.clone(), &own);
        add(Class::Loopback, State::New, true, own.clone());
        add(Class::Loopback, State::Established, false, free(own));
        if output {
            let out = Ranges::range(0, space.interfaces.last())
                .minus(&Ranges::range(Interfaces::NONE, Interfaces::NONE));
            let sent = [
                (Space::axis(Field::In), Some(space.one(Field::In, Interfaces::NONE))),
                (Space::axis(Field::Out), Some(space.intern(Field::Out, &out))),
                (Space::axis(Field::DestinationKind), None),
                (Space::axis(Field::Destination), None),
            ];
            let sent = with(host.clone(), &sent);
            add(Class::Output, State::New, true, sent.clone());
            add(Class::Output, State::Established, false, free(sent.clone()));
            add(Class::Output, State::Established, false, reply(free(sent)));
        }
    }
    starts
}

fn with(mut slice: Slice, sides: &[(Axis, Option<SetId>)]) -> Slice {
    for (axis, set) in sides {
        let set = set.filter(|set| *set != SetId::FULL);
        slice.cube = std::mem::take(&mut slice.cube).replace(*axis, set);
    }
    slice
}
