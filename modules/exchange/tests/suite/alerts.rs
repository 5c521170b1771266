//! Alerts: who sees what fired, and what people do about it.

use exchange::domain::Handled;
use exchange::{AlertFilter, AlertSide, ExchangeError, RuleFilter};
use jiff::Timestamp;
use kit_db::Db;
use kit_time::Clock as _;
use ports::exchange::Trace;
use uuid::Uuid;

use crate::rules::{call, form, of, ruled};
use crate::world::{TOWN_SIRET, migrations};

kit_db::on_both_databases!(migrations() =>
    a_flow_stopped_by_a_rule_is_resumed, a_requester_sees_why_its_flow_was_stopped,
    people_see_and_handle_alerts_on_pages, a_rule_of_another_producer_is_neither_seen_nor_edited,
);

async fn a_flow_stopped_by_a_rule_is_resumed(db: Db) {
    let ruled = ruled(db).await;
    let exchange = &ruled.world.exchange;
    let producer = &ruled.world.producer;
    ruled
        .rule(&form(ruled.api.api, "volume", "5", "suspend"))
        .await;
    ruled.called("one", 0, 0..10).await;
    assert_eq!(ruled.watch().await, 1);
    let id = ruled.alerts().await[0].id;
    // Without a reason, by a stranger, and by who decides but doesn't give the data.
    let handle = async |actor, how, note| exchange.handle_alert(actor, id, how, note).await;
    assert!(matches!(
        handle(producer, Handled::Resumed, " ").await,
        Err(ExchangeError::Mistakes(_))
    ));
    let long = "x".repeat(1_001);
    assert!(matches!(
        handle(producer, Handled::Closed, &long).await,
        Err(ExchangeError::Mistakes(_))
    ));
    for actor in [&ruled.world.requester, &ruled.world.instructor] {
        assert!(matches!(
            handle(actor, Handled::Resumed, "Réglé.").await,
            Err(ExchangeError::Denied(_))
        ));
    }
    assert_eq!(ruled.stops().await, 1);
    handle(producer, Handled::Resumed, "Réglé avec la commune.")
        .await
        .unwrap();
    assert_eq!(ruled.stops().await, 0);
    assert!(matches!(
        handle(producer, Handled::Closed, "Encore.").await,
        Err(ExchangeError::Stale)
    ));
    // More calls of the hour that fired stop nothing again.
    ruled.called("one", 10, 20..30).await;
    assert_eq!((ruled.watch().await, ruled.stops().await), (0, 0));
    let handled = ruled.alerts().await[0].handled.clone().unwrap();
    assert_eq!(
        (handled.0, handled.3.as_str()),
        (Handled::Resumed, "Réglé avec la commune.")
    );
    let (done, resumed) = ("exchange.alert.handle", "exchange.flow.resume");
    assert_eq!(
        (ruled.journal(done).await, ruled.journal(resumed).await),
        (1, 1)
    );
}

