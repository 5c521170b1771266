//! When a legal period ends: articles 640 to 642 of the Code de procédure civile.

use jiff::Span;
use jiff::civil::Date;

use crate::days::{Unit, next_working_day};
use crate::error::LegalError;
use crate::holidays::{Territory, check_year};

/// The longest period: a century, in days.
pub const DAYS_MAX: u32 = 36_525;

/// The same century, in months.
const MONTHS_MAX: u32 = 1_200;

/// A length of time as a legal text gives it. Zero and more than a century
/// ([`DAYS_MAX`]) are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// Calendar days.
    Days(u32),
    /// Weeks, of seven calendar days each.
    Weeks(u32),
    /// Calendar months.
    Months(u32),
    /// Calendar months, then calendar days (article 641, paragraph 3).
    MonthsAndDays {
        /// Counted first.
        months: u32,
        /// Counted from where the months end.
        days: u32,
    },
    /// Calendar years.
    Years(u32),
    /// *Jours ouvrables*: see [`crate::is_open_day`].
    OpenDays(u32),
    /// *Jours ouvrés*: see [`crate::is_working_day`].
    WorkingDays(u32),
}

impl Period {
    /// What is counted one by one, and what a suspension keeps of the period.
    pub(crate) const fn unit(self) -> Unit {
        match self {
            Self::OpenDays(_) => Unit::Open,
            Self::WorkingDays(_) => Unit::Working,
            _ => Unit::Calendar,
        }
    }

    /// Months and then days (or open, or working days) that the period is made of.
    fn parts(self) -> Result<(u32, u32), LegalError> {
        let (months, days) = match self {
            Self::Days(n) | Self::OpenDays(n) | Self::WorkingDays(n) => (0, n),
            Self::Weeks(n) => (0, n.saturating_mul(7)),
            Self::Months(n) => (n, 0),
            Self::MonthsAndDays { months, days } => (months, days),
            Self::Years(n) => (n.saturating_mul(12), 0),
        };
        if months == 0 && days == 0 {
            return Err(LegalError::EmptyPeriod);
        }
        if months > MONTHS_MAX || days > DAYS_MAX {
            return Err(LegalError::PeriodTooLong { period: self });
        }
        Ok((months, days))
    }
}

/// What becomes of a period whose last day is a Saturday, a Sunday or a public holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extension {
    /// It runs on until the end of the next working day: article 642, paragraph 2, for acts that
    /// a person must do in time.
    NextWorkingDay,
    /// It ends on that day nevertheless.
    None,
}

/// How a period is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Computation {
    /// Whose holidays apply.
    pub territory: Territory,
    /// What a last day off the working week does.
    pub extension: Extension,
    /// *Délai franc*: neither the day of the act nor the day of expiry counts, so that the act can
    /// still be done on the day after (the next counted day, for open and working days).
    pub franc: bool,
}

impl Computation {
    /// The rule of articles 640 to 642 of the Code de procédure civile: the day of expiry counts,
    /// and a last day off the working week is moved to the next working day.
    pub const fn procedure(territory: Territory) -> Self {
        Self {
            territory,
            extension: Extension::NextWorkingDay,
            franc: false,
        }
    }

    /// An appeal to the administrative court (Code de justice administrative, R421-1): *franc*, and
    /// extended to the next working day (Conseil d'État, 5 June 2009, no. 312682).
    pub const fn appeal(territory: Territory) -> Self {
        Self {
            territory,
            extension: Extension::NextWorkingDay,
            franc: true,
        }
    }

    /// The silence of an administration that becomes a decision (Code des relations entre le public
    /// et l'administration, L231-1 and L231-4): from one day of the month to the same day, neither
    /// *franc* nor extended. Article 642 governs acts to be done in time; no text extends to a
    /// Monday the birth of an implicit decision, which needs no act.
    ///
    /// A text that sets its own rule for a procedure prevails: the caller then fills the fields.
    pub const fn silence(territory: Territory) -> Self {
        Self {
            territory,
            extension: Extension::None,
            franc: false,
        }
    }
}

/// The last day of a period; it expires at the end of that day, at midnight (article 642,
/// paragraph 1), so what its end brings about holds from the day after.
///
/// `start` is the day of the act, event, decision or notification that sets the period running
/// (article 640).
///
/// - In days, `start` does not count (article 641, paragraph 1).
/// - In months or years, the period ends on the day with the same number as `start`, or on the last
///   day of the month when that month has no such day (paragraph 2).
/// - In months and days, the months are counted first (paragraph 3).
/// - Then the day of a *délai franc* is added, and last comes the extension.
pub fn deadline(start: Date, period: Period, computation: Computation) -> Result<Date, LegalError> {
    computation.extend(expiry(start, period, computation)?)
}

