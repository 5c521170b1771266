//! The same promises in a folder, in memory and over S3.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod sink;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kit_files::{Files, FilesError, S3};

type Chunk = Result<Bytes, std::io::Error>;

fn chunks(sizes: &[usize]) -> Vec<Chunk> {
    let chunk = |(at, size): (usize, &usize)| Ok(Bytes::from(vec![at as u8; *size]));
    sizes.iter().enumerate().map(chunk).collect()
}

async fn keys(files: &Files, prefix: &str) -> Vec<String> {
    let entries = files.list(prefix, None, 1_000).await.unwrap();
    entries.into_iter().map(|entry| entry.key).collect()
}

/// Every storage under its name; the folder and the sink live as long as the answer.
async fn storages() -> (Vec<(&'static str, Files)>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let storages = vec![
        ("folder", Files::folder(&folder.path().join("new")).unwrap()),
        ("memory", Files::in_memory()),
        ("s3", Files::s3(&s3(&sink::start().await)).unwrap()),
    ];
    (storages, folder)
}

fn s3(endpoint: &str) -> S3 {
    S3 {
        bucket: "objects".to_owned(),
        region: "fr-par".to_owned(),
        endpoint: Some(endpoint.to_owned()),
        access_key_id: "who".to_owned(),
        secret_access_key: "very-secret".to_owned(),
        timeout_seconds: 5,
    }
}

#[tokio::test]
async fn what_is_put_is_got_until_it_is_deleted() {
    let (storages, _folder) = storages().await;
    for (name, files) in storages {
        files.put("a/b.txt", "first").await.unwrap();
        files.put("a/b.txt", "second").await.unwrap();
        files.put("a/empty", "").await.unwrap();
        assert_eq!(files.get("a/b.txt").await.unwrap(), "second", "{name}");
        assert_eq!(files.get("a/empty").await.unwrap(), "", "{name}");
        assert_eq!(files.find("a/c").await.unwrap(), None, "{name}");
        let absent = files.get("a").await;
        assert!(
            matches!(absent, Err(FilesError::Absent { .. })),
            "{name}: {absent:?}"
        );
        files.delete("a/b.txt").await.unwrap();
        files.delete("a/b.txt").await.unwrap();
        assert_eq!(files.find("a/b.txt").await.unwrap(), None, "{name}");
        files.check().await.unwrap();
    }
}

#[tokio::test]
async fn of_two_that_store_under_a_condition_one_succeeds() {
    let (storages, _folder) = storages().await;
    for (name, files) in storages {
        assert_eq!(files.find_version("head").await.unwrap(), None, "{name}");
        let first = files.put_if_absent("head", "1").await.unwrap();
        let again = files.put_if_absent("head", "other").await;
        assert!(
            matches!(again, Err(FilesError::Changed { .. })),
            "{name}: {again:?}"
        );
        let read = files.find_version("head").await.unwrap().unwrap();
        assert_eq!(read.bytes(), "1", "{name}");
        let second = files.put_if_unchanged("head", "2", &first).await.unwrap();
        for stale in [&first, &read] {
            let refused = files.put_if_unchanged("head", "3", stale).await;
            assert!(
                matches!(refused, Err(FilesError::Changed { .. })),
                "{name}: {refused:?}"
            );
        }
        let (one, other) = tokio::join!(
            files.put_if_unchanged("head", "one", &second),
            files.put_if_unchanged("head", "other", &second),
        );
        assert!(one.is_ok() != other.is_ok(), "{name}: {one:?} {other:?}");
        let kept = if one.is_ok() { "one" } else { "other" };
        assert_eq!(files.get("head").await.unwrap(), kept, "{name}");
        files.delete("head").await.unwrap();
        let gone = files.put_if_unchanged("head", "4", &second).await;
        assert!(
            matches!(gone, Err(FilesError::Changed { .. })),
            "{name}: {gone:?}"
        );
    }
}

#[tokio::test]
async fn streams_of_any_size_come_back_whole() {
    let (storages, _folder) = storages().await;
    for (name, files) in storages {
        for sizes in [&[][..], &[0, 3, 0], &[5 << 20, 4 << 20, 7 << 20, 1]] {
            let expected: usize = sizes.iter().sum();
            let written = files.put_stream("big", stream::iter(chunks(sizes))).await;
            assert_eq!(written.unwrap(), expected as u64, "{name}");
            let stored = files.get_stream("big").await.unwrap();
            assert_eq!(stored.bytes, expected as u64, "{name}");
            let read: Vec<Bytes> = stored.stream.try_collect().await.unwrap();
            let plain: Vec<Bytes> = chunks(sizes).into_iter().map(Result::unwrap).collect();
            assert!(read.concat() == plain.concat(), "{name}: {expected} bytes");
        }
    }
}

