//! The bytes of a spool's files. Numbers stand in little-endian order.
//!
//! ```text
//! segment:  magic 8 · spool 16 · number 8 · first index 8 · check 16 · zeros 8 · frames… · zeros
//! frame:    magic 4 · records 4 · bytes 4 · zeros 4 · first index 8 · check 16 · records · zeros to 8
//! record:   bytes of the entry 4 · salt 32 · entry
//! ```
//! A frame is what one synchronisation made durable; only the last one can be torn. A frame without
//! records is a mark: it is written after the frame before it was made durable, and says so.

use std::ops::Range;

/// Bytes of a segment's head.
pub(crate) const HEAD_BYTES: usize = 64;
/// Bytes of a frame's head.
pub(crate) const FRAME_HEAD_BYTES: usize = 40;
/// Bytes of a salt.
pub(crate) const SALT_BYTES: usize = 32;
/// Bytes before an entry.
pub(crate) const RECORD_HEAD_BYTES: usize = 4 + SALT_BYTES;

const SEGMENT_MAGIC: [u8; 8] = *b"GVSPOOL1";
const FRAME_MAGIC: [u8; 4] = *b"GVFR";
const CHECK_BYTES: usize = 16;

/// The head of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// The spool that it belongs to.
    pub(crate) spool: [u8; 16],
    /// Its number: one more than the segment before.
    pub(crate) number: u64,
    /// The index of its first entry.
    pub(crate) first: u64,
}

fn check(parts: &[&[u8]]) -> [u8; CHECK_BYTES] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&hasher.finalize().as_bytes()[..CHECK_BYTES]);
    check
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    four.try_into().ok().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..at + 8)?;
    eight.try_into().ok().map(u64::from_le_bytes)
}

impl Head {
    pub(crate) fn to_bytes(self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..8].copy_from_slice(&SEGMENT_MAGIC);
        bytes[8..24].copy_from_slice(&self.spool);
        bytes[24..32].copy_from_slice(&self.number.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.first.to_le_bytes());
        let sum = check(&[&bytes[..40]]);
        bytes[40..56].copy_from_slice(&sum);
        bytes
    }

    /// The head that bytes are, when they are one.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let head = Self {
            spool: bytes.get(8..24)?.try_into().ok()?,
            number: u64_at(bytes, 24)?,
            first: u64_at(bytes, 32)?,
        };
        (bytes.get(..HEAD_BYTES)? == head.to_bytes()).then_some(head)
    }
}

/// Collects records into the bytes of one frame.
#[derive(Debug)]
pub(crate) struct FrameWriter {
    bytes: Vec<u8>,
    records: u32,
}

impl FrameWriter {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![0; FRAME_HEAD_BYTES],
            records: 0,
        }
    }

    pub(crate) fn push(&mut self, salt: &[u8; SALT_BYTES], entry: &[u8]) {
        self.bytes
            .extend_from_slice(&(entry.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(salt);
        self.bytes.extend_from_slice(entry);
        self.records += 1;
    }

    pub(crate) fn records(&self) -> u32 {
        self.records
    }

    /// Bytes so far, head included.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The frame, of a segment and from an index on.
    pub(crate) fn finish(mut self, segment: &Head, first: u64) -> Vec<u8> {
        let payload = self.bytes.len() - FRAME_HEAD_BYTES;
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.bytes[..4].copy_from_slice(&FRAME_MAGIC);
        self.bytes[4..8].copy_from_slice(&self.records.to_le_bytes());
        self.bytes[8..12].copy_from_slice(&(payload as u32).to_le_bytes());
        self.bytes[16..24].copy_from_slice(&first.to_le_bytes());
        let sum = frame_check(segment, &self.bytes);
        self.bytes[24..40].copy_from_slice(&sum);
        self.bytes
    }
}

fn frame_check(segment: &Head, frame: &[u8]) -> [u8; CHECK_BYTES] {
    let (head, payload) = frame.split_at(FRAME_HEAD_BYTES);
    check(&[
        &segment.spool,
        &segment.number.to_le_bytes(),
        &head[..24],
        payload,
    ])
}

/// What the head of a frame says; nothing is checked but that it can be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHead {
    pub(crate) records: u32,
    pub(crate) first: u64,
    /// Bytes of the whole frame, zeros at its end included.
    pub(crate) bytes: usize,
}

impl FrameHead {
    /// The head at the beginning of `bytes` of a frame that fits in `room` bytes.
    pub(crate) fn read(bytes: &[u8], room: u64) -> Option<Self> {
        if bytes.get(..4)? != FRAME_MAGIC || u32_at(bytes, 12)? != 0 {
            return None;
        }
        let payload = u32_at(bytes, 8)? as usize;
        let whole = (FRAME_HEAD_BYTES + payload).next_multiple_of(8);
        if whole as u64 > room {
            return None;
        }
        Some(Self {
            records: u32_at(bytes, 4)?,
            first: u64_at(bytes, 16)?,
            bytes: whole,
        })
    }

    /// Whether the whole frame is as it was written.
    pub(crate) fn is_sound(&self, segment: &Head, frame: &[u8]) -> bool {
        frame.len() == self.bytes
            && frame[24..40] == frame_check(segment, frame)
            && records(frame).len() == self.records as usize
    }
}

/// Where the salt and the entry of each record of a frame stand. Fewer than its head says when the
/// lengths don't fit.
pub(crate) fn records(frame: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    let payload = u32_at(frame, 8).unwrap_or(0) as usize;
    let end = (FRAME_HEAD_BYTES + payload).min(frame.len());
    let mut found = Vec::new();
    let mut at = FRAME_HEAD_BYTES;
    while at + RECORD_HEAD_BYTES <= end {
        let length = u32_at(frame, at).unwrap_or(0) as usize;
        let salt = at + 4..at + RECORD_HEAD_BYTES;
        let entry = salt.end..salt.end + length;
        if entry.end > end {
            break;
        }
        at = entry.end;
        found.push((salt, entry));
    }
    if at == end { found } else { Vec::new() }
}
