//! What can go wrong with a ledger.

use std::path::PathBuf;
use std::sync::Arc;

use kit_files::FilesError;
use tracelog::TilePath;

/// A failure. It can be told to several who wait.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LedgerError {
    /// The entry is longer than the limit; it isn't kept.
    #[error("an entry has {bytes} bytes; the limit is {bytes_max}")]
    EntryTooLong {
        /// Its length, in bytes.
        bytes: usize,
        /// The limit, in bytes.
        bytes_max: usize,
    },
    /// One call appends more than it may; nothing of it is kept.
    #[error(
        "{entries} entries of {bytes} bytes are appended at once; the limits are {entries_max} and {bytes_max}"
    )]
    TooManyEntries {
        /// How many.
        entries: usize,
        /// Most of them.
        entries_max: usize,
        /// Bytes that they take in the spool.
        bytes: usize,
        /// Most of them.
        bytes_max: usize,
    },
    /// The spool has taken all the room that it may: entries aren't kept until it has more, or until
    /// old ones are forgotten.
    #[error("the spool holds {bytes_max} bytes, all that it may")]
    Full {
        /// The limit, in bytes.
        bytes_max: u64,
    },
    /// The disk of the spool failed, or is full: what was to be kept isn't.
    #[error("{}: {cause}", path.display())]
    Spool {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        cause: Arc<std::io::Error>,
    },
    /// A file of the spool isn't what was written: entries that were acknowledged are not readable.
    #[error("{}: damaged at byte {offset}, at entry {index}: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it, in bytes.
        offset: u64,
        /// The first entry that can't be read.
        index: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Another process has the spool.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The ledger is being closed: what was to be kept isn't.
    #[error("the ledger is closed")]
    Closed,
    /// The log belongs to another spool.
    #[error(
        "the log {log} is written from another spool ({writer}); this one may take it over only \
             when that one is lost"
    )]
    OtherWriter {
        /// The log.
        log: String,
        /// The id of the spool that writes it.
        writer: String,
    },
    /// Somebody else has added to the log since it was read.
    #[error("the log {log} has been added to by somebody else")]
    Moved {
        /// The log.
        log: String,
    },
    /// The entries were erased.
    #[error("entries before {first} were erased")]
    Erased {
        /// The first one that is still there.
        first: u64,
    },
    /// The log doesn't hold what is asked for.
    #[error("the log has {size} sealed entries")]
    OutOfLog {
        /// Its sealed entries.
        size: u64,
    },
    /// The storage of tiles failed.
    #[error("{cause}")]
    Files {
        /// Why.
        #[source]
        cause: Arc<FilesError>,
    },
    /// A tile is missing.
    #[error("{path} is missing in the log {log}")]
    TileMissing {
        /// The log.
        log: String,
        /// The tile.
        path: TilePath,
    },
    /// The log's own files don't fit together.
    #[error("the log {log} is damaged: {what}")]
    Log {
        /// The log.
        log: String,
        /// What is wrong.
        what: String,
    },
    /// A cosignature is refused.
    #[error(transparent)]
    Cosignature(#[from] tracelog::CosignError),
    /// What a witness sends isn't a checkpoint of this log.
    #[error("this isn't a checkpoint of the log {log}: {what}")]
    NotOurs {
        /// The log.
        log: String,
        /// What is wrong.
        what: String,
    },
    /// The keys can't be used.
    #[error("the keys of the log {log} can't be used: {what}")]
    Keys {
        /// The log.
        log: String,
        /// What is wrong.
        what: String,
    },
    /// The database failed.
    #[error("{cause}")]
    Db {
        /// Why.
        #[source]
        cause: Arc<kit_db::DbError>,
    },
}

impl From<FilesError> for LedgerError {
    fn from(cause: FilesError) -> Self {
        Self::Files {
            cause: Arc::new(cause),
        }
    }
}

impl From<kit_db::DbError> for LedgerError {
    fn from(cause: kit_db::DbError) -> Self {
        Self::Db {
            cause: Arc::new(cause),
        }
    }
}

impl LedgerError {
    pub(crate) fn spool(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Spool {
            path,
            cause: Arc::new(cause),
        }
    }
}
