//! The spool: where an entry is durable before it is acknowledged, and where rows are read back.
//!
//! A folder of segments of 8 MiB that are filled with zeros before they are used. One thread writes:
//! what waits while the disk synchronises goes into the next frame, so that one synchronisation
//! serves many.

mod frame;
mod medium;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use kit_time::Source;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use frame::{RECORD_HEAD_BYTES, SALT_BYTES, records};
use medium::{Disk, Medium, sync_folder};
use segment::{Found, Reader, SEGMENT_BYTES, Segment, number_of};
use writer::{Ask, Writer};

use crate::LedgerError;

/// Longest entry, in bytes.
pub const ENTRY_BYTES_MAX: usize = 64 * 1024;
/// Most entries that one call appends.
pub const APPENDED_MAX: usize = 1_024;
/// Most bytes of them, with what stands before each in the spool.
pub const APPENDED_BYTES_MAX: usize = 1 << 20;
/// Most rows that one reading gives.
pub const ROWS_MAX: usize = 10_000;
/// Most bytes of entries that one reading gives; the first row always comes.
const READ_BYTES_MAX: usize = 4 << 20;
/// Bytes of entries that may wait to be written; further ones wait outside.
const WAITING_BYTES_MAX: u32 = 16 << 20;
/// Entries that may wait to be written.
const WAITING_MAX: usize = 8_192;

/// An entry, as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its place in the log, from 0.
    pub index: u64,
    /// What its leaf was salted with.
    pub salt: [u8; SALT_BYTES],
    /// The entry.
    pub entry: Bytes,
}

/// What stands in the log for an entry: `SHA-256(salt || entry)`.
pub fn sealed_entry(salt: &[u8; SALT_BYTES], entry: &[u8]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(salt);
    context.update(entry);
    let mut sealed = [0; 32];
    sealed.copy_from_slice(context.finish().as_ref());
    sealed
}

/// What the writer and the readers share.
#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    segments: Mutex<Segments>,
    /// Entries that are durable: the index of the next one.
    durable: watch::Sender<u64>,
    /// Read while files are read, written while files are erased.
    erasing: RwLock<()>,
}

#[derive(Debug)]
struct Segments {
    all: Vec<Segment>,
    /// Where the last reading ended: readers mostly go on from there.
    hint: Option<Place>,
}

/// A place between two frames.
#[derive(Debug, Clone, Copy)]
struct Place {
    number: u64,
    offset: u64,
    index: u64,
}

impl Shared {
    fn segments(&self) -> MutexGuard<'_, Segments> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A spool that is open: no other process has it.
#[derive(Debug)]
pub(crate) struct Spool {
    shared: Arc<Shared>,
    asks: mpsc::Sender<Ask>,
    room: Arc<Semaphore>,
    id: [u8; 16],
    thread: Option<std::thread::JoinHandle<()>>,
    /// Held while it is open.
    _lock: File,
}

/// How a spool is opened.
#[derive(Debug, Clone)]
pub(crate) struct SpoolOptions {
    pub(crate) folder: PathBuf,
    /// Most bytes that its files take.
    pub(crate) bytes_max: u64,
    /// Entries that the log has sealed: the spool must go on from there or hold what follows.
    pub(crate) sealed: u64,
    /// Whether an empty spool may go on a log that another one began.
    pub(crate) may_begin_late: bool,
}

impl Spool {
    /// Opens the spool, finds the last durable entry, and starts its writer.
    pub(crate) fn open(options: &SpoolOptions, source: Source) -> Result<Self, LedgerError> {
        Self::open_on(options, source, Arc::new(Disk))
    }

