//! SQL and rows of costs.

pub(crate) mod files;
pub(crate) mod publications;
pub(crate) mod versions;

use kit_db::Statement;

use kit_db::columns::{json, to_json};

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let fixed = [files::ALL, publications::ALL, versions::ALL];
    let mut all: Vec<Statement> = fixed.concat().into_iter().cloned().collect();
    all.extend(files::every_list());
    all
}
