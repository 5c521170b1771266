//! The journal on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kit_access::Actor;
use kit_db::{Db, Tx};
use kit_journal::{Change, Entry, Filter, Journal, Subscriber, Subscribers};
use kit_time::Source;
use uuid::Uuid;

kit_db::on_both_databases!(kit_journal::MIGRATIONS =>
    numbers_have_no_gaps, an_aborted_change_leaves_no_entry, an_entry_never_changes,
    a_page_is_narrowed, a_subscriber_sees_each_entry_once, a_failing_subscriber_stops_and_resumes,
    statements_prepare,
);

fn journal() -> Journal {
    Journal::new(Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), 1))
}

async fn append(db: &Db, action: &'static str, subject: u128) {
    let mut tx = db.begin().await.unwrap();
    let change = Change::new(action, "thing", Uuid::from_u128(subject))
        .after(serde_json::json!({ "n": subject.to_string() }));
    journal_append(&mut tx, change).await;
    tx.commit().await.unwrap();
}

async fn journal_append(tx: &mut Tx, change: Change<'_>) {
    // Ids are seeded: a second journal would draw the same ones.
    static JOURNAL: std::sync::OnceLock<Journal> = std::sync::OnceLock::new();
    let actor = Actor::person(Uuid::from_u128(7), "Ada", vec![]);
    JOURNAL
        .get_or_init(journal)
        .append(tx, &actor, change)
        .await
        .unwrap();
}

async fn numbers_have_no_gaps(db: Db) {
    let writers: Vec<_> = (0..12_u128)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move { append(&db, "t.thing.make", n).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let entries = Journal::after(&db, 0, 100).await.unwrap();
    let numbers: Vec<_> = entries.iter().map(|entry| entry.seq).collect();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    assert_eq!(Journal::head(&db).await.unwrap(), 12);
}

async fn an_aborted_change_leaves_no_entry(db: Db) {
    let mut tx = db.begin().await.unwrap();
    journal_append(
        &mut tx,
        Change::new("t.thing.make", "thing", Uuid::from_u128(1)),
    )
    .await;
    drop(tx);
    append(&db, "t.thing.make", 2).await;
    let entries = Journal::after(&db, 0, 100).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].seq, entries[0].actor_name.as_str()), (1, "Ada"));
}

async fn an_entry_never_changes(db: Db) {
    append(&db, "t.thing.make", 1).await;
    for sql in [
        "UPDATE journal_entry SET action = 'x'",
        "DELETE FROM journal_entry",
    ] {
        let statement = kit_db::Statement::composed("t.tamper", sql.to_owned());
        let error = statement.query().execute(&db).await.unwrap_err();
        let chain = format!("{error:?}");
        assert!(
            chain.contains("entries of the journal never change"),
            "{chain}"
        );
    }
}

async fn a_page_is_narrowed(db: Db) {
    for n in 0..5 {
        append(
            &db,
            if n % 2 == 0 {
                "t.thing.make"
            } else {
                "t.thing.break"
            },
            n,
        )
        .await;
    }
    let filter = Filter {
        action: Some("t.thing.break".to_owned()),
        ..Filter::default()
    };
    let page = Journal::browse(&db, &filter, None, 1).await.unwrap();
    assert_eq!(page.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [4]);
    let page = Journal::browse(&db, &filter, Some(4), 10).await.unwrap();
    assert_eq!(page.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2]);
    let public = Filter {
        public_only: true,
        ..Filter::default()
    };
    assert!(
        Journal::browse(&db, &public, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let history = Journal::of_subject(&db, "thing", Uuid::from_u128(3), None, 10)
        .await
        .unwrap();
    assert_eq!(history[0].after, Some(serde_json::json!({ "n": "3" })));
}

/// Copies each entry's number into a cursor of its own making, and fails at one when told.
struct Copy(&'static str, Arc<AtomicBool>);

impl Subscriber for Copy {
    fn name(&self) -> &'static str {
        self.0
    }

    fn handle<'f>(&'f self, tx: &'f mut Tx, entry: &'f Entry) -> kit_journal::Handled<'f> {
        Box::pin(async move {
            if entry.seq == 3 && self.1.load(Ordering::SeqCst) {
                return Err("the third is too much".into());
            }
            let sql = "INSERT INTO journal_cursor (subscriber, seq) VALUES ($1, $2)";
            kit_db::Statement::new("t.copy", sql)
                .bind(format!("copied-{}", entry.seq))
                .bind(entry.seq)
                .execute(tx)
                .await?;
            Ok(())
        })
    }
}

async fn a_subscriber_sees_each_entry_once(db: Db) {
    for n in 0..5 {
        append(&db, "t.thing.make", n).await;
    }
    let copy = Arc::new(Copy("copy", Arc::default()));
    let subscribers = Subscribers::new(db.clone(), vec![copy]);
    assert_eq!(subscribers.run_once().await.unwrap(), 5);
    assert_eq!(subscribers.run_once().await.unwrap(), 0);
    append(&db, "t.thing.make", 6).await;
    assert_eq!(subscribers.run_once().await.unwrap(), 1);
}

async fn a_failing_subscriber_stops_and_resumes(db: Db) {
    for n in 0..5 {
        append(&db, "t.thing.make", n).await;
    }
    let failing = Arc::new(AtomicBool::new(true));
    let copy = Arc::new(Copy("copy", failing.clone()));
    let subscribers = Subscribers::new(db.clone(), vec![copy]);
    subscribers.run_once().await.unwrap();
    let state = subscribers.states().await.unwrap();
    let state = state
        .iter()
        .find(|state| state.subscriber == "copy")
        .unwrap();
    assert_eq!((state.seq, state.failures), (2, 1));
    assert_eq!(state.problem.as_deref(), Some("the third is too much"));
    failing.store(false, Ordering::SeqCst);
    assert_eq!(subscribers.run_once().await.unwrap(), 3);
    let state = subscribers.states().await.unwrap();
    let state = state
        .iter()
        .find(|state| state.subscriber == "copy")
        .unwrap();
    assert_eq!((state.seq, state.failures), (5, 0));
}

async fn statements_prepare(db: Db) {
    for statement in kit_journal::statements() {
        db.prepare(&statement).await.unwrap();
    }
}
