//! Sessions and password resets: only hashes of their tokens are kept.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Tx};
use uuid::Uuid;

kit_db::statements! {
    BEGIN = "directory.session.begin":
        "INSERT INTO session (token_hash, id, person_id, created_at, seen_at, expires_at)
         VALUES ($1, $5, $2, $3, $3, $4)";
    FIND = "directory.session.find":
        "SELECT id, person_id, created_at, seen_at, methods, level, provider, proved_at FROM session
         WHERE token_hash = $1 AND expires_at > $2 AND seen_at > $3";
    IS_LIVE = "directory.session.is_live":
        "SELECT COUNT(*) AS n FROM session WHERE id = $1 AND expires_at > $2";
    END_ONE = "directory.session.end_one": "DELETE FROM session WHERE id = $1 RETURNING person_id";
    SEE = "directory.session.see": "UPDATE session SET seen_at = $2 WHERE token_hash = $1";
    END = "directory.session.end":
        "DELETE FROM session WHERE token_hash = $1 RETURNING id, person_id";
    END_ALL = "directory.session.end_all":
        "DELETE FROM session WHERE person_id = $1 RETURNING id";
    FORGET = "directory.session.forget": "DELETE FROM session WHERE expires_at < $1";
    RESET = "directory.reset.begin":
        "INSERT INTO password_reset (token_hash, person_id, expires_at) VALUES ($1, $2, $3)";
    FIND_RESET = "directory.reset.find":
        "SELECT person_id FROM password_reset WHERE token_hash = $1 AND expires_at > $2";
    // Using one link ends all the others: an old mail must not open the account again.
    USE_RESETS = "directory.reset.use": "DELETE FROM password_reset WHERE person_id = $1";
}

/// A live session, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) person: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) seen_at: Timestamp,
    pub(crate) methods: String,
    pub(crate) level: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) proved_at: Option<Timestamp>,
}

pub(crate) async fn begin(
    tx: &mut Tx,
    (token_hash, id): (&[u8], Uuid),
    person: Uuid,
    now: Timestamp,
    expires: Timestamp,
) -> Result<(), DbError> {
    BEGIN
        .bind(token_hash.to_vec())
        .bind(person)
        .bind(now)
        .bind(expires)
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

/// The live session of a token.
pub(crate) async fn find(
    db: &Db,
    token_hash: &[u8],
    now: Timestamp,
    seen_after: Timestamp,
) -> Result<Option<Session>, DbError> {
    FIND.bind(token_hash.to_vec())
        .bind(now)
        .bind(seen_after)
        .optional(db, |row| {
            Ok(Session {
                id: row.get("id")?,
                person: row.get("person_id")?,
                created_at: row.get("created_at")?,
                seen_at: row.get("seen_at")?,
                methods: row.get("methods")?,
                level: row.get("level")?,
                provider: row.get("provider")?,
                proved_at: row.get("proved_at")?,
            })
        })
        .await
}

/// Whether a session goes on, be it idle here: its person may be at work in a service.
pub(crate) async fn is_live(db: &Db, id: Uuid, now: Timestamp) -> Result<bool, DbError> {
    let query = IS_LIVE.bind(id).bind(now);
    let live: i64 = query.one(db, |row| row.get("n")).await?;
    Ok(live == 1)
}

/// Ends one session by its id; gives whose it was.
pub(crate) async fn end_one(tx: &mut Tx, id: Uuid) -> Result<Option<Uuid>, DbError> {
    END_ONE
        .bind(id)
        .optional(tx, |row| row.get("person_id"))
        .await
}

pub(crate) async fn see(db: &Db, token_hash: &[u8], now: Timestamp) -> Result<(), DbError> {
    SEE.bind(token_hash.to_vec())
        .bind(now)
        .execute(db)
        .await
        .map(drop)
}

/// Ends the session of a token; gives its id and whose it was.
pub(crate) async fn end(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<(Uuid, Uuid)>, DbError> {
    END.bind(token_hash.to_vec())
        .optional(tx, |row| Ok((row.get("id")?, row.get("person_id")?)))
        .await
}

/// Ends every session of a person; gives their ids.
pub(crate) async fn end_all(tx: &mut Tx, person: Uuid) -> Result<Vec<Uuid>, DbError> {
    END_ALL.bind(person).all(tx, |row| row.get("id")).await
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