    fn open_on(
        options: &SpoolOptions,
        source: Source,
        medium: Arc<dyn Medium>,
    ) -> Result<Self, LedgerError> {
        let folder = &options.folder;
        let lock = take(folder)?;
        let numbers = list(folder)?;
        let mut all = Vec::new();
        for number in numbers {
            let reader = Reader::open(folder, number)?;
            let segment = Segment {
                head: *reader.head(),
                start: frame::HEAD_BYTES as u64,
            };
            follows(&reader, all.last(), &segment)?;
            all.push(segment);
        }
        let id = match all.first() {
            Some(first) => first.head.spool,
            None => source.random(),
        };
        let end = recover(folder, &all, options.sealed, medium.as_ref())?;
        let next = end.map_or(options.sealed, |end| end.next);
        if end.is_none() && options.sealed > 0 && !options.may_begin_late {
            return Err(LedgerError::Damaged {
                path: folder.clone(),
                offset: 0,
                index: 0,
                what: "the spool is empty and the log isn't",
            });
        }
        let shared = Arc::new(Shared {
            folder: folder.clone(),
            segments: Mutex::new(Segments { all, hint: None }),
            durable: watch::Sender::new(next),
            erasing: RwLock::new(()),
        });
        let (asks, asked) = mpsc::channel(WAITING_MAX);
        let writer = Writer::new(shared.clone(), medium, source, id, options.bytes_max, end)?;
        let thread = std::thread::Builder::new()
            .name("ledger-spool".to_owned())
            .spawn(move || writer.run(asked))
            .map_err(LedgerError::spool(folder))?;
        Ok(Self {
            shared,
            asks,
            room: Arc::new(Semaphore::new(WAITING_BYTES_MAX as usize)),
            id,
            thread: Some(thread),
            _lock: lock,
        })
    }

    /// The id of the spool: 16 random bytes, drawn when it was made.
    pub(crate) fn id(&self) -> [u8; 16] {
        self.id
    }

    /// Keeps entries, one behind the other, and gives the index of the first once all are on the disk.
    pub(crate) async fn append_all(&self, entries: Vec<Bytes>) -> Result<u64, LedgerError> {
        if let Some(entry) = entries.iter().find(|entry| entry.len() > ENTRY_BYTES_MAX) {
            return Err(LedgerError::EntryTooLong {
                bytes: entry.len(),
                bytes_max: ENTRY_BYTES_MAX,
            });
        }
        if entries.is_empty() {
            return Ok(*self.shared.durable.borrow());
        }
        let bytes = entries.iter().map(|entry| entry.len() + RECORD_HEAD_BYTES);
        let bytes = bytes.sum::<usize>();
        if entries.len() > APPENDED_MAX || bytes > APPENDED_BYTES_MAX {
            return Err(LedgerError::TooManyEntries {
                entries: entries.len(),
                entries_max: APPENDED_MAX,
                bytes,
                bytes_max: APPENDED_BYTES_MAX,
            });
        }
        let room = self.room.clone().acquire_many_owned(bytes as u32).await;
        let room = room.map_err(|_| LedgerError::Closed)?;
        let (answer, answered) = oneshot::channel();
        let ask = Ask::Append {
            entries,
            room,
            answer,
        };
        self.asks.send(ask).await.map_err(|_| LedgerError::Closed)?;
        answered.await.map_err(|_| LedgerError::Closed)?
    }

    /// Entries that are durable, as they grow.
    pub(crate) fn durable(&self) -> watch::Receiver<u64> {
        self.shared.durable.subscribe()
    }

    /// The index of the first entry that is still there.
    pub(crate) fn first(&self) -> u64 {
        let segments = self.shared.segments();
        let first = segments.all.first().map(|segment| segment.head.first);
        first.unwrap_or_else(|| *self.shared.durable.borrow())
    }

    /// Erases the entries before `before`, which must be sealed.
    pub(crate) async fn forget(&self, before: u64) -> Result<(), LedgerError> {
        let (answer, answered) = oneshot::channel();
        let ask = Ask::Forget { before, answer };
        self.asks.send(ask).await.map_err(|_| LedgerError::Closed)?;
        answered.await.map_err(|_| LedgerError::Closed)?
    }

