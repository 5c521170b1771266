//! Lists, page after page along an index.

use kit_db::{Db, DbError, Row, Statement, Value};
use uuid::Uuid;

/// How a list is read. A filter that holds `?` takes a value.
#[derive(Debug)]
pub(crate) struct Shape {
    name: &'static str,
    select: &'static str,
    /// The column along which it runs, and the id.
    order: (&'static str, &'static str),
    is_descending: bool,
    filters: &'static [&'static str],
    /// Which filters are the ministry's and the incubator's.
    owners: [usize; 2],
}

/// Live start-ups, the first due first: by ministry, incubator, phase, and those due before a day.
pub(crate) static STARTUPS: Shape = Shape {
    name: "startups.product.list",
    select: "SELECT t.* FROM startups_product t WHERE t.due_on IS NOT NULL",
    order: ("t.due_on", "t.product_id"),
    is_descending: false,
    filters: &[
        "t.ministry_id = ?",
        "t.incubator_id = ?",
        "t.phase = ?",
        "t.due_on < ?",
    ],
    owners: [0, 1],
};

/// Reviews, the latest due first: by ministry, incubator, state.
pub(crate) static REVIEWS: Shape = Shape {
    name: "startups.review.list",
    select: "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id, p.phase
         FROM startups_review t JOIN startups_product p ON p.product_id = t.product_id
         WHERE TRUE",
    order: ("t.due_on", "t.id"),
    is_descending: true,
    filters: &["p.ministry_id = ?", "p.incubator_id = ?", "t.state = ?"],
    owners: [0, 1],
};

/// Decisions, the latest first: by ministry, incubator, kind.
pub(crate) static DECISIONS: Shape = Shape {
    name: "startups.decision.list",
    select: "SELECT t.*, p.title AS product_title, p.ministry_id, p.incubator_id
         FROM startups_decision t JOIN startups_product p ON p.product_id = t.product_id
         WHERE TRUE",
    order: ("t.decided_on", "t.id"),
    is_descending: true,
    filters: &["p.ministry_id = ?", "p.incubator_id = ?", "t.kind = ?"],
    owners: [0, 1],
};

fn list(shape: &Shape, used: u32) -> Statement {
    let (sign, direction) = if shape.is_descending {
        ("<", "DESC")
    } else {
        (">", "ASC")
    };
    let (order, id) = shape.order;
    let mut sql = format!("{} AND ({order}, {id}) {sign} ($1, $2)", shape.select);
    let mut number = 3;
    for (at, filter) in shape.filters.iter().enumerate() {
        if used & (1 << at) > 0 {
            number += 1;
            sql.push_str(&format!(
                " AND {}",
                filter.replace('?', &format!("${number}"))
            ));
        }
    }
    sql.push_str(&format!(
        " ORDER BY {order} {direction}, {id} {direction} LIMIT $3"
    ));
    Statement::composed(shape.name, sql)
}

/// Every text that the lists can take.
pub(crate) fn every_list() -> Vec<Statement> {
    let shapes = [&STARTUPS, &REVIEWS, &DECISIONS];
    let all = shapes
        .into_iter()
        .flat_map(|shape| (0..1_u32 << shape.filters.len()).map(move |used| list(shape, used)));
    all.collect()
}

/// Over whose products a list runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All.
    All,
    /// Those of these ministries, and those of these incubators.
    Of(Vec<Uuid>, Vec<Uuid>),
}

/// At most `limit` rows after a place, narrowed by a value for each filter that is used.
///
/// Over several organisations, each is read along its own index, and what they give is merged.
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
        for value in values.into_iter().flatten() {
            query = query.bind(value);
        }
        query.all(db, read).await
    };
    let Scope::Of(ministries, incubators) = scope else {
        return run(values).await;
    };
    let mut found = Vec::new();
    for (owners, at) in [ministries, incubators].into_iter().zip(shape.owners) {
        for owner in owners {
            let owner: Value = (*owner).into();
            let mut values = values.clone();
            // Somebody narrows the list to one organisation: the others give nothing.
            if values[at].as_ref().is_some_and(|asked| *asked != owner) {
                continue;
            }
            values[at] = Some(owner);
            found.extend(run(values).await?);
        }
    }
    found.sort_by_key(&key);
    found.dedup_by(|a, b| key(a).1 == key(b).1);
    if shape.is_descending {
        found.reverse();
    }
    found.truncate(limit as usize);
    Ok(found)
}
