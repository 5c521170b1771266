//! Earned value: what the work done says of the cost at the end.
//!
//! Source: PMI, The Standard for Earned Value Management (2019); ANSI/EIA-748.

use std::fmt;

/// Why amounts can't be those of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Impossible {
    /// The budget at completion is zero or negative.
    Budget,
    /// The planned value is negative or above the budget.
    Planned,
    /// The earned value is negative or above the budget.
    Earned,
    /// The actual cost is negative.
    Actual,
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Budget => "the budget at completion must be positive",
            Self::Planned => "the planned value must lie between zero and the budget",
            Self::Earned => "the earned value must lie between zero and the budget",
            Self::Actual => "the actual cost can't be negative",
        })
    }
}

impl std::error::Error for Impossible {}

/// The four amounts of a project on a day, in cents, each cumulated since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amounts {
    /// BAC, the budget at completion: of all the work.
    pub budget_cents: i64,
    /// PV, the planned value: the budget of the work planned by the day.
    pub planned_cents: i64,
    /// EV, the earned value: the budget of the work done by the day.
    pub earned_cents: i64,
    /// AC, the actual cost: what the work done has cost.
    pub actual_cents: i64,
}

/// Amounts that can be those of a project, and their indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarnedValue(Amounts);

impl EarnedValue {
    /// Takes the amounts, when they are possible.
    pub fn new(amounts: Amounts) -> Result<Self, Impossible> {
        let budget_cents = amounts.budget_cents;
        if budget_cents <= 0 {
            return Err(Impossible::Budget);
        }
        if !(0..=budget_cents).contains(&amounts.planned_cents) {
            return Err(Impossible::Planned);
        }
        if !(0..=budget_cents).contains(&amounts.earned_cents) {
            return Err(Impossible::Earned);
        }
        if amounts.actual_cents < 0 {
            return Err(Impossible::Actual);
        }
        Ok(Self(amounts))
    }

    /// The amounts.
    pub fn amounts(&self) -> Amounts {
        self.0
    }

    /// CPI = EV / AC, the cost performance index: under 1, the work costs more than its budget.
    /// `None` while nothing is spent.
    pub fn cost_performance(&self) -> Option<f64> {
        (self.0.actual_cents > 0).then(|| self.0.earned_cents as f64 / self.0.actual_cents as f64)
    }

    /// SPI = EV / PV, the schedule performance index: under 1, less is done than planned. `None`
    /// while nothing was planned.
    ///
    /// It comes back to 1 when a late project ends; [`crate::EarnedSchedule::performance`] doesn't.
    pub fn schedule_performance(&self) -> Option<f64> {
        (self.0.planned_cents > 0).then(|| self.0.earned_cents as f64 / self.0.planned_cents as f64)
    }

    /// EAC = BAC / CPI, the estimate at completion, in cents, rounded to the nearest (a half goes
    /// up): what the project costs if the rest of the work goes on as the work so far. `None` while
    /// nothing is earned or spent, and beyond `i64`.
    pub fn estimate_at_completion_cents(&self) -> Option<i64> {
        if self.0.earned_cents == 0 || self.0.actual_cents == 0 {
            return None;
        }
        let earned = i128::from(self.0.earned_cents);
        let whole = i128::from(self.0.budget_cents) * i128::from(self.0.actual_cents);
        // Each fits 64 bits, so the product and half of the divisor fit 127.
        i64::try_from((whole + earned / 2) / earned).ok()
    }

