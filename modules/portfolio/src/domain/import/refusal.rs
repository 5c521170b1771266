//! Why a whole file was refused, as a page can tell it in the reader's language.

use serde::{Deserialize, Serialize};
use tabular::TabularError;

use super::archive::{self, ArchiveError};
use super::beta_gouv;
use super::panorama::EditionError;

/// A refusal: the code that names its words, and what they speak of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Refusal {
    /// A stable name.
    pub code: String,
    /// The limit that was passed: MiB of a file, KiB of one in an archive, else a number of things.
    pub limit: Option<u64>,
    /// The line.
    pub line: Option<u64>,
    /// What was missed or met: a column, a file of the archive.
    pub name: String,
    /// What the file holds instead.
    pub seen: String,
}

impl Refusal {
    fn new(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            ..Self::default()
        }
    }

    fn over(code: &str, limit: u64) -> Self {
        Self {
            limit: Some(limit),
            ..Self::new(code)
        }
    }
}

impl From<&TabularError> for Refusal {
    fn from(error: &TabularError) -> Self {
        let code = error.code();
        match error {
            TabularError::TooLarge { limit, .. } => Self::over(code, *limit as u64 >> 20),
            TabularError::UnpacksTooLarge { limit } => Self::over(code, limit >> 20),
            TabularError::TooManyRows { limit } => Self::over(code, *limit as u64),
            TabularError::TooManyColumns { line, limit }
            | TabularError::CellTooLong { line, limit } => Self {
                line: Some(*line),
                ..Self::over(code, *limit as u64)
            },
            TabularError::NoHeader { first_row } => Self {
                seen: first_row.clone(),
                ..Self::new(code)
            },
            TabularError::Empty | TabularError::NotATable { .. } | TabularError::Damaged { .. } => {
                Self::new(code)
            }
        }
    }
}

impl From<&EditionError> for Refusal {
    fn from(error: &EditionError) -> Self {
        match error {
            EditionError::Table(error) => error.into(),
            EditionError::MissingColumn { column, seen } => Self {
                name: (*column).to_owned(),
                seen: seen.clone(),
                ..Self::new("missing-column")
            },
            EditionError::NoDate => Self::new("no-date"),
        }
    }
}

impl From<&ArchiveError> for Refusal {
    fn from(error: &ArchiveError) -> Self {
        match error {
            ArchiveError::Damaged(_) => Self::new("damaged"),
            ArchiveError::TooManyEntries(_) => {
                Self::over("too-many-entries", archive::ENTRIES_MAX as u64)
            }
            ArchiveError::UnpacksTooLarge => {
                Self::over("unpacks-too-large", archive::UNPACKED_BYTES_MAX >> 20)
            }
            ArchiveError::FileTooLarge(name) => Self {
                name: name.clone(),
                ..Self::over("entry-too-large", beta_gouv::FILE_BYTES_MAX as u64 >> 10)
            },
            ArchiveError::NothingToRead => Self::new("nothing-to-read"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_words() {
        let what = "a web page";
        let tables = [
            TabularError::Empty,
            TabularError::TooLarge { bytes: 2, limit: 1 },
            TabularError::UnpacksTooLarge { limit: 1 },
            TabularError::TooManyColumns { line: 1, limit: 1 },
            TabularError::TooManyRows { limit: 1 },
            TabularError::CellTooLong { line: 1, limit: 1 },
            TabularError::NotATable { what },
            TabularError::Damaged {
                problem: String::new(),
            },
            TabularError::NoHeader {
                first_row: String::new(),
            },
        ];
        let editions = [
            EditionError::MissingColumn {
                column: "",
                seen: String::new(),
            },
            EditionError::NoDate,
        ];
        let archives = [
            ArchiveError::Damaged(String::new()),
            ArchiveError::TooManyEntries(1),
            ArchiveError::UnpacksTooLarge,
            ArchiveError::FileTooLarge(String::new()),
            ArchiveError::NothingToRead,
        ];
        let all = tables.iter().map(Refusal::from);
        let all = all.chain(editions.iter().map(Refusal::from));
        for refusal in all.chain(archives.iter().map(Refusal::from)) {
            let key = format!("\nportfolio-refusal-{} = ", refusal.code);
            assert!(
                crate::WORDS.iter().all(|(_, words)| words.contains(&key)),
                "{key}"
            );
        }
    }
}
