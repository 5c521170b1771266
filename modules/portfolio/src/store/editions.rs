//! Editions, their members, and names that are near.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{DbError, Handle, Tx};
use uuid::Uuid;

kit_db::statements! {
    LIST = "portfolio.edition.list":
        "SELECT published_on, file_name, rows_read, imported_at FROM edition
         ORDER BY published_on LIMIT 500";
    PUT = "portfolio.edition.put":
        "INSERT INTO edition (published_on, file_name, file_hash, rows_read, imported_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (published_on) DO NOTHING";
    ADD_MEMBER = "portfolio.listing.add":
        "INSERT INTO listing (published_on, product_id) VALUES ($1, $2)
         ON CONFLICT (published_on, product_id) DO NOTHING";
    PROPOSE = "portfolio.near_match.propose":
        "INSERT INTO near_match (product_id, candidate_id, nearness, proposed_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT (product_id, candidate_id) DO NOTHING";
    DIFFERENT = "portfolio.near_match.different":
        "SELECT a.normalised, m.candidate_id FROM near_match m
         JOIN product_alias a ON a.product_id = m.product_id WHERE m.answer = 'different'";
    OPEN = "portfolio.near_match.open":
        "SELECT m.product_id, p.title AS product_title, m.candidate_id, c.title AS candidate_title,
            m.nearness
         FROM near_match m JOIN product p ON p.id = m.product_id
         JOIN product c ON c.id = m.candidate_id
         WHERE m.answer IS NULL ORDER BY p.sort_title, m.nearness DESC LIMIT 200";
    ANSWERED = "portfolio.near_match.answered":
        "SELECT m.product_id, p.title AS product_title, m.candidate_id, c.title AS candidate_title,
            m.answer, m.answered_by, m.answered_at
         FROM near_match m JOIN product p ON p.id = m.product_id
         JOIN product c ON c.id = m.candidate_id
         WHERE m.answer IS NOT NULL ORDER BY m.answered_at DESC LIMIT 100";
    ANSWER = "portfolio.near_match.answer":
        "UPDATE near_match SET answer = $3, answered_by = $4, answered_at = $5
         WHERE product_id = $1 AND candidate_id = $2";
    OPEN_COUNT = "portfolio.near_match.open_count":
        "SELECT COUNT(DISTINCT product_id) AS n FROM near_match WHERE answer IS NULL";
}

/// An edition that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredEdition {
    /// When it was published.
    pub published_on: Date,
    /// The file's name.
    pub file_name: String,
    /// Rows that were read.
    pub rows_read: i64,
    /// When it was imported.
    pub imported_at: Timestamp,
}

/// A near name that waits for an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct NearMatch {
    /// The product that came last.
    pub product_id: Uuid,
    /// Its name.
    pub product_title: String,
    /// The product that it could be.
    pub candidate_id: Uuid,
    /// Its name.
    pub candidate_title: String,
    /// How near: 0 to 1.
    pub nearness: f64,
}

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    /// The product that came last.
    pub product_id: Uuid,
    /// Its name.
    pub product_title: String,
    /// The product that it could be.
    pub candidate_id: Uuid,
    /// Its name.
    pub candidate_title: String,
    /// Whether they are the same.
    pub same: bool,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

pub(crate) async fn list(on: impl Into<Handle<'_>>) -> Result<Vec<StoredEdition>, DbError> {
    LIST.query()
        .all(on, |row| {
            Ok(StoredEdition {
                published_on: row.get("published_on")?,
                file_name: row.get("file_name")?,
                rows_read: row.get("rows_read")?,
                imported_at: row.get("imported_at")?,
            })
        })
        .await
}

pub(crate) async fn put(
    tx: &mut Tx,
    published_on: Date,
    file: (&str, &str),
    rows_read: i64,
    at: Timestamp,
) -> Result<bool, DbError> {
    let query = PUT
        .bind(published_on)
        .bind(file.0)
        .bind(file.1)
        .bind(rows_read)
        .bind(at);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn add_member(tx: &mut Tx, on: Date, product: Uuid) -> Result<bool, DbError> {
    Ok(ADD_MEMBER.bind(on).bind(product).execute(tx).await? == 1)
}

pub(crate) async fn propose(
    tx: &mut Tx,
    product: Uuid,
    candidate: Uuid,
    nearness: f64,
    at: Timestamp,
) -> Result<(), DbError> {
    PROPOSE
        .bind(product)
        .bind(candidate)
        .bind(nearness)
        .bind(at)
        .execute(tx)
        .await
        .map(drop)
}

/// Names that a person said are not a product: normalised name and product.
pub(crate) async fn different(on: impl Into<Handle<'_>>) -> Result<Vec<(String, Uuid)>, DbError> {
    DIFFERENT
        .query()
        .all(on, |row| {
            Ok((row.get("normalised")?, row.get("candidate_id")?))
        })
        .await
}

pub(crate) async fn open(on: impl Into<Handle<'_>>) -> Result<Vec<NearMatch>, DbError> {
    OPEN.query()
        .all(on, |row| {
            Ok(NearMatch {
                product_id: row.get("product_id")?,
                product_title: row.get("product_title")?,
                candidate_id: row.get("candidate_id")?,
                candidate_title: row.get("candidate_title")?,
                nearness: row.get("nearness")?,
            })
        })
        .await
}

pub(crate) async fn answered(on: impl Into<Handle<'_>>) -> Result<Vec<Answered>, DbError> {
    ANSWERED
        .query()
        .all(on, |row| {
            Ok(Answered {
                product_id: row.get("product_id")?,
                product_title: row.get("product_title")?,
                candidate_id: row.get("candidate_id")?,
                candidate_title: row.get("candidate_title")?,
                same: row.get::<String>("answer")? == "same",
                by: row.get("answered_by")?,
                at: row.get("answered_at")?,
            })
        })
        .await
}

pub(crate) async fn answer(
    tx: &mut Tx,
    (product, candidate): (Uuid, Uuid),
    same: Option<bool>,
    by: &str,
    at: Timestamp,
) -> Result<bool, DbError> {
    let answer = same.map(|same| if same { "same" } else { "different" });
    let query = ANSWER
        .bind(product)
        .bind(candidate)
        .bind(answer)
        .bind(by)
        .bind(at);
    Ok(query.execute(tx).await? == 1)
}

pub(crate) async fn open_count(on: impl Into<Handle<'_>>) -> Result<i64, DbError> {
    OPEN_COUNT.query().one(on, |row| row.get("n")).await
}
