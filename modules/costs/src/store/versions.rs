//! Versions: appended, never changed.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{json, to_json};
use crate::domain::Content;

kit_db::statements! {
    INSERT = "costs.version.insert":
        "INSERT INTO costs_version (id, file_id, number, as_of, content, total_cents, estimate_cents,
            estimated_on, reason, author_id, author, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (file_id, number) DO NOTHING";
    FIND = "costs.version.find": "SELECT * FROM costs_version WHERE file_id = $1 AND number = $2";
    OF_FILE = "costs.version.of_file":
        "SELECT * FROM costs_version WHERE file_id = $1 AND number < $2
         ORDER BY number DESC LIMIT $3";
}

/// A version, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: Uuid,
    /// Of which product's cost.
    pub file: Uuid,
    /// Its number, from 1.
    pub number: i64,
    /// What it holds.
    pub content: Content,
    /// The cost of the whole life.
    pub total_cents: i64,
    /// The portfolio's latest estimate as it stood when this was made, in cents, and its date.
    pub estimate: Option<(i64, Option<Date>)>,
    /// Why it was made.
    pub reason: String,
    /// By whom.
    pub author_id: Option<Uuid>,
    /// The name of who made it.
    pub author: String,
    /// When.
    pub created_at: Timestamp,
}

pub(super) fn read(row: &Row) -> Result<Version, DbError> {
    let estimate: Option<i64> = row.get("estimate_cents")?;
    let on: Option<Date> = row.get("estimated_on")?;
    Ok(Version {
        id: row.get("id")?,
        file: row.get("file_id")?,
        number: row.get("number")?,
        content: json(row, "content")?,
        total_cents: row.get("total_cents")?,
        estimate: estimate.map(|cents| (cents, on)),
        reason: row.get("reason")?,
        author_id: row.get("author_id")?,
        author: row.get("author")?,
        created_at: row.get("created_at")?,
    })
}

/// Appends a version; gives whether its number was free.
pub(crate) async fn insert(tx: &mut Tx, version: &Version) -> Result<bool, DbError> {
    let query = INSERT
        .bind(version.id)
        .bind(version.file)
        .bind(version.number)
        .bind(version.content.as_of)
        .bind(to_json(&version.content))
        .bind(version.total_cents)
        .bind(version.estimate.map(|(cents, _)| cents))
        .bind(version.estimate.and_then(|(_, on)| on))
        .bind(&version.reason)
        .bind(version.author_id)
        .bind(&version.author)
        .bind(version.created_at);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    file: Uuid,
    number: i64,
) -> Result<Option<Version>, DbError> {
    FIND.bind(file).bind(number).optional(on, read).await
}

/// The versions before a number, the latest first.
pub(crate) async fn of_file(
    on: impl Into<Handle<'_>>,
    file: Uuid,
    before: i64,
    limit: u32,
) -> Result<Vec<Version>, DbError> {
    let query = OF_FILE.bind(file).bind(before).bind(limit);
    query.all(on, read).await
}
