//! Packets as bytes on a wire, with right checksums.
//!
//! Each bears a number by which it is known again: the IPv4 identification or the IPv6 flow label, and, for what the
//! kernel answers to TCP, the sequence numbers.

use fwlint::packets::{Address, Direction, Family, Icmp, Packet, Route, State};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What `host` is here.
pub(crate) const HOST: (Ipv4Addr, Ipv6Addr) =
    (Ipv4Addr::new(203, 0, 113, 77), Ipv6Addr::new(0x2001, 0xdb8, 0x77, 0, 0, 0, 0, 1));

/// The verification tags of every SCTP association, one for each direction.
pub(crate) const TAGS: [u32; 2] = [0x0a0b_0c0d, 0x0d0c_0b0a];

/// A packet with everything settled that must be for it to exist.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wire {
    pub(crate) protocol: u8,
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) flags: u8,
    pub(crate) icmp: (u8, u8),
    pub(crate) state: State,
    pub(crate) direction: Direction,
    pub(crate) mark: u32,
    /// Whether it comes in two fragments.
    pub(crate) in_pieces: bool,
}

impl Wire {
    /// The packet, what nobody said of it filled in; or why there is no such packet.
    pub(crate) fn of(packet: &Packet) -> Result<Self, &'static str> {
        let family = packet.family();
        if family == Family::Ipv6 && matches!(packet.protocol, 0 | 43 | 44 | 51 | 59 | 60) {
            return Err("the number is of an extension header of IPv6");
        }
        let address = |address: Address| match (address, family) {
            (Address::Literal(address), _) => address,
            (Address::Host, Family::Ipv4) => HOST.0.into(),
            (Address::Host, Family::Ipv6) => HOST.1.into(),
        };
        let usual = Icmp { kind: usual_type(packet), code: None };
        let icmp = packet.icmp.unwrap_or(usual);
        let is_output = matches!(packet.route, Route::Output { .. });
        let wire = Self {
            protocol: packet.protocol,
            source: address(packet.source.address),
            destination: address(packet.destination.address),
            source_port: packet.source.port.unwrap_or(40_000),
            destination_port: packet.destination.port.unwrap_or(9),
            flags: packet.flags.unwrap_or_default(),
            icmp: (icmp.kind, icmp.code.unwrap_or(0)),
            state: packet.state,
            direction: packet.direction,
            mark: packet.mark,
            in_pieces: false,
        };
        if packet.state == State::Invalid && !wire.can_be_invalid(is_output) {
            return Err("nothing makes such a packet invalid");
        }
        Ok(wire)
    }

    /// A packet that is sent to be seen on arrival, and for nothing else.
    pub(crate) fn last() -> Self {
        Self {
            protocol: 17,
            source: HOST.0.into(),
            destination: HOST.0.into(),
            source_port: 1,
            destination_port: 1,
            flags: 0,
            icmp: (0, 0),
            state: State::New,
            direction: Direction::Original,
            mark: 0,
            in_pieces: false,
        }
    }

    /// Whether something makes it invalid. Checksums are looked at on arrival only.
    fn can_be_invalid(&self, is_output: bool) -> bool {
        !self.opens() || !is_output && self.checksum_at().is_some() && self.protocol != 33
    }

    /// Whether it is new where no connection is known, by its flags or its type.
    fn opens(&self) -> bool {
        match (self.protocol, self.family()) {
            // Without PSH, ECE and CWR (`tcp_conntracks`): SYN without ACK, or ACK without SYN, FIN and RST.
            (6, _) => matches!(self.flags & 0x37, 0x02 | 0x22 | 0x10 | 0x30),
            (1, Family::Ipv4) => matches!(self.icmp.0, 8 | 13 | 15 | 17),
            (58, Family::Ipv6) => matches!(self.icmp.0, 128 | 139),
            (1 | 58, _) => false,
            _ => true,
        }
    }

    fn family(&self) -> Family {
        if self.source.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 }
    }

    /// Whether it is an error about another packet.
    pub(crate) fn is_icmp_error(&self) -> bool {
        match self.protocol {
            1 => matches!(self.icmp.0, 3 | 4 | 5 | 11 | 12),
            58 => (1..=4).contains(&self.icmp.0),
            _ => false,
        }
    }

    /// The packet from the network header on.
    pub(crate) fn packet(&self, number: u16) -> Vec<u8> {
        let mut transport = self.transport(number);
        if self.state == State::Invalid
            && self.opens()
            && let Some(at) = self.checksum_at()
        {
            transport[at] ^= 0x55;
        }
        self.network(number, self.protocol, &transport)
    }

    /// The packet in one frame or two, which bear its mark where the hardware address of the sender would be.
    pub(crate) fn frames(&self, number: u16, to: [u8; 6]) -> Vec<Vec<u8>> {
        let kind: u16 = if self.source.is_ipv4() { 0x0800 } else { 0x86dd };
        let mut head = to.to_vec();
        head.extend([2, 0]);
        // The rule that takes it takes the bytes as they are.
        head.extend(self.mark.to_ne_bytes());
        head.extend(kind.to_be_bytes());
        let packet = self.packet(number);
        let packets = if self.in_pieces { self.pieces(&packet) } else { vec![packet] };
        packets.into_iter().map(|packet| [&head[..], &packet].concat()).collect()
    }

    /// The packet in two fragments, of which the first has eight bytes.
    fn pieces(&self, packet: &[u8]) -> Vec<Vec<u8>> {
        const FIRST: usize = 8;
        let length = if self.source.is_ipv4() { 20 } else { 40 };
        let (header, payload) = packet.split_at(length);
        let (first, second) = payload.split_at(FIRST);
        // Offsets are in units of eight bytes.
        [(first, 0_u16, true), (second, 1, false)]
            .map(|(piece, offset, is_more)| {
                let mut bytes = header.to_vec();
                if self.source.is_ipv4() {
                    let total = u16::try_from(length + piece.len()).expect("packets are short");
                    let field = offset | if is_more { 0x2000 } else { 0 };
                    bytes[2..4].copy_from_slice(&total.to_be_bytes());
                    bytes[6..8].copy_from_slice(&field.to_be_bytes());
                    bytes[10..12].fill(0);
                    let sum = checksum(&bytes);
                    bytes[10..12].copy_from_slice(&sum.to_be_bytes());
                } else {
                    const FRAGMENT: u8 = 44;
                    let total = u16::try_from(8 + piece.len()).expect("packets are short");
                    let field = offset << 3 | u16::from(is_more);
                    bytes[4..6].copy_from_slice(&total.to_be_bytes());
                    bytes[6] = FRAGMENT;
                    bytes.extend([self.protocol, 0]);
                    bytes.extend(field.to_be_bytes());
                    bytes.extend([0, 0, 0, 1]);
                }
                bytes.extend(piece);
                bytes
            })
            .into()
    }

    fn network(&self, number: u16, protocol: u8, transport: &[u8]) -> Vec<u8> {
        let length = u16::try_from(transport.len()).expect("packets are short");
        let mut bytes = Vec::with_capacity(transport.len() + 40);
        match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                bytes.extend([0x45, 0]);
                bytes.extend((length + 20).to_be_bytes());
                bytes.extend(number.to_be_bytes());
                bytes.extend([0, 0, 64, protocol, 0, 0]);
                bytes.extend(source.octets());
                bytes.extend(destination.octets());
                let sum = checksum(&bytes);
                bytes[10..12].copy_from_slice(&sum.to_be_bytes());
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                bytes.extend((0x6000_0000 | u32::from(number)).to_be_bytes());
                bytes.extend(length.to_be_bytes());
                bytes.extend([protocol, 64]);
                bytes.extend(source.octets());
                bytes.extend(destination.octets());
            }
            _ => panic!("a packet has one family"),
        }
        bytes.extend(transport);
        bytes
    }

    fn ports(&self) -> Vec<u8> {
        [self.source_port.to_be_bytes(), self.destination_port.to_be_bytes()].concat()
    }

    fn transport(&self, number: u16) -> Vec<u8> {
        let mut bytes = match (self.protocol, self.family()) {
            (6, _) => {
                let sequence = u32::from(number) << 8;
                let mut bytes = self.ports();
                bytes.extend(sequence.to_be_bytes());
                bytes.extend(sequence.to_be_bytes());
                bytes.extend([0x50, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
                bytes
            }
            (17 | 136, _) => {
                let mut bytes = self.ports();
                bytes.extend([0, 16, 0, 0]);
                bytes.extend([0; 8]);
                bytes
            }
            (132, _) => self.association(),
            (33, _) => {
                let mut bytes = self.ports();
                // Offset, CCVal and coverage, checksum, a request with long sequence numbers.
                bytes.extend([5, 0, 0, 0, 0x01, 0]);
                bytes.extend([0, 0, 0, 0, 0, 1]);
                bytes.extend([0; 4]);
                bytes
            }
            (1, Family::Ipv4) | (58, Family::Ipv6) => self.message(number),
            (50, _) => [[0, 0, 1, 0], [0, 0, 0, 1], [0; 4], [0; 4]].concat(),
            (51, _) => [[59, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0; 4]].concat(),
            (47, _) => [[0, 0, 0x08, 0], [0; 4], [0; 4], [0; 4]].concat(),
            _ => vec![0; 16],
        };
        if self.protocol == 132 {
            let sum = crc32c(&bytes);
            bytes[8..12].copy_from_slice(&sum.to_le_bytes());
        } else if let Some(at) = self.checksum_at() {
            let mut summed = if self.protocol == 1 { Vec::new() } else { self.pseudo(&bytes) };
            summed.extend(&bytes);
            let sum = checksum(&summed);
            let sum = if sum == 0 && self.protocol == 17 { 0xffff } else { sum };
            bytes[at..at + 2].copy_from_slice(&sum.to_be_bytes());
        }
        bytes
    }

    fn checksum_at(&self) -> Option<usize> {
        match (self.protocol, self.family()) {
            (6, _) => Some(16),
            (17 | 136 | 33, _) => Some(6),
            (132, _) => Some(8),
            (1, Family::Ipv4) | (58, Family::Ipv6) => Some(2),
            _ => None,
        }
    }

    fn pseudo(&self, transport: &[u8]) -> Vec<u8> {
        let length = u32::try_from(transport.len()).expect("packets are short");
        let mut bytes = match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                [source.octets(), destination.octets()].concat()
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                [source.octets(), destination.octets()].concat()
            }
            _ => panic!("a packet has one family"),
        };
        bytes.extend(length.to_be_bytes());
        // Connection tracking sums UDP-Lite as if it were UDP (`udplite_error`), and calls the right sum invalid.
        let protocol = if self.protocol == 136 { 17 } else { self.protocol };
        bytes.extend([0, 0, 0, protocol]);
        bytes
    }

    /// SCTP: what opens an association, or data in one.
    fn association(&self) -> Vec<u8> {
        let mut bytes = self.ports();
        let is_known = matches!(self.state, State::Established);
        let tag = if is_known { TAGS[self.direction as usize] } else { 0 };
        bytes.extend(tag.to_be_bytes());
        bytes.extend([0; 4]);
        if is_known {
            bytes.extend([0, 3, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        } else {
            bytes.extend([1, 0, 0, 20]);
            bytes.extend(TAGS[0].to_be_bytes());
            bytes.extend([0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1]);
        }
        bytes
    }

    /// ICMP of either family; an error quotes [`Self::quoted`].
    fn message(&self, number: u16) -> Vec<u8> {
        let mut bytes = vec![self.icmp.0, self.icmp.1, 0, 0];
        if self.is_icmp_error() {
            bytes.extend([0; 4]);
            let quoted = self.quoted();
            bytes.extend(quoted.network(number, 17, &quoted.transport(number)));
        } else {
            bytes.extend(number.to_be_bytes());
            bytes.extend([0, 1]);
            bytes.extend([0; 16]);
        }
        bytes
    }

    /// The packet that an error is about: one that its receiver has sent to its sender.
    pub(crate) fn quoted(&self) -> Self {
        Self {
            protocol: 17,
            source: self.destination,
            destination: self.source,
            source_port: 5_000,
            destination_port: 5_001,
            state: State::New,
            ..*self
        }
    }
}

fn usual_type(packet: &Packet) -> u8 {
    let answers = packet.state == State::Established && packet.direction == Direction::Reply;
    match (packet.family(), packet.state) {
        (Family::Ipv4, State::Related) => 3,
        (Family::Ipv6, State::Related) => 1,
        (Family::Ipv4, _) => {
            if answers {
                0
            } else {
                8
            }
        }
        (Family::Ipv6, _) => {
            if answers {
                129
            } else {
                128
            }
        }
    }
}

/// The sum of the internet's protocols (RFC 1071).
pub(crate) fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes
        .chunks(2)
        .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)])));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).expect("it was folded")
}

/// The sum of SCTP (RFC 3309).
fn crc32c(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ POLYNOMIAL } else { sum >> 1 };
        }
    }
    !sum
}
