//! What a lying provider may try, or somebody between it and us, and what must come of it.

use http::StatusCode;
use jiff::SignedDuration;
use jose::claims::Claims;
use jose::jwk::{KeyKind, SigningKey};
use kit_db::Db;
use serde_json::{Value, json};

use crate::provider::{SUBJECT, cause_of, idp, idp_with, provider_form, signed};
use crate::world::{Browser, World, migrations, world};

kit_db::on_both_databases!(migrations() =>
    mix_up_of_providers_is_refused, code_injection_from_another_browser_is_refused,
    replay_of_a_state_is_refused, replay_of_a_nonce_is_refused, login_csrf_is_refused,
    a_token_of_another_audience_is_refused, alg_none_upstream_is_refused,
    hs256_with_the_providers_public_key_is_refused, a_key_of_nobody_is_refused,
    clock_skew_is_bounded, a_provider_that_lies_about_the_email_domain_is_refused,
    a_provider_that_lies_about_the_level_gains_nothing, a_slow_provider_is_left,
    a_provider_that_is_down_is_left_alone_for_a_while, oversized_answers_are_refused,
    userinfo_of_another_subject_is_refused, return_to_leads_nowhere_else,
    ssrf_through_a_description_is_refused, a_description_of_another_issuer_is_refused,
    odd_answers_make_no_fault, another_issuer_inherits_no_account,
);

/// What comes of a sign-in with a provider that lies.
async fn cause(world: &World, idp: &crate::provider::Idp) -> String {
    let reply = Browser::default().through(world, idp, "min").await;
    cause_of(world, &reply).await
}

async fn mix_up_of_providers_is_refused(db: Db) {
    let world = world(db).await;
    let (honest, evil) = (idp(&world).await, idp(&world).await);
    honest
        .register(&world, &provider_form(&honest, "min"))
        .await;
    evil.register(&world, &provider_form(&evil, "evil")).await;
    honest.lie(|lies| {
        let told = (
            "authorization_response_iss_parameter_supported",
            json!(true),
        );
        lies.description.push(told);
    });
    let mut browser = Browser::default();
    // The evil one's answer is brought to the honest one's address, and the other way round.
    let question = browser.leave(&world, &honest, "min", "").await;
    let path = format!("/sign-in/return/evil?code=c&state={}", question["state"]);
    let reply = browser.get(&world, &path).await;
    assert_eq!(cause_of(&world, &reply).await, "issuer");
    for more in [vec![("iss", evil.issuer.as_str())], vec![]] {
        let question = browser.leave(&world, &honest, "min", "").await;
        let reply = browser.come_back(&world, &question, &more).await;
        assert_eq!(cause_of(&world, &reply).await, "issuer", "{more:?}");
    }
    let no_token_asked = |idp: &crate::provider::Idp| {
        let asked = idp.asked.lock().unwrap();
        !asked.iter().any(|asked| asked.starts_with("POST"))
    };
    assert!(
        no_token_asked(&honest) && no_token_asked(&evil),
        "no code went anywhere"
    );
    let question = browser
        .leave(&world, &honest, "min", "return_to=/account")
        .await;
    let more = [("iss", honest.issuer.as_str())];
    let reply = browser.come_back(&world, &question, &more).await;
    assert_eq!(reply.header("location"), "/account");
}

async fn code_injection_from_another_browser_is_refused(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let (mut victim, mut thief) = (Browser::default(), Browser::default());
    // The thief holds a code of the victim's sign-in, and puts it into a sign-in of its own: the
    // verifier is the thief's, so is the nonce, and the identity token's is the victim's.
    let own = thief.leave(&world, &idp, "min", "").await;
    let stolen = victim.leave(&world, &idp, "min", "").await;
    let reply = thief.come_back(&world, &own, &[("code", "stolen")]).await;
    assert_eq!(cause_of(&world, &reply).await, "state", "code twice");
    let own = thief.leave(&world, &idp, "min", "").await;
    let _ = idp.question(&format!(
        "{}/authorize?nonce={}",
        idp.issuer, stolen["nonce"]
    ));
    let reply = thief.come_back(&world, &own, &[]).await;
    assert_eq!(cause_of(&world, &reply).await, "nonce");
    assert!(thief.session().is_none());
    let asked = idp.asked.lock().unwrap();
    let sent = asked
        .iter()
        .find(|asked| asked.starts_with("POST /token"))
        .unwrap();
    let verifier = sent.split("code_verifier=").nth(1).unwrap();
    let verifier = verifier.split('&').next().unwrap();
    let challenge = jose::pkce::Challenge::of(verifier).unwrap();
    assert_eq!(
        challenge.as_str(),
        own["code_challenge"],
        "bound to the thief's own question"
    );
}

