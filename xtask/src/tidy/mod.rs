//! The floors, the rooms and the habits of the house, checked from cargo's metadata and from text.

mod floors;
mod rooms;

use std::path::{Path, PathBuf};

use crate::root;
use crate::run::{answer, command};

/// A breach: where, and what to do about it.
pub(crate) type Breach = String;

/// A tracked file: its path from the root and its text.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// With `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) fn tidy() -> Result<(), String> {
    let sources = sources()?;
    let mut breaches = floors::breaches(&floors::read()?);
    for rule in rooms::RULES {
        breaches.extend(rule(&sources));
    }
    breaches.extend(floors::missing_from_map(&floors::read()?, &sources));
    breaches.sort();
    if breaches.is_empty() {
        println!("tidy: {} files, no breach", sources.len());
        return Ok(());
    }
    for breach in &breaches {
        println!("tidy: {breach}");
    }
    Err(format!(
        "{} breach(es) of the house's rules",
        breaches.len()
    ))
}

/// The tracked files that are text.
fn sources() -> Result<Vec<Source>, String> {
    let listed =
        answer(command("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]))
            .ok_or("git can't list the files")?;
    let read = |path: &str| {
        let text = std::fs::read_to_string(root().join(path)).ok()?;
        Some(Source {
            path: path.to_owned(),
            text,
        })
    };
    Ok(listed.lines().filter_map(read).collect())
}

/// The path without the workspace's root.
pub(crate) fn relative(path: &str) -> PathBuf {
    let path = Path::new(path);
    path.strip_prefix(root()).unwrap_or(path).to_path_buf()
}
