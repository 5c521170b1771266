//! A small State: a fund and a tax office that give data, a town that asks, a directorate.

use std::sync::Arc;

use directory::domain::OrganisationForm;
use directory::{Directory, SessionLimits};
use exchange::domain::{Act, ApiForm, ApiStatus, RequestForm, Terms};
use exchange::{Details, Exchange, ExchangePorts, ExchangeSettings, NewApi, NewRequest, ScopeForm};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use identity::Identity;
use identity::domain::ClientForm;
use kit_access::{Actor, Grant, Reach, Role};
use kit_db::{Db, Migration};
use kit_egress::{Egress, EgressSettings};
use kit_http::{Body, RateLimits, Router, Site, stack};
use kit_jobs::Jobs;
use kit_time::{FixedClock, Source};
use kit_ui::{Catalogue, Locale, Stylesheet};
use ports::roles::{DATA_PRODUCER, DATA_REQUESTER, INSTRUCTOR};
use tower::ServiceExt as _;
use uuid::Uuid;

pub(crate) const URL: &str = "https://g.example";
pub(crate) const PASSWORD: &str = "un long mot de passe";
pub(crate) const FUND_SIRET: &str = "13002526500013";
pub(crate) const TAX_SIRET: &str = "35600000049837";
pub(crate) const TOWN_SIRET: &str = "21750001600019";
pub(crate) const EDITOR_SIRET: &str = "73282932000074";

pub(crate) const QUOTIENT: &str = r"
openapi: 3.1.0
info: { title: Quotient familial, version: 1.0.0, description: Le quotient d’un foyer }
paths:
  /v1/foyers/{numero}:
    get:
      operationId: getQuotient
      summary: Quotient d’un foyer
      parameters:
        - { name: numero, in: path, required: true, schema: { type: string } }
      responses:
        '200':
          description: Trouvé
          content:
            application/json:
              schema:
                type: object
                properties:
                  quotient: { type: integer, description: En euros }
                  adresse: { type: string }
                  enfants:
                    type: array
                    items:
                      type: object
                      properties: { prenom: { type: string }, naissance: { type: string } }
";

pub(crate) const REVENU: &str = r#"{"openapi":"3.0.3","info":{"title":"Revenu fiscal","version":"2"},
"paths":{"/v1/revenu":{"get":{"operationId":"getRevenu","parameters":[
{"name":"numero","in":"query","required":true,"schema":{"type":"string"}}],
"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object",
"properties":{"revenu":{"type":"integer"},"parts":{"type":"number"}}}}}}}}}}}"#;

pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        identity::MIGRATIONS,
        exchange::MIGRATIONS,
    ]
    .concat()
}

pub(crate) fn root() -> Actor {
    Actor::system("test")
}

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) app: Router,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) directory: Directory,
    pub(crate) identity: Identity,
    pub(crate) exchange: Exchange,
    pub(crate) jobs: Jobs,
    pub(crate) fund: Uuid,
    pub(crate) tax: Uuid,
    pub(crate) town: Uuid,
    pub(crate) editor: Uuid,
    /// Keeps the fund's APIs.
    pub(crate) producer: Actor,
    /// Asks for the town.
    pub(crate) requester: Actor,
    /// Decides.
    pub(crate) instructor: Actor,
}

