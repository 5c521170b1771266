//! The one thread that writes a spool.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use kit_time::Source;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::Shared;
use super::frame::{FRAME_HEAD_BYTES, FrameWriter, HEAD_BYTES, Head, records};
use super::medium::{Medium, sync_folder};
use super::segment::{End, Reader, SEGMENT_BYTES, Segment, file_name};
use crate::LedgerError;

/// Bytes at which a frame is full.
const FRAME_BYTES_MAX: usize = 2 << 20;
/// Records at which a frame is full.
const FRAME_RECORDS_MAX: u32 = 4_096;

/// What the writer is asked.
pub(super) enum Ask {
    Append {
        entries: Vec<Bytes>,
        room: OwnedSemaphorePermit,
        answer: oneshot::Sender<Result<u64, LedgerError>>,
    },
    Forget {
        before: u64,
        answer: oneshot::Sender<Result<(), LedgerError>>,
    },
}

/// Who waits, and for how many entries.
type Waiting = Vec<(oneshot::Sender<Result<u64, LedgerError>>, u64)>;

/// The segment that is being written.
struct Active {
    head: Head,
    file: File,
    offset: u64,
}

pub(super) struct Writer {
    shared: Arc<Shared>,
    medium: Arc<dyn Medium>,
    source: Source,
    spool: [u8; 16],
    bytes_max: u64,
    /// None: the next frame begins a new segment, because there is none yet or the disk failed on
    /// the last one, after which nothing can be told of what it holds.
    active: Option<Active>,
    /// The next segment's file, made while there was time.
    spare: Option<Spare>,
    next: u64,
}

/// A file of zeros that is being made, or is.
type Spare = std::thread::JoinHandle<io::Result<File>>;

impl Writer {
    pub(super) fn new(
        shared: Arc<Shared>,
        medium: Arc<dyn Medium>,
        source: Source,
        spool: [u8; 16],
        bytes_max: u64,
        end: Option<End>,
    ) -> Result<Self, LedgerError> {
        let last = shared.segments().all.last().copied();
        let active = match (last, end) {
            (Some(last), Some(end)) => {
                let path = shared.folder.join(file_name(last.head.number));
                let open = File::options().read(true).write(true).open(&path);
                Some(Active {
                    head: last.head,
                    file: open.map_err(LedgerError::spool(&path))?,
                    offset: end.offset,
                })
            }
            _ => None,
        };
        let next = *shared.durable.borrow();
        let mut writer = Self {
            shared,
            medium,
            source,
            spool,
            bytes_max,
            active,
            spare: None,
            next,
        };
        if writer.active.is_none() {
            // The first file keeps the spool's id from now on.
            writer.active = Some(writer.begin(next)?);
        }
        Ok(writer)
    }

    /// Writes until nobody can ask any more.
    pub(super) fn run(mut self, mut asked: mpsc::Receiver<Ask>) {
        let mut kept: Option<Ask> = None;
        while let Some(ask) = kept.take().or_else(|| asked.blocking_recv()) {
            match ask {
                Ask::Forget { before, answer } => {
                    let _ = answer.send(self.forget(before));
                }
                append @ Ask::Append { .. } => {
                    kept = self.group(append, &mut asked);
                    if kept.is_none() && asked.is_empty() {
                        self.mark();
                    }
                    self.prepare();
                }
            }
        }
    }

    /// Writes what waits in one frame; gives back what isn't to be appended.
    fn group(&mut self, first: Ask, asked: &mut mpsc::Receiver<Ask>) -> Option<Ask> {
        let mut frame = FrameWriter::new();
        let mut waiting: Waiting = Vec::new();
        let mut rooms = Vec::new();
        let mut ask = Some(first);
        let mut other = None;
        while let Some(one) = ask {
            match one {
                Ask::Append {
                    entries,
                    room,
                    answer,
                } => {
                    for entry in &entries {
                        frame.push(&self.source.random(), entry);
                    }
                    waiting.push((answer, entries.len() as u64));
                    rooms.push(room);
                }
                forget @ Ask::Forget { .. } => {
                    other = Some(forget);
                    break;
                }
            }
            let is_full = frame.len() >= FRAME_BYTES_MAX || frame.records() >= FRAME_RECORDS_MAX;
            ask = if is_full { None } else { asked.try_recv().ok() };
        }
        let outcome = self.write(frame);
        drop(rooms);
        let mut before = 0;
        for (answer, entries) in waiting {
            let told = outcome.as_ref().map(|first| first + before);
            before += entries;
            // Who doesn't wait any more has entries in the log all the same.
            let _ = answer.send(told.map_err(Clone::clone));
        }
        other
    }

