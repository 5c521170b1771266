//! A log that is written to: durable at once, sealed a moment later.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use kit_files::{Files, FilesError};
use kit_time::Source;
use tokio::sync::Mutex;
use tracelog::InclusionText;

use crate::spool::{Row, Spool, SpoolOptions};
use crate::{LedgerError, LogKeys, Tree};

/// Entries that are sealed at once: at most 2 MiB of memory, and 32 full tiles.
const BATCH: usize = 16_384;

/// How a ledger is opened.
#[derive(Debug, Clone)]
pub struct LedgerOptions {
    /// Where its tiles stand in the storage of files, such as `log/traces`.
    pub prefix: String,
    /// The folder of its spool, on a disk of this machine. It is made when it is absent, for its
    /// owner alone.
    pub spool: PathBuf,
    /// Most bytes that the spool may take, in steps of 8 MiB.
    pub spool_bytes_max: u64,
    /// How long an entry waits at most for being sealed, as long as the storage keeps up.
    pub seal_every: Duration,
    /// Entries that are sealed before that when so many wait.
    pub seal_at: u64,
    /// Whether this spool goes on a log that another one wrote: only when that one is lost, with all
    /// that it had not sealed.
    pub take_over: bool,
}

impl LedgerOptions {
    /// A ledger with the usual bounds: 64 GiB of spool, sealed each second or at 16,384 entries.
    pub fn new(prefix: &str, spool: impl Into<PathBuf>) -> Self {
        Self {
            prefix: prefix.to_owned(),
            spool: spool.into(),
            spool_bytes_max: 64 << 30,
            seal_every: Duration::from_secs(1),
            seal_at: BATCH as u64,
            take_over: false,
        }
    }
}

/// A log that this process writes.
#[derive(Debug, Clone)]
pub struct Ledger(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    spool: Arc<Spool>,
    tree: Tree,
    writer: String,
    files: Files,
    options: LedgerOptions,
    /// One sealing at a time.
    sealing: Mutex<()>,
    /// Why this process writes the log no more.
    lost: OnceLock<LedgerError>,
}

impl Ledger {
    /// Opens the log and its spool, and finds out what is durable. What was acknowledged and isn't
    /// sealed is sealed by [`Ledger::seal`] or [`Ledger::keep_sealing`].
    pub async fn open(
        files: Files,
        options: LedgerOptions,
        keys: LogKeys,
        source: Source,
    ) -> Result<Self, LedgerError> {
        let tree = Tree::open(files.clone(), &options.prefix, keys).await?;
        let opened = SpoolOptions {
            folder: options.spool.clone(),
            bytes_max: options.spool_bytes_max,
            sealed: tree.size(),
            may_begin_late: options.take_over,
        };
        let spool = blocking(move || Spool::open(&opened, source)).await?;
        let writer = format!("{:032x}", u128::from_be_bytes(spool.id()));
        let ledger = Self(Arc::new(Inner {
            spool: Arc::new(spool),
            tree,
            writer,
            files,
            options,
            sealing: Mutex::new(()),
            lost: OnceLock::new(),
        }));
        ledger.own().await?;
        Ok(ledger)
    }

    /// The log's tiles and its checkpoint.
    pub fn tree(&self) -> &Tree {
        &self.0.tree
    }

    /// The name of its spool, 32 hexadecimal digits: drawn when the spool was made, so that a log whose
    /// folder was lost and begun anew is told from what it was.
    pub fn writer(&self) -> &str {
        &self.0.writer
    }

    /// Keeps an entry of at most 65,536 bytes and gives its index (from 0), once it is on the disk.
    /// An error says that it isn't kept, or that nobody can tell: whatever hangs on it must not be
    /// done. After an error the next call tries the disk again.
    pub async fn append(&self, entry: impl Into<Bytes>) -> Result<u64, LedgerError> {
        self.append_all(vec![entry.into()]).await
    }

    /// Keeps entries one behind the other, each of at most 65,536 bytes, 1,024 of them and 1 MiB in
    /// all (36 bytes stand before each); gives the index of the first once all are on the disk. None
    /// is kept, or nobody can tell, on an error, as of [`Ledger::append`].
    pub async fn append_all(&self, entries: Vec<Bytes>) -> Result<u64, LedgerError> {
        if let Some(lost) = self.0.lost.get() {
            return Err(lost.clone());
        }
        self.0.spool.append_all(entries).await
    }

    /// Entries that are durable.
    pub fn durable(&self) -> u64 {
        *self.0.spool.durable().borrow()
    }

