use std::fmt;

/// A day of the Gregorian calendar; displays as it is written: `2027-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Reads `2027-01-31`; `None` for what is no day.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let is_shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !is_shaped {
            return None;
        }
        let year = text[..4].parse().ok()?;
        let (month, day) = (text[5..7].parse().ok()?, text[8..].parse().ok()?);
        let is_day = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
        is_day.then_some(Self { year, month, day })
    }

    /// The day that is `days` after the first of January 1970.
    pub fn after_epoch(days: u64) -> Self {
        let mut left = days;
        let (mut year, mut month) = (1970, 1);
        while left >= u64::from(days_of_year(year)) && year < 9999 {
            left -= u64::from(days_of_year(year));
            year += 1;
        }
        while month < 12 && left >= u64::from(self::days(year, month)) {
            left -= u64::from(self::days(year, month));
            month += 1;
        }
        let day = u8::try_from(left + 1).unwrap_or(31).min(self::days(year, month));
        Self { year, month, day }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of_year(year: u16) -> u16 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for day in ["2027-01-31", "2024-02-29", "2000-02-29"] {
            assert_eq!(Date::read(day).map(|it| it.to_string()).as_deref(), Some(day));
        }
        for wrong in
            ["2027-02-29", "1900-02-29", "2027-13-01", "2027-1-1", "2027-00-01", "soon", ""]
        {
            assert_eq!(Date::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_are_counted_from_1970() {
        let of = |days| Date::after_epoch(days).to_string();
        assert_eq!(of(0), "1970-01-01");
        assert_eq!(of(364), "1970-12-31");
        assert_eq!(of(11_016), "2000-02-29");
        assert_eq!(of(20_484), "2026-01-31");
        assert_eq!(of(u64::MAX), "9999-12-31");
        assert!(Date::read("2027-01-31") > Date::read("2026-12-31"));
    }
}
