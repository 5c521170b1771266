//! The watch: what drifts, told in figures.

use jiff::civil::Date;
use ports::{IndicatorProgress, ProductSummary, Standing};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Confidence;

kit_acts::coded! {
    /// What the watch looks for.
    Rule {
        /// The cost went beyond its baseline.
        Cost = "cost",
        /// The duration went beyond the planned one.
        Duration = "duration",
        /// Nobody told an estimate for long.
        Stale = "stale",
        /// A promised impact was missed.
        Impact = "impact",
        /// The project is surer of itself than the directorate is, or the reverse.
        Confidence = "confidence",
    }
}

/// From where something is a drift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// A fraction of the first baseline.
    pub cost_rate: f64,
    /// A fraction of the first planned duration.
    pub duration_rate: f64,
    /// Days since the latest estimate.
    pub stale_days: i64,
    /// By how much (a fraction, or a hundredth of days) something must have become worse to be told
    /// again after it was dismissed.
    pub worse_rate: f64,
    /// After how many days something that was dismissed is told again as it is.
    pub quiet_days: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cost_rate: 0.2,
            duration_rate: 0.2,
            stale_days: 365,
            worse_rate: 0.1,
            quiet_days: 180,
        }
    }
}

/// The latest ratings of a project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ratings {
    /// Its own, and of when it is.
    pub own: Option<(Confidence, Date)>,
    /// The directorate's.
    pub independent: Option<(Confidence, Date)>,
}

/// What was found, with the figures that say so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum Finding {
    /// The cost.
    Cost {
        /// In cents of euros.
        baseline_cents: i64,
        /// In cents of euros.
        cost_cents: i64,
        /// A fraction of the baseline.
        slip: f64,
        /// From where it is a drift.
        limit: f64,
    },
    /// The duration.
    Duration {
        /// A fraction of the planned one.
        slip: f64,
        /// From where it is a drift.
        limit: f64,
    },
    /// No estimate.
    Stale {
        /// The date of the latest.
        estimated_on: Date,
        /// Since then, in days.
        days: i64,
        /// From where it is too old.
        limit_days: i64,
    },
    /// A promise.
    Impact {
        /// The indicator.
        indicator: Uuid,
        /// What is measured.
        name: String,
        /// In which unit.
        unit: String,
        /// What was promised.
        target: f64,
        /// By when.
        due_on: Option<Date>,
        /// The latest figure.
        latest: Option<f64>,
    },
    /// Two ratings.
    Confidence {
        /// The project's.
        own: Confidence,
        /// The directorate's.
        independent: Confidence,
    },
}

impl Finding {
    /// The rule that found it.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Cost { .. } => Rule::Cost,
            Self::Duration { .. } => Rule::Duration,
            Self::Stale { .. } => Rule::Stale,
            Self::Impact { .. } => Rule::Impact,
            Self::Confidence { .. } => Rule::Confidence,
        }
    }

    /// How bad it is, on the rule's own scale: more is worse.
    fn weight(&self) -> f64 {
        match self {
            Self::Cost { slip, .. } | Self::Duration { slip, .. } => *slip,
            Self::Stale { days, .. } => *days as f64 / 100.0,
            Self::Impact { .. } => 0.0,
            Self::Confidence { own, independent } => {
                (*own as i64 - *independent as i64).unsigned_abs() as f64
            }
        }
    }
}

/// The promise that was missed among those of a product: the longest overdue.
pub fn broken_promise(indicators: &[IndicatorProgress]) -> Option<Finding> {
    let missed = indicators
        .iter()
        .filter(|one| one.standing == Standing::Missed);
    let oldest = missed.min_by_key(|one| one.target.and_then(|(_, on)| on))?;
    let (target, due_on) = oldest.target?;
    Some(Finding::Impact {
        indicator: oldest.id,
        name: oldest.name.clone(),
        unit: oldest.unit.clone(),
        target,
        due_on,
        latest: oldest.latest.map(|(value, _)| value),
    })
}

