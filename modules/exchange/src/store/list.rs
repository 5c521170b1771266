//! The catalogue: filtered, by name, one page after a cursor.

use kit_db::{Db, DbError, Statement, Value};
use uuid::Uuid;

use super::apis::read;
use crate::domain::{Api, ApiStatus, Sensitivity};

/// What the catalogue is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiFilter {
    /// Words of name, description or producer.
    pub text: String,
    /// Only this producer.
    pub producer: Option<Uuid>,
    /// Only this status; none: all but drafts.
    pub status: Option<ApiStatus>,
    /// Only this sensitivity.
    pub sensitivity: Option<Sensitivity>,
}

const FILTERS: [&str; 4] = ["search LIKE", "producer_id =", "status =", "sensitivity ="];

fn list(filters: u8) -> Statement {
    let mut sql =
        "SELECT * FROM exchange_api WHERE (name > $1 OR (name = $1 AND id > $2))".to_owned();
    // Drafts are nobody's but their producer's.
    sql.push_str(" AND status <> 'draft'");
    let mut number = 3;
    for (at, filter) in FILTERS.iter().enumerate() {
        if filters & (1 << at) > 0 {
            number += 1;
            sql.push_str(&format!(" AND {filter} ${number}"));
        }
    }
    sql.push_str(" ORDER BY name, id LIMIT $3");
    Statement::composed("exchange.api.list", sql)
}

/// Every text that the list can take.
pub(crate) fn every_list() -> Vec<Statement> {
    (0..16).map(list).collect()
}

/// At most `limit` APIs that are no draft, after `(name, id)`.
pub(crate) async fn page(
    db: &Db,
    filter: &ApiFilter,
    after: (&str, Uuid),
    limit: u32,
) -> Result<Vec<Api>, DbError> {
    let words = names::normalise(&filter.text);
    let values: [Option<Value>; 4] = [
        (!words.is_empty()).then(|| format!("%{}%", words.replace(' ', "%")).into()),
        filter.producer.map(Into::into),
        filter.status.map(|status| status.code().into()),
        filter.sensitivity.map(|one| one.code().into()),
    ];
    let mut filters = 0;
    for (at, value) in values.iter().enumerate() {
        filters |= u8::from(value.is_some()) << at;
    }
    let statement = list(filters);
    let mut query = statement.bind(after.0).bind(after.1).bind(limit);
    for value in values.into_iter().flatten() {
        query = query.bind(value);
    }
    query.all(db, read).await
}
