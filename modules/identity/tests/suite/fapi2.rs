//! The modules of the conformance suite's plan for the FAPI 2.0 Security Profile, under their names:
//! `private_key_jwt`, DPoP, OpenID Connect. Written from the profile.

use std::collections::BTreeMap;

use http::{Method, Request, StatusCode};
use jiff::SignedDuration;
use jose::claims::Claims;
use jose::dpop::NewProof;
use jose::jwk::{KeyKind, SigningKey};
use kit_db::Db;
use serde_json::Value;

use crate::keyed::{assertion, jwks, key, signed};
use crate::world::{
    Browser, CALLBACK, CHALLENGE, ISSUER, Reply, Service, VERIFIER, World, encoded, form,
    migrations, world,
};

kit_db::on_both_databases!(migrations() =>
    fapi2_security_profile_final_discovery_end_point_verification,
    fapi2_security_profile_final_happy_flow,
    fapi2_security_profile_final_ensure_authorization_request_without_state_success,
    fapi2_security_profile_final_ensure_authorization_request_without_nonce_success,
    fapi2_security_profile_final_ensure_other_scope_order_succeeds,
    fapi2_security_profile_final_access_token_type_header_case_sensitivity,
    fapi2_security_profile_final_ensure_client_id_in_token_endpoint,
    fapi2_security_profile_final_ensure_holder_of_key_required,
    fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client,
    fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second,
    fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint,
    fapi2_security_profile_final_ensure_invalid_client_assertions_fail,
    fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails,
    fapi2_security_profile_final_refresh_token,
    fapi2_security_profile_final_par_ensure_pkce_required,
    fapi2_security_profile_final_par_without_duplicate_parameters,
    fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object,
    fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object,
    fapi2_security_profile_final_state_only_outside_request_object_not_used,
    fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails,
    fapi2_security_profile_final_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds,
    fapi2_security_profile_final_par_attempt_reuse_request_uri,
    fapi2_security_profile_final_par_attempt_to_use_expired_request_uri,
    fapi2_security_profile_final_par_attempt_to_use_request_uri_for_different_client,
    fapi2_security_profile_final_par_authorization_request_containing_request_uri_form_param,
    fapi2_security_profile_final_par_attempt_invalid_http_method,
    fapi2_security_profile_final_ensure_pkce_code_verifier_required,
    fapi2_security_profile_final_incorrect_pkce_code_verifier_rejected,
    fapi2_security_profile_final_par_plain_pkce_rejected,
    fapi2_security_profile_final_user_rejects_authentication,
    fapi2_security_profile_final_ensure_authorization_request_with_64_char_nonce_success,
    fapi2_security_profile_final_test_claims_parameter_identity_claims,
    fapi2_security_profile_final_check_dpop_proof_nbf_exp,
    fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_before_succeeds,
    fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_after_succeeds,
    fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt,
    fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt,
    fapi2_security_profile_final_ensure_dpopproof_at_par_endpoint_binding_success,
    fapi2_security_profile_final_ensure_dpop_auth_code_binding_success,
    fapi2_security_profile_final_ensure_authorization_request_with_long_nonce,
    fapi2_security_profile_final_ensure_authorization_request_with_long_state,
    fapi2_security_profile_final_ensure_registered_redirect_uri,
    fapi2_security_profile_final_plain_fapi_tolerate_unregistered_redirect_uri,
    fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails,
    fapi2_security_profile_final_ensure_redirect_uri_in_authorization_request,
    fapi2_security_profile_final_ensure_response_type_code_idtoken_fails,
    fapi2_security_profile_final_ensure_response_type_token_fails,
    fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code,
    fapi2_security_profile_final_ensure_signed_client_assertion_with_rs256_fails,
    fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails,
    fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails,
    fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails,
    fapi2_security_profile_final_dpop_negative_tests, a_registration_keeps_to_the_profile,
);

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A service under the profile, with its two keys.
struct Fapi {
    world: World,
    service: Service,
    key: SigningKey,
    dpop: SigningKey,
    browser: Browser,
}

fn registration(keys: &[&SigningKey]) -> identity::domain::ClientForm {
    let mut form = form();
    form.auth_method = "private_key_jwt".into();
    form.jwks = jwks(keys);
    form.advanced.demands = vec!["fapi2".into()];
    form
}

