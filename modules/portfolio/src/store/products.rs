//! Products, their names, attributes, phases and events.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use names::normalise;
use uuid::Uuid;

use crate::domain::{Description, Phase, ProductKind};

kit_db::statements! {
    FIND = "portfolio.product.find": "SELECT * FROM product WHERE id = $1";
    INSERT = "portfolio.product.insert":
        "INSERT INTO product (id, kind, title, mission, description, ministry_id, ministry_key,
            incubator_id, area, policy_priority, interministerial, phase, phase_since, link,
            repository, stats_url, budget_url, impact_url, accessibility, source, sort_title,
            changed_seq, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23)";
    UPDATE = "portfolio.product.update":
        "UPDATE product SET kind = $2, title = $3, mission = $4, description = $5,
            ministry_id = $6, ministry_key = $7, incubator_id = $8, area = $9,
            policy_priority = $10, interministerial = $11, phase = $12, phase_since = $13,
            link = $14, repository = $15, stats_url = $16, budget_url = $17, impact_url = $18,
            accessibility = $19, sort_title = $20, changed_seq = $21, version = version + 1
         WHERE id = $1 AND version = $22";
    SET_FIGURES = "portfolio.product.set_figures":
        "UPDATE product SET baseline_cents = $2, cost_cents = $3, cost_slip = $4,
            baseline_seconds = $5, duration_seconds = $6, duration_slip = $7, estimated_on = $8,
            changed_seq = $9
         WHERE id = $1";
    SET_MERGED = "portfolio.product.set_merged":
        "UPDATE product SET merged_into = $2, changed_seq = $3 WHERE id = $1";
    // A person says now and then that two names are one product: counting anew is exact.
    COUNT_ANEW = "portfolio.counter.count":
        "UPDATE portfolio_counter SET value =
            (SELECT COUNT(*) FROM product WHERE merged_into IS NULL) WHERE name = 'product'";
    NEXT = "portfolio.counter.next":
        "UPDATE portfolio_counter SET value = value + 1 WHERE name = $1 RETURNING value";
    BY_ALIAS = "portfolio.alias.find":
        "SELECT product_id FROM product_alias WHERE normalised = $1";
    ADD_ALIAS = "portfolio.alias.add":
        "INSERT INTO product_alias (normalised, product_id) VALUES ($1, $2)
         ON CONFLICT (normalised) DO NOTHING";
    KNOWN = "portfolio.alias.known":
        "SELECT a.normalised, p.id, p.ministry_key FROM product_alias a
         JOIN product p ON p.id = a.product_id WHERE p.kind = 'large-project'";
    ATTRIBUTES = "portfolio.attribute.of_product":
        "SELECT kind, value FROM product_attribute WHERE product_id = $1 ORDER BY kind, value
         LIMIT 500";
    ADD_ATTRIBUTE = "portfolio.attribute.add":
        "INSERT INTO product_attribute (product_id, kind, value) VALUES ($1, $2, $3)
         ON CONFLICT (product_id, kind, value) DO NOTHING";
    CLEAR_ATTRIBUTES = "portfolio.attribute.clear":
        "DELETE FROM product_attribute WHERE product_id = $1";
    PHASES = "portfolio.phase.of_product":
        "SELECT phase, started_on, ended_on FROM product_phase WHERE product_id = $1
         ORDER BY position LIMIT 200";
    ADD_PHASE = "portfolio.phase.add":
        "INSERT INTO product_phase (product_id, position, phase, started_on, ended_on)
         VALUES ($1, $2, $3, $4, $5)";
    CLEAR_PHASES = "portfolio.phase.clear": "DELETE FROM product_phase WHERE product_id = $1";
    EVENTS = "portfolio.event.of_product":
        "SELECT name, happened_on, comment FROM product_event WHERE product_id = $1
         ORDER BY position LIMIT 500";
    ADD_EVENT = "portfolio.event.add":
        "INSERT INTO product_event (product_id, position, name, happened_on, comment)
         VALUES ($1, $2, $3, $4, $5)";
    CLEAR_EVENTS = "portfolio.event.clear": "DELETE FROM product_event WHERE product_id = $1";
    DECIDED = "portfolio.decided.of_product":
        "SELECT field FROM product_decided WHERE product_id = $1 ORDER BY field";
    DECIDE = "portfolio.decided.add":
        "INSERT INTO product_decided (product_id, field, decided_at) VALUES ($1, $2, $3)
         ON CONFLICT (product_id, field) DO NOTHING";
    CHANGED = "portfolio.product.changed":
        "SELECT * FROM product WHERE changed_seq > $1 ORDER BY changed_seq LIMIT $2";
    CHANGE_OF = "portfolio.product.change_of": "SELECT changed_seq FROM product WHERE id = $1";
    GIVE_BACK = "portfolio.decided.clear": "DELETE FROM product_decided WHERE product_id = $1";
}

