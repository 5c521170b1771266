//! Products of the portfolio, as steering and impact need them.
//!
//! ```text
//!   impact, steering ──ask──▶ Products ◀──implements── portfolio
//! ```
//! It exists because a promise, a review and a decision are about a product, and because the watch
//! looks for those that drift.

use jiff::civil::Date;
use kit_db::Tx;
use serde::Serialize;

use crate::{Answered, OrganisationId, ProductId};

/// A product in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProductSummary {
    /// Its id.
    pub id: ProductId,
    /// `large-project`, `product` or `start-up`.
    pub kind: &'static str,
    /// Its name.
    pub title: String,
    /// The code of its phase, when one is told.
    pub phase: Option<&'static str>,
    /// Its ministry: the organisation on which a grant lets somebody act.
    pub ministry: Option<OrganisationId>,
    /// What the Government's priority is to which it belongs; may be empty.
    pub policy_priority: String,
    /// Its first baseline, in cents of euros.
    pub baseline_cents: Option<i64>,
    /// Its latest cost, in cents of euros.
    pub cost_cents: Option<i64>,
    /// The slip of its cost: a fraction of the first baseline.
    pub cost_slip: Option<f64>,
    /// The slip of its duration: a fraction of the first planned one.
    pub duration_slip: Option<f64>,
    /// The date of its latest estimate.
    pub estimated_on: Option<Date>,
}

/// Which slip is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slipping {
    /// The cost's.
    Cost,
    /// The duration's.
    Duration,
}

/// A page of products.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductsPage {
    /// Them, in the order asked for.
    pub products: Vec<ProductSummary>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// Products, by id and in the orders that a watch needs.
pub trait Products: Send + Sync {
    /// A product. The id of another name of it gives the product that it turned out to be.
    fn product(&self, id: ProductId) -> Answered<'_, Option<ProductSummary>>;

    /// The same, read in a transaction that goes on to act on it.
    fn product_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        id: ProductId,
    ) -> Answered<'f, Option<ProductSummary>>;

    /// Products by name, those that hold the words of `text` in their order (all when empty), of one
    /// ministry when it is given; at most 200 a page. A cursor that somebody changed counts as none.
    fn products<'f>(
        &'f self,
        text: &'f str,
        ministry: Option<OrganisationId>,
        cursor: Option<&'f str>,
        limit: u32,
    ) -> Answered<'f, ProductsPage>;

    /// Products by slip, the worst first, of one ministry when it is given; at most 200 a page.
    fn slipping<'f>(
        &'f self,
        by: Slipping,
        ministry: Option<OrganisationId>,
        cursor: Option<&'f str>,
        limit: u32,
    ) -> Answered<'f, ProductsPage>;

    /// Products that go on and whose latest estimate is older than a date, the oldest first; at most
    /// 200.
    fn stale(
        &self,
        before: Date,
        ministry: Option<OrganisationId>,
        limit: u32,
    ) -> Answered<'_, Vec<ProductSummary>>;
}
