//! The modules of the OpenID conformance suite's Basic plan, under their names. Written from the
//! specifications: what each one demands of a provider, tried through HTTP.

use http::{Method, StatusCode};
use jiff::SignedDuration;
use kit_db::Db;
use serde_json::json;

use crate::world::{
    Browser, CALLBACK, CHALLENGE, ISSUER, Service, Tokens, VERIFIER, World, encoded, form,
    migrations, world,
};

kit_db::on_both_databases!(migrations() =>
    oidcc_server, oidcc_response_type_missing, oidcc_idtoken_signature, oidcc_idtoken_unsigned,
    oidcc_userinfo_get, oidcc_userinfo_post_header, oidcc_userinfo_post_body,
    oidcc_ensure_request_without_nonce_succeeds_for_code_flow, oidcc_scope_profile,
    oidcc_scope_email, oidcc_scope_address, oidcc_scope_phone, oidcc_scope_all,
    oidcc_ensure_other_scope_order_succeeds, oidcc_display_page, oidcc_display_popup,
    oidcc_prompt_login, oidcc_prompt_none_not_logged_in, oidcc_prompt_none_logged_in,
    oidcc_max_age_1, oidcc_max_age_10000, oidcc_ensure_request_with_unknown_parameter_succeeds,
    oidcc_id_token_hint, oidcc_login_hint, oidcc_ui_locales, oidcc_claims_locales,
    oidcc_ensure_request_with_acr_values_succeeds, oidcc_codereuse, oidcc_codereuse_30seconds,
    oidcc_ensure_registered_redirect_uri, oidcc_ensure_post_request_succeeds,
    oidcc_server_client_secret_post, oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported, oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
    oidcc_claims_essential, oidcc_ensure_request_object_with_redirect_uri, oidcc_refresh_token,
    oidcc_ensure_request_with_valid_pkce_succeeds,
);

async fn ready(db: Db) -> (World, Service, Browser) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    (world, service, Browser::default())
}

/// A sign-in with these parameters gives tokens.
async fn succeeds(db: Db, more: &[(&str, &str)]) -> (World, Service, Browser, Tokens) {
    let (world, service, mut browser) = ready(db).await;
    let tokens = world.tokens(&mut browser, &service, more).await;
    (world, service, browser, tokens)
}

async fn oidcc_server(db: Db) {
    let (world, service, _, tokens) = succeeds(db, &[]).await;
    let claims = world.claims(&tokens.id).await;
    assert_eq!(claims.text("iss"), Some(ISSUER));
    assert_eq!(
        claims.audiences().unwrap(),
        [service.new.client_id.as_str()]
    );
    let (issued, ends) = (
        claims.instant("iat").unwrap(),
        claims.instant("exp").unwrap(),
    );
    assert!(ends > issued);
    let known = world.read("/.well-known/openid-configuration", &[]).await;
    let known = known.json();
    assert_eq!(known["issuer"], ISSUER);
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "scopes_supported",
        "claims_supported",
    ] {
        assert!(!known[name].is_null(), "{name}");
    }
    let algorithms = known["id_token_signing_alg_values_supported"]
        .as_array()
        .unwrap();
    assert!(
        algorithms.contains(&json!("RS256")),
        "every provider has it (Discovery, section 3)"
    );
}

async fn oidcc_response_type_missing(db: Db) {
    let (world, service, mut browser) = ready(db).await;
    let back = browser
        .sign_in_to(&world, &service, &[("response_type", "")])
        .await;
    assert_eq!(
        (back["error"].as_str(), back["state"].as_str()),
        ("invalid_request", "st")
    );
}

async fn oidcc_idtoken_signature(db: Db) {
    let (world, _, _, tokens) = succeeds(db, &[]).await;
    // `claims` checks the signature against the published keys; a changed token fails.
    world.claims(&tokens.id).await;
    let keys = world.read("/api/v2/jwks", &[]).await;
    let set = jose::jwk::JwkSet::parse(keys.body.as_bytes()).unwrap();
    let all = set.verification_keys(jose::Algorithm::Es256);
    let mut parts: Vec<&str> = tokens.id.split('.').collect();
    parts[1] = "eyJzdWIiOiJldmUifQ";
    let forged = parts.join(".");
    let typ = jose::jws::Typ::AbsentOr(&["JWT"]);
    assert!(jose::jws::verify_any(&forged, &all, typ, &jose::Limits::SIGNED).is_err());
}

