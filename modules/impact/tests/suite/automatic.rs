//! Figures that nobody types.

use std::sync::Arc;

use impact::{Counting, IndicatorForm};
use kit_access::Actor;
use kit_db::Db;
use kit_journal::{Change, Journal, Subscribers};
use portfolio::ProductForm;
use ports::ProductId;
use uuid::Uuid;

use crate::support::{World, figure, migrations, mistakes, officer, only, promise, world};

kit_db::on_both_databases!(migrations() =>
    sign_ins_become_the_figure_of_a_month, late_counts_correct_the_figure,
    counts_older_than_the_indicator_are_told, calls_and_what_they_spare_are_counted, decisions_are_counted_and_their_days_are_a_mean,
    an_indicator_follows_its_product,
);

const SERVICE: Uuid = Uuid::from_u128(0x5e71);

async fn count(world: &World, hour: &str, outcome: &str, number: i64) {
    let told = serde_json::json!({ "hour": hour, "outcome": outcome, "number": number });
    let change = Change::new("identity.usage.count", "service", SERVICE).after(told);
    let mut tx = world.db.begin().await.unwrap();
    Journal::new(world.source.clone())
        .append(&mut tx, &Actor::system("identity"), change)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn follow(world: &World) {
    let counting = Arc::new(Counting(world.impact.clone()));
    let subscribers = Subscribers::new(world.db.clone(), vec![counting]);
    subscribers.run_once().await.unwrap();
    assert_eq!(subscribers.states().await.unwrap()[0].failures, 0);
}

fn counted() -> IndicatorForm {
    IndicatorForm {
        name: "Connexions par mois".into(),
        unit: "connexions".into(),
        baseline: "100".into(),
        target: "1000".into(),
        origin: "sign-ins".into(),
        subject: SERVICE.to_string(),
        ..promise()
    }
}

/// Day, value and number of what counts.
async fn figures(world: &World, id: Uuid) -> Vec<(String, String)> {
    let told = world.impact.told(id).await.unwrap();
    let figures = told.figures.iter();
    figures
        .map(|row| (row.as_of.to_string(), row.value.unwrap().to_string()))
        .collect()
}

fn row(day: &str, value: &str) -> (String, String) {
    (day.to_owned(), value.to_owned())
}

async fn sign_ins_become_the_figure_of_a_month(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&counted()).await;
    let by_hand = world
        .impact
        .add_observation(&officer(), id, &figure("2026-02-28", "1"))
        .await;
    assert_eq!(mistakes(by_hand), only("value", "automatic"));
    count(&world, "2026-03-01T09:00:00Z", "sign-in", 7).await;
    count(&world, "2026-03-15T09:00:00Z", "sign-in", 5).await;
    count(&world, "2026-03-15T09:00:00Z", "denied", 50).await;
    // Half past midnight of the first of April in Paris.
    count(&world, "2026-03-31T22:00:00Z", "sign-in", 100).await;
    follow(&world).await;
    world.impact.keep_house().await.unwrap();
    assert_eq!(figures(&world, id).await, [], "the month goes on");
    // The third of April: hours of March may still come.
    world.wait_days(32);
    world.impact.keep_house().await.unwrap();
    assert_eq!(figures(&world, id).await, []);
    world.wait_days(1);
    for _ in 0..2 {
        world.impact.keep_house().await.unwrap();
        follow(&world).await;
        assert_eq!(figures(&world, id).await, [row("2026-03-31", "12")]);
    }
    // Two months later: a month without sign-ins is a figure too.
    world.wait_days(61);
    world.impact.keep_house().await.unwrap();
    assert_eq!(
        figures(&world, id).await,
        [
            row("2026-03-31", "12"),
            row("2026-04-30", "100"),
            row("2026-05-31", "0")
        ]
    );
}

async fn late_counts_correct_the_figure(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&counted()).await;
    count(&world, "2026-03-10T09:00:00Z", "sign-in", 7).await;
    follow(&world).await;
    world.wait_days(40);
    world.impact.keep_house().await.unwrap();
    count(&world, "2026-03-11T09:00:00Z", "sign-in", 3).await;
    follow(&world).await;
    assert_eq!(figures(&world, id).await, [row("2026-03-31", "10")]);
    let told = world.impact.told(id).await.unwrap();
    assert_eq!(told.corrections[0].reason, "late-counts");
    assert_eq!(told.corrections[0].corrects, Some(1));
    assert_eq!(told.indicator.latest.unwrap().value.to_string(), "10");
}

