//! A small exchange on a platform that serves: a producer that answers, a town that was accredited,
//! the gateway of the process, and what a service sends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use directory::domain::OrganisationForm;
use exchange::domain::{Act, ApiForm, ApiStatus, RequestForm, Step, Terms};
use exchange::{Details, NewApi, NewRequest, OperationForm, ScopeForm};
use identity::NewService;
use identity::domain::ClientForm;
use jiff::SignedDuration;
use jose::dpop::NewProof;
use jose::jwk::{KeyKind, SigningKey};
use kit_access::{Actor, Grant, Reach};
use kit_db::Db;
use kit_http::{Body, Method, Router};
use kit_time::{Clock as _, FixedClock, Source};
use ports::roles::ADMINISTRATOR;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use super::{Answer, request, send};
use crate::app::Platform;
use crate::settings::{self, Settings};

/// Where browsers and services believe that the platform is.
pub(super) const ISSUER: &str = "https://g.example";
/// Whom tokens of the exchange are for.
pub(super) const AUDIENCE: &str = "https://g.example/exchange";
/// The town's number.
pub(super) const TOWN_SIRET: &str = "99900030000015";
/// The operation by the civil register, with what every call says.
pub(super) const QUOTIENTS: &str = "/cnp/quotient-familial/v1/quotients";
/// What every call says.
pub(super) const WHY: &str = "context=cantine&object=Dossier%2012&recipient=99900030000015";
/// Somebody whom the town names by its civil status.
pub(super) const PERSON: &str =
    "nomNaissance=Fonteneau&prenoms=Elodie&dateNaissance=1962-08-24&communeNaissance=75107";
const PRODUCER_SIRET: &str = "99900010200015";
const DOCUMENT: &str = include_str!("../../demo/quotient-familial.yaml");
const ANSWER: &str = r#"{"quotientFamilial":850,"adresse":{"commune":"Valclair"}}"#;

/// The platform, and whoever meets on it.
pub(super) struct Market {
    pub(super) platform: Platform,
    pub(super) app: Router,
    pub(super) clock: Arc<FixedClock>,
    pub(super) producer: Uuid,
    pub(super) town: Uuid,
    pub(super) accreditation: Uuid,
    /// What the producer was asked: heads of requests.
    pub(super) asked: Arc<Mutex<Vec<String>>>,
    /// Where the gateway's log and keys stand; it goes with the market.
    _folder: tempfile::TempDir,
}

fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn system() -> Actor {
    Actor::system("test")
}

impl Market {
    /// A platform of an environment, whose requests by itself come back to it.
    pub(super) async fn open(db: &Db, environment: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let flags = [
            format!("server.public_url={ISSUER}"),
            text("limits.requests_per_minute=1000000"),
            format!("exchange.environment={environment}"),
            text("exchange.gateway_listen=127.0.0.1:0"),
        ];
        let read = settings::read(folder.path(), None, Vec::new(), flags.to_vec()).unwrap();
        let settings = Settings {
            mock_providers: true,
            listen: listener.local_addr().unwrap(),
            ..Settings::of(folder.path(), &read).unwrap()
        };
        let clock = Arc::new(FixedClock::new("2026-03-01T08:00:00Z".parse().unwrap()));
        let source = Source::with_clock(clock.clone(), 1);
        let files = kit_files::Files::in_memory();
        let platform = Platform::on(settings, db.clone(), source, files).unwrap();
        let app = platform.router().unwrap();
        let serving = kit_http::serve(listener, app.clone(), std::future::pending());
        tokio::spawn(serving);
        let mocks = platform.identity.prepare_mocks(&system()).await;
        mocks.unwrap();
        let mut bodies = Vec::new();
        for (name, siret) in [("Caisse", PRODUCER_SIRET), ("Valclair", TOWN_SIRET)] {
            let form = OrganisationForm {
                name: text(name),
                kind: text("other"),
                siret: text(siret),
                ..OrganisationForm::default()
            };
            let added = platform.directory.add_organisation(&system(), &form).await;
            bodies.push(added.unwrap());
        }
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let upstream = answering(asked.clone()).await;
        let (producer, town) = (bodies[0], bodies[1]);
        let api = offer(&platform, producer, &upstream).await;
        Self {
            accreditation: accredit(&platform, town, api).await,
            platform,
            app,
            clock,
            producer,
            town,
            asked,
            _folder: folder,
        }
    }

    pub(super) fn seconds(&self) -> i64 {
        self.clock.now().as_second()
    }

