//! Tables of pages as files.

use kit_http::{TableFile, TableFileError, TableFiles};
use kit_ui::{Cell, Table};
use tabular::Value;

/// Writes CSV, XLSX and JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spreadsheets;

/// What a cell holds: its raw value where it has one, and not the figure as people read it.
fn value(cell: &Cell, is_numeric: bool) -> Value {
    let text = cell.value.as_deref().unwrap_or(&cell.text);
    if text == "—" || text.is_empty() {
        return Value::Empty;
    }
    match text.parse() {
        Ok(number) if is_numeric => Value::Number(number),
        _ => text.parse().map_or_else(|_| text.into(), Value::Date),
    }
}

fn rows(table: &Table) -> Vec<Vec<Value>> {
    let row = |cells: &Vec<Cell>| {
        cells
            .iter()
            .zip(&table.columns)
            .map(|(cell, column)| value(cell, column.numeric))
            .collect()
    };
    table.rows.iter().map(row).collect()
}

fn json(table: &Table) -> serde_json::Value {
    let rows = rows(table).into_iter().map(|row| {
        let members = table.columns.iter().zip(row).map(|(column, value)| {
            let value = match value {
                Value::Empty => serde_json::Value::Null,
                Value::Number(number) => number.into(),
                Value::Text(text) => text.into(),
                Value::Cents(cents) => cents.into(),
                Value::Date(date) => date.to_string().into(),
            };
            (column.label.clone(), value)
        });
        serde_json::Value::Object(members.collect())
    });
    serde_json::json!({ "caption": table.caption, "rows": rows.collect::<Vec<_>>() })
}

/// Sheets of Excel have names of 31 characters at most, without some signs.
fn sheet_name(table: &Table) -> String {
    let plain = |c: char| {
        if c.is_alphanumeric() || c == ' ' {
            c
        } else {
            '-'
        }
    };
    let name: String = table.caption.chars().map(plain).take(31).collect();
    let name = name.trim().to_owned();
    if name.is_empty() {
        table.id.clone()
    } else {
        name
    }
}

impl TableFiles for Spreadsheets {
    fn write(&self, table: &Table, extension: &str) -> Option<Result<TableFile, TableFileError>> {
        let headers: Vec<&str> = table
            .columns
            .iter()
            .map(|column| column.label.as_str())
            .collect();
        let (content_type, bytes) = match extension {
            "csv" => {
                let mut bytes = Vec::new();
                let written = tabular::write_csv(&mut bytes, &headers, rows(table));
                let done = written.map(|()| bytes).map_err(TableFileError::from);
                ("text/csv; charset=utf-8", done)
            }
            "xlsx" => {
                let done = tabular::write_xlsx(&sheet_name(table), &headers, rows(table));
                (
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                    done.map_err(TableFileError::from),
                )
            }
            "json" => {
                let done = serde_json::to_vec(&json(table)).map_err(TableFileError::from);
                ("application/json", done)
            }
            _ => return None,
        };
        Some(bytes.map(|bytes| TableFile {
            content_type,
            bytes,
        }))
    }
}
