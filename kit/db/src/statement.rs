//! Named statements, and how to run one.

use futures_util::StreamExt as _;
use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};
use std::borrow::Cow;

use crate::DbError;
use crate::database::{Connection, Db, Handle, Writer};
use crate::group::Done;
use crate::value::{Row, Value};

/// One SQL text that both databases accept, with the name that errors and metrics use.
#[derive(Debug, Clone)]
pub struct Statement {
    /// `module.noun.verb`.
    pub name: &'static str,
    /// The text, with `$1`, `$2`… for its arguments.
    pub sql: Cow<'static, str>,
}

impl Statement {
    /// A statement known at compile time.
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Self {
            name,
            sql: Cow::Borrowed(sql),
        }
    }

    /// A statement put together from constant fragments (never from what a person typed); the
    /// store that builds it lists every combination for the test that prepares them.
    pub fn composed(name: &'static str, sql: String) -> Self {
        Self {
            name,
            sql: Cow::Owned(sql),
        }
    }

    /// Starts a call with no argument bound yet.
    pub fn query(&self) -> Query<'_> {
        Query {
            statement: self,
            arguments: Vec::new(),
            by_key: false,
        }
    }

    /// Starts a call with its first argument.
    pub fn bind(&self, value: impl Into<Value>) -> Query<'_> {
        self.query().bind(value)
    }
}

/// Declares a store's statements and `ALL`, the list that the preparation test reads.
///
/// ```ignore
/// kit_db::statements! {
///     FIND = "directory.person.find": "SELECT id FROM person WHERE email = $1";
/// }
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $label:literal : $sql:expr;)*) => {
        $($(#[$meta])*
        static $name: $crate::Statement = $crate::Statement::new($label, $sql);)*
        /// Every statement of this file.
        pub(crate) static ALL: &[&$crate::Statement] = &[$(&$name),*];
    };
}

/// A statement with its arguments.
#[derive(Debug)]
#[must_use = "a query does nothing until it is run"]
pub struct Query<'s> {
    statement: &'s Statement,
    arguments: Vec<Value>,
    by_key: bool,
}

/// The text as the driver takes it; its safety is the word of [`Statement::composed`].
pub(crate) fn text_of(statement: &Statement) -> SqlStr {
    match &statement.sql {
        Cow::Borrowed(sql) => SqlStr::from_static(sql),
        Cow::Owned(sql) => AssertSqlSafe(sql.clone()).into_sql_str(),
    }
}

macro_rules! prepared {
    ($query:expr) => {{
        let mut prepared = sqlx::query(text_of($query.statement));
        for argument in $query.arguments {
            prepared = match argument {
                Value::Int(v) => prepared.bind(v),
                Value::Real(v) => prepared.bind(v),
                Value::Bool(v) => prepared.bind(v),
                Value::Text(v) => prepared.bind(v),
                Value::Uuid(v) => prepared.bind(v),
                Value::Bytes(v) => prepared.bind(v),
            };
        }
        prepared
    }};
}

