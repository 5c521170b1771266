//! Products as steering sees them, totals, and the numbers of the rules.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use ports::ProductSummary;
use uuid::Uuid;

use super::code_or_none;
use crate::domain::{
    Confidence, EscalationRule, EscalationStep, Limits, ProposalRules, Ratings, WEIGHED,
};

kit_db::statements! {
    FIND = "steering.product.find": "SELECT * FROM steering_product WHERE product_id = $1";
    KEEP = "steering.product.keep":
        "INSERT INTO steering_product (product_id, ministry_id, title, cost_cents)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (product_id) DO UPDATE SET ministry_id = excluded.ministry_id,
            title = excluded.title, cost_cents = excluded.cost_cents";
    KEEP_MINISTRY = "steering.ministry.keep":
        "INSERT INTO steering_ministry (ministry_id) VALUES ($1) ON CONFLICT (ministry_id) DO NOTHING";
    MINISTRIES = "steering.ministry.all":
        "SELECT ministry_id FROM steering_ministry ORDER BY ministry_id LIMIT 1000";
    MOVE_REVIEWS = "steering.review.move": "UPDATE steering_review SET ministry_id = $2 WHERE product_id = $1";
    MOVE_RECOMMENDATIONS = "steering.recommendation.move":
        "UPDATE steering_recommendation SET ministry_id = $2 WHERE product_id = $1";
    MOVE_DECISIONS = "steering.decision.move":
        "UPDATE steering_decision SET ministry_id = $2 WHERE product_id = $1";
    MOVE_ALERTS = "steering.alert.move":
        "UPDATE steering_alert SET ministry_id = $2 WHERE product_id = $1";
    SAVE = "steering.product.save":
        "UPDATE steering_product SET open_alerts = $2, unfavourable_review_id = $3, own_rating = $4,
            own_on = $5, independent_rating = $6, independent_on = $7, held_since = $8,
            held_reason = $9, at_risk_cents = $10
         WHERE product_id = $1";
    AT_RISK = "steering.product.at_risk":
        "SELECT * FROM steering_product WHERE at_risk_cents > 0
         ORDER BY at_risk_cents DESC, product_id DESC LIMIT $1";
    HELD = "steering.product.held":
        "SELECT * FROM steering_product WHERE held_since IS NOT NULL
         ORDER BY held_since, product_id LIMIT $1";
    DISAGREES = "steering.product.disagrees":
        "SELECT * FROM steering_product WHERE own_rating <> independent_rating AND product_id > $1
         ORDER BY product_id LIMIT $2";
    OF_MINISTRY = "steering.product.of_ministry":
        "SELECT * FROM steering_product WHERE ministry_id = $1 ORDER BY product_id LIMIT 5000";
    COUNT = "steering.total.add": "UPDATE steering_total SET total = total + $2 WHERE name = $1";
    TOTALS = "steering.total.all": "SELECT name, total FROM steering_total";
    RULES = "steering.rule.all": "SELECT name, value FROM steering_rule";
    TAKE_ROUND = "steering.round.take":
        "UPDATE steering_round SET at = $2 WHERE name = $1 AND at <= $3";
}

/// A product, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredProduct {
    pub(crate) id: Uuid,
    pub(crate) ministry: Option<Uuid>,
    pub(crate) title: String,
    pub(crate) cost_cents: i64,
    /// Open alerts of rules that tell a drift.
    pub(crate) open_alerts: i64,
    pub(crate) unfavourable: Option<Uuid>,
    pub(crate) ratings: Ratings,
    /// Since when its funding is held, and why.
    pub(crate) held: Option<(Date, String)>,
    pub(crate) at_risk_cents: i64,
}

impl StoredProduct {
    /// Its cost when it drifts or has an unfavourable opinion.
    fn risk(&self) -> i64 {
        if self.open_alerts > 0 || self.unfavourable.is_some() {
            self.cost_cents
        } else {
            0
        }
    }
}

