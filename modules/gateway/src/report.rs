//! What a gateway tells of itself, and its traces on their way to the control plane.
//!
//! ```text
//!   log ──▶ Reporter ──signed──▶ Desk ──▶ ReportKeeper
//!              ▲                            │
//!              └──── the place that is next ┘
//! ```
//! The place is kept by the control plane, in the transaction that keeps the traces before it: whoever
//! of the two begins anew, nothing is lost and nothing counted twice. What waits, waits in the log.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use jose::Limits;
use jose::claims::Claims;
use jose::jwk::SigningKey;
use jose::jws::{Signing, Typ, Unverified, sign};
use kit_ledger::{Ledger, LedgerError};
use kit_time::Source;
use ports::exchange::{GatewayReport, GatewayTold, REPORT_COUNTS_MAX};
use tokio::time::Instant;
use uuid::Uuid;

use crate::Gateway;
use crate::control::{Desk, claims_of};
use crate::proofs::answers;
use crate::snapshot::SnapshotError;
use crate::trace::{TraceError, trace_of};

/// The path at which a control plane takes reports.
pub const REPORT_PATH: &str = "/exchange/gateway/report";
/// Most bytes of a report as it travels: what the platform takes as a body.
pub(crate) const REPORT_BYTES_MAX: usize = 1 << 20;
/// Most traces of one report, and bytes of them: signed and encoded they stay below the limit.
const TRACES_MAX: usize = 1_000;
const TRACES_BYTES_MAX: usize = 512 << 10;
/// The type of a report.
const TYP: &str = "gateway-report+jwt";
/// The claim that holds it.
const REPORT: &str = "report";
const LIMITS: Limits = Limits {
    token_bytes_max: REPORT_BYTES_MAX,
    header_bytes_max: 4 << 10,
};
/// How long traces are gathered.
const GATHER: Duration = Duration::from_millis(500);
/// How often a gateway tells that it lives.
const LIVES_EVERY: Duration = Duration::from_secs(10);
/// The pause after a failure, which doubles up to the longest.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often it is looked whether traces are old enough to be erased.
const ERASE_EVERY: Duration = Duration::from_hours(1);
/// Traces that are looked at in one go.
const ERASED_AT_ONCE: usize = 1_000;