impl Query<'_> {
    /// Binds the next argument.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.arguments.push(value.into());
        self
    }

    /// Says that it finds its row by a key, in well under a millisecond. [`Query::optional`] and
    /// [`Query::one`] then read an embedded database on the thread that asks: nothing else runs there
    /// meanwhile, but no thread waits for another.
    pub fn by_key(mut self) -> Self {
        self.by_key = true;
        self
    }

    /// Runs it and gives the number of rows it changed.
    pub async fn execute<'h>(self, on: impl Into<Handle<'h>>) -> Result<u64, DbError> {
        let name = self.statement.name;
        match on.into().writer() {
            Writer::Group(group) => {
                let done = group.write(vec![self.bound()]).await?;
                return Ok(match done {
                    Done::All(rows) => rows,
                    Done::Nothing => 0,
                });
            }
            Writer::PgPool(pool) => prepared!(self)
                .execute(pool)
                .await
                .map(|done| done.rows_affected()),
            Writer::Sqlite(c) => return self.bound().execute(c).await,
            // Which refuses to change anything, and says so.
            Writer::Snapshot(snapshot) => {
                let ran = snapshot.each(&self.statement.sql, &self.arguments, |_| Ok(()));
                return match ran {
                    Ok(done) => done.map(|()| 0),
                    Err(error) => Err(DbError::of_direct(name, error)),
                };
            }
            Writer::Pg(c) => prepared!(self)
                .execute(c)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err(|source| DbError::of(name, source))
    }

    /// The same in no transaction at all, which some statements of `SQLite` demand.
    pub(crate) async fn execute_alone(self, db: &Db) -> Result<u64, DbError> {
        let name = self.statement.name;
        let Some(pool) = db.sqlite_writer() else {
            return self.execute(db).await;
        };
        let mut connection = pool.acquire().await.map_err(DbError::Unavailable)?;
        let done = prepared!(self).execute(&mut *connection).await;
        done.map(|done| done.rows_affected())
            .map_err(|source| DbError::of(name, source))
    }

    /// Without a borrow, to be run elsewhere.
    pub(crate) fn bound(self) -> Bound {
        Bound {
            statement: self.statement.clone(),
            arguments: self.arguments,
        }
    }

    /// Every row. Statements that can answer without bound carry a `LIMIT`.
    pub async fn all<'h, T>(
        self,
        on: impl Into<Handle<'h>>,
        read: impl Fn(&Row) -> Result<T, DbError> + Send + Sync,
    ) -> Result<Vec<T>, DbError>
    where
        T: Send,
    {
        let mut rows = Vec::new();
        self.each(on, |row| {
            rows.push(read(row)?);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// The first row, if there is one.
    pub async fn optional<'h, T>(
        self,
        on: impl Into<Handle<'h>>,
        read: impl Fn(&Row) -> Result<T, DbError> + Send + Sync,
    ) -> Result<Option<T>, DbError> {
        let name = self.statement.name;
        let on = on.into();
        if self.by_key
            && let Some(readers) = on.direct()
        {
            match readers.first(&self.statement.sql, &self.arguments) {
                Ok(row) => return row.map(Row::Direct).as_ref().map(read).transpose(),
                Err(error) => tracing::debug!(statement = name, %error, "db.direct.failed"),
            }
        }
        let row = match on.reader() {
            Connection::Snapshot(snapshot) => {
                let row = snapshot.first(&self.statement.sql, &self.arguments);
                let row = row.map_err(|error| DbError::of_direct(name, error))?;
                return row.as_ref().map(read).transpose();
            }
            Connection::Readers(readers) => {
                let row = readers
                    .reading()
                    .await?
                    .first(&self.statement.sql, &self.arguments)
                    .map_err(|error| DbError::of_direct(name, error))?;
                return row.as_ref().map(read).transpose();
            }
            Connection::PgPool(pool) => prepared!(self)
                .fetch_optional(pool)
                .await
                .map(|row| row.map(Row::Postgres)),
            Connection::Sqlite(c) => prepared!(self)
                .fetch_optional(c)
                .await
                .map(|row| row.map(Row::Sqlite)),
            Connection::Pg(c) => prepared!(self)
                .fetch_optional(c)
                .await
                .map(|row| row.map(Row::Postgres)),
        }
        .map_err(|source| DbError::of(name, source))?;
        row.as_ref().map(read).transpose()
    }

    /// The one row that must be there.
    pub async fn one<'h, T>(
        self,
        on: impl Into<Handle<'h>>,
        read: impl Fn(&Row) -> Result<T, DbError> + Send + Sync,
    ) -> Result<T, DbError> {
        let statement = self.statement.name;
        self.optional(on, read)
            .await?
            .ok_or(DbError::NoRow { statement })
    }

    /// Hands each row to `each` as it arrives, without holding them all.
    pub async fn each<'h>(
        self,
        on: impl Into<Handle<'h>>,
        mut each: impl FnMut(&Row) -> Result<(), DbError> + Send,
    ) -> Result<(), DbError> {
        let name = self.statement.name;
        macro_rules! drain {
            ($on:expr, $kind:path) => {{
                let mut rows = prepared!(self).fetch($on);
                while let Some(row) = rows.next().await {
                    each(&$kind(row.map_err(|source| DbError::of(name, source))?))?;
                }
                Ok(())
            }};
        }
        match on.into().reader() {
            Connection::Readers(readers) => readers
                .reading()
                .await?
                .each(&self.statement.sql, &self.arguments, each)
                .map_err(|error| DbError::of_direct(name, error))?,
            Connection::PgPool(pool) => drain!(pool, Row::Postgres),
            Connection::Sqlite(c) => drain!(c, Row::Sqlite),
            Connection::Pg(c) => drain!(c, Row::Postgres),
            Connection::Snapshot(snapshot) => snapshot
                .each(&self.statement.sql, &self.arguments, each)
                .map_err(|error| DbError::of_direct(name, error))?,
        }
    }
}

/// A statement with its arguments, for whoever runs it later.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) statement: Statement,
    pub(crate) arguments: Vec<Value>,
}

impl Bound {
    /// Runs it and gives the number of rows it changed.
    pub(crate) async fn execute(&self, on: &mut sqlx::SqliteConnection) -> Result<u64, DbError> {
        let mut prepared = sqlx::query(text_of(&self.statement));
        for argument in &self.arguments {
            prepared = match argument {
                Value::Int(v) => prepared.bind(*v),
                Value::Real(v) => prepared.bind(*v),
                Value::Bool(v) => prepared.bind(*v),
                Value::Text(v) => prepared.bind(v.as_deref()),
                Value::Uuid(v) => prepared.bind(*v),
                Value::Bytes(v) => prepared.bind(v.as_deref()),
            };
        }
        let done = prepared.execute(on).await;
        done.map(|done| done.rows_affected())
            .map_err(|source| DbError::of(self.statement.name, source))
    }
}
