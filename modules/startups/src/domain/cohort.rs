//! Cohorts: how many start-ups went from one phase to the next, with the uncertainty of the number of
//! cases; how many show what they do, by incubator.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ports::StartupPath;
use survival::{Spell, kaplan_meier, median_days};
use uuid::Uuid;

/// From which phase, to any of which.
pub const TRANSITIONS: [(&str, &[&str]); 3] = [
    ("investigation", &["construction"]),
    ("construction", &["acceleration"]),
    (
        "acceleration",
        &["consolidation", "transferred", "operated"],
    ),
];

/// The phases after which nothing comes, or that are no longer live.
const NOT_LIVE: [&str; 3] = ["abandoned", "investigation-abandoned", "transferred"];

/// How many went on.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// From which phase.
    pub from: &'static str,
    /// To any of these.
    pub to: &'static [&'static str],
    /// How many left the phase, or are still in it: all that began it.
    pub began: usize,
    /// Those whose phase is over: the cases of the share.
    pub ended: usize,
    /// Those that went on.
    pub went_on: usize,
    /// The share of those that ended, with Wilson's interval at 95 %; nothing without cases.
    pub share: Option<(f64, f64, f64)>,
    /// The day by which half have left the phase (Kaplan-Meier); nothing when fewer did.
    pub median_days: Option<i64>,
}

/// Wilson's score interval at 95 %.
fn wilson(successes: usize, cases: usize) -> Option<(f64, f64, f64)> {
    if cases == 0 {
        return None;
    }
    let (n, z) = (cases as f64, 1.959_963_985_f64);
    let share = successes as f64 / n;
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let spread = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Some((
        share,
        (middle - spread).max(0.0),
        (middle + spread).min(1.0),
    ))
}

/// The transitions of these start-ups as they stood on a day.
pub fn conversions(paths: &[&StartupPath], on: Date) -> Vec<Conversion> {
    TRANSITIONS
        .into_iter()
        .map(|(from, to)| {
            let (mut spells, mut ended, mut went_on) = (Vec::new(), 0, 0);
            for path in paths {
                let begun: Vec<_> = path
                    .phases
                    .iter()
                    .filter(|(_, since, _)| *since <= on)
                    .collect();
                let Some(at) = begun.iter().position(|(phase, ..)| *phase == from) else {
                    continue;
                };
                let (_, since, end) = begun[at];
                // A phase that has no end ends where the next one begins.
                let end = end.or(begun.get(at + 1).map(|(_, next, _)| *next));
                let end = end.filter(|end| *end <= on);
                spells.push(Spell {
                    days: i64::from((end.unwrap_or(on) - *since).get_days()),
                    ended: end.is_some(),
                });
                if end.is_some() {
                    ended += 1;
                    let after = &begun[at + 1..];
                    went_on += usize::from(after.iter().any(|(phase, ..)| to.contains(phase)));
                }
            }
            Conversion {
                from,
                to,
                began: spells.len(),
                ended,
                went_on,
                share: wilson(went_on, ended),
                median_days: median_days(&kaplan_meier(&spells)),
            }
        })
        .collect()
}

/// What the live start-ups of an incubator show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Openness {
    /// Live ones, past investigation: they have something to show.
    pub live: usize,
    /// How many give a statistics page, a budget page and an impact page.
    pub gives: [usize; 3],
}

/// What live start-ups past investigation show, by incubator.
pub fn openness(paths: &[StartupPath], on: Date) -> BTreeMap<Option<Uuid>, Openness> {
    let mut all: BTreeMap<Option<Uuid>, Openness> = BTreeMap::new();
    for path in paths {
        let last = path.phases.iter().rev().find(|(_, since, _)| *since <= on);
        let Some((phase, ..)) = last else { continue };
        if *phase == "investigation" || NOT_LIVE.contains(phase) {
            continue;
        }
        let of = all.entry(path.incubator.map(|id| id.0)).or_default();
        of.live += 1;
        for (count, gives) in of.gives.iter_mut().zip(path.gives) {
            *count += usize::from(gives);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use ports::ProductId;

    use super::*;

    fn path(phases: &[(&'static str, Date, Option<Date>)]) -> StartupPath {
        StartupPath {
            product: ProductId(Uuid::nil()),
            incubator: None,
            phases: phases.to_vec(),
            gives: [true, false, true],
        }
    }

    #[test]
    fn open_phases_are_no_cases_but_count_in_time() {
        let (a, b, c) = (date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1));
        let paths = [
            path(&[("investigation", a, Some(b)), ("construction", b, None)]),
            path(&[("investigation", a, None), ("construction", b, None)]),
            path(&[
                ("investigation", a, Some(b)),
                ("investigation-abandoned", b, None),
            ]),
            path(&[("investigation", b, None)]),
        ];
        let all: Vec<&StartupPath> = paths.iter().collect();
        let found = &conversions(&all, c)[0];
        assert_eq!((found.began, found.ended, found.went_on), (4, 3, 2));
        let (share, low, high) = found.share.unwrap();
        assert!((share - 2.0 / 3.0).abs() < 1e-9);
        // R: prop.test(2, 3, correct = FALSE)$conf.int
        assert!((low - 0.2077).abs() < 1e-3 && (high - 0.9385).abs() < 1e-3);
        assert_eq!(found.median_days, Some(182));
        let before = &conversions(&all, date(2024, 3, 1))[0];
        assert_eq!((before.began, before.ended, before.share), (3, 0, None));
        let shown = openness(&paths, c);
        let told = shown[&None];
        assert_eq!((told.live, told.gives), (2, [2, 0, 2]));
    }
}
