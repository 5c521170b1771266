//! Signing out across a provider: theirs with ours, and ours with theirs.

use http::StatusCode;
use jose::claims::Claims;
use kit_db::Db;
use serde_json::{Value, json};

use crate::provider::{Idp, SUBJECT, idp, provider_form, signed};
use crate::world::{
    Browser, ISSUER, PASSWORD, Reply, World, encoded, form, migrations, process, root, world,
};

kit_db::on_both_databases!(migrations() =>
    signing_out_here_signs_out_there, a_provider_ends_our_sessions, a_logout_token_is_checked_strictly,
    a_service_is_told_through_which_provider, a_session_proved_here_since_is_not_the_providers,
    an_arrival_is_finished_by_another_process,
);

async fn signing_out_here_signs_out_there(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let id = idp.register(&world, &provider_form(&idp, "min")).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    browser.through(&world, &idp, "min").await;
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    let asked = [
        ("id_token_hint", tokens.id.as_str()),
        ("post_logout_redirect_uri", "https://s.example/bye"),
        ("state", "kept"),
    ];
    let path = format!("/api/v2/session/end?{}", encoded(&asked));
    let reply = browser.get(&world, &path).await;
    let path = reply.header("location").to_owned();
    assert!(path.starts_with("/sign-out/with/"), "{path}");
    assert!(browser.session().is_none());
    let reply = browser.get(&world, &path).await;
    let there = reply.header("refresh").strip_prefix("0; url=").unwrap();
    let (to, query) = there.split_once('?').unwrap();
    assert_eq!(to, format!("{}/end", idp.issuer));
    let query: std::collections::BTreeMap<String, String> =
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
    assert!(query["id_token_hint"].split('.').count() == 3);
    assert_eq!(
        query["post_logout_redirect_uri"],
        format!("{ISSUER}/sign-out/return")
    );
    // The way is open once, and in this browser only.
    let again = browser.get(&world, &path).await;
    assert!(again.header("refresh").is_empty());
    let back = format!("/sign-out/return?state={}", query["state"]);
    let stranger = Browser::default().get(&world, &back).await;
    assert_eq!(stranger.status, StatusCode::OK);
    let reply = browser.get(&world, &back).await;
    assert_eq!(reply.header("location"), "https://s.example/bye?state=kept");
    // A provider that is suspended or can't be had keeps nobody signed in.
    for suspended in [true, false] {
        browser.through(&world, &idp, "min").await;
        let tokens = world.tokens(&mut browser, &service, &[]).await;
        if suspended {
            let root = root();
            let done = world.identity.suspend_provider(&root, id, true, "Panne");
            done.await.unwrap();
        } else {
            idp.lie(|lies| lies.down_at = Some("/"));
            world.clock.advance(jiff::SignedDuration::from_hours(50));
        }
        let asked = [
            ("id_token_hint", tokens.id.as_str()),
            ("post_logout_redirect_uri", "https://s.example/bye"),
        ];
        let path = format!("/api/v2/session/end?{}", encoded(&asked));
        let reply = browser.get(&world, &path).await;
        assert_eq!(reply.header("location"), "https://s.example/bye");
        let root = root();
        world
            .identity
            .suspend_provider(&root, id, false, "")
            .await
            .unwrap();
    }
}

fn logout_claims(world: &World, idp: &Idp, jti: &str) -> Claims {
    Claims::new()
        .issuer(&idp.issuer)
        .audience("gouvernail")
        .lifetime(world.clock_seconds(), 120)
        .id(jti)
        .with("sid", "session-of-ada")
        .with(
            "events",
            json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        )
}

async fn tell(world: &World, idp: &Idp, claims: &Claims) -> Reply {
    let token = signed(&idp.key, claims, Some("logout+jwt"));
    let form = [("logout_token", token.as_str())];
    world.call("/api/v2/provider/min/logout", &[], &form).await
}

async fn a_provider_ends_our_sessions(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut local = Browser::default();
    let service = world.service(&form()).await;
    local.sign_in_to(&world, &service, &[]).await;
    for (jti, by_sid) in [("one", true), ("two", false)] {
        let mut browser = Browser::default();
        browser.through(&world, &idp, "min").await;
        assert_eq!(browser.get(&world, "/account").await.status, StatusCode::OK);
        let mut claims = logout_claims(&world, &idp, jti).subject(SUBJECT);
        if !by_sid {
            let mut members = claims.into_members();
            members.remove("sid");
            claims = Claims::from(members);
        }
        let reply = tell(&world, &idp, &claims).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        assert_eq!(reply.header("cache-control"), "no-store");
        let page = browser.get(&world, "/account").await;
        assert_ne!(page.status, StatusCode::OK, "the session has ended");
        // The same token again is refused, and ends no later session.
        browser.through(&world, &idp, "min").await;
        let again = tell(&world, &idp, &claims).await;
        assert_eq!(
            again.status,
            StatusCode::BAD_REQUEST,
            "logout token replayed"
        );
        assert_eq!(browser.get(&world, "/account").await.status, StatusCode::OK);
    }
    assert_eq!(
        local.get(&world, "/account").await.status,
        StatusCode::OK,
        "not the provider's"
    );
}

