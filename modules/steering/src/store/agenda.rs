//! What conferences will speak of.

use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

kit_db::statements! {
    FIND = "steering.agenda.find":
        "SELECT t.*, p.title AS product_title FROM steering_agenda t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id AND t.id = $1";
    ADD = "steering.agenda.add":
        "INSERT INTO steering_agenda (id, product_id, ministry_id, subject_kind, subject_id, reason,
            added_on, added_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (subject_kind, subject_id) WHERE closed_on IS NULL DO NOTHING";
    CLOSE = "steering.agenda.close":
        "UPDATE steering_agenda SET closed_on = $2, outcome = $3 WHERE id = $1 AND closed_on IS NULL";
}

/// A point of the agenda, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaPoint {
    /// Its id.
    pub id: Uuid,
    /// The product.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// The ministry's organisation.
    pub ministry: Option<Uuid>,
    /// `alert`, `recommendation` or `product`.
    pub subject_kind: String,
    /// Its id.
    pub subject: Uuid,
    /// Why it is spoken of.
    pub reason: String,
    /// Since when.
    pub added_on: Date,
    /// By whom.
    pub added_by: String,
    /// Until when, and what came of it.
    pub closed: Option<(Date, String)>,
}

pub(crate) fn read(row: &Row) -> Result<AgendaPoint, DbError> {
    let closed: Option<Date> = row.get("closed_on")?;
    let outcome: String = row.get("outcome")?;
    Ok(AgendaPoint {
        id: row.get("id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        subject_kind: row.get("subject_kind")?,
        subject: row.get("subject_id")?,
        reason: row.get("reason")?,
        added_on: row.get("added_on")?,
        added_by: row.get("added_by")?,
        closed: closed.map(|on| (on, outcome)),
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<AgendaPoint>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Adds a point; gives whether it wasn't there yet.
pub(crate) async fn add(tx: &mut Tx, one: &AgendaPoint) -> Result<bool, DbError> {
    let query = ADD
        .bind(one.id)
        .bind(one.product)
        .bind(one.ministry)
        .bind(&one.subject_kind)
        .bind(one.subject)
        .bind(&one.reason)
        .bind(one.added_on)
        .bind(&one.added_by);
    Ok(query.execute(tx).await? == 1)
}

/// Closes a point; gives whether it was open.
pub(crate) async fn close(tx: &mut Tx, id: Uuid, on: Date, outcome: &str) -> Result<bool, DbError> {
    let query = CLOSE.bind(id).bind(on).bind(outcome);
    Ok(query.execute(tx).await? == 1)
}
