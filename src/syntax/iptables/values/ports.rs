use super::{number, service_port};
use crate::syntax::Expected;
use std::ops::RangeInclusive;

/// A port's number or its service's name.
///
/// # Errors
/// Where it is neither.
pub fn port(text: &str) -> Result<u16, Expected> {
    if let Some(port) = plain(text) {
        return Ok(port);
    }
    match number(text, 0, 65535) {
        Ok(value) => u16::try_from(value).map_err(|_| Expected::Port),
        Err(_) => service_port(text).ok_or(Expected::Port),
    }
}

/// The way nearly every port is written.
fn plain(text: &str) -> Option<u16> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 5 || (bytes[0] == b'0' && bytes.len() > 1) {
        return None;
    }
    let mut value = 0u32;
    for byte in bytes {
        value = value * 10 + u32::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
    }
    u16::try_from(value).ok()
}

/// `a`, `a:b`, `a:` or `:b`.
///
/// # Errors
/// Where an end is no port or the range is empty.
pub fn port_range(text: &str) -> Result<RangeInclusive<u16>, Expected> {
    let Some((from, to)) = text.split_once(':') else {
        let port = port(text).map_err(|_| Expected::PortRange)?;
        return Ok(port..=port);
    };
    let end = |text: &str, default| if text.is_empty() { Ok(default) } else { port(text) };
    let range = end(from, 0).map_err(|_| Expected::PortRange)?
        ..=end(to, u16::MAX).map_err(|_| Expected::PortRange)?;
    if range.is_empty() { Err(Expected::PortRange) } else { Ok(range) }
}

/// The ranges of a multiport list, in the order written; a range must not start and end at one port.
pub fn multiport(text: &str) -> impl Iterator<Item = Result<RangeInclusive<u16>, Expected>> + '_ {
    text.split(',').map(|part| {
        let Some((from, to)) = part.split_once(':') else {
            let port = port(part).map_err(|_| Expected::PortList)?;
            return Ok(port..=port);
        };
        let range = port(from).map_err(|_| Expected::PortList)?
            ..=port(to).map_err(|_| Expected::PortList)?;
        if range.start() < range.end() { Ok(range) } else { Err(Expected::PortList) }
    })
}

#[cfg(test)]
mod tests {
    use super::{multiport, port_range};

    #[test]
    fn a_range_may_be_open_and_named() {
        for (text, range) in [
            ("22", Some(22..=22)),
            ("ssh", Some(22..=22)),
            ("ssh:http", Some(22..=80)),
            ("1024:", Some(1024..=65535)),
            (":1023", Some(0..=1023)),
            (":", Some(0..=65535)),
            ("0x16", Some(22..=22)),
            ("026", Some(22..=22)),
            ("4:4", Some(4..=4)),
            ("4:3", None),
            ("65536", None),
            ("-1", None),
            ("", None),
            ("22,23", None),
            ("22-23", None),
            ("SSH", None),
        ] {
            assert_eq!(port_range(text).ok(), range, "{text}");
        }
    }

    #[test]
    fn a_list_has_closed_ranges_only() {
        for (text, ok) in
            [("1,2:3,ssh", true), ("1:", false), ("1,", false), ("3:3", false), ("3:2", false)]
        {
            assert_eq!(multiport(text).all(|range| range.is_ok()), ok, "{text}");
        }
    }
}
