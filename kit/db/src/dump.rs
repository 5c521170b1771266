//! Copies of a `PostgreSQL`: made by `pg_dump` while it serves, put back by `pg_restore`, within an
//! envelope that tells damage.
//!
//! `pg_dump` reads everything as of one instant and knows its server better than we could; its
//! format has no checksum. The file therefore begins with [`HEAD_BYTES`] bytes of our own: a line of
//! JSON with the migrations that the tables have had and the BLAKE3 hash of those and of all that
//! follows.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::{CopyError, Db, DbError, DbOptions, Engine, Migration, Row, Statement};

/// Bytes before the dump.
const HEAD_BYTES: usize = 16 * 1024;
/// What the head says it is.
const FORMAT: &str = "gouvernail-postgresql-1";
/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

const APPLIED: Statement = Statement::new(
    "db.dump.applied",
    "SELECT module, name FROM schema_migration ORDER BY module, name",
);
const TABLES: Statement = Statement::new(
    "db.dump.tables",
    "SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = current_schema()",
);

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: String,
    migrations: Vec<(String, String)>,
    blake3: String,
}

impl Head {
    /// A hash that has read the migrations already.
    fn hasher(&self) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new();
        for (module, name) in &self.migrations {
            for text in [module, name] {
                hasher.update(&(text.len() as u64).to_le_bytes());
                hasher.update(text.as_bytes());
            }
        }
        hasher
    }
}

/// Whether a file is a copy of a `PostgreSQL`; one that is too short is not.
pub(crate) fn is_dump(file: &Path) -> Result<bool, CopyError> {
    let mut first = [0; 64];
    let read = std::fs::File::open(file)
        .and_then(|mut file| file.read(&mut first))
        .map_err(of(file))?;
    Ok(first
        .get(..read)
        .is_some_and(|first| String::from_utf8_lossy(first).contains(FORMAT)))
}

/// Writes a consistent copy of the `PostgreSQL` of `url` to `file`, which must not exist. Writers go
/// on meanwhile.
pub(crate) async fn dump_to(db: &Db, url: &str, file: &Path) -> Result<(), CopyError> {
    if file.exists() {
        return Err(CopyError::Exists(file.display().to_string()));
    }
    let migrations = applied(db).await?;
    let (url, file) = (url.to_owned(), file.to_owned());
    blocking(move || write(&url, &file, migrations)).await
}

/// Puts a copy into the `PostgreSQL` of `url`, which must be empty, after checking all of the copy
/// and that this program knows its tables. All of it goes in, or nothing.
pub(crate) async fn restore_dump(
    file: &Path,
    url: &str,
    migrations: &[Migration],
) -> Result<(), CopyError> {
    let checked = file.to_owned();
    let head = blocking(move || check(&checked)).await?;
    let unknown = head.migrations.iter().find(|(module, name)| {
        let is = |known: &&Migration| known.module == module && known.name == name;
        migrations.iter().find(is).is_none()
    });
    if let Some((module, name)) = unknown {
        return Err(damaged(
            file,
            format!("it was made by a newer program ({module}/{name})"),
        ));
    }
    let db = Db::open(&DbOptions::new(url)).await?;
    let count = |row: &Row| row.get::<i64>("n");
    let tables = TABLES.query().one(&db, count).await;
    db.close().await;
    if tables? > 0 {
        let told = "the database holds tables";
        return Err(CopyError::Exists(told.to_owned()));
    }
    let (url, file) = (url.to_owned(), file.to_owned());
    blocking(move || put_back(&url, &file)).await
}

async fn applied(db: &Db) -> Result<Vec<(String, String)>, DbError> {
    debug_assert_eq!(db.engine(), Engine::Postgres);
    let read = |row: &Row| Ok((row.get("module")?, row.get("name")?));
    APPLIED.query().all(db, read).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CopyError> + Send + 'static,
) -> Result<T, CopyError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(stopped) => Err(CopyError::Tool {
            tool: "the copy",
            problem: stopped.to_string(),
        }),
    }
}

fn of(file: &Path) -> impl Fn(std::io::Error) -> CopyError + Copy + '_ {
    move |error| CopyError::File {
        path: file.display().to_string(),
        error,
    }
}

fn damaged(file: &Path, problem: impl Into<String>) -> CopyError {
    CopyError::Damaged {
        path: file.display().to_string(),
        problem: problem.into(),
    }
}

/// A tool of the server: of the PATH, else where Debian keeps the newest.
fn program(name: &'static str) -> PathBuf {
    let mut newest: Option<(u32, PathBuf)> = None;
    for version in std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
    {
        let number = version.file_name().to_string_lossy().parse().unwrap_or(0);
        let path = version.path().join("bin").join(name);
        if path.exists() && newest.as_ref().is_none_or(|(best, _)| number > *best) {
            newest = Some((number, path));
        }
    }
    newest.map_or_else(|| name.into(), |(_, path)| path)
}

/// A tool that talks to the server of `url`. The password goes by the environment, which other
/// accounts of the machine can't read, not on the command line, which they can.
fn tool(name: &'static str, url: &str) -> Command {
    let mut command = Command::new(program(name));
    let (rest, password) = without_password(url);
    command.arg("--no-password").arg("--dbname").arg(rest);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command
}

