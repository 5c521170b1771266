//! The journal's seal: each entry of the journal is an entry of the log `journal`.
//!
//! It doesn't handle entries as a subscriber does, in the transaction that moves a cursor: on
//! `SQLite` that transaction would hold the one writer while tiles go to the disk or over the
//! network, and every change of the platform would wait. The log itself is the cursor. Numbers of
//! the journal have no gaps, so entry number `n` stands at index `n - 1`, and the size of the log
//! tells what comes next; nothing is sealed twice, whatever stops when.
//!
//! There is no spool either: the journal is durable in the database. Salts are computed from a
//! secret, so that every process makes the same log.

use std::time::Duration;

use aws_lc_rs::hmac;
use jiff::SignedDuration;
use kit_db::Db;
use kit_files::Files;
use kit_journal::{Entry, Journal};
use kit_time::Source;
use tokio::sync::RwLock;
use uuid::Uuid;

use crate::keys::{keys, lease, release, state};
use crate::spool::sealed_entry;
use crate::{LedgerError, Tree};

/// The name of the journal's log in the database.
pub const JOURNAL_LOG: &str = "journal";
const LOG: &str = JOURNAL_LOG;
/// Where it stands in the storage of files.
const PREFIX: &str = "log/journal";
/// Entries that are read and sealed at once.
const BATCH: u32 = 1_000;
/// How long a process may seal without asking again.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Entries sealed before the lease is asked for again.
const BATCHES_PER_LEASE: usize = 20;

/// The seal of the journal of one database.
#[derive(Debug)]
pub struct JournalSeal {
    db: Db,
    files: Files,
    source: Source,
    origin: String,
    holder: Uuid,
    tree: RwLock<Option<Opened>>,
}

/// The log, and how many keys there were when it was opened.
#[derive(Debug)]
struct Opened {
    tree: Tree,
    keys: (i64, i64),
}

impl JournalSeal {
    /// A seal whose log is called `origin` if it isn't there yet, such as
    /// `gouvernail.example/log/journal`.
    pub fn new(db: Db, files: Files, source: Source, origin: &str) -> Self {
        Self {
            holder: source.new_id(),
            db,
            files,
            source,
            origin: origin.to_owned(),
            tree: RwLock::default(),
        }
    }

    /// The log, opened when it is first asked for.
    pub async fn tree(&self) -> Result<Tree, LedgerError> {
        if let Some(opened) = &*self.tree.read().await {
            return Ok(opened.tree.clone());
        }
        let mut kept = self.tree.write().await;
        if let Some(opened) = &*kept {
            return Ok(opened.tree.clone());
        }
        // Read first: a key that is made in between is seen the next time.
        let now = state(&self.db, LOG).await?;
        let signing = keys(&self.db, &self.source, LOG, &self.origin).await?;
        let tree = Tree::open(self.files.clone(), PREFIX, signing).await?;
        *kept = Some(Opened {
            tree: tree.clone(),
            keys: now,
        });
        Ok(tree)
    }

    /// Opens the log anew at the next use when another process changed its keys.
    async fn see_keys(&self) -> Result<(), LedgerError> {
        let opened = self.tree.read().await.as_ref().map(|opened| opened.keys);
        if let Some(known) = opened
            && state(&self.db, LOG).await? != known
        {
            self.reopen().await;
        }
        Ok(())
    }

    /// Opens the log anew at the next use: its keys have changed.
    pub async fn reopen(&self) {
        *self.tree.write().await = None;
    }

    /// Seals the entries that aren't yet; gives how many. When another process holds the lease,
    /// none.
    pub async fn run_once(&self) -> Result<u64, LedgerError> {
        self.see_keys().await?;
        let tree = self.tree().await?;
        let written = Journal::head(&self.db).await? as u64;
        // Looking must not write when there is nothing to do.
        if written == tree.size() {
            return Ok(0);
        }
        let size = tree.refresh().await?;
        // Others may have written and sealed since the first look.
        let written = Journal::head(&self.db).await? as u64;
        if written < size {
            return Err(LedgerError::Log {
                log: LOG.to_owned(),
                what: format!(
                    "it holds {size} entries and the journal {written}: an older copy of the \
                     database was put back"
                ),
            });
        }
        if written == size {
            return Ok(0);
        }
        let mut sealed = 0;
        loop {
            let now = self.source.now();
            if !lease(&self.db, LOG, self.holder, now, LEASE).await? {
                return Ok(sealed);
            }
            let mut size = tree.refresh().await?;
            let begun = size;
            for _ in 0..BATCHES_PER_LEASE {
                let entries = Journal::after(&self.db, size as i64, BATCH).await?;
                if entries.is_empty() {
                    break;
                }
                let leaves: Result<Vec<_>, _> = (size + 1..)
                    .zip(&entries)
                    .map(|(number, entry)| leaf(&tree, number, entry))
                    .collect();
                size = tree.seal(size, &leaves?).await?;
            }
            sealed += size - begun;
            if size == begun {
                release(&self.db, LOG, self.holder, self.source.now()).await?;
                return Ok(sealed);
            }
        }
    }

    /// What an entry of the journal was salted with: whoever is shown the entry can check its leaf.
    pub async fn salt(&self, number: u64) -> Result<[u8; 32], LedgerError> {
        Ok(salt(&self.tree().await?.keys().salt, number))
    }

    /// Seals what comes, looking every `pause`, until the task is dropped. A failure is told once,
    /// and tried again.
    pub async fn follow(&self, pause: Duration) {
        let mut told = String::new();
        loop {
            match self.run_once().await {
                Ok(_) => told.clear(),
                Err(error) if error.to_string() == told => {}
                Err(error) => {
                    let cause: &dyn std::error::Error = &error;
                    tracing::warn!(error = cause, "journal.seal.fail");
                    told = error.to_string();
                }
            }
            tokio::time::sleep(pause).await;
        }
    }
}

/// `HMAC-SHA-256(secret, number)`: without the secret nobody can try what an entry may have been.
fn salt(secret: &[u8; 32], number: u64) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, &number.to_be_bytes());
    let mut salt = [0; 32];
    salt.copy_from_slice(tag.as_ref());
    salt
}

/// What stands in the log for an entry of the journal.
fn leaf(tree: &Tree, number: u64, entry: &Entry) -> Result<[u8; 32], LedgerError> {
    if entry.seq as u64 != number {
        return Err(LedgerError::Log {
            log: LOG.to_owned(),
            what: format!("entry {number} of the journal is missing"),
        });
    }
    let salt = salt(&tree.keys().salt, number);
    Ok(sealed_entry(&salt, &entry.canonical_bytes()))
}
