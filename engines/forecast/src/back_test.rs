//! How well the method would have done.

use crate::{Basis, Past, Range, forecast, reference_class};

/// A finished project's estimate with the days that tell what was known when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dated<B, P> {
    /// Which project, so that a project never forecasts itself.
    pub project: u32,
    /// Its size, phase and growth.
    pub past: Past<B, P>,
    /// The frozen baseline at the time.
    pub baseline: i64,
    /// What was estimated.
    pub estimate: i64,
    /// What it became.
    pub outcome: i64,
    /// The day of the estimate.
    pub estimated_on: i32,
    /// The day from which the outcome was known.
    pub known_on: i32,
}

/// What the method would have said of finished projects, each time from those alone that had
/// finished by the day of the estimate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BackTest {
    /// Estimates that could be tried.
    pub tried: usize,
    /// Of those, how many had to take the published range.
    pub by_range: usize,
    /// Outcomes at or under P50: near one half when the method is right.
    pub within_p50: usize,
    /// Outcomes at or under P80: near four fifths.
    pub within_p80: usize,
    /// The mean of |P50 - outcome| / outcome.
    pub error_p50: Option<f64>,
    /// The same for the plain estimate: what nobody corrects.
    pub error_estimate: Option<f64>,
}

/// Tries the method on every finished project's estimates; see [`BackTest`]. The cost grows with
/// the square of the number of estimates: give at most a few thousand.
pub fn back_test<B: PartialEq + Copy, P: PartialEq + Copy>(
    all: &[Dated<B, P>],
    range: Range,
) -> BackTest {
    back_test_with(all, all, range)
}

/// The same, tried on other estimates than those from which it forecasts: on projects that are still
/// running, say, whose outcome is what they estimate now.
pub fn back_test_with<B: PartialEq + Copy, P: PartialEq + Copy>(
    tried: &[Dated<B, P>],
    finished: &[Dated<B, P>],
    range: Range,
) -> BackTest {
    let mut told = BackTest::default();
    let (mut errors, mut plain) = (0.0, 0.0);
    for one in tried.iter().filter(|one| one.outcome > 0) {
        let known: Vec<Past<B, P>> = finished
            .iter()
            .filter(|other| other.project != one.project && other.known_on <= one.estimated_on)
            .map(|other| other.past)
            .collect();
        let class = reference_class(&known, one.past.band, one.past.phase, range);
        let Some(forecast) = forecast(&class, one.baseline, one.estimate) else {
            continue;
        };
        told.tried += 1;
        told.by_range += usize::from(class.basis() == Basis::PublishedRange);
        told.within_p50 += usize::from(one.outcome <= forecast.p50);
        told.within_p80 += usize::from(one.outcome <= forecast.p80);
        let off = |value: i64| (value - one.outcome).abs() as f64 / one.outcome as f64;
        errors += off(forecast.p50);
        plain += off(one.estimate);
    }
    if told.tried > 0 {
        told.error_p50 = Some(errors / told.tried as f64);
        told.error_estimate = Some(plain / told.tried as f64);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(project: u32, estimate: i64, outcome: i64, estimated_on: i32) -> Dated<u8, u8> {
        Dated {
            project,
            past: Past {
                band: 1,
                phase: 1,
                growth: outcome as f64 / estimate as f64 - 1.0,
            },
            baseline: estimate,
            estimate,
            outcome,
            estimated_on,
            known_on: estimated_on + 10,
        }
    }

    #[test]
    fn only_what_was_known_is_used() {
        // All estimated on the same day: nobody had finished, so the range is all there is.
        let same: Vec<_> = (0..30).map(|n| finished(n, 100, 150, 0)).collect();
        let told = back_test(&same, Range::GREEN_BOOK_COST);
        assert_eq!((told.tried, told.by_range), (30, 30));
        // One a day: from day 24 on fifteen others are known, history is enough.
        let daily: Vec<_> = (0..30)
            .map(|n| finished(n, 100, 150, i32::try_from(n).unwrap()))
            .collect();
        let told = back_test(&daily, Range::GREEN_BOOK_COST);
        assert_eq!((told.tried, told.by_range), (30, 24));
    }

    #[test]
    fn a_steady_history_is_forecast_better_than_plain_estimates_say() {
        // Fifty that all grew by half, then fifty more.
        let all: Vec<_> = (0..100)
            .map(|n| finished(n, 100, 150, if n < 50 { 0 } else { 100 }))
            .collect();
        let told = back_test(&all, Range::GREEN_BOOK_COST);
        assert_eq!(told.by_range, 50);
        // By the range P50 is 205 (off by 55 of 150); by history 150, exactly.
        assert_eq!((told.within_p50, told.within_p80), (100, 100));
        assert!((told.error_p50.unwrap() - 0.5 * 55.0 / 150.0).abs() < 1e-12);
        assert!((told.error_estimate.unwrap() - 50.0 / 150.0).abs() < 1e-12);
    }

    #[test]
    fn what_still_runs_is_forecast_from_what_ended() {
        let ended: Vec<_> = (0..20).map(|n| finished(n, 100, 150, 0)).collect();
        let running: Vec<_> = [140, 150, 151].map(|now| finished(90, 100, now, 50)).into();
        let told = back_test_with(&running, &ended, Range::GREEN_BOOK_COST);
        assert_eq!((told.tried, told.by_range), (3, 0));
        assert_eq!((told.within_p50, told.within_p80), (2, 2));
    }

    #[test]
    fn nothing_finished_nothing_told() {
        assert_eq!(
            back_test::<u8, u8>(&[], Range::GREEN_BOOK_COST),
            BackTest::default()
        );
        let nothing = finished(1, 100, 0, 0);
        assert_eq!(
            back_test(&[nothing], Range::GREEN_BOOK_COST),
            BackTest::default()
        );
    }
}
