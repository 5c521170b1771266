//! When the next review on impact is due.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_time::{Computation, LegalError, Period, Territory, deadline};

/// Months from one review to the next.
pub const REVIEW_MONTHS: u32 = 6;
/// Days before which a review is announced to the team.
pub const ANNOUNCE_DAYS: i64 = 30;

/// Six months after the last review, or after the phase began when there was none: the day with the
/// same number, or the last day of a month that has no such day. Nothing when neither is known. The first
/// review of a start-up that was imported leaves its team the days of an announcement: nobody is late for
/// what nobody followed.
pub fn next_due(
    last_review: Option<Date>,
    phase_since: Option<Date>,
    known_on: Option<Date>,
) -> Result<Option<Date>, LegalError> {
    let Some(start) = last_review.or(phase_since) else {
        return Ok(None);
    };
    let period = Period::Months(REVIEW_MONTHS);
    let due = deadline(start, period, Computation::silence(Territory::National))?;
    let announced = known_on
        .filter(|_| last_review.is_none())
        .map(|known| known.saturating_add(ANNOUNCE_DAYS.days()));
    Ok(Some(announced.map_or(due, |earliest| due.max(earliest))))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn six_months_are_counted_by_the_calendar() {
        for (start, due) in [
            (date(2026, 1, 15), date(2026, 7, 15)),
            (date(2025, 8, 31), date(2026, 2, 28)),
            (date(2023, 8, 31), date(2024, 2, 29)),
            (date(2023, 8, 29), date(2024, 2, 29)),
            (date(2024, 2, 29), date(2024, 8, 29)),
            (date(2025, 3, 31), date(2025, 9, 30)),
            (date(2025, 12, 31), date(2026, 6, 30)),
            // A Sunday and a holiday move nothing: nobody acts on that day.
            (date(2025, 7, 1), date(2026, 1, 1)),
        ] {
            assert_eq!(next_due(None, Some(start), None), Ok(Some(due)), "{start}");
        }
    }

    #[test]
    fn the_last_review_comes_before_the_phase() {
        let (review, phase) = (date(2026, 3, 10), date(2024, 1, 1));
        assert_eq!(
            next_due(Some(review), Some(phase), None),
            Ok(Some(date(2026, 9, 10)))
        );
        assert_eq!(next_due(None, None, None), Ok(None));
    }

    #[test]
    fn an_imported_one_is_not_late_at_once() {
        let (phase, known) = (date(2021, 3, 13), date(2026, 11, 26));
        let due = next_due(None, Some(phase), Some(known));
        assert_eq!(due, Ok(Some(date(2026, 12, 26))));
        // Once it was reviewed, the review counts alone.
        let due = next_due(Some(date(2026, 2, 1)), Some(phase), Some(known));
        assert_eq!(due, Ok(Some(date(2026, 8, 1))));
    }

    proptest! {
        #[test]
        fn a_due_day_is_about_half_a_year_away(days in 0..20_000_i64) {
            let start = date(1995, 1, 1).saturating_add(jiff::SignedDuration::from_hours(24 * days));
            let due = next_due(Some(start), None, None).unwrap().unwrap();
            let apart = (due - start).get_days();
            prop_assert!((181..=184).contains(&apart), "{start} {due}");
            prop_assert!(due.day() == start.day() || due == due.last_of_month());
            let later = next_due(Some(start.tomorrow().unwrap()), None, None).unwrap().unwrap();
            prop_assert!(due <= later, "a later review is never due earlier");
        }
    }
}
