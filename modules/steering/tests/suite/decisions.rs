//! Decisions, and what is published.

use kit_db::Db;
use steering::SteeringError;
use steering::domain::{DecisionForm, PublicationForm};

use crate::world::{migrations, step, typed, world};

kit_db::on_both_databases!(migrations() =>
    figures_are_frozen, a_decision_before_the_file_is_refused, what_is_hidden_never_comes_out,
    a_decision_never_changes,
);

fn reorient(on: &str) -> DecisionForm {
    DecisionForm {
        kind: "reorient".into(),
        on: typed(on),
        reasons: "Le prix de 12 M€ n’est pas tenable.".into(),
        next: "Livrer un premier lot".into(),
        next_by: typed("2026-09-30"),
        ..DecisionForm::default()
    }
}

async fn figures_are_frozen(db: Db) {
    let world = world(db).await;
    let review = world.unfavourable().await;
    let steering = &world.steering;
    let id = steering
        .decide(
            &world.officer,
            world.project,
            Some(review),
            &reorient("2026-03-20"),
        )
        .await
        .unwrap();
    world.estimate("2026-03-20", "80", "9").await;
    let (one, _) = steering.decision(&world.officer, id).await.unwrap();
    assert_eq!(one.figures["product"]["cost_cents"], 4_000_000_000_i64);
    assert_eq!(one.figures["as_of"], "2026-03-20");
    assert_eq!(one.figures["at_risk_cents"], 4_000_000_000_i64);
    let early = steering
        .follow_up(&world.officer, id, 1, &step("2026-03-19", "Fait"))
        .await;
    assert!(matches!(early, Err(SteeringError::Mistakes(_))));
    let done = step("2026-03-20", "Fait");
    steering
        .follow_up(&world.officer, id, 1, &done)
        .await
        .unwrap();
    let twice = steering.follow_up(&world.officer, id, 2, &done).await;
    assert!(matches!(twice, Err(SteeringError::Impossible)));
}

async fn a_decision_before_the_file_is_refused(db: Db) {
    let world = world(db).await;
    let review = world.unfavourable().await;
    for on in ["2026-03-01", "2026-03-21"] {
        let form = reorient(on);
        let refused = world
            .steering
            .decide(&world.officer, world.project, Some(review), &form)
            .await;
        let Err(SteeringError::Mistakes(mistakes)) = refused else {
            panic!("{on}: {refused:?}")
        };
        assert_eq!(mistakes[0].field, "on");
    }
}

async fn what_is_hidden_never_comes_out(db: Db) {
    let world = world(db).await;
    let review = world.unfavourable().await;
    let recommendation = world.recommended(review, "2026-06-01").await;
    let steering = &world.steering;
    let path = format!("/steering/published/reviews/{review}");
    assert_eq!(
        world.app.get(&path, "").await.status,
        404,
        "not before its day"
    );
    let form = PublicationForm {
        on: typed("2026-03-20"),
        reason: String::new(),
        redactions: "12 M€ | Secret des affaires\nlots | Marché en cours".into(),
    };
    let version = world.version(review).await;
    steering
        .plan_review(&world.officer, review, version, &form)
        .await
        .unwrap();
    let decision = steering
        .decide(
            &world.officer,
            world.project,
            Some(review),
            &reorient("2026-03-20"),
        )
        .await
        .unwrap();
    steering
        .plan_decision(&world.officer, decision, 1, &form)
        .await
        .unwrap();
    for path in [
        "/steering/published".to_owned(),
        path,
        format!("/steering/published/decisions/{decision}"),
        "/api/v1/steering/published/reviews".to_owned(),
        format!("/api/v1/steering/published/reviews/{review}"),
        "/api/v1/steering/published/decisions".to_owned(),
    ] {
        let page = world.app.get(&path, "").await;
        assert_eq!(page.status, 200, "{path}");
        for hidden in ["prix de 12 M€", "en lots qui", "Pièce", "Cheffe de projet"] {
            assert!(!page.body.contains(hidden), "{path} shows {hidden}");
        }
    }
    let page = world
        .app
        .get(&format!("/steering/published/reviews/{review}"), "")
        .await;
    assert!(
        page.body.contains("Le prix de […] n’est pas tenable."),
        "{}",
        page.body
    );
    assert!(page.body.contains("Secret des affaires"));
    assert!(page.body.contains("Découper le projet en […]"));
    let inner = format!("/steering/recommendations/{recommendation}");
    assert_ne!(world.app.get(&inner, "").await.status, 200);
    // The passages stand in no entry of the journal.
    let entries = kit_journal::Journal::after(&world.db, 0, 1_000)
        .await
        .unwrap();
    let plans = entries
        .iter()
        .filter(|one| one.action.ends_with(".publish"));
    for entry in plans {
        assert!(!format!("{entry:?}").contains("12 M€"));
    }
}

async fn a_decision_never_changes(db: Db) {
    let world = world(db).await;
    let form = reorient("2026-03-02");
    world
        .steering
        .decide(&world.officer, world.project, None, &form)
        .await
        .unwrap();
    for sql in [
        "UPDATE steering_decision SET reasons = 'Autre'",
        "DELETE FROM steering_decision",
        "UPDATE steering_event SET reason = 'Autre'",
        "DELETE FROM steering_event",
    ] {
        let mut tx = world.db.begin().await.unwrap();
        assert!(tx.script(sql).await.is_err(), "{sql}");
    }
}
