//! What a project will cost and when it will end, from what finished ones became.

use ::forecast::{
    BackTest, Basis, Dated, Forecast, Past, Range, back_test, back_test_with, forecast,
    reference_class,
};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;

use super::product::{Estimate, Measure, band};
use super::series::{Kept, Series};
use super::{DAY_SECONDS, Phase};

/// Estimates on which the method is tried: the cost of a trial grows with their square.
const TRIED_MAX: usize = 2_000;

/// The size of what was estimated, when its cost is known.
type Band = Option<&'static str>;

/// What finished projects became, by measure; and what those that still run estimate now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Finished {
    pub(crate) cost: Vec<Dated<Band, Phase>>,
    pub(crate) duration: Vec<Dated<Band, Phase>>,
    /// The first estimate of those that still run, against their last: the newest of them.
    pub(crate) running_cost: Vec<Dated<Band, Phase>>,
    pub(crate) running_duration: Vec<Dated<Band, Phase>>,
}

impl Finished {
    /// Finished projects of a measure, whatever the number of their estimates.
    pub fn projects(&self, measure: Measure) -> usize {
        let mut projects: Vec<u32> = self.of(measure).iter().map(|one| one.project).collect();
        projects.dedup();
        projects.len()
    }

    fn of(&self, measure: Measure) -> &[Dated<Band, Phase>] {
        match measure {
            Measure::Cost => &self.cost,
            Measure::Duration => &self.duration,
        }
    }
}

fn range(measure: Measure) -> Range {
    match measure {
        Measure::Cost => Range::GREEN_BOOK_COST,
        Measure::Duration => Range::GREEN_BOOK_DURATION,
    }
}

/// Of every finished project: its first estimate in each phase before the last, and what it became.
/// The outcome is its last estimate, known on the day on which it was first said to be done.
pub fn finished(series: &Series) -> Finished {
    let mut told = Finished::default();
    for (project, estimates) in series.histories(|phase| phase == Some(Phase::Done)) {
        let Some(known) = estimates.iter().find(|one| one.phase == Some(Phase::Done)) else {
            continue;
        };
        for measure in [Measure::Cost, Measure::Duration] {
            let Some(outcome) = estimates.iter().rev().find_map(|one| one.value(measure)) else {
                continue;
            };
            let mut counting = estimates.iter().filter(|one| one.counts);
            let baseline = counting.find_map(|one| one.value(measure));
            for phase in [Phase::Framing, Phase::Build, Phase::Trial, Phase::Rollout] {
                let first = estimates
                    .iter()
                    .filter(|one| one.phase == Some(phase) && one.day < known.day)
                    .find_map(|one| Some((one, one.value(measure).filter(|value| *value > 0)?)));
                let Some((one, estimate)) = first else {
                    continue;
                };
                let dated = Dated {
                    project,
                    past: Past {
                        band: one.value(Measure::Cost).map(band),
                        phase,
                        growth: outcome as f64 / estimate as f64 - 1.0,
                    },
                    baseline: baseline.unwrap_or(estimate),
                    estimate,
                    outcome,
                    estimated_on: one.day as i32,
                    known_on: known.day as i32,
                };
                match measure {
                    Measure::Cost => told.cost.push(dated),
                    Measure::Duration => told.duration.push(dated),
                }
            }
        }
    }
    let still_runs = |phase: Option<Phase>| !phase.is_some_and(Phase::is_final);
    for (project, estimates) in series.histories(still_runs) {
        for measure in [Measure::Cost, Measure::Duration] {
            if let Some(dated) = running(project, &estimates, measure) {
                match measure {
                    Measure::Cost => told.running_cost.push(dated),
                    Measure::Duration => told.running_duration.push(dated),
                }
            }
        }
    }
    for all in [&mut told.running_cost, &mut told.running_duration] {
        newest(all);
        all.shrink_to_fit();
    }
    told
}

/// The first estimate of a project that still runs, against its last: none when it estimated once.
fn running(project: u32, estimates: &[Kept], measure: Measure) -> Option<Dated<Band, Phase>> {
    let told = |one: &&Kept| one.value(measure).is_some_and(|value| value > 0);
    let first = estimates
        .iter()
        .filter(told)
        .find(|one| one.phase.is_some())?;
    let last = estimates.iter().rfind(told)?;
    let (estimate, outcome) = (first.value(measure)?, last.value(measure)?);
    (first.day < last.day).then_some(Dated {
        project,
        past: Past {
            band: first.value(Measure::Cost).map(band),
            phase: first.phase?,
            growth: outcome as f64 / estimate as f64 - 1.0,
        },
        baseline: estimate,
        estimate,
        outcome,
        estimated_on: first.day as i32,
        known_on: last.day as i32,
    })
}

