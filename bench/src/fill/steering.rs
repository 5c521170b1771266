//! Steering at full size: reviews, recommendations, alerts, decisions, promises and their figures, on
//! the products that [`super::fill`] left. Rows and totals are those that the acts would leave.

use std::collections::HashMap;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan as _};
use kit_db::{Db, Engine, Statement, Tx};
use uuid::Uuid;

use super::{Batch, MINISTRIES, Seed, id};
use crate::BenchError;

/// How much of it there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SteeringSize {
    /// Products that were filled in.
    pub(crate) products: u32,
    /// Recommendations in all.
    pub(crate) recommendations: u32,
    /// Figures of indicators in all.
    pub(crate) observations: u32,
}

impl SteeringSize {
    /// Recommendations of one product.
    fn each(self) -> u32 {
        self.recommendations.div_ceil(self.products.max(1))
    }
}

/// The ministry and the title of each product, as the portfolio keeps them.
type Known = HashMap<Uuid, (Uuid, String)>;

async fn known(db: &Db) -> Result<Known, BenchError> {
    let all = Statement::new(
        "bench.steering.products",
        "SELECT id, ministry_id, title FROM product WHERE ministry_id IS NOT NULL",
    );
    let all = all.query().all(db, |row| {
        Ok((row.get("id")?, (row.get("ministry_id")?, row.get("title")?)))
    });
    Ok(all.await?.into_iter().collect())
}

fn of(known: &Known, number: u32) -> Result<(Uuid, String), BenchError> {
    let found = known.get(&product(number)).cloned();
    found.ok_or_else(|| BenchError::Program(format!("product {number} has no ministry")))
}

/// Figures of one indicator: five years of weeks.
const FIGURES_EACH: u32 = 250;
const INDICATORS_AT_ONCE: u32 = 2_000;
const FIRST_FIGURE: Date = date(2021, 1, 4);
const AXES: [&str; 5] = ["strategy", "finance", "governance", "delivery", "planning"];
const MILLION: i64 = 1_000_000;

fn product(number: u32) -> Uuid {
    id(3, number.into())
}

fn review(number: u32) -> Uuid {
    id(6, number.into())
}

pub(crate) fn recommendation(number: u32) -> Uuid {
    id(7, number.into())
}

pub(crate) fn indicator(number: u32) -> Uuid {
    id(8, number.into())
}

/// How many indicators there are.
pub(crate) fn indicators(size: SteeringSize) -> u32 {
    size.observations.div_ceil(FIGURES_EACH)
}

/// Whether it is there whole; an error when something else or a part of it is.
async fn is_filled(db: &Db, size: SteeringSize) -> Result<bool, BenchError> {
    let count = |sql: &'static str| Statement::new("bench.steering.count", sql);
    let rows = count("SELECT COUNT(*) AS n FROM steering_product");
    let rows: i64 = rows.query().one(db, |row| row.get("n")).await?;
    if rows == 0 {
        return Ok(false);
    }
    let given = count("SELECT COUNT(*) AS n FROM steering_recommendation");
    let given: i64 = given.query().one(db, |row| row.get("n")).await?;
    // The last that is written: with its figures all the others have theirs.
    let last = indicator(indicators(size).saturating_sub(1));
    let figures = count("SELECT COUNT(*) AS n FROM impact_observation WHERE indicator_id = $1");
    let figures: i64 = figures.bind(last).one(db, |row| row.get("n")).await?;
    if given == i64::from(size.recommendations) && figures == i64::from(FIGURES_EACH) {
        return Ok(true);
    }
    Err(BenchError::Program(format!(
        "the database holds {given} recommendations and {figures} figures of the last indicator: another \
         size, or a filling that was cut off; start from an empty one"
    )))
}

