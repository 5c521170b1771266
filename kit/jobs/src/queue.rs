//! The queue.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Migration, Row, Statement};
use kit_time::Source;
use serde::Serialize;
use uuid::Uuid;

/// The queue's table.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("jobs": "0001_jobs", "0002_by_kind");

kit_db::statements! {
    ENQUEUE = "jobs.job.enqueue":
        "INSERT INTO job (id, kind, payload, state, run_at, attempts_max, created_by, created_at)
         VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7)";
    FIND = "jobs.job.find": "SELECT * FROM job WHERE id = $1";
    NEWEST = "jobs.job.newest":
        "SELECT * FROM job WHERE created_at < $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    NEWEST_OF = "jobs.job.newest_of_kind":
        "SELECT * FROM job WHERE kind = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    DUE = "jobs.job.due":
        "SELECT id FROM job WHERE (state = 'queued' AND run_at <= $1)
            OR (state = 'running' AND leased_until < $1) LIMIT 1";
    // The condition stands twice: a second worker that waited for the row must see it as taken.
    CLAIM = "jobs.job.claim":
        "UPDATE job SET state = 'running', leased_until = $2, attempts = attempts + 1
         WHERE id = (SELECT id FROM job
                     WHERE (state = 'queued' AND run_at <= $1)
                        OR (state = 'running' AND leased_until < $1)
                     ORDER BY run_at, id LIMIT 1)
           AND (state = 'queued' OR leased_until < $1)
         RETURNING *";
    PROGRESS = "jobs.job.progress":
        "UPDATE job SET progress_done = $2, progress_total = $3, leased_until = $4
         WHERE id = $1 AND state = 'running' AND attempts = $5";
    FINISH = "jobs.job.finish":
        "UPDATE job SET state = 'done', result = $2, problem = NULL, finished_at = $3,
            leased_until = NULL
         WHERE id = $1 AND state = 'running' AND attempts = $4";
    AGAIN = "jobs.job.again":
        "UPDATE job SET state = 'queued', run_at = $2, problem = $3, leased_until = NULL
         WHERE id = $1 AND state = 'running' AND attempts = $4";
    FAIL = "jobs.job.fail":
        "UPDATE job SET state = 'failed', problem = $2, finished_at = $3, leased_until = NULL
         WHERE id = $1 AND state = 'running' AND attempts = $4";
    RETRY = "jobs.job.retry":
        "UPDATE job SET state = 'queued', run_at = $2, attempts = 0, finished_at = NULL
         WHERE id = $1 AND state = 'failed'";
    COUNTS = "jobs.job.counts": "SELECT state, COUNT(*) AS n FROM job GROUP BY state";
    FORGET = "jobs.job.forget": "DELETE FROM job WHERE state = 'done' AND finished_at < $1";
}

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    ALL.iter().copied().cloned().collect()
}

/// A job to enqueue.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Which handler does it, `module.verb`.
    pub kind: &'static str,
    /// What the handler needs to know. No secret, no personal data of a citizen.
    pub payload: serde_json::Value,
    /// Not before; `None`: at once.
    pub run_at: Option<Timestamp>,
    /// After so many failures it is given up and shown to the operator. 1 to 50.
    pub attempts_max: u32,
    /// The person for whom it is done, who may see it.
    pub created_by: Option<Uuid>,
}

impl NewJob {
    /// A job to do at once, tried at most 10 times.
    pub fn new(kind: &'static str, payload: impl Serialize) -> Self {
        let payload = serde_json::to_value(payload).unwrap_or_default();
        Self {
            kind,
            payload,
            run_at: None,
            attempts_max: 10,
            created_by: None,
        }
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// It waits for its turn or for its next try.
    Queued,
    /// A worker does it.
    Running,
    /// It was done.
    Done,
    /// It was given up.
    Failed,
}

/// A job, as read back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// Which handler does it.
    pub kind: String,
    /// What the handler was told.
    pub payload: serde_json::Value,
    /// Where it stands.
    pub state: JobState,
    /// Not before.
    pub run_at: Timestamp,
    /// Tries so far, this one included.
    pub attempts: u32,
    /// Most tries.
    pub attempts_max: u32,
    /// Steps done.
    pub progress_done: i64,
    /// Steps in all; 0 when not known.
    pub progress_total: i64,
    /// What the handler answered.
    pub result: Option<serde_json::Value>,
    /// What the last failure said.
    pub problem: Option<String>,
    /// The person for whom it is done.
    pub created_by: Option<Uuid>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// The queue.
#[derive(Debug, Clone)]
pub struct Jobs {
    pub(crate) db: Db,
    pub(crate) source: Source,
}

impl Jobs {
    /// The queue of a database.
    pub fn new(db: Db, source: Source) -> Self {
        Self { db, source }
    }

