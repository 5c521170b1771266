//! Intervals by Student's t distribution ("Student", *The probable error of a mean*, Biometrika 6,
//! 1908).

use statrs::distribution::{ContinuousCDF as _, StudentsT};

use crate::TooLittle;

/// The share of such intervals that hold the true value.
const CONFIDENCE: f64 = 0.95;

/// A value with how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The value that is estimated.
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Degrees of freedom, which need not be whole.
    pub degrees: f64,
    /// The lower end of the interval of 95 %.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of 95 %, `estimate ± t(0.975, degrees) · standard error`.
    pub(crate) fn new(estimate: f64, standard_error: f64, degrees: f64) -> Result<Self, TooLittle> {
        if !estimate.is_finite() || !standard_error.is_finite() {
            return Err(TooLittle::NotFinite);
        }
        if standard_error <= 0.0 || !degrees.is_finite() {
            return Err(TooLittle::Spread);
        }
        let student = StudentsT::new(0.0, 1.0, degrees).map_err(|_| TooLittle::Values)?;
        let t = student.inverse_cdf(1.0 - (1.0 - CONFIDENCE) / 2.0);
        let margin = t * standard_error;
        Ok(Self {
            estimate,
            standard_error,
            degrees,
            low: estimate - margin,
            high: estimate + margin,
        })
    }

    /// Whether the interval holds a value: then nothing says that the true one differs from it.
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.t.ppf(0.975, degrees)`, scipy 1.x.
    const QUANTILES: [(f64, f64); 6] = [
        (1.0, 12.706_204_736),
        (2.0, 4.302_652_730),
        (4.5, 2.658_912_347),
        (10.0, 2.228_138_852),
        (30.0, 2.042_272_456),
        (1_000.0, 1.962_339_081),
    ];

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (degrees, t) in QUANTILES {
            let one = Interval::new(0.0, 1.0, degrees).unwrap();
            assert!((one.high - t).abs() < 1e-6, "{degrees}: {} {t}", one.high);
            assert!((one.low + t).abs() < 1e-6);
        }
    }

    #[test]
    fn what_does_not_vary_has_no_interval() {
        assert_eq!(Interval::new(1.0, 0.0, 4.0), Err(TooLittle::Spread));
        assert_eq!(Interval::new(f64::NAN, 1.0, 4.0), Err(TooLittle::NotFinite));
        assert_eq!(Interval::new(1.0, 1.0, 0.0), Err(TooLittle::Values));
    }
}