/// Fills it in, unless it is there.
pub(crate) async fn fill(db: &Db, size: SteeringSize, today: Date) -> Result<(), BenchError> {
    if is_filled(db, size).await? {
        return Ok(());
    }
    println!("filling {} recommendations…", size.recommendations);
    let known = known(db).await?;
    let mut writer = Writer::new(size, today);
    let mut tx = db.begin().await?;
    for number in 0..MINISTRIES {
        let row = vec![id(1, number.into()).into()];
        writer.ministry.row(&mut tx, row).await?;
    }
    writer.ministry.flush(&mut tx).await?;
    for number in 0..size.products {
        writer.product(&mut tx, number, of(&known, number)?).await?;
        if number % 2_000 == 1_999 {
            writer.flush(&mut tx).await?;
            tx.commit().await?;
            tx = db.begin().await?;
        }
    }
    writer.flush(&mut tx).await?;
    for (name, total) in writer.totals {
        Statement::new(
            "bench.steering.total",
            "UPDATE steering_total SET total = $2 WHERE name = $1",
        )
        .bind(name)
        .bind(total)
        .execute(&mut tx)
        .await?;
    }
    // The watch stands still while pages are measured: it looked just now, and looks again in a year.
    let next = i64::from(today.year()) + 1;
    let at = date(i16::try_from(next).unwrap_or(9_000), 1, 1)
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .map_or(Timestamp::MAX, |at| at.timestamp());
    Statement::new("bench.steering.round", "UPDATE steering_round SET at = $1")
        .bind(at)
        .execute(&mut tx)
        .await?;
    tx.commit().await?;
    println!("filling {} figures…", size.observations);
    promises(db, &known, size, today).await?;
    figures(db, size).await?;
    Statement::new("bench.analyze", "ANALYZE")
        .query()
        .execute(db)
        .await?;
    Ok(())
}

