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
                let url = postgres_with(&server(), Some(migrations))
                    .await
                    .expect("PostgreSQL makes a database");
                let options = DbOptions {
                    connections_max: 4,
                    ..DbOptions::new(url)
                };
                (Db::open(&options).await.expect("PostgreSQL opens"), None)
            }
        };
        if engine == Engine::Sqlite {
            db.migrate(migrations).await.expect("the migrations apply");
        }
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
#[allow(clippy::expect_used)] // a test's scaffolding
pub async fn postgres_url() -> String {
    postgres_with(&server(), None)
        .await
        .expect("PostgreSQL makes a database")
}

#[allow(clippy::expect_used, clippy::disallowed_methods)] // a test's scaffolding
fn server() -> String {
    std::env::var(POSTGRES_VARIABLE)
        .expect("GOUVERNAIL_TEST_POSTGRES is set: run `cargo xtask test`")
}

async fn run(on: &Db, sql: String) -> Result<(), DbError> {
    let statement = Statement::composed("db.testing.create", sql);
    statement.query().execute(on).await.map(drop)
}

/// The address of another database on a server.
fn beside(server: &str, name: &str) -> String {
    let (base, query) = server
        .split_once('?')
        .map_or((server, None), |(b, q)| (b, Some(q)));
    let base = base.rsplit_once('/').map_or(base, |(base, _)| base);
    match query {
        Some(query) => format!("{base}/{name}?{query}"),
        None => format!("{base}/{name}"),
    }
}

/// A fresh database: empty, or with the tables of some migrations.
async fn postgres_with(server: &str, migrations: Option<&[Migration]>) -> Result<String, DbError> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    let admin = Db::open(&DbOptions {
        connections_max: 1,
        ..DbOptions::new(server)
    })
    .await?;
    let template = match migrations {
        Some(migrations) => template(&admin, server, migrations).await?,
        None => "template1".to_owned(),
    };
    run(&admin, format!("DROP DATABASE IF EXISTS {name}")).await?;
    run(
        &admin,
        format!("CREATE DATABASE {name} TEMPLATE {template}"),
    )
    .await?;
    admin.close().await;
    Ok(beside(server, &name))
}

/// A database with the tables of some migrations, to copy: made by the first test that asks, since
/// copying one takes a fraction of what making a hundred tables does.
async fn template(admin: &Db, server: &str, migrations: &[Migration]) -> Result<String, DbError> {
    let mut hasher = blake3::Hasher::new();
    for one in migrations {
        for part in [one.module, one.name, one.postgres] {
            hasher.update(part.as_bytes()).update(&[0]);
        }
    }
    let hash = &hasher.finalize().to_hex()[..16];
    let name = format!("migrated_{hash}");
    // The connection's own lock: it ends with `admin`.
    run(admin, "SELECT pg_advisory_lock(7234992)".to_owned()).await?;
    let known = Statement::composed(
        "db.testing.template",
        format!("SELECT COUNT(*) AS number FROM pg_database WHERE datname = '{name}'"),
    );
    let known: i64 = known.query().one(admin, |row| row.get("number")).await?;
    if known == 0 {
        // Under another name until it is whole.
        let unfinished = format!("unfinished_{hash}");
        run(admin, format!("DROP DATABASE IF EXISTS {unfinished}")).await?;
        run(admin, format!("CREATE DATABASE {unfinished}")).await?;
        let db = Db::open(&DbOptions {
            connections_max: 1,
            ..DbOptions::new(beside(server, &unfinished))
        })
        .await?;
        db.migrate(migrations).await?;
        db.close().await;
        run(
            admin,
            format!("ALTER DATABASE {unfinished} RENAME TO {name}"),
        )
        .await?;
    }
    run(admin, "SELECT pg_advisory_unlock(7234992)".to_owned()).await?;
    Ok(name)
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
