//! One suite, run on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use jiff::Timestamp;
use jiff::civil::{Date, date};
use kit_db::{Db, DbError, Migration, Row, Statement};
use uuid::Uuid;

const MIGRATIONS: &[Migration] = &[Migration {
    module: "suite",
    name: "0001_things",
    sqlite: "CREATE TABLE thing (id BLOB PRIMARY KEY, n INTEGER, r REAL, b BOOLEAN, t TEXT UNIQUE,
             d TEXT, at INTEGER, x BLOB)",
    postgres: "CREATE TABLE thing (id UUID PRIMARY KEY, n BIGINT, r DOUBLE PRECISION, b BOOLEAN,
               t TEXT UNIQUE, d TEXT, at BIGINT, x BYTEA)",
}];

kit_db::statements! {
    INSERT = "suite.thing.insert":
        "INSERT INTO thing (id, n, r, b, t, d, at, x) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    FIND = "suite.thing.find": "SELECT n, r, b, t, d, at, x FROM thing WHERE id = $1";
    SET = "suite.thing.set": "UPDATE thing SET n = $2 WHERE id = $1";
    IDS = "suite.thing.ids": "SELECT id FROM thing ORDER BY id";
    COUNT = "suite.thing.count": "SELECT COUNT(*) AS n FROM thing WHERE CAST($1 AS BIGINT) IS NULL OR n > $1";
}

type Thing = (
    Option<i64>,
    Option<f64>,
    Option<bool>,
    Option<String>,
    Option<Date>,
    Option<Timestamp>,
    Option<Vec<u8>>,
);

fn read(row: &Row) -> Result<Thing, DbError> {
    Ok((
        row.get("n")?,
        row.get("r")?,
        row.get("b")?,
        row.get("t")?,
        row.get("d")?,
        row.get("at")?,
        row.get("x")?,
    ))
}

async fn insert(on: impl Into<kit_db::Handle<'_>>, id: Uuid, t: &Thing) -> Result<u64, DbError> {
    INSERT
        .bind(id)
        .bind(t.0)
        .bind(t.1)
        .bind(t.2)
        .bind(t.3.clone())
        .bind(t.4)
        .bind(t.5)
        .bind(t.6.clone())
        .execute(on)
        .await
}

fn thing(text: &str) -> Thing {
    (
        Some(i64::MAX),
        Some(0.1),
        Some(true),
        Some(text.to_owned()),
        Some(date(2024, 2, 29)),
        Some(Timestamp::from_microsecond(1_700_000_000_123_456).unwrap()),
        Some(vec![0, 255]),
    )
}

kit_db::on_both_databases!(MIGRATIONS =>
    values_come_back_as_they_went, nulls_come_back_as_nulls, a_dropped_transaction_leaves_nothing,
    a_broken_constraint_is_named, statements_prepare, a_second_migration_changes_nothing,
    a_changed_migration_is_refused, a_database_from_a_newer_program_is_refused,
    writers_take_turns, writes_at_once_are_all_kept_and_fail_alone,
    statements_take_effect_together_or_not_at_all, what_is_found_by_key_is_the_same,
    a_closed_database_writes_nothing_more, a_snapshot_reads_as_of_one_instant,
    a_snapshot_writes_nothing, a_reading_that_fails_stops_and_the_snapshot_goes_on,
);

async fn values_come_back_as_they_went(db: Db) {
    let id = Uuid::from_u128(1);
    insert(&db, id, &thing("été")).await.unwrap();
    assert_eq!(FIND.bind(id).one(&db, read).await.unwrap(), thing("été"));
    assert!(
        FIND.bind(Uuid::from_u128(2))
            .optional(&db, read)
            .await
            .unwrap()
            .is_none()
    );
    assert!(matches!(
        FIND.bind(Uuid::from_u128(2)).one(&db, read).await,
        Err(DbError::NoRow {
            statement: "suite.thing.find"
        })
    ));
}