pub(crate) async fn world(db: Db) -> World {
    let clock = Arc::new(FixedClock::new("2026-03-02T08:00:00Z".parse().unwrap()));
    let source = Source::with_clock(clock.clone(), 1);
    let jobs = Jobs::new(db.clone(), source.clone());
    let limits = SessionLimits::default();
    let directory = Directory::new(db.clone(), source.clone(), jobs.clone(), limits, URL);
    let organisations = Arc::new(directory.organisations_port());
    let egress = Egress::new(EgressSettings::default(), source.clone()).unwrap();
    let identity = Identity::new(
        db.clone(),
        source.clone(),
        jobs.clone(),
        Arc::new(directory.accounts_port()),
        organisations.clone(),
        egress,
        URL,
    );
    let ports = ExchangePorts {
        organisations,
        parties: Arc::new(directory.parties_port()),
        issuer: Arc::new(identity.issuer_port()),
    };
    let settings = ExchangeSettings::of(URL);
    let exchange =
        Exchange::new(db.clone(), source.clone(), jobs.clone(), ports, settings).unwrap();
    // Producers of trials answer on this machine.
    let opened = EgressSettings {
        allowed: vec!["127.0.0.1".parse().unwrap()],
        ..EgressSettings::default()
    };
    let exchange = exchange.with_citizens(Arc::new(crate::citizen_world::CookieTells));
    let exchange = exchange.with_trials(Egress::new(opened, source.clone()).unwrap());
    let routes = exchange
        .routes()
        .merge(directory.routes())
        .merge(identity.routes());
    let words = directory::WORDS
        .into_iter()
        .chain(identity::WORDS)
        .chain(exchange::WORDS);
    let site = Site {
        protocol_paths: routes.protocol_paths(),
        catalogue: Arc::new(Catalogue::new(words).unwrap()),
        navigation: Vec::new(),
        service_name: "Gouvernail".into(),
        public_url: URL.into(),
        stylesheet: Stylesheet::Own,
        locale: Locale::Fr,
        source,
        authenticator: Arc::new(directory.clone()),
        rate_limits: RateLimits::per_minute(100_000, 100_000),
        trusted_proxies: 1,
        table_files: Arc::new(kit_http::NoTableFiles),
    };
    let app = stack(Arc::new(site), routes.router);
    let organisation = async |name: &str, siret: &str| {
        let form = OrganisationForm {
            kind: "operator".into(),
            name: name.into(),
            siret: siret.into(),
            ..OrganisationForm::default()
        };
        directory.add_organisation(&root(), &form).await.unwrap()
    };
    let fund = organisation("Caisse nationale des prestations", FUND_SIRET).await;
    let tax = organisation("Direction des impôts", TAX_SIRET).await;
    let town = organisation("Commune de Valclair", TOWN_SIRET).await;
    let editor = organisation("Logiciels du Val", EDITOR_SIRET).await;
    let producer = person(&directory, "Paul Prod", DATA_PRODUCER, Some(fund)).await;
    let requester = person(&directory, "Rosa Req", DATA_REQUESTER, Some(town)).await;
    let instructor = person(&directory, "Inès Inst", INSTRUCTOR, None).await;
    World {
        db,
        app,
        clock,
        directory,
        identity,
        exchange,
        jobs,
        fund,
        tax,
        town,
        editor,
        producer,
        requester,
        instructor,
    }
}

/// A person with one role, as the actor that it is when it signs in.
pub(crate) async fn person(
    directory: &Directory,
    name: &str,
    role: Role,
    organisation: Option<Uuid>,
) -> Actor {
    let email = format!(
        "{}@x.example",
        name.to_lowercase().replace('è', "e").replace(' ', ".")
    );
    let id = directory
        .add_person(&root(), name, &email, organisation)
        .await
        .unwrap();
    directory.set_password(id, PASSWORD).await.unwrap().unwrap();
    directory
        .grant(&root(), id, role.0, organisation)
        .await
        .unwrap();
    let reach = match organisation {
        None => Reach::State,
        Some(id) => Reach::Organisations(Arc::new([id].into())),
    };
    let role = role.0.to_owned();
    Actor::person(id, name, vec![Grant { role, reach }])
}

/// What a producer says of an API that others may see.
pub(crate) fn api_form(name: &str) -> ApiForm {
    ApiForm {
        name: name.into(),
        description: "Ce qu’un foyer perçoit.".into(),
        sensitivity: "personal".into(),
        legal_nature: "exchange".into(),
        legal_text: "CRPA, article L114-8".into(),
        per_minute: "60".into(),
        per_day: "10000".into(),
        contact: "api@x.example".into(),
        upstreams: "https://api.fund.example".into(),
        timeout_ms: "5000".into(),
        proof: "mutual-tls".into(),
        ..ApiForm::default()
    }
}

pub(crate) struct Published {
    pub(crate) api: Uuid,
    pub(crate) operation: Uuid,
}

