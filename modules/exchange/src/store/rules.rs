//! Rules by which flows are watched, and what they count.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Statement, Tx, Value};
use uuid::Uuid;

use super::traces::whole;
use super::{json, to_json};
use crate::domain::{HourCount, RULES_MAX, Rule};

kit_db::statements! {
    FIND = "exchange.rule.find": "SELECT * FROM exchange_rule WHERE id = $1";
    COUNT_OF_API = "exchange.rule.count_of_api":
        "SELECT COUNT(*) AS n FROM exchange_rule WHERE api_id = $1";
    ON_OF_API = "exchange.rule.on_of_api":
        "SELECT * FROM exchange_rule WHERE api_id = $1 AND is_on = TRUE ORDER BY id LIMIT $2";
    INSERT = "exchange.rule.insert":
        "INSERT INTO exchange_rule (id, producer_id, api_id, operation_id, content, changed_by,
            created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
    CHANGE = "exchange.rule.change":
        "UPDATE exchange_rule SET operation_id = $3, content = $4, changed_by = $5,
            updated_at = $6, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    SWITCH = "exchange.rule.switch":
        "UPDATE exchange_rule SET is_on = $3, on_since = $4, changed_by = $5, updated_at = $6,
            row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    FORGET_SUBJECTS = "exchange.rule_subject.forget":
        "DELETE FROM exchange_rule_subject WHERE rule_id = $1";
    FORGET_OLD_SUBJECTS = "exchange.rule_subject.forget_old":
        "DELETE FROM exchange_rule_subject WHERE window_from < $1";
    ADD_SUBJECT = "exchange.rule_subject.add":
        "INSERT INTO exchange_rule_subject (rule_id, accreditation_id, window_from, subject)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    SUBJECTS = "exchange.rule_subject.count":
        "SELECT COUNT(*) AS n FROM exchange_rule_subject
         WHERE rule_id = $1 AND accreditation_id = $2 AND window_from = $3";
    COUNT_HOUR = "exchange.hour.count":
        "INSERT INTO exchange_hour (api_id, accreditation_id, hour, operation_id, calls, refused)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (api_id, accreditation_id, hour, operation_id) DO UPDATE SET
            calls = exchange_hour.calls + excluded.calls,
            refused = exchange_hour.refused + excluded.refused";
    HOURS = "exchange.hour.of_api":
        "SELECT hour, CAST(SUM(calls) AS BIGINT) AS calls, CAST(SUM(refused) AS BIGINT) AS refused
         FROM exchange_hour WHERE api_id = $1 AND accreditation_id = $2 AND hour >= $3 AND hour < $4
         GROUP BY hour ORDER BY hour LIMIT 1000";
    HOURS_OF_OPERATION = "exchange.hour.of_operation":
        "SELECT hour, calls, refused FROM exchange_hour
         WHERE api_id = $1 AND accreditation_id = $2 AND hour >= $3 AND hour < $4
            AND operation_id = $5
         ORDER BY hour LIMIT 1000";
    PAST = "exchange.hour.past":
        "SELECT accreditation_id, operation_id, hour, calls, refused FROM exchange_hour
         WHERE api_id = $1 AND hour >= $2 ORDER BY hour DESC LIMIT $3";
    PAST_PEOPLE = "exchange.trace.past_people":
        "SELECT accreditation_id, api_id, operation_id, at, subject, problem FROM exchange_trace
         WHERE producer_id = $1 AND at >= $2 ORDER BY at DESC, log DESC, log_index DESC LIMIT $3";
    FORGET_HOURS = "exchange.hour.forget": "DELETE FROM exchange_hour WHERE hour < $1";
    LOCK = "exchange.watch.lock": "UPDATE exchange_watch SET rounds = rounds + 1 WHERE one = 1";
    MARK = "exchange.watched.find": "SELECT next_index FROM exchange_watched WHERE log = $1";
    SET_MARK = "exchange.watched.set":
        "INSERT INTO exchange_watched (log, next_index) VALUES ($1, $2)
         ON CONFLICT (log) DO UPDATE SET next_index = excluded.next_index";
    NEXT_LOG = "exchange.trace.next_log":
        "SELECT log FROM exchange_trace WHERE log > $1 ORDER BY log LIMIT 1";
    NEWS = "exchange.trace.news":
        "SELECT log_index FROM exchange_trace WHERE log = $1 AND log_index >= $2
         ORDER BY log_index LIMIT 1";
    SINCE = "exchange.trace.since":
        "SELECT log_index, at, api_id, operation_id, accreditation_id, requester, subject, status,
            problem FROM exchange_trace WHERE log = $1 AND log_index >= $2
         ORDER BY log_index LIMIT $3";
}

