//! The list of indicators: filtered, one page after a cursor, read from one table.

use jiff::civil::Date;
use kit_db::{Db, DbError, Statement, Value};
use ports::Standing;
use uuid::Uuid;

use super::indicators::read;
use crate::domain::{Indicator, Level};

/// What a list is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListFilter {
    /// Only of this product.
    pub product_id: Option<Uuid>,
    /// Only of this ministry's products.
    pub ministry_id: Option<Uuid>,
    /// Only of this level.
    pub level: Option<Level>,
    /// Only what stands so on the day asked for.
    pub standing: Option<Standing>,
    /// Also those that are retired.
    pub with_retired: bool,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListPage {
    /// Its indicators, by product, level and name.
    pub indicators: Vec<Indicator>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

const FILTERS: [&str; 3] = ["product_id =", "ministry_id =", "level ="];

/// A standing as a condition on the row; `{day}` is the day's argument. It says what
/// [`crate::domain::standing`] says of the same figure: a test compares them.
fn condition(standing: Standing) -> &'static str {
    match standing {
        Standing::Reached => {
            "latest_on IS NOT NULL AND target_value IS NOT NULL
             AND (met = 'target' OR (met = 'threshold' AND COALESCE(due_on, '9999') < {day}))"
        }
        Standing::Missed => "owing AND due_on < {day}",
        Standing::Behind => "lagging AND due_on >= {day} AND fresh_until >= {day}",
        Standing::OnTrack => {
            "met <> 'target' AND NOT behind AND due_on >= {day} AND fresh_until >= {day}
             AND baseline_on IS NOT NULL AND target_value IS NOT NULL"
        }
        Standing::Unknown => {
            "(latest_on IS NULL OR target_value IS NULL
              OR (met <> 'target' AND COALESCE(due_on, '9999') >= {day}
                  AND (due_on IS NULL OR baseline_on IS NULL OR fresh_until < {day})))"
        }
    }
}

fn list(filters: u8, standing: Option<Standing>, with_retired: bool, after: bool) -> Statement {
    let mut number = 1;
    let mut next = || {
        number += 1;
        number
    };
    let cursor = after.then(|| (next(), next()));
    let mut conditions = vec![if with_retired { "TRUE" } else { "in_use" }.to_owned()];
    for (at, filter) in FILTERS.iter().enumerate() {
        if filters & (1 << at) > 0 {
            conditions.push(format!("{filter} ${}", next()));
        }
    }
    if let Some(standing) = standing {
        let day = format!("${}", next());
        conditions.push(condition(standing).replace("{day}", &day));
    }
    if let Some((key, id)) = cursor {
        // A comparison of rows, which both databases look up in an index.
        conditions.push(format!("(sort_key, id) > (${key}, ${id})"));
    }
    let sql = format!(
        "SELECT * FROM impact_indicator WHERE {} ORDER BY sort_key, id LIMIT $1",
        conditions.join(" AND ")
    );
    Statement::composed("impact.indicator.list", sql)
}

/// Every text that the list can take.
pub(crate) fn every_list() -> Vec<Statement> {
    let standings = Standing::ALL.into_iter().map(Some).chain([None]);
    let mut all = Vec::new();
    for standing in standings {
        for filters in 0..8 {
            for (with_retired, after) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                all.push(list(filters, standing, with_retired, after));
            }
        }
    }
    all
}

/// At most `limit` (1 to 1,000) indicators after a cursor, as they stand on a day. A cursor that
/// somebody tampered with leads back to the first page.
pub(crate) async fn page(
    db: &Db,
    filter: &ListFilter,
    on: Date,
    cursor: Option<&str>,
    limit: u32,
) -> Result<ListPage, DbError> {
    let limit = limit.clamp(1, 1_000);
    let values: [Option<Value>; 3] = [
        filter.product_id.map(Value::from),
        filter.ministry_id.map(Value::from),
        filter.level.map(|level| level.code().into()),
    ];
    let bits = values
        .iter()
        .enumerate()
        .filter(|(_, value)| value.is_some())
        .fold(0_u8, |bits, (at, _)| bits | 1 << at);
    let after = cursor.and_then(|cursor| {
        let (id, key) = cursor.split_once('.')?;
        Some((key.to_owned(), id.parse::<Uuid>().ok()?))
    });
    let statement = list(bits, filter.standing, filter.with_retired, after.is_some());
    let mut query = statement.bind(i64::from(limit) + 1);
    if let Some((key, id)) = after {
        query = query.bind(key).bind(id);
    }
    for value in values.into_iter().flatten() {
        query = query.bind(value);
    }
    if filter.standing.is_some() {
        query = query.bind(on);
    }
    let mut indicators = query.all(db, read).await?;
    let more = indicators.len() > limit as usize;
    indicators.truncate(limit as usize);
    let next = indicators.last().filter(|_| more).map(|last| {
        let key = last.description.sort_key(&last.product_title);
        format!("{}.{key}", last.id.simple())
    });
    Ok(ListPage { indicators, next })
}