#[tokio::test]
async fn what_fails_leaves_what_was_there() {
    let (storages, _folder) = storages().await;
    for (name, files) in storages {
        let files = files.with_bytes_max(10 << 20);
        files.put("kept", "before").await.unwrap();
        for sizes in [&[1][..], &[9 << 20]] {
            let lost = stream::iter(chunks(sizes))
                .chain(stream::iter([Err(std::io::Error::other("cut"))]));
            let failed = files.put_stream("kept", lost).await;
            assert!(
                matches!(failed, Err(FilesError::Source { .. })),
                "{name}: {failed:?}"
            );
        }
        let long = files.put_stream("kept", stream::iter(chunks(&[9 << 20, 2 << 20])));
        assert!(
            matches!(long.await, Err(FilesError::TooLarge { .. })),
            "{name}"
        );
        let long = files.put("kept", vec![0; (10 << 20) + 1]).await;
        assert!(matches!(long, Err(FilesError::TooLarge { .. })), "{name}");
        assert_eq!(files.get("kept").await.unwrap(), "before", "{name}");
        assert_eq!(keys(&files, "").await, ["kept"], "{name}");
        let small = files.with_bytes_max(2).get("kept").await;
        assert!(matches!(small, Err(FilesError::TooLarge { .. })), "{name}");
    }
}

#[tokio::test]
async fn a_writer_that_goes_away_leaves_no_object() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path()).unwrap();
    let endless = stream::iter(chunks(&[9 << 20])).chain(stream::pending());
    let mut writing = Box::pin(files.put_stream("half", endless));
    // Polled until it waits for bytes that don't come, then dropped.
    let waits = futures_util::poll!(&mut writing);
    assert!(waits.is_pending());
    drop(writing);
    assert_eq!(keys(&files, "").await, Vec::<String>::new());
}

#[tokio::test]
async fn lists_are_in_order_and_have_pages() {
    let (storages, _folder) = storages().await;
    for (name, files) in storages {
        for key in ["b/2", "a/1", "b/10", "ab/1", "b/c/3", "a/2"] {
            files.put(key, key).await.unwrap();
        }
        let all = ["a/1", "a/2", "ab/1", "b/10", "b/2", "b/c/3"];
        assert_eq!(keys(&files, "").await, all, "{name}");
        assert_eq!(keys(&files, "a").await, ["a/1", "a/2"], "{name}");
        assert_eq!(keys(&files, "b/c").await, ["b/c/3"], "{name}");
        assert_eq!(keys(&files, "none").await, Vec::<String>::new(), "{name}");
        let mut paged = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = files.list("", after.as_deref(), 4).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            paged.extend(page.into_iter().map(|entry| entry.key));
        }
        assert_eq!(paged, all, "{name}");
    }
}

#[tokio::test]
async fn keys_that_climb_are_refused_by_every_operation() {
    let (storages, _folder) = storages().await;
    for (name, files) in storages {
        let key = "../outside";
        let refused = [
            files.put(key, "x").await.err(),
            files.get(key).await.err(),
            files.get_stream(key).await.err(),
            files.delete(key).await.err(),
            files.list(key, None, 1).await.err(),
            files.list("", Some(key), 1).await.err(),
            files
                .put_stream(key, stream::iter(chunks(&[1])))
                .await
                .err(),
        ];
        for error in refused {
            assert!(matches!(error, Some(FilesError::Key { .. })), "{name}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_new_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("objects");
    Files::folder(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_folder_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, "x").unwrap();
    assert!(matches!(Files::folder(&path), Err(FilesError::Open { .. })));
}

#[tokio::test]
async fn a_refused_signature_is_a_failure_without_the_secret() {
    let mut s3 = s3(&sink::start().await);
    s3.access_key_id = "somebody-else".to_owned();
    let files = Files::s3(&s3).unwrap();
    let failed = files.check().await.unwrap_err();
    assert!(matches!(failed, FilesError::Storage { .. }), "{failed:?}");
    let shown = format!("{failed} {failed:?} {s3:?} {files:?}");
    assert!(!shown.contains("very-secret"), "{shown}");
}
