//! What can go wrong with a database, in the terms a caller can act on.

/// A failure of the database; the driver's own error stays as the source.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database can't be reached, or no connection became free in time: try again later.
    #[error("the database can't be reached")]
    Unavailable(#[source] sqlx::Error),
    /// A uniqueness, foreign key or check constraint refused the write.
    #[error("statement `{statement}` was refused by the constraint {constraint}")]
    Constraint {
        /// The statement's name.
        statement: &'static str,
        /// The constraint's name where the database tells it, else its message.
        constraint: String,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// A statement failed for another reason.
    #[error("statement `{statement}` failed")]
    Statement {
        /// The statement's name.
        statement: &'static str,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// A column of a row is missing or holds something else than asked.
    #[error("column `{column}` can't be read")]
    Column {
        /// The column's name.
        column: String,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// A stored text isn't what its column promises (a date, say).
    #[error("column `{column}` holds {value:?}, which isn't {expected}")]
    Decode {
        /// The column's name.
        column: String,
        /// The stored value.
        value: String,
        /// What it should have been.
        expected: &'static str,
    },
    /// A transaction could not begin or be made durable: nothing of it was kept.
    #[error("the transaction could not be {step}")]
    Transaction {
        /// `begun` or `committed`.
        step: &'static str,
        /// The driver's error.
        #[source]
        source: sqlx::Error,
    },
    /// The URL names no database that the platform knows.
    #[error("{0:?} is no database URL: write sqlite:PATH or postgres://HOST/NAME")]
    Url(String),
    /// A migration differs from the one that was applied, or can't be applied.
    #[error("migration {module}/{name} {problem}")]
    Migration {
        /// The module that owns it.
        module: String,
        /// Its file name without extension.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// A row that must exist doesn't.
    #[error("statement `{statement}` found no row")]
    NoRow {
        /// The statement's name.
        statement: &'static str,
    },
}

impl DbError {
    pub(crate) fn of(statement: &'static str, source: sqlx::Error) -> Self {
        match &source {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                Self::Unavailable(source)
            }
            sqlx::Error::Database(error)
                if error.is_unique_violation()
                    || error.is_foreign_key_violation()
                    || error.is_check_violation() =>
            {
                let constraint = error.constraint().unwrap_or(error.message()).to_owned();
                Self::Constraint {
                    statement,
                    constraint,
                    source,
                }
            }
            _ => Self::Statement { statement, source },
        }
    }

    /// Of a statement that ran without the driver.
    pub(crate) fn of_direct(statement: &'static str, error: rusqlite::Error) -> Self {
        Self::Statement {
            statement,
            source: driver(error),
        }
    }

    /// Whether the same call may succeed later without a change.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Statement {
                source: sqlx::Error::Database(e),
                ..
            }
            | Self::Transaction {
                source: sqlx::Error::Database(e),
                ..
            } => {
                // PostgreSQL: serialization failure, deadlock. SQLite: busy.
                matches!(
                    e.code().as_deref(),
                    Some("40001" | "40P01" | "5" | "261" | "517")
                )
            }
            Self::Statement {
                source: sqlx::Error::AnyDriverError(error),
                ..
            } => error
                .downcast_ref::<rusqlite::Error>()
                .and_then(rusqlite::Error::sqlite_error_code)
                .is_some_and(|code| code == rusqlite::ErrorCode::DatabaseBusy),
            _ => false,
        }
    }
}

/// An error of what ran without the driver, as one of the driver.
pub(crate) fn driver(error: rusqlite::Error) -> sqlx::Error {
    sqlx::Error::AnyDriverError(Box::new(error))
}
