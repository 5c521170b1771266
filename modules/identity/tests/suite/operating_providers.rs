//! Providers, as operators and people at the sign-in page see them.

use base64::Engine as _;
use http::StatusCode;
use kit_access::{Actor, Grant, Reach};
use kit_db::Db;
use ports::roles::{ADMINISTRATOR, DIGITAL_DIRECTOR};

use crate::provider::{Idp, idp, provider_form};
use crate::world::{Browser, PASSWORD, Reply, World, between, migrations, root, world};

kit_db::on_both_databases!(migrations() =>
    without_a_provider_the_sign_in_page_is_the_password, the_address_chooses_the_way,
    signing_out_of_the_platform_signs_out_there, an_operator_registers_tries_and_suspends,
    a_stranger_runs_no_provider, a_secret_is_never_shown, one_default_for_each_audience,
    an_incident_is_looked_up_and_forgotten, figures_are_by_level_and_cause,
);

async fn without_a_provider_the_sign_in_page_is_the_password(db: Db) {
    let world = world(db).await;
    let page = Browser::default().get(&world, "/sign-in").await;
    assert!(page.body.contains("name=\"password\""));
}

async fn the_address_chooses_the_way(db: Db) {
    let world = world(db).await;
    let (idp, other) = (idp(&world).await, idp(&world).await);
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    let page = browser
        .get(&world, "/sign-in?return_to=/account&email=ada%40x.example")
        .await;
    assert!(
        !page.body.contains("name=\"password\""),
        "the address first"
    );
    assert!(
        page.body.contains("value=\"ada@x.example\""),
        "the hint survives"
    );
    let send = async |browser: &mut Browser, email: &str| {
        let page = browser.get(&world, "/sign-in?return_to=/account").await;
        let form = [("email", email), ("return_to", "/account")];
        browser.submit(&world, &page, "/sign-in/email", &form).await
    };
    let reply = send(&mut browser, " Ada@X.example").await;
    let refresh = reply.header("refresh").to_owned();
    let path = refresh.strip_prefix("0; url=").unwrap();
    let left = browser.get(&world, path).await;
    let asked = idp.question(left.header("location"));
    assert_eq!(asked["login_hint"], "ada@x.example");
    let back = browser.come_back(&world, &asked, &[]).await;
    assert_eq!(back.header("location"), "/account");
    // Nobody owns the domain: the password, here.
    let mut browser = Browser::default();
    let page = send(&mut browser, "eve@nowhere.example").await;
    assert!(page.body.contains("name=\"password\"") && page.header("refresh").is_empty());
    let wrong = send(&mut browser, "nothing").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Several know the domain: a choice.
    other
        .register(&world, &provider_form(&other, "other"))
        .await;
    let page = send(&mut browser, "ada@x.example").await;
    for code in ["min", "other"] {
        assert!(
            page.body.contains(&format!("/sign-in/with/{code}?")),
            "{}",
            page.body
        );
    }
    // The password goes on working for whoever has one.
    let page = browser.get(&world, "/sign-in?password=true").await;
    let form = [
        ("email", "ada@x.example"),
        ("password", PASSWORD),
        ("return_to", "/account"),
    ];
    let reply = browser.submit(&world, &page, "/sign-in", &form).await;
    assert_eq!(reply.header("location"), "/account");
}

async fn signing_out_of_the_platform_signs_out_there(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    browser.through(&world, &idp, "min").await;
    let page = browser.get(&world, "/account").await;
    let reply = browser.submit(&world, &page, "/sign-out", &[]).await;
    let path = reply.header("location").to_owned();
    assert!(path.starts_with("/sign-out/with/"), "{path}");
    assert!(browser.session().is_none());
    let reply = browser.get(&world, &path).await;
    assert!(reply.header("refresh").contains("/end?"));
}

async fn administrator(world: &World) -> Browser {
    world
        .directory
        .grant(&root(), world.ada, ADMINISTRATOR.0, None)
        .await
        .unwrap();
    let mut browser = Browser::default();
    let page = browser.get(world, "/sign-in?password=true").await;
    let form = [("email", "ada@x.example"), ("password", PASSWORD)];
    browser.submit(world, &page, "/sign-in", &form).await;
    browser
}

