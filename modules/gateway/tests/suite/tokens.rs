//! Attacks on tokens, proofs and keys.

use aws_lc_rs::digest::{SHA256, digest};
use jose::jwk::{KeyKind, SigningKey};
use jose::jws::{Signing, sign};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn tokens_that_prove_nothing_are_refused() {
    let world = World::new().await;
    let target = format!("{PATH}?{WHY}");
    let stranger = SigningKey::generate(KeyKind::Es256)
        .unwrap()
        .with_kid(world.issuer.kid());
    let typed = |typ| Signing {
        typ: Some(typ),
        ..Signing::default()
    };
    let bytes = world.claims().to_bytes();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.".to_owned();
    let good = world.token();
    let mut changed = good.clone();
    changed.replace_range(
        good.len() - 3..good.len() - 2,
        if good.as_bytes()[good.len() - 3] == b'A' {
            "B"
        } else {
            "A"
        },
    );
    for (why, token) in [
        ("no algorithm", none),
        (
            "another key",
            sign(&stranger, &typed("at+jwt"), &bytes).unwrap(),
        ),
        (
            "an identity token",
            sign(&world.issuer, &typed("JWT"), &bytes).unwrap(),
        ),
        ("a changed signature", changed),
        (
            "another issuer",
            world.sign(&world.claims().issuer("https://evil.example")),
        ),
        (
            "another audience",
            world.sign(&world.claims().audience("https://other.example")),
        ),
        (
            "two audiences",
            world.sign(
                &world
                    .claims()
                    .with("aud", json!([AUDIENCE, "https://other.example"])),
            ),
        ),
        ("no audience", {
            let mut claims = world.claims().into_members();
            claims.remove("aud");
            world.sign(&claims.into())
        }),
        ("no end", {
            let mut claims = world.claims().into_members();
            claims.remove("exp");
            world.sign(&claims.into())
        }),
        ("no id", {
            let mut claims = world.claims().into_members();
            claims.remove("jti");
            world.sign(&claims.into())
        }),
        (
            "a year",
            world.sign(&world.claims().lifetime(world.now().as_second(), 31_536_000)),
        ),
        (
            "an unknown confirmation",
            world.sign(&world.claims().with("cnf", json!({"jku": "x"}))),
        ),
        ("an unknown key", "b".repeat(40)),
    ] {
        let answered = world.get(&target, &token).await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (401, "token-invalid"),
            "{why}"
        );
        assert_eq!(
            answered.header("www-authenticate"),
            Some("Bearer error=\"invalid_token\""),
            "{why}"
        );
    }
    let missing = world.with_headers(&target, "").await;
    assert_eq!(
        (missing.status, missing.code().as_str()),
        (401, "token-missing")
    );
    let twice = format!("Authorization: Bearer {good}\r\nAuthorization: Bearer {good}\r\n");
    assert_eq!(
        world.with_headers(&target, &twice).await.code(),
        "token-invalid"
    );
    let basic = world
        .with_headers(&target, "Authorization: Basic dG93bjp4\r\n")
        .await;
    assert_eq!(basic.code(), "token-invalid");
    // Each is kept, without an accreditation.
    let traces = world.traces();
    assert!(
        traces
            .iter()
            .all(|trace| trace.accreditation.is_none() && trace.status == 401)
    );
    assert_eq!(traces.len(), 16);
    assert!(world.asked().is_empty());
    world.end().await;
}

#[tokio::test]
async fn a_token_of_another_environment_is_refused() {
    let world = World::new().await;
    for claims in [
        world.claims().with("environment", "production"),
        world.claims().with("environment", json!(null)),
    ] {
        let answered = world
            .get(&format!("{PATH}?{WHY}"), &world.sign(&claims))
            .await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (401, "token-invalid")
        );
    }
    world.end().await;
}

#[tokio::test]
async fn a_token_lives_as_long_as_it_says_and_its_accreditation_lets_it() {
    let mut world = World::new().await;
    let target = format!("{PATH}?{WHY}");
    let token = world.token();
    assert_eq!(world.get(&target, &token).await.status, 200);
    // Another version is in force.
    world.change(|snapshot| snapshot.accreditations[0].version = 4);
    assert_eq!(
        world.get(&target, &token).await.code(),
        "accreditation-not-in-force"
    );
    world.change(|snapshot| snapshot.accreditations[0].version = 3);
    assert_eq!(world.get(&target, &token).await.status, 200);
    world.change(|snapshot| snapshot.accreditations[0].clients = vec!["other".to_owned()]);
    assert_eq!(
        world.get(&target, &token).await.code(),
        "client-not-allowed"
    );
    world.change(|snapshot| snapshot.accreditations[0].clients = vec!["town".to_owned()]);
    world.change(|snapshot| snapshot.accreditations[0].apis[0].scopes = vec!["none".to_owned()]);
    assert_eq!(world.get(&target, &token).await.code(), "not-granted");
    world.change(|snapshot| snapshot.accreditations[0].apis[0].scopes = vec!["income".to_owned()]);
    assert_eq!(
        world.get(&target, &token).await.json()["data"],
        json!({"income": 12})
    );
    world.advance(300);
    assert_eq!(world.get(&target, &token).await.code(), "token-expired");
    // Revoked: a new token helps nobody.
    world.change(|snapshot| snapshot.accreditations.clear());
    assert_eq!(world.call().await.code(), "accreditation-not-in-force");
    world.end().await;

    let mut world = World::new().await;
    let end = world.now() + jiff::SignedDuration::from_secs(5);
    world.change(|snapshot| snapshot.accreditations[0].valid_until = end);
    assert_eq!(world.call().await.status, 200);
    world.advance(5);
    assert_eq!(world.call().await.code(), "accreditation-not-in-force");
    world.end().await;
}

