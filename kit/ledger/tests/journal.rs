//! The journal's seal, on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use kit_access::Actor;
use kit_db::{Db, Migration};
use kit_files::Files;
use kit_journal::{Change, Journal};
use kit_ledger::{
    JournalSeal, add_key, add_witness, keep_cosignatures, remove_witness, retire_former_keys,
    sealed_entry, witnesses,
};
use kit_time::Source;
use tracelog::{
    Checkpoint, KeyKind, Note, Signer, TilePath, audit, cosign, leaf_hash, verify_cosignature,
    verify_inclusion,
};
use uuid::Uuid;

static TABLES: std::sync::LazyLock<Vec<Migration>> =
    std::sync::LazyLock::new(|| [kit_journal::MIGRATIONS, kit_ledger::MIGRATIONS].concat());

kit_db::on_both_databases!(TABLES =>
    each_entry_is_sealed_once, two_processes_make_one_log, processes_without_shared_files_agree,
    a_key_is_changed_without_a_gap, a_changed_entry_does_not_fit_its_leaf,
    an_older_copy_of_the_database_is_told, statements_prepare,
    witnesses_are_believed_while_they_are_named,
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
    let (one, other) = (seal(&db, &files, 2), seal(&db, &files, 3));
    append(&db, &journal, 3).await;
    one.run_once().await.unwrap();
    let old = other.tree().await.unwrap().verifiers().to_vec();
    let officer = Actor::system("test");
    let add = async || add_key(&db, &source(4), &officer, "journal").await;
    let retire = async || retire_former_keys(&db, &source(4), &officer, "journal").await;
    assert_eq!(retire().await.unwrap(), None, "there is no former one");
    add().await.unwrap();
    assert!(add().await.is_err(), "two keys sign already");
    // A process that had the log open signs by both, without being told.
    assert_eq!(other.run_once().await.unwrap(), 1);
    let tree = other.tree().await.unwrap();
    assert_eq!(tree.verifiers().len(), 2);
    let new = vec![tree.verifiers()[1].clone()];
    for keys in [&old, &new] {
        let head = Checkpoint::verified(&tree.checkpoint(), keys).unwrap();
        assert_eq!(head.size, 4, "that a key was added is in the journal");
    }
    assert_eq!(retire().await.unwrap().as_ref(), new.first());
    append(&db, &journal, 1).await;
    assert_eq!(one.run_once().await.unwrap(), 2);
    let tree = one.tree().await.unwrap();
    assert!(Checkpoint::verified(&tree.checkpoint(), &old).is_err());
    assert_eq!(
        Checkpoint::verified(&tree.checkpoint(), &new).unwrap().size,
        6
    );
    let entries = Journal::after(&db, 0, 100).await.unwrap();
    let acts = entries
        .iter()
        .filter(|one| one.action.starts_with("platform.log."));
    let acts: Vec<_> = acts.map(|one| (one.action.as_str(), one.public)).collect();
    assert_eq!(
        acts,
        [
            ("platform.log.add_key", true),
            ("platform.log.retire_keys", true)
        ]
    );
}

async fn witnesses_are_believed_while_they_are_named(db: Db) {
    let (journal, files) = (Journal::new(source(1)), Files::in_memory());
    let one = seal(&db, &files, 2);
    append(&db, &journal, 3).await;
    one.run_once().await.unwrap();
    let tree = one.tree().await.unwrap();
    let signer = |name: &str, kind, seed| Signer::from_seed(name, kind, &[seed; 32]).unwrap();
    let mine = signer("w.example", KeyKind::Witness, 5);
    let strange = signer("x.example", KeyKind::Witness, 6);
    let no_witness = signer("w.example", KeyKind::Note, 7);
    let (officer, drawn) = (Actor::system("test"), source(4));
    let add =
        async |of: &Signer| add_witness(&db, &drawn, &officer, "journal", of.verifier()).await;
    let remove = async |of: &Signer| {
        let removed = remove_witness(&db, &drawn, &officer, "journal", of.verifier());
        removed.await.unwrap()
    };
    assert!(add(&no_witness).await.is_err());
    assert!(add(&mine).await.unwrap());
    assert!(!add(&mine).await.unwrap(), "it is believed already");
    let head = tree.checkpoint();
    let said = |who: &[&Signer]| {
        let mut note = head.clone();
        for one in who {
            let word = cosign(&note, one, 1_772_352_000).unwrap();
            note.add_cosignature(one.verifier(), word).unwrap();
        }
        note.to_string()
    };
    let keep = async |sent: String| {
        let believed = witnesses(&db, "journal").await.unwrap();
        let kept = keep_cosignatures(&tree, &believed, sent.as_bytes()).await;
        kept.map(|kept| kept.into_iter().map(|one| one.name).collect::<Vec<_>>())
    };
    assert!(keep(said(&[])).await.is_err(), "nobody has signed");
    assert!(keep(said(&[&strange])).await.is_err(), "a stranger has");
    assert!(keep("nonsense".to_owned()).await.is_err());
    let forged = said(&[&mine]).replace("w.example", "v.example");
    assert!(keep(forged).await.is_err());
    assert_eq!(keep(said(&[&strange, &mine])).await.unwrap(), ["w.example"]);
    let kept = Note::parse(&tree.witnessed().await.unwrap().unwrap()).unwrap();
    verify_cosignature(&kept, mine.verifier()).unwrap();
    assert!(verify_cosignature(&kept, strange.verifier()).is_err());
    assert!(remove(&mine).await && !remove(&mine).await);
    assert!(
        keep(said(&[&mine])).await.is_err(),
        "its word counts no more"
    );
    // It may come back; and there is a limit.
    assert!(add(&mine).await.unwrap());
    for seed in 0..15 {
        add(&signer("many.example", KeyKind::Witness, 100 + seed))
            .await
            .unwrap();
    }
    assert!(add(&strange).await.is_err());
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
