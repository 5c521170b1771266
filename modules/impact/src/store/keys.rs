//! Keys by which programs send figures: their hashes.

use jiff::Timestamp;
use kit_db::{DbError, Handle, Tx};
use uuid::Uuid;

kit_db::statements! {
    INSERT = "impact.key.insert":
        "INSERT INTO impact_key (hash, indicator_id, created_by, created_at)
         VALUES ($1, $2, $3, $4)";
    REMOVE = "impact.key.remove": "DELETE FROM impact_key WHERE indicator_id = $1";
    INDICATOR = "impact.key.indicator": "SELECT indicator_id FROM impact_key WHERE hash = $1";
    NEWEST = "impact.key.newest":
        "SELECT created_by, created_at FROM impact_key WHERE indicator_id = $1
         ORDER BY created_at DESC LIMIT 1";
}

pub(crate) async fn insert(
    tx: &mut Tx,
    hash: [u8; 32],
    indicator: Uuid,
    by: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    INSERT
        .bind(hash.to_vec())
        .bind(indicator)
        .bind(by)
        .bind(at)
        .execute(tx)
        .await
        .map(drop)
}

/// Forgets the keys of an indicator; gives how many there were.
pub(crate) async fn remove(tx: &mut Tx, indicator: Uuid) -> Result<u64, DbError> {
    REMOVE.bind(indicator).execute(tx).await
}

/// The indicator of a key.
pub(crate) async fn indicator(
    on: impl Into<Handle<'_>>,
    hash: [u8; 32],
) -> Result<Option<Uuid>, DbError> {
    let query = INDICATOR.bind(hash.to_vec());
    query.optional(on, |row| row.get("indicator_id")).await
}

/// Who made the key of an indicator, and when.
pub(crate) async fn newest(
    on: impl Into<Handle<'_>>,
    indicator: Uuid,
) -> Result<Option<(String, Timestamp)>, DbError> {
    let query = NEWEST.bind(indicator);
    query
        .optional(on, |row| {
            Ok((row.get("created_by")?, row.get("created_at")?))
        })
        .await
}