    /// Registers a service of the town, which may use the accreditation.
    pub(super) async fn service(&self, form: ClientForm) -> NewService {
        let form = ClientForm {
            purpose: text("Calculer un tarif"),
            organisation: self.town.to_string(),
            profile: text("standard"),
            auth_method: text("client_secret_post"),
            redirect_uris: text("https://s.example/cb"),
            subject_type: text("pairwise"),
            id_token_algorithm: text("ES256"),
            ..form
        };
        let registered = self.platform.identity.register(&system(), &form).await;
        let new = registered.unwrap_or_else(|error| panic!("{error:?}"));
        let exchange = &self.platform.exchange;
        let actor = system();
        let named = exchange.name_client(&actor, self.accreditation, &new.client_id);
        named.await.unwrap();
        new
    }

    /// Asks the token endpoint as a service that holds a key.
    pub(super) async fn token(
        &self,
        service: &NewService,
        key: Option<&SigningKey>,
        more: &[(&str, &str)],
    ) -> Answer {
        let secret = service.secret.as_ref().map_or("", |secret| &secret.0);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("client_id", &service.client_id);
        form.append_pair("client_secret", secret);
        form.extend_pairs(more);
        let mut asking = request(Method::POST, "/api/v2/token", "")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(key) = key {
            let url = format!("{ISSUER}/api/v2/token");
            asking = asking.header("dpop", self.proof(key, "POST", &url, None));
        }
        send(&self.app, asking.body(Body::from(form.finish())).unwrap()).await
    }

    /// A proof of possession, used once.
    fn proof(&self, key: &SigningKey, method: &str, url: &str, token: Option<&str>) -> String {
        let proof = NewProof {
            method,
            url,
            jti: &self.platform.source.new_id().to_string(),
            now: self.seconds(),
            access_token: token,
            nonce: None,
        };
        jose::dpop::create(key, &proof).unwrap()
    }

    /// Opens the gateway of this process; gives its address once it knows what is in force.
    pub(super) async fn gateway(&self) -> String {
        let url = crate::data_plane::open(&self.platform).await.unwrap();
        let url = url.unwrap();
        until(async || {
            let answer = self.call_plainly(&url, QUOTIENTS).await;
            (answer.1["code"] == "token-missing").then_some(())
        })
        .await;
        url
    }

    async fn call_plainly(&self, gateway: &str, target: &str) -> (u16, Value) {
        self.ask(gateway, target, "").await
    }

    /// Calls a gateway with a token that is bound to a key.
    pub(super) async fn call(
        &self,
        gateway: &str,
        query: &str,
        token: &str,
        key: &SigningKey,
    ) -> (u16, Value) {
        let proof = self.proof(key, "GET", &format!("{gateway}{QUOTIENTS}"), Some(token));
        let headers = format!("Authorization: DPoP {token}\r\nDPoP: {proof}\r\n");
        let target = format!("{QUOTIENTS}?{query}");
        self.ask(gateway, &target, &headers).await
    }

    async fn ask(&self, gateway: &str, target: &str, headers: &str) -> (u16, Value) {
        let host = gateway.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.unwrap();
        let asking =
            format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(asking.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let status = answer[9..12].parse().unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        // Data is streamed in chunks, whose lengths stand on lines of their own.
        let json = body.lines().find(|line| line.starts_with('{'));
        (
            status,
            serde_json::from_str(json.unwrap_or("null")).unwrap(),
        )
    }
}

pub(super) fn key() -> SigningKey {
    SigningKey::generate(KeyKind::Es256).unwrap()
}

/// Looks until something is there: what gateways hear takes a moment of the machine's clock.
pub(super) async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(20), looking).await;
    found.expect("it came in time")
}

/// A producer that tells everybody the same.
async fn answering(asked: Arc<Mutex<Vec<String>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(move |request: axum::http::Request<Body>| {
        let asked = asked.clone();
        async move {
            let mut head = format!("{} {}\n", request.method(), request.uri());
            for (name, value) in request.headers() {
                head.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
            }
            asked.lock().unwrap().push(head);
            ([("content-type", "application/json")], ANSWER)
        }
    });
    tokio::spawn(kit_http::serve(listener, app, std::future::pending()));
    address
}

