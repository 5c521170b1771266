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
    all.extend(list::every_list());
    all
}

/// The value of a column that holds a code.
pub(crate) fn code<T>(
    row: &Row,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| DbError::Decode {
        column: column.to_owned(),
        value: text,
        expected: "a known code",
    })
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
