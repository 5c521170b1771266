//! Products as their reviews see them.

use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use ports::ProductRecord;
use uuid::Uuid;

use super::code_or_none;
use crate::domain::{Level, next_due};

kit_db::statements! {
    FIND = "startups.product.find": "SELECT * FROM startups_product WHERE product_id = $1";
    ADD = "startups.product.add":
        "INSERT INTO startups_product (product_id, title, is_startup, is_live, priority_key,
            accessibility, repository)
         VALUES ($1, '', FALSE, FALSE, '', '', '') ON CONFLICT (product_id) DO NOTHING";
    // The row is held until the transaction ends: acts on one product wait for each other.
    HOLD = "startups.product.hold":
        "UPDATE startups_product SET title = title WHERE product_id = $1";
    SAVE = "startups.product.save":
        "UPDATE startups_product SET ministry_id = $2, incubator_id = $3, title = $4,
            is_startup = $5, is_live = $6, phase = $7, phase_since = $8, priority_key = $9,
            accessibility = $10, repository = $11, last_review_on = $12, due_on = $13, level = $14,
            invested_cents = $15, spent_cents = $16, announced_due = $17, overdue_told = $18,
            known_on = $19
         WHERE product_id = $1";
    ORGANISATIONS = "startups.product.organisations":
        "SELECT DISTINCT ministry_id, incubator_id FROM startups_product LIMIT 5000";
    DUE = "startups.product.due":
        "SELECT * FROM startups_product WHERE due_on <= $1
         ORDER BY due_on, product_id LIMIT $2";
    DUE_OF_MINISTRY = "startups.product.due_of_ministry":
        "SELECT * FROM startups_product WHERE ministry_id = $3 AND due_on <= $1
         ORDER BY due_on, product_id LIMIT $2";
    UNANNOUNCED = "startups.product.unannounced":
        "SELECT * FROM startups_product WHERE due_on <= $1
            AND (announced_due IS NULL OR announced_due <> due_on)
         ORDER BY due_on, product_id LIMIT $2";
    UNTOLD = "startups.product.untold":
        "SELECT * FROM startups_product WHERE due_on < $1
            AND (overdue_told IS NULL OR overdue_told <> due_on)
         ORDER BY due_on, product_id LIMIT $2";
    MARK = "startups.mark.find": "SELECT value FROM startups_mark WHERE name = 'portfolio'";
    SET_MARK = "startups.mark.set":
        "UPDATE startups_mark SET value = $1 WHERE name = 'portfolio' AND value < $1";
}

/// A product, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProduct {
    /// Its id.
    pub id: Uuid,
    /// Its ministry.
    pub ministry: Option<Uuid>,
    /// Its incubator.
    pub incubator: Option<Uuid>,
    /// Its name.
    pub title: String,
    /// Whether it is a start-up.
    pub is_startup: bool,
    /// Whether it goes on.
    pub is_live: bool,
    /// The code of its phase.
    pub phase: Option<String>,
    /// Since when.
    pub phase_since: Option<Date>,
    /// Since when its reviews are followed here.
    pub known_on: Option<Date>,
    /// The Government's priority that it serves, as names are compared.
    pub priority_key: String,
    /// What it says of its accessibility.
    pub accessibility: String,
    /// Where its source code is.
    pub repository: String,
    /// When the last review ended.
    pub last_review_on: Option<Date>,
    /// When the next one is due.
    pub due_on: Option<Date>,
    /// The level of the last review.
    pub level: Option<Level>,
    /// What was invested, in cents.
    pub invested_cents: i64,
    /// What reviews told as spent, in cents.
    pub spent_cents: i64,
    /// The due day of which the team was told.
    pub announced_due: Option<Date>,
    /// The due day that was told to have passed.
    pub overdue_told: Option<Date>,
}

impl StoredProduct {
    /// When its next review is due: of a live start-up whose phase or last review has a day.
    pub(crate) fn next_due(&self) -> Option<Date> {
        let due = next_due(self.last_review_on, self.phase_since, self.known_on)
            .ok()
            .flatten();
        due.filter(|_| self.is_startup && self.is_live)
    }
}

