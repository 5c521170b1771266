//! A table that was read.

use jiff::civil::Date;

use crate::limits::{Limits, TabularError};

/// How the file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text.
    Csv {
        /// `UTF-8`, `UTF-16` or `Windows-1252` (of which Latin-1 is a part).
        encoding: &'static str,
        /// What stands between cells.
        delimiter: char,
    },
    /// A spreadsheet.
    Xlsx,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text, trimmed; empty when there is nothing.
    Text(String),
    /// A number of a spreadsheet.
    Number(f64),
    /// A date of a spreadsheet.
    Date(Date),
}

impl Cell {
    /// What a person would see in it.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

/// A row that holds something.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The line of the file on which it begins, from 1; in a spreadsheet the row's number.
    pub line: u64,
    /// Its cells; a short row ends early.
    pub cells: Vec<Cell>,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// How the file was written.
    pub format: Format,
    /// The headers, trimmed, line breaks made blanks; trailing empty ones dropped.
    pub headers: Vec<String>,
    /// The rows below the headers that hold something.
    pub rows: Vec<Row>,
    /// How many rows below the headers held nothing.
    pub blank_rows: usize,
}

/// Puts rows together, with a limit on everything.
pub(crate) struct Builder<'l> {
    limits: &'l Limits,
    is_header: &'l dyn Fn(&[String]) -> bool,
    headers: Option<Vec<String>>,
    first_row: Option<String>,
    rows: Vec<Row>,
    blank_rows: usize,
}

impl<'l> Builder<'l> {
    pub(crate) fn new(limits: &'l Limits, is_header: &'l dyn Fn(&[String]) -> bool) -> Self {
        Self {
            limits,
            is_header,
            headers: None,
            first_row: None,
            rows: Vec::new(),
            blank_rows: 0,
        }
    }

    pub(crate) fn push(&mut self, line: u64, mut cells: Vec<Cell>) -> Result<(), TabularError> {
        while cells.last().is_some_and(Cell::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            self.blank_rows += usize::from(self.headers.is_some());
            return Ok(());
        }
        if cells.len() > self.limits.columns_max {
            return Err(TabularError::TooManyColumns {
                line,
                limit: self.limits.columns_max,
            });
        }
        let limit = self.limits.cell_chars_max;
        let too_long = |cell: &Cell| matches!(cell, Cell::Text(text) if text.len() > limit && text.chars().count() > limit);
        if cells.iter().any(too_long) {
            return Err(TabularError::CellTooLong { line, limit });
        }
        if self.headers.is_none() {
            let texts: Vec<String> = cells.iter().map(header).collect();
            if (self.is_header)(&texts) {
                self.headers = Some(texts);
            } else if self.first_row.is_none() {
                self.first_row = Some(texts.join(" | ").chars().take(300).collect());
            }
            return Ok(());
        }
        if self.rows.len() == self.limits.rows_max {
            return Err(TabularError::TooManyRows {
                limit: self.limits.rows_max,
            });
        }
        self.rows.push(Row { line, cells });
        Ok(())
    }

    pub(crate) fn finish(self, format: Format) -> Result<Sheet, TabularError> {
        match self.headers {
            Some(headers) => Ok(Sheet {
                format,
                headers,
                rows: self.rows,
                blank_rows: self.blank_rows,
            }),
            None => match self.first_row {
                Some(first_row) => Err(TabularError::NoHeader { first_row }),
                None => Err(TabularError::Empty),
            },
        }
    }
}

fn header(cell: &Cell) -> String {
    cell.text().split_whitespace().collect::<Vec<_>>().join(" ")
}
