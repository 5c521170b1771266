//! Reviews.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, code_or_none};
use crate::domain::{Answers, Details, Help, Satisfaction};

kit_db::statements! {
    FIND = "observatory.review.find": "SELECT * FROM observatory_review WHERE id = $1";
    INSERT = "observatory.review.insert":
        "INSERT INTO observatory_review (id, procedure_id, given_at, on_day, satisfaction)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING";
    DETAIL = "observatory.review.detail":
        "UPDATE observatory_review SET is_detailed = TRUE, ease = $2, help = $3, help_ease = $4,
            comment = $5, is_masked = $6
         WHERE id = $1 AND NOT is_detailed";
    ERASE = "observatory.review.erase":
        "UPDATE observatory_review SET comment = '', erased_on = $2 WHERE id = $1 AND comment <> ''";
    OLD = "observatory.review.old":
        "SELECT id FROM observatory_review WHERE comment <> '' AND on_day < $1
         ORDER BY on_day, id LIMIT $2";
}

/// A review, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReview {
    /// Its id, which whoever gave it holds for an hour.
    pub id: Uuid,
    /// Of which procedure.
    pub procedure: Uuid,
    /// When it was given.
    pub given_at: Timestamp,
    /// On which day in Paris: the day that counts it.
    pub on: Date,
    /// What it says.
    pub answers: Answers,
    /// Whether the person said more, once.
    pub is_detailed: bool,
    /// When its comment was taken away.
    pub erased_on: Option<Date>,
}

pub(crate) fn read(row: &Row) -> Result<StoredReview, DbError> {
    Ok(StoredReview {
        id: row.get("id")?,
        procedure: row.get("procedure_id")?,
        given_at: row.get("given_at")?,
        on: row.get("on_day")?,
        answers: Answers {
            satisfaction: code(row, "satisfaction", Satisfaction::parse)?,
            details: Details {
                ease: row.get("ease")?,
                help: code_or_none(row, "help", Help::parse)?,
                help_ease: row.get("help_ease")?,
                comment: row.get("comment")?,
                is_masked: row.get("is_masked")?,
            },
        },
        is_detailed: row.get("is_detailed")?,
        erased_on: row.get("erased_on")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredReview>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Keeps a review, before any details; gives whether it wasn't there.
pub(crate) async fn insert(tx: &mut Tx, one: &StoredReview) -> Result<bool, DbError> {
    let query = INSERT
        .bind(one.id)
        .bind(one.procedure)
        .bind(one.given_at)
        .bind(one.on)
        .bind(one.answers.satisfaction.code());
    Ok(query.execute(tx).await? == 1)
}

/// Keeps its details; gives whether nobody did before.
pub(crate) async fn detail(tx: &mut Tx, id: Uuid, details: &Details) -> Result<bool, DbError> {
    let query = DETAIL
        .bind(id)
        .bind(details.ease)
        .bind(details.help.map(Help::code))
        .bind(details.help_ease)
        .bind(&details.comment)
        .bind(details.is_masked);
    Ok(query.execute(tx).await? == 1)
}

/// Takes a comment away; gives whether there was one.
pub(crate) async fn erase(tx: &mut Tx, id: Uuid, on: Date) -> Result<bool, DbError> {
    Ok(ERASE.bind(id).bind(on).execute(tx).await? == 1)
}

/// Reviews from before a day that still have a comment.
pub(crate) async fn old(db: &Db, before: Date, limit: u32) -> Result<Vec<Uuid>, DbError> {
    let query = OLD.bind(before).bind(limit);
    query.all(db, |row| row.get("id")).await
}