async fn replay_of_a_state_is_refused(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    let question = browser
        .leave(&world, &idp, "min", "return_to=/account")
        .await;
    let first = browser.come_back(&world, &question, &[]).await;
    assert_eq!(first.header("location"), "/account");
    let again = browser.come_back(&world, &question, &[]).await;
    assert_eq!(cause_of(&world, &again).await, "state");
    let late = browser.leave(&world, &idp, "min", "").await;
    world.clock.advance(SignedDuration::from_mins(16));
    let reply = browser.come_back(&world, &late, &[]).await;
    assert_eq!(cause_of(&world, &reply).await, "state", "too old");
    world.identity.keep_house().await.unwrap();
}

async fn replay_of_a_nonce_is_refused(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    let former = browser.leave(&world, &idp, "min", "").await["nonce"].clone();
    idp.lie(|lies| lies.id_token = Some(Box::new(move |claims| claims.nonce(&former))));
    assert_eq!(cause(&world, &idp).await, "nonce");
    let without = |claims: Claims| {
        let mut members = claims.into_members();
        members.remove("nonce");
        Claims::from(members)
    };
    idp.lie(|lies| lies.id_token = Some(Box::new(without)));
    assert_eq!(cause(&world, &idp).await, "token");
}

async fn login_csrf_is_refused(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let (mut victim, mut attacker) = (Browser::default(), Browser::default());
    let question = attacker
        .leave(&world, &idp, "min", "return_to=/account")
        .await;
    let reply = victim.come_back(&world, &question, &[]).await;
    assert_eq!(cause_of(&world, &reply).await, "state");
    // Also when the victim is on its way with a sign-in of its own.
    victim.leave(&world, &idp, "min", "").await;
    let reply = victim.come_back(&world, &question, &[]).await;
    assert_eq!(cause_of(&world, &reply).await, "state");
    assert!(victim.session().is_none());
    idp.question(&format!(
        "{}/authorize?nonce={}",
        idp.issuer, question["nonce"]
    ));
    let reply = attacker.come_back(&world, &question, &[]).await;
    assert_eq!(
        reply.header("location"),
        "/account",
        "its own browser isn't disturbed"
    );
}

async fn a_token_of_another_audience_is_refused(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    for audience in [
        json!("other"),
        json!(["gouvernail", "other"]),
        json!([]),
        Value::Null,
    ] {
        let told = audience.clone();
        idp.lie(|lies| {
            lies.id_token = Some(Box::new(move |claims| claims.with("aud", told.clone())));
        });
        assert_eq!(cause(&world, &idp).await, "token", "{audience}");
    }
    for (name, value) in [
        ("iss", "https://other.example"),
        ("azp", "other"),
        ("at_hash", "x"),
    ] {
        idp.lie(|lies| {
            lies.id_token = Some(Box::new(move |claims| claims.with(name, value)));
        });
        assert_eq!(cause(&world, &idp).await, "token", "{name}");
    }
}

/// An unsigned or otherwise signed token of the right content: header and signature are ours.
fn forged(world: &World, issuer: &str, header: &Value, signature: &str) -> String {
    use base64::Engine as _;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let claims = Claims::new()
        .issuer(issuer)
        .subject(SUBJECT)
        .audience("gouvernail")
        .lifetime(world.clock_seconds(), 60);
    let header = encode(header.to_string().as_bytes());
    format!("{header}.{}.{signature}", encode(&claims.to_bytes()))
}

async fn alg_none_upstream_is_refused(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    for alg in ["none", "None", "NONE", ""] {
        let token = forged(&world, &idp.issuer, &json!({ "alg": alg }), "");
        idp.lie(|lies| lies.raw_id_token = Some(token));
        assert_eq!(cause(&world, &idp).await, "token", "{alg}");
    }
}

