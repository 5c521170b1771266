//! The ledger in a folder and in memory: what is acknowledged is sealed once, whatever happens.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::path::Path;

use bytes::Bytes;
use kit_files::Files;
use kit_ledger::{Ledger, LedgerError, LedgerOptions, LogKeys, Tree, sealed_entry};
use kit_time::Source;
use tempfile::TempDir;
use tracelog::{
    Checkpoint, InclusionText, KeyKind, Note, Signer, TilePath, audit, cosign, leaf_hash,
    verify_consistency, verify_cosignature, verify_inclusion,
};

const ORIGIN: &str = "g.example/log/traces";
const PREFIX: &str = "log/traces";

fn source(seed: u64) -> Source {
    Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), seed)
}

fn signer(seed: u8) -> Signer {
    Signer::from_seed(ORIGIN, KeyKind::Note, &[seed; 32]).unwrap()
}

fn keys() -> LogKeys {
    LogKeys::one(signer(1), [9; 32])
}

fn options(folder: &Path) -> LedgerOptions {
    LedgerOptions::new(PREFIX, folder.join("spool"))
}

async fn open(folder: &Path) -> Ledger {
    let files = Files::folder(&folder.join("files")).unwrap();
    let opened = Ledger::open(files, options(folder), keys(), source(1)).await;
    opened.unwrap()
}

async fn fill(ledger: &Ledger, count: usize) -> Vec<u64> {
    let appends = (0..count).map(|at| ledger.append(format!("row {at}")));
    let told = futures_util::future::join_all(appends).await;
    told.into_iter().map(Result::unwrap).collect()
}

/// Reads the whole log in a folder with nothing but the key.
fn verified(folder: &Path) -> u64 {
    let below = folder.join("files").join(PREFIX);
    let note = Note::parse(&std::fs::read(below.join("checkpoint")).unwrap()).unwrap();
    let keys = [signer(1).verifier().clone()];
    let said = Checkpoint::verified(&note, &keys).unwrap();
    let read = |path: &TilePath| std::fs::read(below.join(path.to_string()));
    audit(said.size, &said.root, true, &read).unwrap().entries
}

fn root(note: &Note) -> Checkpoint {
    note.text().parse().unwrap()
}

#[tokio::test]
async fn what_is_sealed_is_proved() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    let mut heads = Vec::new();
    for count in [3, 0, 300, 1, 700] {
        fill(&ledger, count).await;
        ledger.seal().await.unwrap();
        heads.push(root(&ledger.tree().checkpoint()));
    }
    assert_eq!(verified(folder.path()), 1_004);
    let last = heads.last().unwrap();
    for row in ledger.read_from(0, 2_000).await.unwrap() {
        let proof = ledger.prove_inclusion(row.index).await.unwrap();
        let leaf = leaf_hash(&sealed_entry(&row.salt, &row.entry));
        verify_inclusion(&leaf, row.index, last.size, &proof.proof, &last.root).unwrap();
        let text = proof.to_string();
        assert_eq!(InclusionText::parse(text.as_bytes()).unwrap(), proof);
    }
    // Also between sizes that the log never had.
    for size in [1, 2, 100, 299, 1_000] {
        let proof = ledger.tree().prove_consistency(3, size).await;
        assert!(proof.is_ok() || size < 3, "{proof:?}");
    }
    for before in &heads {
        let proof = ledger
            .tree()
            .prove_consistency(before.size, last.size)
            .await;
        let proof = proof.unwrap();
        verify_consistency(before.size, &before.root, last.size, &last.root, &proof).unwrap();
    }
    let outside = ledger.prove_inclusion(1_004).await;
    assert!(matches!(
        outside,
        Err(LedgerError::OutOfLog { size: 1_004 })
    ));
    let outside = ledger.tree().prove_consistency(1, 1_005).await;
    assert!(matches!(outside, Err(LedgerError::OutOfLog { .. })));
}

#[tokio::test]
async fn partial_tiles_go_when_the_full_one_is_there() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    for _ in 0..6 {
        fill(&ledger, 50).await;
        ledger.seal().await.unwrap();
    }
    let below = folder.path().join("files").join(PREFIX).join("tile/0");
    assert!(!below.join("000.p/50").exists());
    assert!(below.join("001.p/44").exists());
    // Who still asks for one gets what the full one begins with.
    let path: TilePath = "tile/0/000.p/50".parse().unwrap();
    let bytes = ledger.tree().tile(&path).await.unwrap().unwrap();
    let full = std::fs::read(below.join("000")).unwrap();
    assert_eq!(bytes, full[..50 * 32]);
    let path: TilePath = "tile/entries/000.p/50".parse().unwrap();
    let bytes = ledger.tree().tile(&path).await.unwrap().unwrap();
    assert_eq!(bytes.len(), 50 * 34);
    assert_eq!(verified(folder.path()), 300);
}

