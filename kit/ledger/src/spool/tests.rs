//! The spool on a sound disk, on a full one, and on one that lies.

use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicU8, Ordering};

use super::frame::HEAD_BYTES;
use super::*;

fn source() -> Source {
    Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), 7)
}

fn options(folder: &Path, sealed: u64) -> SpoolOptions {
    SpoolOptions {
        folder: folder.to_owned(),
        bytes_max: 1 << 30,
        sealed,
        may_begin_late: false,
    }
}

fn open(folder: &Path, sealed: u64) -> Result<Spool, LedgerError> {
    Spool::open(&options(folder, sealed), source())
}

fn entry(index: u64) -> Bytes {
    format!("entry {index}").into()
}

impl Spool {
    async fn append(&self, entry: Bytes) -> Result<u64, LedgerError> {
        self.append_all(vec![entry]).await
    }
}

async fn fill(spool: &Spool, count: u64) {
    for _ in 0..count {
        let next = *spool.durable().borrow();
        assert_eq!(spool.append(entry(next)).await.unwrap(), next);
    }
}

fn entries(spool: &Spool, from: u64) -> Vec<Bytes> {
    let rows = spool.read(from, ROWS_MAX).unwrap();
    assert!(rows.iter().zip(from..).all(|(row, at)| row.index == at));
    rows.into_iter().map(|row| row.entry).collect()
}

/// The first segment's file.
fn file(folder: &Path) -> PathBuf {
    folder.join(segment::file_name(1))
}

fn change(path: &Path, offset: u64, change: impl Fn(&mut u8)) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    change(&mut byte[0]);
    file.write_all_at(&byte, offset).unwrap();
}

/// Where each frame of the first segment begins, and how many records it has.
fn frames(folder: &Path) -> Vec<(u64, u32)> {
    let mut reader = Reader::open(folder, 1).unwrap();
    let mut at = HEAD_BYTES as u64;
    let mut found = Vec::new();
    while let Some(frame) = reader.frame_head(at).unwrap() {
        found.push((at, frame.head.records));
        at += frame.head.bytes as u64;
    }
    found
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 0).unwrap();
    fill(&spool, 300).await;
    let rows = spool.read(0, 1_000).unwrap();
    drop(spool);
    let spool = open(folder.path(), 0).unwrap();
    assert_eq!(*spool.durable().borrow(), 300);
    assert_eq!(spool.read(0, 1_000).unwrap(), rows);
    fill(&spool, 1).await;
    assert_eq!(entries(&spool, 299), [entry(299), entry(300)]);
}

#[tokio::test]
async fn many_at_once_share_a_synchronisation_and_each_has_its_index() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Arc::new(open(folder.path(), 0).unwrap());
    let tasks: Vec<_> = (0..500_u64)
        .map(|n| {
            let spool = spool.clone();
            tokio::spawn(async move { (spool.append(entry(n)).await.unwrap(), n) })
        })
        .collect();
    let mut told = std::collections::BTreeMap::new();
    for task in tasks {
        let (index, n) = task.await.unwrap();
        assert_eq!(told.insert(index, entry(n)), None, "{index} was given once");
    }
    let expected: Vec<Bytes> = told.into_values().collect();
    assert_eq!(entries(&spool, 0), expected);
    let frames = frames(folder.path());
    let with_records = frames.iter().filter(|(_, records)| *records > 0).count();
    assert!(with_records < 500, "{with_records}");
}

#[tokio::test]
async fn entries_of_one_call_stand_behind_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Arc::new(open(folder.path(), 0).unwrap());
    let calls = (0..40_u64).map(|call| {
        let spool = spool.clone();
        let own: Vec<Bytes> = (0..=call).map(|at| entry(100 * call + at)).collect();
        tokio::spawn(async move { (spool.append_all(own.clone()).await.unwrap(), own) })
    });
    for (first, own) in futures_util::future::join_all(calls)
        .await
        .into_iter()
        .map(Result::unwrap)
    {
        let rows = spool.read(first, own.len()).unwrap();
        assert!(rows.iter().map(|row| &row.entry).eq(&own));
    }
    let kept = *spool.durable().borrow();
    assert_eq!(kept, (1..=40).sum::<u64>());
    assert_eq!(spool.append_all(Vec::new()).await.unwrap(), kept);
    for (many, bytes) in [
        (APPENDED_MAX + 1, 1),
        (APPENDED_BYTES_MAX / 60_000 + 1, 60_000),
    ] {
        let refused = spool.append_all(vec![vec![7; bytes].into(); many]).await;
        assert!(
            matches!(refused, Err(LedgerError::TooManyEntries { entries, .. }) if entries == many)
        );
    }
    assert_eq!(*spool.durable().borrow(), kept);
}

