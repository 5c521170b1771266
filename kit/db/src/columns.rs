//! Columns that hold what the program itself wrote: codes, and JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{DbError, Row};

fn parsed<T: DeserializeOwned>(column: &str, text: String) -> Result<T, DbError> {
    serde_json::from_str(&text).map_err(|_| DbError::Decode {
        column: column.to_owned(),
        value: text,
        expected: "what the program wrote",
    })
}

/// The value of a column that holds JSON of ours.
pub fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    parsed(column, row.get(column)?)
}

/// The same of a column that may be empty.
pub fn json_or_none<T: DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>, DbError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| parsed(column, text)).transpose()
}

/// A value as a column holds it: a type of ours without maps by other keys than texts.
pub fn to_json(value: &impl Serialize) -> String {
    // Such types are always written.
    serde_json::to_string(value).unwrap_or_default()
}

/// The value of a column that holds a code.
pub fn code<T>(row: &Row, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| DbError::Decode {
        column: column.to_owned(),
        value: text,
        expected: "a known code",
    })
}

/// The same of a column that may be empty.
pub fn code_or_none<T>(
    row: &Row,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, DbError> {
    if row.get::<Option<String>>(column)?.is_none() {
        return Ok(None);
    }
    code(row, column, parse).map(Some)
}
