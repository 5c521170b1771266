//! Objects by key, in a folder by default and in S3-compatible storage when configured.
//!
//! An object is whole or absent: it becomes visible when all its bytes are stored, and a write that
//! fails or is dropped leaves what was there before. A folder is synced to the disk before a write
//! is acknowledged. Objects have a limit in bytes, which bounds what a `get` takes of memory.

mod error;
mod files;
mod key;
mod s3;

pub use error::FilesError;
pub use files::{BYTES_MAX_DEFAULT, FileEntry, Files, FolderLock, LIST_MAX, Stored, Version};
pub use key::{KEY_BYTES_MAX, KeyMistake, SEGMENT_BYTES_MAX, check_key};
pub use s3::S3;
