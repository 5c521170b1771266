//! What stands behind the parameters that name a person.

use kit_db::{Db, DbError, Handle, Row, Tx};
use uuid::Uuid;

use super::{json, to_json};
use crate::domain::SubjectForm;

kit_db::statements! {
    OF_OPERATION = "exchange.subject_form.of_operation":
        "SELECT * FROM exchange_subject_form WHERE operation_id = $1 ORDER BY number LIMIT 1000";
    PUT = "exchange.subject_form.put":
        "INSERT INTO exchange_subject_form (operation_id, number, subject, facts)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (operation_id, number) DO UPDATE SET facts = excluded.facts";
    EVERY = "exchange.subject_form.every":
        "SELECT f.*, a.producer_id, a.pseudonym_key FROM exchange_subject_form f
         JOIN exchange_operation o ON o.id = f.operation_id
         JOIN exchange_api a ON a.id = o.api_id
         WHERE f.operation_id > $1 OR (f.operation_id = $1 AND f.number > $2)
         ORDER BY f.operation_id, f.number LIMIT $3";
}

fn read(row: &Row) -> Result<(i64, SubjectForm), DbError> {
    let form = SubjectForm {
        subject: json(row, "subject")?,
        facts: json(row, "facts")?,
    };
    Ok((row.get("number")?, form))
}

/// The forms of an operation, the oldest first, each with its number.
pub(crate) async fn of_operation(
    on: impl Into<Handle<'_>>,
    operation: Uuid,
) -> Result<Vec<(i64, SubjectForm)>, DbError> {
    OF_OPERATION.bind(operation).all(on, read).await
}

/// Adds a form, or changes the facts of the one of its number.
pub(crate) async fn put(
    tx: &mut Tx,
    operation: Uuid,
    number: i64,
    form: &SubjectForm,
) -> Result<(), DbError> {
    PUT.bind(operation)
        .bind(number)
        .bind(to_json(&form.subject))
        .bind(to_json(&form.facts))
        .execute(tx)
        .await
        .map(drop)
}

/// A form with whose it is and the key of the pseudonyms that are made of it. It holds a secret.
pub(crate) struct KeyedForm {
    pub(crate) operation: Uuid,
    pub(crate) number: i64,
    pub(crate) producer: Uuid,
    pub(crate) form: SubjectForm,
    pub(crate) key: Vec<u8>,
}

/// Forms of every operation after `(operation, number)`, at most `limit`: also of those that are
/// called no more, whose calls were traced.
pub(crate) async fn after(
    db: &Db,
    (operation, number): (Uuid, i64),
    limit: u32,
) -> Result<Vec<KeyedForm>, DbError> {
    let read = |row: &Row| {
        let (number, form) = read(row)?;
        Ok(KeyedForm {
            operation: row.get("operation_id")?,
            number,
            producer: row.get("producer_id")?,
            form,
            key: row.get("pseudonym_key")?,
        })
    };
    EVERY
        .bind(operation)
        .bind(number)
        .bind(limit)
        .all(db, read)
        .await
}
