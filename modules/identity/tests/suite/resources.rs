//! Tokens for one resource (RFC 8707), what introspection tells of them (RFC 9701), and tokens for
//! tokens (RFC 8693).

use http::StatusCode;
use jiff::SignedDuration;
use jose::jwk::JwkSet;
use kit_db::Db;
use serde_json::{Value, json};

use crate::world::{Browser, ISSUER, Reply, Service, Tokens, World, form, migrations, root, world};

kit_db::on_both_databases!(migrations() =>
    a_token_is_worth_something_at_its_resource_only, resources_are_narrowed_and_never_widened,
    a_resource_is_registered_once, a_resource_registered_by_several_at_once_has_one_owner,
    introspection_as_a_token_is_signed_and_encrypted,
    a_token_is_exchanged_for_a_narrower_one, an_actor_is_told_and_impersonation_tells_none,
    exchanges_end, an_identity_token_is_exchanged_while_it_lives,
    an_exchanged_token_ends_with_its_sign_in, nobody_exchanges_what_is_not_meant_for_it,
);

const API: &str = "https://api.example/v1";
const STORE: &str = "https://store.example/v1";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// A service that is a resource at `address`, calls on at `reaches`, and may know the address of
/// people.
async fn resource(world: &World, address: &str, reaches: &str) -> Service {
    let mut form = form();
    form.redirect_uris = String::new();
    form.introspects = true;
    form.acts_for_itself = true;
    form.advanced.resource = address.into();
    form.advanced.reaches = reaches.into();
    form.advanced.exchanges = !reaches.is_empty();
    form.scopes = vec!["openid".into(), "email".into()];
    world.service(&form).await
}

/// Three services in a row: the one that people sign in to, an API, and a store behind it.
async fn three(world: &World) -> (Service, Service, Service) {
    let store = resource(world, STORE, "").await;
    let api = resource(world, API, STORE).await;
    let mut front = form();
    front.advanced.reaches = format!("{API}\n{STORE}");
    (world.service(&front).await, api, store)
}

async fn asked(world: &World, caller: &Service, token: &str) -> Value {
    let reply = caller
        .call(world, "/api/v2/introspection", &[("token", token)])
        .await;
    reply.json()
}

fn inactive() -> Value {
    json!({ "active": false })
}

async fn a_token_is_worth_something_at_its_resource_only(db: Db) {
    let world = world(db).await;
    let (front, api, store) = three(&world).await;
    let mut plain = form();
    plain.introspects = true;
    let plain = world.service(&plain).await;
    let mut browser = Browser::default();
    let more = [("scope", "openid email profile"), ("resource", API)];
    let tokens = world.tokens(&mut browser, &front, &more).await;
    let told = asked(&world, &api, &tokens.access).await;
    assert_eq!(told["active"], true);
    assert_eq!(told["aud"], json!([API]));
    assert_eq!(told["scope"], "openid email", "within its own scopes");
    let own = asked(&world, &front, &tokens.access).await;
    assert_ne!(told["sub"], own["sub"], "by the name that each knows");
    assert_eq!(asked(&world, &store, &tokens.access).await, inactive());
    assert_eq!(asked(&world, &plain, &tokens.access).await, inactive());
    let here = world.userinfo(&tokens.access).await;
    assert_eq!(
        here.error(),
        "invalid_token",
        "nor is it worth anything here"
    );
    // And a token for no resource is none of theirs.
    let tokens = world.tokens(&mut browser, &front, &[]).await;
    assert_eq!(asked(&world, &api, &tokens.access).await, inactive());
    assert_eq!(asked(&world, &plain, &tokens.access).await["active"], true);
    assert_eq!(world.userinfo(&tokens.access).await.status, StatusCode::OK);
    // We are a resource too: userinfo.
    let more = [("scope", "openid"), ("resource", ISSUER)];
    let tokens = world.tokens(&mut browser, &front, &more).await;
    assert_eq!(world.userinfo(&tokens.access).await.status, StatusCode::OK);
}

