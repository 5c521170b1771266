//! Keys of services: assertions, signed requests, proofs of possession, and what may be tried with
//! them.

use base64::Engine as _;
use http::StatusCode;
use jiff::SignedDuration;
use jose::claims::Claims;
use jose::dpop::NewProof;
use jose::jwk::{JwkSet, KeyKind, SigningKey};
use jose::jws::Signing;
use kit_db::Db;

use crate::world::{Browser, CALLBACK, ISSUER, Service, Tokens, World, form, migrations, world};

kit_db::on_both_databases!(migrations() =>
    replay_of_assertion, an_assertion_for_elsewhere_is_refused, key_confusion, replay_of_dpop_proof, a_stolen_bound_token_opens_nothing, a_code_bound_to_a_key_needs_it, a_signed_request_replaces_what_is_beside_it, nested_jwt, jwe_bomb, client_credentials_never_speak_for_a_person,
);

pub(crate) fn key() -> SigningKey {
    SigningKey::generate(KeyKind::Es256).unwrap()
}

pub(crate) fn jwks(keys: &[&SigningKey]) -> String {
    let set = JwkSet {
        keys: keys.iter().map(|key| key.jwk()).collect(),
        skipped: Vec::new(),
    };
    set.to_json().to_string()
}

pub(crate) fn signed(key: &SigningKey, claims: &Claims) -> String {
    jose::jws::sign(key, &Signing::default(), &claims.to_bytes()).unwrap()
}

impl World {
    pub(crate) fn seconds(&self) -> i64 {
        kit_time::Clock::now(&*self.clock).as_second()
    }
}

/// A service that proves itself by assertions.
pub(crate) async fn asserting(world: &World, key: &SigningKey) -> Service {
    let mut form = form();
    form.auth_method = "private_key_jwt".into();
    form.acts_for_itself = true;
    form.jwks = jwks(&[key]);
    world.service(&form).await
}

pub(crate) fn assertion(world: &World, service: &Service, id: &str) -> Claims {
    let name = service.new.client_id.as_str();
    Claims::new()
        .issuer(name)
        .subject(name)
        .audience(ISSUER)
        .lifetime(world.seconds(), 60)
        .id(id)
}

pub(crate) async fn for_itself(world: &World, assertion: &str) -> crate::world::Reply {
    let form = [
        ("grant_type", "client_credentials"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
    ];
    world.call("/api/v2/token", &[], &form).await
}

pub(crate) fn proof(
    world: &World,
    key: &SigningKey,
    path: &str,
    method: &str,
    token: Option<&str>,
    id: &str,
) -> String {
    let url = format!("{ISSUER}{path}");
    jose::dpop::create(
        key,
        &NewProof {
            method,
            url: &url,
            now: world.seconds(),
            jti: id,
            access_token: token,
            nonce: None,
        },
    )
    .unwrap()
}

async fn bound(
    world: &World,
    service: &Service,
    browser: &mut Browser,
    key: &SigningKey,
) -> Tokens {
    let code = world.code(browser, service, &[]).await;
    let proof = proof(world, key, "/api/v2/token", "POST", None, &code);
    let basic = service.basic();
    let headers = [("authorization", basic.as_str()), ("dpop", proof.as_str())];
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
    ];
    let reply = world.call("/api/v2/token", &headers, &form).await;
    assert_eq!(reply.json()["token_type"], "DPoP");
    Tokens::of(&reply)
}

async fn replay_of_assertion(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let token = signed(&key, &assertion(&world, &service, "a"));
    assert_eq!(for_itself(&world, &token).await.status, StatusCode::OK);
    assert_eq!(for_itself(&world, &token).await.error(), "invalid_client");
    let other = signed(&key, &assertion(&world, &service, "b"));
    assert_eq!(for_itself(&world, &other).await.status, StatusCode::OK);
    // Clock skew: a little is taken, more is not.
    for (seconds, status) in [(65, StatusCode::OK), (75, StatusCode::UNAUTHORIZED)] {
        let late = signed(
            &key,
            &assertion(&world, &service, &format!("late{seconds}")),
        );
        world.clock.advance(SignedDuration::from_secs(seconds));
        assert_eq!(for_itself(&world, &late).await.status, status, "{seconds}");
    }
}

