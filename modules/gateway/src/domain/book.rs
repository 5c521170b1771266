//! A snapshot, made ready to decide by.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use core::net::IpAddr;

use http::{HeaderValue, Method, Uri};
use jiff::Timestamp;
use jose::Algorithm;
use jose::jwk::{JwkSet, VerificationKey};
use mask::Fields;
use ports::exchange::{AccreditationGrant, ApiRoute, OperationRoute, Snapshot, Stop, StopTarget};
use pseudonym::BehalfKey;
use uuid::Uuid;

use super::behalf::Desk;
use super::{
    Code, Limits, Networks, Presented, Problem, PseudonymKey, Purposed, Segments, from_hex,
};

/// Most milliseconds that a producer may take.
pub(crate) const TIMEOUT_MS_MAX: u32 = 10_000;

/// Something of a snapshot can't be used; the rest of it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An API is left out.
    #[error("the API {id} can't be called: {why}")]
    Api {
        /// Which.
        id: Uuid,
        /// Why.
        why: String,
    },
    /// An accreditation is left out.
    #[error("the accreditation {id} can't be used: {why}")]
    Accreditation {
        /// Which.
        id: Uuid,
        /// Why.
        why: String,
    },
    /// No token can be verified.
    #[error("the issuer's keys can't be read: {why}")]
    Keys {
        /// Why.
        why: String,
    },
}

/// An API that can be called. It holds a secret, the key of pseudonyms.
pub struct Api {
    /// As it came.
    pub route: ApiRoute,
    /// Where the producer answers.
    pub upstreams: Vec<Place>,
    /// The key of its pseudonyms.
    pub pseudonyms: PseudonymKey,
    /// Those that go before others come first.
    pub operations: Vec<Arc<Operation>>,
    /// What stands behind the request's id at the end of an answer with data.
    pub(crate) tail: Box<str>,
}

/// Where a producer answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The address.
    pub uri: Uri,
    /// The same as text, by which it is remembered how it did.
    pub name: Arc<str>,
    /// Its host and port.
    pub(crate) host: HeaderValue,
}

/// One thing that can be asked.
#[derive(Debug)]
pub struct Operation {
    /// As it came.
    pub route: OperationRoute,
    pub(crate) method: Method,
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Literal(String),
    Parameter(Arc<str>),
}

/// An accreditation that is in force.
#[derive(Debug)]
pub struct Accreditation {
    /// As it came.
    pub grant: AccreditationGrant,
    networks: Networks,
    /// The fields that are granted, by operation.
    fields: HashMap<Uuid, Arc<Fields>>,
}

/// What a request calls.
#[derive(Debug, Clone)]
pub struct Called<'s> {
    /// The API.
    pub api: Arc<Api>,
    /// The operation.
    pub operation: Arc<Operation>,
    /// The parameters of its path, decoded, by name.
    pub path: Vec<(Arc<str>, Cow<'s, str>)>,
}

/// A flow that is stopped.
#[derive(Debug, Clone, Copy)]
pub struct StopFound<'b>(pub &'b Stop);

/// A snapshot, made ready to decide by. Nothing of it changes.
#[derive(Debug)]
pub struct Book {
    /// The snapshot's number.
    pub number: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// `production` or `test`.
    pub environment: String,
    /// Who issues the tokens.
    pub issuer: String,
    /// Whom they are for.
    pub audience: String,
    /// The issuer's keys.
    pub keys: Vec<VerificationKey>,
    /// Calls in a minute of one address.
    pub per_address_per_minute: u32,
    apis: HashMap<String, Arc<Api>>,
    accreditations: HashMap<Uuid, Arc<Accreditation>>,
    by_key: HashMap<[u8; 32], Uuid>,
    stops: HashMap<StopTarget, Vec<Stop>>,
    /// What calls on behalf of citizens need.
    pub(crate) desk: Option<Desk>,
}