/// Why a report isn't taken.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The control plane can't be reached, or fails.
    #[error(transparent)]
    Control(#[from] SnapshotError),
    /// The control plane refuses: the log belongs to another gateway, or something of it can't be read.
    #[error("the control plane refuses the report")]
    Refused,
    /// The log can't be read.
    #[error("the log can't be read")]
    Log(#[from] LedgerError),
    /// A trace of the log can't be read: a newer program wrote it.
    #[error("a trace of the log can't be read")]
    Trace(#[from] TraceError),
}

/// The future of what is told to a report.
pub type Reported<'r> = Pin<Box<dyn Future<Output = Result<GatewayTold, ReportError>> + Send + 'r>>;

/// Whom a gateway reports to.
///
/// ```text
///   gateway ──reports──▶ ReportTo ◀──implements── the control plane here, or over HTTPS
/// ```
pub trait ReportTo: Send + Sync {
    /// Tells a report. When it is answered, the traces before the answer's place are kept.
    fn report<'r>(&'r self, report: &'r GatewayReport) -> Reported<'r>;
}

/// The future of a report that is kept; `None`: it is refused.
pub type Keeping<'k> = Pin<
    Box<
        dyn Future<Output = Result<Option<GatewayTold>, Box<dyn std::error::Error + Send + Sync>>>
            + Send
            + 'k,
    >,
>;

/// Who keeps what gateways report.
///
/// ```text
///   Desk ──hands──▶ ReportKeeper ◀──implements── the exchange
/// ```
pub trait ReportKeeper: Send + Sync {
    /// Keeps a report of the gateway with this key (its thumbprint, RFC 7638). A log belongs to one
    /// gateway; another takes it over only when the former's key isn't `known` any more.
    fn keep<'k>(
        &'k self,
        gateway: &'k str,
        known: &'k [String],
        report: &'k GatewayReport,
    ) -> Keeping<'k>;
}

/// What comes of a report.
#[derive(Debug)]
pub enum Taken {
    /// It isn't a gateway of ours: 401.
    Stranger,
    /// It can't be read, or the log belongs to another gateway: 409.
    Refused,
    /// It is kept: 200.
    Told(GatewayTold),
}

impl Desk {
    /// Takes the report of a gateway on another machine, which signed it.
    pub async fn take_report(&self, signed: &str) -> Result<Taken, ReportError> {
        let Some((gateway, mut claims)) = self.signer_of(signed) else {
            return Ok(Taken::Stranger);
        };
        let report = claims.remove(REPORT).unwrap_or_default();
        match serde_json::from_value(report) {
            Ok(report) => self.keep(&gateway, &report).await,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, gateway, "gateway.report: it can't be read");
                Ok(Taken::Refused)
            }
        }
    }

    /// Which of the known gateways signed this a moment ago, and what it says.
    fn signer_of(
        &self,
        signed: &str,
    ) -> Option<(String, serde_json::Map<String, serde_json::Value>)> {
        let read = Unverified::parse(signed, &LIMITS).ok()?;
        let kid = read.header().kid()?.to_owned();
        let key = self.gateways.iter().find(|key| key.kid() == Some(&kid))?;
        let verified = read.verify(key, Typ::Exactly(TYP)).ok()?;
        let claims = verified.claims().ok()?;
        let is_fresh = self.is_fresh(&claims, &self.report_address);
        is_fresh.then(|| (kid, claims.into_members()))
    }

    async fn keep(&self, gateway: &str, report: &GatewayReport) -> Result<Taken, ReportError> {
        let failed = |error| ReportError::Control(SnapshotError::Source(error));
        let Some(keeper) = &self.keeper else {
            return Err(failed("nobody keeps reports here".into()));
        };
        let known = self.gateways.iter().filter_map(|key| key.kid());
        let known: Vec<String> = known.map(str::to_owned).collect();
        let told = keeper.keep(gateway, &known, report).await.map_err(failed)?;
        Ok(told.map_or(Taken::Refused, Taken::Told))
    }
}

/// A gateway in the same process, by its own key: what it says needs no proof.
#[derive(Debug, Clone)]
pub struct Here {
    /// The control plane.
    pub desk: std::sync::Arc<Desk>,
    /// The thumbprint of the gateway's key.
    pub gateway: String,
}

impl ReportTo for Here {
    fn report<'r>(&'r self, report: &'r GatewayReport) -> Reported<'r> {
        Box::pin(async move {
            match self.desk.keep(&self.gateway, report).await? {
                Taken::Told(told) => Ok(told),
                Taken::Stranger | Taken::Refused => Err(ReportError::Refused),
            }
        })
    }
}

/// Signs a report for the control plane at `address`.
pub(crate) fn sign_report(
    key: &SigningKey,
    address: &str,
    source: &Source,
    report: &GatewayReport,
) -> Result<String, SnapshotError> {
    let report = serde_json::to_value(report).map_err(SnapshotError::Content)?;
    let claims: Claims = claims_of(key, address, source).with(REPORT, report);
    let signing = Signing {
        typ: Some(TYP),
        ..Signing::default()
    };
    sign(key, &signing, &claims.to_bytes()).map_err(SnapshotError::Key)
}

/// Tells the control plane where a gateway stands, and brings it the traces of its log.
#[derive(Debug)]
pub struct Reporter {
    gateway: Gateway,
    ledger: Ledger,
    log: String,
    version: String,
    life: Uuid,
    /// When it was last looked for what is to be erased.
    looked: Option<Instant>,
    /// Places whose proofs the control plane wants, as it told last.
    wanted: Vec<u64>,
}

impl Reporter {
    /// Reports for a gateway whose traces are in `ledger`; `version` is the program's.
    pub fn new(gateway: Gateway, ledger: Ledger, version: &str) -> Self {
        let origin = ledger.tree().checkpoint();
        let origin = origin.text().lines().next().unwrap_or_default();
        Self {
            log: format!("{origin}#{}", ledger.writer()),
            life: gateway.source().new_id(),
            version: version.to_owned(),
            gateway,
            ledger,
            looked: None,
            wanted: Vec::new(),
        }
    }

