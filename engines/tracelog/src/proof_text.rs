//! Proofs as texts that travel: C2SP tlog-proof for inclusion, the body of C2SP tlog-witness's
//! add-checkpoint for consistency. Each ends with the checkpoint that it is about.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::digest::Digest;
use crate::note::{Note, NoteError};
use crate::proof::PROOF_HASHES_MAX;
use crate::tile::plain_number;

/// The first line of a proof of inclusion.
const INCLUSION: &str = "c2sp.org/tlog-proof@v1";
/// Most bytes of extra data.
const EXTRA_BYTES_MAX: usize = 16 * 1024;
/// Longest text, in bytes.
const TEXT_BYTES_MAX: usize = 128 * 1024;

/// Why a text isn't a proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofTextError {
    /// Too long, not UTF-8, or lines are missing.
    #[error("a proof is a text of a first line, hashes, an empty line and a checkpoint")]
    Form,
    /// The extra data isn't base64, or has more than 16 KiB.
    #[error("the extra data of the proof isn't base64 of 1 to 16384 bytes")]
    Extra,
    /// The first line is another one.
    #[error("the first line of the proof isn't the one of its kind")]
    Header,
    /// The number isn't one in decimal.
    #[error("the number of the proof is without zeros in front, below 2^63")]
    Number,
    /// A line isn't a hash in base64, or there are more than 65.
    #[error("line {line} of the proof isn't a hash, or there are more than 65")]
    Hash {
        /// Which one, from 1.
        line: usize,
    },
    /// What follows isn't a note.
    #[error(transparent)]
    Note(#[from] NoteError),
}

/// A proof of inclusion with the checkpoint that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionText {
    /// Data that nothing vouches for, such as what the entry was salted with; empty for none.
    pub extra: Vec<u8>,
    /// The place of the entry, from 0.
    pub index: u64,
    /// The hashes, those near the leaf first.
    pub proof: Vec<Digest>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

/// A proof of consistency with the checkpoint that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyText {
    /// The size of the older tree.
    pub before: u64,
    /// The hashes.
    pub proof: Vec<Digest>,
    /// The signed checkpoint of the newer tree.
    pub checkpoint: Note,
}

impl InclusionText {
    /// Reads the text; nothing is proved yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofTextError> {
        let (head, checkpoint) = split(bytes)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(INCLUSION) {
            return Err(ProofTextError::Header);
        }
        let mut line = lines.next();
        let mut extra = Vec::new();
        let mut hashes_from = 3;
        if let Some(text) = line.and_then(|line| line.strip_prefix("extra ")) {
            extra = STANDARD.decode(text).map_err(|_| ProofTextError::Extra)?;
            if extra.is_empty() || extra.len() > EXTRA_BYTES_MAX {
                return Err(ProofTextError::Extra);
            }
            line = lines.next();
            hashes_from += 1;
        }
        let index = line.and_then(|line| line.strip_prefix("index "));
        Ok(Self {
            extra,
            index: number(index)?,
            proof: hashes(lines, hashes_from)?,
            checkpoint,
        })
    }
}

impl ConsistencyText {
    /// Reads the text; nothing is proved yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofTextError> {
        let (head, checkpoint) = split(bytes)?;
        let mut lines = head.split('\n');
        let before = lines.next().and_then(|line| line.strip_prefix("old "));
        Ok(Self {
            before: number(before)?,
            proof: hashes(lines, 2)?,
            checkpoint,
        })
    }
}

fn split(bytes: &[u8]) -> Result<(&str, Note), ProofTextError> {
    if bytes.len() > TEXT_BYTES_MAX {
        return Err(ProofTextError::Form);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ProofTextError::Form)?;
    let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofTextError::Form)?;
    Ok((head, Note::parse(checkpoint.as_bytes())?))
}

fn number(text: Option<&str>) -> Result<u64, ProofTextError> {
    let text = text.ok_or(ProofTextError::Header)?;
    plain_number(text, i64::MAX as u64).ok_or(ProofTextError::Number)
}

fn hashes<'t>(
    lines: impl Iterator<Item = &'t str>,
    first_line: usize,
) -> Result<Vec<Digest>, ProofTextError> {
    let mut hashes = Vec::new();
    for (line, text) in (first_line..).zip(lines) {
        let hash = Digest::from_base64(text).filter(|_| hashes.len() < PROOF_HASHES_MAX);
        hashes.push(hash.ok_or(ProofTextError::Hash { line })?);
    }
    Ok(hashes)
}

impl fmt::Display for InclusionText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{INCLUSION}")?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", STANDARD.encode(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.proof {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl fmt::Display for ConsistencyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.before)?;
        for hash in &self.proof {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
