//! The worker: takes jobs, hands them to their handlers, tries again.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use kit_db::DbError;

use crate::queue::{Job, Jobs};

/// How long a worker holds a job without a sign of life.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// The pause before the second try; it doubles with each further one.
const PAUSE_FIRST_SECONDS: i64 = 10;
/// The longest pause between two tries.
const PAUSE_MAX_SECONDS: i64 = 3_600;

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Trying again may help.
    #[error("{0}")]
    Transient(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Trying again can't help.
    #[error("{0}")]
    Permanent(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl JobError {
    /// A failure that a later try may mend.
    pub fn transient(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Transient(error.into())
    }

    /// A failure that no later try mends.
    pub fn permanent(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Permanent(error.into())
    }
}

/// The future of [`Handler::run`].
pub type Running<'f> =
    Pin<Box<dyn Future<Output = Result<serde_json::Value, JobError>> + Send + 'f>>;

/// Does one kind of job.
pub trait Handler: Send + Sync {
    /// The kind that it does.
    fn kind(&self) -> &'static str;
    /// Does it; the answer is kept with the job and shown to whoever asked for it.
    fn run<'f>(&'f self, job: &'f Job, progress: &'f Progress) -> Running<'f>;
}

/// How far a job is; telling it also renews the worker's lease.
#[derive(Debug)]
pub struct Progress {
    jobs: Jobs,
    job: Job,
}

impl Progress {
    /// Tells how many of how many steps are done.
    pub async fn tell(&self, done: i64, total: i64) -> Result<(), JobError> {
        let until = self.jobs.source.now() + LEASE;
        match self.jobs.progress(&self.job, done, total, until).await {
            Ok(true) => Ok(()),
            // Another worker has taken it: what this one does would be done twice.
            Ok(false) => Err(JobError::transient("the lease was lost")),
            Err(error) => Err(JobError::transient(error)),
        }
    }
}

/// Takes jobs one after the other.
#[derive(Clone)]
pub struct Worker {
    jobs: Jobs,
    handlers: Arc<HashMap<&'static str, Arc<dyn Handler>>>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("kinds", &self.handlers.keys())
            .finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker that knows `handlers`.
    pub fn new(jobs: Jobs, handlers: Vec<Arc<dyn Handler>>) -> Self {
        let handlers = handlers
            .into_iter()
            .map(|handler| (handler.kind(), handler))
            .collect();
        Self {
            jobs,
            handlers: Arc::new(handlers),
        }
    }

    /// Does the jobs that are due until none is; gives how many were taken.
    pub async fn run_due(&self) -> Result<u64, DbError> {
        let mut taken = 0;
        while self.run_one().await? {
            taken += 1;
        }
        Ok(taken)
    }

    /// Works until the task is dropped, looking every `pause` when there is nothing to do.
    pub async fn work(self, pause: Duration) {
        loop {
            match self.run_one().await {
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(pause).await,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "jobs.work");
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    async fn run_one(&self) -> Result<bool, DbError> {
        let until = self.jobs.source.now() + LEASE;
        let Some(job) = self.jobs.claim(until).await? else {
            return Ok(false);
        };
        let outcome = match self.handlers.get(job.kind.as_str()) {
            Some(handler) => {
                let progress = Progress {
                    jobs: self.jobs.clone(),
                    job: job.clone(),
                };
                let (handler, job) = (handler.clone(), job.clone());
                // A task of its own: a panic of a handler fails its job, not the worker.
                tokio::spawn(async move { handler.run(&job, &progress).await })
                    .await
                    .unwrap_or_else(|panic| Err(JobError::permanent(panic)))
            }
            None => Err(JobError::permanent(format!(
                "nobody does jobs of kind {}",
                job.kind
            ))),
        };
        self.settle(&job, outcome).await?;
        Ok(true)
    }

    async fn settle(
        &self,
        job: &Job,
        outcome: Result<serde_json::Value, JobError>,
    ) -> Result<(), DbError> {
        match outcome {
            Ok(result) => {
                self.jobs.finish(job, result).await?;
            }
            Err(error) => {
                tracing::warn!(job = %job.id, kind = job.kind, attempts = job.attempts,
                    error = &error as &dyn std::error::Error, "jobs.job.fail");
                let text = error.to_string();
                let last = job.attempts >= job.attempts_max;
                if last || matches!(error, JobError::Permanent(_)) {
                    self.jobs.fail(job, &text).await?;
                } else {
                    let at = self.jobs.source.now() + pause(job.attempts);
                    self.jobs.again(job, at, &text).await?;
                }
            }
        }
        Ok(())
    }
}

/// The pause after the given number of failed tries.
fn pause(attempts: u32) -> SignedDuration {
    let doubled = PAUSE_FIRST_SECONDS << attempts.saturating_sub(1).min(12);
    SignedDuration::from_secs(doubled.min(PAUSE_MAX_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let seconds: Vec<_> = (1..=12).map(|n| pause(n).as_secs()).collect();
        assert_eq!(&seconds[..4], [10, 20, 40, 80]);
        assert_eq!(seconds.last(), Some(&3_600));
        assert_eq!(pause(u32::MAX).as_secs(), 3_600);
    }
}
