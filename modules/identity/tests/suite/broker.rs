//! Through a provider and back, as browsers do it.

use directory::domain::OrganisationForm;
use http::StatusCode;
use jiff::SignedDuration;
use jose::jwe::{Encrypting, EncryptionKey};
use jose::{ContentEncryption, KeyManagement};
use kit_db::Db;
use ports::{AccountSummary, Accounts as _};
use serde_json::json;
use uuid::Uuid;

use crate::provider::{cause_of, idp, provider_form, signed};
use crate::world::{Browser, World, form, migrations, root, world};

/// SIRET numbers of two legal entities.
const SIRETS: [&str; 2] = ["13002526500013", "21750001600019"];

async fn account(world: &World, email: &str) -> AccountSummary {
    let accounts = world.directory.accounts_port();
    let id = accounts.account_of_email(email).await.unwrap().unwrap();
    accounts.account(id).await.unwrap().unwrap()
}

async fn organisation(world: &World, name: &str, siret: &str) -> Uuid {
    let form = OrganisationForm {
        name: name.into(),
        kind: "operator".into(),
        siret: siret.into(),
        ..OrganisationForm::default()
    };
    world
        .directory
        .add_organisation(&root(), &form)
        .await
        .unwrap()
}

kit_db::on_both_databases!(migrations() =>
    a_question_is_bound_and_carries_what_is_wished, a_provider_is_asked_with_its_secret,
    an_agent_signs_in_to_a_service_through_its_provider, what_a_service_asks_reaches_the_provider,
    an_account_is_made_where_the_provider_may, an_agent_of_two_organisations_chooses,
    an_account_of_another_organisation_is_not_opened, a_surprising_address_is_told,
    a_higher_level_is_proved_at_the_provider, userinfo_may_be_signed_and_encrypted, a_suspended_provider_lets_nobody_in,
    a_mail_tells_of_a_new_browser_at_a_provider_too,
    a_provider_that_proves_one_factor_is_not_asked_for_ever,
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
        assert_eq!(cause_of(&world, &reply).await, "email-domain");
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

async fn an_agent_signs_in_to_a_service_through_its_provider(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    let reply = browser.through(&world, &idp, "min").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    assert_eq!(reply.header("location"), "/account");
    assert_eq!(browser.get(&world, "/account").await.status, StatusCode::OK);
    let service = world.service(&form()).await;
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    let claims = world.claims(&tokens.id).await;
    assert_eq!(claims.text("acr"), Some("eidas1"));
    assert_eq!(claims.get("amr"), Some(&json!(["pwd"])));
    // What the provider proved is all that there is: a second factor that it tells without a level
    // raises the factors, and no level beyond its limit.
    world.clock.advance(SignedDuration::from_secs(60));
    idp.lie(|lies| {
        lies.id_token = Some(Box::new(|claims| {
            claims
                .with("acr", "eidas3")
                .with("amr", json!(["pwd", "mfa"]))
        }));
    });
    browser.through(&world, &idp, "min").await;
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    let claims = world.claims(&tokens.id).await;
    assert_eq!(
        claims.text("acr"),
        Some("eidas0"),
        "an acr without a rule, a limit of one factor"
    );
    assert_eq!(claims.get("amr"), Some(&json!(["pwd", "mfa"])));
}

async fn what_a_service_asks_reaches_the_provider(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let mut provider = provider_form(&idp, "min");
    provider.level_max = "eidas2".into();
    idp.register(&world, &provider).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let claims = json!({ "id_token": { "acr": { "essential": true, "values": ["eidas2"] } } });
    let claims = claims.to_string();
    let more = [
        ("max_age", "600"),
        ("acr_values", "eidas2"),
        ("claims", claims.as_str()),
    ];
    let reply = browser.get(&world, &service.address(&more)).await;
    let query = reply
        .header("location")
        .split_once('?')
        .unwrap()
        .1
        .to_owned();
    let asked = browser.leave(&world, &idp, "min", &query).await;
    assert_eq!(
        (asked["acr_values"].as_str(), asked["max_age"].as_str()),
        ("eidas2", "600")
    );
    idp.lie(|lies| {
        lies.id_token = Some(Box::new(|claims| claims.with("acr", "eidas2")));
    });
    let reply = browser.come_back(&world, &asked, &[]).await;
    let back = browser.follow(&world, reply.header("location")).await;
    assert!(back.contains_key("code"), "{back:?}");
    // An old proof isn't taken for a fresh one, whatever session began here a moment ago.
    world.clock.advance(SignedDuration::from_secs(700));
    let reply = browser.get(&world, &service.address(&more)).await;
    let query = reply
        .header("location")
        .split_once('?')
        .unwrap()
        .1
        .to_owned();
    assert!(query.contains("again=true"), "{query}");
    let before = world.clock_seconds() - 700;
    idp.lie(|lies| {
        lies.id_token = Some(Box::new(move |claims| claims.with("auth_time", before)));
    });
    let asked = browser.leave(&world, &idp, "min", &query).await;
    let reply = browser.come_back(&world, &asked, &[]).await;
    assert_eq!(cause_of(&world, &reply).await, "too-old");
}

async fn a_higher_level_is_proved_at_the_provider(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let mut provider = provider_form(&idp, "min");
    provider.level_max = "eidas2".into();
    idp.register(&world, &provider).await;
    let service = world.service(&form()).await;
    let claims = json!({ "id_token": { "acr": { "essential": true, "values": ["eidas2"] } } });
    let claims = claims.to_string();
    let more = [("claims", claims.as_str())];
    for (acr, is_enough) in [("eidas1", false), ("eidas2", true)] {
        let mut browser = Browser::default();
        idp.lie(|lies| lies.id_token = None);
        browser.through(&world, &idp, "min").await;
        world.clock.advance(SignedDuration::from_secs(120));
        let silent = [("claims", claims.as_str()), ("prompt", "none")];
        let back = browser.sign_in_to(&world, &service, &silent).await;
        assert_eq!(back["error"], "unmet_authentication_requirements");
        let reply = browser.get(&world, &service.address(&more)).await;
        let query = reply
            .header("location")
            .split_once('?')
            .unwrap()
            .1
            .to_owned();
        let asked = browser.leave(&world, &idp, "min", &query).await;
        assert_eq!(
            (asked["acr_values"].as_str(), asked["prompt"].as_str()),
            ("eidas2", "login")
        );
        idp.lie(|lies| lies.id_token = Some(Box::new(move |claims| claims.with("acr", acr))));
        let reply = browser.come_back(&world, &asked, &[]).await;
        let back = browser.follow(&world, reply.header("location")).await;
        if is_enough {
            let reply = service.exchange(&world, &back["code"], &[]).await;
            let claims = world.claims(&crate::world::Tokens::of(&reply).id).await;
            assert_eq!(claims.text("acr"), Some("eidas2"));
        } else {
            let told = "unmet_authentication_requirements";
            assert_eq!(back["error"], told, "asked once, not for ever");
        }
    }
}

async fn an_account_is_made_where_the_provider_may(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let place = organisation(&world, "Agence", SIRETS[0]).await;
    let mut provider = provider_form(&idp, "min");
    idp.register(&world, &provider).await;
    let person = |siret: &str| json!({ "email": "Bob@X.example", "given_name": "Bob", "usual_name": "Roy", "siret": siret });
    *idp.person.lock().unwrap() = person(SIRETS[0]);
    let reply = Browser::default().through(&world, &idp, "min").await;
    assert_eq!(cause_of(&world, &reply).await, "unknown");
    let (providers, _) = world.identity.providers(&root(), "", 10).await.unwrap();
    provider.creates_accounts = true;
    let (id, version) = (providers[0].id, providers[0].version);
    let secret = identity::ProviderSecret::default();
    let root = root();
    let changed = world
        .identity
        .change_provider(&root, id, version, &provider, &secret);
    changed.await.unwrap();
    *idp.person.lock().unwrap() = person(SIRETS[1]);
    let reply = Browser::default().through(&world, &idp, "min").await;
    assert_eq!(cause_of(&world, &reply).await, "siret");
    *idp.person.lock().unwrap() = person(SIRETS[0]);
    let mut browser = Browser::default();
    for _ in 0..2 {
        let reply = browser.through(&world, &idp, "min").await;
        assert_eq!(reply.header("location"), "/account", "{}", reply.body);
    }
    let bob = account(&world, "bob@x.example").await;
    assert_eq!(
        (
            bob.name.as_str(),
            bob.organisation.as_ref().map(|place| place.id.0)
        ),
        ("Bob Roy", Some(place))
    );
    // A closed account stays closed.
    world
        .directory
        .set_disabled(&root, bob.id.0, true)
        .await
        .unwrap();
    let reply = browser.through(&world, &idp, "min").await;
    assert_eq!(cause_of(&world, &reply).await, "account-closed");
}

async fn an_agent_of_two_organisations_chooses(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let places = [
        organisation(&world, "Agence", SIRETS[0]).await,
        organisation(&world, "Ville", SIRETS[1]).await,
    ];
    let mut provider = provider_form(&idp, "min");
    provider.creates_accounts = true;
    idp.register(&world, &provider).await;
    *idp.person.lock().unwrap() = json!({ "email": "bob@x.example", "siret": SIRETS });
    let mut browser = Browser::default();
    let reply = browser.through(&world, &idp, "min").await;
    let path = reply.header("location").to_owned();
    assert!(path.starts_with("/sign-in/choose/"), "{path}");
    let page = browser.get(&world, &path).await;
    assert!(page.body.contains("Agence") && page.body.contains("Ville"));
    // Neither another browser nor a second time.
    let stranger = Browser::default().get(&world, &path).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN);
    let nothing = browser
        .submit(&world, &page, &path, &[("choice", "7")])
        .await;
    assert_eq!(nothing.status, StatusCode::FORBIDDEN);
    let done = browser
        .submit(&world, &page, &path, &[("choice", "1")])
        .await;
    assert_eq!(done.header("location"), "/account");
    let again = browser
        .submit(&world, &page, &path, &[("choice", "0")])
        .await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    let root = root();
    let bob = account(&world, "bob@x.example").await;
    assert_eq!(
        bob.organisation.as_ref().map(|place| place.id.0),
        Some(places[1])
    );
    // A second account, of the other organisation, under another address: it is asked which.
    let added = world
        .directory
        .add_person(&root, "Bob", "bob.roy@x.example", Some(places[0]));
    added.await.unwrap();
    *idp.person.lock().unwrap() = json!({ "email": "bob.roy@x.example", "siret": SIRETS });
    let reply = browser.through(&world, &idp, "min").await;
    let path = reply.header("location").to_owned();
    let page = browser.get(&world, &path).await;
    let done = browser
        .submit(&world, &page, &path, &[("choice", "1")])
        .await;
    assert_eq!(done.header("location"), "/account", "{}", done.body);
    // One SIRET told: nothing to ask.
    *idp.person.lock().unwrap() = json!({ "email": "bob.roy@x.example", "siret": SIRETS[1] });
    let reply = browser.through(&world, &idp, "min").await;
    assert_eq!(reply.header("location"), "/account");
}

