//! What the journal is told of calls.

use jiff::SignedDuration;
use kit_db::Db;
use kit_journal::Journal;
use uuid::Uuid;

use crate::traces::some;
use crate::world::{World, migrations, world};

kit_db::on_both_databases!(migrations() => each_call_is_told_once);

/// Calls, failures and pieces that the journal was told of an API, the latest first.
async fn told(world: &World, db: &Db, api: Uuid) -> Vec<[i64; 3]> {
    world.exchange.tell_usage().await.unwrap();
    let entries = Journal::of_subject(db, "api", api, None, 100)
        .await
        .unwrap();
    entries
        .into_iter()
        .filter(|entry| entry.action == "exchange.usage.count")
        .filter_map(|entry| entry.after)
        .map(|after| {
            ["calls", "failures", "pieces_saved"].map(|name| after[name].as_i64().unwrap())
        })
        .collect()
}

async fn each_call_is_told_once(db: Db) {
    let world = world(db.clone()).await;
    let (quotient, other) = world.two_apis().await;
    let traces = some(&world, &quotient, 10);
    world
        .exchange
        .keep_traces("log", 0, &traces[..6])
        .await
        .unwrap();
    let api = quotient.api;
    assert!(told(&world, &db, api).await.is_empty(), "the day goes on");
    world.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(told(&world, &db, api).await, [[6, 1, 10]]);
    assert_eq!(told(&world, &db, api).await.len(), 1, "once");
    // A gateway that was cut off brings the rest a day later.
    world.exchange.keep_traces("log", 0, &traces).await.unwrap();
    assert_eq!(told(&world, &db, api).await, [[4, 1, 6], [6, 1, 10]]);
    assert!(told(&world, &db, other.api).await.is_empty());
}
