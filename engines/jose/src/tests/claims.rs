//! Each rule of claims with its refusal.

use serde_json::json;

use crate::claims::{ClaimError, Claims, JTI_BYTES_MAX, Rules};

const NOW: i64 = 1_800_000_000;

fn good() -> Claims {
    Claims::new()
        .issuer("https://op.example")
        .subject("s")
        .audience("client")
        .lifetime(NOW, 300)
        .id("j")
        .nonce("n")
}

fn rules() -> Rules<'static> {
    Rules::new()
        .issuer("https://op.example")
        .subject("s")
        .audience("client")
        .nonce("n")
        .with_id()
}

fn judged(claims: &Claims) -> Result<(), ClaimError> {
    rules().check(claims, NOW)
}

#[test]
fn good_claims_pass_and_survive_bytes() {
    assert_eq!(judged(&good()), Ok(()));
    assert_eq!(Claims::parse(&good().to_bytes()), Ok(good()));
    assert_eq!(good().with_optional("a", None::<&str>), good());
    assert_eq!(Claims::from(good().into_members()), good());
}

#[test]
fn every_text_must_be_there_and_the_one_wanted() {
    for (name, refusal) in [
        ("iss", ClaimError::Issuer),
        ("sub", ClaimError::Subject),
        ("nonce", ClaimError::Nonce),
    ] {
        let mut without = good().into_members();
        without.remove(name);
        assert_eq!(judged(&without.into()), Err(ClaimError::Missing { name }));
        assert_eq!(judged(&good().with(name, "other")), Err(refusal));
        for wrong in [json!(1), json!(null), json!(["s"]), json!({})] {
            let refused = judged(&good().with(name, wrong));
            assert_eq!(refused, Err(ClaimError::Malformed { name }));
        }
    }
    let slash = good().with("iss", "https://op.example/");
    assert_eq!(
        judged(&slash),
        Err(ClaimError::Issuer),
        "compared character by character"
    );
}

#[test]
fn the_audience_is_ours() {
    assert_eq!(judged(&good().with("aud", json!(["x", "client"]))), Ok(()));
    for wrong in [
        json!("other"),
        json!([]),
        json!(["x", "y"]),
        json!("clien"),
        json!("Client"),
    ] {
        assert_eq!(
            judged(&good().with("aud", wrong)),
            Err(ClaimError::Audience)
        );
    }
    for wrong in [
        json!(1),
        json!(["client", 1]),
        json!(null),
        json!({"client": 1}),
    ] {
        let refused = judged(&good().with("aud", wrong));
        assert_eq!(refused, Err(ClaimError::Malformed { name: "aud" }));
    }
    assert_eq!(
        Rules::new().check(&good(), NOW),
        Err(ClaimError::Audience),
        "we said no name"
    );
    let mut without = good().into_members();
    without.remove("aud");
    let without = Claims::from(without);
    assert_eq!(judged(&without), Err(ClaimError::Missing { name: "aud" }));
    assert_eq!(Rules::new().check(&without, NOW), Ok(()));
    let sole = |aud| {
        let rules = rules().audience("alias").sole_audience();
        rules.check(&good().with("aud", aud), NOW)
    };
    assert_eq!(sole(json!("alias")), Ok(()));
    assert_eq!(sole(json!(["client", "alias"])), Ok(()));
    assert_eq!(sole(json!(["client", "x"])), Err(ClaimError::OtherAudience));
}

#[test]
fn the_authorized_party_is_us() {
    let party = |claims: Claims| rules().authorized_party("client").check(&claims, NOW);
    assert_eq!(party(good()), Ok(()));
    assert_eq!(party(good().with("azp", "client")), Ok(()));
    assert_eq!(
        party(good().with("azp", "x")),
        Err(ClaimError::AuthorizedParty)
    );
    let several = good().with("aud", json!(["client", "x"]));
    assert_eq!(
        party(several.clone()),
        Err(ClaimError::Missing { name: "azp" })
    );
    assert_eq!(party(several.with("azp", "client")), Ok(()));
}

