//! Traces of calls, and how many there were of them by day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Row, Statement, Tx, Value};
use ports::exchange::Trace;
use uuid::Uuid;

kit_db::statements! {
    INSERT = "exchange.trace.insert":
        "INSERT INTO exchange_trace (log, log_index, request_id, at, accreditation_id,
            accreditation_version, requester, editor, producer_id, api_id, operation_id, purpose,
            object, legal_basis, recipient, subject, status, problem, latency_us, bytes,
            pieces_saved, hidden_until, on_behalf)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23)
         ON CONFLICT (log, log_index) DO NOTHING";
    COUNT = "exchange.day.count":
        "INSERT INTO exchange_day (day, producer_id, api_id, requester, purpose, calls, failures,
            pieces_saved)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (day, api_id, requester, purpose) DO UPDATE SET
            calls = exchange_day.calls + excluded.calls,
            failures = exchange_day.failures + excluded.failures,
            pieces_saved = exchange_day.pieces_saved + excluded.pieces_saved";
    ERASE = "exchange.trace.erase":
        "DELETE FROM exchange_trace WHERE at < $1 AND log = $2 AND log_index IN
            (SELECT log_index FROM exchange_trace WHERE at < $1 AND log = $2
             ORDER BY at LIMIT $3)";
    OLD_LOG = "exchange.trace.old_log":
        "SELECT log FROM exchange_trace WHERE at < $1 ORDER BY at LIMIT 1";
    LAST = "exchange.trace.last": "SELECT MAX(log_index) AS last FROM exchange_trace WHERE log = $1";
    SAVED = "exchange.day.saved":
        "SELECT api_id, requester, purpose, CAST(SUM(calls) AS BIGINT) AS calls,
            CAST(SUM(pieces_saved) AS BIGINT) AS pieces FROM exchange_day
         WHERE day >= $1 AND day <= $2 GROUP BY api_id, requester, purpose
         ORDER BY pieces DESC, api_id, requester, purpose LIMIT $3";
    SAVED_BY_DAY = "exchange.day.saved_by_day":
        "SELECT day, CAST(SUM(calls) AS BIGINT) AS calls, CAST(SUM(failures) AS BIGINT) AS failures,
            CAST(SUM(pieces_saved) AS BIGINT) AS pieces FROM exchange_day
         WHERE day >= $1 AND day <= $2 GROUP BY day ORDER BY day LIMIT 1000";
}

/// From which side one looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// The producer of the data.
    Producer(Uuid),
    /// The requester, by SIRET number.
    Requester(String),
}

impl Side {
    fn column(&self) -> &'static str {
        match self {
            Self::Producer(_) => "producer_id",
            Self::Requester(_) => "requester",
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Producer(id) => (*id).into(),
            Self::Requester(siret) => siret.into(),
        }
    }
}

/// What a search is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceFilter {
    /// Only this requester, by SIRET number.
    pub requester: Option<String>,
    /// Only this purpose.
    pub purpose: Option<String>,
    /// Only this API.
    pub api: Option<Uuid>,
    /// Only this pseudonym.
    pub subject: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

const FILTERS: [&str; 4] = ["requester =", "purpose =", "api_id =", "subject ="];

fn search(column: &str, filters: u8) -> Statement {
    let mut sql = format!(
        "SELECT * FROM exchange_trace WHERE {column} = $1 AND at >= $2 AND at < $3 \
         AND (at < $4 OR (at = $4 AND (log < $5 OR (log = $5 AND log_index < $6))))"
    );
    let mut number = 7;
    for (at, filter) in FILTERS.iter().enumerate() {
        if filters & (1 << at) > 0 {
            number += 1;
            sql.push_str(&format!(" AND {filter} ${number}"));
        }
    }
    sql.push_str(" ORDER BY at DESC, log DESC, log_index DESC LIMIT $7");
    Statement::composed("exchange.trace.search", sql)
}

/// By what calls are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Day,
    Requester,
    Purpose,
}

impl By {
    fn column(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Requester => "requester",
            Self::Purpose => "purpose",
        }
    }
}

