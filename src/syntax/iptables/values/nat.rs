use super::{AddressRange, address_range, number, service_port};
use crate::syntax::{Expected, iptables::Family};
use std::ops::RangeInclusive;

/// Where addresses and ports are mapped to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatTarget {
    /// The new addresses; `None` where only the port changes.
    pub addresses: Option<AddressRange>,
    /// The new ports.
    pub ports: Option<RangeInclusive<u16>>,
    /// The port that maps to the first of `ports`, where ports are shifted.
    pub base: Option<u16>,
}

/// The value of `--to-destination` and `--to-source`; an IPv6 address with ports stands in brackets.
///
/// # Errors
/// Where it is none.
// target := range? (":" ports ("/" port)?)?
pub fn nat_target(text: &str, family: Family) -> Result<NatTarget, Expected> {
    let (addresses, ports) = match family {
        Family::V4 => {
            text.split_once(':').map_or((text, None), |(range, ports)| (range, Some(ports)))
        }
        Family::V6 => match text.strip_prefix('[') {
            None => (text, None),
            Some(rest) => {
                let (range, rest) = rest.split_once(']').ok_or(Expected::NatTarget)?;
                (
                    range,
                    if rest.is_empty() {
                        None
                    } else {
                        Some(rest.strip_prefix(':').ok_or(Expected::NatTarget)?)
                    },
                )
            }
        },
    };
    let (ports, base) = match ports {
        None => (None, None),
        Some(ports) => {
            let (range, base) = nat_ports(ports)?;
            (Some(range), base)
        }
    };
    let addresses = if addresses.is_empty() && ports.is_some() {
        None
    } else {
        Some(address_range(addresses, family).map_err(|_| Expected::NatTarget)?)
    };
    Ok(NatTarget { addresses, ports, base })
}

/// `port`, `port-port` or `port-port/base`, as `--to-ports` takes it.
///
/// # Errors
/// Where it is none of these or the range is empty.
pub fn nat_ports(text: &str) -> Result<(RangeInclusive<u16>, Option<u16>), Expected> {
    let nonzero = |text: &str| {
        let port = number(text, 1, 65535).ok().and_then(|value| u16::try_from(value).ok());
        port.or_else(|| service_port(text)).ok_or(Expected::NatPorts)
    };
    let any = |text: &str| {
        let port = number(text, 0, 65535).ok().and_then(|value| u16::try_from(value).ok());
        port.or_else(|| service_port(text)).ok_or(Expected::NatPorts)
    };
    let (range, base) =
        text.split_once('/').map_or((text, None), |(range, base)| (range, Some(base)));
    let base = base.map(nonzero).transpose()?;
    if let Ok(port) = any(range) {
        return if base.is_none() { Ok((port..=port, None)) } else { Err(Expected::NatPorts) };
    }
    // A service's name may hold a dash itself.
    let dash = range.match_indices('-').find_map(|(at, _)| {
        let range = any(&range[..at]).ok()?..=any(&range[at + 1..]).ok()?;
        Some(range)
    });
    match dash {
        Some(range) if !range.is_empty() => Ok((range, base)),
        _ => Err(Expected::NatPorts),
    }
}

#[cfg(test)]
mod tests {
    use super::{nat_ports, nat_target};
    use crate::syntax::iptables::Family::{V4, V6};

    #[test]
    fn a_target_has_addresses_or_ports_or_both() {
        for (text, family, ok) in [
            ("1.1.1.1", V4, true),
            ("1.1.1.1-1.1.1.10:1025-65535", V4, true),
            (":22", V4, true),
            ("1.1.1.1:1000-2000/3000", V4, true),
            ("1.1.1.1:1000-2000/0", V4, false),
            ("1.1.1.1:ftp-data", V4, true),
            ("1.1.1.1:echo-ssh", V4, false),
            ("1.1.1.1:1025-65536", V4, false),
            ("dead::beef-dead::fee7", V6, true),
            ("[dead::beef-dead::fee7]:1025-65535", V6, true),
            ("[dead::beef]", V6, true),
            ("[dead::beef", V6, false),
            ("", V4, false),
        ] {
            assert_eq!(nat_target(text, family).is_ok(), ok, "{text}");
        }
    }

    #[test]
    fn ports_are_joined_by_a_dash() {
        assert_eq!(nat_ports("8080"), Ok((8080..=8080, None)));
        assert_eq!(nat_ports("1024-2048"), Ok((1024..=2048, None)));
        assert!(nat_ports("2-1").is_err() && nat_ports("").is_err());
    }
}
