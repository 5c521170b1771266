//! Where clauses stand, and reviews of contracts.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json};
use crate::domain::{CheckState, Doctrine, Outcome};

kit_db::statements! {
    CHECKS = "contracts.check.all":
        "SELECT * FROM contracts_check WHERE contract_id = $1 ORDER BY doctrine LIMIT 20";
    CHECK = "contracts.check.save":
        "INSERT INTO contracts_check (contract_id, doctrine, state, evidence, by_name, checked_on)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (contract_id, doctrine) DO UPDATE SET state = excluded.state,
            evidence = excluded.evidence, by_name = excluded.by_name,
            checked_on = excluded.checked_on, row_version = contracts_check.row_version + 1
         WHERE contracts_check.row_version = $7";
    REVIEWS = "contracts.review.all":
        "SELECT * FROM contracts_review WHERE contract_id = $1
         ORDER BY reviewed_on DESC, id DESC LIMIT 200";
    REVIEW = "contracts.review.insert":
        "INSERT INTO contracts_review (id, contract_id, product_id, version_number, reviewed_on,
            outcome, findings, figures, by_name, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
}

/// What was last found of a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which doctrine.
    pub doctrine: Doctrine,
    /// Where it stands.
    pub state: CheckState,
    /// What shows it.
    pub evidence: String,
    /// Who looked.
    pub by: String,
    /// When.
    pub on: Date,
    /// The version that a change names.
    pub version: i64,
}

/// A review of a contract: it never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Its id.
    pub id: Uuid,
    /// The contract.
    pub contract: Uuid,
    /// The product.
    pub product: Uuid,
    /// Which text was in force.
    pub number: i64,
    /// When.
    pub on: Date,
    /// What it concludes.
    pub outcome: Outcome,
    /// What it found.
    pub findings: String,
    /// The figures as they stood.
    pub figures: serde_json::Value,
    /// Who led it.
    pub by: String,
    /// When it was recorded.
    pub at: Timestamp,
}

fn read_check(row: &Row) -> Result<Check, DbError> {
    Ok(Check {
        doctrine: code(row, "doctrine", Doctrine::parse)?,
        state: code(row, "state", CheckState::parse)?,
        evidence: row.get("evidence")?,
        by: row.get("by_name")?,
        on: row.get("checked_on")?,
        version: row.get("row_version")?,
    })
}

fn read_review(row: &Row) -> Result<Review, DbError> {
    Ok(Review {
        id: row.get("id")?,
        contract: row.get("contract_id")?,
        product: row.get("product_id")?,
        number: row.get("version_number")?,
        on: row.get("reviewed_on")?,
        outcome: code(row, "outcome", Outcome::parse)?,
        findings: row.get("findings")?,
        figures: json(row, "figures")?,
        by: row.get("by_name")?,
        at: row.get("at")?,
    })
}

/// What was found of a contract's clauses.
pub(crate) async fn checks(
    on: impl Into<Handle<'_>>,
    contract: Uuid,
) -> Result<Vec<Check>, DbError> {
    CHECKS.bind(contract).all(on, read_check).await
}

/// Keeps what was found of a clause; gives whether nobody changed it first. Its version is the one that
/// it replaces, 0 for none.
pub(crate) async fn check(tx: &mut Tx, contract: Uuid, one: &Check) -> Result<bool, DbError> {
    let query = CHECK
        .bind(contract)
        .bind(one.doctrine.code())
        .bind(one.state.code())
        .bind(&one.evidence)
        .bind(&one.by)
        .bind(one.on)
        .bind(one.version);
    Ok(query.execute(tx).await? == 1)
}

/// A contract's reviews, the latest first; at most 200.
pub(crate) async fn reviews(
    on: impl Into<Handle<'_>>,
    contract: Uuid,
) -> Result<Vec<Review>, DbError> {
    REVIEWS.bind(contract).all(on, read_review).await
}

pub(crate) async fn review(tx: &mut Tx, one: &Review) -> Result<(), DbError> {
    REVIEW
        .bind(one.id)
        .bind(one.contract)
        .bind(one.product)
        .bind(one.number)
        .bind(one.on)
        .bind(one.outcome.code())
        .bind(&one.findings)
        .bind(one.figures.to_string())
        .bind(&one.by)
        .bind(one.at)
        .execute(tx)
        .await
        .map(drop)
}
