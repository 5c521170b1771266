//! What modules do for products, as steering shows it, and what steering gives them.
//!
//! ```text
//!   steering ──reads──▶ ProductActs  ◀──implement── portfolio, contracts, brigade, startups, costs, observatory
//!   steering ──calls──▶ BrigadeCalls ◀──implements── brigade
//!   contracts ──asks──▶ FundingHolds ◀──implements── steering
//!   brigade ──asks────▶ Recommending ◀──implements── steering
//! ```
//! They exist because a product has one timeline, the directorate one morning page and a conference
//! one file for each project, whoever acted; and because money that is held is paid by nobody.

use jiff::civil::Date;
use kit_access::Actor;
use kit_db::Tx;
use kit_ui::Locale;
use uuid::Uuid;

use crate::{Answered, OrganisationId, ProductId};

/// For whom something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Anybody: only what is published by then.
    Everybody,
    /// Those who may read the product's ministry.
    Entitled,
}

/// Something that happened to a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActEntry {
    /// The day on which it happened.
    pub on: Date,
    /// What happened, a short sentence in the reader's language.
    pub what: String,
    /// Why, or with which figures; may be empty.
    pub detail: String,
    /// Who did it, when it is somebody and may be told.
    pub by: Option<String>,
    /// Where it is shown, a path of this site.
    pub href: String,
}

/// Something that waits for the directorate or a ministry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Of which product, when it is about one.
    pub product: Option<ProductId>,
    /// What has to be done, a short sentence in the reader's language.
    pub what: String,
    /// By when.
    pub due: Option<Date>,
    /// The money that depends on it, in cents of euros.
    pub amount_cents: Option<i64>,
    /// Where it is done, a path of this site.
    pub href: String,
}

/// A fact of a product for a conference's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductFact {
    /// What it is about, in the reader's language.
    pub label: String,
    /// It, in the reader's language.
    pub value: String,
    /// Where it is shown, a path of this site.
    pub href: String,
}

/// A module whose acts concern products.
pub trait ProductActs: Send + Sync {
    /// What happened to a product on a day or before, the latest first; at most 100.
    fn timeline(
        &self,
        product: ProductId,
        audience: Audience,
        locale: Locale,
        until: Date,
        limit: u32,
    ) -> Answered<'_, Vec<ActEntry>>;

    /// What waits, of one ministry when it is given, the earliest due first; at most 50.
    fn needs(
        &self,
        ministry: Option<OrganisationId>,
        locale: Locale,
        today: Date,
        limit: u32,
    ) -> Answered<'_, Vec<Need>>;

    /// Facts of a product as they stand; at most 20.
    fn facts(
        &self,
        product: ProductId,
        locale: Locale,
        today: Date,
    ) -> Answered<'_, Vec<ProductFact>>;
}

/// Somebody asks that the brigade be sent to a product.
#[derive(Debug, Clone)]
pub struct BrigadeCall {
    /// To which product.
    pub product: ProductId,
    /// Why, in plain words.
    pub reason: String,
    /// What asked: `alert`, `conference` or `decision`, and its id.
    pub origin: (&'static str, Uuid),
}

/// The brigade, as the watch and a conference send it.
pub trait BrigadeCalls: Send + Sync {
    /// A new request for a mission, open; its id. A second call with the same origin gives the id of
    /// the first. Demands that the actor may ask for the brigade.
    fn call_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        actor: &'f Actor,
        call: BrigadeCall,
    ) -> Answered<'f, Uuid>;
}

/// Why a product's funding is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingHold {
    /// Since when.
    pub since: Date,
    /// Why, in the words of who held it.
    pub reason: String,
}

/// Whether money may be paid.
pub trait FundingHolds: Send + Sync {
    /// What holds a product's funding, read in the transaction that would pay.
    fn hold_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        product: ProductId,
    ) -> Answered<'f, Option<FundingHold>>;
}

/// A recommendation, for who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecommendationSummary {
    /// Its id.
    pub id: Uuid,
    /// Its text.
    pub text: String,
    /// The code of its status, as steering publishes it.
    pub status: &'static str,
    /// When it is due.
    pub due: Date,
    /// Whether the project was really reoriented; nothing while nobody said.
    pub reoriented: Option<bool>,
}

/// A recommendation to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecommendation {
    /// For which product.
    pub product: ProductId,
    /// Its text: 10 to 2,000 characters.
    pub text: String,
    /// `strategy`, `finance`, `governance`, `delivery` or `planning`.
    pub axis: &'static str,
    /// Who must see to it, as people read it.
    pub owner: String,
    /// When it is due: not in the past.
    pub due: Date,
    /// What it rests on: `mission` or `conference`, and its id.
    pub origin: (&'static str, Uuid),
}

/// Recommendations, for those who give them elsewhere than in a review.
pub trait Recommending: Send + Sync {
    /// A new recommendation, proposed; its id. Demands that the actor may recommend.
    fn recommend_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        actor: &'f Actor,
        new: NewRecommendation,
    ) -> Answered<'f, Uuid>;

    /// Recommendations that rest on something, the earliest due first; at most 100.
    fn resting_on(&self, origin: (&'static str, Uuid)) -> Answered<'_, Vec<RecommendationSummary>>;
}
