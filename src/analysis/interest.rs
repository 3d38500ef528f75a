//! Which rules are worth the walk: a check of a hundred thousand rules asks only about those that may be reported.

use super::Space;
use crate::{
    knowledge::{Knowledge, Transport},
    model::Field,
    packets::Term,
};

/// What an analysis is for.
#[derive(Debug, Clone, Copy)]
pub enum Interest<'k> {
    /// Everything that is let in.
    Everything,
    /// What has an entry in the knowledge base, or is more than so many ports in a row.
    Known(&'k Knowledge, u16),
}

impl Interest<'_> {
    /// Whether what an accepting rule with these conditions lets in is asked for.
    pub(super) fn asks(&self, space: &Space<'_>, terms: &[Term]) -> bool {
        let Self::Known(knowledge, wide) = *self else { return true };
        let set = |field: Field| {
            terms.iter().find(|term| term.0 == Space::condition_axis(field)).map(|term| term.1)
        };
        let Some(ports) = set(Field::DestinationPort) else { return true };
        if space.size(Field::DestinationPort, ports) > wide.into() {
            return true;
        }
        if let Some(port) = space.only(Field::DestinationPort, ports) {
            return u16::try_from(port).is_ok_and(|port| is_known(knowledge, port));
        }
        let ranges = space.ranges(Field::DestinationPort, ports);
        let mut ports = ranges.as_slice().iter().flat_map(|(low, high)| *low..=*high);
        ports.any(|port| u16::try_from(port).is_ok_and(|port| is_known(knowledge, port)))
    }
}

fn is_known(knowledge: &Knowledge, port: u16) -> bool {
    let at = |transport: Transport| knowledge.services_at(transport.protocol(), port).next();
    matches!(port, 0 | 1021..=1024 | 49151) || Transport::ALL.into_iter().any(|it| at(it).is_some())
}
