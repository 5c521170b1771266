//! Products, estimates and baselines.

use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;

use super::Phase;

/// What a product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProductKind {
    /// A large project of the panorama.
    LargeProject,
    /// Any other digital product.
    Product,
    /// A State start-up.
    StartUp,
}

impl ProductKind {
    /// Every kind, in the order in which pages offer them.
    pub const ALL: [Self; 3] = [Self::LargeProject, Self::Product, Self::StartUp];

    /// Its name in addresses, files and columns.
    pub fn code(self) -> &'static str {
        match self {
            Self::LargeProject => "large-project",
            Self::Product => "product",
            Self::StartUp => "start-up",
        }
    }

    /// The kind of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What is said of a product; the parts of its state that sources and people describe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// What it is.
    pub kind: ProductKind,
    /// Its name, at most 300 characters.
    pub title: String,
    /// What it is for, in a sentence.
    pub mission: String,
    /// What it is for, at length.
    pub description: String,
    /// The ministry that carries it.
    pub ministry_id: Option<Uuid>,
    /// The ministry's key through its names.
    pub ministry_key: String,
    /// The incubator where it grows.
    pub incubator_id: Option<Uuid>,
    /// Its functional area.
    pub area: String,
    /// The Government's priority that it serves.
    pub policy_priority: String,
    /// Whether it serves several ministries.
    pub interministerial: bool,
    /// Where it stands.
    pub phase: Option<Phase>,
    /// Since when.
    pub phase_since: Option<Date>,
    /// Its page.
    pub link: String,
    /// Its source code.
    pub repository: String,
    /// Its statistics page.
    pub stats_url: String,
    /// Its budget page.
    pub budget_url: String,
    /// Its impact page.
    pub impact_url: String,
    /// What it says of its accessibility.
    pub accessibility: String,
}

impl Description {
    /// A product of which only the name is known.
    pub fn named(kind: ProductKind, title: impl Into<String>) -> Self {
        Self {
            kind,
            title: title.into(),
            mission: String::new(),
            description: String::new(),
            ministry_id: None,
            ministry_key: String::new(),
            incubator_id: None,
            area: String::new(),
            policy_priority: String::new(),
            interministerial: false,
            phase: None,
            phase_since: None,
            link: String::new(),
            repository: String::new(),
            stats_url: String::new(),
            budget_url: String::new(),
            impact_url: String::new(),
            accessibility: String::new(),
        }
    }
}

/// What was estimated of a product at a date. Appended, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// The date that it speaks of.
    pub as_of: Date,
    /// Build, staff included, plus two years of running, in cents.
    pub cost_cents: Option<i64>,
    /// From start to end, in seconds of years of 365 days.
    pub duration_seconds: Option<i64>,
    /// When the product began or begins.
    pub start_on: Option<Date>,
    /// The product's phase at that date.
    pub phase: Option<Phase>,
    /// Where it was read, such as `panorama 2017-06-01`.
    pub source: String,
    /// Who told it.
    pub author: String,
}

impl Estimate {
    /// Whether it can be a baseline or be compared with one: framing doesn't count.
    pub fn counts(&self) -> bool {
        self.phase.is_none_or(Phase::counts)
            && (self.cost_cents.is_some() || self.duration_seconds.is_some())
    }
}

/// A new baseline: an act with an author and a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rebaseline {
    /// From when it is the current one.
    pub effective_on: Date,
    /// The cost, in cents.
    pub cost_cents: Option<i64>,
    /// The duration, in seconds of years of 365 days.
    pub duration_seconds: Option<i64>,
    /// Why.
    pub reason: String,
    /// Who.
    pub author: String,
}

/// Bands of cost, as the panorama draws them, in cents.
pub const BANDS: [(&str, i64); 5] = [
    ("under-5", 0),
    ("5-9", 500_000_000),
    ("9-20", 900_000_000),
    ("20-100", 2_000_000_000),
    ("over-100", 10_000_000_000),
];

/// The band of a cost.
pub fn band(cost_cents: i64) -> &'static str {
    BANDS
        .iter()
        .rev()
        .find(|(_, from)| cost_cents >= *from)
        .map_or(BANDS[0].0, |(name, _)| name)
}