async fn hs256_with_the_providers_public_key_is_refused(db: Db) {
    let world = world(db).await;
    let idp = idp_with(&world, KeyKind::Rs256Bits2048).await;
    let mut form = provider_form(&idp, "min");
    form.id_token_algorithms = vec!["RS256".into()];
    idp.register(&world, &form).await;
    let reply = Browser::default().through(&world, &idp, "min").await;
    assert_eq!(
        reply.header("location"),
        "/account",
        "the honest one: {}",
        reply.body
    );
    let kid = idp.key.kid();
    for alg in ["HS256", "ES256", "PS256", "EdDSA"] {
        // Any signature: no secret is known to check it with, whatever it was made from.
        let header = json!({ "alg": alg, "kid": kid });
        let token = forged(&world, &idp.issuer, &header, &"A".repeat(43));
        idp.lie(|lies| lies.raw_id_token = Some(token));
        assert_eq!(cause(&world, &idp).await, "token", "{alg}");
    }
}

async fn a_key_of_nobody_is_refused(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let other = SigningKey::generate(KeyKind::Es256).unwrap();
    let claims = Claims::new().issuer(&idp.issuer).subject(SUBJECT);
    for key in [
        SigningKey::generate(KeyKind::Es256).unwrap(),
        other.with_kid(idp.key.kid()),
        SigningKey::generate(KeyKind::EdDsa).unwrap(),
    ] {
        let token = signed(&key, &claims, None);
        idp.lie(|lies| lies.raw_id_token = Some(token));
        assert_eq!(cause(&world, &idp).await, "token");
    }
    // A token of another kind, well signed, is no identity token.
    let token = signed(&idp.key, &claims, Some("logout+jwt"));
    idp.lie(|lies| lies.raw_id_token = Some(token));
    assert_eq!(cause(&world, &idp).await, "token");
}

async fn clock_skew_is_bounded(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let now = world.clock_seconds();
    for (issued, lives, holds) in [
        (29, 60, true),
        (31, 60, false),
        (-80, 60, true),
        (-91, 60, false),
        (-400, 600, false),
    ] {
        idp.lie(|lies| {
            lies.id_token = Some(Box::new(move |claims| claims.lifetime(now + issued, lives)));
        });
        let reply = Browser::default().through(&world, &idp, "min").await;
        if holds {
            assert_eq!(reply.header("location"), "/account", "{issued} {lives}");
        } else {
            assert_eq!(cause_of(&world, &reply).await, "token", "{issued} {lives}");
        }
    }
}

async fn a_provider_that_lies_about_the_email_domain_is_refused(db: Db) {
    let world = world(db).await;
    let (idp, other) = (idp(&world).await, idp(&world).await);
    let mut form = provider_form(&idp, "min");
    form.domains = "min.example".into();
    form.creates_accounts = true;
    idp.register(&world, &form).await;
    let mut form = provider_form(&other, "other");
    form.foreign_domain = "accept".into();
    form.domains = "other.example".into();
    other.register(&world, &form).await;
    let lies = [
        ("ada@x.example", "email-domain"),
        ("ada@min.example.evil.example", "email-domain"),
        ("ada@other.example", "email-domain"),
        ("ada@evil.example@min.example", "email-missing"),
        ("", "email-missing"),
    ];
    for (email, expected) in lies {
        *idp.person.lock().unwrap() = json!({ "email": email, "email_verified": true });
        assert_eq!(cause(&world, &idp).await, expected, "{email}");
    }
    *idp.person.lock().unwrap() = json!({ "email": "a@min.example", "email_verified": false });
    assert_eq!(cause(&world, &idp).await, "email-unverified");
    // Accepting strange addresses gives no right to those of another provider, nor to accounts.
    for email in ["eve@min.example", "ada@x.example"] {
        *other.person.lock().unwrap() = json!({ "email": email, "email_verified": true });
        let reply = Browser::default().through(&world, &other, "other").await;
        let found = cause_of(&world, &reply).await;
        assert!(
            ["email-domain", "unknown"].contains(&found.as_str()),
            "{email}: {found}"
        );
    }
}