    /// Enqueues a job, in the transaction that causes it.
    pub async fn enqueue(&self, on: impl Into<Handle<'_>>, job: NewJob) -> Result<Uuid, DbError> {
        let id = self.source.new_id();
        let now = self.source.now();
        ENQUEUE
            .bind(id)
            .bind(job.kind)
            .bind(job.payload.to_string())
            .bind(job.run_at.unwrap_or(now))
            .bind(job.attempts_max.clamp(1, 50))
            .bind(job.created_by)
            .bind(now)
            .execute(on)
            .await?;
        Ok(id)
    }

    /// A job.
    pub async fn find(&self, id: Uuid) -> Result<Option<Job>, DbError> {
        FIND.bind(id).optional(&self.db, read).await
    }

    /// At most `limit` (1 to 200) jobs enqueued before `before`, newest first.
    pub async fn newest(&self, before: Option<Timestamp>, limit: u32) -> Result<Vec<Job>, DbError> {
        let before = before.unwrap_or(Timestamp::MAX);
        NEWEST
            .bind(before)
            .bind(limit.clamp(1, 200))
            .all(&self.db, read)
            .await
    }

    /// At most `limit` (1 to 200) jobs of a kind, newest first.
    pub async fn newest_of(&self, kind: &'static str, limit: u32) -> Result<Vec<Job>, DbError> {
        NEWEST_OF
            .bind(kind)
            .bind(limit.clamp(1, 200))
            .all(&self.db, read)
            .await
    }

    /// Lets a job that was given up start over. Gives whether there was one.
    pub async fn retry(&self, id: Uuid) -> Result<bool, DbError> {
        Ok(RETRY
            .bind(id)
            .bind(self.source.now())
            .execute(&self.db)
            .await?
            == 1)
    }

    /// How many jobs are in each state.
    pub async fn counts(&self) -> Result<Vec<(JobState, i64)>, DbError> {
        COUNTS
            .query()
            .all(&self.db, |row| Ok((state(row)?, row.get("n")?)))
            .await
    }

    /// Removes jobs that were done before `instant`; gives how many.
    pub async fn forget_done(&self, instant: Timestamp) -> Result<u64, DbError> {
        FORGET.bind(instant).execute(&self.db).await
    }

    pub(crate) async fn claim(&self, until: Timestamp) -> Result<Option<Job>, DbError> {
        // Looking must not take the writer's place when there is nothing to do.
        if DUE
            .bind(self.source.now())
            .optional(&self.db, |_| Ok(()))
            .await?
            .is_none()
        {
            return Ok(None);
        }
        let mut tx = self.db.begin().await?;
        let job = CLAIM
            .bind(self.source.now())
            .bind(until)
            .optional(&mut tx, read)
            .await?;
        tx.commit().await?;
        Ok(job)
    }

    pub(crate) async fn progress(
        &self,
        job: &Job,
        done: i64,
        total: i64,
        until: Timestamp,
    ) -> Result<bool, DbError> {
        let query = PROGRESS
            .bind(job.id)
            .bind(done)
            .bind(total)
            .bind(until)
            .bind(job.attempts);
        Ok(query.execute(&self.db).await? == 1)
    }

    pub(crate) async fn finish(
        &self,
        job: &Job,
        result: serde_json::Value,
    ) -> Result<bool, DbError> {
        let now = self.source.now();
        let query = FINISH
            .bind(job.id)
            .bind(result.to_string())
            .bind(now)
            .bind(job.attempts);
        Ok(query.execute(&self.db).await? == 1)
    }

    pub(crate) async fn again(
        &self,
        job: &Job,
        at: Timestamp,
        problem: &str,
    ) -> Result<bool, DbError> {
        let query = AGAIN.bind(job.id).bind(at).bind(problem).bind(job.attempts);
        Ok(query.execute(&self.db).await? == 1)
    }

    pub(crate) async fn fail(&self, job: &Job, problem: &str) -> Result<bool, DbError> {
        let now = self.source.now();
        let query = FAIL.bind(job.id).bind(problem).bind(now).bind(job.attempts);
        Ok(query.execute(&self.db).await? == 1)
    }
}

fn state(row: &Row) -> Result<JobState, DbError> {
    let state: String = row.get("state")?;
    Ok(match state.as_str() {
        "queued" => JobState::Queued,
        "running" => JobState::Running,
        "done" => JobState::Done,
        _ => JobState::Failed,
    })
}

fn read(row: &Row) -> Result<Job, DbError> {
    let json = |text: &str| serde_json::from_str(text).unwrap_or_default();
    Ok(Job {
        id: row.get("id")?,
        kind: row.get("kind")?,
        payload: json(&row.get::<String>("payload")?),
        state: state(row)?,
        run_at: row.get("run_at")?,
        attempts: row.get("attempts")?,
        attempts_max: row.get("attempts_max")?,
        progress_done: row.get("progress_done")?,
        progress_total: row.get("progress_total")?,
        result: row.get::<Option<String>>("result")?.map(|text| json(&text)),
        problem: row.get("problem")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        finished_at: row.get("finished_at")?,
    })
}