#[tokio::test]
async fn what_was_not_sealed_is_sealed_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    fill(&ledger, 10).await;
    ledger.seal().await.unwrap();
    fill(&ledger, 25).await;
    drop(ledger);
    let ledger = open(folder.path()).await;
    assert_eq!((ledger.tree().size(), ledger.durable()), (10, 35));
    assert_eq!(ledger.seal().await.unwrap(), 35);
    assert_eq!(ledger.seal().await.unwrap(), 35, "twice is as good as once");
    assert_eq!(verified(folder.path()), 35);
}

#[tokio::test]
async fn tiles_that_a_crash_left_behind_change_nothing() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    fill(&ledger, 300).await;
    let checkpoint = folder.path().join("files").join(PREFIX).join("checkpoint");
    let before = std::fs::read(&checkpoint).unwrap();
    ledger.seal().await.unwrap();
    let after = std::fs::read(&checkpoint).unwrap();
    drop(ledger);
    // As if the process had ended between the tiles and the head.
    std::fs::write(&checkpoint, before).unwrap();
    let ledger = open(folder.path()).await;
    assert_eq!(ledger.tree().size(), 0);
    ledger.seal().await.unwrap();
    assert_eq!(std::fs::read(&checkpoint).unwrap(), after);
    assert_eq!(verified(folder.path()), 300);
}

#[tokio::test]
async fn two_writers_on_one_head_do_not_split_the_log() {
    let folder = TempDir::new().unwrap();
    let of_folder = || Files::folder(&folder.path().join("files")).unwrap();
    let memory = Files::in_memory();
    for (one, other) in [(of_folder(), of_folder()), (memory.clone(), memory)] {
        let one = Tree::open(one, PREFIX, keys()).await.unwrap();
        let other = Tree::open(other, PREFIX, keys()).await.unwrap();
        let mut size = 0;
        for round in 0..20_u8 {
            let (a, b) = ([[round; 32]; 3], [[round + 100; 32]; 5]);
            let (a, b) = tokio::join!(one.seal(size, &a), other.seal(size, &b));
            let lost = [&a, &b].into_iter().filter(|sealed| sealed.is_err());
            assert_eq!(lost.count(), 1, "{a:?} {b:?}");
            for refused in [&a, &b]
                .into_iter()
                .filter_map(|sealed| sealed.as_ref().err())
            {
                assert!(matches!(refused, LedgerError::Moved { .. }), "{refused}");
            }
            size = one.refresh().await.unwrap();
            assert_eq!(other.refresh().await.unwrap(), size);
            assert_eq!(one.checkpoint(), other.checkpoint());
        }
    }
    assert!(verified(folder.path()) >= 60);
}

#[tokio::test]
async fn a_head_that_changed_without_new_entries_is_gone_on_from() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    fill(&ledger, 5).await;
    ledger.seal().await.unwrap();
    // Another process takes a witness's word meanwhile.
    let files = Files::folder(&folder.path().join("files")).unwrap();
    let other = Tree::open(files, PREFIX, keys()).await.unwrap();
    let witness = Signer::from_seed("w.example", KeyKind::Witness, &[5; 32]).unwrap();
    let mut seen = other.checkpoint();
    let word = cosign(&seen, &witness, 7).unwrap();
    seen.add_cosignature(witness.verifier(), word).unwrap();
    let sent = seen.to_string();
    let added = other.add_cosignature(witness.verifier(), sent.as_bytes());
    added.await.unwrap();
    fill(&ledger, 5).await;
    assert_eq!(ledger.seal().await.unwrap(), 10);
    // A head of its own of which it never heard that it was written.
    fill(&ledger, 5).await;
    let rows = ledger.read_from(10, 10).await.unwrap();
    let leaves: Vec<_> = rows
        .iter()
        .map(|row| sealed_entry(&row.salt, &row.entry))
        .collect();
    other.refresh().await.unwrap();
    assert_eq!(other.seal(10, &leaves).await.unwrap(), 15);
    fill(&ledger, 5).await;
    assert_eq!(ledger.seal().await.unwrap(), 20);
    assert_eq!(verified(folder.path()), 20);
}