fn read(row: &Row) -> Result<StoredProduct, DbError> {
    let rating = |rating: &str, on: &str| -> Result<Option<(Confidence, Date)>, DbError> {
        let rating = code_or_none(row, rating, Confidence::parse)?;
        Ok(rating.zip(row.get::<Option<Date>>(on)?))
    };
    let since: Option<Date> = row.get("held_since")?;
    let reason: Option<String> = row.get("held_reason")?;
    Ok(StoredProduct {
        id: row.get("product_id")?,
        ministry: row.get("ministry_id")?,
        title: row.get("title")?,
        cost_cents: row.get("cost_cents")?,
        open_alerts: row.get("open_alerts")?,
        unfavourable: row.get("unfavourable_review_id")?,
        ratings: Ratings {
            own: rating("own_rating", "own_on")?,
            independent: rating("independent_rating", "independent_on")?,
        },
        held: since.map(|since| (since, reason.unwrap_or_default())),
        at_risk_cents: row.get("at_risk_cents")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredProduct>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Keeps a product as the portfolio tells it, and holds its row until the transaction ends. What
/// steering knows of it follows it to another ministry.
pub(crate) async fn keep(tx: &mut Tx, product: &ProductSummary) -> Result<StoredProduct, DbError> {
    let id = product.id.0;
    let ministry = product.ministry.map(|ministry| ministry.0);
    let before = find(&mut *tx, id).await?;
    KEEP.bind(id)
        .bind(ministry)
        .bind(&product.title)
        .bind(product.cost_cents.unwrap_or(0))
        .execute(&mut *tx)
        .await?;
    if let Some(ministry) = ministry {
        keep_ministry(&mut *tx, ministry).await?;
    }
    if before.is_some_and(|before| before.ministry != ministry) {
        for statement in [
            &MOVE_REVIEWS,
            &MOVE_RECOMMENDATIONS,
            &MOVE_DECISIONS,
            &MOVE_ALERTS,
        ] {
            statement.bind(id).bind(ministry).execute(&mut *tx).await?;
        }
    }
    let kept = FIND.bind(id).one(&mut *tx, read).await?;
    if kept.risk() == kept.at_risk_cents {
        return Ok(kept);
    }
    save(tx, kept).await
}

/// Keeps a ministry among those of which steering knows something.
pub(crate) async fn keep_ministry(tx: &mut Tx, ministry: Uuid) -> Result<(), DbError> {
    KEEP_MINISTRY.bind(ministry).execute(tx).await.map(drop)
}

/// Saves what changed of a product that [`keep`] holds, and the money at risk.
pub(crate) async fn save(
    tx: &mut Tx,
    mut product: StoredProduct,
) -> Result<StoredProduct, DbError> {
    let before = product.at_risk_cents;
    product.at_risk_cents = product.risk();
    let (own, independent) = (product.ratings.own, product.ratings.independent);
    SAVE.bind(product.id)
        .bind(product.open_alerts)
        .bind(product.unfavourable)
        .bind(own.map(|(rating, _)| rating.code()))
        .bind(own.map(|(_, on)| on))
        .bind(independent.map(|(rating, _)| rating.code()))
        .bind(independent.map(|(_, on)| on))
        .bind(product.held.as_ref().map(|(since, _)| *since))
        .bind(product.held.as_ref().map(|(_, reason)| reason.as_str()))
        .bind(product.at_risk_cents)
        .execute(&mut *tx)
        .await?;
    let was = i64::from(before > 0);
    let is = i64::from(product.at_risk_cents > 0);
    count(tx, "cents-at-risk", product.at_risk_cents - before).await?;
    count(tx, "products-at-risk", is - was).await?;
    Ok(product)
}

/// Adds to a total.
pub(crate) async fn count(tx: &mut Tx, name: &str, by: i64) -> Result<(), DbError> {
    if by == 0 {
        return Ok(());
    }
    COUNT.bind(name).bind(by).execute(tx).await.map(drop)
}

pub(crate) async fn totals(db: &Db) -> Result<BTreeMap<String, i64>, DbError> {
    let read = |row: &Row| Ok((row.get::<String>("name")?, row.get::<i64>("total")?));
    Ok(TOTALS.query().all(db, read).await?.into_iter().collect())
}

/// Ministries of which a product is known.
pub(crate) async fn ministries(db: &Db) -> Result<Vec<Uuid>, DbError> {
    MINISTRIES
        .query()
        .all(db, |row| row.get("ministry_id"))
        .await
}

/// The costliest first.
pub(crate) async fn at_risk(db: &Db, limit: u32) -> Result<Vec<StoredProduct>, DbError> {
    AT_RISK.bind(limit).all(db, read).await
}

/// Those whose funding is held, the longest first.
pub(crate) async fn held(db: &Db, limit: u32) -> Result<Vec<StoredProduct>, DbError> {
    HELD.bind(limit).all(db, read).await
}

/// What is known of a ministry's products.
pub(crate) async fn of_ministry(db: &Db, ministry: Uuid) -> Result<Vec<StoredProduct>, DbError> {
    OF_MINISTRY.bind(ministry).all(db, read).await
}

/// Those whose two ratings differ, after an id.
pub(crate) async fn disagreeing(
    db: &Db,
    after: Uuid,
    limit: u32,
) -> Result<Vec<StoredProduct>, DbError> {
    DISAGREES.bind(after).bind(limit).all(db, read).await
}

/// The numbers of the rules.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rules {
    pub(crate) escalation: EscalationRule,
    pub(crate) limits: Limits,
    pub(crate) explanation_days: i64,
}

pub(crate) async fn rules(on: impl Into<Handle<'_>>) -> Result<Rules, DbError> {
    let read = |row: &Row| Ok((row.get::<String>("name")?, row.get::<f64>("value")?));
    let all: BTreeMap<String, f64> = RULES.query().all(on, read).await?.into_iter().collect();
    let number = |name: &str, usual: f64| all.get(name).copied().unwrap_or(usual);
    let mut escalation = EscalationRule::default();
    for (days, step) in escalation.days.iter_mut().zip(EscalationStep::ALL) {
        let name = format!("escalate-{}-days", step.code());
        *days = number(&name, f64::from(*days)).clamp(0.0, 10_000.0) as u32;
    }
    let usual = Limits::default();
    Ok(Rules {
        escalation,
        limits: Limits {
            cost_rate: number("watch-cost-rate", usual.cost_rate),
            duration_rate: number("watch-duration-rate", usual.duration_rate),
            stale_days: number("watch-stale-days", usual.stale_days as f64) as i64,
            worse_rate: number("watch-worse-rate", usual.worse_rate),
            quiet_days: number("watch-quiet-days", usual.quiet_days as f64) as i64,
        },
        explanation_days: number("explanation-days", 15.0).clamp(1.0, 365.0) as i64,
    })
}

/// The numbers by which conferences' projects are ranked.
pub(crate) async fn proposal_rules(db: &Db) -> Result<ProposalRules, DbError> {
    let limits = rules(db).await?.limits;
    let read = |row: &Row| Ok((row.get::<String>("name")?, row.get::<f64>("value")?));
    let all: BTreeMap<String, f64> = RULES.query().all(db, read).await?.into_iter().collect();
    let mut told = ProposalRules {
        limits,
        ..ProposalRules::default()
    };
    let number = |name: &str, usual: i64, most: f64| {
        let found = all.get(&format!("conference-{name}"));
        found.map_or(usual, |value| value.clamp(0.0, most) as i64)
    };
    for (weight, code) in told.weights.iter_mut().zip(WEIGHED) {
        *weight = number(&format!("weight-{code}"), *weight, 1_000.0);
    }
    told.risk_cents = number("risk-millions", 10, 1_000_000.0) * 100_000_000;
    let points = number("points", 12, 100.0);
    told.points_max = usize::try_from(points).unwrap_or(told.points_max);
    Ok(told)
}

/// Takes a round that nobody took since an instant; gives whether it is ours.
pub(crate) async fn take_round(
    db: &Db,
    name: &str,
    now: Timestamp,
    since: Timestamp,
) -> Result<bool, DbError> {
    let query = TAKE_ROUND.bind(name).bind(now).bind(since);
    Ok(query.execute(db).await? == 1)
}