/// A product, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Its id.
    pub id: Uuid,
    /// What is said of it.
    pub description: Description,
    /// Where it was first read.
    pub source: String,
    /// Its first baseline, in cents.
    pub baseline_cents: Option<i64>,
    /// Its latest cost, in cents.
    pub cost_cents: Option<i64>,
    /// The slip of its cost, a fraction.
    pub cost_slip: Option<f64>,
    /// Its first planned duration, in seconds of years of 365 days.
    pub baseline_seconds: Option<i64>,
    /// Its latest planned duration.
    pub duration_seconds: Option<i64>,
    /// The slip of its duration, a fraction.
    pub duration_slip: Option<f64>,
    /// The date of its latest estimate.
    pub estimated_on: Option<Date>,
    /// The product of which it is another name.
    pub merged_into: Option<Uuid>,
    /// Grows by one with each change of its description.
    pub version: i64,
}

/// What a product holds beside its description, all of it replaced together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Details {
    /// Kind (`programme`, `sponsor`, `user`, `theme`, `technology`) and value, sorted.
    pub attributes: Vec<(String, String)>,
    /// Phase, start, end.
    pub phases: Vec<(Phase, Date, Option<Date>)>,
    /// Name, date, comment.
    pub events: Vec<(String, Date, String)>,
}

