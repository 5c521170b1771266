//! Contracts: where each stands.

use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json_or_none, to_json};
use crate::domain::{Kind, Publication, State};

kit_db::statements! {
    FIND = "contracts.contract.find":
        "SELECT t.*, p.title AS product_title FROM contracts_contract t
         CROSS JOIN contracts_product p WHERE p.product_id = t.product_id AND t.id = $1";
    INSERT = "contracts.contract.insert":
        "INSERT INTO contracts_contract (id, product_id, ministry_id, application_id, kind, state,
            title, latest_version, amount_cents, opened_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    SAVE = "contracts.contract.save":
        "UPDATE contracts_contract SET state = $3, title = $4, latest_version = $5,
            in_force_version = $6, amount_cents = $7, starts_on = $8, ends_on = $9, ended_on = $10,
            next_review_on = $11, review_told_on = $12, public_on = $13, publication = $14,
            row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
    ADD_COMMENT = "contracts.contract.add_comment":
        "UPDATE contracts_contract SET comments = comments + 1 WHERE id = $1 AND comments < $2";
    TO_BEGIN = "contracts.contract.to_begin":
        "SELECT t.*, p.title AS product_title FROM contracts_contract t
         CROSS JOIN contracts_product p
         WHERE p.product_id = t.product_id
             AND t.state = 'signed' AND t.starts_on <= $1 ORDER BY t.opened_on, t.id LIMIT 500";
    TO_REVIEW = "contracts.contract.to_review":
        "SELECT t.*, p.title AS product_title FROM contracts_contract t
         CROSS JOIN contracts_product p
         WHERE p.product_id = t.product_id AND t.next_review_on IS NOT NULL AND t.next_review_on <= $1
         ORDER BY t.next_review_on, t.id LIMIT $2";
    TO_REVIEW_OF = "contracts.contract.to_review_of":
        "SELECT t.*, p.title AS product_title FROM contracts_contract t
         CROSS JOIN contracts_product p
         WHERE p.product_id = t.product_id
             AND t.ministry_id = $3 AND t.next_review_on IS NOT NULL AND t.next_review_on <= $1
         ORDER BY t.next_review_on, t.id LIMIT $2";
    TO_TELL = "contracts.contract.to_tell":
        "SELECT t.*, p.title AS product_title FROM contracts_contract t
         CROSS JOIN contracts_product p
         WHERE p.product_id = t.product_id AND t.next_review_on IS NOT NULL AND t.next_review_on <= $1
            AND (t.review_told_on IS NULL OR t.review_told_on <> t.next_review_on)
         ORDER BY t.next_review_on, t.id LIMIT $2";
    TO_SIGN = "contracts.contract.to_sign":
        "SELECT t.*, p.title AS product_title FROM contracts_contract t
         CROSS JOIN contracts_product p
         WHERE p.product_id = t.product_id AND t.state = $1 ORDER BY t.opened_on, t.id LIMIT $2";
    TO_SIGN_OF = "contracts.contract.to_sign_of":
        "SELECT t.*, p.title AS product_title FROM contracts_contract t
         CROSS JOIN contracts_product p
         WHERE p.product_id = t.product_id
             AND t.state = $1 AND t.ministry_id = $3 ORDER BY t.opened_on, t.id LIMIT $2";
    OF_PRODUCT = "contracts.contract.of_product":
        "SELECT t.*, p.title AS product_title FROM contracts_contract t
         CROSS JOIN contracts_product p
         WHERE p.product_id = t.product_id
             AND t.product_id = $1 ORDER BY t.opened_on DESC, t.id DESC LIMIT $2";
    PUBLISHED = "contracts.contract.published":
        "SELECT t.*, p.title AS product_title FROM contracts_contract t
         CROSS JOIN contracts_product p
         WHERE p.product_id = t.product_id
             AND t.public_on IS NOT NULL AND t.public_on <= $1 AND (t.public_on, t.id) < ($2, $3)
         ORDER BY t.public_on DESC, t.id DESC LIMIT $4";
}

/// A contract, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredContract {
    /// Its id.
    pub id: Uuid,
    /// The product.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// The ministry's organisation.
    pub ministry: Option<Uuid>,
    /// The application from which it comes.
    pub application: Option<Uuid>,
    /// What is given.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// The title of its latest text.
    pub title: String,
    /// The number of its latest text, from 1.
    pub latest: i64,
    /// The number of the text in force, the last that both sides signed.
    pub in_force: Option<i64>,
    /// The money of the text in force, else of the latest, in cents.
    pub amount_cents: i64,
    /// Since when it is drafted.
    pub opened_on: Date,
    /// Its first day, once signed.
    pub starts_on: Option<Date>,
    /// Its last day, once signed.
    pub ends_on: Option<Date>,
    /// When it ended, was terminated or withdrawn.
    pub ended_on: Option<Date>,
    /// When its next review is due.
    pub next_review_on: Option<Date>,
    /// Of which due review people were told.
    pub review_told_on: Option<Date>,
    /// When and how it is published.
    pub publication: Option<Publication>,
    /// How many comments it has.
    pub comments: i64,
    /// The version of the row, which a change names.
    pub version: i64,
}

