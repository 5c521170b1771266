//! Adding entries: which tiles to write, and the root that comes of it.

use crate::bundle::{EntryBundle, EntryTooLong, push_entry};
use crate::digest::{Digest, fold, join, leaf_hash};
use crate::tile::{TILE_WIDTH, TilePath, hash_width};
use crate::tree::{ReadTile, TileError, read_hashes};

/// The right edge of a log: all that is needed to add to it, at most 8 tiles of hashes and the
/// last bundle (16 MiB when every entry has the greatest length).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appender {
    size: u64,
    /// Hashes of the last tile of each level, fewer than 256.
    edge: Vec<Vec<Digest>>,
    /// The entries of the last bundle, fewer than 256.
    bundle: Vec<u8>,
}

/// Why the right edge can't be read.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError<E> {
    /// A tile can't be read or has another length.
    #[error(transparent)]
    Tile(TileError<E>),
    /// The last bundle doesn't hold the entries that the last tile has the hashes of.
    #[error("{path} doesn't hold the entries whose hashes stand beside it")]
    Bundle {
        /// Which one.
        path: TilePath,
    },
    /// The tiles lead to another root than the one that was expected.
    #[error("the tiles lead to the root {found} instead of {expected}")]
    Root {
        /// The root of the tiles.
        found: Digest,
        /// The root that was expected.
        expected: Digest,
    },
}

/// What adding entries has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Tiles and bundles to write, each once, in any order. A checkpoint may tell of them when all
    /// are written.
    pub tiles: Vec<(TilePath, Vec<u8>)>,
    /// The new size.
    pub size: u64,
    /// The new root.
    pub root: Digest,
}

impl Default for Appender {
    fn default() -> Self {
        Self::new()
    }
}

impl Appender {
    /// The edge of an empty log.
    pub fn new() -> Self {
        Self {
            size: 0,
            edge: Vec::new(),
            bundle: Vec::new(),
        }
    }

    /// Reads the edge of a log of `size` entries, and checks that it leads to `root` and that the
    /// last bundle is what the last hashes are of.
    pub fn load<R: ReadTile>(
        size: u64,
        root: &Digest,
        reader: &R,
    ) -> Result<Self, EdgeError<R::Error>> {
        let mut edge = Vec::new();
        let mut level = 0;
        while size.checked_shr(8 * u32::from(level)).unwrap_or(0) > 0 {
            let index = (size >> (8 * u32::from(level))) / u64::from(TILE_WIDTH);
            let width = hash_width(size, level, index);
            edge.push(match width {
                0 => Vec::new(),
                width => {
                    let path = TilePath::hashes(level, index, width);
                    read_hashes(reader, path).map_err(EdgeError::Tile)?
                }
            });
            level += 1;
        }
        let mut bundle = Vec::new();
        if let Some(leaves) = edge.first().filter(|leaves| !leaves.is_empty()) {
            let path = TilePath::entries(size / u64::from(TILE_WIDTH), leaves.len() as u16);
            bundle = reader
                .read(&path)
                .map_err(|cause| EdgeError::Tile(TileError::Read { path, cause }))?;
            let entries = EntryBundle::exactly(&bundle, leaves.len());
            let sound = entries.is_some_and(|entries| {
                let hashes = entries.into_iter().map(leaf_hash);
                hashes.eq(leaves.iter().copied())
            });
            if !sound {
                return Err(EdgeError::Bundle { path });
            }
        }
        let appender = Self { size, edge, bundle };
        let found = appender.root();
        if found != *root {
            return Err(EdgeError::Root {
                found,
                expected: *root,
            });
        }
        Ok(appender)
    }

    /// The entries of the log.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the log.
    pub fn root(&self) -> Digest {
        let mut peaks = Vec::new();
        for hashes in self.edge.iter().rev() {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                // The largest perfect tree first, as the bits of the length tell.
                let count = 1 << rest.len().ilog2();
                let (perfect, after) = rest.split_at(count);
                peaks.push(fold(perfect));
                rest = after;
            }
        }
        join(&peaks)
    }

    /// Adds entries, each at most 65,535 bytes. When one is longer, nothing is added.
    pub fn append<'e>(
        &mut self,
        entries: impl IntoIterator<Item = &'e [u8]>,
    ) -> Result<Appended, EntryTooLong> {
        let mut next = self.clone();
        let mut tiles = Vec::new();
        let before = next.size;
        for entry in entries {
            push_entry(&mut next.bundle, entry)?;
            next.push(0, leaf_hash(entry), &mut tiles);
            next.size += 1;
            if next.size.is_multiple_of(u64::from(TILE_WIDTH)) {
                let path = TilePath::entries(next.size / u64::from(TILE_WIDTH) - 1, TILE_WIDTH);
                tiles.push((path, std::mem::take(&mut next.bundle)));
            }
        }
        if next.size > before {
            next.write_edge(before, &mut tiles);
        }
        let appended = Appended {
            tiles,
            size: next.size,
            root: next.root(),
        };
        *self = next;
        Ok(appended)
    }

    /// Adds a hash to a level, and to the next one when that makes its tile full.
    fn push(&mut self, level: u8, hash: Digest, tiles: &mut Vec<(TilePath, Vec<u8>)>) {
        let at = usize::from(level);
        if self.edge.len() <= at {
            self.edge.resize(at + 1, Vec::new());
        }
        self.edge[at].push(hash);
        if self.edge[at].len() == usize::from(TILE_WIDTH) {
            let hashes = std::mem::take(&mut self.edge[at]);
            // `size` doesn't count the entry that is being added.
            let complete = (self.size + 1) >> (8 * u32::from(level));
            let index = complete / u64::from(TILE_WIDTH) - 1;
            tiles.push((TilePath::hashes(level, index, TILE_WIDTH), bytes(&hashes)));
            self.push(level + 1, fold(&hashes), tiles);
        }
    }

    /// The partial tiles that the new entries have changed.
    fn write_edge(&self, before: u64, tiles: &mut Vec<(TilePath, Vec<u8>)>) {
        for (level, hashes) in self.edge.iter().enumerate() {
            let level = level as u8;
            let shift = 8 * u32::from(level);
            if hashes.is_empty() || before >> shift == self.size >> shift {
                continue;
            }
            let index = (self.size >> shift) / u64::from(TILE_WIDTH);
            let path = TilePath::hashes(level, index, hashes.len() as u16);
            tiles.push((path, bytes(hashes)));
        }
        let width = (self.size % u64::from(TILE_WIDTH)) as u16;
        if width > 0 {
            let path = TilePath::entries(self.size / u64::from(TILE_WIDTH), width);
            tiles.push((path, self.bundle.clone()));
        }
    }
}

fn bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

impl Appended {
    /// The places whose partial tiles are of no use any more: the tile there is full now.
    pub fn filled(&self) -> impl Iterator<Item = &TilePath> {
        let paths = self.tiles.iter().map(|(path, _)| path);
        paths.filter(|path| !path.is_partial())
    }
}
