use super::{Listening, Sockets, Sysctl, Written, config::Spot};
use crate::{
    knowledge::{PortRange, Transport},
    model::{Address, Family, InterfaceName},
    packets::Ranges,
};
use std::{fmt, ops::RangeInclusive, path::PathBuf};

/// What the user says should be so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expect {
    /// The ports that are meant to be open to the public; `None` where nothing is said about that.
    pub public: Option<Vec<Ports>>,
    /// Where it is said.
    pub public_spot: Option<Spot>,
    /// Who must reach what.
    pub groups: Vec<Group>,
    /// Packets and what becomes of them.
    pub packets: Vec<ExpectedPacket>,
}

impl Expect {
    /// Whether a port is declared to be public.
    pub fn declares(&self, protocol: u8, port: u16) -> bool {
        let mut declared = self.public.iter().flatten();
        declared.any(|it| it.transport.protocol() == protocol && it.ports.contains(port))
    }

    /// The ports of a protocol that are declared to be public.
    pub fn public_ports(&self, protocol: u8) -> Ranges {
        let own = self.public.iter().flatten().filter(|it| it.transport.protocol() == protocol);
        Ranges::of(own.map(|it| (it.ports.first.into(), it.ports.last.into())).collect())
    }
}

/// Ports of one transport; displays as it is written: `tcp/443`, `udp/6000-6063`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// The transport.
    pub transport: Transport,
    /// The ports.
    pub ports: PortRange,
}

impl fmt::Display for Ports {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PortRange { first, last } = self.ports;
        write!(formatter, "{}/{first}", self.transport.slug())?;
        if first == last { Ok(()) } else { write!(formatter, "-{last}") }
    }
}

/// Somebody who must reach something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What the user calls it, and where.
    pub name: Written<String>,
    /// The zone they are in.
    pub from: String,
    /// What they must reach.
    pub must_reach: Vec<Ports>,
}

/// A packet and what should become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedPacket {
    /// What the user calls it.
    pub name: Written<String>,
    /// The packet, as it is written.
    pub packet: Written<String>,
    /// What should become of it.
    pub verdict: ExpectedVerdict,
}

/// What should become of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedVerdict {
    /// It passes.
    Accept,
    /// It is thrown away.
    Drop,
    /// It is thrown away, and its sender is told.
    Reject,
}

impl ExpectedVerdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Drop, Self::Reject];

    /// The word of the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Drop => "drop",
            Self::Reject => "reject",
        }
    }
}

/// A host, as far as its rules do not say what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// What the user calls it.
    pub name: Written<String>,
    /// The files it loads.
    pub files: Vec<Written<PathBuf>>,
    /// Its own addresses.
    pub addresses: Vec<Address>,
    /// The interfaces it has; none for not known.
    pub interfaces: Vec<InterfaceName>,
    /// The families it speaks; none for not known.
    pub families: Vec<Family>,
    /// Whether it forwards packets; `None` for not said.
    pub forwarding: Option<bool>,
    /// What its kernel is told.
    pub sysctl: Sysctl,
    /// Where its programs listen; `None` for not known.
    pub sockets: Option<Sockets>,
}

impl Host {
    /// Whether it forwards packets of a family; `None` for not known.
    pub fn forwards(&self, family: Family) -> Option<bool> {
        self.sysctl.forwarding(family).or(self.forwarding)
    }

    /// Whether a program listens at one of these ports for packets from outside.
    pub fn listening(&self, family: Family, protocol: u8, ports: RangeInclusive<u16>) -> Listening {
        let sockets = self.sockets.as_ref();
        sockets.map_or(Listening::Unknown, |it| it.listening(family, protocol, ports))
    }
}
