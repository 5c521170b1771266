//! One wait for the disk for many writes: writes of `SQLite` that come while others are made durable
//! are made durable together, by one commit. Each is acknowledged after that commit, and fails alone.

use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot};

use crate::DbError;
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

/// Why a group was not written: nothing of it was.
enum Undone {
    /// A write failed, or must be undone: the others need not be.
    One(Answer),
    /// The transaction failed. It isn't tried again, since nobody knows how far it came.
    All(DbError),
}

/// Brings writes to the one who commits them.
#[derive(Debug, Clone)]
pub(crate) struct Group(mpsc::Sender<Write>);

impl Group {
    /// Commits on `pool`, which has one connection, as long as the group is kept.
    pub(crate) fn on(pool: SqlitePool) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(commit_all(pool, receiver));
        Self(sender)
    }

    /// Writes durably: what this gives survives a power cut.
    pub(crate) async fn write(&self, statements: Vec<Bound>) -> Answer {
        let gone = || DbError::Unavailable(sqlx::Error::PoolClosed);
        let (answer, answered) = oneshot::channel();
        let write = Write { statements, answer };
        self.0.send(write).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

async fn commit_all(pool: SqlitePool, mut receiver: mpsc::Receiver<Write>) {
    let mut writes = Vec::new();
    while receiver.recv_many(&mut writes, WRITES_MAX).await > 0 {
        let is_alone = writes.len() == 1;
        match together(&pool, &writes).await {
            Err(Undone::One(_)) if !is_alone => {
                for write in writes.drain(..) {
                    let alone = together(&pool, std::slice::from_ref(&write)).await;
                    answer(vec![write], alone);
                }
            }
            outcome => answer(std::mem::take(&mut writes), outcome),
        }
    }
}

/// Tells each what became of its write. Who waited may be gone.
fn answer(writes: Vec<Write>, outcome: Result<Vec<Done>, Undone>) {
    match outcome {
        Ok(done) => {
            for (write, done) in writes.into_iter().zip(done) {
                let _ = write.answer.send(Ok(done));
            }
        }
        // It was alone.
        Err(Undone::One(what)) => {
            if let Some(write) = writes.into_iter().next() {
                let _ = write.answer.send(what);
            }
        }
        Err(Undone::All(error)) => {
            let told = error.to_string();
            for write in writes {
                let source = sqlx::Error::Io(std::io::Error::other(told.clone()));
                let step = "committed";
                let failed = DbError::Transaction { step, source };
                let _ = write.answer.send(Err(failed));
            }
        }
    }
}

/// Writes in one transaction.
async fn together(pool: &SqlitePool, writes: &[Write]) -> Result<Vec<Done>, Undone> {
    let begun = pool.begin_with("BEGIN IMMEDIATE").await;
    let mut tx = begun.map_err(|source| Undone::All(DbError::Unavailable(source)))?;
    let mut all = Vec::with_capacity(writes.len());
    for Write { statements, .. } in writes {
        let is_one = statements.len() == 1;
        let mut done = Done::All(0);
        for (at, statement) in statements.iter().enumerate() {
            let changed = statement.execute(&mut tx).await;
            match changed.map_err(|error| Undone::One(Err(error)))? {
                0 if is_one => {}
                0 if at == 0 => {
                    done = Done::Nothing;
                    break;
                }
                0 => return Err(Undone::One(Ok(Done::Nothing))),
                rows => done = Done::All(rows),
            }
        }
        all.push(done);
    }
    tx.commit().await.map_err(|source| {
        let step = "committed";
        Undone::All(DbError::Transaction { step, source })
    })?;
    Ok(all)
}