#[test]
fn instants_are_judged_to_the_second() {
    let at = |name: &str, value: i64, leeway: i64| {
        let rules = rules().leeway_seconds(leeway);
        rules.check(&good().with(name, value), NOW)
    };
    assert_eq!(at("exp", NOW + 1, 0), Ok(()));
    assert_eq!(at("exp", NOW, 0), Err(ClaimError::Expired));
    assert_eq!(at("exp", NOW - 9, 10), Ok(()));
    assert_eq!(at("exp", NOW - 10, 10), Err(ClaimError::Expired));
    assert_eq!(at("nbf", NOW, 0), Ok(()));
    assert_eq!(at("nbf", NOW + 1, 0), Err(ClaimError::NotYetValid));
    assert_eq!(at("nbf", NOW + 10, 10), Ok(()));
    assert_eq!(at("iat", NOW + 1, 0), Err(ClaimError::IssuedInFuture));
    assert_eq!(at("iat", NOW + 10, 10), Ok(()));
    assert_eq!(
        at("exp", NOW - 60, 3_600),
        Err(ClaimError::Expired),
        "leeway is cut to 60 s"
    );
    assert_eq!(at("exp", NOW, -5), Err(ClaimError::Expired));
    assert_eq!(at("exp", i64::MIN, 60), Err(ClaimError::Expired));
    assert_eq!(at("exp", i64::MAX, 60), Ok(()));
}

#[test]
fn an_instant_is_a_number_that_fits() {
    for wrong in [
        json!("1"),
        json!(null),
        json!(1e300),
        json!(u64::MAX),
        json!([1]),
    ] {
        for name in ["exp", "nbf", "iat"] {
            let refused = judged(&good().with(name, wrong.clone()));
            assert_eq!(refused, Err(ClaimError::Malformed { name }), "{wrong}");
        }
    }
    let fraction = good().with("exp", NOW as f64 + 0.5);
    assert_eq!(
        judged(&fraction),
        Err(ClaimError::Expired),
        "cut towards the past"
    );
}

#[test]
fn expiry_is_demanded_unless_waived() {
    let mut without = good().into_members();
    without.remove("exp");
    let without = Claims::from(without);
    assert_eq!(judged(&without), Err(ClaimError::Missing { name: "exp" }));
    assert_eq!(rules().without_expiry().check(&without, NOW), Ok(()));
    let expired = good().with("exp", NOW - 1);
    let waived = rules().without_expiry().check(&expired, NOW);
    assert_eq!(waived, Err(ClaimError::Expired), "one that is there counts");
}

#[test]
fn ages_and_lifetimes_are_bounded() {
    let old = |seconds: i64| good().with("iat", NOW - seconds);
    let aged = rules().age_seconds_max(100);
    assert_eq!(aged.check(&old(100), NOW), Ok(()));
    assert_eq!(aged.check(&old(101), NOW), Err(ClaimError::TooOld));
    let mut without = good().into_members();
    without.remove("iat");
    let missing = aged.check(&without.into(), NOW);
    assert_eq!(missing, Err(ClaimError::Missing { name: "iat" }));
    let brief = rules().lifetime_seconds_max(300);
    assert_eq!(brief.check(&good(), NOW), Ok(()));
    let long = good().with("exp", NOW + 301);
    assert_eq!(brief.check(&long, NOW), Err(ClaimError::LivesTooLong));
    let signed_in = rules().sign_in_age_seconds_max(60);
    let at = |seconds: i64| signed_in.check(&good().with("auth_time", NOW - seconds), NOW);
    assert_eq!(at(60), Ok(()));
    assert_eq!(at(61), Err(ClaimError::SignInTooOld));
    assert_eq!(at(-1), Err(ClaimError::Malformed { name: "auth_time" }));
    let missing = signed_in.check(&good(), NOW);
    assert_eq!(missing, Err(ClaimError::Missing { name: "auth_time" }));
}

#[test]
fn an_id_is_bounded() {
    assert_eq!(judged(&good().id(&"a".repeat(JTI_BYTES_MAX))), Ok(()));
    for wrong in [String::new(), "a".repeat(JTI_BYTES_MAX + 1)] {
        let refused = judged(&good().id(&wrong));
        assert_eq!(refused, Err(ClaimError::Malformed { name: "jti" }));
    }
    let mut without = good().into_members();
    without.remove("jti");
    assert_eq!(
        judged(&without.into()),
        Err(ClaimError::Missing { name: "jti" })
    );
}
