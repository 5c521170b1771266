//! Observations and their corrections: appended, never changed.

use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::indicators::quantity;
use crate::domain::{Figure, Observation, Quality};

kit_db::statements! {
    INSERT = "impact.observation.insert":
        "INSERT INTO impact_observation (indicator_id, as_of, source, revision, seq, value,
            standard_error, quality, corrects, reason, author, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (indicator_id, as_of, source, revision) DO NOTHING";
    CURRENT = "impact.observation.current":
        "SELECT o.*, TRUE AS counts FROM impact_observation o
         WHERE o.indicator_id = $1 AND o.as_of = $2 AND o.source = $3
         ORDER BY o.revision DESC LIMIT 1";
    NUMBERED = "impact.observation.numbered":
        "SELECT o.*, NOT EXISTS (SELECT 1 FROM impact_observation n
                WHERE n.indicator_id = o.indicator_id AND n.as_of = o.as_of
                    AND n.source = o.source AND n.revision > o.revision) AS counts
         FROM impact_observation o WHERE o.indicator_id = $1 AND o.seq = $2";
    // What is told last of a day counts for that day.
    LATEST = "impact.observation.latest":
        "SELECT o.*, TRUE AS counts FROM impact_observation o
         WHERE o.indicator_id = $1 AND o.as_of <= $2 AND o.value IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM impact_observation n
                WHERE n.indicator_id = o.indicator_id AND n.as_of = o.as_of
                    AND n.source = o.source AND n.revision > o.revision)
         ORDER BY o.as_of DESC, o.seq DESC LIMIT 1";
    SERIES = "impact.observation.series":
        "SELECT o.*, TRUE AS counts FROM impact_observation o
         WHERE o.indicator_id = $1 AND o.as_of <= $2 AND o.value IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM impact_observation n
                WHERE n.indicator_id = o.indicator_id AND n.as_of = o.as_of
                    AND n.source = o.source AND n.revision > o.revision)
         ORDER BY o.as_of DESC, o.seq DESC LIMIT $3";
    CORRECTIONS = "impact.observation.corrections":
        "SELECT o.*, NOT EXISTS (SELECT 1 FROM impact_observation n
                WHERE n.indicator_id = o.indicator_id AND n.as_of = o.as_of
                    AND n.source = o.source AND n.revision > o.revision) AS counts
         FROM impact_observation o WHERE o.indicator_id = $1 AND o.corrects IS NOT NULL
         ORDER BY o.seq DESC LIMIT 200";
    PAGE = "impact.observation.page":
        "SELECT o.*, NOT EXISTS (SELECT 1 FROM impact_observation n
                WHERE n.indicator_id = o.indicator_id AND n.as_of = o.as_of
                    AND n.source = o.source AND n.revision > o.revision) AS counts
         FROM impact_observation o WHERE o.indicator_id = $1 AND o.seq > $2
         ORDER BY o.seq LIMIT $3";
}

fn read(row: &Row) -> Result<Observation, DbError> {
    let quality: String = row.get("quality")?;
    Ok(Observation {
        number: row.get("seq")?,
        value: quantity(row, "value")?,
        as_of: row.get("as_of")?,
        source: row.get("source")?,
        quality: Quality::parse(&quality).unwrap_or(Quality::Declared),
        standard_error: quantity(row, "standard_error")?,
        corrects: row.get("corrects")?,
        reason: row.get("reason")?,
        author: row.get("author")?,
        recorded_at: row.get("recorded_at")?,
        counts: row.get("counts")?,
    })
}

/// Appends a row; gives whether nothing stood in its place.
pub(crate) async fn insert(
    tx: &mut Tx,
    indicator: Uuid,
    revision: i64,
    row: &Observation,
) -> Result<bool, DbError> {
    let added = INSERT
        .bind(indicator)
        .bind(row.as_of)
        .bind(&row.source)
        .bind(revision)
        .bind(row.number)
        .bind(row.value.map(crate::domain::Quantity::millionths))
        .bind(row.standard_error.map(crate::domain::Quantity::millionths))
        .bind(row.quality.code())
        .bind(row.corrects)
        .bind(&row.reason)
        .bind(&row.author)
        .bind(row.recorded_at)
        .execute(tx)
        .await?;
    Ok(added == 1)
}

/// The row that counts of a day and a source, with its revision.
pub(crate) async fn current(
    on: impl Into<Handle<'_>>,
    indicator: Uuid,
    as_of: Date,
    source: &str,
) -> Result<Option<(Observation, i64)>, DbError> {
    CURRENT
        .bind(indicator)
        .bind(as_of)
        .bind(source)
        .optional(on, |row| Ok((read(row)?, row.get("revision")?)))
        .await
}

/// The row of a number.
pub(crate) async fn numbered(
    on: impl Into<Handle<'_>>,
    indicator: Uuid,
    number: i64,
) -> Result<Option<Observation>, DbError> {
    let query = NUMBERED.bind(indicator).bind(number);
    query.optional(on, read).await
}

/// The latest figure of a day or before it.
pub(crate) async fn latest(
    on: impl Into<Handle<'_>>,
    indicator: Uuid,
    day: Date,
) -> Result<Option<Figure>, DbError> {
    let found = latest_row(on, indicator, day).await?;
    Ok(found.and_then(|row| row.figure()))
}

/// The row of the latest figure of a day or before it.
pub(crate) async fn latest_row(
    on: impl Into<Handle<'_>>,
    indicator: Uuid,
    day: Date,
) -> Result<Option<Observation>, DbError> {
    LATEST.bind(indicator).bind(day).optional(on, read).await
}

/// The last `limit` rows that count, up to a day, in order of dates. Of one day only the one that
/// was told last makes the series.
pub(crate) async fn series(
    on: impl Into<Handle<'_>>,
    indicator: Uuid,
    day: Date,
    limit: u32,
) -> Result<Vec<Observation>, DbError> {
    let query = SERIES.bind(indicator).bind(day).bind(limit);
    let mut rows = query.all(on, read).await?;
    rows.reverse();
    Ok(rows)
}

/// The last 200 corrections, the latest first.
pub(crate) async fn corrections(
    on: impl Into<Handle<'_>>,
    indicator: Uuid,
) -> Result<Vec<Observation>, DbError> {
    CORRECTIONS.bind(indicator).all(on, read).await
}

/// Rows in the order in which they were recorded, after a number.
pub(crate) async fn page(
    on: impl Into<Handle<'_>>,
    indicator: Uuid,
    after: i64,
    limit: u32,
) -> Result<Vec<Observation>, DbError> {
    let query = PAGE.bind(indicator).bind(after).bind(limit);
    query.all(on, read).await
}
