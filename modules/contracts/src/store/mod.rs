//! SQL and rows of contracts and funds.

pub(crate) mod applications;
pub(crate) mod contracts;
pub(crate) mod events;
pub(crate) mod follow_up;
pub(crate) mod funds;
pub(crate) mod list;
pub(crate) mod products;
pub(crate) mod tranches;
pub(crate) mod versions;

use kit_db::Statement;

pub(crate) use kit_db::columns::{code, json, json_or_none, to_json};

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let all = applications::ALL
        .iter()
        .chain(contracts::ALL)
        .chain(events::ALL)
        .chain(follow_up::ALL)
        .chain(funds::ALL)
        .chain(products::ALL)
        .chain(tranches::ALL)
        .chain(versions::ALL);
    let mut all: Vec<Statement> = all.copied().cloned().collect();
    all.extend(events::EVENTS.statements());
    all.extend(list::every_list());
    all
}
