//! What a gateway says that proves a trace of its log, checked: the arithmetic, without its signature.
//!
//! Whose signature the checkpoint carries is for those to check who have the log's key from elsewhere:
//! here it would be the gateway's own word twice. What is checked is that nobody is given what proves
//! nothing: the row is the trace that is kept, its hash is at its place, and the place is in the tree.

use ports::LogProof;
use ports::exchange::Trace;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracelog::{Checkpoint, InclusionText, leaf_hash, verify_inclusion};

use super::api::codes;

/// Most bytes of a row: a log takes no longer entry.
pub const ROW_BYTES_MAX: usize = 64 << 10;
/// Most bytes of a proof of inclusion.
pub const INCLUSION_BYTES_MAX: usize = 128 << 10;

codes! {
    /// What came of a proof that somebody asked for.
    ProofState {
        /// The gateway hasn't answered yet.
        Waiting => "waiting",
        /// It came, and holds.
        Proved => "proved",
        /// The gateway has no such row, or has erased it.
        Gone => "gone",
        /// What the gateway said proves nothing.
        Wrong => "wrong",
    }
}

/// A proof that holds.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedProof {
    /// The row, byte for byte.
    pub row: Vec<u8>,
    /// What it was salted with.
    pub salt: [u8; 32],
    /// The proof of inclusion, as it came.
    pub inclusion: String,
    /// What the row says.
    pub trace: Trace,
}

impl std::fmt::Debug for CheckedProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CheckedProof(…)")
    }
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofMistake {
    /// A row is longer than a log takes, or the inclusion is longer than one can be.
    #[error("the row has more than 65536 bytes, or the inclusion more than 131072")]
    Long,
    /// The row isn't a trace.
    #[error("the row isn't a trace")]
    Row,
    /// The salt isn't one.
    #[error("the salt isn't 32 bytes in hexadecimal")]
    Salt,
    /// The inclusion, or its checkpoint, can't be read.
    #[error("the inclusion can't be read")]
    Inclusion,
    /// It is about another place.
    #[error("the inclusion is about another place of the log")]
    Place,
    /// Its checkpoint is another log's.
    #[error("the checkpoint is another log's")]
    Log,
    /// The hashes don't lead from the row to the root.
    #[error("the hashes don't lead from the row to the checkpoint")]
    Hashes,
    /// The row stands in the log and says something else than what is kept of it.
    #[error("the row isn't the trace that is kept")]
    Trace,
}

