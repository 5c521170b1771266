//! Funds: calls, applications, and what is left.

use jiff::civil::Date;
use ports::IndicatorProgress;
use uuid::Uuid;

use super::Mistake;
use super::form::agreed;
use super::terms::IndicatorTerms;
use crate::WORDING;

kit_acts::coded! {
    /// Where an application stands.
    ApplicationState {
        /// It waits for a decision.
        Submitted = "submitted",
        /// It was selected: money is committed.
        Selected = "selected",
        /// It was refused.
        Refused = "refused",
        /// The ministry took it back before it was decided.
        Withdrawn = "withdrawn",
        /// It was selected, and what was not paid came back to the fund.
        Lapsed = "lapsed",
    }
}

kit_acts::coded! {
    /// What can be done to an application.
    ApplicationAct {
        /// Select it: the money is committed.
        Select = "select",
        /// Refuse it.
        Refuse = "refuse",
        /// Take it back.
        Withdraw = "withdraw",
        /// Give the money of a selected one back to the fund.
        Lapse = "lapse",
    }
}

impl ApplicationState {
    /// Where an act leads; none when it isn't possible.
    pub fn after(self, act: ApplicationAct) -> Option<Self> {
        match (self, act) {
            (Self::Submitted, ApplicationAct::Select) => Some(Self::Selected),
            (Self::Submitted, ApplicationAct::Refuse) => Some(Self::Refused),
            (Self::Submitted, ApplicationAct::Withdraw) => Some(Self::Withdrawn),
            (Self::Selected, ApplicationAct::Lapse) => Some(Self::Lapsed),
            _ => None,
        }
    }
}

/// A fund to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FundForm {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Its envelope, in euros.
    pub envelope: String,
}

impl FundForm {
    /// Name, purpose and envelope in cents.
    pub fn read(&self) -> Result<(String, String, i64), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let name = reader.needed("name", &self.name, 200);
        let purpose = reader.needed("purpose", &self.purpose, 4_000);
        let envelope = reader.needed_euros("envelope", &self.envelope);
        reader.done((name, purpose, envelope))
    }
}

/// A call to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallForm {
    /// Its title.
    pub title: String,
    /// By what applications are judged.
    pub criteria: String,
    /// Its first day.
    pub opens: [String; 3],
    /// Its last day.
    pub closes: [String; 3],
}

impl CallForm {
    /// Title, criteria, first and last day.
    pub fn read(&self) -> Result<(String, String, Date, Date), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let title = reader.needed("title", &self.title, 200);
        let criteria = reader.needed("criteria", &self.criteria, 4_000);
        let opens = reader.needed_day("opens", &self.opens);
        let closes = reader.needed_day("closes", &self.closes);
        if opens != Date::MIN && closes != Date::MIN && closes < opens {
            reader.wrong("closes", "contracts-mistake-before", opens);
        }
        reader.done((title, criteria, opens, closes))
    }
}

/// An application to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationForm {
    /// How much is asked for, in euros.
    pub amount: String,
    /// What the support is expected to bring.
    pub contribution: String,
    /// The indicator by which it is judged: its id.
    pub indicator: String,
}

impl ApplicationForm {
    /// Amount in cents, contribution, and the indicator as it stands: with baseline, target and date.
    pub fn read(
        &self,
        indicators: &[IndicatorProgress],
    ) -> Result<(i64, String, IndicatorTerms), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let amount = reader.needed_euros("amount", &self.amount);
        let contribution = reader.needed("contribution", &self.contribution, 4_000);
        let id = self.indicator.parse::<Uuid>().ok();
        let found = indicators.iter().find(|one| Some(one.id) == id);
        let read = found.and_then(agreed);
        match (found, &read) {
            (None, _) if id.is_none() => {
                reader.wrong("indicator", "contracts-mistake-indicator-none", "");
            }
            (None, _) => {
                let key = "contracts-mistake-indicator-unknown";
                reader.wrong("indicator", key, &self.indicator);
            }
            (Some(found), None) => {
                let key = "contracts-mistake-indicator-incomplete";
                reader.wrong("indicator", key, &found.name);
            }
            _ => {}
        }
        let told = reader.done((amount, contribution))?;
        match read {
            Some(indicator) => Ok((told.0, told.1, indicator)),
            None => Err(vec![Mistake::about(
                "indicator",
                "contracts-mistake-indicator-none",
                "",
            )]),
        }
    }
}

/// A decision on an application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionForm {
    /// Why.
    pub reasons: String,
    /// How much is granted, in euros, when it is selected.
    pub granted: String,
}

impl DecisionForm {
    /// Why, and how many cents when it is a selection: no more than what was asked for.
    pub fn read(&self, asked_cents: Option<i64>) -> Result<(String, i64), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let reasons = reader.needed("reason", &self.reasons, 4_000);
        let mut granted = 0;
        if let Some(asked) = asked_cents {
            granted = reader.needed_euros("granted", &self.granted);
            if granted > asked {
                let asked = format!("{},{:02}\u{a0}€", asked / 100, asked % 100);
                reader.wrong("granted", "contracts-mistake-asked", asked);
            }
        }
        reader.done((reasons, granted))
    }
}
