//! Gateways by their logs, and the calls that they counted.

use jiff::Timestamp;
use kit_db::{Db, DbError, Row, Tx};
use ports::exchange::{CallCount, GatewayReport};
use uuid::Uuid;

use super::traces::{signed, whole};

kit_db::statements! {
    HEARD = "exchange.gateway.heard":
        "INSERT INTO exchange_gateway (log, id, gateway, url, version, number, told_at, heard_at,
            durable, next_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
         ON CONFLICT (log) DO UPDATE SET url = excluded.url, version = excluded.version,
            number = excluded.number, told_at = excluded.told_at, heard_at = excluded.heard_at,
            durable = excluded.durable
         RETURNING id, gateway, next_index";
    OWN = "exchange.gateway.own": "UPDATE exchange_gateway SET gateway = $2 WHERE log = $1";
    NEXT = "exchange.gateway.next":
        "UPDATE exchange_gateway SET next_index = $2 WHERE log = $1";
    KNOWN = "exchange.gateway.known": "SELECT id FROM exchange_gateway WHERE log = $1";
    LIVE = "exchange.gateway.live":
        "SELECT COUNT(*) AS n FROM exchange_gateway WHERE heard_at >= $1";
    LIST = "exchange.gateway.list":
        "SELECT * FROM exchange_gateway WHERE heard_at < $1 OR (heard_at = $1 AND log > $2)
         ORDER BY heard_at DESC, log LIMIT $3";
    COUNTED = "exchange.call_count.keep":
        "INSERT INTO exchange_call_count (accreditation_id, life, minute, in_minute, day, in_day)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (accreditation_id, life) DO UPDATE SET minute = excluded.minute,
            in_minute = excluded.in_minute, day = excluded.day, in_day = excluded.in_day
         WHERE excluded.minute > exchange_call_count.minute
            OR (excluded.minute = exchange_call_count.minute
                AND excluded.in_minute >= exchange_call_count.in_minute)";
    OTHERS = "exchange.call_count.others":
        "SELECT CAST(COALESCE(SUM(CASE WHEN minute = $3 THEN in_minute ELSE 0 END), 0) AS BIGINT)
                AS in_minute,
            CAST(COALESCE(SUM(CASE WHEN day = $4 THEN in_day ELSE 0 END), 0) AS BIGINT) AS in_day
         FROM exchange_call_count WHERE accreditation_id = $1 AND life <> $2";
    FORGET = "exchange.call_count.forget": "DELETE FROM exchange_call_count WHERE day < $1";
}

/// A gateway, as it was heard of last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownGateway {
    /// The name of its log.
    pub log: String,
    /// The thumbprint of its key.
    pub gateway: String,
    /// The address at which requesters reach it.
    pub url: String,
    /// The version of its program.
    pub version: String,
    /// The number of the snapshot in force there.
    pub number: Option<u64>,
    /// When it was last told what is in force, by its own clock.
    pub told_at: Option<Timestamp>,
    /// When it was heard of last.
    pub heard_at: Timestamp,
    /// Traces in its log.
    pub durable: u64,
    /// The place of the log that comes next: all before it are kept here.
    pub next: u64,
}

fn read(row: &Row) -> Result<KnownGateway, DbError> {
    let number: Option<i64> = row.get("number")?;
    Ok(KnownGateway {
        log: row.get("log")?,
        gateway: row.get("gateway")?,
        url: row.get("url")?,
        version: row.get("version")?,
        number: number.map(whole),
        told_at: row.get("told_at")?,
        heard_at: row.get("heard_at")?,
        durable: whole(row.get("durable")?),
        next: whole(row.get("next_index")?),
    })
}

/// What is kept of a log: its row's id, whose it is, the place that comes next.
pub(crate) struct Cursor {
    pub(crate) id: Uuid,
    pub(crate) gateway: String,
    pub(crate) next: i64,
}

/// Notes that a gateway was heard of. Nobody else moves its log's place until the transaction ends.
pub(crate) async fn heard(
    tx: &mut Tx,
    id: Uuid,
    gateway: &str,
    report: &GatewayReport,
    now: Timestamp,
) -> Result<Cursor, DbError> {
    HEARD
        .bind(&report.log)
        .bind(id)
        .bind(gateway)
        .bind(&report.url)
        .bind(&report.version)
        .bind(report.number.map(signed))
        .bind(report.told_at)
        .bind(now)
        .bind(signed(report.durable))
        .one(tx, |row| {
            Ok(Cursor {
                id: row.get("id")?,
                gateway: row.get("gateway")?,
                next: row.get("next_index")?,
            })
        })
        .await
}

/// A log belongs to another gateway from now on.
pub(crate) async fn own(tx: &mut Tx, log: &str, gateway: &str) -> Result<(), DbError> {
    OWN.bind(log).bind(gateway).execute(tx).await.map(drop)
}

/// Which place of a log comes next.
pub(crate) async fn set_next(tx: &mut Tx, log: &str, next: i64) -> Result<(), DbError> {
    NEXT.bind(log).bind(next).execute(tx).await.map(drop)
}

/// Whether a gateway was ever heard of that has this log.
pub(crate) async fn is_known(db: &Db, log: &str) -> Result<bool, DbError> {
    let found = KNOWN.bind(log).optional(db, |row| row.get::<Uuid>("id"));
    Ok(found.await?.is_some())
}

/// How many were heard of since an instant.
pub(crate) async fn live(tx: &mut Tx, since: Timestamp) -> Result<i64, DbError> {
    LIVE.bind(since).one(tx, |row| row.get("n")).await
}

/// At most `limit` after a place, the one that was heard of last first.
pub(crate) async fn list(
    db: &Db,
    after: (Timestamp, &str),
    limit: u32,
) -> Result<Vec<KnownGateway>, DbError> {
    let query = LIST.bind(after.0).bind(after.1).bind(limit);
    query.all(db, read).await
}

/// Keeps what a life of a gateway counted; gives what all others counted in the same windows.
pub(crate) async fn count(
    tx: &mut Tx,
    life: Uuid,
    counted: &CallCount,
) -> Result<CallCount, DbError> {
    COUNTED
        .bind(counted.accreditation)
        .bind(life)
        .bind(counted.minute)
        .bind(signed(counted.in_minute))
        .bind(counted.day)
        .bind(signed(counted.in_day))
        .execute(&mut *tx)
        .await?;
    OTHERS
        .bind(counted.accreditation)
        .bind(life)
        .bind(counted.minute)
        .bind(counted.day)
        .one(tx, |row| {
            Ok(CallCount {
                in_minute: whole(row.get("in_minute")?),
                in_day: whole(row.get("in_day")?),
                ..*counted
            })
        })
        .await
}

/// Forgets what was counted before a day.
pub(crate) async fn forget_counts(db: &Db, day: i64) -> Result<u64, DbError> {
    FORGET.bind(day).execute(db).await
}
