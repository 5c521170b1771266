//! The list of products: filtered, sorted, one page after a cursor, whatever the page's number.

use kit_db::{Db, DbError, Statement, Value};
use uuid::Uuid;

use super::products::{Product, read};
use crate::domain::{Phase, ProductKind};

kit_db::statements! {
    TOTAL = "portfolio.product.total":
        "SELECT value AS n FROM portfolio_counter WHERE name = 'product'";
    WORST = "portfolio.product.worst":
        "SELECT * FROM product WHERE merged_into IS NULL AND COALESCE(cost_slip, -9) > 0
         ORDER BY COALESCE(cost_slip, -9) DESC, id DESC LIMIT $1";
    OLDEST = "portfolio.product.oldest":
        "SELECT * FROM product WHERE merged_into IS NULL AND COALESCE(estimated_on, '') > ''
            AND COALESCE(estimated_on, '') < $1
            AND (phase IS NULL OR phase NOT IN ('done'))
         ORDER BY COALESCE(estimated_on, ''), id LIMIT $2";
    WORST_OF = "portfolio.product.worst_of_ministry":
        "SELECT * FROM product WHERE merged_into IS NULL AND ministry_id = $1
            AND COALESCE(cost_slip, -9) > 0
         ORDER BY COALESCE(cost_slip, -9) DESC, id DESC LIMIT $2";
    OLDEST_OF = "portfolio.product.oldest_of_ministry":
        "SELECT * FROM product WHERE merged_into IS NULL AND ministry_id = $1
            AND COALESCE(estimated_on, '') > '' AND COALESCE(estimated_on, '') < $2
            AND (phase IS NULL OR phase NOT IN ('done'))
         ORDER BY COALESCE(estimated_on, ''), id LIMIT $3";
    WITHOUT_BASELINE = "portfolio.product.without_baseline":
        "SELECT * FROM product WHERE merged_into IS NULL AND kind = 'large-project'
            AND baseline_cents IS NULL ORDER BY sort_title, id LIMIT $1";
}

/// By what a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By name.
    #[default]
    Title,
    /// By latest cost.
    Cost,
    /// By the slip of the cost.
    Slip,
    /// By the slip of the duration.
    Delay,
    /// By the date of the latest estimate.
    Estimated,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 5] = [
        Self::Title,
        Self::Cost,
        Self::Slip,
        Self::Delay,
        Self::Estimated,
    ];

    /// Its name in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Cost => "cost",
            Self::Slip => "slip",
            Self::Delay => "delay",
            Self::Estimated => "estimated",
        }
    }

    /// The order of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.code() == code)
    }

    /// What is compared: an expression that an index holds.
    fn expression(self) -> &'static str {
        match self {
            Self::Title => "sort_title",
            Self::Cost => "COALESCE(cost_cents, -1)",
            Self::Slip => "COALESCE(cost_slip, -9)",
            Self::Delay => "COALESCE(duration_slip, -9)",
            Self::Estimated => "COALESCE(estimated_on, '')",
        }
    }

    /// The compared value of a product, as a cursor holds it.
    fn key(self, product: &Product) -> String {
        match self {
            Self::Title => names::normalise(&product.description.title),
            Self::Cost => product.cost_cents.unwrap_or(-1).to_string(),
            Self::Slip => product.cost_slip.unwrap_or(-9.0).to_string(),
            Self::Delay => product.duration_slip.unwrap_or(-9.0).to_string(),
            Self::Estimated => product
                .estimated_on
                .map(|date| date.to_string())
                .unwrap_or_default(),
        }
    }

    /// A cursor's key as an argument; `None` when somebody tampered with it.
    fn argument(self, key: &str) -> Option<Value> {
        Some(match self {
            Self::Title | Self::Estimated => key.into(),
            Self::Cost => key.parse::<i64>().ok()?.into(),
            Self::Slip | Self::Delay => key.parse::<f64>().ok()?.into(),
        })
    }
}

