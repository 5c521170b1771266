//! A published series over time, with its breaks.

use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;

use super::report::{CohortFigures, part_at};
use super::series::Series;

/// Most dates of one series: a chart and its table stay readable, and the cost stays bounded.
pub const POINTS_MAX: usize = 40;

/// A change of the formula: from then on figures aren't comparable with those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FormulaChange {
    /// The first date computed with the new one.
    pub from: Date,
    /// Its version.
    pub version: &'static str,
}

/// Every change of the formula of slips so far: none since the first version.
pub const FORMULA_CHANGES: &[FormulaChange] = &[];

/// What the list said at one date.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryPoint {
    /// The date.
    pub on: Date,
    /// The figures of the whole list at that date.
    pub figures: CohortFigures,
    /// Re-baselines that took effect since the date before, this one included.
    pub rebaselines: usize,
    /// The version of the formula that begins with this date.
    pub formula: Option<&'static str>,
}

/// The dates at which a series is told: those of the editions and each quarter's end between the
/// first estimate and `today`, then `today`; thinned evenly to [`POINTS_MAX`], the first and last
/// kept.
pub fn dates(editions: &[Date], first: Option<Date>, today: Date) -> Vec<Date> {
    let Some(first) = editions.first().copied().into_iter().chain(first).min() else {
        return Vec::new();
    };
    let mut all: Vec<Date> = editions.to_vec();
    all.push(today);
    for year in first.year()..=today.year() {
        all.extend([3, 6, 9, 12].into_iter().filter_map(|month| {
            let begins = Date::new(year, month, 1).ok()?;
            Some(begins.last_of_month())
        }));
    }
    all.retain(|date| (first..=today).contains(date));
    all.sort_unstable();
    all.dedup();
    let last = all.len().saturating_sub(1);
    if all.len() <= POINTS_MAX {
        return all;
    }
    let steps = POINTS_MAX - 1;
    (0..POINTS_MAX)
        .filter_map(|step| all.get(step * last / steps).copied())
        .collect()
}

/// The series at `dates`, of one ministry or of the whole list. `rebaselines` are the dates on
/// which a new baseline took effect.
pub fn history(
    series: &Series,
    dates: &[Date],
    ministry: Option<Uuid>,
    rebaselines: &[Date],
) -> Vec<HistoryPoint> {
    let mut before: Option<Date> = None;
    let part = ministry.map(|id| series.part_of(id));
    dates
        .iter()
        .map(|on| {
            let is_new = |date: &Date| date <= on && before.is_some_and(|before| *date > before);
            let point = HistoryPoint {
                on: *on,
                figures: part_at(series, *on, part.as_ref()),
                rebaselines: rebaselines.iter().filter(|date| is_new(date)).count(),
                formula: FORMULA_CHANGES
                    .iter()
                    .rfind(|change| is_new(&change.from))
                    .map(|change| change.version),
            };
            before = Some(*on);
            point
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{Description, Estimate, Facts, Phase, ProductKind};

    #[test]
    fn dates_begin_with_the_first_and_end_today() {
        let editions = [date(2016, 11, 3), date(2017, 6, 1)];
        let all = dates(&editions, None, date(2017, 8, 1));
        assert_eq!(
            all,
            [
                date(2016, 11, 3),
                date(2016, 12, 31),
                date(2017, 3, 31),
                date(2017, 6, 1),
                date(2017, 6, 30),
                date(2017, 8, 1),
            ]
        );
        let long = dates(&editions, Some(date(1990, 1, 1)), date(2026, 8, 1));
        assert_eq!(long.len(), POINTS_MAX);
        assert_eq!(long.first(), Some(&date(1990, 3, 31)));
        assert_eq!(long.last(), Some(&date(2026, 8, 1)));
        assert_eq!(dates(&[], None, date(2026, 8, 1)), []);
    }

    #[test]
    fn a_new_baseline_breaks_the_series_where_it_takes_effect() {
        let id = Uuid::from_u128(1);
        let mut series = Series::default();
        let described = Description::named(ProductKind::LargeProject, "A");
        series.put_product(Facts {
            id,
            title: described.title.as_str().into(),
            kind: described.kind,
            ministry_id: Some(Uuid::from_u128(9)),
            area: "".into(),
            phase: None,
            merged_into: None,
        });
        for (on, cost) in [(date(2020, 1, 1), 100), (date(2021, 1, 1), 150)] {
            series.add_estimate(
                id,
                &Estimate {
                    as_of: on,
                    cost_cents: Some(cost),
                    duration_seconds: None,
                    start_on: None,
                    phase: Some(Phase::Build),
                    source: String::new(),
                    author: String::new(),
                },
            );
        }
        series.pack();
        let on = [date(2020, 6, 30), date(2021, 3, 31), date(2021, 6, 30)];
        let told = history(&series, &on, None, &[date(2021, 2, 1)]);
        let means: Vec<_> = told
            .iter()
            .map(|point| point.figures.cost.mean_slip_rate)
            .collect();
        assert_eq!(means, [Some(0.0), Some(0.5), Some(0.5)]);
        let breaks: Vec<_> = told.iter().map(|point| point.rebaselines).collect();
        assert_eq!(breaks, [0, 1, 0]);
        let other = history(&series, &on, Some(Uuid::from_u128(8)), &[]);
        assert!(other.iter().all(|point| point.figures.products == 0));
    }
}
