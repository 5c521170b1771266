//! Citizens through a provider, as browsers and services do it.

use std::sync::Arc;

use http::StatusCode;
use identity::domain::ClientForm;
use identity::{CITIZEN_COOKIE, SessionEnds};
use jiff::SignedDuration;
use kit_db::Db;
use ports::Citizens as _;

use crate::citizen_world::{As, ELODIE, citizens_form, journal, subject, tokens, travel};
use crate::world::{
    Browser, Tokens, World, between, encoded, form, migrations, root, world_with_mocks,
};

kit_db::on_both_databases!(migrations() =>
    a_citizen_signs_in_by_a_provider, each_service_knows_a_citizen_by_a_name_of_its_own,
    a_corrected_register_keeps_the_person, a_known_identity_by_another_name_is_the_same_person,
    a_session_lasts_half_an_hour_and_names_go_with_it, a_citizen_signs_out_of_a_service,
    a_citizen_sees_and_ends_what_services_hold, the_key_is_renewed_and_people_stay,
    the_french_profile_is_kept_for_citizens, two_first_sign_ins_make_one_person,
    a_citizens_service_is_registered_by_its_own_rules, a_citizen_may_prove_more,
    what_the_provider_refuses_is_explained, the_port_tells_a_session_that_goes_on,
);

const PIVOT: &str = "openid identite_pivot preferred_username email";

async fn a_citizen_signs_in_by_a_provider(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let mut browser = Browser::default();
    let more = [("scope", PIVOT), ("acr_values", "eidas2")];
    let being = As {
        level: "eidas2",
        ..ELODIE
    };
    let got = tokens(&mut browser, &world, &service, &more, being).await;
    assert!(browser.went.iter().any(|path| path == "/citizen/sign-in"));
    assert_eq!(got.refresh, None, "nothing outlives the session");
    let claims = world.claims(&got.id).await;
    assert_eq!(claims.text("acr"), Some("eidas2"));
    assert_eq!(
        claims.get("given_name"),
        None,
        "asked for by scope, told by userinfo"
    );
    let told = world.userinfo(&got.access).await.json();
    assert_eq!(told["sub"].as_str(), claims.text("sub"));
    for (claim, value) in [
        ("given_name", "Élodie Marie Rosalie"),
        ("family_name", "Fonteneau"),
        ("birthdate", "1962-08-24"),
        ("gender", "female"),
        ("birthplace", "75107"),
        ("birthcountry", "99100"),
        ("preferred_username", "Le Bihan"),
        ("email", "elodie.lebihan@courriel.example"),
    ] {
        assert_eq!(told[claim], value, "{claim}");
    }
    let worth = service
        .call(&world, "/api/v2/introspection", &[("token", &got.access)])
        .await
        .json();
    assert_eq!(worth["active"], true);
    assert_eq!(worth["sub"].as_str(), claims.text("sub"));
    assert_eq!(worth["acr"], "eidas2");
    // The second time nobody is asked anything, and what isn't asked for isn't told.
    let went = browser.went.len();
    let again = tokens(
        &mut browser,
        &world,
        &service,
        &[("scope", "openid birth")],
        ELODIE,
    )
    .await;
    assert!(
        browser.went[went..]
            .iter()
            .all(|path| !path.starts_with("/mock"))
    );
    let told = world.userinfo(&again.access).await.json();
    assert_eq!(told["birthplace"], "75107");
    assert!(told["given_name"].is_null() && told["email"].is_null());
}