async fn offer(platform: &Platform, producer: Uuid, upstream: &str) -> Uuid {
    let (exchange, actor) = (&platform.exchange, system());
    let new = NewApi {
        producer,
        prefix: "cnp/quotient-familial",
        document: DOCUMENT.as_bytes(),
    };
    let api = exchange.add_api(&actor, new).await.unwrap();
    let form = ApiForm {
        name: text("Quotient familial"),
        description: text("Le quotient familial d’un foyer."),
        sensitivity: text("personal"),
        legal_nature: text("exchange"),
        legal_text: text("CRPA, article L114-8"),
        legal_url: text("https://www.legifrance.gouv.fr/"),
        per_minute: text("100"),
        per_day: text("1000"),
        service_level: text("Toujours."),
        contact: text("api@cnp.example"),
        upstreams: text(upstream),
        timeout_ms: text("5000"),
        proof: text("none"),
        ..ApiForm::default()
    };
    exchange.change_api(&actor, api, 1, &form).await.unwrap();
    let by_status = "getQuotientFamilialParEtatCivil";
    for (code, label, field, tells_identity) in [
        (
            "cnp_quotient",
            "Quotient familial",
            "quotientFamilial",
            false,
        ),
        ("cnp_adresse", "Adresse", "adresse", true),
    ] {
        let scope = ScopeForm {
            tells_identity,
            code: text(code),
            label: text(label),
            fields: vec![(text(by_status), text(field))],
        };
        exchange.add_scope(&actor, api, &scope).await.unwrap();
    }
    let operations = exchange.operations(&actor, api).await.unwrap();
    let facts = [
        ("query:nomNaissance", "family-name"),
        ("query:prenoms", "given-names"),
        ("query:dateNaissance", "birth-date"),
        ("query:communeNaissance", "birthplace"),
    ];
    let form = OperationForm {
        subject: facts.iter().map(|(name, _)| text(name)).collect(),
        facts: facts
            .iter()
            .map(|(name, fact)| (text(name), text(fact)))
            .collect(),
        pieces_saved: 1,
        citizen_calls: text("open"),
        level_min: text("2"),
        ..OperationForm::default()
    };
    let described = exchange.describe_operation(&actor, operations[1], &form);
    described.await.unwrap_or_else(|error| panic!("{error:?}"));
    let number = [text("path:numeroAllocataire")];
    let changed = exchange.change_operation(&actor, operations[0], &number, 1);
    changed.await.unwrap();
    let published = exchange.set_status(&actor, api, ApiStatus::Published);
    published.await.unwrap();
    api
}

async fn accredit(platform: &Platform, town: Uuid, api: Uuid) -> Uuid {
    let (exchange, asker) = (&platform.exchange, system());
    let new = NewRequest {
        requester: town,
        api: None,
    };
    let id = exchange.begin_request(&asker, new).await.unwrap();
    let contact = || [text("Awa Diop"), text("awa.diop@valclair.example")];
    let form = RequestForm {
        apis: vec![api.to_string()],
        scopes: vec![text("cnp_quotient"), text("cnp_adresse")],
        title: text("Cantine"),
        description: text("Calculer le tarif sans redemander de justificatif."),
        purposes: text("cantine : Calculer le tarif de la cantine"),
        expected_start: [text("1"), text("9"), text("2026")],
        per_minute: text("60"),
        per_day: text("1000"),
        legal_nature: text("exchange"),
        legal_text: text("CRPA, article L114-8"),
        recipients: text(TOWN_SIRET),
        retention_months: text("12"),
        modalities: vec![text("parameters"), text("citizen-session")],
        contacts: [contact(), contact(), contact(), contact()],
        ..RequestForm::default()
    };
    let saved = exchange.save_step(&asker, id, 1, Step::Contacts, form);
    saved.await.unwrap();
    let none = Details::default();
    let sent = exchange.act(&asker, id, 2, Act::Submit, &none);
    sent.await.unwrap_or_else(|error| panic!("{error:?}"));
    let grant = Grant {
        role: ADMINISTRATOR.0.to_owned(),
        reach: Reach::State,
    };
    let instructor = Actor::person(platform.source.new_id(), "Hugo Marchand", vec![grant]);
    let yes = Details {
        reason: text("Proportionné."),
        terms: Some(Terms {
            months: 24,
            per_minute: 60,
            per_day: 1_000,
            keys_allowed: false,
            hidden_days: 0,
        }),
        to: String::new(),
    };
    let tomorrow = platform.source.now() + SignedDuration::from_hours(24);
    let approved = exchange.act(&instructor, id, 3, Act::Approve(tomorrow), &yes);
    approved.await.unwrap_or_else(|error| panic!("{error:?}"));
    id
}
