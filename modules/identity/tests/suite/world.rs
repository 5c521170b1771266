//! A platform with one person, browsers that do what they are asked, services that call.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use directory::{Directory, SessionLimits};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use identity::domain::ClientForm;
use identity::{Identity, NewService};
use jose::claims::Claims;
use kit_access::Actor;
use kit_db::{Db, Migration};
use kit_egress::{Egress, EgressSettings};
use kit_http::{Body, RateLimits, Router, Site, stack};
use kit_jobs::Jobs;
use kit_time::{FixedClock, Source};
use kit_ui::{Catalogue, Locale, Stylesheet};
use serde_json::Value;
use tower::ServiceExt as _;
use uuid::Uuid;

pub(crate) const ISSUER: &str = "https://g.example";
pub(crate) const CALLBACK: &str = "https://s.example/cb";
pub(crate) const PASSWORD: &str = "un long mot de passe";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        identity::MIGRATIONS,
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
    pub(crate) jobs: Jobs,
    pub(crate) ada: Uuid,
}

/// The platform on a database; `seed` makes the randomness of one process.
pub(crate) fn process(
    db: &Db,
    clock: &Arc<FixedClock>,
    seed: u64,
) -> (Router, Directory, Identity, Jobs) {
    process_with(db, clock, seed, None)
}

/// The same with the mock providers, which reach the process at `back`.
pub(crate) fn process_with(
    db: &Db,
    clock: &Arc<FixedClock>,
    seed: u64,
    back: Option<&str>,
) -> (Router, Directory, Identity, Jobs) {
    let source = Source::with_clock(clock.clone(), seed);
    let jobs = Jobs::new(db.clone(), source.clone());
    let limits = SessionLimits::default();
    let directory = Directory::new(db.clone(), source.clone(), jobs.clone(), limits, ISSUER);
    let egress = EgressSettings {
        // Where the providers and services of tests listen.
        allowed: vec!["127.0.0.1".parse().unwrap()],
        timeout: std::time::Duration::from_millis(600),
        connect_timeout: std::time::Duration::from_millis(300),
        answer_bytes_max: 64 << 10,
        ..EgressSettings::default()
    };
    let egress = Egress::new(egress, source.clone()).unwrap();
    let identity = Identity::new(
        db.clone(),
        source.clone(),
        jobs.clone(),
        Arc::new(directory.accounts_port()),
        Arc::new(directory.organisations_port()),
        egress,
        ISSUER,
    )
    .with_client_certificates(identity::ClientCertificates {
        header: "client-cert".into(),
        verdict_header: Some("client-verify".into()),
        proxies: vec!["10.0.0.1/32".parse().unwrap()],
    })
    .with_accreditations(Arc::new(crate::accredited::OneAccreditation));
    let identity = match back {
        Some(back) => identity.with_mock_providers(back),
        None => identity,
    };
    let choices = Arc::new(identity.sign_in_port());
    let directory = directory.with_sign_in_choices(choices);
    let routes = identity.routes().merge(directory.routes());
    let words = directory::WORDS.into_iter().chain(identity::WORDS);
    let site = Site {
        protocol_paths: routes.protocol_paths(),
        catalogue: Arc::new(Catalogue::new(words).unwrap()),
        navigation: Vec::new(),
        service_name: "Gouvernail".into(),
        public_url: ISSUER.into(),
        stylesheet: Stylesheet::Own,
        locale: Locale::Fr,
        source,
        authenticator: Arc::new(directory.clone()),
        rate_limits: RateLimits::per_minute(100_000, 100_000),
        trusted_proxies: 1,
        table_files: Arc::new(kit_http::NoTableFiles),
    };
    let app = stack(Arc::new(site), routes.router);
    (app, directory, identity, jobs)
}

pub(crate) async fn world(db: Db) -> World {
    world_with(db, None).await
}

/// The same with the mock providers, which answer the process's own calls on a port of this machine.
pub(crate) async fn world_with_mocks(db: Db) -> World {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let back = format!("http://{}", listener.local_addr().unwrap());
    let world = world_with(db, Some(&back)).await;
    let app = world.app.clone();
    tokio::spawn(kit_http::serve(listener, app, std::future::pending()));
    world.identity.prepare_mocks(&root()).await.unwrap();
    world
}

async fn world_with(db: Db, back: Option<&str>) -> World {
    let clock = Arc::new(FixedClock::new("2026-03-01T08:00:00Z".parse().unwrap()));
    let (app, directory, identity, jobs) = process_with(&db, &clock, 1, back);
    let ada = directory
        .add_person(&root(), "Ada Martin", "ada@x.example", None)
        .await
        .unwrap();
    directory
        .set_password(ada, PASSWORD)
        .await
        .unwrap()
        .unwrap();
    World {
        db,
        app,
        clock,
        directory,
        identity,
        jobs,
        ada,
    }
}

