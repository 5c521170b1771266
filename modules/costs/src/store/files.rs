//! Products whose cost is stored, with what their latest version says.

use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Statement, Tx, Value};
use uuid::Uuid;

kit_db::statements! {
    OF_PRODUCT = "costs.file.of_product": "SELECT * FROM costs_file WHERE product_id = $1";
    // Adds the product's row, or locks it until the transaction ends: versions are made one at a time.
    LOCK = "costs.file.lock":
        "UPDATE costs_file SET latest = latest WHERE product_id = $1 RETURNING *";
    INSERT = "costs.file.insert":
        "INSERT INTO costs_file (id, product_id, product_title, ministry_id, sort_key, latest, as_of,
            total_cents, per_year_cents, weight_cents)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (product_id) DO NOTHING";
    UPDATE = "costs.file.update":
        "UPDATE costs_file SET product_title = $2, ministry_id = $3, sort_key = $4, latest = $5,
            as_of = $6, total_cents = $7, per_year_cents = $8, weight_cents = $9
         WHERE id = $1 AND latest = $5 - 1";
    FOLLOW = "costs.file.follow":
        "UPDATE costs_file SET product_id = $2, product_title = $3, ministry_id = $4, sort_key = $5
         WHERE id = $1";
    MINISTRIES = "costs.file.ministries":
        "SELECT DISTINCT ministry_id FROM costs_file WHERE ministry_id IS NOT NULL
         ORDER BY ministry_id LIMIT 1000";
    STALE = "costs.file.stale":
        "SELECT * FROM costs_file WHERE as_of < $1 AND weight_cents >= $2
         ORDER BY as_of, id LIMIT $3";
    STALE_OF = "costs.file.stale_of_ministry":
        "SELECT * FROM costs_file WHERE as_of < $1 AND weight_cents >= $2 AND ministry_id = $3
         ORDER BY as_of, id LIMIT $4";
}

/// A product whose cost is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id here.
    pub id: Uuid,
    /// The product.
    pub product: Uuid,
    /// The product's name.
    pub title: String,
    /// The product's ministry.
    pub ministry: Option<Uuid>,
    /// The number of its latest version.
    pub latest: i64,
    /// Of when the latest version is.
    pub as_of: Date,
    /// The cost of its whole life.
    pub total_cents: i64,
    /// By year of it.
    pub per_year_cents: i64,
    /// The larger of the total and of the portfolio's estimate when the version was made.
    pub weight_cents: i64,
}

fn read(row: &Row) -> Result<File, DbError> {
    Ok(File {
        id: row.get("id")?,
        product: row.get("product_id")?,
        title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        latest: row.get("latest")?,
        as_of: row.get("as_of")?,
        total_cents: row.get("total_cents")?,
        per_year_cents: row.get("per_year_cents")?,
        weight_cents: row.get("weight_cents")?,
    })
}

/// By what lists sort.
fn sort_key(file: &File) -> String {
    names::normalise(&file.title)
}

pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Option<File>, DbError> {
    OF_PRODUCT.bind(product).optional(on, read).await
}

/// The same, which nobody else changes until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, product: Uuid) -> Result<Option<File>, DbError> {
    LOCK.bind(product).optional(tx, read).await
}

/// Adds a product; gives whether it wasn't there.
pub(crate) async fn insert(tx: &mut Tx, file: &File) -> Result<bool, DbError> {
    let query = INSERT
        .bind(file.id)
        .bind(file.product)
        .bind(&file.title)
        .bind(file.ministry)
        .bind(sort_key(file))
        .bind(file.latest)
        .bind(file.as_of)
        .bind(file.total_cents)
        .bind(file.per_year_cents)
        .bind(file.weight_cents);
    Ok(query.execute(tx).await? == 1)
}

