//! What those who run the platform do with services, keys and figures.

use http::StatusCode;
use identity::domain::ClientForm;
use jiff::SignedDuration;
use kit_db::Db;

use crate::world::{Browser, Service, Tokens, World, form, migrations, process, root, world};

kit_db::on_both_databases!(migrations() =>
    a_suspended_service_is_shut_at_once, a_secret_is_replaced_without_interruption, keys_are_renewed_with_overlap, figures_are_told_to_the_journal_once, house_keeping_forgets_what_has_ended, two_processes_share_sessions_and_keys, two_processes_make_one_first_key, statements_prepare,
);

async fn a_suspended_service_is_shut_at_once(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    world
        .identity
        .suspend(&root(), service.new.id, true)
        .await
        .unwrap();
    assert_eq!(
        world.userinfo(&tokens.access).await.status,
        StatusCode::UNAUTHORIZED
    );
    let refused = service
        .refresh(&world, tokens.refresh.as_deref().unwrap())
        .await;
    assert_eq!(refused.error(), "invalid_client");
    let page = browser.sign_in_to(&world, &service, &[]).await;
    assert_eq!(page["status"], "400");
    assert!(page["page"].contains("unauthorized_client"));
    world
        .identity
        .suspend(&root(), service.new.id, false)
        .await
        .unwrap();
    assert_eq!(world.userinfo(&tokens.access).await.status, StatusCode::OK);
}

async fn a_secret_is_replaced_without_interruption(db: Db) {
    let world = world(db).await;
    let mut itself = form();
    itself.acts_for_itself = true;
    let mut service = world.service(&itself).await;
    let credentials = [("grant_type", "client_credentials"), ("scope", "email")];
    let works = async |world: &World, service: &Service| {
        service
            .call(world, "/api/v2/token", &credentials)
            .await
            .status
            == StatusCode::OK
    };
    assert!(works(&world, &service).await);
    let id = service.new.id;
    let newer = world
        .identity
        .replace_secret(&root(), id, false)
        .await
        .unwrap();
    assert!(works(&world, &service).await, "the former one still works");
    let former = service.new.secret.replace(newer);
    assert!(works(&world, &service).await);
    world.clock.advance(SignedDuration::from_hours(73));
    assert!(works(&world, &service).await);
    let newer = service.new.secret.replace(former.unwrap());
    assert!(!works(&world, &service).await, "the former one has ended");
    service.new.secret = newer;
    world
        .identity
        .replace_secret(&root(), id, true)
        .await
        .unwrap();
    assert!(!works(&world, &service).await, "at once");
}

async fn keys_are_renewed_with_overlap(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let old = world.tokens(&mut browser, &service, &[]).await.id;
    let kids = async |world: &World| {
        let keys = world.read("/api/v2/jwks", &[]).await.json();
        assert!(!keys.to_string().contains("\"d\""), "no private half");
        keys["keys"].as_array().unwrap().len()
    };
    assert_eq!(kids(&world).await, 1);
    world.identity.rotate_keys(&root()).await.unwrap();
    assert_eq!(kids(&world).await, 2, "shown before it signs");
    let header = |token: &str| token.split('.').next().unwrap().to_owned();
    let still = world.tokens(&mut browser, &service, &[]).await.id;
    assert_eq!(header(&still), header(&old));
    world.clock.advance(SignedDuration::from_mins(61));
    let new = world.tokens(&mut browser, &service, &[]).await.id;
    assert_ne!(header(&new), header(&old));
    world.claims(&still).await;
    world.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(kids(&world).await, 1, "the former one is gone");
    world.clock.advance(SignedDuration::from_hours(24 * 91));
    world.identity.keep_house().await.unwrap();
    assert_eq!(kids(&world).await, 2, "renewed by itself");
}

