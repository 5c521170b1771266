//! Proofs of clients, tokens, and what they are bound to.

use http::StatusCode;
use jiff::SignedDuration;
use jose::claims::Claims;
use jose::jwk::{KeyKind, SigningKey};
use kit_db::Db;

use super::{Fapi, exchange_form, new_id, ready, registration, request, text};
use crate::keyed::{assertion, key, signed};
use crate::world::{ISSUER, Reply, VERIFIER, migrations};

kit_db::on_both_databases!(migrations() =>
    fapi2_security_profile_final_discovery_end_point_verification,
    fapi2_security_profile_final_happy_flow,
    fapi2_security_profile_final_access_token_type_header_case_sensitivity,
    fapi2_security_profile_final_ensure_client_id_in_token_endpoint,
    fapi2_security_profile_final_ensure_holder_of_key_required,
    fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client,
    fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second,
    fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint,
    fapi2_security_profile_final_ensure_invalid_client_assertions_fail,
    fapi2_security_profile_final_refresh_token,
    fapi2_security_profile_final_ensure_pkce_code_verifier_required,
    fapi2_security_profile_final_incorrect_pkce_code_verifier_rejected,
    fapi2_security_profile_final_check_dpop_proof_nbf_exp,
    fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt,
    fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt,
    fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code,
    fapi2_security_profile_final_ensure_signed_client_assertion_with_rs256_fails,
    fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails,
    fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails,
    fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails,
    fapi2_security_profile_final_dpop_negative_tests,
    a_registration_keeps_to_the_profile,
);

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
    let token = signed(&others, &assertion(&fapi.world, &other, &new_id()));
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
        .id(&new_id())
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
    let token = signed(&others, &assertion(&fapi.world, &other, &new_id()));
    let refused = fapi
        .call_with(path, Some(&proof), Some(&token), &form)
        .await;
    assert_eq!(refused.error(), "invalid_grant");
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

async fn fapi2_security_profile_final_check_dpop_proof_nbf_exp(db: Db) {
    let mut fapi = ready(db).await;
    let code = fapi.code(&[]).await;
    let now = fapi.world.seconds();
    let claims = Claims::new()
        .id(&new_id())
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
