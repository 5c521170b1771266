//! A control plane on another machine, asked over HTTPS.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, HeaderValue, USER_AGENT};
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Limited};
use jose::jwk::SigningKey;
use kit_time::Source;

use crate::control::{WAIT_MAX, address_of, shown};
use crate::settings::{GatewayError, GatewaySettings};
use crate::snapshot::{Newer, SNAPSHOT_BYTES_MAX, SignedSnapshot, SnapshotError, SnapshotSource};
use crate::upstream::{Connector, Pools, Whole};

/// Longest that an answer may take once the control plane has waited for something new.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Into how many parts the time is cut that a gateway goes on without being told anything: one answer
/// that is lost doesn't make it refuse.
const WAITS: u32 = 3;

/// A control plane on another machine.
pub struct RemoteControl {
    pools: Pools,
    address: String,
    /// The address as the control plane knows itself: whom what is shown is for.
    audience: String,
    uri: Uri,
    key: Arc<SigningKey>,
    source: Source,
    wait: Duration,
}

impl std::fmt::Debug for RemoteControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteControl")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SnapshotError {
    SnapshotError::Source(error.into())
}

impl RemoteControl {
    /// The control plane at `public_url`, asked in the name of `key` (Ed25519). A snapshot holds
    /// secrets, so it is asked over HTTPS; over HTTP on this machine alone. Authorities of
    /// `settings.upstream_roots_pem` are believed besides the machine's.
    pub fn new(
        settings: &GatewaySettings,
        public_url: &str,
        key: Arc<SigningKey>,
        source: Source,
    ) -> Result<Self, GatewayError> {
        let wrong = |why: &str| GatewayError::Control(format!("{public_url}: {why}"));
        let uri: Uri = public_url
            .parse()
            .map_err(|_| wrong("it isn't an address"))?;
        let is_near = matches!(uri.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_near => {}
            _ => return Err(wrong("it must be asked over https")),
        }
        Ok(Self {
            pools: Pools::new(Connector::new(settings)?),
            address: address_of(public_url),
            audience: address_of(public_url),
            uri,
            key,
            source,
            wait: WAIT_MAX.min(settings.cut_off_max / WAITS),
        })
    }

    /// The control plane knows itself by another address than the one at which it is asked: this is a
    /// way to it through a network of its own.
    #[must_use]
    pub fn known_as(mut self, public_url: &str) -> Self {
        self.audience = address_of(public_url);
        self
    }

    async fn ask(&self, known: Option<u64>) -> Result<Option<SignedSnapshot>, SnapshotError> {
        let bearer = format!("Bearer {}", shown(&self.key, &self.audience, &self.source)?);
        let known = known.map_or(String::new(), |number| format!("&known={number}"));
        let query = format!("?wait_ms={}{known}", self.wait.as_millis());
        let build = |is_h2: bool| self.request(&bearer, &query, is_h2);
        let sent = self.pools.send(&self.uri, false, build).await;
        let (response, lease) = sent.map_err(failed)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), SNAPSHOT_BYTES_MAX);
        let bytes = body.collect().await.map_err(failed)?.to_bytes();
        lease.give_back();
        match status.as_u16() {
            204 => Ok(None),
            200 => {
                let text = String::from_utf8(bytes.to_vec()).map_err(failed)?;
                Ok(Some(SignedSnapshot(text)))
            }
            401 => Err(failed("the control plane doesn't know this gateway's key")),
            _ => Err(failed(format!("the control plane answers {status}"))),
        }
    }

    fn request(&self, bearer: &str, query: &str, is_h2: bool) -> Result<Request<Whole>, String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let whole = format!("{}{query}", self.address);
        let uri: Uri = whole.parse().map_err(|error| told(&error))?;
        let mut request = Request::new(Whole::new(Bytes::new()));
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if !is_h2 {
            let host = HeaderValue::from_str(authority).map_err(|error| told(&error))?;
            request.headers_mut().insert(HOST, host);
        }
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let target = if is_h2 {
            whole.clone()
        } else {
            target.to_owned()
        };
        *request.uri_mut() = target.parse().map_err(|error| told(&error))?;
        let mut shown = HeaderValue::from_str(bearer).map_err(|error| told(&error))?;
        shown.set_sensitive(true);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, shown);
        headers.insert(USER_AGENT, HeaderValue::from_static("gouvernail-gateway"));
        Ok(request)
    }
}

impl SnapshotSource for RemoteControl {
    fn newer(&self, known: Option<u64>) -> Newer<'_> {
        Box::pin(async move {
            match tokio::time::timeout(self.wait + ANSWER_MAX, self.ask(known)).await {
                Ok(answered) => answered,
                Err(_) => Err(failed("the control plane took too long")),
            }
        })
    }
}
