//! How long decisions took.

use jiff::Timestamp;
use kit_db::{Db, DbError, Tx};
use uuid::Uuid;

/// Decisions that figures are made of at most: the latest.
const DECISIONS_MAX: u32 = 10_000;

kit_db::statements! {
    INSERT = "exchange.decision.insert":
        "INSERT INTO exchange_decision (id, accreditation_id, submitted_at, decided_at, outcome)
         VALUES ($1, $2, $3, $4, $5)";
    SINCE = "exchange.decision.since":
        "SELECT submitted_at, decided_at FROM exchange_decision WHERE decided_at >= $1
         ORDER BY decided_at DESC LIMIT $2";
    LOAD = "exchange.accreditation.load":
        "SELECT instructor_name, COUNT(*) AS n FROM exchange_accreditation
         WHERE request = 'submitted' GROUP BY instructor_name ORDER BY instructor_name LIMIT 200";
}

pub(crate) async fn insert(
    tx: &mut Tx,
    id: Uuid,
    of: Uuid,
    (submitted_at, decided_at): (Timestamp, Timestamp),
    outcome: &'static str,
) -> Result<(), DbError> {
    INSERT
        .bind(id)
        .bind(of)
        .bind(submitted_at)
        .bind(decided_at)
        .bind(outcome)
        .execute(tx)
        .await
        .map(drop)
}

/// How long the decisions since an instant took, in seconds.
pub(crate) async fn seconds_since(db: &Db, since: Timestamp) -> Result<Vec<i64>, DbError> {
    let query = SINCE.bind(since).bind(DECISIONS_MAX);
    let read = |row: &kit_db::Row| {
        let submitted: Timestamp = row.get("submitted_at")?;
        let decided: Timestamp = row.get("decided_at")?;
        Ok(decided.as_second() - submitted.as_second())
    };
    query.all(db, read).await
}

/// How many requests wait with whom; an empty name: with nobody.
pub(crate) async fn load(db: &Db) -> Result<Vec<(String, i64)>, DbError> {
    let read = |row: &kit_db::Row| Ok((row.get("instructor_name")?, row.get("n")?));
    LOAD.query().all(db, read).await
}
