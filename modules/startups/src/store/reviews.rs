//! Six-monthly reviews.

use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json, json_or_none, to_json};
use crate::domain::{Preparation, ReviewState};

kit_db::statements! {
    FIND = "startups.review.find":
        "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id, p.phase
         FROM startups_review t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id AND t.id = $1";
    OPEN = "startups.review.open":
        "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id, p.phase
         FROM startups_review t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id AND t.product_id = $1 AND t.state <> 'decided'";
    OF_PRODUCT = "startups.review.of_product":
        "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id, p.phase
         FROM startups_review t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id
             AND t.product_id = $1 ORDER BY t.due_on DESC, t.id DESC LIMIT 100";
    IN_COMMITTEE = "startups.review.in_committee":
        "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id, p.phase
         FROM startups_review t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id AND t.state = 'committee' ORDER BY t.due_on, t.id LIMIT $1";
    IN_COMMITTEE_OF = "startups.review.in_committee_of":
        "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id, p.phase
         FROM startups_review t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id
             AND t.state = 'committee' AND p.ministry_id = $2 ORDER BY t.due_on, t.id LIMIT $1";
    INSERT = "startups.review.insert":
        "INSERT INTO startups_review (id, product_id, due_on, state, prepared, opened_on)
         VALUES ($1, $2, $3, $4, $5, $6)";
    SAVE = "startups.review.save":
        "UPDATE startups_review SET state = $3, prepared = $4, figures = $5, submitted_on = $6,
            decided_on = $7, spent_cents = $8, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    SPENT = "startups.review.spent":
        "SELECT CAST(COALESCE(SUM(spent_cents), 0) AS BIGINT) AS spent FROM startups_review
         WHERE product_id = $1 AND state IN ('committee', 'decided')";
}

/// A review, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReview {
    /// Its id.
    pub id: Uuid,
    /// The start-up.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// Its ministry.
    pub ministry: Option<Uuid>,
    /// Its incubator.
    pub incubator: Option<Uuid>,
    /// Its phase now.
    pub phase: Option<String>,
    /// When it is due.
    pub due_on: Date,
    /// Where it stands.
    pub state: ReviewState,
    /// What the team told.
    pub prepared: Preparation,
    /// The product's indicators, as they stood when the committee got the review.
    pub figures: Option<serde_json::Value>,
    /// Since when it is open.
    pub opened_on: Date,
    /// When the committee got it.
    pub submitted_on: Option<Date>,
    /// When it ended.
    pub decided_on: Option<Date>,
    /// The version that a change names.
    pub version: i64,
}

impl StoredReview {
    /// Whether it is late on a day: due, and the committee hasn't decided.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.state != ReviewState::Decided && self.due_on < today
    }
}

pub(crate) fn read(row: &Row) -> Result<StoredReview, DbError> {
    Ok(StoredReview {
        id: row.get("id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        incubator: row.get("incubator_id")?,
        phase: row.get("phase")?,
        due_on: row.get("due_on")?,
        state: code(row, "state", ReviewState::parse)?,
        prepared: json(row, "prepared")?,
        figures: json_or_none(row, "figures")?,
        opened_on: row.get("opened_on")?,
        submitted_on: row.get("submitted_on")?,
        decided_on: row.get("decided_on")?,
        version: row.get("row_version")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredReview>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// The review of a product that goes on.
pub(crate) async fn open(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Option<StoredReview>, DbError> {
    OPEN.bind(product).optional(on, read).await
}

/// The reviews of a product, the latest first.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Vec<StoredReview>, DbError> {
    OF_PRODUCT.bind(product).all(on, read).await
}

/// Those that wait for the committee, the first due first.
pub(crate) async fn in_committee(
    on: impl Into<Handle<'_>>,
    ministry: Option<Uuid>,
    limit: u32,
) -> Result<Vec<StoredReview>, DbError> {
    match ministry {
        Some(id) => IN_COMMITTEE_OF.bind(limit).bind(id).all(on, read).await,
        None => IN_COMMITTEE.bind(limit).all(on, read).await,
    }
}

pub(crate) async fn insert(tx: &mut Tx, one: &StoredReview) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(one.product)
        .bind(one.due_on)
        .bind(one.state.code())
        .bind(to_json(&one.prepared))
        .bind(one.opened_on)
        .execute(tx)
        .await
        .map(drop)
}

/// Saves a review; gives whether `version` was still the current one.
pub(crate) async fn save(tx: &mut Tx, one: &StoredReview, version: i64) -> Result<bool, DbError> {
    let changed = SAVE
        .bind(one.id)
        .bind(version)
        .bind(one.state.code())
        .bind(to_json(&one.prepared))
        .bind(one.figures.as_ref().map(to_json))
        .bind(one.submitted_on)
        .bind(one.decided_on)
        .bind(one.prepared.spent_cents)
        .execute(tx)
        .await?;
    Ok(changed == 1)
}

/// What the reviews of a product told as spent, in cents.
pub(crate) async fn spent(tx: &mut Tx, product: Uuid) -> Result<i64, DbError> {
    SPENT.bind(product).one(tx, |row| row.get("spent")).await
}