impl Book {
    /// Makes a snapshot ready; what of it can't be used is left out and told.
    pub fn new(snapshot: Snapshot) -> (Self, Vec<Refusal>) {
        let mut refusals = Vec::new();
        let keys = keys_of(&snapshot).unwrap_or_else(|why| {
            refusals.push(Refusal::Keys { why });
            Vec::new()
        });
        let mut apis = HashMap::new();
        let mut by_id = HashMap::new();
        for route in snapshot.apis {
            let id = route.id;
            match Api::new(route) {
                Ok(api) => {
                    let api = Arc::new(api);
                    by_id.insert(id, api.clone());
                    apis.insert(api.route.prefix.clone(), api);
                }
                Err(why) => refusals.push(Refusal::Api { id, why }),
            }
        }
        let mut accreditations = HashMap::new();
        let mut by_key = HashMap::new();
        let mut known = HashMap::new();
        for grant in snapshot.accreditations {
            let id = grant.id;
            match Accreditation::new(grant, &by_id, &mut known) {
                Ok(accreditation) => {
                    let hashes = accreditation.grant.key_hashes.iter();
                    by_key.extend(hashes.filter_map(|hash| Some((from_hex::<32>(hash)?, id))));
                    accreditations.insert(id, Arc::new(accreditation));
                }
                Err(why) => refusals.push(Refusal::Accreditation { id, why }),
            }
        }
        let desk = snapshot.behalf.and_then(|behalf| {
            let mut ended = behalf.ended;
            ended.sort_unstable();
            let key = BehalfKey::parse(&behalf.key)?;
            Some(Desk { key, ended })
        });
        let mut stops: HashMap<StopTarget, Vec<Stop>> = HashMap::new();
        for stop in snapshot.stops {
            stops.entry(stop.target.clone()).or_default().push(stop);
        }
        let book = Self {
            number: snapshot.number,
            made_at: snapshot.made_at,
            environment: snapshot.environment,
            issuer: snapshot.issuer,
            audience: snapshot.audience,
            keys,
            per_address_per_minute: snapshot.per_address_per_minute,
            apis,
            accreditations,
            by_key,
            stops,
            desk,
        };
        (book, refusals)
    }

    /// Every API.
    pub fn apis(&self) -> impl Iterator<Item = &Arc<Api>> {
        self.apis.values()
    }

    /// Whether an API is answered at this address.
    pub fn names(&self, uri: &Uri) -> bool {
        let mut places = self.apis.values().flat_map(|api| &api.upstreams);
        places.any(|place| place.uri == *uri)
    }

    /// Whose key this is, by its SHA-256.
    pub fn of_key(&self, hash: &[u8; 32]) -> Option<Uuid> {
        self.by_key.get(hash).copied()
    }

    /// What a request calls.
    pub fn route<'s>(
        &self,
        method: &Method,
        segments: &Segments<'s>,
    ) -> Result<Called<'s>, Problem> {
        let unknown = || Problem::new(Code::UnknownPath, "no API of the catalogue has this path");
        let [producer, api, rest @ ..] = segments.meant.as_slice() else {
            return Err(unknown());
        };
        let api = self
            .apis
            .get(&format!("{producer}/{api}"))
            .ok_or_else(unknown)?;
        let mut other_method = None;
        for operation in &api.operations {
            let Some(path) = operation.matches(rest) else {
                continue;
            };
            if operation.method == *method {
                return Ok(Called {
                    api: api.clone(),
                    operation: operation.clone(),
                    path,
                });
            }
            other_method = Some(&operation.route.method);
        }
        Err(match other_method {
            Some(other) => Problem::new(Code::MethodNotAllowed, format!("it is called by {other}")),
            None => unknown(),
        })
    }

    /// The accreditation that a token or a key stands for, when it may be used by its client, from
    /// this address, now.
    pub fn accredited(
        &self,
        presented: &Presented,
        caller: IpAddr,
        now: Timestamp,
    ) -> Result<Arc<Accreditation>, Problem> {
        let not_in_force = |told: &'static str| Problem::new(Code::AccreditationNotInForce, told);
        let accreditation = self
            .accreditations
            .get(&presented.accreditation)
            .ok_or_else(|| not_in_force("it is suspended, revoked, over, or was never given"))?;
        let grant = &accreditation.grant;
        if grant.valid_until <= now {
            return Err(not_in_force("it is over: have it renewed"));
        }
        if presented
            .version
            .is_some_and(|version| version != grant.version)
        {
            let told = "another version of it is in force: ask for a new token";
            return Err(not_in_force(told));
        }
        if let Some(client) = &presented.client
            && !grant.clients.contains(client)
        {
            let told = "the client isn't one of those that the accreditation names";
            return Err(Problem::new(Code::ClientNotAllowed, told));
        }
        if !accreditation.networks.is_empty() && !accreditation.networks.hold(caller) {
            let told = format!("calls come from addresses of the accreditation, not from {caller}");
            return Err(Problem::new(Code::AddressNotAllowed, told));
        }
        Ok(accreditation.clone())
    }

    /// The stop that a call runs into, if one does.
    pub fn stopped(
        &self,
        api: &ApiRoute,
        operation: Uuid,
        grant: &AccreditationGrant,
        purpose: &str,
    ) -> Option<StopFound<'_>> {
        if self.stops.is_empty() {
            return None;
        }
        let requesters = [Some(&grant.requester), grant.editor.as_ref()];
        let mut targets = vec![
            StopTarget::Api(api.id),
            StopTarget::Operation(operation),
            StopTarget::Accreditation(grant.id),
            StopTarget::Purpose(purpose.to_owned()),
        ];
        targets.extend(
            requesters
                .into_iter()
                .flatten()
                .map(|party| StopTarget::Requester(party.siret.clone())),
        );
        targets
            .iter()
            .filter_map(|target| self.stops.get(target))
            .flatten()
            .find(|stop| {
                let is_theirs = |producer| producer == api.producer.id;
                stop.producer.is_none_or(is_theirs) && stop.api.is_none_or(|one| one == api.id)
            })
            .map(StopFound)
    }
}

