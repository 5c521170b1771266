//! Health: whether the process can answer, and what it lacks when it can't.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The future of a check: nothing, or what is wrong.
pub type Check = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

type Probe = Arc<dyn Fn() -> Check + Send + Sync>;

/// The checks of a process.
#[derive(Clone, Default)]
pub struct Health {
    checks: Vec<(&'static str, Probe)>,
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.checks.iter().map(|(name, _)| name).collect();
        f.debug_struct("Health").field("checks", &names).finish()
    }
}

/// The outcome of all checks: each name with what is wrong, if anything.
pub type Report = Vec<(&'static str, Result<(), String>)>;

impl Health {
    /// Adds a check.
    #[must_use]
    pub fn with(
        mut self,
        name: &'static str,
        probe: impl Fn() -> Check + Send + Sync + 'static,
    ) -> Self {
        self.checks.push((name, Arc::new(probe)));
        self
    }

    /// Makes every check.
    pub async fn report(&self) -> Report {
        let mut report = Vec::with_capacity(self.checks.len());
        for (name, probe) in &self.checks {
            report.push((*name, probe().await));
        }
        report
    }
}
