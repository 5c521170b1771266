//! Lists, page after page along an index.

use jiff::civil::Date;
use kit_db::{Db, DbError, Row, Statement, Value};
use uuid::Uuid;

/// How a list is read.
#[derive(Debug)]
pub(crate) struct Shape {
    name: &'static str,
    table: &'static str,
    /// The day along which it runs from the latest, then the id.
    order: &'static str,
    filters: &'static [&'static str],
    /// Which filter is the ministry's.
    ministry: usize,
}

/// The latest asked first: by state, ministry, product, origin.
pub(crate) static REQUESTS: Shape = Shape {
    name: "brigade.request.list",
    table: "brigade_request",
    order: "asked_on",
    filters: &[
        "t.state = ?",
        "p.ministry_id = ?",
        "t.product_id = ?",
        "t.origin_kind = ?",
    ],
    ministry: 1,
};

/// The latest begun first: by state, ministry, product, expertise.
pub(crate) static MISSIONS: Shape = Shape {
    name: "brigade.mission.list",
    table: "brigade_mission",
    order: "from_day",
    filters: &[
        "t.state = ?",
        "p.ministry_id = ?",
        "t.product_id = ?",
        "EXISTS (SELECT 1 FROM brigade_assignment a
            WHERE a.mission_id = t.id AND a.expertise = ?)",
    ],
    ministry: 1,
};

fn list(shape: &Shape, used: u32) -> Statement {
    let Shape { table, order, .. } = shape;
    let mut sql = format!(
        "SELECT t.*, p.title AS product_title, p.ministry_id AS ministry_id FROM {table} t
         JOIN brigade_product p ON p.product_id = t.product_id
         WHERE (t.{order}, t.id) < ($1, $2)"
    );
    let mut number = 3;
    for (at, filter) in shape.filters.iter().enumerate() {
        if used & (1 << at) > 0 {
            number += 1;
            sql.push_str(" AND ");
            sql.push_str(&filter.replace('?', &format!("${number}")));
        }
    }
    sql.push_str(&format!(" ORDER BY t.{order} DESC, t.id DESC LIMIT $3"));
    Statement::composed(shape.name, sql)
}

/// Every list with every choice of filters.
pub(crate) fn every_list() -> Vec<Statement> {
    let all = [&REQUESTS, &MISSIONS]
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
pub(crate) async fn page<T: Send>(
    db: &Db,
    shape: &Shape,
    scope: &Scope,
    (after, values, limit): ((Date, Uuid), Vec<Option<Value>>, u32),
    read: impl Fn(&Row) -> Result<T, DbError> + Send + Sync + Copy,
    key: impl Fn(&T) -> (Date, Uuid),
) -> Result<Vec<T>, DbError> {
    let run = async |values: Vec<Option<Value>>| {
        let mut used = 0;
        for (at, value) in values.iter().enumerate() {
            used |= u32::from(value.is_some()) << at;
        }
        let statement = list(shape, used);
        let mut query = statement.bind(after.0).bind(after.1).bind(limit);
        for value in values.into_iter().flatten() {
            query = query.bind(value);
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
    found.sort_by_key(|one| std::cmp::Reverse(key(one)));
    found.truncate(limit as usize);
    Ok(found)
}
