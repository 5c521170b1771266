//! The modules of the OpenID conformance suite's plans for RP-initiated and back-channel logout,
//! under their names. Front-channel logout isn't offered: it needs a page of each service in a frame
//! of ours, which browsers that keep sites apart no longer load with its cookies.

use std::collections::BTreeMap;
use std::sync::Arc;

use identity::SessionEnds;
use kit_db::Db;
use kit_journal::Subscribers;

use crate::keyed;
use crate::world::{Browser, ISSUER, Service, Tokens, World, encoded, form, migrations, world};

kit_db::on_both_databases!(migrations() =>
    oidcc_rp_initiated_logout_discovery_endpoint_verification, oidcc_rp_initiated_logout,
    oidcc_rp_initiated_logout_bad_post_logout_redirect_uri,
    oidcc_rp_initiated_logout_modified_id_token_hint, oidcc_rp_initiated_logout_no_id_token_hint,
    oidcc_rp_initiated_logout_no_params, oidcc_rp_initiated_logout_no_post_logout_redirect_uri,
    oidcc_rp_initiated_logout_no_state, oidcc_rp_initiated_logout_only_state,
    oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri,
    oidcc_rp_initiated_logout_bad_id_token_hint,
    oidcc_backchannel_logout_discovery_endpoint_verification, oidcc_backchannel_rp_initiated_logout,
);

const BYE: &str = "https://s.example/bye";

/// A person who is signed in to a service.
async fn ready(db: Db) -> (World, Service, Browser, Tokens) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    (world, service, browser, tokens)
}

async fn end(
    world: &World,
    browser: &mut Browser,
    more: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let query = encoded(more);
    browser
        .follow(world, &format!("/api/v2/session/end?{query}"))
        .await
}

/// The person is asked, nobody is sent anywhere, and the session goes on until it says yes.
async fn is_asked(world: &World, browser: &mut Browser, more: &[(&str, &str)]) {
    let page = end(world, browser, more).await;
    assert!(page["page"].contains("Se déconnecter"), "{more:?}");
    assert!(browser.session().is_some(), "{more:?}");
}

async fn oidcc_rp_initiated_logout_discovery_endpoint_verification(db: Db) {
    let (world, ..) = ready(db).await;
    let known = world.read("/.well-known/openid-configuration", &[]).await;
    let known = known.json();
    let address = known["end_session_endpoint"].as_str().unwrap();
    assert_eq!(address, format!("{ISSUER}/api/v2/session/end"));
}

async fn oidcc_rp_initiated_logout(db: Db) {
    let (world, service, mut browser, tokens) = ready(db).await;
    let more = [
        ("id_token_hint", tokens.id.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "kept"),
    ];
    let back = end(&world, &mut browser, &more).await;
    assert_eq!((back["to"].as_str(), back["state"].as_str()), (BYE, "kept"));
    // Really signed out: a silent sign-in fails.
    let silent = [("prompt", "none")];
    let back = browser.sign_in_to(&world, &service, &silent).await;
    assert_eq!(back["error"], "login_required");
}

async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(db: Db) {
    let (world, _, mut browser, tokens) = ready(db).await;
    let more = [
        ("id_token_hint", tokens.id.as_str()),
        ("post_logout_redirect_uri", "https://s.example/bye/other"),
        ("state", "x"),
    ];
    let page = end(&world, &mut browser, &more).await;
    assert!(
        page["page"].contains("Vous êtes déconnecté"),
        "told here, sent nowhere"
    );
}

