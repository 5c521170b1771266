//! What a service was told of a person since one sign-in, and what the person agreed to.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use crate::domain::{ClaimsRequest, Resources, Scopes, hash_of};

kit_db::statements! {
    INSERT = "identity.authorization.insert":
        "INSERT INTO oidc_authorization (id, client, person_id, session_id, scopes, claims, nonce,
            acr, amr, auth_time, offline, created_at, code_hash, redirect_uri, challenge, code_jkt,
            code_expires_at, resources)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    FIND = "identity.authorization.find": "SELECT * FROM oidc_authorization WHERE id = $1";
    // The latest one of a session with a service: what an identity token of it stands for.
    LATEST = "identity.authorization.latest":
        "SELECT * FROM oidc_authorization
         WHERE session_id = $1 AND client = $2 AND revoked_at IS NULL
         ORDER BY created_at DESC, id DESC LIMIT 1";
    OF_CODE = "identity.authorization.of_code":
        "SELECT * FROM oidc_authorization WHERE code_hash = $1";
    // Of two callers at once one changes the row.
    USE_CODE = "identity.authorization.use_code":
        "UPDATE oidc_authorization SET code_used_at = $2
         WHERE code_hash = $1 AND code_used_at IS NULL";
    REVOKE = "identity.authorization.revoke":
        "UPDATE oidc_authorization SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    REVOKE_PAIR = "identity.authorization.revoke_pair":
        "UPDATE oidc_authorization SET revoked_at = $3
         WHERE person_id = $1 AND client = $2 AND revoked_at IS NULL";
    // What was agreed to go on while the person is away outlives the session.
    REVOKE_SESSION = "identity.authorization.revoke_session":
        "UPDATE oidc_authorization SET revoked_at = $2
         WHERE session_id = $1 AND revoked_at IS NULL AND offline = FALSE";
    OF_SESSION = "identity.authorization.of_session":
        "SELECT DISTINCT client, person_id FROM oidc_authorization WHERE session_id = $1
         ORDER BY client LIMIT 1000";
    OF_PERSON = "identity.authorization.of_person":
        "SELECT a.*, c.name FROM oidc_authorization a JOIN oidc_client c ON c.id = a.client
         WHERE a.person_id = $1 AND (a.created_at < $2 OR (a.created_at = $2 AND a.id < $3))
         ORDER BY a.created_at DESC, a.id DESC LIMIT $4";
    FORGET = "identity.authorization.forget":
        "DELETE FROM oidc_authorization WHERE created_at < $1";
    CONSENT = "identity.consent.find":
        "SELECT scopes FROM oidc_consent WHERE person_id = $1 AND client = $2";
    CONSENTS = "identity.consent.of_person":
        "SELECT o.client, o.scopes, o.given_at, c.name, c.purpose FROM oidc_consent o
         JOIN oidc_client c ON c.id = o.client
         WHERE o.person_id = $1 ORDER BY c.name, o.client LIMIT 500";
    AGREE = "identity.consent.give":
        "INSERT INTO oidc_consent (person_id, client, scopes, given_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (person_id, client)
         DO UPDATE SET scopes = excluded.scopes, given_at = excluded.given_at";
    WITHDRAW = "identity.consent.withdraw":
        "DELETE FROM oidc_consent WHERE person_id = $1 AND client = $2";
}

/// What a service was told of a person since one sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) id: Uuid,
    pub(crate) client: Uuid,
    pub(crate) person: Uuid,
    pub(crate) session: Uuid,
    pub(crate) scopes: Scopes,
    pub(crate) resources: Resources,
    pub(crate) claims: ClaimsRequest,
    pub(crate) nonce: Option<String>,
    pub(crate) acr: String,
    pub(crate) amr: Vec<String>,
    /// Seconds since 1970.
    pub(crate) auth_time: i64,
    pub(crate) offline: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
}

/// The code that stands for an authorization until it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) expires_at: Timestamp,
    pub(crate) used_at: Option<Timestamp>,
}

pub(super) fn read(row: &Row) -> Result<Authorization, DbError> {
    let claims: String = row.get("claims")?;
    let amr: String = row.get("amr")?;
    Ok(Authorization {
        id: row.get("id")?,
        client: row.get("client")?,
        person: row.get("person_id")?,
        session: row.get("session_id")?,
        scopes: Scopes::parse(&row.get::<String>("scopes")?),
        resources: Resources::parse(&row.get::<String>("resources")?),
        claims: serde_json::from_str(&claims).unwrap_or_default(),
        nonce: row.get("nonce")?,
        acr: row.get("acr")?,
        amr: amr.split_whitespace().map(str::to_owned).collect(),
        auth_time: row.get("auth_time")?,
        offline: row.get("offline")?,
        created_at: row.get("created_at")?,
        revoked_at: row.get("revoked_at")?,
    })
}