async fn resources_are_narrowed_and_never_widened(db: Db) {
    let world = world(db).await;
    let (front, api, store) = three(&world).await;
    let mut browser = Browser::default();
    let both = front.address(&[("resource", API)]);
    let both = format!("{both}&resource=https%3A%2F%2Fstore.example%2Fv1");
    let back = browser.follow(&world, &both).await;
    let one = front
        .exchange(&world, &back["code"], &[("resource", STORE)])
        .await;
    let first = Tokens::of(&one);
    assert_eq!(
        asked(&world, &store, &first.access).await["aud"],
        json!([STORE])
    );
    assert_eq!(asked(&world, &api, &first.access).await, inactive());
    // The refresh token is for all that was granted.
    let refresh = first.refresh.unwrap();
    let second = Tokens::of(&front.refresh(&world, &refresh).await);
    let told = asked(&world, &api, &second.access).await;
    assert_eq!(told["aud"], json!([API, STORE]));
    let refresh = second.refresh.unwrap();
    let wrong = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("resource", ISSUER),
    ];
    let refused = front.call(&world, "/api/v2/token", &wrong).await;
    assert_eq!(refused.error(), "invalid_target", "it wasn't granted");
    Tokens::of(&front.refresh(&world, &refresh).await);
    // Elsewhere, malformed, too many; in an address and pushed.
    let many: Vec<_> = (0..6).map(|n| format!("https://{n}.example")).collect();
    let mut repeated: Vec<(&str, &str)> = vec![
        ("response_type", "code"),
        ("redirect_uri", crate::world::CALLBACK),
        ("scope", "openid"),
    ];
    repeated.extend(many.iter().map(|one| ("resource", one.as_str())));
    let pushed = front.call(&world, "/api/v2/par", &repeated).await;
    assert_eq!(pushed.error(), "invalid_target");
    for wrong in [
        "https://other.example",
        "store.example",
        "https://api.example/v1#x",
        "https://api.example/v1/",
    ] {
        let back = browser
            .sign_in_to(&world, &front, &[("resource", wrong)])
            .await;
        assert_eq!(back["error"], "invalid_target", "{wrong}");
    }
    let itself = [("grant_type", "client_credentials"), ("resource", STORE)];
    let own = api.call(&world, "/api/v2/token", &itself).await.json();
    let token = own["access_token"].as_str().unwrap();
    assert_eq!(asked(&world, &store, token).await["active"], true);
    let itself = [("grant_type", "client_credentials"), ("resource", API)];
    let refused = api.call(&world, "/api/v2/token", &itself).await;
    assert_eq!(refused.error(), "invalid_target");
}

async fn a_resource_registered_by_several_at_once_has_one_owner(db: Db) {
    let world = world(db).await;
    let mut asked = form();
    asked.introspects = true;
    asked.advanced.resource = STORE.into();
    let (root, identity) = (root(), &world.identity);
    let one = || identity.register(&root, &asked);
    let answers: [_; 4] = tokio::join!(one(), one(), one(), one()).into();
    let owners = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(owners, 1, "{answers:?}");
    for answer in answers {
        if let Err(error) = answer {
            let identity::IdentityError::Mistakes(mistakes) = error else {
                panic!("{error:?}");
            };
            assert_eq!(mistakes[0].field, "resource");
        }
    }
}

