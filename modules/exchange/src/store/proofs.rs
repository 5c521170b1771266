//! Proofs of traces that people asked for, whose log is on another machine.

use jiff::Timestamp;
use kit_db::{Db, DbError, Row, Tx};
use ports::TraceProof;

use super::code;
use super::traces::{KeptTrace, read as read_trace};
use crate::domain::{CheckedProof, ProofState};

kit_db::statements! {
    // One that ran out is asked for anew; one that waits or was given stays as it is.
    ASK = "exchange.proof.ask":
        "INSERT INTO exchange_proof (log, log_index, asked_at, until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (log, log_index) DO UPDATE SET asked_at = excluded.asked_at,
            until = excluded.until, state = 'waiting', answered_at = NULL, entry = NULL,
            salt = NULL, inclusion = NULL
         WHERE exchange_proof.until <= excluded.asked_at";
    // Who asks for one of the same log waits until the transaction ends.
    LOCK = "exchange.proof.lock": "UPDATE exchange_gateway SET log = log WHERE log = $1";
    FIND = "exchange.proof.find":
        "SELECT * FROM exchange_proof WHERE log = $1 AND log_index = $2 AND until > $3";
    WAITING = "exchange.proof.waiting":
        "SELECT log_index FROM exchange_proof WHERE log = $1 AND state = 'waiting' AND until > $2
         ORDER BY asked_at, log_index LIMIT $3";
    COUNT = "exchange.proof.count":
        "SELECT COUNT(*) AS number FROM exchange_proof
         WHERE log = $1 AND state = 'waiting' AND until > $2";
    // Few wait: what is read is bounded by the logs' limits.
    SUBJECTS = "exchange.proof.subjects":
        "SELECT t.subject FROM exchange_proof p
         JOIN exchange_trace t ON t.log = p.log AND t.log_index = p.log_index
         WHERE p.state = 'waiting' AND p.until > $1 AND t.subject IS NOT NULL LIMIT $2";
    WAITING_TRACE = "exchange.proof.waiting_trace":
        "SELECT t.* FROM exchange_trace t
         JOIN exchange_proof p ON p.log = t.log AND p.log_index = t.log_index
         WHERE t.log = $1 AND t.log_index = $2 AND p.state = 'waiting' AND p.until > $3";
    ANSWER = "exchange.proof.answer":
        "UPDATE exchange_proof SET state = $3, answered_at = $4, until = $5, entry = $6, salt = $7,
            inclusion = $8
         WHERE log = $1 AND log_index = $2 AND state = 'waiting'";
    FORGET = "exchange.proof.forget": "DELETE FROM exchange_proof WHERE until <= $1";
}

/// A proof that was asked for, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedProof {
    /// When it was asked for.
    pub(crate) asked_at: Timestamp,
    /// When it is forgotten.
    pub(crate) until: Timestamp,
    /// What came of it.
    pub(crate) state: ProofState,
    /// The proof, once it is there.
    pub(crate) proof: Option<TraceProof>,
}

fn read(row: &Row) -> Result<AskedProof, DbError> {
    let entry: Option<Vec<u8>> = row.get("entry")?;
    let salt: Option<Vec<u8>> = row.get("salt")?;
    let inclusion: Option<String> = row.get("inclusion")?;
    let proof = match (entry, salt, inclusion) {
        (Some(row), Some(salt), Some(inclusion)) => Some(TraceProof {
            row,
            salt,
            inclusion,
        }),
        _ => None,
    };
    Ok(AskedProof {
        asked_at: row.get("asked_at")?,
        until: row.get("until")?,
        state: code(row, "state", ProofState::parse)?,
        proof,
    })
}

/// Locks a log's gateway until the transaction ends; gives whether one is known.
pub(crate) async fn lock(tx: &mut Tx, log: &str) -> Result<bool, DbError> {
    Ok(LOCK.bind(log).execute(tx).await? == 1)
}

/// Asks for the proof of a trace that is kept, unless it is asked for or there already.
pub(crate) async fn ask(
    tx: &mut Tx,
    (log, index): (&str, i64),
    now: Timestamp,
    until: Timestamp,
) -> Result<(), DbError> {
    let query = ASK.bind(log).bind(index).bind(now).bind(until);
    query.execute(tx).await.map(drop)
}

/// What was asked for, unless it ran out.
pub(crate) async fn find(
    db: &Db,
    (log, index): (&str, i64),
    now: Timestamp,
) -> Result<Option<AskedProof>, DbError> {
    let query = FIND.bind(log).bind(index).bind(now);
    query.optional(db, read).await
}

/// The places of a log whose proofs are wanted, at most `limit`, those asked for first before others.
pub(crate) async fn waiting(
    tx: &mut Tx,
    log: &str,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<i64>, DbError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let query = WAITING.bind(log).bind(now).bind(limit);
    query.all(tx, |row| row.get("log_index")).await
}

/// How many proofs of a log are waited for.
pub(crate) async fn count(tx: &mut Tx, log: &str, now: Timestamp) -> Result<i64, DbError> {
    let query = COUNT.bind(log).bind(now);
    query.one(tx, |row| row.get("number")).await
}

/// The pseudonyms in the traces whose proofs are waited for, of all logs, at most `limit`.
pub(crate) async fn waiting_subjects(
    tx: &mut Tx,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<String>, DbError> {
    let query = SUBJECTS.bind(now).bind(limit);
    query.all(tx, |row| row.get("subject")).await
}

/// The trace of a place whose proof is waited for.
pub(crate) async fn waiting_trace(
    tx: &mut Tx,
    (log, index): (&str, i64),
    now: Timestamp,
) -> Result<Option<KeptTrace>, DbError> {
    let query = WAITING_TRACE.bind(log).bind(index).bind(now);
    query.optional(tx, read_trace).await
}

/// Keeps what was said of a place whose proof is waited for.
pub(crate) async fn answer(
    tx: &mut Tx,
    (log, index): (&str, i64),
    (state, proof): (ProofState, Option<CheckedProof>),
    (now, until): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    let (row, salt, inclusion) = match proof {
        Some(proof) => (
            Some(proof.row),
            Some(proof.salt.to_vec()),
            Some(proof.inclusion),
        ),
        None => (None, None, None),
    };
    ANSWER
        .bind(log)
        .bind(index)
        .bind(state.code())
        .bind(now)
        .bind(until)
        .bind(row)
        .bind(salt)
        .bind(inclusion)
        .execute(tx)
        .await
        .map(drop)
}

/// Forgets what has run out.
pub(crate) async fn forget(db: &Db, now: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(now).execute(db).await
}
