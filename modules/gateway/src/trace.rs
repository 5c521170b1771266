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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use uuid::Uuid;

    /// Keeps the requests of traces, by call; refuses all of a call that holds a certain one.
    #[derive(Default)]
    struct Sink {
        calls: Mutex<Vec<Vec<u128>>>,
        refuses: Option<u128>,
    }

    impl TraceSink for Sink {
        fn append(&self, traces: Vec<Trace>) -> Kept<'_> {
            let requests: Vec<u128> = traces.iter().map(|one| one.request.as_u128()).collect();
            let is_refused = self.refuses.is_some_and(|one| requests.contains(&one));
            self.calls.lock().unwrap().push(requests);
            Box::pin(async move {
                tokio::task::yield_now().await;
                if is_refused {
                    return Err(TraceError("the disk is full".into()));
                }
                Ok(())
            })
        }
    }

    fn trace(request: u128) -> Trace {
        Trace {
            request: Uuid::from_u128(request),
            at: Timestamp::UNIX_EPOCH,
            accreditation: None,
            requester: None,
            editor: None,
            producer: Uuid::nil(),
            api: Uuid::nil(),
            operation: Uuid::nil(),
            purpose: None,
            object: None,
            legal_basis: None,
            recipient: None,
            subject: None,
            status: 200,
            problem: None,
            latency_us: 0,
            bytes: 0,
            pieces_saved: 0,
            hidden_until: None,
            on_behalf: false,
        }
    }

    /// Keeps so many traces at once; gives who was told that its own isn't kept.
    async fn keep(sink: &Arc<Sink>, traces: u128) -> Vec<u128> {
        let gatherer = Arc::new(Gatherer::new(sink.clone()));
        let kept: Vec<_> = (0..traces)
            .map(|request| {
                let gatherer = gatherer.clone();
                tokio::spawn(async move { gatherer.keep(trace(request)).await })
            })
            .collect();
        let mut refused = Vec::new();
        for (request, one) in (0..).zip(kept) {
            if one.await.unwrap().is_err() {
                refused.push(request);
            }
        }
        refused
    }

    #[tokio::test]
    async fn traces_that_come_at_once_are_handed_on_together_and_each_once() {
        for traces in [1, 2, 63, 64, 65, 128, 200] {
            let sink = Arc::new(Sink::default());
            assert!(keep(&sink, traces).await.is_empty());
            let calls = sink.calls.lock().unwrap();
            assert!(calls.iter().all(|call| call.len() <= TOGETHER_MAX));
            assert_eq!(calls.len(), (traces as usize).div_ceil(TOGETHER_MAX));
            assert!(calls.iter().flatten().copied().eq(0..traces));
        }
    }

    #[tokio::test]
    async fn only_those_that_went_together_hear_that_theirs_are_lost() {
        let sink = Arc::new(Sink {
            refuses: Some(70),
            ..Sink::default()
        });
        let refused = keep(&sink, 150).await;
        let calls = sink.calls.lock().unwrap();
        let call = calls.iter().find(|call| call.contains(&70)).unwrap();
        assert_eq!(refused, *call);
    }
}
