use super::leading_number;
use crate::syntax::{Expected, iptables::Family};
use std::{net::Ipv6Addr, ops::RangeInclusive};

/// An address with its mask, host bits as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address<'t> {
    /// IPv4, most significant byte first.
    V4 {
        /// The address.
        address: u32,
        /// The bits that count, not necessarily the leading ones.
        mask: u32,
    },
    /// IPv6.
    V6 {
        /// The address.
        address: u128,
        /// The bits that count, not necessarily the leading ones.
        mask: u128,
    },
    /// A host or network name, which the loader looks up when it runs.
    Name(&'t str),
}

/// Addresses from one to another, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressRange {
    /// IPv4.
    V4(RangeInclusive<u32>),
    /// IPv6.
    V6(RangeInclusive<u128>),
}

/// What `-i` and `-o` compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface<'t> {
    /// `+`: every interface, and none.
    Any,
    /// `eth+`: every name that starts so.
    Prefix(&'t str),
    /// This name.
    Exact(&'t str),
}

/// An Ethernet address.
pub type MacAddress = [u8; 6];

/// The addresses of a comma list, as `-s` and `-d` take them.
pub fn addresses(
    text: &str,
    family: Family,
) -> impl Iterator<Item = Result<Address<'_>, Expected>> {
    text.split(',').map(move |part| address(part, family))
}

/// `address`, `address/length`, `address/mask` or `name`; IPv4 also cut short (`10/8`).
///
/// # Errors
/// Where it is none of these, or of the other family.
pub fn address(text: &str, family: Family) -> Result<Address<'_>, Expected> {
    let (host, mask) = text.split_once('/').map_or((text, None), |(host, mask)| (host, Some(mask)));
    match family {
        Family::V4 => {
            let mask = mask.map_or(Ok(u32::MAX), mask_v4)?;
            match address_v4(host) {
                Some(address) => Ok(Address::V4 { address, mask }),
                // The loader does not even look the name up.
                None if mask == 0 && !host.is_empty() => Ok(Address::V4 { address: 0, mask }),
                None => name(host),
            }
        }
        Family::V6 => {
            let mask = mask.map_or(Ok(u128::MAX), mask_v6)?;
            match host.parse::<Ipv6Addr>() {
                Ok(address) => Ok(Address::V6 { address: address.to_bits(), mask }),
                Err(_) if mask == 0 && !host.is_empty() => Ok(Address::V6 { address: 0, mask }),
                Err(_) => name(host),
            }
        }
    }
}

// address := part ("." part){0,3}
fn address_v4(text: &str) -> Option<u32> {
    if let Some(address) = plain_v4(text) {
        return Some(address);
    }
    let mut address = 0u32;
    let mut parts = 0;
    for part in text.split('.') {
        let (value, rest) = leading_number(part)?;
        if parts == 4 || value > 255 || !rest.is_empty() {
            return None;
        }
        address = address << 8 | u32::try_from(value).ok()?;
        parts += 1;
    }
    // Parts that are not written are zero: `10.1` is 10.1.0.0.
    Some(address << (8 * (4 - parts)))
}

/// The way nearly every address is written.
fn plain_v4(text: &str) -> Option<u32> {
    let mut address = 0u32;
    let mut part = 0u32;
    let mut digits = 0;
    let mut dots = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if digits == 0 || part > 0 => {
                part = part * 10 + u32::from(byte - b'0');
                digits += 1;
                if part > 255 {
                    return None;
                }
            }
            b'.' if digits > 0 && dots < 3 => {
                address = address << 8 | part;
                (part, digits, dots) = (0, 0, dots + 1);
            }
            _ => return None,
        }
    }
    (dots == 3 && digits > 0).then_some(address << 8 | part)
}

// mask := length | part "." part "." part "." part
fn mask_v4(text: &str) -> Result<u32, Expected> {
    if let Some(length) = length(text) {
        return u32::MAX
            .checked_shl(32 - length.min(32))
            .or(Some(0))
            .filter(|_| length <= 32)
            .ok_or(Expected::Mask);
    }
    if text.bytes().filter(|byte| *byte == b'.').count() == 3 { address_v4(text) } else { None }
        .ok_or(Expected::Mask)
}

fn mask_v6(text: &str) -> Result<u128, Expected> {
    if let Some(length) = length(text) {
        return u128::MAX
            .checked_shl(128 - length.min(128))
            .or(Some(0))
            .filter(|_| length <= 128)
            .ok_or(Expected::Mask);
    }
    text.parse::<Ipv6Addr>().map(Ipv6Addr::to_bits).map_err(|_| Expected::Mask)
}

fn length(text: &str) -> Option<u32> {
    let (value, rest) = leading_number(text)?;
    if rest.is_empty() { u32::try_from(value).ok() } else { None }
}

/// A prefix length as an option's whole value.
///
/// # Errors
/// Where it is no number or longer than an address of `family`.
pub fn prefix_length(text: &str, family: Family) -> Result<u8, Expected> {
    let most = family.bits();
    length(text)
        .filter(|length| *length <= u32::from(most))
        .and_then(|length| u8::try_from(length).ok())
        .ok_or(Expected::Number { min: 0, max: u64::from(most) })
}