fn typed<'t>(idp: &'t Idp, code: &'t str) -> Vec<(&'t str, &'t str)> {
    vec![
        ("name", "Ministère"),
        ("code", code),
        ("audience", "agents"),
        ("profile", "standard"),
        ("issuer", &idp.issuer),
        ("client_id", "gouvernail"),
        ("auth_method", "client_secret_basic"),
        ("auth_algorithm", "ES256"),
        ("secret", "tres-secret"),
        ("domains", "x.example"),
        ("foreign_domain", "refuse"),
        ("scopes", "openid email"),
        ("levels", "acr eidas1 = eidas1"),
        ("level_max", "eidas1"),
        ("id_token_algorithms", "ES256"),
    ]
}

/// Whether a page shows a notice with this text.
fn shows(reply: &Reply, text: &str) -> bool {
    reply.body.contains(text)
}

async fn an_operator_registers_tries_and_suspends(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let mut browser = administrator(&world).await;
    let page = browser.get(&world, "/providers").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let page = browser.get(&world, "/providers/new").await;
    let mut wrong = typed(&idp, "min");
    wrong.retain(|(name, _)| *name != "levels");
    wrong.push(("levels", "acr x = far too high"));
    wrong.push(("jwks_uri", "https://10.0.0.1/keys"));
    let reply = browser.submit(&world, &page, "/providers", &wrong).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shows(&reply, "Une règle par ligne"), "{}", reply.body);
    let reply = browser
        .submit(&world, &page, "/providers", &typed(&idp, "min"))
        .await;
    let path = reply.header("location").to_owned();
    assert!(path.starts_with("/providers/"), "{}", reply.body);
    let taken = browser
        .submit(&world, &page, "/providers", &typed(&idp, "min"))
        .await;
    assert!(
        shows(&taken, "Un autre fournisseur a ce code"),
        "{}",
        taken.body
    );
    let inside = [wrong[0], ("jwks_uri", "https://10.0.0.1/keys")];
    let mut inner = typed(&idp, "inner");
    inner.extend_from_slice(&inside[1..]);
    let reply = browser.submit(&world, &page, "/providers", &inner).await;
    assert!(shows(&reply, "Internet public"), "{}", reply.body);

    let page = browser.get(&world, &path).await;
    assert!(shows(&page, "https://g.example/sign-in/return/min"));
    let tried = browser
        .submit(&world, &page, &format!("{path}/try"), &[])
        .await;
    assert!(shows(&tried, "sont lisibles"), "{}", tried.body);
    idp.lie(|lies| {
        lies.description
            .push(("issuer", "https://other.example".into()));
    });
    world.clock.advance(jiff::SignedDuration::from_mins(20));
    let tried = browser
        .submit(&world, &page, &format!("{path}/try"), &[])
        .await;
    assert!(shows(&tried, "ne peuvent pas être lues"), "{}", tried.body);

    let suspended = format!("{path}/suspended");
    let form = [("suspended", "true"), ("reason", "")];
    let reply = browser.submit(&world, &page, &suspended, &form).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = [("suspended", "true"), ("reason", "Clés volées")];
    browser.submit(&world, &page, &suspended, &form).await;
    let page = browser.get(&world, &path).await;
    assert!(shows(&page, "Clés volées"));
    let left = browser.get(&world, "/sign-in/with/min").await;
    assert_eq!(left.status, StatusCode::NOT_FOUND);
    browser
        .submit(&world, &page, &suspended, &[("suspended", "false")])
        .await;
    let page = browser.get(&world, &path).await;
    assert!(!shows(&page, "Clés volées"));
}

async fn a_stranger_runs_no_provider(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let id = idp.register(&world, &provider_form(&idp, "min")).await;
    let mut browser = Browser::default();
    for path in ["/providers", "/providers/new", "/providers/incidents"] {
        let reply = browser.get(&world, path).await;
        assert_ne!(reply.status, StatusCode::OK, "{path}");
    }
    let grants = vec![Grant {
        role: DIGITAL_DIRECTOR.0.into(),
        reach: Reach::State,
    }];
    let director = Actor::person(world.ada, "Ada", grants);
    assert!(world.identity.providers(&director, "", 1).await.is_err());
    assert!(
        world
            .identity
            .suspend_provider(&director, id, true, "x")
            .await
            .is_err()
    );
    assert!(
        world
            .identity
            .incident(&director, "ABCDEFGH")
            .await
            .is_err()
    );
}