#[tokio::test]
async fn a_log_has_one_spool_that_writes_it() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    fill(&ledger, 5).await;
    ledger.seal().await.unwrap();
    let files = || Files::folder(&folder.path().join("files")).unwrap();
    let other = LedgerOptions::new(PREFIX, folder.path().join("other"));
    let refused = Ledger::open(files(), other.clone(), keys(), source(2)).await;
    assert!(refused.is_err());
    let taking = LedgerOptions {
        take_over: true,
        ..other
    };
    let new = Ledger::open(files(), taking, keys(), source(2))
        .await
        .unwrap();
    assert_eq!(new.append("row").await.unwrap(), 5);
    assert_eq!(new.seal().await.unwrap(), 6);
    // The former one finds out before it seals, and then takes no more.
    fill(&ledger, 1).await;
    let refused = ledger.seal().await;
    assert!(
        matches!(refused, Err(LedgerError::OtherWriter { .. })),
        "{refused:?}"
    );
    let refused = ledger.append("row").await;
    assert!(matches!(refused, Err(LedgerError::OtherWriter { .. })));
    assert_eq!(verified(folder.path()), 6);
}

#[tokio::test]
async fn rows_are_erased_and_proofs_stay() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    fill(&ledger, 40).await;
    let rows = ledger.read_from(0, 100).await.unwrap();
    // Nothing that isn't sealed is erased.
    ledger.forget(40).await.unwrap();
    assert_eq!(ledger.first(), 0);
    ledger.seal().await.unwrap();
    ledger.forget(30).await.unwrap();
    assert!(matches!(
        ledger.read_from(29, 1).await,
        Err(LedgerError::Erased { first: 30 })
    ));
    assert_eq!(ledger.read_from(30, 100).await.unwrap(), rows[30..]);
    let head = root(&ledger.tree().checkpoint());
    let proof = ledger.prove_inclusion(3).await.unwrap().proof;
    let leaf = leaf_hash(&sealed_entry(&rows[3].salt, &rows[3].entry));
    verify_inclusion(&leaf, 3, head.size, &proof, &head.root).unwrap();
    drop(ledger);
    let ledger = open(folder.path()).await;
    assert_eq!(ledger.first(), 30);
    assert_eq!(ledger.append("row").await.unwrap(), 40);
    ledger.seal().await.unwrap();
    assert_eq!(verified(folder.path()), 41);
}

#[tokio::test]
async fn a_witness_word_is_kept_and_the_log_goes_on() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    fill(&ledger, 5).await;
    ledger.seal().await.unwrap();
    let witness = Signer::from_seed("w.example", KeyKind::Witness, &[5; 32]).unwrap();
    let other = Signer::from_seed("x.example", KeyKind::Witness, &[6; 32]).unwrap();
    let mut seen = ledger.tree().checkpoint();
    let word = cosign(&seen, &witness, 1_772_352_000).unwrap();
    seen.add_cosignature(witness.verifier(), word).unwrap();
    let sent = seen.to_string();
    let tree = ledger.tree();
    let added = tree
        .add_cosignature(witness.verifier(), sent.as_bytes())
        .await;
    assert_eq!(added.unwrap().at_seconds, 1_772_352_000);
    verify_cosignature(&tree.checkpoint(), witness.verifier()).unwrap();
    // The head moves on; the word stays with the head that it is about.
    fill(&ledger, 5).await;
    ledger.seal().await.unwrap();
    let mut late = seen.clone();
    let word = cosign(&late, &other, 1_772_352_009).unwrap();
    late.add_cosignature(other.verifier(), word).unwrap();
    let late = late.to_string();
    tree.add_cosignature(other.verifier(), late.as_bytes())
        .await
        .unwrap();
    let kept = Note::parse(&tree.witnessed().await.unwrap().unwrap()).unwrap();
    for key in [witness.verifier(), other.verifier()] {
        verify_cosignature(&kept, key).unwrap();
    }
    assert_eq!(root(&kept).size, 5);
    assert!(verify_cosignature(&tree.checkpoint(), witness.verifier()).is_err());
    // A head that the log never signed, and a word that isn't the witness's.
    let mut strange = Note::new(format!("{ORIGIN}\n9\n{}\n", root(&kept).root)).unwrap();
    let word = cosign(&strange, &witness, 1).unwrap();
    strange.add_cosignature(witness.verifier(), word).unwrap();
    let strange = strange.to_string();
    let refused = tree.add_cosignature(witness.verifier(), strange.as_bytes());
    assert!(matches!(refused.await, Err(LedgerError::NotOurs { .. })));
    let refused = tree
        .add_cosignature(other.verifier(), sent.as_bytes())
        .await;
    assert!(matches!(refused, Err(LedgerError::Cosignature(_))));
}