async fn an_account_of_another_organisation_is_not_opened(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let place = organisation(&world, "Agence", SIRETS[0]).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let root = root();
    let added = world
        .directory
        .add_person(&root, "Bob", "bob@x.example", Some(place));
    added.await.unwrap();
    for (siret, opens) in [
        (SIRETS[1], false),
        ("13002526500021", true),
        (SIRETS[0], true),
    ] {
        *idp.person.lock().unwrap() = json!({ "email": "bob@x.example", "siret": siret });
        let reply = Browser::default().through(&world, &idp, "min").await;
        if opens {
            assert_eq!(reply.header("location"), "/account", "{siret}");
        } else {
            assert_eq!(cause_of(&world, &reply).await, "organisation");
        }
    }
}

async fn a_surprising_address_is_told(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let mut provider = provider_form(&idp, "min");
    provider.creates_accounts = true;
    provider.foreign_domain = "warn".into();
    idp.register(&world, &provider).await;
    *idp.person.lock().unwrap() = json!({ "email": "bob@elsewhere.example" });
    let mut browser = Browser::default();
    let reply = browser.through(&world, &idp, "min").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(
        reply.body.contains("bob@elsewhere.example"),
        "{}",
        reply.body
    );
    assert!(browser.session().is_some());
    // An account that is already there isn't opened by an address that the provider doesn't own.
    world
        .directory
        .add_person(&root(), "Eve", "eve@elsewhere.example", None)
        .await
        .unwrap();
    idp.lie(|lies| lies.id_token = Some(Box::new(|claims| claims.subject("other"))));
    let userinfo =
        json!({ "sub": "other", "email": "eve@elsewhere.example", "email_verified": true });
    idp.lie(|lies| lies.userinfo = Some(("application/json", userinfo.to_string())));
    let reply = Browser::default().through(&world, &idp, "min").await;
    assert_eq!(cause_of(&world, &reply).await, "email-domain");
}