async fn an_assertion_for_elsewhere_is_refused(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let other = asserting(&world, &self::key()).await;
    let good = assertion(&world, &service, "1");
    let name = service.new.client_id.clone();
    for (why, claims) in [
        (
            "another audience",
            Claims::new()
                .issuer(&name)
                .subject(&name)
                .audience("https://o.example")
                .lifetime(world.seconds(), 60)
                .id("2"),
        ),
        (
            "another subject",
            Claims::new()
                .issuer(&name)
                .subject(&other.new.client_id)
                .audience(ISSUER)
                .lifetime(world.seconds(), 60)
                .id("3"),
        ),
        ("another's name", assertion(&world, &other, "4")),
        (
            "no end",
            Claims::new()
                .issuer(&name)
                .subject(&name)
                .audience(ISSUER)
                .id("5"),
        ),
        (
            "no id",
            Claims::new()
                .issuer(&name)
                .subject(&name)
                .audience(ISSUER)
                .lifetime(world.seconds(), 60),
        ),
        (
            "good for a year",
            Claims::new()
                .issuer(&name)
                .subject(&name)
                .audience(ISSUER)
                .lifetime(world.seconds(), 31_536_000)
                .id("6"),
        ),
    ] {
        assert_eq!(
            for_itself(&world, &signed(&key, &claims)).await.error(),
            "invalid_client",
            "{why}"
        );
    }
    assert_eq!(
        for_itself(&world, &signed(&key, &good)).await.status,
        StatusCode::OK
    );
}

async fn key_confusion(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let claims = assertion(&world, &service, "1");
    let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    for header in ["{\"alg\":\"none\"}", "{\"alg\":\"HS256\"}"] {
        let body = format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(&claims.to_bytes())
        );
        for signature in [String::new(), encode(&[1; 32])] {
            let reply = for_itself(&world, &format!("{body}.{signature}")).await;
            assert_eq!(reply.error(), "invalid_client", "{header}");
        }
    }
    let stranger = signed(&self::key(), &claims);
    assert_eq!(
        for_itself(&world, &stranger).await.error(),
        "invalid_client"
    );
}

async fn replay_of_dpop_proof(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let (mut browser, key) = (Browser::default(), key());
    let tokens = bound(&world, &service, &mut browser, &key).await;
    let header = format!("DPoP {}", tokens.access);
    let path = "/api/v2/userinfo";
    let shown = proof(&world, &key, path, "GET", Some(&tokens.access), "p1");
    let headers = [("authorization", header.as_str()), ("dpop", shown.as_str())];
    assert_eq!(world.read(path, &headers).await.status, StatusCode::OK);
    let again = world.read(path, &headers).await;
    assert_eq!(
        (again.status, again.error().as_str()),
        (StatusCode::UNAUTHORIZED, "invalid_dpop_proof")
    );
    assert!(again.header("www-authenticate").starts_with("DPoP error="));
    let old = proof(&world, &key, path, "GET", Some(&tokens.access), "p2");
    world.clock.advance(SignedDuration::from_secs(61));
    let late = world.read(path, &[headers[0], ("dpop", &old)]).await;
    assert_eq!(late.error(), "invalid_dpop_proof");
}

async fn a_stolen_bound_token_opens_nothing(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let (mut browser, key) = (Browser::default(), key());
    let tokens = bound(&world, &service, &mut browser, &key).await;
    assert_eq!(
        world.userinfo(&tokens.access).await.error(),
        "invalid_token",
        "as a plain bearer"
    );
    let header = format!("DPoP {}", tokens.access);
    let path = "/api/v2/userinfo";
    let none = world.read(path, &[("authorization", &header)]).await;
    assert_eq!(none.error(), "invalid_dpop_proof");
    for wrong in [
        proof(
            &world,
            &self::key(),
            path,
            "GET",
            Some(&tokens.access),
            "t1",
        ),
        proof(&world, &key, path, "POST", Some(&tokens.access), "t2"),
        proof(
            &world,
            &key,
            "/api/v2/token",
            "GET",
            Some(&tokens.access),
            "t3",
        ),
        proof(&world, &key, path, "GET", Some("another"), "t4"),
        proof(&world, &key, path, "GET", None, "t5"),
    ] {
        let headers = [("authorization", header.as_str()), ("dpop", wrong.as_str())];
        assert_eq!(
            world.read(path, &headers).await.error(),
            "invalid_dpop_proof"
        );
    }
    let told = service
        .call(
            &world,
            "/api/v2/introspection",
            &[("token", &tokens.access)],
        )
        .await;
    assert_eq!(told.json()["cnf"]["jkt"], key.public().thumbprint());
    // A plain token shown as bound is refused too: no false sense of safety.
    let plain = world.tokens(&mut browser, &service, &[]).await;
    let header = format!("DPoP {}", plain.access);
    let shown = proof(&world, &key, path, "GET", Some(&plain.access), "t6");
    let headers = [("authorization", header.as_str()), ("dpop", shown.as_str())];
    assert_eq!(world.read(path, &headers).await.error(), "invalid_token");
}

