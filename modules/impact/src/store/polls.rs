//! Pages that are read: what was set up, when it is due, how it went.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::indicators::quantity;
use crate::domain::Quantity;
use crate::domain::poll::{PollFailure, PollReading, PollRhythm, PollSettings};

kit_db::statements! {
    FIND = "impact.poll.find": "SELECT * FROM impact_poll WHERE indicator_id = $1";
    INSERT = "impact.poll.insert":
        "INSERT INTO impact_poll (indicator_id, url, value_pointer, has_date, date_pointer, has_unit,
            unit_pointer, unit, rhythm, factor, version, set_by_id, set_by, set_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13, $13)
         ON CONFLICT (indicator_id) DO NOTHING";
    UPDATE = "impact.poll.update":
        "UPDATE impact_poll SET url = $3, value_pointer = $4, has_date = $5, date_pointer = $6,
            has_unit = $7, unit_pointer = $8, unit = $9, rhythm = $10, factor = $11,
            version = version + 1, set_by_id = $12, set_by = $13, set_at = $14, due_at = $14,
            leased_until = NULL, failures = 0
         WHERE indicator_id = $1 AND version = $2";
    REMOVE = "impact.poll.remove":
        "DELETE FROM impact_poll WHERE indicator_id = $1 AND version = $2";
    DUE = "impact.poll.due":
        "SELECT indicator_id FROM impact_poll
         WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until < $1) LIMIT 1";
    // The condition stands twice: a second process that waited for the row must see it as taken.
    CLAIM = "impact.poll.claim":
        "UPDATE impact_poll SET leased_until = $2, runs = runs + 1
         WHERE indicator_id = (SELECT p.indicator_id FROM impact_poll p
                JOIN impact_indicator i ON i.id = p.indicator_id
                WHERE p.due_at <= $1 AND (p.leased_until IS NULL OR p.leased_until < $1)
                    AND i.in_use AND i.origin = 'hand'
                ORDER BY p.due_at, p.indicator_id LIMIT 1)
            AND due_at <= $1 AND (leased_until IS NULL OR leased_until < $1)
         RETURNING *";
    SUCCEED = "impact.poll.succeed":
        "UPDATE impact_poll SET succeeded_at = $4, success_code = $5, success_value = $6,
            success_on = $7, failures = 0, due_at = $8, leased_until = NULL
         WHERE indicator_id = $1 AND version = $2 AND runs = $3";
    FAIL = "impact.poll.fail":
        "UPDATE impact_poll SET failed_at = $4, failure_code = $5, failure_told = $6, failures = $7,
            due_at = $8, leased_until = NULL
         WHERE indicator_id = $1 AND version = $2 AND runs = $3";
    // The last row that a page gave within a period.
    KEPT = "impact.poll.kept":
        "SELECT o.as_of, o.value FROM impact_observation o
         WHERE o.indicator_id = $1 AND o.source = $2 AND o.as_of >= $3 AND o.as_of <= $4
            AND NOT EXISTS (SELECT 1 FROM impact_observation n
                WHERE n.indicator_id = o.indicator_id AND n.as_of = o.as_of
                    AND n.source = o.source AND n.revision > o.revision)
         ORDER BY o.as_of DESC LIMIT 1";
}

/// The last time that a page gave a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollSuccess {
    /// When.
    pub at: Timestamp,
    /// `new`, `same`, `changed` or `corrected`: what became of the figure.
    pub code: String,
    /// What was read.
    pub reading: PollReading,
}

/// A page that is read for an indicator, and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// The indicator.
    pub indicator: Uuid,
    /// What was set up.
    pub settings: PollSettings,
    /// Grows with each change of what is set up.
    pub version: i64,
    /// Who set it up.
    pub set_by_id: Option<Uuid>,
    /// The name of who set it up.
    pub set_by: String,
    /// When it is read next.
    pub due_at: Timestamp,
    /// How many times a process began to read it.
    pub runs: i64,
    /// The last success.
    pub success: Option<PollSuccess>,
    /// The last failure, and when.
    pub failure: Option<(Timestamp, PollFailure)>,
    /// Failures since the last success.
    pub failures: i64,
}

