//! The door itself.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use kit_time::Source;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use reqwest::{Client, Method, Response};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;
use tokio::time::timeout;

use crate::allow::AllowList;
use crate::answer::Answer;
use crate::breaker::{Breaker, HostHealth, Leave};
use crate::cache::Cache;
use crate::courier::{Courier, Parcel, Returned};
use crate::error::{EgressError, EgressSettingsError};
use crate::places::Places;
use crate::request::{Authorization, Request};
use crate::resolver::{Gate, Resolver, SystemResolver};
use crate::settings::EgressSettings;
use crate::target::Target;

/// Most characters that are kept of what the network says about a failure.
const REASON_CHARS_MAX: usize = 200;

/// Makes requests to addresses that others supplied. A clone shares everything.
#[derive(Clone)]
pub struct Egress(Arc<Inner>, Option<Arc<Far>>);

/// Hosts that somebody else asks for us.
struct Far {
    hosts: Vec<String>,
    courier: Arc<dyn Courier>,
}

struct Inner {
    client: Client,
    settings: EgressSettings,
    allow: Arc<AllowList>,
    breaker: Breaker,
    places: Places,
    cache: Cache,
    source: Source,
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Egress")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

impl Egress {
    /// The door, with the machine's resolver; nothing is asked yet.
    pub fn new(settings: EgressSettings, source: Source) -> Result<Self, EgressSettingsError> {
        Self::with_resolver(settings, source, Arc::new(SystemResolver))
    }