/// Says what a new version says; gives whether it is the next one.
pub(crate) async fn update(tx: &mut Tx, file: &File) -> Result<bool, DbError> {
    let query = UPDATE
        .bind(file.id)
        .bind(&file.title)
        .bind(file.ministry)
        .bind(sort_key(file))
        .bind(file.latest)
        .bind(file.as_of)
        .bind(file.total_cents)
        .bind(file.per_year_cents)
        .bind(file.weight_cents);
    Ok(query.execute(tx).await? == 1)
}

/// Follows the product's name, its ministry, and what it turned out to be another name of.
pub(crate) async fn follow(tx: &mut Tx, file: &File) -> Result<(), DbError> {
    FOLLOW
        .bind(file.id)
        .bind(file.product)
        .bind(&file.title)
        .bind(file.ministry)
        .bind(sort_key(file))
        .execute(tx)
        .await
        .map(drop)
}

/// The ministries that have one.
pub(crate) async fn ministries(db: &Db) -> Result<Vec<Uuid>, DbError> {
    MINISTRIES
        .query()
        .all(db, |row| row.get("ministry_id"))
        .await
}

/// Those of some weight whose latest version is of before a day, the oldest first.
pub(crate) async fn stale(
    db: &Db,
    before: Date,
    weight_min: i64,
    ministry: Option<Uuid>,
    limit: u32,
) -> Result<Vec<File>, DbError> {
    let query = match ministry {
        None => STALE.bind(before).bind(weight_min),
        Some(ministry) => STALE_OF.bind(before).bind(weight_min).bind(ministry),
    };
    query.bind(limit).all(db, read).await
}

/// A page of a list: after a place, of a ministry, older than a day.
fn list(has_place: bool, of_ministry: bool, is_stale: bool) -> Statement {
    let mut sql = "SELECT * FROM costs_file WHERE TRUE".to_owned();
    let mut number = 1;
    let mut next = || {
        number += 1;
        number
    };
    if has_place {
        sql.push_str(&format!(" AND (sort_key, id) > (${}, ${})", next(), next()));
    }
    if of_ministry {
        sql.push_str(&format!(" AND ministry_id = ${}", next()));
    }
    if is_stale {
        sql.push_str(&format!(" AND as_of < ${}", next()));
    }
    sql.push_str(" ORDER BY sort_key, id LIMIT $1");
    Statement::composed("costs.file.list", sql)
}

/// Every text that the list can take.
pub(crate) fn every_list() -> Vec<Statement> {
    (0..8)
        .map(|bits| list(bits & 1 > 0, bits & 2 > 0, bits & 4 > 0))
        .collect()
}

/// At most `limit` products after a place. `None` for ministries: all of the State.
pub(crate) async fn page(
    db: &Db,
    ministries: Option<&[Uuid]>,
    stale_before: Option<Date>,
    after: Option<&(String, Uuid)>,
    limit: u32,
) -> Result<Vec<File>, DbError> {
    let run = async |ministry: Option<Uuid>| {
        let statement = list(after.is_some(), ministry.is_some(), stale_before.is_some());
        let mut query = statement.bind(limit);
        if let Some((key, id)) = after {
            query = query.bind(key).bind(*id);
        }
        let filters = [ministry.map(Value::from), stale_before.map(Value::from)];
        for value in filters.into_iter().flatten() {
            query = query.bind(value);
        }
        query.all(db, read).await
    };
    let Some(ministries) = ministries else {
        return run(None).await;
    };
    // Each is read along its own index, and what they give is merged.
    let mut found = Vec::new();
    for ministry in ministries {
        found.extend(run(Some(*ministry)).await?);
    }
    found.sort_by_cached_key(|file| (sort_key(file), file.id));
    found.truncate(limit as usize);
    Ok(found)
}

/// The place after a product, as a cursor.
pub(crate) fn cursor(file: &File) -> String {
    format!("{}.{}", file.id.simple(), sort_key(file))
}

/// The place of a cursor; one that somebody changed counts as none.
pub(crate) fn place(cursor: &str) -> Option<(String, Uuid)> {
    let (id, key) = cursor.split_once('.')?;
    Some((key.to_owned(), id.parse().ok()?))
}