/// Adds an authorization with its code.
pub(crate) async fn insert(
    on: impl Into<Handle<'_>>,
    one: &Authorization,
    (secret, code): (&str, &Code),
) -> Result<(), DbError> {
    // Nothing in it can fail to be written as JSON: names and texts.
    let claims = serde_json::to_string(&one.claims).unwrap_or_default();
    INSERT
        .bind(one.id)
        .bind(one.client)
        .bind(one.person)
        .bind(one.session)
        .bind(one.scopes.to_string())
        .bind(claims)
        .bind(one.nonce.clone())
        .bind(&one.acr)
        .bind(one.amr.join(" "))
        .bind(one.auth_time)
        .bind(one.offline)
        .bind(one.created_at)
        .bind(hash_of(secret))
        .bind(&code.redirect_uri)
        .bind(code.challenge.clone())
        .bind(code.dpop_jkt.clone())
        .bind(code.expires_at)
        .bind(one.resources.to_string())
        .execute(on)
        .await
        .map(drop)
}

/// The authorization of an id.
pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<Authorization>, DbError> {
    FIND.bind(id).by_key().optional(on, read).await
}

/// The latest authorization of a session with a service that wasn't revoked.
pub(crate) async fn latest(
    db: &Db,
    session: Uuid,
    client: Uuid,
) -> Result<Option<Authorization>, DbError> {
    LATEST.bind(session).bind(client).optional(db, read).await
}

/// The authorization of a code, used or not.
pub(crate) async fn of_code(
    db: &Db,
    secret: &str,
) -> Result<Option<(Authorization, Code)>, DbError> {
    OF_CODE
        .bind(hash_of(secret))
        .by_key()
        .optional(db, |row| {
            let code = Code {
                redirect_uri: row.get("redirect_uri")?,
                challenge: row.get("challenge")?,
                dpop_jkt: row.get("code_jkt")?,
                expires_at: row.get("code_expires_at")?,
                used_at: row.get("code_used_at")?,
            };
            Ok((read(row)?, code))
        })
        .await
}

/// What uses a code: it changes nothing if that isn't the first use.
pub(crate) fn using(secret: &str, now: Timestamp) -> kit_db::Query<'static> {
    USE_CODE.bind(hash_of(secret)).bind(now)
}

pub(crate) async fn revoke(
    on: impl Into<Handle<'_>>,
    id: Uuid,
    now: Timestamp,
) -> Result<(), DbError> {
    REVOKE.bind(id).bind(now).execute(on).await.map(drop)
}

/// Ends all that a service holds of a person.
pub(crate) async fn revoke_pair(
    tx: &mut Tx,
    person: Uuid,
    client: Uuid,
    now: Timestamp,
) -> Result<(), DbError> {
    let query = REVOKE_PAIR.bind(person).bind(client).bind(now);
    query.execute(tx).await.map(drop)
}

pub(crate) async fn revoke_session(
    tx: &mut Tx,
    session: Uuid,
    now: Timestamp,
) -> Result<(), DbError> {
    let query = REVOKE_SESSION.bind(session).bind(now);
    query.execute(tx).await.map(drop)
}

/// Services that were told of a session, and of whom.
pub(crate) async fn of_session(tx: &mut Tx, session: Uuid) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    OF_SESSION
        .bind(session)
        .all(tx, |row| Ok((row.get("client")?, row.get("person_id")?)))
        .await
}

/// A person's sign-ins to services before `(instant, id)`, the latest first, with the services'
/// names.
pub(crate) async fn of_person(
    db: &Db,
    person: Uuid,
    before: (Timestamp, Uuid),
    limit: u32,
) -> Result<Vec<(Authorization, String)>, DbError> {
    OF_PERSON
        .bind(person)
        .bind(before.0)
        .bind(before.1)
        .bind(limit)
        .all(db, |row| Ok((read(row)?, row.get("name")?)))
        .await
}

pub(crate) async fn forget(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(before).execute(db).await
}

/// What the person agreed to tell this service; nothing at first.
pub(crate) async fn agreed(
    on: impl Into<Handle<'_>>,
    person: Uuid,
    client: Uuid,
) -> Result<Scopes, DbError> {
    let query = CONSENT.bind(person).bind(client).by_key();
    let found: Option<String> = query.optional(on, |row| row.get("scopes")).await?;
    Ok(Scopes::parse(&found.unwrap_or_default()))
}

/// What a person agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consent {
    pub(crate) client: Uuid,
    pub(crate) name: String,
    pub(crate) purpose: String,
    pub(crate) scopes: Scopes,
    pub(crate) given_at: Timestamp,
}

pub(crate) async fn consents(db: &Db, person: Uuid) -> Result<Vec<Consent>, DbError> {
    CONSENTS
        .bind(person)
        .all(db, |row| {
            Ok(Consent {
                client: row.get("client")?,
                name: row.get("name")?,
                purpose: row.get("purpose")?,
                scopes: Scopes::parse(&row.get::<String>("scopes")?),
                given_at: row.get("given_at")?,
            })
        })
        .await
}

pub(crate) async fn agree(
    tx: &mut Tx,
    person: Uuid,
    client: Uuid,
    scopes: &Scopes,
    now: Timestamp,
) -> Result<(), DbError> {
    AGREE
        .bind(person)
        .bind(client)
        .bind(scopes.to_string())
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

/// Takes an agreement back; gives whether there was one.
pub(crate) async fn withdraw(tx: &mut Tx, person: Uuid, client: Uuid) -> Result<bool, DbError> {
    Ok(WITHDRAW.bind(person).bind(client).execute(tx).await? == 1)
}
