//! Browsers in which a person has signed in, and the alarms of the mails about new ones.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Tx};
use uuid::Uuid;

kit_db::statements! {
    IS_KNOWN = "directory.device.is_known":
        "SELECT COUNT(*) AS n FROM device WHERE token_hash = $1 AND person_id = $2";
    IS_USED = "directory.device.is_used":
        "SELECT COUNT(*) AS n FROM device WHERE token_hash = $1";
    SEE = "directory.device.see":
        "INSERT INTO device (token_hash, person_id, created_at, seen_at) VALUES ($1, $2, $3, $3)
         ON CONFLICT (token_hash, person_id) DO UPDATE SET seen_at = excluded.seen_at";
    REMOVE = "directory.device.remove":
        "DELETE FROM device WHERE token_hash = $1 AND person_id = $2";
    REMOVE_ALL = "directory.device.remove_all": "DELETE FROM device WHERE person_id = $1";
    FORGET = "directory.device.forget": "DELETE FROM device WHERE seen_at < $1";
    ALARM = "directory.alarm.begin":
        "INSERT INTO session_alarm (token_hash, person_id, session_id, device_hash, expires_at)
         VALUES ($1, $2, $3, $4, $5)";
    FIND_ALARM = "directory.alarm.find":
        "SELECT person_id, session_id, device_hash FROM session_alarm
         WHERE token_hash = $1 AND expires_at > $2";
    USE_ALARM = "directory.alarm.use": "DELETE FROM session_alarm WHERE token_hash = $1";
    FORGET_ALARMS = "directory.alarm.forget": "DELETE FROM session_alarm WHERE expires_at < $1";
}

/// An alarm, as stored.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    pub(crate) person: Uuid,
    pub(crate) session: Uuid,
    pub(crate) device_hash: Vec<u8>,
}

/// Whether this person has signed in in the browser.
pub(crate) async fn is_known(
    on: impl Into<Handle<'_>>,
    token_hash: &[u8],
    person: Uuid,
) -> Result<bool, DbError> {
    let query = IS_KNOWN.bind(token_hash.to_vec()).bind(person);
    let n: i64 = query.one(on, |row| row.get("n")).await?;
    Ok(n == 1)
}

/// Whether anybody has: the cookie is one of ours.
pub(crate) async fn is_used(tx: &mut Tx, token_hash: &[u8]) -> Result<bool, DbError> {
    let query = IS_USED.bind(token_hash.to_vec());
    let n: i64 = query.one(tx, |row| row.get("n")).await?;
    Ok(n > 0)
}

/// Notes that the person has signed in in the browser.
pub(crate) async fn see(
    tx: &mut Tx,
    token_hash: &[u8],
    person: Uuid,
    now: Timestamp,
) -> Result<(), DbError> {
    let query = SEE.bind(token_hash.to_vec()).bind(person).bind(now);
    query.execute(tx).await.map(drop)
}

pub(crate) async fn remove(tx: &mut Tx, token_hash: &[u8], person: Uuid) -> Result<(), DbError> {
    let query = REMOVE.bind(token_hash.to_vec()).bind(person);
    query.execute(tx).await.map(drop)
}

pub(crate) async fn remove_all(tx: &mut Tx, person: Uuid) -> Result<(), DbError> {
    REMOVE_ALL.bind(person).execute(tx).await.map(drop)
}

/// Forgets browsers not seen since.
pub(crate) async fn forget(db: &Db, seen_before: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(seen_before).execute(db).await
}

pub(crate) async fn begin_alarm(
    tx: &mut Tx,
    token_hash: &[u8],
    alarm: &Alarm,
    expires: Timestamp,
) -> Result<(), DbError> {
    ALARM
        .bind(token_hash.to_vec())
        .bind(alarm.person)
        .bind(alarm.session)
        .bind(alarm.device_hash.clone())
        .bind(expires)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn find_alarm(
    on: impl Into<Handle<'_>>,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Alarm>, DbError> {
    let query = FIND_ALARM.bind(token_hash.to_vec()).bind(now);
    let found = query.optional(on, |row| {
        Ok(Alarm {
            person: row.get("person_id")?,
            session: row.get("session_id")?,
            device_hash: row.get("device_hash")?,
        })
    });
    found.await
}

/// Takes an alarm; gives whether nobody took it before.
pub(crate) async fn use_alarm(tx: &mut Tx, token_hash: &[u8]) -> Result<bool, DbError> {
    Ok(USE_ALARM.bind(token_hash.to_vec()).execute(tx).await? == 1)
}

pub(crate) async fn forget_alarms(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    FORGET_ALARMS.bind(now).execute(db).await
}
