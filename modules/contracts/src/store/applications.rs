//! Applications to calls.

use jiff::civil::Date;
use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{code, json, to_json};
use crate::domain::{ApplicationState, IndicatorTerms};

kit_db::statements! {
    FIND = "contracts.application.find":
        "SELECT t.*, p.title AS product_title FROM contracts_application t
         CROSS JOIN contracts_product p WHERE p.product_id = t.product_id AND t.id = $1";
    INSERT = "contracts.application.insert":
        "INSERT INTO contracts_application (id, call_id, fund_id, product_id, ministry_id, state,
            asked_cents, contribution, indicator_id, indicator, applied_on, applied_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (call_id, product_id) WHERE state IN ('submitted', 'selected') DO NOTHING";
    SAVE = "contracts.application.save":
        "UPDATE contracts_application SET state = $3, granted_cents = $4, committed_cents = $5,
            paid_cents = $6, decided_on = $7, decided_by = $8, reasons = $9, contract_id = $10,
            row_version = row_version + 1
         WHERE id = $1 AND row_version = $2";
}

/// An application, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// Its id.
    pub id: Uuid,
    /// The call.
    pub call: Uuid,
    /// The fund.
    pub fund: Uuid,
    /// The product.
    pub product: Uuid,
    /// Its name.
    pub product_title: String,
    /// The ministry's organisation.
    pub ministry: Option<Uuid>,
    /// Where it stands.
    pub state: ApplicationState,
    /// How much is asked for, in cents.
    pub asked_cents: i64,
    /// What the support is expected to bring.
    pub contribution: String,
    /// The indicator by which it is judged, as it stood.
    pub indicator: IndicatorTerms,
    /// When it was sent.
    pub applied_on: Date,
    /// By whom.
    pub applied_by: String,
    /// How much was granted, in cents: what its contract may give at most.
    pub granted_cents: i64,
    /// How much of the fund is committed to it, in cents.
    pub committed_cents: i64,
    /// How much of it is paid, in cents.
    pub paid_cents: i64,
    /// When it was decided, and by whom.
    pub decided: Option<(Date, String)>,
    /// Why.
    pub reasons: String,
    /// Its contract.
    pub contract: Option<Uuid>,
    /// The version that a change names.
    pub version: i64,
}

pub(crate) fn read(row: &Row) -> Result<Application, DbError> {
    let decided: Option<Date> = row.get("decided_on")?;
    let by: String = row.get("decided_by")?;
    Ok(Application {
        id: row.get("id")?,
        call: row.get("call_id")?,
        fund: row.get("fund_id")?,
        product: row.get("product_id")?,
        product_title: row.get("product_title")?,
        ministry: row.get("ministry_id")?,
        state: code(row, "state", ApplicationState::parse)?,
        asked_cents: row.get("asked_cents")?,
        contribution: row.get("contribution")?,
        indicator: json(row, "indicator")?,
        applied_on: row.get("applied_on")?,
        applied_by: row.get("applied_by")?,
        granted_cents: row.get("granted_cents")?,
        committed_cents: row.get("committed_cents")?,
        paid_cents: row.get("paid_cents")?,
        decided: decided.map(|on| (on, by)),
        reasons: row.get("reasons")?,
        contract: row.get("contract_id")?,
        version: row.get("row_version")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<Application>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Keeps an application; gives whether the product had none alive in this call.
pub(crate) async fn insert(tx: &mut Tx, one: &Application) -> Result<bool, DbError> {
    let query = INSERT
        .bind(one.id)
        .bind(one.call)
        .bind(one.fund)
        .bind(one.product)
        .bind(one.ministry)
        .bind(one.state.code())
        .bind(one.asked_cents)
        .bind(&one.contribution)
        .bind(one.indicator.id)
        .bind(to_json(&one.indicator))
        .bind(one.applied_on)
        .bind(&one.applied_by);
    Ok(query.execute(tx).await? == 1)
}

/// Saves what changed; gives whether nobody changed it first.
pub(crate) async fn save(tx: &mut Tx, one: &Application, version: i64) -> Result<bool, DbError> {
    let (on, by) = match &one.decided {
        Some((on, by)) => (Some(*on), by.as_str()),
        None => (None, ""),
    };
    let query = SAVE
        .bind(one.id)
        .bind(version)
        .bind(one.state.code())
        .bind(one.granted_cents)
        .bind(one.committed_cents)
        .bind(one.paid_cents)
        .bind(on)
        .bind(by)
        .bind(&one.reasons)
        .bind(one.contract);
    Ok(query.execute(tx).await? == 1)
}
