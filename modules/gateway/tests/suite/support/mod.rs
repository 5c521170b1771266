//! A gateway on real connections, with a producer that answers whatever a test wants.

mod wire;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway::domain::Rule;
use gateway::{
    Alarm, Alarms, Follower, Gateway, GatewaySettings, Kept, LedgerSink, SignedSnapshot,
    TraceError, TraceSink,
};
use jiff::{SignedDuration, Timestamp};
use jose::claims::Claims;
use jose::dpop::{NewProof, create};
use jose::jwk::{KeyKind, SigningKey};
use jose::jws::{Signing, sign};
use kit_time::{FixedClock, Source};
use ports::exchange::{
    AccreditationGrant, ApiGrant, ApiRoute, OnBehalf, OperationRoute, Parameter, Party,
    SNAPSHOT_FORM, ScopeFields, Snapshot, Stop, Trace, UpstreamProof,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use uuid::Uuid;

pub(crate) use wire::{Answered, read_answer};

pub(crate) const API: Uuid = Uuid::from_u128(1);
pub(crate) const HOUSEHOLD: Uuid = Uuid::from_u128(2);
pub(crate) const SEARCH: Uuid = Uuid::from_u128(3);
pub(crate) const ACCREDITATION: Uuid = Uuid::from_u128(4);
pub(crate) const PRODUCER: Uuid = Uuid::from_u128(5);
pub(crate) const PRODUCER_SIRET: &str = "13002526500013";
pub(crate) const TOWN_SIRET: &str = "21750001600019";
pub(crate) const PUBLIC_URL: &str = "http://exchange.example";
pub(crate) const ISSUER: &str = "https://identity.example";
pub(crate) const AUDIENCE: &str = "https://exchange.example";
/// The query that every call needs.
pub(crate) const WHY: &str = "context=CANTINE&object=Dossier%2012&recipient=21750001600019";
/// A good path.
pub(crate) const PATH: &str = "/caf/quotient-familial/v1/foyers/1234567";

/// Traces as they come, unless they can't be kept.
#[derive(Default)]
pub(crate) struct Sink {
    pub(crate) traces: Mutex<Vec<Trace>>,
    pub(crate) fails: AtomicBool,
    log: std::sync::OnceLock<LedgerSink>,
}

impl Sink {
    /// Keeps traces in a log as well.
    pub(crate) fn log(&self, log: LedgerSink) {
        self.log.set(log).unwrap();
    }
}

impl TraceSink for Sink {
    fn append(&self, traces: Vec<Trace>) -> Kept<'_> {
        Box::pin(async move {
            if self.fails.load(Ordering::SeqCst) {
                return Err(TraceError("the disk is full".into()));
            }
            if let Some(log) = self.log.get() {
                log.append(traces.clone()).await?;
            }
            self.traces.lock().unwrap().extend(traces);
            Ok(())
        })
    }
}

/// Alarms as they come.
#[derive(Default)]
pub(crate) struct Bells(pub(crate) Mutex<Vec<Alarm>>);

impl Alarms for Bells {
    fn raised(&self, alarm: &Alarm) {
        self.0.lock().unwrap().push(*alarm);
    }
}

/// What a producer was asked, and what it answers: bytes as they go over the wire.
pub(crate) struct Producer {
    pub(crate) address: SocketAddr,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    pub(crate) connections: Arc<AtomicUsize>,
}

/// An answer of JSON.
pub(crate) fn answer_of(body: &str) -> Vec<u8> {
    typed("application/json", body)
}

pub(crate) fn typed(kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

pub(crate) fn status_of(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nsecret")
        .into_bytes()
}

/// What a household is, with a field that nobody is granted.
pub(crate) const HOUSEHOLD_ANSWER: &str =
    r#"{"quotient": 850, "members": [{"first": "Ada", "nir": "2"}], "income": 12}"#;

/// A producer that answers each request by what `reply` gives; no bytes: it never answers.
pub(crate) async fn producer(reply: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Producer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let connections = Arc::new(AtomicUsize::new(0));
    let reply = Arc::new(reply);
    let (seen, count) = (asked.clone(), connections.clone());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(produce(stream, seen.clone(), reply.clone()));
        }
    });
    Producer {
        address,
        asked,
        connections,
    }
}

async fn produce(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<String>>>,
    reply: Arc<impl Fn(&str) -> Vec<u8>>,
) {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().unwrap())
        });
        let whole = end + length.unwrap_or(0_usize);
        while bytes.len() < whole {
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let request: Vec<u8> = bytes.drain(..whole).collect();
        let request = String::from_utf8(request).unwrap();
        let answer = reply(&request);
        seen.lock().unwrap().push(request);
        if answer.is_empty() {
            // Never.
            std::future::pending::<()>().await;
        }
        let closes = answer.starts_with(b"CLOSE");
        let answer = answer.strip_prefix(b"CLOSE").unwrap_or(&answer);
        if stream.write_all(answer).await.is_err() || closes {
            return;
        }
    }
}