#[tokio::test]
async fn several_files_are_read_as_one_and_forgotten_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Arc::new(open(folder.path(), 0).unwrap());
    let large = |index: u64| Bytes::from(vec![index as u8; 60_000]);
    for from in (0..500).step_by(50) {
        let tasks = (from..from + 50).map(|_| {
            let spool = spool.clone();
            async move { spool.append(large(0)).await.unwrap() }
        });
        futures_util::future::join_all(tasks).await;
    }
    assert!(spool.shared.segments().all.len() > 3);
    let leaves = spool.sealed_entries(0, 10_000).unwrap();
    assert_eq!(leaves.len(), 500);
    spool.forget(333).await.unwrap();
    assert_eq!(spool.first(), 333);
    assert_eq!(spool.sealed_entries(333, 10_000).unwrap(), leaves[333..]);
    assert!(matches!(
        spool.read(332, 1),
        Err(LedgerError::Erased { first: 333 })
    ));
    drop(spool);
    let spool = open(folder.path(), 400).unwrap();
    assert_eq!((spool.first(), *spool.durable().borrow()), (333, 500));
    assert_eq!(spool.sealed_entries(400, 10_000).unwrap(), leaves[400..]);
    // All of it, the file that is written included.
    spool.forget(500).await.unwrap();
    assert_eq!(spool.first(), 500);
    assert_eq!(spool.append(large(1)).await.unwrap(), 500);
    drop(spool);
    assert_eq!(*open(folder.path(), 500).unwrap().durable().borrow(), 501);
}

#[tokio::test]
async fn what_is_forgotten_is_on_the_disk_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 0).unwrap();
    spool.append("a name that must go".into()).await.unwrap();
    spool.append("a name that may stay".into()).await.unwrap();
    let holds = |text: &str| {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let mut files = files.map(|one| std::fs::read(one.unwrap().path()).unwrap());
        files.any(|bytes| bytes.windows(text.len()).any(|at| at == text.as_bytes()))
    };
    assert!(holds("a name that must go"));
    spool.forget(1).await.unwrap();
    assert!(!holds("a name that must go"));
    assert!(holds("a name that may stay"));
    assert_eq!(entries(&spool, 1), ["a name that may stay"]);
}

#[tokio::test]
async fn a_torn_frame_at_the_end_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 0).unwrap();
    fill(&spool, 5).await;
    drop(spool);
    let end = {
        let mut reader = Reader::open(folder.path(), 1).unwrap();
        reader.end(HEAD_BYTES as u64, 0).unwrap()
    };
    assert_eq!((end.next, end.is_torn), (5, false));
    // What a power cut leaves of a frame: some of its bytes.
    let mut frame = frame::FrameWriter::new();
    frame.push(&[1; 32], b"never acknowledged");
    let head = *Reader::open(folder.path(), 1).unwrap().head();
    let bytes = frame.finish(&head, 5);
    let file = File::options()
        .write(true)
        .open(file(folder.path()))
        .unwrap();
    file.write_all_at(&bytes[..bytes.len() - 9], end.offset)
        .unwrap();
    let spool = open(folder.path(), 0).unwrap();
    assert_eq!(*spool.durable().borrow(), 5);
    fill(&spool, 2).await;
    drop(spool);
    let spool = open(folder.path(), 0).unwrap();
    assert_eq!(entries(&spool, 0), (0..7).map(entry).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_flipped_bit_in_any_frame_is_named_by_position() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 0).unwrap();
    fill(&spool, 20).await;
    drop(spool);
    let mut index = 0;
    // The last acknowledged frame too: the mark after it says that it was.
    for (at, records) in frames(folder.path()) {
        if records > 0 {
            for byte in [0, 5, 17, 25, 41, 80] {
                change(&file(folder.path()), at + byte, |byte| *byte ^= 16);
                match open(folder.path(), 0).unwrap_err() {
                    LedgerError::Damaged {
                        offset,
                        index: named,
                        ..
                    } => {
                        assert_eq!((offset, named), (at, index));
                    }
                    other => panic!("{other}"),
                }
                change(&file(folder.path()), at + byte, |byte| *byte ^= 16);
            }
        }
        index += u64::from(records);
    }
    assert_eq!(*open(folder.path(), 0).unwrap().durable().borrow(), 20);
}