async fn a_code_bound_to_a_key_needs_it(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let (mut browser, key) = (Browser::default(), key());
    let thumbprint = key.public().thumbprint();
    let more = [("dpop_jkt", thumbprint.as_str())];
    let code = world.code(&mut browser, &service, &more).await;
    let without = service.exchange(&world, &code, &[]).await;
    assert_eq!(without.error(), "invalid_grant");
}

async fn a_signed_request_replaces_what_is_beside_it(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let mut browser = Browser::default();
    let object = |inside: &str| {
        Claims::new()
            .issuer(&service.new.client_id)
            .audience(ISSUER)
            .lifetime(world.seconds(), 60)
            .with("client_id", service.new.client_id.as_str())
            .with("response_type", "code")
            .with("redirect_uri", CALLBACK)
            .with("scope", "openid")
            .with("state", inside)
    };
    let good = signed(&key, &object("inside"));
    let back = browser
        .sign_in_to(&world, &service, &[("request", &good)])
        .await;
    assert_eq!(back["state"], "inside", "and not what is beside it");
    assert!(back.contains_key("code"));
    for (why, wrong) in [
        ("another key", signed(&self::key(), &object("x"))),
        (
            "another audience",
            signed(&key, &object("x").audience("https://o.example")),
        ),
        ("nested", signed(&key, &object("x").with("request", "x"))),
        (
            "another client",
            signed(&key, &object("x").with("client_id", "x")),
        ),
    ] {
        let back = browser
            .sign_in_to(&world, &service, &[("request", &wrong)])
            .await;
        assert_eq!(back["error"], "invalid_request_object", "{why}");
    }
}

async fn nested_jwt(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let deep = (0..40).fold(String::from("1"), |inner, _| format!("[{inner}]"));
    let value: serde_json::Value = serde_json::from_str(&deep).unwrap();
    let claims = assertion(&world, &service, "1").with("deep", value);
    assert_eq!(
        for_itself(&world, &signed(&key, &claims)).await.error(),
        "invalid_client"
    );
    let inner = signed(&key, &assertion(&world, &service, "2"));
    let outer = jose::jws::sign(
        &key,
        &Signing {
            content_type: Some("JWT"),
            ..Signing::default()
        },
        inner.as_bytes(),
    );
    assert_eq!(
        for_itself(&world, &outer.unwrap()).await.error(),
        "invalid_client"
    );
}

async fn jwe_bomb(db: Db) {
    // No encrypted token is read here at all: five parts are refused before anything is unpacked.
    let world = world(db).await;
    let service = world.service(&form()).await;
    let bomb = format!(
        "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00iLCJ6aXAiOiJERUYifQ.{}",
        ["A"; 4].join(".")
    );
    let mut browser = Browser::default();
    let back = browser
        .sign_in_to(&world, &service, &[("request", &bomb)])
        .await;
    assert_eq!(back["error"], "invalid_request_object");
    assert_eq!(for_itself(&world, &bomb).await.error(), "invalid_client");
}

async fn client_credentials_never_speak_for_a_person(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let token = signed(&key, &assertion(&world, &service, "1"));
    let access = for_itself(&world, &token).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let told = world.userinfo(&access).await;
    assert_eq!(
        (told.status, told.error().as_str()),
        (StatusCode::FORBIDDEN, "insufficient_scope")
    );
}
