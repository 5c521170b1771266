//! A log whose past can't be changed unseen: the arithmetic of it, without its storage.
//!
//! - the Merkle tree of RFC 6962 (section 2.1) on SHA-256, and its proofs of inclusion and of
//!   consistency: [`Digest`], [`prove_inclusion`], [`verify_inclusion`], [`prove_consistency`],
//!   [`verify_consistency`];
//! - tiles of 256 hashes and bundles of entries, as C2SP tlog-tiles lays them out: [`TilePath`],
//!   [`Appender`], [`EntryBundle`];
//! - signed notes (C2SP signed-note), checkpoints (C2SP tlog-checkpoint) and witnesses' cosignatures
//!   (C2SP tlog-cosignature), all on Ed25519: [`Note`], [`Checkpoint`], [`Signer`], [`Verifier`];
//! - [`audit`], which reads a whole log and names the first place that is wrong.
//!
//! Bytes and numbers in, values out: no I/O, no clock. A caller hands tiles over through
//! [`ReadTile`]. Whatever is read is bounded, and no bytes make a panic.

mod append;
mod audit;
mod bundle;
mod checkpoint;
mod cosign;
mod digest;
mod key;
mod note;
mod proof;
mod proof_text;
mod tile;
mod tree;

#[cfg(test)]
mod tests;

pub use append::{Appended, Appender, EdgeError};
pub use audit::{Audited, Breach, audit};
pub use bundle::{ENTRY_BYTES_MAX, EntryBundle, EntryTooLong, push_entry};
pub use checkpoint::{Checkpoint, CheckpointError, EXTENSIONS_MAX, ORIGIN_BYTES_MAX, VerifyError};
pub use cosign::{CosignError, Cosignature, cosign, verify_cosignature};
pub use digest::{Digest, empty_root, leaf_hash, node_hash};
pub use key::{KeyError, KeyKind, NAME_BYTES_MAX, Signer, Verifier};
pub use note::{NOTE_BYTES_MAX, Note, NoteError, SIGNATURES_MAX, Signature};
pub use proof::{
    PROOF_HASHES_MAX, ProofError, prove_consistency, prove_inclusion, verify_consistency,
    verify_inclusion,
};
pub use proof_text::{ConsistencyText, InclusionText, ProofTextError};
pub use tile::{
    HASH_BYTES, LEVEL_MAX, TILE_WIDTH, TileKind, TilePath, TilePathError, hash_width, is_partial_of,
};
pub use tree::{ReadTile, TileError, Tiles, root};
