//! Lists, page after page along an index: by cursor, never by offset.

use uuid::Uuid;

use crate::{Db, DbError, Row, Statement, Value};

/// How a list is read.
#[derive(Debug)]
pub struct Shape {
    /// The statement's name.
    pub name: &'static str,
    /// What is read, up to and with a condition: it ends after `WHERE TRUE`, or after what always
    /// holds. Tables are joined by `CROSS JOIN`, the one that the list runs over first: `SQLite` then reads
    /// them in that order, where its planner may begin at the other and sort all it finds.
    pub select: &'static str,
    /// The column along which it runs, and the id that decides between equals.
    pub order: (&'static str, &'static str),
    /// Whether it runs from the greatest.
    pub is_descending: bool,
    /// Conditions, each used when it has a value. One that holds `?` takes the value; another is
    /// only turned on by it.
    pub filters: &'static [&'static str],
    /// Which filters name an owner: one for each kind of owner of [`Scope::Of`].
    pub owners: &'static [usize],
}

/// Whose rows a list runs over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's, and nobody's.
    All,
    /// Those of these owners, by kind in the order of [`Shape::owners`].
    Of(Vec<Vec<Uuid>>),
}

impl Shape {
    /// Every text that the list can take, for the test that prepares them on both databases.
    pub fn statements(&self) -> impl Iterator<Item = Statement> {
        (0..1_u32 << self.filters.len()).map(|used| self.statement(used))
    }

    fn statement(&self, used: u32) -> Statement {
        let (sign, direction) = if self.is_descending {
            ("<", "DESC")
        } else {
            (">", "ASC")
        };
        let (order, id) = self.order;
        let mut sql = format!("{} AND ({order}, {id}) {sign} ($1, $2)", self.select);
        let mut number = 3;
        for (at, filter) in self.filters.iter().enumerate() {
            if used & (1 << at) > 0 {
                sql.push_str(" AND ");
                if filter.contains('?') {
                    number += 1;
                    sql.push_str(&filter.replace('?', &format!("${number}")));
                } else {
                    sql.push_str(filter);
                }
            }
        }
        sql.push_str(&format!(
            " ORDER BY {order} {direction}, {id} {direction} LIMIT $3"
        ));
        Statement::composed(self.name, sql)
    }
}

/// At most `limit` rows after a place, narrowed by a value for each filter that is used.
///
/// Over several owners, each is read along its own index, and what they give is merged by `key`:
/// what the list runs along, and the id.
pub async fn page<T: Send, K: Ord>(
    db: &Db,
    shape: &Shape,
    scope: &Scope,
    (after, values, limit): ((impl Into<Value>, Uuid), Vec<Option<Value>>, u32),
    read: impl Fn(&Row) -> Result<T, DbError> + Send + Sync + Copy,
    key: impl Fn(&T) -> (K, Uuid),
) -> Result<Vec<T>, DbError> {
    let after: (Value, Uuid) = (after.0.into(), after.1);
    let run = async |values: Vec<Option<Value>>| {
        let mut used = 0;
        for (at, value) in values.iter().enumerate() {
            used |= u32::from(value.is_some()) << at;
        }
        let statement = shape.statement(used);
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
    let Scope::Of(owners) = scope else {
        return run(values).await;
    };
    let mut found = Vec::new();
    for (owners, at) in owners.iter().zip(shape.owners.iter().copied()) {
        for owner in owners {
            let owner: Value = (*owner).into();
            let mut values = values.clone();
            // Somebody narrows the list to one owner: the others give nothing.
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