    /// Makes a frame durable and gives the index of its first entry.
    fn write(&mut self, frame: FrameWriter) -> Result<u64, LedgerError> {
        let records = frame.records();
        let room = frame.len() as u64 + 8;
        let fits = |active: &Active| active.offset + room <= SEGMENT_BYTES;
        let active = match self.active.take().filter(fits) {
            Some(active) => active,
            None => self.begin_within(self.next)?,
        };
        let bytes = frame.finish(&active.head, self.next);
        let written = self
            .medium
            .write(&active.file, &bytes, active.offset)
            .and_then(|()| self.medium.sync(&active.file));
        if let Err(error) = written {
            // What the disk holds now is unknown: the next try begins a new file, and what stands
            // after its first index in this one counts for nothing.
            let path = self.shared.folder.join(file_name(active.head.number));
            return Err(LedgerError::spool(&path)(error));
        }
        self.active = Some(Active {
            offset: active.offset + bytes.len() as u64,
            ..active
        });
        let first = self.next;
        self.next += u64::from(records);
        self.shared.durable.send_replace(self.next);
        Ok(first)
    }

    /// Says in the file that the last frame was made durable. It needn't be durable itself: it helps
    /// to tell a frame that was damaged later from one that was being written.
    fn mark(&mut self) {
        let Some(active) = &mut self.active else {
            return;
        };
        if active.offset + FRAME_HEAD_BYTES as u64 > SEGMENT_BYTES {
            return;
        }
        let bytes = FrameWriter::new().finish(&active.head, self.next);
        if self
            .medium
            .write(&active.file, &bytes, active.offset)
            .is_ok()
        {
            active.offset += bytes.len() as u64;
        }
    }

    fn spare_path(&self) -> PathBuf {
        self.shared.folder.join("spare.new")
    }

    /// Makes the next segment's file when the one that is written is half full.
    fn prepare(&mut self) {
        let wanted = self
            .active
            .as_ref()
            .is_some_and(|active| active.offset > SEGMENT_BYTES / 2);
        if !wanted || self.spare.is_some() || self.has_no_room() {
            return;
        }
        let (medium, path) = (self.medium.clone(), self.spare_path());
        let make = move || medium.make(&path, SEGMENT_BYTES);
        let thread = std::thread::Builder::new().name("ledger-spare".to_owned());
        self.spare = thread.spawn(make).ok();
    }

    fn has_no_room(&self) -> bool {
        let segments = self.shared.segments().all.len() as u64;
        (segments + 1) * SEGMENT_BYTES > self.bytes_max
    }

    /// Begins a segment at an index, when there is room.
    fn begin_within(&mut self, first: u64) -> Result<Active, LedgerError> {
        if self.has_no_room() {
            return Err(LedgerError::Full {
                bytes_max: self.bytes_max,
            });
        }
        self.begin(first)
    }

