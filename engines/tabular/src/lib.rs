//! Tables as they really come: CSV in several dresses and XLSX, read from bytes with a limit on
//! everything; and written back without harm to whoever opens them in a spreadsheet.
//!
//! Bytes in, values out: nothing here opens a file.

mod csv_text;
mod limits;
mod parse;
mod sheet;
mod write;
mod xlsx;

pub use limits::{Limits, TabularError};
pub use parse::{amount_cents, date, is_absent, number, serial_date};
pub use sheet::{Cell, Format, Row, Sheet};
pub use write::{Value, write_csv, write_xlsx};

/// Reads a table; its kind is told from its content, never from a name.
///
/// `is_header` judges a row of texts: the first row that it accepts holds the headers, so that a
/// title above the table does no harm. An XLSX with several sheets is read at the first sheet that
/// has such a row.
pub fn read(
    bytes: &[u8],
    limits: &Limits,
    is_header: &dyn Fn(&[String]) -> bool,
) -> Result<Sheet, TabularError> {
    if bytes.len() > limits.bytes_max {
        return Err(TabularError::TooLarge {
            bytes: bytes.len(),
            limit: limits.bytes_max,
        });
    }
    if bytes.is_empty() {
        return Err(TabularError::Empty);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        xlsx::read(bytes, limits, is_header)
    } else {
        csv_text::read(bytes, limits, is_header)
    }
}
