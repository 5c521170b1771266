//! What changed between two periods, alone or beside a group for which nothing was done.

use crate::{Interval, TooLittle, VALUES_MIN};

/// What changed, with how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The difference, with its interval of 95 %.
    pub difference: Interval,
    /// The fewest values of any period of any group.
    pub fewest: usize,
}

/// Mean, variance of the mean, and number of some values.
fn cell(values: &[f64]) -> Result<(f64, f64, f64), TooLittle> {
    if values.iter().any(|value| !value.is_finite()) {
        return Err(TooLittle::NotFinite);
    }
    if values.len() < VALUES_MIN {
        return Err(TooLittle::Values);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Ok((mean, squares / (n - 1.0) / n, n))
}

/// A sum of means, each taken once with its sign: the variances add up, and the degrees of freedom
/// are those of Welch and Satterthwaite (F. E. Satterthwaite, Biometrics Bulletin 2, 1946; B. L.
/// Welch, Biometrika 34, 1947).
fn contrast(cells: &[(f64, &[f64])]) -> Result<Effect, TooLittle> {
    let (mut estimate, mut variance, mut spread) = (0.0, 0.0, 0.0);
    let mut fewest = usize::MAX;
    for (sign, values) in cells {
        let (mean, of_mean, n) = cell(values)?;
        estimate += sign * mean;
        variance += of_mean;
        spread += of_mean * of_mean / (n - 1.0);
        fewest = fewest.min(values.len());
    }
    let difference = Interval::new(estimate, variance.sqrt(), variance * variance / spread)?;
    Ok(Effect { difference, fewest })
}

/// The mean after less the mean before, by Welch's method: two periods may vary differently.
///
/// It says that something changed, not why: whatever else happened at the same time is in it. The
/// values are taken as independent of each other.
pub fn before_after(before: &[f64], after: &[f64]) -> Result<Effect, TooLittle> {
    contrast(&[(1.0, after), (-1.0, before)])
}

/// Difference in differences: the change with, less the change without,
/// `(mean with after − mean with before) − (mean without after − mean without before)`
/// (J. D. Angrist, J.-S. Pischke, *Mostly Harmless Econometrics*, §5.2). It is the coefficient of
/// group × period in the least squares with both, whose errors may differ between the four cells;
/// the interval is Welch's and Satterthwaite's of four means.
///
/// It tells the effect if both groups would have moved alike without what was done; the values are
/// taken as independent of each other, and series that remember their past have wider true
/// intervals (M. Bertrand, E. Duflo, S. Mullainathan, QJE 119, 2004).
pub fn difference_in_differences(
    with: (&[f64], &[f64]),
    without: (&[f64], &[f64]),
) -> Result<Effect, TooLittle> {
    contrast(&[
        (1.0, with.1),
        (-1.0, with.0),
        (-1.0, without.1),
        (1.0, without.0),
    ])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(is: f64, should: f64) {
        assert!((is - should).abs() < 1e-6, "{is} should be {should}");
    }

    const BEFORE: [f64; 5] = [10.0, 12.0, 11.0, 13.0, 9.0];
    const AFTER: [f64; 4] = [15.0, 17.0, 14.0, 18.0];
    const BEFORE_WITHOUT: [f64; 4] = [10.0, 11.0, 12.0, 11.0];
    const AFTER_WITHOUT: [f64; 5] = [12.0, 13.0, 11.0, 12.5, 12.0];

    #[test]
    fn before_and_after_are_welchs() {
        // By hand: means 11 and 16; variances 2.5 and 10/3; of the means 0.5 and 0.8333.
        // scipy.stats.ttest_ind(AFTER, BEFORE, equal_var=False): df and confidence_interval().
        let effect = before_after(&BEFORE, &AFTER).unwrap();
        close(effect.difference.estimate, 5.0);
        close(effect.difference.standard_error, (4.0_f64 / 3.0).sqrt());
        close(effect.difference.degrees, 6.047_244_094);
        close(effect.difference.low, 2.179_891_706);
        close(effect.difference.high, 7.820_108_294);
        assert_eq!(effect.fewest, 4);
    }

    #[test]
    fn a_difference_in_differences_is_that_of_least_squares() {
        // statsmodels OLS value ~ with * after on the 18 rows: coefficient of with:after 3.9.
        let effect =
            difference_in_differences((&BEFORE, &AFTER), (&BEFORE_WITHOUT, &AFTER_WITHOUT))
                .unwrap();
        close(effect.difference.estimate, 3.9);
        // Variances of the four means: 0.5, 0.8333, 0.1667, 0.11; scipy.stats.t for the interval.
        close(effect.difference.standard_error, 1.268_857_754);
        close(effect.difference.degrees, 8.463_564_987);
        close(effect.difference.low, 1.001_671_196);
        close(effect.difference.high, 6.798_328_804);
        assert!(!effect.difference.holds(0.0));
    }

    #[test]
    fn too_little_is_said() {
        assert_eq!(
            before_after(&[1.0, 2.0], &[1.0, 2.0, 3.0]),
            Err(TooLittle::Values)
        );
        assert_eq!(before_after(&[1.0; 4], &[2.0; 4]), Err(TooLittle::Spread));
        assert_eq!(
            before_after(&[1.0, 2.0, f64::INFINITY], &[1.0, 2.0, 3.0]),
            Err(TooLittle::NotFinite)
        );
    }

    fn values() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-1e3_f64..1e3, 3..20)
    }

    proptest! {
        #[test]
        fn what_moves_both_groups_alike_is_no_effect(
            a in values(), b in values(), c in values(), d in values(), shift in -1e3_f64..1e3,
        ) {
            let moved = |values: &[f64]| values.iter().map(|v| v + shift).collect::<Vec<_>>();
            let one = difference_in_differences((&a, &b), (&c, &d)).unwrap();
            let two = difference_in_differences((&a, &moved(&b)), (&c, &moved(&d))).unwrap();
            prop_assert!((one.difference.estimate - two.difference.estimate).abs() < 1e-6);
            prop_assert!(
                (one.difference.standard_error - two.difference.standard_error).abs() < 1e-6
            );
            prop_assert!(one.difference.holds(one.difference.estimate));
        }

        #[test]
        fn turned_round_the_effect_changes_its_sign(
            a in values(), b in values(), c in values(), d in values(),
        ) {
            let one = difference_in_differences((&a, &b), (&c, &d)).unwrap().difference;
            let two = difference_in_differences((&c, &d), (&a, &b)).unwrap().difference;
            prop_assert!((one.estimate + two.estimate).abs() < 1e-9);
            prop_assert!((one.low + two.high).abs() < 1e-6);
            // A second group only adds to what isn't known.
            let alone = before_after(&a, &b).unwrap().difference;
            prop_assert!(one.standard_error >= alone.standard_error);
        }
    }
}