struct Writer {
    size: SteeringSize,
    today: Date,
    draw: Seed,
    recommendations: u32,
    events: u32,
    totals: [(&'static str, i64); 7],
    ministry: Batch,
    product: Batch,
    review: Batch,
    recommendation: Batch,
    decision: Batch,
    alert: Batch,
    event: Batch,
}

/// Places among [`Writer::totals`].
const OWED: usize = 0;
const OVERDUE: usize = 1;
const CLAIMED: usize = 2;
const ALERTS: usize = 3;
const REVIEWS: usize = 4;
const CENTS: usize = 5;
const AT_RISK: usize = 6;

impl Writer {
    fn new(size: SteeringSize, today: Date) -> Self {
        Self {
            size,
            today,
            draw: Seed(5_026),
            recommendations: 0,
            events: 0,
            totals: [
                ("recommendations-owed", 0),
                ("recommendations-overdue", 0),
                ("recommendations-claimed", 0),
                ("alerts-open", 0),
                ("reviews-open", 0),
                ("cents-at-risk", 0),
                ("products-at-risk", 0),
            ],
            ministry: Batch::new("steering_ministry (ministry_id)", 1),
            product: Batch::new(
                "steering_product (product_id, ministry_id, title, cost_cents, open_alerts,
                 unfavourable_review_id, own_rating, own_on, independent_rating, independent_on,
                 held_since, held_reason, at_risk_cents)",
                13,
            ),
            review: Batch::new(
                "steering_review (id, product_id, ministry_id, kind, is_binding, foreseen_cents,
                 asked_by, state, opinion, announced_on, received_on, due_on, ended_on, file,
                 public_on, recommendations, created_at, updated_at)",
                18,
            ),
            recommendation: Batch::new(
                "steering_recommendation (id, product_id, ministry_id, review_id, text, axis, owner,
                 due_on, status, step, is_overdue, waits_until, evidence, link, reoriented_how,
                 public_on, created_at, updated_at)",
                18,
            ),
            decision: Batch::new(
                "steering_decision (id, product_id, ministry_id, review_id, kind, decided_on, reasons,
                 next, next_by, kept_assets, figures, decided_by, decided_at, public_on)",
                14,
            ),
            alert: Batch::new(
                "steering_alert (id, product_id, ministry_id, rule, finding, cost_cents, opened_at,
                 explain_by)",
                8,
            ),
            event: Batch::new(
                "steering_event (id, product_id, subject_kind, subject_id, position, act, on_day, at,
                 by_name, reason)",
                10,
            ),
        }
    }

    /// In the order in which they refer to each other.
    async fn flush(&mut self, tx: &mut Tx) -> Result<(), BenchError> {
        let all = [
            &mut self.product,
            &mut self.review,
            &mut self.recommendation,
            &mut self.decision,
            &mut self.alert,
            &mut self.event,
        ];
        Batch::flush_all(all, tx).await
    }

    fn before(&mut self, days: u64) -> Date {
        let days = i64::try_from(self.draw.below(days)).unwrap_or(0);
        self.today.saturating_sub(days.days())
    }

    /// One in five has had a review, one in ten drifts, one in two hundred is held.
    async fn product(
        &mut self,
        tx: &mut Tx,
        number: u32,
        (ministry, title): (Uuid, String),
    ) -> Result<(), BenchError> {
        let cost = i64::try_from((100 + self.draw.below(10_000)) * 1_000_000).unwrap_or(0);
        let is_reviewed = number.is_multiple_of(5);
        let is_unfavourable = number.is_multiple_of(50);
        let drifts = number.is_multiple_of(10);
        let is_held = number.is_multiple_of(200);
        let at_risk = if drifts || is_unfavourable { cost } else { 0 };
        self.totals[CENTS].1 += at_risk;
        self.totals[AT_RISK].1 += i64::from(at_risk > 0);
        let on = self.before(300);
        self.product.values.extend([
            product(number).into(),
            ministry.into(),
            title.into(),
            cost.into(),
            i64::from(drifts).into(),
            is_unfavourable.then(|| review(number)).into(),
            Some("green")
                .filter(|_| is_reviewed)
                .map(str::to_owned)
                .into(),
            is_reviewed.then_some(on).into(),
            Some("amber")
                .filter(|_| is_reviewed)
                .map(str::to_owned)
                .into(),
            is_reviewed.then_some(on).into(),
            is_held.then_some(on).into(),
            is_held.then(|| "Un avis défavorable".to_owned()).into(),
            at_risk.into(),
        ]);
        if is_reviewed {
            self.review(number, ministry, is_unfavourable);
        }
        if drifts {
            self.alert(number, ministry, cost);
        }
        if number.is_multiple_of(4) {
            self.decision(number, ministry);
        }
        for _ in 0..self.size.each() {
            self.recommend(number, ministry, is_reviewed);
        }
        if number % 100 == 99 {
            self.flush(tx).await?;
        }
        Ok(())
    }

    fn happened(
        &mut self,
        number: u32,
        subject: (&'static str, Uuid),
        act: &'static str,
        on: Date,
    ) {
        self.events += 1;
        self.event.values.extend([
            id(9, self.events.into()).into(),
            product(number).into(),
            subject.0.into(),
            subject.1.into(),
            1_i64.into(),
            act.into(),
            on.into(),
            Timestamp::UNIX_EPOCH.into(),
            "Camille Moreau".into(),
            "Ce qui a été constaté sur place et ce qu’en dit le dossier.".into(),
        ]);
    }

    /// One in fifty is being examined.
    fn review(&mut self, number: u32, ministry: Uuid, is_unfavourable: bool) {
        let is_open = number.is_multiple_of(250) && !is_unfavourable;
        let announced = self.before(if is_open { 20 } else { 1_500 });
        let (state, opinion) = match (is_open, is_unfavourable) {
            (true, _) => ("running", None),
            (false, true) => ("given", Some("unfavourable")),
            (false, false) => ("given", Some("with-reservations")),
        };
        let ended = announced.saturating_add(25.days());
        self.totals[REVIEWS].1 += i64::from(is_open);
        let each = self.size.each();
        self.review.values.extend([
            review(number).into(),
            product(number).into(),
            ministry.into(),
            "article-3".into(),
            true.into(),
            (12 * 100 * MILLION).into(),
            "".into(),
            state.into(),
            opinion.map(str::to_owned).into(),
            announced.into(),
            Some(announced).into(),
            is_open.then(|| self.today.saturating_add(5.days())).into(),
            (!is_open).then_some(ended).into(),
            "{}".into(),
            (!is_open).then(|| ended.saturating_add(30.days())).into(),
            i64::from(each).into(),
            Timestamp::UNIX_EPOCH.into(),
            Timestamp::UNIX_EPOCH.into(),
        ]);
        self.happened(number, ("review", review(number)), "announce", announced);
    }

    fn alert(&mut self, number: u32, ministry: Uuid, cost: i64) {
        let baseline = cost / 3 * 2;
        let finding = serde_json::json!({
            "rule": "cost", "baseline_cents": baseline, "cost_cents": cost, "slip": 0.5, "limit": 0.2,
        });
        self.totals[ALERTS].1 += 1;
        let explain = number
            .is_multiple_of(100)
            .then(|| self.today.saturating_sub(3.days()));
        self.alert.values.extend([
            id(10, number.into()).into(),
            product(number).into(),
            ministry.into(),
            "cost".into(),
            finding.to_string().into(),
            cost.into(),
            Timestamp::UNIX_EPOCH.into(),
            explain.into(),
        ]);
    }

    fn decision(&mut self, number: u32, ministry: Uuid) {
        let on = self.before(1_500);
        self.decision.values.extend([
            id(11, number.into()).into(),
            product(number).into(),
            ministry.into(),
            None::<Uuid>.into(),
            "continue".into(),
            on.into(),
            "Les figures et les indicateurs du projet le permettent.".into(),
            "Revoir le projet à la fin de la prochaine étape.".into(),
            number
                .is_multiple_of(8)
                .then(|| on.saturating_add(1.years()))
                .into(),
            "".into(),
            "{}".into(),
            "Camille Moreau".into(),
            Timestamp::UNIX_EPOCH.into(),
            Some(on.saturating_add(30.days())).into(),
        ]);
        self.happened(number, ("decision", id(11, number.into())), "continue", on);
    }

    /// Six in ten are verified; of those that are owed a half is overdue.
    fn recommend(&mut self, number: u32, ministry: Uuid, is_reviewed: bool) {
        if self.recommendations >= self.size.recommendations {
            return;
        }
        let one = self.recommendations;
        self.recommendations += 1;
        let status = match self.draw.below(10) {
            0..=5 => "verified",
            6 => "claimed",
            7 => "accepted",
            8 => "in-progress",
            _ => "proposed",
        };
        let is_owed = !matches!(status, "verified" | "claimed");
        let is_overdue = is_owed && self.draw.below(2) == 0;
        let due = if is_owed && !is_overdue {
            let days = i64::try_from(1 + self.draw.below(400)).unwrap_or(1);
            self.today.saturating_add(days.days())
        } else {
            self.before(12).saturating_sub(1.days())
        };
        self.totals[OWED].1 += i64::from(is_owed);
        self.totals[OVERDUE].1 += i64::from(is_overdue);
        self.totals[CLAIMED].1 += i64::from(status == "claimed");
        let step = is_overdue.then(|| "owner".to_owned());
        // The next step of those that are overdue is some days away: nobody escalates meanwhile.
        let waits = is_owed.then(|| {
            if is_overdue {
                self.today.saturating_add(400.days())
            } else {
                due
            }
        });
        let axis = AXES[self.draw.below(5) as usize];
        self.recommendation.values.extend([
            recommendation(one).into(),
            product(number).into(),
            ministry.into(),
            is_reviewed.then(|| review(number)).into(),
            "Découper le projet en lots qui servent chacun sans attendre les autres, et dire de \
             chacun ce qu’il change pour les usagers."
                .into(),
            axis.into(),
            "Direction du numérique".into(),
            due.into(),
            status.into(),
            step.into(),
            is_overdue.into(),
            waits.into(),
            "".into(),
            "".into(),
            "".into(),
            is_reviewed.then_some(due).into(),
            Timestamp::UNIX_EPOCH.into(),
            Timestamp::UNIX_EPOCH.into(),
        ]);
        self.happened(
            number,
            ("recommendation", recommendation(one)),
            "propose",
            due.min(self.today),
        );
    }
}

