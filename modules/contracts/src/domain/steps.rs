//! Forms of what is done to a contract that exists.

use jiff::civil::Date;

use super::Mistake;
use super::codes::{CheckState, Outcome};
use crate::WORDING;

/// An act with a reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReasonForm {
    /// Why, or what is said.
    pub reason: String,
}

impl ReasonForm {
    /// Why; it must be said.
    pub fn needed(&self) -> Result<String, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let reason = reader.needed("reason", &self.reason, 4_000);
        reader.done(reason)
    }

    /// Why; it may be empty.
    pub fn read(&self) -> Result<String, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let reason = reader.text("reason", &self.reason, 4_000);
        reader.done(reason)
    }
}

/// What somebody found of a clause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckForm {
    /// Where it stands.
    pub state: String,
    /// What shows it.
    pub evidence: String,
}

impl CheckForm {
    /// The state and its evidence, which is needed unless nobody looked.
    pub fn read(&self) -> Result<(CheckState, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let state = reader.code("state", &self.state, CheckState::parse);
        let evidence = if state == Some(CheckState::NotChecked) {
            reader.text("evidence", &self.evidence, 2_000)
        } else {
            reader.needed("evidence", &self.evidence, 2_000)
        };
        reader.done((state.unwrap_or(CheckState::NotChecked), evidence))
    }
}

/// A review of a contract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewForm {
    /// On which day.
    pub on: [String; 3],
    /// What it concludes.
    pub outcome: String,
    /// What it found.
    pub findings: String,
}

impl ReviewForm {
    /// The day, the outcome and the findings; not before the contract's first day, not in the future.
    pub fn read(
        &self,
        starts_on: Date,
        today: Date,
    ) -> Result<(Date, Outcome, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let on = reader.needed_day("on", &self.on);
        if on > today {
            reader.wrong("on", "contracts-mistake-future", today);
        } else if on != Date::MIN && on < starts_on {
            reader.wrong("on", "contracts-mistake-before", starts_on);
        }
        let outcome = reader.code("outcome", &self.outcome, Outcome::parse);
        let findings = reader.needed("findings", &self.findings, 4_000);
        reader.done((on, outcome.unwrap_or(Outcome::Continue), findings))
    }
}

/// A payment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentForm {
    /// On which day.
    pub on: [String; 3],
    /// Its reference in the books: no two payments have the same.
    pub reference: String,
}

impl PaymentForm {
    /// The day and the reference; not before the release, not in the future.
    pub fn read(&self, released_on: Date, today: Date) -> Result<(Date, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let on = reader.needed_day("on", &self.on);
        if on > today {
            reader.wrong("on", "contracts-mistake-future", today);
        } else if on != Date::MIN && on < released_on {
            reader.wrong("on", "contracts-mistake-before", released_on);
        }
        let reference = reader.needed("reference", &self.reference, 100);
        reader.done((on, reference))
    }
}
