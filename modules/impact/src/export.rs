//! Open data: indicators as CSV and XLSX, with a stable schema.

use jiff::civil::Date;
use tabular::{Value, write_csv, write_xlsx};

use crate::domain::{Indicator, Quantity};
use crate::{Impact, ImpactError, ListFilter};

/// Most indicators in one file.
const EXPORT_MAX: usize = 100_000;

/// The columns, in their stable order: new ones are added at the end.
const COLUMNS: [&str; 22] = [
    "id",
    "product_id",
    "product",
    "ministry_id",
    "name",
    "measured",
    "unit",
    "better",
    "level",
    "rhythm",
    "origin",
    "baseline",
    "baseline_on",
    "target",
    "due_on",
    "threshold",
    "latest",
    "latest_on",
    "latest_quality",
    "latest_standard_error",
    "standing",
    "in_use",
];

fn row(indicator: &Indicator, today: Date) -> Vec<Value> {
    let described = &indicator.description;
    let promise = &described.promise;
    let latest = indicator.latest;
    // As texts: a float would round what was told exactly.
    let exact = |quantity: Option<Quantity>| Value::from(quantity.map(|q| q.to_string()));
    vec![
        indicator.id.to_string().into(),
        indicator.product_id.to_string().into(),
        indicator.product_title.as_str().into(),
        indicator.ministry_id.map(|id| id.to_string()).into(),
        described.name.as_str().into(),
        described.measured.as_str().into(),
        described.unit.as_str().into(),
        if promise.more_is_better {
            "more"
        } else {
            "less"
        }
        .into(),
        described.level.code().into(),
        described.rhythm.code().into(),
        described.origin.code().into(),
        exact(promise.baseline.map(|(value, _)| value)),
        promise.baseline.map(|(_, on)| on).into(),
        exact(promise.target),
        promise.due_on.into(),
        exact(promise.threshold),
        exact(latest.map(|figure| figure.value)),
        latest.map(|figure| figure.as_of).into(),
        latest.map(|figure| figure.quality.code().to_owned()).into(),
        exact(latest.and_then(|figure| figure.standard_error)),
        indicator.standing(today).code().into(),
        indicator.in_use.to_string().into(),
    ]
}

fn failed(error: impl ToString) -> ImpactError {
    ImpactError::Task(error.to_string())
}

pub(crate) fn csv(indicators: &[Indicator], today: Date) -> Result<Vec<u8>, ImpactError> {
    let rows = indicators.iter().map(|one| row(one, today));
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &COLUMNS, rows).map_err(failed)?;
    Ok(bytes)
}

pub(crate) fn xlsx(indicators: &[Indicator], today: Date) -> Result<Vec<u8>, ImpactError> {
    let rows = indicators.iter().map(|one| row(one, today));
    write_xlsx("Indicateurs", &COLUMNS, rows).map_err(failed)
}

impl Impact {
    /// Every indicator of a filter, at most 100,000.
    pub(crate) async fn all(&self, filter: &ListFilter) -> Result<Vec<Indicator>, ImpactError> {
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = self.list(filter, cursor.as_deref(), 1_000).await?;
            all.extend(page.indicators);
            cursor = page.next;
            if cursor.is_none() || all.len() >= EXPORT_MAX {
                all.truncate(EXPORT_MAX);
                return Ok(all);
            }
        }
    }
}
