//! Procedures.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use crate::domain::Procedure;

kit_db::statements! {
    FIND = "observatory.procedure.find": "SELECT * FROM observatory_procedure WHERE id = $1";
    // Locks the row until the transaction ends.
    LOCK = "observatory.procedure.lock":
        "UPDATE observatory_procedure SET row_version = row_version WHERE id = $1 RETURNING *";
    OF_PRODUCT = "observatory.procedure.of_product":
        "SELECT * FROM observatory_procedure WHERE product_id = $1 ORDER BY sort_key, id LIMIT 200";
    COUNT = "observatory.procedure.count":
        "SELECT COUNT(*) AS number FROM observatory_procedure WHERE product_id = $1";
    INSERT = "observatory.procedure.insert":
        "INSERT INTO observatory_procedure (id, product_id, product_title, ministry_id, sort_key, name,
            address, users, opens_aid, in_scope, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    UPDATE = "observatory.procedure.update":
        "UPDATE observatory_procedure SET product_id = $2, product_title = $3, ministry_id = $4,
            sort_key = $5, name = $6, address = $7, users = $8, opens_aid = $9, in_scope = $10,
            is_open = $11, row_version = row_version + 1
         WHERE id = $1";
    MINISTRIES = "observatory.procedure.ministries":
        "SELECT DISTINCT ministry_id FROM observatory_procedure WHERE ministry_id IS NOT NULL
         ORDER BY ministry_id LIMIT 1000";
    IN_SCOPE = "observatory.procedure.in_scope":
        "SELECT * FROM observatory_procedure WHERE in_scope AND is_open AND id > $1
         ORDER BY id LIMIT $2";
}

/// A procedure, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProcedure {
    /// Its id.
    pub id: Uuid,
    /// The product.
    pub product: Uuid,
    /// The product's name.
    pub product_title: String,
    /// The product's ministry.
    pub ministry: Option<Uuid>,
    /// What is said of it.
    pub procedure: Procedure,
    /// Whether its users can give a review.
    pub is_open: bool,
    /// Grows with each change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
}

impl StoredProcedure {
    /// By what lists sort.
    pub(crate) fn sort_key(&self) -> String {
        names::normalise(&self.procedure.name)
    }
}

pub(crate) fn read(row: &Row) -> Result<StoredProcedure, DbError> {
    Ok(StoredProcedure {
        id: row.get("id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        procedure: Procedure {
            name: row.get("name")?,
            address: row.get("address")?,
            users: row.get("users")?,
            opens_aid: row.get("opens_aid")?,
        },
        is_open: row.get("is_open")?,
        version: row.get("row_version")?,
        created_at: row.get("created_at")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredProcedure>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// The same, which nobody else changes until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<StoredProcedure>, DbError> {
    LOCK.bind(id).optional(tx, read).await
}

/// Those of a product, by name.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Vec<StoredProcedure>, DbError> {
    OF_PRODUCT.bind(product).all(on, read).await
}

/// How many a product has.
pub(crate) async fn count(tx: &mut Tx, product: Uuid) -> Result<i64, DbError> {
    COUNT.bind(product).one(tx, |row| row.get("number")).await
}

pub(crate) async fn insert(tx: &mut Tx, one: &StoredProcedure) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(one.product)
        .bind(&one.product_title)
        .bind(one.ministry)
        .bind(one.sort_key())
        .bind(&one.procedure.name)
        .bind(&one.procedure.address)
        .bind(one.procedure.users)
        .bind(one.procedure.opens_aid)
        .bind(one.procedure.is_in_scope())
        .bind(one.created_at)
        .execute(tx)
        .await
        .map(drop)
}

/// Keeps what is said of one now. Its row is held by the transaction.
pub(crate) async fn update(tx: &mut Tx, one: &StoredProcedure) -> Result<(), DbError> {
    UPDATE
        .bind(one.id)
        .bind(one.product)
        .bind(&one.product_title)
        .bind(one.ministry)
        .bind(one.sort_key())
        .bind(&one.procedure.name)
        .bind(&one.procedure.address)
        .bind(one.procedure.users)
        .bind(one.procedure.opens_aid)
        .bind(one.procedure.is_in_scope())
        .bind(one.is_open)
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

/// Those that an edition tells of, after an id.
pub(crate) async fn in_scope(
    tx: &mut Tx,
    after: Uuid,
    limit: u32,
) -> Result<Vec<StoredProcedure>, DbError> {
    IN_SCOPE.bind(after).bind(limit).all(tx, read).await
}