/// Checks what was said of the place `index` of the log `log` (its origin, `#`, the number of its folder).
/// What the row says is given too: whoever keeps the trace compares it.
pub fn check_log_proof(
    log: &str,
    index: u64,
    told: &LogProof,
) -> Result<CheckedProof, ProofMistake> {
    if told.row.len() > ROW_BYTES_MAX || told.inclusion.len() > INCLUSION_BYTES_MAX {
        return Err(ProofMistake::Long);
    }
    let salt: [u8; 32] = pseudonym::from_hex(&told.salt).ok_or(ProofMistake::Salt)?;
    let trace: Trace = serde_json::from_str(&told.row).map_err(|_| ProofMistake::Row)?;
    let read = InclusionText::parse(told.inclusion.as_bytes());
    let inclusion = read.map_err(|_| ProofMistake::Inclusion)?;
    if inclusion.index != index {
        return Err(ProofMistake::Place);
    }
    let said: Checkpoint = inclusion
        .checkpoint
        .text()
        .parse()
        .map_err(|_| ProofMistake::Inclusion)?;
    if log.rsplit_once('#').map(|(origin, _)| origin) != Some(said.origin.as_str()) {
        return Err(ProofMistake::Log);
    }
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(&told.row);
    let leaf = leaf_hash(&hash.finalize());
    verify_inclusion(&leaf, index, said.size, &inclusion.proof, &said.root)
        .map_err(|_| ProofMistake::Hashes)?;
    Ok(CheckedProof {
        row: told.row.clone().into_bytes(),
        salt,
        inclusion: told.inclusion.clone(),
        trace,
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use tracelog::{Digest, KeyKind, Signer, node_hash};
    use uuid::Uuid;

    use super::*;

    const ORIGIN: &str = "g.example/log/traces";
    const LOG: &str = "g.example/log/traces#0a";

    fn trace(number: u128) -> Trace {
        Trace {
            request: Uuid::from_u128(number),
            at: Timestamp::UNIX_EPOCH,
            accreditation: None,
            requester: None,
            editor: None,
            producer: Uuid::from_u128(1),
            api: Uuid::from_u128(2),
            operation: Uuid::from_u128(3),
            purpose: Some("cantine".into()),
            object: None,
            legal_basis: None,
            recipient: None,
            subject: None,
            status: 200,
            problem: None,
            latency_us: 1,
            bytes: 2,
            pieces_saved: 0,
            hidden_until: None,
            on_behalf: false,
        }
    }

    fn hash(row: &str, salt: [u8; 32]) -> Digest {
        let mut hash = Sha256::new();
        hash.update(salt);
        hash.update(row);
        leaf_hash(&hash.finalize())
    }

    /// A log of two rows, and the proof of the second one.
    fn proved(origin: &str, row: &str) -> LogProof {
        let (first, second) = (hash("{}", [1; 32]), hash(row, [2; 32]));
        let root = node_hash(&first, &second);
        let signer = Signer::from_seed(origin, KeyKind::Note, &[7; 32]).unwrap();
        let inclusion = InclusionText {
            extra: Vec::new(),
            index: 1,
            proof: vec![first],
            checkpoint: Checkpoint::new(origin, 2, root).signed(&[&signer]).unwrap(),
        };
        LogProof {
            row: row.to_owned(),
            salt: pseudonym::hex(&[2; 32]),
            inclusion: inclusion.to_string(),
        }
    }

    fn row(number: u128) -> String {
        serde_json::to_string(&trace(number)).unwrap()
    }

    #[test]
    fn a_proof_that_holds_says_its_trace() {
        let told = proved(ORIGIN, &row(9));
        let proof = check_log_proof(LOG, 1, &told).unwrap();
        assert_eq!(proof.trace, trace(9));
        assert_eq!((proof.row, proof.salt), (row(9).into_bytes(), [2; 32]));
        assert!(!format!("{told:?}").contains("cantine"));
    }

    #[test]
    fn what_proves_nothing_says_why() {
        let good = proved(ORIGIN, &row(9));
        let check = |index, told: LogProof| check_log_proof(LOG, index, &told).unwrap_err();
        let with_row = |row: String| LogProof {
            row,
            ..good.clone()
        };
        let with_salt = |salt: &str| LogProof {
            salt: salt.into(),
            ..good.clone()
        };
        let with_inclusion = |inclusion: String| LogProof {
            inclusion,
            ..good.clone()
        };
        assert_eq!(check(0, good.clone()), ProofMistake::Place);
        // Another trace; the same one written otherwise; no trace.
        assert_eq!(check(1, with_row(row(8))), ProofMistake::Hashes);
        assert_eq!(check(1, with_row(row(9) + " ")), ProofMistake::Hashes);
        for wrong in ["", "{}", "null", "\u{0}"] {
            assert_eq!(check(1, with_row(wrong.into())), ProofMistake::Row);
        }
        let other = pseudonym::hex(&[3; 32]);
        assert_eq!(check(1, with_salt(&other)), ProofMistake::Hashes);
        for wrong in ["", "02", &"é".repeat(32), &"zz".repeat(32)] {
            assert_eq!(check(1, with_salt(wrong)), ProofMistake::Salt, "{wrong}");
        }
        // Another log's, also one whose name begins in the same way.
        for origin in ["h.example/log/traces", "g.example/log/traces#0a"] {
            assert_eq!(check(1, proved(origin, &row(9))), ProofMistake::Log);
        }
        let whole = &good.inclusion;
        for wrong in [
            String::new(),
            whole.replace("index 1", "index -1"),
            whole.replace("index 1", "index 01"),
            whole.replacen('\n', "\r\n", 1),
            whole[..whole.len() / 2].to_owned(),
        ] {
            assert_eq!(check(1, with_inclusion(wrong)), ProofMistake::Inclusion);
        }
        // A tree of another size has another root.
        let larger = whole.replacen("\n2\n", "\n3\n", 1);
        assert_eq!(check(1, with_inclusion(larger)), ProofMistake::Hashes);
        let smaller = whole.replacen("\n2\n", "\n1\n", 1);
        assert_eq!(check(1, with_inclusion(smaller)), ProofMistake::Hashes);
        let long = "x".repeat(ROW_BYTES_MAX + 1);
        assert_eq!(check(1, with_row(long)), ProofMistake::Long);
        let long = "x".repeat(INCLUSION_BYTES_MAX + 1);
        assert_eq!(check(1, with_inclusion(long)), ProofMistake::Long);
    }
}
