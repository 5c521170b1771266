//! Priorities of the Government: the products that serve them, and what they lack.

use jiff::ToSpan as _;
use jiff::civil::Date;
use ports::{IndicatorProgress, Standing};
use serde::Serialize;
use uuid::Uuid;

use super::{Gap, Mistake};
use crate::WORDING;

/// Months after which a figure is old.
pub const FIGURE_MONTHS: i32 = 12;

/// A priority of the Government.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Priority {
    /// Its name.
    pub title: String,
    /// What it is for; may be empty.
    pub description: String,
    /// The ministry that carries it; none: the whole Government.
    pub ministry: Option<Uuid>,
    /// From which day.
    pub from_on: Date,
    /// To which day; none: as long as nobody ends it.
    pub to_on: Option<Date>,
}

/// What somebody sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriorityForm {
    /// Its name.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// A ministry's id, or nothing.
    pub ministry: String,
    /// Day, month, year.
    pub from: [String; 3],
    /// Day, month, year, or nothing.
    pub to: [String; 3],
}

impl PriorityForm {
    /// The form of a priority.
    pub fn of(one: &Priority) -> Self {
        Self {
            title: one.title.clone(),
            description: one.description.clone(),
            ministry: one.ministry.map(|id| id.to_string()).unwrap_or_default(),
            from: super::typed(one.from_on),
            to: one.to_on.map(super::typed).unwrap_or_default(),
        }
    }

    /// What it says; `ministries` are those that can be chosen.
    pub fn read(&self, ministries: &[Uuid]) -> Result<Priority, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let title = reader.needed("title", &self.title, 300);
        if !title.is_empty() && names::normalise(&title).is_empty() {
            reader.wrong("title", "startups-mistake-missing", "");
        }
        let description = reader.text("description", &self.description, 4_000);
        let ministry = if self.ministry.is_empty() {
            None
        } else {
            reader.code("ministry", &self.ministry, |text| {
                let id = text.parse::<Uuid>().ok();
                id.filter(|id| ministries.contains(id))
            })
        };
        let from_on = reader.needed_day("from", &self.from);
        let to_on = reader.day("to", &self.to);
        if to_on.is_some_and(|to| to < from_on) {
            reader.wrong("to", "startups-mistake-before", from_on);
        }
        reader.done(Priority {
            title,
            description,
            ministry,
            from_on,
            to_on,
        })
    }
}

/// A product that serves a priority, with its indicators.
#[derive(Debug, Clone, PartialEq)]
pub struct ServingProduct {
    /// Its name.
    pub title: String,
    /// Whether it goes on.
    pub is_live: bool,
    /// Its indicators.
    pub indicators: Vec<IndicatorProgress>,
}

/// What a priority lacks, each with the names that it is about. A product that is over serves nothing.
pub fn gaps(products: &[ServingProduct], today: Date) -> Vec<(Gap, Vec<String>)> {
    let live: Vec<&ServingProduct> = products.iter().filter(|one| one.is_live).collect();
    if live.is_empty() {
        return vec![(Gap::NoProduct, Vec::new())];
    }
    let names = |wanted: &dyn Fn(&ServingProduct) -> bool| -> Vec<String> {
        let found = live.iter().filter(|one| wanted(one));
        found.map(|one| one.title.clone()).collect()
    };
    let since = today.saturating_sub(FIGURE_MONTHS.months());
    let is_old = |one: &ServingProduct| {
        let fresh = |one: &IndicatorProgress| one.latest.is_some_and(|(_, on)| on >= since);
        !one.indicators.is_empty() && !one.indicators.iter().any(fresh)
    };
    let has_missed = |one: &ServingProduct| {
        let missed = |one: &IndicatorProgress| one.standing == Standing::Missed;
        one.indicators.iter().any(missed)
    };
    [
        (Gap::NoIndicator, names(&|one| one.indicators.is_empty())),
        (Gap::NoFigure, names(&is_old)),
        (Gap::MissedTarget, names(&has_missed)),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use ports::ProductId;

    use super::*;

    fn indicator(latest: Option<Date>, standing: Standing) -> IndicatorProgress {
        IndicatorProgress {
            id: Uuid::nil(),
            product: ProductId(Uuid::nil()),
            name: "Délai".into(),
            unit: "jours".into(),
            more_is_better: false,
            level: "impactful",
            automatic: false,
            source: String::new(),
            baseline: None,
            target: None,
            latest: latest.map(|on| (3.0, on)),
            standing,
        }
    }

    fn product(is_live: bool, indicators: Vec<IndicatorProgress>) -> ServingProduct {
        ServingProduct {
            title: "Eau claire".into(),
            is_live,
            indicators,
        }
    }

    #[test]
    fn each_gap_is_found_and_named() {
        let today = date(2026, 3, 2);
        let found = |products: &[ServingProduct]| -> Vec<Gap> {
            gaps(products, today)
                .into_iter()
                .map(|(gap, _)| gap)
                .collect()
        };
        let fresh = indicator(Some(date(2025, 3, 2)), Standing::OnTrack);
        let old = indicator(Some(date(2025, 3, 1)), Standing::Unknown);
        let missed = indicator(Some(date(2026, 1, 1)), Standing::Missed);
        assert_eq!(found(&[]), [Gap::NoProduct]);
        assert_eq!(
            found(&[product(false, vec![fresh.clone()])]),
            [Gap::NoProduct]
        );
        assert_eq!(found(&[product(true, vec![])]), [Gap::NoIndicator]);
        assert_eq!(found(&[product(true, vec![old.clone()])]), [Gap::NoFigure]);
        assert_eq!(
            found(&[product(true, vec![missed, old.clone()])]),
            [Gap::MissedTarget]
        );
        assert!(found(&[product(true, vec![fresh, old])]).is_empty());
    }

    #[test]
    fn a_period_that_ends_before_it_begins_is_refused() {
        let form = PriorityForm {
            title: "Accès aux soins".into(),
            from: super::super::typed(date(2026, 3, 1)),
            to: super::super::typed(date(2026, 2, 28)),
            ministry: Uuid::from_u128(1).to_string(),
            ..PriorityForm::default()
        };
        let fields: Vec<String> = form
            .read(&[])
            .unwrap_err()
            .into_iter()
            .map(|m| m.field)
            .collect();
        assert_eq!(fields, ["ministry", "to"]);
    }
}