/// A gateway that answers.
pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) sink: Arc<Sink>,
    pub(crate) bells: Arc<Bells>,
    pub(crate) issuer: SigningKey,
    pub(crate) control: SigningKey,
    pub(crate) snapshot: Snapshot,
    pub(crate) producer: Producer,
    stop: Option<oneshot::Sender<()>>,
    served: Option<tokio::task::JoinHandle<()>>,
}

/// When tests play.
pub(crate) fn start() -> Timestamp {
    "2026-06-01T10:00:10Z".parse().unwrap()
}

fn party(id: Uuid, siret: &str, name: &str) -> Party {
    Party {
        id,
        siret: siret.to_owned(),
        name: name.to_owned(),
    }
}

pub(crate) fn snapshot_of(issuer: &SigningKey, upstreams: Vec<String>) -> Snapshot {
    let operation = |id, name: &str, method: &str, path: &str, subject| OperationRoute {
        id,
        name: name.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        scopes: vec![
            ScopeFields {
                scope: "quotient".to_owned(),
                fields: vec!["quotient".to_owned(), "members.*.first".to_owned()],
                tells_identity: false,
            },
            ScopeFields {
                scope: "income".to_owned(),
                fields: vec!["income".to_owned()],
                tells_identity: false,
            },
        ],
        subject,
        pieces_saved: 2,
        hidden_days: 0,
        on_behalf: OnBehalf::Closed,
        level_min: 0,
    };
    Snapshot {
        number: 1,
        made_at: start(),
        environment: "test".to_owned(),
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        keys: json!({ "keys": [Value::Object(issuer.jwk().to_members())] }),
        apis: vec![ApiRoute {
            id: API,
            name: "Quotient familial".to_owned(),
            producer: party(PRODUCER, PRODUCER_SIRET, "Caisse de démonstration"),
            prefix: "caf/quotient-familial".to_owned(),
            upstreams,
            health_path: None,
            timeout_ms: 2_000,
            proof: UpstreamProof::None,
            operations: vec![
                operation(
                    HOUSEHOLD,
                    "getFoyer",
                    "GET",
                    "/v1/foyers/{numero}",
                    vec![Parameter::Path("numero".to_owned())],
                ),
                operation(
                    SEARCH,
                    "search",
                    "POST",
                    "/v1/recherche",
                    vec![
                        Parameter::Body("nom".to_owned()),
                        Parameter::Query("annee".to_owned()),
                    ],
                ),
            ],
            pseudonym_key: "0a".repeat(32),
        }],
        accreditations: vec![AccreditationGrant {
            id: ACCREDITATION,
            version: 3,
            requester: party(Uuid::from_u128(6), TOWN_SIRET, "Ville de démonstration"),
            editor: None,
            clients: vec!["town".to_owned()],
            apis: vec![ApiGrant {
                api: API,
                scopes: vec!["quotient".to_owned()],
            }],
            purposes: vec!["CANTINE".to_owned()],
            legal_basis: "CRPA L114-8".to_owned(),
            addresses: Vec::new(),
            recipients: Vec::new(),
            per_minute: 1_000,
            per_day: 100_000,
            valid_until: "2027-01-01T00:00:00Z".parse().unwrap(),
            key_hashes: Vec::new(),
            hidden_days: 0,
            on_behalf: false,
        }],
        stops: Vec::new(),
        per_address_per_minute: 100_000,
        form: SNAPSHOT_FORM,
        behalf: None,
    }
}

/// The settings of a gateway in tests: short patience.
pub(crate) fn settings() -> GatewaySettings {
    GatewaySettings {
        public_url: PUBLIC_URL.to_owned(),
        threads: 1,
        patience: Duration::from_millis(400),
        held_bytes_max: 8 << 10,
        answer_bytes_max: 1 << 20,
        enumeration: Rule {
            window_seconds: 3_600,
            alert: 5,
            suspend: 8,
            suspend_unknown: 3,
        },
        ..GatewaySettings::default()
    }
}

impl World {
    /// A world in which the producer answers with a household.
    pub(crate) async fn new() -> Self {
        Self::with(|_| answer_of(HOUSEHOLD_ANSWER)).await
    }

    pub(crate) async fn with(reply: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let producer = producer(reply).await;
        Self::set_up(settings(), producer, |_| {}).await
    }

