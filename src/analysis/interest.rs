//! Which rules are worth the walk: a check of a hundred thousand rules asks only about those that may be reported.

use super::{Space, reach};
use crate::{
    knowledge::{Knowledge, Risk, Transport},
    model::Field,
    packets::{SetId, Term, side},
};

/// What an analysis is for.
#[derive(Debug, Clone, Copy)]
pub enum Interest<'k> {
    /// Everything that is let in.
    Everything,
    /// What a lint about services may report.
    Known {
        /// What has an entry here,
        knowledge: &'k Knowledge,
        /// or is more than so many ports in a row.
        wide: u16,
        /// Whether the faintest findings are wanted too.
        audit: bool,
    },
    /// The same, with every known port whoever may send to it, and with all that the policies let in.
    Overview {
        /// What has an entry here,
        knowledge: &'k Knowledge,
        /// or is more than so many ports in a row.
        wide: u16,
    },
}

impl Interest<'_> {
    /// Whether what an accepting rule with these conditions lets in is asked for.
    pub(super) fn asks(&self, space: &Space<'_>, terms: &[Term]) -> bool {
        let (knowledge, wide, audit) = match *self {
            Self::Everything => return true,
            Self::Known { knowledge, wide, audit } => (knowledge, wide, audit),
            Self::Overview { knowledge, wide } => (knowledge, wide, false),
        };
        let set = |field| side(terms, Space::condition_axis(field));
        let Some(ports) = set(Field::DestinationPort) else {
            // All ports of a transport, or a protocol without any.
            let only = set(Field::Protocol).and_then(|set| space.only(Field::Protocol, set));
            let Some(protocol) = only.and_then(|it| u8::try_from(it).ok()) else { return true };
            return Transport::of_protocol(protocol).is_some()
                || knowledge.protocol_service(protocol).is_some();
        };
        // A few sources lower what is found by two steps: of anything less than high nothing is left.
        let few = set(Field::Source).is_some_and(|sources| reach::is_few(space, sources));
        let faint = audit || matches!(self, Self::Overview { .. });
        let least = if few && !faint { Risk::High } else { Risk::Info };
        if space.size(Field::DestinationPort, ports) > wide.into() {
            // So do addresses that nobody elsewhere can send to; one range that is no whole class is a warning at most.
            let one = space.ranges(Field::DestinationPort, ports).as_slice().len() == 1;
            let on_link = set(Field::Source).is_none()
                && set(Field::Destination)
                    .is_some_and(|it| !space.store.overlaps(it, space.global));
            return audit || !one || !(few || on_link) || holds_class(space, ports);
        }
        if let Some(port) = space.only(Field::DestinationPort, ports) {
            return u16::try_from(port).is_ok_and(|port| is_known(knowledge, port, least));
        }
        let ranges = space.ranges(Field::DestinationPort, ports);
        let mut ports = ranges.as_slice().iter().flat_map(|(low, high)| *low..=*high);
        ports.any(|port| u16::try_from(port).is_ok_and(|port| is_known(knowledge, port, least)))
    }
}

/// Whether a class of ports that is an error to open is among them (FW121, FW122).
fn holds_class(space: &Space<'_>, ports: SetId) -> bool {
    [(1, 1023), (1024, 49151)].into_iter().any(|(low, high)| {
        space.store.is_subset(space.range(Field::DestinationPort, low, high), ports)
    })
}

fn is_known(knowledge: &Knowledge, port: u16, least: Risk) -> bool {
    if least == Risk::Info && matches!(port, 0 | 1021..=1024 | 49151) {
        return true;
    }
    knowledge.worst_at(port).is_some_and(|risk| risk >= least)
}
