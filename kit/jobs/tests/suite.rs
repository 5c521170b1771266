//! The queue and its worker on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::SignedDuration;
use kit_db::Db;
use kit_jobs::{Handler, Job, JobError, JobState, Jobs, NewJob, Progress, Running, Worker};
use kit_time::{FixedClock, Source};

kit_db::on_both_databases!(kit_jobs::MIGRATIONS =>
    a_job_is_done_once, an_aborted_cause_leaves_no_job, a_failure_is_tried_again_later,
    a_job_is_given_up_and_retried, a_panic_fails_the_job_alone, a_dead_workers_job_is_taken_again,
    workers_never_share_a_job, statements_prepare,
);

struct Times {
    clock: Arc<FixedClock>,
    jobs: Jobs,
}

fn times(db: &Db) -> Times {
    let clock = Arc::new(FixedClock::new("2026-03-01T08:00:00Z".parse().unwrap()));
    let jobs = Jobs::new(db.clone(), Source::with_clock(clock.clone(), 1));
    Times { clock, jobs }
}

/// Fails as often as its payload says, then answers how often it was run.
struct Stubborn(AtomicU32);

impl Handler for Stubborn {
    fn kind(&self) -> &'static str {
        "t.stubborn"
    }

    fn run<'f>(&'f self, job: &'f Job, progress: &'f Progress) -> Running<'f> {
        Box::pin(async move {
            let run = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            progress.tell(i64::from(run), 3).await?;
            assert!(job.payload != "panic", "as asked");
            if u64::from(run) <= job.payload.as_u64().unwrap_or(0) {
                return Err(JobError::transient("not yet"));
            }
            Ok(serde_json::json!({ "runs": run }))
        })
    }
}

fn worker(jobs: &Jobs) -> Worker {
    Worker::new(jobs.clone(), vec![Arc::new(Stubborn(AtomicU32::new(0)))])
}

async fn a_job_is_done_once(db: Db) {
    let Times { jobs, .. } = times(&db);
    let id = jobs
        .enqueue(&db, NewJob::new("t.stubborn", 0))
        .await
        .unwrap();
    let worker = worker(&jobs);
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert_eq!(worker.run_due().await.unwrap(), 0);
    let job = jobs.find(id).await.unwrap().unwrap();
    assert_eq!(
        (job.state, job.progress_done, job.progress_total),
        (JobState::Done, 1, 3)
    );
    assert_eq!(job.result, Some(serde_json::json!({ "runs": 1 })));
    assert_eq!(jobs.counts().await.unwrap(), [(JobState::Done, 1)]);
    assert_eq!(jobs.forget_done(jiff::Timestamp::MAX).await.unwrap(), 1);
}

async fn an_aborted_cause_leaves_no_job(db: Db) {
    let Times { jobs, .. } = times(&db);
    let mut tx = db.begin().await.unwrap();
    jobs.enqueue(&mut tx, NewJob::new("t.stubborn", 0))
        .await
        .unwrap();
    drop(tx);
    assert_eq!(worker(&jobs).run_due().await.unwrap(), 0);
}

async fn a_failure_is_tried_again_later(db: Db) {
    let Times { clock, jobs } = times(&db);
    let id = jobs
        .enqueue(&db, NewJob::new("t.stubborn", 2))
        .await
        .unwrap();
    let worker = worker(&jobs);
    assert_eq!(worker.run_due().await.unwrap(), 1);
    let job = jobs.find(id).await.unwrap().unwrap();
    assert_eq!(
        (job.state, job.problem.as_deref()),
        (JobState::Queued, Some("not yet"))
    );
    clock.advance(SignedDuration::from_secs(10));
    assert_eq!(worker.run_due().await.unwrap(), 1);
    clock.advance(SignedDuration::from_secs(19));
    assert_eq!(worker.run_due().await.unwrap(), 0, "the pause has doubled");
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert_eq!(jobs.find(id).await.unwrap().unwrap().state, JobState::Done);
}

async fn a_job_is_given_up_and_retried(db: Db) {
    let Times { jobs, .. } = times(&db);
    let job = NewJob {
        attempts_max: 1,
        ..NewJob::new("t.stubborn", 1)
    };
    let id = jobs.enqueue(&db, job).await.unwrap();
    let unknown = jobs
        .enqueue(&db, NewJob::new("t.unknown", ()))
        .await
        .unwrap();
    let worker = worker(&jobs);
    worker.run_due().await.unwrap();
    assert_eq!(
        jobs.find(id).await.unwrap().unwrap().state,
        JobState::Failed
    );
    let unknown = jobs.find(unknown).await.unwrap().unwrap();
    assert_eq!(
        unknown.problem.as_deref(),
        Some("nobody does jobs of kind t.unknown")
    );
    assert!(jobs.retry(id).await.unwrap());
    worker.run_due().await.unwrap();
    assert_eq!(jobs.find(id).await.unwrap().unwrap().state, JobState::Done);
    assert!(!jobs.retry(id).await.unwrap());
}

async fn a_panic_fails_the_job_alone(db: Db) {
    let Times { jobs, .. } = times(&db);
    let id = jobs
        .enqueue(&db, NewJob::new("t.stubborn", "panic"))
        .await
        .unwrap();
    let worker = worker(&jobs);
    worker.run_due().await.unwrap();
    assert_eq!(
        jobs.find(id).await.unwrap().unwrap().state,
        JobState::Failed
    );
    let next = jobs
        .enqueue(&db, NewJob::new("t.stubborn", 0))
        .await
        .unwrap();
    worker.run_due().await.unwrap();
    assert_eq!(
        jobs.find(next).await.unwrap().unwrap().state,
        JobState::Done
    );
}

async fn a_dead_workers_job_is_taken_again(db: Db) {
    let Times { clock, jobs } = times(&db);
    let id = jobs
        .enqueue(&db, NewJob::new("t.stubborn", 0))
        .await
        .unwrap();
    let sql = "UPDATE job SET state = 'running', attempts = 1, leased_until = $1";
    let lease = jiff::Timestamp::from_second(1_772_352_060).unwrap();
    kit_db::Statement::new("t.die", sql)
        .bind(lease)
        .execute(&db)
        .await
        .unwrap();
    assert_eq!(
        worker(&jobs).run_due().await.unwrap(),
        0,
        "the lease still runs"
    );
    clock.advance(SignedDuration::from_mins(5));
    assert_eq!(worker(&jobs).run_due().await.unwrap(), 1);
    assert_eq!(jobs.find(id).await.unwrap().unwrap().attempts, 2);
}

async fn workers_never_share_a_job(db: Db) {
    let Times { jobs, .. } = times(&db);
    for _ in 0..20 {
        jobs.enqueue(&db, NewJob::new("t.stubborn", 0))
            .await
            .unwrap();
    }
    let stubborn = Arc::new(Stubborn(AtomicU32::new(0)));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let worker = Worker::new(jobs.clone(), vec![stubborn.clone()]);
            tokio::spawn(async move { worker.run_due().await.unwrap() })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    // A worker that lost a race may have stopped early: what is left is taken here.
    Worker::new(jobs.clone(), vec![stubborn.clone()])
        .run_due()
        .await
        .unwrap();
    assert_eq!(stubborn.0.load(Ordering::SeqCst), 20);
}

async fn statements_prepare(db: Db) {
    for statement in kit_jobs::statements() {
        db.prepare(&statement).await.unwrap();
    }
}
