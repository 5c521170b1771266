//! The watch: what drifts is told once, and no longer once it doesn't.

use kit_db::Db;
use steering::domain::{Finding, RatingForm};
use steering::{AlertAct, SteeringError};

use crate::world::{World, migrations, typed, world};

kit_db::on_both_databases!(migrations() =>
    a_drift_is_told_once, what_no_longer_drifts_is_closed, a_dismissed_drift_stays_quiet,
    two_ratings_that_differ_are_told, an_explanation_is_asked_and_given, two_rounds_open_one_alert,
);

async fn events(world: &World) -> Vec<String> {
    let cookies = world.signed_in("olga.officer@x.example").await;
    let path = format!("/api/v1/steering/products/{}/events", world.project);
    let answer = world.app.get(&path, &cookies).await;
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let acts = json["events"].as_array().unwrap().iter();
    acts.map(|one| one["act"].as_str().unwrap().to_owned())
        .collect()
}

/// An hour later, the watch looks again.
async fn round(world: &World, day: &str) {
    world.wait_until(day);
    world.steering.keep_house().await.unwrap();
}

async fn alerts(world: &World) -> Vec<uuid::Uuid> {
    let cookies = world.signed_in("olga.officer@x.example").await;
    let answer = world.app.get("/api/v1/steering/alerts", &cookies).await;
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let ids = json["alerts"].as_array().unwrap().iter();
    ids.map(|one| one["id"].as_str().unwrap().parse().unwrap())
        .collect()
}

async fn a_drift_is_told_once(db: Db) {
    let world = world(db).await;
    round(&world, "2026-03-03").await;
    assert!(alerts(&world).await.is_empty());
    world.estimate("2026-03-03", "52.4", "4").await;
    round(&world, "2026-03-04").await;
    round(&world, "2026-03-05").await;
    let open = alerts(&world).await;
    let [id] = open[..] else { panic!("{open:?}") };
    let (one, _) = world.steering.alert(&world.officer, id).await.unwrap();
    let Finding::Cost {
        baseline_cents,
        cost_cents,
        slip,
        ..
    } = one.finding
    else {
        panic!("{:?}", one.finding)
    };
    assert_eq!((baseline_cents, cost_cents), (4_000_000_000, 5_240_000_000));
    assert!((slip - 0.31).abs() < 1e-9);
}

async fn what_no_longer_drifts_is_closed(db: Db) {
    let world = world(db).await;
    world.estimate("2026-03-01", "52.4", "4").await;
    round(&world, "2026-03-03").await;
    let open = alerts(&world).await;
    world.estimate("2026-03-03", "41", "4").await;
    round(&world, "2026-03-04").await;
    assert!(alerts(&world).await.is_empty());
    let (one, _) = world.steering.alert(&world.officer, open[0]).await.unwrap();
    assert_eq!(one.closed.unwrap().1, "clear");
}

async fn a_dismissed_drift_stays_quiet(db: Db) {
    let world = world(db).await;
    world.estimate("2026-03-01", "52.4", "4").await;
    round(&world, "2026-03-03").await;
    let id = alerts(&world).await[0];
    let steering = &world.steering;
    let silent = steering
        .act_on_alert(&world.officer, id, 1, AlertAct::Dismiss, " ")
        .await;
    assert!(matches!(silent, Err(SteeringError::Mistakes(_))));
    let why = "Périmètre élargi par la loi";
    steering
        .act_on_alert(&world.officer, id, 1, AlertAct::Dismiss, why)
        .await
        .unwrap();
    round(&world, "2026-03-04").await;
    assert!(alerts(&world).await.is_empty());
    // Ten points worse.
    world.estimate("2026-03-04", "57", "4").await;
    round(&world, "2026-03-05").await;
    assert_eq!(alerts(&world).await.len(), 1);
}

async fn two_ratings_that_differ_are_told(db: Db) {
    let world = world(db).await;
    let rate = async |actor, side: &str, confidence: &str, on: &str| {
        let form = RatingForm {
            side: side.into(),
            confidence: confidence.into(),
            on: typed(on),
            comment: "Vu en comité".into(),
        };
        world.steering.rate(actor, world.project, &form).await
    };
    rate(&world.team, "own", "green", "2026-03-02")
        .await
        .unwrap();
    assert!(alerts(&world).await.is_empty());
    rate(&world.officer, "independent", "red", "2026-03-02")
        .await
        .unwrap();
    assert_eq!(alerts(&world).await.len(), 1);
    // Nobody rates for the other side, in the future, or before the latest.
    let denied = rate(&world.team, "independent", "green", "2026-03-02").await;
    assert!(matches!(denied, Err(SteeringError::Denied(_))));
    let denied = rate(&world.officer, "own", "red", "2026-03-02").await;
    assert!(matches!(denied, Err(SteeringError::Denied(_))));
    for on in ["2026-03-03", "2026-03-01"] {
        let refused = rate(&world.team, "own", "red", on).await;
        assert!(matches!(refused, Err(SteeringError::Mistakes(_))), "{on}");
    }
    rate(&world.team, "own", "red", "2026-03-02").await.unwrap();
    assert!(alerts(&world).await.is_empty());
    let acts = events(&world).await;
    assert!(acts.iter().any(|one| one == "rate-own-green"), "{acts:?}");
}

async fn an_explanation_is_asked_and_given(db: Db) {
    let world = world(db).await;
    world.estimate("2026-03-01", "52.4", "4").await;
    round(&world, "2026-03-03").await;
    let id = alerts(&world).await[0];
    let steering = &world.steering;
    let early = steering
        .act_on_alert(&world.team, id, 1, AlertAct::Explain, "Voici")
        .await;
    assert!(matches!(early, Err(SteeringError::Impossible)));
    steering
        .act_on_alert(
            &world.officer,
            id,
            1,
            AlertAct::Ask,
            "Pourquoi 12 M€ de plus ?",
        )
        .await
        .unwrap();
    let (one, _) = steering.alert(&world.officer, id).await.unwrap();
    assert_eq!(one.asked.unwrap().1.to_string(), "2026-03-18");
    let asked = world.mails().await;
    assert!(asked.iter().any(|(to, _)| to == "dora.director@x.example"));
    steering
        .act_on_alert(
            &world.director,
            id,
            2,
            AlertAct::Explain,
            "La reprise des données",
        )
        .await
        .unwrap();
    let twice = steering
        .act_on_alert(&world.director, id, 3, AlertAct::Explain, "Encore")
        .await;
    assert!(matches!(twice, Err(SteeringError::Impossible)));
    steering
        .act_on_alert(&world.officer, id, 3, AlertAct::Agenda, "Trancher")
        .await
        .unwrap();
    let twice = steering
        .act_on_alert(&world.officer, id, 4, AlertAct::Agenda, "Trancher")
        .await;
    assert!(matches!(twice, Err(SteeringError::Impossible)));
    steering
        .act_on_alert(&world.officer, id, 4, AlertAct::Hold, "En attendant")
        .await
        .unwrap();
}

async fn two_rounds_open_one_alert(db: Db) {
    let world = world(db).await;
    world.estimate("2026-03-01", "52.4", "6").await;
    world.wait_until("2026-03-03");
    let (one, two) = (world.steering.clone(), world.steering.clone());
    let (one, two) = tokio::join!(one.keep_house(), two.keep_house());
    one.unwrap();
    two.unwrap();
    // The cost and the duration.
    assert_eq!(alerts(&world).await.len(), 2);
}
