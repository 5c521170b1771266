//! Flows that are or were stopped.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use ports::exchange::StopTarget;
use uuid::Uuid;

use super::code;
use crate::domain::StopKind;

kit_db::statements! {
    FIND = "exchange.stop.find": "SELECT * FROM exchange_stop WHERE id = $1";
    LIVE = "exchange.stop.live":
        "SELECT * FROM exchange_stop WHERE ended_at IS NULL ORDER BY since DESC, id DESC LIMIT 10000";
    LIVE_OF = "exchange.stop.live_of":
        "SELECT id FROM exchange_stop WHERE target = $1 AND producer_id = $2 AND kind = $3
            AND (api_id IS NULL OR api_id = $4) AND ended_at IS NULL ORDER BY since LIMIT 1";
    LATEST = "exchange.stop.latest":
        "SELECT * FROM exchange_stop WHERE since < $1 OR (since = $1 AND id < $2)
         ORDER BY since DESC, id DESC LIMIT $3";
    INSERT = "exchange.stop.insert":
        "INSERT INTO exchange_stop (id, producer_id, kind, target, target_name, reason, since, stopped_by,
            api_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    END = "exchange.stop.end":
        "UPDATE exchange_stop SET ended_at = $2, ended_by = $3, end_reason = $4
         WHERE id = $1 AND ended_at IS NULL";
}

/// A stop, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStop {
    /// Its id.
    pub id: Uuid,
    /// Whose data; none: everybody's.
    pub producer: Option<Uuid>,
    /// What is stopped.
    pub target: StopTarget,
    /// Its name when it was stopped.
    pub target_name: String,
    /// Which API alone; none: all of the producer's.
    pub api: Option<Uuid>,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// Who stopped it.
    pub stopped_by: String,
    /// Until when, who let it go on, and why.
    pub ended: Option<(Timestamp, String, String)>,
}

fn read(row: &Row) -> Result<StoredStop, DbError> {
    let kind = code(row, "kind", StopKind::parse)?;
    let target = code(row, "target", |text| kind.target(text))?;
    let ended: Option<Timestamp> = row.get("ended_at")?;
    Ok(StoredStop {
        id: row.get("id")?,
        producer: row.get("producer_id")?,
        target,
        target_name: row.get("target_name")?,
        api: row.get("api_id")?,
        reason: row.get("reason")?,
        since: row.get("since")?,
        stopped_by: row.get("stopped_by")?,
        ended: match ended {
            None => None,
            Some(at) => Some((
                at,
                row.get::<Option<String>>("ended_by")?.unwrap_or_default(),
                row.get::<Option<String>>("end_reason")?.unwrap_or_default(),
            )),
        },
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredStop>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// What is stopped now, the latest first.
pub(crate) async fn live(on: impl Into<Handle<'_>>) -> Result<Vec<StoredStop>, DbError> {
    LIVE.query().all(on, read).await
}

/// The stop of a target of a producer that goes on and reaches an API, or all of them where none is
/// named.
pub(crate) async fn live_of(
    tx: &mut Tx,
    producer: Uuid,
    target: &StopTarget,
    api: Option<Uuid>,
) -> Result<Option<Uuid>, DbError> {
    let (kind, target) = StopKind::of(target);
    let query = LIVE_OF.bind(target).bind(producer).bind(kind.code());
    let query = query.bind(api);
    query.optional(tx, |row| row.get("id")).await
}

/// Stops before `(instant, id)`, the latest first.
pub(crate) async fn latest(
    db: &Db,
    before: (Timestamp, Uuid),
    limit: u32,
) -> Result<Vec<StoredStop>, DbError> {
    let query = LATEST.bind(before.0).bind(before.1).bind(limit);
    query.all(db, read).await
}

pub(crate) async fn insert(tx: &mut Tx, one: &StoredStop) -> Result<(), DbError> {
    let (kind, target) = StopKind::of(&one.target);
    INSERT
        .bind(one.id)
        .bind(one.producer)
        .bind(kind.code())
        .bind(target)
        .bind(&one.target_name)
        .bind(&one.reason)
        .bind(one.since)
        .bind(&one.stopped_by)
        .bind(one.api)
        .execute(tx)
        .await
        .map(drop)
}

/// Ends a stop; gives whether it went on.
pub(crate) async fn end(
    tx: &mut Tx,
    id: Uuid,
    at: Timestamp,
    by: &str,
    reason: &str,
) -> Result<bool, DbError> {
    let query = END.bind(id).bind(at).bind(by).bind(reason);
    Ok(query.execute(tx).await? == 1)
}
