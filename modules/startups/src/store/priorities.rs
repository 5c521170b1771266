//! Priorities of the Government and the products that serve them.

use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use names::normalise;
use uuid::Uuid;

use super::products::{self, StoredProduct};
use crate::domain::Priority;

kit_db::statements! {
    FIND = "startups.priority.find": "SELECT * FROM startups_priority WHERE id = $1";
    PAGE = "startups.priority.page":
        "SELECT * FROM startups_priority WHERE (from_on, id) < ($1, $2)
         ORDER BY from_on DESC, id DESC LIMIT $3";
    BY_TITLE = "startups.priority.by_title":
        "SELECT id FROM startups_priority WHERE title_key = $1";
    INSERT = "startups.priority.insert":
        "INSERT INTO startups_priority (id, title, title_key, description, ministry_id, from_on,
            to_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    SAVE = "startups.priority.save":
        "UPDATE startups_priority SET title = $3, title_key = $4, description = $5,
            ministry_id = $6, from_on = $7, to_on = $8, row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    SERVE = "startups.serving.add":
        "INSERT INTO startups_serving (priority_id, product_id) VALUES ($1, $2)
         ON CONFLICT (priority_id, product_id) DO NOTHING";
    UNSERVE = "startups.serving.remove":
        "DELETE FROM startups_serving WHERE priority_id = $1 AND product_id = $2";
    // Those whom somebody named, and those of which the portfolio names the priority.
    SERVING = "startups.serving.of_priority":
        "SELECT p.* FROM startups_product p WHERE p.product_id IN
            (SELECT s.product_id FROM startups_serving s WHERE s.priority_id = $1
             UNION SELECT q.product_id FROM startups_product q
             WHERE q.priority_key <> '' AND q.priority_key = $2)
         ORDER BY p.title, p.product_id LIMIT 200";
    OF_PRODUCT = "startups.serving.of_product":
        "SELECT t.* FROM startups_priority t WHERE t.id IN
            (SELECT s.priority_id FROM startups_serving s WHERE s.product_id = $1)
            OR (t.title_key = $2 AND $2 <> '')
         ORDER BY t.title LIMIT 50";
}

/// A priority, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPriority {
    /// Its id.
    pub id: Uuid,
    /// What it says.
    pub priority: Priority,
    /// The version that a change names.
    pub version: i64,
}

fn read(row: &Row) -> Result<StoredPriority, DbError> {
    Ok(StoredPriority {
        id: row.get("id")?,
        priority: Priority {
            title: row.get("title")?,
            description: row.get("description")?,
            ministry: row.get("ministry_id")?,
            from_on: row.get("from_on")?,
            to_on: row.get("to_on")?,
        },
        version: row.get("row_version")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredPriority>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Priorities before a place, the latest first.
pub(crate) async fn page(
    db: &Db,
    before: (Date, Uuid),
    limit: u32,
) -> Result<Vec<StoredPriority>, DbError> {
    let query = PAGE.bind(before.0).bind(before.1).bind(limit);
    query.all(db, read).await
}

/// The priority of a name.
pub(crate) async fn by_title(
    on: impl Into<Handle<'_>>,
    title: &str,
) -> Result<Option<Uuid>, DbError> {
    let query = BY_TITLE.bind(normalise(title));
    query.optional(on, |row| row.get("id")).await
}

pub(crate) async fn insert(tx: &mut Tx, id: Uuid, one: &Priority) -> Result<(), DbError> {
    INSERT
        .bind(id)
        .bind(&one.title)
        .bind(normalise(&one.title))
        .bind(&one.description)
        .bind(one.ministry)
        .bind(one.from_on)
        .bind(one.to_on)
        .execute(tx)
        .await
        .map(drop)
}

/// Saves one; gives whether `version` was still the current one.
pub(crate) async fn save(
    tx: &mut Tx,
    id: Uuid,
    one: &Priority,
    version: i64,
) -> Result<bool, DbError> {
    let changed = SAVE
        .bind(id)
        .bind(version)
        .bind(&one.title)
        .bind(normalise(&one.title))
        .bind(&one.description)
        .bind(one.ministry)
        .bind(one.from_on)
        .bind(one.to_on)
        .execute(tx)
        .await?;
    Ok(changed == 1)
}

/// Says that a product serves a priority, or no longer does; gives whether that is news.
pub(crate) async fn serve(
    tx: &mut Tx,
    id: Uuid,
    product: Uuid,
    does: bool,
) -> Result<bool, DbError> {
    let statement = if does { &SERVE } else { &UNSERVE };
    Ok(statement.bind(id).bind(product).execute(tx).await? == 1)
}

/// The products that serve a priority, by name.
pub(crate) async fn serving(db: &Db, one: &StoredPriority) -> Result<Vec<StoredProduct>, DbError> {
    let query = SERVING.bind(one.id).bind(normalise(&one.priority.title));
    query.all(db, products::read).await
}

/// The priorities that a product serves, by name.
pub(crate) async fn of_product(
    db: &Db,
    product: &StoredProduct,
) -> Result<Vec<StoredPriority>, DbError> {
    let query = OF_PRODUCT.bind(product.id).bind(&product.priority_key);
    query.all(db, read).await
}
