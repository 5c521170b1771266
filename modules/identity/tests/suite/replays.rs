//! What was seen once is tried again, or elsewhere, or at another time.

use http::StatusCode;
use jiff::SignedDuration;
use jose::claims::Claims;
use kit_db::Db;

use crate::keyed::{asserting, assertion, for_itself, key, proof, signed};
use crate::world::{
    Browser, CALLBACK, CHALLENGE, ISSUER, Tokens, VERIFIER, form, migrations, world,
};

kit_db::on_both_databases!(migrations() =>
    code_injection, replay_of_code, replay_of_state, replay_of_nonce, oversized_jwt, clock_skew,
    a_nonce_of_ours_is_demanded_of_proofs,
);

async fn code_injection(db: Db) {
    // The attacker's code, or one that it stole, is put into the answer that a victim's service
    // waits for. Another sign-in's verifier doesn't fit, and nobody else's client does.
    let world = world(db).await;
    let (service, other) = (world.service(&form()).await, world.service(&form()).await);
    let mut browser = Browser::default();
    let attackers = [
        (
            "code_challenge",
            "q3ukGMbKIoW-TSBGHQZc3pErMqkwwo5TqCzkSKYxCIk",
        ),
        ("code_challenge_method", "S256"),
    ];
    let stolen = world.code(&mut browser, &service, &attackers).await;
    let verifier = [("code_verifier", VERIFIER)];
    let injected = service.exchange(&world, &stolen, &verifier).await;
    assert_eq!(injected.error(), "invalid_grant");
    let own = [
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let code = world.code(&mut browser, &service, &own).await;
    let injected = other.exchange(&world, &code, &verifier).await;
    assert_eq!(injected.error(), "invalid_grant");
    Tokens::of(&service.exchange(&world, &code, &verifier).await);
}

async fn replay_of_code(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &service, &[]).await;
    let tokens = Tokens::of(&service.exchange(&world, &code, &[]).await);
    assert_eq!(
        service.exchange(&world, &code, &[]).await.error(),
        "invalid_grant"
    );
    // Somebody has a code that isn't his: what it gave ends.
    assert_eq!(
        world.userinfo(&tokens.access).await.status,
        StatusCode::UNAUTHORIZED
    );
    let refresh = tokens.refresh.unwrap();
    assert_eq!(
        service.refresh(&world, &refresh).await.error(),
        "invalid_grant"
    );
}

async fn replay_of_state(db: Db) {
    // A request is answered once: its state comes back with one code, and never with a second.
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let back = browser.sign_in_to(&world, &service, &[]).await;
    assert_eq!(back["state"], "st");
    let path = browser
        .went
        .iter()
        .rfind(|path| path.starts_with("/connect/"));
    let path = path.unwrap().clone();
    let again = browser.follow(&world, &path).await;
    assert!(
        again.contains_key("page") && !again.contains_key("state"),
        "{again:?}"
    );
    // Nor is a pushed one.
    let request = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "pushed"),
    ];
    let pushed = service.call(&world, "/api/v2/par", &request).await.json();
    let address = format!(
        "/api/v2/authorize?client_id={}&request_uri={}",
        service.new.client_id,
        pushed["request_uri"].as_str().unwrap()
    );
    assert_eq!(browser.follow(&world, &address).await["state"], "pushed");
    let again = browser.follow(&world, &address).await;
    assert!(again["page"].contains("invalid_request_uri"));
}

async fn replay_of_nonce(db: Db) {
    // The nonce is in the identity token of its own code, once.
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &service, &[("nonce", "n1")]).await;
    let tokens = Tokens::of(&service.exchange(&world, &code, &[]).await);
    assert_eq!(world.claims(&tokens.id).await.text("nonce"), Some("n1"));
    let later = Tokens::of(&service.refresh(&world, &tokens.refresh.unwrap()).await);
    assert_eq!(world.claims(&later.id).await.get("nonce"), None);
    assert_eq!(
        service.exchange(&world, &code, &[]).await.error(),
        "invalid_grant"
    );
    let other = world
        .tokens(&mut browser, &service, &[("nonce", "n2")])
        .await;
    assert_eq!(world.claims(&other.id).await.text("nonce"), Some("n2"));
}