async fn ready(db: Db) -> Fapi {
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
    fn id(&self) -> String {
        // Random enough: each key is new.
        key().public().thumbprint()
    }

    fn proof_by(&self, key: &SigningKey, path: &str, token: Option<&str>, at: i64) -> String {
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
            jti: &self.id(),
            access_token: token,
            nonce: None,
        };
        jose::dpop::create(key, &proof).unwrap()
    }

    async fn call_with(
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

    fn assertion(&self) -> String {
        let claims = assertion(&self.world, &self.service, &self.id());
        signed(&self.key, &claims)
    }

    async fn call(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let proof = self.proof_by(&self.dpop, path, None, 0);
        let assertion = self.assertion();
        self.call_with(path, Some(&proof), Some(&assertion), form)
            .await
    }

    /// A pushed request with these parameters instead of the usual ones.
    async fn push_reply(&self, more: &[(&str, &str)], proof: Option<&str>) -> Reply {
        let assertion = self.assertion();
        let form = request(more);
        let form: Vec<_> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.call_with("/api/v2/par", proof, Some(&assertion), &form)
            .await
    }

    async fn push(&self, more: &[(&str, &str)]) -> String {
        let reply = self.push_reply(more, None).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        reply.json()["request_uri"].as_str().unwrap().to_owned()
    }

    fn bring(&self, request_uri: &str) -> String {
        let form = [
            ("client_id", self.service.new.client_id.as_str()),
            ("request_uri", request_uri),
        ];
        format!("/api/v2/authorize?{}", encoded(&form))
    }

    async fn follow(&mut self, request_uri: &str) -> BTreeMap<String, String> {
        let address = self.bring(request_uri);
        self.browser.follow(&self.world, &address).await
    }

    async fn back(&mut self, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let request_uri = self.push(more).await;
        self.follow(&request_uri).await
    }

    async fn code(&mut self, more: &[(&str, &str)]) -> String {
        self.back(more).await["code"].clone()
    }

    async fn exchange(&self, code: &str) -> Reply {
        self.call("/api/v2/token", &exchange_form(code)).await
    }

    /// The tokens of a whole sign-in.
    async fn tokens(&mut self, more: &[(&str, &str)]) -> Value {
        let code = self.code(more).await;
        let reply = self.exchange(&code).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        assert_eq!(reply.json()["token_type"], "DPoP");
        reply.json()
    }

    async fn userinfo(&self, token: &str, key: &SigningKey, at: i64) -> Reply {
        let path = "/api/v2/userinfo";
        let proof = self.proof_by(key, path, Some(token), at);
        let header = format!("DPoP {token}");
        let headers = [("authorization", header.as_str()), ("dpop", proof.as_str())];
        self.world.read(path, &headers).await
    }
}

