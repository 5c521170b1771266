//! A provider that lives in this process and says whatever a test wants.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use identity::ProviderSecret;
use identity::domain::ProviderForm;
use jose::claims::Claims;
use jose::jwk::{JwkSet, KeyKind, SigningKey};
use jose::jws::Signing;
use kit_time::{Clock as _, FixedClock};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::world::{Browser, ISSUER, Reply, World, root};

/// What it knows of the person who signs in.
pub(crate) const SUBJECT: &str = "subject-of-ada";

type Change = Box<dyn Fn(Claims) -> Claims + Send>;

/// What it does otherwise than a good one.
#[derive(Default)]
pub(crate) struct Lies {
    /// Changes the claims of identity tokens.
    pub(crate) id_token: Option<Change>,
    /// In place of identity tokens.
    pub(crate) raw_id_token: Option<String>,
    /// Members of the token endpoint's answer, added to the good one.
    pub(crate) token: Vec<(&'static str, Value)>,
    /// Members of its description, added to the good one.
    pub(crate) description: Vec<(&'static str, Value)>,
    /// In place of userinfo: type and body.
    pub(crate) userinfo: Option<(&'static str, String)>,
    /// Answers nothing at this path.
    pub(crate) silent_at: Option<&'static str>,
    /// Closes connections at this path.
    pub(crate) down_at: Option<&'static str>,
    /// Answers far too much at this path.
    pub(crate) huge_at: Option<&'static str>,
    /// Answers this status at the token endpoint.
    pub(crate) token_status: Option<u16>,
}

/// The provider.
pub(crate) struct Idp {
    pub(crate) issuer: String,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) lies: Arc<Mutex<Lies>>,
    /// What was asked of it, whole requests.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    /// Claims of the person, beside `sub`.
    pub(crate) person: Arc<Mutex<Value>>,
    /// The nonce of the question that a browser brought last.
    nonce: Arc<Mutex<String>>,
}

#[derive(Clone)]
struct Running {
    issuer: String,
    key: Arc<SigningKey>,
    lies: Arc<Mutex<Lies>>,
    asked: Arc<Mutex<Vec<String>>>,
    person: Arc<Mutex<Value>>,
    nonce: Arc<Mutex<String>>,
    clock: Arc<FixedClock>,
}

pub(crate) async fn idp(world: &World) -> Idp {
    idp_with(world, KeyKind::Es256).await
}

pub(crate) async fn idp_with(world: &World, kind: KeyKind) -> Idp {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let person = json!({ "email": "ada@x.example", "email_verified": true, "name": "Ada Martin" });
    let running = Running {
        issuer: format!("http://{address}"),
        key: Arc::new(SigningKey::generate(kind).unwrap()),
        lies: Arc::default(),
        asked: Arc::default(),
        person: Arc::new(Mutex::new(person)),
        nonce: Arc::default(),
        clock: world.clock.clone(),
    };
    let idp = Idp {
        issuer: running.issuer.clone(),
        key: running.key.clone(),
        lies: running.lies.clone(),
        asked: running.asked.clone(),
        person: running.person.clone(),
        nonce: running.nonce.clone(),
    };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, running.clone()));
        }
    });
    idp
}

async fn serve(mut stream: TcpStream, running: Running) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .and_then(|length| length.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                break;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let path = text.split(' ').nth(1).unwrap().to_owned();
    running.asked.lock().unwrap().push(text);
    let is = |at: Option<&'static str>| at.is_some_and(|at| path.starts_with(at));
    let (silent, down, huge) = {
        let lies = running.lies.lock().unwrap();
        (is(lies.silent_at), is(lies.down_at), is(lies.huge_at))
    };
    if silent {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    if down {
        return;
    }
    let (status, kind, mut body) = answer(&running, &path);
    if huge {
        body = format!("{{\"x\":\"{}\"}}", "x".repeat(100_000));
    }
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn answer(running: &Running, path: &str) -> (u16, &'static str, String) {
    let lies = running.lies.lock().unwrap();
    let issuer = &running.issuer;
    match path {
        "/.well-known/openid-configuration" => {
            let mut told = json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"),
                "userinfo_endpoint": format!("{issuer}/userinfo"),
                "jwks_uri": format!("{issuer}/keys"),
                "end_session_endpoint": format!("{issuer}/end"),
            });
            for (name, value) in &lies.description {
                told[*name] = value.clone();
            }
            (200, "application/json", told.to_string())
        }
        "/keys" => {
            let set = JwkSet {
                keys: vec![running.key.jwk()],
                skipped: Vec::new(),
            };
            (200, "application/json", set.to_json().to_string())
        }
        "/token" => {
            if let Some(status) = lies.token_status {
                let told = json!({ "error": "invalid_grant" });
                return (status, "application/json", told.to_string());
            }
            let now = running.clock.now().as_second();
            let mut claims = Claims::new()
                .issuer(issuer)
                .subject(SUBJECT)
                .audience("gouvernail")
                .lifetime(now, 60)
                .nonce(&running.nonce.lock().unwrap())
                .with("acr", "eidas1")
                .with("amr", json!(["pwd"]))
                .with("sid", "session-of-ada")
                .with("auth_time", now);
            if let Some(change) = &lies.id_token {
                claims = change(claims);
            }
            let token = lies.raw_id_token.clone();
            let token = token.unwrap_or_else(|| signed(&running.key, &claims, None));
            let mut told = json!({
                "access_token": "at",
                "token_type": "Bearer",
                "expires_in": 60,
                "id_token": token,
            });
            for (name, value) in &lies.token {
                told[*name] = value.clone();
            }
            (200, "application/json", told.to_string())
        }
        "/userinfo" => match &lies.userinfo {
            Some((kind, body)) => (200, kind, body.clone()),
            None => {
                let mut told = running.person.lock().unwrap().clone();
                told["sub"] = SUBJECT.into();
                (200, "application/json", told.to_string())
            }
        },
        _ => (404, "text/plain", String::new()),
    }
}