async fn counts_older_than_the_indicator_are_told(db: Db) {
    let world = world(&db);
    count(&world, "2025-12-05T09:00:00Z", "sign-in", 2).await;
    count(&world, "2026-02-05T09:00:00Z", "sign-in", 4).await;
    follow(&world).await;
    let (_, id) = world.indicator(&counted()).await;
    world.wait_days(5);
    world.impact.keep_house().await.unwrap();
    let told = [
        row("2025-12-31", "2"),
        row("2026-01-31", "0"),
        row("2026-02-28", "4"),
    ];
    assert_eq!(figures(&world, id).await, told);
}

async fn an_indicator_follows_its_product(db: Db) {
    let world = world(&db);
    let (product, id) = world.indicator(&promise()).await;
    let shown = world.portfolio.product(product.0).await.unwrap();
    let renamed = ProductForm {
        title: "Portail national".into(),
        ..ProductForm::of(&shown.description, &[], &[])
    };
    world
        .portfolio
        .edit_product(&officer(), product.0, shown.version, &renamed)
        .await
        .unwrap();
    follow(&world).await;
    let indicator = world.impact.indicator(id).await.unwrap();
    assert_eq!(indicator.product_title, "Portail national");
    let unknown = world.add(ProductId(Uuid::from_u128(1)), &promise()).await;
    assert!(matches!(unknown, Err(impact::ImpactError::NotFound)));
}

async fn calls_and_what_they_spare_are_counted(db: Db) {
    let world = world(&db);
    let product = world.product("Quotient familial").await;
    let api = Uuid::from_u128(0xa91);
    let mut ids = Vec::new();
    for origin in ["calls", "pieces-saved"] {
        let form = IndicatorForm {
            name: origin.into(),
            origin: origin.into(),
            subject: api.to_string(),
            ..counted()
        };
        ids.push(world.add(product, &form).await.unwrap());
    }
    for (day, calls, failures, pieces) in [("2026-03-10", 9, 2, 14), ("2026-03-31", 3, 3, 0)] {
        let told = serde_json::json!({
            "day": day, "calls": calls, "failures": failures, "pieces_saved": pieces,
        });
        let change = Change::new("exchange.usage.count", "api", api).after(told);
        let mut tx = db.begin().await.unwrap();
        Journal::new(world.source.clone())
            .append(&mut tx, &Actor::system("exchange"), change)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    follow(&world).await;
    world.wait_days(40);
    world.impact.keep_house().await.unwrap();
    assert_eq!(figures(&world, ids[0]).await, [row("2026-03-31", "7")]);
    assert_eq!(figures(&world, ids[1]).await, [row("2026-03-31", "14")]);
}

async fn decisions_are_counted_and_their_days_are_a_mean(db: Db) {
    let world = world(&db);
    let product = world.product("Quotient familial").await;
    let api = Uuid::from_u128(0xa92);
    let mut ids = Vec::new();
    for origin in ["files-decided", "decision-days"] {
        let form = IndicatorForm {
            name: origin.into(),
            origin: origin.into(),
            subject: api.to_string(),
            ..counted()
        };
        ids.push(world.add(product, &form).await.unwrap());
    }
    let told = async |day: &str, days: i64| {
        let told = serde_json::json!({"day": day, "decided": 1, "days": days});
        let change = Change::new("exchange.decision.count", "api", api).after(told);
        let mut tx = db.begin().await.unwrap();
        Journal::new(world.source.clone())
            .append(&mut tx, &Actor::system("exchange"), change)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        follow(&world).await;
    };
    for (day, days) in [("2026-03-10", 9), ("2026-03-31", 0)] {
        told(day, days).await;
    }
    world.wait_days(70);
    world.impact.keep_house().await.unwrap();
    let of = async |at: usize| figures(&world, ids[at]).await;
    // April had no decision: none is a count, and no mean.
    assert_eq!(
        of(0).await,
        [row("2026-03-31", "2"), row("2026-04-30", "0")]
    );
    assert_eq!(of(1).await, [row("2026-03-31", "4.5")]);
    // What comes late makes the mean, or corrects it.
    told("2026-04-02", 20).await;
    told("2026-03-20", 3).await;
    assert_eq!(
        of(1).await,
        [row("2026-03-31", "4"), row("2026-04-30", "20")]
    );
}
