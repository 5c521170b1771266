//! Estimates and re-baselines: appended, never changed.

use jiff::Timestamp;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::products::next;
use crate::domain::{Estimate, Phase, Rebaseline};

kit_db::statements! {
    OF_PRODUCT = "portfolio.estimate.of_product":
        "SELECT * FROM estimate
         WHERE product_id IN (SELECT id FROM product WHERE id = $1 OR merged_into = $1)
         ORDER BY as_of, seq LIMIT 5000";
    INSERT = "portfolio.estimate.insert":
        "INSERT INTO estimate (seq, id, product_id, as_of, cost_cents, duration_seconds, start_on,
            phase, source, author, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (product_id, as_of, source) DO NOTHING";
    EXISTS = "portfolio.estimate.exists":
        "SELECT seq FROM estimate WHERE product_id = $1 AND as_of = $2 AND source = $3";
    REBASELINES = "portfolio.rebaseline.of_product":
        "SELECT * FROM rebaseline WHERE product_id = $1 ORDER BY effective_on, seq LIMIT 500";
    REBASELINE_DATES = "portfolio.rebaseline.dates":
        "SELECT r.effective_on FROM rebaseline r JOIN product p ON p.id = r.product_id
         WHERE CAST($1 AS UUID) IS NULL OR p.ministry_id = $1
         ORDER BY r.effective_on DESC LIMIT 10000";
    ADD_REBASELINE = "portfolio.rebaseline.insert":
        "INSERT INTO rebaseline (id, seq, product_id, effective_on, cost_cents, duration_seconds,
            reason, author, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

pub(crate) fn read(row: &Row) -> Result<Estimate, DbError> {
    let phase: Option<String> = row.get("phase")?;
    Ok(Estimate {
        as_of: row.get("as_of")?,
        cost_cents: row.get("cost_cents")?,
        duration_seconds: row.get("duration_seconds")?,
        start_on: row.get("start_on")?,
        phase: phase.as_deref().and_then(Phase::parse),
        source: row.get("source")?,
        author: row.get("author")?,
    })
}

/// The estimates of a product and of its other names, by date.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Vec<Estimate>, DbError> {
    OF_PRODUCT.bind(product).all(on, read).await
}

/// Appends an estimate; gives whether it was new (one per product, date and source).
pub(crate) async fn insert(
    tx: &mut Tx,
    id: Uuid,
    product: Uuid,
    estimate: &Estimate,
    at: Timestamp,
) -> Result<bool, DbError> {
    let seq = next(tx, "estimate").await?;
    let added = INSERT
        .bind(seq)
        .bind(id)
        .bind(product)
        .bind(estimate.as_of)
        .bind(estimate.cost_cents)
        .bind(estimate.duration_seconds)
        .bind(estimate.start_on)
        .bind(estimate.phase.map(Phase::code))
        .bind(&estimate.source)
        .bind(&estimate.author)
        .bind(at)
        .execute(tx)
        .await?;
    Ok(added == 1)
}

/// Whether a product itself (not its other names) has an estimate of this date and source.
pub(crate) async fn exists(
    on: impl Into<Handle<'_>>,
    product: Uuid,
    as_of: jiff::civil::Date,
    source: &str,
) -> Result<bool, DbError> {
    let query = EXISTS.bind(product).bind(as_of).bind(source);
    Ok(query.optional(on, |_| Ok(())).await?.is_some())
}

pub(crate) async fn rebaselines(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Vec<Rebaseline>, DbError> {
    REBASELINES
        .bind(product)
        .all(on, |row| {
            Ok(Rebaseline {
                effective_on: row.get("effective_on")?,
                cost_cents: row.get("cost_cents")?,
                duration_seconds: row.get("duration_seconds")?,
                reason: row.get("reason")?,
                author: row.get("author")?,
            })
        })
        .await
}

pub(crate) async fn add_rebaseline(
    tx: &mut Tx,
    id: Uuid,
    product: Uuid,
    act: &Rebaseline,
    at: Timestamp,
) -> Result<(), DbError> {
    let seq = next(tx, "change").await?;
    ADD_REBASELINE
        .bind(id)
        .bind(seq)
        .bind(product)
        .bind(act.effective_on)
        .bind(act.cost_cents)
        .bind(act.duration_seconds)
        .bind(&act.reason)
        .bind(&act.author)
        .bind(at)
        .execute(tx)
        .await
        .map(drop)
}

/// The dates on which new baselines took effect, of one ministry's products or of all; at most
/// 10,000, the latest first.
pub(crate) async fn rebaseline_dates(
    on: impl Into<Handle<'_>>,
    ministry: Option<Uuid>,
) -> Result<Vec<jiff::civil::Date>, DbError> {
    REBASELINE_DATES
        .bind(ministry)
        .all(on, |row| row.get("effective_on"))
        .await
}