fn counts(side: &str, by: By) -> Statement {
    let column = by.column();
    let order = match by {
        By::Day => "name",
        By::Requester | By::Purpose => "calls DESC, name",
    };
    let sql = format!(
        "SELECT {column} AS name, CAST(SUM(calls) AS BIGINT) AS calls, \
         CAST(SUM(failures) AS BIGINT) AS failures, CAST(SUM(pieces_saved) AS BIGINT) AS pieces \
         FROM exchange_day WHERE {side} = $1 AND day >= $2 AND day <= $3 \
         GROUP BY {column} ORDER BY {order} LIMIT 400"
    );
    Statement::composed("exchange.day.counts", sql)
}

/// Every text that searches and counts can take.
pub(crate) fn every_search() -> Vec<Statement> {
    let mut all = Vec::new();
    for side in ["producer_id", "requester"] {
        all.extend((0..16).map(|filters| search(side, filters)));
        all.extend([By::Day, By::Requester, By::Purpose].map(|by| counts(side, by)));
    }
    all
}

/// A trace with its place in its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTrace {
    /// The log's name.
    pub log: String,
    /// Its place in it.
    pub index: i64,
    /// The trace.
    pub trace: Trace,
}

pub(super) fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(super) fn read(row: &Row) -> Result<KeptTrace, DbError> {
    let accreditation: Option<Uuid> = row.get("accreditation_id")?;
    let version: Option<u32> = row.get("accreditation_version")?;
    let status: u32 = row.get("status")?;
    Ok(KeptTrace {
        log: row.get("log")?,
        index: row.get("log_index")?,
        trace: Trace {
            request: row.get("request_id")?,
            at: row.get("at")?,
            accreditation: accreditation.zip(version),
            requester: row.get("requester")?,
            editor: row.get("editor")?,
            producer: row.get("producer_id")?,
            api: row.get("api_id")?,
            operation: row.get("operation_id")?,
            purpose: row.get("purpose")?,
            object: row.get("object")?,
            legal_basis: row.get("legal_basis")?,
            recipient: row.get("recipient")?,
            subject: row.get("subject")?,
            status: u16::try_from(status).unwrap_or(0),
            problem: row.get("problem")?,
            latency_us: whole(row.get("latency_us")?),
            bytes: whole(row.get("bytes")?),
            pieces_saved: row.get("pieces_saved")?,
            hidden_until: row.get("hidden_until")?,
            on_behalf: row.get("on_behalf")?,
        },
    })
}

pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A caller's text as both databases hold it: `PostgreSQL` takes no NUL.
pub(crate) fn text(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

/// A trace as it is read again once it was kept: columns hold less than a gateway may write.
pub(crate) fn as_kept(trace: &Trace) -> Trace {
    let micros = |at: Timestamp| Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
    Trace {
        at: micros(trace.at),
        hidden_until: trace.hidden_until.map(micros),
        purpose: trace.purpose.clone().map(text),
        object: trace.object.clone().map(text),
        latency_us: whole(signed(trace.latency_us)),
        bytes: whole(signed(trace.bytes)),
        ..trace.clone()
    }
}

/// Keeps a trace; gives whether it wasn't kept yet.
pub(crate) async fn insert(
    tx: &mut Tx,
    log: &str,
    index: i64,
    trace: &Trace,
) -> Result<bool, DbError> {
    let kept = INSERT
        .bind(log)
        .bind(index)
        .bind(trace.request)
        .bind(trace.at)
        .bind(trace.accreditation.map(|(id, _)| id))
        .bind(trace.accreditation.map(|(_, version)| version))
        .bind(trace.requester.clone())
        .bind(trace.editor.clone())
        .bind(trace.producer)
        .bind(trace.api)
        .bind(trace.operation)
        .bind(trace.purpose.clone().map(text))
        .bind(trace.object.clone().map(text))
        .bind(trace.legal_basis.clone())
        .bind(trace.recipient.clone())
        .bind(trace.subject.clone())
        .bind(u32::from(trace.status))
        .bind(trace.problem.clone())
        .bind(signed(trace.latency_us))
        .bind(signed(trace.bytes))
        .bind(trace.pieces_saved)
        .bind(trace.hidden_until)
        .bind(trace.on_behalf)
        .execute(tx)
        .await?;
    Ok(kept == 1)
}

/// What was counted: day, producer, API, requester, purpose.
pub(crate) type Counted = (Date, Uuid, Uuid, String, String);

/// How many calls, failures and pieces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) calls: i64,
    pub(crate) failures: i64,
    pub(crate) pieces: i64,
}