pub(crate) fn read(row: &Row) -> Result<Product, DbError> {
    let phase: Option<String> = row.get("phase")?;
    let kind: String = row.get("kind")?;
    Ok(Product {
        id: row.get("id")?,
        description: Description {
            kind: ProductKind::parse(&kind).unwrap_or(ProductKind::Product),
            title: row.get("title")?,
            mission: row.get("mission")?,
            description: row.get("description")?,
            ministry_id: row.get("ministry_id")?,
            ministry_key: row.get("ministry_key")?,
            incubator_id: row.get("incubator_id")?,
            area: row.get("area")?,
            policy_priority: row.get("policy_priority")?,
            interministerial: row.get("interministerial")?,
            phase: phase.as_deref().and_then(Phase::parse),
            phase_since: row.get("phase_since")?,
            link: row.get("link")?,
            repository: row.get("repository")?,
            stats_url: row.get("stats_url")?,
            budget_url: row.get("budget_url")?,
            impact_url: row.get("impact_url")?,
            accessibility: row.get("accessibility")?,
        },
        source: row.get("source")?,
        baseline_cents: row.get("baseline_cents")?,
        cost_cents: row.get("cost_cents")?,
        cost_slip: row.get("cost_slip")?,
        baseline_seconds: row.get("baseline_seconds")?,
        duration_seconds: row.get("duration_seconds")?,
        duration_slip: row.get("duration_slip")?,
        estimated_on: row.get("estimated_on")?,
        merged_into: row.get("merged_into")?,
        version: row.get("version")?,
    })
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Product>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// The next number of a counter; readers that keep a copy follow them.
pub(crate) async fn next(tx: &mut Tx, counter: &'static str) -> Result<i64, DbError> {
    NEXT.bind(counter).one(tx, |row| row.get("value")).await
}

pub(crate) async fn insert(
    tx: &mut Tx,
    id: Uuid,
    d: &Description,
    source: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    let seq = next(tx, "change").await?;
    next(tx, "product").await?;
    INSERT
        .bind(id)
        .bind(d.kind.code())
        .bind(&d.title)
        .bind(&d.mission)
        .bind(&d.description)
        .bind(d.ministry_id)
        .bind(&d.ministry_key)
        .bind(d.incubator_id)
        .bind(&d.area)
        .bind(&d.policy_priority)
        .bind(d.interministerial)
        .bind(d.phase.map(Phase::code))
        .bind(d.phase_since)
        .bind(&d.link)
        .bind(&d.repository)
        .bind(&d.stats_url)
        .bind(&d.budget_url)
        .bind(&d.impact_url)
        .bind(&d.accessibility)
        .bind(source)
        .bind(normalise(&d.title))
        .bind(seq)
        .bind(at)
        .execute(tx)
        .await
        .map(drop)
}

/// Replaces a description; gives whether `version` was still the current one.
pub(crate) async fn update(
    tx: &mut Tx,
    id: Uuid,
    d: &Description,
    version: i64,
) -> Result<bool, DbError> {
    let seq = next(tx, "change").await?;
    let changed = UPDATE
        .bind(id)
        .bind(d.kind.code())
        .bind(&d.title)
        .bind(&d.mission)
        .bind(&d.description)
        .bind(d.ministry_id)
        .bind(&d.ministry_key)
        .bind(d.incubator_id)
        .bind(&d.area)
        .bind(&d.policy_priority)
        .bind(d.interministerial)
        .bind(d.phase.map(Phase::code))
        .bind(d.phase_since)
        .bind(&d.link)
        .bind(&d.repository)
        .bind(&d.stats_url)
        .bind(&d.budget_url)
        .bind(&d.impact_url)
        .bind(&d.accessibility)
        .bind(normalise(&d.title))
        .bind(seq)
        .bind(version)
        .execute(tx)
        .await?;
    Ok(changed == 1)
}

/// What a list shows of a product's estimates.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Figures {
    pub(crate) baseline_cents: Option<i64>,
    pub(crate) cost_cents: Option<i64>,
    pub(crate) cost_slip: Option<f64>,
    pub(crate) baseline_seconds: Option<i64>,
    pub(crate) duration_seconds: Option<i64>,
    pub(crate) duration_slip: Option<f64>,
    pub(crate) estimated_on: Option<Date>,
}