// name := (letter | digit | "-" | "_" | ".")+, not all digits and dots
fn name(text: &str) -> Result<Address<'_>, Expected> {
    let well_formed =
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let named =
        text.bytes().any(|byte| byte.is_ascii_alphabetic()) && !text.starts_with(['-', '.']);
    if well_formed && named && !text.starts_with("0x") {
        Ok(Address::Name(text))
    } else {
        Err(Expected::Network)
    }
}

/// `first-last`, or one address alone. A range that ends before it starts loads, with a warning, and is empty.
///
/// # Errors
/// Where an end is no address of `family`.
pub fn address_range(text: &str, family: Family) -> Result<AddressRange, Expected> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = match family {
        Family::V4 => {
            let read = |text| address_v4(text).ok_or(Expected::AddressRange);
            AddressRange::V4(read(first)?..=read(last)?)
        }
        Family::V6 => {
            let read = |text: &str| text.parse::<Ipv6Addr>().map_err(|_| Expected::AddressRange);
            AddressRange::V6(read(first)?.to_bits()..=read(last)?.to_bits())
        }
    };
    Ok(range)
}

/// An interface name or the start of one.
///
/// # Errors
/// Where it is empty; [`crate::syntax::Limit`] has its length.
pub fn interface(text: &str) -> Result<Interface<'_>, Expected> {
    match text.strip_suffix('+') {
        Some("") => Ok(Interface::Any),
        Some(start) => Ok(Interface::Prefix(start)),
        None if text.is_empty() => Err(Expected::Interface),
        None => Ok(Interface::Exact(text)),
    }
}

/// Six bytes in hexadecimal, each of one or two digits.
///
/// # Errors
/// Where it is anything else.
pub fn mac(text: &str) -> Result<MacAddress, Expected> {
    let mut bytes = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut bytes {
        let part =
            parts.next().filter(|part| (1..=2).contains(&part.len())).ok_or(Expected::Mac)?;
        *byte = u8::from_str_radix(part, 16).map_err(|_| Expected::Mac)?;
    }
    if parts.next().is_none() { Ok(bytes) } else { Err(Expected::Mac) }
}

#[cfg(test)]
mod tests {
    use super::{Address, AddressRange, address, address_range, mac};
    use crate::syntax::iptables::Family;

    #[test]
    fn addresses_may_be_cut_short_and_masks_have_holes() {
        let v4 = |address, mask| Some(Address::V4 { address, mask });
        for (text, expected) in [
            ("192.0.2.1", v4(0xc000_0201, u32::MAX)),
            ("10/8", v4(0x0a00_0000, 0xff00_0000)),
            ("10.1/16", v4(0x0a01_0000, 0xffff_0000)),
            ("0/0", v4(0, 0)),
            ("any/0", v4(0, 0)),
            ("1.2.3.4/255.0.255.0", v4(0x0102_0304, 0xff00_ff00)),
            ("010.0.0.1", v4(0x0800_0001, u32::MAX)),
            ("host.example", Some(Address::Name("host.example"))),
            ("1.2.3.4/33", None),
            ("1.2.3.4/255.255", None),
            ("1.2.3.256", None),
            ("1.2.3.4.5", None),
            ("fe80::1", None),
            ("", None),
            ("<private>", None),
        ] {
            assert_eq!(address(text, Family::V4).ok(), expected, "{text}");
        }
    }

    #[test]
    fn the_other_family_is_refused() {
        assert!(address("192.0.2.1", Family::V6).is_err());
        assert_eq!(address("::/0", Family::V6), Ok(Address::V6 { address: 0, mask: 0 }));
        assert_eq!(
            address("fe80::/10", Family::V6),
            Ok(Address::V6 { address: 0xfe80 << 112, mask: 0x3ff << 118 })
        );
        assert!(address("fe80::/ffff::", Family::V6).is_ok());
        assert!(address("fe80::/129", Family::V6).is_err());
    }

    #[test]
    fn a_reversed_range_is_empty() {
        let range = Ok(AddressRange::V4(0x0101_0101..=0x0101_010a));
        assert_eq!(address_range("1.1.1.1-1.1.1.10", Family::V4), range);
        let reversed = address_range("1.1.1.10-1.1.1.1", Family::V4);
        assert!(matches!(reversed, Ok(AddressRange::V4(range)) if range.is_empty()));
        assert!(address_range("::1-::2", Family::V6).is_ok());
    }

    #[test]
    fn an_ethernet_address_has_six_bytes() {
        assert_eq!(mac("0:1:2:3:4:ff"), Ok([0, 1, 2, 3, 4, 255]));
        assert!(
            mac("XX:1:2:3:4:5").is_err()
                && mac("1:2:3:4:5").is_err()
                && mac("1:2:3:4:5:6:7").is_err()
        );
    }
}
