//! Hashes, as RFC 6962 (section 2.1) makes them.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::tile::HASH_BYTES;

/// A SHA-256 hash: of a leaf, of a node, or of a whole tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; HASH_BYTES]);

impl Digest {
    /// The hash that 32 bytes are; nothing for another number of them.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// In base64 with padding (RFC 4648), as checkpoints and proofs write it: 44 characters.
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// From base64; nothing when it isn't exactly what [`Digest::to_base64`] writes.
    pub fn from_base64(text: &str) -> Option<Self> {
        if text.len() != 44 {
            return None;
        }
        Self::from_slice(&STANDARD.decode(text).ok()?)
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_base64())
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_base64())
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    let mut hash = [0; HASH_BYTES];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    Digest(hash)
}

/// The hash of a leaf: `SHA-256(0x00 || entry)`.
pub fn leaf_hash(entry: &[u8]) -> Digest {
    let mut bytes = Vec::with_capacity(1 + entry.len());
    bytes.push(0);
    bytes.extend_from_slice(entry);
    sha256(&bytes)
}

/// The hash of two subtrees: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut bytes = [1; 1 + 2 * HASH_BYTES];
    bytes[1..=HASH_BYTES].copy_from_slice(&left.0);
    bytes[1 + HASH_BYTES..].copy_from_slice(&right.0);
    sha256(&bytes)
}

/// The root of a tree without leaves: `SHA-256("")`.
pub fn empty_root() -> Digest {
    sha256(&[])
}

/// The root of 1 to 256 hashes that stand side by side at one height, as RFC 6962 splits them.
pub(crate) fn fold(hashes: &[Digest]) -> Digest {
    let mut hashes = hashes.to_vec();
    while hashes.len() > 1 {
        let above = hashes.chunks(2).map(|pair| match pair {
            [left, right] => node_hash(left, right),
            // The last one of an odd row goes up as it is: RFC 6962 splits at the largest power of
            // two, so what is left over is always on the right.
            _ => pair[0],
        });
        hashes = above.collect();
    }
    hashes.first().copied().unwrap_or_else(empty_root)
}

/// Puts the roots of perfect trees that stand side by side, the largest first, under one root.
pub(crate) fn join(peaks: &[Digest]) -> Digest {
    let mut peaks = peaks.iter().rev();
    let Some(last) = peaks.next() else {
        return empty_root();
    };
    peaks.fold(*last, |right, left| node_hash(left, &right))
}