impl StopFound<'_> {
    /// What the caller is told.
    pub fn problem(self, producer: &str) -> Problem {
        let by = match self.0.producer {
            Some(_) => "the producer",
            None => "the directorate",
        };
        let told = format!("stopped by {by} since {}: {}", self.0.since, self.0.reason);
        Problem::new(Code::FlowStopped, told).of(producer)
    }
}

/// The keys that may verify the issuer's tokens, each bound to one algorithm.
fn keys_of(snapshot: &Snapshot) -> Result<Vec<VerificationKey>, String> {
    let set = JwkSet::parse(snapshot.keys.to_string().as_bytes()).map_err(|why| why.to_string())?;
    let of = |algorithm| set.verification_keys(algorithm);
    Ok(Algorithm::ALL.into_iter().flat_map(of).collect())
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api")
            .field("id", &self.route.id)
            .finish_non_exhaustive()
    }
}

impl Api {
    fn new(route: ApiRoute) -> Result<Self, String> {
        let mut operations = Vec::new();
        for operation in &route.operations {
            operations.push(Arc::new(Operation::new(operation.clone())?));
        }
        // A literal goes before a parameter: `/foyers/moi` isn't the household named `moi`.
        operations.sort_by_key(|operation| {
            let is_parameter = |step: &Step| matches!(step, Step::Parameter(_));
            operation.steps.iter().map(is_parameter).collect::<Vec<_>>()
        });
        let mut upstreams = Vec::new();
        for address in &route.upstreams {
            let uri = upstream(address).ok_or_else(|| format!("{address} isn't an address"))?;
            let name = uri.to_string().into();
            let host = uri.authority().map_or("", |authority| authority.as_str());
            let host = HeaderValue::from_str(host).map_err(|error| error.to_string())?;
            upstreams.push(Place { uri, name, host });
        }
        if upstreams.is_empty() {
            return Err("it has no address".to_owned());
        }
        if route.prefix.split('/').count() != 2 {
            return Err("its prefix doesn't have two segments".to_owned());
        }
        if route.timeout_ms == 0 || route.timeout_ms > TIMEOUT_MS_MAX {
            return Err(format!("its time-out isn't 1 to {TIMEOUT_MS_MAX} ms"));
        }
        let pseudonyms = PseudonymKey::parse(&route.pseudonym_key)
            .ok_or("its key of pseudonyms isn't 32 bytes in hexadecimal")?;
        let quoted = |name: &str| serde_json::Value::from(name).to_string();
        let (name, producer) = (quoted(&route.name), quoted(&route.producer.name));
        let tail = format!("\",\"api\":{name},\"producer\":{producer}}}}}");
        Ok(Self {
            route,
            upstreams,
            pseudonyms,
            operations,
            tail: tail.into(),
        })
    }
}

/// An absolute address of HTTP without query, whose path doesn't end in a slash.
fn upstream(address: &str) -> Option<Uri> {
    let uri: Uri = address.trim_end_matches('/').parse().ok()?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let authority = uri.authority()?;
    (is_http && uri.query().is_none() && !authority.as_str().contains('@')).then_some(uri)
}

impl Operation {
    fn new(route: OperationRoute) -> Result<Self, String> {
        let method = match route.method.as_str() {
            "GET" => Method::GET,
            "POST" => Method::POST,
            other => return Err(format!("the method {other} isn't called here")),
        };
        let path = route
            .path
            .strip_prefix('/')
            .ok_or("a path doesn't begin with a slash")?;
        let step = |text: &str| {
            let name = text
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            match name {
                Some(name) => Step::Parameter(name.into()),
                None => Step::Literal(text.to_owned()),
            }
        };
        let steps = match path {
            "" => Vec::new(),
            path => path.split('/').map(step).collect(),
        };
        Ok(Self {
            route,
            method,
            steps,
        })
    }

