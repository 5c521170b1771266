//! Addresses by which calendar programs read: their hashes.

use jiff::Timestamp;
use kit_db::{Db, DbError, Row, Tx};
use uuid::Uuid;

kit_db::statements! {
    INSERT = "brigade.calendar.insert":
        "INSERT INTO brigade_calendar (hash, subject_kind, subject_id, made_by, made_at)
         VALUES ($1, $2, $3, $4, $5)";
    REMOVE = "brigade.calendar.remove":
        "DELETE FROM brigade_calendar WHERE subject_kind = $1 AND subject_id = $2";
    SUBJECT = "brigade.calendar.subject":
        "SELECT subject_kind, subject_id FROM brigade_calendar WHERE hash = $1";
    MADE = "brigade.calendar.made":
        "SELECT made_by, made_at FROM brigade_calendar WHERE subject_kind = $1 AND subject_id = $2";
}

/// Takes the place of the subject's former address.
pub(crate) async fn replace(
    tx: &mut Tx,
    hash: [u8; 32],
    (kind, id): (&str, Uuid),
    by: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    REMOVE.bind(kind).bind(id).execute(&mut *tx).await?;
    INSERT
        .bind(hash.to_vec())
        .bind(kind)
        .bind(id)
        .bind(by)
        .bind(at)
        .execute(tx)
        .await
        .map(drop)
}

/// Forgets the address of a subject; gives whether there was one.
pub(crate) async fn remove(tx: &mut Tx, (kind, id): (&str, Uuid)) -> Result<bool, DbError> {
    Ok(REMOVE.bind(kind).bind(id).execute(tx).await? > 0)
}

/// Whose address it is.
pub(crate) async fn subject(db: &Db, hash: [u8; 32]) -> Result<Option<(String, Uuid)>, DbError> {
    let read = |row: &Row| Ok((row.get("subject_kind")?, row.get("subject_id")?));
    SUBJECT.bind(hash.to_vec()).optional(db, read).await
}

/// Who made the address of a subject, and when.
pub(crate) async fn made(
    db: &Db,
    (kind, id): (&str, Uuid),
) -> Result<Option<(String, Timestamp)>, DbError> {
    let read = |row: &Row| Ok((row.get("made_by")?, row.get("made_at")?));
    MADE.bind(kind).bind(id).optional(db, read).await
}