/// The address without its password, and the password, decoded.
fn without_password(url: &str) -> (String, Option<String>) {
    let Ok(mut parsed) = url::Url::parse(url) else {
        return (url.to_owned(), None);
    };
    let password = parsed.password().map(|text| {
        url::form_urlencoded::parse(format!("p={}", text.replace('+', "%2B")).as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    });
    // An address of a server always takes none.
    let _ = parsed.set_password(None);
    (parsed.to_string(), password)
}

fn failed(tool: &'static str) -> impl Fn(std::io::Error) -> CopyError {
    move |error| CopyError::Tool {
        tool,
        problem: match error.kind() {
            std::io::ErrorKind::NotFound => {
                "it isn't installed: it comes with the clients of PostgreSQL".to_owned()
            }
            _ => error.to_string(),
        },
    }
}

/// What a tool said when it failed: its last lines.
fn outcome(tool: &'static str, output: &std::process::Output) -> Result<(), CopyError> {
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().rev().take(3).collect();
    let problem = lines.into_iter().rev().collect::<Vec<_>>().join("; ");
    Err(CopyError::Tool { tool, problem })
}

fn write(url: &str, file: &Path, migrations: Vec<(String, String)>) -> Result<(), CopyError> {
    const TOOL: &str = "pg_dump";
    let partial = file.with_extension("partial");
    let mut head = Head {
        format: FORMAT.to_owned(),
        migrations,
        blake3: String::new(),
    };
    let mut hasher = head.hasher();
    let mut copy = std::fs::File::create(&partial).map_err(of(file))?;
    copy.write_all(&[b' '; HEAD_BYTES]).map_err(of(file))?;
    let mut child = tool(TOOL, url)
        .args(["--format=custom", "--no-owner", "--no-privileges"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed(TOOL))?;
    let mut piece = vec![0; PIECE];
    if let Some(mut out) = child.stdout.take() {
        loop {
            let read = out.read(&mut piece).map_err(failed(TOOL))?;
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            hasher.update(bytes);
            copy.write_all(bytes).map_err(of(file))?;
        }
    }
    outcome(TOOL, &child.wait_with_output().map_err(failed(TOOL))?)?;
    head.blake3 = hasher.finalize().to_hex().to_string();
    let mut told = serde_json::to_vec(&head).unwrap_or_default();
    told.push(b'\n');
    if told.len() > HEAD_BYTES {
        return Err(CopyError::Tool {
            tool: "the copy",
            problem: "there are too many migrations to name".to_owned(),
        });
    }
    copy.seek(SeekFrom::Start(0))
        .and_then(|_| copy.write_all(&told))
        .and_then(|()| copy.sync_all())
        .and_then(|()| std::fs::rename(&partial, file))
        .map_err(of(file))
}

/// Reads all of a copy; gives its head when every byte is as it was written.
fn check(file: &Path) -> Result<Head, CopyError> {
    let mut copy = std::fs::File::open(file).map_err(of(file))?;
    let mut told = vec![0; HEAD_BYTES];
    copy.read_exact(&mut told)
        .map_err(|_| damaged(file, "it is cut short"))?;
    let mut parts = told.splitn(2, |byte| *byte == b'\n');
    let line = parts.next().unwrap_or_default();
    let head: Head = serde_json::from_slice(line)
        .map_err(|_| damaged(file, "it isn't a copy of this platform's PostgreSQL"))?;
    let changed = || damaged(file, "its bytes aren't those that were written");
    if parts
        .next()
        .is_none_or(|rest| rest.iter().any(|byte| *byte != b' '))
    {
        return Err(changed());
    }
    if head.format != FORMAT {
        return Err(damaged(file, "it was made by a newer program"));
    }
    let mut hasher = head.hasher();
    let mut piece = vec![0; PIECE];
    loop {
        let read = copy.read(&mut piece).map_err(of(file))?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        hasher.update(bytes);
    }
    if hasher.finalize().to_hex().as_str() != head.blake3 {
        return Err(changed());
    }
    Ok(head)
}

fn put_back(url: &str, file: &Path) -> Result<(), CopyError> {
    const TOOL: &str = "pg_restore";
    let mut copy = std::fs::File::open(file).map_err(of(file))?;
    copy.seek(SeekFrom::Start(HEAD_BYTES as u64))
        .map_err(of(file))?;
    let mut child = tool(TOOL, url)
        .args(["--single-transaction", "--exit-on-error"])
        .args(["--no-owner", "--no-privileges", "--format=custom"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed(TOOL))?;
    if let Some(mut to) = child.stdin.take() {
        // When it stops reading it has failed, and says why.
        let _ = std::io::copy(&mut copy, &mut to);
    }
    outcome(TOOL, &child.wait_with_output().map_err(failed(TOOL))?)
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_password_never_stands_on_the_command_line() {
        let (rest, password) =
            without_password("postgres://me:a%40b+c@db.example:5433/p?sslmode=require");
        assert_eq!(rest, "postgres://me@db.example:5433/p?sslmode=require");
        assert_eq!(password.as_deref(), Some("a@b+c"));
        let (rest, password) = without_password("postgres://me@db.example/p");
        assert_eq!(
            (rest.as_str(), password),
            ("postgres://me@db.example/p", None)
        );
    }
}