async fn oversized_jwt(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    for bytes in [9_000, 70_000] {
        let claims = assertion(&world, &service, "1").with("padding", "x".repeat(bytes));
        let refused = for_itself(&world, &signed(&key, &claims)).await;
        assert_eq!(
            refused.error(),
            "invalid_request",
            "a value has 8192 bytes at most"
        );
    }
    let long = "x".repeat(300);
    let refused = for_itself(&world, &signed(&key, &assertion(&world, &service, &long))).await;
    assert_eq!(
        refused.error(),
        "invalid_client",
        "a jti has 256 bytes at most"
    );
    let mut browser = Browser::default();
    let object = signed(&key, &Claims::new().with("padding", "x".repeat(9_000)));
    let back = browser
        .sign_in_to(&world, &service, &[("request", &object)])
        .await;
    assert_eq!(back["error"], "invalid_request_object");
    let plain = world.service(&form()).await;
    let code = world.code(&mut browser, &plain, &[]).await;
    let long = signed(&key, &Claims::new().with("padding", "x".repeat(9_000)));
    let basic = plain.basic();
    let headers = [("authorization", basic.as_str()), ("dpop", long.as_str())];
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
    ];
    let refused = world.call("/api/v2/token", &headers, &form).await;
    assert_eq!(refused.error(), "invalid_dpop_proof");
}

async fn clock_skew(db: Db) {
    // Ten seconds either way, for whoever's clock differs, and not a minute.
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let name = service.new.client_id.as_str();
    let at = |from: i64, id: &str| {
        let claims = Claims::new()
            .issuer(name)
            .subject(name)
            .audience(ISSUER)
            .lifetime(world.seconds() + from, 60)
            .with("nbf", world.seconds() + from)
            .id(id);
        signed(&key, &claims)
    };
    for (from, status) in [
        (10, StatusCode::OK),
        (11, StatusCode::UNAUTHORIZED),
        (61, StatusCode::UNAUTHORIZED),
        (-69, StatusCode::OK),
        (-71, StatusCode::UNAUTHORIZED),
    ] {
        let reply = for_itself(&world, &at(from, &from.to_string())).await;
        assert_eq!(reply.status, status, "{from}");
    }
}

async fn a_nonce_of_ours_is_demanded_of_proofs(db: Db) {
    // RFC 9449, section 8: a proof made in advance, on a machine that was left alone, is no good.
    let world = world(db).await;
    let mut careful = form();
    careful.advanced.demands = vec!["dpop".into(), "dpop_nonce".into()];
    let service = world.service(&careful).await;
    let (mut browser, key) = (Browser::default(), key());
    let code = world.code(&mut browser, &service, &[]).await;
    let basic = service.basic();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
    ];
    let path = "/api/v2/token";
    let bare = world.call(path, &[("authorization", &basic)], &form).await;
    assert_eq!(bare.error(), "invalid_dpop_proof", "a proof is demanded");
    let made = |id: &str, nonce: Option<&str>| {
        let url = format!("{ISSUER}{path}");
        let new = jose::dpop::NewProof {
            method: "POST",
            url: &url,
            now: world.seconds(),
            jti: id,
            access_token: None,
            nonce,
        };
        jose::dpop::create(&key, &new).unwrap()
    };
    let with = async |proof: &str| {
        let headers = [("authorization", basic.as_str()), ("dpop", proof)];
        world.call(path, &headers, &form).await
    };
    let asked = with(&proof(&world, &key, path, "POST", None, "1")).await;
    assert_eq!(
        (asked.status, asked.error().as_str()),
        (StatusCode::BAD_REQUEST, "use_dpop_nonce")
    );
    let nonce = asked.header("dpop-nonce").to_owned();
    assert_eq!(
        with(&made("2", Some("forged"))).await.error(),
        "use_dpop_nonce"
    );
    let tokens = Tokens::of(&with(&made("3", Some(&nonce))).await);
    // At a resource the same, as a challenge.
    let header = format!("DPoP {}", tokens.access);
    let shown = proof(
        &world,
        &key,
        "/api/v2/userinfo",
        "GET",
        Some(&tokens.access),
        "4",
    );
    let headers = [("authorization", header.as_str()), ("dpop", shown.as_str())];
    let asked = world.read("/api/v2/userinfo", &headers).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert!(asked.header("www-authenticate").contains("use_dpop_nonce"));
    assert_eq!(asked.header("dpop-nonce"), nonce);
    world.clock.advance(SignedDuration::from_mins(11));
    assert_eq!(
        with(&made("5", Some(&nonce))).await.error(),
        "use_dpop_nonce",
        "it is over"
    );
}
