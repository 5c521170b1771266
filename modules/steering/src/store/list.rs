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
    /// What always holds.
    always: &'static str,
    filters: &'static [&'static str],
    /// Which filter is the ministry's.
    ministry: usize,
    /// Whether each row is of one product, whose name comes with it.
    is_of_product: bool,
}

/// The latest announced first: by state, kind, ministry, product.
pub(crate) static REVIEWS: Shape = Shape {
    name: "steering.review.list",
    table: "steering_review",
    order: "announced_on",
    is_descending: true,
    always: "",
    filters: &["state = ?", "kind = ?", "ministry_id = ?", "product_id = ?"],
    ministry: 2,
    is_of_product: true,
};

/// The first due first: by status, axis, ministry, whether overdue, product, review, whether public.
pub(crate) static RECOMMENDATIONS: Shape = Shape {
    name: "steering.recommendation.list",
    table: "steering_recommendation",
    order: "due_on",
    is_descending: false,
    always: "",
    filters: &[
        "status = ?",
        "axis = ?",
        "ministry_id = ?",
        "is_overdue = TRUE",
        "product_id = ?",
        "review_id = ?",
        "public_on <= ?",
    ],
    ministry: 2,
    is_of_product: true,
};

/// Open ones, the costliest product first: by rule, ministry.
pub(crate) static ALERTS: Shape = Shape {
    name: "steering.alert.list",
    table: "steering_alert",
    order: "cost_cents",
    is_descending: true,
    always: " AND t.closed_on IS NULL",
    filters: &["rule = ?", "ministry_id = ?"],
    ministry: 1,
    is_of_product: true,
};

/// The latest first: by kind, ministry, product.
pub(crate) static DECISIONS: Shape = Shape {
    name: "steering.decision.list",
    table: "steering_decision",
    order: "decided_on",
    is_descending: true,
    always: "",
    filters: &["kind = ?", "ministry_id = ?", "product_id = ?"],
    ministry: 1,
    is_of_product: true,
};

/// Open points, the oldest first: by ministry.
pub(crate) static AGENDA: Shape = Shape {
    name: "steering.agenda.list",
    table: "steering_agenda",
    order: "added_on",
    is_descending: false,
    always: " AND t.closed_on IS NULL",
    filters: &["ministry_id = ?"],
    ministry: 0,
    is_of_product: true,
};

/// The latest first: by state, ministry.
pub(crate) static CONFERENCES: Shape = Shape {
    name: "steering.conference.list",
    table: "steering_conference",
    order: "day",
    is_descending: true,
    always: "",
    filters: &["state = ?", "ministry_id = ?"],
    ministry: 1,
    is_of_product: false,
};

fn list(shape: &Shape, used: u32) -> Statement {
    let (sign, direction) = if shape.is_descending {
        ("<", "DESC")
    } else {
        (">", "ASC")
    };
    let Shape { table, order, .. } = shape;
    let (title, join) = if shape.is_of_product {
        (
            ", p.title AS product_title",
            "JOIN steering_product p ON p.product_id = t.product_id",
        )
    } else {
        ("", "")
    };
    let mut sql = format!(
        "SELECT t.*{title} FROM {table} t {join}
         WHERE (t.{order}, t.id) {sign} ($1, $2){}",
        shape.always
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
    let shapes = [
        &REVIEWS,
        &RECOMMENDATIONS,
        &ALERTS,
        &DECISIONS,
        &AGENDA,
        &CONFERENCES,
    ];
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
