//! What a product promised to change, and what was measured of it.
//!
//! ```text
//!   portfolio ──asks the gate──▶ ImpactGate ◀──implements── impact
//!   steering  ──reads──────────▶ Progress   ◀──implements── impact
//! ```
//! The gate exists because no product goes into construction without a promise that can be
//! measured; progress, because contracts, reviews and decisions rest on the same figures.

use jiff::civil::Date;
use kit_db::Tx;
use serde::Serialize;
use uuid::Uuid;

use crate::{Answered, ProductId};

/// What a product lacks to be built: every part of one promise that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImpactGap {
    /// No indicator at all.
    Indicator,
    /// No indicator has a baseline.
    Baseline,
    /// No indicator with a baseline has a target.
    Target,
    /// No indicator with a baseline and a target has a date.
    Date,
}

/// Whether a product may be built.
pub trait ImpactGate: Send + Sync {
    /// What the product lacks; empty when it has one indicator with baseline, target and date. Read
    /// in the transaction that changes the phase.
    fn gaps<'f>(&'f self, tx: &'f mut Tx, product: ProductId) -> Answered<'f, Vec<ImpactGap>>;
}

/// How a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The target is reached.
    Reached,
    /// The latest figure is where the expected path says, or better.
    OnTrack,
    /// It is behind the expected path.
    Behind,
    /// The date has passed and the target is not reached.
    Missed,
    /// Too little is measured to say.
    Unknown,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 5] = [
        Self::Reached,
        Self::OnTrack,
        Self::Behind,
        Self::Missed,
        Self::Unknown,
    ];

    /// Its name in addresses, files and columns.
    pub fn code(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::OnTrack => "on-track",
            Self::Behind => "behind",
            Self::Missed => "missed",
            Self::Unknown => "unknown",
        }
    }

    /// The standing of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// An indicator with its promise and its latest figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IndicatorProgress {
    /// The indicator's id.
    pub id: Uuid,
    /// The product of which it tells.
    pub product: ProductId,
    /// What is measured.
    pub name: String,
    /// The unit, as people read it.
    pub unit: String,
    /// Whether more is better.
    pub more_is_better: bool,
    /// `usable`, `used`, `useful`, `impactful` or `efficient`.
    pub level: &'static str,
    /// Whether the platform itself measures it.
    pub automatic: bool,
    /// Where its figures come from, in the words of those who keep it; may be empty.
    pub source: String,
    /// The figure before, and its date.
    pub baseline: Option<(f64, Date)>,
    /// The promised figure, and when it is due.
    pub target: Option<(f64, Option<Date>)>,
    /// The latest figure, and of when it is.
    pub latest: Option<(f64, Date)>,
    /// How the promise stands.
    pub standing: Standing,
}

/// Measured promises.
pub trait Progress: Send + Sync {
    /// The indicators of a product that are in use, as they stand on a day: later figures are left
    /// out. At most 100, by level and name.
    fn indicators(&self, product: ProductId, on: Date) -> Answered<'_, Vec<IndicatorProgress>>;

    /// One indicator, read in the transaction that goes on to decide by it.
    fn indicator_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        indicator: Uuid,
        on: Date,
    ) -> Answered<'f, Option<IndicatorProgress>>;

    /// Where the latest figure of an indicator was read, on a day: what a decision by it names. None
    /// while nothing is measured.
    fn source_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        indicator: Uuid,
        on: Date,
    ) -> Answered<'f, Option<String>>;

    /// Promises that were missed or are behind, the longest overdue first; at most 200.
    fn wanting(&self, on: Date, limit: u32) -> Answered<'_, Vec<IndicatorProgress>>;
}