fn request(more: &[(&str, &str)]) -> Vec<(String, String)> {
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

fn exchange_form(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

async fn fapi2_security_profile_final_discovery_end_point_verification(db: Db) {
    let fapi = ready(db).await;
    let known = fapi
        .world
        .read("/.well-known/openid-configuration", &[])
        .await;
    let known = known.json();
    for (name, value) in [
        ("code_challenge_methods_supported", "S256"),
        ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ("token_endpoint_auth_signing_alg_values_supported", "PS256"),
        ("dpop_signing_alg_values_supported", "ES256"),
        ("response_types_supported", "code"),
    ] {
        let values = known[name].as_array().unwrap();
        assert!(values.contains(&value.into()), "{name}");
    }
    assert_eq!(
        known["authorization_response_iss_parameter_supported"],
        true
    );
    assert!(text(&known, "pushed_authorization_request_endpoint").starts_with(ISSUER));
}

async fn fapi2_security_profile_final_happy_flow(db: Db) {
    let mut fapi = ready(db).await;
    let back = fapi.back(&[]).await;
    assert_eq!(
        (back["iss"].as_str(), back["state"].as_str()),
        (ISSUER, "st")
    );
    let reply = fapi.exchange(&back["code"]).await;
    let tokens = reply.json();
    let claims = fapi.world.claims(text(&tokens, "id_token")).await;
    assert_eq!(claims.text("nonce"), Some("no"));
    let access = text(&tokens, "access_token");
    assert_eq!(
        fapi.userinfo(access, &fapi.dpop, 0).await.status,
        StatusCode::OK
    );
    let stolen = fapi.userinfo(access, &key(), 0).await;
    assert_eq!(stolen.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        fapi.world.userinfo(access).await.status,
        StatusCode::UNAUTHORIZED
    );
}

async fn fapi2_security_profile_final_ensure_authorization_request_without_state_success(db: Db) {
    let mut fapi = ready(db).await;
    let back = fapi.back(&[("state", "")]).await;
    assert!(back.contains_key("code") && !back.contains_key("state"));
}

async fn fapi2_security_profile_final_ensure_authorization_request_without_nonce_success(db: Db) {
    let mut fapi = ready(db).await;
    let tokens = fapi.tokens(&[("nonce", "")]).await;
    let claims = fapi.world.claims(text(&tokens, "id_token")).await;
    assert_eq!(claims.get("nonce"), None);
}

async fn fapi2_security_profile_final_ensure_other_scope_order_succeeds(db: Db) {
    let mut fapi = ready(db).await;
    fapi.tokens(&[("scope", "email openid")]).await;
}

async fn fapi2_security_profile_final_access_token_type_header_case_sensitivity(db: Db) {
    let mut fapi = ready(db).await;
    let tokens = fapi.tokens(&[]).await;
    let access = text(&tokens, "access_token");
    let path = "/api/v2/userinfo";
    for scheme in ["dpop", "DPOP"] {
        let proof = fapi.proof_by(&fapi.dpop, path, Some(access), 0);
        let header = format!("{scheme} {access}");
        let headers = [("authorization", header.as_str()), ("dpop", proof.as_str())];
        assert_eq!(fapi.world.read(path, &headers).await.status, StatusCode::OK);
    }
}

async fn fapi2_security_profile_final_ensure_client_id_in_token_endpoint(db: Db) {
    let mut fapi = ready(db).await;
    let other = fapi.world.service(&registration(&[&key()])).await;
    let code = fapi.code(&[]).await;
    let mut form = exchange_form(&code).to_vec();
    form.push(("client_id", other.new.client_id.as_str()));
    let refused = fapi.call("/api/v2/token", &form).await;
    assert_eq!(refused.error(), "invalid_client");
}

async fn fapi2_security_profile_final_ensure_holder_of_key_required(db: Db) {
    let mut fapi = ready(db).await;
    let code = fapi.code(&[]).await;
    let assertion = fapi.assertion();
    let form = exchange_form(&code);
    let refused = fapi
        .call_with("/api/v2/token", None, Some(&assertion), &form)
        .await;
    assert_eq!(refused.error(), "invalid_request");
}

async fn fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client(db: Db) {
    let mut fapi = ready(db).await;
    let code = fapi.code(&[]).await;
    let others = key();
    let other = fapi.world.service(&registration(&[&others])).await;
    let proof = fapi.proof_by(&others, "/api/v2/token", None, 0);
    let token = signed(&others, &assertion(&fapi.world, &other, &fapi.id()));
    let form = exchange_form(&code);
    let refused = fapi
        .call_with("/api/v2/token", Some(&proof), Some(&token), &form)
        .await;
    assert_eq!(refused.error(), "invalid_grant");
}

async fn fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second(db: Db) {
    let mut fapi = ready(db).await;
    let code = fapi.code(&[]).await;
    let first = fapi.exchange(&code).await.json();
    fapi.world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(fapi.exchange(&code).await.error(), "invalid_grant");
    let after = fapi
        .userinfo(text(&first, "access_token"), &fapi.dpop, 0)
        .await;
    assert_eq!(
        after.status,
        StatusCode::UNAUTHORIZED,
        "what it gave has ended"
    );
}

async fn fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint(db: Db) {
    let mut fapi = ready(db).await;
    let code = fapi.code(&[]).await;
    let mut form = exchange_form(&code).to_vec();
    form.push(("client_id", fapi.service.new.client_id.as_str()));
    let proof = fapi.proof_by(&fapi.dpop, "/api/v2/token", None, 0);
    let refused = fapi
        .call_with("/api/v2/token", Some(&proof), None, &form)
        .await;
    assert_eq!(refused.error(), "invalid_client");
}

/// What a pushed request is answered when the assertion holds these claims.
async fn pushed_with(fapi: &Fapi, key: &SigningKey, claims: &Claims) -> Reply {
    let form = request(&[]);
    let form: Vec<_> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let token = signed(key, claims);
    fapi.call_with("/api/v2/par", None, Some(&token), &form)
        .await
}

fn claims(fapi: &Fapi, audience: &str, from: i64, seconds: i64) -> Claims {
    let name = fapi.service.new.client_id.as_str();
    Claims::new()
        .issuer(name)
        .subject(name)
        .audience(audience)
        .lifetime(fapi.world.seconds() + from, seconds)
        .id(&fapi.id())
}

async fn fapi2_security_profile_final_ensure_invalid_client_assertions_fail(db: Db) {
    let fapi = ready(db).await;
    let good = claims(&fapi, ISSUER, 0, 60);
    let name = fapi.service.new.client_id.as_str();
    let soon = claims(&fapi, ISSUER, 8, 60);
    let wrong = [
        claims(&fapi, ISSUER, -400, 60),
        claims(&fapi, ISSUER, 61, 60),
        claims(&fapi, &format!("{ISSUER}/api/v2/par"), 0, 60),
        good.clone().issuer("other"),
        good.clone().subject("other"),
        good.clone()
            .with("aud", serde_json::json!([ISSUER, "https://o.example"])),
        Claims::new()
            .issuer(name)
            .subject(name)
            .audience(ISSUER)
            .id("no end"),
    ];
    for claims in &wrong {
        let refused = pushed_with(&fapi, &fapi.key, claims).await;
        assert_eq!(refused.error(), "invalid_client", "{claims:?}");
    }
    let stranger = pushed_with(&fapi, &key(), &good).await;
    assert_eq!(stranger.error(), "invalid_client");
    for claims in [&good, &soon] {
        let taken = pushed_with(&fapi, &fapi.key, claims).await;
        assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);
    }
    let again = pushed_with(&fapi, &fapi.key, &good).await;
    assert_eq!(again.error(), "invalid_client", "used before");
}

async fn fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails(db: Db) {
    let fapi = ready(db).await;
    let other = key().public().thumbprint();
    let proof = fapi.proof_by(&fapi.dpop, "/api/v2/par", None, 0);
    let refused = fapi.push_reply(&[("dpop_jkt", &other)], Some(&proof)).await;
    assert_eq!(refused.error(), "invalid_dpop_proof");
}

async fn fapi2_security_profile_final_refresh_token(db: Db) {
    let mut fapi = ready(db).await;
    let first = fapi.tokens(&[]).await;
    let refresh = text(&first, "refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    // The same one stays good (5.3.2.1, point 13): no rotation.
    for _ in 0..2 {
        let reply = fapi.call("/api/v2/token", &form).await;
        let again = reply.json();
        assert!(again["refresh_token"].is_null(), "{}", reply.body);
        let access = text(&again, "access_token");
        assert_eq!(
            fapi.userinfo(access, &fapi.dpop, 0).await.status,
            StatusCode::OK
        );
    }
    let assertion_only = fapi.assertion();
    let path = "/api/v2/token";
    let refused = fapi
        .call_with(path, None, Some(&assertion_only), &form)
        .await;
    assert_eq!(
        refused.error(),
        "invalid_request",
        "without proof of possession"
    );
    let others = key();
    let other = fapi.world.service(&registration(&[&others])).await;
    let proof = fapi.proof_by(&others, path, None, 0);
    let token = signed(&others, &assertion(&fapi.world, &other, &fapi.id()));
    let refused = fapi
        .call_with(path, Some(&proof), Some(&token), &form)
        .await;
    assert_eq!(refused.error(), "invalid_grant");
}

async fn fapi2_security_profile_final_par_ensure_pkce_required(db: Db) {
    let fapi = ready(db).await;
    let more = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_eq!(
        fapi.push_reply(&more, None).await.error(),
        "invalid_request"
    );
}

async fn fapi2_security_profile_final_par_without_duplicate_parameters(db: Db) {
    let mut fapi = ready(db).await;
    // `bring` sends client_id and request_uri and nothing else.
    assert!(fapi.back(&[]).await.contains_key("code"));
}

/// What comes back when these stand beside the address of a pushed request.
async fn beside(
    fapi: &mut Fapi,
    pushed: &[(&str, &str)],
    more: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let request_uri = fapi.push(pushed).await;
    let address = format!("{}&{}", fapi.bring(&request_uri), encoded(more));
    fapi.browser.follow(&fapi.world, &address).await
}

async fn fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object(
    db: Db,
) {
    let mut fapi = ready(db).await;
    let back = beside(&mut fapi, &[], &[("nonce", "outside")]).await;
    let tokens = fapi.exchange(&back["code"]).await.json();
    let claims = fapi.world.claims(text(&tokens, "id_token")).await;
    assert_eq!(claims.text("nonce"), Some("no"));
}

async fn fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object(
    db: Db,
) {
    let mut fapi = ready(db).await;
    let back = beside(&mut fapi, &[], &[("state", "outside")]).await;
    assert_eq!(back["state"], "st");
}

async fn fapi2_security_profile_final_state_only_outside_request_object_not_used(db: Db) {
    let mut fapi = ready(db).await;
    let back = beside(&mut fapi, &[("state", "")], &[("state", "outside")]).await;
    assert!(back.contains_key("code") && !back.contains_key("state"));
}

async fn fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails(db: Db) {
    let fapi = ready(db).await;
    let refused = fapi.push_reply(&[("redirect_uri", "")], None).await;
    assert_eq!(refused.error(), "invalid_request");
}

async fn fapi2_security_profile_final_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(
    db: Db,
) {
    let mut fapi = ready(db).await;
    let request_uri = fapi.push(&[]).await;
    let address = fapi.bring(&request_uri);
    let first = fapi.browser.get(&fapi.world, &address).await;
    assert!(
        first.header("location").starts_with("/sign-in"),
        "visited and left"
    );
    assert!(fapi.follow(&request_uri).await.contains_key("code"));
}

async fn fapi2_security_profile_final_par_attempt_reuse_request_uri(db: Db) {
    let mut fapi = ready(db).await;
    let request_uri = fapi.push(&[]).await;
    let mut second = Browser::default();
    let waiting = second.get(&fapi.world, &fapi.bring(&request_uri)).await;
    assert!(fapi.follow(&request_uri).await.contains_key("code"));
    let page = fapi.follow(&request_uri).await;
    assert!(page["page"].contains("invalid_request_uri"), "{page:?}");
    // Nor does a browser that had loaded it before get a second code.
    let page = second.follow(&fapi.world, waiting.header("location")).await;
    assert!(page["page"].contains("invalid_request_uri"), "{page:?}");
}

async fn fapi2_security_profile_final_par_attempt_to_use_expired_request_uri(db: Db) {
    let mut fapi = ready(db).await;
    let request_uri = fapi.push(&[]).await;
    fapi.world.clock.advance(SignedDuration::from_secs(61));
    let page = fapi.follow(&request_uri).await;
    assert!(page["page"].contains("invalid_request_uri"));
}

async fn fapi2_security_profile_final_par_attempt_to_use_request_uri_for_different_client(db: Db) {
    let mut fapi = ready(db).await;
    let request_uri = fapi.push(&[]).await;
    fapi.service = fapi.world.service(&registration(&[&fapi.key])).await;
    let page = fapi.follow(&request_uri).await;
    assert!(page["page"].contains("invalid_request_uri"));
}

async fn fapi2_security_profile_final_par_authorization_request_containing_request_uri_form_param(
    db: Db,
) {
    let fapi = ready(db).await;
    let request_uri = fapi.push(&[]).await;
    let refused = fapi
        .push_reply(&[("request_uri", &request_uri)], None)
        .await;
    assert_eq!(refused.error(), "invalid_request");
}

async fn fapi2_security_profile_final_par_attempt_invalid_http_method(db: Db) {
    let fapi = ready(db).await;
    for method in [Method::PUT, Method::GET, Method::DELETE] {
        let request = Request::builder().method(method).uri("/api/v2/par");
        let reply = fapi
            .world
            .send(request.body(kit_http::Body::empty()).unwrap())
            .await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

/// The error when a code comes with this verifier.
async fn with_verifier(db: Db, verifier: Option<&str>) -> String {
    let mut fapi = ready(db).await;
    let code = fapi.code(&[]).await;
    let mut form = exchange_form(&code)[..3].to_vec();
    form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    fapi.call("/api/v2/token", &form).await.error()
}

async fn fapi2_security_profile_final_ensure_pkce_code_verifier_required(db: Db) {
    assert_eq!(with_verifier(db, None).await, "invalid_grant");
}

async fn fapi2_security_profile_final_incorrect_pkce_code_verifier_rejected(db: Db) {
    let wrong = VERIFIER.replace('d', "e");
    assert_eq!(with_verifier(db, Some(&wrong)).await, "invalid_grant");
}

async fn fapi2_security_profile_final_par_plain_pkce_rejected(db: Db) {
    let fapi = ready(db).await;
    let refused = fapi
        .push_reply(&[("code_challenge_method", "plain")], None)
        .await;
    assert_eq!(refused.error(), "invalid_request");
}

async fn fapi2_security_profile_final_user_rejects_authentication(db: Db) {
    let mut fapi = ready(db).await;
    let mut asking = registration(&[&fapi.key]);
    asking.asks_consent = true;
    fapi.service = fapi.world.service(&asking).await;
    fapi.browser.refuses = true;
    let back = fapi.back(&[]).await;
    assert_eq!(
        (back["error"].as_str(), back["iss"].as_str()),
        ("access_denied", ISSUER)
    );
}

async fn fapi2_security_profile_final_ensure_authorization_request_with_64_char_nonce_success(
    db: Db,
) {
    let mut fapi = ready(db).await;
    let nonce = "n".repeat(64);
    let tokens = fapi.tokens(&[("nonce", &nonce)]).await;
    let claims = fapi.world.claims(text(&tokens, "id_token")).await;
    assert_eq!(claims.text("nonce"), Some(nonce.as_str()));
}

async fn fapi2_security_profile_final_test_claims_parameter_identity_claims(db: Db) {
    let mut fapi = ready(db).await;
    let wish = "{\"id_token\":{\"name\":null,\"email\":null},\"userinfo\":{\"name\":null}}";
    let tokens = fapi.tokens(&[("claims", wish)]).await;
    let claims = fapi.world.claims(text(&tokens, "id_token")).await;
    assert_eq!(claims.text("name"), Some("Ada Martin"));
    assert_eq!(claims.text("email"), Some("ada@x.example"));
    let told = fapi
        .userinfo(text(&tokens, "access_token"), &fapi.dpop, 0)
        .await;
    assert_eq!(told.json()["name"], "Ada Martin");
}

async fn fapi2_security_profile_final_check_dpop_proof_nbf_exp(db: Db) {
    let mut fapi = ready(db).await;
    let code = fapi.code(&[]).await;
    let now = fapi.world.seconds();
    let claims = Claims::new()
        .id(&fapi.id())
        .with("htm", "POST")
        .with("htu", format!("{ISSUER}/api/v2/token"))
        .with("iat", now)
        .with("nbf", now)
        .with("exp", now + 60);
    let signing = jose::jws::Signing {
        typ: Some("dpop+jwt"),
        embedded_key: Some(&jose::jwk::Jwk::new(fapi.dpop.public().clone())),
        ..jose::jws::Signing::default()
    };
    let proof = jose::jws::sign(&fapi.dpop, &signing, &claims.to_bytes()).unwrap();
    let assertion = fapi.assertion();
    let form = exchange_form(&code);
    let reply = fapi
        .call_with("/api/v2/token", Some(&proof), Some(&assertion), &form)
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
}

/// Proofs made this many seconds from now are taken everywhere.
async fn proofs_at(db: Db, at: i64) {
    let mut fapi = ready(db).await;
    let proof = fapi.proof_by(&fapi.dpop, "/api/v2/par", None, at);
    let pushed = fapi.push_reply(&[], Some(&proof)).await.json();
    let code = fapi.follow(text(&pushed, "request_uri")).await["code"].clone();
    let proof = fapi.proof_by(&fapi.dpop, "/api/v2/token", None, at);
    let assertion = fapi.assertion();
    let form = exchange_form(&code);
    let path = "/api/v2/token";
    let tokens = fapi
        .call_with(path, Some(&proof), Some(&assertion), &form)
        .await;
    let access = text(&tokens.json(), "access_token").to_owned();
    let told = fapi.userinfo(&access, &fapi.dpop, at).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
}

async fn fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_before_succeeds(db: Db) {
    proofs_at(db, -10).await;
}

async fn fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_after_succeeds(db: Db) {
    proofs_at(db, 10).await;
}

async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(
    db: Db,
) {
    let mut fapi = ready(db).await;
    let proof = fapi.proof_by(&key(), "/api/v2/par", None, 0);
    let pushed = fapi.push_reply(&[], Some(&proof)).await.json();
    let code = fapi.follow(text(&pushed, "request_uri")).await["code"].clone();
    assert_eq!(fapi.exchange(&code).await.error(), "invalid_grant");
}

async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(db: Db) {
    let mut fapi = ready(db).await;
    let other = key().public().thumbprint();
    let code = fapi.code(&[("dpop_jkt", &other)]).await;
    assert_eq!(fapi.exchange(&code).await.error(), "invalid_grant");
}

async fn fapi2_security_profile_final_ensure_dpopproof_at_par_endpoint_binding_success(db: Db) {
    proofs_at(db, 0).await;
}

async fn fapi2_security_profile_final_ensure_dpop_auth_code_binding_success(db: Db) {
    let mut fapi = ready(db).await;
    let own = fapi.dpop.public().thumbprint();
    fapi.tokens(&[("dpop_jkt", &own)]).await;
}

async fn fapi2_security_profile_final_ensure_authorization_request_with_long_nonce(db: Db) {
    let mut fapi = ready(db).await;
    let nonce = "n".repeat(384);
    let tokens = fapi.tokens(&[("nonce", &nonce)]).await;
    let claims = fapi.world.claims(text(&tokens, "id_token")).await;
    assert_eq!(claims.text("nonce"), Some(nonce.as_str()));
}

async fn fapi2_security_profile_final_ensure_authorization_request_with_long_state(db: Db) {
    let mut fapi = ready(db).await;
    let state = "s".repeat(1_000);
    assert_eq!(fapi.back(&[("state", &state)]).await["state"], state);
}

async fn unregistered(db: Db) {
    let fapi = ready(db).await;
    let more = [("redirect_uri", "https://s.example/other")];
    assert_eq!(
        fapi.push_reply(&more, None).await.error(),
        "invalid_request"
    );
}

async fn fapi2_security_profile_final_ensure_registered_redirect_uri(db: Db) {
    unregistered(db).await;
}

async fn fapi2_security_profile_final_plain_fapi_tolerate_unregistered_redirect_uri(db: Db) {
    // The module takes both; refused here, as everywhere.
    unregistered(db).await;
}

async fn fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails(
    db: Db,
) {
    let mut fapi = ready(db).await;
    let mut more = vec![("client_id", fapi.service.new.client_id.clone())];
    let request = request(&[]);
    more.extend(request.iter().map(|(k, v)| (k.as_str(), v.clone())));
    let more: Vec<_> = more.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let address = format!("/api/v2/authorize?{}", encoded(&more));
    let page = fapi.browser.follow(&fapi.world, &address).await;
    assert_eq!(page["status"], "400", "no redirection");
    assert!(page["page"].contains("invalid_request"));
}

async fn fapi2_security_profile_final_ensure_redirect_uri_in_authorization_request(db: Db) {
    let fapi = ready(db).await;
    let refused = fapi.push_reply(&[("redirect_uri", "")], None).await;
    assert_eq!(refused.error(), "invalid_request");
}

async fn response_type(db: Db, wrong: &str) {
    let fapi = ready(db).await;
    let refused = fapi.push_reply(&[("response_type", wrong)], None).await;
    assert_eq!(refused.error(), "unsupported_response_type");
}

async fn fapi2_security_profile_final_ensure_response_type_code_idtoken_fails(db: Db) {
    response_type(db, "code id_token").await;
}

async fn fapi2_security_profile_final_ensure_response_type_token_fails(db: Db) {
    response_type(db, "token").await;
}

async fn fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code(db: Db) {
    let mut fapi = ready(db).await;
    let code = fapi.code(&[]).await;
    fapi.world.clock.advance(SignedDuration::from_secs(62));
    assert_eq!(fapi.exchange(&code).await.error(), "invalid_grant");
}

async fn fapi2_security_profile_final_ensure_signed_client_assertion_with_rs256_fails(db: Db) {
    let mut fapi = ready(db).await;
    let rsa = SigningKey::generate(KeyKind::Rs256Bits2048).unwrap();
    fapi.service = fapi.world.service(&registration(&[&fapi.key, &rsa])).await;
    let good = claims(&fapi, ISSUER, 0, 60);
    let refused = pushed_with(&fapi, &rsa, &good).await;
    assert_eq!(refused.error(), "invalid_client");
    let taken = pushed_with(&fapi, &fapi.key, &good).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);
}

async fn fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails(
    db: Db,
) {
    let fapi = ready(db).await;
    let old = claims(&fapi, ISSUER, -360, 60);
    assert_eq!(
        pushed_with(&fapi, &fapi.key, &old).await.error(),
        "invalid_client"
    );
}

async fn fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails(db: Db) {
    let fapi = ready(db).await;
    let wrong = claims(&fapi, "https://o.example", 0, 60);
    assert_eq!(
        pushed_with(&fapi, &fapi.key, &wrong).await.error(),
        "invalid_client"
    );
}

async fn fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails(db: Db) {
    let fapi = ready(db).await;
    let none = Claims::new()
        .issuer(&fapi.service.new.client_id)
        .audience(ISSUER)
        .lifetime(fapi.world.seconds(), 60)
        .id("no subject");
    assert_eq!(
        pushed_with(&fapi, &fapi.key, &none).await.error(),
        "invalid_client"
    );
}

async fn fapi2_security_profile_final_dpop_negative_tests(db: Db) {
    let mut fapi = ready(db).await;
    let tokens = fapi.tokens(&[]).await;
    let access = text(&tokens, "access_token");
    let path = "/api/v2/userinfo";
    let rsa = SigningKey::generate(KeyKind::Rs256Bits2048).unwrap();
    let header = format!("DPoP {access}");
    for wrong in [
        fapi.proof_by(&fapi.dpop, path, None, 0),
        fapi.proof_by(&fapi.dpop, path, Some("another"), 0),
        fapi.proof_by(&fapi.dpop, "/api/v2/token", Some(access), 0),
        fapi.proof_by(&fapi.dpop, path, Some(access), -70),
        fapi.proof_by(&fapi.dpop, path, Some(access), 70),
        fapi.proof_by(&key(), path, Some(access), 0),
        fapi.proof_by(&rsa, path, Some(access), 0),
        "x".to_owned(),
    ] {
        let headers = [("authorization", header.as_str()), ("dpop", wrong.as_str())];
        let refused = fapi.world.read(path, &headers).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.body);
    }
    let proof = fapi.proof_by(&fapi.dpop, path, Some(access), 0);
    let headers = [("authorization", header.as_str()), ("dpop", proof.as_str())];
    assert_eq!(fapi.world.read(path, &headers).await.status, StatusCode::OK);
    assert_eq!(
        fapi.world.read(path, &headers).await.error(),
        "invalid_dpop_proof",
        "twice"
    );
}

async fn a_registration_keeps_to_the_profile(db: Db) {
    let _ = ready(db).await;
    for (method, algorithm) in [
        ("client_secret_basic", "ES256"),
        ("none", "ES256"),
        ("private_key_jwt", "RS256"),
    ] {
        let mut form = registration(&[&key()]);
        form.auth_method = method.into();
        form.id_token_algorithm = algorithm.into();
        assert_eq!(
            form.check().unwrap_err()[0].field,
            "demands",
            "{method} {algorithm}"
        );
    }
    assert!(registration(&[&key()]).check().unwrap().needs_pkce);
}
