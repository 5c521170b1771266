//! The disk, as the spool needs it. A test puts one in its place that is full or broken.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Bytes that are written at a time when a file is filled with zeros.
const ZEROS: usize = 1 << 20;

/// What the spool does to the disk.
pub(crate) trait Medium: Send + Sync {
    /// Makes a file of `bytes` zeros, on the disk: what is written over them later changes no
    /// length and takes no new room, so that making it durable is one write.
    fn make(&self, path: &Path, bytes: u64) -> io::Result<File>;
    /// Writes at a place.
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Returns when all that was written is on the disk.
    fn sync(&self, file: &File) -> io::Result<()>;
}

/// The machine's disk.
#[derive(Debug)]
pub(crate) struct Disk;

impl Medium for Disk {
    fn make(&self, path: &Path, bytes: u64) -> io::Result<File> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let zeros = vec![0; ZEROS];
        let mut at = 0;
        while at < bytes {
            let some = zeros.len().min((bytes - at) as usize);
            file.write_all_at(&zeros[..some], at)?;
            at += some as u64;
        }
        file.sync_all()?;
        Ok(file)
    }

    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
}

/// Returns when the names in a folder are on the disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