async fn oidcc_idtoken_unsigned(db: Db) {
    // A provider needn't have it: this one can't be made to.
    let (world, ..) = ready(db).await;
    let known = world.read("/.well-known/openid-configuration", &[]).await;
    let algorithms = known.json()["id_token_signing_alg_values_supported"].to_string();
    assert!(!algorithms.contains("none"), "{algorithms}");
    let mut unsigned = form();
    unsigned.id_token_algorithm = "none".into();
    let refused = world
        .identity
        .register(&crate::world::root(), &unsigned)
        .await;
    assert!(refused.is_err());
}

async fn oidcc_userinfo_get(db: Db) {
    let (world, _, _, tokens) = succeeds(db, &[]).await;
    let reply = world.userinfo(&tokens.access).await;
    assert_eq!(reply.header("content-type"), "application/json");
    let subject = world
        .claims(&tokens.id)
        .await
        .text("sub")
        .unwrap()
        .to_owned();
    assert_eq!(reply.json(), json!({ "sub": subject }));
}

async fn oidcc_userinfo_post_header(db: Db) {
    let (world, _, _, tokens) = succeeds(db, &[]).await;
    let bearer = format!("Bearer {}", tokens.access);
    let reply = world
        .call("/api/v2/userinfo", &[("authorization", &bearer)], &[])
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
}

async fn oidcc_userinfo_post_body(db: Db) {
    let (world, _, _, tokens) = succeeds(db, &[]).await;
    let path = "/api/v2/userinfo";
    let reply = world
        .call(path, &[], &[("access_token", &tokens.access)])
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let bearer = format!("Bearer {}", tokens.access);
    let both = [("authorization", bearer.as_str())];
    let twice = world
        .call(path, &both, &[("access_token", &tokens.access)])
        .await;
    assert_eq!(twice.error(), "invalid_request");
}

async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(db: Db) {
    let (world, _, _, tokens) = succeeds(db, &[("nonce", "")]).await;
    assert_eq!(world.claims(&tokens.id).await.get("nonce"), None);
}

/// What userinfo tells with this scope.
async fn told(db: Db, scope: &str) -> serde_json::Value {
    let (world, _, _, tokens) = succeeds(db, &[("scope", scope)]).await;
    world.userinfo(&tokens.access).await.json()
}

async fn oidcc_scope_profile(db: Db) {
    let told = told(db, "openid profile").await;
    assert_eq!(told["name"], "Ada Martin");
    assert!(told["email"].is_null());
}

async fn oidcc_scope_email(db: Db) {
    let told = told(db, "openid email").await;
    assert_eq!(told["email"], "ada@x.example");
    assert!(told["email_verified"].is_boolean() && told["name"].is_null());
}

async fn oidcc_scope_address(db: Db) {
    // Not known here: left out, and the sign-in goes on (OpenID Connect Core 3.1.2.1).
    assert!(told(db, "openid address").await["address"].is_null());
}

async fn oidcc_scope_phone(db: Db) {
    assert!(told(db, "openid phone").await["phone_number"].is_null());
}

async fn oidcc_scope_all(db: Db) {
    let told = told(db, "openid profile email address phone").await;
    assert_eq!(
        (told["name"].as_str(), told["email"].as_str()),
        (Some("Ada Martin"), Some("ada@x.example"))
    );
}

async fn oidcc_ensure_other_scope_order_succeeds(db: Db) {
    assert_eq!(told(db, "email openid").await["email"], "ada@x.example");
}

async fn oidcc_display_page(db: Db) {
    succeeds(db, &[("display", "page")]).await;
}

async fn oidcc_display_popup(db: Db) {
    succeeds(db, &[("display", "popup")]).await;
}

async fn oidcc_prompt_login(db: Db) {
    let (world, service, mut browser, first) = succeeds(db, &[]).await;
    world.clock.advance(SignedDuration::from_secs(5));
    browser.went.clear();
    let second = world
        .tokens(&mut browser, &service, &[("prompt", "login")])
        .await;
    assert!(browser.went.contains(&"/sign-in".to_owned()), "asked again");
    let at = async |token: &str| {
        world
            .claims(token)
            .await
            .instant("auth_time")
            .unwrap()
            .unwrap()
    };
    assert!(at(&second.id).await > at(&first.id).await);
}

async fn oidcc_prompt_none_not_logged_in(db: Db) {
    let (world, service, mut browser) = ready(db).await;
    let back = browser
        .sign_in_to(&world, &service, &[("prompt", "none")])
        .await;
    assert_eq!(
        (back["error"].as_str(), back["state"].as_str()),
        ("login_required", "st")
    );
}

