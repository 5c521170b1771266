//! What the watch found.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json, to_json};
use crate::domain::{Finding, Rule};

kit_db::statements! {
    FIND = "steering.alert.find":
        "SELECT t.*, p.title AS product_title FROM steering_alert t
         CROSS JOIN steering_product p WHERE p.product_id = t.product_id AND t.id = $1";
    OPEN = "steering.alert.open":
        "INSERT INTO steering_alert (id, product_id, ministry_id, rule, finding, cost_cents, opened_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (product_id, rule) WHERE closed_on IS NULL DO NOTHING";
    SAVE = "steering.alert.save":
        "UPDATE steering_alert SET finding = $3, cost_cents = $4, asked_on = $5, explain_by = $6,
            explanation = $7, explained_on = $8, closed_on = $9, closing = $10, close_reason = $11,
            row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    EVERY_OPEN = "steering.alert.every_open":
        "SELECT id, product_id, rule FROM steering_alert
         WHERE closed_on IS NULL AND (cost_cents, id) < ($1, $2)
         ORDER BY cost_cents DESC, id DESC LIMIT $3";
    OF_PRODUCT = "steering.alert.of_product":
        "SELECT t.*, p.title AS product_title FROM steering_alert t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id AND t.product_id = $1 AND t.closed_on IS NULL ORDER BY t.rule";
    DISMISSED = "steering.alert.dismissed":
        "SELECT t.*, p.title AS product_title FROM steering_alert t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id
             AND t.product_id = $1 AND t.rule = $2 ORDER BY t.opened_at DESC, t.id DESC LIMIT 1";
    UNEXPLAINED = "steering.alert.unexplained":
        "SELECT t.*, p.title AS product_title FROM steering_alert t
         CROSS JOIN steering_product p
         WHERE p.product_id = t.product_id
             AND t.explain_by IS NOT NULL AND t.explained_on IS NULL AND t.closed_on IS NULL
            AND t.explain_by < $1
         ORDER BY t.explain_by, t.id LIMIT $2";
}

/// An alert, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Its id.
    pub id: Uuid,
    /// The product.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// The ministry's organisation.
    pub ministry: Option<Uuid>,
    /// What was found.
    pub finding: Finding,
    /// The product's cost when it was, in cents.
    pub cost_cents: i64,
    /// Since when.
    pub opened_at: Timestamp,
    /// When an explanation was asked, and by when.
    pub asked: Option<(Date, Date)>,
    /// The explanation and when it was given.
    pub explained: Option<(Date, String)>,
    /// When it was closed, how (`dismiss`, or `clear` by the watch) and why.
    pub closed: Option<(Date, String, String)>,
    /// The version that a change names.
    pub version: i64,
}

pub(crate) fn read(row: &Row) -> Result<Alert, DbError> {
    let date = |column: &str| row.get::<Option<Date>>(column);
    let text = |column: &str| row.get::<String>(column);
    let explanation = text("explanation")?;
    let closing: Option<String> = row.get("closing")?;
    let reason = text("close_reason")?;
    Ok(Alert {
        id: row.get("id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        finding: json(row, "finding")?,
        cost_cents: row.get("cost_cents")?,
        opened_at: row.get("opened_at")?,
        asked: date("asked_on")?.zip(date("explain_by")?),
        explained: date("explained_on")?.map(|on| (on, explanation)),
        closed: date("closed_on")?.map(|on| (on, closing.unwrap_or_default(), reason)),
        version: row.get("row_version")?,
    })
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Alert>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Opens an alert; gives whether none of the product and rule was open.
pub(crate) async fn open(tx: &mut Tx, one: &Alert) -> Result<bool, DbError> {
    let query = OPEN
        .bind(one.id)
        .bind(one.product)
        .bind(one.ministry)
        .bind(one.finding.rule().code())
        .bind(to_json(&one.finding))
        .bind(one.cost_cents)
        .bind(one.opened_at);
    Ok(query.execute(tx).await? == 1)
}

/// Saves what changed; gives whether nobody changed it first.
pub(crate) async fn save(tx: &mut Tx, one: &Alert, version: i64) -> Result<bool, DbError> {
    let query = SAVE
        .bind(one.id)
        .bind(version)
        .bind(to_json(&one.finding))
        .bind(one.cost_cents)
        .bind(one.asked.map(|(on, _)| on))
        .bind(one.asked.map(|(_, by)| by))
        .bind(one.explained.as_ref().map_or("", |(_, text)| text.as_str()))
        .bind(one.explained.as_ref().map(|(on, _)| *on))
        .bind(one.closed.as_ref().map(|(on, ..)| *on))
        .bind(one.closed.as_ref().map(|(_, how, _)| how.as_str()))
        .bind(one.closed.as_ref().map_or("", |(.., why)| why.as_str()));
    Ok(query.execute(tx).await? == 1)
}

/// Every open alert in short: its product, rule and id.
pub(crate) async fn every_open(db: &Db) -> Result<Vec<(Uuid, Rule, Uuid)>, DbError> {
    let read_short = |row: &Row| {
        Ok((
            row.get::<Uuid>("product_id")?,
            code(row, "rule", Rule::parse)?,
            row.get::<Uuid>("id")?,
        ))
    };
    let mut all = Vec::new();
    let mut before = (i64::MAX, Uuid::max());
    loop {
        let query = EVERY_OPEN.bind(before.0).bind(before.1).bind(10_000_u32);
        let page: Vec<(Uuid, Rule, Uuid)> = query.all(db, read_short).await?;
        let Some((.., last)) = page.last().copied() else {
            return Ok(all);
        };
        all.extend(page);
        let Some(last) = find(db, last).await? else {
            return Ok(all);
        };
        before = (last.cost_cents, last.id);
    }
}

/// The open alerts of a product.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Vec<Alert>, DbError> {
    OF_PRODUCT.bind(product).all(on, read).await
}

/// The latest alert of a product and a rule, open or not.
pub(crate) async fn latest(
    on: impl Into<Handle<'_>>,
    product: Uuid,
    rule: Rule,
) -> Result<Option<Alert>, DbError> {
    let query = DISMISSED.bind(product).bind(rule.code());
    query.optional(on, read).await
}

/// Those that wait for an explanation whose day has passed, the oldest first.
pub(crate) async fn unexplained(db: &Db, today: Date, limit: u32) -> Result<Vec<Alert>, DbError> {
    UNEXPLAINED.bind(today).bind(limit).all(db, read).await
}
