//! Reading single words: addresses, numbers, times, strings.

use std::net::Ipv6Addr;

/// The text of a word, without the quotes it may stand in.
pub fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').map_or(text, |text| text.strip_suffix('"').unwrap_or(text))
}

/// An IPv6 address, with or without brackets.
pub fn ipv6(text: &str) -> Option<Ipv6Addr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok()
}

/// The bytes of `00:11:22:33:44:55`; a group may have one digit only.
pub fn mac(text: &str) -> Option<[u8; 6]> {
    let mut bytes = [0; 6];
    let mut groups = text.split(':');
    for byte in &mut bytes {
        let group = groups.next().filter(|group| (1..=2).contains(&group.len()))?;
        *byte = u8::from_str_radix(group, 16).ok()?;
    }
    groups.next().is_none().then_some(bytes)
}

/// A number as the loader reads it: decimal, `0x` hexadecimal, octal after a `0`.
pub fn number(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_digit() {
        return None;
    }
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(digits, 16).ok();
    }
    if bytes.len() > 1 && bytes[0] == b'0' {
        return u64::from_str_radix(text, 8).ok();
    }
    text.parse().ok()
}

/// The milliseconds of `1w2d3h4m5s6ms`; a number without unit counts seconds.
pub fn time(text: &str) -> Option<u64> {
    let mut rest = unquoted(text);
    let mut total: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let amount: u64 = rest.get(..digits)?.parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let milliseconds = match &rest[..unit] {
            "ms" => 1,
            "s" | "" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return None,
        };
        if unit == 0 && !rest.is_empty() {
            return None;
        }
        total = total.checked_add(amount.checked_mul(milliseconds)?)?;
        rest = &rest[unit..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::{mac, number, time};

    #[test]
    fn numbers_have_three_bases() {
        for (text, expected) in [
            ("22", Some(22)),
            ("0x16", Some(22)),
            ("026", Some(22)),
            ("0", Some(0)),
            ("08", None),
            ("x", None),
            ("", None),
            ("18446744073709551616", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn times_have_units() {
        for (text, expected) in [
            ("1d2h3m4s", Some(93_784_000)),
            ("10", Some(10_000)),
            ("5ms", Some(5)),
            ("\"1h\"", Some(3_600_000)),
            ("1x", None),
            ("", None),
            ("h", None),
        ] {
            assert_eq!(time(text), expected, "{text}");
        }
    }

    #[test]
    fn mac_addresses_have_six_groups() {
        assert_eq!(mac("0:11:22:33:44:ff"), Some([0, 0x11, 0x22, 0x33, 0x44, 0xff]));
        assert_eq!(mac("00:11:22:33:44"), None);
        assert_eq!(mac("00:11:22:33:44:55:66"), None);
    }
}
