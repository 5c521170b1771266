//! Tranches of contracts in force.

use jiff::civil::Date;
use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json, json_or_none, to_json};
use crate::domain::{Condition, Reading, TrancheState};

kit_db::statements! {
    OF_CONTRACT = "contracts.tranche.of_contract":
        "SELECT * FROM contracts_tranche WHERE contract_id = $1 ORDER BY number LIMIT 20";
    KEEP = "contracts.tranche.keep":
        "INSERT INTO contracts_tranche (contract_id, number, product_id, ministry_id, label,
            amount_cents, condition, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'planned')
         ON CONFLICT (contract_id, number) DO UPDATE SET label = excluded.label,
            amount_cents = excluded.amount_cents, condition = excluded.condition, met_on = NULL,
            state = CASE WHEN contracts_tranche.state = 'held' THEN 'held' ELSE 'planned' END,
            row_version = contracts_tranche.row_version + 1
         WHERE contracts_tranche.state IN ('planned', 'held', 'cancelled')";
    CANCEL_AFTER = "contracts.tranche.cancel_after":
        "UPDATE contracts_tranche SET state = 'cancelled', reason = $3, row_version = row_version + 1
         WHERE contract_id = $1 AND number > $2 AND state IN ('planned', 'held')";
    CANCEL_RELEASED = "contracts.tranche.cancel_released":
        "UPDATE contracts_tranche SET state = 'cancelled', reason = $2, row_version = row_version + 1
         WHERE contract_id = $1 AND state = 'released'";
    SAVE = "contracts.tranche.save":
        "UPDATE contracts_tranche SET state = $4, reason = $5, released_on = $6, released_by = $7,
            basis = $8, paid_on = $9, payment_reference = $10, row_version = row_version + 1
         WHERE contract_id = $1 AND number = $2 AND row_version = $3";
    TAKEN = "contracts.tranche.taken":
        "SELECT contract_id FROM contracts_tranche WHERE payment_reference = $1 LIMIT 1";
    WAITING = "contracts.tranche.waiting":
        "SELECT * FROM contracts_tranche WHERE state = 'planned' AND (contract_id, number) > ($1, $2)
         ORDER BY contract_id, number LIMIT $3";
    SET_MET = "contracts.tranche.set_met":
        "UPDATE contracts_tranche SET met_on = $3
         WHERE contract_id = $1 AND number = $2 AND state = 'planned'";
    MET = "contracts.tranche.met":
        "SELECT * FROM contracts_tranche WHERE state = 'planned' AND met_on IS NOT NULL
         ORDER BY met_on, contract_id, number LIMIT $1";
    MET_OF = "contracts.tranche.met_of":
        "SELECT * FROM contracts_tranche WHERE state = 'planned' AND met_on IS NOT NULL
            AND ministry_id = $2
         ORDER BY met_on, contract_id, number LIMIT $1";
}

/// A tranche, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Tranche {
    /// The contract.
    pub contract: Uuid,
    /// Its number, from 1.
    pub number: i64,
    /// The product.
    pub product: Uuid,
    /// The ministry's organisation.
    pub ministry: Option<Uuid>,
    /// What it pays for.
    pub label: String,
    /// In cents.
    pub amount_cents: i64,
    /// When it is released.
    pub condition: Condition,
    /// Where it stands.
    pub state: TrancheState,
    /// Why it is held or cancelled.
    pub reason: String,
    /// When its condition was first found met.
    pub met_on: Option<Date>,
    /// When it was released, and by whom.
    pub released: Option<(Date, String)>,
    /// The figures by which it was released.
    pub basis: Option<Reading>,
    /// When it was paid.
    pub paid_on: Option<Date>,
    /// The reference of its payment.
    pub reference: String,
    /// The version that a change names.
    pub version: i64,
}