async fn oidcc_prompt_none_logged_in(db: Db) {
    let (world, service, mut browser, first) = succeeds(db, &[]).await;
    let second = world
        .tokens(&mut browser, &service, &[("prompt", "none")])
        .await;
    let (first, second) = (
        world.claims(&first.id).await,
        world.claims(&second.id).await,
    );
    for claim in ["sub", "auth_time", "sid"] {
        assert_eq!(first.get(claim), second.get(claim), "{claim}");
    }
}

async fn oidcc_max_age_1(db: Db) {
    let (world, service, mut browser, first) = succeeds(db, &[]).await;
    world.clock.advance(SignedDuration::from_secs(2));
    let second = world
        .tokens(&mut browser, &service, &[("max_age", "1")])
        .await;
    let at = async |token: &str| {
        world
            .claims(token)
            .await
            .instant("auth_time")
            .unwrap()
            .unwrap()
    };
    assert_eq!(at(&second.id).await - at(&first.id).await, 2);
}

async fn oidcc_max_age_10000(db: Db) {
    let (world, service, mut browser, first) = succeeds(db, &[("max_age", "15000")]).await;
    world.clock.advance(SignedDuration::from_secs(60));
    browser.went.clear();
    let second = world
        .tokens(&mut browser, &service, &[("max_age", "10000")])
        .await;
    assert_eq!(browser.went, ["/api/v2/authorize"], "nobody is asked");
    let (first, second) = (
        world.claims(&first.id).await,
        world.claims(&second.id).await,
    );
    assert!(first.get("auth_time").is_some());
    assert_eq!(first.get("auth_time"), second.get("auth_time"));
}

async fn oidcc_ensure_request_with_unknown_parameter_succeeds(db: Db) {
    succeeds(db, &[("extra", "foobar")]).await;
}

async fn oidcc_id_token_hint(db: Db) {
    let (world, service, mut browser, first) = succeeds(db, &[]).await;
    let more = [("prompt", "none"), ("id_token_hint", first.id.as_str())];
    let second = world.tokens(&mut browser, &service, &more).await;
    let subject = world
        .claims(&first.id)
        .await
        .text("sub")
        .unwrap()
        .to_owned();
    assert_eq!(
        world.claims(&second.id).await.text("sub"),
        Some(subject.as_str())
    );
    let forged = format!("{}x", first.id);
    let more = [("prompt", "none"), ("id_token_hint", forged.as_str())];
    let back = browser.sign_in_to(&world, &service, &more).await;
    assert_eq!(back["error"], "login_required");
}

async fn oidcc_login_hint(db: Db) {
    let (world, service, mut browser) = ready(db).await;
    let address = service.address(&[("login_hint", "ada@x.example")]);
    let to_page = browser.get(&world, &address).await;
    let page = browser.get(&world, to_page.header("location")).await;
    assert!(page.body.contains("value=\"ada@x.example\""), "filled in");
    world
        .tokens(
            &mut browser,
            &service,
            &[("login_hint", "buffy@unknown.example")],
        )
        .await;
}

async fn oidcc_ui_locales(db: Db) {
    succeeds(db, &[("ui_locales", "se")]).await;
}

async fn oidcc_claims_locales(db: Db) {
    succeeds(db, &[("claims_locales", "se")]).await;
}

async fn oidcc_ensure_request_with_acr_values_succeeds(db: Db) {
    let (world, _, _, tokens) = succeeds(db, &[("acr_values", "1 2")]).await;
    assert_eq!(world.claims(&tokens.id).await.text("acr"), Some("eidas1"));
}

