//! Recommendations and the steps of their escalation.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, code_or_none};
use crate::domain::{Axis, EscalationStep, Reoriented, Status};

kit_db::statements! {
    FIND = "steering.recommendation.find":
        "SELECT t.*, p.title AS product_title FROM steering_recommendation t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id AND t.id = $1";
    INSERT = "steering.recommendation.insert":
        "INSERT INTO steering_recommendation (id, product_id, ministry_id, review_id, text, axis,
            owner, owner_id, due_on, status, waits_until, evidence, link, reoriented_how, public_on,
            created_at, updated_at, origin_kind, origin_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', '', $12, $13, $13, $14, $15)";
    SAVE = "steering.recommendation.save":
        "UPDATE steering_recommendation SET due_on = $3, status = $4, step = $5, is_overdue = $6,
            waits_until = $7, evidence = $8, link = $9, claimed_by = $10, reoriented = $11,
            reoriented_how = $12, updated_at = $13, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    RESTING_ON = "steering.recommendation.resting_on":
        "SELECT t.*, p.title AS product_title FROM steering_recommendation t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id
             AND t.origin_id = $1 AND t.origin_kind = $2 ORDER BY t.due_on, t.id LIMIT 100";
    PUBLISH = "steering.recommendation.publish":
        "UPDATE steering_recommendation SET public_on = $2 WHERE review_id = $1";
    WAITED = "steering.recommendation.waited":
        "SELECT t.*, p.title AS product_title FROM steering_recommendation t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id AND t.waits_until IS NOT NULL AND t.waits_until < $1
         ORDER BY t.waits_until, t.id LIMIT $2";
    TAKE_STEP = "steering.escalation.take":
        "INSERT INTO steering_escalation (recommendation_id, due_on, step, taken_on, at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (recommendation_id, due_on, step) DO NOTHING";
    STEPS = "steering.escalation.of":
        "SELECT step, taken_on FROM steering_escalation WHERE recommendation_id = $1 ORDER BY at";
}

/// A recommendation, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    /// Its id.
    pub id: Uuid,
    /// The product.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// The ministry's organisation, which owns it.
    pub ministry: Option<Uuid>,
    /// The review from which it comes.
    pub review: Option<Uuid>,
    /// What else it rests on: `mission` or `conference`, and its id.
    pub origin: Option<(String, Uuid)>,
    /// What is to be done.
    pub text: String,
    /// On which axis.
    pub axis: Axis,
    /// Who in the ministry does it.
    pub owner: String,
    /// The same as a person of the directory.
    pub owner_id: Option<Uuid>,
    /// By when.
    pub due_on: Date,
    /// Where it stands.
    pub status: Status,
    /// The last step of its escalation.
    pub step: Option<EscalationStep>,
    /// Whether it is owed and its day has passed.
    pub is_overdue: bool,
    /// The last day before the next step.
    pub waits_until: Option<Date>,
    /// What proves that it is done.
    pub evidence: String,
    /// Where that is.
    pub link: String,
    /// Who said that it is done.
    pub claimed_by: Option<Uuid>,
    /// Whether the project really changed its course.
    pub reoriented: Option<Reoriented>,
    /// What changed.
    pub reoriented_how: String,
    /// From which day anybody reads it.
    pub public_on: Option<Date>,
    /// The version that a change names.
    pub version: i64,
}

pub(crate) fn read(row: &Row) -> Result<Recommendation, DbError> {
    Ok(Recommendation {
        id: row.get("id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        review: row.get("review_id")?,
        origin: row
            .get::<Option<String>>("origin_kind")?
            .zip(row.get("origin_id")?),
        text: row.get("text")?,
        axis: code(row, "axis", Axis::parse)?,
        owner: row.get("owner")?,
        owner_id: row.get("owner_id")?,
        due_on: row.get("due_on")?,
        status: code(row, "status", Status::parse)?,
        step: code_or_none(row, "step", EscalationStep::parse)?,
        is_overdue: row.get("is_overdue")?,
        waits_until: row.get("waits_until")?,
        evidence: row.get("evidence")?,
        link: row.get("link")?,
        claimed_by: row.get("claimed_by")?,
        reoriented: code_or_none(row, "reoriented", Reoriented::parse)?,
        reoriented_how: row.get("reoriented_how")?,
        public_on: row.get("public_on")?,
        version: row.get("row_version")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<Recommendation>, DbError> {
    FIND.bind(id).optional(on, read).await
}

pub(crate) async fn insert(
    tx: &mut Tx,
    one: &Recommendation,
    now: Timestamp,
) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(one.product)
        .bind(one.ministry)
        .bind(one.review)
        .bind(&one.text)
        .bind(one.axis.code())
        .bind(&one.owner)
        .bind(one.owner_id)
        .bind(one.due_on)
        .bind(one.status.code())
        .bind(one.waits_until)
        .bind(one.public_on)
        .bind(now)
        .bind(one.origin.as_ref().map(|(kind, _)| kind.as_str()))
        .bind(one.origin.as_ref().map(|(_, id)| *id))
        .execute(tx)
        .await
        .map(drop)
}

/// What rests on something, the earliest due first.
pub(crate) async fn resting_on(
    on: impl Into<Handle<'_>>,
    (kind, id): (&str, Uuid),
) -> Result<Vec<Recommendation>, DbError> {
    RESTING_ON.bind(id).bind(kind).all(on, read).await
}

/// Saves what changed; gives whether nobody changed it first.
pub(crate) async fn save(
    tx: &mut Tx,
    one: &Recommendation,
    version: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    let query = SAVE
        .bind(one.id)
        .bind(version)
        .bind(one.due_on)
        .bind(one.status.code())
        .bind(one.step.map(EscalationStep::code))
        .bind(one.is_overdue)
        .bind(one.waits_until)
        .bind(&one.evidence)
        .bind(&one.link)
        .bind(one.claimed_by)
        .bind(one.reoriented.map(Reoriented::code))
        .bind(&one.reoriented_how)
        .bind(now);
    Ok(query.execute(tx).await? == 1)
}

/// Those of a review are published with it.
pub(crate) async fn publish_with(tx: &mut Tx, review: Uuid, on: Date) -> Result<(), DbError> {
    PUBLISH.bind(review).bind(on).execute(tx).await.map(drop)
}

/// Those whose next step is due on a day, the oldest first.
pub(crate) async fn waited(
    db: &Db,
    today: Date,
    limit: u32,
) -> Result<Vec<Recommendation>, DbError> {
    WAITED.bind(today).bind(limit).all(db, read).await
}

/// Records a step; gives whether it wasn't yet.
pub(crate) async fn take_step(
    tx: &mut Tx,
    (id, due_on): (Uuid, Date),
    step: EscalationStep,
    on: Date,
    at: Timestamp,
) -> Result<bool, DbError> {
    let query = TAKE_STEP.bind(id).bind(due_on).bind(step.code()).bind(on);
    Ok(query.bind(at).execute(tx).await? == 1)
}

/// The steps that were taken.
pub(crate) async fn steps(db: &Db, id: Uuid) -> Result<Vec<(EscalationStep, Date)>, DbError> {
    let read = |row: &Row| {
        Ok((
            code(row, "step", EscalationStep::parse)?,
            row.get("taken_on")?,
        ))
    };
    STEPS.bind(id).all(db, read).await
}
