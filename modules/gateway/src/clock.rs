//! Time that never goes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use kit_time::Source;

/// Seconds by which the machine's clock may be behind before it is told.
const TOLD_SECONDS: i64 = 60;

/// The latest instant that the machine's clock ever showed. A clock that is put back makes no token
/// good again that had run out, no proof fresh that was used, and no quota whole. A clock that is put
/// forward by mistake makes tokens run out until it is right again or the gateway is begun anew: calls
/// are refused rather than let through.
#[derive(Debug, Clone)]
pub(crate) struct SteadyClock {
    source: Source,
    latest_us: Arc<AtomicI64>,
}

impl SteadyClock {
    pub(crate) fn new(source: Source) -> Self {
        let latest_us = Arc::new(AtomicI64::new(source.now().as_microsecond()));
        Self { source, latest_us }
    }

    /// The instant.
    pub(crate) fn now(&self) -> Timestamp {
        let shown = self.source.now();
        let latest = self
            .latest_us
            .fetch_max(shown.as_microsecond(), Ordering::Relaxed);
        Timestamp::from_microsecond(latest.max(shown.as_microsecond())).unwrap_or(shown)
    }

    /// By how many seconds the machine's clock is behind, when that is worth telling.
    pub(crate) fn behind_seconds(&self) -> Option<i64> {
        let behind = self.now().as_second() - self.source.now().as_second();
        (behind > TOLD_SECONDS).then_some(behind)
    }
}