async fn a_secret_is_never_shown(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let mut browser = administrator(&world).await;
    let page = browser.get(&world, "/providers/new").await;
    // Not even on the page that shows what was typed wrong.
    let mut wrong = typed(&idp, "min");
    wrong.retain(|(name, _)| *name != "name");
    let again = browser.submit(&world, &page, "/providers", &wrong).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!again.body.contains("tres-secret"));
    let reply = browser
        .submit(&world, &page, "/providers", &typed(&idp, "min"))
        .await;
    let path = reply.header("location").to_owned();
    let edit = browser.get(&world, &format!("{path}/edit")).await;
    let shown = browser.get(&world, &path).await;
    assert!(!edit.body.contains("tres-secret") && !shown.body.contains("tres-secret"));
    // Saving without a secret keeps it; the journal tells nothing of it.
    let version = between(&edit.body, "name=\"version\" value=\"", "\"").to_owned();
    let mut form = typed(&idp, "min");
    form.retain(|(name, _)| *name != "secret");
    form.push(("version", &version));
    let reply = browser
        .submit(&world, &edit, &format!("{path}/edit"), &form)
        .await;
    assert_eq!(reply.header("location"), path, "{}", reply.body);
    let stale = browser
        .submit(&world, &edit, &format!("{path}/edit"), &form)
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let mut person = Browser::default();
    person.through(&world, &idp, "min").await;
    let asked = idp.asked.lock().unwrap().join("\n");
    let basic = base64::engine::general_purpose::STANDARD.encode("gouvernail:tres-secret");
    assert!(asked.contains(&basic), "{asked}");
    let filter = kit_journal::Filter::default();
    let entries = kit_journal::Journal::browse(&world.db, &filter, None, 100)
        .await
        .unwrap();
    assert!(!format!("{entries:?}").contains("tres-secret"));
}

async fn one_default_for_each_audience(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    for code in ["first", "second"] {
        let mut form = provider_form(&idp, code);
        form.is_default = true;
        idp.register(&world, &form).await;
    }
    let (providers, count) = world.identity.providers(&root(), "", 10).await.unwrap();
    let defaults = providers.iter().map(|one| one.draft.is_default);
    assert_eq!(
        (defaults.collect::<Vec<_>>(), count),
        (vec![false, true], 2)
    );
}

async fn an_incident_is_looked_up_and_forgotten(db: Db) {
    let world = world(db).await;
    let mut browser = administrator(&world).await;
    let failed = browser.get(&world, "/sign-in/with/nobody").await;
    let root = root();
    let latest = world
        .identity
        .incidents(&root, (jiff::Timestamp::MAX, ""), 1);
    let code = latest.await.unwrap()[0].code.clone();
    assert!(failed.body.contains(&code));
    let spelled = format!("{}-{}", &code[..4].to_lowercase(), &code[4..]);
    let page = browser
        .get(&world, &format!("/providers/incidents?code={spelled}"))
        .await;
    assert!(shows(&page, "unknown or suspended"), "{}", page.body);
    world
        .clock
        .advance(jiff::SignedDuration::from_hours(24 * 31));
    world.identity.keep_house().await.unwrap();
    assert_eq!(world.identity.incident(&root, &code).await.unwrap(), None);
}

async fn figures_are_by_level_and_cause(db: Db) {
    let world = world(db).await;
    let idp = idp(&world).await;
    let id = idp.register(&world, &provider_form(&idp, "min")).await;
    for _ in 0..3 {
        Browser::default().through(&world, &idp, "min").await;
    }
    idp.lie(|lies| lies.id_token = Some(Box::new(|claims| claims.nonce("other"))));
    Browser::default().through(&world, &idp, "min").await;
    let mut browser = administrator(&world).await;
    let page = browser.get(&world, &format!("/providers/{id}")).await;
    assert!(
        shows(&page, "faible") && shows(&page, "Jeton d’une autre demande"),
        "{}",
        page.body
    );
}
