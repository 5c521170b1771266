//! The modules of the conformance suite's plan for the FAPI 2.0 Security Profile, under their names:
//! `private_key_jwt`, DPoP, OpenID Connect. Written from the profile.

mod requests;
mod tokens;

use std::collections::BTreeMap;

use http::StatusCode;
use jose::dpop::NewProof;
use jose::jwk::SigningKey;
use kit_db::Db;
use serde_json::Value;

use crate::keyed::{assertion, jwks, key, signed};
use crate::world::{
    Browser, CALLBACK, CHALLENGE, ISSUER, Reply, Service, VERIFIER, World, encoded, form, world,
};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A service under the profile, with its two keys.
pub(super) struct Fapi {
    pub(super) world: World,
    pub(super) service: Service,
    pub(super) key: SigningKey,
    pub(super) dpop: SigningKey,
    pub(super) browser: Browser,
}

pub(super) fn registration(keys: &[&SigningKey]) -> identity::domain::ClientForm {
    let mut form = form();
    form.auth_method = "private_key_jwt".into();
    form.jwks = jwks(keys);
    form.advanced.demands = vec!["fapi2".into()];
    form
}

/// An id that never comes twice: each key is new.
pub(super) fn new_id() -> String {
    key().public().thumbprint()
}

pub(super) async fn ready(db: Db) -> Fapi {
    let (world, key) = (world(db).await, key());
    Fapi {
        service: world.service(&registration(&[&key])).await,
        world,
        key,
        dpop: self::key(),
        browser: Browser::default(),
    }
}

impl Fapi {
    pub(super) fn proof_by(
        &self,
        key: &SigningKey,
        path: &str,
        token: Option<&str>,
        at: i64,
    ) -> String {
        let url = format!("{ISSUER}{path}");
        let method = if path.ends_with("userinfo") {
            "GET"
        } else {
            "POST"
        };
        let proof = NewProof {
            method,
            url: &url,
            now: self.world.seconds() + at,
            jti: &new_id(),
            access_token: token,
            nonce: None,
        };
        jose::dpop::create(key, &proof).unwrap()
    }

    pub(super) async fn call_with(
        &self,
        path: &str,
        proof: Option<&str>,
        assertion: Option<&str>,
        form: &[(&str, &str)],
    ) -> Reply {
        let mut all = form.to_vec();
        if let Some(assertion) = assertion {
            all.push(("client_assertion_type", TYPE));
            all.push(("client_assertion", assertion));
        }
        let headers: Vec<_> = proof.map(|proof| ("dpop", proof)).into_iter().collect();
        self.world.call(path, &headers, &all).await
    }

    pub(super) fn assertion(&self) -> String {
        let claims = assertion(&self.world, &self.service, &new_id());
        signed(&self.key, &claims)
    }

    pub(super) async fn call(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let proof = self.proof_by(&self.dpop, path, None, 0);
        let assertion = self.assertion();
        self.call_with(path, Some(&proof), Some(&assertion), form)
            .await
    }

    /// A pushed request with these parameters instead of the usual ones.
    pub(super) async fn push_reply(&self, more: &[(&str, &str)], proof: Option<&str>) -> Reply {
        let assertion = self.assertion();
        let form = request(more);
        let form: Vec<_> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.call_with("/api/v2/par", proof, Some(&assertion), &form)
            .await
    }

    pub(super) async fn push(&self, more: &[(&str, &str)]) -> String {
        let reply = self.push_reply(more, None).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        reply.json()["request_uri"].as_str().unwrap().to_owned()
    }

    pub(super) fn bring(&self, request_uri: &str) -> String {
        let form = [
            ("client_id", self.service.new.client_id.as_str()),
            ("request_uri", request_uri),
        ];
        format!("/api/v2/authorize?{}", encoded(&form))
    }

    pub(super) async fn follow(&mut self, request_uri: &str) -> BTreeMap<String, String> {
        let address = self.bring(request_uri);
        self.browser.follow(&self.world, &address).await
    }

    pub(super) async fn back(&mut self, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let request_uri = self.push(more).await;
        self.follow(&request_uri).await
    }

    pub(super) async fn code(&mut self, more: &[(&str, &str)]) -> String {
        self.back(more).await["code"].clone()
    }

    pub(super) async fn exchange(&self, code: &str) -> Reply {
        self.call("/api/v2/token", &exchange_form(code)).await
    }

    /// The tokens of a whole sign-in.
    pub(super) async fn tokens(&mut self, more: &[(&str, &str)]) -> Value {
        let code = self.code(more).await;
        let reply = self.exchange(&code).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        assert_eq!(reply.json()["token_type"], "DPoP");
        reply.json()
    }

    pub(super) async fn userinfo(&self, token: &str, key: &SigningKey, at: i64) -> Reply {
        let path = "/api/v2/userinfo";
        let proof = self.proof_by(key, path, Some(token), at);
        let header = format!("DPoP {token}");
        let headers = [("authorization", header.as_str()), ("dpop", proof.as_str())];
        self.world.read(path, &headers).await
    }
}

pub(super) fn request(more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = vec![
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "st"),
        ("nonce", "no"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in more {
        all.retain(|(known, _)| known != name);
        if !value.is_empty() {
            all.push((name, value));
        }
    }
    let owned = |(k, v): (&str, &str)| (k.to_owned(), v.to_owned());
    all.into_iter().map(owned).collect()
}

pub(super) fn exchange_form(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}