/// What a rule finds in a product.
pub fn finding(
    rule: Rule,
    product: &ProductSummary,
    indicators: &[IndicatorProgress],
    ratings: Ratings,
    limits: &Limits,
    today: Date,
) -> Option<Finding> {
    // What has ended drifts no more: its estimate is its last one.
    let goes_on = product.phase != Some("done");
    match rule {
        Rule::Cost => {
            let slip = product.cost_slip.filter(|slip| *slip > limits.cost_rate)?;
            Some(Finding::Cost {
                baseline_cents: product.baseline_cents?,
                cost_cents: product.cost_cents?,
                slip,
                limit: limits.cost_rate,
            })
            .filter(|_| goes_on)
        }
        Rule::Duration => {
            let slips = |slip: &f64| *slip > limits.duration_rate;
            let slip = product.duration_slip.filter(slips).filter(|_| goes_on)?;
            Some(Finding::Duration {
                slip,
                limit: limits.duration_rate,
            })
        }
        Rule::Stale => {
            let estimated_on = product.estimated_on.filter(|_| goes_on)?;
            let days = i64::from((today - estimated_on).get_days());
            (days > limits.stale_days).then_some(Finding::Stale {
                estimated_on,
                days,
                limit_days: limits.stale_days,
            })
        }
        Rule::Impact => broken_promise(indicators),
        Rule::Confidence => match (ratings.own, ratings.independent) {
            (Some((own, _)), Some((independent, _))) if own != independent => {
                Some(Finding::Confidence { own, independent })
            }
            _ => None,
        },
    }
}

/// Whether a finding is told after it was dismissed: it became worse, or long ago.
pub fn is_news(
    found: &Finding,
    dismissed: Option<(&Finding, Date)>,
    limits: &Limits,
    today: Date,
) -> bool {
    let Some((before, on)) = dismissed else {
        return true;
    };
    let quiet = i64::from((today - on).get_days()) <= limits.quiet_days;
    let is_other = match (found, before) {
        (Finding::Impact { indicator, .. }, Finding::Impact { indicator: old, .. }) => {
            indicator != old
        }
        _ => false,
    };
    !quiet || is_other || found.weight() >= before.weight() + limits.worse_rate
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use ports::ProductId;

    use super::*;

    const TODAY: Date = date(2026, 6, 1);

    fn product(cost_slip: f64, estimated_on: Date) -> ProductSummary {
        ProductSummary {
            id: ProductId(Uuid::from_u128(1)),
            kind: "large-project",
            title: "Projet".into(),
            phase: Some("build"),
            ministry: None,
            policy_priority: String::new(),
            baseline_cents: Some(100),
            cost_cents: Some(130),
            cost_slip: Some(cost_slip),
            duration_slip: Some(0.0),
            estimated_on: Some(estimated_on),
        }
    }

    fn found(rule: Rule, product: &ProductSummary, ratings: Ratings) -> Option<Finding> {
        finding(rule, product, &[], ratings, &Limits::default(), TODAY)
    }

    #[test]
    fn a_drift_begins_beyond_its_limit() {
        let none = Ratings::default();
        let at = |slip| found(Rule::Cost, &product(slip, TODAY), none).is_some();
        assert!(!at(0.2) && at(0.2001) && !at(-0.5));
        let old = |on| found(Rule::Stale, &product(0.0, on), none).is_some();
        assert!(!old(date(2025, 6, 1)) && old(date(2025, 5, 31)));
        let mut done = product(9.0, date(2020, 1, 1));
        done.phase = Some("done");
        for rule in Rule::ALL {
            assert_eq!(found(*rule, &done, none), None, "{rule:?}");
        }
    }

    #[test]
    fn two_ratings_that_differ_are_told() {
        let rated = |own, independent| Ratings {
            own: Some((own, TODAY)),
            independent: Some((independent, TODAY)),
        };
        let product = product(0.0, TODAY);
        let told = |ratings| found(Rule::Confidence, &product, ratings).is_some();
        assert!(told(rated(Confidence::Green, Confidence::Red)));
        assert!(!told(rated(Confidence::Red, Confidence::Red)));
    }

    #[test]
    fn what_was_dismissed_is_told_again_when_it_is_worse_or_old() {
        let cost = |slip| Finding::Cost {
            baseline_cents: 1,
            cost_cents: 2,
            slip,
            limit: 0.2,
        };
        let before = cost(0.3);
        let limits = Limits::default();
        let news = |slip, on| is_news(&cost(slip), Some((&before, on)), &limits, TODAY);
        assert!(!news(0.35, date(2026, 5, 1)));
        assert!(news(0.41, date(2026, 5, 1)));
        assert!(news(0.3, date(2025, 11, 1)));
        assert!(is_news(&before, None, &limits, TODAY));
    }
}
