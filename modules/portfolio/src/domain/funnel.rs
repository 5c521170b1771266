//! Start-ups: the funnel by phase, time in phase, stock and flow, transparency.
//!
//! Definitions: a start-up has *reached* a phase when the phase stands in its history; the
//! conversion of a step is the share of those that reached the phase which also reached the next
//! one. Time in phase is observed from a phase's start to its end, and censored at the date of the
//! report when it goes on. A start-up is *live* when its last phase is neither a stop nor a
//! transfer; transparency and the share over two years in one phase are told of the live ones past
//! investigation, which have something to show.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use survival::{Spell, Step as CurveStep, kaplan_meier, median_days, median_ended_days};
use uuid::Uuid;

use super::Phase;

/// Days after which a phase is long.
pub const LONG_DAYS: i64 = 730;

/// A start-up as the funnel sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub title: String,
    /// Its incubator's id, or nothing.
    pub incubator_id: Option<Uuid>,
    /// Its phases in order: phase, start, end.
    pub phases: Vec<(Phase, Date, Option<Date>)>,
    /// Whether it gives a statistics page, a budget page and an impact page.
    pub gives: [bool; 3],
}

/// One step of the funnel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The phase.
    pub phase: Phase,
    /// How many reached it.
    pub reached: usize,
    /// The phases that follow it, any of which counts.
    pub next: Vec<Phase>,
    /// How many of those reached a following one.
    pub went_on: usize,
    /// How many of those were stopped.
    pub stopped: usize,
    /// How many are in it.
    pub in_it: usize,
    /// The median of the spells that have ended, in days.
    pub median_ended_days: Option<f64>,
    /// The median of all spells, open ones taken as such, in days.
    pub median_days: Option<i64>,
    /// The curve of time in phase.
    #[serde(skip)]
    pub curve: Vec<CurveStep>,
}

/// The share of live start-ups that give each page.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Transparency {
    /// Live start-ups past investigation.
    pub live: usize,
    /// How many give a statistics page.
    pub stats: usize,
    /// How many give a budget page.
    pub budget: usize,
    /// How many give an impact page.
    pub impact: usize,
}

/// Stock and flow of one incubator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupFlow {
    /// The incubator.
    pub incubator_id: Option<Uuid>,
    /// Live ones.
    pub live: usize,
    /// Begun in the last twelve months.
    pub begun: usize,
    /// Ended (stopped or transferred) in the last twelve months.
    pub ended: usize,
    /// Live ones over two years in one phase.
    pub long: usize,
}

/// The whole picture at a date.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Funnel {
    /// The date.
    pub on: Date,
    /// All start-ups with a phase begun by then.
    pub all: usize,
    /// Live ones, investigation included.
    pub live: usize,
    /// The steps.
    pub steps: Vec<Step>,
    /// Live ones past investigation that have been in their phase for over two years: id, name,
    /// phase, days; the longest first.
    pub long: Vec<(Uuid, String, Phase, i64)>,
    /// What they show.
    pub transparency: Transparency,
    /// By incubator, the largest first.
    pub incubators: Vec<GroupFlow>,
}

