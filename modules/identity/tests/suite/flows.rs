//! Whole ways through a sign-in, and what may go wrong on them.

use http::StatusCode;
use identity::SessionEnds;
use jiff::SignedDuration;
use kit_db::Db;
use kit_journal::Subscribers;
use std::sync::Arc;

use crate::world::{
    Browser, CALLBACK, CHALLENGE, ISSUER, Tokens, VERIFIER, World, form, migrations, root, world,
};

kit_db::on_both_databases!(migrations() =>
    a_person_signs_in_to_a_service, consent_is_asked_once_and_taken_back, saying_no_is_told,
    a_refresh_token_is_used_once, a_code_is_bound_to_its_verifier_client_and_address,
    signing_out_ends_what_services_hold,
    a_closed_account_opens_nothing, pairwise_names_differ_public_ones_do_not,
    introspection_tells_its_callers_only_what_is_theirs, revocation_ends_what_it_names,
    pushed_requests_are_good_once, the_french_profile_is_stricter,
);

async fn a_person_signs_in_to_a_service(db: Db) {
    let world = world(db).await;
    let mut form = form();
    form.asks_consent = true;
    let service = world.service(&form).await;
    let mut browser = Browser::default();
    let more = [("scope", "openid profile email")];
    let back = browser.sign_in_to(&world, &service, &more).await;
    assert_eq!(back["to"], CALLBACK);
    assert_eq!(
        (back["state"].as_str(), back["iss"].as_str()),
        ("st", ISSUER)
    );
    let tokens = Tokens::of(&service.exchange(&world, &back["code"], &[]).await);
    let claims = world.claims(&tokens.id).await;
    assert_eq!(claims.text("iss"), Some(ISSUER));
    assert_eq!(
        claims.audiences().unwrap(),
        [service.new.client_id.as_str()]
    );
    assert_eq!(claims.text("nonce"), Some("no"));
    assert_eq!(claims.text("acr"), Some("eidas1"));
    assert_eq!(claims.get("name"), None, "scopes are answered by userinfo");
    let userinfo = world.userinfo(&tokens.access).await.json();
    assert_eq!(userinfo["sub"].as_str(), claims.text("sub"));
    assert_eq!(userinfo["name"], "Ada Martin");
    assert_eq!(userinfo["email"], "ada@x.example");
    // The second time nobody is asked anything: straight back.
    browser.went.clear();
    world.code(&mut browser, &service, &more).await;
    assert_eq!(browser.went, ["/api/v2/authorize"]);
}

async fn consent_is_asked_once_and_taken_back(db: Db) {
    let world = world(db).await;
    let mut form = form();
    form.asks_consent = true;
    let service = world.service(&form).await;
    let mut browser = Browser::default();
    let tokens = world
        .tokens(&mut browser, &service, &[("scope", "openid email")])
        .await;
    let silent = [("prompt", "none"), ("scope", "openid email")];
    assert!(
        browser
            .sign_in_to(&world, &service, &silent)
            .await
            .contains_key("code")
    );
    let more = [("prompt", "none"), ("scope", "openid email profile")];
    let back = browser.sign_in_to(&world, &service, &more).await;
    assert_eq!(back["error"], "consent_required");
    let page = browser.get(&world, "/account/services").await;
    assert!(page.body.contains("Guichet"), "{}", page.body);
    let id = service.new.id.to_string();
    let taken = browser
        .submit(
            &world,
            &page,
            "/account/services/withdraw",
            &[("service", &id)],
        )
        .await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    assert_eq!(
        world.userinfo(&tokens.access).await.status,
        StatusCode::UNAUTHORIZED
    );
    let refresh = tokens.refresh.unwrap();
    assert_eq!(
        service.refresh(&world, &refresh).await.error(),
        "invalid_grant"
    );
    let back = browser.sign_in_to(&world, &service, &silent).await;
    assert_eq!(back["error"], "consent_required");
}

async fn saying_no_is_told(db: Db) {
    let world = world(db).await;
    let mut form = form();
    form.asks_consent = true;
    let service = world.service(&form).await;
    let mut browser = Browser {
        refuses: true,
        ..Browser::default()
    };
    let back = browser.sign_in_to(&world, &service, &[]).await;
    assert_eq!(
        (back["error"].as_str(), back["state"].as_str()),
        ("access_denied", "st")
    );
}

