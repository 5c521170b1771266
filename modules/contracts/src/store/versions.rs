//! Texts of contracts, comments on them, and signatures of them.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::code;
use crate::domain::{Side, Terms, sha256};

kit_db::statements! {
    INSERT = "contracts.version.insert":
        "INSERT INTO contracts_version (contract_id, number, terms, sha256, note, by_id, by_name, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    FIND = "contracts.version.find":
        "SELECT * FROM contracts_version WHERE contract_id = $1 AND number = $2";
    ALL_OF = "contracts.version.all":
        "SELECT * FROM contracts_version WHERE contract_id = $1 ORDER BY number LIMIT 200";
    COMMENT = "contracts.comment.insert":
        "INSERT INTO contracts_comment (id, contract_id, version_number, text, by_id, by_name, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    COMMENTS = "contracts.comment.all":
        "SELECT * FROM contracts_comment WHERE contract_id = $1 ORDER BY at, id LIMIT 500";
    SIGN = "contracts.signature.insert":
        "INSERT INTO contracts_signature (id, contract_id, version_number, side, person_id,
            person_name, role, sha256, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    SIGNATURES = "contracts.signature.all":
        "SELECT * FROM contracts_signature WHERE contract_id = $1 ORDER BY at, id LIMIT 1000";
    VOID = "contracts.signature.void":
        "UPDATE contracts_signature SET voided_on = $3, void_reason = $4
         WHERE contract_id = $1 AND version_number = $2 AND voided_on IS NULL";
}

/// A text of a contract: it never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// The contract.
    pub contract: Uuid,
    /// Its number, from 1.
    pub number: i64,
    /// What it says.
    pub terms: Terms,
    /// The SHA-256 of the text that is kept, in hexadecimal digits: what signatures name.
    pub sha256: String,
    /// What changed, in its author's words.
    pub note: String,
    /// Who saved it.
    pub by_id: Option<Uuid>,
    /// The name.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: Uuid,
    /// The contract.
    pub contract: Uuid,
    /// On which text.
    pub number: i64,
    /// What it says.
    pub text: String,
    /// Who wrote it.
    pub by_id: Option<Uuid>,
    /// The name.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Its id.
    pub id: Uuid,
    /// The contract.
    pub contract: Uuid,
    /// Of which text.
    pub number: i64,
    /// For which side.
    pub side: Side,
    /// Whose.
    pub person: Uuid,
    /// The name.
    pub name: String,
    /// The role, as the text tells it.
    pub role: String,
    /// The SHA-256 of the text that was signed.
    pub sha256: String,
    /// When.
    pub at: Timestamp,
    /// When it became void, and why.
    pub voided: Option<(Date, String)>,
}

fn read(row: &Row) -> Result<Version, DbError> {
    let text: String = row.get("terms")?;
    let kept: String = row.get("sha256")?;
    let terms = serde_json::from_str(&text).ok();
    // A text that is not the one that was hashed is none of ours: nobody signed it.
    let terms = terms.filter(|_| sha256(&text) == kept);
    Ok(Version {
        contract: row.get("contract_id")?,
        number: row.get("number")?,
        terms: terms.ok_or_else(|| DbError::Decode {
            column: "terms".to_owned(),
            value: kept.clone(),
            expected: "the text of this SHA-256",
        })?,
        sha256: kept,
        note: row.get("note")?,
        by_id: row.get("by_id")?,
        by_name: row.get("by_name")?,
        at: row.get("at")?,
    })
}

fn read_comment(row: &Row) -> Result<Comment, DbError> {
    Ok(Comment {
        id: row.get("id")?,
        contract: row.get("contract_id")?,
        number: row.get("version_number")?,
        text: row.get("text")?,
        by_id: row.get("by_id")?,
        by_name: row.get("by_name")?,
        at: row.get("at")?,
    })
}

fn read_signature(row: &Row) -> Result<Signature, DbError> {
    let voided: Option<Date> = row.get("voided_on")?;
    let reason: String = row.get("void_reason")?;
    Ok(Signature {
        id: row.get("id")?,
        contract: row.get("contract_id")?,
        number: row.get("version_number")?,
        side: code(row, "side", Side::parse)?,
        person: row.get("person_id")?,
        name: row.get("person_name")?,
        role: row.get("role")?,
        sha256: row.get("sha256")?,
        at: row.get("at")?,
        voided: voided.map(|on| (on, reason)),
    })
}

/// Keeps a text, and gives its hash.
pub(crate) async fn insert(tx: &mut Tx, one: &Version) -> Result<(), DbError> {
    INSERT
        .bind(one.contract)
        .bind(one.number)
        .bind(one.terms.canonical())
        .bind(&one.sha256)
        .bind(&one.note)
        .bind(one.by_id)
        .bind(&one.by_name)
        .bind(one.at)
        .execute(tx)
        .await
        .map(drop)
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    contract: Uuid,
    number: i64,
) -> Result<Option<Version>, DbError> {
    FIND.bind(contract).bind(number).optional(on, read).await
}

/// Every text, the first first; at most 200.
pub(crate) async fn all(
    on: impl Into<Handle<'_>>,
    contract: Uuid,
) -> Result<Vec<Version>, DbError> {
    ALL_OF.bind(contract).all(on, read).await
}

pub(crate) async fn comment(tx: &mut Tx, one: &Comment) -> Result<(), DbError> {
    COMMENT
        .bind(one.id)
        .bind(one.contract)
        .bind(one.number)
        .bind(&one.text)
        .bind(one.by_id)
        .bind(&one.by_name)
        .bind(one.at)
        .execute(tx)
        .await
        .map(drop)
}

/// Every comment, the first first; at most 500.
pub(crate) async fn comments(
    on: impl Into<Handle<'_>>,
    contract: Uuid,
) -> Result<Vec<Comment>, DbError> {
    COMMENTS.bind(contract).all(on, read_comment).await
}

pub(crate) async fn sign(tx: &mut Tx, one: &Signature) -> Result<(), DbError> {
    SIGN.bind(one.id)
        .bind(one.contract)
        .bind(one.number)
        .bind(one.side.code())
        .bind(one.person)
        .bind(&one.name)
        .bind(&one.role)
        .bind(&one.sha256)
        .bind(one.at)
        .execute(tx)
        .await
        .map(drop)
}

/// Every signature, those that are void too, the first first.
pub(crate) async fn signatures(
    on: impl Into<Handle<'_>>,
    contract: Uuid,
) -> Result<Vec<Signature>, DbError> {
    SIGNATURES.bind(contract).all(on, read_signature).await
}

/// Makes the signatures of a text void; gives how many.
pub(crate) async fn void(
    tx: &mut Tx,
    contract: Uuid,
    number: i64,
    on: Date,
    reason: &str,
) -> Result<u64, DbError> {
    let query = VOID.bind(contract).bind(number).bind(on).bind(reason);
    query.execute(tx).await
}
