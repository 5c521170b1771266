//! Known values, a naive tree beside the real one, attacks by name, properties.

mod audit;
mod notes;
mod texts;
mod trees;

use std::collections::HashMap;

use crate::{Appender, Digest, TilePath};

/// A log in memory: what a folder of tiles holds.
#[derive(Debug, Default, Clone)]
pub(super) struct Shelf {
    pub(super) tiles: HashMap<String, Vec<u8>>,
    pub(super) size: u64,
    pub(super) roots: Vec<Digest>,
}

impl Shelf {
    /// A log of the entries, added in batches of `batch`.
    pub(super) fn of(entries: &[Vec<u8>], batch: usize) -> Self {
        let mut shelf = Self::default();
        let mut appender = Appender::new();
        shelf.roots.push(appender.root());
        for batch in entries.chunks(batch.max(1)) {
            let added = appender.append(batch.iter().map(Vec::as_slice)).unwrap();
            for (path, bytes) in added.tiles {
                let old = shelf.tiles.insert(path.to_string(), bytes);
                assert_eq!(old, None, "{path} is written once");
            }
            shelf.size = added.size;
            shelf.roots.push(added.root);
        }
        shelf
    }

    pub(super) fn root(&self) -> Digest {
        *self.roots.last().unwrap()
    }

    /// A tile; of a partial one that was never written, what a wider one begins with.
    pub(super) fn tile(&self, path: &TilePath) -> Result<Vec<u8>, String> {
        let width = usize::from(path.width());
        let wider = (path.width()..=256).filter_map(|width| {
            let path = TilePath::new(path.kind(), path.index(), width)?;
            self.tiles.get(&path.to_string())
        });
        let bytes = wider.into_iter().next().ok_or("absent")?;
        Ok(match path.kind() {
            crate::TileKind::Hashes(_) => bytes[..width * 32].to_vec(),
            crate::TileKind::Entries => {
                let entries = crate::EntryBundle::new(bytes).take(width);
                let mut cut = Vec::new();
                entries.for_each(|entry| crate::push_entry(&mut cut, entry).unwrap());
                cut
            }
        })
    }
}

/// Entries that differ, also in length.
pub(super) fn entries(count: usize) -> Vec<Vec<u8>> {
    (0..count)
        .map(|at| format!("entry {at}").into_bytes().repeat(1 + at % 3))
        .collect()
}
