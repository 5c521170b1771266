//! Sessions and password resets: only hashes of their tokens are kept.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

kit_db::statements! {
    BEGIN = "directory.session.begin":
        "INSERT INTO session (token_hash, id, person_id, created_at, seen_at, expires_at,
            methods, browser, network, device_hash)
         VALUES ($1, $5, $2, $3, $3, $4, $6, $7, $8, $9)";
    FIND = "directory.session.find":
        "SELECT id, person_id, created_at, seen_at, methods, level, provider, proved_at FROM session
         WHERE token_hash = $1 AND expires_at > $2 AND seen_at > $3";
    OF_PERSON = "directory.session.of_person":
        "SELECT id, person_id, created_at, seen_at, methods, level, provider, proved_at, browser,
            network FROM session
         WHERE person_id = $1 AND expires_at > $2 AND seen_at > $3
         ORDER BY created_at DESC, id LIMIT 100";
    IS_LIVE = "directory.session.is_live":
        "SELECT COUNT(*) AS n FROM session WHERE id = $1 AND expires_at > $2";
    END_ONE = "directory.session.end_one": "DELETE FROM session WHERE id = $1 RETURNING person_id";
    SEE = "directory.session.see": "UPDATE session SET seen_at = $2 WHERE token_hash = $1";
    END = "directory.session.end":
        "DELETE FROM session WHERE token_hash = $1 RETURNING id, person_id";
    END_OWN = "directory.session.end_own":
        "DELETE FROM session WHERE id = $1 AND person_id = $2";
    END_OTHERS = "directory.session.end_others":
        "DELETE FROM session WHERE person_id = $1 AND id <> $2 RETURNING id";
    END_ALL = "directory.session.end_all":
        "DELETE FROM session WHERE person_id = $1 RETURNING id";
    FORGET = "directory.session.forget": "DELETE FROM session WHERE expires_at < $1";
    RESET = "directory.reset.begin":
        "INSERT INTO password_reset (token_hash, person_id, expires_at) VALUES ($1, $2, $3)";
    FIND_RESET = "directory.reset.find":
        "SELECT person_id FROM password_reset WHERE token_hash = $1 AND expires_at > $2";
    LIVE_RESETS = "directory.reset.live":
        "SELECT COUNT(*) AS n FROM password_reset WHERE person_id = $1 AND expires_at > $2";
    FORGET_RESETS = "directory.reset.forget": "DELETE FROM password_reset WHERE expires_at < $1";
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

/// A session that begins.
#[derive(Debug, Clone)]
pub(crate) struct NewSession<'a> {
    pub(crate) token_hash: [u8; 32],
    pub(crate) id: Uuid,
    pub(crate) person: Uuid,
    pub(crate) now: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) methods: &'a str,
    pub(crate) browser: &'a str,
    pub(crate) network: &'a str,
    pub(crate) device_hash: Option<[u8; 32]>,
}

/// A live session, as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnSession {
    pub(crate) session: Session,
    pub(crate) browser: String,
    pub(crate) network: String,
}

pub(crate) async fn begin(tx: &mut Tx, new: &NewSession<'_>) -> Result<(), DbError> {
    BEGIN
        .bind(new.token_hash.to_vec())
        .bind(new.person)
        .bind(new.now)
        .bind(new.expires)
        .bind(new.id)
        .bind(new.methods)
        .bind(new.browser)
        .bind(new.network)
        .bind(new.device_hash.map(|hash| hash.to_vec()))
        .execute(tx)
        .await
        .map(drop)
}

fn read(row: &Row) -> Result<Session, DbError> {
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
}

/// The live sessions of a person, the newest first; at most 100.
pub(crate) async fn of_person(
    db: &Db,
    person: Uuid,
    now: Timestamp,
    seen_after: Timestamp,
) -> Result<Vec<OwnSession>, DbError> {
    let query = OF_PERSON.bind(person).bind(now).bind(seen_after);
    let all = query.all(db, |row| {
        Ok(OwnSession {
            session: read(row)?,
            browser: row.get("browser")?,
            network: row.get("network")?,
        })
    });
    all.await
}

/// Ends a session of this person; gives whether there was one.
pub(crate) async fn end_own(tx: &mut Tx, id: Uuid, person: Uuid) -> Result<bool, DbError> {
    Ok(END_OWN.bind(id).bind(person).execute(tx).await? == 1)
}

/// Ends the sessions of a person but this one; gives their ids.
pub(crate) async fn end_others(tx: &mut Tx, person: Uuid, but: Uuid) -> Result<Vec<Uuid>, DbError> {
    let query = END_OTHERS.bind(person).bind(but);
    query.all(tx, |row| row.get("id")).await
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
        .by_key()
        .optional(db, read)
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

/// How many links of a person still work.
pub(crate) async fn live_resets(tx: &mut Tx, person: Uuid, now: Timestamp) -> Result<i64, DbError> {
    let query = LIVE_RESETS.bind(person).bind(now);
    query.one(tx, |row| row.get("n")).await
}

pub(crate) async fn forget_resets(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    FORGET_RESETS.bind(now).execute(db).await
}

pub(crate) async fn use_resets(tx: &mut Tx, person: Uuid) -> Result<(), DbError> {
    USE_RESETS.bind(person).execute(tx).await.map(drop)
}
