//! The mock providers follow the rules, are off unless wanted, and the test service shows a sign-in.

use http::StatusCode;
use kit_db::Db;

use crate::citizen_world::{As, ELODIE, citizens_form, travel};
use crate::world::{
    Browser, CHALLENGE, ISSUER, Reply, World, between, encoded, migrations, world, world_with_mocks,
};

kit_db::on_both_databases!(migrations() =>
    the_mocks_are_off_unless_wanted, a_mock_is_strict, a_mocks_code_is_used_once,
    the_test_service_shows_a_sign_in, agents_sign_in_by_their_mock_provider,
    a_mock_changes_nothing_for_whoever_has_a_password, preparing_twice_changes_nothing,
);

const RETURN: &str = "https://g.example/sign-in/return/essai-usagers";

fn question(more: &[(&str, &str)]) -> String {
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", "gouvernail"),
        ("redirect_uri", RETURN),
        ("scope", "openid identite_pivot"),
        ("state", "st"),
        ("nonce", "no"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in more {
        query.retain(|(known, _)| known != name);
        if !value.is_empty() {
            query.push((name, value));
        }
    }
    format!("/mock/citizens/authorize?{}", encoded(&query))
}

async fn the_mocks_are_off_unless_wanted(db: Db) {
    let world = world(db).await;
    world
        .identity
        .prepare_mocks(&crate::world::root())
        .await
        .unwrap();
    for path in [
        "/mock/citizens/.well-known/openid-configuration",
        "/mock/agents/jwks",
        "/mock/agents/userinfo",
        "/mock/citizens/session/end",
        &question(&[]),
        "/try",
        "/try/return",
    ] {
        assert_eq!(
            world.read(path, &[]).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let reply = world.call("/mock/agents/token", &[], &[]).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    let (all, _) = world
        .identity
        .providers(&crate::world::root(), "", 10)
        .await
        .unwrap();
    assert!(all.is_empty());
}

async fn a_mock_is_strict(db: Db) {
    let world = world_with_mocks(db).await;
    let told = world
        .read("/mock/citizens/.well-known/openid-configuration", &[])
        .await;
    assert_eq!(told.json()["issuer"], "https://g.example/mock/citizens");
    assert_eq!(
        world.read("/mock/others/jwks", &[]).await.status,
        StatusCode::NOT_FOUND
    );
    let mut browser = Browser::default();
    assert_eq!(
        browser.get(&world, &question(&[])).await.status,
        StatusCode::OK
    );
    for (wrong, value) in [
        ("client_id", "other"),
        ("redirect_uri", "https://evil.example/cb"),
        (
            "redirect_uri",
            "https://g.example/sign-in/return/essai-usagers/",
        ),
        (
            "redirect_uri",
            "https://g.example/sign-in/return/essai-agents",
        ),
        ("state", ""),
    ] {
        let page = browser.get(&world, &question(&[(wrong, value)])).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{wrong} {value}");
    }
    for (wrong, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "email", "invalid_scope"),
        ("nonce", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("prompt", "none", "login_required"),
    ] {
        let page = browser.get(&world, &question(&[(wrong, value)])).await;
        let to = page.header("location");
        assert!(
            to.starts_with(RETURN) && to.contains(error),
            "{wrong}: {to}"
        );
        assert!(to.contains("state=st") && to.contains("iss=https"), "{to}");
    }
    // A form from elsewhere chooses nobody.
    let chosen = [("person", "elodie"), ("level", "eidas1"), ("case", "usual")];
    let foreign = world.call(&question(&[]), &[], &chosen).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    // Nor does a form choose what there isn't.
    let page = browser.get(&world, &question(&[])).await;
    for (name, value) in [
        ("person", "nobody"),
        ("level", "eidas4"),
        ("level", "eidas0"),
        ("case", "x"),
    ] {
        let mut chosen = chosen.to_vec();
        chosen.retain(|(known, _)| *known != name);
        chosen.push((name, value));
        let reply = browser.submit(&world, &page, &question(&[]), &chosen).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{name}={value}");
    }
    let end = [("post_logout_redirect_uri", "https://evil.example/")];
    let end = format!("/mock/citizens/session/end?{}", encoded(&end));
    let reply = browser.get(&world, &end).await;
    assert_eq!(reply.header("location"), "https://g.example/");
}

async fn a_code(world: &World) -> String {
    let mut browser = Browser::default();
    let page = browser.get(world, &question(&[])).await;
    let chosen = [("person", "elodie"), ("level", "eidas1"), ("case", "usual")];
    let reply = browser.submit(world, &page, &question(&[]), &chosen).await;
    let to = reply.header("location");
    let code = between(to, "code=", "&");
    assert!(!code.is_empty(), "{} {}", reply.status, reply.body);
    code.to_owned()
}

async fn exchange(world: &World, path: &str, code: &str, more: &[(&str, &str)]) -> Reply {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", "gouvernail"),
        ("client_secret", "wrong"),
        ("code", code),
        ("redirect_uri", RETURN),
        ("code_verifier", crate::world::VERIFIER),
    ];
    form.retain(|(known, _)| !more.iter().any(|(name, _)| name == known));
    form.extend_from_slice(more);
    world.call(path, &[], &form).await
}

async fn a_mocks_code_is_used_once(db: Db) {
    let world = world_with_mocks(db).await;
    let code = a_code(&world).await;
    let refused = exchange(&world, "/mock/citizens/token", &code, &[]).await;
    assert_eq!(
        refused.error(),
        "invalid_client",
        "nobody else exchanges it"
    );
    // The platform does, once.
    let mut browser = Browser::default();
    let service = world.service(&citizens_form()).await;
    travel(&mut browser, &world, &service.address(&[]), ELODIE)
        .await
        .unwrap();
    let back = browser
        .went
        .iter()
        .find(|path| path.starts_with("/sign-in/return/"))
        .unwrap();
    assert_eq!(back, "/sign-in/return/essai-usagers");
    let reply = world
        .read("/mock/citizens/userinfo", &[("authorization", "Bearer x")])
        .await;
    assert_eq!(reply.error(), "invalid_token");
}

async fn preparing_twice_changes_nothing(db: Db) {
    let world = world_with_mocks(db).await;
    let before = crate::citizen_world::journal(&world).await;
    world
        .identity
        .prepare_mocks(&crate::world::root())
        .await
        .unwrap();
    assert_eq!(crate::citizen_world::journal(&world).await, before);
}

/// Goes through a trial; gives its last page.
async fn trial(
    world: &World,
    browser: &mut Browser,
    form: &[(&str, &str)],
    being: As<'_>,
) -> Reply {
    let page = browser.get(world, "/try").await;
    let reply = browser.submit(world, &page, "/try", form).await;
    let to = reply.header("location").to_owned();
    travel(browser, world, &to, being).await.unwrap_err()
}

async fn the_test_service_shows_a_sign_in(db: Db) {
    let world = world_with_mocks(db).await;
    let mut browser = Browser::default();
    let asked = [("audience", "citizens"), ("level", "eidas2")];
    let being = As {
        level: "eidas2",
        ..ELODIE
    };
    let page = trial(&world, &mut browser, &asked, being).await;
    for told in [
        "Connexion réussie",
        "Fonteneau",
        "substantiel",
        "ES256",
        "eidas2",
    ] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    // Shown once: the same answer again is nobody's.
    let went = browser.went.last().unwrap().clone();
    assert_eq!(went, "/try/return");
    let again = browser.get(&world, "/try/return?code=x&state=y").await;
    assert!(again.body.contains("n’a pas abouti"));
    let out = between(&page.body, "href=\"/api/v2/session/end?", "\"").replace("&#38;", "&");
    let mut reply = browser
        .get(&world, &format!("/api/v2/session/end?{out}"))
        .await;
    let to = reply
        .header("location")
        .strip_prefix(ISSUER)
        .unwrap()
        .to_owned();
    reply = browser.get(&world, &to).await;
    assert!(reply.body.contains("Vous êtes déconnecté"));
    // A level lower than asked for is told as an error.
    let page = trial(&world, &mut Browser::default(), &asked, ELODIE).await;
    assert!(
        page.body.contains("unmet_authentication_requirements"),
        "{}",
        page.body
    );
}

const LOU: As<'static> = As {
    person: "lou",
    level: "eidas1",
    case: "usual",
};

async fn agents_sign_in_by_their_mock_provider(db: Db) {
    let world = world_with_mocks(db).await;
    let asked = [("audience", "agents"), ("provider", "essai-agents")];
    let mut browser = Browser::default();
    let page = trial(&world, &mut browser, &asked, LOU).await;
    for told in [
        "Connexion réussie",
        "lou.garnier@essai.example",
        "Lou Garnier",
    ] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    for (person, case, told) in [
        ("elsewhere", "usual", "domaine"),
        ("suspended", "usual", "refusée"),
        ("lou", "down", "ne répond pas"),
    ] {
        let being = As {
            person,
            case,
            ..LOU
        };
        let page = trial(&world, &mut Browser::default(), &asked, being).await;
        assert!(page.body.contains(told), "{person} {case}: {}", page.body);
    }
}

async fn a_mock_changes_nothing_for_whoever_has_a_password(db: Db) {
    let world = world_with_mocks(db).await;
    let page = Browser::default().get(&world, "/sign-in").await;
    assert!(page.body.contains("name=\"password\""));
    // A hint names an open provider of the same audience, or nothing happens.
    let service = world.service(&crate::world::form()).await;
    for hint in ["essai-usagers", "nobody", "../x"] {
        let reply = Browser::default()
            .get(&world, &service.address(&[("idp_hint", hint)]))
            .await;
        assert!(reply.header("location").starts_with("/sign-in?"), "{hint}");
    }
    let reply = Browser::default()
        .get(&world, &service.address(&[("idp_hint", "essai-agents")]))
        .await;
    let to = reply.header("location");
    assert!(to.starts_with("/sign-in/with/essai-agents?"), "{to}");
}
