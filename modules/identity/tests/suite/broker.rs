//! Through a provider and back, as browsers do it.

use http::StatusCode;
use kit_db::Db;

use crate::provider::{cause_of, idp, provider_form};
use crate::world::{Browser, migrations, world};

kit_db::on_both_databases!(migrations() =>
    a_question_is_bound_and_carries_what_is_wished, a_provider_is_asked_with_its_secret,
);

async fn a_question_is_bound_and_carries_what_is_wished(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    let query = "return_to=/account&email=ada%40x.example&again=true";
    let asked = browser.leave(&world, &idp, "min", query).await;
    assert_eq!(
        asked["redirect_uri"],
        "https://g.example/sign-in/return/min"
    );
    assert_eq!(asked["login_hint"], "ada@x.example");
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(
        (asked["prompt"].as_str(), asked["max_age"].as_str()),
        ("login", "0")
    );
    assert_eq!(asked["acr_values"], "eidas1");
    for bound in ["state", "nonce", "code_challenge"] {
        assert!(asked[bound].len() >= 32, "{bound}");
    }
    let again = browser.leave(&world, &idp, "min", "").await;
    assert_ne!(asked["state"], again["state"]);
    assert_ne!(asked["nonce"], again["nonce"]);
    let nowhere = browser.get(&world, "/sign-in/with/other").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    assert_eq!(cause_of(&world, &nowhere).await, "closed");
}

async fn a_provider_is_asked_with_its_secret(db: Db) {
    let world = world(db).await;
    for method in [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ] {
        let idp = idp(&world).await;
        let mut form = provider_form(&idp, &method.replace('_', "-"));
        form.auth_method = method.into();
        form.domains.clear();
        idp.register(&world, &form).await;
        let reply = Browser::default().through(&world, &idp, &form.code).await;
        assert_eq!(cause_of(&world, &reply).await, "audience");
        let asked = idp.asked.lock().unwrap().clone();
        let token = asked
            .iter()
            .find(|asked| asked.starts_with("POST /token"))
            .unwrap();
        assert!(token.contains("code_verifier="), "{token}");
        let secret = "the+secret+that+it+gave";
        match method {
            "client_secret_basic" => assert!(token.contains("authorization: Basic"), "{token}"),
            "client_secret_post" => assert!(token.contains(secret), "{token}"),
            _ => {
                assert!(!token.contains(secret), "{token}");
                let assertion = token.split("client_assertion=").nth(1).unwrap();
                let claims = world.claims(assertion.split('&').next().unwrap()).await;
                assert_eq!(claims.text("aud"), Some(idp.issuer.as_str()));
                assert_eq!(claims.text("sub"), Some("gouvernail"));
            }
        }
        assert!(
            asked.iter().any(|asked| asked.starts_with("GET /userinfo")),
            "{asked:?}"
        );
    }
}