/// Keeps the newest estimates, on which the method is tried.
fn newest(all: &mut Vec<Dated<Band, Phase>>) {
    all.sort_by_key(|one| std::cmp::Reverse((one.estimated_on, one.project)));
    all.truncate(TRIED_MAX);
}

/// A forecast of one measure beside the latest estimate: cents, or days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MeasureOutlook {
    /// The latest estimate.
    pub latest: i64,
    /// As likely to be exceeded as not.
    pub p50: i64,
    /// Exceeded by one project of the class in five.
    pub p80: i64,
    /// What P50 adds to what it starts from: a fraction.
    pub uplift_p50: f64,
    /// What P80 adds.
    pub uplift_p80: f64,
    /// `size-and-phase`, `phase`, `size`, `all`, or `published-range` when history is too thin.
    pub basis: &'static str,
    /// Finished projects' estimates in the class.
    pub projects: usize,
}

/// When it will end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EndOutlook {
    /// By the latest estimate.
    #[schema(value_type = String, format = Date)]
    pub latest: Date,
    /// As likely to be later as not.
    #[schema(value_type = String, format = Date)]
    pub p50: Date,
    /// Later for one project of the class in five.
    #[schema(value_type = String, format = Date)]
    pub p80: Date,
}

/// What is forecast of one product.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Outlook {
    /// The version of the method.
    pub formula_version: &'static str,
    /// The final cost, in cents.
    pub cost: Option<MeasureOutlook>,
    /// The final duration, in days.
    pub duration: Option<MeasureOutlook>,
    /// The end, when the start is known.
    pub end: Option<EndOutlook>,
}

/// The name of a basis in answers.
fn basis_code(basis: Basis) -> &'static str {
    match basis {
        Basis::BandAndPhase => "size-and-phase",
        Basis::Phase => "phase",
        Basis::Band => "size",
        Basis::All => "all",
        Basis::PublishedRange => "published-range",
    }
}

/// The forecast of a product from its estimates by date; `None` when it has ended, or when nothing
/// was estimated.
pub fn outlook(finished: &Finished, estimates: &[Estimate]) -> Option<Outlook> {
    let last = estimates.last()?;
    let phase = estimates.iter().rev().find_map(|one| one.phase);
    if phase.is_some_and(Phase::is_final) {
        return None;
    }
    let size = estimates.iter().rev().find_map(|one| one.cost_cents);
    let size = size.map(band);
    let told = |measure| -> Option<(Forecast, i64)> {
        let value = |one: &Estimate| match measure {
            Measure::Cost => one.cost_cents,
            Measure::Duration => one.duration_seconds,
        };
        let latest = estimates.iter().rev().find_map(value)?;
        let counting = || estimates.iter().filter(|one| one.counts());
        let baseline = counting().find_map(value).unwrap_or(latest);
        let pasts: Vec<Past<Band, Option<Phase>>> = finished
            .of(measure)
            .iter()
            .map(|one| Past {
                band: one.past.band,
                phase: Some(one.past.phase),
                growth: one.past.growth,
            })
            .collect();
        let class = reference_class(&pasts, size, phase, range(measure));
        Some((forecast(&class, baseline, latest)?, latest))
    };
    let outlook = |(told, latest): (Forecast, i64), unit: i64| MeasureOutlook {
        latest: latest / unit,
        p50: told.p50 / unit,
        p80: told.p80 / unit,
        uplift_p50: told.uplift_p50,
        uplift_p80: told.uplift_p80,
        basis: basis_code(told.basis),
        projects: told.projects,
    };
    let cost = told(Measure::Cost).map(|told| outlook(told, 1));
    let duration = told(Measure::Duration).map(|told| outlook(told, DAY_SECONDS));
    let start = last
        .start_on
        .or_else(|| estimates.iter().rev().find_map(|one| one.start_on));
    let end = duration.zip(start).and_then(|(duration, start)| {
        let after = |days: i64| start.checked_add(days.days()).ok();
        Some(EndOutlook {
            latest: after(duration.latest)?,
            p50: after(duration.p50)?,
            p80: after(duration.p80)?,
        })
    });
    (cost.is_some() || duration.is_some()).then_some(Outlook {
        formula_version: ::forecast::FORMULA_VERSION,
        cost,
        duration,
        end,
    })
}

