//! Browsers: with cookies and an address, with a passkey of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::Directory;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use kit_http::{Body, RateLimits, Router, Site, stack};
use kit_time::Source;
use kit_ui::{Catalogue, Locale, Stylesheet};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;

/// The directory behind the stack.
pub(crate) fn app(directory: &Directory, source: Source) -> Router {
    let routes = directory.routes();
    let site = Site {
        protocol_paths: routes.protocol_paths(),
        catalogue: Arc::new(Catalogue::new(directory::WORDS).unwrap()),
        navigation: Vec::new(),
        service_name: "Gouvernail".into(),
        public_url: "https://g.example".into(),
        stylesheet: Stylesheet::Own,
        locale: Locale::Fr,
        source,
        authenticator: Arc::new(directory.clone()),
        rate_limits: RateLimits::per_minute(100_000, 100_000),
        trusted_proxies: 1,
        table_files: Arc::new(kit_http::NoTableFiles),
    };
    stack(Arc::new(site), routes.router)
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
}

pub(crate) struct Browser {
    app: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    address: &'static str,
    token: String,
}

impl Browser {
    pub(crate) fn new(app: &Router, address: &'static str) -> Self {
        Self {
            app: app.clone(),
            cookies: BTreeMap::new(),
            address,
            token: String::new(),
        }
    }

    async fn send(&mut self, method: Method, path: &str, kind: &str, body: String) -> Reply {
        let cookies = self.cookies.iter();
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", cookies.join("; "))
            .header("accept", "text/html")
            .header("accept-language", "fr")
            .header("content-type", kind)
            .header("sec-fetch-site", "same-origin")
            .header("user-agent", "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
            .header("x-forwarded-for", self.address)
            .body(Body::from(body))
            .unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(
                cookie.contains("; Secure; HttpOnly; SameSite=Lax"),
                "{cookie}"
            );
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let found = body.split_once("name=\"csrf_token\" value=\"");
        if let Some((token, _)) = found.and_then(|(_, rest)| rest.split_once('"')) {
            self.token = token.to_owned();
        }
        let location = parts.headers.get("location");
        Reply {
            status: parts.status,
            location: location.map_or("", |to| to.to_str().unwrap()).to_owned(),
            body,
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, "text/plain", String::new())
            .await
    }

    /// Sends a form of the page that was read before.
    pub(crate) async fn submit(&mut self, path: &str, form: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf_token", &self.token)
            .extend_pairs(form)
            .finish();
        let kind = "application/x-www-form-urlencoded";
        self.send(Method::POST, path, kind, body).await
    }

    /// What the page's script does.
    pub(crate) async fn ask(&mut self, path: &str) -> Value {
        let reply = self.send(Method::POST, path, "application/json", "{}".into());
        let reply = reply.await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        serde_json::from_str(&reply.body).unwrap()
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Reply {
        self.get("/sign-in").await;
        let form = [
            ("email", email),
            ("password", password),
            ("return_to", "/account"),
        ];
        self.submit("/sign-in", &form).await
    }
}

/// A passkey on a device, as a browser uses it.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    id: [u8; 16],
    handle: Vec<u8>,
    pub(crate) count: u32,
    pub(crate) origin: &'static str,
}

impl Authenticator {
    pub(crate) fn new(id: u8) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id: [id; 16],
            handle: Vec::new(),
            count: 1,
            origin: "https://g.example",
        }
    }

    /// It says that it is another person's.
    pub(crate) fn of(&mut self, person: Uuid) {
        self.handle = person.as_bytes().to_vec();
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> Vec<u8> {
        let challenge = options["challenge"].as_str().unwrap();
        let data = json!({ "type": ceremony, "challenge": challenge, "origin": self.origin });
        serde_json::to_vec(&data).unwrap()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, b"g.example").as_ref().to_vec();
        data.push(flags);
        data.extend_from_slice(&self.count.to_be_bytes());
        data
    }

    /// `navigator.credentials.create`.
    pub(crate) fn create(&mut self, options: &Value) -> String {
        assert_eq!(
            options["authenticatorSelection"]["userVerification"],
            "required"
        );
        assert_eq!(options["attestation"], "none");
        self.handle = URL_SAFE_NO_PAD
            .decode(options["user"]["id"].as_str().unwrap())
            .unwrap();
        let mut data = self.data(0x45);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&[0, 16]);
        data.extend_from_slice(&self.id);
        let point = self.key.public_key().as_ref();
        data.extend_from_slice(&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend_from_slice(&point[1..33]);
        data.extend_from_slice(&[0x22, 0x58, 32]);
        data.extend_from_slice(&point[33..]);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(data.len() as u8);
        object.extend_from_slice(&data);
        json!({
            "id": URL_SAFE_NO_PAD.encode(self.id),
            "clientData": URL_SAFE_NO_PAD.encode(self.client_data("webauthn.create", options)),
            "attestationObject": URL_SAFE_NO_PAD.encode(object),
        })
        .to_string()
    }

    /// `navigator.credentials.get`.
    pub(crate) fn get(&mut self, options: &Value) -> String {
        assert_eq!(options["userVerification"], "required");
        self.count += 1;
        let client_data = self.client_data("webauthn.get", options);
        let data = self.data(0x05);
        let signed = [&data, digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": URL_SAFE_NO_PAD.encode(self.id),
            "clientData": URL_SAFE_NO_PAD.encode(&client_data),
            "authenticatorData": URL_SAFE_NO_PAD.encode(&data),
            "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
            "userHandle": URL_SAFE_NO_PAD.encode(&self.handle),
        })
        .to_string()
    }
}
