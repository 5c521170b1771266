//! The data plane of the exchange: what stands between those who ask and those who know.
//!
//! ```text
//!   requester ──call──▶ verify ─▶ purpose ─▶ stops ─▶ quota ─▶ producer
//!             ◀──data── trace  ◀─ envelope ◀─ mask ◀──answer──┘
//! ```
//! A gateway asks nobody whether a call may go through: it decides by an immutable snapshot, signed by
//! the control plane and replaced as a whole ([`SnapshotSource`], [`Follower`]). It keeps a trace of
//! each call ([`TraceSink`]), durable before the first byte of data leaves: no trace, no data. The
//! same code runs inside the platform and as `gouvernail gateway` on other machines.

mod alarm;
mod call;
mod clock;
mod control;
pub mod domain;
mod own;
mod patient;
mod produced;
mod proofs;
mod remote;
mod report;
mod server;
mod settings;
mod snapshot;
mod state;
mod tls;
mod trace;
mod upstream;
mod verify;

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use kit_time::Source;
use ports::exchange::Snapshot;

pub use alarm::{Alarm, AlarmKind, Alarms, LoggedAlarms};
pub use control::{Desk, Made, SNAPSHOT_PATH, SnapshotMaker, Told, control_keys};
pub use own::{own_key, own_secret};
pub use remote::RemoteControl;
pub use report::{
    Here, Keeping, REPORT_PATH, ReportError, ReportKeeper, ReportTo, Reported, Reporter, Taken,
};
pub use settings::{GatewayError, GatewaySettings, Identity};
pub use snapshot::{
    Follower, Newer, SNAPSHOT_BYTES_MAX, SignedSnapshot, SnapshotError, SnapshotSource,
};
pub use trace::{Kept, LedgerSink, TraceError, TraceSink, trace_of};

use clock::SteadyClock;
use domain::{Book, Code, Problem};
use state::{Counts, InForce, Proofs};

/// A gateway: a cheap clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    settings: GatewaySettings,
    source: Source,
    clock: SteadyClock,
    in_force: RwLock<Option<Arc<InForce>>>,
    /// When the control plane last said what is in force, in microseconds since 1970.
    heard_us: AtomicI64,
    counts: Counts,
    proofs: Proofs,
    sink: Arc<dyn TraceSink>,
    alarms: Arc<dyn Alarms>,
    untold: alarm::Untold,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway")
            .field("number", &self.number())
            .finish_non_exhaustive()
    }
}

impl Gateway {
    /// A gateway that knows nothing yet and refuses every call until a [`Follower`] tells it.
    pub fn new(
        settings: GatewaySettings,
        source: Source,
        sink: Arc<dyn TraceSink>,
        alarms: Arc<dyn Alarms>,
    ) -> Self {
        let proofs = Proofs::new(settings.proofs_max);
        Self(Arc::new(Inner {
            clock: SteadyClock::new(source.clone()),
            settings,
            source,
            in_force: RwLock::default(),
            heard_us: AtomicI64::new(i64::MIN),
            counts: Counts::default(),
            proofs,
            sink,
            alarms,
            untold: alarm::Untold::default(),
        }))
    }

    /// The number of the snapshot in force.
    pub fn number(&self) -> Option<u64> {
        self.in_force().map(|in_force| in_force.book.number)
    }

    /// When the control plane last said what is in force.
    pub fn heard_at(&self) -> Option<Timestamp> {
        let heard = self.0.heard_us.load(Ordering::Relaxed);
        (heard != i64::MIN).then(|| Timestamp::from_microsecond(heard).unwrap_or(Timestamp::MIN))
    }

    /// Puts a snapshot in force that was heard at `heard_at`; one with a lower number is refused.
    pub fn put_in_force(
        &self,
        snapshot: Snapshot,
        heard_at: Timestamp,
    ) -> Result<(), SnapshotError> {
        let found = snapshot.number;
        let older = |known| SnapshotError::Older { found, known };
        if let Some(known) = self.number().filter(|known| found < *known) {
            return Err(older(known));
        }
        let (book, refusals) = Book::new(snapshot);
        for refusal in &refusals {
            tracing::error!(
                error = refusal as &dyn std::error::Error,
                "gateway.snapshot.part"
            );
        }
        let named = book
            .apis()
            .flat_map(|api| api.upstreams.iter().map(|place| place.name.to_string()));
        let named: HashSet<String> = named.collect();
        let mut in_force = self
            .0
            .in_force
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // Somebody may have been faster.
        let known = in_force.as_ref().map(|former| former.book.number);
        if let Some(known) = known.filter(|known| found < *known) {
            return Err(older(known));
        }
        *in_force = Some(Arc::new(InForce::new(book)));
        drop(in_force);
        self.0.counts.keep_circuits(&named);
        self.heard(heard_at);
        tracing::info!(number = found, "gateway.snapshot");
        if let Some(behind_seconds) = self.0.clock.behind_seconds() {
            tracing::warn!(
                behind_seconds,
                "gateway.clock: the machine's clock was put back"
            );
        }
        Ok(())
    }

    /// The control plane says that what is known is in force.
    pub(crate) fn heard(&self, at: Timestamp) {
        self.0
            .heard_us
            .fetch_max(at.as_microsecond(), Ordering::Relaxed);
    }

    pub(crate) fn in_force(&self) -> Option<Arc<InForce>> {
        self.0
            .in_force
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What is in force, when the gateway may still go by it.
    pub(crate) fn in_force_now(&self, now: Timestamp) -> Result<Arc<InForce>, Problem> {
        let cut_off = |told: &'static str| Problem::new(Code::CutOff, told).after_seconds(30);
        let in_force = self.in_force();
        let in_force = in_force.ok_or_else(|| cut_off("it hasn't heard what is in force yet"))?;
        let longest = SignedDuration::try_from(self.0.settings.cut_off_max);
        let longest = longest.unwrap_or(SignedDuration::MAX);
        match self.heard_at() {
            Some(heard) if now.duration_since(heard) <= longest => Ok(in_force),
            _ => Err(cut_off(
                "it has been cut off from the control plane for too long",
            )),
        }
    }

    /// The instant, which never goes back.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn source(&self) -> &Source {
        &self.0.source
    }

    pub(crate) fn settings(&self) -> &GatewaySettings {
        &self.0.settings
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.0.counts
    }

    pub(crate) fn proofs(&self) -> &Proofs {
        &self.0.proofs
    }

    pub(crate) fn alarm(&self, alarm: &Alarm) {
        self.0.alarms.raised(alarm);
        self.0.untold.add(alarm);
    }

    /// Alarms that the control plane wasn't told yet.
    pub(crate) fn untold(&self) -> &alarm::Untold {
        &self.0.untold
    }

    pub(crate) fn sink(&self) -> Arc<dyn TraceSink> {
        self.0.sink.clone()
    }
}
