//! SQL and rows of the directory.

pub(crate) mod accounts;
pub(crate) mod brokered;
pub(crate) mod organisations;
pub(crate) mod people;
pub(crate) mod sessions;

use kit_db::Statement;

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let all = accounts::ALL
        .iter()
        .chain(brokered::ALL)
        .chain(organisations::ALL)
        .chain(people::ALL)
        .chain(sessions::ALL);
    all.copied().cloned().collect()
}
