//! Reading a whole log, from its root down, so that the first wrong place has a name.

use std::fmt;

use crate::bundle::EntryBundle;
use crate::digest::{Digest, fold, join, leaf_hash};
use crate::tile::{HASH_BYTES, TILE_WIDTH, TilePath, hash_width};
use crate::tree::{ReadTile, TileError, read_hashes};

/// What was read and found sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audited {
    /// Entries of the log.
    pub size: u64,
    /// Tiles of hashes that were read.
    pub tiles: u64,
    /// Entries that were read; 0 when they weren't to be.
    pub entries: u64,
}

/// The first place where a log isn't what its root says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breach<E> {
    /// A tile is missing or can't be read.
    Unreadable {
        /// Which one.
        path: TilePath,
        /// The entries below it.
        entries: (u64, u64),
        /// Why.
        cause: E,
    },
    /// A tile has another length than the size of the log tells.
    Length {
        /// Which one.
        path: TilePath,
        /// The entries below it.
        entries: (u64, u64),
        /// The bytes that it has.
        bytes: usize,
        /// The bytes that it must have.
        expected: usize,
    },
    /// The tiles at the right edge don't lead to the root of the checkpoint.
    Root {
        /// The root that they lead to.
        found: Digest,
        /// The root of the checkpoint.
        expected: Digest,
    },
    /// A tile doesn't hold what the tile above it has the hash of.
    Tile {
        /// Which one.
        path: TilePath,
        /// The entries below it.
        entries: (u64, u64),
        /// The first of its hashes that isn't the one of what stands below, if one can be told:
        /// its place in the tile, from 0.
        position: Option<usize>,
    },
    /// A bundle doesn't hold as many entries as it must, or more bytes than they have.
    Bundle {
        /// Which one.
        path: TilePath,
        /// The entries of it.
        entries: (u64, u64),
        /// How many whole entries it begins with.
        whole: usize,
    },
    /// An entry isn't the one that its hash was made of.
    Entry {
        /// Its bundle.
        path: TilePath,
        /// Its place in the log, from 0.
        index: u64,
        /// The place of the entry that stands here instead, when it is one of the same bundle.
        belongs_at: Option<u64>,
    },
}

