//! Statements of `SQLite` that run where they are asked, or many in one go, without a thread's change
//! for each.
//!
//! ```text
//!   read by key ──▶ Readers: on the thread that asks
//!   other reads ──▶ Reading: on the thread that asks, which lets its other work go; each waits for a turn
//!   single writes ──▶ Group ──▶ Committer: a thread of its own, one commit for many
//! ```
//! The driver of the other statements (transactions that write) hands each to a thread and waits for its
//! answer: that costs several times what finding one row by its key does, and a thread with its memory
//! for each connection.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, Value as Held, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement as Prepared, ToSql};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::DbError;
use crate::database::READER_CACHE;
use crate::error::driver;
use crate::statement::Bound;
use crate::value::{Row, Value};

/// Statements that a connection keeps prepared.
const PREPARED_MAX: usize = 128;
/// Most arguments that a statement may have here.
const ARGUMENTS_MAX: usize = 48;
/// How long another process that writes is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// Connections that read, given out for one statement, or for one instant.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Idle>);

struct Idle {
    path: PathBuf,
    connections: Mutex<Vec<Connection>>,
    /// Connections that are kept.
    kept_max: usize,
    /// As many as may read at once, but for single rows by their key.
    turns: Arc<Semaphore>,
    /// How long a turn is waited for.
    wait: Duration,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

/// A row that was read here: its columns with their names.
#[derive(Debug, Default)]
pub struct DirectRow {
    names: Arc<[String]>,
    values: Vec<Held>,
}

impl DirectRow {
    pub(crate) fn value(&self, column: &str) -> Option<&Held> {
        let at = self.names.iter().position(|name| name == column)?;
        self.values.get(at)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Int(Some(v)) => ValueRef::Integer(*v),
            Self::Real(Some(v)) => ValueRef::Real(*v),
            Self::Bool(Some(v)) => ValueRef::Integer(i64::from(*v)),
            Self::Text(Some(v)) => ValueRef::Text(v.as_bytes()),
            Self::Uuid(Some(v)) => ValueRef::Blob(v.as_bytes()),
            Self::Bytes(Some(v)) => ValueRef::Blob(v),
            _ => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// `SQLite` takes `$3` for a name, not for a place.
fn bind(prepared: &mut Prepared<'_>, arguments: &[Value]) -> rusqlite::Result<()> {
    for (argument, name) in arguments.iter().zip(NAMES) {
        if let Some(at) = prepared.parameter_index(name)? {
            prepared.raw_bind_parameter(at, argument)?;
        }
    }
    Ok(())
}

static NAMES: [&str; ARGUMENTS_MAX] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
    "$16", "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24", "$25", "$26", "$27", "$28",
    "$29", "$30", "$31", "$32", "$33", "$34", "$35", "$36", "$37", "$38", "$39", "$40", "$41",
    "$42", "$43", "$44", "$45", "$46", "$47", "$48",
];

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_MAX);
    Ok(connection)
}

impl Readers {
    /// On the database at `path`: at most `at_once` read at a time, and who has to wait longer than
    /// `wait` for a turn is refused.
    pub(crate) fn on(path: &Path, at_once: u32, wait: Duration) -> Self {
        let at_once = at_once.max(1) as usize;
        Self(Arc::new(Idle {
            path: path.to_owned(),
            connections: Mutex::default(),
            kept_max: at_once,
            turns: Arc::new(Semaphore::new(at_once)),
            wait,
        }))
    }

    /// The first row of a statement that finds it at once, without waiting for a turn.
    pub(crate) fn first(
        &self,
        sql: &str,
        arguments: &[Value],
    ) -> rusqlite::Result<Option<DirectRow>> {
        let connection = self.take()?;
        let row = first(&connection, sql, arguments)?;
        // A connection on which something failed is closed, not given back.
        self.give_back(connection);
        Ok(row)
    }

