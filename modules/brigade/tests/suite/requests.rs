//! Requests and who is proposed.

use brigade::BrigadeError;
use brigade::domain::{AnswerForm, RequestAct, RequestState};
use kit_db::Db;
use ports::{BrigadeCall, BrigadeCalls as _, ProductId};
use uuid::Uuid;

use crate::world::{migrations, reason, root, typed, world};

kit_db::on_both_databases!(migrations() =>
    statements_prepare, a_request_is_told_and_answered, a_request_put_off_comes_back,
    proposals_tell_figures, a_call_is_one_request, two_calls_at_once_are_one_request,
    two_answers_at_once_are_one,
);

async fn statements_prepare(db: Db) {
    for statement in brigade::statements() {
        db.prepare(&statement).await.unwrap();
    }
}

async fn a_request_is_told_and_answered(db: Db) {
    let world = world(db).await;
    let id = world.asked().await;
    let mails = world.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].0, "olga.officer@x.example");
    let brigade = &world.brigade;
    let silent = AnswerForm::default();
    let refused = brigade
        .act_on_request(&world.officer, id, 1, RequestAct::Decline, &silent)
        .await;
    assert!(
        matches!(refused, Err(BrigadeError::Mistakes(_))),
        "reasons are due"
    );
    let why = reason("Le produit ferme en mai.");
    brigade
        .act_on_request(&world.officer, id, 1, RequestAct::Decline, &why)
        .await
        .unwrap();
    let view = brigade.request(&world.team, id).await.unwrap();
    assert_eq!(view.request.state, RequestState::Declined);
    assert_eq!(view.request.answer, "Le produit ferme en mai.");
    assert_eq!(view.events.len(), 2);
    assert_eq!(view.wanted["cloud"], 10);
    assert!(
        world
            .mails()
            .await
            .iter()
            .any(|(to, _)| to == "dora.director@x.example")
    );
    // Too late to take it back.
    let late = brigade
        .act_on_request(&world.director, id, 2, RequestAct::Withdraw, &silent)
        .await;
    assert!(matches!(late, Err(BrigadeError::Impossible)));
    let other = world.asked().await;
    brigade
        .act_on_request(&world.director, other, 1, RequestAct::Withdraw, &silent)
        .await
        .unwrap();
}

async fn a_request_put_off_comes_back(db: Db) {
    let world = world(db).await;
    let id = world.asked().await;
    let form = AnswerForm {
        reason: "Tout le monde est pris".into(),
        until: typed("2026-03-16"),
    };
    let past = AnswerForm {
        until: typed("2026-03-02"),
        ..form.clone()
    };
    let brigade = &world.brigade;
    let act = RequestAct::PutOff;
    let refused = brigade
        .act_on_request(&world.officer, id, 1, act, &past)
        .await;
    assert!(matches!(refused, Err(BrigadeError::Mistakes(_))));
    brigade
        .act_on_request(&world.officer, id, 1, act, &form)
        .await
        .unwrap();
    world.wait_until("2026-03-15");
    brigade.keep_house().await.unwrap();
    let state = async || {
        brigade
            .request(&world.officer, id)
            .await
            .unwrap()
            .request
            .state
    };
    assert_eq!(state().await, RequestState::PutOff);
    world.wait_until("2026-03-16");
    brigade.keep_house().await.unwrap();
    brigade.keep_house().await.unwrap();
    assert_eq!(state().await, RequestState::Open);
    let view = brigade.request(&world.officer, id).await.unwrap();
    assert_eq!(view.events.len(), 3, "it comes back once");
}

async fn proposals_tell_figures(db: Db) {
    let world = world(db).await;
    let id = world.asked().await;
    let brigade = &world.brigade;
    let found = brigade.proposals(&world.officer, id).await.unwrap();
    let (code, cloud) = found.iter().find(|(code, _)| code == "cloud").unwrap();
    assert_eq!(code, "cloud");
    let names: Vec<&str> = cloud.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Léa Expert", "Marc Martin"]);
    // Four weeks from 2 March 2026: 40 half days, and 24 of three days a week.
    assert_eq!((cloud[0].free, cloud[1].free), (40, 24));
    // What a mission takes isn't free any more.
    world
        .propose(id, &[(world.experts[0], "cloud", "18")])
        .await
        .unwrap();
    let other = world.asked().await;
    let found = brigade.proposals(&world.officer, other).await.unwrap();
    let cloud = &found.iter().find(|(code, _)| code == "cloud").unwrap().1;
    assert_eq!(
        cloud[0].name, "Marc Martin",
        "who can do all of it comes first"
    );
    assert_eq!((cloud[1].free, cloud[1].booked), (4, 36));
    let denied = brigade.proposals(&world.director, other).await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
}

fn call(product: Uuid, origin: u128) -> BrigadeCall {
    BrigadeCall {
        product: ProductId(product),
        reason: "Le coût a dérivé de 40 %.".into(),
        origin: ("alert", Uuid::from_u128(origin)),
    }
}

async fn a_call_is_one_request(db: Db) {
    let world = world(db).await;
    let port = world.brigade.calls_port();
    let mut ids = Vec::new();
    for origin in [7, 7, 8] {
        let mut tx = world.db.begin().await.unwrap();
        let call = call(world.project, origin);
        ids.push(port.call_in(&mut tx, &root(), call).await.unwrap());
        tx.commit().await.unwrap();
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    let mut tx = world.db.begin().await.unwrap();
    let denied = port
        .call_in(&mut tx, &world.stranger, call(world.project, 9))
        .await;
    assert!(denied.is_err());
    drop(tx);
    // In the caller's transaction: what it drops never was.
    let mut tx = world.db.begin().await.unwrap();
    let dropped = port
        .call_in(&mut tx, &root(), call(world.project, 10))
        .await
        .unwrap();
    drop(tx);
    let none = world.brigade.request(&world.officer, dropped).await;
    assert!(matches!(none, Err(BrigadeError::NotFound)));
    assert_eq!(world.mails().await.len(), 0);
    for _ in 0..2 {
        world.brigade.keep_house().await.unwrap();
    }
    // The officer and the director, of each of two calls, once.
    assert_eq!(world.mails().await.len(), 4);
}

async fn two_calls_at_once_are_one_request(db: Db) {
    let world = world(db).await;
    let port = world.brigade.calls_port();
    let one = async || {
        let mut tx = world.db.begin().await.unwrap();
        let call = call(world.project, 7);
        let id = port.call_in(&mut tx, &root(), call).await.unwrap();
        tx.commit().await.unwrap();
        id
    };
    let (first, second, third) = tokio::join!(one(), one(), one());
    assert_eq!((first, first), (second, third));
}

async fn two_answers_at_once_are_one(db: Db) {
    let world = world(db).await;
    let id = world.asked().await;
    let brigade = &world.brigade;
    let why = reason("Non");
    let decline = async || {
        brigade
            .act_on_request(&world.officer, id, 1, RequestAct::Decline, &why)
            .await
    };
    let (first, second) = tokio::join!(decline(), decline());
    let stale = |one: &Result<(), BrigadeError>| matches!(one, Err(BrigadeError::Stale));
    assert!(first.is_ok() != second.is_ok());
    assert!(stale(&first) || stale(&second));
}
