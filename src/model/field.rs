/// A property of a packet that conditions can ask for. Each is a number from 0 to [`Field::last`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The transport protocol (IANA protocol numbers).
    Protocol,
    /// The destination port of TCP, UDP, UDP-Lite, SCTP and DCCP.
    DestinationPort,
    /// The source address.
    Source,
    /// The destination address.
    Destination,
    /// The source port.
    SourcePort,
    /// The interface it came in on.
    In,
    /// The interface it goes out on.
    Out,
    /// The connection tracking state: see [`State`].
    State,
    /// ICMP type and code: type × 256 + code.
    Icmp,
    /// The TCP flags: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128.
    TcpFlags,
    /// The kind of destination: see [`DestinationKind`].
    DestinationKind,
    /// 0 no fragment, 1 the first, 2 a later one.
    Fragment,
    /// Connection direction: 0 original, 1 reply.
    Direction,
    /// Address translation done to the connection: 1 the source, 2 the destination, 3 both.
    Translated,
    /// The packet mark (32 bits).
    Mark,
    /// The connection mark (32 bits).
    ConnectionMark,
    /// The destination address as it was before any translation.
    OriginalDestination,
    /// The destination port as it was before any translation.
    OriginalDestinationPort,
    /// The source address as it was before any translation.
    OriginalSource,
    /// The source port as it was before any translation.
    OriginalSourcePort,
}

impl Field {
    /// The largest value, but for addresses (their family decides) and interfaces (their ruleset does).
    pub const fn last(self) -> u128 {
        match self {
            Self::Protocol | Self::TcpFlags => 0xff,
            Self::DestinationPort
            | Self::SourcePort
            | Self::Icmp
            | Self::OriginalDestinationPort
            | Self::OriginalSourcePort => 0xffff,
            Self::Source | Self::Destination | Self::OriginalDestination | Self::OriginalSource => {
                u128::MAX
            }
            Self::In | Self::Out | Self::Mark | Self::ConnectionMark => u32::MAX as u128,
            Self::State => State::ALL.len() as u128 - 1,
            Self::DestinationKind => DestinationKind::ALL.len() as u128 - 1,
            Self::Fragment => 2,
            Self::Direction => 1,
            Self::Translated => 3,
        }
    }
}

/// The state of a packet's connection, as `ct state` sees it. Each packet has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// No connection can be made of it.
    Invalid,
    /// Part of a known connection.
    Established,
    /// Starts a connection that a known one announced, or an error about one.
    Related,
    /// Starts a connection.
    New,
    /// Not tracked.
    Untracked,
}

impl State {
    /// Every state, in the order of their numbers.
    pub const ALL: [Self; 5] =
        [Self::Invalid, Self::Established, Self::Related, Self::New, Self::Untracked];

    /// Its number as a value of [`Field::State`].
    pub const fn value(self) -> u128 {
        self as u128
    }
}

/// What a packet's destination is to this host (`enum rtn_type` in `linux/rtnetlink.h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DestinationKind {
    /// Some other host.
    Unicast,
    /// An address of this host.
    Local,
    /// A broadcast address.
    Broadcast,
    /// A group.
    Multicast,
    /// Any of the rest (unreachable, blackhole, …), which no packet on its way through has.
    Other,
}

impl DestinationKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 5] =
        [Self::Unicast, Self::Local, Self::Broadcast, Self::Multicast, Self::Other];

    /// Its number as a value of [`Field::DestinationKind`].
    pub const fn value(self) -> u128 {
        self as u128
    }
}
