//! Logs whose past can't be changed unseen, in storage: what `tracelog` computes, kept.
//!
//! - [`Ledger`]: entries that are durable before they are acknowledged, and sealed a moment later.
//!   One synchronisation of the disk serves all that wait at that moment.
//! - [`Tree`]: tiles and checkpoint of a log in [`kit_files::Files`], a folder or S3, by C2SP
//!   tlog-tiles. The head is changed by compare-and-swap: two writers can't split a log.
//! - [`JournalSeal`]: the journal of the platform as such a log.
//!
//! What stands in a log for an entry is `SHA-256(salt || entry)`: when entry and salt are erased, the
//! hash tells nothing, and every proof stays valid.

mod error;
mod journal;
mod keys;
mod ledger;
mod spool;
mod tree;
mod witnesses;

pub use error::LedgerError;
pub use journal::{JOURNAL_LOG, JournalSeal};
pub use keys::{LogKeys, MIGRATIONS, add_key, keys, retire_former_keys, statements};
pub use ledger::{Ledger, LedgerOptions};
pub use spool::{APPENDED_BYTES_MAX, APPENDED_MAX, ENTRY_BYTES_MAX, ROWS_MAX, Row, sealed_entry};
pub use tree::Tree;
pub use witnesses::{WITNESSES_MAX, add_witness, keep_cosignatures, remove_witness, witnesses};