impl<E: fmt::Display> fmt::Display for Breach<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable {
                path,
                entries: (from, to),
                cause,
            } => write!(f, "{path} (entries {from} to {to}) can't be read: {cause}"),
            Self::Length {
                path,
                entries: (from, to),
                bytes,
                expected,
            } => write!(
                f,
                "{path} (entries {from} to {to}) has {bytes} bytes instead of {expected}"
            ),
            Self::Root { found, expected } => write!(
                f,
                "the tiles lead to the root {found}; the checkpoint says {expected}"
            ),
            Self::Tile {
                path,
                entries: (from, to),
                position,
            } => {
                write!(
                    f,
                    "{path} (entries {from} to {to}) isn't what the root was made of"
                )?;
                match position {
                    Some(position) => write!(f, ": its hash number {position} is wrong"),
                    None => Ok(()),
                }
            }
            Self::Bundle {
                path,
                entries: (from, to),
                whole,
            } => write!(
                f,
                "{path} (entries {from} to {to}) holds {whole} whole entries and then something else"
            ),
            Self::Entry {
                path,
                index,
                belongs_at,
            } => {
                write!(f, "{path}: entry {index} isn't the one that was sealed")?;
                match belongs_at {
                    Some(at) => write!(f, "; what stands there is entry {at}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl<E: fmt::Display + fmt::Debug> std::error::Error for Breach<E> {}

/// Reads every tile of a log of `size` entries and root `root`, and every entry when `entries` is
/// set. Holds one tile of each level at a time.
pub fn audit<R: ReadTile>(
    size: u64,
    root: &Digest,
    entries: bool,
    reader: &R,
) -> Result<Audited, Breach<R::Error>> {
    let mut audit = Audit {
        size,
        reader,
        entries,
        done: Audited {
            size,
            ..Audited::default()
        },
    };
    audit.edge(root)?;
    Ok(audit.done)
}

struct Audit<'r, R> {
    size: u64,
    reader: &'r R,
    entries: bool,
    done: Audited,
}

impl<R: ReadTile> Audit<'_, R> {
    /// The tiles that aren't full lead to the root; each of their hashes is then believed.
    fn edge(&mut self, root: &Digest) -> Result<(), Breach<R::Error>> {
        let mut edge = Vec::new();
        let mut level = 0;
        while level < 8 && self.size >> (8 * u32::from(level)) > 0 {
            let index = (self.size >> (8 * u32::from(level))) / u64::from(TILE_WIDTH);
            let width = hash_width(self.size, level, index);
            if width > 0 {
                let path = TilePath::hashes(level, index, width);
                edge.push((path, level, self.hashes(path, level)?));
            }
            level += 1;
        }
        let mut peaks = Vec::new();
        for (_, _, hashes) in edge.iter().rev() {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let count = 1 << rest.len().ilog2();
                let (perfect, after) = rest.split_at(count);
                peaks.push(fold(perfect));
                rest = after;
            }
        }
        let found = join(&peaks);
        if found != *root {
            // One of the edge's hashes is wrong: what stands below them tells which.
            for (path, level, hashes) in &edge {
                if let Some(position) = self.first_wrong(*path, *level, hashes) {
                    return Err(Breach::Tile {
                        path: *path,
                        entries: self.below(path, *level),
                        position: Some(position),
                    });
                }
            }
            return Err(Breach::Root {
                found,
                expected: *root,
            });
        }
        for (path, level, hashes) in edge.iter().rev() {
            self.descend(*path, *level, hashes)?;
        }
        Ok(())
    }

    /// Checks what stands below a tile whose hashes are believed.
    fn descend(
        &mut self,
        path: TilePath,
        level: u8,
        hashes: &[Digest],
    ) -> Result<(), Breach<R::Error>> {
        if level == 0 {
            return if self.entries {
                self.bundle(path, hashes)
            } else {
                Ok(())
            };
        }
        let first = path.index() * u64::from(TILE_WIDTH);
        for (index, expected) in (first..).zip(hashes) {
            let below = TilePath::hashes(level - 1, index, TILE_WIDTH);
            let found = self.hashes(below, level - 1)?;
            if fold(&found) != *expected {
                let position = self.first_wrong(below, level - 1, &found);
                return Err(Breach::Tile {
                    path: below,
                    entries: self.below(&below, level - 1),
                    position,
                });
            }
            self.descend(below, level - 1, &found)?;
        }
        Ok(())
    }

    /// The first hash of a tile that isn't the one of what stands below it.
    fn first_wrong(&self, path: TilePath, level: u8, hashes: &[Digest]) -> Option<usize> {
        if level == 0 {
            let bundle = TilePath::entries(path.index(), path.width());
            let bytes = self.reader.read(&bundle).ok()?;
            let entries = EntryBundle::exactly(&bytes, hashes.len())?;
            let mut pairs = entries.into_iter().zip(hashes);
            return pairs.position(|(entry, hash)| leaf_hash(entry) != *hash);
        }
        let first = path.index() * u64::from(TILE_WIDTH);
        let mut pairs = (first..).zip(hashes);
        pairs.position(|(index, hash)| {
            let below = TilePath::hashes(level - 1, index, TILE_WIDTH);
            read_hashes(self.reader, below).is_ok_and(|found| fold(&found) != *hash)
        })
    }

    fn bundle(&mut self, tile: TilePath, hashes: &[Digest]) -> Result<(), Breach<R::Error>> {
        let path = TilePath::entries(tile.index(), tile.width());
        let first = path.index() * u64::from(TILE_WIDTH);
        let all = (first, first + hashes.len() as u64 - 1);
        let bytes = self
            .reader
            .read(&path)
            .map_err(|cause| Breach::Unreadable {
                path,
                entries: all,
                cause,
            })?;
        let mut bundle = EntryBundle::new(&bytes);
        let found: Vec<Digest> = bundle.by_ref().take(hashes.len()).map(leaf_hash).collect();
        for ((index, expected), found) in (first..).zip(hashes).zip(&found) {
            if expected != found {
                let belongs = hashes.iter().position(|hash| hash == found);
                return Err(Breach::Entry {
                    path,
                    index,
                    belongs_at: belongs.map(|at| first + at as u64),
                });
            }
        }
        if found.len() < hashes.len() || !bundle.is_whole() {
            return Err(Breach::Bundle {
                path,
                entries: all,
                whole: found.len(),
            });
        }
        self.done.entries += hashes.len() as u64;
        Ok(())
    }

    fn hashes(&mut self, path: TilePath, level: u8) -> Result<Vec<Digest>, Breach<R::Error>> {
        self.done.tiles += 1;
        let entries = self.below(&path, level);
        read_hashes(self.reader, path).map_err(|error| match error {
            TileError::Length {
                path,
                bytes,
                expected,
            } => Breach::Length {
                path,
                entries,
                bytes,
                expected,
            },
            TileError::Read { path, cause } => Breach::Unreadable {
                path,
                entries,
                cause,
            },
            // Every tile that is asked for is in the tree.
            TileError::OutOfTree { .. } => Breach::Length {
                path,
                entries,
                bytes: 0,
                expected: usize::from(path.width()) * HASH_BYTES,
            },
        })
    }

    /// The first and the last entry below a tile.
    fn below(&self, path: &TilePath, level: u8) -> (u64, u64) {
        let shift = 8 * u32::from(level);
        let first = (path.index() * u64::from(TILE_WIDTH)) << shift;
        let end = first + (u64::from(path.width()) << shift);
        (first, end.min(self.size).saturating_sub(1))
    }
}
