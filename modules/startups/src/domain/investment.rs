//! Money that is invested in a start-up, and what a unit of impact cost.

use jiff::civil::Date;
use ports::IndicatorProgress;
use serde::Serialize;

use super::Mistake;
use crate::WORDING;

/// The longest period that one decision pays, in days.
const PERIOD_DAYS_MAX: i32 = 1_100;

/// An investment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Investment {
    /// How much, in cents of euros.
    pub amount_cents: i64,
    /// From which day.
    pub from_on: Date,
    /// To which day.
    pub to_on: Date,
    /// Of which fund or budget line.
    pub fund: String,
}

/// What somebody sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvestmentForm {
    /// Euros.
    pub amount: String,
    /// Day, month, year.
    pub from: [String; 3],
    /// Day, month, year.
    pub to: [String; 3],
    /// A fund or a budget line.
    pub fund: String,
}

impl InvestmentForm {
    /// What it says, of a decision taken on a day.
    pub fn read(&self, decided_on: Date) -> Result<Investment, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let amount_cents = reader.euros("amount", &self.amount, 0);
        match amount_cents {
            Some(1..) => {}
            Some(_) => reader.wrong("amount", "startups-mistake-amount", &self.amount),
            None if reader.is_well() => reader.wrong("amount", "startups-mistake-missing", ""),
            None => {}
        }
        let from_on = reader.needed_day("from", &self.from);
        let to_on = reader.needed_day("to", &self.to);
        if from_on != Date::MIN && to_on != Date::MIN {
            let days = (to_on - from_on).get_days();
            if days < 0 {
                reader.wrong("to", "startups-mistake-before", from_on);
            } else if days > PERIOD_DAYS_MAX {
                reader.wrong("to", "startups-mistake-period", PERIOD_DAYS_MAX);
            } else if to_on < decided_on {
                reader.wrong("to", "startups-mistake-before", decided_on);
            }
        }
        let fund = reader.needed("fund", &self.fund, 200);
        reader.done(Investment {
            amount_cents: amount_cents.unwrap_or(0),
            from_on,
            to_on,
            fund,
        })
    }
}

/// What one unit of change cost, in cents of euros: what was spent, divided by what the indicator
/// changed for the better since its baseline. Nothing when nothing was spent, when the indicator has
/// no baseline or no figure, or when it didn't get better.
pub fn cost_per_unit(spent_cents: i64, indicator: &IndicatorProgress) -> Option<i64> {
    let (before, _) = indicator.baseline?;
    let (now, _) = indicator.latest?;
    let better = if indicator.more_is_better {
        now - before
    } else {
        before - now
    };
    if spent_cents <= 0 || better <= 0.0 || !better.is_finite() {
        return None;
    }
    let cents = (spent_cents as f64 / better).round();
    (cents.is_finite() && cents < 9e17).then_some(cents as i64)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use ports::{ProductId, Standing};
    use uuid::Uuid;

    use super::super::typed;
    use super::*;

    #[test]
    fn amounts_and_periods_have_limits() {
        let form = |amount: &str, from, to| InvestmentForm {
            amount: amount.into(),
            from: typed(from),
            to: typed(to),
            fund: "FAST".into(),
        };
        let decided = date(2026, 3, 1);
        let read = |form: InvestmentForm| -> Vec<String> {
            let mistakes = form.read(decided).err().unwrap_or_default();
            mistakes.into_iter().map(|one| one.field).collect()
        };
        let (from, to) = (date(2026, 3, 1), date(2026, 8, 31));
        assert!(read(form("250 000", from, to)).is_empty());
        assert_eq!(read(form("0", from, to)), ["amount"]);
        assert_eq!(read(form("", from, to)), ["amount"]);
        assert_eq!(read(form("12 000 $", from, to)), ["amount"]);
        assert_eq!(read(form("1", to, from)), ["to"]);
        assert_eq!(read(form("1", from, date(2030, 1, 1))), ["to"]);
        assert_eq!(read(form("1", date(2025, 1, 1), date(2025, 6, 1))), ["to"]);
    }

    fn indicator(before: f64, now: Option<f64>, more_is_better: bool) -> IndicatorProgress {
        IndicatorProgress {
            id: Uuid::nil(),
            product: ProductId(Uuid::nil()),
            name: "Délai".into(),
            unit: "jours".into(),
            more_is_better,
            level: "impactful",
            automatic: false,
            source: String::new(),
            baseline: Some((before, date(2025, 1, 1))),
            target: None,
            latest: now.map(|now| (now, date(2026, 1, 1))),
            standing: Standing::Unknown,
        }
    }

    #[test]
    fn a_unit_of_impact_has_a_cost_only_when_figures_allow_it() {
        let cost = |one: &IndicatorProgress| cost_per_unit(3_000_000, one);
        assert_eq!(cost(&indicator(100.0, Some(400.0), true)), Some(10_000));
        assert_eq!(cost(&indicator(40.0, Some(10.0), false)), Some(100_000));
        assert_eq!(cost(&indicator(40.0, Some(50.0), false)), None, "worse");
        assert_eq!(cost(&indicator(40.0, Some(40.0), true)), None, "the same");
        assert_eq!(cost(&indicator(40.0, None, true)), None, "not measured");
        assert_eq!(cost_per_unit(0, &indicator(1.0, Some(2.0), true)), None);
    }
}