/// A rule, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRule {
    /// Its id.
    pub id: Uuid,
    /// Whose data it watches.
    pub producer: Uuid,
    /// Which API of it.
    pub api: Uuid,
    /// Which operation alone.
    pub operation: Option<Uuid>,
    /// What it says.
    pub rule: Rule,
    /// Since when it acts; none: it is off.
    pub on_since: Option<Timestamp>,
    /// Who changed it last.
    pub changed_by: String,
    /// Grows with each change.
    pub row_version: i64,
    /// Since when it stands.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

fn read(row: &Row) -> Result<KeptRule, DbError> {
    let is_on: bool = row.get("is_on")?;
    let since: Option<Timestamp> = row.get("on_since")?;
    Ok(KeptRule {
        id: row.get("id")?,
        producer: row.get("producer_id")?,
        api: row.get("api_id")?,
        operation: row.get("operation_id")?,
        rule: json(row, "content")?,
        on_since: since.filter(|_| is_on),
        changed_by: row.get("changed_by")?,
        row_version: row.get("row_version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<KeptRule>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// What a list of rules is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleFilter {
    /// Only those that watch this producer's data.
    pub producer: Option<Uuid>,
    /// Only those that watch this API.
    pub api: Option<Uuid>,
    /// Only those that act, or those that don't.
    pub is_on: Option<bool>,
}

const FILTERS: [&str; 3] = ["producer_id =", "api_id =", "is_on ="];

fn list(filters: u8) -> Statement {
    let mut sql = "SELECT * FROM exchange_rule \
                   WHERE (created_at < $1 OR (created_at = $1 AND id < $2))"
        .to_owned();
    let mut number = 3;
    for (at, filter) in FILTERS.iter().enumerate() {
        if filters & (1 << at) > 0 {
            number += 1;
            sql.push_str(&format!(" AND {filter} ${number}"));
        }
    }
    sql.push_str(" ORDER BY created_at DESC, id DESC LIMIT $3");
    Statement::composed("exchange.rule.list", sql)
}

/// Every text that the list can take.
pub(crate) fn every_list() -> Vec<Statement> {
    (0..8).map(list).collect()
}

/// Rules before `(instant, id)`, the latest first.
pub(crate) async fn latest(
    db: &Db,
    filter: &RuleFilter,
    before: (Timestamp, Uuid),
    limit: u32,
) -> Result<Vec<KeptRule>, DbError> {
    let values: [Option<Value>; 3] = [
        filter.producer.map(Into::into),
        filter.api.map(Into::into),
        filter.is_on.map(Into::into),
    ];
    let mut filters = 0;
    for (at, value) in values.iter().enumerate() {
        filters |= u8::from(value.is_some()) << at;
    }
    let statement = list(filters);
    let mut query = statement.bind(before.0).bind(before.1).bind(limit);
    for value in values.into_iter().flatten() {
        query = query.bind(value);
    }
    query.all(db, read).await
}

pub(crate) async fn count_of_api(tx: &mut Tx, api: Uuid) -> Result<i64, DbError> {
    COUNT_OF_API.bind(api).one(tx, |row| row.get("n")).await
}

/// The rules of an API that act.
pub(crate) async fn on_of_api(tx: &mut Tx, api: Uuid) -> Result<Vec<KeptRule>, DbError> {
    let limit = u32::try_from(RULES_MAX).unwrap_or(u32::MAX);
    ON_OF_API.bind(api).bind(limit).all(tx, read).await
}

pub(crate) async fn insert(tx: &mut Tx, one: &KeptRule) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(one.producer)
        .bind(one.api)
        .bind(one.operation)
        .bind(to_json(&one.rule))
        .bind(&one.changed_by)
        .bind(one.created_at)
        .execute(tx)
        .await
        .map(drop)
}

/// Changes what it says; gives whether nobody changed it first.
pub(crate) async fn change(tx: &mut Tx, one: &KeptRule) -> Result<bool, DbError> {
    let query = CHANGE
        .bind(one.id)
        .bind(one.row_version)
        .bind(one.operation)
        .bind(to_json(&one.rule))
        .bind(&one.changed_by)
        .bind(one.updated_at);
    Ok(query.execute(tx).await? == 1)
}

/// Switches it on or off; gives whether nobody changed it first.
pub(crate) async fn switch(tx: &mut Tx, one: &KeptRule) -> Result<bool, DbError> {
    let query = SWITCH
        .bind(one.id)
        .bind(one.row_version)
        .bind(one.on_since.is_some())
        .bind(one.on_since)
        .bind(&one.changed_by)
        .bind(one.updated_at);
    Ok(query.execute(tx).await? == 1)
}

/// Forgets whom a rule counted.
pub(crate) async fn forget_subjects(tx: &mut Tx, rule: Uuid) -> Result<(), DbError> {
    FORGET_SUBJECTS.bind(rule).execute(tx).await.map(drop)
}

/// Forgets whom rules counted, and calls by hour, from before two instants.
pub(crate) async fn forget(db: &Db, subjects: Timestamp, hours: Timestamp) -> Result<(), DbError> {
    FORGET_OLD_SUBJECTS.bind(subjects).execute(db).await?;
    FORGET_HOURS.bind(hours).execute(db).await.map(drop)
}

/// Adds somebody to those whom a rule counted in a window.
pub(crate) async fn add_subject(
    tx: &mut Tx,
    (rule, accreditation, from): (Uuid, Uuid, Timestamp),
    subject: &str,
) -> Result<(), DbError> {
    let query = ADD_SUBJECT.bind(rule).bind(accreditation).bind(from);
    query.bind(subject).execute(tx).await.map(drop)
}

/// How many it counted.
pub(crate) async fn subjects(
    tx: &mut Tx,
    (rule, accreditation, from): (Uuid, Uuid, Timestamp),
) -> Result<u64, DbError> {
    let query = SUBJECTS.bind(rule).bind(accreditation).bind(from);
    query.one(tx, |row| Ok(whole(row.get("n")?))).await
}

/// Where calls were counted: API, accreditation, hour, operation.
pub(crate) type HourPlace = (Uuid, Uuid, Timestamp, Uuid);

/// Adds calls, and those that were refused among them, to an hour.
pub(crate) async fn count_hour(
    tx: &mut Tx,
    (api, accreditation, hour, operation): HourPlace,
    (calls, refused): (u32, u32),
) -> Result<(), DbError> {
    COUNT_HOUR
        .bind(api)
        .bind(accreditation)
        .bind(hour)
        .bind(operation)
        .bind(calls)
        .bind(refused)
        .execute(tx)
        .await
        .map(drop)
}

/// Calls of an accreditation by hour, of an API or of one operation.
pub(crate) async fn hours(
    on: impl Into<Handle<'_>>,
    (api, operation): (Uuid, Option<Uuid>),
    accreditation: Uuid,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<HourCount>, DbError> {
    let statement = match operation {
        None => &HOURS,
        Some(_) => &HOURS_OF_OPERATION,
    };
    let mut query = statement.bind(api).bind(accreditation).bind(from).bind(to);
    if let Some(operation) = operation {
        query = query.bind(operation);
    }
    query.all(on, hour).await
}

fn hour(row: &Row) -> Result<HourCount, DbError> {
    Ok(HourCount {
        hour: row.get("hour")?,
        calls: whole(row.get("calls")?),
        refused: whole(row.get("refused")?),
    })
}

/// At most `limit` hours of all accreditations since an instant, the latest first: accreditation,
/// operation, calls.
pub(crate) async fn past(
    db: &Db,
    api: Uuid,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<(Uuid, Uuid, HourCount)>, DbError> {
    let read = |row: &Row| {
        Ok((
            row.get("accreditation_id")?,
            row.get("operation_id")?,
            hour(row)?,
        ))
    };
    PAST.bind(api).bind(since).bind(limit).all(db, read).await
}

/// One call of the past: whose it was, to what, and about whom.
pub(crate) struct PastCall {
    pub(crate) accreditation: Option<Uuid>,
    pub(crate) api: Uuid,
    pub(crate) operation: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) subject: Option<String>,
    pub(crate) problem: Option<String>,
}

/// At most `limit` calls for a producer's data since an instant, the latest first.
pub(crate) async fn past_people(
    db: &Db,
    producer: Uuid,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<PastCall>, DbError> {
    let read = |row: &Row| {
        Ok(PastCall {
            accreditation: row.get("accreditation_id")?,
            api: row.get("api_id")?,
            operation: row.get("operation_id")?,
            at: row.get("at")?,
            subject: row.get("subject")?,
            problem: row.get("problem")?,
        })
    };
    let query = PAST_PEOPLE.bind(producer).bind(since).bind(limit);
    query.all(db, read).await
}

/// Nobody else counts until the transaction ends; gives the place of a log that comes next.
pub(crate) async fn lock(tx: &mut Tx, log: &str) -> Result<i64, DbError> {
    LOCK.query().execute(&mut *tx).await?;
    mark(tx, log).await
}

async fn mark(on: impl Into<Handle<'_>>, log: &str) -> Result<i64, DbError> {
    let next = MARK.bind(log).optional(on, |row| row.get("next_index"));
    Ok(next.await?.unwrap_or(0))
}

/// Notes that all before a place were counted.
pub(crate) async fn set_mark(tx: &mut Tx, log: &str, next: i64) -> Result<(), DbError> {
    SET_MARK.bind(log).bind(next).execute(tx).await.map(drop)
}

/// The logs of which something wasn't counted yet. Reads two rows of each log, whatever their length.
pub(crate) async fn logs_with_news(db: &Db) -> Result<Vec<String>, DbError> {
    let mut found = Vec::new();
    let mut log = String::new();
    loop {
        let next: Option<String> = NEXT_LOG
            .bind(&log)
            .optional(db, |row| row.get("log"))
            .await?;
        let Some(next) = next else {
            return Ok(found);
        };
        log = next;
        let mark = mark(db, &log).await?;
        let news: Option<i64> = NEWS
            .bind(&log)
            .bind(mark)
            .optional(db, |row| row.get("log_index"))
            .await?;
        if news.is_some() {
            found.push(log.clone());
        }
    }
}

/// What is counted of a trace.
pub(crate) struct Seen {
    pub(crate) index: i64,
    pub(crate) at: Timestamp,
    pub(crate) api: Uuid,
    pub(crate) operation: Uuid,
    pub(crate) accreditation: Option<Uuid>,
    pub(crate) requester: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) status: u32,
    pub(crate) problem: Option<String>,
}

/// At most `limit` traces of a log from a place on.
pub(crate) async fn since(
    tx: &mut Tx,
    log: &str,
    next: i64,
    limit: u32,
) -> Result<Vec<Seen>, DbError> {
    let read = |row: &Row| {
        Ok(Seen {
            index: row.get("log_index")?,
            at: row.get("at")?,
            api: row.get("api_id")?,
            operation: row.get("operation_id")?,
            accreditation: row.get("accreditation_id")?,
            requester: row.get("requester")?,
            subject: row.get("subject")?,
            status: row.get("status")?,
            problem: row.get("problem")?,
        })
    };
    SINCE.bind(log).bind(next).bind(limit).all(tx, read).await
}