/// One measure's baseline and latest value at a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The first estimate that counts.
    pub baseline: i64,
    /// The baseline in force: the last re-baseline, else the first one.
    pub current_baseline: i64,
    /// The latest estimate.
    pub latest: i64,
}

/// Where one measure of a product stands at `on`: nothing when no estimate had counted yet, or when
/// the latest one doesn't count (the product was put back into framing).
///
/// `estimates` are sorted by date; `measure` picks cost or duration.
pub fn standing(
    estimates: &[Estimate],
    rebaselines: &[Rebaseline],
    on: Date,
    measure: Measure,
) -> Option<Standing> {
    let known = || estimates.iter().filter(|estimate| estimate.as_of <= on);
    if !known().next_back()?.counts() {
        return None;
    }
    let mut values = known()
        .filter(|estimate| estimate.counts())
        .filter_map(|e| measure.of_estimate(e));
    let baseline = values.next()?;
    let latest = values.next_back().unwrap_or(baseline);
    let current_baseline = rebaselines
        .iter()
        .filter(|act| act.effective_on <= on)
        .filter_map(|act| measure.of_rebaseline(act))
        .next_back()
        .unwrap_or(baseline);
    Some(Standing {
        baseline,
        current_baseline,
        latest,
    })
}

/// What is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Cents.
    Cost,
    /// Seconds of years of 365 days.
    Duration,
}

impl Measure {
    fn of_estimate(self, estimate: &Estimate) -> Option<i64> {
        match self {
            Self::Cost => estimate.cost_cents,
            Self::Duration => estimate.duration_seconds,
        }
    }

    fn of_rebaseline(self, act: &Rebaseline) -> Option<i64> {
        match self {
            Self::Cost => act.cost_cents,
            Self::Duration => act.duration_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn estimate(year: i16, cost: Option<i64>, phase: Phase) -> Estimate {
        Estimate {
            as_of: date(year, 1, 1),
            cost_cents: cost,
            duration_seconds: None,
            start_on: None,
            phase: Some(phase),
            source: "test".into(),
            author: "test".into(),
        }
    }

    fn at(estimates: &[Estimate], year: i16) -> Option<(i64, i64)> {
        standing(estimates, &[], date(year, 6, 1), Measure::Cost).map(|s| (s.baseline, s.latest))
    }

    #[test]
    fn the_baseline_is_the_first_estimate_that_counts() {
        let all = [
            estimate(2015, Some(5), Phase::Framing),
            estimate(2016, Some(10), Phase::Build),
            estimate(2017, Some(15), Phase::Rollout),
        ];
        assert_eq!(at(&all, 2014), None);
        assert_eq!(at(&all, 2015), None, "framing doesn't count");
        assert_eq!(at(&all, 2016), Some((10, 10)));
        assert_eq!(at(&all, 2018), Some((10, 15)));
    }

    #[test]
    fn a_product_put_back_into_framing_is_left_out() {
        let all = [
            estimate(2016, Some(10), Phase::Build),
            estimate(2017, None, Phase::Framing),
        ];
        assert_eq!(at(&all, 2016), Some((10, 10)));
        assert_eq!(at(&all, 2017), None);
    }

    #[test]
    fn a_new_baseline_leaves_the_first_one_visible() {
        let all = [
            estimate(2016, Some(10), Phase::Build),
            estimate(2018, Some(30), Phase::Build),
        ];
        let act = Rebaseline {
            effective_on: date(2017, 1, 1),
            cost_cents: Some(20),
            duration_seconds: None,
            reason: "scope".into(),
            author: "Ada".into(),
        };
        let standing = standing(&all, &[act], date(2018, 6, 1), Measure::Cost).unwrap();
        assert_eq!(
            standing,
            Standing {
                baseline: 10,
                current_baseline: 20,
                latest: 30
            }
        );
    }

    #[test]
    fn bands_are_those_of_the_panorama() {
        let bands = [
            1,
            499_999_999,
            500_000_000,
            900_000_000,
            2_000_000_000,
            10_000_000_000,
        ];
        assert_eq!(
            bands.map(band),
            ["under-5", "under-5", "5-9", "9-20", "20-100", "over-100"]
        );
    }
}