async fn reused(db: Db, later: i64) {
    let (world, service, mut browser) = ready(db).await;
    let code = world.code(&mut browser, &service, &[]).await;
    let tokens = Tokens::of(&service.exchange(&world, &code, &[]).await);
    world.clock.advance(SignedDuration::from_secs(later));
    let again = service.exchange(&world, &code, &[]).await;
    assert_eq!(
        (again.status, again.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_grant")
    );
    let after = world.userinfo(&tokens.access).await;
    assert_eq!(
        after.status,
        StatusCode::UNAUTHORIZED,
        "what the first use gave has ended"
    );
}

async fn oidcc_codereuse(db: Db) {
    reused(db, 0).await;
}

async fn oidcc_codereuse_30seconds(db: Db) {
    reused(db, 30).await;
}

async fn oidcc_ensure_registered_redirect_uri(db: Db) {
    let (world, service, mut browser) = ready(db).await;
    for other in [
        "https://s.example/cb/",
        "https://s.example/cb?x=1",
        "https://evil.example/cb",
        "",
    ] {
        let page = browser
            .sign_in_to(&world, &service, &[("redirect_uri", other)])
            .await;
        assert_eq!(
            page.get("status").map(String::as_str),
            Some("400"),
            "{other}: {page:?}"
        );
        assert!(page["page"].contains("redirect_uri"));
    }
}

async fn oidcc_ensure_post_request_succeeds(db: Db) {
    let (world, service, mut browser) = ready(db).await;
    let address = service.address(&[]);
    let (path, query) = address.split_once('?').unwrap();
    let reply = browser
        .request(&world.app, Method::POST, path, Some(query.to_owned()))
        .await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let back = browser.follow(&world, reply.header("location")).await;
    Tokens::of(&service.exchange(&world, &back["code"], &[]).await);
}

async fn oidcc_server_client_secret_post(db: Db) {
    let (world, _, mut browser) = ready(db).await;
    let mut posting = form();
    posting.auth_method = "client_secret_post".into();
    let service = world.service(&posting).await;
    let code = world.code(&mut browser, &service, &[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", service.new.client_id.as_str()),
        ("client_secret", service.secret()),
    ];
    Tokens::of(&world.call("/api/v2/token", &[], &form).await);
    let code = world.code(&mut browser, &service, &[]).await;
    let by_header = service.exchange(&world, &code, &[]).await;
    assert_eq!(
        by_header.error(),
        "invalid_client",
        "by the registered method only"
    );
    assert_eq!(by_header.status, StatusCode::UNAUTHORIZED);
    assert!(by_header.header("www-authenticate").starts_with("Basic"));
}

async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(db: Db) {
    let (world, service, mut browser) = ready(db).await;
    let more = [("request_uri", "https://s.example/request.jwt")];
    let back = browser.sign_in_to(&world, &service, &more).await;
    assert_eq!(back["error"], "request_uri_not_supported");
}

/// `{"alg":"none"}` and these claims.
fn unsigned(claims: &serde_json::Value) -> String {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.",
        encode("{\"alg\":\"none\"}"),
        encode(&claims.to_string())
    )
}

async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(db: Db) {
    let (world, service, mut browser) = ready(db).await;
    let object = unsigned(&json!({ "state": "inside" }));
    let back = browser
        .sign_in_to(&world, &service, &[("request", &object)])
        .await;
    assert_eq!(back["error"], "invalid_request_object");
}

async fn oidcc_claims_essential(db: Db) {
    let wish = json!({ "userinfo": { "name": { "essential": true } } }).to_string();
    let (world, _, _, tokens) = succeeds(db, &[("claims", &wish)]).await;
    assert_eq!(
        world.userinfo(&tokens.access).await.json()["name"],
        "Ada Martin"
    );
}

async fn oidcc_ensure_request_object_with_redirect_uri(db: Db) {
    let (world, service, mut browser) = ready(db).await;
    let object = unsigned(&json!({ "redirect_uri": "https://s.example/cb" }));
    let more = [
        ("request", object.as_str()),
        ("redirect_uri", "https://evil.example/cb"),
    ];
    let page = browser.sign_in_to(&world, &service, &more).await;
    assert_eq!(
        page["status"], "400",
        "nobody is sent to an address that a stranger wrote"
    );
}

async fn oidcc_refresh_token(db: Db) {
    let more = [("scope", "openid offline_access"), ("prompt", "consent")];
    let (world, service, _, first) = succeeds(db, &more).await;
    world.clock.advance(SignedDuration::from_secs(1));
    let second = Tokens::of(
        &service
            .refresh(&world, first.refresh.as_deref().unwrap())
            .await,
    );
    assert_ne!(first.access, second.access);
    let (before, after) = (
        world.claims(&first.id).await,
        world.claims(&second.id).await,
    );
    for claim in ["iss", "sub", "aud", "auth_time", "acr"] {
        assert_eq!(before.get(claim), after.get(claim), "{claim}");
    }
    assert!(after.instant("iat").unwrap() > before.instant("iat").unwrap());
    // The second client may not use the first one's.
    let other = world.service(&form()).await;
    let refused = other
        .refresh(&world, second.refresh.as_deref().unwrap())
        .await;
    assert_eq!(refused.error(), "invalid_grant");
}

async fn oidcc_ensure_request_with_valid_pkce_succeeds(db: Db) {
    let (world, service, mut browser) = ready(db).await;
    let pkce = [
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let code = world.code(&mut browser, &service, &pkce).await;
    Tokens::of(
        &service
            .exchange(&world, &code, &[("code_verifier", VERIFIER)])
            .await,
    );
    assert!(encoded(&pkce).contains("S256"));
}
