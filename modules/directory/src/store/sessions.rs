//! Sessions and password resets: only hashes of their tokens are kept.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Tx};
use uuid::Uuid;

kit_db::statements! {
    BEGIN = "directory.session.begin":
        "INSERT INTO session (token_hash, person_id, created_at, seen_at, expires_at)
         VALUES ($1, $2, $3, $3, $4)";
    FIND = "directory.session.find":
        "SELECT person_id, seen_at FROM session
         WHERE token_hash = $1 AND expires_at > $2 AND seen_at > $3";
    SEE = "directory.session.see": "UPDATE session SET seen_at = $2 WHERE token_hash = $1";
    END = "directory.session.end": "DELETE FROM session WHERE token_hash = $1";
    END_ALL = "directory.session.end_all": "DELETE FROM session WHERE person_id = $1";
    FORGET = "directory.session.forget": "DELETE FROM session WHERE expires_at < $1";
    RESET = "directory.reset.begin":
        "INSERT INTO password_reset (token_hash, person_id, expires_at) VALUES ($1, $2, $3)";
    FIND_RESET = "directory.reset.find":
        "SELECT person_id FROM password_reset WHERE token_hash = $1 AND expires_at > $2";
    // Using one link ends all the others: an old mail must not open the account again.
    USE_RESETS = "directory.reset.use": "DELETE FROM password_reset WHERE person_id = $1";
}

pub(crate) async fn begin(
    tx: &mut Tx,
    token_hash: &[u8],
    person: Uuid,
    now: Timestamp,
    expires: Timestamp,
) -> Result<(), DbError> {
    let token_hash = token_hash.to_vec();
    BEGIN
        .bind(token_hash)
        .bind(person)
        .bind(now)
        .bind(expires)
        .execute(tx)
        .await
        .map(drop)
}

/// The person of a live session, and when it was last seen.
pub(crate) async fn find(
    db: &Db,
    token_hash: &[u8],
    now: Timestamp,
    seen_after: Timestamp,
) -> Result<Option<(Uuid, Timestamp)>, DbError> {
    FIND.bind(token_hash.to_vec())
        .bind(now)
        .bind(seen_after)
        .optional(db, |row| Ok((row.get("person_id")?, row.get("seen_at")?)))
        .await
}

pub(crate) async fn see(db: &Db, token_hash: &[u8], now: Timestamp) -> Result<(), DbError> {
    SEE.bind(token_hash.to_vec())
        .bind(now)
        .execute(db)
        .await
        .map(drop)
}

pub(crate) async fn end(on: impl Into<Handle<'_>>, token_hash: &[u8]) -> Result<bool, DbError> {
    Ok(END.bind(token_hash.to_vec()).execute(on).await? == 1)
}

pub(crate) async fn end_all(tx: &mut Tx, person: Uuid) -> Result<u64, DbError> {
    END_ALL.bind(person).execute(tx).await
}

pub(crate) async fn forget_expired(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(now).execute(db).await
}

pub(crate) async fn begin_reset(
    tx: &mut Tx,
    token_hash: &[u8],
    person: Uuid,
    expires: Timestamp,
) -> Result<(), DbError> {
    RESET
        .bind(token_hash.to_vec())
        .bind(person)
        .bind(expires)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn find_reset(
    on: impl Into<Handle<'_>>,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Uuid>, DbError> {
    FIND_RESET
        .bind(token_hash.to_vec())
        .bind(now)
        .optional(on, |row| row.get("person_id"))
        .await
}

pub(crate) async fn use_resets(tx: &mut Tx, person: Uuid) -> Result<(), DbError> {
    USE_RESETS.bind(person).execute(tx).await.map(drop)
}
