//! The figures of an indicator over time: gaps, and how sure the latest one is.

use jiff::civil::Date;
use measure::{Point, Trend, trend};

use super::{Figure, Quantity, Rhythm, day_number};

/// Periods between two figures in which there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last day of the first period without figure.
    pub from: Date,
    /// The last day of the last one.
    pub until: Date,
    /// How many there are.
    pub periods: i64,
}

/// The gaps of a series in order of dates.
pub fn gaps(figures: &[Figure], rhythm: Rhythm) -> Vec<Gap> {
    figures
        .windows(2)
        .filter_map(|pair| {
            let [first, second] = pair else { return None };
            let (from, to) = (rhythm.number(first.as_of), rhythm.number(second.as_of));
            (to > from + 1).then(|| Gap {
                from: rhythm.last(from + 1),
                until: rhythm.last(to - 1),
                periods: to - from - 1,
            })
        })
        .collect()
}

/// Figures of which the trend is computed: what lies further back says little of today.
const RECENT: usize = 24;
/// Standard errors on each side of a reading of 95 %.
const MARGIN: f64 = 1.96;

/// How sure the latest figure of a series is, and where the series goes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// Figures.
    pub points: usize,
    /// Whether periods are missing between them.
    pub has_gaps: bool,
    /// The interval of 95 % of the latest figure: from its standard error when one is told, else
    /// from how the last 24 figures scatter round their trend; none when neither is known.
    pub interval: Option<(f64, f64)>,
    /// Whether that interval comes from the scatter.
    pub is_scatter: bool,
    /// The trend of the last 24 figures, from 4 of them.
    pub trend: Option<Trend>,
}

/// Reads a series in order of dates.
pub fn read(figures: &[Figure], rhythm: Rhythm) -> Reading {
    let recent = &figures[figures.len().saturating_sub(RECENT)..];
    let points: Vec<Point> = recent
        .iter()
        .map(|figure| Point {
            day: day_number(figure.as_of) as f64,
            value: figure.value.to_f64(),
        })
        .collect();
    let trend = trend(&points).ok();
    let told = figures
        .last()
        .and_then(|figure| figure.standard_error)
        .map(Quantity::to_f64);
    let error = told.or(trend.map(|trend| trend.residual_error));
    let interval = figures.last().zip(error).map(|(figure, error)| {
        let value = figure.value.to_f64();
        (value - MARGIN * error, value + MARGIN * error)
    });
    Reading {
        points: figures.len(),
        has_gaps: !gaps(figures, rhythm).is_empty(),
        interval,
        is_scatter: told.is_none() && interval.is_some(),
        trend,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::Quality;

    fn figure(value: i64, as_of: Date) -> Figure {
        Figure {
            value: Quantity::whole(value).unwrap(),
            as_of,
            quality: Quality::Measured,
            standard_error: None,
        }
    }

    #[test]
    fn a_series_with_gaps_is_shown_with_gaps() {
        let series = [
            figure(1, date(2026, 1, 31)),
            figure(2, date(2026, 2, 28)),
            figure(5, date(2026, 5, 31)),
        ];
        let gap = Gap {
            from: date(2026, 3, 31),
            until: date(2026, 4, 30),
            periods: 2,
        };
        assert_eq!(gaps(&series, Rhythm::Monthly), [gap]);
        assert_eq!(gaps(&series, Rhythm::Quarterly), []);
        assert!(read(&series, Rhythm::Monthly).has_gaps);
    }

    #[test]
    fn a_reading_says_how_sure_it_is() {
        let values = [10, 12, 11, 13, 12, 14];
        let mut series: Vec<Figure> = values
            .iter()
            .enumerate()
            .map(|(at, value)| figure(*value, date(2026, 1 + at as i8, 28)))
            .collect();
        let scatter = read(&series, Rhythm::Monthly);
        assert!(scatter.is_scatter);
        let (low, high) = scatter.interval.unwrap();
        assert!(low < 14.0 && 14.0 < high);
        series[5].standard_error = Quantity::whole(1);
        let told = read(&series, Rhythm::Monthly);
        assert_eq!(
            (told.is_scatter, told.interval),
            (false, Some((12.04, 15.96)))
        );
        let few = read(&series[..2], Rhythm::Monthly);
        assert_eq!((few.interval, few.trend), (None, None));
    }
}