#[tokio::test]
async fn a_damaged_row_is_told_when_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 0).unwrap();
    fill(&spool, 20).await;
    let with_records = frames(folder.path())
        .into_iter()
        .filter(|frame| frame.1 > 0);
    let (at, _) = with_records.into_iter().nth(7).unwrap();
    change(&file(folder.path()), at + 78, |byte| *byte ^= 1);
    match spool.read(0, 100).unwrap_err() {
        LedgerError::Damaged { offset, index, .. } => assert_eq!((offset, index), (at, 7)),
        other => panic!("{other}"),
    }
    assert_eq!(entries(&spool, 8).len(), 12);
}

#[tokio::test]
async fn a_truncated_spool_is_named_by_position() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 0).unwrap();
    fill(&spool, 5).await;
    drop(spool);
    let path = file(folder.path());
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..300]).unwrap();
    let told = open(folder.path(), 0).unwrap_err().to_string();
    assert!(told.contains("damaged at byte 300"), "{told}");
    std::fs::write(&path, &whole[..10]).unwrap();
    let told = open(folder.path(), 0).unwrap_err().to_string();
    assert!(told.contains("damaged at byte 0"), "{told}");
    // Acknowledged, sealed, and gone.
    let mut cut = whole.clone();
    let (last, _) = frames_of(&whole)
        .into_iter()
        .rfind(|frame| frame.1 > 0)
        .unwrap();
    cut[last as usize..].fill(0);
    std::fs::write(&path, &cut).unwrap();
    let told = open(folder.path(), 5).unwrap_err().to_string();
    assert!(
        told.contains("entry 4: entries that the log has sealed are missing"),
        "{told}"
    );
}

fn frames_of(bytes: &[u8]) -> Vec<(u64, u32)> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(file(folder.path()), bytes).unwrap();
    frames(folder.path())
}

#[tokio::test]
async fn a_reordered_spool_is_named_by_position() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 0).unwrap();
    fill(&spool, 6).await;
    drop(spool);
    let path = file(folder.path());
    let whole = std::fs::read(&path).unwrap();
    let starts: Vec<usize> = frames(folder.path())
        .into_iter()
        .filter(|frame| frame.1 > 0)
        .map(|frame| frame.0 as usize)
        .collect();
    let bytes = starts[1] - starts[0] - frame::FRAME_HEAD_BYTES;
    let mut swapped = whole.clone();
    swapped[starts[2]..starts[2] + bytes].copy_from_slice(&whole[starts[3]..starts[3] + bytes]);
    swapped[starts[3]..starts[3] + bytes].copy_from_slice(&whole[starts[2]..starts[2] + bytes]);
    std::fs::write(&path, &swapped).unwrap();
    match open(folder.path(), 0).unwrap_err() {
        LedgerError::Damaged { offset, index, .. } => {
            assert_eq!((offset, index), (starts[2] as u64, 2));
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_file_of_another_spool_or_place_is_refused() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(open(one.path(), 0).unwrap());
    let another = Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), 8);
    drop(Spool::open(&options(other.path(), 0), another).unwrap());
    let second = one.path().join(segment::file_name(2));
    std::fs::copy(file(one.path()), &second).unwrap();
    assert!(open(one.path(), 0).is_err(), "the same file twice");
    std::fs::remove_file(&second).unwrap();
    let mut head = *Reader::open(other.path(), 1).unwrap().head();
    head.number = 2;
    let mut bytes = std::fs::read(file(other.path())).unwrap();
    bytes[..HEAD_BYTES].copy_from_slice(&head.to_bytes());
    std::fs::write(&second, bytes).unwrap();
    let told = open(one.path(), 0).unwrap_err().to_string();
    assert!(told.contains("a file of another spool"), "{told}");
}

#[tokio::test]
async fn two_processes_cannot_have_one_spool() {
    let folder = tempfile::tempdir().unwrap();
    let _spool = open(folder.path(), 0).unwrap();
    assert!(matches!(
        open(folder.path(), 0),
        Err(LedgerError::InUse { .. })
    ));
}

#[tokio::test]
async fn an_empty_spool_does_not_go_on_a_log() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        open(folder.path(), 9),
        Err(LedgerError::Damaged { .. })
    ));
    let taking_over = SpoolOptions {
        may_begin_late: true,
        ..options(folder.path(), 9)
    };
    let spool = Spool::open(&taking_over, source()).unwrap();
    assert_eq!(spool.append(entry(9)).await.unwrap(), 9);
}

/// A disk that can be told to fail.
struct Broken(Arc<AtomicU8>);

const WELL: u8 = 0;
const FULL: u8 = 1;
const NO_WRITE: u8 = 2;
const NO_SYNC: u8 = 3;