fn read(row: &Row) -> Result<Tranche, DbError> {
    let released: Option<Date> = row.get("released_on")?;
    let by: String = row.get("released_by")?;
    Ok(Tranche {
        contract: row.get("contract_id")?,
        number: row.get("number")?,
        product: row.get("product_id")?,
        ministry: row.get("ministry_id")?,
        label: row.get("label")?,
        amount_cents: row.get("amount_cents")?,
        condition: json(row, "condition")?,
        state: code(row, "state", TrancheState::parse)?,
        reason: row.get("reason")?,
        met_on: row.get("met_on")?,
        released: released.map(|on| (on, by)),
        basis: json_or_none(row, "basis")?,
        paid_on: row.get("paid_on")?,
        reference: row.get("payment_reference")?,
        version: row.get("row_version")?,
    })
}

/// Every tranche of a contract, by number.
pub(crate) async fn of_contract(
    on: impl Into<Handle<'_>>,
    contract: Uuid,
) -> Result<Vec<Tranche>, DbError> {
    OF_CONTRACT.bind(contract).all(on, read).await
}

/// Keeps a tranche as the text in force tells it, unless it is released or paid. One that an
/// amendment left out and another takes up again is planned again.
pub(crate) async fn keep(tx: &mut Tx, one: &Tranche) -> Result<(), DbError> {
    KEEP.bind(one.contract)
        .bind(one.number)
        .bind(one.product)
        .bind(one.ministry)
        .bind(&one.label)
        .bind(one.amount_cents)
        .bind(to_json(&one.condition))
        .execute(tx)
        .await
        .map(drop)
}

/// Cancels what is neither released nor paid after a number.
pub(crate) async fn cancel_after(
    tx: &mut Tx,
    contract: Uuid,
    number: i64,
    reason: &str,
) -> Result<(), DbError> {
    let query = CANCEL_AFTER.bind(contract).bind(number).bind(reason);
    query.execute(tx).await.map(drop)
}

/// Cancels what is released and not paid.
pub(crate) async fn cancel_released(
    tx: &mut Tx,
    contract: Uuid,
    reason: &str,
) -> Result<(), DbError> {
    let query = CANCEL_RELEASED.bind(contract).bind(reason);
    query.execute(tx).await.map(drop)
}

/// Saves what changed; gives whether nobody changed it first.
pub(crate) async fn save(tx: &mut Tx, one: &Tranche, version: i64) -> Result<bool, DbError> {
    let (on, by) = match &one.released {
        Some((on, by)) => (Some(*on), by.as_str()),
        None => (None, ""),
    };
    let query = SAVE
        .bind(one.contract)
        .bind(one.number)
        .bind(version)
        .bind(one.state.code())
        .bind(&one.reason)
        .bind(on)
        .bind(by)
        .bind(one.basis.as_ref().map(to_json))
        .bind(one.paid_on)
        .bind(&one.reference);
    Ok(query.execute(tx).await? == 1)
}

/// Whether a payment has this reference.
pub(crate) async fn is_taken(tx: &mut Tx, reference: &str) -> Result<bool, DbError> {
    let query = TAKEN.bind(reference);
    let found: Option<Uuid> = query.optional(tx, |row| row.get("contract_id")).await?;
    Ok(found.is_some())
}

/// Those that wait, after a place.
pub(crate) async fn waiting(
    db: &Db,
    after: (Uuid, i64),
    limit: u32,
) -> Result<Vec<Tranche>, DbError> {
    let query = WAITING.bind(after.0).bind(after.1).bind(limit);
    query.all(db, read).await
}

/// Keeps since when the condition is met.
pub(crate) async fn set_met(
    tx: &mut Tx,
    one: &Tranche,
    met_on: Option<Date>,
) -> Result<bool, DbError> {
    let query = SET_MET.bind(one.contract).bind(one.number).bind(met_on);
    Ok(query.execute(tx).await? == 1)
}

/// Those whose condition is met and that nobody released, the longest first; of one ministry when it is
/// given.
pub(crate) async fn met(
    db: &Db,
    ministry: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Tranche>, DbError> {
    match ministry {
        None => MET.bind(limit).all(db, read).await,
        Some(id) => MET_OF.bind(limit).bind(id).all(db, read).await,
    }
}