pub(crate) fn read(row: &Row) -> Result<StoredProduct, DbError> {
    Ok(StoredProduct {
        id: row.get("product_id")?,
        ministry: row.get("ministry_id")?,
        incubator: row.get("incubator_id")?,
        title: row.get("title")?,
        is_startup: row.get("is_startup")?,
        is_live: row.get("is_live")?,
        phase: row.get("phase")?,
        phase_since: row.get("phase_since")?,
        known_on: row.get("known_on")?,
        priority_key: row.get("priority_key")?,
        accessibility: row.get("accessibility")?,
        repository: row.get("repository")?,
        last_review_on: row.get("last_review_on")?,
        due_on: row.get("due_on")?,
        level: code_or_none(row, "level", Level::parse)?,
        invested_cents: row.get("invested_cents")?,
        spent_cents: row.get("spent_cents")?,
        announced_due: row.get("announced_due")?,
        overdue_told: row.get("overdue_told")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredProduct>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Keeps what the portfolio tells of a product, and holds its row until the transaction ends.
pub(crate) async fn keep(
    tx: &mut Tx,
    told: &ProductRecord,
    today: Date,
) -> Result<StoredProduct, DbError> {
    let product = &told.product;
    let id = product.id.0;
    ADD.bind(id).execute(&mut *tx).await?;
    HOLD.bind(id).execute(&mut *tx).await?;
    let kept = FIND.bind(id).one(&mut *tx, read).await?;
    let is_startup = product.kind == "start-up";
    let mut next = StoredProduct {
        ministry: product.ministry.map(|id| id.0),
        incubator: told.incubator.map(|id| id.0),
        title: product.title.clone(),
        is_startup,
        // What is no start-up goes on until it is done.
        is_live: if is_startup {
            told.is_live
        } else {
            product.phase != Some("done")
        },
        phase: product.phase.map(str::to_owned),
        phase_since: told.phase_since,
        known_on: kept.known_on.or(Some(today)),
        priority_key: names::normalise(&product.policy_priority),
        accessibility: told.accessibility.clone(),
        repository: told.repository.clone(),
        ..kept.clone()
    };
    next.due_on = next.next_due();
    if next != kept {
        save(tx, &next).await?;
    }
    Ok(next)
}

pub(crate) async fn save(tx: &mut Tx, one: &StoredProduct) -> Result<(), DbError> {
    SAVE.bind(one.id)
        .bind(one.ministry)
        .bind(one.incubator)
        .bind(&one.title)
        .bind(one.is_startup)
        .bind(one.is_live)
        .bind(one.phase.clone())
        .bind(one.phase_since)
        .bind(&one.priority_key)
        .bind(&one.accessibility)
        .bind(&one.repository)
        .bind(one.last_review_on)
        .bind(one.due_on)
        .bind(one.level.map(Level::code))
        .bind(one.invested_cents)
        .bind(one.spent_cents)
        .bind(one.announced_due)
        .bind(one.overdue_told)
        .bind(one.known_on)
        .execute(tx)
        .await
        .map(drop)
}

/// The ministries and the incubators of products.
pub(crate) async fn organisations(db: &Db) -> Result<(Vec<Uuid>, Vec<Uuid>), DbError> {
    let all: Vec<(Option<Uuid>, Option<Uuid>)> = ORGANISATIONS
        .query()
        .all(db, |row| {
            Ok((row.get("ministry_id")?, row.get("incubator_id")?))
        })
        .await?;
    let sorted = |mut ids: Vec<Uuid>| {
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    Ok((
        sorted(all.iter().filter_map(|(ministry, _)| *ministry).collect()),
        sorted(all.iter().filter_map(|(_, incubator)| *incubator).collect()),
    ))
}

/// Live start-ups whose review is due until a day, the first due first.
pub(crate) async fn due(
    db: &Db,
    until: Date,
    ministry: Option<Uuid>,
    limit: u32,
) -> Result<Vec<StoredProduct>, DbError> {
    match ministry {
        Some(id) => {
            DUE_OF_MINISTRY
                .bind(until)
                .bind(limit)
                .bind(id)
                .all(db, read)
                .await
        }
        None => DUE.bind(until).bind(limit).all(db, read).await,
    }
}

/// Those whose team wasn't told of a review that is due until a day.
pub(crate) async fn unannounced(
    db: &Db,
    until: Date,
    limit: u32,
) -> Result<Vec<StoredProduct>, DbError> {
    UNANNOUNCED.bind(until).bind(limit).all(db, read).await
}

/// Those whose review is overdue and of whom nobody was told.
pub(crate) async fn untold(
    db: &Db,
    today: Date,
    limit: u32,
) -> Result<Vec<StoredProduct>, DbError> {
    UNTOLD.bind(today).bind(limit).all(db, read).await
}

/// The number of the last change of the portfolio that was followed.
pub(crate) async fn mark(db: &Db) -> Result<i64, DbError> {
    MARK.query().one(db, |row| row.get("value")).await
}

pub(crate) async fn set_mark(tx: &mut Tx, value: i64) -> Result<(), DbError> {
    SET_MARK.bind(value).execute(tx).await.map(drop)
}
