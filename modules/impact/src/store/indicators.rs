//! Indicators with what their latest figure says.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{DbError, Handle, Query, Row, Tx};
use ports::ImpactGap;
use uuid::Uuid;

use crate::domain::{
    Description, Figure, Indicator, Level, Met, Origin, Promise, Quality, Quantity, Rhythm,
};

kit_db::statements! {
    INSERT = "impact.indicator.insert":
        "INSERT INTO impact_indicator (id, product_id, told_product_id, product_title, ministry_id,
            sort_key, name, measured, unit, more_is_better, formula, source, method, owner, rhythm,
            level, origin, origin_subject, baseline_value, baseline_on, target_value, due_on,
            threshold_value, counted_until, figure_due_on, created_at)
         VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23, $24, $25)";
    UPDATE = "impact.indicator.update":
        "UPDATE impact_indicator SET version = version + 1, sort_key = $3, name = $4, measured = $5,
            unit = $6, more_is_better = $7, formula = $8, source = $9, method = $10, owner = $11,
            rhythm = $12, level = $13, origin = $14, origin_subject = $15, baseline_value = $16,
            baseline_on = $17, target_value = $18, due_on = $19, threshold_value = $20,
            counted_until = $21, figure_due_on = $22
         WHERE id = $1 AND version = $2";
    SET_USE = "impact.indicator.set_use":
        "UPDATE impact_indicator SET version = version + 1, in_use = $3
         WHERE id = $1 AND version = $2";
    FIND = "impact.indicator.find": "SELECT * FROM impact_indicator WHERE id = $1";
    // Locks the row until the transaction ends: numbers of observations have no gaps, and what the
    // latest figure says is computed by one writer at a time.
    NEXT = "impact.indicator.next":
        "UPDATE impact_indicator SET observations = observations + 1 WHERE id = $1
         RETURNING observations";
    LOCK = "impact.indicator.lock":
        "UPDATE impact_indicator SET observations = observations WHERE id = $1 RETURNING *";
    SET_LATEST = "impact.indicator.set_latest":
        "UPDATE impact_indicator SET latest_value = $2, latest_on = $3, latest_quality = $4,
            latest_error = $5, met = $6, behind = $7, fresh_until = $8, owing = $9, lagging = $10
         WHERE id = $1";
    OF_PRODUCT = "impact.indicator.of_product":
        "SELECT * FROM impact_indicator WHERE product_id = $1 AND in_use ORDER BY sort_key, id LIMIT 100";
    GAPS = "impact.indicator.gaps":
        "SELECT COUNT(*) AS indicators,
            COUNT(baseline_value) AS baselines,
            COUNT(CASE WHEN baseline_value IS NOT NULL THEN target_value END) AS targets,
            COUNT(CASE WHEN baseline_value IS NOT NULL AND target_value IS NOT NULL
                THEN due_on END) AS dates
         FROM impact_indicator WHERE product_id = $1 AND in_use";
    MISSED = "impact.indicator.missed":
        "SELECT * FROM impact_indicator WHERE owing AND due_on < $1 ORDER BY due_on, id LIMIT $2";
    BEHIND = "impact.indicator.behind":
        "SELECT * FROM impact_indicator WHERE lagging AND due_on >= $1 AND fresh_until >= $1
         ORDER BY due_on, id LIMIT $2";
    TO_COUNT = "impact.indicator.to_count":
        "SELECT * FROM impact_indicator WHERE in_use AND origin <> 'hand' AND figure_due_on <= $1
         ORDER BY figure_due_on, id LIMIT $2";
    SET_COUNTED = "impact.indicator.set_counted":
        "UPDATE impact_indicator SET counted_until = $2, figure_due_on = $3 WHERE id = $1";
    COUNTED_PAST = "impact.indicator.counted_past":
        "SELECT * FROM impact_indicator
         WHERE origin <> 'hand' AND origin_subject = $1 AND origin = $2 AND in_use
            AND counted_until >= $3 LIMIT 100";
    OF_TOLD_PRODUCT = "impact.indicator.of_told_product":
        "SELECT * FROM impact_indicator WHERE told_product_id = $1 OR product_id = $1 LIMIT 10000";
    SET_PRODUCT = "impact.indicator.set_product":
        "UPDATE impact_indicator SET product_id = $2, product_title = $3, ministry_id = $4,
            sort_key = $5
         WHERE id = $1";
}

