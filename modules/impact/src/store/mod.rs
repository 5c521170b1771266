//! SQL and rows of impact.

pub(crate) mod counts;
pub(crate) mod indicators;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod observations;
pub(crate) mod polls;

use kit_db::Statement;

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let fixed = [
        counts::ALL,
        indicators::ALL,
        keys::ALL,
        observations::ALL,
        polls::ALL,
    ];
    let mut all: Vec<Statement> = fixed.concat().into_iter().cloned().collect();
    all.extend(list::every_list());
    all
}
