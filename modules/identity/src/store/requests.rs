//! Requests that wait, and what may be used once.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row};
use uuid::Uuid;

use crate::domain::{Params, hash_of};

kit_db::statements! {
    INSERT = "identity.request.insert":
        "INSERT INTO oidc_request (hash, client, kind, parameters, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)";
    FIND = "identity.request.find":
        "SELECT * FROM oidc_request WHERE hash = $1 AND kind = $2 AND expires_at > $3";
    DELETE = "identity.request.delete":
        "DELETE FROM oidc_request WHERE hash = $1 AND kind = $2";
    FORGET = "identity.request.forget": "DELETE FROM oidc_request WHERE expires_at < $1";
    USE = "identity.used.insert":
        "INSERT INTO oidc_used (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    USED = "identity.used.find": "SELECT hash FROM oidc_used WHERE hash = $1";
    FORGET_USED = "identity.used.forget": "DELETE FROM oidc_used WHERE expires_at < $1";
}

/// Why a request is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waits {
    /// For a person who signs in or agrees.
    ForPerson,
    /// For the browser that brings its address (RFC 9126).
    ForBrowser,
}

impl Waits {
    fn code(self) -> &'static str {
        match self {
            Self::ForPerson => "person",
            Self::ForBrowser => "browser",
        }
    }
}

/// A request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) client: Uuid,
    pub(crate) parameters: Params,
    pub(crate) created_at: Timestamp,
}

fn read(row: &Row) -> Result<Waiting, DbError> {
    let parameters: String = row.get("parameters")?;
    Ok(Waiting {
        client: row.get("client")?,
        parameters: Params::parse(parameters.as_bytes()),
        created_at: row.get("created_at")?,
    })
}

pub(crate) async fn keep(
    on: impl Into<Handle<'_>>,
    (waits, ticket): (Waits, &str),
    request: &Waiting,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    INSERT
        .bind(hash_of(ticket))
        .bind(request.client)
        .bind(waits.code())
        .bind(request.parameters.to_string())
        .bind(request.created_at)
        .bind(expires_at)
        .execute(on)
        .await
        .map(drop)
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    (waits, ticket): (Waits, &str),
    now: Timestamp,
) -> Result<Option<Waiting>, DbError> {
    FIND.bind(hash_of(ticket))
        .bind(waits.code())
        .bind(now)
        .by_key()
        .optional(on, read)
        .await
}

/// Takes a request away; gives whether it was there, which only one of two callers is told.
pub(crate) async fn take(
    on: impl Into<Handle<'_>>,
    (waits, ticket): (Waits, &str),
) -> Result<bool, DbError> {
    let query = DELETE.bind(hash_of(ticket)).bind(waits.code());
    Ok(query.execute(on).await? == 1)
}

/// Marks something as used; gives whether it is the first time. `what` tells kinds apart.
pub(crate) async fn use_once(
    on: impl Into<Handle<'_>>,
    what: &str,
    id: &str,
    expires_at: Timestamp,
) -> Result<bool, DbError> {
    let hash = hash_of(&format!("{what}\u{1f}{id}"));
    Ok(USE.bind(hash).bind(expires_at).execute(on).await? == 1)
}

/// Whether something was used.
pub(crate) async fn was_used(db: &Db, what: &str, id: &str) -> Result<bool, DbError> {
    let hash = hash_of(&format!("{what}\u{1f}{id}"));
    let found = USED
        .bind(hash)
        .optional(db, |row| row.get::<Vec<u8>>("hash"));
    Ok(found.await?.is_some())
}

pub(crate) async fn forget(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    let requests = FORGET.bind(now).execute(db).await?;
    Ok(requests + FORGET_USED.bind(now).execute(db).await?)
}
