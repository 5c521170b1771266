//! SQL and rows of the exchange.

pub(crate) mod accreditations;
pub(crate) mod alerts;
pub(crate) mod apis;
pub(crate) mod behalf;
pub(crate) mod clients;
pub(crate) mod contests;
pub(crate) mod decisions;
pub(crate) mod gateways;
pub(crate) mod head;
pub(crate) mod list;
pub(crate) mod operations;
pub(crate) mod persons;
pub(crate) mod proofs;
pub(crate) mod rules;
pub(crate) mod stops;
pub(crate) mod subjects;
pub(crate) mod traces;
pub(crate) mod usage;
pub(crate) mod versions;

use kit_db::{DbError, Row, Statement};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let all = accreditations::ALL
        .iter()
        .chain(alerts::ALL)
        .chain(apis::ALL)
        .chain(behalf::ALL)
        .chain(clients::ALL)
        .chain(contests::ALL)
        .chain(decisions::ALL)
        .chain(gateways::ALL)
        .chain(head::ALL)
        .chain(operations::ALL)
        .chain(rules::ALL)
        .chain(persons::ALL)
        .chain(proofs::ALL)
        .chain(stops::ALL)
        .chain(subjects::ALL)
        .chain(traces::ALL)
        .chain(usage::ALL)
        .chain(versions::ALL);
    let mut all: Vec<Statement> = all.copied().cloned().collect();
    all.extend(alerts::every_list());
    all.extend(list::every_list());
    all.extend(persons::every_search());
    all.extend(rules::every_list());
    all.extend(traces::every_search());
    all
}

/// The value of a column that holds JSON of ours.
pub(crate) fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_| DbError::Decode {
        column: column.to_owned(),
        value: text,
        expected: "what the program wrote",
    })
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