fn days(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

/// The phase that a path is in at a date: the last one begun by then.
fn current(path: &Path, on: Date) -> Option<(Phase, Date)> {
    let begun = path.phases.iter().rev().find(|(_, start, _)| *start <= on);
    begun.map(|(phase, start, _)| (*phase, *start))
}

/// Draws the picture at `on`.
pub fn funnel(paths: &[&Path], on: Date) -> Funnel {
    let begun: Vec<&Path> = paths
        .iter()
        .copied()
        .filter(|path| current(path, on).is_some())
        .collect();
    let live: Vec<(&Path, Phase, Date)> = begun
        .iter()
        .filter_map(|path| current(path, on).map(|(phase, since)| (*path, phase, since)))
        .filter(|(_, phase, _)| phase.is_live())
        .collect();
    let grown: Vec<_> = live
        .iter()
        .filter(|(_, phase, _)| *phase != Phase::Investigation)
        .collect();
    let mut long: Vec<_> = grown
        .iter()
        .map(|(path, phase, since)| (path.id, path.title.clone(), *phase, days(*since, on)))
        .filter(|(.., spent)| *spent > LONG_DAYS)
        .collect();
    long.sort_by(|a, b| b.3.cmp(&a.3).then(a.1.cmp(&b.1)));
    let given = |at: usize| grown.iter().filter(|(path, ..)| path.gives[at]).count();
    Funnel {
        on,
        all: begun.len(),
        live: live.len(),
        steps: steps(&begun, on),
        long,
        transparency: Transparency {
            live: grown.len(),
            stats: given(0),
            budget: given(1),
            impact: given(2),
        },
        incubators: incubators(&begun, on),
    }
}

fn steps(paths: &[&Path], on: Date) -> Vec<Step> {
    let after = [Phase::Consolidation, Phase::Transferred, Phase::Operated];
    [
        (Phase::Investigation, vec![Phase::Construction]),
        (Phase::Construction, vec![Phase::Acceleration]),
        (Phase::Acceleration, after.to_vec()),
    ]
    .into_iter()
    .map(|(phase, next)| step(paths, on, phase, next))
    .collect()
}

fn step(paths: &[&Path], on: Date, phase: Phase, next: Vec<Phase>) -> Step {
    let has = |path: &Path, wanted: &[Phase]| {
        path.phases
            .iter()
            .any(|(phase, start, _)| wanted.contains(phase) && *start <= on)
    };
    let reached: Vec<&&Path> = paths.iter().filter(|path| has(path, &[phase])).collect();
    let stops: &[Phase] = match phase {
        Phase::Investigation => &[Phase::InvestigationAbandoned, Phase::Abandoned],
        _ => &[Phase::Abandoned],
    };
    let spells: Vec<Spell> = reached
        .iter()
        .flat_map(|path| &path.phases)
        .filter(|(of, start, _)| *of == phase && *start <= on)
        .map(|(_, start, end)| match end {
            Some(end) if *end <= on => Spell {
                days: days(*start, *end),
                ended: true,
            },
            _ => Spell {
                days: days(*start, on),
                ended: false,
            },
        })
        .collect();
    let curve = kaplan_meier(&spells);
    Step {
        phase,
        reached: reached.len(),
        went_on: reached.iter().filter(|path| has(path, &next)).count(),
        stopped: reached.iter().filter(|path| has(path, stops)).count(),
        in_it: paths
            .iter()
            .filter(|path| current(path, on).map(|c| c.0) == Some(phase))
            .count(),
        next,
        median_ended_days: median_ended_days(&spells),
        median_days: median_days(&curve),
        curve,
    }
}

fn incubators(paths: &[&Path], on: Date) -> Vec<GroupFlow> {
    let mut groups: BTreeMap<Option<Uuid>, GroupFlow> = BTreeMap::new();
    for path in paths {
        let group = groups.entry(path.incubator_id).or_insert(GroupFlow {
            incubator_id: path.incubator_id,
            live: 0,
            begun: 0,
            ended: 0,
            long: 0,
        });
        let Some((phase, since)) = current(path, on) else {
            continue;
        };
        let first = path.phases.first().map_or(since, |(_, start, _)| *start);
        group.begun += usize::from(days(first, on) <= 365);
        if phase.is_live() {
            group.live += 1;
            let grown = phase != Phase::Investigation;
            group.long += usize::from(grown && days(since, on) > LONG_DAYS);
        } else {
            group.ended += usize::from(days(since, on) <= 365);
        }
    }
    let mut groups: Vec<GroupFlow> = groups.into_values().collect();
    groups.sort_by(|a, b| {
        b.live
            .cmp(&a.live)
            .then(a.incubator_id.cmp(&b.incubator_id))
    });
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn path(id: u128, phases: &[(Phase, Date, Option<Date>)], gives: [bool; 3]) -> Path {
        let phases = phases.to_vec();
        Path {
            id: Uuid::from_u128(id),
            title: format!("p{id}"),
            incubator_id: None,
            phases,
            gives,
        }
    }

    #[test]
    fn a_small_world_is_counted_by_hand() {
        use Phase::{Abandoned, Acceleration, Construction, Investigation};
        let on = date(2024, 1, 1);
        let paths = [
            path(
                1,
                &[
                    (Investigation, date(2020, 1, 1), Some(date(2020, 4, 10))),
                    (Construction, date(2020, 4, 10), Some(date(2021, 4, 10))),
                    (Acceleration, date(2021, 4, 10), None),
                ],
                [true, false, true],
            ),
            path(
                2,
                &[
                    (Investigation, date(2022, 1, 1), Some(date(2022, 4, 11))),
                    (Construction, date(2022, 4, 11), Some(date(2023, 6, 1))),
                    (Abandoned, date(2023, 6, 1), None),
                ],
                [true; 3],
            ),
            path(3, &[(Investigation, date(2023, 12, 1), None)], [false; 3]),
            path(4, &[(Investigation, date(2025, 1, 1), None)], [false; 3]),
        ];
        let funnel = funnel(&paths.iter().collect::<Vec<_>>(), on);
        assert_eq!((funnel.all, funnel.live), (3, 2));
        let steps: Vec<_> = funnel
            .steps
            .iter()
            .map(|s| (s.reached, s.went_on, s.stopped, s.in_it))
            .collect();
        assert_eq!(steps, [(3, 2, 1, 1), (2, 1, 1, 0), (1, 0, 0, 1)]);
        assert_eq!(funnel.steps[0].median_ended_days, Some(100.0));
        assert_eq!(funnel.long.len(), 1);
        assert_eq!(
            funnel.transparency,
            Transparency {
                live: 1,
                stats: 1,
                budget: 0,
                impact: 1
            }
        );
        let flow = &funnel.incubators[0];
        assert_eq!((flow.live, flow.begun, flow.ended, flow.long), (2, 1, 1, 1));
    }
}