async fn each_service_knows_a_citizen_by_a_name_of_its_own(db: Db) {
    let world = world_with_mocks(db).await;
    let one = world.service(&citizens_form()).await;
    let elsewhere = ClientForm {
        redirect_uris: "https://other.example/cb".into(),
        post_logout_redirect_uris: String::new(),
        ..citizens_form()
    };
    let other = world.service(&elsewhere).await;
    let mut browser = Browser::default();
    let first = tokens(&mut browser, &world, &one, &[], ELODIE).await;
    let more = [("redirect_uri", "https://other.example/cb")];
    let back = travel(&mut browser, &world, &other.address(&more), ELODIE)
        .await
        .unwrap();
    let code = back["code"].clone();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://other.example/cb"),
    ];
    let second = Tokens::of(&other.call(&world, "/api/v2/token", &form).await);
    let of_one = subject(&world, &first).await;
    assert_ne!(of_one, subject(&world, &second).await);
    assert_eq!(of_one.len(), 43);
    // The same person from another browser, another day.
    world.clock.advance(SignedDuration::from_hours(48));
    let later = tokens(&mut Browser::default(), &world, &one, &[], ELODIE).await;
    assert_eq!(subject(&world, &later).await, of_one);
    let theo = As {
        person: "theo",
        ..ELODIE
    };
    let other = tokens(&mut Browser::default(), &world, &one, &[], theo).await;
    assert_ne!(subject(&world, &other).await, of_one);
}

async fn a_corrected_register_keeps_the_person(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let first = tokens(&mut Browser::default(), &world, &service, &[], ELODIE).await;
    let corrected = As {
        case: "corrected",
        ..ELODIE
    };
    let more = [("scope", PIVOT)];
    let second = tokens(&mut Browser::default(), &world, &service, &more, corrected).await;
    assert_eq!(
        subject(&world, &first).await,
        subject(&world, &second).await
    );
    let told = world.userinfo(&second.access).await.json();
    assert_eq!(told["given_name"], "Élodie Marie Rosalie Solange");
    let told = journal(&world).await;
    assert_eq!(told.matches("identity.citizen.correct").count(), 1);
    assert_eq!(told.matches("identity.citizen.add").count(), 1);
}

async fn a_known_identity_by_another_name_is_the_same_person(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    // Jean-Noël's identity comes first under another account's name, then under his own.
    let earlier = As {
        case: "other-pivot",
        ..ELODIE
    };
    let own = As {
        person: "jean-noel",
        ..ELODIE
    };
    let first = tokens(&mut Browser::default(), &world, &service, &[], earlier).await;
    let second = tokens(&mut Browser::default(), &world, &service, &[], own).await;
    assert_eq!(
        subject(&world, &first).await,
        subject(&world, &second).await
    );
    let told = journal(&world).await;
    assert_eq!(told.matches("identity.citizen.link").count(), 1);
    assert_eq!(told.matches("identity.citizen.add").count(), 1);
}

async fn a_session_lasts_half_an_hour_and_names_go_with_it(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let mut browser = Browser::default();
    let more = [("scope", PIVOT)];
    let got = tokens(&mut browser, &world, &service, &more, ELODIE).await;
    world.clock.advance(SignedDuration::from_mins(9));
    assert_eq!(browser.get(&world, "/citizen").await.status, StatusCode::OK);
    assert_eq!(world.userinfo(&got.access).await.status, StatusCode::OK);
    world.clock.advance(SignedDuration::from_mins(14));
    let page = browser.get(&world, "/citizen").await;
    assert!(page.body.contains("Fonteneau"));
    world.clock.advance(SignedDuration::from_mins(7));
    let page = browser.get(&world, "/citizen").await;
    assert_eq!(
        page.header("location"),
        "/citizen/sign-in?return_to=/citizen"
    );
    let page = browser
        .get(&world, "/citizen/sign-in?return_to=/citizen")
        .await;
    assert!(page.body.contains("Votre session est terminée"));
    assert!(
        columns_hold(&world, "Fonteneau").await,
        "until the house is kept"
    );
    world.identity.keep_house().await.unwrap();
    assert!(!columns_hold(&world, "Fonteneau").await);
    assert!(!columns_hold(&world, "lebihan").await);
    assert!(
        journal(&world)
            .await
            .contains("identity.citizen_session.end")
    );
}

kit_db::statements! {
    IDENTITIES = "test.citizen_session.identities":
        "SELECT identity FROM citizen_session WHERE identity IS NOT NULL ORDER BY id LIMIT 1000";
}

