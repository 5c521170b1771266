//! A control plane on another machine, asked over HTTPS.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use http::{Method, Request, Uri};
use http_body_util::{BodyExt as _, Limited};
use jose::jwk::SigningKey;
use kit_time::Source;
use ports::exchange::{GatewayReport, GatewayTold};

use crate::control::{SNAPSHOT_PATH, WAIT_MAX, address_of, shown};
use crate::report::{REPORT_BYTES_MAX, REPORT_PATH, ReportError, ReportTo, Reported, sign_report};
use crate::settings::{GatewayError, GatewaySettings};
use crate::snapshot::{Newer, SNAPSHOT_BYTES_MAX, SignedSnapshot, SnapshotError, SnapshotSource};
use crate::upstream::{Connector, Pools, Whole};

/// Longest that an answer may take once the control plane has waited for something new.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Into how many parts the time is cut that a gateway goes on without being told anything: one answer
/// that is lost doesn't make it refuse.
const WAITS: u32 = 3;

/// What is told of a 401.
const STRANGER: &str = "the control plane doesn't know this gateway's key";

/// A control plane on another machine.
pub struct RemoteControl {
    pools: Pools,
    url: String,
    /// The address by which the control plane knows itself: whom what is signed is for.
    name: String,
    uri: Uri,
    key: Arc<SigningKey>,
    source: Source,
    wait: Duration,
}

impl std::fmt::Debug for RemoteControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteControl")
            .field("url", &self.url)
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
            url: public_url.to_owned(),
            name: public_url.to_owned(),
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
        public_url.clone_into(&mut self.name);
        self
    }

    async fn ask(&self, known: Option<u64>) -> Result<Option<SignedSnapshot>, SnapshotError> {
        let audience = address_of(&self.name, SNAPSHOT_PATH);
        let bearer = format!("Bearer {}", shown(&self.key, &audience, &self.source)?);
        let mut bearer = HeaderValue::from_str(&bearer).map_err(failed)?;
        bearer.set_sensitive(true);
        let known = known.map_or(String::new(), |number| format!("&known={number}"));
        let query = format!("?wait_ms={}{known}", self.wait.as_millis());
        let whole = format!("{}{query}", address_of(&self.url, SNAPSHOT_PATH));
        let build = |is_h2: bool| {
            let mut request = request(Method::GET, &whole, Bytes::new(), is_h2)?;
            request.headers_mut().insert(AUTHORIZATION, bearer.clone());
            Ok(request)
        };
        let (status, bytes) = self.send(build, SNAPSHOT_BYTES_MAX).await?;
        match status {
            204 => Ok(None),
            200 => {
                let text = String::from_utf8(bytes.to_vec()).map_err(failed)?;
                Ok(Some(SignedSnapshot(text)))
            }
            401 => Err(failed(STRANGER)),
            _ => Err(failed(format!("the control plane answers {status}"))),
        }
    }

    async fn tell(&self, report: &GatewayReport) -> Result<GatewayTold, ReportError> {
        let audience = address_of(&self.name, REPORT_PATH);
        let signed = sign_report(&self.key, &audience, &self.source, report)?;
        let body = Bytes::from(serde_json::json!({ "report": signed }).to_string());
        let whole = address_of(&self.url, REPORT_PATH);
        let json = HeaderValue::from_static("application/json");
        let build = |is_h2: bool| {
            let mut request = request(Method::POST, &whole, body.clone(), is_h2)?;
            let headers = request.headers_mut();
            headers.insert(CONTENT_TYPE, json.clone());
            headers.insert(CONTENT_LENGTH, body.len().into());
            Ok(request)
        };
        let (status, bytes) = self.send(build, REPORT_BYTES_MAX).await?;
        match status {
            200 => Ok(serde_json::from_slice(&bytes).map_err(failed)?),
            401 => Err(failed(STRANGER).into()),
            409 => Err(ReportError::Refused),
            _ => Err(failed(format!("the control plane answers {status}")).into()),
        }
    }

    /// Asks, and reads the answer to its end.
    async fn send(
        &self,
        build: impl Fn(bool) -> Result<Request<Whole>, String>,
        bytes_max: usize,
    ) -> Result<(u16, Bytes), SnapshotError> {
        let sent = self.pools.send(&self.uri, false, build).await;
        let (response, lease) = sent.map_err(failed)?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), bytes_max);
        let bytes = body.collect().await.map_err(failed)?.to_bytes();
        lease.give_back();
        Ok((status, bytes))
    }
}

fn request(
    method: Method,
    whole: &str,
    body: Bytes,
    is_h2: bool,
) -> Result<Request<Whole>, String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let uri: Uri = whole.parse().map_err(|error| told(&error))?;
    let mut request = Request::new(Whole::new(body));
    *request.method_mut() = method;
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if !is_h2 {
        let host = HeaderValue::from_str(authority).map_err(|error| told(&error))?;
        request.headers_mut().insert(HOST, host);
    }
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let target = if is_h2 { whole } else { target };
    *request.uri_mut() = target.parse().map_err(|error| told(&error))?;
    let agent = HeaderValue::from_static("gouvernail-gateway");
    request.headers_mut().insert(USER_AGENT, agent);
    Ok(request)
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

impl ReportTo for RemoteControl {
    fn report<'r>(&'r self, report: &'r GatewayReport) -> Reported<'r> {
        Box::pin(async move {
            match tokio::time::timeout(ANSWER_MAX, self.tell(report)).await {
                Ok(answered) => answered,
                Err(_) => Err(failed("the control plane took too long").into()),
            }
        })
    }
}
