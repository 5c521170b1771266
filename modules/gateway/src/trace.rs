//! Where traces of calls are kept.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use kit_ledger::Ledger;
use ports::exchange::Trace;
use tokio::sync::oneshot;

/// Traces that are handed on together: a log takes 1 MiB at once, and no trace has 16 KiB.
const TOGETHER_MAX: usize = 64;
/// Bytes of most traces: what is written in one go needs no larger room later.
const TRACE_BYTES: usize = 1 << 10;

/// A trace isn't durable.
#[derive(Debug, thiserror::Error)]
#[error("the trace can't be made durable")]
pub struct TraceError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The future of traces that are made durable.
pub type Kept<'s> = Pin<Box<dyn Future<Output = Result<(), TraceError>> + Send + 's>>;

/// Where traces are kept.
///
/// ```text
///   gateway ──Traces──▶ TraceSink ◀──implements── a log on this machine
/// ```
/// No trace, no data: a gateway answers with data only once this says that the trace survives the end
/// of the process and of the machine.
pub trait TraceSink: Send + Sync {
    /// Makes traces durable, in their order: at most 64, of calls that came to their end at the same
    /// time. It is called again before it is done. On an error none of them counts as kept.
    fn append(&self, traces: Vec<Trace>) -> Kept<'_>;
}

/// Traces in a log of this machine: each is durable when [`Ledger::append_all`] says so, and sealed a
/// moment later.
#[derive(Debug, Clone)]
pub struct LedgerSink(pub Ledger);

impl TraceSink for LedgerSink {
    fn append(&self, traces: Vec<Trace>) -> Kept<'_> {
        Box::pin(async move {
            let written = |trace: &Trace| {
                let mut entry = Vec::with_capacity(TRACE_BYTES);
                serde_json::to_writer(&mut entry, trace).map(|()| Bytes::from(entry))
            };
            let entries = traces.iter().map(written).collect::<Result<_, _>>();
            let entries = entries.map_err(|error| TraceError(error.into()))?;
            let kept = self.0.append_all(entries).await;
            kept.map(drop).map_err(|error| TraceError(error.into()))
        })
    }
}

/// The trace of an entry of such a log.
pub fn trace_of(entry: &[u8]) -> Result<Trace, TraceError> {
    serde_json::from_slice(entry).map_err(|error| TraceError(error.into()))
}

/// Hands traces of a thread's calls on to the sink, those together that come while the thread goes
/// through what is ready: waking the log and being woken by it costs more than what a call itself does.
pub(crate) struct Gatherer {
    sink: Arc<dyn TraceSink>,
    waiting: Mutex<Vec<Waiting>>,
}

struct Waiting {
    trace: Trace,
    answer: oneshot::Sender<Result<(), Arc<TraceError>>>,
}

impl Gatherer {
    pub(crate) fn new(sink: Arc<dyn TraceSink>) -> Self {
        Self {
            sink,
            waiting: Mutex::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a trace durable.
    pub(crate) async fn keep(self: &Arc<Self>, trace: Trace) -> Result<(), Arc<TraceError>> {
        let (answer, answered) = oneshot::channel();
        let begins_another = {
            let mut waiting = self.waiting();
            waiting.push(Waiting { trace, answer });
            waiting.len() % TOGETHER_MAX == 1
        };
        if begins_another {
            // It runs behind all that is ready now, so that what comes of that goes with it.
            tokio::spawn(self.clone().hand_on());
        }
        let gone = || Arc::new(TraceError("nobody keeps traces any more".into()));
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    async fn hand_on(self: Arc<Self>) {
        let (traces, answers): (Vec<Trace>, Vec<_>) = {
            let mut waiting = self.waiting();
            let some = waiting.len().min(TOGETHER_MAX);
            let together = waiting.drain(..some);
            together.map(|one| (one.trace, one.answer)).unzip()
        };
        let kept = self.sink.append(traces).await.map_err(Arc::new);
        for answer in answers {
            // Whose connection broke off has its trace all the same.
            let _ = answer.send(kept.clone());
        }
    }
}