impl World {
    pub(crate) async fn published(
        &self,
        producer: Uuid,
        prefix: &str,
        document: &str,
        scopes: &[(&str, &[&str])],
    ) -> Published {
        let new = NewApi {
            producer,
            prefix,
            document: document.as_bytes(),
        };
        let actor = root();
        let api = self.exchange.add_api(&actor, new).await.unwrap();
        self.exchange
            .change_api(&actor, api, 1, &api_form(prefix))
            .await
            .unwrap();
        let snapshot_name = if document == REVENU {
            "getRevenu"
        } else {
            "getQuotient"
        };
        for (code, fields) in scopes {
            let form = ScopeForm {
                tells_identity: false,
                code: (*code).into(),
                label: format!("Portée {code}"),
                fields: fields
                    .iter()
                    .map(|path| (snapshot_name.into(), (*path).into()))
                    .collect(),
            };
            self.exchange.add_scope(&actor, api, &form).await.unwrap();
        }
        let operation = self.operation_of(api).await;
        let subject = if document == REVENU {
            "query:numero"
        } else {
            "path:numero"
        };
        self.exchange
            .change_operation(&actor, operation, &[subject.into()], 2)
            .await
            .unwrap();
        self.exchange
            .set_status(&actor, api, ApiStatus::Published)
            .await
            .unwrap();
        Published { api, operation }
    }

    /// The id of the one operation of an API, from its page.
    pub(crate) async fn operation_of(&self, api: Uuid) -> Uuid {
        let statement = kit_db::Statement::new(
            "test.operation",
            "SELECT id FROM exchange_operation WHERE api_id = $1",
        );
        statement
            .bind(api)
            .one(&self.db, |row| row.get("id"))
            .await
            .unwrap()
    }

    /// The fund's and the tax office's APIs.
    pub(crate) async fn two_apis(&self) -> (Published, Published) {
        let quotient = self
            .published(
                self.fund,
                "cnp/quotient",
                QUOTIENT,
                &[
                    ("cnp_quotient", &["quotient"]),
                    ("cnp_enfants", &["enfants.*.prenom"]),
                ],
            )
            .await;
        let revenu = self
            .published(
                self.tax,
                "impots/revenu",
                REVENU,
                &[("impots_revenu", &["revenu"])],
            )
            .await;
        (quotient, revenu)
    }

    /// A request that is sent.
    pub(crate) async fn submitted(&self, form: RequestForm) -> Uuid {
        let new = NewRequest {
            requester: self.town,
            api: None,
        };
        let id = self
            .exchange
            .begin_request(&self.requester, new)
            .await
            .unwrap();
        let step = exchange::domain::Step::Contacts;
        let mistakes = self
            .exchange
            .save_step(&self.requester, id, 1, step, form)
            .await
            .unwrap();
        assert_eq!(mistakes, []);
        self.act(&self.requester, id, Act::Submit, "").await;
        id
    }

    pub(crate) async fn version(&self, id: Uuid) -> i64 {
        self.exchange
            .accreditation(&root(), id)
            .await
            .unwrap()
            .row_version
    }

    pub(crate) async fn act(&self, actor: &Actor, id: Uuid, act: Act, reason: &str) {
        self.try_act(actor, id, act, reason).await.unwrap();
    }

    pub(crate) async fn try_act(
        &self,
        actor: &Actor,
        id: Uuid,
        act: Act,
        reason: &str,
    ) -> Result<(), exchange::ExchangeError> {
        let details = Details {
            reason: reason.into(),
            terms: matches!(act, Act::Approve(_)).then(terms),
            to: String::new(),
        };
        let version = self.version(id).await;
        self.exchange.act(actor, id, version, act, &details).await
    }

    pub(crate) async fn approve(&self, id: Uuid) {
        self.act(&self.instructor, id, self.approval(), "").await;
    }

    pub(crate) fn approval(&self) -> Act {
        Act::Approve(kit_time::Clock::now(&*self.clock) + jiff::SignedDuration::from_hours(24))
    }

