//! Towards producers: connections that are kept, addresses that rest when they fail.

mod connect;
mod pool;
mod probe;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue,
    USER_AGENT,
};
use http::{HeaderMap, Method, Request, Response, Uri};
use hyper::body::Incoming;
use jiff::Timestamp;
use jose::jwk::SigningKey;
use ports::exchange::UpstreamProof;
use tokio::time::{Instant, timeout_at};

use crate::domain::{Api, Code, Place, Problem, RequestToSign, SignedParts, Told, signature_of};
use crate::state::Counts;

pub(crate) use connect::{Connector, install};
pub(crate) use pool::{Lease, Pools};
pub(crate) use probe::Prober;

/// A body that is held whole.
pub(crate) type Whole = http_body_util::Full<Bytes>;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// What a producer is told of the citizen on whose behalf it is asked.
const CITIZEN: [HeaderName; 3] = [
    HeaderName::from_static("citizen-subject"),
    HeaderName::from_static("citizen-level"),
    HeaderName::from_static("citizen-identity"),
];

/// The values of the headers of [`CITIZEN`], with their names.
fn citizen_headers(told: Option<&Told>) -> impl Iterator<Item = (HeaderName, &str)> {
    let values = told.map(|told| {
        let identity = told.identity.as_deref();
        [Some(&*told.subject), Some(&*told.level), identity]
    });
    let named = CITIZEN.into_iter().zip(values.into_iter().flatten());
    named.filter_map(|(name, value)| Some((name, value?)))
}

/// What is asked of a producer.
pub(crate) struct Question<'a> {
    pub(crate) api: &'a Api,
    pub(crate) method: &'a Method,
    /// The path below the producer's address, and the query.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) body: Option<Bytes>,
    /// The citizen on whose behalf it is asked.
    pub(crate) citizen: Option<&'a Told>,
    pub(crate) request_id: &'a str,
    pub(crate) now: Timestamp,
}

/// A producer's answer, whose body flows.
pub(crate) struct Answer {
    pub(crate) response: Response<Incoming>,
    /// The connection, given back when the body is read.
    pub(crate) lease: Lease,
    /// The address that answered, to tell when the body fails.
    pub(crate) address: Arc<str>,
    pub(crate) deadline: Instant,
}

/// Why one address gave no answer.
pub(crate) enum Failure {
    /// It can't be reached, or broke off.
    Broken(String),
    /// It took too long.
    Late,
}

/// What asks producers: one for each thread, so that a call never waits for another thread.
pub(crate) struct Upstream {
    pub(crate) pools: Pools,
    pub(crate) key: Option<Arc<SigningKey>>,
}

impl Upstream {
    /// Asks the producer at the first of its addresses that does well.
    pub(crate) async fn ask(
        &self,
        counts: &Counts,
        question: &Question<'_>,
    ) -> Result<Answer, Problem> {
        let api = question.api;
        let now_ms = question.now.as_millisecond();
        let limit = Duration::from_millis(api.route.timeout_ms.into());
        let deadline = Instant::now() + limit;
        let mut rests_until = None;
        let mut last = None;
        for place in by_health(counts, api) {
            let address = place.name.clone();
            if let Err(until) = counts.with_circuit(&address, |circuit| circuit.admit(now_ms)) {
                rests_until = Some(rests_until.map_or(until, |known: i64| known.min(until)));
                continue;
            }
            match self.ask_one(place, question, deadline).await {
                Ok((response, lease)) => {
                    return Ok(Answer {
                        response,
                        lease,
                        address,
                        deadline,
                    });
                }
                Err(failure) => {
                    failed(counts, &address, now_ms, &failure);
                    let is_late = matches!(failure, Failure::Late);
                    last = Some(failure);
                    // What may have reached the producer isn't sent again but to read.
                    if is_late || question.method != Method::GET {
                        break;
                    }
                }
            }
        }
        Err(problem_of(api, last, rests_until, now_ms))
    }

