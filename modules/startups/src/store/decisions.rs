//! Decisions on start-ups.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json, to_json};
use crate::domain::{Decision, DecisionKind, Publication};

kit_db::statements! {
    FIND = "startups.decision.find":
        "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id
         FROM startups_decision t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id AND t.id = $1";
    OF_REVIEW = "startups.decision.of_review":
        "SELECT id FROM startups_decision WHERE review_id = $1";
    INSERT = "startups.decision.insert":
        "INSERT INTO startups_decision (id, product_id, review_id, kind, decided_on, phase_before,
            phase_after, committee, reasons, conditions, next, next_by, receiver, avoided_cents,
            kept_assets, figures, recorded_by, recorded_at, public_on, publication)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20)";
    FOLLOW = "startups.decision.follow":
        "UPDATE startups_decision SET done_on = $3, outcome = $4, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2 AND done_on IS NULL";
    PUBLISH = "startups.decision.publish":
        "UPDATE startups_decision SET public_on = $3, publication = $4,
            row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    OF_PRODUCT = "startups.decision.of_product":
        "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id
         FROM startups_decision t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id
             AND t.product_id = $1 ORDER BY t.decided_on DESC, t.id DESC LIMIT 100";
    MISSED = "startups.decision.missed":
        "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id
         FROM startups_decision t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id
             AND t.next_by IS NOT NULL AND t.done_on IS NULL AND t.next_by <= $1
         ORDER BY t.next_by, t.id LIMIT $2";
    MISSED_OF = "startups.decision.missed_of":
        "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id
         FROM startups_decision t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id
             AND t.next_by IS NOT NULL AND t.done_on IS NULL AND t.next_by <= $1
            AND p.ministry_id = $3
         ORDER BY t.next_by, t.id LIMIT $2";
    PUBLISHED = "startups.decision.published":
        "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id
         FROM startups_decision t CROSS JOIN startups_product p
         WHERE p.product_id = t.product_id AND t.public_on <= $1 AND (t.public_on, t.id) < ($2, $3)
         ORDER BY t.public_on DESC, t.id DESC LIMIT $4";
}

/// A decision, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDecision {
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
    /// The review on which it rests.
    pub review: Uuid,
    /// What was decided.
    pub decision: Decision,
    /// The phases before and after.
    pub phases: (String, String),
    /// The figures as they stood.
    pub figures: serde_json::Value,
    /// Who recorded it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// When what must happen was seen done, and what came of it.
    pub done: Option<(Date, String)>,
    /// When and how it is published.
    pub publication: Publication,
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
        incubator: row.get("incubator_id")?,
        review: row.get("review_id")?,
        decision: Decision {
            kind: code(row, "kind", DecisionKind::parse)?,
            on: row.get("decided_on")?,
            committee: row.get("committee")?,
            reasons: row.get("reasons")?,
            conditions: row.get("conditions")?,
            next: row.get("next")?,
            next_by: row.get("next_by")?,
            receiver: row.get("receiver")?,
            avoided_cents: row.get("avoided_cents")?,
            kept_assets: row.get("kept_assets")?,
        },
        phases: (row.get("phase_before")?, row.get("phase_after")?),
        figures: json(row, "figures")?,
        by: row.get("recorded_by")?,
        at: row.get("recorded_at")?,
        done: done.map(|on| (on, outcome)),
        publication: json(row, "publication")?,
        version: row.get("row_version")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredDecision>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// The decision in which a review ended.
pub(crate) async fn of_review(
    on: impl Into<Handle<'_>>,
    review: Uuid,
) -> Result<Option<Uuid>, DbError> {
    OF_REVIEW
        .bind(review)
        .optional(on, |row| row.get("id"))
        .await
}

pub(crate) async fn insert(tx: &mut Tx, one: &StoredDecision) -> Result<(), DbError> {
    let taken = &one.decision;
    INSERT
        .bind(one.id)
        .bind(one.product)
        .bind(one.review)
        .bind(taken.kind.code())
        .bind(taken.on)
        .bind(&one.phases.0)
        .bind(&one.phases.1)
        .bind(&taken.committee)
        .bind(&taken.reasons)
        .bind(&taken.conditions)
        .bind(&taken.next)
        .bind(taken.next_by)
        .bind(&taken.receiver)
        .bind(taken.avoided_cents)
        .bind(&taken.kept_assets)
        .bind(one.figures.to_string())
        .bind(&one.by)
        .bind(one.at)
        .bind(one.publication.on)
        .bind(to_json(&one.publication))
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

/// The decisions on a product, the latest first.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Vec<StoredDecision>, DbError> {
    OF_PRODUCT.bind(product).all(on, read).await
}

/// Those whose next step is due and wasn't seen done, the first due first.
pub(crate) async fn missed(
    db: &Db,
    today: Date,
    ministry: Option<Uuid>,
    limit: u32,
) -> Result<Vec<StoredDecision>, DbError> {
    match ministry {
        Some(id) => {
            MISSED_OF
                .bind(today)
                .bind(limit)
                .bind(id)
                .all(db, read)
                .await
        }
        None => MISSED.bind(today).bind(limit).all(db, read).await,
    }
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
