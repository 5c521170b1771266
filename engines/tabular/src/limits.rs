//! Limits, and what is said when one is passed.

/// Limits on everything that a file could make large.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes_max: usize,
    /// Bytes of an XLSX once unpacked: what stops a zip bomb.
    pub unpacked_bytes_max: u64,
    /// Columns that hold something.
    pub columns_max: usize,
    /// Rows that hold something.
    pub rows_max: usize,
    /// Characters in a cell: what Excel allows.
    pub cell_chars_max: usize,
}

impl Default for Limits {
    /// 64 MiB, 256 MiB unpacked, 256 columns, 200,000 rows, 32,767 characters a cell.
    fn default() -> Self {
        Self {
            bytes_max: 64 << 20,
            unpacked_bytes_max: 256 << 20,
            columns_max: 256,
            rows_max: 200_000,
            cell_chars_max: 32_767,
        }
    }
}

/// Why a file can't be read as a table. Each variant has a stable [`TabularError::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TabularError {
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// Over [`Limits::bytes_max`].
    #[error("the file has {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Over [`Limits::unpacked_bytes_max`].
    #[error("the file unpacks to more than {limit} bytes")]
    UnpacksTooLarge {
        /// The limit.
        limit: u64,
    },
    /// Over [`Limits::columns_max`].
    #[error("line {line} has more than {limit} columns")]
    TooManyColumns {
        /// The line.
        line: u64,
        /// The limit.
        limit: usize,
    },
    /// Over [`Limits::rows_max`].
    #[error("the file has more than {limit} rows")]
    TooManyRows {
        /// The limit.
        limit: usize,
    },
    /// Over [`Limits::cell_chars_max`].
    #[error("a cell on line {line} has more than {limit} characters")]
    CellTooLong {
        /// The line.
        line: u64,
        /// The limit.
        limit: usize,
    },
    /// It is something else.
    #[error("this is {what}, not a CSV or XLSX table")]
    NotATable {
        /// What it looks like.
        what: &'static str,
    },
    /// It is one, but damaged.
    #[error("the file is damaged: {problem}")]
    Damaged {
        /// What the reader met.
        problem: String,
    },
    /// No row holds the headers that were looked for.
    #[error("no row holds the expected headers; the first row reads: {first_row}")]
    NoHeader {
        /// The first row, cut to 300 characters.
        first_row: String,
    },
}

impl TabularError {
    /// A stable name, for programs and for the words of pages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too-large",
            Self::UnpacksTooLarge { .. } => "unpacks-too-large",
            Self::TooManyColumns { .. } => "too-many-columns",
            Self::TooManyRows { .. } => "too-many-rows",
            Self::CellTooLong { .. } => "cell-too-long",
            Self::NotATable { .. } => "not-a-table",
            Self::Damaged { .. } => "damaged",
            Self::NoHeader { .. } => "no-header",
        }
    }
}
