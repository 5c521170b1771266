//! What somebody may try, and what must come of it.

use http::StatusCode;
use jiff::SignedDuration;
use jose::jwk::JwkSet;
use kit_db::Db;

use crate::world::{Browser, ISSUER, encoded, form, migrations, root, world};

kit_db::on_both_databases!(migrations() =>
    mix_up, open_redirect, clickjacking,
    session_fixation, token_substitution_between_clients, oversized_requests_are_refused, a_ticket_is_good_once,
    a_secret_in_two_places_is_refused, a_repeated_parameter_is_refused,
    claims_asked_by_name_stay_within_the_registration, a_public_client_needs_pkce, another_persons_hint_tells_nothing,
    userinfo_is_signed_and_encrypted_for_its_service, everything_odd_is_answered_without_a_fault,
    a_stranger_runs_nothing,
);

async fn mix_up(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let right = browser.sign_in_to(&world, &service, &[]).await;
    let wrong = browser
        .sign_in_to(&world, &service, &[("prompt", "nonsense")])
        .await;
    assert_eq!(
        (right["iss"].as_str(), wrong["iss"].as_str()),
        (ISSUER, ISSUER)
    );
}

async fn open_redirect(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    for evil in [
        "https://evil.example/cb",
        "https://s.example.evil.example/cb",
        "https://s.example/cb#x",
        "https://s.example/cb/../other",
        "https://s.example@evil.example/cb",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        let page = browser
            .sign_in_to(&world, &service, &[("redirect_uri", evil)])
            .await;
        assert_eq!(
            page.get("status").map(String::as_str),
            Some("400"),
            "{evil}"
        );
        let end = [
            ("client_id", service.new.client_id.as_str()),
            ("post_logout_redirect_uri", evil),
        ];
        let page = browser
            .follow(&world, &format!("/api/v2/session/end?{}", encoded(&end)))
            .await;
        assert!(page.contains_key("page"), "{evil}: {page:?}");
    }
}

async fn clickjacking(db: Db) {
    let world = world(db).await;
    let mut form = form();
    form.asks_consent = true;
    let service = world.service(&form).await;
    let mut browser = Browser::default();
    let reply = browser.get(&world, &service.address(&[])).await;
    let page = browser.get(&world, reply.header("location")).await;
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    // And a consent can't be sent from another site's form.
    let ticket = crate::world::between(reply.header("location"), "%2Fconnect%2F", "&");
    let ticket = if ticket.is_empty() {
        reply.header("location").rsplit("%2F").next().unwrap()
    } else {
        ticket
    };
    let foreign = world
        .call(&format!("/connect/{ticket}"), &[], &[("decision", "allow")])
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
}

async fn session_fixation(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    browser.cookies.insert(
        kit_http::SESSION_COOKIE.into(),
        "chosen-by-somebody-else".into(),
    );
    world.tokens(&mut browser, &service, &[]).await;
    let first = browser.session().unwrap().to_owned();
    assert_ne!(first, "chosen-by-somebody-else");
    world.clock.advance(SignedDuration::from_secs(1));
    world
        .tokens(&mut browser, &service, &[("prompt", "login")])
        .await;
    assert_ne!(browser.session(), Some(first.as_str()));
    let mut stale = Browser::default();
    stale.cookies.insert(kit_http::SESSION_COOKIE.into(), first);
    let back = stale
        .sign_in_to(&world, &service, &[("prompt", "none")])
        .await;
    assert_eq!(back["error"], "login_required", "the former session ended");
}

async fn token_substitution_between_clients(db: Db) {
    let world = world(db).await;
    let (service, other) = (world.service(&form()).await, world.service(&form()).await);
    let mut browser = Browser::default();
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    // An identity token is no access token, an access token no refresh token, a code neither.
    assert_eq!(world.userinfo(&tokens.id).await.error(), "invalid_token");
    assert_eq!(
        world
            .userinfo(tokens.refresh.as_deref().unwrap())
            .await
            .error(),
        "invalid_token"
    );
    assert_eq!(
        service.refresh(&world, &tokens.access).await.error(),
        "invalid_grant"
    );
    assert_eq!(
        service.exchange(&world, &tokens.access, &[]).await.error(),
        "invalid_grant"
    );
    // A hint given to one service says nothing to another.
    let more = [("prompt", "none"), ("id_token_hint", tokens.id.as_str())];
    let back = browser.sign_in_to(&world, &other, &more).await;
    assert_eq!(back["error"], "login_required");
    let end = [
        ("id_token_hint", tokens.id.as_str()),
        ("client_id", other.new.client_id.as_str()),
        ("post_logout_redirect_uri", "https://s.example/bye"),
    ];
    let page = browser
        .follow(&world, &format!("/api/v2/session/end?{}", encoded(&end)))
        .await;
    assert!(
        page.contains_key("page"),
        "two names: nobody is sent anywhere"
    );
}