    /// Returns when more than `entries` are durable; gives how many. Who brings rows elsewhere waits
    /// here for what comes next.
    pub async fn more_than(&self, entries: u64) -> u64 {
        let mut durable = self.0.spool.durable();
        match durable.wait_for(|durable| *durable > entries).await {
            Ok(durable) => *durable,
            // The ledger holds the other end as long as it is there.
            Err(_) => self.durable(),
        }
    }

    /// The first entry that wasn't erased.
    pub fn first(&self) -> u64 {
        self.0.spool.first()
    }

    /// Rows from an index on, in order, at most `limit` and 10,000, and some 4 MiB of entries; none
    /// when nothing is there yet. What is read is durable, sealed or not.
    pub async fn read_from(&self, index: u64, limit: usize) -> Result<Vec<Row>, LedgerError> {
        let spool = self.0.spool.clone();
        blocking(move || spool.read(index, limit)).await
    }

    /// Erases rows before an index: entries and salts. What isn't sealed stays. The log keeps their
    /// hashes, which tell nothing without the salt, and proofs stay valid.
    pub async fn forget(&self, before: u64) -> Result<(), LedgerError> {
        let sealed = self.0.tree.size();
        self.0.spool.forget(before.min(sealed)).await
    }

    /// Seals all that is durable now; gives the size of the log. When the log was given to another
    /// spool, nothing is sealed, and further entries are refused.
    pub async fn seal(&self) -> Result<u64, LedgerError> {
        let sealed = self.seal_all().await;
        if let Err(lost @ (LedgerError::OtherWriter { .. } | LedgerError::Moved { .. })) = &sealed {
            let _ = self.0.lost.set(lost.clone());
        }
        sealed
    }

    async fn seal_all(&self) -> Result<u64, LedgerError> {
        let _alone = self.0.sealing.lock().await;
        let until = self.durable();
        let mut size = self.0.tree.size();
        while size < until {
            self.own().await?;
            let limit = BATCH.min((until - size) as usize);
            let spool = self.0.spool.clone();
            let entries = blocking(move || spool.sealed_entries(size, limit)).await?;
            size = match self.0.tree.seal(size, &entries).await {
                Err(moved @ LedgerError::Moved { .. }) => self.after_move(moved).await?,
                sealed => sealed?,
            };
        }
        Ok(size)
    }

    /// The head isn't what this process wrote last. As long as the log belongs to this spool, nobody
    /// else adds to it: the change is a witness's word, a new key's signature, or a head of our own
    /// whose answer was lost on its way.
    async fn after_move(&self, moved: LedgerError) -> Result<u64, LedgerError> {
        let size = self.0.tree.refresh().await?;
        self.own().await?;
        if size > self.durable() {
            return Err(moved);
        }
        Ok(size)
    }

    /// Seals what comes, until the task is dropped. A failure is told in the log lines and tried
    /// again; entries wait in the spool meanwhile.
    pub async fn keep_sealing(self) {
        let mut durable = self.0.spool.durable();
        loop {
            if let Err(error) = self.seal().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "ledger.seal.fail");
            }
            let size = self.0.tree.size();
            let full = size.saturating_add(self.0.options.seal_at.max(1));
            let many = durable.wait_for(|durable| *durable >= full);
            let _ = tokio::time::timeout(self.0.options.seal_every, many).await;
        }
    }

    /// The proof that an entry is in the log.
    pub async fn prove_inclusion(&self, index: u64) -> Result<InclusionText, LedgerError> {
        self.0.tree.prove_inclusion(index).await
    }

    /// A log has one spool that writes it: two would give the same index to two entries.
    async fn own(&self) -> Result<(), LedgerError> {
        let key = format!("{}/writer", self.0.options.prefix);
        let (files, writer) = (&self.0.files, &self.0.writer);
        let kept = match files.find_version(&key).await? {
            Some(kept) => kept,
            None => match files.put_if_absent(&key, writer.clone()).await {
                Ok(put) => put,
                Err(FilesError::Changed { .. }) => match files.find_version(&key).await? {
                    Some(kept) => kept,
                    None => return Ok(()),
                },
                Err(error) => return Err(error.into()),
            },
        };
        if kept.bytes() == writer.as_bytes() {
            return Ok(());
        }
        // It is taken over when it is opened, not when it is lost later.
        let is_new = self.durable() == self.0.tree.size();
        if self.0.options.take_over && is_new {
            files.put_if_unchanged(&key, writer.clone(), &kept).await?;
            return Ok(());
        }
        Err(LedgerError::OtherWriter {
            log: self.0.options.prefix.clone(),
            writer: String::from_utf8_lossy(kept.bytes()).into_owned(),
        })
    }
}

/// What waits for the disk runs beside the requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, LedgerError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(LedgerError::Closed))
}
