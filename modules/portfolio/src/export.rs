//! Open data: the portfolio as CSV, XLSX and JSON, with a stable schema.

use tabular::{TabularError, Value, write_csv, write_xlsx};

use crate::domain::Phase;
use crate::domain::import::Rejected;
use crate::store::list::{self, ListFilter, Sort};
use crate::{ImportOutcome, Portfolio, PortfolioError, Product};

/// Most products in one file.
const EXPORT_MAX: usize = 100_000;

/// The columns, in their stable order: new ones are added at the end.
pub(crate) const COLUMNS: [&str; 24] = [
    "id",
    "kind",
    "title",
    "mission",
    "ministry_id",
    "incubator_id",
    "area",
    "phase",
    "baseline_cost_eur",
    "cost_eur",
    "cost_slip_rate",
    "baseline_duration_days",
    "duration_days",
    "duration_slip_rate",
    "estimated_on",
    "link",
    "phase_since",
    "interministerial",
    "policy_priority",
    "repository",
    "stats_url",
    "budget_url",
    "impact_url",
    "accessibility",
];

fn row(product: &Product) -> Vec<Value> {
    let described = &product.description;
    let cents = |cents: Option<i64>| cents.map_or(Value::Empty, Value::Cents);
    let days = |seconds: Option<i64>| Value::from(seconds.map(|seconds| seconds as f64 / 86_400.0));
    vec![
        product.id.to_string().into(),
        described.kind.code().into(),
        described.title.as_str().into(),
        described.mission.as_str().into(),
        described.ministry_id.map(|id| id.to_string()).into(),
        described.incubator_id.map(|id| id.to_string()).into(),
        described.area.as_str().into(),
        described.phase.map(Phase::code).into(),
        cents(product.baseline_cents),
        cents(product.cost_cents),
        product.cost_slip.into(),
        days(product.baseline_seconds),
        days(product.duration_seconds),
        product.duration_slip.into(),
        product.estimated_on.into(),
        described.link.as_str().into(),
        described.phase_since.into(),
        described.interministerial.to_string().into(),
        described.policy_priority.as_str().into(),
        described.repository.as_str().into(),
        described.stats_url.as_str().into(),
        described.budget_url.as_str().into(),
        described.impact_url.as_str().into(),
        described.accessibility.as_str().into(),
    ]
}

fn failed(error: impl ToString) -> PortfolioError {
    PortfolioError::Task(error.to_string())
}

impl Portfolio {
    pub(crate) async fn all(
        &self,
        filter: &ListFilter,
        sort: (Sort, bool),
    ) -> Result<Vec<Product>, PortfolioError> {
        let mut all: Vec<Product> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = list::page(&self.db, filter, sort, cursor.as_deref(), 1_000).await?;
            all.extend(page.products);
            cursor = page.next;
            if cursor.is_none() || all.len() >= EXPORT_MAX {
                all.truncate(EXPORT_MAX);
                return Ok(all);
            }
        }
    }

    /// The portfolio as CSV (UTF-8 with a mark, commas).
    pub async fn export_csv(&self) -> Result<Vec<u8>, PortfolioError> {
        csv(&self
            .all(&ListFilter::default(), (Sort::Title, false))
            .await?)
    }

    /// The portfolio as an XLSX workbook.
    pub async fn export_xlsx(&self) -> Result<Vec<u8>, PortfolioError> {
        xlsx(
            &self
                .all(&ListFilter::default(), (Sort::Title, false))
                .await?,
        )
    }

    /// The portfolio as JSON.
    pub async fn export_json(&self) -> Result<Vec<u8>, PortfolioError> {
        json(
            &self
                .all(&ListFilter::default(), (Sort::Title, false))
                .await?,
        )
    }
}

pub(crate) fn csv(products: &[Product]) -> Result<Vec<u8>, PortfolioError> {
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &COLUMNS, products.iter().map(row)).map_err(failed)?;
    Ok(bytes)
}

/// What an import refused, for whoever corrects the file.
pub(crate) fn rejected_csv(rejected: &[Rejected]) -> Result<Vec<u8>, PortfolioError> {
    let rows = rejected.iter().map(|one| {
        vec![
            Value::from(one.line as f64),
            one.column.as_str().into(),
            one.value.as_str().into(),
            one.reason.as_str().into(),
        ]
    });
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &["line", "column", "value", "reason"], rows).map_err(failed)?;
    Ok(bytes)
}

pub(crate) fn xlsx(products: &[Product]) -> Result<Vec<u8>, PortfolioError> {
    write_xlsx("Produits", &COLUMNS, products.iter().map(row))
        .map_err(|error: TabularError| failed(error))
}

pub(crate) fn json(products: &[Product]) -> Result<Vec<u8>, PortfolioError> {
    let answers: Vec<crate::api::ProductAnswer> = products.iter().map(Into::into).collect();
    serde_json::to_vec(&serde_json::json!({ "products": answers })).map_err(failed)
}

impl ImportOutcome {
    /// Adds what another file did.
    pub fn add(&mut self, other: Self) {
        self.read += other.read;
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.to_review += other.to_review;
        self.rejected.extend(other.rejected);
        self.lines.extend(other.lines);
    }
}
