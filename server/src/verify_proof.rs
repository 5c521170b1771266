//! `gouvernail verify-proof`: the file that a citizen's page gives of a call is checked with the public key
//! of the gateway's log, and nothing else of the platform.

use std::io::Read as _;

use kit_ledger::sealed_entry;
use serde::Deserialize;
use tracelog::{Checkpoint, InclusionText, leaf_hash, verify_inclusion};

use crate::cli::VerifyProof;
use crate::error::CommandError;

/// Longest file, in bytes: a row of 64 KiB, each byte of it escaped, and an inclusion of 128 KiB.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The file.
#[derive(Debug, Deserialize)]
struct ProofFile {
    log: String,
    log_index: u64,
    row: String,
    salt: String,
    inclusion: String,
}

/// Checks a proof and says what was found.
pub(crate) fn run(asked: &VerifyProof) -> Result<String, CommandError> {
    let failed = |error| CommandError::File {
        path: asked.file.display().to_string(),
        error,
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&asked.file).map_err(failed)?;
    let reading = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes);
    reading.map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let told = format!("it has more than {FILE_BYTES_MAX} bytes");
        return Err(failed(std::io::Error::other(told)));
    }
    let read: ProofFile =
        serde_json::from_slice(&bytes).map_err(|error| failed(std::io::Error::other(error)))?;
    let unproved = |why: &dyn std::fmt::Display| CommandError::Unproved(why.to_string());
    let salt = pseudonym::from_hex::<32>(&read.salt);
    let salt = salt.ok_or_else(|| unproved(&"the salt isn't 32 bytes in hexadecimal"))?;
    let inclusion = InclusionText::parse(read.inclusion.as_bytes());
    let inclusion = inclusion.map_err(|error| unproved(&error))?;
    let head = Checkpoint::verified(&inclusion.checkpoint, &asked.key);
    let head = head.map_err(|error| unproved(&error))?;
    // The log's name on the platform is that of its checkpoint, `#`, and the number of its folder.
    if read.log.rsplit_once('#').map(|(origin, _)| origin) != Some(head.origin.as_str()) {
        return Err(unproved(&format!(
            "the file names the log {} and proves something of {}",
            read.log, head.origin
        )));
    }
    if inclusion.index != read.log_index {
        return Err(unproved(&format!(
            "the file names the place {} and proves something of {}",
            read.log_index, inclusion.index
        )));
    }
    let leaf = leaf_hash(&sealed_entry(&salt, read.row.as_bytes()));
    let (size, root) = (head.size, &head.root);
    verify_inclusion(&leaf, inclusion.index, size, &inclusion.proof, root)
        .map_err(|error| unproved(&error))?;
    let mut told = format!(
        "log      {}\nplace    {} of {size}\n",
        read.log, read.log_index
    );
    for key in inclusion.checkpoint.verify(&asked.key).unwrap_or_default() {
        told += &format!("signed   {key}\n");
    }
    Ok(told + &format!("row      {}\nthe row stands in the log\n", read.row))
}