async fn userinfo_may_be_signed_and_encrypted(db: Db) {
    let world = world(db).await;
    for management in [KeyManagement::RsaOaep256, KeyManagement::EcdhEs] {
        let idp = idp(&world).await;
        let code = format!("min-{}", management.name().to_lowercase());
        let mut provider = provider_form(&idp, &code);
        provider.userinfo_algorithms = vec!["ES256".into()];
        provider.encryption = management.name().into();
        provider.domains.clear();
        provider.is_default = true;
        idp.register(&world, &provider).await;
        let keys = world.read("/api/v2/jwks", &[]).await;
        let keys = jose::jwk::JwkSet::parse(keys.body.as_bytes()).unwrap();
        let ours: EncryptionKey = keys.encryption_key(management).unwrap();
        let told = jose::claims::Claims::new()
            .issuer(&idp.issuer)
            .audience("gouvernail")
            .subject(crate::provider::SUBJECT)
            .with("email", "ada@x.example")
            .with("email_verified", true);
        let plain = signed(&idp.key, &told, None);
        let encrypting = Encrypting {
            content_type: Some("JWT"),
            ..Encrypting::default()
        };
        let content = plain.as_bytes();
        let secret =
            jose::jwe::encrypt(&ours, ContentEncryption::A256Gcm, &encrypting, content).unwrap();
        for token in [plain, secret] {
            idp.lie(|lies| lies.userinfo = Some(("application/jwt", token)));
            let reply = Browser::default().through(&world, &idp, &code).await;
            assert_eq!(reply.header("location"), "/account", "{}", reply.body);
        }
        // What should be signed isn't taken as plain JSON, nor what is encrypted without a signature.
        let unsigned = told.to_bytes();
        let unsigned =
            jose::jwe::encrypt(&ours, ContentEncryption::A256Gcm, &encrypting, &unsigned).unwrap();
        let bare = json!({ "sub": crate::provider::SUBJECT, "email": "ada@x.example" });
        for (kind, body) in [
            ("application/json", bare.to_string()),
            ("application/jwt", unsigned),
        ] {
            idp.lie(|lies| lies.userinfo = Some((kind, body)));
            let reply = Browser::default().through(&world, &idp, &code).await;
            assert_eq!(cause_of(&world, &reply).await, "userinfo");
        }
    }
}