async fn a_logout_token_is_checked_strictly(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    browser.through(&world, &idp, "min").await;
    let now = world.clock_seconds();
    let good = || logout_claims(&world, &idp, "j");
    let without = |name: &str| {
        let mut members = good().into_members();
        members.remove(name);
        Claims::from(members)
    };
    for wrong in [
        good().issuer("https://other.example"),
        good().audience("other"),
        good().nonce("n"),
        good().with("events", json!({})),
        good().with(
            "events",
            json!(["http://schemas.openid.net/event/backchannel-logout"]),
        ),
        good().with("sid", Value::Null),
        good().lifetime(now - 400, 1_000),
        good().lifetime(now + 60, 120),
        without("jti"),
        without("iat"),
        without("events"),
        // Of another person than the session.
        good().subject("another").id("other-person"),
    ] {
        let reply = tell(&world, &idp, &wrong).await;
        if wrong.text("sub").is_none() {
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{wrong:?}");
        }
        assert_eq!(
            browser.get(&world, "/account").await.status,
            StatusCode::OK,
            "{wrong:?}"
        );
    }
    let forged = jose::jwk::SigningKey::generate(jose::jwk::KeyKind::Es256).unwrap();
    for token in [
        signed(&forged, &good(), Some("logout+jwt")),
        signed(&forged.with_kid(idp.key.kid()), &good(), Some("logout+jwt")),
        signed(&idp.key, &good(), Some("at+jwt")),
        "a.b.c".to_owned(),
        String::new(),
    ] {
        let form = [("logout_token", token.as_str())];
        let reply = world.call("/api/v2/provider/min/logout", &[], &form).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        assert_eq!(reply.error(), "invalid_request");
    }
    let reply = world
        .call(
            "/api/v2/provider/other/logout",
            &[],
            &[("logout_token", "x")],
        )
        .await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get(&world, "/account").await.status, StatusCode::OK);
}

async fn a_service_is_told_through_which_provider(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let id = idp.register(&world, &provider_form(&idp, "min")).await;
    let mut wants = form();
    wants.scopes = ["openid", "idp_id", "idp_acr"].map(str::to_owned).to_vec();
    let service = world.service(&wants).await;
    let mut browser = Browser::default();
    browser.through(&world, &idp, "min").await;
    let more = [("scope", "openid idp_id idp_acr")];
    let tokens = world.tokens(&mut browser, &service, &more).await;
    let told = world.userinfo(&tokens.access).await.json();
    assert_eq!(told["idp_id"], id.to_string());
    assert_eq!(told["idp_acr"], "eidas1");
    let mut local = Browser::default();
    let tokens = world.tokens(&mut local, &service, &more).await;
    let told = world.userinfo(&tokens.access).await.json();
    assert_eq!(told.get("idp_id"), None, "{told}");
}

async fn a_session_proved_here_since_is_not_the_providers(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut wants = form();
    wants.scopes = ["openid", "idp_id"].map(str::to_owned).to_vec();
    let service = world.service(&wants).await;
    let mut browser = Browser::default();
    browser.through(&world, &idp, "min").await;
    let page = browser
        .get(&world, "/sign-in?again=true&password=true")
        .await;
    let typed = [("email", "ada@x.example"), ("password", PASSWORD)];
    browser.submit(&world, &page, "/sign-in", &typed).await;
    let more = [("scope", "openid idp_id")];
    let tokens = world.tokens(&mut browser, &service, &more).await;
    let told = world.userinfo(&tokens.access).await.json();
    assert_eq!(told.get("idp_id"), None, "{told}");
    let claims = logout_claims(&world, &idp, "one");
    assert_eq!(tell(&world, &idp, &claims).await.status, StatusCode::OK);
    assert_eq!(browser.get(&world, "/account").await.status, StatusCode::OK);
}

async fn an_arrival_is_finished_by_another_process(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    let question = browser
        .leave(&world, &idp, "min", "return_to=/account")
        .await;
    let (app, directory, identity, jobs) = process(&world.db, &world.clock, 2);
    let second = World {
        db: world.db.clone(),
        app,
        clock: world.clock.clone(),
        directory,
        identity,
        jobs,
        ada: world.ada,
    };
    let reply = browser.come_back(&second, &question, &[]).await;
    assert_eq!(reply.header("location"), "/account", "{}", reply.body);
    let again = browser.come_back(&world, &question, &[]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "once among both");
    assert_eq!(browser.get(&world, "/account").await.status, StatusCode::OK);
}
