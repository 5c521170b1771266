//! Earned schedule: when the work done should have been done, by the plan.
//!
//! Source: Lipke (2003), "Schedule is different", The Measurable News; PMI, Practice Standard for
//! Earned Value Management, 2nd edition (2011), appendix D.

use std::fmt;

/// A point of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedPoint {
    /// Days since the start.
    pub day: i64,
    /// The budget of all the work planned by then, in cents.
    pub planned_cents: i64,
}

/// Why points make no plan, or an amount is not on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadCurve {
    /// There is no point with a positive amount.
    Empty,
    /// The point at this place (from 0) has a day at or before that of the one before it, or no
    /// positive day, or one beyond `i32`.
    Day(usize),
    /// The point at this place (from 0) has less planned by then than the one before it.
    Falls(usize),
    /// The earned value is negative or above all that is planned.
    Earned,
}

impl fmt::Display for BadCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the plan holds no work"),
            Self::Day(at) => write!(f, "point {at} of the plan is not after the one before it"),
            Self::Falls(at) => write!(f, "point {at} of the plan falls below the one before it"),
            Self::Earned => f.write_str("the earned value must lie between zero and the plan"),
        }
    }
}

impl std::error::Error for BadCurve {}

/// The planned value over time: straight lines from nothing on day 0 through its points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCurve {
    /// Starts with day 0 and ends with the first point that reaches the whole.
    points: Vec<PlannedPoint>,
}

impl PlannedCurve {
    /// Takes points in order of days, the start left out. What follows the first point that reaches
    /// the whole plans no work, and is dropped.
    pub fn new(points: &[PlannedPoint]) -> Result<Self, BadCurve> {
        let mut kept = vec![PlannedPoint {
            day: 0,
            planned_cents: 0,
        }];
        let mut before = kept[0];
        for (at, point) in points.iter().enumerate() {
            if point.day <= before.day || point.day > i64::from(i32::MAX) {
                return Err(BadCurve::Day(at));
            }
            if point.planned_cents < before.planned_cents {
                return Err(BadCurve::Falls(at));
            }
            kept.push(*point);
            before = *point;
        }
        let whole = before.planned_cents;
        let last = kept.iter().position(|point| point.planned_cents == whole);
        match last {
            Some(last) if whole > 0 => kept.truncate(last + 1),
            _ => return Err(BadCurve::Empty),
        }
        Ok(Self { points: kept })
    }

    /// The planned duration, in days: when the whole is reached.
    pub fn planned_days(&self) -> i64 {
        self.points.last().map_or(0, |point| point.day)
    }

    /// The earned schedule of an earned value (in cents), after `actual_days` since the start.
    ///
    /// With C the last point planned at or under EV: `ES = day(C) + (EV - PV(C)) / (PV(C+1) - PV(C))
    /// x (day(C+1) - day(C))`. Where the plan rests (the same amount over a time), any day of the
    /// rest would do; the one nearest to `actual_days` is taken, so that a project that does what is
    /// planned is never told early or late. The source takes the end of the rest.
    pub fn earned_schedule(
        &self,
        earned_cents: i64,
        actual_days: i64,
    ) -> Result<EarnedSchedule, BadCurve> {
        let whole = self.points.last().map_or(0, |point| point.planned_cents);
        if !(0..=whole).contains(&earned_cents) {
            return Err(BadCurve::Earned);
        }
        let reached = self
            .points
            .partition_point(|point| point.planned_cents < earned_cents);
        let passed = self
            .points
            .partition_point(|point| point.planned_cents <= earned_cents);
        // Day 0 holds nothing and the last point holds the whole, so neither index leaves the curve.
        let earned_days = if reached < passed {
            let (first, last) = (self.points[reached].day, self.points[passed - 1].day);
            actual_days.clamp(first, last) as f64
        } else {
            let (from, to) = (self.points[reached - 1], self.points[reached]);
            let done = (earned_cents - from.planned_cents) as f64;
            let planned = (to.planned_cents - from.planned_cents) as f64;
            from.day as f64 + done / planned * (to.day - from.day) as f64
        };
        Ok(EarnedSchedule {
            earned_days,
            actual_days,
            planned_days: self.planned_days(),
        })
    }
}

/// How far along its plan a project is, in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EarnedSchedule {
    /// ES: the days that the plan gave to the work done.
    pub earned_days: f64,
    /// AT: the days that it took.
    pub actual_days: i64,
    /// PD: the days that the plan gives to the whole.
    pub planned_days: i64,
}

impl EarnedSchedule {
    /// SPI(t) = ES / AT: under 1, the project is late. `None` before the first day has passed.
    pub fn performance(&self) -> Option<f64> {
        (self.actual_days > 0).then(|| self.earned_days / self.actual_days as f64)
    }

