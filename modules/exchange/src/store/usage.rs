//! What the journal was told of calls, by day and API.

use jiff::civil::Date;
use kit_db::{DbError, Tx};
use uuid::Uuid;

kit_db::statements! {
    UNTOLD = "exchange.usage.untold":
        "SELECT c.day, c.api_id, c.calls, c.failures, c.pieces, COALESCE(t.calls, 0) AS told_calls,
            COALESCE(t.failures, 0) AS told_failures, COALESCE(t.pieces_saved, 0) AS told_pieces
         FROM (SELECT day, api_id, CAST(SUM(calls) AS BIGINT) AS calls,
                CAST(SUM(failures) AS BIGINT) AS failures,
                CAST(SUM(pieces_saved) AS BIGINT) AS pieces
             FROM exchange_day WHERE day >= $1 AND day < $2 GROUP BY day, api_id) c
         LEFT JOIN exchange_usage_told t ON t.day = c.day AND t.api_id = c.api_id
         WHERE c.calls > COALESCE(t.calls, 0)
         ORDER BY c.day, c.api_id LIMIT $3";
    TELL = "exchange.usage.tell":
        "INSERT INTO exchange_usage_told (day, api_id, calls, failures, pieces_saved)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (day, api_id) DO UPDATE SET calls = excluded.calls,
            failures = excluded.failures, pieces_saved = excluded.pieces_saved
         WHERE exchange_usage_told.calls = $6";
}

/// Calls of an API on a day: all that were counted, and what of them was told already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DayUsage {
    pub(crate) day: Date,
    pub(crate) api: Uuid,
    /// Calls, those that failed, pieces of information that nobody was asked for again.
    pub(crate) counted: [i64; 3],
    /// The same, as they were told.
    pub(crate) told: [i64; 3],
}

/// What the journal wasn't told, of days from one on and before another, at most `limit`.
pub(crate) async fn untold(
    tx: &mut Tx,
    (from, before): (Date, Date),
    limit: u32,
) -> Result<Vec<DayUsage>, DbError> {
    let query = UNTOLD.bind(from).bind(before).bind(limit);
    query
        .all(tx, |row| {
            Ok(DayUsage {
                day: row.get("day")?,
                api: row.get("api_id")?,
                counted: [row.get("calls")?, row.get("failures")?, row.get("pieces")?],
                told: [
                    row.get("told_calls")?,
                    row.get("told_failures")?,
                    row.get("told_pieces")?,
                ],
            })
        })
        .await
}

/// Remembers what is told; gives whether nobody else told it meanwhile.
pub(crate) async fn tell(tx: &mut Tx, usage: &DayUsage) -> Result<bool, DbError> {
    let [calls, failures, pieces] = usage.counted;
    let told = TELL
        .bind(usage.day)
        .bind(usage.api)
        .bind(calls)
        .bind(failures)
        .bind(pieces)
        .bind(usage.told[0])
        .execute(tx)
        .await?;
    Ok(told == 1)
}
