//! Clients and keys.

use exchange::domain::Act;
use exchange::{ExchangeError, KeyShown, NewRequest};
use kit_db::Db;
use ports::exchange::Accreditations as _;
use sha2::{Digest as _, Sha256};

use crate::world::{migrations, request, world};

kit_db::on_both_databases!(migrations() =>
    a_client_gets_what_its_accreditation_grants, a_client_of_several_names_one,
    a_suspension_ends_tokens, keys_are_shown_once_and_revoked_at_once,
    keys_only_where_the_version_allows_them,
);

async fn a_client_gets_what_its_accreditation_grants(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let port = world.exchange.accreditations_port();
    assert_eq!(port.audience(), "https://g.example/exchange");
    let client = world.client(Some(world.town)).await;
    assert_eq!(port.of_client(&client, None).await.unwrap(), None);
    world
        .exchange
        .name_client(&world.requester, id, &client)
        .await
        .unwrap();
    let grant = port.of_client(&client, None).await.unwrap().unwrap();
    assert_eq!((grant.accreditation, grant.version), (id, 1));
    assert_eq!(grant.scopes, ["cnp_quotient", "impots_revenu"]);
    assert_eq!(grant.requester, crate::world::TOWN_SIRET);
    let snapshot = world.exchange.snapshot().await.unwrap();
    assert_eq!(
        snapshot.accreditations[0].clients,
        std::slice::from_ref(&client)
    );
    world
        .exchange
        .remove_client(&world.requester, id, &client)
        .await
        .unwrap();
    assert_eq!(port.of_client(&client, None).await.unwrap(), None);
    assert_eq!(port.of_client(&client, Some(id)).await.unwrap(), None);
}

async fn a_client_of_several_names_one(db: Db) {
    let world = world(db).await;
    let (first, quotient, _) = world.accredited().await;
    let second = world
        .submitted(request(&[quotient.api], &["cnp_enfants"]))
        .await;
    world.approve(second).await;
    let client = world.client(Some(world.town)).await;
    for id in [first, second] {
        world
            .exchange
            .name_client(&world.requester, id, &client)
            .await
            .unwrap();
    }
    let port = world.exchange.accreditations_port();
    assert_eq!(port.of_client(&client, None).await.unwrap(), None);
    let named = port
        .of_client(&client, Some(second))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(named.scopes, ["cnp_enfants"]);
}

async fn a_suspension_ends_tokens(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let client = world.client(Some(world.town)).await;
    world
        .exchange
        .name_client(&world.requester, id, &client)
        .await
        .unwrap();
    let port = world.exchange.accreditations_port();
    world
        .act(&world.instructor, id, Act::Suspend, "Vérification.")
        .await;
    assert_eq!(port.of_client(&client, None).await.unwrap(), None);
    assert!(
        world
            .exchange
            .snapshot()
            .await
            .unwrap()
            .accreditations
            .is_empty()
    );
    world.act(&world.instructor, id, Act::Resume, "").await;
    assert!(port.of_client(&client, None).await.unwrap().is_some());
}

async fn keys_are_shown_once_and_revoked_at_once(db: Db) {
    let world = world(db.clone()).await;
    let (quotient, _) = world.two_apis().await;
    let mut form = request(&[quotient.api], &["cnp_quotient"]);
    form.wants_keys = true;
    form.keys_reason = "Le logiciel de paie ne sait pas demander de jeton.".into();
    let id = world.submitted(form).await;
    world.approve(id).await;
    let KeyShown(key) = world
        .exchange
        .make_key(&world.requester, id, "Paie")
        .await
        .unwrap();
    assert!(key.starts_with("gvx_") && key.len() == 4 + 64);
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let told = hash.map(|byte| format!("{byte:02x}")).concat();
    let hashes = async || {
        let snapshot = world.exchange.snapshot().await.unwrap();
        snapshot.accreditations[0].key_hashes.clone()
    };
    assert_eq!(hashes().await, [told]);
    let cookies = world.signed_in("rosa.req@x.example").await;
    let page = world
        .get(&format!("/exchange/requests/{id}"), &cookies)
        .await;
    assert!(page.body.contains("Paie") && !page.body.contains(&key));
    let journal = kit_journal::Journal::after(&db, 0, 1_000).await.unwrap();
    let journal = format!("{journal:?}");
    assert!(!journal.contains(&key), "no secret enters the journal");
    let stored = kit_db::Statement::new("test.key", "SELECT id FROM exchange_key");
    let key: uuid::Uuid = stored.query().one(&db, |row| row.get("id")).await.unwrap();
    let number = world.exchange.snapshot_number().await.unwrap();
    world
        .exchange
        .revoke_key(&world.requester, id, key)
        .await
        .unwrap();
    assert!(hashes().await.is_empty());
    assert!(world.exchange.snapshot_number().await.unwrap() > number);
    let again = world.exchange.revoke_key(&world.requester, id, key).await;
    assert!(matches!(again, Err(ExchangeError::NotFound)));
}

async fn keys_only_where_the_version_allows_them(db: Db) {
    let world = world(db).await;
    // Allowed by the instructor, but never asked for.
    let (id, _, _) = world.accredited().await;
    let refused = world.exchange.make_key(&world.requester, id, "Paie").await;
    assert!(matches!(refused, Err(ExchangeError::Mistakes(_))));
    let new = NewRequest {
        requester: world.town,
        api: None,
    };
    let draft = world
        .exchange
        .begin_request(&world.requester, new)
        .await
        .unwrap();
    let refused = world
        .exchange
        .make_key(&world.requester, draft, "Paie")
        .await;
    assert!(matches!(refused, Err(ExchangeError::Mistakes(_))));
}
