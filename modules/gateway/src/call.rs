//! A call, from its first byte to its trace. [`Call::decide`] reads as what happens, in order.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Request};
use hyper::body::Incoming;
use jiff::Timestamp;
use mask::{Fields, Mask};
use ports::exchange::{Parameter, Trace};
use serde_json::Value;
use uuid::Uuid;

use crate::alarm::{Alarm, AlarmKind};
use crate::domain::{
    Accreditation, Api, Called, Code, Operation, Problem, Purposed, Standing, Verdict,
    forwarded_query, segments, values_of,
};
use crate::produced::{Data, Reading, read_request};
use crate::state::InForce;
use crate::upstream::{Question, Upstream};
use crate::verify::{Shown, authenticate};
use crate::{Gateway, domain};

/// Who holds the other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    /// Thumbprint of its certificate.
    pub(crate) certificate: Option<Arc<str>>,
}

/// What is known of a call, as far as it has come.
pub(crate) struct Call {
    pub(crate) id: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) id_text: String,
    api: Option<Arc<Api>>,
    operation: Option<Arc<Operation>>,
    accreditation: Option<Arc<Accreditation>>,
    purposed: Option<Purposed>,
    subject: Option<[u8; 32]>,
    /// Whether the token is one for calls on behalf of a citizen, come what may of the call.
    on_behalf: bool,
    pub(crate) standing: Option<Standing>,
    /// Whether the call is kept, come what may of it.
    is_traced: bool,
}

/// The parameters of a call, where an operation may name a person by them.
struct Given<'a> {
    path: Vec<(Arc<str>, Cow<'a, str>)>,
    query: &'a str,
    body: Option<Value>,
}

impl Call {
    pub(crate) fn begin(gateway: &Gateway) -> Self {
        let id = gateway.source().new_id();
        Self {
            id,
            at: gateway.now(),
            id_text: id.to_string(),
            api: None,
            operation: None,
            accreditation: None,
            purposed: None,
            subject: None,
            on_behalf: false,
            standing: None,
            is_traced: false,
        }
    }

    /// What the call comes to.
    pub(crate) async fn decide(
        &mut self,
        gateway: &Gateway,
        upstream: &Upstream,
        peer: &Peer,
        request: Request<Incoming>,
    ) -> Result<Data, Problem> {
        let in_force = gateway.in_force_now(self.at)?;
        let (head, body) = request.into_parts();
        check_framing(&head.method, &head.headers)?;
        let segments = segments(head.uri.path())
            .map_err(|mistake| Problem::new(Code::MalformedRequest, mistake.to_string()))?;
        let Called {
            api,
            operation,
            path,
        } = in_force.book.route(&head.method, &segments)?;
        self.api = Some(api.clone());
        self.operation = Some(operation.clone());
        let caller = caller(gateway, peer, &head.headers);
        self.take_address(gateway, &in_force, caller)?;
        self.is_traced = true;

        let url = format!("{}{}", gateway.settings().public_url, head.uri.path());
        let shown = Shown {
            headers: &head.headers,
            method: head.method.as_str(),
            url: &url,
            certificate: peer.certificate.as_deref(),
            now: self.at,
            bound_only: gateway.settings().bound_only,
        };
        let presented = authenticate(&in_force, gateway.proofs(), &shown)?;
        self.on_behalf = presented.citizen.is_some();
        let accreditation = in_force.book.accredited(&presented, caller, self.at)?;
        self.accreditation = Some(accreditation.clone());
        let fields = accreditation.fields(operation.route.id).ok_or_else(|| {
            let told = "none of its scopes opens anything of this operation";
            Problem::new(Code::NotGranted, told)
        })?;
        let book = &in_force.book;
        let behalf = book.behalf(&presented, &accreditation, &api, &operation)?;
        self.subject = behalf.as_ref().map(|behalf| behalf.pseudonym);

        let query = head.uri.query().unwrap_or_default();
        let purposed = Purposed::read(query)?;
        let purposed = &*self.purposed.insert(purposed);
        accreditation.allows(purposed, &api.route.producer.siret)?;
        let grant = &accreditation.grant;
        if let Some(stop) = book.stopped(&api.route, operation.route.id, grant, &purposed.purpose) {
            return Err(stop.problem(&api.route.producer.name));
        }
        self.check_suspension(gateway, grant.id)?;
        self.take_quota(gateway, &accreditation)?;

        let query = forwarded_query(query);
        let body = self.read_body(gateway, &head.method, &head.headers, body, &operation);
        let (body, read) = body.await?;
        let given = Given {
            path,
            query: &query,
            body: read,
        };
        match &behalf {
            Some(_) => given.names_nobody(&operation)?,
            None => self.subject = given.subject(&api, &operation)?,
        }
        let question = Question {
            api: &api,
            method: &operation.method,
            path: segments.below(),
            query: &query,
            body,
            citizen: behalf.as_ref().map(|behalf| &behalf.told),
            request_id: &self.id_text,
            now: self.at,
        };
        let reading = Reading {
            gateway,
            producer: &api.route.producer.name,
            fields: behalf.as_ref().map_or(fields, |behalf| &behalf.fields),
        };
        let answer = upstream.ask(gateway.counts(), &question).await?;
        let read = reading.read(answer).await;
        self.watch(gateway, &accreditation, &read);
        read
    }

