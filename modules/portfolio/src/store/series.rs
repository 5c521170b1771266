//! Filling the packed series, and following what was appended since.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row};
use uuid::Uuid;

use crate::domain::{Estimate, Facts, Path, Phase, ProductKind, Series};

kit_db::statements! {
    COUNTERS = "portfolio.counter.all": "SELECT name, value FROM portfolio_counter";
    PRODUCTS = "portfolio.series.products":
        "SELECT id, title, kind, ministry_id, area, phase, merged_into FROM product
         WHERE changed_seq > $1 ORDER BY changed_seq";
    ESTIMATES = "portfolio.series.estimates":
        "SELECT product_id, as_of, cost_cents, duration_seconds, phase FROM estimate
         WHERE seq > $1 ORDER BY seq";
    COUNT = "portfolio.series.count":
        "SELECT (SELECT COUNT(*) FROM product) AS products,
            (SELECT COUNT(*) FROM estimate WHERE seq > $1) AS estimates";
    LISTINGS = "portfolio.series.listings":
        "SELECT published_on, product_id FROM listing ORDER BY published_on";
    PATHS = "portfolio.series.paths":
        "SELECT p.id, p.title, p.incubator_id, p.stats_url, p.budget_url, p.impact_url,
            h.phase, h.started_on, h.ended_on
         FROM product p JOIN product_phase h ON h.product_id = p.id
         WHERE p.kind = 'start-up' AND p.merged_into IS NULL ORDER BY p.id, h.position";
}

/// The numbers of the last estimate and of the last change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Marks {
    pub(crate) estimate: i64,
    pub(crate) change: i64,
}

pub(crate) async fn marks(on: impl Into<Handle<'_>>) -> Result<Marks, DbError> {
    let mut marks = Marks::default();
    let counters = COUNTERS
        .query()
        .all(on, |row| {
            Ok((row.get::<String>("name")?, row.get::<i64>("value")?))
        })
        .await?;
    for (name, value) in counters {
        match name.as_str() {
            "estimate" => marks.estimate = value,
            "change" => marks.change = value,
            _ => {}
        }
    }
    Ok(marks)
}

/// Adds to `series` what came after `from`, all as of one instant; gives the marks of that instant.
pub(crate) async fn follow(db: &Db, series: &mut Series, from: Marks) -> Result<Marks, DbError> {
    let mut tx = db.begin_snapshot().await?;
    let to = marks(&mut tx).await?;
    let (products, estimates) = COUNT
        .bind(from.estimate)
        .one(&mut tx, |row| {
            Ok((row.get::<i64>("products")?, row.get::<i64>("estimates")?))
        })
        .await?;
    let room = |count: i64| usize::try_from(count).unwrap_or(0);
    series.reserve(room(products).saturating_sub(series.len()), room(estimates));
    let mut areas: HashMap<String, Arc<str>> = HashMap::new();
    PRODUCTS
        .bind(from.change)
        .each(&mut tx, |row| {
            series.put_product(facts(row, &mut areas)?);
            Ok(())
        })
        .await?;
    ESTIMATES
        .bind(from.estimate)
        .each(&mut tx, |row| {
            let phase: Option<String> = row.get("phase")?;
            let estimate = Estimate {
                as_of: row.get("as_of")?,
                cost_cents: row.get("cost_cents")?,
                duration_seconds: row.get("duration_seconds")?,
                start_on: None,
                phase: phase.as_deref().and_then(Phase::parse),
                source: String::new(),
                author: String::new(),
            };
            series.add_estimate(row.get("product_id")?, &estimate);
            Ok(())
        })
        .await?;
    series.pack();
    if from.change != to.change || from.estimate != to.estimate {
        let mut listings: Vec<(Date, Vec<Uuid>)> = Vec::new();
        LISTINGS
            .query()
            .each(&mut tx, |row| {
                let on: Date = row.get("published_on")?;
                if listings.last().is_none_or(|(last, _)| *last != on) {
                    listings.push((on, Vec::new()));
                }
                if let Some((_, members)) = listings.last_mut() {
                    members.push(row.get("product_id")?);
                }
                Ok(())
            })
            .await?;
        series.set_listings(listings);
    }
    Ok(to)
}

fn facts(row: &Row, areas: &mut HashMap<String, Arc<str>>) -> Result<Facts, DbError> {
    let area: String = row.get("area")?;
    let kind: String = row.get("kind")?;
    let phase: Option<String> = row.get("phase")?;
    Ok(Facts {
        id: row.get("id")?,
        title: row.get::<String>("title")?.into(),
        kind: ProductKind::parse(&kind).unwrap_or(ProductKind::Product),
        ministry_id: row.get("ministry_id")?,
        area: areas
            .entry(area)
            .or_insert_with_key(|area| area.as_str().into())
            .clone(),
        phase: phase.as_deref().and_then(Phase::parse),
        merged_into: row.get("merged_into")?,
    })
}

/// The histories of all start-ups.
pub(crate) async fn paths(db: &Db) -> Result<Vec<Path>, DbError> {
    let mut paths: Vec<Path> = Vec::new();
    PATHS
        .query()
        .each(db, |row| {
            let id: Uuid = row.get("id")?;
            if paths.last().is_none_or(|last| last.id != id) {
                let given = |column| row.get::<String>(column).map(|url| !url.is_empty());
                paths.push(Path {
                    id,
                    title: row.get("title")?,
                    incubator_id: row.get("incubator_id")?,
                    phases: Vec::new(),
                    gives: [
                        given("stats_url")?,
                        given("budget_url")?,
                        given("impact_url")?,
                    ],
                });
            }
            let phase: String = row.get("phase")?;
            if let (Some(path), Some(phase)) = (paths.last_mut(), Phase::parse(&phase)) {
                path.phases
                    .push((phase, row.get("started_on")?, row.get("ended_on")?));
            }
            Ok(())
        })
        .await?;
    Ok(paths)
}