async fn a_refresh_token_is_used_once(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let first = world.tokens(&mut browser, &service, &[]).await;
    let used = first.refresh.unwrap();
    let second = Tokens::of(&service.refresh(&world, &used).await);
    let claims = world.claims(&second.id).await;
    assert_eq!(
        claims.text("sub"),
        world.claims(&first.id).await.text("sub")
    );
    assert_eq!(claims.text("nonce"), None);
    assert_eq!(world.userinfo(&second.access).await.status, StatusCode::OK);
    // Whoever copied the first one uses it: all that came from it ends.
    assert_eq!(
        service.refresh(&world, &used).await.error(),
        "invalid_grant"
    );
    let newest = second.refresh.unwrap();
    assert_eq!(
        service.refresh(&world, &newest).await.error(),
        "invalid_grant"
    );
    assert_eq!(
        world.userinfo(&second.access).await.status,
        StatusCode::UNAUTHORIZED
    );
    // Another service's refresh token is as good as none, and stays good for its owner.
    let other = world.service(&form()).await;
    let own = world
        .tokens(&mut browser, &service, &[])
        .await
        .refresh
        .unwrap();
    assert_eq!(other.refresh(&world, &own).await.error(), "invalid_grant");
    Tokens::of(&service.refresh(&world, &own).await);
}

async fn a_code_is_bound_to_its_verifier_client_and_address(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let other = world.service(&form()).await;
    let mut browser = Browser::default();
    let pkce = [
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let code = world.code(&mut browser, &service, &pkce).await;
    // Code injection: another client's code, and the owner's try after that still works.
    assert_eq!(
        other.exchange(&world, &code, &[]).await.error(),
        "invalid_grant"
    );
    Tokens::of(
        &service
            .exchange(&world, &code, &[("code_verifier", VERIFIER)])
            .await,
    );
    for (verifier, redirect) in [
        (None, CALLBACK),
        (
            Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX"),
            CALLBACK,
        ),
        (Some(VERIFIER), "https://s.example/other"),
    ] {
        let code = world.code(&mut browser, &service, &pkce).await;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect),
        ];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        let refused = service.call(&world, "/api/v2/token", &form).await;
        assert_eq!(refused.error(), "invalid_grant");
        // The wrong try used it up.
        let late = service
            .exchange(&world, &code, &[("code_verifier", VERIFIER)])
            .await;
        assert_eq!(late.error(), "invalid_grant");
    }
    let code = world.code(&mut browser, &service, &[]).await;
    let downgrade = service
        .exchange(&world, &code, &[("code_verifier", VERIFIER)])
        .await;
    assert_eq!(downgrade.error(), "invalid_grant");
    let code = world.code(&mut browser, &service, &[]).await;
    world.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(
        service.exchange(&world, &code, &[]).await.error(),
        "invalid_grant"
    );
    let plain = [
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "plain"),
    ];
    let back = browser.sign_in_to(&world, &service, &plain).await;
    assert_eq!(back["error"], "invalid_request");
}

async fn follow_the_journal(world: &World) {
    let ends = Arc::new(SessionEnds(world.identity.clone()));
    Subscribers::new(world.db.clone(), vec![ends])
        .run_once()
        .await
        .unwrap();
}

