//! Devices without a browser that wait for a person: their codes are kept as hashes.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use crate::domain::{Resources, Scopes, UserCode, hash_of};

kit_db::statements! {
    INSERT = "identity.device.insert":
        "INSERT INTO oidc_device (hash, user_hash, client, scopes, resources, state, pause_seconds,
            created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8) ON CONFLICT DO NOTHING";
    COUNT = "identity.device.count":
        "SELECT COUNT(*) AS n FROM oidc_device WHERE client = $1 AND expires_at > $2";
    FIND = "identity.device.find": "SELECT * FROM oidc_device WHERE hash = $1";
    OF_USER_CODE = "identity.device.of_user_code":
        "SELECT * FROM oidc_device
         WHERE user_hash = $1 AND state = 'waiting' AND expires_at > $2";
    POLL = "identity.device.poll":
        "UPDATE oidc_device SET polled_at = $2, pause_seconds = $3 WHERE hash = $1";
    // Of two answers one changes the row.
    ANSWER = "identity.device.answer":
        "UPDATE oidc_device SET state = $3, authorization_id = $4
         WHERE user_hash = $1 AND state = 'waiting' AND expires_at > $2";
    // And of two calls with one code, one is given tokens.
    TAKE = "identity.device.take": "DELETE FROM oidc_device WHERE hash = $1 AND state <> 'waiting'";
    FORGET = "identity.device.forget": "DELETE FROM oidc_device WHERE expires_at < $1";
}

/// Where a device's request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nobody has answered.
    Waiting,
    /// The person said yes: what was authorized.
    Allowed(Uuid),
    /// The person said no.
    Denied,
}

/// A device that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Device {
    pub(crate) client: Uuid,
    pub(crate) scopes: Scopes,
    pub(crate) resources: Resources,
    pub(crate) state: State,
    pub(crate) pause_seconds: i64,
    pub(crate) polled_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

fn read(row: &Row) -> Result<Device, DbError> {
    let authorization: Option<Uuid> = row.get("authorization_id")?;
    let state: String = row.get("state")?;
    Ok(Device {
        client: row.get("client")?,
        scopes: Scopes::parse(&row.get::<String>("scopes")?),
        resources: Resources::parse(&row.get::<String>("resources")?),
        state: match (state.as_str(), authorization) {
            ("waiting", _) => State::Waiting,
            ("allowed", Some(id)) => State::Allowed(id),
            _ => State::Denied,
        },
        pause_seconds: row.get("pause_seconds")?,
        polled_at: row.get("polled_at")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// Keeps a device; gives whether its codes are new, which they are but for the rarest chance.
pub(crate) async fn insert(
    db: &Db,
    secret: &str,
    code: &UserCode,
    device: &Device,
) -> Result<bool, DbError> {
    let query = INSERT
        .bind(hash_of(secret))
        .bind(hash_of(code.letters()))
        .bind(device.client)
        .bind(device.scopes.to_string())
        .bind(device.resources.to_string())
        .bind(device.pause_seconds)
        .bind(device.created_at)
        .bind(device.expires_at);
    Ok(query.execute(db).await? == 1)
}

/// How many devices of a service wait or were answered a moment ago.
pub(crate) async fn count(db: &Db, client: Uuid, now: Timestamp) -> Result<i64, DbError> {
    let query = COUNT.bind(client).bind(now);
    query.one(db, |row| row.get("n")).await
}

pub(crate) async fn find(db: &Db, secret: &str) -> Result<Option<Device>, DbError> {
    FIND.bind(hash_of(secret)).optional(db, read).await
}

/// The device that waits under the code that a person typed.
pub(crate) async fn of_user_code(
    on: impl Into<Handle<'_>>,
    code: &UserCode,
    now: Timestamp,
) -> Result<Option<Device>, DbError> {
    let query = OF_USER_CODE.bind(hash_of(code.letters())).bind(now);
    query.optional(on, read).await
}

/// Notes that the device asked.
pub(crate) async fn poll(
    db: &Db,
    secret: &str,
    now: Timestamp,
    pause_seconds: i64,
) -> Result<(), DbError> {
    let query = POLL.bind(hash_of(secret)).bind(now).bind(pause_seconds);
    query.execute(db).await.map(drop)
}

/// Notes the person's answer; gives whether it is the first one. `authorization` is what was
/// authorized, if it is yes.
pub(crate) async fn answer(
    tx: &mut Tx,
    code: &UserCode,
    now: Timestamp,
    authorization: Option<Uuid>,
) -> Result<bool, DbError> {
    let state = if authorization.is_some() {
        "allowed"
    } else {
        "denied"
    };
    let query = ANSWER
        .bind(hash_of(code.letters()))
        .bind(now)
        .bind(state)
        .bind(authorization);
    Ok(query.execute(tx).await? == 1)
}

/// Takes an answered device away; gives whether it was there.
pub(crate) async fn take(db: &Db, secret: &str) -> Result<bool, DbError> {
    Ok(TAKE.bind(hash_of(secret)).execute(db).await? == 1)
}

pub(crate) async fn forget(db: &Db, before: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(before).execute(db).await
}
