//! Funds and calls.

use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

kit_db::statements! {
    FIND = "contracts.fund.find": "SELECT * FROM contracts_fund WHERE id = $1";
    INSERT = "contracts.fund.insert":
        "INSERT INTO contracts_fund (id, name, purpose, envelope_cents, opened_on)
         VALUES ($1, $2, $3, $4, $5)";
    LIST = "contracts.fund.list":
        "SELECT * FROM contracts_fund WHERE (opened_on, id) < ($1, $2)
         ORDER BY opened_on DESC, id DESC LIMIT $3";
    // The row is locked until the transaction ends: of two that commit at once the second sees what the
    // first left.
    COMMIT = "contracts.fund.commit":
        "UPDATE contracts_fund SET committed_cents = committed_cents + $2,
            row_version = row_version + 1
         WHERE id = $1 AND committed_cents + $2 <= envelope_cents
            AND committed_cents + $2 >= paid_cents";
    PAY = "contracts.fund.pay":
        "UPDATE contracts_fund SET paid_cents = paid_cents + $2, row_version = row_version + 1
         WHERE id = $1 AND paid_cents + $2 <= committed_cents";
    FIND_CALL = "contracts.call.find": "SELECT * FROM contracts_call WHERE id = $1";
    INSERT_CALL = "contracts.call.insert":
        "INSERT INTO contracts_call (id, fund_id, title, criteria, opens_on, closes_on)
         VALUES ($1, $2, $3, $4, $5, $6)";
    CALLS = "contracts.call.of_fund":
        "SELECT * FROM contracts_call WHERE fund_id = $1 ORDER BY opens_on DESC, id DESC LIMIT 200";
}

/// A fund, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fund {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Its envelope, in cents.
    pub envelope_cents: i64,
    /// What is committed, in cents.
    pub committed_cents: i64,
    /// What is paid, in cents.
    pub paid_cents: i64,
    /// Since when it is open.
    pub opened_on: Date,
}

impl Fund {
    /// What can still be committed, in cents.
    pub fn left_cents(&self) -> i64 {
        self.envelope_cents - self.committed_cents
    }

    /// What is committed and not paid, in cents.
    pub fn to_pay_cents(&self) -> i64 {
        self.committed_cents - self.paid_cents
    }
}

/// A call, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: Uuid,
    /// The fund.
    pub fund: Uuid,
    /// Its title.
    pub title: String,
    /// By what applications are judged.
    pub criteria: String,
    /// Its first day.
    pub opens_on: Date,
    /// Its last day.
    pub closes_on: Date,
}

impl Call {
    /// Whether applications are taken on a day.
    pub fn is_open(&self, today: Date) -> bool {
        (self.opens_on..=self.closes_on).contains(&today)
    }
}

fn read(row: &Row) -> Result<Fund, DbError> {
    Ok(Fund {
        id: row.get("id")?,
        name: row.get("name")?,
        purpose: row.get("purpose")?,
        envelope_cents: row.get("envelope_cents")?,
        committed_cents: row.get("committed_cents")?,
        paid_cents: row.get("paid_cents")?,
        opened_on: row.get("opened_on")?,
    })
}

fn read_call(row: &Row) -> Result<Call, DbError> {
    Ok(Call {
        id: row.get("id")?,
        fund: row.get("fund_id")?,
        title: row.get("title")?,
        criteria: row.get("criteria")?,
        opens_on: row.get("opens_on")?,
        closes_on: row.get("closes_on")?,
    })
}

pub(crate) async fn find(on: impl Into<Handle<'_>>, id: Uuid) -> Result<Option<Fund>, DbError> {
    FIND.bind(id).optional(on, read).await
}

pub(crate) async fn insert(tx: &mut Tx, one: &Fund) -> Result<(), DbError> {
    INSERT
        .bind(one.id)
        .bind(&one.name)
        .bind(&one.purpose)
        .bind(one.envelope_cents)
        .bind(one.opened_on)
        .execute(tx)
        .await
        .map(drop)
}

/// Funds before a place, the latest first.
pub(crate) async fn list(db: &Db, before: (Date, Uuid), limit: u32) -> Result<Vec<Fund>, DbError> {
    let query = LIST.bind(before.0).bind(before.1).bind(limit);
    query.all(db, read).await
}

/// Commits cents, or gives back when they are negative; gives whether the envelope holds them.
pub(crate) async fn commit(tx: &mut Tx, fund: Uuid, cents: i64) -> Result<bool, DbError> {
    Ok(COMMIT.bind(fund).bind(cents).execute(tx).await? == 1)
}

/// Pays cents that are committed; gives whether they are.
pub(crate) async fn pay(tx: &mut Tx, fund: Uuid, cents: i64) -> Result<bool, DbError> {
    Ok(PAY.bind(fund).bind(cents).execute(tx).await? == 1)
}

pub(crate) async fn find_call(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<Call>, DbError> {
    FIND_CALL.bind(id).optional(on, read_call).await
}

pub(crate) async fn insert_call(tx: &mut Tx, one: &Call) -> Result<(), DbError> {
    INSERT_CALL
        .bind(one.id)
        .bind(one.fund)
        .bind(&one.title)
        .bind(&one.criteria)
        .bind(one.opens_on)
        .bind(one.closes_on)
        .execute(tx)
        .await
        .map(drop)
}

/// A fund's calls, the latest first; at most 200.
pub(crate) async fn calls(db: &Db, fund: Uuid) -> Result<Vec<Call>, DbError> {
    CALLS.bind(fund).all(db, read_call).await
}
