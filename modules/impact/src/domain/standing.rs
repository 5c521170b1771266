//! How a promise stands, and what its figures can't show.

use std::cmp::Ordering;

use jiff::civil::Date;
use measure::Path;
use ports::Standing;

use super::{Figure, Promise, Quality, Quantity, Reading, Rhythm, day_number};

/// What a figure reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Met {
    /// The target, or better.
    Target,
    /// The threshold of success, not the target.
    Threshold,
    /// Neither.
    #[default]
    Neither,
}

impl Met {
    /// Its name in columns.
    pub fn code(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Threshold => "threshold",
            Self::Neither => "neither",
        }
    }

    /// From its name.
    pub fn parse(code: &str) -> Option<Self> {
        let all = [Self::Target, Self::Threshold, Self::Neither];
        all.into_iter().find(|one| one.code() == code)
    }
}

/// What one figure says of a promise, whatever day it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    /// What it reaches.
    pub met: Met,
    /// Whether it is worse than the expected path on its own date.
    pub behind: bool,
    /// What the path expects on its date; none without baseline, target and date.
    pub expected: Option<Quantity>,
}

impl Promise {
    /// The straight path from the baseline to the target.
    pub fn path(&self) -> Option<Path> {
        let (first, from) = self.baseline?;
        let (last, due) = (self.target?, self.due_on?);
        Path::new(
            (day_number(from), first.millionths()),
            (day_number(due), last.millionths()),
        )
    }

    /// What the path expects on a day.
    pub fn expected(&self, on: Date) -> Option<Quantity> {
        Quantity::of_millionths(self.path()?.at(day_number(on)))
    }

    /// Whether a value is as good as another, or better.
    fn as_good(&self, value: Quantity, other: Quantity) -> bool {
        if self.more_is_better {
            value >= other
        } else {
            value <= other
        }
    }
}

/// What a figure says of a promise. The figure is compared with what was expected on its own date:
/// a yearly figure isn't late because the year goes on.
pub fn judge(promise: &Promise, figure: &Figure) -> Verdict {
    let met = match (promise.target, promise.threshold) {
        (Some(target), _) if promise.as_good(figure.value, target) => Met::Target,
        (_, Some(threshold)) if promise.as_good(figure.value, threshold) => Met::Threshold,
        _ => Met::Neither,
    };
    let worse = if promise.more_is_better {
        Ordering::Less
    } else {
        Ordering::Greater
    };
    let on = day_number(figure.as_of);
    let path = promise.path();
    Verdict {
        met,
        behind: path.is_some_and(|path| path.compare(on, figure.value.millionths()) == worse),
        expected: path.and_then(|path| Quantity::of_millionths(path.at(on))),
    }
}

/// How a promise stands on a day, by its latest figure of that day.
///
/// | the figure | before the date | after the date |
/// | --- | --- | --- |
/// | none, or no target | unknown | unknown |
/// | reaches the target | reached | reached |
/// | reaches the threshold only | by the path | reached |
/// | reaches neither | by the path | missed |
///
/// By the path: unknown without baseline, without date, or when the figure is older than two periods;
/// else behind when it is worse than what the path expects on the figure's date, on track when not.
pub fn standing(promise: &Promise, rhythm: Rhythm, figure: Option<&Figure>, on: Date) -> Standing {
    let (Some(figure), Some(_)) = (figure, promise.target) else {
        return Standing::Unknown;
    };
    let verdict = judge(promise, figure);
    let is_due = promise.due_on.is_some_and(|due| due < on);
    match verdict.met {
        Met::Target => return Standing::Reached,
        Met::Threshold if is_due => return Standing::Reached,
        Met::Neither if is_due => return Standing::Missed,
        _ => {}
    }
    if promise.path().is_none() || rhythm.fresh_until(figure.as_of) < on {
        Standing::Unknown
    } else if verdict.behind {
        Standing::Behind
    } else {
        Standing::OnTrack
    }
}

/// What a figure can't show, each said in a plain sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// No figure at all.
    NoFigure,
    /// No baseline: nobody knows from where it started.
    NoBaseline,
    /// No target.
    NoTarget,
    /// No date.
    NoDate,
    /// The latest figure is older than two periods.
    Old,
    /// The date has passed and the latest figure is older than it.
    BeforeDue,
    /// It was declared, not measured.
    Declared,
    /// It was estimated, not measured.
    Estimated,
    /// Nobody knows how sure the figure is.
    NoError,
    /// What differs from the expected path is within what is unsure of the figure.
    Within,
    /// Few figures.
    FewPoints,
    /// Periods without figure.
    Gaps,
    /// Nothing to compare with: something else may have moved it.
    NoComparison,
}

impl Doubt {
    /// The end of the key of its words, `impact-doubt-…`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoFigure => "no-figure",
            Self::NoBaseline => "no-baseline",
            Self::NoTarget => "no-target",
            Self::NoDate => "no-date",
            Self::Old => "old",
            Self::BeforeDue => "before-due",
            Self::Declared => "declared",
            Self::Estimated => "estimated",
            Self::NoError => "no-error",
            Self::Within => "within",
            Self::FewPoints => "few-points",
            Self::Gaps => "gaps",
            Self::NoComparison => "no-comparison",
        }
    }
}

