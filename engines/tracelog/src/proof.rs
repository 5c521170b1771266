//! Proofs (RFC 6962, section 2.1.1 and 2.1.2), and how they are checked (RFC 9162, section 2.1.3.2
//! and 2.1.4.2).

use crate::digest::{Digest, empty_root, node_hash};
use crate::tree::{ReadTile, TileError, Tiles, split};

/// Most hashes of a proof: a tree has at most 2^63 leaves, and a proof of consistency one more.
pub const PROOF_HASHES_MAX: usize = 65;

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf isn't in a tree of that size, or the first tree is larger than the second one.
    #[error("the proof is about something that the tree doesn't hold")]
    OutOfTree,
    /// It has too few or too many hashes.
    #[error("the proof doesn't have the hashes that the sizes tell")]
    Length,
    /// The hashes don't lead to the root.
    #[error("the proof doesn't lead to the root")]
    Root,
}

/// The hashes that lead from a leaf to the root of the tree, those near the leaf first.
pub fn prove_inclusion<R: ReadTile>(
    tiles: &Tiles<'_, R>,
    index: u64,
) -> Result<Vec<Digest>, TileError<R::Error>> {
    let size = tiles.size();
    if index >= size {
        return Err(TileError::OutOfTree { size });
    }
    let (mut from, mut to) = (0, size);
    let mut proof = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            proof.push(tiles.range(middle, to)?);
            to = middle;
        } else {
            proof.push(tiles.range(from, middle)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The hashes that show that the tree of the first `before` leaves is the beginning of this one.
pub fn prove_consistency<R: ReadTile>(
    tiles: &Tiles<'_, R>,
    before: u64,
) -> Result<Vec<Digest>, TileError<R::Error>> {
    let size = tiles.size();
    if before > size {
        return Err(TileError::OutOfTree { size });
    }
    if before == 0 || before == size {
        return Ok(Vec::new());
    }
    let (mut from, mut to) = (0, size);
    let mut proof = Vec::new();
    // Whether the subtree is what the older root was made of at this place: it is known then.
    let mut is_known = true;
    while before != to {
        let middle = from + split(to - from);
        if before <= middle {
            proof.push(tiles.range(middle, to)?);
            to = middle;
        } else {
            proof.push(tiles.range(from, middle)?);
            from = middle;
            is_known = false;
        }
    }
    if !is_known {
        proof.push(tiles.range(from, to)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks that a leaf of hash `leaf` stands at `index` in the tree of `size` leaves and root `root`.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfTree);
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for step in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(step, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if hash == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// Checks that the tree of `before` leaves and root `before_root` is the beginning of the tree of
/// `size` leaves and root `root`.
pub fn verify_consistency(
    before: u64,
    before_root: &Digest,
    size: u64,
    root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if before > size {
        return Err(ProofError::OutOfTree);
    }
    if before == size || before == 0 {
        let equal = before_root == root && before == size;
        let from_nothing = before == 0 && *before_root == empty_root();
        return match (proof.is_empty(), equal || from_nothing) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    let (mut at, mut last) = (before - 1, size - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let mut steps = proof.iter();
    // The older tree is perfect: its root is the first hash, and isn't sent.
    let first = if before.is_power_of_two() {
        before_root
    } else {
        steps.next().ok_or(ProofError::Length)?
    };
    let (mut older, mut newer) = (*first, *first);
    for step in steps {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if at & 1 == 1 || at == last {
            older = node_hash(step, &older);
            newer = node_hash(step, &newer);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            newer = node_hash(&newer, step);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if older == *before_root && newer == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}
