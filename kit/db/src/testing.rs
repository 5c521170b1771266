//! Databases for tests: one suite, run on both.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Db, DbError, DbOptions, Engine, Migration, Statement};

/// The variable that holds the URL of the `PostgreSQL` that `cargo xtask test` started.
pub const POSTGRES_VARIABLE: &str = "GOUVERNAIL_TEST_POSTGRES";

/// A migrated, empty database that goes away with the value.
#[derive(Debug)]
pub struct TestDb {
    /// The database.
    pub db: Db,
    _folder: Option<tempfile::TempDir>,
}

impl TestDb {
    /// A fresh database of the kind asked for.
    ///
    /// # Panics
    /// When it can't be made: without `PostgreSQL` a test run must fail, not pass on less.
    #[allow(clippy::expect_used, clippy::disallowed_methods)] // a test's scaffolding
    pub async fn new(engine: Engine, migrations: &[Migration]) -> Self {
        let (db, folder) = match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let url = format!("sqlite:{}", folder.path().join("test.sqlite").display());
                (
                    Db::open(&DbOptions::new(url)).await.expect("SQLite opens"),
                    Some(folder),
                )
            }
            Engine::Postgres => {
                let options = DbOptions {
                    connections_max: 4,
                    ..DbOptions::new(postgres_url().await)
                };
                (Db::open(&options).await.expect("PostgreSQL opens"), None)
            }
        };
        db.migrate(migrations).await.expect("the migrations apply");
        Self {
            db,
            _folder: folder,
        }
    }
}

/// The URL of a fresh, empty `PostgreSQL` database: each test has one of its own, no shared state,
/// no order.
///
/// # Panics
/// When it can't be made.
#[allow(clippy::expect_used, clippy::disallowed_methods)] // a test's scaffolding
pub async fn postgres_url() -> String {
    let server = std::env::var(POSTGRES_VARIABLE)
        .expect("GOUVERNAIL_TEST_POSTGRES is set: run `cargo xtask test`");
    fresh_postgres(&server)
        .await
        .expect("PostgreSQL makes a database")
}

async fn fresh_postgres(server: &str) -> Result<String, DbError> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    let admin = Db::open(&DbOptions {
        connections_max: 1,
        ..DbOptions::new(server)
    })
    .await?;
    for sql in [
        format!("DROP DATABASE IF EXISTS {name}"),
        format!("CREATE DATABASE {name}"),
    ] {
        Statement::composed("db.testing.create", sql)
            .query()
            .execute(&admin)
            .await?;
    }
    admin.close().await;
    let (base, query) = server
        .split_once('?')
        .map_or((server, None), |(b, q)| (b, Some(q)));
    let base = base.rsplit_once('/').map_or(base, |(base, _)| base);
    Ok(match query {
        Some(query) => format!("{base}/{name}?{query}"),
        None => format!("{base}/{name}"),
    })
}

/// Declares a test once and runs it on both databases.
///
/// ```ignore
/// kit_db::on_both_databases!(MIGRATIONS: a_person_is_found, a_person_is_locked);
/// async fn a_person_is_found(db: Db) { … }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($migrations:expr => $($test:ident),* $(,)?) => {
        fn migrations_of_this_suite() -> Vec<$crate::Migration> {
            $migrations.to_vec()
        }
        mod on_sqlite {$(
            #[tokio::test]
            async fn $test() {
                let test =
                    $crate::testing::TestDb::new($crate::Engine::Sqlite, &super::migrations_of_this_suite()).await;
                super::$test(test.db.clone()).await;
            }
        )*}
        mod on_postgres {$(
            #[tokio::test]
            async fn $test() {
                let test =
                    $crate::testing::TestDb::new($crate::Engine::Postgres, &super::migrations_of_this_suite()).await;
                super::$test(test.db.clone()).await;
            }
        )*}
    };
}