    /// The door with another resolver, whose answers are checked like the machine's.
    pub fn with_resolver(
        settings: EgressSettings,
        source: Source,
        resolver: Arc<dyn Resolver>,
    ) -> Result<Self, EgressSettingsError> {
        check(&settings)?;
        let allow = Arc::new(AllowList::new(&settings.allowed));
        let gate = Gate {
            resolver,
            allow: Arc::clone(&allow),
        };
        let client = Client::builder()
            .tls_backend_preconfigured(tls(settings.extra_roots_pem.as_deref())?)
            .dns_resolver(gate)
            .user_agent(&settings.user_agent)
            .connect_timeout(settings.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            // Each request resolves and checks the name again, and none fails on a connection that
            // the server had closed meanwhile.
            .pool_max_idle_per_host(0)
            .http1_only()
            .build()?;
        Ok(Self(
            Arc::new(Inner {
                client,
                allow,
                breaker: Breaker::new(source.clone()),
                places: Places::new(settings.requests_max, settings.requests_per_host_max),
                cache: Cache::new(settings.cache_bytes_max),
                settings,
                source,
            }),
            None,
        ))
    }

    /// The same door, with a courier for the requests to `hosts` (names as URLs bear them). Hosts of
    /// one network need not be reachable, nor have an address, here.
    #[must_use]
    pub fn carried_by(mut self, hosts: Vec<String>, courier: Arc<dyn Courier>) -> Self {
        self.1 = Some(Arc::new(Far { hosts, courier }));
        self
    }

    /// Asks for what is at `url`, in one of the media types `accept`.
    pub async fn get(&self, url: &str, accept: &str) -> Result<Answer, EgressError> {
        self.send(Request::get(url).accept(accept)).await
    }

    /// Sends a form to `url`.
    pub async fn post_form(
        &self,
        url: &str,
        fields: &[(&str, &str)],
        authorization: Option<Authorization>,
    ) -> Result<Answer, EgressError> {
        let mut request = Request::post_form(url, fields);
        request.authorization = authorization;
        self.send(request).await
    }

    /// Sends `body` to `url`.
    pub async fn post_body(
        &self,
        url: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, EgressError> {
        self.send(Request::post(url, content_type, body)).await
    }

    /// Makes one request. An answer 400 to 599 is an answer.
    pub async fn send(&self, request: Request) -> Result<Answer, EgressError> {
        let inner = &*self.0;
        let ports = &inner.settings.ports_allowed;
        let target = Target::read(&request.url, &inner.allow, ports)?;
        let headers = request.header_map()?;
        let host = || target.host.clone();
        let resting = |until| EgressError::Resting {
            host: host(),
            until,
        };
        if let Some(until) = inner.breaker.refuses(&target.origin) {
            return Err(resting(until));
        }
        let limit = inner.settings.timeout;
        let busy = || EgressError::Busy { host: host() };
        let waiting = timeout(limit, inner.places.take(&target.host));
        let Ok(Ok(_place)) = waiting.await else {
            return Err(busy());
        };
        let leave = inner.breaker.admit(&target.origin).map_err(resting)?;
        let exchange = self.exchange(&target, request, headers);
        let outcome = timeout(limit, exchange).await.unwrap_or_else(|_| {
            Err(EgressError::Slow {
                host: host(),
                timeout: limit,
            })
        });
        tell(leave, &outcome);
        outcome
    }

    /// What is known of the hosts that were asked, those that fail first.
    pub fn health(&self) -> Vec<HostHealth> {
        self.0.breaker.health()
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.0.cache
    }

    pub(crate) fn source(&self) -> &Source {
        &self.0.source
    }

    /// Checks a URL as [`Egress::send`] does before it asks anybody: for the form in which
    /// somebody registers it. Names are not resolved.
    pub fn check_url(&self, url: &str) -> Result<(), EgressError> {
        let inner = &*self.0;
        Target::read(url, &inner.allow, &inner.settings.ports_allowed).map(drop)
    }

    async fn exchange(
        &self,
        target: &Target,
        request: Request,
        headers: HeaderMap,
    ) -> Result<Answer, EgressError> {
        let inner = &*self.0;
        let far = self.1.as_ref();
        if let Some(far) = far.filter(|far| far.hosts.contains(&target.host)) {
            return self.carry(far, target, request, &headers).await;
        }
        let fail = |error: &reqwest::Error| failure(&target.host, error, &inner.settings);
        let method = if request.body.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        let mut builder = inner.client.request(method, target.url.clone());
        if let Some(Authorization::Basic { name, password }) = &request.authorization {
            builder = builder.basic_auth(name, Some(password));
        }
        if let Some((_, body)) = request.body {
            builder = builder.body(body);
        }
        let sending = builder.headers(headers).send();
        let response = sending.await.map_err(|error| fail(&error))?;
        let status = response.status().as_u16();
        judge(&target.host, status, response.headers())?;
        let headers = response.headers().clone();
        let limit = inner.settings.answer_bytes_max;
        let body = match body(response, limit).await {
            Ok(Some(body)) => body,
            Ok(None) => return Err(too_large(&target.host, limit)),
            Err(error) => return Err(fail(&error)),
        };
        Ok(Answer::new(status, &headers, body, inner.source.now()))
    }

    async fn carry(
        &self,
        far: &Far,
        target: &Target,
        request: Request,
        headers: &HeaderMap,
    ) -> Result<Answer, EgressError> {
        let inner = &*self.0;
        let mut plain: Vec<(String, String)> = headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        if let Some(basic) = request
            .authorization
            .as_ref()
            .and_then(Authorization::basic)
        {
            plain.push(("authorization".to_owned(), basic));
        }
        let parcel = Parcel {
            url: target.url.to_string(),
            headers: plain,
            body: request.body.map(|(_, body)| body),
        };
        let back: Returned = far.courier.carry(parcel).await.map_err(|error| {
            let plain = |c: char| if c.is_control() { ' ' } else { c };
            EgressError::Unreachable {
                host: target.host.clone(),
                reason: error.0.chars().map(plain).take(REASON_CHARS_MAX).collect(),
            }
        })?;
        let headers = back.header_map();
        judge(&target.host, back.status, &headers)?;
        let limit = inner.settings.answer_bytes_max;
        if back.body.len() > limit {
            return Err(too_large(&target.host, limit));
        }
        Ok(Answer::new(
            back.status,
            &headers,
            back.body,
            inner.source.now(),
        ))
    }
}

fn too_large(host: &str, limit: usize) -> EgressError {
    EgressError::TooLarge {
        host: host.to_owned(),
        limit,
    }
}

/// Whether an answer of this kind is one.
fn judge(host: &str, status: u16, headers: &HeaderMap) -> Result<(), EgressError> {
    let host = || host.to_owned();
    match status {
        200..300 | 400..600 => {}
        300..400 => {
            return Err(EgressError::Redirected {
                host: host(),
                status,
            });
        }
        _ => {
            return Err(EgressError::Unreachable {
                host: host(),
                reason: format!("it answers {status}, which was not asked for"),
            });
        }
    }
    let encoded = headers.get(CONTENT_ENCODING);
    if encoded.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(EgressError::Compressed { host: host() });
    }
    Ok(())
}

/// The body; `None` as soon as it is known to be larger than `limit` bytes.
async fn body(mut response: Response, limit: usize) -> Result<Option<Bytes>, reqwest::Error> {
    let announced = response.content_length();
    if announced.is_some_and(|bytes| usize::try_from(bytes).is_ok_and(|bytes| bytes > limit)) {
        return Ok(None);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if chunk.len() > limit - body.len() {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}

/// Tells the breaker how it went.
fn tell(leave: Leave, outcome: &Result<Answer, EgressError>) {
    match outcome {
        // What stands before the host says that the host is down.
        Ok(answer) if matches!(answer.status, 502..=504) => {
            leave.failed(format!("it answers {}", answer.status));
        }
        Err(error) if error.is_of_the_host() => leave.failed(error.to_string()),
        // Nobody was asked: that says nothing about the host.
        Err(EgressError::Forbidden { .. } | EgressError::Header { .. }) => drop(leave),
        Ok(_) | Err(_) => leave.answered(),
    }
}

/// What the client's error says, without the URL that it repeats.
fn failure(host: &str, error: &reqwest::Error, settings: &EgressSettings) -> EgressError {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        if let Some(refusal) = source.downcast_ref::<EgressError>() {
            return refusal.clone();
        }
        deepest = source;
    }
    let host = host.to_owned();
    if error.is_timeout() {
        let timeout = if error.is_connect() {
            settings.connect_timeout
        } else {
            settings.timeout
        };
        return EgressError::Slow { host, timeout };
    }
    // The client's own words hold the URL; what caused them doesn't.
    let reason = match std::error::Error::source(error) {
        None => "the request failed".to_owned(),
        Some(_) => {
            let plain = |c: char| if c.is_control() { ' ' } else { c };
            let text = deepest.to_string();
            text.chars().map(plain).take(REASON_CHARS_MAX).collect()
        }
    };
    EgressError::Unreachable { host, reason }
}

fn check(settings: &EgressSettings) -> Result<(), EgressSettingsError> {
    let zero = [
        (
            "connect_timeout",
            settings.connect_timeout == Duration::ZERO,
        ),
        ("timeout", settings.timeout == Duration::ZERO),
        ("answer_bytes_max", settings.answer_bytes_max == 0),
        ("requests_max", settings.requests_max == 0),
        ("requests_per_host_max", settings.requests_per_host_max == 0),
    ];
    if let Some((name, _)) = zero.iter().find(|(_, zero)| *zero) {
        return Err(EgressSettingsError::Zero(name));
    }
    let agent = &settings.user_agent;
    if agent.is_empty() || !agent.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(EgressSettingsError::UserAgent(agent.clone()));
    }
    Ok(())
}

/// The program's one cryptography (ring), the certificates that the machine trusts, and more.
fn tls(extra_roots: Option<&str>) -> Result<rustls::ClientConfig, EgressSettingsError> {
    let wrong = |what: String| EgressSettingsError::Certificate(what);
    let roots: Vec<CertificateDer<'static>> = match extra_roots {
        None => Vec::new(),
        Some(pem) => CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(error.to_string()))?,
    };
    if extra_roots.is_some() && roots.is_empty() {
        return Err(wrong("no certificate is in it".to_owned()));
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&ring))?;
    Ok(rustls::ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()?
        .dangerous() // the name of the method: the verifier is the platform's
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}
