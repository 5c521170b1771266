//! Costs as CSV and XLSX, with a stable schema.

use tabular::{Value, write_csv, write_xlsx};

use crate::domain::Content;
use crate::{CostsError, File};

/// The columns of the list, in their stable order: new ones are added at the end.
const LIST: [&str; 8] = [
    "product_id",
    "product",
    "ministry_id",
    "version",
    "as_of",
    "total",
    "per_year",
    "stale",
];
/// The columns of lines: those that an import reads.
const LINES: [&str; 4] = ["nature", "année", "libellé", "montant"];

fn failed(error: impl ToString) -> CostsError {
    CostsError::Task(error.to_string())
}

fn list_row(file: &File, is_stale: bool) -> Vec<Value> {
    vec![
        file.product.to_string().into(),
        file.title.as_str().into(),
        file.ministry.map(|id| id.to_string()).into(),
        Value::Number(file.latest as f64),
        file.as_of.into(),
        Value::Cents(file.total_cents),
        Value::Cents(file.per_year_cents),
        is_stale.to_string().into(),
    ]
}

/// The list in the format of an extension: `csv` or `xlsx`.
pub(crate) fn list(
    files: &[File],
    stale_before: jiff::civil::Date,
    extension: &str,
) -> Result<Vec<u8>, CostsError> {
    let rows = files
        .iter()
        .map(|file| list_row(file, file.as_of < stale_before));
    written(&LIST, rows, extension)
}

/// The lines of a version, as an import reads them.
pub(crate) fn lines(content: &Content, extension: &str) -> Result<Vec<u8>, CostsError> {
    let rows = content.lines.iter().map(|line| {
        vec![
            line.kind.code().into(),
            Value::Number(f64::from(line.year)),
            line.label.as_str().into(),
            Value::Cents(line.cents),
        ]
    });
    written(&LINES, rows, extension)
}

fn written(
    columns: &[&str],
    rows: impl Iterator<Item = Vec<Value>>,
    extension: &str,
) -> Result<Vec<u8>, CostsError> {
    if extension == "xlsx" {
        return write_xlsx("Couts", columns, rows).map_err(failed);
    }
    let mut bytes = Vec::new();
    write_csv(&mut bytes, columns, rows).map_err(failed)?;
    Ok(bytes)
}