/// What the figures of an indicator can't show on a day.
pub fn doubts(
    promise: &Promise,
    rhythm: Rhythm,
    figure: Option<&Figure>,
    reading: &Reading,
    on: Date,
) -> Vec<Doubt> {
    let mut all = Vec::new();
    let mut add = |doubt, is: bool| {
        if is {
            all.push(doubt);
        }
    };
    add(Doubt::NoFigure, figure.is_none());
    add(Doubt::NoBaseline, promise.baseline.is_none());
    add(Doubt::NoTarget, promise.target.is_none());
    add(Doubt::NoDate, promise.due_on.is_none());
    if let Some(figure) = figure {
        let before_due = promise
            .due_on
            .is_some_and(|due| due < on && figure.as_of < due);
        add(Doubt::Old, rhythm.fresh_until(figure.as_of) < on);
        add(Doubt::BeforeDue, before_due);
        add(Doubt::Declared, figure.quality == Quality::Declared);
        add(Doubt::Estimated, figure.quality == Quality::Estimated);
        add(Doubt::NoError, reading.interval.is_none());
        let expected = judge(promise, figure).expected.map(Quantity::to_f64);
        let within = expected.zip(reading.interval);
        add(
            Doubt::Within,
            within.is_some_and(|(expected, (low, high))| (low..=high).contains(&expected)),
        );
        add(Doubt::FewPoints, reading.points < measure::POINTS_MIN);
        add(Doubt::Gaps, reading.has_gaps);
        add(Doubt::NoComparison, true);
    }
    all
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn quantity(number: i64) -> Quantity {
        Quantity::whole(number).unwrap()
    }

    fn figure(value: i64, as_of: Date) -> Figure {
        Figure {
            value: quantity(value),
            as_of,
            quality: Quality::Measured,
            standard_error: None,
        }
    }

    /// From 100 on the 1st of January to 200 on the 31st of December 2026.
    fn promise() -> Promise {
        Promise {
            more_is_better: true,
            baseline: Some((quantity(100), date(2026, 1, 1))),
            target: Some(quantity(200)),
            due_on: Some(date(2026, 12, 31)),
            threshold: Some(quantity(180)),
        }
    }

    fn stands(value: i64, as_of: Date, on: Date) -> Standing {
        let one = figure(value, as_of);
        standing(&promise(), Rhythm::Monthly, Some(&one), on)
    }

    #[test]
    fn every_standing_has_its_case() {
        let (june, july) = (date(2026, 6, 30), date(2026, 7, 10));
        // 180 of 364 days have gone: 149.45 are expected.
        assert_eq!(stands(150, june, july), Standing::OnTrack);
        assert_eq!(stands(149, june, july), Standing::Behind);
        assert_eq!(stands(200, june, july), Standing::Reached);
        assert_eq!(stands(190, june, july), Standing::OnTrack, "not yet due");
        let (end, later) = (date(2026, 12, 31), date(2027, 1, 1));
        assert_eq!(
            stands(190, end, later),
            Standing::Reached,
            "by the threshold"
        );
        assert_eq!(stands(179, end, later), Standing::Missed);
        assert_eq!(stands(179, end, end), Standing::Behind, "due, not overdue");
        assert_eq!(
            stands(150, june, date(2026, 9, 1)),
            Standing::Unknown,
            "old"
        );
        assert_eq!(
            stands(150, june, later),
            Standing::Missed,
            "old and overdue"
        );
        let rhythm = Rhythm::Monthly;
        assert_eq!(standing(&promise(), rhythm, None, july), Standing::Unknown);
        let mut open = promise();
        open.baseline = None;
        let one = figure(150, june);
        assert_eq!(standing(&open, rhythm, Some(&one), july), Standing::Unknown);
        open.target = None;
        assert_eq!(standing(&open, rhythm, Some(&one), july), Standing::Unknown);
    }

    #[test]
    fn less_can_be_better() {
        let less = Promise {
            more_is_better: false,
            baseline: Some((quantity(30), date(2026, 1, 1))),
            target: Some(quantity(10)),
            due_on: Some(date(2026, 12, 31)),
            threshold: None,
        };
        let on = date(2026, 7, 2);
        let stands = |value| {
            let one = figure(value, on);
            standing(&less, Rhythm::Yearly, Some(&one), on)
        };
        assert_eq!(stands(20), Standing::OnTrack);
        assert_eq!(stands(21), Standing::Behind);
        assert_eq!(stands(10), Standing::Reached);
        assert_eq!(stands(9), Standing::Reached);
    }

    #[test]
    fn what_a_figure_cannot_show_is_said() {
        let on = date(2026, 7, 10);
        let mut one = figure(149, date(2026, 6, 30));
        one.quality = Quality::Declared;
        let reading = Reading {
            points: 2,
            has_gaps: true,
            interval: Some((140.0, 158.0)),
            ..Reading::default()
        };
        let said = doubts(&promise(), Rhythm::Monthly, Some(&one), &reading, on);
        assert_eq!(
            said,
            [
                Doubt::Declared,
                Doubt::Within,
                Doubt::FewPoints,
                Doubt::Gaps,
                Doubt::NoComparison
            ]
        );
    }

    proptest! {
        #[test]
        fn a_better_figure_never_stands_worse(
            a in 0_i64..300, b in 0_i64..300, on in 0_i64..900, as_of in 0_i64..900,
        ) {
            use jiff::ToSpan as _;
            let rank = |standing| match standing {
                Standing::Reached => 3,
                Standing::OnTrack => 2,
                Standing::Unknown => 1,
                Standing::Behind | Standing::Missed => 0,
            };
            let day = |days: i64| date(2026, 1, 1).saturating_add(days.days());
            let (low, high) = (a.min(b), a.max(b));
            let as_of = day(as_of.min(on));
            let (worse, better) = (stands(low, as_of, day(on)), stands(high, as_of, day(on)));
            prop_assert!(rank(worse) <= rank(better), "{worse:?} {better:?}");
        }
    }
}
