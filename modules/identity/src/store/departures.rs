//! Sign-ins that left for a provider, and those that failed.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use crate::domain::{UpstreamCause, hash_of};

/// Most incidents that are kept.
const INCIDENTS_MAX: i64 = 100_000;

kit_db::statements! {
    INSERT = "identity.departure.insert":
        "INSERT INTO oidc_departure (state_hash, browser_hash, provider, nonce, verifier,
            return_to, auth_after, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    // Of two that bring the same state one is answered, and only in the browser that left with it.
    TAKE = "identity.departure.take":
        "DELETE FROM oidc_departure WHERE state_hash = $1 AND browser_hash = $2 RETURNING *";
    FORGET = "identity.departure.forget": "DELETE FROM oidc_departure WHERE expires_at < $1";
    INCIDENT = "identity.incident.insert":
        "INSERT INTO oidc_incident (code, at, cause, detail, provider) VALUES ($1, $2, $3, $4, $5)";
    FIND_INCIDENT = "identity.incident.find": "SELECT * FROM oidc_incident WHERE code = $1";
    INCIDENTS = "identity.incident.list":
        "SELECT * FROM oidc_incident WHERE at < $1 OR (at = $1 AND code < $2)
         ORDER BY at DESC, code DESC LIMIT $3";
    INCIDENTS_OF = "identity.incident.of_provider":
        "SELECT * FROM oidc_incident WHERE provider = $1 ORDER BY at DESC, code DESC LIMIT $2";
    // Strangers can cause incidents: only so many are kept.
    INCIDENT_TOO_MANY = "identity.incident.too_many":
        "SELECT at FROM oidc_incident ORDER BY at DESC, code DESC LIMIT 1 OFFSET $1";
    FORGET_INCIDENTS = "identity.incident.forget": "DELETE FROM oidc_incident WHERE at < $1";
}

/// A sign-in on its way.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Departed {
    pub(crate) provider: Uuid,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    pub(crate) return_to: String,
    /// Seconds since 1970 from which on the person must have proved who it is.
    pub(crate) auth_after: Option<i64>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

fn read(row: &Row) -> Result<Departed, DbError> {
    Ok(Departed {
        provider: row.get("provider")?,
        nonce: row.get("nonce")?,
        verifier: row.get("verifier")?,
        return_to: row.get("return_to")?,
        auth_after: row.get("auth_after")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// Keeps a sign-in under its state and the cookie of its browser.
pub(crate) async fn keep(
    db: &Db,
    state: &str,
    browser: &str,
    departed: &Departed,
) -> Result<(), DbError> {
    INSERT
        .bind(hash_of(state))
        .bind(hash_of(browser))
        .bind(departed.provider)
        .bind(&departed.nonce)
        .bind(&departed.verifier)
        .bind(&departed.return_to)
        .bind(departed.auth_after)
        .bind(departed.created_at)
        .bind(departed.expires_at)
        .execute(db)
        .await
        .map(drop)
}

/// Takes a sign-in: once, and in its own browser.
pub(crate) async fn take(
    tx: &mut Tx,
    state: &str,
    browser: &str,
) -> Result<Option<Departed>, DbError> {
    let query = TAKE.bind(hash_of(state)).bind(hash_of(browser));
    query.optional(tx, read).await
}

/// A failure, under the code that the person was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Eight characters.
    pub code: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: UpstreamCause,
    /// What an operator needs to know; no personal data.
    pub detail: String,
    /// Through which provider.
    pub provider: Option<Uuid>,
}

fn read_incident(row: &Row) -> Result<Incident, DbError> {
    let cause: String = row.get("cause")?;
    Ok(Incident {
        code: row.get("code")?,
        at: row.get("at")?,
        cause: UpstreamCause::parse(&cause).ok_or_else(|| DbError::Decode {
            column: "cause".to_owned(),
            value: cause,
            expected: "a known cause",
        })?,
        detail: row.get("detail")?,
        provider: row.get("provider")?,
    })
}

pub(crate) async fn add_incident(
    on: impl Into<Handle<'_>>,
    incident: &Incident,
) -> Result<(), DbError> {
    INCIDENT
        .bind(&incident.code)
        .bind(incident.at)
        .bind(incident.cause.code())
        .bind(&incident.detail)
        .bind(incident.provider)
        .execute(on)
        .await
        .map(drop)
}

pub(crate) async fn incident(db: &Db, code: &str) -> Result<Option<Incident>, DbError> {
    FIND_INCIDENT.bind(code).optional(db, read_incident).await
}

/// Incidents before `(instant, code)`, the latest first.
pub(crate) async fn incidents(
    db: &Db,
    before: (Timestamp, &str),
    limit: u32,
) -> Result<Vec<Incident>, DbError> {
    let query = INCIDENTS.bind(before.0).bind(before.1).bind(limit);
    query.all(db, read_incident).await
}

/// The latest incidents of a provider.
pub(crate) async fn incidents_of(
    db: &Db,
    provider: Uuid,
    limit: u32,
) -> Result<Vec<Incident>, DbError> {
    let query = INCIDENTS_OF.bind(provider).bind(limit);
    query.all(db, read_incident).await
}

/// Forgets sign-ins that never came back, and incidents from before `incidents_before`.
pub(crate) async fn forget(
    db: &Db,
    now: Timestamp,
    incidents_before: Timestamp,
) -> Result<u64, DbError> {
    let departures = FORGET.bind(now).execute(db).await?;
    let too_many = INCIDENT_TOO_MANY.bind(INCIDENTS_MAX);
    let too_many: Option<Timestamp> = too_many.optional(db, |row| row.get("at")).await?;
    let before = too_many.map_or(incidents_before, |at| at.max(incidents_before));
    let incidents = FORGET_INCIDENTS.bind(before).execute(db).await?;
    Ok(departures + incidents)
}