/// A service that asks for everything and proves itself by the header.
pub(crate) fn form() -> ClientForm {
    let texts = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
    ClientForm {
        name: "Guichet".into(),
        purpose: "Suivre ses demandes".into(),
        profile: "standard".into(),
        auth_method: "client_secret_basic".into(),
        redirect_uris: CALLBACK.into(),
        post_logout_redirect_uris: "https://s.example/bye".into(),
        scopes: texts(&["openid", "profile", "email", "offline_access"]),
        subject_type: "pairwise".into(),
        id_token_algorithm: "ES256".into(),
        refreshes: true,
        ..ClientForm::default()
    }
}

impl World {
    pub(crate) fn clock_seconds(&self) -> i64 {
        kit_time::Clock::now(&*self.clock).as_second()
    }

    pub(crate) async fn service(&self, form: &ClientForm) -> Service {
        let new = self.identity.register(&root(), form).await.unwrap();
        Service { new }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        send(&self.app, request).await
    }

    /// A call of a program.
    pub(crate) async fn call(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Reply {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(encoded(form))).unwrap())
            .await
    }

    pub(crate) async fn read(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn userinfo(&self, token: &str) -> Reply {
        let bearer = format!("Bearer {token}");
        self.read("/api/v2/userinfo", &[("authorization", &bearer)])
            .await
    }

    /// The code of a whole sign-in, with `more` in the request.
    pub(crate) async fn code(
        &self,
        browser: &mut Browser,
        service: &Service,
        more: &[(&str, &str)],
    ) -> String {
        let back = browser.sign_in_to(self, service, more).await;
        back.get("code")
            .unwrap_or_else(|| panic!("{back:?}"))
            .clone()
    }

    /// The tokens of a whole sign-in.
    pub(crate) async fn tokens(
        &self,
        browser: &mut Browser,
        service: &Service,
        more: &[(&str, &str)],
    ) -> Tokens {
        let code = self.code(browser, service, more).await;
        let reply = service.exchange(self, &code, &[]).await;
        Tokens::of(&reply)
    }

    /// What a token of ours says, its signature checked against the published keys.
    pub(crate) async fn claims(&self, token: &str) -> Claims {
        let keys = self.read("/api/v2/jwks", &[]).await;
        let set = jose::jwk::JwkSet::parse(keys.body.as_bytes()).unwrap();
        let all: Vec<_> = jose::Algorithm::ALL
            .into_iter()
            .flat_map(|algorithm| set.verification_keys(algorithm))
            .collect();
        let typ = jose::jws::Typ::AbsentOr(&["JWT", "logout+jwt", "token-introspection+jwt"]);
        jose::jws::verify_any(token, &all, typ, &jose::Limits::SIGNED)
            .unwrap()
            .claims()
            .unwrap()
    }
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Reply {
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Reply {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

pub(crate) fn encoded(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }
}

#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) id: String,
}

impl Tokens {
    pub(crate) fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        assert_eq!(reply.header("cache-control"), "no-store");
        let json = reply.json();
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        Self {
            access: text("access_token").unwrap(),
            refresh: text("refresh_token"),
            id: text("id_token").unwrap(),
        }
    }
}

pub(crate) struct Service {
    pub(crate) new: NewService,
}

impl Service {
    pub(crate) fn secret(&self) -> &str {
        self.new.secret.as_ref().map_or("", |secret| &secret.0)
    }

    pub(crate) fn basic(&self) -> String {
        let pair = format!("{}:{}", self.new.client_id, self.secret());
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        format!("Basic {encoded}")
    }

    pub(crate) async fn call(&self, world: &World, path: &str, form: &[(&str, &str)]) -> Reply {
        let basic = self.basic();
        world.call(path, &[("authorization", &basic)], form).await
    }

    pub(crate) async fn exchange(&self, world: &World, code: &str, more: &[(&str, &str)]) -> Reply {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
        ];
        form.extend_from_slice(more);
        self.call(world, "/api/v2/token", &form).await
    }

    pub(crate) async fn refresh(&self, world: &World, token: &str) -> Reply {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.call(world, "/api/v2/token", &form).await
    }

    /// The address of an authorization request.
    pub(crate) fn address(&self, more: &[(&str, &str)]) -> String {
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", self.new.client_id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", "st"),
            ("nonce", "no"),
        ];
        for (name, value) in more {
            query.retain(|(known, _)| known != name);
            if !value.is_empty() {
                query.push((name, value));
            }
        }
        format!("/api/v2/authorize?{}", encoded(&query))
    }
}

