//! An archive with the files of beta.gouv.fr, as a repository's download gives it: read with limits,
//! whatever it declares.

use std::io::{Cursor, Read as _};

use super::beta_gouv::FILE_BYTES_MAX;

/// Most entries of an archive.
pub const ENTRIES_MAX: usize = 20_000;
/// Most bytes of an archive once unpacked: what stops a zip bomb.
pub const UNPACKED_BYTES_MAX: u64 = 256 << 20;
/// The folders that are read, wherever they stand.
const PARTS: [&str; 3] = ["organisations", "incubators", "startups"];

/// Why an archive can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// It isn't a ZIP archive, or a damaged one.
    #[error("the archive can't be read: {0}")]
    Damaged(String),
    /// Over [`ENTRIES_MAX`].
    #[error("the archive has {0} entries; the limit is {ENTRIES_MAX}")]
    TooManyEntries(usize),
    /// Over [`UNPACKED_BYTES_MAX`].
    #[error("the archive unpacks to more than {UNPACKED_BYTES_MAX} bytes")]
    UnpacksTooLarge,
    /// Over [`FILE_BYTES_MAX`].
    #[error("{0} has more than {FILE_BYTES_MAX} bytes")]
    FileTooLarge(String),
    /// None of the folders is in it.
    #[error("the archive has no folder startups, incubators or organisations with .md files")]
    NothingToRead,
}

/// A file of the archive: part (`startups`, `incubators`, `organisations`), slug, content.
pub type ArchivedFile = (String, String, Vec<u8>);

/// The part and slug of a path such as `beta.gouv.fr-main/content/_startups/pix.md`.
fn place(path: &str) -> Option<(&'static str, &str)> {
    let mut folders = path.rsplit('/');
    let slug = folders.next()?.strip_suffix(".md")?;
    let folder = folders.next()?.trim_start_matches('_');
    let part = PARTS.iter().find(|part| **part == folder)?;
    (!slug.is_empty()).then_some((part, slug))
}

/// Reads an archive; organisations and incubators come before the start-ups that name them, each
/// part by slug, so that every machine imports in the same order.
pub fn unpack(bytes: &[u8]) -> Result<Vec<ArchivedFile>, ArchiveError> {
    let damaged = |error: &dyn std::fmt::Display| {
        ArchiveError::Damaged(error.to_string().chars().take(200).collect())
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    if archive.len() > ENTRIES_MAX {
        return Err(ArchiveError::TooManyEntries(archive.len()));
    }
    let mut left = UNPACKED_BYTES_MAX;
    let mut files = Vec::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(|error| damaged(&error))?;
        let name = entry.name().map_err(|error| damaged(&error))?.into_owned();
        let Some((part, slug)) = place(&name).filter(|_| entry.is_file()) else {
            continue;
        };
        // What the archive declares may be a lie: bytes are counted as they come.
        let mut content = Vec::new();
        let limit = FILE_BYTES_MAX as u64;
        let read = (&mut entry)
            .take(limit + 1)
            .read_to_end(&mut content)
            .map_err(|error| damaged(&error))? as u64;
        if read > limit {
            return Err(ArchiveError::FileTooLarge(name));
        }
        left = left
            .checked_sub(read)
            .ok_or(ArchiveError::UnpacksTooLarge)?;
        files.push((part.to_owned(), slug.to_owned(), content));
    }
    if files.is_empty() {
        return Err(ArchiveError::NothingToRead);
    }
    let order = |part: &str| PARTS.iter().position(|known| *known == part);
    files.sort_by(|a, b| (order(&a.0), &a.1).cmp(&(order(&b.0), &b.1)));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn files_are_found_wherever_their_folders_stand() {
        let bytes = archive(&[
            ("beta-main/content/_startups/pix.md", b"pix".to_vec()),
            ("startups/aides.md", b"aides".to_vec()),
            ("beta-main/content/_incubators/dinum.md", b"d".to_vec()),
            ("beta-main/README.md", b"no".to_vec()),
            ("beta-main/content/_authors/somebody.md", b"no".to_vec()),
            ("startups/logo.png", b"no".to_vec()),
        ]);
        let found: Vec<_> = unpack(&bytes)
            .unwrap()
            .into_iter()
            .map(|(part, slug, _)| format!("{part}/{slug}"))
            .collect();
        assert_eq!(
            found,
            ["incubators/dinum", "startups/aides", "startups/pix"]
        );
    }

    #[test]
    fn what_is_no_archive_of_start_ups_is_refused() {
        assert!(matches!(unpack(b"nothing"), Err(ArchiveError::Damaged(_))));
        let other = archive(&[("a/b.md", b"x".to_vec())]);
        assert_eq!(unpack(&other), Err(ArchiveError::NothingToRead));
        let bomb = archive(&[("startups/a.md", vec![b'x'; FILE_BYTES_MAX + 1])]);
        assert!(bomb.len() < 10_000, "it is small before it bursts");
        assert_eq!(
            unpack(&bomb),
            Err(ArchiveError::FileTooLarge("startups/a.md".into()))
        );
        let mut cut = archive(&[("startups/a.md", b"x".to_vec())]);
        cut.truncate(cut.len() - 8);
        assert!(unpack(&cut).is_err());
    }
}