    /// A connection for one statement.
    pub(crate) async fn reading(&self) -> Result<Reading, DbError> {
        let turn = self.turn().await?;
        let connection = self
            .take()
            .map_err(|error| DbError::Unavailable(driver(error)))?;
        Ok(Reading {
            readers: self.clone(),
            connection: Some(connection),
            in_transaction: false,
            _turn: turn,
        })
    }

    /// Begins to read as of one instant: that of the first statement.
    pub(crate) async fn snapshot(&self) -> Result<Reading, DbError> {
        let mut reading = self.reading().await?;
        let begun = reading.use_connection(|connection| run(connection, "BEGIN DEFERRED"));
        begun.map_err(|error| DbError::Transaction {
            step: "begun",
            source: driver(error),
        })?;
        reading.in_transaction = true;
        Ok(reading)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, DbError> {
        let turn = self.0.turns.clone().acquire_owned();
        match tokio::time::timeout(self.0.wait, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) => Err(DbError::Unavailable(sqlx::Error::PoolClosed)),
            Err(_) => Err(DbError::Unavailable(sqlx::Error::PoolTimedOut)),
        }
    }

    fn take(&self) -> rusqlite::Result<Connection> {
        let idle = self.lock().pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        let connection = open(&self.0.path)?;
        connection.pragma_update(None, "query_only", "on")?;
        connection.pragma_update(None, "cache_size", READER_CACHE)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.lock();
        if idle.len() < self.0.kept_max && !self.0.turns.is_closed() {
            idle.push(connection);
        }
    }

    /// Closes every connection that isn't in use, and gives none any more for other than single rows.
    pub(crate) fn close(&self) {
        self.0.turns.close();
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        let connections = &self.0.connections;
        connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn first(
    connection: &Connection,
    sql: &str,
    arguments: &[Value],
) -> rusqlite::Result<Option<DirectRow>> {
    let mut found = None;
    let taken = rows(connection, sql, arguments, |row| {
        found = Some(std::mem::take(row));
        Err(Stop)
    });
    taken.map(|()| found)
}

/// Said by whoever needs no further row.
struct Stop;

/// Hands each row to `each`, in a place that is used again for the next one.
fn rows(
    connection: &Connection,
    sql: &str,
    arguments: &[Value],
    mut each: impl FnMut(&mut DirectRow) -> Result<(), Stop>,
) -> rusqlite::Result<()> {
    if arguments.len() > ARGUMENTS_MAX {
        return Err(rusqlite::Error::InvalidParameterCount(
            arguments.len(),
            ARGUMENTS_MAX,
        ));
    }
    let mut prepared = connection.prepare_cached(sql)?;
    bind(&mut prepared, arguments)?;
    let names: Arc<[String]> = prepared
        .column_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let width = names.len();
    let mut place = DirectRow {
        names,
        values: Vec::with_capacity(width),
    };
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        place.values.clear();
        for at in 0..width {
            place.values.push(row.get::<_, Held>(at)?);
        }
        if each(&mut place).is_err() {
            break;
        }
    }
    Ok(())
}

/// A connection that reads, one statement or all as of one instant; it goes back when it is dropped.
pub(crate) struct Reading {
    readers: Readers,
    /// Absent once something failed on it, and while it is dropped.
    connection: Option<Connection>,
    in_transaction: bool,
    _turn: OwnedSemaphorePermit,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").finish_non_exhaustive()
    }
}

impl Reading {
    /// Hands each row to `each` until it fails, and gives its failure.
    ///
    /// Where the runtime has other threads, this one tells it first that it will be busy.
    pub(crate) fn each<E: Send>(
        &mut self,
        sql: &str,
        arguments: &[Value],
        mut each: impl FnMut(&Row) -> Result<(), E> + Send,
    ) -> rusqlite::Result<Result<(), E>> {
        self.use_connection(|connection| {
            let mut outcome = Ok(());
            rows(connection, sql, arguments, |place| {
                let row = Row::Direct(std::mem::take(place));
                let done = each(&row);
                if let Row::Direct(row) = row {
                    *place = row;
                }
                done.map_err(|error| {
                    outcome = Err(error);
                    Stop
                })
            })?;
            Ok(outcome)
        })
    }

