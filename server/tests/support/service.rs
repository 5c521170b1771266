//! A service that signs people in: what it sends, and what it got.

use std::sync::Arc;

use directory::{Directory, SessionLimits};
use identity::Identity;
use identity::domain::ClientForm;
use kit_access::Actor;
use kit_db::{Db, DbOptions};
use kit_egress::{Egress, EgressSettings};
use kit_jobs::Jobs;
use kit_time::Source;
use serde_json::Value;

use super::form::Form;
use super::{Answer, Browser};

/// Where browsers and services believe that the program is, whatever port it listens on.
pub(crate) const ISSUER: &str = "https://g.example";
pub(crate) const PUBLIC_URL: &str = "server.public_url=https://g.example";
/// Second uses of tokens are told in the log: these tests try many.
pub(crate) const QUIET: &str = "telemetry.filter=error";
const CALLBACK: &str = "https://s.example/cb";

/// A service by its credentials.
#[derive(Clone)]
pub(crate) struct Service {
    id: String,
    secret: String,
}

/// What a sign-in gave.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) id: String,
}

/// Registers a service in the database of a program that serves or doesn't.
pub(crate) async fn register(url: &str, name: &str, algorithm: &str) -> Service {
    let db = Db::open(&DbOptions::new(url)).await.unwrap();
    let source = Source::system();
    let jobs = Jobs::new(db.clone(), source.clone());
    let limits = SessionLimits::default();
    let egress = Egress::new(EgressSettings::default(), source.clone()).unwrap();
    let directory = Directory::new(db.clone(), source.clone(), jobs.clone(), limits, ISSUER);
    let identity = Identity::new(
        db.clone(),
        source,
        jobs,
        Arc::new(directory.accounts_port()),
        Arc::new(directory.organisations_port()),
        egress,
        ISSUER,
    );
    let form = ClientForm {
        name: name.into(),
        purpose: "Essayer".into(),
        profile: "standard".into(),
        auth_method: "client_secret_post".into(),
        redirect_uris: CALLBACK.into(),
        scopes: ["openid", "email"].map(str::to_owned).into(),
        subject_type: "pairwise".into(),
        id_token_algorithm: algorithm.into(),
        refreshes: true,
        ..ClientForm::default()
    };
    let actor = Actor::system("test");
    let new = identity.register(&actor, &form).await.unwrap();
    db.close().await;
    Service {
        id: new.client_id,
        secret: new.secret.unwrap().0,
    }
}

impl Service {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Calls the program at `address` as a program does.
    pub(crate) fn call(
        &self,
        address: &str,
        path: &str,
        more: &[(&str, &str)],
    ) -> std::io::Result<Answer> {
        let proof = [
            ("client_id", self.id.as_str()),
            ("client_secret", self.secret.as_str()),
        ];
        let form = Form::of(&[&proof, more].concat());
        Browser::new(address).post(path, &form)
    }

    /// Where a browser with a session comes back to without being asked: the parameters, of which
    /// one is `code` or `error`.
    pub(crate) fn authorize(&self, browser: &mut Browser, more: &[(&str, &str)]) -> Back {
        let query = [
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid email"),
            ("state", "state"),
            ("nonce", "nonce"),
        ];
        let query = Form::of(&[&query, more].concat()).encoded();
        let answer = browser.get(&format!("/api/v2/authorize?{query}"))?;
        let location = answer.header("location").next().unwrap_or_default();
        let found = |name: &str| {
            let query = location.strip_prefix(CALLBACK)?.strip_prefix('?')?;
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.find(|(key, _)| *key == name);
            found.map(|(_, value)| value.to_owned())
        };
        Ok(match (found("code"), found("error")) {
            (Some(code), None) => Ok(code),
            (None, Some(error)) => Err(error),
            _ => Err(format!("{} {location}", answer.status)),
        })
    }

    /// The tokens of a code.
    pub(crate) fn exchange(&self, address: &str, code: &str) -> Got {
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
        ];
        Ok(tokens(&self.call(address, "/api/v2/token", &grant)?))
    }

    /// The tokens of a refresh token.
    pub(crate) fn refresh(&self, address: &str, token: &str) -> Got {
        let grant = [("grant_type", "refresh_token"), ("refresh_token", token)];
        Ok(tokens(&self.call(address, "/api/v2/token", &grant)?))
    }

    /// Whether a token is worth something.
    pub(crate) fn is_active(&self, address: &str, token: &str) -> bool {
        let answer = self.call(address, "/api/v2/introspection", &[("token", token)]);
        let answer = answer.unwrap();
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        told["active"].as_bool().unwrap()
    }
}

/// A code, or the error that came instead of it; or nothing came.
pub(crate) type Back = std::io::Result<Result<String, String>>;
/// Tokens, or the error that came instead; or nothing came.
pub(crate) type Got = std::io::Result<Result<Tokens, String>>;

fn tokens(answer: &Answer) -> Result<Tokens, String> {
    let told: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    match answer.status {
        200 => Ok(Tokens {
            access: text("access_token"),
            refresh: text("refresh_token"),
            id: text("id_token"),
        }),
        400 | 401 => Err(text("error")),
        other => panic!("{other}: {}", answer.body),
    }
}
