//! What a contract says: its terms, the text that is hashed, and what an amendment may change.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::codes::{Consequence, Doctrine, Expertise, Kind};
use super::condition::Condition;

/// A party, and who signs for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The body.
    pub body: String,
    /// Who signs.
    pub signatory: String,
    /// In which role.
    pub role: String,
}

/// Days of an expertise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// Which.
    pub expertise: Expertise,
    /// How many person-days: 1 to 2,000.
    pub days: u32,
}

/// A tranche, as agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrancheTerms {
    /// What it pays for.
    pub label: String,
    /// In cents of euros.
    pub amount_cents: i64,
    /// When it is released.
    pub condition: Condition,
}

/// An indicator, as agreed: what is measured later is compared with this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndicatorTerms {
    /// Its id.
    pub id: Uuid,
    /// What is measured.
    pub name: String,
    /// In which unit.
    pub unit: String,
    /// The figure before.
    pub baseline: f64,
    /// Of which day it is.
    pub baseline_on: Date,
    /// The promised figure.
    pub target: f64,
    /// When it is due.
    pub due_on: Date,
    /// Where figures come from.
    pub source: String,
}

/// A doctrine that the product follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// Which.
    pub doctrine: Doctrine,
    /// What it demands here.
    pub demand: String,
}

/// What a contract says. Fields are written in this order: the text that is hashed is this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// What is given.
    pub kind: Kind,
    /// Its title.
    pub title: String,
    /// Of which product.
    pub product: Uuid,
    /// The product's name.
    pub product_title: String,
    /// What the support is expected to bring.
    pub purpose: String,
    /// The directorate.
    pub directorate: Party,
    /// The ministry.
    pub ministry: Party,
    /// People, by expertise; empty for money.
    pub days: Vec<Days>,
    /// Money, by tranche; empty for people.
    pub tranches: Vec<TrancheTerms>,
    /// What must change, measured.
    pub indicators: Vec<IndicatorTerms>,
    /// Doctrines.
    pub clauses: Vec<Clause>,
    /// A review every so many months: 1 to 24.
    pub review_months: u8,
    /// What happens when targets are missed.
    pub consequence: Consequence,
    /// The same in words.
    pub consequence_text: String,
    /// Its first day.
    pub starts_on: Date,
    /// Its last day.
    pub ends_on: Date,
}

impl Terms {
    /// The money, in cents.
    pub fn amount_cents(&self) -> i64 {
        self.tranches.iter().map(|one| one.amount_cents).sum()
    }

    /// The person-days.
    pub fn days(&self) -> u32 {
        self.days.iter().map(|one| one.days).sum()
    }

    /// The text that is kept and hashed: JSON without blanks, its fields in the order of this type.
    pub fn canonical(&self) -> String {
        // Types of ours without maps by other keys than texts: always written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The SHA-256 of a text's bytes in UTF-8, in 64 hexadecimal digits.
pub fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