/// Whether what is kept of citizens' sessions holds a text.
async fn columns_hold(world: &World, text: &str) -> bool {
    let all: Vec<String> = IDENTITIES
        .query()
        .all(&world.db, |row| row.get("identity"))
        .await
        .unwrap();
    all.iter().any(|one| one.contains(text))
}

async fn a_citizen_signs_out_of_a_service(db: Db) {
    let world = world_with_mocks(db).await;
    let listening = ClientForm {
        backchannel_logout_uri: "https://s.example/told".into(),
        ..citizens_form()
    };
    let service = world.service(&listening).await;
    let mut browser = Browser::default();
    let got = tokens(&mut browser, &world, &service, &[], ELODIE).await;
    let end = [
        ("id_token_hint", got.id.as_str()),
        ("post_logout_redirect_uri", "https://s.example/bye"),
        ("state", "au-revoir"),
    ];
    let address = format!("/api/v2/session/end?{}", encoded(&end));
    let back = travel(&mut browser, &world, &address, ELODIE)
        .await
        .unwrap();
    assert_eq!(back["state"], "au-revoir");
    assert_eq!(browser.cookies.get(CITIZEN_COOKIE), None);
    let ends = Arc::new(SessionEnds(world.identity.clone()));
    let subscribers = kit_journal::Subscribers::new(world.db.clone(), vec![ends]);
    subscribers.run_once().await.unwrap();
    assert_eq!(world.userinfo(&got.access).await.error(), "invalid_token");
    let jobs = world.jobs.newest(None, 10).await.unwrap();
    assert_eq!(jobs.len(), 1);
    let notice = serde_json::from_value(jobs[0].payload.clone()).unwrap();
    let (address, token) = world.identity.logout_token(&notice).await.unwrap().unwrap();
    assert_eq!(address, "https://s.example/told");
    let told = world.claims(&token).await;
    let known = world.claims(&got.id).await;
    assert_eq!(told.text("sub"), known.text("sub"), "the pairwise name");
    assert_eq!(told.text("sid"), known.text("sid"));
    // Without proof the person is asked first, with its own cookie only.
    tokens(&mut browser, &world, &service, &[], ELODIE).await;
    let page = browser.get(&world, "/api/v2/session/end").await;
    assert!(page.body.contains("Voulez-vous vous déconnecter"));
    let page = browser
        .submit(&world, &page, "/connect/sign-out", &[])
        .await;
    assert!(page.body.contains("Vous êtes déconnecté"));
    assert_eq!(browser.cookies.get(CITIZEN_COOKIE), None);
}

async fn a_citizen_sees_and_ends_what_services_hold(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let (mut browser, mut elsewhere) = (Browser::default(), Browser::default());
    let more = [("scope", PIVOT)];
    let got = tokens(&mut browser, &world, &service, &more, ELODIE).await;
    let other = tokens(&mut elsewhere, &world, &service, &more, ELODIE).await;
    let page = browser.get(&world, "/citizen").await;
    for told in [
        "Guichet",
        "identité complète",
        "faible",
        "Fournisseur d’essai des usagers",
    ] {
        assert!(page.body.contains(told), "{told}");
    }
    let session = between(&page.body, "<select", "</select>");
    assert!(!session.is_empty());
    let ours = between(&page.body, "name=\"session\"", "</select>");
    let other_session = between(ours, "value=\"", "\"").to_owned();
    let form = [("session", other_session.as_str())];
    browser
        .submit(&world, &page, "/citizen/sessions", &form)
        .await;
    assert_eq!(world.userinfo(&other.access).await.error(), "invalid_token");
    assert_eq!(
        elsewhere.get(&world, "/citizen").await.status,
        StatusCode::SEE_OTHER
    );
    // Nobody ends the session of somebody else.
    let mut theos = Browser::default();
    let theo = As {
        person: "theo",
        ..ELODIE
    };
    tokens(&mut theos, &world, &service, &[], theo).await;
    let his = theos.get(&world, "/citizen").await;
    let sid = world.claims(&got.id).await.text("sid").unwrap().to_owned();
    let refused = theos
        .submit(&world, &his, "/citizen/sessions", &[("session", &sid)])
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let id = service.new.id.to_string();
    let page = browser.get(&world, "/citizen").await;
    browser
        .submit(&world, &page, "/citizen/withdraw", &[("service", &id)])
        .await;
    assert_eq!(world.userinfo(&got.access).await.error(), "invalid_token");
    // Asked anew.
    let went = browser.went.len();
    tokens(&mut browser, &world, &service, &more, ELODIE).await;
    assert!(
        browser.went[went..]
            .iter()
            .any(|path| path.starts_with("/connect/"))
    );
    let page = browser.get(&world, "/citizen").await;
    let out = browser
        .submit(&world, &page, "/citizen/sign-out", &[])
        .await;
    assert!(out.body.contains("Vous êtes déconnecté"));
}