async fn a_suspended_provider_lets_nobody_in(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let id = idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    let question = browser.leave(&world, &idp, "min", "").await;
    let root = root();
    let empty = world.identity.suspend_provider(&root, id, true, " ").await;
    assert!(empty.is_err(), "why?");
    let done = world
        .identity
        .suspend_provider(&root, id, true, "Fuite de clés");
    done.await.unwrap();
    let reply = browser.come_back(&world, &question, &[]).await;
    assert_eq!(cause_of(&world, &reply).await, "closed");
    let reply = browser.get(&world, "/sign-in/with/min").await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    world
        .identity
        .suspend_provider(&root, id, false, "")
        .await
        .unwrap();
    let reply = browser.through(&world, &idp, "min").await;
    assert_eq!(reply.header("location"), "/account");
}

async fn a_mail_tells_of_a_new_browser_at_a_provider_too(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let mut provider = provider_form(&idp, "min");
    provider.creates_accounts = true;
    idp.register(&world, &provider).await;
    organisation(&world, "Agence", SIRETS[0]).await;
    *idp.person.lock().unwrap() = json!({ "email": "bob@x.example", "given_name": "Bob",
        "usual_name": "Roy", "siret": SIRETS[0] });
    let alarms = async || {
        let jobs = world.jobs.newest(None, 50).await.unwrap();
        let texts = jobs.into_iter().filter_map(|job| {
            let text = job.payload["text"].as_str()?.to_owned();
            text.contains("/not-me/").then_some(text)
        });
        texts.collect::<Vec<_>>()
    };
    let mut browser = Browser::default();
    browser.through(&world, &idp, "min").await;
    assert!(browser.cookies.contains_key("__Host-device"));
    assert_eq!(alarms().await.len(), 1);
    // The browser is known: in a later session nobody is told.
    browser.cookies.remove("__Host-session");
    browser.through(&world, &idp, "min").await;
    assert_eq!(alarms().await.len(), 1);
    Browser::default().through(&world, &idp, "min").await;
    let told = alarms().await;
    assert_eq!(told.len(), 2);
    // Whose session it ends has no password to choose anew.
    let link = told[0].split_once("/not-me/").unwrap().1;
    let link = link.split_whitespace().next().unwrap();
    let words = crate::second_factor::words();
    assert!(world.directory.raise_alarm(link, &words).await.unwrap());
    let jobs = world.jobs.newest(None, 50).await.unwrap();
    let texts = jobs.iter().filter_map(|job| job.payload["text"].as_str());
    assert!(texts.into_iter().all(|text| !text.contains("/password/")));
}

