//! Keys that sign, and secrets of the platform itself.

use jiff::Timestamp;
use kit_db::{Db, DbError, Tx};

kit_db::statements! {
    LIVE = "identity.key.live":
        "SELECT * FROM oidc_key WHERE shown_until IS NULL OR shown_until > $1
         ORDER BY signs_from, kid LIMIT 100";
    SIGNS = "identity.key.signs":
        "SELECT COUNT(*) AS n FROM oidc_key
         WHERE algorithm = $1 AND signs_from <= $2
           AND (shown_until IS NULL OR shown_until > $2)";
    INSERT = "identity.key.insert":
        "INSERT INTO oidc_key (kid, algorithm, pkcs8, created_at, signs_from)
         VALUES ($1, $2, $3, $4, $5)";
    RETIRE = "identity.key.retire":
        "UPDATE oidc_key SET shown_until = $3
         WHERE algorithm = $1 AND kid <> $2 AND shown_until IS NULL";
    FORGET = "identity.key.forget": "DELETE FROM oidc_key WHERE shown_until < $1";
    SECRET = "identity.platform_secret.find":
        "SELECT value FROM oidc_platform_secret WHERE name = $1";
    KEEP_SECRET = "identity.platform_secret.insert":
        "INSERT INTO oidc_platform_secret (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO NOTHING";
}

/// A key, as stored.
#[derive(Clone)]
pub(crate) struct StoredKey {
    pub(crate) kid: String,
    pub(crate) algorithm: String,
    pub(crate) pkcs8: Vec<u8>,
    pub(crate) signs_from: Timestamp,
    pub(crate) shown_until: Option<Timestamp>,
}

/// Keys that are shown at `now`, the oldest first.
pub(crate) async fn live(db: &Db, now: Timestamp) -> Result<Vec<StoredKey>, DbError> {
    LIVE.bind(now)
        .all(db, |row| {
            Ok(StoredKey {
                kid: row.get("kid")?,
                algorithm: row.get("algorithm")?,
                pkcs8: row.get("pkcs8")?,
                signs_from: row.get("signs_from")?,
                shown_until: row.get("shown_until")?,
            })
        })
        .await
}

/// Whether a key of an algorithm signs at `now`.
pub(crate) async fn signs(tx: &mut Tx, algorithm: &str, now: Timestamp) -> Result<bool, DbError> {
    let query = SIGNS.bind(algorithm).bind(now);
    Ok(query.one(tx, |row| row.get::<i64>("n")).await? > 0)
}

pub(crate) async fn insert(tx: &mut Tx, key: &StoredKey, now: Timestamp) -> Result<(), DbError> {
    INSERT
        .bind(&key.kid)
        .bind(&key.algorithm)
        .bind(key.pkcs8.clone())
        .bind(now)
        .bind(key.signs_from)
        .execute(tx)
        .await
        .map(drop)
}

/// Every key of an algorithm but `kid` is shown until then and no longer.
pub(crate) async fn retire_others(
    tx: &mut Tx,
    algorithm: &str,
    kid: &str,
    until: Timestamp,
) -> Result<(), DbError> {
    let query = RETIRE.bind(algorithm).bind(kid).bind(until);
    query.execute(tx).await.map(drop)
}

pub(crate) async fn forget(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(before).execute(db).await
}

/// The secret of a name, if there is one.
pub(crate) async fn secret(db: &Db, name: &str) -> Result<Option<Vec<u8>>, DbError> {
    SECRET.bind(name).optional(db, |row| row.get("value")).await
}

/// The secret of a name; `made` is kept when there is none yet. Two processes that begin at once
/// end with the same one.
pub(crate) async fn secret_or(
    db: &Db,
    name: &'static str,
    made: Vec<u8>,
) -> Result<Vec<u8>, DbError> {
    let found = SECRET
        .bind(name)
        .optional(db, |row| row.get("value"))
        .await?;
    if let Some(found) = found {
        return Ok(found);
    }
    KEEP_SECRET.bind(name).bind(made).execute(db).await?;
    SECRET.bind(name).one(db, |row| row.get("value")).await
}
