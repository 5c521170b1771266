//! What can go wrong with an object.

use crate::key::KeyMistake;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An operation's failure.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The key can't name an object.
    #[error("the key {key:?} can't name an object: {mistake}")]
    Key {
        /// The key, cut to its first 100 characters.
        key: String,
        /// What is wrong with it.
        mistake: KeyMistake,
    },
    /// No object has the key.
    #[error("no object has the key {key:?}")]
    Absent {
        /// The key.
        key: String,
    },
    /// Something else has the key than what was expected; it stays.
    #[error("the object {key:?} isn't what it was")]
    Changed {
        /// The key.
        key: String,
    },
    /// The object is larger than the limit; nothing was stored.
    #[error("the object {key:?} has more than {bytes_max} bytes")]
    TooLarge {
        /// The key.
        key: String,
        /// The limit, in bytes.
        bytes_max: u64,
    },
    /// What gave the bytes failed; nothing was stored.
    #[error("the bytes of {key:?} stopped coming")]
    Source {
        /// The key.
        key: String,
        /// Why.
        #[source]
        cause: Cause,
    },
    /// The storage failed.
    #[error("the storage {place} failed on {key:?}")]
    Storage {
        /// The folder or the bucket.
        place: String,
        /// The key, or the prefix of a list.
        key: String,
        /// Why.
        #[source]
        cause: Cause,
    },
    /// The storage can't be opened.
    #[error("the storage {place} can't be opened")]
    Open {
        /// The folder or the bucket.
        place: String,
        /// Why.
        #[source]
        cause: Cause,
    },
}

impl FilesError {
    /// Whether trying again later may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Storage { .. } | Self::Source { .. })
    }
}