    /// An accreditation in force for both APIs, and them.
    pub(crate) async fn accredited(&self) -> (Uuid, Published, Published) {
        let (quotient, revenu) = self.two_apis().await;
        let form = request(
            &[quotient.api, revenu.api],
            &["cnp_quotient", "impots_revenu"],
        );
        let id = self.submitted(form).await;
        self.approve(id).await;
        (id, quotient, revenu)
    }

    /// The addresses to which mails wait, and their subjects.
    pub(crate) async fn mails(&self) -> Vec<(String, String)> {
        let jobs = self.jobs.newest_of("mail.send", 200).await.unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        jobs.iter()
            .map(|job| (text(&job.payload["to"]), text(&job.payload["subject"])))
            .collect()
    }

    /// A client of an organisation.
    pub(crate) async fn client(&self, organisation: Option<Uuid>) -> String {
        let form = ClientForm {
            name: "Guichet".into(),
            purpose: "Calculer".into(),
            organisation: organisation.map(|id| id.to_string()).unwrap_or_default(),
            profile: "standard".into(),
            auth_method: "client_secret_basic".into(),
            redirect_uris: "https://s.example/cb".into(),
            scopes: vec!["openid".into()],
            subject_type: "pairwise".into(),
            id_token_algorithm: "ES256".into(),
            ..ClientForm::default()
        };
        self.identity
            .register(&root(), &form)
            .await
            .unwrap()
            .client_id
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let header = |name: &str| {
            let value = parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let cookies = parts
            .headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next().map(str::to_owned))
            .collect();
        Answer {
            status: parts.status,
            location: header("location"),
            cookies,
            body: String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned(),
        }
    }

    pub(crate) async fn get(&self, path: &str, cookies: &str) -> Answer {
        let request = Request::builder().uri(path).header("cookie", cookies);
        self.send(
            request
                .header("accept-language", "fr")
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// The cookies of somebody who has signed in.
    pub(crate) async fn signed_in(&self, email: &str) -> String {
        let page = self.get("/sign-in", "").await;
        let form = page.cookies[0].clone();
        let token = page.token();
        let body = format!(
            "csrf_token={token}&email={email}&password={}&return_to=%2F",
            PASSWORD.replace(' ', "+")
        );
        let answer = self.post_raw("/sign-in", &form, body).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        format!("{form}; {}", answer.cookies[0])
    }

    pub(crate) async fn post_raw(&self, path: &str, cookies: &str, body: String) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("cookie", cookies)
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a form of ours.
    pub(crate) async fn post(&self, path: &str, cookies: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.get("/exchange/producer", cookies).await;
        let token = if token.status == StatusCode::OK {
            token.token()
        } else {
            self.get("/exchange/requests", cookies).await.token()
        };
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf_token", &token);
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        self.post_raw(path, cookies, body.finish()).await
    }
}

/// A whole request.
pub(crate) fn request(apis: &[Uuid], scopes: &[&str]) -> RequestForm {
    RequestForm {
        apis: apis.iter().map(ToString::to_string).collect(),
        scopes: scopes.iter().map(|one| (*one).to_owned()).collect(),
        title: "Tarif de la cantine".into(),
        description: "Calculer le tarif sans redemander d’avis.".into(),
        purposes: "cantine : Tarif de la cantine".into(),
        expected_start: ["1".into(), "9".into(), "2026".into()],
        per_minute: "30".into(),
        per_day: "2000".into(),
        legal_nature: "exchange".into(),
        legal_text: "CRPA, article L114-8".into(),
        recipients: TOWN_SIRET.into(),
        retention_months: "12".into(),
        modalities: vec!["identifier".into()],
        contacts: std::array::from_fn(|at| ["Ada".into(), format!("contact{at}@town.example")]),
        ..RequestForm::default()
    }
}

pub(crate) fn terms() -> Terms {
    Terms {
        months: 24,
        per_minute: 20,
        per_day: 1_000,
        keys_allowed: true,
        hidden_days: 0,
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
}

impl Answer {
    /// The proof of origin that forms carry.
    pub(crate) fn token(&self) -> String {
        let (_, rest) = self
            .body
            .split_once("name=\"csrf_token\" value=\"")
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}
