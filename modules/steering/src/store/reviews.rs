//! Reviews.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, code_or_none, json, json_or_none, to_json};
use crate::domain::{Opinion, Publication, ReviewKind, ReviewState, Verdict};

kit_db::statements! {
    FIND = "steering.review.find":
        "SELECT t.*, p.title AS product_title FROM steering_review t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id AND t.id = $1";
    INSERT = "steering.review.insert":
        "INSERT INTO steering_review (id, product_id, ministry_id, kind, is_binding, foreseen_cents,
            asked_by, state, announced_on, file, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";
    SAVE = "steering.review.save":
        "UPDATE steering_review SET state = $3, opinion = $4, received_on = $5, due_on = $6,
            ended_on = $7, file = $8, verdict = $9, public_on = $10, publication = $11,
            updated_at = $12, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    ADD_RECOMMENDATION = "steering.review.add_recommendation":
        "UPDATE steering_review SET recommendations = recommendations + 1 WHERE id = $1";
    DUE = "steering.review.due":
        "SELECT t.*, p.title AS product_title FROM steering_review t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id
             AND t.due_on IS NOT NULL AND t.due_on < $1 ORDER BY t.due_on, t.id LIMIT $2";
    // Each has ended; that it is asked for makes SQLite run along the index of these.
    BARE = "steering.review.bare":
        "SELECT t.*, p.title AS product_title FROM steering_review t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id
             AND t.state = 'given' AND t.recommendations = 0 AND t.opinion <> 'favourable'
            AND t.ended_on > ''
         ORDER BY t.ended_on, t.id LIMIT $1";
    PUBLISHED = "steering.review.published":
        "SELECT t.*, p.title AS product_title FROM steering_review t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id
             AND t.public_on IS NOT NULL AND t.public_on <= $1 AND (t.public_on, t.id) < ($2, $3)
         ORDER BY t.public_on DESC, t.id DESC LIMIT $4";
}

/// A review, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReview {
    /// Its id.
    pub id: Uuid,
    /// The product.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// The ministry's organisation.
    pub ministry: Option<Uuid>,
    /// Which article.
    pub kind: ReviewKind,
    /// Whether the opinion binds.
    pub is_binding: bool,
    /// The foreseen cost, in cents.
    pub foreseen_cents: Option<i64>,
    /// Who asked for it.
    pub asked_by: String,
    /// Where it stands.
    pub state: ReviewState,
    /// The opinion; favourable when it is tacit.
    pub opinion: Option<Opinion>,
    /// Since when it is announced.
    pub announced_on: Date,
    /// When the file was complete.
    pub received_on: Option<Date>,
    /// The last day, while a clock runs.
    pub due_on: Option<Date>,
    /// When it ended.
    pub ended_on: Option<Date>,
    /// What the file holds, by item.
    pub file: BTreeMap<String, String>,
    /// The opinion in words.
    pub verdict: Option<Verdict>,
    /// When and how it is published.
    pub publication: Option<Publication>,
    /// How many recommendations it gave.
    pub recommendations: i64,
    /// The version that a change names.
    pub version: i64,
}

pub(crate) fn read(row: &Row) -> Result<StoredReview, DbError> {
    Ok(StoredReview {
        id: row.get("id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        kind: code(row, "kind", ReviewKind::parse)?,
        is_binding: row.get("is_binding")?,
        foreseen_cents: row.get("foreseen_cents")?,
        asked_by: row.get("asked_by")?,
        state: code(row, "state", ReviewState::parse)?,
        opinion: code_or_none(row, "opinion", Opinion::parse)?,
        announced_on: row.get("announced_on")?,
        received_on: row.get("received_on")?,
        due_on: row.get("due_on")?,
        ended_on: row.get("ended_on")?,
        file: json(row, "file")?,
        verdict: json_or_none(row, "verdict")?,
        publication: json_or_none(row, "publication")?,
        recommendations: row.get("recommendations")?,
        version: row.get("row_version")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredReview>, DbError> {
    FIND.bind(id).optional(on, read).await
}

pub(crate) async fn insert(tx: &mut Tx, one: &StoredReview, now: Timestamp) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(one.product)
        .bind(one.ministry)
        .bind(one.kind.code())
        .bind(one.is_binding)
        .bind(one.foreseen_cents)
        .bind(&one.asked_by)
        .bind(one.state.code())
        .bind(one.announced_on)
        .bind(to_json(&one.file))
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

/// Saves what changed; gives whether nobody changed it first.
pub(crate) async fn save(
    tx: &mut Tx,
    one: &StoredReview,
    version: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    let query = SAVE
        .bind(one.id)
        .bind(version)
        .bind(one.state.code())
        .bind(one.opinion.map(Opinion::code))
        .bind(one.received_on)
        .bind(one.due_on)
        .bind(one.ended_on)
        .bind(to_json(&one.file))
        .bind(one.verdict.as_ref().map(to_json))
        .bind(one.publication.as_ref().map(|one| one.on))
        .bind(one.publication.as_ref().map(to_json))
        .bind(now);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn add_recommendation(tx: &mut Tx, id: Uuid) -> Result<(), DbError> {
    ADD_RECOMMENDATION.bind(id).execute(tx).await.map(drop)
}

/// Those whose last day is before another day, the first due first.
pub(crate) async fn due(db: &Db, before: Date, limit: u32) -> Result<Vec<StoredReview>, DbError> {
    DUE.bind(before).bind(limit).all(db, read).await
}

/// Opinions with reservations, or unfavourable, that recommend nothing yet.
pub(crate) async fn bare(db: &Db, limit: u32) -> Result<Vec<StoredReview>, DbError> {
    BARE.bind(limit).all(db, read).await
}

/// What anybody may read on a day, before a place, the latest first.
pub(crate) async fn published(
    db: &Db,
    today: Date,
    before: (Date, Uuid),
    limit: u32,
) -> Result<Vec<StoredReview>, DbError> {
    let query = PUBLISHED.bind(today).bind(before.0).bind(before.1);
    query.bind(limit).all(db, read).await
}
