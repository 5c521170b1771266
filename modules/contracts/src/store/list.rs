//! Lists, page after page along an index.

use kit_db::{Db, DbError, Row, Statement, Value};
use uuid::Uuid;

/// How a list is read. A filter that holds `?` takes a value.
#[derive(Debug)]
pub(crate) struct Shape {
    name: &'static str,
    table: &'static str,
    /// The column along which it runs, then the id.
    order: &'static str,
    is_descending: bool,
    filters: &'static [&'static str],
    /// Which filter is the ministry's.
    ministry: usize,
}

/// The latest first: by state, kind, ministry, product.
pub(crate) static CONTRACTS: Shape = Shape {
    name: "contracts.contract.list",
    table: "contracts_contract",
    order: "opened_on",
    is_descending: true,
    filters: &["state = ?", "kind = ?", "ministry_id = ?", "product_id = ?"],
    ministry: 2,
};

/// The latest first: by state, ministry, fund, call, product.
pub(crate) static APPLICATIONS: Shape = Shape {
    name: "contracts.application.list",
    table: "contracts_application",
    order: "applied_on",
    is_descending: true,
    filters: &[
        "state = ?",
        "ministry_id = ?",
        "fund_id = ?",
        "call_id = ?",
        "product_id = ?",
    ],
    ministry: 1,
};

fn list(shape: &Shape, used: u32) -> Statement {
    let (sign, direction) = if shape.is_descending {
        ("<", "DESC")
    } else {
        (">", "ASC")
    };
    let Shape { table, order, .. } = shape;
    let mut sql = format!(
        "SELECT t.*, p.title AS product_title FROM {table} t
         JOIN contracts_product p ON p.product_id = t.product_id
         WHERE (t.{order}, t.id) {sign} ($1, $2)"
    );
    let mut number = 3;
    for (at, filter) in shape.filters.iter().enumerate() {
        if used & (1 << at) > 0 {
            let filter = if filter.contains('?') {
                number += 1;
                filter.replace('?', &format!("${number}"))
            } else {
                (*filter).to_owned()
            };
            sql.push_str(&format!(" AND t.{filter}"));
        }
    }
    sql.push_str(&format!(
        " ORDER BY t.{order} {direction}, t.id {direction} LIMIT $3"
    ));
    Statement::composed(shape.name, sql)
}

/// Every text that the lists can take.
pub(crate) fn every_list() -> Vec<Statement> {
    let shapes = [&CONTRACTS, &APPLICATIONS];
    let all = shapes
        .into_iter()
        .flat_map(|shape| (0..1_u32 << shape.filters.len()).map(move |used| list(shape, used)));
    all.collect()
}

/// Over which ministries a list runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All, and what has none.
    All,
    /// These.
    Ministries(Vec<Uuid>),
}

/// At most `limit` rows after a place, narrowed by a value for each filter that is used.
///
/// Over several ministries, each is read along its own index, and what they give is merged.
pub(crate) async fn page<T: Send, K: Ord>(
    db: &Db,
    shape: &Shape,
    scope: &Scope,
    (after, values, limit): ((Value, Uuid), Vec<Option<Value>>, u32),
    read: impl Fn(&Row) -> Result<T, DbError> + Send + Sync + Copy,
    key: impl Fn(&T) -> (K, Uuid),
) -> Result<Vec<T>, DbError> {
    let run = async |values: Vec<Option<Value>>| {
        let mut used = 0;
        for (at, value) in values.iter().enumerate() {
            used |= u32::from(value.is_some()) << at;
        }
        let statement = list(shape, used);
        let mut query = statement.bind(after.0.clone()).bind(after.1).bind(limit);
        for (value, filter) in values.into_iter().zip(shape.filters) {
            if let Some(value) = value
                && filter.contains('?')
            {
                query = query.bind(value);
            }
        }
        query.all(db, read).await
    };
    let Scope::Ministries(all) = scope else {
        return run(values).await;
    };
    let mut found = Vec::new();
    for ministry in all {
        let mut values = values.clone();
        values[shape.ministry] = Some((*ministry).into());
        found.extend(run(values).await?);
    }
    found.sort_by_key(&key);
    if shape.is_descending {
        found.reverse();
    }
    found.truncate(limit as usize);
    Ok(found)
}