    fn take_address(
        &self,
        gateway: &Gateway,
        in_force: &InForce,
        caller: IpAddr,
    ) -> Result<(), Problem> {
        let per_minute = in_force.book.per_address_per_minute;
        let taken = gateway.counts().take_address(caller, per_minute, self.at);
        taken.map_err(|seconds| {
            let told = format!("{per_minute} calls a minute from one address");
            Problem::new(Code::AddressSpent, told).after_seconds(seconds)
        })
    }

    fn check_suspension(&self, gateway: &Gateway, accreditation: Uuid) -> Result<(), Problem> {
        match gateway.counts().suspended_until(accreditation, self.at) {
            None => Ok(()),
            Some(until) => {
                let told = "it asked about more people than a use like its own does";
                let seconds = (until - self.at.as_second()).unsigned_abs();
                Err(Problem::new(Code::Suspended, told).after_seconds(seconds))
            }
        }
    }

    fn take_quota(
        &mut self,
        gateway: &Gateway,
        accreditation: &Accreditation,
    ) -> Result<(), Problem> {
        let limits = accreditation.limits();
        let standing = gateway
            .counts()
            .take(accreditation.grant.id, limits, self.at);
        self.standing = Some(standing);
        if standing.is_taken {
            return Ok(());
        }
        let (code, of) = if standing.is_of_day {
            (Code::DaySpent, "day")
        } else {
            (Code::MinuteSpent, "minute")
        };
        let told = format!(
            "{} calls a {of}, for all of the accreditation",
            standing.limit
        );
        Err(Problem::new(code, told).after_seconds(standing.reset_seconds))
    }

    /// The body as it came, and those parameters of it that name a person. A name that stands twice is
    /// refused: the producer could read the other one, and the trace would name somebody else.
    async fn read_body(
        &self,
        gateway: &Gateway,
        method: &Method,
        headers: &HeaderMap,
        body: Incoming,
        operation: &Operation,
    ) -> Result<(Option<Bytes>, Option<Value>), Problem> {
        if method != Method::POST {
            return Ok((None, None));
        }
        let kind = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let essence = kind.and_then(|text| text.split(';').next()).map(str::trim);
        if !essence.is_some_and(|text| text.eq_ignore_ascii_case("application/json")) {
            let told = "send the header Content-Type: application/json";
            return Err(Problem::new(Code::UnsupportedType, told));
        }
        let settings = gateway.settings();
        let bytes = read_request(body, settings.request_bytes_max, settings.patience).await?;
        let wrong = |told: String| Problem::new(Code::MalformedRequest, told);
        let names = operation.route.subject.iter().filter_map(|one| match one {
            Parameter::Body(name) => Some(name.as_str()),
            _ => None,
        });
        let fields = Fields::new(names).map_err(|error| wrong(error.to_string()))?;
        let mut kept = Vec::new();
        let mut mask = Mask::new(Arc::new(fields));
        mask.push(&bytes, &mut kept)
            .and_then(|()| mask.finish(&mut kept))
            .map_err(|error| wrong(format!("the body can't be read: {error}")))?;
        let read = serde_json::from_slice(&kept);
        let read = read.map_err(|error| wrong(format!("the body can't be read: {error}")))?;
        Ok((Some(bytes), Some(read)))
    }

    fn watch(
        &self,
        gateway: &Gateway,
        accreditation: &Accreditation,
        read: &Result<Data, Problem>,
    ) {
        let Some(subject) = &self.subject else {
            return;
        };
        let is_known = match read {
            Ok(_) => true,
            Err(problem) if problem.code == Code::NotFound => false,
            Err(_) => return,
        };
        let rule = &gateway.settings().enumeration;
        let id = accreditation.grant.id;
        let kind = match gateway.counts().note(rule, id, subject, is_known, self.at) {
            Verdict::Calm => return,
            Verdict::Alert => AlarmKind::ManyPeople,
            Verdict::Suspend => AlarmKind::Suspended,
        };
        gateway.alarm(&Alarm {
            accreditation: id,
            at: self.at,
            kind,
        });
    }

