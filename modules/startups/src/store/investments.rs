//! Investments.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use crate::domain::Investment;

kit_db::statements! {
    FIND = "startups.investment.find": "SELECT * FROM startups_investment WHERE id = $1";
    OF_PRODUCT = "startups.investment.of_product":
        "SELECT * FROM startups_investment WHERE product_id = $1
         ORDER BY from_on DESC, id DESC LIMIT 500";
    INSERT = "startups.investment.insert":
        "INSERT INTO startups_investment (id, product_id, decision_id, amount_cents, from_on, to_on,
            fund, recorded_by, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    WITHDRAW = "startups.investment.withdraw":
        "UPDATE startups_investment SET withdrawn_on = $2, withdrawn_why = $3
         WHERE id = $1 AND withdrawn_on IS NULL";
    INVESTED = "startups.investment.sum":
        "SELECT CAST(COALESCE(SUM(amount_cents), 0) AS BIGINT) AS invested
         FROM startups_investment WHERE product_id = $1 AND withdrawn_on IS NULL";
}

/// An investment, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInvestment {
    /// Its id.
    pub id: Uuid,
    /// The start-up.
    pub product: Uuid,
    /// The decision that it follows.
    pub decision: Uuid,
    /// How much, when, of what.
    pub investment: Investment,
    /// Who recorded it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// When it was withdrawn, and why.
    pub withdrawn: Option<(Date, String)>,
}

fn read(row: &Row) -> Result<StoredInvestment, DbError> {
    let withdrawn: Option<Date> = row.get("withdrawn_on")?;
    let why: String = row.get("withdrawn_why")?;
    Ok(StoredInvestment {
        id: row.get("id")?,
        product: row.get("product_id")?,
        decision: row.get("decision_id")?,
        investment: Investment {
            amount_cents: row.get("amount_cents")?,
            from_on: row.get("from_on")?,
            to_on: row.get("to_on")?,
            fund: row.get("fund")?,
        },
        by: row.get("recorded_by")?,
        at: row.get("recorded_at")?,
        withdrawn: withdrawn.map(|on| (on, why)),
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredInvestment>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// The investments in a product, the latest first.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
) -> Result<Vec<StoredInvestment>, DbError> {
    OF_PRODUCT.bind(product).all(on, read).await
}

pub(crate) async fn insert(tx: &mut Tx, one: &StoredInvestment) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(one.product)
        .bind(one.decision)
        .bind(one.investment.amount_cents)
        .bind(one.investment.from_on)
        .bind(one.investment.to_on)
        .bind(&one.investment.fund)
        .bind(&one.by)
        .bind(one.at)
        .execute(tx)
        .await
        .map(drop)
}

/// Withdraws one; gives whether nobody did before.
pub(crate) async fn withdraw(tx: &mut Tx, id: Uuid, on: Date, why: &str) -> Result<bool, DbError> {
    let query = WITHDRAW.bind(id).bind(on).bind(why);
    Ok(query.execute(tx).await? == 1)
}

/// What is invested in a product, in cents.
pub(crate) async fn invested(tx: &mut Tx, product: Uuid) -> Result<i64, DbError> {
    INVESTED
        .bind(product)
        .one(tx, |row| row.get("invested"))
        .await
}
