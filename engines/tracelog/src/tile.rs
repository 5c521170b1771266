//! Paths of tiles (C2SP tlog-tiles, "Merkle Tree" and "Log Entries").

use std::fmt;
use std::str::FromStr;

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;
/// Hashes of a full tile, and entries of a full bundle.
pub const TILE_WIDTH: u16 = 256;
/// Highest level of a tile that a path can name (0 to 63).
pub const LEVEL_MAX: u8 = 63;
/// Longest path, in bytes: seven groups of an index and a width.
const PATH_BYTES_MAX: usize = 64;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TileKind {
    /// Hashes of a level: level 0 holds hashes of leaves, each next one roots of full tiles below.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// A tile: `tile/L/N`, `tile/L/N.p/W`, `tile/entries/N` or `tile/entries/N.p/W`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    width: u16,
}

/// Why a text isn't the path of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TilePathError {
    /// Too long.
    #[error("the path has more than 64 bytes")]
    TooLong,
    /// It doesn't begin with `tile/`.
    #[error("the path doesn't begin with tile/")]
    Prefix,
    /// The level isn't 0 to 63 without zeros in front, nor `entries`.
    #[error("the level isn't a number from 0 to 63, nor `entries`")]
    Level,
    /// The index isn't groups of three digits, all but the last with an `x` in front.
    #[error("the index isn't groups of three digits, all but the last with an x in front")]
    Index,
    /// The width isn't 1 to 255 without zeros in front.
    #[error("the width isn't a number from 1 to 255")]
    Width,
}

impl TilePath {
    /// A tile by what it holds, its index and how many it holds; nothing when the level is above
    /// 63 or the width isn't 1 to 256.
    pub fn new(kind: TileKind, index: u64, width: u16) -> Option<Self> {
        let level_fits = !matches!(kind, TileKind::Hashes(level) if level > LEVEL_MAX);
        (level_fits && (1..=TILE_WIDTH).contains(&width)).then_some(Self { kind, index, width })
    }

    pub(crate) fn hashes(level: u8, index: u64, width: u16) -> Self {
        Self {
            kind: TileKind::Hashes(level.min(LEVEL_MAX)),
            index,
            width: width.clamp(1, TILE_WIDTH),
        }
    }

    pub(crate) fn entries(index: u64, width: u16) -> Self {
        Self {
            kind: TileKind::Entries,
            index,
            width: width.clamp(1, TILE_WIDTH),
        }
    }

    /// What it holds.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Its place among those of its level, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds: 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it holds fewer than 256.
    pub fn is_partial(&self) -> bool {
        self.width < TILE_WIDTH
    }

    /// The full tile at the same place, which takes the place of a partial one.
    #[must_use]
    pub fn full(&self) -> Self {
        Self {
            width: TILE_WIDTH,
            ..*self
        }
    }

    /// The folder of the partial tiles at the same place, such as `tile/0/001.p`.
    pub fn partial_folder(&self) -> String {
        format!("{}.p", self.full())
    }
}

/// How many hashes the tile of a level and an index holds in a tree of `size` leaves: 0 to 256.
pub fn hash_width(size: u64, level: u8, index: u64) -> u16 {
    let complete = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
    let before = index.saturating_mul(u64::from(TILE_WIDTH));
    complete.saturating_sub(before).min(u64::from(TILE_WIDTH)) as u16
}

/// Whether `partial` is what `full` was before it was full.
pub fn is_partial_of(partial: &TilePath, full: &TilePath) -> bool {
    partial.kind == full.kind && partial.index == full.index && partial.width < full.width
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        // 1234067 is x001/x234/067.
        let mut groups = vec![self.index % 1_000];
        let mut rest = self.index / 1_000;
        while rest > 0 {
            groups.push(rest % 1_000);
            rest /= 1_000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if self.is_partial() {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for TilePath {
    type Err = TilePathError;

    fn from_str(text: &str) -> Result<Self, TilePathError> {
        if text.len() > PATH_BYTES_MAX {
            return Err(TilePathError::TooLong);
        }
        let rest = text.strip_prefix("tile/").ok_or(TilePathError::Prefix)?;
        let (level, rest) = rest.split_once('/').ok_or(TilePathError::Level)?;
        let kind = match level {
            "entries" => TileKind::Entries,
            level => {
                let level = plain_number(level, u64::from(LEVEL_MAX));
                TileKind::Hashes(level.ok_or(TilePathError::Level)? as u8)
            }
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => {
                let width = plain_number(width, u64::from(TILE_WIDTH - 1));
                let width = width.filter(|width| *width > 0);
                (index, width.ok_or(TilePathError::Width)? as u16)
            }
            None => (rest, TILE_WIDTH),
        };
        let index = read_index(index).ok_or(TilePathError::Index)?;
        Ok(Self { kind, index, width })
    }
}

/// A number in decimal without zeros in front, at most `max`.
pub(crate) fn plain_number(text: &str, max: u64) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let zeros = text.len() > 1 && text.starts_with('0');
    if !digits || zeros {
        return None;
    }
    text.parse().ok().filter(|number| *number <= max)
}

fn read_index(text: &str) -> Option<u64> {
    let mut groups = text.split('/').peekable();
    let mut index = 0_u64;
    let mut first = true;
    while let Some(group) = groups.next() {
        let is_last = groups.peek().is_none();
        let digits = if is_last {
            group
        } else {
            group.strip_prefix('x')?
        };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // A first group of zeros would give one tile two names.
        if first && !is_last && digits == "000" {
            return None;
        }
        first = false;
        let group: u64 = digits.parse().ok()?;
        index = index.checked_mul(1_000)?.checked_add(group)?;
    }
    Some(index)
}
