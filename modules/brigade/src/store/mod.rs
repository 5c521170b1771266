//! SQL and rows of the brigade.

pub(crate) mod calendars;
pub(crate) mod events;
pub(crate) mod experts;
pub(crate) mod figures;
pub(crate) mod list;
pub(crate) mod missions;
pub(crate) mod plan;
pub(crate) mod products;
pub(crate) mod requests;

use kit_db::{DbError, Row, Statement};

pub(crate) use kit_db::columns::code;

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let all = calendars::ALL
        .iter()
        .chain(events::ALL)
        .chain(experts::ALL)
        .chain(figures::ALL)
        .chain(missions::ALL)
        .chain(plan::ALL)
        .chain(products::ALL)
        .chain(requests::ALL);
    let mut all: Vec<Statement> = all.copied().cloned().collect();
    all.extend(events::EVENTS.statements());
    all.extend(list::every_list());
    all
}

/// The value of a column that counts half days.
pub(crate) fn half_days(row: &Row, column: &str) -> Result<u32, DbError> {
    let number: i64 = row.get(column)?;
    u32::try_from(number).map_err(|_| DbError::Decode {
        column: column.to_owned(),
        value: number.to_string(),
        expected: "half days",
    })
}
