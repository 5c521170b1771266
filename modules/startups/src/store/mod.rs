//! SQL and rows of start-ups.

pub(crate) mod decisions;
pub(crate) mod events;
pub(crate) mod investments;
pub(crate) mod list;
pub(crate) mod national;
pub(crate) mod priorities;
pub(crate) mod products;
pub(crate) mod reviews;

use kit_db::Statement;

pub(crate) use kit_db::columns::{code, code_or_none, json, json_or_none, to_json};

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
    all.extend(events::EVENTS.statements());
    all.extend(list::every_list());
    all
}
