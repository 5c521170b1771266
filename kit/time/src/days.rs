//! Days that count and days that don't: working days, open days, calendar days.

use jiff::SignedDuration;
use jiff::civil::{Date, Weekday};

use crate::error::LegalError;
use crate::holidays::{Territory, check_year, is_holiday};
use crate::legal::DAYS_MAX;

/// What a period counts one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Every day.
    Calendar,
    /// Jours ouvrables.
    Open,
    /// Jours ouvrés.
    Working,
}

impl Unit {
    fn counts(self, day: Date, territory: Territory) -> Result<bool, LegalError> {
        match self {
            Self::Calendar => Ok(true),
            Self::Open => is_open_day(day, territory),
            Self::Working => is_working_day(day, territory),
        }
    }

    /// The `n`th counted day after `from`; `from` itself when `n` is zero.
    pub(crate) fn advance(
        self,
        from: Date,
        n: u32,
        territory: Territory,
    ) -> Result<Date, LegalError> {
        check_year(from.year())?;
        let past = LegalError::PastCalendar { from };
        if self == Self::Calendar {
            return from
                .checked_add(SignedDuration::from_hours(24 * i64::from(n)))
                .map_err(|_| past);
        }
        let (mut day, mut left) = (from, n);
        while left > 0 {
            day = day.tomorrow().map_err(|_| past)?;
            if self.counts(day, territory)? {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// The counted days after `from`, up to and including `to`.
    pub(crate) fn between(
        self,
        from: Date,
        to: Date,
        territory: Territory,
    ) -> Result<u32, LegalError> {
        if to < from {
            return Err(LegalError::Backwards { from, to });
        }
        check_year(from.year())?;
        if self == Self::Calendar {
            return Ok((from.duration_until(to).as_hours() / 24) as u32);
        }
        let (mut day, mut found) = (from, 0);
        while day < to {
            day = day
                .tomorrow()
                .map_err(|_| LegalError::PastCalendar { from })?;
            found += u32::from(self.counts(day, territory)?);
        }
        Ok(found)
    }
}

/// Whether a day is a *jour ouvrable*: any day but Sundays and public holidays (the weekly rest of
/// Code du travail L3132-3 and the list of L3133-1).
pub fn is_open_day(day: Date, territory: Territory) -> Result<bool, LegalError> {
    let holiday = is_holiday(day, territory)?;
    Ok(day.weekday() != Weekday::Sunday && !holiday)
}

/// Whether a day is a *jour ouvré*: any day but Saturdays, Sundays and public holidays. These are
/// also the days on which a period may end under article 642 of the Code de procédure civile.
pub fn is_working_day(day: Date, territory: Territory) -> Result<bool, LegalError> {
    Ok(day.weekday() != Weekday::Saturday && is_open_day(day, territory)?)
}

/// The day itself when it is a working day, else the first working day after it.
pub fn next_working_day(day: Date, territory: Territory) -> Result<Date, LegalError> {
    if is_working_day(day, territory)? {
        Ok(day)
    } else {
        Unit::Working.advance(day, 1, territory)
    }
}

/// The `n`th working day after `day`, which does not count; `day` itself when `n` is zero. `n` is
/// at most [`DAYS_MAX`].
pub fn add_working_days(day: Date, n: u32, territory: Territory) -> Result<Date, LegalError> {
    if n > DAYS_MAX {
        return Err(LegalError::TooManyDays { days: n });
    }
    Unit::Working.advance(day, n, territory)
}

/// How many working days follow `from`, up to and including `to`. `to` may not come before `from`.
pub fn working_days_between(from: Date, to: Date, territory: Territory) -> Result<u32, LegalError> {
    Unit::Working.between(from, to, territory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const HERE: Territory = Territory::National;

    #[test]
    fn kinds_of_days() {
        // The week of 1 May 2026, a Friday.
        for (day, open, working) in [(30, true, true), (25, true, false), (26, false, false)] {
            let day = date(2026, 4, day);
            assert_eq!(is_open_day(day, HERE), Ok(open));
            assert_eq!(is_working_day(day, HERE), Ok(working));
        }
        assert_eq!(is_open_day(date(2026, 5, 1), HERE), Ok(false));
        assert_eq!(
            next_working_day(date(2026, 5, 1), HERE),
            Ok(date(2026, 5, 4))
        );
        assert_eq!(
            next_working_day(date(2026, 5, 4), HERE),
            Ok(date(2026, 5, 4))
        );
    }

    #[test]
    fn working_days_of_may_2024() {
        // 1, 8, 9 and 20 May are holidays: 23 weekdays less four.
        assert_eq!(
            working_days_between(date(2024, 4, 30), date(2024, 5, 31), HERE),
            Ok(19)
        );
        assert_eq!(
            add_working_days(date(2024, 4, 30), 19, HERE),
            Ok(date(2024, 5, 31))
        );
        assert_eq!(
            add_working_days(date(2024, 5, 7), 1, HERE),
            Ok(date(2024, 5, 10))
        );
        assert_eq!(
            add_working_days(date(2024, 5, 8), 0, HERE),
            Ok(date(2024, 5, 8))
        );
    }

    #[test]
    fn impossible_counts_are_refused() {
        let (from, to) = (date(2026, 2, 2), date(2026, 2, 1));
        let backwards = Err(LegalError::Backwards { from, to });
        assert_eq!(working_days_between(from, to, HERE), backwards);
        let days = DAYS_MAX + 1;
        assert_eq!(
            add_working_days(from, days, HERE),
            Err(LegalError::TooManyDays { days })
        );
        let last = date(9999, 12, 31);
        let past = Err(LegalError::PastCalendar { from: last });
        assert_eq!(add_working_days(last, 1, HERE), past);
    }

    proptest! {
        #[test]
        fn adding_then_counting_gives_the_number_back(
            start in 0..20_000_i64, n in 0..600_u32, territory in prop::sample::select(&Territory::ALL[..]),
        ) {
            let from = date(1990, 1, 1).saturating_add(SignedDuration::from_hours(24 * start));
            let to = add_working_days(from, n, territory).unwrap();
            prop_assert!(n == 0 || is_working_day(to, territory).unwrap());
            prop_assert_eq!(working_days_between(from, to, territory).unwrap(), n);
        }
    }
}