/// A column that holds one of a few names, which a constraint keeps.
fn named<T>(
    row: &Row,
    column: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
    default: T,
) -> Result<T, DbError> {
    Ok(parse(&row.get::<String>(column)?).unwrap_or(default))
}

pub(super) fn quantity(row: &Row, column: &str) -> Result<Option<Quantity>, DbError> {
    Ok(row
        .get::<Option<i64>>(column)?
        .and_then(Quantity::of_millionths))
}

pub(crate) fn read(row: &Row) -> Result<Indicator, DbError> {
    let baseline: Option<Date> = row.get("baseline_on")?;
    let promise = Promise {
        more_is_better: row.get("more_is_better")?,
        baseline: quantity(row, "baseline_value")?.zip(baseline),
        target: quantity(row, "target_value")?,
        due_on: row.get("due_on")?,
        threshold: quantity(row, "threshold_value")?,
    };
    let origin: String = row.get("origin")?;
    let latest_on: Option<Date> = row.get("latest_on")?;
    let quality: Option<String> = row.get("latest_quality")?;
    let error = quantity(row, "latest_error")?;
    let latest = quantity(row, "latest_value")?
        .zip(latest_on)
        .map(|(value, as_of)| Figure {
            value,
            as_of,
            quality: quality
                .as_deref()
                .and_then(Quality::parse)
                .unwrap_or(Quality::Declared),
            standard_error: error,
        });
    Ok(Indicator {
        id: row.get("id")?,
        product_id: row.get("product_id")?,
        told_product_id: row.get("told_product_id")?,
        product_title: row.get("product_title")?,
        ministry_id: row.get("ministry_id")?,
        description: Description {
            name: row.get("name")?,
            measured: row.get("measured")?,
            unit: row.get("unit")?,
            formula: row.get("formula")?,
            source: row.get("source")?,
            method: row.get("method")?,
            owner: row.get("owner")?,
            rhythm: named(row, "rhythm", Rhythm::parse, Rhythm::Yearly)?,
            level: named(row, "level", Level::parse, Level::Usable)?,
            origin: Origin::of(&origin, row.get("origin_subject")?).unwrap_or(Origin::Hand),
            promise,
        },
        in_use: row.get("in_use")?,
        version: row.get("version")?,
        observations: row.get("observations")?,
        latest,
        met: named(row, "met", Met::parse, Met::Neither)?,
        counted_until: row.get("counted_until")?,
    })
}

fn millionths(quantity: Option<Quantity>) -> Option<i64> {
    quantity.map(Quantity::millionths)
}

/// Binds what is said of an indicator, from its name to its threshold.
fn described<'q>(query: Query<'q>, described: &Description) -> Query<'q> {
    let promise = &described.promise;
    query
        .bind(&described.name)
        .bind(&described.measured)
        .bind(&described.unit)
        .bind(promise.more_is_better)
        .bind(&described.formula)
        .bind(&described.source)
        .bind(&described.method)
        .bind(&described.owner)
        .bind(described.rhythm.code())
        .bind(described.level.code())
        .bind(described.origin.code())
        .bind(described.origin.subject())
        .bind(millionths(promise.baseline.map(|(value, _)| value)))
        .bind(promise.baseline.map(|(_, on)| on))
        .bind(millionths(promise.target))
        .bind(promise.due_on)
        .bind(millionths(promise.threshold))
}

pub(crate) async fn insert(tx: &mut Tx, new: &Indicator, at: Timestamp) -> Result<(), DbError> {
    let query = INSERT
        .bind(new.id)
        .bind(new.product_id)
        .bind(&new.product_title)
        .bind(new.ministry_id)
        .bind(new.description.sort_key(&new.product_title));
    described(query, &new.description)
        .bind(new.counted_until)
        .bind(new.figure_due_on())
        .bind(at)
        .execute(tx)
        .await
        .map(drop)
}

/// Changes what is said; gives whether the version was still this one.
pub(crate) async fn update(
    tx: &mut Tx,
    changed: &Indicator,
    version: i64,
) -> Result<bool, DbError> {
    let query = UPDATE
        .bind(changed.id)
        .bind(version)
        .bind(changed.description.sort_key(&changed.product_title));
    let query = described(query, &changed.description)
        .bind(changed.counted_until)
        .bind(changed.figure_due_on());
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn set_use(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    in_use: bool,
) -> Result<bool, DbError> {
    let query = SET_USE.bind(id).bind(version).bind(in_use);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<Indicator>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// The indicator, which nobody else changes until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Indicator>, DbError> {
    LOCK.bind(id).optional(tx, read).await
}

/// The number of the next observation.
pub(crate) async fn next(tx: &mut Tx, id: Uuid) -> Result<i64, DbError> {
    NEXT.bind(id).one(tx, |row| row.get("observations")).await
}

/// What the latest figure says of a promise, as the row keeps it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Latest {
    pub(crate) figure: Option<Figure>,
    pub(crate) met: Met,
    pub(crate) behind: bool,
    pub(crate) fresh_until: Option<Date>,
    pub(crate) owing: bool,
    pub(crate) lagging: bool,
}

