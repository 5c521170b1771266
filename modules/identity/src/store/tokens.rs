//! Codes, access tokens and refresh tokens: only their hashes are kept.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use crate::domain::{Scopes, hash_of};

kit_db::statements! {
    ADD_CODE = "identity.code.insert":
        "INSERT INTO oidc_code (hash, authorization_id, client, redirect_uri, challenge, dpop_jkt,
            expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND_CODE = "identity.code.find": "SELECT * FROM oidc_code WHERE hash = $1";
    // Of two callers at once one changes the row.
    USE_CODE = "identity.code.use":
        "UPDATE oidc_code SET used_at = $2 WHERE hash = $1 AND used_at IS NULL";
    FORGET_CODES = "identity.code.forget": "DELETE FROM oidc_code WHERE expires_at < $1";
    ADD_ACCESS = "identity.access_token.insert":
        "INSERT INTO oidc_access_token (hash, authorization_id, client, scopes, dpop_jkt,
            created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND_ACCESS = "identity.access_token.find":
        "SELECT * FROM oidc_access_token WHERE hash = $1 AND expires_at > $2";
    DELETE_ACCESS = "identity.access_token.delete":
        "DELETE FROM oidc_access_token WHERE hash = $1 AND client = $2";
    FORGET_ACCESS = "identity.access_token.forget":
        "DELETE FROM oidc_access_token WHERE expires_at < $1";
    ADD_REFRESH = "identity.refresh_token.insert":
        "INSERT INTO oidc_refresh_token (hash, authorization_id, client, dpop_jkt, expires_at)
         VALUES ($1, $2, $3, $4, $5)";
    FIND_REFRESH = "identity.refresh_token.find":
        "SELECT * FROM oidc_refresh_token WHERE hash = $1";
    USE_REFRESH = "identity.refresh_token.use":
        "UPDATE oidc_refresh_token SET used_at = $2 WHERE hash = $1 AND used_at IS NULL";
    FORGET_REFRESH = "identity.refresh_token.forget":
        "DELETE FROM oidc_refresh_token WHERE expires_at < $1";
}

/// A code, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) authorization: Uuid,
    pub(crate) client: Uuid,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) expires_at: Timestamp,
    pub(crate) used_at: Option<Timestamp>,
}

/// An access token, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessToken {
    /// None for a token that a service asked for itself.
    pub(crate) authorization: Option<Uuid>,
    pub(crate) client: Uuid,
    pub(crate) scopes: Scopes,
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A refresh token, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub(crate) authorization: Uuid,
    pub(crate) client: Uuid,
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) expires_at: Timestamp,
    pub(crate) used_at: Option<Timestamp>,
}

pub(crate) async fn add_code(tx: &mut Tx, secret: &str, code: &Code) -> Result<(), DbError> {
    ADD_CODE
        .bind(hash_of(secret))
        .bind(code.authorization)
        .bind(code.client)
        .bind(&code.redirect_uri)
        .bind(code.challenge.clone())
        .bind(code.dpop_jkt.clone())
        .bind(code.expires_at)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn find_code(
    on: impl Into<Handle<'_>>,
    secret: &str,
) -> Result<Option<Code>, DbError> {
    FIND_CODE
        .bind(hash_of(secret))
        .optional(on, |row| {
            Ok(Code {
                authorization: row.get("authorization_id")?,
                client: row.get("client")?,
                redirect_uri: row.get("redirect_uri")?,
                challenge: row.get("challenge")?,
                dpop_jkt: row.get("dpop_jkt")?,
                expires_at: row.get("expires_at")?,
                used_at: row.get("used_at")?,
            })
        })
        .await
}

/// Uses a code; gives whether it was the first use.
pub(crate) async fn use_code(tx: &mut Tx, secret: &str, now: Timestamp) -> Result<bool, DbError> {
    let query = USE_CODE.bind(hash_of(secret)).bind(now);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn add_access(
    on: impl Into<Handle<'_>>,
    secret: &str,
    token: &AccessToken,
) -> Result<(), DbError> {
    ADD_ACCESS
        .bind(hash_of(secret))
        .bind(token.authorization)
        .bind(token.client)
        .bind(token.scopes.to_string())
        .bind(token.dpop_jkt.clone())
        .bind(token.created_at)
        .bind(token.expires_at)
        .execute(on)
        .await
        .map(drop)
}

fn read_access(row: &Row) -> Result<AccessToken, DbError> {
    Ok(AccessToken {
        authorization: row.get("authorization_id")?,
        client: row.get("client")?,
        scopes: Scopes::parse(&row.get::<String>("scopes")?),
        dpop_jkt: row.get("dpop_jkt")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// An access token that hasn't ended by itself. Whether its authorization was revoked is told by
/// that.
pub(crate) async fn find_access(
    db: &Db,
    secret: &str,
    now: Timestamp,
) -> Result<Option<AccessToken>, DbError> {
    let query = FIND_ACCESS.bind(hash_of(secret)).bind(now);
    query.optional(db, read_access).await
}

pub(crate) async fn delete_access(
    tx: &mut Tx,
    secret: &str,
    client: Uuid,
) -> Result<bool, DbError> {
    let query = DELETE_ACCESS.bind(hash_of(secret)).bind(client);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn add_refresh(
    tx: &mut Tx,
    secret: &str,
    token: &RefreshToken,
) -> Result<(), DbError> {
    ADD_REFRESH
        .bind(hash_of(secret))
        .bind(token.authorization)
        .bind(token.client)
        .bind(token.dpop_jkt.clone())
        .bind(token.expires_at)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn find_refresh(
    on: impl Into<Handle<'_>>,
    secret: &str,
) -> Result<Option<RefreshToken>, DbError> {
    FIND_REFRESH
        .bind(hash_of(secret))
        .optional(on, |row| {
            Ok(RefreshToken {
                authorization: row.get("authorization_id")?,
                client: row.get("client")?,
                dpop_jkt: row.get("dpop_jkt")?,
                expires_at: row.get("expires_at")?,
                used_at: row.get("used_at")?,
            })
        })
        .await
}

/// Uses a refresh token; gives whether it was the first use.
pub(crate) async fn use_refresh(
    tx: &mut Tx,
    secret: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let query = USE_REFRESH.bind(hash_of(secret)).bind(now);
    Ok(query.execute(tx).await? == 1)
}

/// Forgets what ended before `before`.
pub(crate) async fn forget(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    let codes = FORGET_CODES.bind(before).execute(db).await?;
    let access = FORGET_ACCESS.bind(before).execute(db).await?;
    Ok(codes + access + FORGET_REFRESH.bind(before).execute(db).await?)
}
