//! People who came back: their accounts, their choices, the sessions that a provider opened.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Tx};
use uuid::Uuid;

use crate::domain::hash_of;

kit_db::statements! {
    LINKS = "identity.link.of_subject":
        "SELECT person_id FROM oidc_provider_link WHERE provider = $1 AND subject_hash = $2
         ORDER BY created_at, person_id LIMIT 20";
    LINK = "identity.link.upsert":
        "INSERT INTO oidc_provider_link (provider, subject_hash, person_id, created_at, used_at)
         VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (provider, subject_hash, person_id) DO UPDATE SET used_at = excluded.used_at";
    UNLINK = "identity.link.of_provider.delete":
        "DELETE FROM oidc_provider_link WHERE provider = $1";
    KEEP = "identity.arrival.insert":
        "INSERT INTO oidc_arrival (ticket_hash, browser_hash, provider, arrived, expires_at)
         VALUES ($1, $2, $3, $4, $5)";
    FIND = "identity.arrival.find":
        "SELECT provider, arrived FROM oidc_arrival
         WHERE ticket_hash = $1 AND browser_hash = $2 AND expires_at > $3";
    TAKE = "identity.arrival.take":
        "DELETE FROM oidc_arrival WHERE ticket_hash = $1 AND browser_hash = $2";
    FORGET = "identity.arrival.forget": "DELETE FROM oidc_arrival WHERE expires_at < $1";
    OPENED = "identity.provider_session.upsert":
        "INSERT INTO oidc_provider_session (session_id, provider, subject_hash, sid_hash, id_token,
            idp_acr, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (session_id) DO UPDATE SET provider = excluded.provider,
            subject_hash = excluded.subject_hash, sid_hash = excluded.sid_hash,
            id_token = excluded.id_token, idp_acr = excluded.idp_acr,
            created_at = excluded.created_at";
    SESSION = "identity.provider_session.find":
        "SELECT provider, id_token, idp_acr FROM oidc_provider_session WHERE session_id = $1";
    CLOSE = "identity.provider_session.delete":
        "DELETE FROM oidc_provider_session WHERE session_id = $1";
    OF_SID = "identity.provider_session.of_sid":
        "SELECT session_id, subject_hash FROM oidc_provider_session
         WHERE provider = $1 AND sid_hash = $2 ORDER BY session_id LIMIT 1000";
    OF_SUBJECT = "identity.provider_session.of_subject":
        "SELECT session_id FROM oidc_provider_session
         WHERE provider = $1 AND subject_hash = $2 ORDER BY session_id LIMIT 1000";
    FORGET_SESSIONS = "identity.provider_session.forget":
        "DELETE FROM oidc_provider_session WHERE created_at < $1";
}

/// The accounts of a person of a provider, the oldest link first.
pub(crate) async fn links(
    on: impl Into<Handle<'_>>,
    provider: Uuid,
    subject: &str,
) -> Result<Vec<Uuid>, DbError> {
    let query = LINKS.bind(provider).bind(hash_of(subject));
    query.all(on, |row| row.get("person_id")).await
}

/// Notes that a person of a provider used an account.
pub(crate) async fn link(
    tx: &mut Tx,
    provider: Uuid,
    subject: &str,
    person: Uuid,
    now: Timestamp,
) -> Result<(), DbError> {
    let query = LINK.bind(provider).bind(hash_of(subject));
    query.bind(person).bind(now).execute(tx).await.map(drop)
}

/// Forgets whose accounts the people of a provider have; gives how many links there were.
pub(crate) async fn unlink(tx: &mut Tx, provider: Uuid) -> Result<u64, DbError> {
    UNLINK.bind(provider).execute(tx).await
}

/// Keeps what a browser must come back for.
pub(crate) async fn keep(
    db: &Db,
    (ticket, browser): (&str, &str),
    provider: Uuid,
    arrived: &str,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    KEEP.bind(hash_of(ticket))
        .bind(hash_of(browser))
        .bind(provider)
        .bind(arrived)
        .bind(expires_at)
        .execute(db)
        .await
        .map(drop)
}

