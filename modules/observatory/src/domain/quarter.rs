//! Quarters of the calendar, after which an edition is made.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;

/// A quarter of a year from 2000 to 2100; written `2026-q3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    year: i16,
    /// From 1 to 4.
    number: i8,
}

impl Quarter {
    /// The one in which a day lies; the nearest one for a day outside the range.
    pub fn of(day: Date) -> Self {
        match day.year() {
            ..2000 => Self {
                year: 2000,
                number: 1,
            },
            2101.. => Self {
                year: 2100,
                number: 4,
            },
            year => Self {
                year,
                number: (day.month() - 1) / 3 + 1,
            },
        }
    }

    /// The last one that has ended before a day.
    pub fn ended_before(day: Date) -> Self {
        let first = Self::of(day).first();
        Self::of(first.saturating_sub(1.days()))
    }

    /// Its year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// Its number in the year, from 1 to 4.
    pub fn number(self) -> i8 {
        self.number
    }

    /// Its first day.
    pub fn first(self) -> Date {
        jiff::civil::date(self.year, (self.number - 1) * 3 + 1, 1)
    }

    /// Its last day.
    pub fn last(self) -> Date {
        self.first().saturating_add(2.months()).last_of_month()
    }

    /// The first day of the twelve months that end with it.
    pub fn twelve_months_from(self) -> Date {
        self.last()
            .saturating_add(1.days())
            .saturating_sub(12.months())
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-q{}", self.year, self.number)
    }
}

impl FromStr for Quarter {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (year, number) = text.split_once("-q").ok_or(())?;
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || number.len() != 1 || !is_plain(year) || !is_plain(number) {
            return Err(());
        }
        let (year, number) = (year.parse().map_err(drop)?, number.parse().map_err(drop)?);
        if (2000..=2100).contains(&year) && (1..=4).contains(&number) {
            Ok(Self { year, number })
        } else {
            Err(())
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quarter_has_three_whole_months() {
        let winter = Quarter::of(date(2024, 2, 29));
        assert_eq!(winter.to_string(), "2024-q1");
        assert_eq!(
            (winter.first(), winter.last()),
            (date(2024, 1, 1), date(2024, 3, 31))
        );
        assert_eq!(winter.twelve_months_from(), date(2023, 4, 1));
        let autumn = Quarter::of(date(2026, 12, 31));
        assert_eq!((autumn.year(), autumn.number()), (2026, 4));
        assert_eq!(autumn.last(), date(2026, 12, 31));
        assert_eq!(
            Quarter::ended_before(date(2026, 1, 1)).to_string(),
            "2025-q4"
        );
        assert_eq!(
            Quarter::ended_before(date(2026, 3, 31)).to_string(),
            "2025-q4"
        );
        assert_eq!(
            Quarter::ended_before(date(2026, 4, 1)).to_string(),
            "2026-q1"
        );
    }

    #[test]
    fn only_its_own_writing_is_read() {
        for wrong in [
            "", "2026", "2026-q0", "2026-q5", "26-q1", "2026-q+1", "2026-Q1", "1999-q4", "2026-q11",
        ] {
            assert_eq!(wrong.parse::<Quarter>(), Err(()), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn each_day_lies_in_its_quarter(days in 0..36_000_i32) {
            let day = date(2000, 1, 1).saturating_add(days.days());
            let quarter = Quarter::of(day);
            prop_assert!(quarter.first() <= day && day <= quarter.last());
            prop_assert_eq!(quarter.to_string().parse::<Quarter>(), Ok(quarter));
            prop_assert!(Quarter::ended_before(day) < quarter || quarter.year() == 2000);
        }
    }
}