/// Adds to the counts of days, in the same order everywhere: two processes never wait for each other.
pub(crate) async fn count(tx: &mut Tx, counts: &BTreeMap<Counted, Sums>) -> Result<(), DbError> {
    for ((day, producer, api, requester, purpose), sums) in counts {
        COUNT
            .bind(*day)
            .bind(*producer)
            .bind(*api)
            .bind(requester)
            .bind(purpose)
            .bind(sums.calls)
            .bind(sums.failures)
            .bind(sums.pieces)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// Where a list of traces goes on: instant, log, place.
pub(crate) type Place = (Timestamp, String, i64);

/// At most `limit` traces before a place, the latest first.
pub(crate) async fn page(
    db: &Db,
    side: &Side,
    filter: &TraceFilter,
    before: &Place,
    limit: u32,
) -> Result<Vec<KeptTrace>, DbError> {
    let values: [Option<Value>; 4] = [
        filter.requester.clone().map(Into::into),
        filter.purpose.clone().map(Into::into),
        filter.api.map(Into::into),
        filter.subject.clone().map(Into::into),
    ];
    let mut filters = 0;
    for (at, value) in values.iter().enumerate() {
        filters |= u8::from(value.is_some()) << at;
    }
    let statement = search(side.column(), filters);
    let mut query = statement
        .bind(side.value())
        .bind(filter.from.unwrap_or(Timestamp::MIN))
        .bind(filter.to.unwrap_or(Timestamp::MAX))
        .bind(before.0)
        .bind(&before.1)
        .bind(before.2)
        .bind(limit);
    for value in values.into_iter().flatten() {
        query = query.bind(value);
    }
    query.all(db, read).await
}

fn sums(row: &Row) -> Result<Sums, DbError> {
    Ok(Sums {
        calls: row.get("calls")?,
        failures: row.get("failures")?,
        pieces: row.get("pieces")?,
    })
}

/// Calls of a side between two days, by day, requester or purpose.
pub(crate) async fn counted(
    db: &Db,
    side: &Side,
    by: By,
    (from, to): (Date, Date),
) -> Result<Vec<(String, Sums)>, DbError> {
    let statement = counts(side.column(), by);
    let query = statement.bind(side.value()).bind(from).bind(to);
    query
        .all(db, |row| Ok((row.get("name")?, sums(row)?)))
        .await
}

/// Pieces of information that nobody was asked for again, by API, requester and purpose.
pub(crate) async fn saved(
    db: &Db,
    (from, to): (Date, Date),
    limit: u32,
) -> Result<Vec<(Uuid, String, String, i64, i64)>, DbError> {
    let read = |row: &Row| {
        Ok((
            row.get("api_id")?,
            row.get("requester")?,
            row.get("purpose")?,
            row.get("calls")?,
            row.get("pieces")?,
        ))
    };
    SAVED.bind(from).bind(to).bind(limit).all(db, read).await
}

/// The same by day.
pub(crate) async fn saved_by_day(
    db: &Db,
    (from, to): (Date, Date),
) -> Result<Vec<(String, Sums)>, DbError> {
    let query = SAVED_BY_DAY.bind(from).bind(to);
    query.all(db, |row| Ok((row.get("day")?, sums(row)?))).await
}

/// The last place of a log that is kept.
pub(crate) async fn last(db: &Db, log: &str) -> Result<Option<i64>, DbError> {
    LAST.bind(log).one(db, |row| row.get("last")).await
}

/// Erases some of what is older than an instant; gives how many.
pub(crate) async fn erase(db: &Db, before: Timestamp, limit: u32) -> Result<u64, DbError> {
    let log: Option<String> = OLD_LOG
        .bind(before)
        .optional(db, |row| row.get("log"))
        .await?;
    match log {
        None => Ok(0),
        Some(log) => ERASE.bind(before).bind(log).bind(limit).execute(db).await,
    }
}
