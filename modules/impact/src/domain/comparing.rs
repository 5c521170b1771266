//! What changed on a day: alone, and beside a series for which nothing was done.

use jiff::civil::Date;
use measure::{Effect, TooLittle, before_after, difference_in_differences};

use super::Figure;

/// What two series say of a day on which something was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The mean from the day on less the mean before it.
    pub alone: Result<Effect, TooLittle>,
    /// That, less the same of the other series; none when there is no other.
    pub beside: Option<Result<Effect, TooLittle>>,
    /// Figures before the day and from it on, of the series and of the other one.
    pub counted: [usize; 4],
}

/// The values before a day and from it on.
fn split(figures: &[Figure], from: Date) -> (Vec<f64>, Vec<f64>) {
    let (before, after): (Vec<&Figure>, Vec<&Figure>) =
        figures.iter().partition(|figure| figure.as_of < from);
    let values = |part: Vec<&Figure>| part.iter().map(|one| one.value.to_f64()).collect();
    (values(before), values(after))
}

/// Compares a series before a day and from it on, alone and beside another in the same unit. Beside
/// another only days on which both have figures around count: the other is cut to the first and last
/// day of the series, so that both periods are the same ones.
pub fn compare(figures: &[Figure], other: Option<&[Figure]>, from: Date) -> Comparison {
    let (before, after) = split(figures, from);
    let alone = before_after(&before, &after);
    let mut counted = [before.len(), after.len(), 0, 0];
    let beside = other.map(|other| {
        let days = figures.first().zip(figures.last());
        let within: Vec<Figure> = other
            .iter()
            .filter(|one| {
                days.is_some_and(|(first, last)| (first.as_of..=last.as_of).contains(&one.as_of))
            })
            .copied()
            .collect();
        let (other_before, other_after) = split(&within, from);
        counted[2] = other_before.len();
        counted[3] = other_after.len();
        difference_in_differences((&before, &after), (&other_before, &other_after))
    });
    Comparison {
        alone,
        beside,
        counted,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{Quality, Quantity};

    fn series(values: &[i64]) -> Vec<Figure> {
        let figure = |(month, value): (i8, &i64)| Figure {
            value: Quantity::whole(*value).unwrap(),
            as_of: date(2026, month, 15),
            quality: Quality::Measured,
            standard_error: None,
        };
        (1_i8..).zip(values).map(figure).collect()
    }

    #[test]
    fn what_moves_both_is_taken_away() {
        // Both grow by 10 in May; the first by 5 more.
        let with = series(&[10, 12, 11, 11, 26, 25, 27, 26]);
        let without = series(&[20, 21, 19, 20, 30, 31, 29, 30]);
        let found = compare(&with, Some(&without), date(2026, 5, 1));
        let alone = found.alone.unwrap().difference;
        assert!((alone.estimate - 15.0).abs() < 1e-9);
        let beside = found.beside.unwrap().unwrap().difference;
        assert!((beside.estimate - 5.0).abs() < 1e-9);
        assert!(!beside.holds(0.0));
        assert_eq!(found.counted, [4; 4]);
    }

    #[test]
    fn too_few_figures_say_nothing() {
        let with = series(&[10, 12, 26, 25, 27]);
        let found = compare(&with, Some(&with[..3]), date(2026, 3, 1));
        assert_eq!(found.alone, Err(TooLittle::Values));
        assert_eq!(found.beside, Some(Err(TooLittle::Values)));
        let none = compare(&[], None, date(2026, 3, 1));
        assert_eq!((none.alone, none.beside), (Err(TooLittle::Values), None));
    }

    #[test]
    fn the_other_series_is_cut_to_the_same_days() {
        let with = series(&[10, 12, 11, 26, 25, 27]);
        let without = series(&[20, 21, 19, 30, 31, 29, 90, 90]);
        let found = compare(&with, Some(&without), date(2026, 4, 1));
        assert_eq!(found.counted, [3, 3, 3, 3]);
    }
}
