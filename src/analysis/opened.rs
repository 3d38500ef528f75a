//! What rules can open, in the words of the knowledge base: the values that [`super::openings`] makes.

use super::{RangeClass, Reach, Target};
use crate::{
    knowledge::{PortRange, ServiceId},
    model::Address,
    packets::Ranges,
};

/// Something that a rule opens, and to whom.
#[derive(Debug)]
pub struct Opening {
    /// Index in [`super::FamilyAnalysis::exposures`].
    pub exposure: usize,
    /// What.
    pub what: What,
    /// To whom.
    pub reach: Reach,
}

/// What is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Many ports, to whoever sends from one port.
    SourcePort {
        /// The transport.
        protocol: u8,
        /// The trusted source ports.
        from: Ranges,
        /// The ports that are open to them.
        open: Ranges,
        /// Where.
        target: Target,
    },
    /// All ports of these transports.
    Everything(Everything),
    /// Many ports in a row.
    Range(OpenRange),
    /// A port that IANA keeps free, written singly.
    Reserved {
        /// The transport.
        protocol: u8,
        /// The port.
        port: u16,
        /// What is known about it all the same.
        service: Option<ServiceId>,
    },
    /// A service.
    Service(OpenService),
    /// A port whose service uses another transport.
    Mismatch {
        /// The service.
        service: ServiceId,
        /// The transport that is open.
        protocol: u8,
        /// The port.
        port: u16,
    },
}

/// All ports, or nearly all, that a rule opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Everything {
    /// TCP, UDP or both.
    pub protocols: Vec<u8>,
    /// Whether no port is left out.
    pub whole: bool,
    /// Where.
    pub target: Target,
    /// Whether that holds on all interfaces, and between them.
    pub anywhere: bool,
}

/// A service that is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenService {
    /// Its entry.
    pub service: ServiceId,
    /// The protocol number.
    pub protocol: u8,
    /// The port that a client dials; `None` for a protocol without ports.
    pub port: Option<u16>,
    /// The address that a translation leads to, where it is one.
    pub translated_to: Option<Address>,
    /// The port that the packet has when it is let in, where a translation changed it.
    pub decided_port: Option<u16>,
    /// Whether it lies inside a longer run that is not opened for it.
    pub by_chance: bool,
    /// Whether it is how a host gets its address, or learns of its neighbours: from a fixed port, or to a group of the link.
    pub routine: bool,
    /// Whether the port is better known for something else.
    pub secondary: bool,
}

/// A range that is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRange {
    /// Which class of ports it opens whole.
    pub class: RangeClass,
    /// The transport.
    pub protocol: u8,
    /// The ports.
    pub ports: PortRange,
    /// How many of them are open; a few may be closed by other rules.
    pub opened: u32,
    /// Where.
    pub target: Target,
    /// How many of those have an entry.
    pub known: u32,
    /// The worst services among them, at most five.
    pub worst: Vec<(u16, ServiceId)>,
    /// The application or platform it is the customary range of.
    pub named: Option<&'static str>,
}