async fn nulls_come_back_as_nulls(db: Db) {
    let nothing: Thing = (None, None, None, None, None, None, None);
    insert(&db, Uuid::from_u128(1), &nothing).await.unwrap();
    assert_eq!(
        FIND.bind(Uuid::from_u128(1)).one(&db, read).await.unwrap(),
        nothing
    );
    let count = |row: &Row| row.get::<i64>("n");
    assert_eq!(COUNT.bind(None::<i64>).one(&db, count).await.unwrap(), 1);
    assert_eq!(COUNT.bind(3_i64).one(&db, count).await.unwrap(), 0);
}

async fn a_dropped_transaction_leaves_nothing(db: Db) {
    let mut tx = db.begin().await.unwrap();
    insert(&mut tx, Uuid::from_u128(1), &thing("a"))
        .await
        .unwrap();
    drop(tx);
    let mut tx = db.begin().await.unwrap();
    insert(&mut tx, Uuid::from_u128(2), &thing("b"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let n = COUNT
        .bind(None::<i64>)
        .one(&db, |row| row.get::<i64>("n"))
        .await
        .unwrap();
    assert_eq!(n, 1);
}

async fn a_broken_constraint_is_named(db: Db) {
    insert(&db, Uuid::from_u128(1), &thing("a")).await.unwrap();
    let error = insert(&db, Uuid::from_u128(2), &thing("a"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, DbError::Constraint { statement: "suite.thing.insert", constraint, .. }
            if constraint.contains("thing")),
        "{error:?}"
    );
}

async fn statements_prepare(db: Db) {
    for statement in ALL {
        db.prepare(statement).await.unwrap();
    }
    let wrong = Statement::new("suite.wrong", "SELECT nothing FROM nowhere");
    assert!(db.prepare(&wrong).await.is_err());
}

async fn a_second_migration_changes_nothing(db: Db) {
    assert_eq!(db.migrate(MIGRATIONS).await.unwrap(), Vec::<String>::new());
}

async fn a_changed_migration_is_refused(db: Db) {
    let changed = [Migration {
        sqlite: "SELECT 1",
        postgres: "SELECT 1",
        ..MIGRATIONS[0]
    }];
    let error = db.migrate(&changed).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "migration suite/0001_things was changed after it had been applied"
    );
}

async fn a_database_from_a_newer_program_is_refused(db: Db) {
    let error = db.migrate(&[]).await.unwrap_err().to_string();
    assert!(error.contains("this program, which is older"), "{error}");
}

async fn writers_take_turns(db: Db) {
    let writers: Vec<_> = (0..16_u128)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut tx = db.begin().await.unwrap();
                insert(&mut tx, Uuid::from_u128(n), &thing(&n.to_string()))
                    .await
                    .unwrap();
                tokio::task::yield_now().await;
                tx.commit().await.unwrap();
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let n = COUNT
        .bind(None::<i64>)
        .one(&db, |row| row.get::<i64>("n"))
        .await
        .unwrap();
    assert_eq!(n, 16);
}

async fn count(db: &Db, above: Option<i64>) -> i64 {
    let query = COUNT.bind(above);
    query.one(db, |row| row.get::<i64>("n")).await.unwrap()
}

async fn writes_at_once_are_all_kept_and_fail_alone(db: Db) {
    let writers: Vec<_> = (0..200_u128)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move {
                // Each tenth has the text of another one.
                let text = if n % 10 == 9 { n - 1 } else { n }.to_string();
                let done = insert(&db, Uuid::from_u128(n), &thing(&text)).await;
                match done {
                    Ok(rows) => u64::from(rows == 1),
                    Err(DbError::Constraint { .. }) => 0,
                    Err(error) => panic!("{error:?}"),
                }
            })
        })
        .collect();
    let mut kept = 0;
    for writer in writers {
        kept += writer.await.unwrap();
    }
    assert_eq!(kept, 180);
    assert_eq!(count(&db, None).await, 180);
}

