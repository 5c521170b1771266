//! SQL and rows of the observatory.

pub(crate) mod days;
pub(crate) mod declarations;
pub(crate) mod editions;
pub(crate) mod events;
pub(crate) mod list;
pub(crate) mod procedures;
pub(crate) mod reviews;

use kit_db::Statement;

pub(crate) use kit_db::columns::{code, code_or_none, json, to_json};

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let all = days::ALL
        .iter()
        .chain(declarations::ALL)
        .chain(editions::ALL)
        .chain(events::ALL)
        .chain(procedures::ALL)
        .chain(reviews::ALL);
    let mut all: Vec<Statement> = all.copied().cloned().collect();
    all.extend(events::EVENTS.statements());
    all.push(declarations::standing_statement());
    all.extend(list::every_list());
    all
}
