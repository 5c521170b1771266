//! Reference class forecasts: what a project's cost and duration will become, from what those of
//! projects like it became.
//!
//! The method is the one of Kahneman and Tversky (1979) in the form that Flyvbjerg gave it for
//! public projects (2006) and that the UK's Green Book prescribes against optimism: choose the
//! class, take the distribution of its growth, add the growth at the chosen percentile. A class is
//! of finished projects; *growth* is the final value over the value that was estimated in the same
//! phase, less one. So nothing is asked of the project itself, and no expert corrects the figure.
//!
//! ```text
//! P50 = latest estimate x (1 + the median of the class's growth)
//! P80 = latest estimate x (1 + the growth that 80 % of the class did not exceed)
//! ```
//!
//! When no class is large enough, the published range stands in its place: see [`Range`].
//!
//! Beside it, for a project that tells what it planned, earned and spent: earned value
//! ([`EarnedValue`]) and earned schedule ([`PlannedCurve`]).

mod back_test;
mod class;
mod earned;
mod schedule;

pub use back_test::{BackTest, Dated, back_test, back_test_with};
pub use class::{Basis, CLASS_MIN, Class, Past, Range, reference_class};
pub use earned::{Amounts, EarnedValue, Impossible};
pub use schedule::{BadCurve, EarnedSchedule, PlannedCurve, PlannedPoint};

/// The version of the definitions in this crate.
pub const FORMULA_VERSION: &str = "forecast-1";

/// A forecast of one measure, in the unit of the estimates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// As likely to be exceeded as not.
    pub p50: i64,
    /// Exceeded by one project of the class in five.
    pub p80: i64,
    /// What was added to the latest estimate (to the baseline with a published range) for P50: a
    /// fraction.
    pub uplift_p50: f64,
    /// What was added for P80.
    pub uplift_p80: f64,
    /// What it comes from.
    pub basis: Basis,
    /// Finished projects in the class; 0 with a published range.
    pub projects: usize,
}

/// Forecasts one measure of a project: `latest` is its latest estimate, `baseline` its frozen one.
///
/// Own history grows the latest estimate. A published range is told of the estimate at the time of
/// the decision, so it grows the baseline; the forecast then never falls under the latest estimate,
/// which already knows better. `None` when either is not positive.
pub fn forecast(class: &Class, baseline: i64, latest: i64) -> Option<Forecast> {
    if baseline <= 0 || latest <= 0 {
        return None;
    }
    let (uplift_p50, uplift_p80) = (class.growth_at(0.5)?, class.growth_at(0.8)?);
    let (from, floor) = match class.basis() {
        Basis::PublishedRange => (baseline, latest),
        _ => (latest, 0),
    };
    let grown = |uplift: f64| ((from as f64 * (1.0 + uplift)).round() as i64).max(floor);
    Some(Forecast {
        p50: grown(uplift_p50),
        p80: grown(uplift_p80),
        uplift_p50,
        uplift_p80,
        basis: class.basis(),
        projects: class.projects(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn past(growth: f64) -> Past<u8, u8> {
        Past {
            band: 1,
            phase: 1,
            growth,
        }
    }

    #[test]
    fn a_worked_example() {
        // Fifteen projects of the class grew by 0 %, 10 %, … 140 %. Type 7: the rank of P50 is
        // 0.5 x 14 = 7 (70 %), that of P80 is 0.8 x 14 = 11.2: 110 % + 0.2 x 10 % = 112 %.
        let all: Vec<_> = (0..15).map(|n| past(f64::from(n) / 10.0)).collect();
        let class = reference_class(&all, 1, 1, Range::GREEN_BOOK_COST);
        let told = forecast(&class, 800, 1_000).unwrap();
        assert_eq!((told.p50, told.p80), (1_700, 2_120));
        assert_eq!((told.basis, told.projects), (Basis::BandAndPhase, 15));
    }

    #[test]
    fn thin_history_falls_back_on_the_published_range() {
        let all: Vec<_> = (0..14).map(|_| past(0.1)).collect();
        let class = reference_class(&all, 1, 1, Range::GREEN_BOOK_COST);
        // +10 % to +200 %: the middle is +105 %, four fifths of the way +162 %.
        let told = forecast(&class, 1_000, 1_000).unwrap();
        assert_eq!((told.p50, told.p80), (2_050, 2_620));
        assert_eq!((told.basis, told.projects), (Basis::PublishedRange, 0));
        // +10 % to +54 %: +32 % and +45.2 %.
        let class = reference_class(&all, 1, 1, Range::GREEN_BOOK_DURATION);
        let told = forecast(&class, 1_000, 1_000).unwrap();
        assert_eq!((told.p50, told.p80), (1_320, 1_452));
        // What is known already isn't forecast away.
        let told = forecast(&class, 1_000, 1_400).unwrap();
        assert_eq!((told.p50, told.p80), (1_400, 1_452));
    }

    #[test]
    fn nothing_positive_nothing_told() {
        let class = reference_class::<u8, u8>(&[], 1, 1, Range::GREEN_BOOK_COST);
        assert_eq!(forecast(&class, 0, 10), None);
        assert_eq!(forecast(&class, 10, 0), None);
        assert_eq!(forecast(&class, -5, 10), None);
    }

    proptest! {
        #[test]
        fn p80_is_never_below_p50_and_order_never_shows(
            mut growths in prop::collection::vec(-0.9..9.0_f64, 0..60),
            baseline in 1..1_000_000_000_000_i64,
            latest in 1..1_000_000_000_000_i64,
        ) {
            let told = |growths: &[f64]| {
                let all: Vec<_> = growths.iter().map(|growth| past(*growth)).collect();
                forecast(&reference_class(&all, 1, 1, Range::GREEN_BOOK_COST), baseline, latest)
            };
            let one = told(&growths).unwrap();
            prop_assert!(one.p50 <= one.p80);
            prop_assert!(one.uplift_p50.is_finite() && one.uplift_p80.is_finite());
            growths.reverse();
            prop_assert_eq!(Some(one), told(&growths));
        }

        #[test]
        fn what_all_became_is_forecast(growth in -0.5..3.0_f64, latest in 1_000..1_000_000_i64) {
            let all = vec![past(growth); 20];
            let class = reference_class(&all, 1, 1, Range::GREEN_BOOK_COST);
            let told = forecast(&class, latest, latest).unwrap();
            prop_assert_eq!(told.p50, told.p80);
            prop_assert!((told.p50 as f64 / latest as f64 - 1.0 - growth).abs() < 0.001);
        }
    }
}