async fn a_resource_is_registered_once(db: Db) {
    let world = world(db).await;
    resource(&world, STORE, "").await;
    let field = async |change: fn(&mut identity::domain::ClientForm)| {
        let mut form = form();
        form.introspects = true;
        change(&mut form);
        match world.identity.register(&root(), &form).await {
            Err(identity::IdentityError::Mistakes(mistakes)) => mistakes[0].field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        field(|form| form.advanced.resource = STORE.into()).await,
        "resource"
    );
    assert_eq!(
        field(|form| form.advanced.resource = ISSUER.into()).await,
        "resource"
    );
    assert_eq!(
        field(|form| form.advanced.resource = "store".into()).await,
        "resource"
    );
    assert_eq!(
        field(|form| form.advanced.reaches = API.into()).await,
        "reaches"
    );
    assert_eq!(
        field(|form| {
            form.introspects = false;
            form.advanced.resource = API.into();
        })
        .await,
        "resource"
    );
    assert_eq!(
        field(|form| form.advanced.exchanges = true).await,
        "reaches"
    );
}

async fn introspection_as_a_token_is_signed_and_encrypted(db: Db) {
    let world = world(db).await;
    let key = jose::jwe::DecryptionKey::generate(jose::jwe::DecryptionKind::RsaOaep256Bits2048);
    let key = key.unwrap();
    let set = JwkSet {
        keys: vec![key.jwk()],
        skipped: Vec::new(),
    };
    let mut producer = form();
    producer.introspects = true;
    producer.redirect_uris = "https://data.example/cb".into();
    producer.scopes = vec!["openid".into(), "email".into()];
    producer.jwks = set.to_json().to_string();
    let producer = world.service(&producer).await;
    let front = world.service(&form()).await;
    let mut browser = Browser::default();
    let more = [("scope", "openid profile email")];
    let tokens = world.tokens(&mut browser, &front, &more).await;
    let basic = producer.basic();
    let headers = [
        ("authorization", basic.as_str()),
        ("accept", "application/token-introspection+jwt"),
    ];
    let ask = [("token", tokens.access.as_str())];
    let reply = world.call("/api/v2/introspection", &headers, &ask).await;
    assert_eq!(
        reply.header("content-type"),
        "application/token-introspection+jwt"
    );
    let accepted = [jose::ContentEncryption::A256Gcm];
    let limits = jose::Limits::ENCRYPTED;
    let opened = jose::jwe::decrypt(&reply.body, &[&key], &accepted, &limits).unwrap();
    let signed = String::from_utf8(opened.content.to_vec()).unwrap();
    let header = signed.split('.').next().unwrap();
    let header = {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(header)
            .unwrap()
    };
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header["typ"], "token-introspection+jwt");
    let claims = world.claims(&signed).await;
    // RFC 9701, section 5: who says it, to whom, when; nothing of the token outside its member.
    assert_eq!(claims.text("iss"), Some(ISSUER));
    assert_eq!(
        claims.audiences().unwrap(),
        [producer.new.client_id.as_str()]
    );
    assert!(claims.get("iat").is_some());
    assert!(claims.get("sub").is_none() && claims.get("exp").is_none());
    let told = claims.get("token_introspection").unwrap();
    assert_eq!(told["scope"], "openid email");
    let known = world.claims(&tokens.id).await;
    assert_ne!(
        told["sub"].as_str(),
        known.text("sub"),
        "recomputed for the caller"
    );
    // JSON stays for whoever asks for it.
    let plain = producer.call(&world, "/api/v2/introspection", &ask).await;
    assert_eq!(plain.json()["sub"], told["sub"]);
}