pub(crate) async fn set_latest(tx: &mut Tx, id: Uuid, latest: &Latest) -> Result<(), DbError> {
    let figure = latest.figure;
    SET_LATEST
        .bind(id)
        .bind(figure.map(|figure| figure.value.millionths()))
        .bind(figure.map(|figure| figure.as_of))
        .bind(figure.map(|figure| figure.quality.code()))
        .bind(millionths(figure.and_then(|figure| figure.standard_error)))
        .bind(latest.met.code())
        .bind(latest.behind)
        .bind(latest.fresh_until)
        .bind(latest.owing)
        .bind(latest.lagging)
        .execute(tx)
        .await
        .map(drop)
}

/// The indicators of a product that are in use, by level and name; at most 100.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Vec<Indicator>, DbError> {
    OF_PRODUCT.bind(product).all(on, read).await
}

/// What a product lacks to be built.
pub(crate) async fn gaps(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Vec<ImpactGap>, DbError> {
    let counted = GAPS.bind(product).one(on, |row| {
        Ok([
            (ImpactGap::Indicator, row.get::<i64>("indicators")?),
            (ImpactGap::Baseline, row.get("baselines")?),
            (ImpactGap::Target, row.get("targets")?),
            (ImpactGap::Date, row.get("dates")?),
        ])
    });
    let counted = counted.await?.into_iter();
    Ok(counted
        .filter(|(_, number)| *number == 0)
        .map(|(gap, _)| gap)
        .collect())
}

/// Promises whose date has passed on a day and which aren't kept, the longest overdue first.
pub(crate) async fn missed(
    on: impl Into<Handle<'_>>,
    day: Date,
    limit: u32,
) -> Result<Vec<Indicator>, DbError> {
    MISSED.bind(day).bind(limit).all(on, read).await
}

/// Promises that are behind on a day, the soonest due first.
pub(crate) async fn behind(
    on: impl Into<Handle<'_>>,
    day: Date,
    limit: u32,
) -> Result<Vec<Indicator>, DbError> {
    BEHIND.bind(day).bind(limit).all(on, read).await
}

/// Automatic indicators with a period that ended on a day or before it, whose figure isn't made.
pub(crate) async fn to_count(
    on: impl Into<Handle<'_>>,
    day: Date,
    limit: u32,
) -> Result<Vec<Indicator>, DbError> {
    TO_COUNT.bind(day).bind(limit).all(on, read).await
}

pub(crate) async fn set_counted(tx: &mut Tx, counted: &Indicator) -> Result<(), DbError> {
    SET_COUNTED
        .bind(counted.id)
        .bind(counted.counted_until)
        .bind(counted.figure_due_on())
        .execute(tx)
        .await
        .map(drop)
}

/// The automatic indicators of a subject whose figure of a day was made already.
pub(crate) async fn counted_past(
    tx: &mut Tx,
    origin: Origin,
    day: Date,
) -> Result<Vec<Indicator>, DbError> {
    COUNTED_PAST
        .bind(origin.subject())
        .bind(origin.code())
        .bind(day)
        .all(tx, read)
        .await
}

/// Every indicator that names a product or is shown with it, in use or not.
pub(crate) async fn of_told_product(tx: &mut Tx, product: Uuid) -> Result<Vec<Indicator>, DbError> {
    OF_TOLD_PRODUCT.bind(product).all(tx, read).await
}

/// Says of which product an indicator tells, and that product's name and ministry.
pub(crate) async fn set_product(tx: &mut Tx, shown: &Indicator) -> Result<(), DbError> {
    SET_PRODUCT
        .bind(shown.id)
        .bind(shown.product_id)
        .bind(&shown.product_title)
        .bind(shown.ministry_id)
        .bind(shown.description.sort_key(&shown.product_title))
        .execute(tx)
        .await
        .map(drop)
}