async fn figures_are_told_to_the_journal_once(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    for _ in 0..3 {
        world.tokens(&mut browser, &service, &[]).await;
    }
    let told = async |world: &World| {
        let filter = kit_journal::Filter {
            action: Some("identity.usage.count".into()),
            ..kit_journal::Filter::default()
        };
        kit_journal::Journal::browse(&world.db, &filter, None, 10)
            .await
            .unwrap()
    };
    world.identity.keep_house().await.unwrap();
    assert_eq!(told(&world).await.len(), 0, "the hour isn't over");
    // An hour's counts are final five minutes after it.
    world.clock.advance(SignedDuration::from_mins(65));
    for _ in 0..2 {
        world.identity.keep_house().await.unwrap();
        let entries = told(&world).await;
        assert_eq!(entries.len(), 1);
        let after = entries[0].after.as_ref().unwrap();
        assert_eq!(
            (after["number"].as_i64(), after["outcome"].as_str()),
            (Some(3), Some("sign-in"))
        );
        assert!(
            !after.to_string().contains(&world.ada.to_string()),
            "nobody in it"
        );
    }
    // What happened just before a pause of the program isn't lost, however long the pause was.
    world.tokens(&mut browser, &service, &[]).await;
    world.clock.advance(SignedDuration::from_hours(24 * 20));
    for _ in 0..2 {
        world.identity.keep_house().await.unwrap();
        assert_eq!(told(&world).await.len(), 2);
    }
}

async fn house_keeping_forgets_what_has_ended(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    world.tokens(&mut browser, &service, &[]).await;
    let count = async |world: &World, table: &str| -> i64 {
        let sql = format!("SELECT COUNT(*) AS n FROM {table}");
        kit_db::Statement::composed("test.count", sql)
            .query()
            .one(&world.db, |row| row.get("n"))
            .await
            .unwrap()
    };
    assert_eq!(count(&world, "oidc_token").await, 2, "access and refresh");
    world.clock.advance(SignedDuration::from_hours(24 * 32));
    world.identity.keep_house().await.unwrap();
    assert_eq!(count(&world, "oidc_token").await, 0);
    assert_eq!(
        count(&world, "oidc_authorization").await,
        1,
        "the person's history stays"
    );
    world.clock.advance(SignedDuration::from_hours(24 * 366));
    world.identity.keep_house().await.unwrap();
    assert_eq!(count(&world, "oidc_authorization").await, 0);
}

async fn two_processes_share_sessions_and_keys(db: Db) {
    let world = world(db).await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let code = world.code(&mut browser, &service, &[]).await;
    let (app, directory, identity, jobs) = process(&world.db, &world.clock, 2);
    let second = World {
        db: world.db.clone(),
        app,
        clock: world.clock.clone(),
        directory,
        identity,
        jobs,
        ada: world.ada,
    };
    let tokens = Tokens::of(&service.exchange(&second, &code, &[]).await);
    assert_eq!(world.userinfo(&tokens.access).await.status, StatusCode::OK);
    // A token of either is verified by the keys of the other, also after a change of keys.
    world.claims(&tokens.id).await;
    second.identity.rotate_keys(&root()).await.unwrap();
    world.clock.advance(SignedDuration::from_mins(70));
    let tokens = world.tokens(&mut browser, &service, &[]).await;
    second.claims(&tokens.id).await;
}

async fn two_processes_make_one_first_key(db: Db) {
    let world = world(db).await;
    let (_, _, other, _) = process(&world.db, &world.clock, 2);
    let form = ClientForm {
        id_token_algorithm: "EdDSA".into(),
        ..form()
    };
    let actor = root();
    let (one, two) = tokio::join!(
        world.identity.register(&actor, &form),
        other.register(&actor, &form)
    );
    one.unwrap();
    two.unwrap();
    let shown = world.read("/api/v2/jwks", &[]).await.json();
    let keys = shown["keys"].as_array().unwrap();
    let made = keys.iter().filter(|key| key["alg"] == "EdDSA").count();
    assert_eq!(made, 1);
}

async fn statements_prepare(db: Db) {
    for statement in identity::statements() {
        db.prepare(&statement).await.unwrap();
    }
}
