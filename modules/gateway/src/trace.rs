//! Where traces of calls are kept.

use std::future::Future;
use std::pin::Pin;

use kit_ledger::Ledger;
use ports::exchange::Trace;

/// A trace isn't durable.
#[derive(Debug, thiserror::Error)]
#[error("the trace can't be made durable")]
pub struct TraceError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The future of a trace that is made durable.
pub type Kept<'s> = Pin<Box<dyn Future<Output = Result<(), TraceError>> + Send + 's>>;

/// Where traces are kept.
///
/// ```text
///   gateway ──Trace──▶ TraceSink ◀──implements── a log on this machine
/// ```
/// No trace, no data: a gateway answers with data only once this says that the trace survives the end
/// of the process and of the machine.
pub trait TraceSink: Send + Sync {
    /// Makes a trace durable. It is called for many calls at once: an implementation gathers them.
    fn append(&self, trace: Trace) -> Kept<'_>;
}

/// Traces in a log of this machine: each is durable when [`Ledger::append`] says so, and sealed a
/// moment later.
#[derive(Debug, Clone)]
pub struct LedgerSink(pub Ledger);

impl TraceSink for LedgerSink {
    fn append(&self, trace: Trace) -> Kept<'_> {
        Box::pin(async move {
            let entry = serde_json::to_vec(&trace).map_err(|error| TraceError(error.into()))?;
            let kept = self.0.append(entry).await;
            kept.map(drop).map_err(|error| TraceError(error.into()))
        })
    }
}

/// The trace of an entry of such a log.
pub fn trace_of(entry: &[u8]) -> Result<Trace, TraceError> {
    serde_json::from_slice(entry).map_err(|error| TraceError(error.into()))
}