    fn matches<'s>(&self, segments: &[Cow<'s, str>]) -> Option<Vec<(Arc<str>, Cow<'s, str>)>> {
        if segments.len() != self.steps.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (step, meant) in self.steps.iter().zip(segments) {
            match step {
                Step::Literal(literal) if literal == meant => {}
                Step::Literal(_) => return None,
                Step::Parameter(name) => parameters.push((name.clone(), meant.clone())),
            }
        }
        Some(parameters)
    }
}

/// Fields by operation and scopes: most accreditations share them.
type KnownFields = HashMap<(Uuid, Vec<String>), Arc<Fields>>;

impl Accreditation {
    fn new(
        grant: AccreditationGrant,
        apis: &HashMap<Uuid, Arc<Api>>,
        known: &mut KnownFields,
    ) -> Result<Self, String> {
        let networks = Networks::parse(&grant.addresses)
            .map_err(|text| format!("{text} isn't a prefix of addresses"))?;
        let mut fields = HashMap::new();
        for opened in &grant.apis {
            let Some(api) = apis.get(&opened.api) else {
                continue;
            };
            for operation in &api.operations {
                let mut scopes: Vec<String> = opened.scopes.clone();
                scopes.retain(|one| operation.route.scopes.iter().any(|has| has.scope == *one));
                scopes.sort_unstable();
                scopes.dedup();
                if scopes.is_empty() {
                    continue;
                }
                let id = operation.route.id;
                let key = (id, scopes);
                let granted = match known.get(&key) {
                    Some(granted) => granted.clone(),
                    None => {
                        let granted = operation.fields_of(&key.1)?;
                        known.insert(key, granted.clone());
                        granted
                    }
                };
                fields.insert(id, granted);
            }
        }
        Ok(Self {
            grant,
            networks,
            fields,
        })
    }

    /// The fields of an operation's answer that are granted; `None` when the operation isn't.
    pub fn fields(&self, operation: Uuid) -> Option<&Arc<Fields>> {
        self.fields.get(&operation)
    }

    /// Whether it has a scope of an API.
    pub(crate) fn has(&self, api: &Api, scope: &str) -> bool {
        let mut opened = self.grant.apis.iter();
        opened.any(|one| one.api == api.route.id && one.scopes.iter().any(|has| has == scope))
    }

    /// The fields that it opens and to which the citizen agreed, too; `None` when there is none.
    pub(crate) fn agreed(
        &self,
        api: &Api,
        operation: &Operation,
        agreed: &[String],
    ) -> Result<Option<Arc<Fields>>, Problem> {
        let of = operation.route.scopes.iter().map(|one| &one.scope);
        let both: Vec<String> = of
            .filter(|scope| agreed.contains(scope) && self.has(api, scope))
            .cloned()
            .collect();
        if both.is_empty() {
            return Ok(None);
        }
        let fields = operation.fields_of(&both);
        // They were read once with all scopes, so a part of them can be read.
        fields
            .map(Some)
            .map_err(|why| Problem::new(Code::NotGranted, why))
    }

    /// Calls that it allows.
    pub fn limits(&self) -> Limits {
        Limits {
            per_minute: self.grant.per_minute.into(),
            per_day: self.grant.per_day,
        }
    }

    /// Whether it may be used so: for this purpose, this recipient, about this producer's data.
    pub fn allows(&self, purposed: &Purposed, producer_siret: &str) -> Result<(), Problem> {
        if !self.grant.purposes.contains(&purposed.purpose) {
            let told = "context isn't the code of a purpose of the accreditation";
            return Err(Problem::new(Code::PurposeNotGranted, told).at("context"));
        }
        if purposed.recipient == producer_siret {
            let told = "recipient names the body that is asked: name the one that uses the data";
            return Err(Problem::new(Code::RecipientIsProducer, told).at("recipient"));
        }
        let recipients = &self.grant.recipients;
        let is_named = if recipients.is_empty() {
            purposed.recipient == self.grant.requester.siret
        } else {
            recipients.contains(&purposed.recipient)
        };
        if !is_named {
            let told = "recipient isn't one of those that the accreditation names";
            return Err(Problem::new(Code::RecipientNotAllowed, told).at("recipient"));
        }
        Ok(())
    }
}

impl Operation {
    fn fields_of(&self, scopes: &[String]) -> Result<Arc<Fields>, String> {
        let granted = self
            .route
            .scopes
            .iter()
            .filter(|one| scopes.contains(&one.scope));
        let paths = granted.flat_map(|one| one.fields.iter().map(String::as_str));
        Fields::new(paths)
            .map(Arc::new)
            .map_err(|why| why.to_string())
    }
}
