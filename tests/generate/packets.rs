//! Packets that look for the corners of a rule set: its own addresses and ports, and those beside them.

use super::INTERFACES;
use crate::numbers::Numbers;
use fwlint::packets::{
    Address, Direction, End, Fields, Icmp, Interface, Packet, Route, State, has_ports,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a rule set speaks of.
pub(crate) struct Constants {
    four: [Vec<u32>; 2],
    six: [Vec<u128>; 2],
    ports: [Vec<u16>; 2],
}

impl Constants {
    /// The addresses and ports in the texts, and in lists of their own those on either side.
    pub(crate) fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let (mut four, mut six, mut ports) = (
            [vec![0xc633_6407, 0xc000_0201], Vec::new()],
            [Vec::new(), Vec::new()],
            [vec![1], vec![40_000]],
        );
        for address in ["2001:db8::7", "2001:db8:1::1"] {
            six[0].push(address.parse::<Ipv6Addr>().expect("an address").to_bits());
        }
        let is_part = |it: char| it.is_ascii_hexdigit() || matches!(it, '.' | ':' | '/');
        for word in texts.into_iter().flat_map(|it| it.split(move |it| !is_part(it))) {
            let (address, length) = word.split_once('/').unwrap_or((word, ""));
            let length = length.parse::<u32>().ok();
            if let Ok(address) = address.parse::<Ipv4Addr>() {
                let host = 32 - length.unwrap_or(32).min(32);
                let size = 1_u32.checked_shl(host).map_or(u32::MAX, |it| it - 1);
                let low = address.to_bits();
                four[0].extend([low, low | size]);
                four[1].extend([low.wrapping_sub(1), (low | size).wrapping_add(1)]);
            } else if let Ok(address) = address.parse::<Ipv6Addr>() {
                let host = 128 - length.unwrap_or(128).min(128);
                let size = 1_u128.checked_shl(host).map_or(u128::MAX, |it| it - 1);
                let low = address.to_bits();
                six[0].extend([low, low | size]);
                six[1].extend([low.wrapping_sub(1), (low | size).wrapping_add(1)]);
            } else {
                for port in word.split(':').filter_map(|it| it.parse::<u16>().ok()) {
                    ports[0].push(port);
                    ports[1].extend([port.wrapping_sub(1), port.wrapping_add(1)]);
                }
            }
        }
        for list in &mut four {
            list.retain(|it| is_unicast(Ipv4Addr::from_bits(*it)));
        }
        for list in &mut six {
            list.retain(|it| is_unicast_six(Ipv6Addr::from_bits(*it)));
        }
        Self { four: four.map(once), six: six.map(once), ports: ports.map(once) }
    }
}

/// Each value once, in order.
fn once<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list.dedup();
    list
}

/// Mostly one of the first list, else one of the second.
fn of_either<T: Copy>(numbers: &mut Numbers, [own, beside]: &[Vec<T>; 2]) -> T {
    let list = if beside.is_empty() || numbers.chance(70) { own } else { beside };
    one(numbers, list)
}

/// An address that a host can have and a wire can bear.
fn is_unicast(it: Ipv4Addr) -> bool {
    let first = it.octets()[0];
    first != 0 && first != 127 && first < 224
}

fn is_unicast_six(it: Ipv6Addr) -> bool {
    !it.is_multicast() && !it.is_unicast_link_local() && it.to_bits() > 0xffff
}

fn one<T: Copy>(numbers: &mut Numbers, from: &[T]) -> T {
    from[numbers.below(from.len())]
}

/// Draws a packet.
pub(crate) fn packet(numbers: &mut Numbers, constants: &Constants, is_six: bool) -> Packet {
    // Some contradict themselves.
    std::iter::repeat_with(|| draw(numbers, constants, is_six))
        .find_map(|fields| Packet::new(fields).ok())
        .expect("most packets can be")
}

fn draw(numbers: &mut Numbers, constants: &Constants, is_six: bool) -> Fields {
    let icmp = if is_six { 58 } else { 1 };
    let protocol = one(numbers, &[6, 6, 6, 6, 6, 17, 17, 17, icmp, icmp, 132, 47, 50, 136, 33, 99]);
    let address = |numbers: &mut Numbers| {
        Address::Literal(if is_six {
            IpAddr::V6(Ipv6Addr::from_bits(of_either(numbers, &constants.six)))
        } else {
            IpAddr::V4(Ipv4Addr::from_bits(of_either(numbers, &constants.four)))
        })
    };
    let port =
        |numbers: &mut Numbers| has_ports(protocol).then(|| of_either(numbers, &constants.ports));
    let interface =
        |numbers: &mut Numbers| Interface::new(numbers.pick(&INTERFACES)).expect("a name");
    let route = match numbers.below(10) {
        0..=4 => Route::Input { from: interface(numbers) },
        5..=8 => Route::Forward { from: interface(numbers), to: interface(numbers) },
        _ => Route::Output { to: interface(numbers) },
    };
    let (state, direction) = state(numbers);
    let source_port =
        if numbers.chance(50) { has_ports(protocol).then_some(40_000) } else { port(numbers) };
    Fields {
        protocol,
        source: End { address: address(numbers), port: source_port },
        destination: End { address: address(numbers), port: port(numbers) },
        route,
        state,
        direction,
        flags: (protocol == 6).then(|| flags(numbers, state)),
        icmp: (protocol == icmp).then(|| message(numbers, is_six, (state, direction))),
        mark: one(numbers, &[0, 0, 0, 0, 1, 2, 3, 0x11]),
    }
}

fn state(numbers: &mut Numbers) -> (State, Direction) {
    match numbers.below(20) {
        0..=12 => (State::New, Direction::Original),
        13 | 14 => (State::Established, Direction::Original),
        15 | 16 => (State::Established, Direction::Reply),
        17 => (State::Related, Direction::Original),
        18 => (State::Invalid, Direction::Original),
        _ => (State::Untracked, Direction::Original),
    }
}

/// Flags that a segment of that state has.
fn flags(numbers: &mut Numbers, state: State) -> u8 {
    match state {
        State::New => one(numbers, &[0x02, 0x02, 0x02, 0xc2, 0x10, 0x18]),
        State::Established => one(numbers, &[0x10, 0x18, 0x11, 0x14, 0x04]),
        State::Related => 0x02,
        State::Invalid => one(numbers, &[0x12, 0x00, 0x03, 0x29, 0x11]),
        State::Untracked => one(numbers, &[0x02, 0x10, 0x12, 0x00]),
    }
}

fn message(numbers: &mut Numbers, is_six: bool, of: (State, Direction)) -> Icmp {
    let (kind, code) = match (of, is_six) {
        ((State::Established, Direction::Reply), false) => (0, 0),
        ((State::Established, Direction::Reply), true) => (129, 0),
        ((State::Related, _), false) => one(numbers, &[(3, 1), (3, 4), (11, 0)]),
        ((State::Related, _), true) => one(numbers, &[(1, 4), (2, 0), (3, 0)]),
        ((State::Invalid, _), false) => one(numbers, &[(3, 4), (0, 0), (42, 0)]),
        ((State::Invalid, _), true) => one(numbers, &[(1, 4), (129, 0)]),
        ((State::Untracked, _), true) => one(numbers, &[(135, 0), (136, 0), (128, 0)]),
        ((_, _), false) => one(numbers, &[(8, 0), (13, 0)]),
        ((_, _), true) => (128, 0),
    };
    Icmp { kind, code: Some(code) }
}
