//! Second factors that are typed, and the tickets of sign-ins that wait for one.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Tx};
use uuid::Uuid;

kit_db::statements! {
    TICKET = "directory.ticket.begin":
        "INSERT INTO sign_in_ticket (token_hash, person_id, tries_left, expires_at)
         VALUES ($1, $2, $3, $4)";
    FIND_TICKET = "directory.ticket.find":
        "SELECT person_id FROM sign_in_ticket
         WHERE token_hash = $1 AND expires_at > $2 AND tries_left > 0";
    // Of tries at the same moment no more are made than are left.
    TRY_TICKET = "directory.ticket.try":
        "UPDATE sign_in_ticket SET tries_left = tries_left - 1
         WHERE token_hash = $1 AND expires_at > $2 AND tries_left > 0 RETURNING person_id";
    USE_TICKET = "directory.ticket.use": "DELETE FROM sign_in_ticket WHERE token_hash = $1";
    FORGET_TICKETS = "directory.ticket.forget": "DELETE FROM sign_in_ticket WHERE expires_at < $1";
    TOTP = "directory.totp.find": "SELECT * FROM totp WHERE person_id = $1";
    BEGIN_TOTP = "directory.totp.begin":
        "INSERT INTO totp (person_id, secret, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret,
            created_at = excluded.created_at, last_step = 0 WHERE totp.confirmed_at IS NULL";
    CONFIRM_TOTP = "directory.totp.confirm":
        "UPDATE totp SET confirmed_at = $2 WHERE person_id = $1 AND confirmed_at IS NULL";
    // A step is used once, by whoever comes first.
    USE_STEP = "directory.totp.use_step":
        "UPDATE totp SET last_step = $2 WHERE person_id = $1 AND last_step < $2";
    REMOVE_TOTP = "directory.totp.remove": "DELETE FROM totp WHERE person_id = $1";
    ADD_CODE = "directory.recovery_code.add":
        "INSERT INTO recovery_code (code_hash, person_id) VALUES ($1, $2)";
    USE_CODE = "directory.recovery_code.use":
        "DELETE FROM recovery_code WHERE code_hash = $1 AND person_id = $2";
    COUNT_CODES = "directory.recovery_code.count":
        "SELECT COUNT(*) AS n FROM recovery_code WHERE person_id = $1";
    REMOVE_CODES = "directory.recovery_code.remove":
        "DELETE FROM recovery_code WHERE person_id = $1";
}

/// A secret of one-time codes. It is kept readable, since each code is computed from it; a key to
/// seal it with would stand beside it, in the same database or on the same machine, and protect it
/// from nobody who reads the one without the other. The database's files and copies are guarded
/// as a whole (docs/decisions/0007).
#[derive(Clone)]
pub(crate) struct Totp {
    pub(crate) secret: Vec<u8>,
    pub(crate) created_at: Timestamp,
    pub(crate) confirmed_at: Option<Timestamp>,
    pub(crate) last_step: i64,
}

impl std::fmt::Debug for Totp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Totp")
            .field("confirmed_at", &self.confirmed_at)
            .finish_non_exhaustive()
    }
}

pub(crate) async fn begin_ticket(
    tx: &mut Tx,
    token_hash: &[u8],
    person: Uuid,
    tries: i64,
    expires: Timestamp,
) -> Result<(), DbError> {
    TICKET
        .bind(token_hash.to_vec())
        .bind(person)
        .bind(tries)
        .bind(expires)
        .execute(tx)
        .await
        .map(drop)
}

/// Whose sign-in waits.
pub(crate) async fn find_ticket(
    db: &Db,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Uuid>, DbError> {
    let query = FIND_TICKET.bind(token_hash.to_vec()).bind(now);
    query.optional(db, |row| row.get("person_id")).await
}

/// The same, taking one of its tries.
pub(crate) async fn try_ticket(
    tx: &mut Tx,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Uuid>, DbError> {
    let query = TRY_TICKET.bind(token_hash.to_vec()).bind(now);
    query.optional(tx, |row| row.get("person_id")).await
}

/// Takes a ticket; gives whether nobody took it before.
pub(crate) async fn use_ticket(tx: &mut Tx, token_hash: &[u8]) -> Result<bool, DbError> {
    Ok(USE_TICKET.bind(token_hash.to_vec()).execute(tx).await? == 1)
}

pub(crate) async fn forget_tickets(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    FORGET_TICKETS.bind(now).execute(db).await
}

pub(crate) async fn totp(on: impl Into<Handle<'_>>, person: Uuid) -> Result<Option<Totp>, DbError> {
    let found = TOTP.bind(person).optional(on, |row| {
        Ok(Totp {
            secret: row.get("secret")?,
            created_at: row.get("created_at")?,
            confirmed_at: row.get("confirmed_at")?,
            last_step: row.get("last_step")?,
        })
    });
    found.await
}

/// Keeps a secret that isn't confirmed yet; one that is confirmed stays.
pub(crate) async fn begin_totp(
    tx: &mut Tx,
    person: Uuid,
    secret: &[u8],
    now: Timestamp,
) -> Result<(), DbError> {
    let query = BEGIN_TOTP.bind(person).bind(secret.to_vec()).bind(now);
    query.execute(tx).await.map(drop)
}

/// Gives whether it wasn't confirmed before.
pub(crate) async fn confirm_totp(
    tx: &mut Tx,
    person: Uuid,
    now: Timestamp,
) -> Result<bool, DbError> {
    Ok(CONFIRM_TOTP.bind(person).bind(now).execute(tx).await? == 1)
}

/// Uses a step; gives whether nobody used it, or a later one, before.
pub(crate) async fn use_step(tx: &mut Tx, person: Uuid, step: i64) -> Result<bool, DbError> {
    Ok(USE_STEP.bind(person).bind(step).execute(tx).await? == 1)
}

/// Gives whether there was one.
pub(crate) async fn remove_totp(tx: &mut Tx, person: Uuid) -> Result<bool, DbError> {
    Ok(REMOVE_TOTP.bind(person).execute(tx).await? == 1)
}

pub(crate) async fn add_code(tx: &mut Tx, person: Uuid, hash: &[u8]) -> Result<(), DbError> {
    let query = ADD_CODE.bind(hash.to_vec()).bind(person);
    query.execute(tx).await.map(drop)
}

/// Uses a code up; gives whether it was one.
pub(crate) async fn use_code(tx: &mut Tx, person: Uuid, hash: &[u8]) -> Result<bool, DbError> {
    let query = USE_CODE.bind(hash.to_vec()).bind(person);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn count_codes(on: impl Into<Handle<'_>>, person: Uuid) -> Result<i64, DbError> {
    COUNT_CODES.bind(person).one(on, |row| row.get("n")).await
}

pub(crate) async fn remove_codes(tx: &mut Tx, person: Uuid) -> Result<(), DbError> {
    REMOVE_CODES.bind(person).execute(tx).await.map(drop)
}
