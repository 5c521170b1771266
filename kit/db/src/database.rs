//! Pools, transactions, and what a statement can run on.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Executor as _, PgPool, SqlitePool};

use crate::direct::{Readers, Reading};
use crate::group::{Done, Group};
use crate::statement::Query;
use crate::{DbError, Statement};

/// Which database is underneath. Only a store's `dialect.rs` may ask, saying why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// A server.
    Postgres,
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Most connections at once: readers of `SQLite`, all of `PostgreSQL`. 1 to 1,000.
    pub connections_max: u32,
    /// How long a call waits for a free connection before it fails as unavailable.
    pub acquire_timeout: Duration,
}

impl DbOptions {
    /// The defaults for `url`: 8 connections, 5 seconds.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections_max: 8,
            acquire_timeout: Duration::from_secs(5),
        }
    }
}

#[derive(Debug)]
enum Pools {
    /// One writer, because `SQLite` has one: writes wait in our queue, not in its busy loop.
    Sqlite {
        write: SqlitePool,
        /// Single writes, which share the writer's commits.
        group: Group,
        read: Readers,
        path: PathBuf,
    },
    Postgres(PgPool),
}

/// Pages that each connection which reads an embedded database keeps, in KiB (negative, as `SQLite`
/// wants it): little, since the system keeps the file in memory for all of them.
pub(crate) const READER_CACHE: &str = "-512";

/// An open database; a cheap clone.
#[derive(Debug, Clone)]
pub struct Db(Arc<Pools>);

/// A transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct Tx(TxInner);

#[derive(Debug)]
enum TxInner {
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
    /// Of an embedded database, only to read.
    Snapshot(Reading),
}

/// What a statement runs on: the database (each call alone) or a transaction.
#[derive(Debug)]
pub enum Handle<'h> {
    /// The pools.
    Db(&'h Db),
    /// A transaction.
    Tx(&'h mut Tx),
}

impl<'h> From<&'h Db> for Handle<'h> {
    fn from(db: &'h Db) -> Self {
        Self::Db(db)
    }
}

impl<'h> From<&'h mut Tx> for Handle<'h> {
    fn from(tx: &'h mut Tx) -> Self {
        Self::Tx(tx)
    }
}

