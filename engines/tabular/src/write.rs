//! Writing tables that others open in a spreadsheet.
//!
//! A text that begins like a formula (`=`, `+`, `-`, `@`, tab, carriage return and their full-width
//! forms) would be run by the spreadsheet that opens a CSV: an apostrophe is put before it (OWASP,
//! CSV injection). In XLSX it is stored as text and needs none.

use std::io::Write;

use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};

use crate::limits::TabularError;

/// A value to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// An amount, written in euros with two decimals.
    Cents(i64),
    /// A date.
    Date(Date),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

fn looks_like_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

fn csv_text(value: Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) if looks_like_a_formula(&text) => format!("'{text}"),
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Cents(cents) => {
            let sign = if cents < 0 { "-" } else { "" };
            format!(
                "{sign}{}.{:02}",
                cents.unsigned_abs() / 100,
                cents.unsigned_abs() % 100
            )
        }
        Value::Date(date) => date.to_string(),
    }
}

/// Writes CSV (RFC 4180, commas, UTF-8 with a mark so that Excel reads accents).
pub fn write_csv(
    to: &mut impl Write,
    headers: &[&str],
    rows: impl IntoIterator<Item = Vec<Value>>,
) -> std::io::Result<()> {
    to.write_all(b"\xef\xbb\xbf")?;
    let mut csv = csv::Writer::from_writer(to);
    csv.write_record(headers)?;
    for row in rows {
        csv.write_record(row.into_iter().map(csv_text))?;
    }
    csv.flush()
}

/// Makes an XLSX workbook of one sheet, with real numbers and dates.
pub fn write_xlsx(
    sheet: &str,
    headers: &[&str],
    rows: impl IntoIterator<Item = Vec<Value>>,
) -> Result<Vec<u8>, TabularError> {
    write_workbook(sheet, headers, rows).map_err(|error| TabularError::Damaged {
        problem: error.to_string(),
    })
}

fn write_workbook(
    sheet: &str,
    headers: &[&str],
    rows: impl IntoIterator<Item = Vec<Value>>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let money = Format::new().set_num_format("#,##0.00");
    let page = book.add_worksheet();
    page.set_name(sheet)?;
    for (column, header) in (0_u16..).zip(headers) {
        page.write_string_with_format(0, column, *header, &bold)?;
    }
    for (line, row) in (1_u32..).zip(rows) {
        for (column, value) in (0_u16..).zip(row) {
            match value {
                Value::Empty => {}
                Value::Text(text) => {
                    let cut: String = text.chars().take(32_767).collect();
                    page.write_string(line, column, cut)?;
                }
                Value::Number(number) => {
                    page.write_number(line, column, number)?;
                }
                Value::Cents(cents) => {
                    page.write_number_with_format(line, column, cents as f64 / 100.0, &money)?;
                }
                Value::Date(date) => {
                    let parts = (date.year().unsigned_abs(), date.month(), date.day());
                    let (month, day_of) = (parts.1.unsigned_abs(), parts.2.unsigned_abs());
                    let moment = ExcelDateTime::from_ymd(parts.0, month, day_of)?;
                    page.write_datetime_with_format(line, column, &moment, &day)?;
                }
            }
        }
    }
    book.save_to_buffer()
}
