//! The journal's seal, on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use kit_access::Actor;
use kit_db::{Db, Migration};
use kit_files::Files;
use kit_journal::{Change, Journal};
use kit_ledger::{JournalSeal, add_key, retire_former_keys, sealed_entry};
use kit_time::Source;
use tracelog::{Checkpoint, TilePath, audit, leaf_hash, verify_inclusion};
use uuid::Uuid;

static TABLES: std::sync::LazyLock<Vec<Migration>> =
    std::sync::LazyLock::new(|| [kit_journal::MIGRATIONS, kit_ledger::MIGRATIONS].concat());

kit_db::on_both_databases!(TABLES =>
    each_entry_is_sealed_once, two_processes_make_one_log, processes_without_shared_files_agree,
    a_key_is_changed_without_a_gap, a_changed_entry_does_not_fit_its_leaf,
    an_older_copy_of_the_database_is_told, statements_prepare,
);

fn source(seed: u64) -> Source {
    Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), seed)
}

fn seal(db: &Db, files: &Files, seed: u64) -> JournalSeal {
    JournalSeal::new(
        db.clone(),
        files.clone(),
        source(seed),
        "g.example/log/journal",
    )
}

async fn append(db: &Db, journal: &Journal, count: usize) {
    for _ in 0..count {
        let mut tx = db.begin().await.unwrap();
        let change = Change::new("t.thing.make", "thing", Uuid::from_u128(5))
            .after(serde_json::json!({ "b": 1, "a": { "d": "é", "c": null } }));
        journal
            .append(&mut tx, &Actor::system("test"), change)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

async fn each_entry_is_sealed_once(db: Db) {
    let (journal, files) = (Journal::new(source(1)), Files::in_memory());
    let one = seal(&db, &files, 2);
    assert_eq!(one.run_once().await.unwrap(), 0);
    append(&db, &journal, 7).await;
    assert_eq!(one.run_once().await.unwrap(), 7);
    assert_eq!(one.run_once().await.unwrap(), 0);
    append(&db, &journal, 3).await;
    // Another process, or this one after a restart.
    let other = seal(&db, &files, 3);
    assert_eq!(other.run_once().await.unwrap(), 3);
    assert_eq!(one.run_once().await.unwrap(), 0);
    let tree = one.tree().await.unwrap();
    let head: Checkpoint = tree.checkpoint().text().parse().unwrap();
    assert_eq!(
        (head.size, head.origin.as_str()),
        (10, "g.example/log/journal")
    );
    for entry in Journal::after(&db, 0, 100).await.unwrap() {
        let index = entry.seq as u64 - 1;
        let salt = one.salt(index + 1).await.unwrap();
        let leaf = leaf_hash(&sealed_entry(&salt, &entry.canonical_bytes()));
        let proof = tree.prove_inclusion(index).await.unwrap().proof;
        verify_inclusion(&leaf, index, 10, &proof, &head.root).unwrap();
    }
}

async fn two_processes_make_one_log(db: Db) {
    let (journal, files) = (Journal::new(source(1)), Files::in_memory());
    let (one, other) = (seal(&db, &files, 2), seal(&db, &files, 3));
    let mut sealed = 0;
    for _ in 0..10 {
        append(&db, &journal, 5).await;
        let (a, b) = tokio::join!(one.run_once(), other.run_once());
        // Who has no lease, or is late, seals nothing and says so.
        sealed += a.unwrap_or(0) + b.unwrap_or(0);
    }
    sealed += one.run_once().await.unwrap();
    assert_eq!(sealed, 50, "each entry was sealed by one of them");
    let tree = other.tree().await.unwrap();
    assert_eq!(tree.refresh().await.unwrap(), 50);
    let head: Checkpoint = tree.checkpoint().text().parse().unwrap();
    let mut tiles = std::collections::HashMap::new();
    for path in ["tile/0/000.p/50", "tile/entries/000.p/50"] {
        let path: TilePath = path.parse().unwrap();
        tiles.insert(path, tree.tile(&path).await.unwrap().unwrap());
    }
    let read = |path: &TilePath| tiles.get(path).map(|bytes| bytes.to_vec()).ok_or(());
    assert!(audit(50, &head.root, true, &read).is_ok());
}

async fn processes_without_shared_files_agree(db: Db) {
    let journal = Journal::new(source(1));
    let (mine, theirs) = (Files::in_memory(), Files::in_memory());
    let (one, other) = (seal(&db, &mine, 2), seal(&db, &theirs, 3));
    append(&db, &journal, 9).await;
    assert_eq!(one.run_once().await.unwrap(), 9);
    assert_eq!(other.run_once().await.unwrap(), 9);
    let (one, other) = (one.tree().await.unwrap(), other.tree().await.unwrap());
    assert_eq!(
        one.checkpoint(),
        other.checkpoint(),
        "nobody is shown another past"
    );
}

async fn a_key_is_changed_without_a_gap(db: Db) {
    let (journal, files) = (Journal::new(source(1)), Files::in_memory());
    let one = seal(&db, &files, 2);
    append(&db, &journal, 3).await;
    one.run_once().await.unwrap();
    let old = one.tree().await.unwrap().verifiers().to_vec();
    add_key(&db, &source(4), "journal").await.unwrap();
    one.reopen().await;
    let tree = one.tree().await.unwrap();
    assert_eq!(tree.verifiers().len(), 2);
    let new = vec![tree.verifiers()[1].clone()];
    for keys in [&old, &new] {
        assert_eq!(
            Checkpoint::verified(&tree.checkpoint(), keys).unwrap().size,
            3
        );
    }
    retire_former_keys(&db, &source(4), "journal")
        .await
        .unwrap();
    one.reopen().await;
    append(&db, &journal, 1).await;
    assert_eq!(one.run_once().await.unwrap(), 1);
    let tree = one.tree().await.unwrap();
    assert!(Checkpoint::verified(&tree.checkpoint(), &old).is_err());
    assert_eq!(
        Checkpoint::verified(&tree.checkpoint(), &new).unwrap().size,
        4
    );
}

async fn a_changed_entry_does_not_fit_its_leaf(db: Db) {
    let (journal, files) = (Journal::new(source(1)), Files::in_memory());
    let one = seal(&db, &files, 2);
    append(&db, &journal, 4).await;
    one.run_once().await.unwrap();
    let tree = one.tree().await.unwrap();
    let head: Checkpoint = tree.checkpoint().text().parse().unwrap();
    let mut entry = Journal::after(&db, 2, 1).await.unwrap().remove(0);
    let proof = tree.prove_inclusion(2).await.unwrap().proof;
    let salt = one.salt(3).await.unwrap();
    let fits = |entry: &kit_journal::Entry| {
        let leaf = leaf_hash(&sealed_entry(&salt, &entry.canonical_bytes()));
        verify_inclusion(&leaf, 2, head.size, &proof, &head.root).is_ok()
    };
    assert!(fits(&entry));
    let text = String::from_utf8(entry.canonical_bytes()).unwrap();
    assert!(
        text.contains(r#""after":{"a":{"c":null,"d":"é"},"b":1}"#),
        "names of states stand in order: {text}"
    );
    entry.actor_name = "somebody else".to_owned();
    assert!(!fits(&entry));
}

async fn an_older_copy_of_the_database_is_told(db: Db) {
    let files = Files::in_memory();
    let one = seal(&db, &files, 2);
    // What the log held before the database went back to an empty journal.
    let tree = one.tree().await.unwrap();
    tree.seal(0, &[[1; 32]; 3]).await.unwrap();
    let told = one.run_once().await.unwrap_err().to_string();
    assert!(told.contains("3 entries and the journal 0"), "{told}");
}

async fn statements_prepare(db: Db) {
    for statement in kit_ledger::statements() {
        db.prepare(&statement).await.unwrap();
    }
}
