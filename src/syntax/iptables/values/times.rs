use super::number;
use crate::syntax::Expected;

/// The last second that `-m time` can name.
pub const MAX_DATE: &str = "2038-01-19T04:17:07";

/// `hh:mm` or `hh:mm:ss`, as seconds of the day.
///
/// # Errors
/// Where it is none or no time of day.
pub fn time_of_day(text: &str) -> Result<u32, Expected> {
    let mut parts = text.split(':');
    let mut part = |most: u32| -> Option<u32> {
        let part = parts.next()?;
        let digits =
            (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|value| digits && *value <= most)
    };
    let (hours, minutes) = (part(23), part(59));
    let seconds = if text.matches(':').count() == 2 { part(59) } else { Some(0) };
    match (hours, minutes, seconds, parts.next()) {
        (Some(hours), Some(minutes), Some(seconds), None) => {
            Ok(hours * 3600 + minutes * 60 + seconds)
        }
        _ => Err(Expected::TimeOfDay),
    }
}

/// `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`, as its six numbers.
///
/// # Errors
/// Where it is none, or outside 1970 to 2038.
pub fn date(text: &str) -> Result<[u32; 6], Expected> {
    let mut fields = [0, 1, 1, 0, 0, 0];
    let bounds = [(1970, 2038), (1, 12), (1, 31), (0, 23), (0, 59), (0, 59)];
    let mut rest = text;
    for (at, (field, (min, max))) in fields.iter_mut().zip(bounds).enumerate() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let width = if at == 0 { 4..=4 } else { 1..=2 };
        *field = rest[..digits].parse().map_err(|_| Expected::Date)?;
        if !width.contains(&digits) || *field < min || *field > max {
            return Err(Expected::Date);
        }
        rest = &rest[digits..];
        if rest.is_empty() {
            return Ok(fields);
        }
        let separator = ["-", "-", "T", ":", ":", ""][at];
        rest = rest.strip_prefix(separator).filter(|_| at < 5).ok_or(Expected::Date)?;
    }
    Err(Expected::Date)
}

/// A comma list of days, by number or by the first two letters of their names; bit 1 is Monday, bit 7 Sunday.
///
/// # Errors
/// Where a word is no day.
pub fn weekdays(text: &str) -> Result<u8, Expected> {
    let names = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
    let mut days = 0;
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let by_name = names.iter().position(|name| word.starts_with(name));
        let day = by_name
            .map(|at| at + 1)
            .or_else(|| word.parse().ok().filter(|day| (1..=7).contains(day)));
        days |= 1 << day.ok_or(Expected::Weekdays)?;
    }
    Ok(days)
}

/// A comma list of days of the month; bit 1 is the first.
///
/// # Errors
/// Where a word is no day of a month.
pub fn monthdays(text: &str) -> Result<u32, Expected> {
    let mut days = 0;
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let day = number(word, 0, 31).map_err(|_| Expected::Monthdays)?;
        days |= 1 << day;
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::{date, monthdays, time_of_day, weekdays};

    #[test]
    fn seconds_may_be_left_out() {
        for (text, seconds) in [
            ("01:02", Some(3720)),
            ("23:59:59", Some(86399)),
            ("24:00", None),
            ("1", None),
            ("1:2:3:4", None),
        ] {
            assert_eq!(time_of_day(text).ok(), seconds, "{text}");
        }
    }

    #[test]
    fn a_date_may_stop_at_any_field() {
        for (text, ok) in [
            ("2001", true),
            ("2001-02-03T04:05:06", true),
            ("2001-02-03T04:05", true),
            ("2001-13", false),
            ("1969-01-01", false),
            ("2001-02-03 04:05", false),
            ("", false),
        ] {
            assert_eq!(date(text).is_ok(), ok, "{text}");
        }
    }

    #[test]
    fn days_have_names_and_numbers() {
        assert_eq!(weekdays("Mon,7"), Ok(0b1000_0010));
        assert_eq!(monthdays("1,31"), Ok(1 << 1 | 1 << 31));
        assert!(weekdays("Mondai,x").is_err() && monthdays("32").is_err());
    }
}
