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
        // Unlike elsewhere, all four parts must be written.
        let short =
            family == Family::V4 && addresses.split('-').any(|part| part.matches('.').count() != 3);
        let range = if short { Err(Expected::NatTarget) } else { address_range(addresses, family) };
        Some(range.map_err(|_| Expected::NatTarget)?)
    };
    Ok(NatTarget { addresses, ports, base })
}

/// `port`, `port-port` or `port-port/base`; the ends of a range are numbers.
///
/// # Errors
/// Where it is none of these or the range is empty.
// ports := service | port | port "-" port ("/" (port | service))?
pub fn nat_ports(text: &str) -> Result<(RangeInclusive<u16>, Option<u16>), Expected> {
    let number =
        |text: &str, min| number(text, min, 65535).ok().and_then(|value| u16::try_from(value).ok());
    if let Some(port) = number(text, 0).or_else(|| service_port(text)) {
        return Ok((port..=port, None));
    }
    let (range, base) =
        text.split_once('/').map_or((text, None), |(range, base)| (range, Some(base)));
    let base = match base {
        None => None,
        Some(base) => {
            Some(number(base, 1).or_else(|| service_port(base)).ok_or(Expected::NatPorts)?)
        }
    };
    let (from, to) = range.split_once('-').ok_or(Expected::NatPorts)?;
    match (number(from, 0), number(to, 0)) {
        (Some(from), Some(to)) if from <= to => Ok((from..=to, base)),
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
            ("1.1.1.1:10-20/ftp", V4, true),
            ("1.1.1.1:", V4, false),
            ("10", V4, false),
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
