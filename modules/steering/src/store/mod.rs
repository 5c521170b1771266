//! SQL and rows of steering.

pub(crate) mod agenda;
pub(crate) mod alerts;
pub(crate) mod conferences;
pub(crate) mod decisions;
pub(crate) mod events;
pub(crate) mod list;
pub(crate) mod products;
pub(crate) mod recommendations;
pub(crate) mod reviews;

use kit_db::Statement;

pub(crate) use kit_db::columns::{code, code_or_none, json, json_or_none, to_json};

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let all = agenda::ALL
        .iter()
        .chain(alerts::ALL)
        .chain(conferences::ALL)
        .chain(decisions::ALL)
        .chain(events::ALL)
        .chain(products::ALL)
        .chain(recommendations::ALL)
        .chain(reviews::ALL);
    let mut all: Vec<Statement> = all.copied().cloned().collect();
    all.extend(events::EVENTS.statements());
    all.extend(list::every_list());
    all
}