pub(crate) fn read(row: &Row) -> Result<StoredContract, DbError> {
    Ok(StoredContract {
        id: row.get("id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        application: row.get("application_id")?,
        kind: code(row, "kind", Kind::parse)?,
        state: code(row, "state", State::parse)?,
        title: row.get("title")?,
        latest: row.get("latest_version")?,
        in_force: row.get("in_force_version")?,
        amount_cents: row.get("amount_cents")?,
        opened_on: row.get("opened_on")?,
        starts_on: row.get("starts_on")?,
        ends_on: row.get("ends_on")?,
        ended_on: row.get("ended_on")?,
        next_review_on: row.get("next_review_on")?,
        review_told_on: row.get("review_told_on")?,
        publication: json_or_none(row, "publication")?,
        comments: row.get("comments")?,
        version: row.get("row_version")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredContract>, DbError> {
    FIND.bind(id).optional(on, read).await
}

pub(crate) async fn insert(tx: &mut Tx, one: &StoredContract) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(one.product)
        .bind(one.ministry)
        .bind(one.application)
        .bind(one.kind.code())
        .bind(one.state.code())
        .bind(&one.title)
        .bind(one.latest)
        .bind(one.amount_cents)
        .bind(one.opened_on)
        .execute(tx)
        .await
        .map(drop)
}

/// Saves what changed; gives whether nobody changed it first.
pub(crate) async fn save(tx: &mut Tx, one: &StoredContract, version: i64) -> Result<bool, DbError> {
    let query = SAVE
        .bind(one.id)
        .bind(version)
        .bind(one.state.code())
        .bind(&one.title)
        .bind(one.latest)
        .bind(one.in_force)
        .bind(one.amount_cents)
        .bind(one.starts_on)
        .bind(one.ends_on)
        .bind(one.ended_on)
        .bind(one.next_review_on)
        .bind(one.review_told_on)
        .bind(one.publication.as_ref().map(|planned| planned.on))
        .bind(one.publication.as_ref().map(to_json));
    Ok(query.execute(tx).await? == 1)
}

/// Counts a comment; gives whether there may be one more.
pub(crate) async fn add_comment(tx: &mut Tx, id: Uuid, max: i64) -> Result<bool, DbError> {
    Ok(ADD_COMMENT.bind(id).bind(max).execute(tx).await? == 1)
}

/// Signed ones whose first day has come.
pub(crate) async fn to_begin(db: &Db, today: Date) -> Result<Vec<StoredContract>, DbError> {
    TO_BEGIN.bind(today).all(db, read).await
}

/// Those whose review is due, the longest first; of one ministry when it is given.
pub(crate) async fn to_review(
    db: &Db,
    today: Date,
    ministry: Option<Uuid>,
    limit: u32,
) -> Result<Vec<StoredContract>, DbError> {
    match ministry {
        None => TO_REVIEW.bind(today).bind(limit).all(db, read).await,
        Some(id) => {
            let query = TO_REVIEW_OF.bind(today).bind(limit).bind(id);
            query.all(db, read).await
        }
    }
}

/// Those whose review is due and of which nobody was told.
pub(crate) async fn to_tell(
    db: &Db,
    today: Date,
    limit: u32,
) -> Result<Vec<StoredContract>, DbError> {
    TO_TELL.bind(today).bind(limit).all(db, read).await
}

/// Those in a state, the oldest first; of one ministry when it is given.
pub(crate) async fn in_state(
    db: &Db,
    state: State,
    ministry: Option<Uuid>,
    limit: u32,
) -> Result<Vec<StoredContract>, DbError> {
    match ministry {
        None => TO_SIGN.bind(state.code()).bind(limit).all(db, read).await,
        Some(id) => {
            let query = TO_SIGN_OF.bind(state.code()).bind(limit).bind(id);
            query.all(db, read).await
        }
    }
}

/// The latest of a product.
pub(crate) async fn of_product(
    db: &Db,
    product: Uuid,
    limit: u32,
) -> Result<Vec<StoredContract>, DbError> {
    OF_PRODUCT.bind(product).bind(limit).all(db, read).await
}

/// What anybody may read on a day, before a place, the latest first.
pub(crate) async fn published(
    db: &Db,
    today: Date,
    before: (Date, Uuid),
    limit: u32,
) -> Result<Vec<StoredContract>, DbError> {
    let query = PUBLISHED.bind(today).bind(before.0).bind(before.1);
    query.bind(limit).all(db, read).await
}
