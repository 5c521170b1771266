//! Checkpoints (C2SP tlog-checkpoint): what a log says that it is, in three lines.

use std::fmt;
use std::str::FromStr;

use crate::digest::Digest;
use crate::key::{Signer, Verifier};
use crate::note::{Note, NoteError};
use crate::tile::plain_number;

/// Longest origin, in bytes: it is the name of the log's key.
pub const ORIGIN_BYTES_MAX: usize = 255;
/// Most lines after the first three.
pub const EXTENSIONS_MAX: usize = 16;
/// Longest line after the first three, in bytes.
const EXTENSION_BYTES_MAX: usize = 1_000;

/// The head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a name that no other log has, such as `exchange.example/log/traces`.
    pub origin: String,
    /// Its entries; at most 2^63 - 1.
    pub size: u64,
    /// The root of its tree.
    pub root: Digest,
    /// Lines that others may add; most logs have none.
    pub extensions: Vec<String>,
}

/// Why a text isn't a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Fewer than three lines, or no line's end at the end.
    #[error("a checkpoint is three lines at least: origin, size, root")]
    Form,
    /// The origin is empty or too long.
    #[error("the origin of a checkpoint is 1 to 255 bytes without control characters")]
    Origin,
    /// The size isn't a number in decimal.
    #[error("the size of a checkpoint is a number without zeros in front, below 2^63")]
    Size,
    /// The root isn't a hash in base64.
    #[error("the root of a checkpoint is 32 bytes in base64")]
    Root,
    /// A line after the first three is empty or too long, or there are too many.
    #[error("a checkpoint has at most 16 further lines, of 1 to 1000 bytes")]
    Extension,
}

impl Checkpoint {
    /// A checkpoint without further lines.
    pub fn new(origin: &str, size: u64, root: Digest) -> Self {
        Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        }
    }

    /// The note that says it, signed by each of the keys.
    pub fn signed(&self, signers: &[&Signer]) -> Result<Note, NoteError> {
        let mut note = Note::new(self.to_string())?;
        for signer in signers {
            note.sign(signer)?;
        }
        Ok(note)
    }

    /// The checkpoint that a note says, when one of the keys has signed it and its origin is the
    /// name of that key.
    pub fn verified(note: &Note, keys: &[Verifier]) -> Result<Self, VerifyError> {
        let signed = note.verify(keys)?;
        let checkpoint: Self = note.text().parse()?;
        if !signed.iter().any(|key| key.name() == checkpoint.origin) {
            return Err(VerifyError::Origin {
                origin: checkpoint.origin,
            });
        }
        Ok(checkpoint)
    }
}

/// Why a note doesn't say a checkpoint of the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It isn't signed.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// It isn't a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// It is about another log.
    #[error("the checkpoint is about {origin}, which is not the name of a key that signed it")]
    Origin {
        /// The log that it is about.
        origin: String,
    },
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        for line in &self.extensions {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let text = text.strip_suffix('\n').ok_or(CheckpointError::Form)?;
        let mut lines = text.split('\n');
        let mut line = || lines.next().ok_or(CheckpointError::Form);
        let origin = line()?;
        let (size, root) = (line()?, line()?);
        let clean = |line: &str| !line.chars().any(char::is_control);
        if origin.is_empty() || origin.len() > ORIGIN_BYTES_MAX || !clean(origin) {
            return Err(CheckpointError::Origin);
        }
        let size = plain_number(size, i64::MAX as u64).ok_or(CheckpointError::Size)?;
        let root = Digest::from_base64(root).ok_or(CheckpointError::Root)?;
        let mut extensions = Vec::new();
        for line in lines {
            let fits = (1..=EXTENSION_BYTES_MAX).contains(&line.len()) && clean(line);
            if !fits || extensions.len() == EXTENSIONS_MAX {
                return Err(CheckpointError::Extension);
            }
            extensions.push(line.to_owned());
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions,
        })
    }
}
