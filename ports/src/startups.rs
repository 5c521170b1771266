//! State start-ups of the portfolio, and the change of their phase by a decision.
//!
//! ```text
//!   startups ──asks, decides──▶ Startups ◀──implements── portfolio
//! ```
//! It exists because a review on impact is due by the phase of a start-up, and because its decision
//! changes that phase in the same transaction, through the gate that people go through by hand.

use jiff::civil::Date;
use kit_access::Actor;
use kit_db::Tx;

use crate::{Answered, ImpactGap, OrganisationId, ProductId, ProductSummary};

/// A product with what a review on impact needs of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductRecord {
    /// The number of its latest change: what comes later has a higher one.
    pub change: i64,
    /// The product.
    pub product: ProductSummary,
    /// The incubator where it grows.
    pub incubator: Option<OrganisationId>,
    /// Since when it is in its phase.
    pub phase_since: Option<Date>,
    /// Whether it is live: neither stopped nor handed over, and no other name of a product.
    pub is_live: bool,
    /// Whether it gives a statistics page, a budget page and an impact page.
    pub gives: [bool; 3],
    /// What it says of its accessibility; may be empty.
    pub accessibility: String,
    /// Where its source code is; may be empty.
    pub repository: String,
}

/// A phase of a history: its code, its start, its end when it is over.
pub type PhaseSpell = (&'static str, Date, Option<Date>);

/// The history of a start-up.
#[derive(Debug, Clone, PartialEq)]
pub struct StartupPath {
    /// The start-up.
    pub product: ProductId,
    /// Its incubator.
    pub incubator: Option<OrganisationId>,
    /// Its phases, in order.
    pub phases: Vec<PhaseSpell>,
    /// Whether it gives a statistics page, a budget page and an impact page.
    pub gives: [bool; 3],
}

/// Why a phase can't be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseRefusal {
    /// The product has no promise that can be measured; what it lacks first.
    Gate(ImpactGap),
    /// The phase that goes on began only on this day.
    Before(Date),
    /// The product is no start-up, or is no longer in the phase that was named.
    NotInPhase,
}

/// A change of phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhaseChange {
    /// Of which product.
    pub product: ProductId,
    /// The code of the phase that ends; nothing when none is told.
    pub from: Option<&'static str>,
    /// The code of the phase that begins.
    pub to: &'static str,
    /// On which day.
    pub on: Date,
}

/// Start-ups, as their reviews see them.
pub trait Startups: Send + Sync {
    /// Products that changed after a number, in the order of their changes; at most 1,000.
    fn changed_after(&self, change: i64, limit: u32) -> Answered<'_, Vec<ProductRecord>>;

    /// A product, read in the transaction that acts on it; the id of another name of it gives it too.
    fn record_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        product: ProductId,
    ) -> Answered<'f, Option<ProductRecord>>;

    /// The histories of all start-ups.
    fn paths(&self) -> Answered<'_, Vec<StartupPath>>;

    /// Ends the phase of a start-up and begins another, in `tx`. Demands that the actor may change
    /// the product on its ministry or its incubator.
    fn change_phase_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        actor: &'f Actor,
        change: PhaseChange,
    ) -> Answered<'f, Result<(), PhaseRefusal>>;
}