pub(crate) async fn set_figures(tx: &mut Tx, id: Uuid, f: &Figures) -> Result<(), DbError> {
    let seq = next(tx, "change").await?;
    SET_FIGURES
        .bind(id)
        .bind(f.baseline_cents)
        .bind(f.cost_cents)
        .bind(f.cost_slip)
        .bind(f.baseline_seconds)
        .bind(f.duration_seconds)
        .bind(f.duration_slip)
        .bind(f.estimated_on)
        .bind(seq)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn set_merged(tx: &mut Tx, id: Uuid, into: Option<Uuid>) -> Result<(), DbError> {
    let seq = next(tx, "change").await?;
    SET_MERGED
        .bind(id)
        .bind(into)
        .bind(seq)
        .execute(&mut *tx)
        .await?;
    COUNT_ANEW.query().execute(tx).await.map(drop)
}

pub(crate) async fn by_alias(
    on: impl Into<Handle<'_>>,
    normalised: &str,
) -> Result<Option<Uuid>, DbError> {
    BY_ALIAS
        .bind(normalised)
        .optional(on, |row| row.get("product_id"))
        .await
}

pub(crate) async fn add_alias(tx: &mut Tx, normalised: &str, id: Uuid) -> Result<(), DbError> {
    ADD_ALIAS
        .bind(normalised)
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

/// Every name of every large project: normalised name, id, ministry key.
pub(crate) async fn known(
    on: impl Into<Handle<'_>>,
) -> Result<Vec<(String, Uuid, String)>, DbError> {
    KNOWN
        .query()
        .all(on, |row| {
            Ok((
                row.get("normalised")?,
                row.get("id")?,
                row.get("ministry_key")?,
            ))
        })
        .await
}

pub(crate) async fn details(tx: &mut Tx, id: Uuid) -> Result<Details, DbError> {
    let attributes = ATTRIBUTES
        .bind(id)
        .all(&mut *tx, |row| Ok((row.get("kind")?, row.get("value")?)))
        .await?;
    let phases = PHASES
        .bind(id)
        .all(&mut *tx, |row| {
            let phase: String = row.get("phase")?;
            Ok((
                Phase::parse(&phase),
                row.get("started_on")?,
                row.get("ended_on")?,
            ))
        })
        .await?
        .into_iter()
        .filter_map(|(phase, start, end): (Option<Phase>, Date, Option<Date>)| {
            Some((phase?, start, end))
        })
        .collect();
    let events = EVENTS
        .bind(id)
        .all(&mut *tx, |row| {
            Ok((
                row.get("name")?,
                row.get("happened_on")?,
                row.get("comment")?,
            ))
        })
        .await?;
    Ok(Details {
        attributes,
        phases,
        events,
    })
}

pub(crate) async fn set_details(tx: &mut Tx, id: Uuid, details: &Details) -> Result<(), DbError> {
    for clear in [&CLEAR_ATTRIBUTES, &CLEAR_PHASES, &CLEAR_EVENTS] {
        clear.bind(id).execute(&mut *tx).await?;
    }
    for (kind, value) in &details.attributes {
        ADD_ATTRIBUTE
            .bind(id)
            .bind(kind)
            .bind(value)
            .execute(&mut *tx)
            .await?;
    }
    for (position, (phase, start, end)) in (0_i64..).zip(&details.phases) {
        let query = ADD_PHASE.bind(id).bind(position).bind(phase.code());
        query.bind(*start).bind(*end).execute(&mut *tx).await?;
    }
    for (position, (name, on, comment)) in (0_i64..).zip(&details.events) {
        let query = ADD_EVENT.bind(id).bind(position).bind(name);
        query.bind(*on).bind(comment).execute(&mut *tx).await?;
    }
    Ok(())
}

/// The parts of a product that a person decided, by name.
pub(crate) async fn decided(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Vec<String>, DbError> {
    DECIDED.bind(id).all(on, |row| row.get("field")).await
}

/// Notes that a person decided a part of a product.
pub(crate) async fn decide(
    tx: &mut Tx,
    id: Uuid,
    field: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    let query = DECIDE.bind(id).bind(field).bind(at);
    query.execute(tx).await.map(drop)
}

/// Gives everything back to the sources; tells how many parts that were.
pub(crate) async fn give_back(tx: &mut Tx, id: Uuid) -> Result<u64, DbError> {
    GIVE_BACK.bind(id).execute(tx).await
}

/// Products that changed after a number, with the number of their latest change.
pub(crate) async fn changed(
    on: impl Into<Handle<'_>>,
    after: i64,
    limit: u32,
) -> Result<Vec<(i64, Product)>, DbError> {
    let query = CHANGED.bind(after).bind(limit);
    query
        .all(on, |row| Ok((row.get("changed_seq")?, read(row)?)))
        .await
}

/// The number of a product's latest change.
pub(crate) async fn change_of(on: impl Into<Handle<'_>>, id: Uuid) -> Result<i64, DbError> {
    CHANGE_OF
        .bind(id)
        .one(on, |row| row.get("changed_seq"))
        .await
}