/// A service wants two factors, the provider proves one whatever it is asked: the person isn't sent
/// round and round, and is never told to have proved two.
async fn a_provider_that_proves_one_factor_is_not_asked_for_ever(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let mut provider = provider_form(&idp, "min");
    provider.level_max = "eidas1-mfa".into();
    provider.levels = "acr eidas1 = eidas1\nacr eidas1-mfa = eidas1-mfa".into();
    idp.register(&world, &provider).await;
    let service = world.service(&form()).await;
    let claims = json!({ "id_token": { "acr": { "essential": true, "values": ["eidas1-mfa"] } } });
    let claims = claims.to_string();
    let more = [("claims", claims.as_str())];
    for (acr, amr, is_enough) in [
        ("eidas1", json!(["pwd"]), false),
        ("eidas1-mfa", json!(["pwd", "otp"]), true),
    ] {
        let mut browser = Browser::default();
        idp.lie(|lies| lies.id_token = None);
        browser.through(&world, &idp, "min").await;
        world.clock.advance(SignedDuration::from_secs(120));
        let reply = browser.get(&world, &service.address(&more)).await;
        let (path, query) = reply.header("location").split_once('?').unwrap();
        assert_eq!(path, "/sign-in", "proved anew, at the provider");
        let query = query.to_owned();
        let asked = browser.leave(&world, &idp, "min", &query).await;
        assert_eq!(asked["acr_values"], "eidas1-mfa");
        idp.lie(move |lies| {
            lies.id_token = Some(Box::new(move |claims| {
                claims.with("acr", acr).with("amr", amr.clone())
            }));
        });
        let reply = browser.come_back(&world, &asked, &[]).await;
        let back = browser.follow(&world, reply.header("location")).await;
        if is_enough {
            let reply = service.exchange(&world, &back["code"], &[]).await;
            let claims = world.claims(&crate::world::Tokens::of(&reply).id).await;
            assert_eq!(claims.text("acr"), Some("eidas1-mfa"));
        } else {
            let page = &back["page"];
            assert!(
                page.contains("Un second facteur est nécessaire"),
                "{back:?}"
            );
            assert!(page.contains("cb?error=unmet_authentication_requirements"));
        }
    }
}