/// The last day before any extension.
pub(crate) fn expiry(
    start: Date,
    period: Period,
    computation: Computation,
) -> Result<Date, LegalError> {
    check_year(start.year())?;
    let (months, days) = period.parts()?;
    let past = LegalError::PastCalendar { from: start };
    // jiff ends a sum of months on the last day of a month that is too short, as article 641 does.
    let span = Span::new().try_months(months).map_err(|_| past)?;
    let after_months = start.checked_add(span).map_err(|_| past)?;
    let days = days + u32::from(computation.franc);
    period
        .unit()
        .advance(after_months, days, computation.territory)
}

impl Computation {
    /// The day itself or, when it is extended, the working day on which the period then ends.
    pub(crate) fn extend(&self, day: Date) -> Result<Date, LegalError> {
        match self.extension {
            Extension::NextWorkingDay => next_working_day(day, self.territory),
            Extension::None => Ok(day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use jiff::{SignedDuration, ToSpan};
    use proptest::prelude::*;

    const HERE: Territory = Territory::National;
    const PLAIN: Computation = Computation::silence(HERE);
    const MOVED: Computation = Computation::procedure(HERE);

    fn ends(start: Date, period: Period, computation: Computation) -> Date {
        deadline(start, period, computation).unwrap()
    }

    #[test]
    fn days_leave_out_the_day_of_the_act() {
        let start = date(2026, 3, 2);
        assert_eq!(ends(start, Period::Days(1), PLAIN), date(2026, 3, 3));
        assert_eq!(ends(start, Period::Days(25), PLAIN), date(2026, 3, 27));
        assert_eq!(ends(start, Period::Weeks(2), PLAIN), date(2026, 3, 16));
    }

    #[test]
    fn months_end_on_the_same_day_or_the_last() {
        let cases = [
            (date(2026, 2, 10), Period::Months(1), date(2026, 3, 10)),
            (date(2026, 1, 31), Period::Months(1), date(2026, 2, 28)),
            (date(2024, 1, 31), Period::Months(1), date(2024, 2, 29)),
            (date(2025, 12, 31), Period::Months(2), date(2026, 2, 28)),
            (date(2026, 2, 28), Period::Months(1), date(2026, 3, 28)),
            (date(2026, 7, 31), Period::Months(2), date(2026, 9, 30)),
            (date(2024, 2, 29), Period::Years(1), date(2025, 2, 28)),
            (date(2024, 2, 29), Period::Years(4), date(2028, 2, 29)),
        ];
        for (start, period, end) in cases {
            assert_eq!(ends(start, period, PLAIN), end, "{start} {period:?}");
        }
    }

    #[test]
    fn months_come_before_days() {
        let period = Period::MonthsAndDays {
            months: 1,
            days: 15,
        };
        assert_eq!(ends(date(2017, 2, 12), period, PLAIN), date(2017, 3, 27));
        // Days first would lead to 17 March.
        assert_eq!(ends(date(2026, 1, 31), period, PLAIN), date(2026, 3, 15));
    }

    #[test]
    fn a_last_day_off_moves_to_the_next_working_day() {
        let two_months = Period::Months(2);
        // 28 February 2026 is a Saturday.
        assert_eq!(
            ends(date(2025, 12, 31), two_months, MOVED),
            date(2026, 3, 2)
        );
        assert_eq!(
            ends(date(2025, 12, 31), two_months, PLAIN),
            date(2026, 2, 28)
        );
        // Friday 1 May 2026 opens a week-end of three days; a working day stays.
        assert_eq!(ends(date(2026, 3, 1), two_months, MOVED), date(2026, 5, 4));
        assert_eq!(ends(date(2026, 3, 4), two_months, MOVED), date(2026, 5, 4));
        // Christmas 2025 is a Thursday.
        assert_eq!(
            ends(date(2025, 10, 25), two_months, MOVED),
            date(2025, 12, 26)
        );
    }

    #[test]
    fn holidays_of_the_territory_move_the_end() {
        // Good Friday 2026 is 3 April, Easter Monday 6 April.
        let period = Period::Months(1);
        let end = |territory| ends(date(2026, 3, 3), period, Computation::procedure(territory));
        assert_eq!(end(HERE), date(2026, 4, 3));
        assert_eq!(end(Territory::AlsaceMoselleWithoutTemple), date(2026, 4, 3));
        assert_eq!(end(Territory::AlsaceMoselle), date(2026, 4, 7));
        // 10 June 2026 is a Wednesday.
        let guyane = Computation::procedure(Territory::Guyane);
        assert_eq!(ends(date(2026, 5, 10), period, guyane), date(2026, 6, 11));
    }

    #[test]
    fn an_appeal_is_franc() {
        let appeal = Computation::appeal(HERE);
        // Notified on Thursday 15 January 2026: until Monday 16 March.
        assert_eq!(
            ends(date(2026, 1, 15), Period::Months(2), appeal),
            date(2026, 3, 16)
        );
        // 28 February, then 1 March, a Sunday: until Monday.
        assert_eq!(
            ends(date(2025, 12, 31), Period::Months(2), appeal),
            date(2026, 3, 2)
        );
        assert_eq!(
            ends(date(2026, 3, 2), Period::Days(10), appeal),
            date(2026, 3, 13)
        );
        // The five working days are 3, 4, 5, 6 and 9 March; the act can be done on the next.
        assert_eq!(
            ends(date(2026, 3, 2), Period::WorkingDays(5), appeal),
            date(2026, 3, 10)
        );
    }

    #[test]
    fn open_and_working_days_skip_their_own() {
        // From Thursday 30 April 2026: Saturday 2, Monday 4, Tuesday 5; and 4, 5, 6.
        let start = date(2026, 4, 30);
        assert_eq!(ends(start, Period::OpenDays(3), PLAIN), date(2026, 5, 5));
        assert_eq!(ends(start, Period::WorkingDays(3), PLAIN), date(2026, 5, 6));
        assert_eq!(ends(start, Period::OpenDays(1), PLAIN), date(2026, 5, 2));
        assert_eq!(ends(start, Period::OpenDays(1), MOVED), date(2026, 5, 4));
    }

    #[test]
    fn what_has_no_end_is_refused() {
        let start = date(2026, 1, 1);
        let empty = Period::MonthsAndDays { months: 0, days: 0 };
        for period in [Period::Days(0), Period::Months(0), empty] {
            assert_eq!(deadline(start, period, PLAIN), Err(LegalError::EmptyPeriod));
        }
        for period in [
            Period::Days(u32::MAX),
            Period::Weeks(u32::MAX),
            Period::Years(101),
        ] {
            let refusal = LegalError::PeriodTooLong { period };
            assert_eq!(deadline(start, period, PLAIN), Err(refusal));
        }
        assert_eq!(
            deadline(date(1981, 1, 1), Period::Days(1), PLAIN),
            Err(LegalError::UnknownYear { year: 1981 })
        );
        let from = date(9999, 12, 1);
        assert_eq!(
            deadline(from, Period::Years(1), PLAIN),
            Err(LegalError::PastCalendar { from })
        );
    }

    fn any_period() -> impl Strategy<Value = fn(u32) -> Period> {
        let kinds: [fn(u32) -> Period; 7] = [
            Period::Days,
            Period::Weeks,
            Period::Months,
            |n| Period::MonthsAndDays {
                months: n / 2,
                days: n,
            },
            |n| Period::Years(n.div_ceil(3)),
            Period::OpenDays,
            Period::WorkingDays,
        ];
        prop::sample::select(kinds.to_vec())
    }

    fn any_computation() -> impl Strategy<Value = Computation> {
        let territory = prop::sample::select(&Territory::ALL[..]);
        (territory, any::<bool>(), any::<bool>()).prop_map(|(territory, moved, franc)| {
            let extension = if moved {
                Extension::NextWorkingDay
            } else {
                Extension::None
            };
            Computation {
                territory,
                extension,
                franc,
            }
        })
    }

    fn day(rank: i64) -> Date {
        date(1990, 1, 1).saturating_add(SignedDuration::from_hours(24 * rank))
    }

    proptest! {
        #[test]
        fn later_starts_and_longer_periods_never_end_earlier(
            start in 0..20_000_i64, later in 0..40_i64, n in 1..150_u32, more in 0..10_u32,
            period in any_period(), computation in any_computation(),
        ) {
            let end = ends(day(start), period(n), computation);
            prop_assert!(end > day(start));
            prop_assert!(end <= ends(day(start + later), period(n), computation));
            prop_assert!(end <= ends(day(start), period(n + more), computation));
        }

        #[test]
        fn an_extension_moves_by_days_off_only(
            start in 0..20_000_i64, n in 1..60_u32, period in any_period(),
            territory in prop::sample::select(&Territory::ALL[..]),
        ) {
            let plain = ends(day(start), period(n), Computation::silence(territory));
            let moved = ends(day(start), period(n), Computation::procedure(territory));
            prop_assert!(crate::is_working_day(moved, territory).unwrap());
            let mut passed = plain;
            while passed < moved {
                prop_assert!(!crate::is_working_day(passed, territory).unwrap());
                passed = passed.checked_add(1.day()).unwrap();
            }
            prop_assert_eq!(passed, moved);
        }
    }
}
