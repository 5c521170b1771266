//! SQL and rows of the portfolio.

pub(crate) mod editions;
pub(crate) mod estimates;
pub(crate) mod list;
pub(crate) mod products;
pub(crate) mod series;
pub(crate) mod views;

use kit_db::Statement;

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let fixed = [
        editions::ALL,
        estimates::ALL,
        list::ALL,
        products::ALL,
        series::ALL,
        views::ALL,
    ];
    let mut all: Vec<Statement> = fixed.concat().into_iter().cloned().collect();
    all.extend(list::every_list());
    all
}