fn read(row: &Row) -> Result<Poll, DbError> {
    let told = |has: &str, text: &str| -> Result<Option<String>, DbError> {
        Ok(Some(row.get::<String>(text)?).filter(|_| row.get::<bool>(has).unwrap_or_default()))
    };
    let rhythm: String = row.get("rhythm")?;
    let settings = PollSettings {
        url: row.get("url")?,
        value_pointer: row.get("value_pointer")?,
        date_pointer: told("has_date", "date_pointer")?,
        unit_pointer: told("has_unit", "unit_pointer")?,
        unit: row.get("unit")?,
        rhythm: PollRhythm::parse(&rhythm).unwrap_or(PollRhythm::Monthly),
        factor: quantity(row, "factor")?.unwrap_or_default(),
    };
    let (succeeded, code, value, on) = (
        row.get::<Option<Timestamp>>("succeeded_at")?,
        row.get::<Option<String>>("success_code")?,
        quantity(row, "success_value")?,
        row.get::<Option<Date>>("success_on")?,
    );
    let success = match (succeeded, code, value, on) {
        (Some(at), Some(code), Some(value), Some(as_of)) => Some(PollSuccess {
            at,
            code,
            reading: PollReading { value, as_of },
        }),
        _ => None,
    };
    let failed: Option<Timestamp> = row.get("failed_at")?;
    let code: Option<String> = row.get("failure_code")?;
    let code = code.as_deref().and_then(PollFailure::code_of);
    let told: Option<String> = row.get("failure_told")?;
    Ok(Poll {
        indicator: row.get("indicator_id")?,
        settings,
        version: row.get("version")?,
        set_by_id: row.get("set_by_id")?,
        set_by: row.get("set_by")?,
        due_at: row.get("due_at")?,
        runs: row.get("runs")?,
        success,
        failure: failed
            .zip(code)
            .map(|(at, code)| (at, PollFailure::new(code, told.unwrap_or_default()))),
        failures: row.get("failures")?,
    })
}

/// The page of an indicator.
pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    indicator: Uuid,
) -> Result<Option<Poll>, DbError> {
    FIND.bind(indicator).optional(on, read).await
}

/// Who sets a page up, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SetBy<'s> {
    pub(crate) id: Option<Uuid>,
    pub(crate) name: &'s str,
    pub(crate) at: Timestamp,
}

/// Sets a page up in place of the one of a version (0: none yet); gives whether that version stood.
pub(crate) async fn set(
    tx: &mut Tx,
    indicator: Uuid,
    version: i64,
    settings: &PollSettings,
    by: SetBy<'_>,
) -> Result<bool, DbError> {
    let query = if version == 0 {
        INSERT.bind(indicator)
    } else {
        UPDATE.bind(indicator).bind(version)
    };
    let set = query
        .bind(&settings.url)
        .bind(&settings.value_pointer)
        .bind(settings.date_pointer.is_some())
        .bind(settings.date_pointer.clone().unwrap_or_default())
        .bind(settings.unit_pointer.is_some())
        .bind(settings.unit_pointer.clone().unwrap_or_default())
        .bind(&settings.unit)
        .bind(settings.rhythm.code())
        .bind(settings.factor.millionths())
        .bind(by.id)
        .bind(by.name)
        .bind(by.at)
        .execute(tx)
        .await?;
    Ok(set == 1)
}

/// Stops reading a page; gives whether the version stood.
pub(crate) async fn remove(tx: &mut Tx, indicator: Uuid, version: i64) -> Result<bool, DbError> {
    Ok(REMOVE.bind(indicator).bind(version).execute(tx).await? == 1)
}

/// Takes a page that is due until an instant: nobody else reads it before.
pub(crate) async fn claim(
    db: &Db,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Poll>, DbError> {
    // Looked at first without a lock: mostly nothing is due.
    let due = DUE
        .bind(now)
        .optional(db, |row| row.get::<Uuid>("indicator_id"));
    if due.await?.is_none() {
        return Ok(None);
    }
    let mut tx = db.begin().await?;
    let claimed = CLAIM.bind(now).bind(until).optional(&mut tx, read).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Keeps a success of a run; gives whether the run still counts.
pub(crate) async fn succeed(
    tx: &mut Tx,
    poll: &Poll,
    success: &PollSuccess,
    due_at: Timestamp,
) -> Result<bool, DbError> {
    let kept = SUCCEED
        .bind(poll.indicator)
        .bind(poll.version)
        .bind(poll.runs)
        .bind(success.at)
        .bind(&success.code)
        .bind(success.reading.value.millionths())
        .bind(success.reading.as_of)
        .bind(due_at)
        .execute(tx)
        .await?;
    Ok(kept == 1)
}

/// Keeps a failure of a run; gives whether the run still counts.
pub(crate) async fn fail(
    tx: &mut Tx,
    poll: &Poll,
    (at, failure): (Timestamp, &PollFailure),
    failures: i64,
    due_at: Timestamp,
) -> Result<bool, DbError> {
    let kept = FAIL
        .bind(poll.indicator)
        .bind(poll.version)
        .bind(poll.runs)
        .bind(at)
        .bind(failure.code)
        .bind(&failure.told)
        .bind(failures)
        .bind(due_at)
        .execute(tx)
        .await?;
    Ok(kept == 1)
}

/// The last figure of a source between two days: its day and value, none when it was taken away.
pub(crate) async fn kept(
    tx: &mut Tx,
    indicator: Uuid,
    source: &str,
    (first, last): (Date, Date),
) -> Result<Option<(Date, Option<Quantity>)>, DbError> {
    let query = KEPT.bind(indicator).bind(source).bind(first).bind(last);
    query
        .optional(tx, |row| Ok((row.get("as_of")?, quantity(row, "value")?)))
        .await
}
