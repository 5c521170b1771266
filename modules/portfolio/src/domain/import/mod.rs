//! Sources, read: the panorama's editions and the start-ups' files. Pure: bytes in, rows out.

pub mod archive;
pub mod beta_gouv;
pub mod matching;
pub mod ministries;
pub mod panorama;
pub mod refusal;

use serde::{Deserialize, Serialize};

/// A value that was refused, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The line in the file, from 1.
    pub line: u64,
    /// The column's header, or the field's name.
    pub column: String,
    /// What was written, at most 200 characters.
    pub value: String,
    /// Why: a stable code.
    pub reason: String,
}

impl Rejected {
    /// A refused value.
    pub fn new(line: u64, column: &str, value: &str, reason: &str) -> Self {
        Self {
            line,
            column: column.to_owned(),
            value: value.chars().take(200).collect(),
            reason: reason.to_owned(),
        }
    }
}