/// A token of a key.
pub(crate) fn signed(key: &SigningKey, claims: &Claims, typ: Option<&str>) -> String {
    let signing = Signing {
        typ,
        ..Signing::default()
    };
    jose::jws::sign(key, &signing, &claims.to_bytes()).unwrap()
}

/// What an operator registers of it.
pub(crate) fn provider_form(idp: &Idp, code: &str) -> ProviderForm {
    ProviderForm {
        code: code.into(),
        name: format!("Fournisseur {code}"),
        issuer: idp.issuer.clone(),
        client_id: "gouvernail".into(),
        domains: "x.example".into(),
        levels: "acr eidas1 = eidas1\nacr eidas2 = eidas2\namr mfa = eidas0-mfa".into(),
        acr_values: "eidas1".into(),
        ..ProviderForm::fresh()
    }
}

impl Idp {
    pub(crate) async fn register(&self, world: &World, form: &ProviderForm) -> Uuid {
        let secret = ProviderSecret("the secret that it gave".into());
        let root = root();
        let added = world.identity.register_provider(&root, form, &secret);
        added.await.unwrap()
    }

    pub(crate) fn lie(&self, change: impl FnOnce(&mut Lies)) {
        change(&mut self.lies.lock().unwrap());
    }

    /// Takes the question that a browser brings; gives it.
    pub(crate) fn question(&self, location: &str) -> BTreeMap<String, String> {
        let (to, query) = location.split_once('?').unwrap();
        assert_eq!(to, format!("{}/authorize", self.issuer));
        let asked: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes())
            .map(|(k, v)| (k.into_owned(), v.into_owned()))
            .collect();
        *self.nonce.lock().unwrap() = asked["nonce"].clone();
        asked
    }
}

impl Browser {
    /// Leaves for a provider; gives the question.
    pub(crate) async fn leave(
        &mut self,
        world: &World,
        idp: &Idp,
        code: &str,
        query: &str,
    ) -> BTreeMap<String, String> {
        let path = format!("/sign-in/with/{code}?{query}");
        let reply = self.get(world, &path).await;
        assert_eq!(reply.status.as_u16(), 302, "{}", reply.body);
        idp.question(reply.header("location"))
    }

    /// Comes back with a code for a question.
    pub(crate) async fn come_back(
        &mut self,
        world: &World,
        question: &BTreeMap<String, String>,
        more: &[(&str, &str)],
    ) -> Reply {
        let mut query = vec![("code", "c"), ("state", &question["state"])];
        query.extend_from_slice(more);
        let path = question["redirect_uri"].strip_prefix(ISSUER).unwrap();
        let path = format!("{path}?{}", crate::world::encoded(&query));
        self.get(world, &path).await
    }

    /// Goes there and back.
    pub(crate) async fn through(&mut self, world: &World, idp: &Idp, code: &str) -> Reply {
        let question = self.leave(world, idp, code, "return_to=/account").await;
        self.come_back(world, &question, &[]).await
    }
}

/// What a page says went wrong: the cause that the incident behind its code has.
pub(crate) async fn cause_of(world: &World, reply: &Reply) -> String {
    let code = reply
        .body
        .split_once("vous aide")
        .map_or("", |(_, rest)| rest)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find(|word| word.len() == 8)
        .unwrap_or_else(|| panic!("{} {}", reply.status, reply.body));
    let incident = world.identity.incident(&root(), code).await.unwrap();
    let incident = incident.unwrap();
    assert!(!incident.detail.contains('@'), "{}", incident.detail);
    incident.cause.code().to_owned()
}
