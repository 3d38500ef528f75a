//! Ports in a row: where a run begins and ends, which class it is, and what is in it by chance.

use crate::{
    knowledge::{Facts, NamedRange, PortRange, RangeKind},
    packets::Ranges,
};

/// Holes up to this size do not keep a range from being one.
const HOLE: u128 = 16;

/// Which class of ports a range opens whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RangeClass {
    /// 1024-49151.
    Registered,
    /// 0-1023.
    WellKnown,
    /// 49152-65535, or the ephemeral ports of Linux, 32768-60999.
    Dynamic,
    /// None of them.
    Wide,
}

/// A value of a port axis, which has none past 65535.
pub(super) fn port_number(value: u128) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

pub(super) fn port_range(low: u128, high: u128) -> PortRange {
    PortRange { first: port_number(low), last: port_number(high) }
}

/// Whether a named range says what a range of this class is for. A platform's range is meant only by who opens nearly all
/// of it; the ephemeral ports are what FW123 is about.
pub(super) fn is_custom(named: &NamedRange, class: RangeClass, range: PortRange) -> bool {
    let Some(usual) = named.around(range) else { return false };
    match (class, named.kind) {
        (RangeClass::Dynamic, RangeKind::Application) => true,
        (RangeClass::Wide, RangeKind::Application) => usual.count() <= range.count() * 100,
        (RangeClass::Wide, RangeKind::Platform) => range.count() >= usual.count() / 10 * 9,
        _ => false,
    }
}

pub(super) fn class(low: u128, high: u128) -> RangeClass {
    let covers = |first: u128, last: u128| low <= first && last <= high;
    // Who begins at 1025 means the ports above those of the system, too.
    if covers(1025, 49151) {
        RangeClass::Registered
    } else if covers(1, 1023) {
        RangeClass::WellKnown
    } else if covers(49152, 65535) || covers(32768, 60999) {
        RangeClass::Dynamic
    } else {
        RangeClass::Wide
    }
}

/// The runs of a set with small holes filled.
pub(super) fn joined(ports: &Ranges) -> Vec<(u128, u128)> {
    let mut runs: Vec<(u128, u128)> = Vec::new();
    for (low, high) in ports.as_slice() {
        match runs.last_mut() {
            Some(last) if low - last.1 <= HOLE => last.1 = *high,
            _ => runs.push((*low, *high)),
        }
    }
    runs
}

/// Whether a service is in a run only because it lies there: neither its beginning nor a good part of it.
pub(super) fn is_by_chance(service: Facts<'_>, port: u16, run: PortRange) -> bool {
    const SHORT: u32 = 3;
    let own = service.ports.iter().filter(|it| it.overlaps(run)).map(|it| {
        PortRange { first: it.first.max(run.first), last: it.last.min(run.last) }.count()
    });
    run.count() >= SHORT && port != run.first && own.sum::<u32>() * 2 < run.count()
}

#[cfg(test)]
mod tests {
    use super::{RangeClass, class, joined};
    use crate::packets::Ranges;

    #[test]
    fn a_range_is_called_after_the_widest_class_it_opens() {
        assert_eq!(class(0, 65535), RangeClass::Registered);
        assert_eq!(class(1, 1023), RangeClass::WellKnown);
        assert_eq!(class(32768, 61000), RangeClass::Dynamic);
        assert_eq!(class(1025, 49151), RangeClass::Registered);
        assert_eq!(class(1026, 49151), RangeClass::Wide);
        assert_eq!(class(1024, 49150), RangeClass::Wide);
        assert_eq!(class(5000, 65535), RangeClass::Dynamic);
        assert_eq!(class(10000, 65535), RangeClass::Dynamic);
        assert_eq!(class(5000, 9999), RangeClass::Wide);
    }

    #[test]
    fn a_closed_port_does_not_split_a_range() {
        let ports = Ranges::of(vec![(1024, 3305), (3307, 65535), (22, 22)]);
        assert_eq!(joined(&ports), [(22, 22), (1024, 65535)]);
    }
}
