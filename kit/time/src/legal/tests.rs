//! Worked examples of articles 640 to 642, and what holds of every deadline.

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
