//! Requests: pushed, bound, answered once.

use std::collections::BTreeMap;

use http::{Method, Request, StatusCode};
use jiff::SignedDuration;
use kit_db::Db;

use super::{Fapi, exchange_form, ready, registration, request, text};
use crate::keyed::key;
use crate::world::{Browser, ISSUER, encoded, migrations};

kit_db::on_both_databases!(migrations() =>
    fapi2_security_profile_final_ensure_authorization_request_without_state_success,
    fapi2_security_profile_final_ensure_authorization_request_without_nonce_success,
    fapi2_security_profile_final_ensure_other_scope_order_succeeds,
    fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails,
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
    fapi2_security_profile_final_par_plain_pkce_rejected,
    fapi2_security_profile_final_user_rejects_authentication,
    fapi2_security_profile_final_ensure_authorization_request_with_64_char_nonce_success,
    fapi2_security_profile_final_test_claims_parameter_identity_claims,
    fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_before_succeeds,
    fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_after_succeeds,
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
);

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

async fn fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails(db: Db) {
    let fapi = ready(db).await;
    let other = key().public().thumbprint();
    let proof = fapi.proof_by(&fapi.dpop, "/api/v2/par", None, 0);
    let refused = fapi.push_reply(&[("dpop_jkt", &other)], Some(&proof)).await;
    assert_eq!(refused.error(), "invalid_dpop_proof");
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