async fn a_provider_that_lies_about_the_level_gains_nothing(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let mut form = provider_form(&idp, "min");
    form.level_max = "eidas1-mfa".into();
    idp.register(&world, &form).await;
    let service = world.service(&crate::world::form()).await;
    for (acr, amr, level) in [
        ("eidas3", json!(["hwk"]), "eidas0"),
        ("eidas2", json!(["pwd"]), "eidas1-mfa"),
        ("eidas1", json!(["mfa", "otp"]), "eidas1-mfa"),
        ("eidas1", json!("mfa"), "eidas1"),
        ("EIDAS1", json!([]), "eidas0"),
    ] {
        let told = amr.clone();
        idp.lie(|lies| {
            lies.id_token = Some(Box::new(move |claims| {
                claims.with("acr", acr).with("amr", told.clone())
            }));
        });
        // What userinfo says of the sign-in counts for nothing.
        let mut person = json!({ "email": "ada@x.example", "email_verified": true });
        person["acr"] = "eidas2".into();
        *idp.person.lock().unwrap() = person;
        let mut browser = Browser::default();
        browser.through(&world, &idp, "min").await;
        let tokens = world.tokens(&mut browser, &service, &[]).await;
        let claims = world.claims(&tokens.id).await;
        assert_eq!(claims.text("acr"), Some(level), "{acr} {amr}");
        // A service that can't do with less is told so.
        let needs = json!({ "id_token": { "acr": { "essential": true, "values": ["eidas2"] } } });
        let needs = needs.to_string();
        let back = browser
            .sign_in_to(&world, &service, &[("claims", &needs)])
            .await;
        assert_eq!(back["error"], "unmet_authentication_requirements");
    }
}

async fn a_slow_provider_is_left(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    for path in ["/token", "/userinfo"] {
        idp.lie(|lies| lies.silent_at = Some(path));
        let reply = Browser::default().through(&world, &idp, "min").await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(cause_of(&world, &reply).await, "slow", "{path}");
    }
}

async fn a_provider_that_is_down_is_left_alone_for_a_while(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    idp.lie(|lies| lies.token_status = Some(503));
    for _ in 0..kit_egress::FAILURES_MAX {
        let reply = browser.through(&world, &idp, "min").await;
        assert_eq!(cause_of(&world, &reply).await, "down");
    }
    let asked = idp.asked.lock().unwrap().len();
    let reply = browser.through(&world, &idp, "min").await;
    assert_eq!(cause_of(&world, &reply).await, "down");
    assert_eq!(idp.asked.lock().unwrap().len(), asked, "nobody was asked");
    idp.lie(|lies| lies.token_status = None);
    let rest = SignedDuration::try_from(kit_egress::REST_MAX).unwrap();
    world.clock.advance(rest);
    let reply = browser.through(&world, &idp, "min").await;
    assert_eq!(reply.header("location"), "/account");
    idp.lie(|lies| lies.down_at = Some("/"));
    assert_eq!(cause(&world, &idp).await, "down");
}

async fn oversized_answers_are_refused(db: Db) {
    let world = world(db).await;
    for path in ["/token", "/userinfo", "/keys"] {
        let idp = idp(&world).await;
        let mut form = provider_form(&idp, "min");
        form.code = path.trim_start_matches('/').into();
        idp.register(&world, &form).await;
        idp.lie(|lies| lies.huge_at = Some(path));
        let reply = Browser::default().through(&world, &idp, &form.code).await;
        assert_eq!(cause_of(&world, &reply).await, "too-large", "{path}");
    }
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let long = "x".repeat(40_000);
    idp.lie(|lies| lies.raw_id_token = Some(format!("{long}.e30.AA")));
    assert_eq!(cause(&world, &idp).await, "token");
    let nested = format!("{{\"sub\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    idp.lie(|lies| {
        lies.raw_id_token = None;
        lies.userinfo = Some(("application/json", nested));
    });
    assert_eq!(cause(&world, &idp).await, "userinfo");
}

async fn userinfo_of_another_subject_is_refused(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    for told in [
        json!({ "sub": "another", "email": "ada@x.example" }),
        json!({ "email": "ada@x.example" }),
        json!({ "sub": 7, "email": "ada@x.example" }),
        json!({ "sub": SUBJECT, "iss": "https://other.example", "email": "ada@x.example" }),
        json!([]),
    ] {
        idp.lie(|lies| lies.userinfo = Some(("application/json", told.to_string())));
        assert_eq!(cause(&world, &idp).await, "userinfo", "{told}");
    }
    let twice =
        format!("{{\"sub\":\"{SUBJECT}\",\"sub\":\"{SUBJECT}\",\"email\":\"ada@x.example\"}}");
    idp.lie(|lies| lies.userinfo = Some(("application/json", twice)));
    assert_eq!(cause(&world, &idp).await, "userinfo");
}