    /// The name under which traces of its log are kept.
    pub fn log(&self) -> &str {
        &self.log
    }

    /// Reports on and on, until it is dropped.
    pub async fn work(mut self, to: &dyn ReportTo) {
        let mut next = None;
        let mut pause = PAUSE_MIN;
        loop {
            let wanted = self.wanted.clone();
            match self.once(to, next).await {
                Ok((told, is_whole)) => {
                    pause = PAUSE_MIN;
                    let waited_for = next.replace(told.next);
                    // Somebody waits for a proof: it comes at once, unless it couldn't be given just now.
                    let is_asked = !self.wanted.is_empty() && self.wanted != wanted;
                    if is_whole && waited_for.is_some() {
                        tokio::time::sleep(GATHER).await;
                        if !is_asked {
                            let more = self.ledger.more_than(told.next);
                            let _ = tokio::time::timeout(LIVES_EVERY, more).await;
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        log = self.log,
                        "gateway.report"
                    );
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    /// Reports once, with the traces from `next` on; without it, only to hear which place that is.
    /// Brings the proofs that were wanted as well. Gives what was told, and whether that was all.
    pub async fn once(
        &mut self,
        to: &dyn ReportTo,
        next: Option<u64>,
    ) -> Result<(GatewayTold, bool), ReportError> {
        let durable = self.ledger.durable();
        let first = next.unwrap_or(durable).max(self.ledger.first());
        let rows = self.ledger.read_from(first, TRACES_MAX).await?;
        // One limit for both: what is told as a whole has one.
        let (proofs, mut bytes) = answers(&self.ledger, &self.wanted).await;
        let mut traces = Vec::new();
        for row in &rows {
            bytes += row.entry.len();
            if bytes > TRACES_BYTES_MAX && !traces.is_empty() {
                break;
            }
            traces.push(trace_of(&row.entry)?);
        }
        let all = first + traces.len() as u64;
        let counts = self.gateway.counts();
        let report = GatewayReport {
            log: self.log.clone(),
            url: self.gateway.settings().public_url.clone(),
            version: self.version.clone(),
            number: self.gateway.number(),
            told_at: self.gateway.heard_at(),
            durable,
            first,
            traces,
            life: self.life,
            counts: counts.untold(REPORT_COUNTS_MAX),
            alarms: self.gateway.untold().next(),
            proofs,
        };
        let told = to.report(&report).await;
        match &told {
            Ok(told) => {
                counts.told(&report.counts, told, self.gateway.now());
                self.gateway.untold().told(&report.alarms);
            }
            Err(_) => counts.cut_off(),
        }
        let told = told?;
        self.wanted.clone_from(&told.wanted);
        if told.next > self.ledger.durable() {
            // It would take what comes next for what it has.
            tracing::error!(
                kept = told.next,
                durable = self.ledger.durable(),
                log = self.log,
                "gateway.report: the control plane has more of this log than there is; its folder was put back"
            );
        }
        self.erase_old(&told).await?;
        Ok((told, all >= self.ledger.durable()))
    }

    /// Erases traces that are old and kept elsewhere. The log keeps their hashes.
    async fn erase_old(&mut self, told: &GatewayTold) -> Result<(), ReportError> {
        if self
            .looked
            .is_some_and(|looked| looked.elapsed() < ERASE_EVERY)
        {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        loop {
            let first = self.ledger.first();
            let kept = usize::try_from(told.next.saturating_sub(first)).unwrap_or(usize::MAX);
            let rows = self
                .ledger
                .read_from(first, ERASED_AT_ONCE.min(kept))
                .await?;
            let mut old = first;
            for row in &rows {
                if is_kept(trace_of(&row.entry)?.at, told.kept_since) {
                    break;
                }
                old = row.index + 1;
            }
            if old == first {
                return Ok(());
            }
            self.ledger.forget(old).await?;
            if self.ledger.first() < old || rows.len() < ERASED_AT_ONCE {
                return Ok(());
            }
        }
    }
}

fn is_kept(at: Timestamp, since: Timestamp) -> bool {
    at >= since
}
