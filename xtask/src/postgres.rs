//! A `PostgreSQL` of the test run's own: started on a free port, stopped and removed at its end.
//!
//! A watcher stands beside it and reads from a pipe that only this process holds open. However this
//! process ends (done, a failure, Ctrl-C, killed), the pipe closes; the watcher then stops the server
//! and removes its folder.

use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::run::{answer, is_root};
use crate::setup;

/// Ports tried: another process may take a free one before the server does.
const ATTEMPTS_MAX: u32 = 3;

const WATCHER: &str = r#"
cat >/dev/null
"$1/pg_ctl" stop -D "$2/data" -m immediate -w >/dev/null 2>&1
cd / && rm -rf "$2"
"#;

/// The tests' databases live for a moment and need no disk that survives; their suites run side by
/// side, each with its own connections.
const SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
     -c synchronous_commit=off -c full_page_writes=off -c max_connections=400";

/// A running server; it ends with the value.
#[derive(Debug)]
pub(crate) struct Postgres {
    watcher: Child,
    port: u16,
}

impl Postgres {
    pub(crate) fn start() -> Result<Self, String> {
        let binaries = setup::postgres_binaries()?;
        let user = Account::find()?;
        let folder = std::env::temp_dir().join(format!("gouvernail-pg-{}", std::process::id()));
        let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
        std::fs::create_dir(&folder).map_err(fail)?;
        if let Some(user) = &user {
            chown(&folder, Some(user.id), Some(user.group)).map_err(fail)?;
        }
        let watcher = as_user(user.as_ref(), Path::new("/bin/sh"), &folder)
            .args(["-c", WATCHER, "watcher"])
            .arg(&binaries)
            .arg(&folder)
            .stdin(Stdio::piped())
            .process_group(0) // Ctrl-C in the terminal ends us, not the one that cleans up
            .spawn()
            .map_err(fail)?;
        let mut this = Self { watcher, port: 0 };
        let data = folder.join("data");
        told(
            as_user(user.as_ref(), &binaries.join("initdb"), &folder)
                .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
                .args(["--locale=C", "--no-sync", "-D"])
                .arg(&data),
            None,
        )?;
        let log = folder.join("log");
        let mut outcome = Ok(());
        for _ in 0..ATTEMPTS_MAX {
            this.port = free_port()?;
            outcome = told(
                as_user(user.as_ref(), &binaries.join("pg_ctl"), &folder)
                    .args(["start", "-w", "-D"])
                    .arg(&data)
                    .arg("-l")
                    .arg(&log)
                    .args(["-o", &format!("-p {} {SETTINGS}", this.port)]),
                Some(&log),
            );
            if outcome.is_ok() {
                break;
            }
        }
        outcome.map(|()| this)
    }

    /// What tests connect to.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }
}

/// Who the server runs as when we are root, which it refuses to be.
#[derive(Debug)]
struct Account {
    id: u32,
    group: u32,
}

impl Account {
    /// The user that the server's package made, or nobody; none when we aren't root.
    fn find() -> Result<Option<Self>, String> {
        if !is_root() {
            return Ok(None);
        }
        let number = |flag: &str, name: &str| -> Option<u32> {
            answer(Command::new("id").args([flag, name]))?.parse().ok()
        };
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| {
                Some(Self {
                    id: number("-u", name)?,
                    group: number("-g", name)?,
                })
            })
            .map(Some)
            .ok_or_else(|| {
                "PostgreSQL refuses to run as root and there is no user `postgres`; add one with: \
                 useradd --system postgres"
                    .to_owned()
            })
    }
}

fn as_user(user: Option<&Account>, program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    if let Some(user) = user {
        command.uid(user.id).gid(user.group);
    }
    command
}

/// Runs quietly; a failure is told with the command's own words and with the log's end.
fn told(command: &mut Command, log: Option<&Path>) -> Result<(), String> {
    let program = command.get_program().display().to_string();
    // The server inherits what `pg_ctl` holds open: into files, never into a pipe that we read.
    let quiet = if log.is_some() {
        Stdio::null
    } else {
        Stdio::piped
    };
    let output = command
        .stdout(quiet())
        .stderr(quiet())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = log
        .and_then(|log| std::fs::read_to_string(log).ok())
        .unwrap_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned());
    Err(format!("{program} failed ({}):\n{said}", output.status))
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(listener
        .local_addr()
        .map_err(|error| error.to_string())?
        .port())
}