/// Exchanges an access token, with `more` in the request.
async fn exchange(world: &World, by: &Service, token: &str, more: &[(&str, &str)]) -> Reply {
    let mut form = vec![
        ("grant_type", EXCHANGE),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    form.extend_from_slice(more);
    by.call(world, "/api/v2/token", &form).await
}

fn access_of(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let json = reply.json();
    assert_eq!(json["issued_token_type"], ACCESS_TOKEN);
    assert!(json["refresh_token"].is_null() && json["id_token"].is_null());
    json["access_token"].as_str().unwrap().to_owned()
}

async fn a_token_is_exchanged_for_a_narrower_one(db: Db) {
    let world = world(db).await;
    let (front, api, store) = three(&world).await;
    let mut browser = Browser::default();
    let more = [("scope", "openid email profile"), ("resource", API)];
    let tokens = world.tokens(&mut browser, &front, &more).await;
    // The API was shown the token and calls on with one of its own.
    let reply = exchange(&world, &api, &tokens.access, &[("resource", STORE)]).await;
    let token = access_of(&reply);
    let told = asked(&world, &store, &token).await;
    assert_eq!(
        (&told["aud"], &told["scope"]),
        (&json!([STORE]), &json!("openid email"))
    );
    assert_eq!(told["client_id"], api.new.client_id.as_str());
    assert!(told.get("act").is_none());
    assert_eq!(asked(&world, &store, &tokens.access).await, inactive());
    assert_eq!(world.userinfo(&token).await.error(), "invalid_token");
    // Narrower by scope; by the name of the service instead of its address.
    let named = [
        ("audience", store.new.client_id.as_str()),
        ("scope", "openid"),
    ];
    let token = access_of(&exchange(&world, &api, &tokens.access, &named).await);
    assert_eq!(asked(&world, &store, &token).await["scope"], "openid");
    // Never wider: not by scope (the token's, its own), not by resource.
    for (more, error) in [
        (
            vec![("resource", STORE), ("scope", "openid profile")],
            "invalid_scope",
        ),
        (
            vec![("resource", STORE), ("scope", "siret")],
            "invalid_scope",
        ),
        (vec![("resource", API)], "invalid_target"),
        (vec![("resource", ISSUER)], "invalid_target"),
        (vec![("audience", "unknown")], "invalid_target"),
        (vec![], "invalid_target"),
        (
            vec![("resource", STORE), ("requested_token_type", ID_TOKEN)],
            "invalid_request",
        ),
        (
            vec![("resource", STORE), ("actor_token_type", ACCESS_TOKEN)],
            "invalid_request",
        ),
    ] {
        let refused = exchange(&world, &api, &tokens.access, &more).await;
        assert_eq!(refused.error(), error, "{more:?}");
    }
    // It ends with what it was made from.
    world.clock.advance(SignedDuration::from_secs(400));
    let late = exchange(&world, &api, &tokens.access, &[("resource", STORE)]).await;
    assert_eq!(late.json()["expires_in"], 200);
}

async fn own_token(world: &World, service: &Service) -> String {
    let form = [("grant_type", "client_credentials")];
    let reply = service.call(world, "/api/v2/token", &form).await;
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

async fn an_actor_is_told_and_impersonation_tells_none(db: Db) {
    let world = world(db).await;
    let store = resource(&world, STORE, "").await;
    let api = resource(&world, API, STORE).await;
    let mut front = form();
    front.advanced.reaches = API.into();
    front.advanced.exchanges = true;
    front.acts_for_itself = true;
    let front = world.service(&front).await;
    let mut browser = Browser::default();
    let tokens = world.tokens(&mut browser, &front, &[]).await;
    // Delegation: the front acts for the person, then the API does.
    let actor = own_token(&world, &front).await;
    let by_front = [
        ("resource", API),
        ("actor_token", actor.as_str()),
        ("actor_token_type", ACCESS_TOKEN),
    ];
    let first = access_of(&exchange(&world, &front, &tokens.access, &by_front).await);
    let told = asked(&world, &api, &first).await;
    assert_eq!(told["act"], json!({ "sub": front.new.client_id }));
    let actor = own_token(&world, &api).await;
    let by_api = [
        ("resource", STORE),
        ("actor_token", actor.as_str()),
        ("actor_token_type", ACCESS_TOKEN),
    ];
    let second = access_of(&exchange(&world, &api, &first, &by_api).await);
    let told = asked(&world, &store, &second).await;
    let chain = json!({ "sub": api.new.client_id, "act": { "sub": front.new.client_id } });
    assert_eq!(told["act"], chain, "the latest outside");
    // Impersonation adds nobody, and hides nobody who acted before.
    let silent = access_of(&exchange(&world, &api, &first, &[("resource", STORE)]).await);
    let told = asked(&world, &store, &silent).await;
    assert_eq!(told["act"], json!({ "sub": front.new.client_id }));
    // A person may act: by the name under which whoever asks knows it.
    let by_person = [
        ("resource", API),
        ("actor_token", tokens.id.as_str()),
        ("actor_token_type", ID_TOKEN),
    ];
    let third = access_of(&exchange(&world, &front, &tokens.access, &by_person).await);
    let told = asked(&world, &api, &third).await;
    assert_eq!(told["act"]["sub"], told["sub"]);
    // Nobody acts in another's name.
    let stolen = own_token(&world, &api).await;
    for (token, kind) in [
        (stolen.as_str(), ACCESS_TOKEN),
        ("x", ACCESS_TOKEN),
        ("x", ID_TOKEN),
        ("x", "y"),
    ] {
        let wrong = [
            ("resource", API),
            ("actor_token", token),
            ("actor_token_type", kind),
        ];
        let refused = exchange(&world, &front, &tokens.access, &wrong).await;
        assert_eq!(refused.error(), "invalid_request", "{token} {kind}");
    }
}

async fn exchanges_end(db: Db) {
    let world = world(db).await;
    let api = resource(&world, API, "").await;
    let mut front = form();
    front.advanced.reaches = API.into();
    front.advanced.exchanges = true;
    let front = world.service(&front).await;
    let mut browser = Browser::default();
    let mut token = world.tokens(&mut browser, &front, &[]).await.access;
    for _ in 0..4 {
        token = access_of(&exchange(&world, &front, &token, &[("resource", API)]).await);
    }
    assert_eq!(asked(&world, &api, &token).await["active"], true);
    let refused = exchange(&world, &front, &token, &[("resource", API)]).await;
    assert_eq!(refused.error(), "invalid_request", "four times at most");
}

async fn an_identity_token_is_exchanged_while_it_lives(db: Db) {
    let world = world(db).await;
    let api = resource(&world, API, "").await;
    let mut front = form();
    front.advanced.reaches = API.into();
    front.advanced.exchanges = true;
    let (front, other) = (world.service(&front).await, world.service(&front).await);
    let mut browser = Browser::default();
    let tokens = world
        .tokens(&mut browser, &front, &[("scope", "openid email")])
        .await;
    let by = async |service: &Service, token: &str| {
        let form = [
            ("grant_type", EXCHANGE),
            ("subject_token", token),
            ("subject_token_type", ID_TOKEN),
            ("resource", API),
        ];
        service.call(&world, "/api/v2/token", &form).await
    };
    let token = access_of(&by(&front, &tokens.id).await);
    assert_eq!(asked(&world, &api, &token).await["scope"], "openid email");
    for (service, token) in [
        (&other, tokens.id.as_str()),
        (&front, "x"),
        (&front, &tokens.access),
    ] {
        assert_eq!(by(service, token).await.error(), "invalid_request");
    }
    world.clock.advance(SignedDuration::from_secs(301));
    assert_eq!(
        by(&front, &tokens.id).await.error(),
        "invalid_request",
        "it is over"
    );
}

async fn an_exchanged_token_ends_with_its_sign_in(db: Db) {
    let world = world(db).await;
    let (front, api, store) = three(&world).await;
    let mut browser = Browser::default();
    let mut made = Vec::new();
    for _ in 0..2 {
        let tokens = world
            .tokens(&mut browser, &front, &[("resource", API)])
            .await;
        let reply = exchange(&world, &api, &tokens.access, &[("resource", STORE)]).await;
        made.push((tokens, access_of(&reply)));
    }
    let (first, second) = (&made[0], &made[1]);
    let refresh = first.0.refresh.clone().unwrap();
    front
        .call(&world, "/api/v2/revocation", &[("token", &refresh)])
        .await;
    assert_eq!(asked(&world, &store, &first.1).await, inactive());
    assert_eq!(asked(&world, &store, &second.1).await["active"], true);
    let identity = &world.identity;
    identity.suspend(&root(), front.new.id, true).await.unwrap();
    assert_eq!(asked(&world, &store, &second.1).await, inactive());
    identity
        .suspend(&root(), front.new.id, false)
        .await
        .unwrap();
    assert_eq!(asked(&world, &store, &second.1).await["active"], true);
    let end = format!("/api/v2/session/end?id_token_hint={}", second.0.id);
    browser.follow(&world, &end).await;
    assert_eq!(
        asked(&world, &store, &second.1).await,
        inactive(),
        "with the session"
    );
}

async fn nobody_exchanges_what_is_not_meant_for_it(db: Db) {
    let world = world(db).await;
    let (front, api, store) = three(&world).await;
    let mut greedy = form();
    greedy.advanced.reaches = STORE.into();
    greedy.advanced.exchanges = true;
    let greedy = world.service(&greedy).await;
    let mut browser = Browser::default();
    let tokens = world
        .tokens(&mut browser, &front, &[("resource", API)])
        .await;
    let target = [("resource", STORE)];
    // A stranger, a service that isn't registered for it, a token of nobody, no token.
    let refused = exchange(&world, &greedy, &tokens.access, &target).await;
    assert_eq!(refused.error(), "invalid_request");
    let refused = exchange(&world, &front, &tokens.access, &target).await;
    assert_eq!(refused.error(), "unauthorized_client");
    let own = own_token(&world, &api).await;
    for token in [
        own.as_str(),
        "x",
        tokens.refresh.as_deref().unwrap(),
        tokens.id.as_str(),
    ] {
        let refused = exchange(&world, &api, token, &target).await;
        assert_eq!(refused.error(), "invalid_request", "{token}");
    }
    assert_eq!(asked(&world, &store, &own).await, inactive());
    let plain = world.tokens(&mut browser, &front, &[]).await;
    let refused = exchange(&world, &api, &plain.access, &target).await;
    assert_eq!(
        refused.error(),
        "invalid_request",
        "it wasn't meant for the API"
    );
}
