//! What every start needs of an entry, and nothing that has to be parsed.

use super::{Category, Confidence, Risk, Transport, Transports};

/// An entry of the knowledge base, by its place in the sorted table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u32);

/// Ports from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

impl PortRange {
    /// Whether `port` is one of them.
    pub const fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }

    /// Whether the two have a port in common.
    pub const fn overlaps(self, other: PortRange) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// How many they are.
    pub const fn count(self) -> u32 {
        self.last as u32 - self.first as u32 + 1
    }
}

/// An entry without its sentences.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Unique and stable: `finger`, `domain-udp`.
    pub id: &'a str,
    /// What people call it: `finger`, `redis`.
    pub service: &'a str,
    /// Over what; none for a protocol without ports.
    pub transports: Transports,
    /// Where, sorted; none for a protocol without ports.
    pub ports: &'a [PortRange],
    /// The IP protocol, for one without ports.
    pub protocol: Option<u8>,
    /// What kind of risk it is.
    pub category: Category,
    /// How bad it is in anybody's reach.
    pub risk: Risk,
    /// How far the number can be trusted.
    pub confidence: Confidence,
    /// Whether it names the ports it shares with others.
    pub primary: bool,
    /// Whether it is shown in persona audit only.
    pub audit_only: bool,
}

/// Consecutive ports with the same services, the primary one first, as numbers of [`ServiceId`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) ports: PortRange,
    pub(super) services: &'static [u32],
}

/// A row of the index: short, because there are many.
#[expect(clippy::too_many_arguments, reason = "a row of a table has as many columns as it needs")]
pub(super) const fn row(
    id: &'static str,
    service: &'static str,
    transports: &[Transport],
    ports: &'static [PortRange],
    category: Category,
    risk: Risk,
    confidence: Confidence,
    flags: u8,
) -> Facts<'static> {
    Facts {
        id,
        service,
        transports: Transports::of(transports),
        ports,
        protocol: None,
        category,
        risk,
        confidence,
        primary: flags & PRIMARY != 0,
        audit_only: flags & AUDIT != 0,
    }
}

/// A row of the index for a protocol without ports.
pub(super) const fn protocol(
    id: &'static str,
    service: &'static str,
    protocol: u8,
    category: Category,
    risk: Risk,
    confidence: Confidence,
) -> Facts<'static> {
    let facts = row(id, service, &[], &[], category, risk, confidence, 0);
    Facts { protocol: Some(protocol), ..facts }
}

/// Flag of a row: names the ports it shares.
pub(super) const PRIMARY: u8 = 1;
/// Flag of a row: for persona audit.
pub(super) const AUDIT: u8 = 2;

/// The ports from `first` to `last`.
pub(super) const fn range(first: u16, last: u16) -> PortRange {
    PortRange { first, last }
}

/// The ports of a segment and the services at each of them.
pub(super) const fn segment(first: u16, last: u16, services: &'static [u32]) -> Segment {
    Segment { ports: range(first, last), services }
}