/// Where a statement that writes runs.
pub(crate) enum Writer<'h> {
    Group(&'h Group),
    PgPool(&'h PgPool),
    Sqlite(&'h mut sqlx::SqliteConnection),
    Pg(&'h mut sqlx::PgConnection),
    Snapshot(&'h mut Reading),
}

pub(crate) enum Connection<'h> {
    Readers(&'h Readers),
    PgPool(&'h PgPool),
    Sqlite(&'h mut sqlx::SqliteConnection),
    Pg(&'h mut sqlx::PgConnection),
    Snapshot(&'h mut Reading),
}

impl<'h> Handle<'h> {
    /// Where a row of an embedded database is read at once: outside of transactions, which see what
    /// they wrote.
    pub(crate) fn direct(&self) -> Option<&'h Readers> {
        match self {
            Self::Db(db) => match &*db.0 {
                Pools::Sqlite { read, .. } => Some(read),
                Pools::Postgres(_) => None,
            },
            Self::Tx(_) => None,
        }
    }

    pub(crate) fn reader(self) -> Connection<'h> {
        match self {
            Self::Db(db) => match &*db.0 {
                Pools::Sqlite { read, .. } => Connection::Readers(read),
                Pools::Postgres(pool) => Connection::PgPool(pool),
            },
            Self::Tx(tx) => tx.connection(),
        }
    }

    pub(crate) fn writer(self) -> Writer<'h> {
        match self {
            Self::Db(db) => match &*db.0 {
                Pools::Sqlite { group, .. } => Writer::Group(group),
                Pools::Postgres(pool) => Writer::PgPool(pool),
            },
            Self::Tx(tx) => match &mut tx.0 {
                TxInner::Sqlite(tx) => Writer::Sqlite(tx),
                TxInner::Postgres(tx) => Writer::Pg(tx),
                TxInner::Snapshot(snapshot) => Writer::Snapshot(snapshot),
            },
        }
    }
}

impl Tx {
    fn connection(&mut self) -> Connection<'_> {
        match &mut self.0 {
            TxInner::Sqlite(tx) => Connection::Sqlite(tx),
            TxInner::Postgres(tx) => Connection::Pg(tx),
            TxInner::Snapshot(snapshot) => Connection::Snapshot(snapshot),
        }
    }

    /// Which database is underneath.
    pub fn engine(&self) -> Engine {
        match self.0 {
            TxInner::Sqlite(_) | TxInner::Snapshot(_) => Engine::Sqlite,
            TxInner::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a script of several statements without arguments.
    pub async fn script(&mut self, sql: &str) -> Result<(), DbError> {
        if let TxInner::Snapshot(snapshot) = &mut self.0 {
            let done = snapshot.script(sql);
            return done.map_err(|error| DbError::of_direct("script", error));
        }
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match &mut self.0 {
            TxInner::Sqlite(tx) => tx.execute(sql).await.map(drop),
            TxInner::Postgres(tx) => tx.execute(sql).await.map(drop),
            TxInner::Snapshot(_) => Ok(()),
        }
        .map_err(|source| DbError::of("script", source))
    }

    /// Makes the transaction durable. When this returns `Ok`, it survives a power cut.
    pub async fn commit(self) -> Result<(), DbError> {
        match self.0 {
            TxInner::Sqlite(tx) => tx.commit().await,
            TxInner::Postgres(tx) => tx.commit().await,
            // It wrote nothing.
            TxInner::Snapshot(_) => Ok(()),
        }
        .map_err(|source| DbError::Transaction {
            step: "committed",
            source,
        })
    }
}

impl Db {
    /// Opens the database; an absent `SQLite` file and its folder are created.
    pub async fn open(options: &DbOptions) -> Result<Self, DbError> {
        let url = options.url.as_str();
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::open_sqlite(path.trim_start_matches("//"), options).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url, options).await
        } else {
            Err(DbError::Url(without_password(url)))
        }
    }

    async fn open_sqlite(path: &str, options: &DbOptions) -> Result<Self, DbError> {
        let path = PathBuf::from(path.split('?').next().unwrap_or(path));
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            tokio::fs::create_dir_all(folder)
                .await
                .map_err(|error| DbError::Unavailable(sqlx::Error::Io(error)))?;
        }
        let connect = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: an acknowledged write survives a power cut, not only a crash of the process.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(options.acquire_timeout)
            .pragma("temp_store", "memory")
            .pragma("journal_size_limit", "67108864")
            .optimize_on_close(true, 400);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(options.acquire_timeout.max(Duration::from_secs(30)))
            .connect_with(connect)
            .await
            .map_err(DbError::Unavailable)?;
        let group = Group::on(write.clone(), &path);
        let read = Readers::on(&path, options.connections_max, options.acquire_timeout);
        Ok(Self(Arc::new(Pools::Sqlite {
            write,
            group,
            read,
            path,
        })))
    }

    async fn open_postgres(url: &str, options: &DbOptions) -> Result<Self, DbError> {
        let connect = PgConnectOptions::from_str(url)
            .map_err(|_| DbError::Url(without_password(url)))?
            .application_name("gouvernail");
        let pool = PgPoolOptions::new()
            .max_connections(options.connections_max)
            .acquire_timeout(options.acquire_timeout)
            .connect_with(connect)
            .await
            .map_err(DbError::Unavailable)?;
        Ok(Self(Arc::new(Pools::Postgres(pool))))
    }

    /// Which database is underneath.
    pub fn engine(&self) -> Engine {
        match &*self.0 {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// The one connection that writes an embedded database.
    pub(crate) fn sqlite_writer(&self) -> Option<&SqlitePool> {
        match &*self.0 {
            Pools::Sqlite { write, .. } => Some(write),
            Pools::Postgres(_) => None,
        }
    }

    /// The file of an embedded database.
    pub fn sqlite_path(&self) -> Option<&std::path::Path> {
        match &*self.0 {
            Pools::Sqlite { path, .. } => Some(path),
            Pools::Postgres(_) => None,
        }
    }

    /// Begins a transaction that writes. On `SQLite` it takes the one writer at once, so that it
    /// can't fail half-way for want of it.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        let failed = |source: sqlx::Error| match source {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                DbError::Unavailable(source)
            }
            source => DbError::Transaction {
                step: "begun",
                source,
            },
        };
        Ok(Tx(match &*self.0 {
            Pools::Sqlite { write, .. } => {
                TxInner::Sqlite(write.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?)
            }
            Pools::Postgres(pool) => TxInner::Postgres(pool.begin().await.map_err(failed)?),
        }))
    }

    /// Statements that take effect together or not at all: each must change a row, and the first that
    /// changes none ends it. Gives whether all took effect, durably. On `SQLite` it shares its commit
    /// with other writes, and on both it can't be forgotten half-way as a transaction can.
    pub async fn all_or_none(&self, statements: Vec<Query<'_>>) -> Result<bool, DbError> {
        match &*self.0 {
            Pools::Sqlite { group, .. } => {
                let one = statements.len() == 1;
                let bound = statements.into_iter().map(Query::bound).collect();
                Ok(match group.write(bound).await? {
                    Done::All(rows) => rows > 0 || !one,
                    Done::Nothing => false,
                })
            }
            Pools::Postgres(_) => {
                let mut tx = self.begin().await?;
                for statement in statements {
                    if statement.execute(&mut tx).await? == 0 {
                        return Ok(false);
                    }
                }
                tx.commit().await.map(|()| true)
            }
        }
    }

    /// Begins a transaction that only reads, all of it as of one instant.
    pub async fn begin_snapshot(&self) -> Result<Tx, DbError> {
        let failed = |source| DbError::Transaction {
            step: "begun",
            source,
        };
        Ok(Tx(match &*self.0 {
            Pools::Sqlite { read, .. } => TxInner::Snapshot(read.snapshot().await?),
            Pools::Postgres(pool) => TxInner::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await
                    .map_err(failed)?,
            ),
        }))
    }

    /// Asks the database to parse a statement without running it.
    pub async fn prepare(&self, statement: &Statement) -> Result<(), DbError> {
        let sql = crate::statement::text_of(statement);
        match &*self.0 {
            Pools::Sqlite { write, .. } => write.prepare(sql).await.map(drop),
            Pools::Postgres(pool) => pool.prepare(sql).await.map(drop),
        }
        .map_err(|source| DbError::of(statement.name, source))
    }

    /// Closes every connection after the work under way.
    pub async fn close(&self) {
        match &*self.0 {
            Pools::Sqlite {
                write, group, read, ..
            } => {
                read.close();
                write.close().await;
                group.closed().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// A URL as it may be shown: without what stands between `://user:` and `@`.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://…{}", &url[..scheme], &url[at..])
        }
        _ => url.to_owned(),
    }
}
