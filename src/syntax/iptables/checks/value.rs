//! Whether words are a value of their option.

use crate::syntax::{
    Error, ErrorKind, Expected, Limit,
    error::nearest,
    iptables::{
        Family,
        command::{LONGEST_NAME, name_too_long},
        extensions::{Case, Value},
        values,
        words::Word,
    },
};

/// The longest name of an interface.
const LONGEST_INTERFACE: usize = 15;

/// The slots of a multiport list; a range takes two.
const PORT_SLOTS: usize = 15;

/// Why the loader refuses `text` as `value`; a limit that is `truncated` is none.
pub(in crate::syntax::iptables) fn refused(
    value: &Value,
    text: &str,
    family: Family,
    suggest: bool,
) -> Option<ErrorKind> {
    let bad = |expected: Expected| {
        let suggestion = if suggest { suggestion(value, text) } else { None };
        Some(ErrorKind::BadValue { expected, suggestion })
    };
    let verdict: Result<(), Expected> = match *value {
        Value::Number { min, max } => values::number(text, min, max).map(drop),
        Value::NumberRange { max } => values::number_range(text, max).map(drop),
        Value::Probability => {
            let number = text.parse::<f64>().ok();
            number.filter(|it| (0.0..=1.0).contains(it)).map(drop).ok_or(Expected::Probability)
        }
        Value::Text { what, least, most, cut } => {
            return text_refused(text, what, least, most, cut);
        }
        Value::Port => values::port(text).map(drop),
        Value::PortRange => values::port_range(text).map(drop),
        Value::PortList => return port_list_refused(text),
        Value::Addresses => {
            values::addresses(text, family).try_for_each(|address| address.map(drop))
        }
        Value::Host => match values::address(text, family) {
            Ok(_) if !text.contains('/') => Ok(()),
            _ => Err(Expected::Address),
        },
        Value::Network => values::address(text, family).map(drop),
        Value::AddressRange => values::address_range(text, family).map(drop),
        Value::PrefixMask => match values::prefix_length(text, family) {
            Ok(_) => Ok(()),
            Err(_) if text.contains(['.', ':']) => {
                values::address(text, family).map(drop).map_err(|_| Expected::Mask)
            }
            Err(_) => Err(Expected::Mask),
        },
        Value::Protocol => values::protocol(text).map(drop),
        Value::Mark => values::mark(text).map(drop),
        Value::Tos => values::tos(text).map(drop),
        Value::Mac => values::mac(text).map(drop),
        Value::Interface if text.len() > LONGEST_INTERFACE => {
            return Some(limit("interface name", LONGEST_INTERFACE, text.len(), false));
        }
        Value::Interface => values::interface(text).map(drop),
        Value::Choice(case, words) => {
            if words.iter().any(|word| same(case, word, text)) {
                Ok(())
            } else {
                Err(Expected::OneOf(words))
            }
        }
        Value::Choices(case, words) => {
            let known = |part: &str| words.iter().any(|word| same(case, word, part));
            if text.split(',').all(known) { Ok(()) } else { Err(Expected::SomeOf(words)) }
        }
        Value::Rate => values::rate(text).map(drop),
        Value::IcmpType => values::icmp_type(text).map(drop),
        Value::Icmpv6Type => values::icmpv6_type(text).map(drop),
        Value::States => values::ct_states(text).map(drop),
        Value::Status => values::ct_status(text).map(drop),
        Value::NatTarget => values::nat_target(text, family).map(drop),
        Value::NatPorts => values::nat_ports(text).map(drop),
        Value::Date => values::date(text).map(drop),
        Value::TimeOfDay => values::time_of_day(text).map(drop),
        Value::Weekdays => values::weekdays(text).map(drop),
        Value::Monthdays => values::monthdays(text).map(drop),
        Value::Form(form, accepts) => accepts(text).then_some(()).ok_or(Expected::Form(form)),
        Value::ByFamily(v4, v6) => {
            return refused(if family == Family::V4 { v4 } else { v6 }, text, family, suggest);
        }
        Value::ChainName if text.len() > LONGEST_NAME => {
            return Some(name_too_long("target name", text));
        }
        Value::ChainName if text.is_empty() || text.contains(char::is_whitespace) => {
            Err(Expected::ChainName)
        }
        Value::None
        | Value::Optional(..)
        | Value::ExtensionName
        | Value::ChainName
        | Value::TcpFlags
        | Value::Set
        | Value::Pair(..) => Ok(()),
    };
    verdict.err().and_then(bad)
}