async fn a_requester_sees_why_its_flow_was_stopped(db: Db) {
    let ruled = ruled(db).await;
    ruled
        .rule(&form(ruled.api.api, "volume", "5", "suspend"))
        .await;
    ruled.called("one", 0, 0..10).await;
    assert_eq!(ruled.watch().await, 1);
    let id = ruled.alerts().await[0].id;
    let cookies = ruled.world.signed_in("rosa.req@x.example").await;
    let list = ruled.world.get("/exchange/alerts", &cookies).await;
    assert_eq!(list.status, 200);
    assert!(list.body.contains(&id.to_string()));
    let page = ruled
        .world
        .get(&format!("/exchange/alerts/{id}"), &cookies)
        .await;
    assert_eq!(page.status, 200);
    for shown in [
        "Surveillance de nuit",
        "10 appels",
        "pour une limite de 5",
        "Arrêté",
        "side=requester",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    // It decides nothing.
    assert!(!page.body.contains("Enregistrer la décision"));
    let path = format!("/exchange/alerts/{id}");
    let sent = [("how", "closed"), ("reason", "Vu.")];
    assert_eq!(ruled.world.post(&path, &cookies, &sent).await.status, 403);
    // Another requester's side isn't its own.
    let tax = format!(
        "/exchange/alerts?side=requester:{}",
        crate::world::TAX_SIRET
    );
    assert_eq!(ruled.world.get(&tax, &cookies).await.status, 403);
}

async fn people_see_and_handle_alerts_on_pages(db: Db) {
    let ruled = ruled(db).await;
    ruled
        .rule(&form(ruled.api.api, "volume", "5", "suspend"))
        .await;
    ruled.called("one", 0, 0..10).await;
    assert_eq!(ruled.watch().await, 1);
    let id = ruled.alerts().await[0].id;
    let world = &ruled.world;
    let cookies = world.signed_in("paul.prod@x.example").await;
    let list = format!(
        "/exchange/alerts?state=open&api={}&requester={TOWN_SIRET}",
        ruled.api.api
    );
    let page = world.get(&list, &cookies).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains(&id.to_string()));
    let none = world.get("/exchange/alerts?state=handled", &cookies).await;
    assert!(!none.body.contains(&id.to_string()));
    for wrong in ["?side=zz", "?state=zz", "?api=zz", "?requester=12"] {
        let path = format!("/exchange/alerts{wrong}");
        assert_eq!(world.get(&path, &cookies).await.status, 422, "{path}");
    }
    let path = format!("/exchange/alerts/{id}");
    let page = world.get(&path, &cookies).await;
    for shown in [
        "side=producer",
        "Maintenir l’arrêt",
        "Rétablir le flux",
        "id=\"hours\"",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    assert!(!page.body.contains('⟦'));
    let nothing = world.post(&path, &cookies, &[("how", "")]).await;
    assert_eq!(nothing.status, 422);
    let unexplained = [("how", "resumed"), ("reason", "")];
    assert_eq!(world.post(&path, &cookies, &unexplained).await.status, 422);
    assert_eq!(
        world.post(&path, &cookies, &[("how", "kept")]).await.status,
        303
    );
    assert_eq!(ruled.stops().await, 1);
    let page = world.get(&path, &cookies).await;
    assert!(page.body.contains("Arrêt maintenu"));
    let list = world.get("/exchange/rules", &cookies).await;
    assert!(list.body.contains("Surveillance de nuit"));
    // The directorate sees those of all.
    let cookies = world.signed_in("ines.inst@x.example").await;
    let all = world.get("/exchange/alerts", &cookies).await;
    assert!(all.body.contains(&id.to_string()));
    assert_eq!(world.get("/exchange/rules", &cookies).await.status, 200);
    assert_eq!(world.get(&path, &cookies).await.status, 200);
    let now = world.clock.now();
    assert!(ruled.alerts().await[0].fired_at <= now);
}

async fn a_rule_of_another_producer_is_neither_seen_nor_edited(db: Db) {
    let ruled = ruled(db).await;
    let exchange = &ruled.world.exchange;
    let revenu = {
        // The tax office's API is the second of the accreditation.
        let apis = exchange
            .apis(&exchange::ApiFilter::default(), ("", Uuid::nil()), 10)
            .await
            .unwrap();
        let of = |name: &str| {
            let found = apis.iter().find(|(api, _)| api.profile.name == name);
            found.unwrap().0.id
        };
        of("impots/revenu")
    };
    let theirs = form(revenu, "volume", "5", "alert");
    let id = exchange
        .add_rule(&ruled.world.instructor, &theirs)
        .await
        .unwrap();
    let producer = &ruled.world.producer;
    let denied = |result: Result<(), ExchangeError>| {
        assert!(matches!(result, Err(ExchangeError::Denied(_))));
    };
    denied(exchange.add_rule(producer, &theirs).await.map(drop));
    denied(exchange.rule(producer, id).await.map(drop));
    denied(exchange.change_rule(producer, id, 1, &theirs).await);
    denied(exchange.switch_rule(producer, id, 1, true).await);
    denied(exchange.try_rule(producer, id).await.map(drop));
    let first = (Timestamp::MAX, Uuid::max());
    denied(
        exchange
            .rules(producer, &of(ruled.world.tax), first, 10)
            .await
            .map(drop),
    );
    denied(
        exchange
            .rules(producer, &RuleFilter::default(), first, 10)
            .await
            .map(drop),
    );
    let side = AlertSide::Producer(ruled.world.tax);
    let filter = AlertFilter::default();
    denied(
        exchange
            .alerts(producer, &side, &filter, first, 10)
            .await
            .map(drop),
    );
    denied(
        exchange
            .alerts(producer, &AlertSide::All, &filter, first, 10)
            .await
            .map(drop),
    );
    // A requester keeps no rules at all.
    let own = form(ruled.api.api, "volume", "5", "alert");
    denied(
        exchange
            .add_rule(&ruled.world.requester, &own)
            .await
            .map(drop),
    );
    // Its alert isn't theirs either.
    exchange
        .switch_rule(&ruled.world.instructor, id, 1, true)
        .await
        .unwrap();
    let mut calls: Vec<Trace> = (0..6)
        .map(|at| call(&ruled.world, &ruled.api, ruled.accreditation, at))
        .collect();
    for one in &mut calls {
        one.api = revenu;
        one.producer = ruled.world.tax;
    }
    ruled.kept("one", 0, &calls).await;
    assert_eq!(ruled.watch().await, 1);
    let all = exchange
        .alerts(&ruled.world.instructor, &AlertSide::All, &filter, first, 10)
        .await
        .unwrap();
    denied(exchange.alert(producer, all[0].id).await.map(drop));
    denied(
        exchange
            .handle_alert(producer, all[0].id, Handled::Closed, "Vu.")
            .await,
    );
    let cookies = ruled.world.signed_in("paul.prod@x.example").await;
    for path in [
        format!("/exchange/rules/{id}"),
        format!("/exchange/alerts/{}", all[0].id),
        format!("/exchange/rules?producer={}", ruled.world.tax),
        format!("/exchange/alerts?side=producer:{}", ruled.world.tax),
        "/exchange/alerts?side=all".to_owned(),
    ] {
        assert_eq!(ruled.world.get(&path, &cookies).await.status, 403, "{path}");
    }
    let page = ruled.world.get("/exchange/rules/new", &cookies).await;
    assert!(!page.body.contains(&revenu.to_string()));
}
