//! What somebody may try with citizens' sign-in, and what must come of it.

use http::StatusCode;
use identity::CITIZEN_COOKIE;
use identity::domain::ClientForm;
use kit_db::Db;

use crate::citizen_world::{As, ELODIE, citizens_form, journal, subject, tokens, travel};
use crate::world::{Browser, Service, World, form, migrations, root, world_with_mocks};

kit_db::on_both_databases!(migrations() =>
    level_is_never_raised, a_citizens_session_opens_no_agents_page,
    an_agents_session_opens_no_citizens_page, pivot_of_another_is_not_merged, session_fixation,
    a_suspended_provider_ends_it, names_never_enter_journal, an_agents_service_learns_no_pivot,
);

async fn level_is_never_raised(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    for asked in ["eidas2", "eidas3", "eidas3 eidas2"] {
        let more = [("acr_values", asked)];
        let mut browser = Browser::default();
        let back = travel(&mut browser, &world, &service.address(&more), ELODIE)
            .await
            .unwrap();
        assert_eq!(
            back["error"], "unmet_authentication_requirements",
            "{asked}"
        );
        assert!(!back.contains_key("code"));
    }
    // The provider says high; the operator trusts it for low.
    let (all, _) = world.identity.providers(&root(), "", 10).await.unwrap();
    let known = all
        .iter()
        .find(|one| one.draft.code == "essai-usagers")
        .unwrap();
    let mut form = identity::domain::ProviderForm::of(known);
    form.level_max = "eidas1".into();
    world
        .identity
        .change_provider(
            &root(),
            known.id,
            known.version,
            &form,
            &identity::ProviderSecret::default(),
        )
        .await
        .unwrap();
    let high = As {
        level: "eidas3",
        ..ELODIE
    };
    let got = tokens(&mut Browser::default(), &world, &service, &[], high).await;
    assert_eq!(world.claims(&got.id).await.text("acr"), Some("eidas1"));
    let more = [("acr_values", "eidas2")];
    let page = travel(
        &mut Browser::default(),
        &world,
        &service.address(&more),
        high,
    )
    .await;
    assert!(page.unwrap_err().body.contains("Aucun compte ne convient"));
    // No rule says what a level is worth: nobody is let in.
    let mut blind = form.clone();
    blind.levels = String::new();
    world
        .identity
        .change_provider(
            &root(),
            known.id,
            known.version + 1,
            &blind,
            &identity::ProviderSecret::default(),
        )
        .await
        .unwrap();
    let page = travel(&mut Browser::default(), &world, &service.address(&[]), high).await;
    assert!(page.unwrap_err().body.contains("ne prouve pas assez"));
}

async fn signed_in_citizen(world: &World) -> (Browser, Service) {
    let service = world.service(&citizens_form()).await;
    let mut browser = Browser::default();
    tokens(&mut browser, world, &service, &[], ELODIE).await;
    (browser, service)
}

async fn a_citizens_session_opens_no_agents_page(db: Db) {
    let world = world_with_mocks(db).await;
    let (mut browser, _) = signed_in_citizen(&world).await;
    let cookie = browser.cookies[CITIZEN_COOKIE].clone();
    // As it is, and under the other cookie's name.
    for name in [CITIZEN_COOKIE, kit_http::SESSION_COOKIE] {
        browser.cookies.insert(name.to_owned(), cookie.clone());
        for page in [
            "/account",
            "/account/services",
            "/services",
            "/services/new",
            "/people",
        ] {
            let reply = browser.get(&world, page).await;
            assert_eq!(reply.status, StatusCode::SEE_OTHER, "{page}");
            assert!(reply.header("location").starts_with("/sign-in?"), "{page}");
        }
    }
    let agents = world.service(&form()).await;
    let more = [("prompt", "none")];
    let back = travel(&mut browser, &world, &agents.address(&more), ELODIE)
        .await
        .unwrap();
    assert_eq!(back["error"], "login_required");
}

async fn an_agents_session_opens_no_citizens_page(db: Db) {
    let world = world_with_mocks(db).await;
    let agents = world.service(&form()).await;
    let mut browser = Browser::default();
    world.tokens(&mut browser, &agents, &[]).await;
    let cookie = browser.session().unwrap().to_owned();
    browser.cookies.insert(CITIZEN_COOKIE.to_owned(), cookie);
    let reply = browser.get(&world, "/citizen").await;
    assert_eq!(
        reply.header("location"),
        "/citizen/sign-in?return_to=/citizen"
    );
    for path in ["/citizen/sessions", "/citizen/withdraw"] {
        let page = browser.get(&world, "/sign-in?again=true").await;
        let id = agents.new.id.to_string();
        let form = [("session", id.as_str()), ("service", &id)];
        let reply = browser.submit(&world, &page, path, &form).await;
        assert_eq!(
            reply.header("location"),
            "/citizen/sign-in?return_to=/citizen"
        );
    }
    let citizens = world.service(&citizens_form()).await;
    let more = [("prompt", "none")];
    let back = travel(&mut browser, &world, &citizens.address(&more), ELODIE)
        .await
        .unwrap();
    assert_eq!(back["error"], "login_required");
}