async fn signing_out_ends_what_services_hold(db: Db) {
    let world = world(db).await;
    let mut listening = form();
    listening.backchannel_logout_uri = "https://s.example/logout".into();
    let service = world.service(&listening).await;
    let mut browser = Browser::default();
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    let offline = world
        .tokens(
            &mut browser,
            &service,
            &[("scope", "openid offline_access")],
        )
        .await;
    let end = |hint: &str| {
        let form = [
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", "https://s.example/bye"),
            ("state", "s2"),
        ];
        format!("/api/v2/session/end?{}", crate::world::encoded(&form))
    };
    let back = browser.follow(&world, &end(&tokens.id)).await;
    assert_eq!(back["to"], "https://s.example/bye");
    assert_eq!(back["state"], "s2", "the state isn't dropped");
    assert_eq!(browser.session(), None);
    let refresh = tokens.refresh.unwrap();
    // At once, before the journal is followed: the session is gone.
    assert_eq!(
        service.refresh(&world, &refresh).await.error(),
        "invalid_grant"
    );
    assert_eq!(
        world.userinfo(&tokens.access).await.status,
        StatusCode::UNAUTHORIZED
    );
    follow_the_journal(&world).await;
    let jobs = world
        .jobs
        .newest_of(identity::LOGOUT_JOB, 10)
        .await
        .unwrap();
    assert_eq!(jobs.len(), 1, "the service is told once");
    let notice = serde_json::from_value(jobs[0].payload.clone()).unwrap();
    let (address, token) = world.identity.logout_token(&notice).await.unwrap().unwrap();
    assert_eq!(address, "https://s.example/logout");
    let told = world.claims(&token).await;
    let id = world.claims(&tokens.id).await;
    assert_eq!(
        told.text("sub"),
        id.text("sub"),
        "by the name that the service knows"
    );
    assert_eq!(told.text("sid"), id.text("sid"));
    assert!(told.get("nonce").is_none() && told.get("events").is_some());
    // What was agreed to go on goes on.
    Tokens::of(&service.refresh(&world, &offline.refresh.unwrap()).await);
    let back = browser
        .sign_in_to(&world, &service, &[("prompt", "none")])
        .await;
    assert_eq!(back["error"], "login_required");
    // Nowhere but to a registered address; and without a proof a person is asked.
    let mut browser = Browser::default();
    world.tokens(&mut browser, &service, &[]).await;
    let elsewhere = "/api/v2/session/end?post_logout_redirect_uri=https%3A%2F%2Fevil.example";
    let asked = browser.follow(&world, elsewhere).await;
    assert!(asked["page"].contains("Se déconnecter"), "{asked:?}");
    assert!(browser.session().is_some());
    let page = browser.get(&world, elsewhere).await;
    let done = browser
        .submit(&world, &page, "/connect/sign-out", &[])
        .await;
    assert!(done.body.contains("Vous êtes déconnecté") && done.header("refresh").is_empty());
    assert_eq!(browser.session(), None);
}

async fn a_closed_account_opens_nothing(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let offline = [("scope", "openid offline_access")];
    let tokens = world.tokens(&mut browser, &service, &offline).await;
    world
        .directory
        .set_disabled(&root(), world.ada, true)
        .await
        .unwrap();
    assert_eq!(
        world.userinfo(&tokens.access).await.status,
        StatusCode::UNAUTHORIZED
    );
    let refused = service
        .refresh(&world, tokens.refresh.as_deref().unwrap())
        .await;
    assert_eq!(refused.error(), "invalid_grant");
}

async fn pairwise_names_differ_public_ones_do_not(db: Db) {
    let world = world(db).await;
    let mut elsewhere = form();
    elsewhere.redirect_uris = format!("{CALLBACK}\nhttps://s.example/two");
    let mut public = form();
    public.subject_type = "public".into();
    let mut browser = Browser::default();
    let mut names = Vec::new();
    for form in [&form(), &elsewhere, &public, &public] {
        let service = world.service(form).await;
        let tokens = world.tokens(&mut browser, &service, &[]).await;
        names.push(
            world
                .claims(&tokens.id)
                .await
                .text("sub")
                .unwrap()
                .to_owned(),
        );
    }
    assert_eq!(names[0], names[1], "one host is one sector");
    assert_eq!(names[2], names[3]);
    assert_eq!(names[2], world.ada.to_string());
    assert_ne!(names[0], names[2]);
}

async fn introspection_tells_its_callers_only_what_is_theirs(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let stranger = world.service(&form()).await;
    let mut producer = form();
    producer.introspects = true;
    producer.redirect_uris = "https://data.example/cb".into();
    producer.scopes = vec!["openid".into(), "email".into()];
    let producer = world.service(&producer).await;
    let mut browser = Browser::default();
    let more = [("scope", "openid profile email")];
    let tokens = world.tokens(&mut browser, &service, &more).await;
    let ask = [("token", tokens.access.as_str())];
    let path = "/api/v2/introspection";
    let own = service.call(&world, path, &ask).await.json();
    assert_eq!(
        (own["active"].as_bool(), own["scope"].as_str()),
        (Some(true), Some("openid profile email"))
    );
    let subject = world
        .claims(&tokens.id)
        .await
        .text("sub")
        .unwrap()
        .to_owned();
    assert_eq!(own["sub"], subject.as_str());
    let theirs = producer.call(&world, path, &ask).await.json();
    assert_eq!(
        theirs["scope"], "openid email",
        "within the producer's own scopes"
    );
    assert_ne!(theirs["sub"], own["sub"], "by the producer's own name");
    let refused = stranger.call(&world, path, &ask).await;
    assert_eq!(refused.json(), serde_json::json!({ "active": false }));
    let unknown = service.call(&world, path, &[("token", "x")]).await;
    assert_eq!(unknown.json(), serde_json::json!({ "active": false }));
    assert_eq!(
        service.call(&world, path, &[]).await.error(),
        "invalid_request"
    );
    let basic = producer.basic();
    let headers = [
        ("authorization", basic.as_str()),
        ("accept", "application/token-introspection+jwt"),
    ];
    let signed = world.call(path, &headers, &ask).await;
    assert_eq!(
        signed.header("content-type"),
        "application/token-introspection+jwt"
    );
    let claims = world.claims(&signed.body).await;
    assert_eq!(
        claims.audiences().unwrap(),
        [producer.new.client_id.as_str()]
    );
    assert_eq!(claims.get("token_introspection").unwrap()["active"], true);
}

