//! Imports that people start in a page: kept, run as a job, left and found again.
//!
//! An import is one transaction, and on `SQLite` nothing else can be written while it lasts: how far
//! it is stays in this process's memory, where its page reads it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use kit_access::{Actor, Grant, Identity, Reach};
use kit_jobs::{Handler, Job, JobError, JobState, NewJob, Progress, Running};
use ports::roles::PORTFOLIO_OFFICER;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::IMPORT;
use crate::domain::import::Rejected;
use crate::domain::import::archive::unpack;
use crate::domain::import::refusal::Refusal;
use crate::import::{Fate, ImportFile, ImportOutcome};
use crate::{Portfolio, PortfolioError};

/// The kind of the jobs that import.
const IMPORT_JOB: &str = "portfolio.import";
/// Tries before a run is given up: a database that is away comes back.
const ATTEMPTS_MAX: u32 = 3;
/// Lines and refusals that a run keeps of each.
const LINES_MAX: usize = 1_000;
/// Runs that the page lists.
const RUNS_MAX: usize = 20;

/// How far an import is: rows done, rows in all.
#[derive(Debug, Default)]
pub struct ImportProgress {
    done: AtomicUsize,
    total: AtomicUsize,
}

impl ImportProgress {
    pub(crate) fn of(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    pub(crate) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Rows done and rows in all; 0 in all as long as it isn't known.
    pub fn told(&self) -> (usize, usize) {
        let read = |number: &AtomicUsize| number.load(Ordering::Relaxed);
        (read(&self.done), read(&self.total))
    }
}

/// The imports that this process runs.
pub(crate) type RunningImports = Arc<Mutex<HashMap<Uuid, Arc<ImportProgress>>>>;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// An edition of the panorama, as CSV or XLSX.
    Panorama,
    /// An archive of start-ups, incubators and organisations.
    BetaGouv,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOrder {
    /// What the file is.
    pub kind: SourceKind,
    /// The file's name, for display.
    pub file_name: String,
    /// The date of publication, when the file doesn't tell it.
    pub published_on: Option<Date>,
    /// Whether nothing is kept.
    pub dry_run: bool,
    /// Who asked.
    pub by: String,
    /// The id of who asked.
    pub by_id: Option<Uuid>,
    key: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunResult {
    /// Rows or files read.
    pub read: usize,
    /// New products.
    pub created: usize,
    /// Products of which something changed.
    pub updated: usize,
    /// Products of which nothing changed.
    pub unchanged: usize,
    /// New products near a known one.
    pub to_review: usize,
    /// Values refused in all.
    pub rejected_count: usize,
    /// The first 1,000 of them.
    pub rejected: Vec<Rejected>,
    /// The first 1,000 changes: name, fate, what.
    pub lines: Vec<(String, String, String)>,
    /// Why the whole file was refused, for programs and logs.
    pub refused: Option<String>,
    /// The same, for the words of pages.
    #[serde(default)]
    pub refusal: Option<Refusal>,
}

impl From<ImportOutcome> for RunResult {
    fn from(outcome: ImportOutcome) -> Self {
        let lines = outcome
            .lines
            .into_iter()
            .filter_map(|(name, fate)| {
                let (code, what) = match fate {
                    Fate::Created => ("created", String::new()),
                    Fate::Updated(fields) => ("updated", fields.join(", ")),
                    Fate::ToReview(names) => ("to-review", names.join(", ")),
                    Fate::Unchanged => return None,
                };
                Some((name, code.to_owned(), what))
            })
            .take(LINES_MAX)
            .collect();
        Self {
            read: outcome.read,
            created: outcome.created,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
            to_review: outcome.to_review,
            rejected_count: outcome.rejected.len(),
            rejected: outcome.rejected.into_iter().take(LINES_MAX).collect(),
            lines,
            refused: None,
            refusal: None,
        }
    }
}

/// One import that somebody started.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its id.
    pub id: Uuid,
    /// What was asked for.
    pub order: RunOrder,
    /// Where the work stands.
    pub state: JobState,
    /// When it was asked for.
    pub created_at: jiff::Timestamp,
    /// What became of it, when it has ended.
    pub result: Option<RunResult>,
    /// Rows done and in all, while this process runs it.
    pub progress: Option<(usize, usize)>,
}

/// What somebody sends.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// What the file is.
    pub kind: SourceKind,
    /// Its name, for display.
    pub file_name: String,
    /// The date of publication, when the file doesn't tell it.
    pub published_on: Option<Date>,
    /// Whether nothing is kept.
    pub dry_run: bool,
}