async fn oidcc_rp_initiated_logout_modified_id_token_hint(db: Db) {
    let (world, _, mut browser, tokens) = ready(db).await;
    let parts: Vec<&str> = tokens.id.split('.').collect();
    let modified = format!("{}.{}.{}", parts[0], "eyJzdWIiOiJldmUifQ", parts[2]);
    let more = [
        ("id_token_hint", modified.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    is_asked(&world, &mut browser, &more).await;
}

async fn oidcc_rp_initiated_logout_no_id_token_hint(db: Db) {
    let (world, _, mut browser, _) = ready(db).await;
    let more = [("post_logout_redirect_uri", BYE), ("state", "x")];
    is_asked(&world, &mut browser, &more).await;
}

async fn oidcc_rp_initiated_logout_no_params(db: Db) {
    let (world, _, mut browser, _) = ready(db).await;
    is_asked(&world, &mut browser, &[]).await;
    let page = browser.get(&world, "/api/v2/session/end").await;
    let done = browser
        .submit(&world, &page, "/connect/sign-out", &[])
        .await;
    assert!(done.body.contains("Vous êtes déconnecté"));
    assert_eq!(browser.session(), None);
}

async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri(db: Db) {
    let (world, _, mut browser, tokens) = ready(db).await;
    let more = [("id_token_hint", tokens.id.as_str()), ("state", "x")];
    let page = end(&world, &mut browser, &more).await;
    assert!(page["page"].contains("Vous êtes déconnecté"));
    assert_eq!(browser.session(), None);
}

async fn oidcc_rp_initiated_logout_no_state(db: Db) {
    let (world, _, mut browser, tokens) = ready(db).await;
    let more = [
        ("id_token_hint", tokens.id.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    let back = end(&world, &mut browser, &more).await;
    assert_eq!((back["to"].as_str(), back.get("state")), (BYE, None));
}

async fn oidcc_rp_initiated_logout_only_state(db: Db) {
    let (world, _, mut browser, _) = ready(db).await;
    is_asked(&world, &mut browser, &[("state", "x")]).await;
}

async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(db: Db) {
    let (world, _, mut browser, tokens) = ready(db).await;
    let more = [
        ("id_token_hint", tokens.id.as_str()),
        ("post_logout_redirect_uri", "https://s.example/bye?foo=bar"),
        ("state", "x"),
    ];
    let page = end(&world, &mut browser, &more).await;
    assert!(page.contains_key("page"), "compared exactly: {page:?}");
}

async fn oidcc_rp_initiated_logout_bad_id_token_hint(db: Db) {
    let (world, _, mut browser, tokens) = ready(db).await;
    // The same claims, signed by somebody else.
    let claims = world.claims(&tokens.id).await;
    let forged = keyed::signed(&keyed::key(), &claims);
    let more = [
        ("id_token_hint", forged.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    is_asked(&world, &mut browser, &more).await;
}

async fn oidcc_backchannel_logout_discovery_endpoint_verification(db: Db) {
    let (world, ..) = ready(db).await;
    let known = world.read("/.well-known/openid-configuration", &[]).await;
    let known = known.json();
    assert_eq!(known["backchannel_logout_supported"], true);
    assert_eq!(known["backchannel_logout_session_supported"], true);
    assert_eq!(known["frontchannel_logout_supported"], false);
}

async fn oidcc_backchannel_rp_initiated_logout(db: Db) {
    let world = world(db).await;
    let mut listening = form();
    listening.backchannel_logout_uri = "https://s.example/logout".into();
    let mut elsewhere = listening.clone();
    elsewhere.redirect_uris = format!("{}\n", crate::world::CALLBACK);
    elsewhere.subject_type = "public".into();
    let (service, other) = (
        world.service(&listening).await,
        world.service(&elsewhere).await,
    );
    let mut browser = Browser::default();
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    let others = world.tokens(&mut browser, &other, &[]).await;
    let more = [
        ("id_token_hint", tokens.id.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "kept"),
    ];
    let back = end(&world, &mut browser, &more).await;
    assert_eq!((back["to"].as_str(), back["state"].as_str()), (BYE, "kept"));
    let ends = Arc::new(SessionEnds(world.identity.clone()));
    Subscribers::new(world.db.clone(), vec![ends])
        .run_once()
        .await
        .unwrap();
    // Beside the mail about a new device.
    let mut jobs = world.jobs.newest(None, 10).await.unwrap();
    jobs.retain(|job| job.kind == identity::LOGOUT_JOB);
    assert_eq!(jobs.len(), 2, "each service of the session is told, once");
    let mut told = Vec::new();
    for job in jobs {
        let notice = serde_json::from_value(job.payload.clone()).unwrap();
        let (_, token) = world.identity.logout_token(&notice).await.unwrap().unwrap();
        told.push(world.claims(&token).await);
    }
    for (service, tokens) in [(&service, &tokens), (&other, &others)] {
        let id = world.claims(&tokens.id).await;
        let name = service.new.client_id.as_str();
        let token = told
            .iter()
            .find(|one| one.audiences().unwrap() == [name])
            .unwrap();
        // OpenID Connect Back-Channel Logout, sections 2.4 and 2.6.
        assert_eq!(token.text("iss"), Some(ISSUER));
        assert_eq!(
            token.text("sub"),
            id.text("sub"),
            "by the name that this service knows"
        );
        assert_eq!(token.text("sid"), id.text("sid"));
        assert!(token.get("nonce").is_none() && token.text("jti").is_some());
        assert!(token.instant("exp").unwrap().is_some());
        let events = token.get("events").unwrap().as_object().unwrap();
        assert!(events["http://schemas.openid.net/event/backchannel-logout"].is_object());
    }
}
