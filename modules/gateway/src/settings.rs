//! How a gateway is set up.

use std::sync::Arc;
use std::time::Duration;

use jose::jwk::SigningKey;

use crate::domain::{Networks, Rule};

/// Certificates and a private key, as PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate and those that lead to its authority.
    pub certificates_pem: Vec<u8>,
    /// Its private key, PKCS#8, SEC 1 or PKCS#1.
    pub key_pem: Vec<u8>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

/// How a gateway is set up. Defaults are for a gateway behind nothing, without TLS.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// The address at which requesters reach it, without a final slash: proofs of possession name
    /// it.
    pub public_url: String,
    /// Its certificate, for TLS; none: TLS ends before it.
    pub tls: Option<Identity>,
    /// Its certificate towards producers that want one.
    pub upstream_identity: Option<Identity>,
    /// Its key towards producers that want signatures: Ed25519.
    pub upstream_key: Option<Arc<SigningKey>>,
    /// Authorities of producers (PEM), trusted besides the machine's.
    pub upstream_roots_pem: Option<Vec<u8>>,
    /// Proxies of ours, of which the header `X-Forwarded-For` is believed.
    pub proxies: Networks,
    /// Whether a token must be bound to a key or a certificate.
    pub bound_only: bool,
    /// How long it goes on without hearing from the control plane.
    pub cut_off_max: Duration,
    /// Threads that answer.
    pub threads: usize,
    /// Connections at once; others wait to be taken.
    pub connections_max: usize,
    /// How long it waits for the head of a request, for its body, or for a client to take an answer.
    pub patience: Duration,
    /// Most bytes of the body of a request.
    pub request_bytes_max: usize,
    /// Bytes of an answer that are held before the first one leaves. A longer answer is streamed.
    pub held_bytes_max: usize,
    /// Most bytes of an answer of a producer.
    pub answer_bytes_max: u64,
    /// How long a streamed answer may take.
    pub stream_max: Duration,
    /// Proofs of possession that are remembered at once; beyond, calls are refused.
    pub proofs_max: usize,
    /// When a row of identities is seen as such.
    pub enumeration: Rule,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            public_url: String::new(),
            tls: None,
            upstream_identity: None,
            upstream_key: None,
            upstream_roots_pem: None,
            proxies: Networks::default(),
            bound_only: false,
            cut_off_max: Duration::from_hours(1),
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            connections_max: 10_000,
            patience: Duration::from_secs(15),
            request_bytes_max: 1 << 20,
            held_bytes_max: 256 << 10,
            answer_bytes_max: 64 << 20,
            stream_max: Duration::from_mins(5),
            proofs_max: 1_000_000,
            enumeration: Rule::default(),
        }
    }
}

/// Why a gateway can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A certificate or its key can't be used.
    #[error("{what} can't be used")]
    Certificate {
        /// Which.
        what: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A key of its own can't be read or made.
    #[error("the key {} can't be read or made", path.display())]
    Key {
        /// Its file.
        path: std::path::PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The control plane can't be asked at its address.
    #[error("the control plane can't be asked: {0}")]
    Control(String),
    /// Threads or sockets can't be had.
    #[error("the gateway can't listen")]
    Listen(#[from] std::io::Error),
}

impl GatewayError {
    pub(crate) fn certificate(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let source = source.into();
        Self::Certificate { what, source }
    }
}
