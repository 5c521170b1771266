//! From where a gateway knows what is in force.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use jose::jwk::{SigningKey, VerificationKey};
use jose::jws::{self, Signing, Typ};
use jose::{Algorithm, Limits};
use ports::exchange::{SNAPSHOT_FORM, Snapshot};

use crate::Gateway;

/// Most bytes of a signed snapshot.
pub const SNAPSHOT_BYTES_MAX: usize = 128 << 20;
/// The type of a signed snapshot.
const TYP: &str = "gateway-snapshot+jws";
const LIMITS: Limits = Limits {
    token_bytes_max: SNAPSHOT_BYTES_MAX,
    header_bytes_max: 4 << 10,
};
/// The pause after a failure, which doubles up to the longest.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Why a snapshot isn't taken.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It isn't signed by the control plane, or it was changed.
    #[error("the snapshot's signature doesn't hold")]
    Signature(#[source] jws::JwsError),
    /// Its content can't be read: a control plane that is newer than the gateway.
    #[error("the snapshot can't be read")]
    Content(#[source] serde_json::Error),
    /// It is of a form that this program doesn't know: it would let pass what it doesn't understand.
    #[error(
        "the snapshot is of form {found}, and this gateway knows forms up to {known}: upgrade it"
    )]
    Form {
        /// Its form.
        found: u32,
        /// The newest form known here.
        known: u32,
    },
    /// It can't be signed.
    #[error("the snapshot can't be signed")]
    Key(#[source] jose::jwk::SigningKeyError),
    /// It is older than the one in force.
    #[error("snapshot {found} is older than {known}, which is in force")]
    Older {
        /// Its number.
        found: u64,
        /// The number in force.
        known: u64,
    },
    /// The control plane can't be reached, or refuses.
    #[error("the control plane gives no snapshot")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The copy on this machine can't be read or written.
    #[error("the copy of the snapshot can't be read or written")]
    Copy(#[from] std::io::Error),
}

/// A snapshot under the signature of the control plane: a JWS in the compact form, by Ed25519, of the
/// snapshot as JSON. The signature is over the bytes that travel, so there is no second form of them
/// to agree on.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedSnapshot(pub String);

impl std::fmt::Debug for SignedSnapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedSnapshot({} bytes)", self.0.len())
    }
}

impl SignedSnapshot {
    /// Signs a snapshot.
    pub fn sign(snapshot: &Snapshot, key: &SigningKey) -> Result<Self, SnapshotError> {
        let bytes = serde_json::to_vec(snapshot).map_err(SnapshotError::Content)?;
        let signing = Signing {
            typ: Some(TYP),
            ..Signing::default()
        };
        jws::sign(key, &signing, &bytes)
            .map(Self)
            .map_err(SnapshotError::Key)
    }

    /// The snapshot, if one of these keys signed it.
    pub fn open(&self, keys: &[VerificationKey]) -> Result<Snapshot, SnapshotError> {
        let verified = jws::verify_any(&self.0, keys, Typ::Exactly(TYP), &LIMITS)
            .map_err(SnapshotError::Signature)?;
        let snapshot: Snapshot =
            serde_json::from_slice(&verified.payload).map_err(SnapshotError::Content)?;
        let (found, known) = (snapshot.form, SNAPSHOT_FORM);
        if found > known {
            return Err(SnapshotError::Form { found, known });
        }
        Ok(snapshot)
    }
}

/// The future of a snapshot that is newer, if one comes.
pub type Newer<'s> =
    Pin<Box<dyn Future<Output = Result<Option<SignedSnapshot>, SnapshotError>> + Send + 's>>;

/// Who says what is in force.
///
/// ```text
///   gateway ──asks──▶ SnapshotSource ◀──implements── the control plane here, or over HTTPS
/// ```
pub trait SnapshotSource: Send + Sync {
    /// The snapshot in force, as soon as its number isn't `known`; `None` after a while of it being
    /// so still, which tells the gateway that what it knows is in force. A stop must be in force
    /// within a second, so an implementation looks every 200 ms or is told.
    fn newer(&self, known: Option<u64>) -> Newer<'_>;
}

/// Keeps a gateway's snapshot up to date.
pub struct Follower {
    gateway: Gateway,
    keys: Vec<VerificationKey>,
    copy: Option<PathBuf>,
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follower")
            .field("copy", &self.copy)
            .finish_non_exhaustive()
    }
}

impl Follower {
    /// Follows for a gateway, believing these keys of the control plane (Ed25519 only). `copy` is a
    /// file in which the last snapshot is kept, readable by its owner alone.
    pub fn new(gateway: Gateway, keys: Vec<VerificationKey>, copy: Option<PathBuf>) -> Self {
        let is_ours = |key: &VerificationKey| key.algorithm() == Algorithm::EdDsa;
        Self {
            gateway,
            keys: keys.into_iter().filter(is_ours).collect(),
            copy,
        }
    }

    /// Takes the copy of this machine, if there is one. It counts as heard when it was made: a gateway
    /// that begins while it is cut off goes on for what is left of its time.
    pub fn begin(&self) -> Result<(), SnapshotError> {
        let Some(path) = &self.copy else {
            return Ok(());
        };
        let signed = match std::fs::read_to_string(path) {
            Ok(text) => SignedSnapshot(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let snapshot = signed.open(&self.keys)?;
        let made_at = snapshot.made_at;
        self.gateway.put_in_force(snapshot, made_at)
    }

    /// Asks once, and puts what comes in force.
    pub async fn once(&self, source: &dyn SnapshotSource) -> Result<(), SnapshotError> {
        let known = self.gateway.number();
        let newer = source.newer(known).await?;
        let now = self.gateway.now();
        let Some(signed) = newer else {
            self.gateway.heard(now);
            return Ok(());
        };
        self.gateway.put_in_force(signed.open(&self.keys)?, now)?;
        if let Some(path) = &self.copy {
            write_whole(path, &signed.0)?;
        }
        Ok(())
    }

    /// Asks on and on, until it is dropped.
    pub async fn follow(self, source: &dyn SnapshotSource) {
        let mut pause = PAUSE_MIN;
        loop {
            match self.once(source).await {
                Ok(()) => pause = PAUSE_MIN,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        known = self.gateway.number(),
                        "gateway.snapshot"
                    );
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }
}

/// Writes a file whole or not at all: it holds secrets, so nobody else may read it.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    let beside = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