    /// The first row.
    pub(crate) fn first(
        &mut self,
        sql: &str,
        arguments: &[Value],
    ) -> rusqlite::Result<Option<Row>> {
        let row = self.use_connection(|connection| first(connection, sql, arguments))?;
        Ok(row.map(Row::Direct))
    }

    /// Runs a script: of what reads, since the connection refuses to write.
    pub(crate) fn script(&mut self, sql: &str) -> rusqlite::Result<()> {
        self.use_connection(|connection| connection.execute_batch(sql))
    }

    fn use_connection<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let Some(connection) = &self.connection else {
            return Err(rusqlite::Error::InvalidQuery);
        };
        let outcome = busy(|| work(connection));
        if outcome.is_err() {
            self.connection = None;
        }
        outcome
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && (!self.in_transaction || run(&connection, "ROLLBACK").is_ok())
        {
            self.readers.give_back(connection);
        }
    }
}

fn busy<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    let others = Handle::try_current()
        .is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
    if others {
        tokio::task::block_in_place(work)
    } else {
        work()
    }
}

/// The connection on which single writes are committed together; used from one thread.
pub(crate) struct Committer {
    path: PathBuf,
    connection: Option<Connection>,
}

/// Why writes were not committed together: nothing of them was kept, unless it failed in the commit.
pub(crate) enum NotCommitted {
    /// One of them failed, or must be undone: each is tried alone.
    Undone,
    /// Nobody knows how far it came.
    Unknown(rusqlite::Error),
}

impl Committer {
    pub(crate) fn on(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            connection: None,
        }
    }

    /// Runs writes, each a list of statements, in one transaction; gives for each how many rows its
    /// last statement changed, `None` where its first changed nothing and others were to follow.
    pub(crate) fn commit<'w>(
        &mut self,
        writes: impl Iterator<Item = &'w [Bound]>,
    ) -> Result<Vec<Option<u64>>, NotCommitted> {
        let outcome = self.try_commit(writes);
        if outcome.is_err() {
            // Whatever it had begun ends with it.
            self.connection = None;
        }
        outcome
    }

    fn try_commit<'w>(
        &mut self,
        writes: impl Iterator<Item = &'w [Bound]>,
    ) -> Result<Vec<Option<u64>>, NotCommitted> {
        let undone = |_: rusqlite::Error| NotCommitted::Undone;
        let connection = match &self.connection {
            Some(connection) => connection,
            None => self
                .connection
                .insert(open_writer(&self.path).map_err(undone)?),
        };
        run(connection, "BEGIN IMMEDIATE").map_err(undone)?;
        let mut all = Vec::new();
        for statements in writes {
            let mut changed = Some(0);
            for (at, statement) in statements.iter().enumerate() {
                let rows = change(connection, statement).map_err(undone)?;
                match rows {
                    0 if statements.len() == 1 => {}
                    0 if at == 0 => {
                        changed = None;
                        break;
                    }
                    0 => return Err(NotCommitted::Undone),
                    rows => changed = Some(rows),
                }
            }
            all.push(changed);
        }
        run(connection, "COMMIT").map_err(NotCommitted::Unknown)?;
        Ok(all)
    }
}

fn open_writer(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path)?;
    // As the driver's own writer: an acknowledged write survives a power cut.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", "on")?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "journal_size_limit", 67_108_864)?;
    Ok(connection)
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.raw_execute().map(drop)
}

fn change(connection: &Connection, statement: &Bound) -> rusqlite::Result<u64> {
    let arguments = &statement.arguments;
    if arguments.len() > ARGUMENTS_MAX {
        return Err(rusqlite::Error::InvalidParameterCount(
            arguments.len(),
            ARGUMENTS_MAX,
        ));
    }
    let mut prepared = connection.prepare_cached(&statement.statement.sql)?;
    bind(&mut prepared, arguments)?;
    prepared.raw_execute().map(|rows| rows as u64)
}