async fn the_key_is_renewed_and_people_stay(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let first = tokens(&mut Browser::default(), &world, &service, &[], ELODIE).await;
    let first = subject(&world, &first).await;
    world.identity.rotate_citizen_key(&root()).await.unwrap();
    // Known by the former key, given new ones; then known by the new pivot alone.
    for case in ["usual", "corrected", "usual"] {
        let being = As { case, ..ELODIE };
        let got = tokens(&mut Browser::default(), &world, &service, &[], being).await;
        assert_eq!(subject(&world, &got).await, first, "{case}");
    }
    let told = journal(&world).await;
    assert_eq!(
        told.matches("identity.citizen.add").count(),
        1,
        "one person"
    );
    let ada = kit_access::Actor::person(world.ada, "Ada", Vec::new());
    assert!(world.identity.rotate_citizen_key(&ada).await.is_err());
}

async fn the_french_profile_is_kept_for_citizens(db: Db) {
    let world = world_with_mocks(db).await;
    let french = ClientForm {
        profile: "france".into(),
        ..citizens_form()
    };
    let service = world.service(&french).await;
    let long = "0123456789abcdef0123456789abcdef";
    let right = [("state", long), ("nonce", long), ("acr_values", "eidas1")];
    let mut browser = Browser::default();
    for (wrong, value) in [
        ("acr_values", ""),
        ("nonce", ""),
        ("nonce", "short"),
        ("prompt", "none"),
    ] {
        let mut more = right.to_vec();
        more.retain(|(name, _)| *name != wrong);
        more.push((wrong, value));
        let back = travel(&mut browser, &world, &service.address(&more), ELODIE).await;
        assert_eq!(back.unwrap()["error"], "invalid_request", "{wrong}");
    }
    let back = travel(&mut browser, &world, &service.address(&right), ELODIE)
        .await
        .unwrap();
    world.clock.advance(SignedDuration::from_secs(31));
    let late = service.exchange(&world, &back["code"], &[]).await;
    assert_eq!(
        late.error(),
        "invalid_grant",
        "a code is good for 30 seconds"
    );
    let back = travel(&mut browser, &world, &service.address(&right), ELODIE)
        .await
        .unwrap();
    let reply = service.exchange(&world, &back["code"], &[]).await;
    assert_eq!(reply.json()["expires_in"], 60);
    let got = Tokens::of(&reply);
    world.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(world.userinfo(&got.access).await.error(), "invalid_token");
}

async fn two_first_sign_ins_make_one_person(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let (mut one, mut other) = (Browser::default(), Browser::default());
    let (first, second) = tokio::join!(
        tokens(&mut one, &world, &service, &[], ELODIE),
        tokens(&mut other, &world, &service, &[], ELODIE),
    );
    assert_eq!(
        subject(&world, &first).await,
        subject(&world, &second).await
    );
}

