//! SQL and rows of start-ups.

pub(crate) mod decisions;
pub(crate) mod events;
pub(crate) mod investments;
pub(crate) mod list;
pub(crate) mod national;
pub(crate) mod priorities;
pub(crate) mod products;
pub(crate) mod reviews;

use kit_db::{DbError, Row, Statement};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let all = decisions::ALL
        .iter()
        .chain(events::ALL)
        .chain(investments::ALL)
        .chain(national::ALL)
        .chain(priorities::ALL)
        .chain(products::ALL)
        .chain(reviews::ALL);
    let mut all: Vec<Statement> = all.copied().cloned().collect();
    all.extend(list::every_list());
    all
}

/// The value of a text of ours that holds JSON.
fn parsed<T: DeserializeOwned>(column: &str, text: String) -> Result<T, DbError> {
    serde_json::from_str(&text).map_err(|_| DbError::Decode {
        column: column.to_owned(),
        value: text,
        expected: "what the program wrote",
    })
}

/// The value of a column that holds JSON of ours.
pub(crate) fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    parsed(column, row.get(column)?)
}

/// The same of a column that may be empty.
pub(crate) fn json_or_none<T: DeserializeOwned>(
    row: &Row,
    column: &str,
) -> Result<Option<T>, DbError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| parsed(column, text)).transpose()
}

/// A value as a column holds it.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    // Types of ours without maps by other keys than texts: always written.
    serde_json::to_string(value).unwrap_or_default()
}

/// The value of a column that holds a code.
pub(crate) fn code<T>(
    row: &Row,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| DbError::Decode {
        column: column.to_owned(),
        value: text,
        expected: "a known code",
    })
}

/// The same of a column that may be empty.
pub(crate) fn code_or_none<T>(
    row: &Row,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, DbError> {
    if row.get::<Option<String>>(column)?.is_none() {
        return Ok(None);
    }
    code(row, column, parse).map(Some)
}
