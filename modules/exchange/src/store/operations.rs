//! Operations of APIs.

use kit_db::{DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{json, to_json};
use crate::domain::{CitizenCalls, Operation};

/// Most operations that are read at once.
const OPERATIONS_MAX: u32 = 50_000;

kit_db::statements! {
    FIND = "exchange.operation.find": "SELECT * FROM exchange_operation WHERE id = $1";
    OF_API = "exchange.operation.of_api":
        "SELECT * FROM exchange_operation WHERE api_id = $1 ORDER BY name LIMIT 1000";
    EVERY = "exchange.operation.every":
        "SELECT * FROM exchange_operation ORDER BY api_id, name LIMIT $1";
    PUT = "exchange.operation.put":
        "INSERT INTO exchange_operation (id, api_id, name, described, subject, pieces_saved,
            is_removed, hidden_days, hidden_reason, on_behalf, level_min)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE SET described = excluded.described,
            subject = excluded.subject, pieces_saved = excluded.pieces_saved,
            is_removed = excluded.is_removed, hidden_days = excluded.hidden_days,
            hidden_reason = excluded.hidden_reason, on_behalf = excluded.on_behalf,
            level_min = excluded.level_min";
}

fn read(row: &Row) -> Result<Operation, DbError> {
    Ok(Operation {
        id: row.get("id")?,
        api: row.get("api_id")?,
        described: json(row, "described")?,
        subject: json(row, "subject")?,
        pieces_saved: row.get("pieces_saved")?,
        hidden_days: row.get("hidden_days")?,
        hidden_reason: row.get("hidden_reason")?,
        citizen_calls: {
            let code: String = row.get("on_behalf")?;
            CitizenCalls::parse(&code).unwrap_or(CitizenCalls::Closed)
        },
        level_min: u8::try_from(row.get::<u32>("level_min")?).unwrap_or(u8::MAX),
        is_removed: row.get("is_removed")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<Operation>, DbError> {
    FIND.bind(id).optional(on, read).await
}

pub(crate) async fn of_api(
    on: impl Into<Handle<'_>>,
    api: Uuid,
) -> Result<Vec<Operation>, DbError> {
    OF_API.bind(api).all(on, read).await
}

/// Every operation, by API.
pub(crate) async fn every(on: impl Into<Handle<'_>>) -> Result<Vec<Operation>, DbError> {
    EVERY.bind(OPERATIONS_MAX).all(on, read).await
}

/// Adds an operation, or changes the one of its id.
pub(crate) async fn put(tx: &mut Tx, operation: &Operation) -> Result<(), DbError> {
    PUT.bind(operation.id)
        .bind(operation.api)
        .bind(&operation.described.name)
        .bind(to_json(&operation.described))
        .bind(to_json(&operation.subject))
        .bind(operation.pieces_saved)
        .bind(operation.is_removed)
        .bind(operation.hidden_days)
        .bind(&operation.hidden_reason)
        .bind(operation.citizen_calls.code())
        .bind(u32::from(operation.level_min))
        .execute(tx)
        .await
        .map(drop)
}
