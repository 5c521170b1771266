//! Storage that speaks S3.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{ClientOptions, HttpClient, HttpConnector};
use object_store::{BackoffConfig, RetryConfig};
use rustls_platform_verifier::BuilderVerifierExt;

/// Where a bucket is and who asks.
#[derive(Clone, PartialEq, Eq)]
pub struct S3 {
    /// The bucket, which must exist.
    pub bucket: String,
    /// The region, such as `fr-par`; storages without regions accept any.
    pub region: String,
    /// `https://…` of the storage; `None` is Amazon's of the region. `http://` sends objects in
    /// the clear: for a storage on the same machine or in the same private network only.
    pub endpoint: Option<String>,
    /// The key's public half.
    pub access_key_id: String,
    /// The key's secret half.
    pub secret_access_key: String,
    /// Longest wait for a connection or for the next bytes, in seconds.
    pub timeout_seconds: u64,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3")
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// Tries after the first one, for answers 5xx and lost connections.
const RETRIES: usize = 4;
/// No further try begins after this, counted from the first one.
const RETRY_WITHIN: Duration = Duration::from_mins(1);

impl S3 {
    pub(crate) fn open(&self) -> Result<AmazonS3, object_store::Error> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.bucket)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key_id)
            .with_secret_access_key(&self.secret_access_key)
            // Not every storage that speaks S3 knows how to delete many at once.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: RETRIES,
                retry_timeout: RETRY_WITHIN,
            })
            .with_http_connector(Connector {
                timeout: Duration::from_secs(self.timeout_seconds),
            });
        if let Some(endpoint) = &self.endpoint {
            builder = builder
                .with_endpoint(endpoint)
                .with_allow_http(endpoint.starts_with("http://"));
        }
        builder.build()
    }
}

/// Connects with the program's one cryptography (ring) and the certificates that the machine
/// trusts, among them those that an administration adds for its own network.
#[derive(Debug)]
struct Connector {
    timeout: Duration,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let fail = |source| object_store::Error::Generic {
            store: "S3",
            source,
        };
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier)
            .map_err(|error| fail(error.into()))?
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(self.timeout)
            .read_timeout(self.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| fail(error.into()))?;
        Ok(HttpClient::new(client))
    }
}
