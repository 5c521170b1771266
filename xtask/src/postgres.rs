//! A `PostgreSQL` of the test run's own: started on a free port, stopped and removed at its end.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::run::{is_root, run};
use crate::setup;

/// A running server; it ends with the value.
#[derive(Debug)]
pub(crate) struct Postgres {
    server: Child,
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    pub(crate) fn start() -> Result<Self, String> {
        let binaries = setup::postgres_binaries()?;
        let folder = std::env::temp_dir().join(format!("gouvernail-pg-{}", std::process::id()));
        let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
        std::fs::create_dir_all(&folder).map_err(fail)?;
        // It refuses to run as root: then it runs as the user that its package made.
        let user = if is_root() { Some("postgres") } else { None };
        if let Some(user) = user {
            run(Command::new("chown").arg(user).arg(&folder))?;
        }
        let data = folder.join("data");
        run(as_user(user, &binaries.join("initdb"))
            .args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
            ])
            .args(["--no-sync", "-D"])
            .arg(&data)
            .current_dir(&folder)
            .stdout(Stdio::null()))?;
        let port = free_port()?;
        let server = as_user(user, &binaries.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            // The tests' databases live for a moment: they need no disk that survives.
            .args([
                "-c",
                "fsync=off",
                "-c",
                "full_page_writes=off",
                "-c",
                "max_connections=400",
            ])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("postgres: {error}"))?;
        let mut this = Self {
            server,
            folder,
            port,
        };
        this.wait(&binaries)?;
        Ok(this)
    }

    /// What tests connect to.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&mut self, binaries: &Path) -> Result<(), String> {
        for _ in 0..300 {
            let ready = Command::new(binaries.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status();
            if ready.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            if let Ok(Some(status)) = self.server.try_wait() {
                return Err(format!("PostgreSQL ended at once ({status})"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("PostgreSQL did not start within 30 seconds".to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // `runuser` hands the signal on; an immediate end is enough for a throw-away server.
        let id = self.server.id().to_string();
        let _ = Command::new("pkill").args(["-QUIT", "-P", &id]).status();
        let _ = Command::new("kill").args(["-QUIT", &id]).status();
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn as_user(user: Option<&str>, program: &Path) -> Command {
    match user {
        Some(user) => {
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--"]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(listener
        .local_addr()
        .map_err(|error| error.to_string())?
        .port())
}