    /// IEAC(t) = PD / SPI(t) (Lipke, Henderson): the duration, in days, if the rest goes on as the
    /// work so far, rounded to the nearest. `None` while nothing is earned; beyond `i64` it stays at
    /// its limit.
    pub fn duration_at_completion_days(&self) -> Option<i64> {
        let performance = self
            .performance()
            .filter(|performance| *performance > 0.0)?;
        Some((self.planned_days as f64 / performance).round() as i64)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // whole days, which floating point holds exactly
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve(points: &[(i64, i64)]) -> Result<PlannedCurve, BadCurve> {
        let points: Vec<_> = points
            .iter()
            .map(|(day, planned_cents)| PlannedPoint {
                day: *day,
                planned_cents: *planned_cents,
            })
            .collect();
        PlannedCurve::new(&points)
    }

    #[test]
    fn all_of_may_and_a_part_of_june_by_the_end_of_july() {
        // The shape of Lipke's figure, in months: all that was planned through May (5) is earned
        // and a part of June, at the end of July (7). Cumulated plan 10, 30, 60, 100, 150, 200,
        // 240, 270, 290, 300; EV 175: ES = 5 + (175 - 150) / (200 - 150) = 5.5;
        // SPI(t) = 5.5 / 7 = 0.786; IEAC(t) = 10 / 0.786 = 12.7.
        let plan = [10, 30, 60, 100, 150, 200, 240, 270, 290, 300];
        let points: Vec<_> = (1..).zip(plan).collect();
        let found = curve(&points).unwrap().earned_schedule(175, 7).unwrap();
        assert!((found.earned_days - 5.5).abs() < 1e-12);
        assert!((found.performance().unwrap() - 5.5 / 7.0).abs() < 1e-12);
        assert_eq!(found.duration_at_completion_days(), Some(13));
    }

    #[test]
    fn the_index_does_not_come_back_to_one_when_a_late_project_ends() {
        // All of ten days' work done in sixteen: ES = 10, SPI(t) = 0.625, and it lasted 16.
        let found = curve(&[(10, 100)])
            .unwrap()
            .earned_schedule(100, 16)
            .unwrap();
        assert_eq!(found.performance(), Some(0.625));
        assert_eq!(found.duration_at_completion_days(), Some(16));
    }

    #[test]
    fn a_rest_of_the_plan_makes_nobody_early_or_late() {
        // Nothing planned from day 10 to 20, nor after day 30.
        let plan = curve(&[(10, 50), (20, 50), (30, 100), (40, 100)]).unwrap();
        assert_eq!(plan.planned_days(), 30);
        let days = |earned, actual| plan.earned_schedule(earned, actual).unwrap().earned_days;
        assert_eq!(
            [days(50, 5), days(50, 15), days(50, 25)],
            [10.0, 15.0, 20.0]
        );
        assert_eq!(days(100, 50), 30.0);
        // A plan that starts late.
        let late = curve(&[(10, 0), (20, 100)]).unwrap();
        let found = late.earned_schedule(0, 4).unwrap();
        assert_eq!(found.performance(), Some(1.0));
    }

    #[test]
    fn what_can_t_be_divided_says_nothing() {
        let plan = curve(&[(10, 100)]).unwrap();
        assert_eq!(plan.earned_schedule(10, 0).unwrap().performance(), None);
        let idle = plan.earned_schedule(0, 5).unwrap();
        assert_eq!(idle.performance(), Some(0.0));
        assert_eq!(idle.duration_at_completion_days(), None);
    }

    #[test]
    fn bad_curves_are_named() {
        assert_eq!(curve(&[]), Err(BadCurve::Empty));
        assert_eq!(curve(&[(10, 0)]), Err(BadCurve::Empty));
        assert_eq!(curve(&[(0, 5)]), Err(BadCurve::Day(0)));
        assert_eq!(curve(&[(5, 5), (5, 6)]), Err(BadCurve::Day(1)));
        assert_eq!(curve(&[(i64::MAX, 5)]), Err(BadCurve::Day(0)));
        assert_eq!(curve(&[(5, 5), (6, 4)]), Err(BadCurve::Falls(1)));
        assert_eq!(curve(&[(5, -5)]), Err(BadCurve::Falls(0)));
        let plan = curve(&[(10, 100)]).unwrap();
        assert_eq!(plan.earned_schedule(101, 5), Err(BadCurve::Earned));
        assert_eq!(plan.earned_schedule(-1, 5), Err(BadCurve::Earned));
        assert!(BadCurve::Falls(1).to_string().contains("point 1"));
    }

    proptest! {
        #[test]
        fn more_earned_is_never_an_earlier_day(
            steps in prop::collection::vec((1..50_i64, 0..1_000_i64), 1..20),
            shares in (0.0..=1.0_f64, 0.0..=1.0_f64),
            actual_days in -10..2_000_i64,
        ) {
            let (mut day, mut cents) = (0, 0);
            let points: Vec<_> = steps.iter().map(|(days, more)| {
                day += days;
                cents += more;
                (day, cents)
            }).collect();
            let Ok(plan) = curve(&points) else { return Ok(()) };
            let (less, more) = (shares.0.min(shares.1), shares.0.max(shares.1));
            let at = |share: f64| plan.earned_schedule((cents as f64 * share) as i64, actual_days).unwrap();
            let (less, more) = (at(less), at(more));
            prop_assert!(less.earned_days <= more.earned_days);
            prop_assert!((0.0..=plan.planned_days() as f64).contains(&more.earned_days));
            prop_assert!(more.performance().is_none_or(f64::is_finite));
        }

        #[test]
        fn a_project_on_plan_is_on_time(
            steps in prop::collection::vec((1..50_i64, 0..1_000_i64), 1..20),
            at in any::<prop::sample::Index>(),
        ) {
            let (mut day, mut cents) = (0, 0);
            let points: Vec<_> = steps.iter().map(|(days, more)| {
                day += days;
                cents += more;
                (day, cents)
            }).collect();
            let Ok(plan) = curve(&points) else { return Ok(()) };
            let (day, cents) = *at.get(&points);
            // Work that is all done leaves the plan behind.
            prop_assume!(day <= plan.planned_days());
            let found = plan.earned_schedule(cents, day).unwrap();
            prop_assert_eq!(found.performance(), Some(1.0));
        }
    }
}