impl Portfolio {
    /// Keeps a file and starts its import.
    pub async fn start_import(
        &self,
        actor: &Actor,
        new: NewRun,
        bytes: Vec<u8>,
    ) -> Result<Uuid, PortfolioError> {
        actor.demand(&IMPORT, None)?;
        let key = format!("imports/{}", self.source.new_id());
        self.files.put(&key, bytes).await?;
        let order = RunOrder {
            kind: new.kind,
            file_name: new.file_name,
            published_on: new.published_on,
            dry_run: new.dry_run,
            by: actor.name().to_owned(),
            by_id: actor.person_id(),
            key,
        };
        let job = NewJob {
            attempts_max: ATTEMPTS_MAX,
            created_by: actor.person_id(),
            ..NewJob::new(IMPORT_JOB, order)
        };
        Ok(self.jobs.enqueue(&self.db, job).await?)
    }

    /// One import.
    pub async fn run(&self, id: Uuid) -> Result<Run, PortfolioError> {
        let job = self.jobs.find(id).await?;
        job.and_then(|job| self.run_of(job))
            .ok_or(PortfolioError::NotFound)
    }

    /// The newest imports, at most twenty.
    pub async fn runs(&self) -> Result<Vec<Run>, PortfolioError> {
        let jobs = self.jobs.newest_of(IMPORT_JOB, RUNS_MAX as u32).await?;
        Ok(jobs
            .into_iter()
            .filter_map(|job| self.run_of(job))
            .collect())
    }

    fn run_of(&self, job: Job) -> Option<Run> {
        if job.kind != IMPORT_JOB {
            return None;
        }
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Run {
            id: job.id,
            order: serde_json::from_value(job.payload).ok()?,
            state: job.state,
            created_at: job.created_at,
            result: job
                .result
                .and_then(|result| serde_json::from_value(result).ok()),
            progress: running.get(&job.id).map(|progress| progress.told()),
        })
    }

    /// What does the jobs of the portfolio.
    pub fn handlers(&self) -> Vec<Arc<dyn Handler>> {
        vec![Arc::new(ImportHandler(self.clone()))]
    }

    async fn do_run(&self, id: Uuid, order: &RunOrder) -> Result<RunResult, PortfolioError> {
        let bytes = self.files.get(&order.key).await?;
        let progress = Arc::new(ImportProgress::default());
        let running = || self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running().insert(id, progress.clone());
        let outcome = self.import_bytes(order, &bytes, &progress).await;
        running().remove(&id);
        let result = match outcome {
            Ok(outcome) => RunResult::from(outcome),
            Err(PortfolioError::Edition(error)) => refused(&error, (&error).into()),
            Err(PortfolioError::Archive(error)) => refused(&error, (&error).into()),
            Err(error) => return Err(error),
        };
        // What was kept is evidence of where figures come from; what was tried isn't.
        if order.dry_run || result.refused.is_some() {
            self.files.delete(&order.key).await?;
        }
        Ok(result)
    }

    async fn import_bytes(
        &self,
        order: &RunOrder,
        bytes: &[u8],
        progress: &ImportProgress,
    ) -> Result<ImportOutcome, PortfolioError> {
        // The right to import was demanded when the file was sent, moments ago.
        let grant = Grant {
            role: PORTFOLIO_OFFICER.0.to_owned(),
            reach: Reach::State,
        };
        let actor = match order.by_id {
            Some(id) => Actor::person(id, &order.by, vec![grant]),
            None => Actor {
                identity: Identity::System("import"),
                ..Actor::system("import")
            },
        };
        match order.kind {
            SourceKind::Panorama => {
                let file = ImportFile {
                    name: &order.file_name,
                    bytes,
                };
                let on = order.published_on;
                self.import_panorama_told(&actor, file, on, order.dry_run, progress)
                    .await
            }
            SourceKind::BetaGouv => {
                let bytes = bytes.to_vec();
                let files = tokio::task::spawn_blocking(move || unpack(&bytes))
                    .await
                    .map_err(|error| PortfolioError::Task(error.to_string()))?
                    .map_err(PortfolioError::Archive)?;
                self.import_beta_gouv_told(&actor, &files, order.dry_run, progress)
                    .await
            }
        }
    }
}

fn refused(error: &dyn std::fmt::Display, refusal: Refusal) -> RunResult {
    RunResult {
        refused: Some(error.to_string()),
        refusal: Some(refusal),
        ..RunResult::default()
    }
}

/// Does the jobs that import.
struct ImportHandler(Portfolio);

impl Handler for ImportHandler {
    fn kind(&self) -> &'static str {
        IMPORT_JOB
    }

    fn run<'f>(&'f self, job: &'f Job, _: &'f Progress) -> Running<'f> {
        Box::pin(async move {
            let order: RunOrder =
                serde_json::from_value(job.payload.clone()).map_err(JobError::permanent)?;
            let result = self
                .0
                .do_run(job.id, &order)
                .await
                .map_err(|error| match &error {
                    PortfolioError::Db(db) if !db.is_transient() => JobError::permanent(error),
                    _ => JobError::transient(error),
                })?;
            serde_json::to_value(result).map_err(JobError::permanent)
        })
    }
}