    /// What is kept of the call, once it is known what comes of it; `None` for a call that reached no
    /// operation, or that was over its address's limit.
    pub(crate) fn trace(
        &mut self,
        gateway: &Gateway,
        came: &Result<Data, Problem>,
    ) -> Option<Trace> {
        let api = self.api.as_ref().filter(|_| self.is_traced)?;
        let operation = self.operation.as_ref()?;
        let grant = self
            .accreditation
            .as_ref()
            .map(|accreditation| &accreditation.grant);
        let (status, problem, bytes) = match came {
            Ok(Data::Held(data)) => (200, None, (data.len() - crate::produced::HEAD.len()) as u64),
            Ok(Data::Flowing(flow)) => (200, None, flow.bytes()),
            Err(problem) => (
                problem.code.status(),
                Some(problem.code.name().to_owned()),
                0,
            ),
        };
        let took_us = gateway.now().as_microsecond() - self.at.as_microsecond();
        let purposed = self.purposed.take();
        let (purpose, object, recipient) = match purposed {
            Some(one) => (Some(one.purpose), Some(one.object), Some(one.recipient)),
            None => (None, None, None),
        };
        Some(Trace {
            request: self.id,
            at: self.at,
            accreditation: grant.map(|grant| (grant.id, grant.version)),
            requester: grant.map(|grant| grant.requester.siret.clone()),
            editor: grant
                .and_then(|grant| grant.editor.as_ref())
                .map(|editor| editor.siret.clone()),
            producer: api.route.producer.id,
            api: api.route.id,
            operation: operation.route.id,
            purpose,
            object,
            legal_basis: grant.map(|grant| grant.legal_basis.clone()),
            recipient,
            subject: self.subject.as_ref().map(|subject| domain::hex(subject)),
            status,
            problem,
            latency_us: took_us.unsigned_abs(),
            bytes,
            pieces_saved: if status == 200 {
                operation.route.pieces_saved
            } else {
                0
            },
            hidden_until: domain::hidden_until(
                self.at,
                operation.route.hidden_days,
                grant.map_or(0, |grant| grant.hidden_days),
            ),
            on_behalf: self.on_behalf,
        })
    }

    /// What stands behind the data of an answer, in three parts.
    pub(crate) fn tail(&self) -> [&[u8]; 3] {
        let begin = b",\"links\":{},\"meta\":{\"request\":\"";
        // Data comes from an API alone.
        let rest = self.api.as_ref().map_or("\"}}", |api| &*api.tail);
        [begin, self.id_text.as_bytes(), rest.as_bytes()]
    }
}

impl Given<'_> {
    /// The pseudonym of whom the call asks about; `None` when the operation is about nobody.
    fn subject(&self, api: &Api, operation: &Operation) -> Result<Option<[u8; 32]>, Problem> {
        let asked = &operation.route.subject;
        if asked.is_empty() {
            return Ok(None);
        }
        let parameters: Vec<(&str, Vec<String>)> =
            asked.iter().map(|one| self.values(one)).collect();
        match api.pseudonyms.pseudonym(&parameters) {
            Some(pseudonym) => Ok(Some(pseudonym)),
            None => {
                let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
                let told = format!("say whom the call is about: {}", names.join(", "));
                let first = names.first().copied().unwrap_or_default();
                Err(Problem::new(Code::ParameterMissing, told).at(first))
            }
        }
    }

    /// The citizen who signed in is who the call is about: no parameter names another one.
    fn names_nobody(&self, operation: &Operation) -> Result<(), Problem> {
        for one in &operation.route.subject {
            let (name, values) = self.values(one);
            if !values.is_empty() {
                let told = "leave it out: the citizen who signed in is who the call is about";
                return Err(Problem::new(Code::ParameterInvalid, told).at(name));
            }
        }
        Ok(())
    }

    fn values<'p>(&self, parameter: &'p Parameter) -> (&'p str, Vec<String>) {
        match parameter {
            Parameter::Path(name) => {
                let all = self.path.iter().filter(|(found, _)| **found == **name);
                (name, all.map(|(_, value)| value.to_string()).collect())
            }
            Parameter::Query(name) => {
                let all = values_of(self.query, name);
                (name, all.map(std::borrow::Cow::into_owned).collect())
            }
            Parameter::Body(name) => {
                let value = self.body.as_ref().and_then(|body| body.get(name));
                let values = match value {
                    None | Some(Value::Null) => Vec::new(),
                    Some(Value::Array(items)) => items.iter().map(text_of).collect(),
                    Some(one) => vec![text_of(one)],
                };
                (name, values)
            }
        }
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn caller(gateway: &Gateway, peer: &Peer, headers: &HeaderMap) -> IpAddr {
    // Several headers are one list (RFC 9110 section 5.2): the last of them holds the last address.
    let last = headers.get_all("x-forwarded-for").iter().next_back();
    let forwarded = last.and_then(|value| value.to_str().ok());
    domain::caller_of(peer.address, forwarded, &gateway.settings().proxies)
}

/// Refuses requests whose end two programs could see at two places (RFC 9112 section 6.3): a body has
/// a length, and only a `POST` has a body.
fn check_framing(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(TRANSFER_ENCODING) {
        let told = "send the body with Content-Length, not in chunks";
        return Err(Problem::new(Code::LengthRequired, told));
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let length = lengths
        .next()
        .map(|value| value.to_str().unwrap_or_default());
    if lengths.next().is_some() {
        return Err(Problem::new(
            Code::MalformedRequest,
            "Content-Length stands more than once",
        ));
    }
    if method == Method::POST || length.is_none_or(|length| length == "0") {
        return Ok(());
    }
    let told = "only POST has a body here";
    Err(Problem::new(Code::MalformedRequest, told))
}
