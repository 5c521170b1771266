//! Proofs of traces whose log is on another machine, on their way to whoever asked for one.
//!
//! ```text
//!   exchange ──GatewayTold: places──▶ gateway ──GatewayReport: ProofAnswer──▶ exchange
//! ```
//! A gateway isn't reached from outside, so it isn't asked: what is wanted of its log stands in the
//! answer to its report, and comes with the next one. A gateway or a platform of an older program
//! passes over what it doesn't know: the proof doesn't come, and nothing else changes.

use serde::{Deserialize, Serialize};

/// Most proofs of one report, and most places that the answer to one names.
pub const REPORT_PROOFS_MAX: usize = 16;

/// What a gateway says of a place of its log whose proof was wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofAnswer {
    /// The place in the log.
    pub index: u64,
    /// The proof; none: the log has no such row, or has erased it.
    #[serde(default)]
    pub proof: Option<LogProof>,
}

/// What proves that a row stands in a log: `SHA-256(salt || row)` is the log's entry at its place, and the
/// inclusion leads from it to a checkpoint.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogProof {
    /// The row, byte for byte: a text of at most 65,536 bytes.
    pub row: String,
    /// What it was salted with: 64 hexadecimal digits.
    pub salt: String,
    /// The proof of inclusion, as C2SP writes it (`tlog-proof`): at most 131,072 bytes.
    pub inclusion: String,
}

/// With its salt a row can be known again by its hash: neither is for log lines.
impl std::fmt::Debug for LogProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogProof")
            .field("inclusion", &self.inclusion)
            .finish_non_exhaustive()
    }
}