async fn oversized_requests_are_refused(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let long = "x".repeat(2_049);
    let back = browser
        .sign_in_to(&world, &service, &[("state", &long)])
        .await;
    assert_eq!(
        (back["error"].as_str(), back.get("state")),
        ("invalid_request", None)
    );
    let many: Vec<(String, String)> = (0..61).map(|n| (format!("p{n}"), "x".into())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let back = browser.sign_in_to(&world, &service, &many).await;
    assert_eq!(back["error"], "invalid_request");
    let body = "x".repeat(1_100_000);
    let reply = service
        .call(&world, "/api/v2/token", &[("code", &body)])
        .await;
    assert_eq!(reply.error(), "invalid_request");
}

async fn a_ticket_is_good_once(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    browser.sign_in_to(&world, &service, &[]).await;
    let used = browser
        .went
        .iter()
        .rfind(|path| path.starts_with("/connect/"))
        .unwrap()
        .clone();
    let again = browser.follow(&world, &used).await;
    assert_eq!(again["status"], "400");
    // And it ends by itself.
    let mut late = Browser::default();
    let reply = late.get(&world, &service.address(&[])).await;
    let ticket = reply
        .header("location")
        .rsplit("%2F")
        .next()
        .unwrap()
        .to_owned();
    world.clock.advance(SignedDuration::from_mins(16));
    let page = late.follow(&world, &format!("/connect/{ticket}")).await;
    assert_eq!(page["status"], "400");
}

async fn a_secret_in_two_places_is_refused(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let more = [
        ("grant_type", "client_credentials"),
        ("client_id", service.new.client_id.as_str()),
        ("client_secret", service.secret()),
    ];
    assert_eq!(
        service.call(&world, "/api/v2/token", &more).await.error(),
        "invalid_request"
    );
    // Secrets have no place in an address.
    let query = encoded(&more);
    let reply = world
        .call(&format!("/api/v2/token?{query}"), &[], &[])
        .await;
    assert_eq!(reply.error(), "invalid_client");
}

async fn a_repeated_parameter_is_refused(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let address = service.address(&[]);
    for (more, told) in [
        ("&state=other", "state"),
        ("&redirect_uri=https%3A%2F%2Fevil.example", "redirect_uri"),
        ("&client_id=other", "client_id"),
    ] {
        let back = browser.follow(&world, &format!("{address}{more}")).await;
        let text = format!("{back:?}");
        assert!(
            text.contains("invalid_request") && text.contains(told),
            "{more}: {text}"
        );
    }
    let form = [
        ("grant_type", "authorization_code"),
        ("code", "a"),
        ("code", "b"),
    ];
    assert_eq!(
        service.call(&world, "/api/v2/token", &form).await.error(),
        "invalid_request"
    );
}

async fn claims_asked_by_name_stay_within_the_registration(db: Db) {
    let world = world(db).await;
    let wish =
        "{\"userinfo\":{\"siret\":{\"essential\":true},\"uid\":null},\"id_token\":{\"uid\":null}}";
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let tokens = world
        .tokens(&mut browser, &service, &[("claims", wish)])
        .await;
    let told = world.userinfo(&tokens.access).await.json();
    assert!(told["uid"].is_null() && told["siret"].is_null());
    assert_eq!(world.claims(&tokens.id).await.get("uid"), None);
    for broken in ["[]", "{\"userinfo\":[]}", "{"] {
        let back = browser
            .sign_in_to(&world, &service, &[("claims", broken)])
            .await;
        assert_eq!(back["error"], "invalid_request", "{broken}");
    }
}

async fn a_public_client_needs_pkce(db: Db) {
    let world = world(db).await;
    let mut public = form();
    public.auth_method = "none".into();
    let service = world.service(&public).await;
    let mut browser = Browser::default();
    let back = browser.sign_in_to(&world, &service, &[]).await;
    assert_eq!(back["error"], "invalid_request");
    let ask = [
        ("client_id", service.new.client_id.as_str()),
        ("token", "x"),
    ];
    let refused = world.call("/api/v2/introspection", &[], &ask).await;
    assert_eq!(refused.error(), "invalid_client");
}

async fn another_persons_hint_tells_nothing(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let ada = world.tokens(&mut browser, &service, &[]).await;
    let bob = world
        .directory
        .add_person(&root(), "Bob", "bob@x.example", None)
        .await
        .unwrap();
    world
        .directory
        .set_password(bob, "un autre mot de passe")
        .await
        .unwrap()
        .unwrap();
    let mut bobs = Browser::default();
    let page = bobs.get(&world, "/sign-in").await;
    let form = [
        ("email", "bob@x.example"),
        ("password", "un autre mot de passe"),
    ];
    bobs.submit(&world, &page, "/sign-in", &form).await;
    let more = [("prompt", "none"), ("id_token_hint", ada.id.as_str())];
    let back = bobs.sign_in_to(&world, &service, &more).await;
    assert_eq!(back["error"], "login_required");
}

async fn userinfo_is_signed_and_encrypted_for_its_service(db: Db) {
    let world = world(db).await;
    let key = jose::jwe::DecryptionKey::generate(jose::jwe::DecryptionKind::EcdhEs).unwrap();
    let mut form = form();
    form.userinfo_algorithm = "ES256".into();
    let mut browser = Browser::default();
    let plain = world.service(&form).await;
    let tokens = world
        .tokens(&mut browser, &plain, &[("scope", "openid email")])
        .await;
    let reply = world.userinfo(&tokens.access).await;
    assert_eq!(reply.header("content-type"), "application/jwt");
    let claims = world.claims(&reply.body).await;
    assert_eq!(claims.text("email"), Some("ada@x.example"));
    assert_eq!(claims.audiences().unwrap(), [plain.new.client_id.as_str()]);
    let set = JwkSet {
        keys: vec![key.jwk()],
        skipped: Vec::new(),
    };
    form.jwks = set.to_json().to_string();
    let service = world.service(&form).await;
    let tokens = world
        .tokens(&mut browser, &service, &[("scope", "openid email")])
        .await;
    let reply = world.userinfo(&tokens.access).await;
    let accepted = [jose::ContentEncryption::A256Gcm];
    let limits = jose::Limits::ENCRYPTED;
    let opened = jose::jwe::decrypt(&reply.body, &[&key], &accepted, &limits).unwrap();
    let signed = String::from_utf8(opened.content.to_vec()).unwrap();
    assert_eq!(
        world.claims(&signed).await.text("email"),
        Some("ada@x.example")
    );
}

async fn everything_odd_is_answered_without_a_fault(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    for path in [
        "/api/v2/authorize",
        "/api/v2/authorize?client_id=%ff%fe",
        "/api/v2/authorize?%00=%00&client_id=x",
        "/api/v2/authorize?client_id=x&client_id=y",
        "/api/v2/session/end?id_token_hint=x&state=%F0%9F%92%A5",
        "/api/v2/userinfo",
        "/connect/x",
        "/connect/%2e%2e",
    ] {
        let reply = world.read(path, &[]).await;
        assert!(reply.status.as_u16() < 500, "{path}: {}", reply.status);
    }
    for body in [
        "",
        "=",
        "%ff=%ff",
        "grant_type",
        "grant_type=x",
        "grant_type=authorization_code",
        "grant_type=refresh_token&refresh_token=",
    ] {
        for path in [
            "token",
            "par",
            "introspection",
            "revocation",
            "userinfo",
            "authorize",
            "session/end",
        ] {
            let request = http::Request::builder()
                .method("POST")
                .uri(format!("/api/v2/{path}"))
                .header("authorization", service.basic())
                .header("content-type", "application/x-www-form-urlencoded");
            let reply = world
                .send(request.body(body.to_owned().into()).unwrap())
                .await;
            assert!(reply.status.as_u16() < 500, "{path} {body}: {}", reply.body);
        }
    }
    for header in [
        "Basic",
        "Basic !!!",
        "Bearer",
        "DPoP ",
        "Basic Og==",
        "\u{7f}",
    ] {
        let request = http::Request::builder()
            .uri("/api/v2/userinfo")
            .header("authorization", header.as_bytes());
        if let Ok(request) = request.body(kit_http::Body::empty()) {
            assert!(world.send(request).await.status.as_u16() < 500, "{header}");
        }
    }
}

async fn a_stranger_runs_nothing(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let ada = kit_access::Actor::person(world.ada, "Ada", Vec::new());
    let id = service.new.id;
    let identity = &world.identity;
    assert!(identity.register(&ada, &form()).await.is_err());
    assert!(identity.change_service(&ada, id, 1, &form()).await.is_err());
    assert!(identity.replace_secret(&ada, id, true).await.is_err());
    assert!(identity.suspend(&ada, id, true).await.is_err());
    assert!(identity.rotate_keys(&ada).await.is_err());
    assert!(identity.service(&ada, id).await.is_err());
    let stale = identity.change_service(&root(), id, 99, &form()).await;
    assert!(matches!(stale, Err(identity::IdentityError::Stale)));
}
