//! Traces in a log on this machine.

use gateway::{LedgerSink, trace_of};
use kit_files::Files;
use kit_ledger::{Ledger, LedgerOptions, LogKeys};
use kit_time::Source;
use tracelog::{KeyKind, Signer};

use crate::support::*;

#[tokio::test]
async fn each_call_is_a_row_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let signer = Signer::from_seed("g.example/log/traces", KeyKind::Note, &[1; 32]).unwrap();
    let files = Files::folder(&folder.path().join("files")).unwrap();
    let options = LedgerOptions::new("log/traces", folder.path().join("spool"));
    let source = Source::fixed(start(), 1);
    let ledger = Ledger::open(files, options, LogKeys::one(signer, [9; 32]), source)
        .await
        .unwrap();
    let world = World::new().await;
    world.sink.log(LedgerSink(ledger.clone()));
    let answered = world.call().await;
    assert_eq!(answered.status, 200);
    assert_eq!(
        world.get(PATH, &world.token()).await.code(),
        "parameter-missing"
    );
    // Durable before the answers came.
    let rows = ledger.read_from(0, 10).await.unwrap();
    let read: Vec<_> = rows
        .iter()
        .map(|row| trace_of(&row.entry).unwrap())
        .collect();
    assert_eq!(read, world.traces());
    assert_eq!(
        read[0].request.to_string(),
        answered.header("x-request-id").unwrap()
    );
    assert_eq!(read[1].problem.as_deref(), Some("parameter-missing"));
    assert!(trace_of(b"{}").is_err());
    world.end().await;
}

#[tokio::test]
async fn what_a_person_sees_later_says_until_when() {
    let mut world = World::new().await;
    assert_eq!(world.call().await.status, 200);
    world.change(|snapshot| {
        for operation in &mut snapshot.apis[0].operations {
            operation.hidden_days = 30;
        }
    });
    assert_eq!(world.call().await.status, 200);
    world.change(|snapshot| snapshot.accreditations[0].hidden_days = 90);
    assert_eq!(world.call().await.status, 200);
    let days: Vec<_> = world
        .traces()
        .iter()
        .map(|trace| {
            let until = trace.hidden_until?;
            Some(until.duration_since(trace.at).as_hours() / 24)
        })
        .collect();
    assert_eq!(days, [None, Some(30), Some(90)]);
    world.end().await;
}

#[tokio::test]
async fn a_call_by_parameters_is_written_as_before_there_were_calls_on_behalf() {
    let world = World::new().await;
    assert_eq!(world.call().await.status, 200);
    let trace = world.traces().pop().unwrap();
    let entry = serde_json::to_value(&trace).unwrap();
    assert!(entry.get("on_behalf").is_none());
    // So are entries of before, which are read as what they are.
    assert_eq!(trace_of(entry.to_string().as_bytes()).unwrap(), trace);
    let mut marked = trace;
    marked.on_behalf = true;
    let entry = serde_json::to_vec(&marked).unwrap();
    assert_eq!(trace_of(&entry).unwrap(), marked);
    world.end().await;
}