async fn statements_take_effect_together_or_not_at_all(db: Db) {
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    insert(&db, one, &thing("a")).await.unwrap();
    let set = |id: Uuid, n: i64| SET.bind(id).bind(n);
    let together = |statements| db.all_or_none(statements);
    assert!(together(vec![set(one, 101)]).await.unwrap());
    assert!(!together(vec![set(two, 102)]).await.unwrap());
    // The last changes nothing: neither does the first.
    let nothing = vec![set(one, 103), set(two, 103)];
    assert!(!together(nothing).await.unwrap());
    assert_eq!(count(&db, Some(102)).await, 0);
    // The first changes nothing: the next isn't run.
    assert!(!together(vec![set(two, 104), set(one, 104)]).await.unwrap());
    assert_eq!(count(&db, Some(102)).await, 0);
    // The last is refused: the first is undone. So are not those that come at the same time.
    let again = thing("a");
    let refused = vec![
        set(one, 105),
        INSERT
            .bind(two)
            .bind(again.0)
            .bind(again.1)
            .bind(again.2)
            .bind(again.3.clone())
            .bind(again.4)
            .bind(again.5)
            .bind(again.6.clone()),
    ];
    let mut three = thing("b");
    three.0 = Some(0);
    let (refused, other) = tokio::join!(together(refused), insert(&db, Uuid::from_u128(3), &three));
    let error = refused.unwrap_err();
    assert!(matches!(error, DbError::Constraint { .. }), "{error:?}");
    assert_eq!(other.unwrap(), 1);
    assert_eq!(count(&db, Some(102)).await, 0);
    assert_eq!(count(&db, None).await, 2);
    assert!(together(vec![set(one, 106), set(one, 107)]).await.unwrap());
    assert_eq!(count(&db, Some(106)).await, 1);
}

#[tokio::test]
async fn an_unknown_url_is_refused_without_its_password() {
    let options = kit_db::DbOptions::new("mysql://user:secret@host/name");
    let error = Db::open(&options).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "\"mysql://…@host/name\" is no database URL: write sqlite:PATH or postgres://HOST/NAME"
    );
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn url_of(file: &std::path::Path) -> String {
    format!("sqlite:{}", file.display())
}

async fn filled(folder: &std::path::Path) -> Db {
    filled_at(&url_of(&folder.join("a.sqlite"))).await
}

async fn filled_at(url: &str) -> Db {
    let db = Db::open(&kit_db::DbOptions::new(url)).await.unwrap();
    db.migrate(MIGRATIONS).await.unwrap();
    for n in 0..200 {
        insert(&db, Uuid::from_u128(n), &thing(&n.to_string()))
            .await
            .unwrap();
    }
    db
}

#[tokio::test]
async fn a_copy_is_made_while_writers_go_on_and_put_back() {
    let folder = folder();
    let db = filled(folder.path()).await;
    let writer = tokio::spawn({
        let db = db.clone();
        async move {
            for n in 1_000..1_200_u128 {
                insert(&db, Uuid::from_u128(n), &thing(&n.to_string()))
                    .await
                    .unwrap();
            }
        }
    });
    let copy = folder.path().join("copy.sqlite");
    db.copy_to("", &copy).await.unwrap();
    writer.await.unwrap();
    assert!(matches!(
        db.copy_to("", &copy).await,
        Err(kit_db::CopyError::Exists(_))
    ));
    let target = folder.path().join("new/b.sqlite");
    Db::restore_copy(&copy, &url_of(&target), MIGRATIONS)
        .await
        .unwrap();
    let again = Db::restore_copy(&copy, &url_of(&target), MIGRATIONS).await;
    assert!(matches!(again, Err(kit_db::CopyError::Exists(_))));
    let url = format!("sqlite:{}", target.display());
    let restored = Db::open(&kit_db::DbOptions::new(url)).await.unwrap();
    let count = |row: &Row| row.get::<i64>("n");
    let n = COUNT.bind(None::<i64>).one(&restored, count).await.unwrap();
    assert!((200..=400).contains(&n), "{n}");
}

#[tokio::test]
async fn a_damaged_or_foreign_copy_is_refused() {
    let folder = folder();
    let db = filled(folder.path()).await;
    let copy = folder.path().join("copy.sqlite");
    db.copy_to("", &copy).await.unwrap();
    let sound = std::fs::read(&copy).unwrap();
    let target = folder.path().join("b.sqlite");
    let mut flipped = sound.clone();
    let middle = sound.len() / 2;
    for byte in &mut flipped[middle..middle + 64] {
        *byte = !*byte;
    }
    let text = b"not a database".to_vec();
    for damaged in [flipped, sound[..sound.len() / 2].to_vec(), text, Vec::new()] {
        let file = folder.path().join("damaged.sqlite");
        std::fs::write(&file, damaged).unwrap();
        let refused = Db::restore_copy(&file, &url_of(&target), MIGRATIONS).await;
        assert!(
            matches!(refused, Err(kit_db::CopyError::Damaged { .. })),
            "{refused:?}"
        );
        assert!(!target.exists());
    }
    let newer = Db::restore_copy(&copy, &url_of(&target), &[])
        .await
        .unwrap_err()
        .to_string();
    assert!(
        newer.contains("newer program (suite/0001_things)"),
        "{newer}"
    );
}

