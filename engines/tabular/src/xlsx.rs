//! XLSX, cell by cell: a sheet's declared size is never believed.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};

use crate::limits::{Limits, TabularError};
use crate::parse::serial_date;
use crate::sheet::{Builder, Cell, Format, Sheet};

pub(crate) fn read(
    bytes: &[u8],
    limits: &Limits,
    is_header: &dyn Fn(&[String]) -> bool,
) -> Result<Sheet, TabularError> {
    refuse_bombs(bytes, limits)?;
    let mut book: Xlsx<_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(&error.to_string()))?;
    let mut last = TabularError::Empty;
    for name in book.sheet_names() {
        match read_sheet(&mut book, &name, limits, is_header) {
            Err(error @ (TabularError::NoHeader { .. } | TabularError::Empty)) => {
                if !matches!(last, TabularError::NoHeader { .. }) {
                    last = error;
                }
            }
            read => return read,
        }
    }
    Err(last)
}

fn damaged(problem: &str) -> TabularError {
    TabularError::Damaged {
        problem: problem.chars().take(200).collect(),
    }
}

/// Unpacks every part and counts: what the archive declares may be a lie.
fn refuse_bombs(bytes: &[u8], limits: &Limits) -> Result<(), TabularError> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error.to_string()))?;
    if archive.index_for_name("xl/workbook.xml").is_none() {
        return Err(TabularError::NotATable {
            what: "an archive without a workbook",
        });
    }
    let limit = limits.unpacked_bytes_max;
    let mut left = limit;
    for at in 0..archive.len() {
        let part = archive
            .by_index(at)
            .map_err(|error| damaged(&error.to_string()))?;
        let size = std::io::copy(&mut part.take(left + 1), &mut std::io::sink())
            .map_err(|error| damaged(&error.to_string()))?;
        left = left
            .checked_sub(size)
            .ok_or(TabularError::UnpacksTooLarge { limit })?;
    }
    Ok(())
}

fn read_sheet(
    book: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    limits: &Limits,
    is_header: &dyn Fn(&[String]) -> bool,
) -> Result<Sheet, TabularError> {
    let mut builder = Builder::new(limits, is_header);
    let mut cells = book
        .worksheet_cells_reader(name)
        .map_err(|error| damaged(&error.to_string()))?;
    let mut row: Vec<Cell> = Vec::new();
    let mut at = 0;
    while let Some(cell) = cells
        .next_cell()
        .map_err(|error| damaged(&error.to_string()))?
    {
        let (line, column) = cell.get_position();
        if line < at {
            return Err(damaged("its rows are not in order"));
        }
        if line > at {
            builder.push(u64::from(at) + 1, std::mem::take(&mut row))?;
            at = line;
        }
        let value = value(cell.get_value());
        if value.is_empty() {
            continue;
        }
        let column = column as usize;
        if column >= limits.columns_max {
            let line = u64::from(line) + 1;
            return Err(TabularError::TooManyColumns {
                line,
                limit: limits.columns_max,
            });
        }
        if row.len() <= column {
            row.resize(column + 1, Cell::Text(String::new()));
        }
        row[column] = value;
    }
    builder.push(u64::from(at) + 1, row)?;
    builder.finish(Format::Xlsx)
}

fn value(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => Cell::Text(text.trim().to_owned()),
        DataRef::SharedString(text) => Cell::Text(text.trim().to_owned()),
        DataRef::Bool(truth) => Cell::Text(if *truth { "oui" } else { "non" }.to_owned()),
        DataRef::DateTime(moment) => {
            // The reader has made up for workbooks that count from 1904.
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            i16::try_from(year)
                .ok()
                .and_then(|year| {
                    jiff::civil::Date::new(year, month.cast_signed(), day.cast_signed()).ok()
                })
                .or_else(|| serial_date(moment.as_f64()))
                .map_or_else(|| Cell::Number(moment.as_f64()), Cell::Date)
        }
        DataRef::DateTimeIso(text) => {
            let date = text.get(..10).and_then(|date| date.parse().ok());
            date.map_or_else(|| Cell::Text(text.clone()), Cell::Date)
        }
        DataRef::DurationIso(text) => Cell::Text(text.clone()),
        DataRef::Error(error) => Cell::Text(format!("#{error:?}")),
        DataRef::Empty => Cell::Text(String::new()),
    }
}