/// What a browser came back for: the provider, and what was kept.
pub(crate) async fn find(
    db: &Db,
    (ticket, browser): (&str, &str),
    now: Timestamp,
) -> Result<Option<(Uuid, String)>, DbError> {
    FIND.bind(hash_of(ticket))
        .bind(hash_of(browser))
        .bind(now)
        .optional(db, |row| Ok((row.get("provider")?, row.get("arrived")?)))
        .await
}

/// Takes it away; gives whether it was there, which only one of two callers is told.
pub(crate) async fn take(
    on: impl Into<Handle<'_>>,
    (ticket, browser): (&str, &str),
) -> Result<bool, DbError> {
    let query = TAKE.bind(hash_of(ticket)).bind(hash_of(browser));
    Ok(query.execute(on).await? == 1)
}

/// A session that a provider opened.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Opened<'o> {
    pub(crate) session: Uuid,
    pub(crate) provider: Uuid,
    pub(crate) subject: &'o str,
    pub(crate) sid: Option<&'o str>,
    pub(crate) id_token: &'o str,
    pub(crate) idp_acr: Option<String>,
}

pub(crate) async fn opened(
    tx: &mut Tx,
    opened: &Opened<'_>,
    now: Timestamp,
) -> Result<(), DbError> {
    OPENED
        .bind(opened.session)
        .bind(opened.provider)
        .bind(hash_of(opened.subject))
        .bind(opened.sid.map(hash_of))
        .bind(opened.id_token)
        .bind(opened.idp_acr.clone())
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

/// What is kept of a session that a provider opened.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ProviderSession {
    pub(crate) provider: Uuid,
    pub(crate) id_token: String,
    pub(crate) idp_acr: Option<String>,
}

pub(crate) async fn session(
    on: impl Into<Handle<'_>>,
    session: Uuid,
) -> Result<Option<ProviderSession>, DbError> {
    SESSION
        .bind(session)
        .optional(on, |row| {
            Ok(ProviderSession {
                provider: row.get("provider")?,
                id_token: row.get("id_token")?,
                idp_acr: row.get("idp_acr")?,
            })
        })
        .await
}

/// Forgets that a provider opened a session, which has ended.
pub(crate) async fn close(tx: &mut Tx, session: Uuid) -> Result<(), DbError> {
    CLOSE.bind(session).execute(tx).await.map(drop)
}

/// The sessions that a provider means by its own name of one, by its name of the person, or by
/// both, which must then agree.
pub(crate) async fn meant(
    db: &Db,
    provider: Uuid,
    subject: Option<&str>,
    sid: Option<&str>,
) -> Result<Vec<Uuid>, DbError> {
    let subject = subject.map(hash_of);
    match (sid, subject) {
        (Some(sid), subject) => {
            let query = OF_SID.bind(provider).bind(hash_of(sid));
            let found: Vec<(Uuid, Vec<u8>)> = query
                .all(db, |row| {
                    Ok((row.get("session_id")?, row.get("subject_hash")?))
                })
                .await?;
            let agrees = |of: &Vec<u8>| subject.as_ref().is_none_or(|subject| subject == of);
            Ok(found
                .into_iter()
                .filter(|(_, of)| agrees(of))
                .map(|(session, _)| session)
                .collect())
        }
        (None, Some(subject)) => {
            let query = OF_SUBJECT.bind(provider).bind(subject);
            query.all(db, |row| row.get("session_id")).await
        }
        (None, None) => Ok(Vec::new()),
    }
}

/// Forgets choices that were never made, and sessions that began before any that goes on.
pub(crate) async fn forget(
    db: &Db,
    now: Timestamp,
    sessions_before: Timestamp,
) -> Result<u64, DbError> {
    let arrivals = FORGET.bind(now).execute(db).await?;
    let sessions = FORGET_SESSIONS.bind(sessions_before).execute(db).await?;
    Ok(arrivals + sessions)
}
