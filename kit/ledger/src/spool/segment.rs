//! One file of the spool, read.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::frame::{FRAME_HEAD_BYTES, FrameHead, HEAD_BYTES, Head};
use crate::LedgerError;

/// Bytes of a segment.
pub(crate) const SEGMENT_BYTES: u64 = 8 << 20;
/// Bytes that are read at a time.
const WINDOW_BYTES: usize = 256 << 10;

/// A segment and where its first entry stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) head: Head,
    /// Where its first frame begins, in bytes.
    pub(crate) start: u64,
}

/// The name of a segment's file.
pub(crate) fn file_name(number: u64) -> String {
    format!("{number:012}.spool")
}

/// The number in the name of a segment's file.
pub(crate) fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".spool")?;
    (digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// A file that is read from its beginning on, by windows.
pub(crate) struct Reader {
    pub(crate) path: PathBuf,
    file: File,
    head: Head,
    window: Vec<u8>,
    window_at: u64,
}

/// Where a frame stands and what its head says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) offset: u64,
    pub(crate) head: FrameHead,
}

/// How the frames of a segment end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// Where the next frame would begin.
    pub(crate) offset: u64,
    /// The index of the next entry.
    pub(crate) next: u64,
    /// Whether something else than zeros stands there: a frame that was being written.
    pub(crate) is_torn: bool,
}

impl Reader {
    /// Opens a segment and reads its head. A file of another length was cut.
    pub(crate) fn open(folder: &Path, number: u64) -> Result<Self, LedgerError> {
        let path = folder.join(file_name(number));
        let fail = LedgerError::spool(&path);
        let (file, bytes, length) = (|| {
            let file = File::open(&path)?;
            let length = file.metadata()?.len();
            let mut bytes = [0; HEAD_BYTES];
            if length >= HEAD_BYTES as u64 {
                file.read_exact_at(&mut bytes, 0)?;
            }
            Ok::<_, io::Error>((file, bytes, length))
        })()
        .map_err(fail)?;
        let damaged = |offset, index, what| LedgerError::Damaged {
            path: path.clone(),
            offset,
            index,
            what,
        };
        let head = Head::read(&bytes).filter(|head| head.number == number);
        let head = head.ok_or_else(|| damaged(0, 0, "the head of the file"))?;
        if length != SEGMENT_BYTES {
            let index = head.first;
            return Err(damaged(length, index, "the file was cut or made longer"));
        }
        Ok(Self {
            path,
            file,
            head,
            window: Vec::new(),
            window_at: 0,
        })
    }

    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// Bytes of the file, fewer at its end.
    fn bytes(&mut self, offset: u64, length: usize) -> Result<&[u8], LedgerError> {
        let room = SEGMENT_BYTES.saturating_sub(offset) as usize;
        let length = length.min(room);
        let in_window = offset >= self.window_at
            && offset + length as u64 <= self.window_at + self.window.len() as u64;
        if !in_window {
            self.window.resize(length.max(WINDOW_BYTES).min(room), 0);
            self.window_at = offset;
            self.file
                .read_exact_at(&mut self.window, offset)
                .map_err(LedgerError::spool(&self.path))?;
        }
        let from = (offset - self.window_at) as usize;
        Ok(&self.window[from..from + length])
    }

    /// The head of the frame at a place, when one can stand there; it isn't checked.
    pub(crate) fn frame_head(&mut self, offset: u64) -> Result<Option<Found>, LedgerError> {
        let room = SEGMENT_BYTES.saturating_sub(offset);
        let bytes = self.bytes(offset, FRAME_HEAD_BYTES)?;
        let head = FrameHead::read(bytes, room);
        Ok(head.map(|head| Found { offset, head }))
    }

    /// The bytes of a frame, when it is as it was written.
    pub(crate) fn frame(&mut self, found: &Found) -> Result<Option<&[u8]>, LedgerError> {
        let segment = self.head;
        let bytes = self.bytes(found.offset, found.head.bytes)?;
        Ok(found.head.is_sound(&segment, bytes).then_some(bytes))
    }

    /// The sound frame of which `next` is the first entry, at a place.
    fn sound_at(&mut self, offset: u64, next: u64) -> Result<Option<Found>, LedgerError> {
        let Some(found) = self
            .frame_head(offset)?
            .filter(|found| found.head.first == next)
        else {
            return Ok(None);
        };
        Ok(self.frame(&found)?.is_some().then_some(found))
    }

    /// Reads every frame from a place on, and checks it. What isn't a frame ends them; when a sound
    /// frame stands after it, an acknowledged one is damaged.
    pub(crate) fn end(&mut self, offset: u64, next: u64) -> Result<End, LedgerError> {
        let (mut offset, mut next) = (offset, next);
        while let Some(found) = self.sound_at(offset, next)? {
            offset += found.head.bytes as u64;
            next += u64::from(found.head.records);
        }
        let mut end = End {
            offset,
            next,
            is_torn: false,
        };
        let mut at = offset;
        while at + 8 <= SEGMENT_BYTES {
            let bytes = self.bytes(at, 8)?;
            if bytes != [0; 8] {
                end.is_torn = true;
                // The frame that was being written may hold anything, but nothing was written
                // after it.
                if at > offset
                    && let Some(later) = self.frame_head(at)?
                    && self.frame(&later)?.is_some()
                {
                    return Err(self.damaged(offset, next, "frames that were acknowledged"));
                }
            }
            at += 8;
        }
        Ok(end)
    }

    pub(crate) fn damaged(&self, offset: u64, index: u64, what: &'static str) -> LedgerError {
        LedgerError::Damaged {
            path: self.path.clone(),
            offset,
            index,
            what,
        }
    }
}
