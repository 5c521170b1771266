//! The program under measure, as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::BenchError;
use crate::load;

/// The program, serving.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    /// From its start to its first answer that it is ready, in milliseconds.
    pub(crate) ready_ms: f64,
}

fn command(program: &Path, database: &str, data: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env("GOUVERNAIL_DATABASE__URL", database)
        .env("GOUVERNAIL_LIMITS__REQUESTS_PER_MINUTE", "1000000")
        .env("GOUVERNAIL_TELEMETRY__FILTER", "error")
        // As in packaging/gouvernail.service.
        .env("MALLOC_ARENA_MAX", "2")
        .env("MALLOC_MMAP_THRESHOLD_", "1048576")
        .current_dir(data);
    command
}

/// Makes the tables.
pub(crate) fn migrate(program: &Path, database: &str, data: &Path) -> Result<(), BenchError> {
    let status = command(program, database, data)
        .arg("migrate")
        .arg("--data")
        .arg(data)
        .stdout(Stdio::null())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(BenchError::Program(format!("migrate failed ({status})")))
    }
}

/// Starts it on a free port and waits until it says that it is ready.
pub(crate) async fn start(
    program: &Path,
    database: &str,
    data: &Path,
) -> Result<Program, BenchError> {
    let begun = Instant::now();
    let mut child = command(program, database, data)
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()?;
    let out = child
        .stdout
        .take()
        .ok_or_else(|| BenchError::Program("it has no output".to_owned()))?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let address = line
        .trim()
        .strip_prefix("listening on http://")
        .ok_or_else(|| BenchError::Program(format!("it said {line:?}")))?
        .to_owned();
    load::once(&address, "/ready").await?;
    Ok(Program {
        child,
        address,
        ready_ms: begun.elapsed().as_secs_f64() * 1_000.0,
    })
}

impl Program {
    fn status(&self, field: &str) -> Result<u64, BenchError> {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(path)?;
        text.lines()
            .find_map(|line| line.strip_prefix(field)?.split_whitespace().next())
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| BenchError::Program(format!("{field} isn't told")))
    }

    /// Its resident memory now, in KiB.
    pub(crate) fn memory(&self) -> Result<u64, BenchError> {
        self.status("VmRSS:")
    }

    /// The most it ever had, in KiB.
    pub(crate) fn memory_peak(&self) -> Result<u64, BenchError> {
        self.status("VmHWM:")
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) -> Result<(), BenchError> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Also when the measure fails half-way.
        let _ = self.stop();
    }
}
