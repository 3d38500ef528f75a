//! The protocols that have ports.

/// A protocol that has ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Transport {
    /// IP protocol 6.
    Tcp,
    /// IP protocol 17.
    Udp,
    /// IP protocol 132.
    Sctp,
    /// IP protocol 33.
    Dccp,
    /// IP protocol 136.
    UdpLite,
}

impl Transport {
    /// Every one of them.
    pub const ALL: [Transport; 5] =
        [Transport::Tcp, Transport::Udp, Transport::Sctp, Transport::Dccp, Transport::UdpLite];

    /// The transport with this IP protocol number.
    pub const fn of_protocol(protocol: u8) -> Option<Transport> {
        match protocol {
            6 => Some(Transport::Tcp),
            17 => Some(Transport::Udp),
            132 => Some(Transport::Sctp),
            33 => Some(Transport::Dccp),
            136 => Some(Transport::UdpLite),
            _ => None,
        }
    }

    /// Its IP protocol number.
    pub const fn protocol(self) -> u8 {
        match self {
            Transport::Tcp => 6,
            Transport::Udp => 17,
            Transport::Sctp => 132,
            Transport::Dccp => 33,
            Transport::UdpLite => 136,
        }
    }

    /// Its word in TOML, JSON and packet notation.
    pub const fn slug(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
            Transport::Sctp => "sctp",
            Transport::Dccp => "dccp",
            Transport::UdpLite => "udplite",
        }
    }
}

/// Some of the transports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Transports(u8);

impl Transports {
    /// None of them: a protocol without ports.
    pub const NONE: Transports = Transports(0);

    /// These.
    pub const fn of(transports: &[Transport]) -> Transports {
        let mut bits = 0;
        let mut at = 0;
        while at < transports.len() {
            bits |= 1 << transports[at] as u8;
            at += 1;
        }
        Transports(bits)
    }

    /// Whether `transport` is among them.
    pub const fn contains(self, transport: Transport) -> bool {
        self.0 & (1 << transport as u8) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Transport> {
        Transport::ALL.into_iter().filter(move |&it| self.contains(it))
    }
}
