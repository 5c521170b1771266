//! Copies of the database: made while it serves, put back only when sound. That of an embedded one is
//! a database itself; that of a `PostgreSQL` is described in `dump.rs`.

use std::io::Read as _;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

use crate::{Db, DbError, Engine, Migration, Statement, dump};

/// A copy can't be made or put back.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A copy of one kind of database for the other.
    #[error("{path} is a copy of {of}, and the database is {target}")]
    OtherKind {
        /// The copy.
        path: String,
        /// Of what.
        of: &'static str,
        /// Where it was to go.
        target: &'static str,
    },
    /// A tool of `PostgreSQL` is missing or failed.
    #[error("{tool}: {problem}")]
    Tool {
        /// Which one.
        tool: &'static str,
        /// What it said.
        problem: String,
    },
    /// A file is there already.
    #[error("{0} exists already: nothing was written over it")]
    Exists(String),
    /// A file can't be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which one.
        path: String,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// The copy is not a sound database of this platform.
    #[error("{path} can't be restored: {problem}")]
    Damaged {
        /// Which one.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Db {
    /// Writes a consistent copy of the database, opened by `url`, to `file`, which must not exist.
    /// Writers go on meanwhile; the copy holds what was committed when it began.
    pub async fn copy_to(&self, url: &str, file: &Path) -> Result<(), CopyError> {
        match self.engine() {
            Engine::Sqlite => self.copy_embedded(file).await,
            Engine::Postgres => dump::dump_to(self, url, file).await,
        }
    }

    /// Puts a copy into the database of `url`, which must be absent or empty, after checking every
    /// byte of it and that this program knows its tables.
    pub async fn restore_copy(
        copy: &Path,
        url: &str,
        migrations: &[Migration],
    ) -> Result<(), CopyError> {
        let is_dump = dump::is_dump(copy)?;
        let other = |of, target| CopyError::OtherKind {
            path: copy.display().to_string(),
            of,
            target,
        };
        match (url.strip_prefix("sqlite:"), is_dump) {
            (Some(_), true) => Err(other("a PostgreSQL", "embedded")),
            (Some(target), false) => restore_embedded(copy, Path::new(target), migrations).await,
            (None, true) => dump::restore_dump(copy, url, migrations).await,
            (None, false) if is_embedded(copy)? => {
                Err(other("an embedded database", "a PostgreSQL"))
            }
            (None, false) => Err(CopyError::Damaged {
                path: copy.display().to_string(),
                problem: "it isn't a copy of this platform's PostgreSQL".to_owned(),
            }),
        }
    }

    async fn copy_embedded(&self, file: &Path) -> Result<(), CopyError> {
        if file.exists() {
            return Err(CopyError::Exists(file.display().to_string()));
        }
        let partial = file.with_extension("partial");
        remove(&partial)?;
        let into = Statement::new("db.copy.make", "VACUUM INTO $1");
        into.bind(partial.display().to_string())
            .execute_alone(self)
            .await?;
        let fail = |error| CopyError::File {
            path: file.display().to_string(),
            error,
        };
        // On the disk before it has its name: a copy that has its name is whole.
        std::fs::File::open(&partial)
            .and_then(|copy| copy.sync_all())
            .map_err(fail)?;
        std::fs::rename(&partial, file).map_err(fail)
    }
}

/// Puts a copy in place as `target`, which must not exist, after checking every page of it and
/// that this program knows its tables.
async fn restore_embedded(
    copy: &Path,
    target: &Path,
    migrations: &[Migration],
) -> Result<(), CopyError> {
    if target.exists() {
        return Err(CopyError::Exists(target.display().to_string()));
    }
    check(copy, migrations).await?;
    let fail = |error| CopyError::File {
        path: target.display().to_string(),
        error,
    };
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    let partial = target.with_extension("partial");
    remove(&partial)?;
    std::fs::copy(copy, &partial).map_err(fail)?;
    std::fs::File::open(&partial)
        .and_then(|file| file.sync_all())
        .map_err(fail)?;
    // Checked again where it lies now: the disk may have failed on the way.
    check(&partial, migrations).await?;
    std::fs::rename(&partial, target).map_err(fail)
}

/// Whether a file begins as an embedded database does.
fn is_embedded(file: &Path) -> Result<bool, CopyError> {
    let mut first = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(16).read_to_end(&mut first))
        .map_err(|error| CopyError::File {
            path: file.display().to_string(),
            error,
        })?;
    Ok(first == b"SQLite format 3\0")
}

fn remove(file: &Path) -> Result<(), CopyError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(CopyError::File {
            path: file.display().to_string(),
            error,
        }),
        _ => Ok(()),
    }
}

async fn check(copy: &Path, migrations: &[Migration]) -> Result<(), CopyError> {
    let damaged = |problem: String| CopyError::Damaged {
        path: copy.display().to_string(),
        problem,
    };
    let length = std::fs::metadata(copy)
        .map_err(|error| CopyError::File {
            path: copy.display().to_string(),
            error,
        })?
        .len();
    if length == 0 {
        return Err(damaged("it is empty".to_owned()));
    }
    let options = SqliteConnectOptions::new()
        .filename(copy)
        .read_only(true)
        .immutable(true);
    let mut connection = options
        .connect()
        .await
        .map_err(|error| damaged(error.to_string()))?;
    let one = |sql: &'static str| sqlx::query(AssertSqlSafe(sql.to_owned()));
    let found = one("PRAGMA integrity_check(1)")
        .fetch_one(&mut connection)
        .await
        .and_then(|row| row.try_get::<String, _>(0))
        .map_err(|error| damaged(error.to_string()))?;
    if found != "ok" {
        return Err(damaged(found));
    }
    let broken = one("PRAGMA foreign_key_check")
        .fetch_optional(&mut connection)
        .await
        .map_err(|error| damaged(error.to_string()))?;
    if broken.is_some() {
        return Err(damaged("a row points to one that isn't there".to_owned()));
    }
    let applied = one("SELECT module, name FROM schema_migration")
        .fetch_all(&mut connection)
        .await
        .map_err(|_| damaged("it isn't a database of this platform".to_owned()))?;
    for row in applied {
        let name = |at| row.try_get::<String, _>(at).unwrap_or_default();
        let (module, name) = (name(0), name(1));
        if !migrations
            .iter()
            .any(|known| known.module == module && known.name == name)
        {
            return Err(damaged(format!(
                "it was made by a newer program ({module}/{name})"
            )));
        }
    }
    connection
        .close()
        .await
        .map_err(|error| damaged(error.to_string()))
}