    /// Rows from an index on, at most `limit`. Blocks on the disk.
    pub(crate) fn read(&self, from: u64, limit: usize) -> Result<Vec<Row>, LedgerError> {
        let mut rows = Vec::new();
        let mut bytes = 0;
        self.visit(from, limit.min(ROWS_MAX), |index, salt, entry| {
            bytes += entry.len();
            if bytes > READ_BYTES_MAX && !rows.is_empty() {
                return false;
            }
            rows.push(Row {
                index,
                salt: *salt,
                entry: Bytes::copy_from_slice(entry),
            });
            true
        })?;
        Ok(rows)
    }

    /// What stands in the log for the entries from an index on, at most `limit`. Blocks on the disk.
    pub(crate) fn sealed_entries(
        &self,
        from: u64,
        limit: usize,
    ) -> Result<Vec<[u8; 32]>, LedgerError> {
        let mut sealed = Vec::new();
        self.visit(from, limit, |_, salt, entry| {
            sealed.push(sealed_entry(salt, entry));
            true
        })?;
        Ok(sealed)
    }

    /// Shows durable entries one after the other until there are `limit` or the visitor says so.
    fn visit(
        &self,
        from: u64,
        limit: usize,
        mut visitor: impl FnMut(u64, &[u8; SALT_BYTES], &[u8]) -> bool,
    ) -> Result<(), LedgerError> {
        let _reading = self.shared.erasing.read();
        let durable = *self.shared.durable.borrow();
        let end = durable.min(from.saturating_add(limit as u64));
        let mut next = from;
        while next < end {
            let (mut place, cap) = self.place_of(next)?;
            let mut reader = Reader::open(&self.shared.folder, place.number)?;
            while next < end.min(cap) {
                let found = reader.frame_head(place.offset)?;
                let found = found.filter(|found| found.head.first == place.index);
                let Some(found) = found else {
                    let what = "a frame that was acknowledged";
                    return Err(reader.damaged(place.offset, place.index, what));
                };
                let after = place.index + u64::from(found.head.records);
                if after > next || found.head.records == 0 {
                    next = match visit_frame(&mut reader, &found, next..end.min(cap), &mut visitor)?
                    {
                        Visited::Until(next) => next,
                        Visited::Enough => return Ok(()),
                    };
                }
                if after > next {
                    break;
                }
                place.offset += found.head.bytes as u64;
                place.index = after;
            }
            self.shared.segments().hint = Some(place);
        }
        Ok(())
    }

