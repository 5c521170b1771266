//! Recommendations: answered, verified, and what happens when they are overdue.

use kit_db::Db;
use steering::SteeringError;
use steering::domain::{Answer, EscalationStep, Reoriented, Status};

use crate::world::{migrations, step, world};

kit_db::on_both_databases!(migrations() =>
    a_claim_is_verified_or_sent_back, overdue_ones_escalate_once, two_processes_escalate_once,
    a_day_agreed_anew_is_awaited_anew, a_running_review_recommends_nothing,
    the_project_was_or_was_not_reoriented,
);

async fn a_claim_is_verified_or_sent_back(db: Db) {
    let world = world(db).await;
    let review = world.unfavourable().await;
    let id = world.recommended(review, "2026-06-01").await;
    for (actor, answer) in [
        (&world.director, Answer::Accept),
        (&world.team, Answer::Start),
        (&world.team, Answer::Claim),
        (&world.officer, Answer::SendBack),
        (&world.team, Answer::Claim),
        (&world.officer, Answer::Verify),
    ] {
        world.answer(actor, id, answer).await.unwrap();
    }
    let (one, all) = world
        .steering
        .recommendation(&world.officer, id)
        .await
        .unwrap();
    assert_eq!(one.status, Status::Verified);
    assert_eq!(all.len(), 7);
    for answer in Answer::ALL {
        let actor = if answer.is_ministrys() {
            &world.team
        } else {
            &world.officer
        };
        let late = world.answer(actor, id, *answer).await;
        assert!(matches!(late, Err(SteeringError::Impossible)), "{answer:?}");
    }
}

async fn overdue_ones_escalate_once(db: Db) {
    let world = world(db).await;
    let review = world.unfavourable().await;
    let id = world.recommended(review, "2026-04-30").await;
    let reached = async |day: &str| {
        world.wait_until(day);
        world.steering.keep_house().await.unwrap();
        world.steering.keep_house().await.unwrap();
        let (one, _) = world
            .steering
            .recommendation(&world.officer, id)
            .await
            .unwrap();
        one.step
    };
    assert_eq!(reached("2026-04-30").await, None);
    assert_eq!(reached("2026-05-01").await, Some(EscalationStep::Owner));
    assert_eq!(reached("2026-05-15").await, Some(EscalationStep::Owner));
    assert_eq!(reached("2026-05-16").await, Some(EscalationStep::Ministry));
    assert_eq!(
        reached("2026-06-15").await,
        Some(EscalationStep::Conference)
    );
    assert_eq!(reached("2026-07-30").await, Some(EscalationStep::Funding));
    let (one, all) = world
        .steering
        .recommendation(&world.officer, id)
        .await
        .unwrap();
    assert!(one.is_overdue);
    let steps = all.iter().filter(|one| one.act.starts_with("overdue-"));
    assert_eq!(steps.count(), 4);
    let mails = world.mails().await;
    let told = |to: &str, what: &str| {
        let of = mails.iter().filter(|(a, s)| a == to && s.contains(what));
        of.count()
    };
    assert_eq!(told("tim.team@x.example", "en retard"), 1);
    assert_eq!(told("dora.director@x.example", "en retard"), 1);
    assert_eq!(told("dora.director@x.example", "conférence"), 1);
    assert_eq!(told("dora.director@x.example", "financement"), 1);
    let reason = "Le lot 1 est livré";
    let steering = &world.steering;
    steering
        .release_funding(&world.officer, world.project, reason)
        .await
        .unwrap();
    let again = steering
        .release_funding(&world.officer, world.project, reason)
        .await;
    assert!(matches!(again, Err(SteeringError::Impossible)));
}

async fn two_processes_escalate_once(db: Db) {
    let world = world(db).await;
    let review = world.unfavourable().await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(world.recommended(review, "2026-03-21").await);
    }
    world.wait_until("2026-12-01");
    let (one, two) = (world.steering.clone(), world.steering.clone());
    let (one, two) = tokio::join!(one.keep_house(), two.keep_house());
    one.unwrap();
    two.unwrap();
    world.steering.keep_house().await.unwrap();
    for id in all {
        let (_, all) = world
            .steering
            .recommendation(&world.officer, id)
            .await
            .unwrap();
        let steps: Vec<&str> = all.iter().map(|one| one.act.as_str()).collect();
        let expected = [
            "propose",
            "overdue-owner",
            "overdue-ministry",
            "overdue-conference",
            "overdue-funding",
        ];
        assert_eq!(steps, expected);
    }
}

async fn a_day_agreed_anew_is_awaited_anew(db: Db) {
    let world = world(db).await;
    let review = world.unfavourable().await;
    let id = world.recommended(review, "2026-03-31").await;
    world.wait_until("2026-04-10");
    world.steering.keep_house().await.unwrap();
    let (one, _) = world
        .steering
        .recommendation(&world.officer, id)
        .await
        .unwrap();
    assert!(one.is_overdue);
    let steering = &world.steering;
    let past = step("2026-04-09", "Plus de temps");
    let refused = steering
        .move_due(&world.officer, id, one.version, &past)
        .await;
    assert!(matches!(refused, Err(SteeringError::Mistakes(_))));
    let moved = step("2026-05-01", "Marché infructueux");
    steering
        .move_due(&world.officer, id, one.version, &moved)
        .await
        .unwrap();
    let (one, _) = steering.recommendation(&world.officer, id).await.unwrap();
    assert!(!one.is_overdue && one.step.is_none());
    world.wait_until("2026-05-02");
    steering.keep_house().await.unwrap();
    let (one, _) = steering.recommendation(&world.officer, id).await.unwrap();
    assert!(one.is_overdue && one.step == Some(EscalationStep::Owner));
}

async fn a_running_review_recommends_nothing(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    let form = steering::domain::RecommendationForm {
        review: id.to_string(),
        text: "Trop tôt".into(),
        axis: "finance".into(),
        due: crate::world::typed("2026-06-01"),
        ..Default::default()
    };
    let refused = world.steering.recommend(&world.officer, &form).await;
    assert!(matches!(refused, Err(SteeringError::Impossible)));
}

async fn the_project_was_or_was_not_reoriented(db: Db) {
    let world = world(db).await;
    let review = world.unfavourable().await;
    let id = world.recommended(review, "2026-06-01").await;
    let steering = &world.steering;
    let judged = steering.judge_reorientation(&world.officer, id, 1, "partly", "Un lot sur trois");
    judged.await.unwrap();
    let unknown = steering.judge_reorientation(&world.officer, id, 2, "perhaps", "Qui sait");
    assert!(matches!(unknown.await, Err(SteeringError::Mistakes(_))));
    let (one, _) = steering.recommendation(&world.officer, id).await.unwrap();
    assert_eq!(one.reoriented, Some(Reoriented::Partly));
}