#[tokio::test]
async fn replay_of_a_dpop_proof_is_refused() {
    let world = World::new().await;
    let key = SigningKey::generate(KeyKind::Es256).unwrap();
    let thief = SigningKey::generate(KeyKind::Es256).unwrap();
    let bound = json!({ "jkt": key.public().thumbprint() });
    let token = world.sign(&world.claims().with("cnf", bound));
    let target = format!("{PATH}?{WHY}");
    let call = |proof: String, scheme: &str| {
        let headers = format!("Authorization: {scheme} {token}\r\nDPoP: {proof}\r\n");
        let (world, target) = (&world, &target);
        async move { world.with_headers(target, &headers).await }
    };
    let proof = world.proof(&key, "j1", &token);
    assert_eq!(call(proof.clone(), "DPoP").await.status, 200);
    let again = call(proof.clone(), "DPoP").await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (401, "proof-invalid")
    );
    assert!(
        again
            .header("www-authenticate")
            .unwrap()
            .starts_with("DPoP error=")
    );
    // Stolen without its key, or sent as if it were bound to none.
    assert_eq!(
        call(world.proof(&thief, "j2", &token), "DPoP").await.code(),
        "proof-invalid"
    );
    assert_eq!(
        call(world.proof(&key, "j3", &token), "Bearer").await.code(),
        "proof-invalid"
    );
    // Made for another token.
    assert_eq!(
        call(world.proof(&key, "j4", "other"), "DPoP").await.code(),
        "proof-invalid"
    );
    assert_eq!(world.get(&target, &token).await.code(), "proof-invalid");
    // Two proofs: one of them isn't the client's.
    let two = format!(
        "{}\r\nDPoP: {}",
        world.proof(&key, "j5", &token),
        world.proof(&key, "j6", &token)
    );
    assert_eq!(call(two, "DPoP").await.code(), "proof-invalid");
    // Kept for later.
    let late = world.proof(&key, "j7", &token);
    world.advance(61);
    assert_eq!(call(late, "DPoP").await.code(), "proof-invalid");
    // An unbound token gains nothing by a proof.
    let plain = world.token();
    let headers = format!(
        "Authorization: DPoP {plain}\r\nDPoP: {}\r\n",
        world.proof(&key, "j8", &plain)
    );
    assert_eq!(
        world.with_headers(&target, &headers).await.code(),
        "token-invalid"
    );
    world.end().await;
}

#[tokio::test]
async fn more_proofs_than_are_remembered_are_refused() {
    let producer = producer(|_| answer_of(HOUSEHOLD_ANSWER)).await;
    let settings = gateway::GatewaySettings {
        proofs_max: 2,
        ..settings()
    };
    let world = World::set_up(settings, producer, |_| {}).await;
    let key = SigningKey::generate(KeyKind::EdDsa).unwrap();
    let token = world.sign(
        &world
            .claims()
            .with("cnf", json!({ "jkt": key.public().thumbprint() })),
    );
    let mut codes = Vec::new();
    for jti in ["a", "b", "c", "a"] {
        let headers = format!(
            "Authorization: DPoP {token}\r\nDPoP: {}\r\n",
            world.proof(&key, jti, &token)
        );
        codes.push(
            world
                .with_headers(&format!("{PATH}?{WHY}"), &headers)
                .await
                .code(),
        );
    }
    assert_eq!(codes, ["", "", "gateway-full", "proof-invalid"]);
    world.end().await;
}

#[tokio::test]
async fn unbound_tokens_are_refused_where_they_must_be_bound() {
    let producer = producer(|_| answer_of(HOUSEHOLD_ANSWER)).await;
    let settings = gateway::GatewaySettings {
        bound_only: true,
        ..settings()
    };
    let world = World::set_up(settings, producer, |_| {}).await;
    assert_eq!(world.call().await.code(), "token-invalid");
    let certificate = world.sign(&world.claims().with("cnf", json!({ "x5t#S256": "abc" })));
    assert_eq!(
        world
            .get(&format!("{PATH}?{WHY}"), &certificate)
            .await
            .code(),
        "proof-invalid"
    );
    world.end().await;
}

#[tokio::test]
async fn an_opaque_key_works_where_the_accreditation_has_its_hash() {
    let mut world = World::new().await;
    let hash = format!("{:?}", digest(&SHA256, b"k-secret"));
    let hash = hash.trim_start_matches("SHA256:").to_owned();
    world.change(|snapshot| snapshot.accreditations[0].key_hashes = vec![hash]);
    let target = format!("{PATH}?{WHY}");
    assert_eq!(world.get(&target, "k-secret").await.status, 200);
    assert_eq!(world.get(&target, "k-secreu").await.code(), "token-invalid");
    world.change(|snapshot| snapshot.accreditations[0].key_hashes.clear());
    assert_eq!(world.get(&target, "k-secret").await.code(), "token-invalid");
    world.end().await;
}
