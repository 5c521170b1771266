//! Access and refresh tokens: only their hashes are kept.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row};
use uuid::Uuid;

use super::authorizations::{self, Authorization};
use crate::domain::{Binding, Exchanged, Resources, Scopes, hash_of};

kit_db::statements! {
    ADD = "identity.token.insert":
        "INSERT INTO oidc_token (hash, is_refresh, authorization_id, client, scopes, dpop_jkt,
            created_at, expires_at, resources, certificate, exchange)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    ADD_TWO = "identity.token.insert_two":
        "INSERT INTO oidc_token (hash, is_refresh, authorization_id, client, scopes, dpop_jkt,
            created_at, expires_at, resources, certificate, exchange)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11),
            ($12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)";
    // The token's own columns are renamed: the authorization has some of the same names.
    FIND = "identity.token.find":
        "SELECT a.*, t.is_refresh, t.authorization_id, t.client AS token_client,
            t.scopes AS token_scopes, t.dpop_jkt, t.created_at AS token_created_at, t.expires_at,
            t.used_at, t.resources AS token_resources, t.certificate, t.exchange
         FROM oidc_token t LEFT JOIN oidc_authorization a ON a.id = t.authorization_id
         WHERE t.hash = $1 AND t.is_refresh = $2 AND t.expires_at > $3";
    USE = "identity.token.use":
        "UPDATE oidc_token SET used_at = $2 WHERE hash = $1 AND used_at IS NULL";
    DELETE = "identity.token.delete":
        "DELETE FROM oidc_token WHERE hash = $1 AND client = $2 AND is_refresh = FALSE";
    FORGET = "identity.token.forget": "DELETE FROM oidc_token WHERE expires_at < $1";
}

/// A token, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) is_refresh: bool,
    /// None for a token that a service asked for itself.
    pub(crate) authorization: Option<Uuid>,
    pub(crate) client: Uuid,
    pub(crate) scopes: Scopes,
    pub(crate) resources: Resources,
    pub(crate) bound: Binding,
    /// How it came from another token, if it did.
    pub(crate) exchanged: Option<Exchanged>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// When a refresh token was used.
    pub(crate) used_at: Option<Timestamp>,
}

/// Which kind of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Access,
    Refresh,
}

fn bound<'q>(query: kit_db::Query<'q>, (secret, token): (&str, &Token)) -> kit_db::Query<'q> {
    let exchanged = token.exchanged.as_ref();
    // Ids and a number: nothing in it can fail to be written as JSON.
    let exchanged = exchanged.map(|one| serde_json::to_string(one).unwrap_or_default());
    query
        .bind(hash_of(secret))
        .bind(token.is_refresh)
        .bind(token.authorization)
        .bind(token.client)
        .bind(token.scopes.to_string())
        .bind(token.bound.dpop_jkt.clone())
        .bind(token.created_at)
        .bind(token.expires_at)
        .bind(token.resources.to_string())
        .bind(token.bound.certificate.clone())
        .bind(exchanged)
}

/// What adds a token, and another one with it.
pub(crate) fn adding(
    first: (&str, &Token),
    second: Option<(&str, &Token)>,
) -> kit_db::Query<'static> {
    match second {
        None => bound(ADD.query(), first),
        Some(second) => bound(bound(ADD_TWO.query(), first), second),
    }
}

/// Adds a token, and another one with it.
pub(crate) async fn add(
    on: impl Into<Handle<'_>>,
    first: (&str, &Token),
    second: Option<(&str, &Token)>,
) -> Result<(), DbError> {
    adding(first, second).execute(on).await.map(drop)
}

fn read(row: &Row) -> Result<(Token, Option<Authorization>), DbError> {
    let authorization: Option<Uuid> = row.get("authorization_id")?;
    let known: Option<Uuid> = row.get("id")?;
    let exchanged: Option<String> = row.get("exchange")?;
    // What can't be read isn't taken for a token of nobody: the token is refused.
    let exchanged = exchanged
        .map(|text| {
            serde_json::from_str(&text).map_err(|_| DbError::Decode {
                column: "exchange".to_owned(),
                value: text.clone(),
                expected: "a chain of exchanges",
            })
        })
        .transpose()?;
    let token = Token {
        is_refresh: row.get("is_refresh")?,
        authorization,
        client: row.get("token_client")?,
        scopes: Scopes::parse(&row.get::<String>("token_scopes")?),
        resources: Resources::parse(&row.get::<String>("token_resources")?),
        bound: Binding {
            dpop_jkt: row.get("dpop_jkt")?,
            certificate: row.get("certificate")?,
        },
        exchanged,
        created_at: row.get("token_created_at")?,
        expires_at: row.get("expires_at")?,
        used_at: row.get("used_at")?,
    };
    let of = known.map(|_| authorizations::read(row)).transpose()?;
    Ok((token, of))
}

/// A token that hasn't ended by itself, with its authorization, which may have been revoked.
pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    kind: Kind,
    secret: &str,
    now: Timestamp,
) -> Result<Option<(Token, Option<Authorization>)>, DbError> {
    FIND.bind(hash_of(secret))
        .bind(kind == Kind::Refresh)
        .bind(now)
        .by_key()
        .optional(on, read)
        .await
}

/// What uses a refresh token: it changes nothing if that isn't the first use.
pub(crate) fn using(secret: &str, now: Timestamp) -> kit_db::Query<'static> {
    USE.bind(hash_of(secret)).bind(now)
}

/// Ends an access token of a service; gives whether it had one.
pub(crate) async fn delete_access(db: &Db, secret: &str, client: Uuid) -> Result<bool, DbError> {
    let query = DELETE.bind(hash_of(secret)).bind(client);
    Ok(query.execute(db).await? == 1)
}

/// Forgets what ended before `before`.
pub(crate) async fn forget(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(before).execute(db).await
}
