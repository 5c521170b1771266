//! The pages of signing in and of one's own account, as a browser uses them.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use kit_db::Db;
use kit_time::Source;

use super::browser::{Authenticator, Browser, app};
use super::factors::code;
use super::{PASSWORD, World, ada, links, world};

const ADA: &str = "ada@x.example";

kit_db::on_both_databases!(super::migrations() =>
    a_person_sets_an_application_up_and_signs_in, a_person_adds_a_passkey_and_signs_in,
    a_session_left_open_changes_nothing, sessions_are_listed_and_ended,
    an_address_is_changed_in_the_pages, the_page_says_what_else_to_do,
);

struct Here {
    world: World,
    app: kit_http::Router,
}

async fn here(db: &Db) -> Here {
    let world = world(db);
    ada(&world.directory).await;
    let source = Source::with_clock(world.clock.clone(), 2);
    let app = app(&world.directory, source);
    Here { world, app }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}

/// Base 32, read.
fn secret(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digits = text.chars().filter_map(|c| alphabet.find(c));
    let bits: Vec<String> = digits.map(|digit| format!("{digit:05b}")).collect();
    let bits = bits.concat();
    let bytes = bits.as_bytes().chunks_exact(8);
    bytes
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect()
}

async fn a_person_sets_an_application_up_and_signs_in(db: Db) {
    let Here { world, app } = here(&db).await;
    let start: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
    let mut browser = Browser::new(&app, "192.0.2.1");
    let signed = browser.sign_in(ADA, PASSWORD).await;
    assert_eq!(
        (signed.status, signed.location.as_str()),
        (StatusCode::SEE_OTHER, "/account")
    );
    assert!(
        browser
            .get("/account/totp")
            .await
            .body
            .contains("Commencer")
    );
    let begun = browser.submit("/account/totp/begin", &[]).await;
    let page = browser.get(&begun.location).await.body;
    assert!(page.contains("<svg class=\"gv-qr\"") && !page.contains("style="));
    let secret = secret(between(&page, "secret=", "&"));
    let wrong = browser.submit("/account/totp", &[("code", "000000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let typed = code(&secret, start);
    let shown = browser
        .submit("/account/totp", &[("code", &typed)])
        .await
        .body;
    let recovery = between(&shown, "<ul class=\"gv-codes\"><li>", "</li>").to_owned();
    let list = between(&shown, "<ul class=\"gv-codes\">", "</ul>");
    assert_eq!(list.matches("<li>").count(), 10);
    assert!(
        !browser
            .get("/account/recovery-codes")
            .await
            .body
            .contains(&recovery)
    );

    world.clock.advance(SignedDuration::from_secs(30));
    let mut other = Browser::new(&app, "203.0.113.1");
    let asked = other.sign_in(ADA, PASSWORD).await;
    assert_eq!(asked.location, "/sign-in/second?return_to=%2Faccount");
    assert!(!other.cookies.contains_key(kit_http::SESSION_COOKIE));
    assert!(
        other
            .get(&asked.location)
            .await
            .body
            .contains("one-time-code")
    );
    let account = other.get("/account").await;
    assert_ne!(
        account.status,
        StatusCode::OK,
        "half a sign-in opens nothing"
    );
    other.get(&asked.location).await;
    // Another browser doesn't have the attempt.
    let mut thief = Browser::new(&app, "198.51.100.1");
    thief.get("/sign-in").await;
    let right = code(&secret, start + SignedDuration::from_secs(30));
    let stolen = thief.submit("/sign-in/second", &[("code", &right)]).await;
    assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = [("code", right.as_str()), ("return_to", "/account")];
    let entered = other.submit("/sign-in/second", &form).await;
    assert_eq!(entered.location, "/account");
    assert!(!other.cookies.contains_key("__Host-attempt"));
    let account = other.get("/account").await.body;
    assert!(account.contains("Mot de passe et code") && account.contains("10 codes"));
    // Nowhere else.
    let mut away = Browser::new(&app, "203.0.113.1");
    away.sign_in(ADA, PASSWORD).await;
    away.get("/sign-in/second").await;
    let form = [
        ("code", recovery.as_str()),
        ("return_to", "https://evil.example"),
    ];
    let entered = away.submit("/sign-in/second", &form).await;
    assert_eq!(entered.location, "/");
}

async fn a_person_adds_a_passkey_and_signs_in(db: Db) {
    let Here { app, .. } = here(&db).await;
    let mut browser = Browser::new(&app, "192.0.2.1");
    let page = browser.get("/sign-in").await.body;
    assert!(page.contains("data-passkey=\"get\""));
    assert!(page.contains("a besoin de JavaScript"), "said in words");
    browser.sign_in(ADA, PASSWORD).await;
    browser.get("/account/passkeys").await;
    let mut device = Authenticator::new(1);
    let options = browser.ask("/account/passkeys/options").await;
    let answer = device.create(&options);
    let unnamed = browser
        .submit("/account/passkeys", &[("answer", &answer)])
        .await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = [("answer", answer.as_str()), ("name", "Téléphone")];
    let shown = browser.submit("/account/passkeys", &form).await;
    assert!(shown.body.contains("gv-codes"), "{}", shown.body);
    let list = browser.get("/account/passkeys").await.body;
    assert!(list.contains("Téléphone") && list.contains("Liée à un seul appareil"));

    let mut other = Browser::new(&app, "203.0.113.1");
    other.get("/sign-in").await;
    let options = other.ask("/sign-in/passkey/options").await;
    let answer = device.get(&options);
    let form = [
        ("answer", answer.as_str()),
        ("return_to", "/account/passkeys"),
    ];
    let entered = other.submit("/sign-in/passkey", &form).await;
    assert_eq!(entered.location, "/account/passkeys");
    let replay = other.submit("/sign-in/passkey", &form).await;
    assert_eq!(replay.status, StatusCode::UNPROCESSABLE_ENTITY);
    // It is named otherwise, and taken away.
    let list = other.get("/account/passkeys").await.body;
    let id = between(&list, "href=\"/account/passkeys/", "\"").to_owned();
    let path = format!("/account/passkeys/{id}");
    other.get(&path).await;
    let long = "x".repeat(61);
    let refused = other.submit(&path, &[("name", &long)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    other.submit(&path, &[("name", "Clé USB")]).await;
    assert!(
        other
            .get("/account/passkeys")
            .await
            .body
            .contains("Clé USB")
    );
    other.submit(&format!("{path}/remove"), &[]).await;
    assert!(
        !other
            .get("/account/passkeys")
            .await
            .body
            .contains("Clé USB")
    );
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
}

async fn a_session_left_open_changes_nothing(db: Db) {
    let Here { world, app } = here(&db).await;
    let mut browser = Browser::new(&app, "192.0.2.1");
    browser.sign_in(ADA, PASSWORD).await;
    browser.get("/account").await;
    world.clock.advance(SignedDuration::from_mins(16));
    for (path, form) in [
        ("/account/totp", vec![("code", "000000")]),
        ("/account/totp/begin", vec![]),
        ("/account/totp/remove", vec![]),
        ("/account/recovery-codes", vec![]),
        ("/account/passkeys", vec![("name", "x"), ("answer", "{}")]),
        ("/account/email", vec![("email", "evil@x.example")]),
    ] {
        let reply = browser.submit(path, &form).await;
        assert!(
            matches!(reply.status, StatusCode::SEE_OTHER | StatusCode::OK),
            "{path}"
        );
    }
    assert!(links(&world.jobs, "/email/").await.is_empty());
    let page = browser.get("/account/totp").await.body;
    assert!(
        page.contains("/sign-in?again=true&#38;return_to=%2Faccount%2Ftotp"),
        "{page}"
    );
    assert!(!page.contains("Commencer"));
    browser
        .get("/sign-in?again=true&return_to=%2Faccount%2Ftotp")
        .await;
    browser.sign_in(ADA, PASSWORD).await;
    assert!(
        browser
            .get("/account/totp")
            .await
            .body
            .contains("Commencer")
    );
    // Signing in by cookie of somebody who isn't signed in at all.
    let mut nobody = Browser::new(&app, "192.0.2.1");
    nobody.get("/sign-in").await;
    let refused = nobody.submit("/account/totp/begin", &[]).await;
    assert_ne!(refused.location, "/account/totp");
}

async fn sessions_are_listed_and_ended(db: Db) {
    let Here { world, app } = here(&db).await;
    let mut home = Browser::new(&app, "192.0.2.1");
    let mut office = Browser::new(&app, "203.0.113.1");
    let mut phone = Browser::new(&app, "198.51.100.1");
    for browser in [&mut home, &mut office, &mut phone] {
        browser.sign_in(ADA, PASSWORD).await;
        world.clock.advance(SignedDuration::from_mins(1));
    }
    let page = home.get("/account").await.body;
    for network in ["192.0.2.0/24", "203.0.113.0/24", "198.51.100.0/24"] {
        assert!(page.contains(network), "{network}");
    }
    assert!(!page.contains("192.0.2.1<") && page.contains("Firefox, Windows"));
    assert_eq!(page.matches("Cette session").count(), 1);
    // The newest is the first.
    let id = between(&page, "href=\"/account/sessions/", "\"").to_owned();
    let path = format!("/account/sessions/{id}");
    home.get(&path).await;
    assert_eq!(home.submit(&path, &[]).await.location, "/account");
    assert_ne!(phone.get("/account").await.status, StatusCode::OK);
    assert_eq!(home.get(&path).await.status, StatusCode::NOT_FOUND);
    // Nobody ends the session of somebody else.
    world
        .directory
        .add_person(&super::ROOT(), "Bo", "bo@x.example", None)
        .await
        .unwrap();
    let bo = world
        .directory
        .person_by_email("bo@x.example")
        .await
        .unwrap()
        .unwrap();
    world
        .directory
        .set_password(bo, PASSWORD)
        .await
        .unwrap()
        .unwrap();
    let mut other = Browser::new(&app, "192.0.2.1");
    other.sign_in("bo@x.example", PASSWORD).await;
    other.get("/account").await;
    let page = home.get("/account").await.body;
    let first = between(&page, "href=\"/account/sessions/", "\"").to_owned();
    let stolen = other
        .submit(&format!("/account/sessions/{first}"), &[])
        .await;
    assert_eq!(stolen.status, StatusCode::NOT_FOUND);
    home.submit("/account/sessions/end-others", &[]).await;
    assert_ne!(office.get("/account").await.status, StatusCode::OK);
    assert_eq!(home.get("/account").await.status, StatusCode::OK);
    // The mail's link asks before it ends anything.
    let alarm = links(&world.jobs, "/not-me/").await.pop().unwrap();
    let path = format!("/not-me/{alarm}");
    assert!(other.get(&path).await.body.contains("Mettre fin"));
    assert_eq!(other.submit(&path, &[]).await.status, StatusCode::OK);
    let again = other.submit(&path, &[]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn an_address_is_changed_in_the_pages(db: Db) {
    let Here { world, app } = here(&db).await;
    let mut browser = Browser::new(&app, "192.0.2.1");
    browser.sign_in(ADA, PASSWORD).await;
    let page = browser.get("/account").await.body;
    assert!(page.contains("Non vérifiée") && page.contains("Envoyer le message"));
    browser.submit("/account/email/verify", &[]).await;
    let link = links(&world.jobs, "/email/").await[0].clone();
    let path = format!("/email/{link}");
    let mut phone = Browser::new(&app, "198.51.100.1");
    assert!(
        phone
            .get(&path)
            .await
            .body
            .contains("Confirmer cette adresse")
    );
    assert!(
        browser.get("/account").await.body.contains("Non vérifiée"),
        "a program only read it"
    );
    assert_eq!(phone.submit(&path, &[]).await.status, StatusCode::OK);
    let page = browser.get("/account").await.body;
    assert!(page.contains("Vérifiée") && !page.contains("Envoyer le message"));
    browser.get("/account/email").await;
    let wrong = browser.submit("/account/email", &[("email", "x")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let same = browser.submit("/account/email", &[("email", ADA)]).await;
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sent = browser
        .submit("/account/email", &[("email", "a@y.example")])
        .await;
    assert_eq!(sent.status, StatusCode::OK);
    assert!(browser.get("/account").await.body.contains(ADA));
}

async fn the_page_says_what_else_to_do(db: Db) {
    let Here { app, .. } = here(&db).await;
    let mut browser = Browser::new(&app, "198.51.100.1");
    for _ in 0..5 {
        browser.sign_in(ADA, "no").await;
    }
    let slowed = browser.sign_in(ADA, PASSWORD).await;
    assert_eq!(slowed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(slowed.body.contains("clé d’accès") && slowed.body.contains("href=\"/password\""));
    let unknown = browser.sign_in("nobody@x.example", "no").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let over = browser.get("/sign-in/second").await;
    assert!(over.body.contains("a expiré"));
}
