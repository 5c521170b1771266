//! The control plane's side: what gateways are told, and which of them are.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jose::claims::{Claims, Rules};
use jose::jwk::{SigningKey, VerificationKey};
use jose::jws::{Signing, Typ, sign, verify_any};
use jose::{Algorithm, Limits};
use kit_time::Source;
use ports::exchange::Snapshot;

use crate::report::{REPORT_PATH, ReportKeeper};
use crate::snapshot::{Newer, SignedSnapshot, SnapshotError, SnapshotSource};

/// The path at which a control plane answers gateways.
pub const SNAPSHOT_PATH: &str = "/exchange/gateway/snapshot";
/// How often a control plane looks whether something changed.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a gateway's question waits for something new, unless it wants an answer sooner.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(15);
/// The type of what a gateway shows of itself.
const TYP: &str = "gateway+jwt";
/// Seconds that it is good for, and by which clocks may differ.
const SHOWN_SECONDS: i64 = 60;
const LEEWAY_SECONDS: i64 = 30;

/// The future of an answer of a [`SnapshotMaker`].
pub type Made<'m, T> =
    Pin<Box<dyn Future<Output = Result<T, Box<dyn std::error::Error + Send + Sync>>> + Send + 'm>>;

/// Who makes snapshots.
///
/// ```text
///   Desk ──asks──▶ SnapshotMaker ◀──implements── the exchange
/// ```
pub trait SnapshotMaker: Send + Sync {
    /// The number of what is in force: asked five times a second, so it is to be cheap.
    fn number(&self) -> Made<'_, u64>;

    /// All that is in force.
    fn snapshot(&self) -> Made<'_, Snapshot>;
}

/// What a gateway's question comes to.
#[derive(Debug)]
pub enum Told {
    /// It isn't a gateway of ours: 401.
    Stranger,
    /// What it knows is in force: 204.
    Same,
    /// What is in force: 200, `application/jose`.
    Newer(SignedSnapshot),
}

/// Signs what is in force, once for all gateways, and tells it to those that are known.
pub struct Desk {
    maker: Arc<dyn SnapshotMaker>,
    key: Arc<SigningKey>,
    pub(crate) gateways: Vec<VerificationKey>,
    /// The address at which it is asked, as gateways name it.
    address: String,
    pub(crate) report_address: String,
    pub(crate) source: Source,
    signed: Mutex<Option<(u64, SignedSnapshot)>>,
    pub(crate) keeper: Option<Arc<dyn ReportKeeper>>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Desk {
    /// Tells by `key` (Ed25519) what `maker` says. `gateways` are the public keys of gateways on other
    /// machines; `public_url` is the address of the control plane, without a final slash.
    pub fn new(
        maker: Arc<dyn SnapshotMaker>,
        key: Arc<SigningKey>,
        gateways: Vec<VerificationKey>,
        public_url: &str,
        source: Source,
    ) -> Self {
        Self {
            maker,
            key,
            gateways,
            address: address_of(public_url, SNAPSHOT_PATH),
            report_address: address_of(public_url, REPORT_PATH),
            source,
            signed: Mutex::default(),
            keeper: None,
        }
    }

    /// Takes reports of gateways too, and hands them to `keeper`.
    #[must_use]
    pub fn with_keeper(mut self, keeper: Arc<dyn ReportKeeper>) -> Self {
        self.keeper = Some(keeper);
        self
    }

    /// Answers a gateway on another machine: it shows who it is in the header `Authorization`, which
    /// number it knows, and how long it waits for another one (15 s at most, and unless it says so).
    pub async fn answer(
        &self,
        authorization: Option<&str>,
        known: Option<u64>,
        wait: Option<Duration>,
    ) -> Result<Told, SnapshotError> {
        let shown = authorization.and_then(|value| value.strip_prefix("Bearer "));
        if !shown.is_some_and(|token| self.knows(token)) {
            return Ok(Told::Stranger);
        }
        let wait = wait.map_or(WAIT_MAX, |wait| wait.min(WAIT_MAX));
        Ok(match self.newer_within(known, wait).await? {
            Some(signed) => Told::Newer(signed),
            None => Told::Same,
        })
    }

    fn knows(&self, token: &str) -> bool {
        let verified = verify_any(token, &self.gateways, Typ::Exactly(TYP), &Limits::SIGNED);
        let claims = verified.ok().and_then(|verified| verified.claims().ok());
        claims.is_some_and(|claims| self.is_fresh(&claims, &self.address))
    }

    /// Whether what a gateway signed is for this address, and was signed a moment ago.
    pub(crate) fn is_fresh(&self, claims: &Claims, address: &str) -> bool {
        let rules = Rules::new()
            .audience(address)
            .sole_audience()
            .with_id()
            .leeway_seconds(LEEWAY_SECONDS)
            .lifetime_seconds_max(SHOWN_SECONDS);
        rules.check(claims, self.source.now().as_second()).is_ok()
    }

    async fn newer_within(
        &self,
        known: Option<u64>,
        wait: Duration,
    ) -> Result<Option<SignedSnapshot>, SnapshotError> {
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            let number = self.maker.number().await.map_err(SnapshotError::Source)?;
            // A number that is lower than the gateway's is of a database that was put back: it is told,
            // and refused there.
            if known != Some(number) {
                return self.signed(number).await.map(Some);
            }
            if tokio::time::Instant::now() >= deadline {
                return Ok(None);
            }
            tokio::time::sleep(LOOK_EVERY.min(wait)).await;
        }
    }

    async fn signed(&self, number: u64) -> Result<SignedSnapshot, SnapshotError> {
        let kept = || self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, signed)) = kept().as_ref().filter(|(known, _)| *known == number) {
            return Ok(signed.clone());
        }
        let snapshot = self.maker.snapshot().await.map_err(SnapshotError::Source)?;
        let signed = SignedSnapshot::sign(&snapshot, &self.key)?;
        *kept() = Some((snapshot.number, signed.clone()));
        Ok(signed)
    }
}

/// A gateway in the same process asks the desk itself.
impl SnapshotSource for Desk {
    fn newer(&self, known: Option<u64>) -> Newer<'_> {
        Box::pin(self.newer_within(known, LOOK_EVERY))
    }
}

/// The address at which the control plane of this address is asked.
pub(crate) fn address_of(public_url: &str, path: &str) -> String {
    format!("{}{path}", public_url.trim_end_matches('/'))
}

/// What a gateway signs: who holds `key` asks at `address`, now.
pub(crate) fn claims_of(key: &SigningKey, address: &str, source: &Source) -> Claims {
    Claims::new()
        .issuer(key.kid())
        .audience(address)
        .lifetime(source.now().as_second(), SHOWN_SECONDS)
        .id(&source.new_id().to_string())
}

/// What a gateway shows of itself.
pub(crate) fn shown(
    key: &SigningKey,
    address: &str,
    source: &Source,
) -> Result<String, SnapshotError> {
    let claims = claims_of(key, address, source);
    let signing = Signing {
        typ: Some(TYP),
        ..Signing::default()
    };
    sign(key, &signing, &claims.to_bytes()).map_err(SnapshotError::Key)
}

/// The Ed25519 keys of a JSON Web Key Set, such as those of a control plane or of gateways.
pub fn control_keys(jwks: &[u8]) -> Result<Vec<VerificationKey>, SnapshotError> {
    let set =
        jose::jwk::JwkSet::parse(jwks).map_err(|error| SnapshotError::Source(error.into()))?;
    Ok(set.verification_keys(Algorithm::EdDsa))
}
