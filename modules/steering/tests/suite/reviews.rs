//! Reviews: their steps, their clock, their opinion.

use kit_db::Db;
use steering::SteeringError;
use steering::domain::{Consulted, FileForm, Opinion, ReviewAct, ReviewState, StepForm};

use crate::world::{file, migrations, step, verdict, world};

kit_db::on_both_databases!(migrations() =>
    the_clock_runs_stops_and_goes_on, silence_is_favourable_once, an_incomplete_file_starts_no_clock,
    two_people_editing_at_once_lose_nothing, the_consulted_answer_once,
    nothing_is_dated_before_the_file, an_audit_is_the_directorates, every_statement_prepares,
);

async fn the_clock_runs_stops_and_goes_on(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    let due = async || {
        let (one, _) = world.steering.review(&world.officer, id).await.unwrap();
        one.due_on.map(|on| on.to_string()).unwrap_or_default()
    };
    assert_eq!(due().await, "2026-04-02");
    world.wait_until("2026-03-12");
    world
        .step(&world.officer, id, ReviewAct::Ask, "2026-03-12")
        .await;
    assert_eq!(due().await, "");
    world.wait_until("2026-04-20");
    world.steering.keep_house().await.unwrap();
    world
        .step(&world.team, id, ReviewAct::Inform, "2026-04-20")
        .await;
    assert_eq!(due().await, "2026-05-11");
}

async fn silence_is_favourable_once(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    world.wait_until("2026-04-02");
    world.steering.keep_house().await.unwrap();
    assert_eq!(world.version(id).await, 4, "the last day isn't over");
    world.wait_until("2026-04-03");
    world.steering.keep_house().await.unwrap();
    world.steering.keep_house().await.unwrap();
    let (one, all) = world.steering.review(&world.officer, id).await.unwrap();
    assert_eq!(
        (one.state, one.opinion),
        (ReviewState::Tacit, Some(Opinion::Favourable))
    );
    assert_eq!(one.ended_on.unwrap().to_string(), "2026-04-03");
    assert_eq!(all.iter().filter(|one| one.act == "fall-silent").count(), 1);
    let form = verdict("2026-04-02", "unfavourable");
    let late = world
        .steering
        .give_opinion(&world.officer, id, one.version, &form)
        .await;
    assert!(matches!(late, Err(SteeringError::Impossible)), "{late:?}");
    let told = world.mails().await;
    let silent = told.iter().filter(|(_, s)| s.contains("silence")).count();
    assert_eq!(silent, 1);
}

async fn an_incomplete_file_starts_no_clock(db: Db) {
    let world = world(db).await;
    let form = world.review_form("article-3");
    let steering = &world.steering;
    let id = steering
        .announce(&world.director, &form, None)
        .await
        .unwrap();
    world
        .step(&world.team, id, ReviewAct::Begin, "2026-03-02")
        .await;
    let mut partial = file();
    partial.0.remove("security");
    steering.fill(&world.team, id, 2, &partial).await.unwrap();
    let form = step("2026-03-02", "Complet");
    let refused = steering
        .step(&world.officer, id, 3, ReviewAct::Receive, &form)
        .await;
    let Err(SteeringError::Mistakes(mistakes)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(mistakes[0].field, "file");
    steering.fill(&world.team, id, 3, &file()).await.unwrap();
    steering
        .step(&world.officer, id, 4, ReviewAct::Receive, &form)
        .await
        .unwrap();
}

async fn two_people_editing_at_once_lose_nothing(db: Db) {
    let world = world(db).await;
    let form = world.review_form("article-3");
    let steering = &world.steering;
    let id = steering
        .announce(&world.director, &form, None)
        .await
        .unwrap();
    let one = |text: &str| FileForm([("cost".to_owned(), text.to_owned())].into());
    steering
        .fill(&world.director, id, 1, &one("12 M€"))
        .await
        .unwrap();
    let second = steering.fill(&world.team, id, 1, &one("13 M€")).await;
    assert!(matches!(second, Err(SteeringError::Stale)), "{second:?}");
    let (kept, all) = steering.review(&world.officer, id).await.unwrap();
    assert_eq!(kept.file["cost"], "12 M€");
    assert_eq!(all.last().unwrap().by_name, "Dora Director");
}

async fn the_consulted_answer_once(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    let steering = &world.steering;
    let answer = async |on: &str| {
        let version = world.version(id).await;
        let form = step(on, "Avis favorable");
        steering
            .record_consultation(&world.officer, id, version, Consulted::Anssi, &form)
            .await
    };
    assert!(matches!(
        answer("2026-03-01").await,
        Err(SteeringError::Mistakes(_))
    ));
    answer("2026-03-02").await.unwrap();
    assert!(matches!(
        answer("2026-03-02").await,
        Err(SteeringError::Impossible)
    ));
}

async fn nothing_is_dated_before_the_file(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    let steering = &world.steering;
    for on in ["2026-03-01", "2026-03-03", "2026-02-30"] {
        let version = world.version(id).await;
        let form = match on {
            "2026-02-30" => StepForm {
                on: ["30".into(), "2".into(), "2026".into()],
                reason: "Ainsi".into(),
            },
            on => step(on, "Ainsi"),
        };
        let refused = steering
            .step(&world.officer, id, version, ReviewAct::Ask, &form)
            .await;
        let Err(SteeringError::Mistakes(mistakes)) = refused else {
            panic!("{on}: {refused:?}")
        };
        assert_eq!(mistakes[0].field, "on");
    }
    let form = verdict("2026-03-01", "favourable");
    let version = world.version(id).await;
    let refused = steering
        .give_opinion(&world.officer, id, version, &form)
        .await;
    assert!(matches!(refused, Err(SteeringError::Mistakes(_))));
}

async fn an_audit_is_the_directorates(db: Db) {
    let world = world(db).await;
    let form = world.review_form("article-4");
    let denied = world.steering.announce(&world.director, &form, None).await;
    assert!(matches!(denied, Err(SteeringError::Denied(_))));
    let id = world
        .steering
        .announce(&world.officer, &form, None)
        .await
        .unwrap();
    world
        .step(&world.officer, id, ReviewAct::Begin, "2026-03-02")
        .await;
    world
        .step(&world.officer, id, ReviewAct::Receive, "2026-03-02")
        .await;
    world.wait_until("2027-03-02");
    world.steering.keep_house().await.unwrap();
    let (one, _) = world.steering.review(&world.officer, id).await.unwrap();
    assert_eq!((one.state, one.due_on), (ReviewState::Running, None));
}

async fn every_statement_prepares(db: Db) {
    for statement in steering::statements() {
        db.prepare(&statement)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", statement.name));
    }
}