/// How well the method would have done on finished projects; on the newest of their estimates when
/// there are very many.
pub fn trial(finished: &Finished, measure: Measure) -> BackTest {
    let mut all = finished.of(measure).to_vec();
    newest(&mut all);
    back_test(&all, range(measure))
}

/// How the method stands today on projects that still run: their first estimate forecast, against what
/// they estimate now. What they will cost in the end isn't known yet, so the shares can only fall.
pub fn trial_on_running(finished: &Finished, measure: Measure) -> BackTest {
    let tried = match measure {
        Measure::Cost => &finished.running_cost,
        Measure::Duration => &finished.running_duration,
    };
    let mut ended = finished.of(measure).to_vec();
    newest(&mut ended);
    back_test_with(tried, &ended, range(measure))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Facts, ProductKind};

    fn estimate(year: i16, cost: i64, phase: Phase) -> Estimate {
        Estimate {
            as_of: date(year, 1, 1),
            cost_cents: Some(cost),
            duration_seconds: Some(cost / 1_000_000 * 31_536_000),
            start_on: Some(date(2015, 1, 1)),
            phase: Some(phase),
            source: String::new(),
            author: String::new(),
        }
    }

    fn history(count: u128) -> Finished {
        let mut series = Series::default();
        for id in 0..count {
            series.put_product(Facts {
                id: Uuid::from_u128(id),
                title: "x".into(),
                kind: ProductKind::LargeProject,
                ministry_id: None,
                area: "".into(),
                phase: None,
                merged_into: None,
            });
            for told in [
                estimate(2015, 2_000_000, Phase::Framing),
                estimate(2016, 2_000_000, Phase::Build),
                estimate(2017, 2_500_000, Phase::Build),
                estimate(2018, 3_000_000, Phase::Done),
            ] {
                series.add_estimate(Uuid::from_u128(id), &told);
            }
        }
        series.pack();
        finished(&series)
    }

    #[test]
    fn finished_projects_tell_what_is_to_come() {
        let known = history(20);
        assert_eq!(known.projects(Measure::Cost), 20);
        assert_eq!(known.cost.len(), 40, "the first of each phase");
        let told = outlook(&known, &[estimate(2020, 2_000_000, Phase::Build)]).unwrap();
        let cost = told.cost.unwrap();
        assert_eq!(
            (cost.p50, cost.p80, cost.projects),
            (3_000_000, 3_000_000, 20)
        );
        assert_eq!(cost.basis, "size-and-phase");
        // Two years became three.
        let duration = told.duration.unwrap();
        assert_eq!((duration.latest, duration.p50), (730, 1_095));
        assert_eq!(told.end.unwrap().p50, date(2017, 12, 31));
    }

    #[test]
    fn a_thin_history_takes_the_published_range() {
        let told = outlook(&history(3), &[estimate(2020, 2_000_000, Phase::Build)]).unwrap();
        let cost = told.cost.unwrap();
        assert_eq!((cost.basis, cost.projects), ("published-range", 0));
        assert_eq!((cost.p50, cost.p80), (4_100_000, 5_240_000));
    }

    #[test]
    fn what_still_runs_is_tried_against_what_it_estimates_now() {
        let mut series = Series::default();
        for (id, now) in [(1, 2_500_000), (2, 6_000_000)] {
            let id = Uuid::from_u128(id);
            series.put_product(Facts {
                id,
                title: "x".into(),
                kind: ProductKind::LargeProject,
                ministry_id: None,
                area: "".into(),
                phase: None,
                merged_into: None,
            });
            series.add_estimate(id, &estimate(2016, 2_000_000, Phase::Build));
            series.add_estimate(id, &estimate(2017, now, Phase::Build));
        }
        series.pack();
        let known = finished(&series);
        assert_eq!(trial(&known, Measure::Cost), BackTest::default());
        let told = trial_on_running(&known, Measure::Cost);
        // By the published range: P50 is 4.1 M, P80 5.24 M.
        assert_eq!((told.tried, told.by_range), (2, 2));
        assert_eq!((told.within_p50, told.within_p80), (1, 1));
    }

    #[test]
    fn what_has_ended_is_not_forecast() {
        let known = history(20);
        assert_eq!(
            outlook(&known, &[estimate(2020, 2_000_000, Phase::Done)]),
            None
        );
        assert_eq!(outlook(&known, &[]), None);
        assert_eq!(trial(&known, Measure::Cost).tried, 40);
    }
}
