//! How far a rule reaches: one API or all of a producer's, and which rules there are of an API.

use exchange::RuleFilter;
use jiff::Timestamp;
use kit_db::Db;
use ports::exchange::StopTarget;
use uuid::Uuid;

use crate::rules::{form, of, ruled};
use crate::world::migrations;

kit_db::on_both_databases!(migrations() =>
    a_rule_stops_one_api_alone, rules_are_listed_by_api_and_by_whether_they_act,
);

async fn a_rule_stops_one_api_alone(db: Db) {
    let ruled = ruled(db).await;
    let one = form(ruled.api.api, "volume", "5", "suspend-api");
    ruled.rule(&one).await;
    ruled.called("one", 0, 0..6).await;
    assert_eq!(ruled.watch().await, 1);
    let snapshot = ruled.world.exchange.snapshot().await.unwrap();
    let [stop] = snapshot.stops.as_slice() else {
        panic!("one stop")
    };
    assert_eq!(stop.target, StopTarget::Accreditation(ruled.accreditation));
    assert_eq!(
        (stop.producer, stop.api),
        (Some(ruled.world.fund), Some(ruled.api.api))
    );
    assert!(stop.reason.contains("à elle seule"), "{}", stop.reason);
    let cookies = ruled.world.signed_in("paul.prod@x.example").await;
    let page = ruled.world.get("/exchange/stops", &cookies).await;
    assert!(page.body.contains("pour l’API «"), "{}", page.body);
    let alert = format!("/exchange/alerts/{}", ruled.alerts().await[0].id);
    let page = ruled.world.get(&alert, &cookies).await;
    assert!(page.body.contains("à elle seule"), "{}", page.body);
    let page = ruled.world.get("/exchange/alerts", &cookies).await;
    let effect = "Alerter et arrêter les appels à cette API";
    assert!(page.body.contains(effect), "{}", page.body);
    // The next window finds it stopped; a rule that reaches further isn't content with it.
    ruled.called("one", 6, 60..66).await;
    assert_eq!((ruled.watch().await, ruled.stops().await), (1, 1));
    let all = form(ruled.api.api, "volume", "5", "suspend");
    ruled.rule(&all).await;
    ruled.called("one", 12, 120..126).await;
    assert_eq!((ruled.watch().await, ruled.stops().await), (2, 2));
    let stops = ruled.world.exchange.snapshot().await.unwrap().stops;
    assert!(stops.iter().any(|stop| stop.api.is_none()));
    // Whoever lets the one go on leaves the other.
    let exchange = &ruled.world.exchange;
    let narrow = stops.iter().find(|stop| stop.api.is_some()).unwrap();
    let resumed = exchange.resume(&ruled.world.producer, narrow.id, "Reprise convenue.");
    resumed.await.unwrap();
    assert_eq!(ruled.stops().await, 1);
    let mails = ruled.world.jobs.newest_of("mail.send", 200).await.unwrap();
    let says = |text: &serde_json::Value| text.as_str().unwrap().contains("pour l’API «");
    assert!(mails.iter().any(|mail| says(&mail.payload["text"])));
}

async fn rules_are_listed_by_api_and_by_whether_they_act(db: Db) {
    let ruled = ruled(db).await;
    let (exchange, producer) = (&ruled.world.exchange, &ruled.world.producer);
    let on = ruled
        .rule(&form(ruled.api.api, "volume", "5", "alert"))
        .await;
    let off = form(ruled.api.api, "volume", "6", "alert");
    let off = exchange.add_rule(producer, &off).await.unwrap();
    let listed = async |api: Option<Uuid>, is_on: Option<bool>| {
        let filter = RuleFilter {
            api,
            is_on,
            ..of(ruled.world.fund)
        };
        let first = (Timestamp::MAX, Uuid::max());
        let found = exchange.rules(producer, &filter, first, 10).await.unwrap();
        found.iter().map(|one| one.id).collect::<Vec<_>>()
    };
    let here = Some(ruled.api.api);
    assert_eq!(listed(here, None).await.len(), 2);
    assert_eq!(listed(here, Some(true)).await, [on]);
    assert_eq!(listed(None, Some(false)).await, [off]);
    assert!(listed(Some(Uuid::from_u128(7)), None).await.is_empty());
    let cookies = ruled.world.signed_in("paul.prod@x.example").await;
    let path = format!("/exchange/rules?api={}&state=off", ruled.api.api);
    let page = ruled.world.get(&path, &cookies).await;
    assert!(page.body.contains(&format!("/exchange/rules/{off}")));
    assert!(!page.body.contains(&format!("/exchange/rules/{on}")));
    let wrong = ruled.world.get("/exchange/rules?state=x", &cookies).await;
    assert_eq!(wrong.status, 422);
}
