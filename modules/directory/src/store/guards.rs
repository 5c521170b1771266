//! Failures at a secret, by account and place. See `domain::guard` for what they lead to.

use jiff::Timestamp;
use kit_db::{Db, DbError, Tx};

use crate::domain::Failures;

kit_db::statements! {
    // Changes nothing, but locks the row until the transaction ends: tries at the same moment are
    // judged one after the other.
    HOLD = "directory.guard.hold":
        "INSERT INTO sign_in_guard (account, place, failures, last_at) VALUES ($1, $2, 0, $3)
         ON CONFLICT (account, place) DO UPDATE SET failures = sign_in_guard.failures
         RETURNING failures, last_at";
    FAIL = "directory.guard.fail":
        "UPDATE sign_in_guard SET failures = $3, last_at = $4 WHERE account = $1 AND place = $2";
    TAKE_BACK = "directory.guard.take_back":
        "UPDATE sign_in_guard SET failures = failures - 1
         WHERE account = $1 AND place = $2 AND failures > 0";
    CLEAR = "directory.guard.clear":
        "DELETE FROM sign_in_guard WHERE account = $1 AND place = $2";
    FORGET = "directory.guard.forget": "DELETE FROM sign_in_guard WHERE last_at < $1";
}

/// An account and a place, both as hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) account: [u8; 32],
    pub(crate) place: [u8; 32],
}

/// The failures of a spot, which nobody else changes until the transaction ends.
pub(crate) async fn hold(tx: &mut Tx, spot: &Spot, now: Timestamp) -> Result<Failures, DbError> {
    HOLD.bind(spot.account.to_vec())
        .bind(spot.place.to_vec())
        .bind(now)
        .one(tx, |row| {
            Ok(Failures {
                count: row.get("failures")?,
                last_at: row.get("last_at")?,
            })
        })
        .await
}

/// Keeps the failures of a spot that is held.
pub(crate) async fn fail(tx: &mut Tx, spot: &Spot, failures: Failures) -> Result<(), DbError> {
    FAIL.bind(spot.account.to_vec())
        .bind(spot.place.to_vec())
        .bind(failures.count)
        .bind(failures.last_at)
        .execute(tx)
        .await
        .map(drop)
}

/// One failure less: the try succeeded.
pub(crate) async fn take_back(tx: &mut Tx, spot: &Spot) -> Result<(), DbError> {
    let query = TAKE_BACK
        .bind(spot.account.to_vec())
        .bind(spot.place.to_vec());
    query.execute(tx).await.map(drop)
}

/// No failures at all.
pub(crate) async fn clear(tx: &mut Tx, spot: &Spot) -> Result<(), DbError> {
    let query = CLEAR.bind(spot.account.to_vec()).bind(spot.place.to_vec());
    query.execute(tx).await.map(drop)
}

pub(crate) async fn forget(db: &Db, last_before: Timestamp) -> Result<u64, DbError> {
    FORGET.bind(last_before).execute(db).await
}
