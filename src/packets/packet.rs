//! One packet, as far as somebody says what it is.

use std::net::IpAddr;

/// A packet whose fields fit together. See [`Packet::new`] for what does not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Packet {
    fields: Fields,
    family: Family,
}

/// What can be said of a packet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fields {
    /// The transport protocol (IANA protocol numbers).
    pub protocol: u8,
    /// Who sends it.
    pub source: End,
    /// Whom it is sent to.
    pub destination: End,
    /// Where it comes in and goes out.
    pub route: Route,
    /// What connection tracking makes of it.
    pub state: State,
    /// Which way of its connection it goes.
    pub direction: Direction,
    /// The TCP flags: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. A [`Packet`] of TCP always has them.
    pub flags: Option<u8>,
    /// The ICMP or `ICMPv6` type; `None` where it is not known.
    pub icmp: Option<Icmp>,
    /// The mark it bears as it comes.
    pub mark: u32,
}

/// One side of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct End {
    /// The address.
    pub address: Address,
    /// The port; `None` where the protocol has none or it is not known.
    pub port: Option<u16>,
}

/// An address, or word of whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Address {
    /// This one.
    Literal(IpAddr),
    /// One of this host's own, not further known.
    Host,
}

/// A packet's way by the interfaces it passes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Route {
    /// To this host.
    Input {
        /// The interface it comes in on.
        from: Interface,
    },
    /// Through this host.
    Forward {
        /// The interface it comes in on.
        from: Interface,
        /// The interface it goes out on.
        to: Interface,
    },
    /// From this host.
    Output {
        /// The interface it goes out on.
        to: Interface,
    },
}

/// A name that the kernel lets an interface have (`dev_valid_name`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Interface(String);

/// What connection tracking makes of a packet. Each has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum State {
    /// It starts a connection.
    #[default]
    New,
    /// It is part of a known one.
    Established,
    /// It starts one that a known one announced, or is an error about one.
    Related,
    /// No connection can be made of it.
    Invalid,
    /// It is not looked at.
    Untracked,
}

/// The way of a connection that a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Direction {
    /// As the first packet went.
    #[default]
    Original,
    /// Back.
    Reply,
}

/// A type of ICMP or `ICMPv6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Icmp {
    /// The type.
    pub kind: u8,
    /// The code; `None` where it is not known.
    pub code: Option<u8>,
}

/// An address family of packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

/// Fields that no packet has together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contradiction {
    /// The source is of one family, the destination of the other.
    TwoFamilies,
    /// Both sides are this host, and nothing tells which family they speak.
    NoFamily,
    /// The source has a port, and the protocol has none.
    SourcePort,
    /// The destination has a port, and the protocol has none.
    DestinationPort,
    /// TCP flags on what is not TCP.
    Flags,
    /// A type on what is not ICMP of the packet's family.
    Icmp,
    /// A reply to what no connection is known of.
    Reply,
}

impl Packet {
    /// The packet with these fields. TCP without flags gets SYN when it is new, else ACK.
    ///
    /// # Errors
    /// Where two fields contradict each other.
    pub fn new(mut fields: Fields) -> Result<Self, Contradiction> {
        let family = family(&fields)?;
        if !has_ports(fields.protocol) {
            if fields.source.port.is_some() {
                return Err(Contradiction::SourcePort);
            }
            if fields.destination.port.is_some() {
                return Err(Contradiction::DestinationPort);
            }
        }
        let is_tcp = fields.protocol == TCP;
        if fields.flags.is_some() && !is_tcp {
            return Err(Contradiction::Flags);
        }
        if fields.icmp.is_some() && !is_icmp(fields.protocol, family) {
            return Err(Contradiction::Icmp);
        }
        let is_known = matches!(fields.state, State::Established | State::Related);
        if fields.direction == Direction::Reply && !is_known {
            return Err(Contradiction::Reply);
        }
        if is_tcp && fields.flags.is_none() {
            fields.flags = Some(usual_flags(fields.state));
        }
        Ok(Self { fields, family })
    }

    /// The family its addresses are of.
    pub const fn family(&self) -> Family {
        self.family
    }
}

impl std::ops::Deref for Packet {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.fields
    }
}

fn family(fields: &Fields) -> Result<Family, Contradiction> {
    let of = |end: End| match end.address {
        Address::Literal(IpAddr::V4(_)) => Some(Family::Ipv4),
        Address::Literal(IpAddr::V6(_)) => Some(Family::Ipv6),
        Address::Host => None,
    };
    match (of(fields.source), of(fields.destination)) {
        (Some(source), Some(destination)) if source != destination => {
            Err(Contradiction::TwoFamilies)
        }
        (Some(family), _) | (None, Some(family)) => Ok(family),
        (None, None) if fields.protocol == ICMP => Ok(Family::Ipv4),
        (None, None) if fields.protocol == ICMPV6 => Ok(Family::Ipv6),
        (None, None) => Err(Contradiction::NoFamily),
    }
}

pub(super) const ICMP: u8 = 1;
const TCP: u8 = 6;
pub(super) const ICMPV6: u8 = 58;

/// Whether the protocol is one that begins with two ports: TCP, UDP, DCCP, SCTP, UDP-Lite.
pub const fn has_ports(protocol: u8) -> bool {
    matches!(protocol, TCP | 17 | 33 | 132 | 136)
}

/// Whether the protocol is the ICMP of that family.
pub const fn is_icmp(protocol: u8, family: Family) -> bool {
    matches!((protocol, family), (ICMP, Family::Ipv4) | (ICMPV6, Family::Ipv6))
}

/// The flags of a segment of which nobody says more than its state.
pub(super) const fn usual_flags(state: State) -> u8 {
    const SYN: u8 = 0x02;
    const ACK: u8 = 0x10;
    if matches!(state, State::New) { SYN } else { ACK }
}

impl Interface {
    /// The name; `None` where the kernel gives it to no interface.
    pub fn new(name: &str) -> Option<Self> {
        const LONGEST: usize = 15;
        let is_name = (1..=LONGEST).contains(&name.len())
            && name != "."
            && name != ".."
            && !name.contains(|it: char| matches!(it, '/' | ':') || it.is_whitespace());
        is_name.then(|| Self(name.to_owned()))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Route {
    /// The interface the packet comes in on; `None` where this host sends it.
    pub const fn from(&self) -> Option<&Interface> {
        match self {
            Self::Input { from } | Self::Forward { from, .. } => Some(from),
            Self::Output { .. } => None,
        }
    }

    /// The interface it goes out on; `None` where it is for this host.
    pub const fn to(&self) -> Option<&Interface> {
        match self {
            Self::Forward { to, .. } | Self::Output { to } => Some(to),
            Self::Input { .. } => None,
        }
    }
}
