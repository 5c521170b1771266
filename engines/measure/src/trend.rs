//! How a series moves: the straight line of least squares.

use crate::{Interval, POINTS_MIN, TooLittle};

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Days from any one origin.
    pub day: f64,
    /// The value.
    pub value: f64,
}

/// The straight line of least squares through a series (C. F. Gauss, 1809; the standard errors as in
/// N. Draper, H. Smith, *Applied Regression Analysis*, 3rd ed., §1.4).
///
/// Its errors are taken as independent and of one spread: a series with seasons has wider true
/// intervals than these.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Change per day.
    pub per_day: Interval,
    /// How far one value lies from the line, typically: the residual standard error, with n − 2
    /// degrees of freedom. What a single reading is worth when nobody says its standard error.
    pub residual_error: f64,
    /// Points.
    pub points: usize,
    mean: Point,
    squares: f64,
}

impl Trend {
    /// The value on the line at a day, with the interval of the line there (not of one reading).
    pub fn at(&self, day: f64) -> Result<Interval, TooLittle> {
        let away = day - self.mean.day;
        let n = self.points as f64;
        let error = self.residual_error * (1.0 / n + away * away / self.squares).sqrt();
        let value = self.mean.value + self.per_day.estimate * away;
        Interval::new(value, error, self.per_day.degrees)
    }
}

/// The trend of a series, in any order of days.
pub fn trend(points: &[Point]) -> Result<Trend, TooLittle> {
    if points
        .iter()
        .any(|point| !point.day.is_finite() || !point.value.is_finite())
    {
        return Err(TooLittle::NotFinite);
    }
    if points.len() < POINTS_MIN {
        return Err(TooLittle::Values);
    }
    let n = points.len() as f64;
    let mean = Point {
        day: points.iter().map(|point| point.day).sum::<f64>() / n,
        value: points.iter().map(|point| point.value).sum::<f64>() / n,
    };
    let sum = |of: &dyn Fn(f64, f64) -> f64| {
        let each = points
            .iter()
            .map(|point| of(point.day - mean.day, point.value - mean.value));
        each.sum::<f64>()
    };
    let squares = sum(&|day, _| day * day);
    if squares <= 0.0 {
        return Err(TooLittle::Values);
    }
    let slope = sum(&|day, value| day * value) / squares;
    let residuals = sum(&|day, value| (value - slope * day).powi(2));
    let degrees = n - 2.0;
    let residual_error = (residuals / degrees).sqrt();
    let per_day = Interval::new(slope, residual_error / squares.sqrt(), degrees)?;
    Ok(Trend {
        per_day,
        residual_error,
        points: points.len(),
        mean,
        squares,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn series(values: &[(f64, f64)]) -> Vec<Point> {
        let point = |&(day, value)| Point { day, value };
        values.iter().map(point).collect()
    }

    fn close(is: f64, should: f64) {
        assert!((is - should).abs() < 1e-6, "{is} should be {should}");
    }

    #[test]
    fn the_line_is_that_of_statsmodels() {
        // statsmodels.api.OLS([2.1, 3.9, 6.2, 7.8, 10.1], add_constant([0, 1, 2, 3, 4])).fit():
        // params, bse, conf_int, sqrt(mse_resid), get_prediction([1, 6]).
        let points = series(&[(0.0, 2.1), (1.0, 3.9), (2.0, 6.2), (3.0, 7.8), (4.0, 10.1)]);
        let trend = trend(&points).unwrap();
        close(trend.per_day.estimate, 1.99);
        close(trend.per_day.standard_error, 0.059_721_576_223_896);
        close(trend.per_day.low, 1.799_939_290_400_542);
        close(trend.per_day.high, 2.180_060_709_599_459);
        close(trend.residual_error, 0.188_856_206_322_871);
        let later = trend.at(6.0).unwrap();
        close(later.estimate, 13.98);
        close(later.standard_error, 0.253_377_189_186_399);
    }

    #[test]
    fn too_little_is_said() {
        let few = series(&[(0.0, 1.0), (1.0, 2.0), (2.0, 2.5)]);
        assert_eq!(trend(&few), Err(TooLittle::Values));
        let one_day = series(&[(1.0, 1.0), (1.0, 2.0), (1.0, 2.5), (1.0, 3.0)]);
        assert_eq!(trend(&one_day), Err(TooLittle::Values));
        let exact = series(&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]);
        assert_eq!(trend(&exact), Err(TooLittle::Spread));
        let odd = series(&[(0.0, f64::NAN), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]);
        assert_eq!(trend(&odd), Err(TooLittle::NotFinite));
    }

    proptest! {
        #[test]
        fn moving_and_stretching_move_and_stretch_the_line(
            values in prop::collection::vec(-1e3_f64..1e3, 5..30),
            shift in -1e3_f64..1e3, factor in 0.1_f64..10.0,
        ) {
            let plain: Vec<Point> = values
                .iter()
                .enumerate()
                .map(|(day, value)| Point { day: day as f64, value: *value })
                .collect();
            let moved: Vec<Point> = plain
                .iter()
                .map(|point| Point { day: point.day + 700.0, value: point.value * factor + shift })
                .collect();
            let (Ok(one), Ok(two)) = (trend(&plain), trend(&moved)) else { return Ok(()); };
            let scale = 1e-7 * (1.0 + two.per_day.estimate.abs() + two.residual_error);
            prop_assert!((one.per_day.estimate * factor - two.per_day.estimate).abs() < scale);
            prop_assert!((one.residual_error * factor - two.residual_error).abs() < scale * 10.0);
            prop_assert!(one.per_day.low <= one.per_day.estimate);
            prop_assert!(one.per_day.estimate <= one.per_day.high);
        }
    }
}