/// Two indicators a product: one in ten has missed its target, one in ten is behind.
async fn promises(
    db: &Db,
    known: &Known,
    size: SteeringSize,
    today: Date,
) -> Result<(), BenchError> {
    let mut batch = Batch::new(
        "impact_indicator (id, product_id, told_product_id, product_title, ministry_id, sort_key, name,
         measured, unit, more_is_better, formula, source, method, owner, rhythm, level, origin,
         baseline_value, baseline_on, target_value, due_on, observations, latest_value, latest_on,
         latest_quality, met, behind, fresh_until, owing, lagging, created_at)",
        31,
    );
    let mut draw = Seed(41);
    let last = FIRST_FIGURE.saturating_add((i64::from(FIGURES_EACH - 1) * 7).days());
    let levels = ["usable", "used", "useful", "impactful", "efficient"];
    let mut tx = db.begin().await?;
    for number in 0..indicators(size) {
        let at = number % size.products.max(1);
        let (ministry, title) = of(known, at)?;
        let (owing, lagging) = (number % 10 == 1, number % 10 == 2);
        let base = i64::from(number % 1_000) * MILLION;
        let name = format!("Dossiers traités dans le délai {number:06}");
        let due = if owing {
            let days = i64::try_from(1 + draw.below(700)).unwrap_or(1);
            today.saturating_sub(days.days())
        } else {
            today.saturating_add(365.days())
        };
        batch.values.extend([
            indicator(number).into(),
            product(at).into(),
            product(at).into(),
            title.into(),
            ministry.into(),
            names::normalise(&name).into(),
            name.into(),
            "La part des dossiers traités en moins de quinze jours.".into(),
            "dossiers".into(),
            true.into(),
            "".into(),
            "Outil de suivi".into(),
            "".into(),
            "".into(),
            "weekly".into(),
            levels[number as usize % 5].into(),
            "hand".into(),
            base.into(),
            FIRST_FIGURE.into(),
            (base + 400 * MILLION).into(),
            due.into(),
            i64::from(FIGURES_EACH).into(),
            (base + i64::from(FIGURES_EACH) * MILLION).into(),
            last.into(),
            "measured".into(),
            "neither".into(),
            lagging.into(),
            Some(today.saturating_add(365.days())).into(),
            owing.into(),
            lagging.into(),
            Timestamp::UNIX_EPOCH.into(),
        ]);
        if number % 500 == 499 {
            batch.flush(&mut tx).await?;
        }
    }
    batch.flush(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// The figures, made inside the database: to send each would take hours.
async fn figures(db: &Db, size: SteeringSize) -> Result<(), BenchError> {
    let run = |sql: &'static str| Statement::new("bench.figures", sql);
    let mut tx = db.begin().await?;
    run("CREATE TABLE bench_week (number BIGINT PRIMARY KEY, day TEXT NOT NULL)")
        .query()
        .execute(&mut tx)
        .await?;
    let mut weeks = Batch::new("bench_week (number, day)", 2);
    for number in 1..=FIGURES_EACH {
        let day = FIRST_FIGURE.saturating_add((i64::from(number - 1) * 7).days());
        let row = vec![i64::from(number).into(), day.into()];
        weeks.row(&mut tx, row).await?;
    }
    weeks.flush(&mut tx).await?;
    tx.commit().await?;
    let all = indicators(size);
    for from in (0..all).step_by(INDICATORS_AT_ONCE as usize) {
        let mut tx = db.begin().await?;
        if db.engine() == Engine::Postgres {
            // Each figure's indicator was written a moment ago: it isn't looked up fifty million times.
            run("SET LOCAL session_replication_role = replica")
                .query()
                .execute(&mut tx)
                .await?;
        }
        run("INSERT INTO impact_observation (indicator_id, as_of, source, revision, seq, value, quality,
                reason, author, recorded_at)
             SELECT i.id, w.day, 'mesure', 1, w.number, i.baseline_value + w.number * 1000000, 'measured',
                '', 'bench', 0
             FROM impact_indicator i CROSS JOIN bench_week w WHERE i.id >= $1 AND i.id < $2
             ORDER BY i.id, w.number")
        .bind(indicator(from))
        .bind(indicator(from.saturating_add(INDICATORS_AT_ONCE)))
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
    }
    run("DROP TABLE bench_week").query().execute(db).await?;
    Ok(())
}
