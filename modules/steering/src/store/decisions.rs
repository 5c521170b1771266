//! Decisions.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json, json_or_none, to_json};
use crate::domain::{DecisionKind, Publication};

kit_db::statements! {
    FIND = "steering.decision.find":
        "SELECT t.*, p.title AS product_title FROM steering_decision t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id AND t.id = $1";
    INSERT = "steering.decision.insert":
        "INSERT INTO steering_decision (id, product_id, ministry_id, review_id, kind, decided_on,
            reasons, next, next_by, avoided_cents, kept_assets, figures, decided_by, decided_at,
            public_on, publication)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    FOLLOW = "steering.decision.follow":
        "UPDATE steering_decision SET done_on = $3, outcome = $4, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2 AND done_on IS NULL";
    PUBLISH = "steering.decision.publish":
        "UPDATE steering_decision SET public_on = $3, publication = $4, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    MISSED = "steering.decision.missed":
        "SELECT t.*, p.title AS product_title FROM steering_decision t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id
             AND t.next_by IS NOT NULL AND t.done_on IS NULL AND t.next_by < $1
         ORDER BY t.next_by, t.id LIMIT $2";
    PUBLISHED = "steering.decision.published":
        "SELECT t.*, p.title AS product_title FROM steering_decision t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id
             AND t.public_on IS NOT NULL AND t.public_on <= $1 AND (t.public_on, t.id) < ($2, $3)
         ORDER BY t.public_on DESC, t.id DESC LIMIT $4";
}

/// A decision, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDecision {
    /// Its id.
    pub id: Uuid,
    /// The product.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// The ministry's organisation.
    pub ministry: Option<Uuid>,
    /// The review on which it rests.
    pub review: Option<Uuid>,
    /// What was decided.
    pub kind: DecisionKind,
    /// When.
    pub on: Date,
    /// Why.
    pub reasons: String,
    /// What must happen.
    pub next: String,
    /// By when.
    pub next_by: Option<Date>,
    /// What isn't spent, in cents: of a stop.
    pub avoided_cents: Option<i64>,
    /// What is kept: of a stop.
    pub kept_assets: String,
    /// The figures as they stood: a product's summary and its indicators.
    pub figures: serde_json::Value,
    /// Who decided.
    pub by: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// When what must happen was seen done, and what came of it.
    pub done: Option<(Date, String)>,
    /// When and how it is published.
    pub publication: Option<Publication>,
    /// The version that a change names.
    pub version: i64,
}

pub(crate) fn read(row: &Row) -> Result<StoredDecision, DbError> {
    let done: Option<Date> = row.get("done_on")?;
    let outcome: String = row.get("outcome")?;
    Ok(StoredDecision {
        id: row.get("id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        review: row.get("review_id")?,
        kind: code(row, "kind", DecisionKind::parse)?,
        on: row.get("decided_on")?,
        reasons: row.get("reasons")?,
        next: row.get("next")?,
        next_by: row.get("next_by")?,
        avoided_cents: row.get("avoided_cents")?,
        kept_assets: row.get("kept_assets")?,
        figures: json(row, "figures")?,
        by: row.get("decided_by")?,
        at: row.get("decided_at")?,
        done: done.map(|on| (on, outcome)),
        publication: json_or_none(row, "publication")?,
        version: row.get("row_version")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredDecision>, DbError> {
    FIND.bind(id).optional(on, read).await
}

pub(crate) async fn insert(tx: &mut Tx, one: &StoredDecision) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(one.product)
        .bind(one.ministry)
        .bind(one.review)
        .bind(one.kind.code())
        .bind(one.on)
        .bind(&one.reasons)
        .bind(&one.next)
        .bind(one.next_by)
        .bind(one.avoided_cents)
        .bind(&one.kept_assets)
        .bind(one.figures.to_string())
        .bind(&one.by)
        .bind(one.at)
        .bind(one.publication.as_ref().map(|one| one.on))
        .bind(one.publication.as_ref().map(to_json))
        .execute(tx)
        .await
        .map(drop)
}

/// Says that what must happen was done; gives whether nobody changed it first.
pub(crate) async fn follow(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    on: Date,
    outcome: &str,
) -> Result<bool, DbError> {
    let query = FOLLOW.bind(id).bind(version).bind(on).bind(outcome);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn publish(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    planned: &Publication,
) -> Result<bool, DbError> {
    let query = PUBLISH.bind(id).bind(version).bind(planned.on);
    Ok(query.bind(to_json(planned)).execute(tx).await? == 1)
}

/// Those whose next step was due before a day and wasn't seen done, the oldest first.
pub(crate) async fn missed(
    db: &Db,
    today: Date,
    limit: u32,
) -> Result<Vec<StoredDecision>, DbError> {
    MISSED.bind(today).bind(limit).all(db, read).await
}

/// What anybody may read on a day, before a place, the latest first.
pub(crate) async fn published(
    db: &Db,
    today: Date,
    before: (Date, Uuid),
    limit: u32,
) -> Result<Vec<StoredDecision>, DbError> {
    let query = PUBLISHED.bind(today).bind(before.0).bind(before.1);
    query.bind(limit).all(db, read).await
}