    /// Where to begin to look for an entry, and the index at which its segment ends.
    fn place_of(&self, index: u64) -> Result<(Place, u64), LedgerError> {
        let segments = self.shared.segments();
        let first = segments.all.first().map_or(0, |one| one.head.first);
        // Of segments that begin at the same entry, the last one holds it.
        let after = segments
            .all
            .partition_point(|segment| segment.head.first <= index);
        let Some(segment) = after.checked_sub(1).map(|at| segments.all[at]) else {
            return Err(LedgerError::Erased { first });
        };
        let cap = segments
            .all
            .get(after)
            .map_or(u64::MAX, |one| one.head.first);
        let hint = segments
            .hint
            .filter(|hint| hint.number == segment.head.number && hint.index <= index);
        let place = hint.unwrap_or(Place {
            number: segment.head.number,
            offset: segment.start,
            index: segment.head.first,
        });
        Ok((place, cap))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // The writer ends when nobody can ask it any more; the lock goes after it.
        let (asks, _) = mpsc::channel(1);
        drop(std::mem::replace(&mut self.asks, asks));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

enum Visited {
    /// The index of the next entry.
    Until(u64),
    /// The visitor has had enough.
    Enough,
}

fn visit_frame(
    reader: &mut Reader,
    found: &Found,
    wanted: std::ops::Range<u64>,
    visitor: &mut impl FnMut(u64, &[u8; SALT_BYTES], &[u8]) -> bool,
) -> Result<Visited, LedgerError> {
    let (offset, first) = (found.offset, found.head.first);
    let mut next = wanted.start;
    if let Some(frame) = reader.frame(found)? {
        for (index, (salt, entry)) in (first..).zip(records(frame)) {
            if wanted.contains(&index)
                && let Some(salt) = frame[salt].first_chunk()
            {
                if !visitor(index, salt, &frame[entry]) {
                    return Ok(Visited::Enough);
                }
                next = index + 1;
            }
        }
        return Ok(Visited::Until(next));
    }
    Err(reader.damaged(offset, first, "a frame that was acknowledged"))
}

/// Makes the folder when it is absent and locks it.
fn take(folder: &Path) -> Result<File, LedgerError> {
    let make = || {
        let mut builder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
        File::open(folder)
    };
    let file = make().map_err(LedgerError::spool(folder))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(LedgerError::InUse {
            path: folder.to_owned(),
        }),
        Err(std::fs::TryLockError::Error(error)) => Err(LedgerError::spool(folder)(error)),
    }
}

/// The numbers of the segments in their order; what was never finished is removed.
fn list(folder: &Path) -> Result<Vec<u64>, LedgerError> {
    let read = || {
        let mut numbers = Vec::new();
        for one in std::fs::read_dir(folder)? {
            let one = one?;
            let name = one.file_name();
            let name = name.to_string_lossy();
            if let Some(number) = number_of(&name) {
                numbers.push(number);
            } else if name.ends_with(".new") {
                std::fs::remove_file(one.path())?;
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    };
    read().map_err(LedgerError::spool(folder))
}

/// Whether a segment goes on where the one before it stands.
fn follows(
    reader: &Reader,
    before: Option<&Segment>,
    segment: &Segment,
) -> Result<(), LedgerError> {
    let Some(before) = before.map(|before| before.head) else {
        return Ok(());
    };
    let head = segment.head;
    let what = if head.spool != before.spool {
        "a file of another spool"
    } else if head.number != before.number + 1 {
        "the file before it is missing"
    } else if head.first < before.first {
        "the file stands in another place than it was written for"
    } else {
        return Ok(());
    };
    Err(reader.damaged(0, head.first, what))
}

/// Checks all that the log hasn't sealed yet, and finds the end. What was being written when the
/// process or the machine stopped is removed: nobody was told that it is kept.
fn recover(
    folder: &Path,
    all: &[Segment],
    sealed: u64,
    medium: &dyn Medium,
) -> Result<Option<segment::End>, LedgerError> {
    let Some(last) = all.last() else {
        return Ok(None);
    };
    let from = all.partition_point(|segment| segment.head.first <= sealed);
    let mut end = None;
    for (at, segment) in all.iter().enumerate().skip(from.saturating_sub(1)) {
        let mut reader = Reader::open(folder, segment.head.number)?;
        let found = reader.end(segment.start, segment.head.first)?;
        if let Some(next) = all.get(at + 1)
            && found.next < next.head.first
        {
            let what = "entries before the next file are missing";
            return Err(reader.damaged(found.offset, found.next, what));
        }
        end = Some(found);
    }
    let mut end = end.unwrap_or(segment::End {
        offset: last.start,
        next: last.head.first,
        is_torn: false,
    });
    let path = folder.join(segment::file_name(last.head.number));
    if end.next < sealed {
        return Err(LedgerError::Damaged {
            path,
            offset: end.offset,
            index: end.next,
            what: "entries that the log has sealed are missing",
        });
    }
    let clean = || {
        let file = File::options().read(true).write(true).open(&path)?;
        if end.is_torn {
            let zeros = vec![0; (SEGMENT_BYTES - end.offset) as usize];
            medium.write(&file, &zeros, end.offset)?;
        }
        // What is found may still be on its way to the disk.
        medium.sync(&file)?;
        sync_folder(folder)
    };
    clean().map_err(LedgerError::spool(&path))?;
    end.is_torn = false;
    Ok(Some(end))
}