    async fn ask_one(
        &self,
        place: &Place,
        question: &Question<'_>,
        deadline: Instant,
    ) -> Result<(Response<Incoming>, Lease), Failure> {
        let proof = &question.api.route.proof;
        let with_certificate = *proof == UpstreamProof::MutualTls;
        let build = |is_h2: bool| self.request(place, question, is_h2);
        let sent = self.pools.send(&place.uri, with_certificate, build);
        match timeout_at(deadline, sent).await {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(broken)) => Err(Failure::Broken(broken)),
            Err(_) => Err(Failure::Late),
        }
    }

    /// A request with headers of ours alone: nothing that the caller wrote reaches the producer but
    /// the path, the query and the body.
    fn request(
        &self,
        place: &Place,
        question: &Question<'_>,
        is_h2: bool,
    ) -> Result<Request<Whole>, String> {
        let told = |error: &dyn std::fmt::Display| format!("the request can't be made: {error}");
        let base = place.uri.path().trim_end_matches('/');
        let uri = &place.uri;
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let [scheme, then, host] = if is_h2 {
            [uri.scheme_str().unwrap_or("https"), "://", authority]
        } else {
            [""; 3]
        };
        let mark = if question.query.is_empty() { "" } else { "?" };
        let target = [
            scheme,
            then,
            host,
            base,
            question.path,
            mark,
            question.query,
        ];
        let target = Bytes::from(target.concat());
        let mut request = Request::new(Whole::new(question.body.clone().unwrap_or_default()));
        *request.method_mut() = question.method.clone();
        *request.uri_mut() = Uri::from_maybe_shared(target).map_err(|error| told(&error))?;
        let headers = request.headers_mut();
        if !is_h2 {
            headers.insert(HOST, place.host.clone());
        }
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        // Nothing compressed: what is small here may be huge when unpacked.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(USER_AGENT, HeaderValue::from_static("gouvernail-gateway"));
        let id = HeaderValue::from_str(question.request_id).map_err(|error| told(&error))?;
        headers.insert(X_REQUEST_ID, id);
        for (name, value) in citizen_headers(question.citizen) {
            let value = HeaderValue::from_str(value).map_err(|error| told(&error))?;
            headers.insert(name, value);
        }
        if let Some(body) = &question.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        if question.api.route.proof == UpstreamProof::Signature {
            let path = [base, question.path].concat();
            self.sign(authority, &path, question, headers)?;
        }
        Ok(request)
    }

    fn sign(
        &self,
        authority: &str,
        path: &str,
        question: &Question<'_>,
        headers: &mut HeaderMap,
    ) -> Result<(), String> {
        let key = self
            .key
            .as_ref()
            .ok_or("the gateway has no key to sign requests with")?;
        let hash = |body: &Bytes| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
        let digest = question.body.as_ref().map(hash);
        let citizen: Vec<(HeaderName, &str)> = citizen_headers(question.citizen).collect();
        let citizen: Vec<(&str, &str)> = citizen
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect();
        let parts = signature_of(&RequestToSign {
            method: question.method.as_str(),
            authority: &authority.to_ascii_lowercase(),
            path,
            query: question.query,
            request_id: question.request_id,
            citizen: &citizen,
            body_sha256: digest.and_then(|digest| digest.as_ref().try_into().ok()),
            created: question.now.as_second(),
            key_id: key.kid(),
        });
        let signature = key
            .sign(parts.base.as_bytes())
            .map_err(|error| error.to_string())?;
        let mut put = |name, value: &str| {
            let value = HeaderValue::from_str(value).map_err(|error| error.to_string())?;
            headers.insert(name, value);
            Ok::<_, String>(())
        };
        put(SIGNATURE, &SignedParts::header(&signature))?;
        put(SIGNATURE_INPUT, &parts.input)?;
        match &parts.digest {
            Some(digest) => put(CONTENT_DIGEST, digest),
            None => Ok(()),
        }
    }
}

/// The producer's addresses, those that do well first, in their order.
fn by_health<'a>(counts: &Counts, api: &'a Api) -> Vec<&'a Place> {
    if let [one] = api.upstreams.as_slice() {
        return vec![one];
    }
    let mut all: Vec<&Place> = api.upstreams.iter().collect();
    all.sort_by_key(|place| counts.with_circuit(&place.name, |circuit| !circuit.is_well()));
    all
}

/// Notes that an address failed.
pub(crate) fn failed(counts: &Counts, address: &str, now_ms: i64, failure: &Failure) {
    let rests = counts.with_circuit(address, |circuit| circuit.failed(now_ms));
    let why = match failure {
        Failure::Broken(why) => why.as_str(),
        Failure::Late => "it took too long",
    };
    tracing::warn!(address, why, rests, "gateway.producer");
}

fn problem_of(api: &Api, last: Option<Failure>, rests_until: Option<i64>, now_ms: i64) -> Problem {
    let problem = match last {
        Some(Failure::Late) => {
            let told = format!("it didn't answer within {} ms", api.route.timeout_ms);
            Problem::new(Code::ProducerTimeout, told).after_seconds(5)
        }
        Some(Failure::Broken(_)) => {
            let told = "it can't be reached, or broke off before it answered";
            Problem::new(Code::ProducerFailed, told).after_seconds(5)
        }
        None => {
            let wait_ms = rests_until.map_or(1_000, |until| until - now_ms);
            let told = "it failed again and again, so it is left alone for a while";
            let seconds = wait_ms.max(0).unsigned_abs().div_ceil(1_000);
            Problem::new(Code::ProducerUnavailable, told).after_seconds(seconds)
        }
    };
    problem.of(&api.route.producer.name)
}