/// What a list is narrowed to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListFilter {
    /// Words of the name.
    pub text: String,
    /// Only this kind.
    pub kind: Option<ProductKind>,
    /// Only this ministry.
    pub ministry_id: Option<Uuid>,
    /// Only this incubator.
    pub incubator_id: Option<Uuid>,
    /// Only this phase.
    pub phase: Option<Phase>,
    /// Only this functional area.
    pub area: Option<String>,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListPage {
    /// Its products.
    pub products: Vec<Product>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// Which filters are set, in the order of their arguments.
const FILTERS: [&str; 6] = [
    "sort_title LIKE",
    "kind =",
    "ministry_id =",
    "incubator_id =",
    "phase =",
    "area =",
];

fn list(sort: Sort, descending: bool, after: bool, filters: u8) -> Statement {
    let expression = sort.expression();
    let mut number = if after { 3 } else { 1 };
    let mut conditions = "merged_into IS NULL".to_owned();
    for (at, filter) in FILTERS.iter().enumerate() {
        if filters & (1 << at) > 0 {
            number += 1;
            conditions.push_str(&format!(" AND {filter} ${number}"));
        }
    }
    let direction = if descending { "DESC" } else { "ASC" };
    let order = format!("ORDER BY {expression} {direction}, id {direction}");
    // Words are looked for in the index of names alone, which holds them in the order asked for: half
    // of all products may have to be passed before enough are found. Only those are then read whole.
    let in_index = sort == Sort::Title && filters & 1 > 0;
    let columns = if in_index { "id, sort_title" } else { "*" };
    let part = |where_after: &str| {
        format!("SELECT {columns} FROM product WHERE {conditions}{where_after} {order} LIMIT $1")
    };
    let found = if after {
        // Those that tie with the cursor, then those after it: each begins in the index where it
        // has to. A comparison of rows would make SQLite read an index on an expression from its
        // beginning.
        let than = if descending { "<" } else { ">" };
        let tied = part(&format!(" AND {expression} = $2 AND id {than} $3"));
        let later = part(&format!(" AND {expression} {than} $2"));
        format!(
            "SELECT * FROM (SELECT * FROM ({tied}) AS tied \
             UNION ALL SELECT * FROM ({later}) AS later) AS page {order} LIMIT $1"
        )
    } else {
        part("")
    };
    let sql = if in_index {
        format!("SELECT * FROM product WHERE id IN (SELECT id FROM ({found}) AS found) {order}")
    } else {
        found
    };
    Statement::composed("portfolio.product.list", sql)
}

/// Every text that the list can take.
pub(crate) fn every_list() -> Vec<Statement> {
    let mut all = Vec::new();
    for sort in Sort::ALL {
        for filters in 0..64 {
            for (descending, after) in [(false, false), (false, true), (true, false), (true, true)]
            {
                all.push(list(sort, descending, after, filters));
            }
        }
    }
    all
}

/// `%` around each word, whose own wildcards are taken away by normalising.
fn like(text: &str) -> String {
    format!("%{}%", names::normalise(text).replace(' ', "%"))
}

/// At most `limit` (1 to 1,000) products after a cursor.
pub(crate) async fn page(
    db: &Db,
    filter: &ListFilter,
    sort: (Sort, bool),
    cursor: Option<&str>,
    limit: u32,
) -> Result<ListPage, DbError> {
    let (sort, descending) = sort;
    let limit = limit.clamp(1, 1_000);
    let values: [Option<Value>; 6] = [
        (!filter.text.is_empty()).then(|| like(&filter.text).into()),
        filter.kind.map(|kind| kind.code().into()),
        filter.ministry_id.map(Value::from),
        filter.incubator_id.map(Value::from),
        filter.phase.map(|phase| phase.code().into()),
        filter.area.as_deref().map(Value::from),
    ];
    let bits = values
        .iter()
        .enumerate()
        .filter(|(_, value)| value.is_some())
        .fold(0_u8, |bits, (at, _)| bits | 1 << at);
    // A cursor that somebody tampered with leads back to the first page.
    let after = cursor.and_then(|cursor| {
        let (id, key) = cursor.split_once('.')?;
        Some((sort.argument(key)?, id.parse::<Uuid>().ok()?))
    });
    let statement = list(sort, descending, after.is_some(), bits);
    let mut query = statement.bind(i64::from(limit) + 1);
    if let Some((key, id)) = after {
        query = query.bind(key).bind(id);
    }
    for value in values.into_iter().flatten() {
        query = query.bind(value);
    }
    let mut products = query.all(db, read).await?;
    let more = products.len() > limit as usize;
    products.truncate(limit as usize);
    let next = products
        .last()
        .filter(|_| more)
        .map(|last| format!("{}.{}", last.id.simple(), sort.key(last)));
    Ok(ListPage { products, next })
}

pub(crate) async fn total(db: &Db) -> Result<i64, DbError> {
    TOTAL.query().one(db, |row| row.get("n")).await
}

pub(crate) async fn worst(db: &Db, limit: u32) -> Result<Vec<Product>, DbError> {
    WORST.bind(limit).all(db, read).await
}

/// Products that go on and whose latest estimate is older than `before`, the oldest first.
pub(crate) async fn oldest(
    db: &Db,
    before: jiff::civil::Date,
    limit: u32,
) -> Result<Vec<Product>, DbError> {
    OLDEST.bind(before).bind(limit).all(db, read).await
}

pub(crate) async fn without_baseline(db: &Db, limit: u32) -> Result<Vec<Product>, DbError> {
    WITHOUT_BASELINE.bind(limit).all(db, read).await
}

/// The products of a ministry that slip most.
pub(crate) async fn worst_of(db: &Db, ministry: Uuid, limit: u32) -> Result<Vec<Product>, DbError> {
    WORST_OF.bind(ministry).bind(limit).all(db, read).await
}

/// The products of a ministry that go on and whose latest estimate is older than `before`.
pub(crate) async fn oldest_of(
    db: &Db,
    ministry: Uuid,
    before: jiff::civil::Date,
    limit: u32,
) -> Result<Vec<Product>, DbError> {
    let query = OLDEST_OF.bind(ministry).bind(before).bind(limit);
    query.all(db, read).await
}
