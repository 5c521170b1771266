//! Citizens and their sessions. Who a citizen is stands in the session's row alone, and is emptied
//! when the session ends.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::authorizations::{self, Authorization};
use crate::domain::{CitizenClaims, Level};

kit_db::statements! {
    ADD = "identity.citizen.insert": "INSERT INTO citizen (id, created_at) VALUES ($1, $2)";
    // Of two first sign-ins at once one keeps its key; the other begins anew and finds it.
    ADD_KEY = "identity.citizen_key.insert":
        "INSERT INTO citizen_key (kind, key_version, hash, citizen, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (kind, key_version, hash) DO NOTHING";
    FIND_KEY = "identity.citizen_key.find":
        "SELECT citizen FROM citizen_key WHERE kind = $1 AND key_version = $2 AND hash = $3";
    BEGIN = "identity.citizen_session.insert":
        "INSERT INTO citizen_session (id, citizen, provider, token_hash, provider_name, level,
            methods, identity, begun_at, seen_at, expires_at, auth_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    // The same person came back by the same provider: what it opened goes on.
    RENEW = "identity.citizen_session.renew":
        "UPDATE citizen_session SET token_hash = $4, provider_name = $5, level = $6, methods = $7,
            identity = $8, begun_at = $9, seen_at = $10, expires_at = $11, auth_time = $12
         WHERE id = $1 AND citizen = $2 AND provider = $3 AND ended_at IS NULL";
    OF_TOKEN = "identity.citizen_session.of_token":
        "SELECT * FROM citizen_session WHERE token_hash = $1 AND ended_at IS NULL";
    OF_ID = "identity.citizen_session.of_id":
        "SELECT * FROM citizen_session WHERE id = $1 AND ended_at IS NULL";
    SEE = "identity.citizen_session.see":
        "UPDATE citizen_session SET seen_at = $2 WHERE id = $1 AND ended_at IS NULL";
    END = "identity.citizen_session.end":
        "UPDATE citizen_session SET ended_at = $2, identity = NULL, token_hash = NULL
         WHERE id = $1 AND ended_at IS NULL";
    OVER = "identity.citizen_session.over":
        "SELECT id, citizen FROM citizen_session WHERE ended_at IS NULL AND expires_at <= $1
         ORDER BY expires_at, id LIMIT 500";
    OF_PROVIDER = "identity.citizen_session.of_provider":
        "SELECT id, citizen FROM citizen_session WHERE provider = $1 AND ended_at IS NULL
         ORDER BY id LIMIT 500";
    OF_CITIZEN = "identity.citizen_session.of_citizen":
        "SELECT * FROM citizen_session
         WHERE citizen = $1 AND ended_at IS NULL AND expires_at > $2
         ORDER BY begun_at DESC, id DESC LIMIT 100";
    FORGET = "identity.citizen_session.forget":
        "DELETE FROM citizen_session WHERE ended_at < $1";
    SIGN_INS = "identity.citizen.sign_ins":
        "SELECT a.*, c.name, s.provider_name FROM oidc_authorization a
         JOIN oidc_client c ON c.id = a.client
         LEFT JOIN citizen_session s ON s.id = a.session_id
         WHERE a.person_id = $1 AND (a.created_at < $2 OR (a.created_at = $2 AND a.id < $3))
         ORDER BY a.created_at DESC, a.id DESC LIMIT $4";
    SECRETS = "identity.citizen_secret.all":
        "SELECT name, value FROM oidc_platform_secret WHERE name >= 'citizen-key-'
            AND name < 'citizen-key.' ORDER BY name LIMIT 100";
    ADD_SECRET = "identity.citizen_secret.insert":
        "INSERT INTO oidc_platform_secret (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO NOTHING";
}

/// What a hash is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyOf {
    /// The pivot.
    Pivot,
    /// A provider's own name of the person.
    Subject,
}

impl KeyOf {
    /// Its name in columns and in the journal.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Pivot => "pivot",
            Self::Subject => "subject",
        }
    }
}

