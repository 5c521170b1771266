//! How often an indicator is measured, and the periods that this makes.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use serde::Serialize;

use super::day_number;

/// How often a figure is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rhythm {
    /// Each week, from Monday to Sunday.
    Weekly,
    /// Each month.
    Monthly,
    /// Each quarter.
    Quarterly,
    /// Each half-year.
    HalfYearly,
    /// Each year.
    Yearly,
}

impl Rhythm {
    /// Every rhythm.
    pub const ALL: [Self; 5] = [
        Self::Weekly,
        Self::Monthly,
        Self::Quarterly,
        Self::HalfYearly,
        Self::Yearly,
    ];

    /// Its name in addresses, files and columns.
    pub fn code(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::HalfYearly => "half-yearly",
            Self::Yearly => "yearly",
        }
    }

    /// The rhythm of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// Months of one period; `None` for weeks.
    fn months(self) -> Option<i64> {
        match self {
            Self::Weekly => None,
            Self::Monthly => Some(1),
            Self::Quarterly => Some(3),
            Self::HalfYearly => Some(6),
            Self::Yearly => Some(12),
        }
    }

    /// The number of the period that holds a day: the next one's is one more.
    pub fn number(self, day: Date) -> i64 {
        match self.months() {
            // The first of January 1970 was a Thursday.
            None => (day_number(day) + 3).div_euclid(7),
            Some(months) => {
                (i64::from(day.year()) * 12 + i64::from(day.month()) - 1).div_euclid(months)
            }
        }
    }

    /// The first day of a period.
    pub fn first(self, number: i64) -> Date {
        match self.months() {
            None => date(1970, 1, 1).saturating_add((number * 7 - 3).days()),
            Some(months) => {
                let months = number * months;
                let year = i16::try_from(months.div_euclid(12)).unwrap_or(i16::MAX);
                let month = i8::try_from(months.rem_euclid(12) + 1).unwrap_or(1);
                Date::new(year, month, 1).unwrap_or(Date::MAX)
            }
        }
    }

    /// The last day of a period.
    pub fn last(self, number: i64) -> Date {
        self.first(number + 1).saturating_sub(1.day())
    }

    /// The last day on which a figure is recent: a figure of one period stands until the end of the
    /// second one after it, by when the next is overdue.
    pub fn fresh_until(self, figure_on: Date) -> Date {
        self.last(self.number(figure_on) + 2)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn periods_end_where_the_calendar_says() {
        let end = |rhythm: Rhythm, day| rhythm.last(rhythm.number(day));
        assert_eq!(end(Rhythm::Monthly, date(2024, 2, 10)), date(2024, 2, 29));
        assert_eq!(end(Rhythm::Quarterly, date(2026, 5, 1)), date(2026, 6, 30));
        assert_eq!(
            end(Rhythm::HalfYearly, date(2026, 7, 1)),
            date(2026, 12, 31)
        );
        assert_eq!(end(Rhythm::Yearly, date(2026, 1, 1)), date(2026, 12, 31));
        // A Monday and the Sunday before it.
        assert_eq!(end(Rhythm::Weekly, date(2026, 11, 23)), date(2026, 11, 29));
        assert_eq!(end(Rhythm::Weekly, date(2026, 11, 22)), date(2026, 11, 22));
        assert_eq!(
            Rhythm::Monthly.fresh_until(date(2026, 1, 31)),
            date(2026, 3, 31)
        );
    }

    proptest! {
        #[test]
        fn periods_cover_all_days_once(days in -20_000_i64..60_000, at in 0..5_usize) {
            let (day, rhythm) = (date(1970, 1, 1).saturating_add(days.days()), Rhythm::ALL[at]);
            let number = rhythm.number(day);
            prop_assert!(rhythm.first(number) <= day && day <= rhythm.last(number));
            prop_assert_eq!(rhythm.number(rhythm.first(number)), number);
            prop_assert_eq!(rhythm.number(rhythm.last(number)), number);
            prop_assert_eq!(rhythm.number(rhythm.last(number).saturating_add(1.day())), number + 1);
        }
    }
}
