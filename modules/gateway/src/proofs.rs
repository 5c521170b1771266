//! Proofs that the control plane wants of this gateway's log: somebody asked for them there.

use kit_ledger::{Ledger, LedgerError};
use ports::{LogProof, ProofAnswer, REPORT_PROOFS_MAX};

/// Most bytes of the proofs of one report. A single one may be larger: at most as large as an entry and a
/// checkpoint, which leaves it below the limit of a report.
const PROOFS_BYTES_MAX: usize = 128 << 10;

/// What is said of the wanted places, with how many bytes it takes at most. What isn't sealed yet, or can't
/// be read just now, is left out: the control plane goes on wanting it.
pub(crate) async fn answers(ledger: &Ledger, wanted: &[u64]) -> (Vec<ProofAnswer>, usize) {
    let (mut told, mut bytes) = (Vec::new(), 0);
    for &index in wanted.iter().take(REPORT_PROOFS_MAX) {
        if bytes > PROOFS_BYTES_MAX {
            break;
        }
        match answer(ledger, index).await {
            Ok(Some(answer)) => {
                // Within a text of JSON a character takes two bytes at most, but for controls, which a row
                // that is JSON itself has none of.
                let size = |one: &LogProof| 2 * one.row.len() + one.inclusion.len();
                bytes += answer.proof.as_ref().map_or(0, size);
                told.push(answer);
            }
            Ok(None) => {}
            Err(error) => {
                // Traces are brought all the same.
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, index, "gateway.proof");
            }
        }
    }
    (told, bytes)
}

/// What is said of one place; `None`: nothing yet.
async fn answer(ledger: &Ledger, index: u64) -> Result<Option<ProofAnswer>, LedgerError> {
    let gone = Ok(Some(ProofAnswer { index, proof: None }));
    if index < ledger.first() || index >= ledger.durable() {
        return gone;
    }
    if index >= ledger.tree().size() {
        return Ok(None);
    }
    let rows = ledger.read_from(index, 1).await?;
    let Some(row) = rows.into_iter().find(|row| row.index == index) else {
        // It was erased in between.
        return gone;
    };
    let inclusion = ledger.prove_inclusion(index).await?;
    Ok(Some(ProofAnswer {
        index,
        proof: Some(LogProof {
            row: String::from_utf8_lossy(&row.entry).into_owned(),
            salt: pseudonym::hex(&row.salt),
            inclusion: inclusion.to_string(),
        }),
    }))
}