#[tokio::test]
async fn a_key_is_changed_without_a_gap() {
    let folder = TempDir::new().unwrap();
    let files = Files::folder(&folder.path().join("files")).unwrap();
    let both = || LogKeys {
        verifiers: vec![signer(1).verifier().clone(), signer(2).verifier().clone()],
        signers: vec![signer(1), signer(2)],
        salt: [9; 32].into(),
    };
    let tree = Tree::open(files.clone(), PREFIX, keys()).await.unwrap();
    tree.seal(0, &[[1; 32]; 4]).await.unwrap();
    let tree = Tree::open(files.clone(), PREFIX, both()).await.unwrap();
    for seed in [1, 2] {
        let known = [signer(seed).verifier().clone()];
        assert_eq!(
            Checkpoint::verified(&tree.checkpoint(), &known)
                .unwrap()
                .size,
            4
        );
    }
    let new = LogKeys {
        signers: vec![signer(2)],
        ..both()
    };
    let tree = Tree::open(files.clone(), PREFIX, new).await.unwrap();
    tree.seal(4, &[[2; 32]; 4]).await.unwrap();
    let known = [signer(2).verifier().clone()];
    assert_eq!(
        Checkpoint::verified(&tree.checkpoint(), &known)
            .unwrap()
            .size,
        8
    );
    let old = [signer(1).verifier().clone()];
    assert!(Checkpoint::verified(&tree.checkpoint(), &old).is_err());
    // A key that nobody announced opens nothing.
    let strange = LogKeys::one(signer(3), [9; 32]);
    assert!(Tree::open(files, PREFIX, strange).await.is_err());
}

#[tokio::test]
async fn a_damaged_edge_is_told_and_nothing_is_added() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    fill(&ledger, 300).await;
    ledger.seal().await.unwrap();
    drop(ledger);
    let files = || Files::folder(&folder.path().join("files")).unwrap();
    let path = folder
        .path()
        .join("files")
        .join(PREFIX)
        .join("tile/0/001.p/44");
    let whole = std::fs::read(&path).unwrap();
    let mut broken = whole.clone();
    broken[40] ^= 1;
    std::fs::write(&path, &broken).unwrap();
    let told = Tree::open(files(), PREFIX, keys()).await.unwrap_err();
    assert!(matches!(told, LedgerError::Log { .. }), "{told}");
    std::fs::remove_file(&path).unwrap();
    let told = Tree::open(files(), PREFIX, keys()).await.unwrap_err();
    assert!(matches!(told, LedgerError::TileMissing { .. }), "{told}");
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(
        Tree::open(files(), PREFIX, keys()).await.unwrap().size(),
        300
    );
}

#[tokio::test]
async fn a_sealer_that_goes_on_seals_what_comes() {
    let folder = TempDir::new().unwrap();
    let mut options = options(folder.path());
    options.seal_at = 20;
    // The clock alone would take a day.
    options.seal_every = std::time::Duration::from_hours(24);
    let files = Files::folder(&folder.path().join("files")).unwrap();
    let ledger = Ledger::open(files, options, keys(), source(1))
        .await
        .unwrap();
    let sealing = tokio::spawn(ledger.clone().keep_sealing());
    fill(&ledger, 20).await;
    while ledger.tree().size() < 20 {
        tokio::task::yield_now().await;
    }
    sealing.abort();
    assert_eq!(verified(folder.path()), 20);
}

#[tokio::test]
async fn a_consumer_waits_for_what_comes_and_reads_it() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    let reading = ledger.clone();
    let consumer = tokio::spawn(async move {
        let mut rows = Vec::new();
        while rows.len() < 60 {
            reading.more_than(rows.len() as u64).await;
            rows.extend(reading.read_from(rows.len() as u64, 7).await.unwrap());
        }
        rows
    });
    for _ in 0..3 {
        fill(&ledger, 20).await;
    }
    let rows = consumer.await.unwrap();
    assert_eq!(rows, ledger.read_from(0, 100).await.unwrap());
    assert!(rows.iter().zip(0..).all(|(row, index)| row.index == index));
}

#[tokio::test]
async fn an_empty_row_and_the_longest_one_are_kept() {
    let folder = TempDir::new().unwrap();
    let ledger = open(folder.path()).await;
    let long = Bytes::from(vec![7; kit_ledger::ENTRY_BYTES_MAX]);
    ledger.append(long.clone()).await.unwrap();
    ledger.append("").await.unwrap();
    let longer = vec![7; kit_ledger::ENTRY_BYTES_MAX + 1];
    let refused = ledger.append(longer).await;
    assert!(matches!(refused, Err(LedgerError::EntryTooLong { .. })));
    let rows = ledger.read_from(0, 10).await.unwrap();
    assert_eq!(
        (&rows[0].entry, rows[1].entry.len(), rows.len()),
        (&long, 0, 2)
    );
}