/// The same for values of two words.
pub(in crate::syntax::iptables) fn refused_pair(
    value: &Value,
    first: &Word<'_>,
    second: &Word<'_>,
) -> Option<Error> {
    let bad = |word: &Word<'_>, expected| Error {
        span: word.span,
        kind: ErrorKind::BadValue { expected, suggestion: None },
    };
    match *value {
        Value::TcpFlags => {
            if let Err(expected) = values::tcp_flags(&first.text, "NONE") {
                return Some(bad(first, expected));
            }
            values::tcp_flags("NONE", &second.text).err().map(|expected| bad(second, expected))
        }
        Value::Set => {
            if first.text.len() > 31 {
                return Some(Error {
                    span: first.span,
                    kind: limit("set name", 31, first.text.len(), false),
                });
            }
            values::set_directions(&second.text).err().map(|expected| bad(second, expected))
        }
        Value::Pair(form, accepts) if !accepts(&first.text, &second.text) => {
            Some(bad(first, Expected::Form(form)))
        }
        _ => None,
    }
}

fn same(case: Case, word: &str, text: &str) -> bool {
    match case {
        Case::Exact => word == text,
        Case::Either => word.eq_ignore_ascii_case(text),
        Case::Start => {
            !text.is_empty()
                && word.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text))
        }
    }
}

fn text_refused(
    text: &str,
    what: &'static str,
    least: u32,
    most: u32,
    cut: bool,
) -> Option<ErrorKind> {
    if text.len() < least as usize {
        return Some(ErrorKind::BadValue { expected: Expected::Text, suggestion: None });
    }
    (text.len() > most as usize).then(|| limit(what, most as usize, text.len(), cut))
}

fn port_list_refused(text: &str) -> Option<ErrorKind> {
    let mut slots = 0;
    for range in values::multiport(text) {
        match range {
            Ok(range) => slots += if range.start() == range.end() { 1 } else { 2 },
            Err(expected) => return Some(ErrorKind::BadValue { expected, suggestion: None }),
        }
    }
    (slots > PORT_SLOTS).then(|| limit("multiport slots", PORT_SLOTS, slots, false))
}

fn limit(what: &'static str, limit: usize, written: usize, truncated: bool) -> ErrorKind {
    let number = |it| u32::try_from(it).unwrap_or(u32::MAX);
    ErrorKind::LimitExceeded(Limit {
        what,
        limit: number(limit),
        written: number(written),
        truncated,
    })
}

fn suggestion(value: &Value, text: &str) -> Option<&'static str> {
    match *value {
        Value::Choice(_, words) => nearest(text, words.iter().copied()),
        Value::Choices(_, words) => {
            let wrong = text
                .split(',')
                .find(|part| !words.iter().any(|word| word.eq_ignore_ascii_case(part)))?;
            nearest(wrong, words.iter().copied())
        }
        Value::Protocol => nearest(text, values::protocol_names()),
        Value::Port | Value::PortRange => {
            let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
            nearest(text, values::SERVICES.iter().map(|(name, _)| *name).filter(|_| letters))
        }
        Value::IcmpType => nearest(text, values::ICMP_NAMES.iter().map(|(name, ..)| *name)),
        Value::Icmpv6Type => nearest(text, values::ICMPV6_NAMES.iter().map(|(name, ..)| *name)),
        Value::States => {
            let wrong = text.split(',').find(|part| values::ct_states(part).is_err())?;
            nearest(
                wrong,
                ["INVALID", "ESTABLISHED", "RELATED", "NEW", "UNTRACKED", "SNAT", "DNAT"]
                    .into_iter(),
            )
        }
        _ => None,
    }
}
