//! Connections that are known before their packets come, made with conntrack's own netlink.
//!
//! Each packet has a zone of its own, which is its number, so that none meets the connection of another.

use super::{
    frame::{TAGS, Wire},
    netlink::{CREATE, Message, Socket, errors},
};
use fwlint::packets::{Direction, State};
use nix::{libc, sys::socket::SockProtocol};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

const NEW: u16 = 1 << 8;
const DELETE: u16 = 1 << 8 | 2;

const TUPLE_ORIGINAL: u16 = 1;
const TUPLE_REPLY: u16 = 2;
const STATUS: u16 = 3;
const PROTOCOL_STATE: u16 = 4;
const TIMEOUT: u16 = 7;
const HELP: u16 = 5;
const ZONE: u16 = 18;

/// How long connections are remembered.
const SECONDS: u32 = 600;

/// The zone of a packet. The rule that gives it takes the bytes as they are on the wire.
fn zone(number: u16) -> [u8; 2] {
    u16::from_ne_bytes(number.to_be_bytes()).to_be_bytes()
}

/// The connections of a namespace.
pub(crate) struct Connections {
    socket: Socket,
    waiting: Vec<u8>,
}

/// One direction of a connection.
#[derive(Debug, Clone, Copy)]
struct Tuple {
    protocol: u8,
    source: IpAddr,
    destination: IpAddr,
    source_port: u16,
    destination_port: u16,
    icmp: (u8, u8),
}

impl Tuple {
    fn family(self) -> u8 {
        let family = if self.source.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
        u8::try_from(family).expect("a small family")
    }

    fn of(wire: &Wire) -> Self {
        Self {
            protocol: wire.protocol,
            source: wire.source,
            destination: wire.destination,
            source_port: wire.source_port,
            destination_port: wire.destination_port,
            icmp: wire.icmp,
        }
    }

    fn reversed(self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            source_port: self.destination_port,
            destination_port: self.source_port,
            icmp: (answer(self.protocol, self.icmp.0), self.icmp.1),
            ..self
        }
    }

    fn write(self, message: &mut Message, kind: u16, number: u16) {
        const ADDRESSES: u16 = 1;
        const PROTOCOL: u16 = 2;
        message.nest(kind, |tuple| {
            tuple.nest(ADDRESSES, |it| match (self.source, self.destination) {
                (IpAddr::V4(source), IpAddr::V4(destination)) => {
                    it.attribute(1, &source.octets()).attribute(2, &destination.octets());
                }
                (IpAddr::V6(source), IpAddr::V6(destination)) => {
                    it.attribute(3, &source.octets()).attribute(4, &destination.octets());
                }
                _ => panic!("a connection has one family"),
            });
            tuple.nest(PROTOCOL, |it| {
                it.attribute(1, &[self.protocol]);
                let icmp = match (self.protocol, self.source.is_ipv4()) {
                    (1, true) => Some(4),
                    (58, false) => Some(7),
                    _ => None,
                };
                if let Some(first) = icmp {
                    it.attribute(first, &number.to_be_bytes());
                    it.attribute(first + 1, &[self.icmp.0]).attribute(first + 2, &[self.icmp.1]);
                } else if matches!(self.protocol, 6 | 17 | 132 | 136) {
                    it.attribute(2, &self.source_port.to_be_bytes());
                    it.attribute(3, &self.destination_port.to_be_bytes());
                } else {
                    it.attribute(2, &[0; 2]).attribute(3, &[0; 2]);
                }
            });
        });
    }
}

/// The type of ICMP that answers another.
fn answer(protocol: u8, kind: u8) -> u8 {
    const PAIRS: [(u8, u8, u8); 6] =
        [(1, 8, 0), (1, 13, 14), (1, 15, 16), (1, 17, 18), (58, 128, 129), (58, 139, 140)];
    let of_it = PAIRS.iter().filter(|(of, ..)| *of == protocol);
    let mut other = of_it.filter_map(|(_, one, other)| match kind {
        it if it == *one => Some(*other),
        it if it == *other => Some(*one),
        _ => None,
    });
    other.next().unwrap_or(kind)
}

impl Connections {
    pub(crate) fn open() -> io::Result<Self> {
        let socket = Socket::open(SockProtocol::NetlinkNetFilter, 0)?;
        Ok(Self { socket, waiting: Vec::new() })
    }

