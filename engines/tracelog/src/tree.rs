//! Hashes of subtrees, read from tiles.

use std::cell::RefCell;

use crate::digest::{Digest, empty_root, fold, node_hash};
use crate::tile::{HASH_BYTES, TILE_WIDTH, TilePath, hash_width};

/// Hands tiles over.
///
/// ```text
///   storage ──implements──▶ ReadTile ◀──asks── proofs
/// ```
/// It exists because proofs are arithmetic and tiles stand in a folder, in a bucket, or in the
/// memory of a test.
pub trait ReadTile {
    /// Why a tile can't be handed over.
    type Error;

    /// The bytes of a tile.
    fn read(&self, path: &TilePath) -> Result<Vec<u8>, Self::Error>;
}

impl<F, E> ReadTile for F
where
    F: Fn(&TilePath) -> Result<Vec<u8>, E>,
{
    type Error = E;

    fn read(&self, path: &TilePath) -> Result<Vec<u8>, E> {
        self(path)
    }
}

/// Why a hash can't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError<E> {
    /// The tile can't be read.
    #[error("{path} can't be read")]
    Read {
        /// Which one.
        path: TilePath,
        /// Why.
        cause: E,
    },
    /// The tile doesn't have the length that the size of the tree tells.
    #[error("{path} has {bytes} bytes instead of {expected}")]
    Length {
        /// Which one.
        path: TilePath,
        /// The bytes that it has.
        bytes: usize,
        /// The bytes that it must have.
        expected: usize,
    },
    /// What is asked for is not in the tree.
    #[error("the tree has {size} leaves")]
    OutOfTree {
        /// The leaves that it has.
        size: u64,
    },
}

/// The tree of the first `size` leaves, in tiles. Tiles that were read are kept while it lives:
/// at most two of a level for a proof, 8 KiB each.
#[derive(Debug)]
pub struct Tiles<'r, R> {
    size: u64,
    /// Leaves of the tiles that are there.
    written: u64,
    reader: &'r R,
    kept: RefCell<Vec<(TilePath, Vec<Digest>)>>,
}

impl<'r, R: ReadTile> Tiles<'r, R> {
    /// The tree of a log of `size` leaves.
    pub fn new(size: u64, reader: &'r R) -> Self {
        Self::of_first(size, size, reader)
    }

    /// The tree of the first `size` leaves, in the tiles of a log of `written` leaves: tiles that
    /// were partial when it was that small needn't be kept.
    pub fn of_first(size: u64, written: u64, reader: &'r R) -> Self {
        Self {
            size: size.min(written),
            written,
            reader,
            kept: RefCell::default(),
        }
    }

    /// The leaves of the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hash of a leaf.
    pub fn leaf(&self, index: u64) -> Result<Digest, TileError<R::Error>> {
        self.range(index, index.saturating_add(1))
    }

    /// The root: the hash of all leaves.
    pub fn root(&self) -> Result<Digest, TileError<R::Error>> {
        if self.size == 0 {
            return Ok(empty_root());
        }
        self.range(0, self.size)
    }

    /// The hash of the leaves from `from` to before `to`, as RFC 6962 defines it for a list of them.
    /// `from` must be a multiple of the largest power of two that fits in the range.
    pub(crate) fn range(&self, from: u64, to: u64) -> Result<Digest, TileError<R::Error>> {
        if from >= to || to > self.size {
            return Err(TileError::OutOfTree { size: self.size });
        }
        let leaves = to - from;
        if leaves.is_power_of_two() {
            return self.perfect(leaves.trailing_zeros(), from);
        }
        let left = split(leaves);
        let middle = from + left;
        Ok(node_hash(
            &self.range(from, middle)?,
            &self.range(middle, to)?,
        ))
    }

    /// The root of the perfect tree of `2^height` leaves from `from` on.
    fn perfect(&self, height: u32, from: u64) -> Result<Digest, TileError<R::Error>> {
        let level = (height / 8) as u8;
        let first = from >> (8 * u32::from(level));
        let index = first / u64::from(TILE_WIDTH);
        let width = hash_width(self.written, level, index);
        let offset = (first % u64::from(TILE_WIDTH)) as usize;
        let count = 1_usize << (height % 8);
        if offset + count > usize::from(width) {
            return Err(TileError::OutOfTree { size: self.size });
        }
        let path = TilePath::hashes(level, index, width);
        if let Some((_, hashes)) = self.kept.borrow().iter().find(|(kept, _)| *kept == path) {
            return Ok(fold(&hashes[offset..offset + count]));
        }
        let hashes = read_hashes(self.reader, path)?;
        let hash = fold(&hashes[offset..offset + count]);
        self.kept.borrow_mut().push((path, hashes));
        Ok(hash)
    }
}

/// The hashes of a tile of hashes.
pub(crate) fn read_hashes<R: ReadTile>(
    reader: &R,
    path: TilePath,
) -> Result<Vec<Digest>, TileError<R::Error>> {
    let bytes = reader
        .read(&path)
        .map_err(|cause| TileError::Read { path, cause })?;
    let expected = usize::from(path.width()) * HASH_BYTES;
    if bytes.len() != expected {
        return Err(TileError::Length {
            path,
            bytes: bytes.len(),
            expected,
        });
    }
    Ok(bytes
        .chunks_exact(HASH_BYTES)
        .filter_map(Digest::from_slice)
        .collect())
}

/// The largest power of two below `leaves`, which is at least 2.
pub(crate) fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The root of the tree of the first `size` leaves, from its tiles.
pub fn root<R: ReadTile>(size: u64, reader: &R) -> Result<Digest, TileError<R::Error>> {
    Tiles::new(size, reader).root()
}