async fn a_citizens_service_is_registered_by_its_own_rules(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let known = world
        .identity
        .service(&root(), service.new.id)
        .await
        .unwrap();
    let agents = ClientForm {
        audience: "agents".into(),
        ..form()
    };
    let changed = world
        .identity
        .change_service(&root(), known.id, known.version, &agents)
        .await;
    let Err(identity::IdentityError::Mistakes(mistakes)) = changed else {
        panic!("an audience never changes");
    };
    assert_eq!(mistakes[0].field, "audience");
    assert!(journal(&world).await.contains("citizens"));
}

async fn a_citizen_may_prove_more(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let mut browser = Browser::default();
    let low = tokens(&mut browser, &world, &service, &[], ELODIE).await;
    let more = [("acr_values", "eidas3")];
    let being = As {
        level: "eidas3",
        ..ELODIE
    };
    let high = tokens(&mut browser, &world, &service, &more, being).await;
    let (low, high) = (world.claims(&low.id).await, world.claims(&high.id).await);
    assert_eq!(
        (low.text("acr"), high.text("acr")),
        (Some("eidas1"), Some("eidas3"))
    );
    assert_eq!(low.text("sub"), high.text("sub"));
    assert_eq!(low.text("sid"), high.text("sid"), "what was opened goes on");
}

async fn what_the_provider_refuses_is_explained(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    for (case, person, told, status) in [
        ("denied", "elodie", "refusée", StatusCode::FORBIDDEN),
        (
            "down",
            "elodie",
            "ne répond pas",
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        (
            "incomplete",
            "elodie",
            "Votre identité n’a pas pu être lue",
            StatusCode::FORBIDDEN,
        ),
        ("usual", "suspended", "refusée", StatusCode::FORBIDDEN),
    ] {
        let mut browser = Browser::default();
        let being = As {
            person,
            case,
            ..ELODIE
        };
        let page = travel(&mut browser, &world, &service.address(&[]), being).await;
        let page = page.unwrap_err();
        assert_eq!(page.status, status, "{case}");
        assert!(page.body.contains(told), "{case}: {}", page.body);
        assert!(!page.body.contains("Fonteneau"));
        // The way on leads back to the same request.
        let again = between(&page.body, "class=\"fr-btn\" href=\"/connect/", "\"").to_owned();
        let back = travel(&mut browser, &world, &format!("/connect/{again}"), ELODIE).await;
        assert!(back.unwrap().contains_key("code"), "{case}");
    }
    let theo = As {
        person: "theo",
        ..ELODIE
    };
    let mut says_no = Browser {
        refuses: true,
        ..Browser::default()
    };
    let back = travel(&mut says_no, &world, &service.address(&[]), theo)
        .await
        .unwrap();
    assert_eq!(back["error"], "access_denied");
}

async fn the_port_tells_a_session_that_goes_on(db: Db) {
    let world = world_with_mocks(db).await;
    let port = world.identity.citizens_port();
    let mut browser = Browser::default();
    let being = As {
        level: "eidas2",
        ..ELODIE
    };
    // To a page below the space, which is another module's.
    let to = "/citizen/sign-in?return_to=/citizen/accesses";
    let page = travel(&mut browser, &world, to, being).await.unwrap_err();
    assert_eq!(page.status, StatusCode::NOT_FOUND, "nobody answers it here");
    assert_eq!(
        browser.went.last().map(String::as_str),
        Some("/citizen/accesses")
    );
    let cookie = browser.cookies[CITIZEN_COOKIE].clone();
    let who = port.of_cookie(&cookie).await.unwrap().unwrap();
    assert_eq!(who.level, 2);
    assert_eq!(who.given_names, "Élodie Marie Rosalie");
    assert_eq!(
        (who.birthdate.as_str(), who.birthplace.as_str()),
        ("1962-08-24", "75107")
    );
    assert!(!format!("{who:?}").contains("Fonteneau"), "no log holds it");
    assert_eq!(port.of_cookie("somebody-else").await.unwrap(), None);
    world.clock.advance(SignedDuration::from_mins(31));
    assert_eq!(port.of_cookie(&cookie).await.unwrap(), None);
}
