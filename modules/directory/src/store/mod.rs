//! SQL and rows of the directory.

pub(crate) mod accounts;
pub(crate) mod brokered;
pub(crate) mod devices;
pub(crate) mod emails;
pub(crate) mod factors;
pub(crate) mod guards;
pub(crate) mod organisations;
pub(crate) mod parties;
pub(crate) mod passkeys;
pub(crate) mod people;
pub(crate) mod sessions;

use kit_db::Statement;

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let all = accounts::ALL
        .iter()
        .chain(brokered::ALL)
        .chain(devices::ALL)
        .chain(emails::ALL)
        .chain(factors::ALL)
        .chain(guards::ALL)
        .chain(organisations::ALL)
        .chain(parties::ALL)
        .chain(passkeys::ALL)
        .chain(people::ALL)
        .chain(sessions::ALL);
    all.copied().cloned().collect()
}