    fn begin(&mut self, first: u64) -> Result<Active, LedgerError> {
        let last = self.shared.segments().all.last().map(|one| one.head.number);
        let head = Head {
            spool: self.spool,
            number: last.map_or(1, |number| number + 1),
            first,
        };
        let spare = self.spare_path();
        let made = match self.spare.take() {
            Some(making) => making
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("the thread that makes files ended"))),
            None => Err(io::ErrorKind::NotFound.into()),
        };
        let path = self.shared.folder.join(file_name(head.number));
        let begin = || {
            let file = made.or_else(|_| self.medium.make(&spare, SEGMENT_BYTES))?;
            self.medium.write(&file, &head.to_bytes(), 0)?;
            self.medium.sync(&file)?;
            std::fs::rename(&spare, &path)?;
            sync_folder(&self.shared.folder)?;
            Ok(file)
        };
        let file = match begin() {
            Ok(file) => file,
            Err(error) => {
                // Half a file would take the room that is missing.
                let _ = std::fs::remove_file(&spare);
                return Err(LedgerError::spool(&path)(error));
            }
        };
        self.shared.segments().all.push(Segment {
            head,
            start: HEAD_BYTES as u64,
        });
        Ok(Active {
            head,
            file,
            offset: HEAD_BYTES as u64,
        })
    }

    /// Erases what stands before an index: whole files go, the one in which it stands is written
    /// anew without them.
    fn forget(&mut self, before: u64) -> Result<(), LedgerError> {
        let before = before.min(self.next);
        self.forget_files(before)?;
        let last = self.shared.segments().all.last().map(|one| one.head.first);
        if last.is_some_and(|first| first < before) {
            // The last file is never removed: it holds the spool's id and where it goes on.
            self.active = None;
            self.active = Some(self.begin(self.next)?);
            self.forget_files(before)?;
        }
        let (first, second) = {
            let segments = self.shared.segments();
            (segments.all.first().copied(), segments.all.get(1).copied())
        };
        match (first, second) {
            (Some(first), Some(second)) if first.head.first < before => {
                self.cut(&first, before..second.head.first)
            }
            _ => Ok(()),
        }
    }

    /// Removes the files of which every entry stands before an index.
    fn forget_files(&mut self, before: u64) -> Result<(), LedgerError> {
        let shared = self.shared.clone();
        let _erasing = shared.erasing.write();
        loop {
            let path = {
                let mut segments = shared.segments();
                let second = segments.all.get(1).map(|second| second.head.first);
                if second.is_none_or(|first| first > before) {
                    return Ok(());
                }
                segments.hint = None;
                let first = segments.all.remove(0);
                shared.folder.join(file_name(first.head.number))
            };
            let removed = std::fs::remove_file(&path);
            removed
                .and_then(|()| sync_folder(&shared.folder))
                .map_err(LedgerError::spool(&path))?;
        }
    }

    /// Writes a segment anew with the entries of a range alone, and puts it in place of the old one.
    fn cut(&mut self, old: &Segment, kept: std::ops::Range<u64>) -> Result<(), LedgerError> {
        let folder = self.shared.folder.clone();
        let (path, new) = (
            folder.join(file_name(old.head.number)),
            folder.join("cut.new"),
        );
        let head = Head {
            first: kept.start,
            ..old.head
        };
        let mut reader = Reader::open(&folder, old.head.number)?;
        let fail = |error| LedgerError::spool(&new)(error);
        let file = self.medium.make(&new, SEGMENT_BYTES).map_err(fail)?;
        self.medium
            .write(&file, &head.to_bytes(), 0)
            .map_err(fail)?;
        let (mut at, mut index) = (old.start, old.head.first);
        let (mut offset, mut next) = (HEAD_BYTES as u64, kept.start);
        while index < kept.end {
            let found = reader.frame_head(at)?;
            let found = found.filter(|found| found.head.first == index);
            let mut frame = FrameWriter::new();
            let bytes = match &found {
                Some(found) => reader.frame(found)?,
                None => None,
            };
            let (Some(found), Some(bytes)) = (found, bytes) else {
                return Err(reader.damaged(at, index, "a frame that was acknowledged"));
            };
            for (index, (salt, entry)) in (index..).zip(records(bytes)) {
                if kept.contains(&index)
                    && let Some(salt) = bytes[salt].first_chunk()
                {
                    frame.push(salt, &bytes[entry]);
                }
            }
            let records = u64::from(frame.records());
            if records > 0 {
                let bytes = frame.finish(&head, next);
                self.medium.write(&file, &bytes, offset).map_err(fail)?;
                offset += bytes.len() as u64;
                next += records;
            }
            at += found.head.bytes as u64;
            index += u64::from(found.head.records);
        }
        let put = || {
            self.medium.sync(&file)?;
            std::fs::rename(&new, &path)?;
            sync_folder(&folder)
        };
        let _erasing = self.shared.erasing.write();
        put().map_err(LedgerError::spool(&path))?;
        let mut segments = self.shared.segments();
        segments.hint = None;
        if let Some(first) = segments.all.first_mut() {
            first.head = head;
        }
        Ok(())
    }
}