/// A browser: it keeps cookies, signs in when asked, agrees when asked.
#[derive(Default)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
    /// Pages that it went through, by path.
    pub(crate) went: Vec<String>,
    /// Whether it says no.
    pub(crate) refuses: bool,
}

impl Browser {
    pub(crate) async fn request(
        &mut self,
        app: &Router,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Reply {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", cookies.join("; "))
            .header("accept", "text/html")
            .header("accept-language", "fr");
        if body.is_some() {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin");
        }
        let body = body.map_or_else(Body::empty, Body::from);
        let reply = send(app, request.body(body).unwrap()).await;
        for cookie in reply.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        self.went.push(path.split('?').next().unwrap().to_owned());
        reply
    }

    pub(crate) async fn get(&mut self, world: &World, path: &str) -> Reply {
        self.request(&world.app, Method::GET, path, None).await
    }

    /// Sends a form of the page that was got before, with its proof of origin.
    pub(crate) async fn submit(
        &mut self,
        world: &World,
        page: &Reply,
        path: &str,
        form: &[(&str, &str)],
    ) -> Reply {
        let token = between(&page.body, "name=\"csrf_token\" value=\"", "\"");
        let mut all = vec![("csrf_token", token)];
        all.extend_from_slice(form);
        self.request(&world.app, Method::POST, path, Some(encoded(&all)))
            .await
    }

    /// Goes through an authorization request; gives the parameters with which it comes back, or
    /// those of a page that ended it (`page`).
    pub(crate) async fn sign_in_to(
        &mut self,
        world: &World,
        service: &Service,
        more: &[(&str, &str)],
    ) -> BTreeMap<String, String> {
        self.follow(world, &service.address(more)).await
    }

    pub(crate) async fn follow(
        &mut self,
        world: &World,
        address: &str,
    ) -> BTreeMap<String, String> {
        let mut reply = self.get(world, address).await;
        for _ in 0..12 {
            let refresh = reply.header("refresh").to_owned();
            let location = match refresh.strip_prefix("0; url=") {
                Some(address) => address.to_owned(),
                None => reply.header("location").to_owned(),
            };
            if location.starts_with("https://") {
                let query = location.split_once('?').map_or("", |(_, query)| query);
                let mut back: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes())
                    .map(|(k, v)| (k.into_owned(), v.into_owned()))
                    .collect();
                back.insert("to".into(), location.split('?').next().unwrap().into());
                return back;
            }
            if !location.is_empty() {
                reply = self.get(world, &location).await;
                continue;
            }
            let action = between(&reply.body, "<form action=\"", "\"").to_owned();
            let action = if action.is_empty() {
                between(&reply.body, "action=\"/connect", "\"").to_owned()
            } else {
                action
            };
            if reply.body.contains("action=\"/sign-in/email\"") {
                // The address first: this person goes by its password.
                let back = between(&reply.body, "href=\"/sign-in?", "\"");
                let path = format!("/sign-in?{back}").replace("&#38;", "&");
                reply = self.get(world, &path.replace("&amp;", "&")).await;
            } else if reply.body.contains("name=\"password\"") {
                let back = between(&reply.body, "name=\"return_to\" value=\"", "\"");
                let back = back.replace("&#38;", "&").replace("&amp;", "&");
                let form = [
                    ("email", "ada@x.example"),
                    ("password", PASSWORD),
                    ("return_to", back.as_str()),
                ];
                reply = self.submit(world, &reply, "/sign-in", &form).await;
            } else if reply.body.contains("name=\"decision\"") {
                let path = self.went.last().cloned().unwrap();
                let path = if path.starts_with("/connect/") {
                    path
                } else {
                    let ticket = between(&reply.body, "action=\"/connect/", "\"");
                    format!("/connect/{ticket}")
                };
                let decision = if self.refuses { "deny" } else { "allow" };
                reply = self
                    .submit(world, &reply, &path, &[("decision", decision)])
                    .await;
            } else {
                let mut page = BTreeMap::new();
                page.insert("page".to_owned(), reply.body.clone());
                page.insert("status".to_owned(), reply.status.as_u16().to_string());
                page.insert("action".to_owned(), action);
                return page;
            }
        }
        panic!("the browser goes round and round: {:?}", self.went);
    }

    pub(crate) fn session(&self) -> Option<&str> {
        self.cookies
            .get(kit_http::SESSION_COOKIE)
            .map(String::as_str)
    }
}

pub(crate) fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    text.split_once(before)
        .and_then(|(_, rest)| rest.split_once(after))
        .map_or("", |(found, _)| found)
}