impl Medium for Broken {
    fn make(&self, path: &Path, bytes: u64) -> std::io::Result<File> {
        match self.0.load(Ordering::SeqCst) {
            WELL => Disk.make(path, bytes),
            _ => Err(std::io::ErrorKind::StorageFull.into()),
        }
    }

    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> std::io::Result<()> {
        if self.0.load(Ordering::SeqCst) == NO_WRITE {
            Disk.write(file, &bytes[..bytes.len() / 2], offset)?;
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        Disk.write(file, bytes, offset)
    }

    fn sync(&self, file: &File) -> std::io::Result<()> {
        if self.0.load(Ordering::SeqCst) == NO_SYNC {
            return Err(std::io::Error::other("input/output error"));
        }
        Disk.sync(file)
    }
}

#[tokio::test]
async fn a_disk_that_fails_refuses_every_waiting_entry_and_recovers() {
    for fault in [NO_WRITE, NO_SYNC] {
        let folder = tempfile::tempdir().unwrap();
        let fails = Arc::new(AtomicU8::new(WELL));
        let medium = Arc::new(Broken(fails.clone()));
        let spool = Spool::open_on(&options(folder.path(), 0), source(), medium).unwrap();
        let spool = Arc::new(spool);
        fill(&spool, 3).await;
        fails.store(fault, Ordering::SeqCst);
        let waiting = (0..40).map(|_| spool.append("refused".into()));
        for outcome in futures_util::future::join_all(waiting).await {
            assert!(
                matches!(outcome, Err(LedgerError::Spool { .. })),
                "{outcome:?}"
            );
        }
        assert_eq!(entries(&spool, 0).len(), 3, "nothing refused can be read");
        fails.store(WELL, Ordering::SeqCst);
        fill(&spool, 3).await;
        let expected: Vec<Bytes> = (0..6).map(entry).collect();
        assert_eq!(entries(&spool, 0), expected);
        drop(spool);
        let spool = open(folder.path(), 2).unwrap();
        assert_eq!(entries(&spool, 0), expected, "also after a restart");
        fill(&spool, 1).await;
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let full = Arc::new(AtomicU8::new(WELL));
    let medium = Arc::new(Broken(full.clone()));
    let spool = Spool::open_on(&options(folder.path(), 0), source(), medium).unwrap();
    full.store(FULL, Ordering::SeqCst);
    let large = || Bytes::from(vec![7; 60_000]);
    let mut kept = 0;
    let refused = loop {
        match spool.append(large()).await {
            Ok(index) => kept = index + 1,
            Err(error) => break error,
        }
    };
    // The room that was made before the disk was full is used to its end.
    assert!(kept > 100, "{kept}");
    assert!(matches!(refused, LedgerError::Spool { .. }), "{refused}");
    full.store(WELL, Ordering::SeqCst);
    assert_eq!(spool.append(large()).await.unwrap(), kept);
}

#[tokio::test]
async fn a_spool_keeps_to_its_room_and_forgetting_makes_more() {
    let folder = tempfile::tempdir().unwrap();
    let options = SpoolOptions {
        bytes_max: 2 * SEGMENT_BYTES,
        ..options(folder.path(), 0)
    };
    let spool = Spool::open(&options, source()).unwrap();
    let large = || Bytes::from(vec![7; 65_000]);
    let mut kept = 0;
    while let Ok(index) = spool.append(large()).await {
        kept = index + 1;
    }
    assert!(matches!(
        spool.append(large()).await,
        Err(LedgerError::Full { .. })
    ));
    assert_eq!(*spool.durable().borrow(), kept);
    spool.forget(kept / 2 + 10).await.unwrap();
    assert_eq!(spool.append(large()).await.unwrap(), kept);
}

#[tokio::test]
async fn an_entry_that_is_too_long_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path(), 0).unwrap();
    let told = spool.append(vec![0; ENTRY_BYTES_MAX + 1].into()).await;
    assert!(matches!(told, Err(LedgerError::EntryTooLong { .. })));
    assert_eq!(
        spool.append(vec![0; ENTRY_BYTES_MAX].into()).await.unwrap(),
        0
    );
    assert_eq!(spool.append(Bytes::new()).await.unwrap(), 1);
    assert_eq!(entries(&spool, 1), [Bytes::new()]);
}

proptest::proptest! {
    /// Bytes that are no spool make an error, never a panic.
    #[test]
    fn no_bytes_make_a_panic(bytes in proptest::collection::vec(proptest::arbitrary::any::<u8>(), 0..200)) {
        let _ = frame::Head::read(&bytes);
        let _ = records(&bytes);
        if let Some(head) = frame::FrameHead::read(&bytes, 1_000) {
            let segment = frame::Head { spool: [0; 16], number: 1, first: 0 };
            let frame = bytes.get(..head.bytes).unwrap_or_default();
            assert!(!head.is_sound(&segment, frame));
        }
    }
}