async fn pivot_of_another_is_not_merged(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let elodie = tokens(&mut Browser::default(), &world, &service, &[], ELODIE).await;
    let jean = As {
        person: "jean-noel",
        ..ELODIE
    };
    let jean = tokens(&mut Browser::default(), &world, &service, &[], jean).await;
    // Élodie's account at the provider tells Jean-Noël's identity.
    let liar = As {
        case: "other-pivot",
        ..ELODIE
    };
    let mut browser = Browser::default();
    let page = travel(&mut browser, &world, &service.address(&[]), liar)
        .await
        .unwrap_err();
    assert!(
        page.body.contains("déjà celui d’une autre personne"),
        "{}",
        page.body
    );
    assert_eq!(browser.cookies.get(CITIZEN_COOKIE), None);
    let told = journal(&world).await;
    assert_eq!(told.matches("identity.citizen.conflict").count(), 1);
    // Both stay who they were.
    let again = tokens(&mut Browser::default(), &world, &service, &[], ELODIE).await;
    let (elodie, jean) = (subject(&world, &elodie).await, subject(&world, &jean).await);
    assert_eq!(subject(&world, &again).await, elodie);
    assert_ne!(elodie, jean);
}

async fn session_fixation(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let mut browser = Browser::default();
    browser
        .cookies
        .insert(CITIZEN_COOKIE.into(), "chosen-by-somebody-else".into());
    tokens(&mut browser, &world, &service, &[], ELODIE).await;
    let first = browser.cookies[CITIZEN_COOKIE].clone();
    assert_ne!(first, "chosen-by-somebody-else");
    // Proved anew: another cookie, and the former one opens nothing.
    let more = [("prompt", "login")];
    tokens(&mut browser, &world, &service, &more, ELODIE).await;
    assert_ne!(browser.cookies[CITIZEN_COOKIE], first);
    let mut stale = Browser::default();
    stale.cookies.insert(CITIZEN_COOKIE.into(), first);
    let reply = stale.get(&world, "/citizen").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    // Somebody else in the same browser: the former person's session ends.
    let elodies = browser.cookies[CITIZEN_COOKIE].clone();
    let theo = As {
        person: "theo",
        ..ELODIE
    };
    tokens(&mut browser, &world, &service, &more, theo).await;
    stale.cookies.insert(CITIZEN_COOKIE.into(), elodies);
    let reply = stale.get(&world, "/citizen").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
}

async fn a_suspended_provider_ends_it(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let mut browser = Browser::default();
    let got = tokens(&mut browser, &world, &service, &[], ELODIE).await;
    assert_eq!(world.userinfo(&got.access).await.status, StatusCode::OK);
    // One person is on its way while the switch is thrown.
    let mut late = Browser::default();
    let page = late
        .get(&world, "/sign-in/with/essai-usagers?return_to=/citizen")
        .await;
    let to_mock = page.header("location").to_owned();
    let (all, _) = world.identity.providers(&root(), "", 10).await.unwrap();
    let known = all
        .iter()
        .find(|one| one.draft.code == "essai-usagers")
        .unwrap();
    world
        .identity
        .suspend_provider(&root(), known.id, true, "Incident en cours")
        .await
        .unwrap();
    assert_eq!(
        browser.get(&world, "/citizen").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(world.userinfo(&got.access).await.error(), "invalid_token");
    let told = journal(&world).await;
    assert!(told.contains("provider-suspended"), "{told}");
    let path = to_mock.strip_prefix(crate::world::ISSUER).unwrap();
    let page = travel(&mut late, &world, path, ELODIE).await.unwrap_err();
    assert!(page.body.contains("pas disponible"), "{}", page.body);
    assert_eq!(late.cookies.get(CITIZEN_COOKIE), None);
}

async fn names_never_enter_journal(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&citizens_form()).await;
    let scope = [("scope", "openid identite_pivot preferred_username email")];
    let mut browser = Browser::default();
    for case in [
        "usual",
        "corrected",
        "incomplete",
        "other-pivot",
        "denied",
        "down",
    ] {
        let being = As { case, ..ELODIE };
        let _ = travel(&mut browser, &world, &service.address(&scope), being).await;
        browser.cookies.clear();
    }
    tokens(&mut browser, &world, &service, &scope, ELODIE).await;
    let page = browser.get(&world, "/citizen").await;
    let id = service.new.id.to_string();
    browser
        .submit(&world, &page, "/citizen/withdraw", &[("service", &id)])
        .await;
    browser
        .submit(&world, &page, "/citizen/sign-out", &[])
        .await;
    world.identity.keep_house().await.unwrap();
    let mut told = journal(&world).await;
    // What operators read of failures neither.
    let incidents = world
        .identity
        .incidents(&root(), (jiff::Timestamp::MAX, ""), 100)
        .await
        .unwrap();
    assert!(incidents.len() >= 3);
    told.push_str(&format!("{incidents:?}"));
    for name in [
        "lodie",
        "Fonteneau",
        "Bihan",
        "1962",
        "75107",
        "courriel",
        "Solange",
        "Arbois",
        "Jean-No",
        "2A004",
    ] {
        assert!(!told.contains(name), "{name}");
    }
    assert!(told.contains("identity.citizen_session.begin"));
}

async fn an_agents_service_learns_no_pivot(db: Db) {
    let world = world_with_mocks(db).await;
    let mut wrong = form();
    wrong.scopes.push("identite_pivot".into());
    assert!(world.identity.register(&root(), &wrong).await.is_err());
    let citizens = ClientForm {
        subject_type: "public".into(),
        ..citizens_form()
    };
    assert!(world.identity.register(&root(), &citizens).await.is_err());
    // A citizens' token, asked about by a service of agents that serves data, tells no address.
    let (_, service) = signed_in_citizen(&world).await;
    let mut serving = form();
    serving.introspects = true;
    serving.scopes = vec!["openid".into()];
    let serving = world.service(&serving).await;
    let more = [("scope", "openid email")];
    let got = tokens(&mut Browser::default(), &world, &service, &more, ELODIE).await;
    let worth = serving
        .call(&world, "/api/v2/introspection", &[("token", &got.access)])
        .await
        .json();
    assert_eq!(worth["active"], true);
    assert!(worth["email"].is_null() && worth["username"].is_null());
}
