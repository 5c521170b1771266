//! All that happened, once and for good.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

kit_db::statements! {
    LAST = "brigade.event.last":
        "SELECT COALESCE(MAX(position), 0) AS position FROM brigade_event WHERE subject_id = $1";
    APPEND = "brigade.event.append":
        "INSERT INTO brigade_event (id, product_id, subject_kind, subject_id, position, act, on_day,
            at, by_id, by_name, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    OF_SUBJECT = "brigade.event.of_subject":
        "SELECT * FROM brigade_event WHERE subject_id = $1 ORDER BY position LIMIT 1000";
    LATEST = "brigade.event.latest":
        "SELECT * FROM brigade_event WHERE subject_id = $1 ORDER BY position DESC LIMIT 1";
    OF_PRODUCT = "brigade.event.of_product":
        "SELECT * FROM brigade_event WHERE product_id = $1 AND on_day <= $2
         ORDER BY on_day DESC, at DESC, position DESC, id DESC LIMIT $3";
    ENDED = "brigade.event.ended":
        "SELECT * FROM brigade_event WHERE product_id = $1 AND on_day <= $2
            AND subject_kind = 'mission' AND act = 'close'
         ORDER BY on_day DESC, at DESC, position DESC, id DESC LIMIT $3";
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: Uuid,
    /// Of which product.
    pub product: Uuid,
    /// `request` or `mission`.
    pub subject_kind: String,
    /// Of what.
    pub subject: Uuid,
    /// What: the code of an act.
    pub act: String,
    /// On which day it takes effect.
    pub on: Date,
    /// When it was recorded.
    pub at: Timestamp,
    /// By whom; none: the platform.
    pub by_id: Option<Uuid>,
    /// Its name.
    pub by_name: String,
    /// Why.
    pub reason: String,
}

fn read(row: &Row) -> Result<Event, DbError> {
    Ok(Event {
        id: row.get("id")?,
        product: row.get("product_id")?,
        subject_kind: row.get("subject_kind")?,
        subject: row.get("subject_id")?,
        act: row.get("act")?,
        on: row.get("on_day")?,
        at: row.get("at")?,
        by_id: row.get("by_id")?,
        by_name: row.get("by_name")?,
        reason: row.get("reason")?,
    })
}

/// Appends an event. The row of its subject, or of its product, is held by the transaction.
pub(crate) async fn append(tx: &mut Tx, event: &Event) -> Result<(), DbError> {
    let last: i64 = LAST
        .bind(event.subject)
        .one(&mut *tx, |row| row.get("position"))
        .await?;
    APPEND
        .bind(event.id)
        .bind(event.product)
        .bind(&event.subject_kind)
        .bind(event.subject)
        .bind(last + 1)
        .bind(&event.act)
        .bind(event.on)
        .bind(event.at)
        .bind(event.by_id)
        .bind(&event.by_name)
        .bind(&event.reason)
        .execute(tx)
        .await
        .map(drop)
}

/// What happened to something, oldest first.
pub(crate) async fn of_subject(
    on: impl Into<Handle<'_>>,
    subject: Uuid,
) -> Result<Vec<Event>, DbError> {
    OF_SUBJECT.bind(subject).all(on, read).await
}

/// What happened to it last.
pub(crate) async fn latest(
    on: impl Into<Handle<'_>>,
    subject: Uuid,
) -> Result<Option<Event>, DbError> {
    LATEST.bind(subject).optional(on, read).await
}

/// What happened to a product on a day or before, the latest first.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
    until: Date,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let query = OF_PRODUCT.bind(product).bind(until).bind(limit);
    query.all(on, read).await
}

/// The ends of its missions alone.
pub(crate) async fn ends_of_missions(
    on: impl Into<Handle<'_>>,
    product: Uuid,
    until: Date,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let query = ENDED.bind(product).bind(until).bind(limit);
    query.all(on, read).await
}
