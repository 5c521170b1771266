//! SQL and rows of costs.

pub(crate) mod files;
pub(crate) mod publications;
pub(crate) mod versions;

use kit_db::{DbError, Row, Statement};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let fixed = [files::ALL, publications::ALL, versions::ALL];
    let mut all: Vec<Statement> = fixed.concat().into_iter().cloned().collect();
    all.extend(files::every_list());
    all
}

/// The value of a column that holds JSON of ours.
fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_| DbError::Decode {
        column: column.to_owned(),
        value: text,
        expected: "what the program wrote",
    })
}

/// A value as a column holds it.
fn to_json(value: &impl Serialize) -> String {
    // Types of ours without maps by other keys than texts: always written.
    serde_json::to_string(value).unwrap_or_default()
}
