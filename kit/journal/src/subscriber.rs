//! Subscribers: parts of the platform that follow the journal, each with a durable cursor.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use kit_db::{Db, DbError, Tx};

use crate::entry::{Entry, Journal};

kit_db::statements! {
    REGISTER = "journal.cursor.register":
        "INSERT INTO journal_cursor (subscriber, seq) VALUES ($1, 0)
         ON CONFLICT (subscriber) DO NOTHING";
    LOCK = "journal.cursor.lock":
        "UPDATE journal_cursor SET seq = seq WHERE subscriber = $1 RETURNING seq";
    MOVE = "journal.cursor.move":
        "UPDATE journal_cursor SET seq = $2, failures = 0, problem = NULL WHERE subscriber = $1";
    FAIL = "journal.cursor.fail":
        "UPDATE journal_cursor SET failures = failures + 1, problem = $2 WHERE subscriber = $1";
    STATES = "journal.cursor.states":
        "SELECT subscriber, seq, failures, problem FROM journal_cursor ORDER BY subscriber LIMIT 100";
}

/// The future of [`Subscriber::handle`].
pub type Handled<'f> =
    Pin<Box<dyn Future<Output = Result<(), Box<dyn std::error::Error + Send + Sync>>> + Send + 'f>>;

/// A part of the platform that reacts to entries.
///
/// `handle` writes in the transaction that also moves the cursor: each entry takes effect exactly
/// once. Anything outside the database (a mail, a call) must be a job enqueued in `tx`.
pub trait Subscriber: Send + Sync {
    /// The cursor's name; never reused for something else.
    fn name(&self) -> &'static str;
    /// Reacts to one entry.
    fn handle<'f>(&'f self, tx: &'f mut Tx, entry: &'f Entry) -> Handled<'f>;
}

/// Where a subscriber stands, for the operator's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriberState {
    /// Its name.
    pub subscriber: String,
    /// The last entry that it handled.
    pub seq: i64,
    /// Failed tries at the next one.
    pub failures: i64,
    /// What the last failure said.
    pub problem: Option<String>,
}

/// All subscribers of a process.
#[derive(Clone)]
pub struct Subscribers {
    db: Db,
    all: Arc<Vec<Arc<dyn Subscriber>>>,
}

impl std::fmt::Debug for Subscribers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self
            .all
            .iter()
            .map(|subscriber| subscriber.name())
            .collect();
        f.debug_struct("Subscribers")
            .field("all", &names)
            .finish_non_exhaustive()
    }
}

/// Entries handled in one transaction: enough to go fast, few enough to give way to other writers.
const BATCH: u32 = 200;

impl Subscribers {
    /// Subscribers of one database.
    pub fn new(db: Db, all: Vec<Arc<dyn Subscriber>>) -> Self {
        Self {
            db,
            all: Arc::new(all),
        }
    }

    /// Lets every subscriber handle what it hasn't handled yet; gives how many entries they did.
    /// A subscriber that fails stops at its entry and is tried again at the next call.
    pub async fn run_once(&self) -> Result<u64, DbError> {
        let mut handled = 0;
        let head = Journal::head(&self.db).await?;
        let states = self.states().await?;
        for subscriber in self.all.iter() {
            let state = states
                .iter()
                .find(|state| state.subscriber == subscriber.name());
            match state {
                // Looking must not take the writer's place when there is nothing to do.
                Some(state) if state.seq >= head => continue,
                Some(_) => {}
                None => {
                    REGISTER.bind(subscriber.name()).execute(&self.db).await?;
                }
            }
            loop {
                let batch = self.batch(subscriber.as_ref()).await?;
                handled += batch;
                if batch < u64::from(BATCH) {
                    break;
                }
            }
        }
        Ok(handled)
    }

    /// Follows the journal until the task is dropped, looking every `pause`.
    pub async fn follow(self, pause: Duration) {
        loop {
            if let Err(error) = self.run_once().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "journal.follow");
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Where each subscriber stands.
    pub async fn states(&self) -> Result<Vec<SubscriberState>, DbError> {
        STATES
            .query()
            .all(&self.db, |row| {
                Ok(SubscriberState {
                    subscriber: row.get("subscriber")?,
                    seq: row.get("seq")?,
                    failures: row.get("failures")?,
                    problem: row.get("problem")?,
                })
            })
            .await
    }

    async fn batch(&self, subscriber: &dyn Subscriber) -> Result<u64, DbError> {
        let name = subscriber.name();
        let mut tx = self.db.begin().await?;
        // The row's lock keeps a second process from handling the same entries.
        let from = LOCK
            .bind(name)
            .one(&mut tx, |row| row.get::<i64>("seq"))
            .await?;
        let entries = Journal::after(&mut tx, from, BATCH).await?;
        let mut reached = from;
        for entry in &entries {
            if let Err(problem) = subscriber.handle(&mut tx, entry).await {
                drop(tx);
                return self
                    .failed(name, from, entry.seq, problem.as_ref(), subscriber)
                    .await;
            }
            reached = entry.seq;
        }
        if reached > from {
            MOVE.bind(name).bind(reached).execute(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(entries.len() as u64)
    }

    /// Keeps what came before the failing entry, and notes the failure for the operator.
    async fn failed(
        &self,
        name: &'static str,
        from: i64,
        at: i64,
        problem: &(dyn std::error::Error + Send + Sync + 'static),
        subscriber: &dyn Subscriber,
    ) -> Result<u64, DbError> {
        tracing::warn!(
            subscriber = name,
            seq = at,
            error = problem as &dyn std::error::Error,
            "journal.subscriber.fail"
        );
        let good = at - from - 1;
        if good > 0 {
            let mut tx = self.db.begin().await?;
            let now = LOCK
                .bind(name)
                .one(&mut tx, |row| row.get::<i64>("seq"))
                .await?;
            if now == from {
                let limit = u32::try_from(good).unwrap_or(BATCH);
                for entry in Journal::after(&mut tx, from, limit).await? {
                    if subscriber.handle(&mut tx, &entry).await.is_err() {
                        return Ok(0);
                    }
                }
                MOVE.bind(name).bind(at - 1).execute(&mut tx).await?;
                tx.commit().await?;
            }
        }
        FAIL.bind(name)
            .bind(problem.to_string())
            .execute(&self.db)
            .await?;
        Ok(0)
    }
}