    /// Forgets every connection.
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        self.socket.ask(Message::netfilter(DELETE, 0, 0, 0))
    }

    /// Makes known what the state of a packet says is.
    pub(crate) fn know(&mut self, wire: &Wire, number: u16) {
        if !matches!(wire.state, State::Established | State::Related) {
            return;
        }
        let packet = Tuple::of(&if wire.is_icmp_error() { wire.quoted() } else { *wire });
        // What an error quotes goes the other way than the error.
        let is_against = (wire.direction == Direction::Reply) != wire.is_icmp_error();
        let original = if is_against { packet.reversed() } else { packet };
        if wire.state == State::Established || wire.is_icmp_error() {
            self.make(original, number, None);
            return;
        }
        self.expect(original, number);
    }

    /// Makes a connection that has announced another, which its first packet is then the first of.
    fn expect(&mut self, expected: Tuple, number: u16) {
        const EXPECT: u16 = 2 << 8;
        const MASTER: u16 = 1;
        const TUPLE: u16 = 2;
        const MASK: u16 = 3;
        const TIMEOUT: u16 = 4;
        const ZONE: u16 = 7;
        let control = Tuple { protocol: 6, source_port: 6_000, destination_port: 21, ..expected };
        self.make(control, number, Some("ftp"));
        let ones = |it: IpAddr| -> IpAddr {
            if it.is_ipv4() {
                Ipv4Addr::BROADCAST.into()
            } else {
                Ipv6Addr::from_bits(u128::MAX).into()
            }
        };
        let mask = Tuple {
            source: ones(expected.source),
            destination: ones(expected.destination),
            source_port: u16::MAX,
            destination_port: u16::MAX,
            ..expected
        };
        let mut message = Message::netfilter(EXPECT, CREATE, expected.family(), 0);
        control.write(&mut message, MASTER, number);
        expected.write(&mut message, TUPLE, number);
        mask.write(&mut message, MASK, u16::MAX);
        message.attribute(TIMEOUT, &SECONDS.to_be_bytes());
        message.attribute(ZONE, &zone(number));
        self.waiting.extend(message.bytes());
    }

    fn make(&mut self, original: Tuple, number: u16, helper: Option<&str>) {
        /// `IPS_SEEN_REPLY`, `IPS_ASSURED`, `IPS_CONFIRMED`
        const KNOWN: u32 = 0x0e;
        let mut message = Message::netfilter(NEW, CREATE, original.family(), 0);
        original.write(&mut message, TUPLE_ORIGINAL, number);
        original.reversed().write(&mut message, TUPLE_REPLY, number);
        message.attribute(STATUS, &KNOWN.to_be_bytes());
        message.attribute(TIMEOUT, &SECONDS.to_be_bytes());
        message.attribute(ZONE, &zone(number));
        protocol_state(&mut message, original.protocol);
        if let Some(name) = helper {
            let name = [name.as_bytes(), &[0]].concat();
            message.nest(HELP, |it| {
                it.attribute(1, &name);
            });
        }
        self.waiting.extend(message.bytes());
    }

    /// Tells the kernel what it is to know.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        const MOST: usize = 1 << 16;
        let mut rest = std::mem::take(&mut self.waiting);
        while !rest.is_empty() {
            let mut end = 0;
            while end < rest.len() && end < MOST {
                let length = rest[end..end + 4].try_into().expect("four bytes");
                end += u32::from_ne_bytes(length) as usize;
            }
            self.socket.send(&rest[..end])?;
            rest.drain(..end);
            let refused: Vec<_> = errors(self.socket.waiting()?).collect();
            if let Some(error) = refused.into_iter().find_map(Result::err) {
                return Err(io::Error::other(format!("a connection is refused: {error}")));
            }
        }
        Ok(())
    }
}

fn protocol_state(message: &mut Message, protocol: u8) {
    const TCP: u16 = 1;
    const SCTP: u16 = 3;
    /// `TCP_CONNTRACK_ESTABLISHED`, `SCTP_CONNTRACK_ESTABLISHED`
    const ESTABLISHED: [u8; 2] = [3, 4];
    /// `IP_CT_TCP_FLAG_BE_LIBERAL`: no sequence number is out of the window.
    const LIBERAL: [u8; 2] = [0x08, 0x08];
    message.nest(PROTOCOL_STATE, |state| match protocol {
        6 => {
            state.nest(TCP, |it| {
                it.attribute(1, &ESTABLISHED[..1]).attribute(4, &LIBERAL).attribute(5, &LIBERAL);
            });
        }
        132 => {
            state.nest(SCTP, |it| {
                it.attribute(1, &ESTABLISHED[1..]);
                it.attribute(2, &TAGS[0].to_be_bytes()).attribute(3, &TAGS[1].to_be_bytes());
            });
        }
        _ => {}
    });
}
