//! The value syntaxes that options share (ports, addresses, masks, rates), each read by one function.
//!
//! Pure functions from a word to what it says, without allocation on the ordinary path. They take the word as the loader
//! sees it: [`unquoted`] turns the bytes of a span into that.

mod addresses;
mod flags;
mod icmp;
mod nat;
mod numbers;
mod ports;
mod protocols;
mod services;
mod times;

pub use addresses::{
    Address, AddressRange, Interface, MacAddress, address, address_range, addresses, interface,
    mac, prefix_length,
};
pub use flags::{
    ADDRESS_TYPES, CtStates, CtStatus, DSCP_CLASSES, TcpFlags, Tos, address_types, ct_states,
    ct_status, dscp_class, set_directions, tcp_flags, tos,
};
pub use icmp::{ICMP_NAMES, ICMPV6_NAMES, IcmpType, icmp_type, icmpv6_type};
pub use nat::{NatTarget, nat_ports, nat_target};
use numbers::leading_number;
pub(in crate::syntax::iptables) use numbers::rate_up_to;
pub use numbers::{Mark, Rate, mark, number, number_range, rate};
pub use ports::{multiport, port, port_range};
pub(in crate::syntax) use protocols::protocol_names;
pub use protocols::{protocol, protocol_name};
pub use services::{SERVICES, service_port};
pub use times::{MAX_DATE, date, monthdays, time_of_day, weekdays};

use std::borrow::Cow;

/// A word without its quotes and escapes, as the loader passes it on: double quotes may open anywhere, a backslash counts
/// only inside them.
pub fn unquoted(word: &str) -> Cow<'_, str> {
    let Some(first) = word.find('"') else {
        return Cow::Borrowed(word);
    };
    let inner = &word[first + 1..];
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if first == 0 && !inner.contains(['"', '\\']) {
        return Cow::Borrowed(inner);
    }
    let mut plain = String::with_capacity(word.len());
    plain.push_str(&word[..first]);
    let mut characters = word[first + 1..].chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            '"' => break,
            other => plain.push(other),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::unquoted;

    #[test]
    fn only_double_quotes_quote() {
        for (word, plain) in [
            ("plain", "plain"),
            ("\"two words\"", "two words"),
            ("\"\"", ""),
            ("a\"b c\"", "ab c"),
            ("\"a \\\" b\"", "a \" b"),
            ("\"a \\\\\"", "a \\"),
            ("'a", "'a"),
            ("back\\slash", "back\\slash"),
            ("\"open", "open"),
            ("\"open\\", "open"),
        ] {
            assert_eq!(unquoted(word), plain, "{word}");
        }
    }
}
