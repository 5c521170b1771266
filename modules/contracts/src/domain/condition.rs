//! When a tranche can be released: computed from figures as they stand, never decided here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::codes::{CheckState, Doctrine};
use super::terms::IndicatorTerms;

/// What must hold before a tranche is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "when", rename_all = "kebab-case")]
pub enum Condition {
    /// An indicator has gone a share of its way from the baseline to the target, both as signed.
    Indicator {
        /// Which.
        indicator: Uuid,
        /// The share, in hundredths: 1 to 100.
        share_percent: u8,
    },
    /// A day has come.
    Date {
        /// Which.
        on: Date,
    },
    /// A clause is met.
    Clause {
        /// Which.
        doctrine: Doctrine,
    },
}

impl Condition {
    /// Its kind's name in forms and words.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Indicator { .. } => "indicator",
            Self::Date { .. } => "date",
            Self::Clause { .. } => "clause",
        }
    }
}

/// A figure as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The value.
    pub value: f64,
    /// Of which day it is.
    pub as_of: Date,
    /// Where it comes from.
    pub source: String,
    /// Whether the platform itself counts it.
    pub automatic: bool,
    /// In which unit.
    pub unit: String,
}

/// Why a condition isn't met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unmet {
    /// The figure is not there yet.
    Short,
    /// Nothing is measured since the baseline.
    NotMeasured,
    /// It is measured in another unit than the one that was signed.
    OtherUnit,
    /// The day has not come.
    TooEarly,
    /// The clause isn't met.
    Clause,
    /// The contract does not hold the indicator.
    Unknown,
}

impl Unmet {
    /// Its name in words.
    pub fn code(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::NotMeasured => "not-measured",
            Self::OtherUnit => "other-unit",
            Self::TooEarly => "too-early",
            Self::Clause => "clause",
            Self::Unknown => "unknown",
        }
    }
}

/// How a condition stands on a day, with all that says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The day on which it was read.
    pub on: Date,
    /// Why it isn't met; none: it is.
    pub unmet: Option<Unmet>,
    /// The figure that says so.
    pub figure: Option<Figure>,
    /// The figure that is needed.
    pub needed: Option<f64>,
}

impl Reading {
    /// Whether the tranche may be released.
    pub fn is_met(&self) -> bool {
        self.unmet.is_none()
    }
}

/// How a condition stands: `indicators` as signed, `figures` by indicator, `checks` by doctrine.
pub fn read(
    condition: &Condition,
    indicators: &[IndicatorTerms],
    figures: &BTreeMap<Uuid, Figure>,
    checks: &BTreeMap<Doctrine, CheckState>,
    today: Date,
) -> Reading {
    let mut reading = Reading {
        on: today,
        unmet: None,
        figure: None,
        needed: None,
    };
    match condition {
        Condition::Date { on } => {
            reading.unmet = (today < *on).then_some(Unmet::TooEarly);
        }
        Condition::Clause { doctrine } => {
            let is_met = checks.get(doctrine) == Some(&CheckState::Met);
            reading.unmet = (!is_met).then_some(Unmet::Clause);
        }
        Condition::Indicator {
            indicator,
            share_percent,
        } => {
            let Some(signed) = indicators.iter().find(|one| one.id == *indicator) else {
                reading.unmet = Some(Unmet::Unknown);
                return reading;
            };
            let share = f64::from(*share_percent) / 100.0;
            let needed = signed.baseline + (signed.target - signed.baseline) * share;
            reading.needed = Some(needed);
            reading.figure = figures.get(indicator).cloned();
            reading.unmet = match &reading.figure {
                None => Some(Unmet::NotMeasured),
                Some(figure) if figure.as_of <= signed.baseline_on || figure.as_of > today => {
                    Some(Unmet::NotMeasured)
                }
                Some(figure) if figure.unit != signed.unit => Some(Unmet::OtherUnit),
                Some(figure) => {
                    // What binary floats add must not decide: a millionth of the way does not count.
                    let slack = (signed.target - signed.baseline).abs() / 1e6;
                    let gone = if signed.target >= signed.baseline {
                        figure.value - needed
                    } else {
                        needed - figure.value
                    };
                    (gone < -slack).then_some(Unmet::Short)
                }
            };
        }
    }
    reading
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn signed(baseline: f64, target: f64) -> IndicatorTerms {
        IndicatorTerms {
            id: Uuid::from_u128(7),
            name: "Délai".into(),
            unit: "jours".into(),
            baseline,
            baseline_on: date(2026, 1, 1),
            target,
            due_on: date(2026, 12, 31),
            source: "Tableau".into(),
        }
    }

    fn told(baseline: f64, target: f64, value: f64, as_of: Date, unit: &str) -> Option<Unmet> {
        let condition = Condition::Indicator {
            indicator: Uuid::from_u128(7),
            share_percent: 50,
        };
        let figure = Figure {
            value,
            as_of,
            source: "Tableau".into(),
            automatic: false,
            unit: unit.into(),
        };
        let figures = [(Uuid::from_u128(7), figure)].into();
        let today = date(2026, 7, 1);
        let all = [signed(baseline, target)];
        read(&condition, &all, &figures, &BTreeMap::new(), today).unmet
    }

    #[test]
    fn a_share_of_the_way_is_needed_whichever_way_is_better() {
        let on = date(2026, 6, 30);
        assert_eq!(told(40.0, 80.0, 60.0, on, "jours"), None);
        assert_eq!(told(40.0, 80.0, 59.9, on, "jours"), Some(Unmet::Short));
        assert_eq!(told(60.0, 20.0, 40.0, on, "jours"), None);
        assert_eq!(told(60.0, 20.0, 40.1, on, "jours"), Some(Unmet::Short));
        assert_eq!(told(0.1, 0.3, 0.2, on, "jours"), None, "floats");
    }

    #[test]
    fn what_cannot_be_compared_does_not_count() {
        let unmet = |on, unit| told(40.0, 80.0, 80.0, on, unit);
        assert_eq!(unmet(date(2026, 6, 30), "semaines"), Some(Unmet::OtherUnit));
        assert_eq!(unmet(date(2026, 1, 1), "jours"), Some(Unmet::NotMeasured));
        assert_eq!(unmet(date(2026, 7, 2), "jours"), Some(Unmet::NotMeasured));
    }

    #[test]
    fn a_day_and_a_clause_are_read() {
        let today = date(2026, 7, 1);
        let unmet = |condition: Condition, checks: &BTreeMap<Doctrine, CheckState>| {
            read(&condition, &[], &BTreeMap::new(), checks, today).unmet
        };
        let none = BTreeMap::new();
        assert_eq!(unmet(Condition::Date { on: today }, &none), None);
        let tomorrow = Condition::Date {
            on: date(2026, 7, 2),
        };
        assert_eq!(unmet(tomorrow, &none), Some(Unmet::TooEarly));
        let clause = Condition::Clause {
            doctrine: Doctrine::Accessibility,
        };
        assert_eq!(unmet(clause, &none), Some(Unmet::Clause));
        let met = [(Doctrine::Accessibility, CheckState::Met)].into();
        assert_eq!(unmet(clause, &met), None);
        let not = [(Doctrine::Accessibility, CheckState::NotApplicable)].into();
        assert_eq!(unmet(clause, &not), Some(Unmet::Clause));
    }
}
