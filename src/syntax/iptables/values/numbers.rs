use crate::syntax::Expected;
use std::ops::RangeInclusive;

/// A mark and the bits of it that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The bits.
    pub value: u32,
    /// Which of them count.
    pub mask: u32,
}

/// So many in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In how many seconds: 1, 60, 3600 or 86400.
    pub seconds: u32,
}

/// A number as `strtoull` with base 0 reads it: decimal, `0x` hexadecimal, or octal after a leading `0`.
///
/// # Errors
/// Where it is no number or lies outside `min..=max`.
pub fn number(text: &str, min: u64, max: u64) -> Result<u64, Expected> {
    let (value, rest) = leading_number(text).ok_or(Expected::Number { min, max })?;
    if rest.is_empty() && (min..=max).contains(&value) {
        Ok(value)
    } else {
        Err(Expected::Number { min, max })
    }
}

/// The number that `text` starts with, and what follows it.
// number := blank* "+"? ("0x" hex+ | "0" octal* | digit+)
pub(super) fn leading_number(text: &str) -> Option<(u64, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    let text = text.strip_prefix('+').unwrap_or(text);
    let bytes = text.as_bytes();
    let (radix, skip) = match bytes {
        [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit() => (16, 2),
        [b'0', digit, ..] if digit.is_ascii_digit() => (8, 1),
        _ => (10, 0),
    };
    let digits = bytes[skip..].iter().take_while(|byte| char::from(**byte).is_digit(radix)).count();
    if digits == 0 {
        // `08` is the octal number 0 and a stray 8.
        return (skip == 1).then(|| (0, &text[1..]));
    }
    let value = u64::from_str_radix(&text[skip..skip + digits], radix).ok()?;
    Some((value, &text[skip + digits..]))
}

/// `a`, `a:b`, `a:`, `:b` or `:`; an end that is not written is 0 or `max`.
///
/// # Errors
/// Where it is no range, reaches past `max`, or ends before it starts.
pub fn number_range(text: &str, max: u64) -> Result<RangeInclusive<u64>, Expected> {
    let expected = Expected::NumberRange { max };
    let end =
        |text: &str, default| if text.is_empty() { Ok(default) } else { number(text, 0, max) };
    let range = match text.split_once(':') {
        None => {
            let value = number(text, 0, max).map_err(|_| expected)?;
            value..=value
        }
        Some((from, to)) => {
            end(from, 0).map_err(|_| expected)?..=end(to, max).map_err(|_| expected)?
        }
    };
    if range.is_empty() { Err(expected) } else { Ok(range) }
}

/// `value` or `value/mask`.
///
/// # Errors
/// Where either is no number of 32 bits.
pub fn mark(text: &str) -> Result<Mark, Expected> {
    let (value, mask) =
        text.split_once('/').map_or((text, None), |(value, mask)| (value, Some(mask)));
    let read = |text: &str| -> Result<u32, Expected> {
        let value = number(text, 0, u64::from(u32::MAX)).map_err(|_| Expected::Mark)?;
        u32::try_from(value).map_err(|_| Expected::Mark)
    };
    Ok(Mark { value: read(value)?, mask: mask.map_or(Ok(u32::MAX), read)? })
}

/// `5`, `5/s`, `3/minute`: the unit may be cut short anywhere.
///
/// # Errors
/// Where it is no rate, zero, or faster than one in a tenth of a millisecond.
pub fn rate(text: &str) -> Result<Rate, Expected> {
    rate_up_to(text, 10_000)
}

/// The same with another bound of how many a second.
pub(in crate::syntax::iptables) fn rate_up_to(text: &str, most: u64) -> Result<Rate, Expected> {
    let text = text.trim_start_matches([' ', '\t']);
    let (count, unit) = text.split_once('/').map_or((text, "s"), |(count, unit)| (count, unit));
    // What follows the digits is passed over, as `atoi` does.
    let digits = count.bytes().take_while(u8::is_ascii_digit).count();
    let count: u32 = count[..digits].parse().map_err(|_| Expected::Rate)?;
    let named = |name: &str| {
        !unit.is_empty()
            && name.get(..unit.len()).is_some_and(|start| start.eq_ignore_ascii_case(unit))
    };
    let seconds = [("second", 1), ("minute", 60), ("hour", 3600), ("day", 86400)]
        .into_iter()
        .find_map(|(name, seconds)| named(name).then_some(seconds))
        .ok_or(Expected::Rate)?;
    let too_fast = u64::from(count) > most * u64::from(seconds);
    if count == 0 || too_fast { Err(Expected::Rate) } else { Ok(Rate { count, seconds }) }
}

#[cfg(test)]
mod tests {
    use super::{mark, number, number_range, rate};

    #[test]
    fn numbers_are_read_with_base_zero() {
        for (text, value) in [
            ("10", Some(10)),
            ("0x1F", Some(31)),
            ("010", Some(8)),
            ("0", Some(0)),
            ("+5", Some(5)),
            ("08", None),
            ("", None),
            ("-1", None),
            ("5x", None),
            ("0x", None),
            ("256", None),
        ] {
            assert_eq!(number(text, 0, 255).ok(), value, "{text}");
        }
    }

    #[test]
    fn an_open_range_reaches_the_bounds() {
        for (text, range) in [
            ("5", Some(5..=5)),
            ("5:", Some(5..=99)),
            (":5", Some(0..=5)),
            (":", Some(0..=99)),
            ("5:4", None),
            ("5:100", None),
            ("1:2:3", None),
            ("-1:5", None),
        ] {
            assert_eq!(number_range(text, 99).ok(), range, "{text}");
        }
    }

    #[test]
    fn a_mark_without_mask_counts_whole() {
        assert_eq!(mark("0x10").map(|mark| (mark.value, mark.mask)), Ok((16, u32::MAX)));
        assert_eq!(mark("1/0xff").map(|mark| (mark.value, mark.mask)), Ok((1, 255)));
        assert!(mark("1/2/3").is_err() && mark("1/").is_err() && mark("4294967296").is_err());
    }

    #[test]
    fn a_rate_may_cut_its_unit_short() {
        for (text, seconds) in [
            ("5", Some(1)),
            ("5/m", Some(60)),
            ("5/HOUR", Some(3600)),
            ("5/x", None),
            ("5s", Some(1)),
            ("10001/s", None),
            ("600000/m", Some(60)),
            ("0/s", None),
            ("5/", None),
        ] {
            assert_eq!(rate(text).ok().map(|rate| rate.seconds), seconds, "{text}");
        }
    }
}
