//! From the packet to the shortest text that says it.

use super::{DIRECTIONS, FLAGS, PROTOCOLS, STATES};
use crate::packets::{
    Address, Direction, End, Icmp, Packet, State,
    packet::{ICMP, ICMPV6, is_icmp, usual_flags},
};
use std::{fmt, net::IpAddr};

impl fmt::Display for Packet {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_other_icmp =
            matches!(self.protocol, ICMP | ICMPV6) && !is_icmp(self.protocol, self.family());
        match PROTOCOLS.iter().find(|(_, number)| *number == self.protocol) {
            Some((name, _)) if !is_other_icmp => to.write_str(name)?,
            _ => write!(to, "{}", self.protocol)?,
        }
        write!(to, " {} -> {}", self.source, self.destination)?;
        if let Some(interface) = self.route.from() {
            write!(to, " in {}", interface.name())?;
        }
        if let Some(interface) = self.route.to() {
            write!(to, " out {}", interface.name())?;
        }
        if self.state != State::default() {
            write!(to, " state {}", name_of(&STATES, &self.state))?;
        }
        if self.direction != Direction::default() {
            write!(to, " dir {}", name_of(&DIRECTIONS, &self.direction))?;
        }
        if let Some(flags) = self.flags.filter(|flags| *flags != usual_flags(self.state)) {
            let names = FLAGS[..8].iter().filter(|(_, bit)| flags & bit != 0);
            let names: Vec<_> = names.map(|(name, _)| *name).collect();
            write!(to, " flags {}", if flags == 0 { "none".to_owned() } else { names.join(",") })?;
        }
        if let Some(Icmp { kind, code }) = self.icmp {
            write!(to, " type {kind}")?;
            if let Some(code) = code {
                write!(to, "/{code}")?;
            }
        }
        if self.mark != 0 {
            write!(to, " mark {}", self.mark)?;
        }
        Ok(())
    }
}

fn name_of<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    let found = table.iter().find(|(_, it)| it == value);
    found.expect("every value has a name").0
}

impl fmt::Display for End {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.address, self.port) {
            (Address::Literal(IpAddr::V6(address)), Some(port)) => {
                write!(to, "[{address}]:{port}")
            }
            (Address::Literal(address), None) => address.fmt(to),
            (Address::Literal(address), Some(port)) => write!(to, "{address}:{port}"),
            (Address::Host, None) => to.write_str("host"),
            (Address::Host, Some(port)) => write!(to, "host:{port}"),
        }
    }
}
