//! Requests that wait for the relay, and their answers.

use jiff::Timestamp;
use kit_db::{Db, DbError};
use uuid::Uuid;

kit_db::statements! {
    INSERT = "identity.relay.insert":
        "INSERT INTO oidc_relay_call (id, request, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    WAITING = "identity.relay.waiting":
        "SELECT id FROM oidc_relay_call WHERE taken_at IS NULL AND expires_at > $1
         ORDER BY created_at, id LIMIT 1";
    // Of two that take the same one, one changes the row.
    TAKE = "identity.relay.take":
        "UPDATE oidc_relay_call SET taken_at = $2 WHERE id = $1 AND taken_at IS NULL
         RETURNING request";
    ANSWER = "identity.relay.answer":
        "UPDATE oidc_relay_call SET answer = $2
         WHERE id = $1 AND taken_at IS NOT NULL AND answer IS NULL AND expires_at > $3";
    READ = "identity.relay.read":
        "DELETE FROM oidc_relay_call WHERE id = $1 AND answer IS NOT NULL RETURNING answer";
    IS_ANSWERED = "identity.relay.is_answered":
        "SELECT COUNT(*) AS n FROM oidc_relay_call WHERE id = $1 AND answer IS NOT NULL";
    FORGET = "identity.relay.forget": "DELETE FROM oidc_relay_call WHERE expires_at < $1";
}

/// Keeps a request for the relay.
pub(crate) async fn keep(
    db: &Db,
    id: Uuid,
    request: &[u8],
    now: Timestamp,
    until: Timestamp,
) -> Result<(), DbError> {
    INSERT
        .bind(id)
        .bind(request.to_vec())
        .bind(now)
        .bind(until)
        .execute(db)
        .await
        .map(drop)
}

/// Takes the request that has waited longest, if one waits.
pub(crate) async fn take(db: &Db, now: Timestamp) -> Result<Option<(Uuid, Vec<u8>)>, DbError> {
    let waiting = WAITING.bind(now);
    let Some(id) = waiting.optional(db, |row| row.get::<Uuid>("id")).await? else {
        return Ok(None);
    };
    let mut tx = db.begin().await?;
    let taken = TAKE.bind(id).bind(now);
    let request = taken
        .optional(&mut tx, |row| row.get::<Vec<u8>>("request"))
        .await?;
    tx.commit().await?;
    Ok(request.map(|request| (id, request)))
}

/// Keeps the answer to a request that was taken; gives whether it was awaited.
pub(crate) async fn answer(
    db: &Db,
    id: Uuid,
    answer: &[u8],
    now: Timestamp,
) -> Result<bool, DbError> {
    let query = ANSWER.bind(id).bind(answer.to_vec()).bind(now);
    Ok(query.execute(db).await? == 1)
}

/// The answer, once, when it is there.
pub(crate) async fn read(db: &Db, id: Uuid) -> Result<Option<Vec<u8>>, DbError> {
    let count = |row: &kit_db::Row| row.get::<i64>("n");
    if IS_ANSWERED.bind(id).one(db, count).await? == 0 {
        return Ok(None);
    }
    let mut tx = db.begin().await?;
    let query = READ.bind(id);
    let answer = query
        .optional(&mut tx, |row| row.get::<Vec<u8>>("answer"))
        .await?;
    tx.commit().await?;
    Ok(answer)
}

/// Forgets what nobody took or read in time.
pub(crate) async fn forget(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(now).execute(db).await
}
