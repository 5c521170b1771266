//! One wait for the disk for many writes: writes of `SQLite` that come while others are made durable
//! are made durable together, by one commit. Each is acknowledged after that commit, and fails alone.

use std::path::Path;

use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot, watch};

use crate::DbError;
use crate::direct::{Committer, NotCommitted};
use crate::statement::Bound;

/// Most writes in one commit: it bounds what is done again when one of them fails.
const WRITES_MAX: usize = 64;
/// Writes that wait at once; who brings more waits to bring them.
const WAITING_MAX: usize = 1_024;

/// What became of a write that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Every statement ran; the last one changed this many rows.
    All(u64),
    /// One of several changed nothing: nothing was written.
    Nothing,
}

type Answer = Result<Done, DbError>;

/// Statements that take effect together or not at all, and who waits for them. Where there are
/// several, each must change a row.
struct Write {
    statements: Vec<Bound>,
    answer: oneshot::Sender<Answer>,
}

/// Brings writes to the one who commits them.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    writes: mpsc::Sender<Write>,
    is_over: watch::Receiver<bool>,
}

impl Group {
    /// Commits in the file `path` as long as the group is kept. `pool` has the one connection of
    /// transactions on that file: who holds it writes.
    pub(crate) fn on(pool: SqlitePool, path: &Path) -> Self {
        let (writes, receiver) = mpsc::channel(WAITING_MAX);
        let (over, is_over) = watch::channel(false);
        let (jobs, waiting) = std::sync::mpsc::channel();
        let committer = Committer::on(path);
        // A thread of its own, since it waits for the disk. Without one, writes are committed alone.
        let _ = std::thread::Builder::new()
            .name("sqlite-commit".to_owned())
            .spawn(move || {
                commit_on_thread(committer, &waiting);
                let _ = over.send(true);
            });
        tokio::spawn(commit_all(pool, receiver, jobs));
        Self { writes, is_over }
    }

    /// Writes durably: what this gives survives a power cut.
    pub(crate) async fn write(&self, statements: Vec<Bound>) -> Answer {
        let gone = || DbError::Unavailable(sqlx::Error::PoolClosed);
        let (answer, answered) = oneshot::channel();
        let write = Write { statements, answer };
        self.writes.send(write).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Waits until nothing is open any more, once the pool is closed.
    pub(crate) async fn closed(&self) {
        let mut is_over = self.is_over.clone();
        // An error says that the thread is gone.
        let _ = is_over.wait_for(|over| *over).await;
    }
}

/// Writes for the thread that commits, and where it tells what is left to do.
struct Job {
    writes: Vec<Write>,
    rest: oneshot::Sender<Vec<Write>>,
}

/// Commits what comes until nothing can come any more, and answers. What could not be committed
/// together goes back.
fn commit_on_thread(mut committer: Committer, jobs: &std::sync::mpsc::Receiver<Job>) {
    while let Ok(Job { writes, rest }) = jobs.recv() {
        let each = writes.iter().map(|write| write.statements.as_slice());
        let left = match committer.commit(each) {
            Ok(done) => {
                for (write, rows) in writes.into_iter().zip(done) {
                    let done = rows.map_or(Done::Nothing, Done::All);
                    let _ = write.answer.send(Ok(done));
                }
                Vec::new()
            }
            Err(NotCommitted::Undone) => writes,
            Err(NotCommitted::Unknown(error)) => {
                fail(writes, &error.to_string());
                Vec::new()
            }
        };
        let _ = rest.send(left);
    }
}

async fn commit_all(
    pool: SqlitePool,
    mut receiver: mpsc::Receiver<Write>,
    jobs: std::sync::mpsc::Sender<Job>,
) {
    let mut writes = Vec::new();
    loop {
        let came = receiver.recv_many(&mut writes, WRITES_MAX);
        if !matches!(pool.close_event().do_until(came).await, Ok(1..)) {
            return;
        }
        let turn = match pool.acquire().await {
            Ok(turn) => turn,
            Err(error) => {
                fail(std::mem::take(&mut writes), &error.to_string());
                continue;
            }
        };
        let (rest, left) = oneshot::channel();
        let job = Job {
            writes: std::mem::take(&mut writes),
            rest,
        };
        let left = match jobs.send(job) {
            Ok(()) => left.await.unwrap_or_default(),
            Err(unsent) => unsent.0.writes,
        };
        drop(turn);
        for write in left {
            let outcome = alone(&pool, &write.statements).await;
            let _ = write.answer.send(outcome);
        }
    }
}

fn fail(writes: Vec<Write>, told: &str) {
    for write in writes {
        let source = sqlx::Error::Io(std::io::Error::other(told.to_owned()));
        let step = "committed";
        let failed = DbError::Transaction { step, source };
        let _ = write.answer.send(Err(failed));
    }
}

/// Writes in a transaction of its own, by the driver of transactions: its errors are the ones that
/// callers know.
async fn alone(pool: &SqlitePool, statements: &[Bound]) -> Answer {
    let begun = pool.begin_with("BEGIN IMMEDIATE").await;
    let mut tx = begun.map_err(DbError::Unavailable)?;
    let is_one = statements.len() == 1;
    let mut done = Done::All(0);
    for statement in statements {
        match statement.execute(&mut tx).await? {
            0 if is_one => {}
            0 => return Ok(Done::Nothing),
            rows => done = Done::All(rows),
        }
    }
    tx.commit().await.map_err(|source| {
        let step = "committed";
        DbError::Transaction { step, source }
    })?;
    Ok(done)
}
