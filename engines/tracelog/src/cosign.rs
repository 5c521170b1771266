//! Witnesses' cosignatures (C2SP tlog-cosignature, cosignature/v1): somebody else has seen the
//! checkpoint at a time, and that it continues all that they had seen before.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::{KeyKind, Signer, Verifier};
use crate::note::{Note, NoteError, Signature};

/// Bytes of a cosignature: when, in seconds since 1970, and the signature.
const COSIGNATURE_BYTES: usize = 8 + 64;

/// A cosignature that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The witness's name.
    pub name: String,
    /// When it saw the checkpoint, in seconds since 1970.
    pub at_seconds: u64,
}

/// Why a cosignature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignError {
    /// The key isn't a witness's.
    #[error("{name} is not the key of a witness")]
    Key {
        /// The key's name.
        name: String,
    },
    /// The note isn't a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The note can't take it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The witness hasn't cosigned.
    #[error("{name} has not cosigned")]
    Absent {
        /// The witness's name.
        name: String,
    },
    /// The signature doesn't fit the checkpoint.
    #[error("the cosignature of {name} doesn't fit the checkpoint")]
    Wrong {
        /// The witness's name.
        name: String,
    },
}

fn message(note: &Note, at_seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {at_seconds}\n{}", note.text()).into_bytes()
}

/// The signature by which a witness says that it saw the checkpoint of a note at a time, in seconds
/// since 1970. The witness has checked before that it continues what it cosigned last.
pub fn cosign(note: &Note, witness: &Signer, at_seconds: u64) -> Result<Signature, CosignError> {
    let key = demand_witness(witness.verifier())?;
    note.text().parse::<Checkpoint>()?;
    let mut bytes = at_seconds.to_be_bytes().to_vec();
    bytes.extend(witness.sign(&message(note, at_seconds)));
    Ok(Signature {
        name: key.name().to_owned(),
        key_id: key.id(),
        bytes,
    })
}

/// Checks that a witness has cosigned the checkpoint of a note, and tells when.
pub fn verify_cosignature(note: &Note, witness: &Verifier) -> Result<Cosignature, CosignError> {
    demand_witness(witness)?;
    let name = || witness.name().to_owned();
    let mut all = note.signatures().iter();
    let found = all.find(|one| one.name == witness.name() && one.key_id == witness.id());
    check(
        note,
        witness,
        found.ok_or(CosignError::Absent { name: name() })?,
    )
}

impl Note {
    /// Adds the cosignature of a witness, in place of an older one of it, when it fits.
    pub fn add_cosignature(
        &mut self,
        witness: &Verifier,
        signature: Signature,
    ) -> Result<Cosignature, CosignError> {
        demand_witness(witness)?;
        let known = signature.name == witness.name() && signature.key_id == witness.id();
        if !known {
            return Err(CosignError::Absent {
                name: witness.name().to_owned(),
            });
        }
        let checked = check(self, witness, &signature)?;
        self.put(signature)?;
        Ok(checked)
    }
}

fn demand_witness(key: &Verifier) -> Result<&Verifier, CosignError> {
    match key.kind() {
        KeyKind::Witness => Ok(key),
        KeyKind::Note => Err(CosignError::Key {
            name: key.name().to_owned(),
        }),
    }
}

fn check(
    note: &Note,
    witness: &Verifier,
    signature: &Signature,
) -> Result<Cosignature, CosignError> {
    let wrong = || CosignError::Wrong {
        name: witness.name().to_owned(),
    };
    note.text().parse::<Checkpoint>()?;
    if signature.bytes.len() != COSIGNATURE_BYTES {
        return Err(wrong());
    }
    let (time, bytes) = signature.bytes.split_first_chunk::<8>().ok_or_else(wrong)?;
    let at_seconds = u64::from_be_bytes(*time);
    if !witness.verifies(&message(note, at_seconds), bytes) {
        return Err(wrong());
    }
    Ok(Cosignature {
        name: witness.name().to_owned(),
        at_seconds,
    })
}