async fn revocation_ends_what_it_names(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let stranger = world.service(&form()).await;
    let mut browser = Browser::default();
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    let path = "/api/v2/revocation";
    for caller in [&stranger, &service] {
        let done = caller
            .call(&world, path, &[("token", &tokens.access)])
            .await;
        assert_eq!(done.status, StatusCode::OK);
        let still = world.userinfo(&tokens.access).await.status == StatusCode::OK;
        assert_eq!(
            still,
            std::ptr::eq(caller, &raw const stranger),
            "only its owner's ends"
        );
    }
    let refresh = tokens.refresh.unwrap();
    let again = Tokens::of(&service.refresh(&world, &refresh).await);
    let refresh = again.refresh.unwrap();
    service.call(&world, path, &[("token", &refresh)]).await;
    assert_eq!(
        service.refresh(&world, &refresh).await.error(),
        "invalid_grant"
    );
    assert_eq!(
        world.userinfo(&again.access).await.status,
        StatusCode::UNAUTHORIZED
    );
}

async fn pushed_requests_are_good_once(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let other = world.service(&form()).await;
    let request = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "pushed"),
    ];
    let pushed = service.call(&world, "/api/v2/par", &request).await;
    assert_eq!(pushed.status, StatusCode::CREATED);
    let address = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let bring = |service: &crate::world::Service| {
        let form = [
            ("client_id", service.new.client_id.as_str()),
            ("request_uri", address.as_str()),
        ];
        format!("/api/v2/authorize?{}", crate::world::encoded(&form))
    };
    let mut browser = Browser::default();
    let stolen = browser.follow(&world, &bring(&other)).await;
    assert!(stolen["page"].contains("invalid_request_uri"), "{stolen:?}");
    let back = browser.follow(&world, &bring(&service)).await;
    assert_eq!(back["state"], "pushed");
    let again = browser.follow(&world, &bring(&service)).await;
    assert!(again["page"].contains("invalid_request_uri"));
    let mut wrong = request;
    wrong[1].1 = "https://evil.example/";
    let refused = service.call(&world, "/api/v2/par", &wrong).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
    // A request by reference to elsewhere is never fetched.
    let elsewhere = [("request_uri", "https://169.254.169.254/latest")];
    let back = browser.sign_in_to(&world, &service, &elsewhere).await;
    assert_eq!(back["error"], "request_uri_not_supported");
}

async fn the_french_profile_is_stricter(db: Db) {
    let world = world(db).await;
    let mut french = form();
    french.profile = "france".into();
    let service = world.service(&french).await;
    let mut browser = Browser::default();
    let long = "x".repeat(32);
    let good = [
        ("state", long.as_str()),
        ("nonce", &long),
        ("acr_values", "eidas1"),
    ];
    let tokens = world.tokens(&mut browser, &service, &good).await;
    for (at, value) in [(0, "short"), (1, "short"), (2, "")] {
        let mut wrong = good;
        wrong[at].1 = value;
        let back = browser.sign_in_to(&world, &service, &wrong).await;
        assert_eq!(back["error"], "invalid_request", "{wrong:?}");
    }
    let mut higher = good;
    higher[2].1 = "eidas2";
    let back = browser.sign_in_to(&world, &service, &higher).await;
    assert_eq!(
        back["error"], "unmet_authentication_requirements",
        "never raised without proof"
    );
    let silent = [good[0], good[1], good[2], ("prompt", "none")];
    let back = browser.sign_in_to(&world, &service, &silent).await;
    assert_eq!(back["error"], "invalid_request");
    assert_eq!(world.userinfo(&tokens.access).await.status, StatusCode::OK);
    world.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(
        world.userinfo(&tokens.access).await.status,
        StatusCode::UNAUTHORIZED
    );
    let code = world.code(&mut browser, &service, &good).await;
    world.clock.advance(SignedDuration::from_secs(31));
    assert_eq!(
        service.exchange(&world, &code, &[]).await.error(),
        "invalid_grant"
    );
}