async fn return_to_leads_nowhere_else(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    for evil in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%0d%0alocation:https://evil.example",
    ] {
        let query = crate::world::encoded(&[("return_to", evil)]);
        let question = browser.leave(&world, &idp, "min", &query).await;
        let reply = browser.come_back(&world, &question, &[]).await;
        let location = reply.header("location");
        assert!(
            location.starts_with('/') && !location.starts_with("//"),
            "{evil}: {location}"
        );
        assert!(!location.contains('\\'), "{evil}");
        let reply = browser
            .get(&world, &format!("/sign-in/with/none?{query}"))
            .await;
        assert!(!reply.body.contains("href=\"https://evil"), "{evil}");
    }
}

async fn ssrf_through_a_description_is_refused(db: Db) {
    let world = world(db).await;
    for (at, address) in [
        ("jwks_uri", "https://169.254.169.254/latest/meta-data"),
        ("jwks_uri", "http://10.0.0.1/keys"),
        ("token_endpoint", "https://[::1]/token"),
        ("userinfo_endpoint", "https://192.168.0.1/"),
        ("token_endpoint", "file:///etc/passwd"),
        ("authorization_endpoint", "https://10.0.0.1/authorize"),
        ("authorization_endpoint", "javascript:alert(1)"),
    ] {
        let idp = idp(&world).await;
        let code = format!("p{}", idp.issuer.rsplit(':').next().unwrap());
        idp.register(&world, &provider_form(&idp, &code)).await;
        idp.lie(|lies| lies.description.push((at, address.into())));
        let mut browser = Browser::default();
        let left = browser.get(&world, &format!("/sign-in/with/{code}")).await;
        let reply = if left.status == StatusCode::FOUND {
            let question = idp.question(left.header("location"));
            browser.come_back(&world, &question, &[]).await
        } else {
            left
        };
        assert_eq!(
            cause_of(&world, &reply).await,
            "description",
            "{at} {address}"
        );
    }
}

async fn a_description_of_another_issuer_is_refused(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    idp.lie(|lies| {
        let told = ("issuer", json!("https://honest.example"));
        lies.description.push(told);
    });
    let reply = Browser::default().get(&world, "/sign-in/with/min").await;
    assert_eq!(cause_of(&world, &reply).await, "description");
}

async fn odd_answers_make_no_fault(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    for (query, expected) in [
        ("error=access_denied", "denied"),
        ("error=server_error", "down"),
        (
            "error=%3Cscript%3E&error_description=ada%40x.example",
            "answered",
        ),
        ("", "answered"),
    ] {
        let question = browser.leave(&world, &idp, "min", "").await;
        let path = format!("/sign-in/return/min?state={}&{query}", question["state"]);
        let reply = browser.get(&world, &path).await;
        assert_eq!(cause_of(&world, &reply).await, expected, "{query}");
        assert!(!reply.body.contains("<script>") && !reply.body.contains("ada@"));
    }
    for path in [
        "/sign-in/return/min",
        "/sign-in/return/min?state=%ff&state=x",
        "/sign-in/return/%ff",
    ] {
        let reply = browser.get(&world, path).await;
        assert!(reply.status.is_client_error(), "{path}: {}", reply.status);
    }
    for (name, value) in [
        ("token_type", json!("mac")),
        ("access_token", json!("")),
        ("access_token", json!(1)),
        ("id_token", json!(null)),
    ] {
        idp.lie(|lies| lies.token = vec![(name, value)]);
        assert_eq!(cause(&world, &idp).await, "exchange", "{name}");
    }
}

async fn another_issuer_inherits_no_account(db: Db) {
    let world = world(db).await;
    let (former, other) = (idp(&world).await, idp(&world).await);
    let mut form = provider_form(&former, "min");
    let id = former.register(&world, &form).await;
    let reply = Browser::default().through(&world, &former, "min").await;
    assert_eq!(reply.header("location"), "/account", "linked");
    // The address is no longer the one of the account: the link alone finds it.
    let told = json!({ "email": "ada.martin@x.example", "email_verified": true });
    *former.person.lock().unwrap() = told.clone();
    let reply = Browser::default().through(&world, &former, "min").await;
    assert_eq!(reply.header("location"), "/account", "by the link");
    // Under another issuer the same subject is somebody else.
    form.issuer = other.issuer.clone();
    let root = crate::world::root();
    let version = world.identity.provider(&root, id).await.unwrap().version;
    let kept = identity::ProviderSecret::default();
    let changed = world
        .identity
        .change_provider(&root, id, version, &form, &kept);
    changed.await.unwrap();
    *other.person.lock().unwrap() = told;
    let reply = Browser::default().through(&world, &other, "min").await;
    assert_eq!(cause_of(&world, &reply).await, "unknown");
}