#[tokio::test]
async fn a_server_is_copied_while_writers_go_on_and_put_back() {
    let folder = folder();
    let url = kit_db::testing::postgres_url().await;
    let db = filled_at(&url).await;
    let writer = tokio::spawn({
        let db = db.clone();
        async move {
            for n in 1_000..1_200_u128 {
                insert(&db, Uuid::from_u128(n), &thing(&n.to_string()))
                    .await
                    .unwrap();
            }
        }
    });
    let copy = folder.path().join("copy.dump");
    db.copy_to(&url, &copy).await.unwrap();
    writer.await.unwrap();
    let again = db.copy_to(&url, &copy).await;
    assert!(matches!(again, Err(kit_db::CopyError::Exists(_))));
    let target = kit_db::testing::postgres_url().await;
    Db::restore_copy(&copy, &target, MIGRATIONS).await.unwrap();
    let again = Db::restore_copy(&copy, &target, MIGRATIONS).await;
    assert!(matches!(again, Err(kit_db::CopyError::Exists(_))));
    let restored = Db::open(&kit_db::DbOptions::new(&target)).await.unwrap();
    let count = |row: &Row| row.get::<i64>("n");
    let n = COUNT.bind(None::<i64>).one(&restored, count).await.unwrap();
    assert!((200..=400).contains(&n), "{n}");
    assert!(restored.migrate(MIGRATIONS).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_damaged_or_foreign_copy_of_a_server_is_refused() {
    let folder = folder();
    let url = kit_db::testing::postgres_url().await;
    let db = filled_at(&url).await;
    let copy = folder.path().join("copy.dump");
    db.copy_to(&url, &copy).await.unwrap();
    let sound = std::fs::read(&copy).unwrap();
    let target = kit_db::testing::postgres_url().await;
    let at = |place: usize| {
        let mut flipped = sound.clone();
        flipped[place] ^= 1;
        flipped
    };
    let last = sound.len() - 1;
    let no_copy = b"not a copy".to_vec();
    for damaged in [
        at(last),
        at(last / 2),
        at(40),
        sound[..last].to_vec(),
        sound[..100].to_vec(),
        no_copy,
        Vec::new(),
    ] {
        let file = folder.path().join("damaged.dump");
        std::fs::write(&file, damaged).unwrap();
        let refused = Db::restore_copy(&file, &target, MIGRATIONS).await;
        let is_damaged = matches!(refused, Err(kit_db::CopyError::Damaged { .. }));
        assert!(is_damaged, "{refused:?}");
    }
    let newer = Db::restore_copy(&copy, &target, &[]).await.unwrap_err();
    let newer = newer.to_string();
    assert!(
        newer.contains("newer program (suite/0001_things)"),
        "{newer}"
    );
    let embedded = filled(folder.path()).await;
    let other = folder.path().join("copy.sqlite");
    embedded.copy_to("", &other).await.unwrap();
    let refused = Db::restore_copy(&other, &target, MIGRATIONS).await;
    assert!(matches!(refused, Err(kit_db::CopyError::OtherKind { .. })));
    let fresh = url_of(&folder.path().join("fresh.sqlite"));
    let refused = Db::restore_copy(&copy, &fresh, MIGRATIONS).await;
    assert!(matches!(refused, Err(kit_db::CopyError::OtherKind { .. })));
    // Nothing of all that went in.
    Db::restore_copy(&copy, &target, MIGRATIONS).await.unwrap();
}

async fn what_is_found_by_key_is_the_same(db: Db) {
    let nothing: Thing = (None, None, None, None, None, None, None);
    for (n, thing) in [(1, thing("été")), (2, nothing)] {
        let id = Uuid::from_u128(n);
        insert(&db, id, &thing).await.unwrap();
        let found = FIND.bind(id).by_key().one(&db, read).await.unwrap();
        assert_eq!(found, thing);
    }
    let absent = FIND.bind(Uuid::from_u128(3)).by_key();
    assert!(absent.optional(&db, read).await.unwrap().is_none());
    // A transaction sees what it wrote, others don't yet.
    let id = Uuid::from_u128(1);
    let mut tx = db.begin().await.unwrap();
    SET.bind(id).bind(7_i64).execute(&mut tx).await.unwrap();
    let n = |row: &Row| row.get::<i64>("n");
    let inside = FIND.bind(id).by_key().one(&mut tx, n).await.unwrap();
    let outside = FIND.bind(id).by_key().one(&db, n).await.unwrap();
    assert_eq!((inside, outside), (7, i64::MAX));
    tx.commit().await.unwrap();
    assert_eq!(FIND.bind(id).by_key().one(&db, n).await.unwrap(), 7);
    // What isn't there, or isn't of that kind, is told by its column.
    for column in ["absent", "t"] {
        let read = |row: &Row| row.get::<i64>(column);
        let error = FIND.bind(id).by_key().one(&db, read).await.unwrap_err();
        assert!(matches!(&error, DbError::Column { column: named, .. } if named == column));
    }
    let read = |row: &Row| row.get::<i64>("n");
    let null = FIND.bind(Uuid::from_u128(2)).by_key().one(&db, read).await;
    assert!(matches!(null, Err(DbError::Column { .. })));
}

async fn a_closed_database_writes_nothing_more(db: Db) {
    insert(&db, Uuid::from_u128(1), &thing("a")).await.unwrap();
    db.close().await;
    let late = insert(&db, Uuid::from_u128(2), &thing("b")).await;
    assert!(matches!(late, Err(DbError::Unavailable(_))), "{late:?}");
}

async fn a_snapshot_reads_as_of_one_instant(db: Db) {
    let count = |row: &Row| row.get::<i64>("n");
    insert(&db, Uuid::from_u128(1), &thing("a")).await.unwrap();
    let mut tx = db.begin_snapshot().await.unwrap();
    let seen = FIND.bind(Uuid::from_u128(1)).all(&mut tx, read).await;
    assert_eq!(seen.unwrap(), [thing("a")], "every kind of value");
    insert(&db, Uuid::from_u128(2), &thing("b")).await.unwrap();
    let all = COUNT.bind(None::<i64>);
    assert_eq!(all.one(&mut tx, count).await.unwrap(), 1);
    let absent = FIND.bind(Uuid::from_u128(2));
    assert_eq!(absent.optional(&mut tx, read).await.unwrap(), None);
    drop(tx);
    let mut tx = db.begin_snapshot().await.unwrap();
    let all = COUNT.bind(None::<i64>);
    assert_eq!(all.one(&mut tx, count).await.unwrap(), 2);
}

async fn a_snapshot_writes_nothing(db: Db) {
    let mut tx = db.begin_snapshot().await.unwrap();
    let written = insert(&mut tx, Uuid::from_u128(1), &thing("a")).await;
    assert!(
        matches!(written, Err(DbError::Statement { .. })),
        "{written:?}"
    );
    drop(tx);
    let absent = FIND.bind(Uuid::from_u128(1));
    assert_eq!(absent.optional(&db, read).await.unwrap(), None);
}

async fn a_reading_that_fails_stops_and_the_snapshot_goes_on(db: Db) {
    for n in 1..=3 {
        let t = thing(&n.to_string());
        insert(&db, Uuid::from_u128(n), &t).await.unwrap();
    }
    let mut tx = db.begin_snapshot().await.unwrap();
    let mut seen = 0;
    let ids = IDS.query().each(&mut tx, |row| {
        seen += 1;
        row.get::<i64>("id").map(drop)
    });
    assert!(matches!(ids.await, Err(DbError::Column { .. })));
    assert_eq!(seen, 1);
    let ids = IDS.query().all(&mut tx, |row| row.get::<Uuid>("id")).await;
    assert_eq!(ids.unwrap(), [1, 2, 3].map(Uuid::from_u128));
}