    /// TCPI = (BAC - EV) / (BAC - AC), the to-complete performance index: the cost performance that
    /// the rest of the work needs to end within the budget. `None` when the budget is already spent:
    /// no performance would do.
    pub fn to_complete_performance(&self) -> Option<f64> {
        let left = self.0.budget_cents - self.0.actual_cents;
        (left > 0).then(|| (self.0.budget_cents - self.0.earned_cents) as f64 / left as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// BAC, PV, EV, AC.
    fn value(
        budget: i64,
        planned: i64,
        earned: i64,
        actual: i64,
    ) -> Result<EarnedValue, Impossible> {
        EarnedValue::new(Amounts {
            budget_cents: budget,
            planned_cents: planned,
            earned_cents: earned,
            actual_cents: actual,
        })
    }

    #[test]
    fn the_fence_of_four_sides() {
        // A classroom example of the field: four sides at 1000 each, one a day. At the end of the
        // third day two are done and the third is half done, for 1000 + 1200 + 600.
        // CPI 2500 / 2800 = 0.893; SPI 2500 / 3000 = 0.833; EAC 4000 x 2800 / 2500 = 4480;
        // TCPI (4000 - 2500) / (4000 - 2800) = 1.25.
        let fence = value(4_000, 3_000, 2_500, 2_800).unwrap();
        assert!((fence.cost_performance().unwrap() - 0.893).abs() < 5e-4);
        assert!((fence.schedule_performance().unwrap() - 0.833).abs() < 5e-4);
        assert_eq!(fence.estimate_at_completion_cents(), Some(4_480));
        assert_eq!(fence.to_complete_performance(), Some(1.25));
    }

    #[test]
    fn what_can_t_be_divided_says_nothing() {
        let unstarted = value(100, 0, 0, 0).unwrap();
        assert_eq!(unstarted.cost_performance(), None);
        assert_eq!(unstarted.schedule_performance(), None);
        assert_eq!(unstarted.estimate_at_completion_cents(), None);
        assert_eq!(unstarted.to_complete_performance(), Some(1.0));
        // Money went, nothing is done: an index of 0, and no estimate at the end.
        let idle = value(100, 10, 0, 100).unwrap();
        assert_eq!(idle.cost_performance(), Some(0.0));
        assert_eq!(idle.estimate_at_completion_cents(), None);
        assert_eq!(idle.to_complete_performance(), None);
        let huge = value(i64::MAX, 1, 1, i64::MAX).unwrap();
        assert_eq!(huge.estimate_at_completion_cents(), None);
    }

    #[test]
    fn impossible_amounts_are_named() {
        assert_eq!(value(0, 0, 0, 0), Err(Impossible::Budget));
        assert_eq!(value(10, 11, 0, 0), Err(Impossible::Planned));
        assert_eq!(value(10, -1, 0, 0), Err(Impossible::Planned));
        assert_eq!(value(10, 0, 11, 0), Err(Impossible::Earned));
        assert_eq!(value(10, 0, -1, 0), Err(Impossible::Earned));
        assert_eq!(value(10, 0, 0, -1), Err(Impossible::Actual));
        assert!(Impossible::Earned.to_string().contains("earned value"));
    }

    proptest! {
        #[test]
        fn every_index_is_a_number(
            budget in any::<i64>(),
            planned in any::<i64>(),
            earned in any::<i64>(),
            actual in any::<i64>(),
        ) {
            // Brought within bounds as often as not.
            for (planned, earned) in [(planned, earned), (planned % budget.max(1), earned % budget.max(1))] {
                let Ok(found) = value(budget, planned, earned, actual) else { continue };
                for index in [found.cost_performance(), found.schedule_performance(),
                              found.to_complete_performance()] {
                    prop_assert!(index.is_none_or(|index| index.is_finite() && index >= 0.0));
                }
                prop_assert!(found.estimate_at_completion_cents().is_none_or(|cents| cents >= 0));
            }
        }

        #[test]
        fn work_done_for_its_budget_ends_on_budget(budget in 1..i64::MAX, share in 0.01..1.0_f64) {
            let done = ((budget as f64 * share) as i64).clamp(1, budget);
            let found = value(budget, done, done, done).unwrap();
            prop_assert_eq!(found.estimate_at_completion_cents(), Some(budget));
            prop_assert_eq!(found.cost_performance(), Some(1.0));
        }
    }
}