    pub(crate) async fn set_up(
        settings: GatewaySettings,
        producer: Producer,
        change: impl FnOnce(&mut Snapshot),
    ) -> Self {
        let clock = Arc::new(FixedClock::new(start()));
        let source = Source::with_clock(clock.clone(), 7);
        let (sink, bells) = (Arc::new(Sink::default()), Arc::new(Bells::default()));
        let gateway = Gateway::new(settings, source, sink.clone(), bells.clone());
        let issuer = SigningKey::generate(KeyKind::Es256).unwrap();
        let control = SigningKey::generate(KeyKind::EdDsa).unwrap();
        let mut snapshot = snapshot_of(&issuer, vec![format!("http://{}/base", producer.address)]);
        change(&mut snapshot);
        gateway.put_in_force(snapshot.clone(), start()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = gateway.clone();
        let served = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            serving.serve(listener, stopped).await.unwrap();
        });
        Self {
            gateway,
            address,
            clock,
            sink,
            bells,
            issuer,
            control,
            snapshot,
            producer,
            stop: Some(stop),
            served: Some(served),
        }
    }

    /// Ends the gateway: calls under way are finished.
    pub(crate) async fn end(mut self) {
        drop(self.stop.take());
        self.served.take().unwrap().await.unwrap();
    }

    pub(crate) fn follower(&self, copy: Option<std::path::PathBuf>) -> Follower {
        Follower::new(
            self.gateway.clone(),
            vec![self.control.verification_key().unwrap()],
            copy,
        )
    }

    /// Puts a changed snapshot in force.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Snapshot)) {
        self.snapshot.number += 1;
        change(&mut self.snapshot);
        let now = self.now();
        self.gateway
            .put_in_force(self.snapshot.clone(), now)
            .unwrap();
    }

    pub(crate) fn signed(&self) -> SignedSnapshot {
        SignedSnapshot::sign(&self.snapshot, &self.control).unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        use kit_time::Clock as _;
        self.clock.now()
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// The claims of a good token.
    pub(crate) fn claims(&self) -> Claims {
        Claims::new()
            .issuer(ISSUER)
            .subject("town")
            .audience(AUDIENCE)
            .lifetime(self.now().as_second(), 300)
            .id("t1")
            .with("client_id", "town")
            .with("environment", "test")
            .with(
                "accreditation",
                json!({ "id": ACCREDITATION.to_string(), "version": 3 }),
            )
    }

    pub(crate) fn sign(&self, claims: &Claims) -> String {
        let signing = Signing {
            typ: Some("at+jwt"),
            ..Signing::default()
        };
        sign(&self.issuer, &signing, &claims.to_bytes()).unwrap()
    }

    pub(crate) fn token(&self) -> String {
        self.sign(&self.claims())
    }

    /// A proof for a call of [`PATH`].
    pub(crate) fn proof(&self, key: &SigningKey, jti: &str, token: &str) -> String {
        let proof = NewProof {
            method: "GET",
            url: &format!("{PUBLIC_URL}{PATH}"),
            jti,
            now: self.now().as_second(),
            access_token: Some(token),
            nonce: None,
        };
        create(key, &proof).unwrap()
    }

    /// A good call, with what is told of it.
    pub(crate) async fn call(&self) -> Answered {
        self.get(&format!("{PATH}?{WHY}"), &self.token()).await
    }

    pub(crate) async fn get(&self, target: &str, token: &str) -> Answered {
        self.with_headers(target, &format!("Authorization: Bearer {token}\r\n"))
            .await
    }

    pub(crate) async fn with_headers(&self, target: &str, headers: &str) -> Answered {
        self.raw(&format!(
            "GET {target} HTTP/1.1\r\nHost: exchange.example\r\n{headers}\r\n"
        ))
        .await
    }

    pub(crate) async fn post(&self, target: &str, body: &str) -> Answered {
        let (token, length) = (self.token(), body.len());
        self.raw(&format!(
            "POST {target} HTTP/1.1\r\nHost: exchange.example\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
        .await
    }

    /// Sends bytes on a connection of their own and reads the answer.
    pub(crate) async fn raw(&self, request: &str) -> Answered {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        read_answer(&mut stream).await
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(crate) fn traces(&self) -> Vec<Trace> {
        self.sink.traces.lock().unwrap().clone()
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.producer.asked.lock().unwrap().clone()
    }
}

/// A stop by the producer.
pub(crate) fn stop(target: ports::exchange::StopTarget) -> Stop {
    Stop {
        id: Uuid::from_u128(9),
        producer: Some(PRODUCER),
        target,
        api: None,
        since: start(),
        reason: "Fuite présumée".to_owned(),
    }
}

/// Fails a test that waits for what never comes.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("it came in time")
}
