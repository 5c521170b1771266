//! Stopping a flow and letting it go on.

use exchange::ExchangeError;
use exchange::domain::StopForm;
use kit_access::Actor;
use kit_db::Db;
use ports::exchange::StopTarget;
use uuid::Uuid;

use crate::world::{TOWN_SIRET, World, migrations, world};

kit_db::on_both_databases!(migrations() =>
    a_producer_stops_and_resumes_alone, each_kind_of_flow_is_stopped, the_directorate_stops_for_all,
    a_producer_stops_its_own_data_alone,
);

fn form(producer: Option<Uuid>, kind: &str, target: impl ToString) -> StopForm {
    StopForm {
        producer: producer.map(|id| id.to_string()).unwrap_or_default(),
        kind: kind.into(),
        target: target.to_string(),
        api: String::new(),
        reason: "Volume anormal cette nuit.".into(),
    }
}

async fn stop(world: &World, actor: &Actor, form: &StopForm) -> Uuid {
    world.exchange.stop(actor, form).await.unwrap()
}

async fn a_producer_stops_and_resumes_alone(db: Db) {
    let world = world(db.clone()).await;
    let (_, quotient, _) = world.accredited().await;
    let number = world.exchange.snapshot_number().await.unwrap();
    let before = world.mails().await;
    let id = stop(
        &world,
        &world.producer,
        &form(Some(world.fund), "api", quotient.api),
    )
    .await;
    let snapshot = world.exchange.snapshot().await.unwrap();
    assert!(snapshot.number > number);
    let [stopped] = snapshot.stops.as_slice() else {
        panic!("one stop")
    };
    assert_eq!((stopped.id, stopped.producer), (id, Some(world.fund)));
    assert_eq!(stopped.target, StopTarget::Api(quotient.api));
    // Requesters and directorate are told.
    let mails = world.mails().await;
    let to = |mails: &[(String, String)], address: &str| {
        mails.iter().filter(|(to, _)| to == address).count()
    };
    for address in [
        "rosa.req@x.example",
        "contact1@town.example",
        "ines.inst@x.example",
    ] {
        assert_eq!(to(&mails, address), to(&before, address) + 1, "{address}");
    }
    let again = world
        .exchange
        .stop(
            &world.producer,
            &form(Some(world.fund), "api", quotient.api),
        )
        .await;
    assert!(matches!(again, Err(ExchangeError::Mistakes(_))));
    let unexplained = world.exchange.resume(&world.producer, id, " ").await;
    assert!(matches!(unexplained, Err(ExchangeError::Mistakes(_))));
    world
        .exchange
        .resume(&world.producer, id, "C’était un test.")
        .await
        .unwrap();
    assert!(world.exchange.snapshot().await.unwrap().stops.is_empty());
    let twice = world.exchange.resume(&world.producer, id, "Encore.").await;
    assert!(matches!(twice, Err(ExchangeError::Stale)));
    let cookies = world.signed_in("paul.prod@x.example").await;
    let page = world.get("/exchange/stops", &cookies).await;
    for shown in ["Volume anormal", "C’était un test.", "Paul Prod"] {
        assert!(page.body.contains(shown), "{shown}");
    }
    let journal = kit_journal::Journal::after(&db, 0, 1_000).await.unwrap();
    let of = |action: &str| {
        journal
            .iter()
            .filter(|entry| entry.action == action)
            .count()
    };
    assert_eq!(
        (of("exchange.flow.stop"), of("exchange.flow.resume")),
        (1, 1)
    );
}

async fn each_kind_of_flow_is_stopped(db: Db) {
    let world = world(db).await;
    let (id, quotient, _) = world.accredited().await;
    let fund = Some(world.fund);
    for (kind, target) in [
        ("api", quotient.api.to_string()),
        ("operation", quotient.operation.to_string()),
        ("requester", TOWN_SIRET.to_owned()),
        ("accreditation", id.to_string()),
        ("purpose", "cantine".to_owned()),
    ] {
        stop(&world, &world.producer, &form(fund, kind, target)).await;
    }
    let snapshot = world.exchange.snapshot().await.unwrap();
    let targets: Vec<_> = snapshot.stops.into_iter().map(|stop| stop.target).collect();
    for target in [
        StopTarget::Api(quotient.api),
        StopTarget::Operation(quotient.operation),
        StopTarget::Requester(TOWN_SIRET.into()),
        StopTarget::Accreditation(id),
        StopTarget::Purpose("cantine".into()),
    ] {
        assert!(targets.contains(&target), "{target:?}");
    }
}

async fn the_directorate_stops_for_all(db: Db) {
    let world = world(db).await;
    world.accredited().await;
    let for_all = form(None, "purpose", "cantine");
    let denied = world.exchange.stop(&world.producer, &for_all).await;
    assert!(matches!(denied, Err(ExchangeError::Denied(_))));
    let id = stop(&world, &world.instructor, &for_all).await;
    assert_eq!(
        world.exchange.snapshot().await.unwrap().stops[0].producer,
        None
    );
    // A producer doesn't lift it.
    let denied = world.exchange.resume(&world.producer, id, "Non.").await;
    assert!(matches!(denied, Err(ExchangeError::Denied(_))));
    world
        .exchange
        .resume(&world.instructor, id, "Réglé.")
        .await
        .unwrap();
}

async fn a_producer_stops_its_own_data_alone(db: Db) {
    let world = world(db).await;
    let (_, _, revenu) = world.accredited().await;
    // In its own name, somebody else's API; then in the other's name.
    let foreign = world
        .exchange
        .stop(&world.producer, &form(Some(world.fund), "api", revenu.api))
        .await;
    assert!(matches!(foreign, Err(ExchangeError::Mistakes(_))));
    let as_other = world
        .exchange
        .stop(&world.producer, &form(Some(world.tax), "api", revenu.api))
        .await;
    assert!(matches!(as_other, Err(ExchangeError::Denied(_))));
    for actor in [&world.requester, &world.instructor] {
        let denied = world
            .exchange
            .stop(actor, &form(Some(world.tax), "api", revenu.api))
            .await;
        assert!(matches!(denied, Err(ExchangeError::Denied(_))));
    }
    assert!(world.exchange.snapshot().await.unwrap().stops.is_empty());
}
