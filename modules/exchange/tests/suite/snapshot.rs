//! What gateways know.

use exchange::ExchangeSettings;
use exchange::domain::Act;
use kit_db::Db;
use ports::exchange::{Parameter, UpstreamProof};

use crate::world::{api_form, migrations, root, world};

kit_db::on_both_databases!(migrations() =>
    it_tells_routes_and_grants, its_number_grows_with_each_change_that_matters,
    its_number_stays_where_nothing_matters, an_aborted_change_keeps_the_number,
    keys_of_the_issuer_are_in_it, many_at_once_lose_no_number,
);

async fn it_tells_routes_and_grants(db: Db) {
    let world = world(db).await;
    let (_, quotient, _) = world.accredited().await;
    let snapshot = world.exchange.snapshot().await.unwrap();
    assert_eq!(snapshot.environment, "production");
    assert_eq!(snapshot.issuer, "https://g.example");
    assert_eq!(
        snapshot.audience,
        ExchangeSettings::of("https://g.example/").audience
    );
    let route = snapshot
        .apis
        .iter()
        .find(|api| api.id == quotient.api)
        .unwrap();
    assert_eq!(route.prefix, "cnp/quotient");
    assert_eq!(route.producer.siret, crate::world::FUND_SIRET);
    assert_eq!(route.upstreams, ["https://api.fund.example"]);
    assert_eq!(
        (route.timeout_ms, route.health_path.as_deref()),
        (5_000, None)
    );
    assert!(route.proof == UpstreamProof::MutualTls);
    assert_eq!(route.pseudonym_key.len(), 64);
    let [operation] = route.operations.as_slice() else {
        panic!("one operation")
    };
    assert_eq!(operation.id, quotient.operation);
    assert_eq!(
        (operation.method.as_str(), operation.path.as_str()),
        ("GET", "/v1/foyers/{numero}")
    );
    assert_eq!(operation.subject, [Parameter::Path("numero".into())]);
    assert_eq!(operation.pieces_saved, 2);
    let scopes: Vec<_> = operation
        .scopes
        .iter()
        .map(|one| (one.scope.as_str(), one.fields.as_slice()))
        .collect();
    assert_eq!(
        scopes,
        [
            ("cnp_enfants", &["enfants.*.prenom".to_owned()][..]),
            ("cnp_quotient", &["quotient".to_owned()][..])
        ]
    );
    let grant = &snapshot.accreditations[0];
    assert_eq!(grant.purposes, ["cantine"]);
    assert_eq!(grant.legal_basis, "CRPA, article L114-8");
    assert_eq!(grant.recipients, [crate::world::TOWN_SIRET]);
    // Pseudonyms of two producers can't be compared.
    assert_ne!(
        snapshot.apis[0].pseudonym_key,
        snapshot.apis[1].pseudonym_key
    );
    // It can be handed on and read again.
    let text = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(
        serde_json::from_str::<ports::exchange::Snapshot>(&text).unwrap(),
        snapshot
    );
}

async fn its_number_grows_with_each_change_that_matters(db: Db) {
    let world = world(db).await;
    let (id, quotient, _) = world.accredited().await;
    let exchange = &world.exchange;
    let mut last = exchange.snapshot().await.unwrap().number;
    let mut grew = async |what: &str| {
        let number = exchange.snapshot_number().await.unwrap();
        assert!(number > last, "{what}");
        last = number;
    };
    let whole = exchange
        .change_api(&root(), quotient.api, 3, &api_form("Autre nom"))
        .await;
    whole.unwrap();
    grew("an API").await;
    let operation = quotient.operation;
    exchange
        .change_operation(&root(), operation, &["path:numero".into()], 5)
        .await
        .unwrap();
    grew("an operation").await;
    let client = world.client(Some(world.town)).await;
    exchange
        .name_client(&world.requester, id, &client)
        .await
        .unwrap();
    grew("a client").await;
    world
        .act(&world.instructor, id, Act::Suspend, "Vérification.")
        .await;
    grew("a suspension").await;
    world.act(&world.instructor, id, Act::Resume, "").await;
    grew("a resumption").await;
}

async fn its_number_stays_where_nothing_matters(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let number = world.exchange.snapshot().await.unwrap().number;
    world
        .exchange
        .say(&world.requester, id, "Merci.")
        .await
        .unwrap();
    world
        .exchange
        .copy_request(&world.requester, id)
        .await
        .unwrap();
    world
        .exchange
        .assign(&world.instructor, id, None)
        .await
        .unwrap();
    world.exchange.keep_house().await.unwrap();
    let again = world.exchange.snapshot().await.unwrap();
    assert_eq!(again.number, number);
}

async fn an_aborted_change_keeps_the_number(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let number = world.exchange.snapshot().await.unwrap().number;
    let head = kit_journal::Journal::head(&world.db).await.unwrap();
    let stale = world
        .exchange
        .act(
            &world.instructor,
            id,
            1,
            Act::Suspend,
            &exchange::Details {
                reason: "Trop tard.".into(),
                ..exchange::Details::default()
            },
        )
        .await;
    assert!(matches!(stale, Err(exchange::ExchangeError::Stale)));
    assert_eq!(world.exchange.snapshot_number().await.unwrap(), number);
    assert_eq!(kit_journal::Journal::head(&world.db).await.unwrap(), head);
}

async fn keys_of_the_issuer_are_in_it(db: Db) {
    let world = world(db).await;
    let snapshot = world.exchange.snapshot().await.unwrap();
    let keys = snapshot.keys["keys"].as_array().unwrap().clone();
    assert!(!keys.is_empty() && keys.iter().all(|key| key.get("d").is_none()));
    // The first one was told; asking again tells nothing new.
    let number = world.exchange.snapshot_number().await.unwrap();
    world.exchange.refresh_keys().await.unwrap();
    assert_eq!(world.exchange.snapshot_number().await.unwrap(), number);
}

async fn many_at_once_lose_no_number(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let number = world.exchange.snapshot().await.unwrap().number;
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(world.client(Some(world.town)).await);
    }
    let mut all = tokio::task::JoinSet::new();
    for client in clients {
        let (exchange, actor) = (world.exchange.clone(), world.requester.clone());
        all.spawn(async move { exchange.name_client(&actor, id, &client).await });
    }
    while let Some(done) = all.join_next().await {
        done.unwrap().unwrap();
    }
    let after = world.exchange.snapshot().await.unwrap();
    assert_eq!(after.number, number + 8);
    assert_eq!(after.accreditations[0].clients.len(), 8);
}