pub(crate) async fn add(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<(), DbError> {
    ADD.bind(id).bind(now).execute(tx).await.map(drop)
}

/// Adds a key; gives whether nobody had it.
pub(crate) async fn add_key(
    tx: &mut Tx,
    (kind, version, hash): (KeyOf, i64, &str),
    citizen: Uuid,
    now: Timestamp,
) -> Result<bool, DbError> {
    let query = ADD_KEY.bind(kind.code()).bind(version).bind(hash);
    Ok(query.bind(citizen).bind(now).execute(tx).await? == 1)
}

/// Whose key it is.
pub(crate) async fn find_key(
    tx: &mut Tx,
    (kind, version, hash): (KeyOf, i64, &str),
) -> Result<Option<Uuid>, DbError> {
    let query = FIND_KEY.bind(kind.code()).bind(version).bind(hash);
    query.optional(tx, |row| row.get("citizen")).await
}

/// A citizen's session that hasn't ended; whether it lasts is [`crate::domain::session_lasts`]'s to
/// say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CitizenSession {
    pub(crate) id: Uuid,
    pub(crate) citizen: Uuid,
    pub(crate) provider: Uuid,
    pub(crate) provider_name: String,
    pub(crate) level: Level,
    pub(crate) methods: Vec<String>,
    pub(crate) identity: CitizenClaims,
    /// Seconds since 1970.
    pub(crate) auth_time: i64,
    pub(crate) begun_at: Timestamp,
    pub(crate) seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

fn read(row: &Row) -> Result<CitizenSession, DbError> {
    let decode = |column: &str, value: String, expected| DbError::Decode {
        column: column.to_owned(),
        value,
        expected,
    };
    let level: String = row.get("level")?;
    let identity: Option<String> = row.get("identity")?;
    // The value isn't told: it would be somebody's name.
    let identity = identity
        .and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(|| decode("identity", "…".to_owned(), "a citizen's claims"))?;
    Ok(CitizenSession {
        id: row.get("id")?,
        citizen: row.get("citizen")?,
        provider: row.get("provider")?,
        provider_name: row.get("provider_name")?,
        level: Level::parse(&level).ok_or_else(|| decode("level", level, "a level"))?,
        methods: row
            .get::<String>("methods")?
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        identity,
        auth_time: row.get("auth_time")?,
        begun_at: row.get("begun_at")?,
        seen_at: row.get("seen_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// Begins a session, or renews the one of the same id, citizen and provider; gives whether it was
/// done.
pub(crate) async fn keep_session(
    tx: &mut Tx,
    session: &CitizenSession,
    token_hash: Vec<u8>,
    is_renewed: bool,
) -> Result<bool, DbError> {
    let statement = if is_renewed { &RENEW } else { &BEGIN };
    // Nothing in it can fail to be written as JSON: texts.
    let identity = serde_json::to_string(&session.identity).unwrap_or_default();
    let query = statement
        .bind(session.id)
        .bind(session.citizen)
        .bind(session.provider)
        .bind(token_hash)
        .bind(&session.provider_name)
        .bind(session.level.name())
        .bind(session.methods.join(" "))
        .bind(identity)
        .bind(session.begun_at)
        .bind(session.seen_at)
        .bind(session.expires_at)
        .bind(session.auth_time);
    Ok(query.execute(tx).await? == 1)
}

/// The session of a cookie's value.
pub(crate) async fn of_token(
    on: impl Into<Handle<'_>>,
    token_hash: Vec<u8>,
) -> Result<Option<CitizenSession>, DbError> {
    OF_TOKEN.bind(token_hash).by_key().optional(on, read).await
}

pub(crate) async fn of_id(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<CitizenSession>, DbError> {
    OF_ID.bind(id).by_key().optional(on, read).await
}

pub(crate) async fn see(db: &Db, id: Uuid, now: Timestamp) -> Result<(), DbError> {
    SEE.bind(id).bind(now).execute(db).await.map(drop)
}

/// Ends a session and forgets who it was; gives whether it was there.
pub(crate) async fn end(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<bool, DbError> {
    Ok(END.bind(id).bind(now).execute(tx).await? == 1)
}

type Pairs = Vec<(Uuid, Uuid)>;

fn pair(row: &Row) -> Result<(Uuid, Uuid), DbError> {
    Ok((row.get("id")?, row.get("citizen")?))
}

/// Sessions, with their citizens, whose time is over.
pub(crate) async fn over(tx: &mut Tx, now: Timestamp) -> Result<Pairs, DbError> {
    OVER.bind(now).all(tx, pair).await
}

/// Sessions, with their citizens, that a provider opened.
pub(crate) async fn of_provider(tx: &mut Tx, provider: Uuid) -> Result<Pairs, DbError> {
    OF_PROVIDER.bind(provider).all(tx, pair).await
}

/// A citizen's sessions that go on.
pub(crate) async fn of_citizen(
    db: &Db,
    citizen: Uuid,
    now: Timestamp,
) -> Result<Vec<CitizenSession>, DbError> {
    OF_CITIZEN.bind(citizen).bind(now).all(db, read).await
}

pub(crate) async fn forget(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(before).execute(db).await
}

/// One sign-in of a citizen to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CitizenSignIn {
    pub(crate) authorization: Authorization,
    pub(crate) service: String,
    pub(crate) provider: Option<String>,
}

/// A citizen's sign-ins to services before `(instant, id)`, the latest first.
pub(crate) async fn sign_ins(
    db: &Db,
    citizen: Uuid,
    before: (Timestamp, Uuid),
    limit: u32,
) -> Result<Vec<CitizenSignIn>, DbError> {
    SIGN_INS
        .bind(citizen)
        .bind(before.0)
        .bind(before.1)
        .bind(limit)
        .all(db, |row| {
            Ok(CitizenSignIn {
                authorization: authorizations::read(row)?,
                service: row.get("name")?,
                provider: row.get("provider_name")?,
            })
        })
        .await
}

/// What the names of the secrets behind citizens' keys begin with.
const SECRET_NAME: &str = "citizen-key-";

fn secret_name(version: i64) -> String {
    // Of one length, so that they sort.
    format!("{SECRET_NAME}{version:06}")
}

/// The secrets behind citizens' keys, by version, the oldest first.
pub(crate) async fn secrets(on: impl Into<Handle<'_>>) -> Result<Vec<(i64, Vec<u8>)>, DbError> {
    let read = |row: &Row| {
        let name: String = row.get("name")?;
        let version = name
            .strip_prefix(SECRET_NAME)
            .and_then(|end| end.parse().ok());
        let version = version.ok_or_else(|| DbError::Decode {
            column: "name".to_owned(),
            value: name,
            expected: "citizen-key- and a number",
        })?;
        Ok((version, row.get("value")?))
    };
    SECRETS.query().all(on, read).await
}

/// Adds a secret unless its version is there; gives whether it was added.
pub(crate) async fn add_secret(
    on: impl Into<Handle<'_>>,
    version: i64,
    secret: Vec<u8>,
) -> Result<bool, DbError> {
    let query = ADD_SECRET.bind(secret_name(version)).bind(secret);
    Ok(query.execute(on).await? == 1)
}
