//! Bundles of entries: each entry behind its length (C2SP tlog-tiles, "Log Entries").

use crate::tile::{HASH_BYTES, TileKind, TilePath};

/// Longest entry of a bundle, in bytes.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// An entry that doesn't fit behind a length of 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry has {bytes} bytes; the limit is 65535")]
pub struct EntryTooLong {
    /// Its length, in bytes.
    pub bytes: usize,
}

/// Adds an entry to a bundle: its length in two bytes, the higher first, then its bytes.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryTooLong> {
    let length = u16::try_from(entry.len()).map_err(|_| EntryTooLong { bytes: entry.len() })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle, in order. What isn't an entry ends them with [`EntryBundle::is_whole`]
/// false.
#[derive(Debug, Clone)]
pub struct EntryBundle<'a> {
    rest: &'a [u8],
}

impl<'a> EntryBundle<'a> {
    /// The entries of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether all bytes so far were entries and nothing is left: true at the end of a sound bundle.
    pub fn is_whole(&self) -> bool {
        self.rest.is_empty()
    }

    /// Exactly `count` entries and nothing after them, or nothing.
    pub fn exactly(bytes: &'a [u8], count: usize) -> Option<Vec<&'a [u8]>> {
        let mut bundle = Self::new(bytes);
        let entries: Vec<_> = bundle.by_ref().take(count).collect();
        (entries.len() == count && bundle.is_whole()).then_some(entries)
    }
}

impl<'a> Iterator for EntryBundle<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(entry)
    }
}

impl TilePath {
    /// The bytes of this partial tile, of those of the full one in its place: a log may remove
    /// partial tiles once the full one is there. Nothing when `full` is too short.
    pub fn cut(&self, full: &[u8]) -> Option<Vec<u8>> {
        let width = usize::from(self.width());
        if matches!(self.kind(), TileKind::Hashes(_)) {
            return full.get(..width * HASH_BYTES).map(<[u8]>::to_vec);
        }
        let mut bundle = EntryBundle::new(full);
        let found = bundle.by_ref().take(width).count();
        let bytes = full.len() - bundle.rest.len();
        (found == width).then(|| full[..bytes].to_vec())
    }
}
