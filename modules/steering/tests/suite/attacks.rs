//! What must not work.

use kit_access::Actor;
use kit_db::Db;
use steering::domain::{Answer, DecisionForm, ReviewAct};
use steering::{AlertAct, SteeringError};

use crate::world::{migrations, step, typed, verdict, world};

kit_db::on_both_databases!(migrations() =>
    another_ministry_sees_and_does_nothing, a_ministry_never_conducts_its_own_review,
    verifying_ones_own_claim_is_refused, bad_input_is_answered,
    a_ministry_cannot_backdate_what_it_gives,
);

async fn another_ministry_sees_and_does_nothing(db: Db) {
    let world = world(db).await;
    let review = world.unfavourable().await;
    let id = world.recommended(review, "2026-06-01").await;
    let steering = &world.steering;
    for actor in [&world.stranger, &Actor::anonymous()] {
        let denied = steering.review(actor, review).await;
        assert!(matches!(denied, Err(SteeringError::Denied(_))));
        let denied = steering.recommendation(actor, id).await;
        assert!(matches!(denied, Err(SteeringError::Denied(_))));
        let denied = world.answer(actor, id, Answer::Accept).await;
        assert!(matches!(denied, Err(SteeringError::Denied(_))));
    }
    let cookies = world.signed_in("stan.stranger@x.example").await;
    for path in [
        "/steering/reviews",
        "/steering/recommendations",
        "/steering/alerts",
        "/steering/decisions",
        "/steering/agenda",
    ] {
        let page = world.app.get(path, &cookies).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("cadastre"), "{path}");
    }
    let asked = format!("/steering/reviews?ministry={}", world.ministry);
    assert_eq!(world.app.get(&asked, &cookies).await.status, 403);
    for path in [
        "/steering".to_owned(),
        format!("/steering/reviews/{review}"),
        format!("/steering/recommendations/{id}"),
        format!("/products/{}/steering", world.project),
    ] {
        assert_eq!(world.app.get(&path, &cookies).await.status, 403, "{path}");
    }
}

async fn a_ministry_never_conducts_its_own_review(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    let steering = &world.steering;
    for actor in [&world.director, &world.team] {
        let version = world.version(id).await;
        for act in [ReviewAct::Ask, ReviewAct::Withdraw] {
            let form = step("2026-03-02", "Ainsi");
            let denied = steering.step(actor, id, version, act, &form).await;
            assert!(matches!(denied, Err(SteeringError::Denied(_))));
        }
        let form = verdict("2026-03-02", "favourable");
        let denied = steering.give_opinion(actor, id, version, &form).await;
        assert!(matches!(denied, Err(SteeringError::Denied(_))));
        let decision = DecisionForm {
            kind: "continue".into(),
            on: typed("2026-03-02"),
            reasons: "Tout va bien".into(),
            next: "Continuer".into(),
            next_by: typed("2026-09-30"),
            ..DecisionForm::default()
        };
        let denied = steering.decide(actor, world.project, None, &decision).await;
        assert!(matches!(denied, Err(SteeringError::Denied(_))));
    }
    world.estimate("2026-03-01", "60", "4").await;
    steering.keep_house().await.unwrap();
    let found = kit_journal::Journal::after(&world.db, 0, 1_000)
        .await
        .unwrap();
    let alert = found
        .iter()
        .find(|one| one.action == "steering.alert.open")
        .unwrap();
    let alert = alert.subject.id.parse().unwrap();
    let denied = steering
        .act_on_alert(&world.director, alert, 1, AlertAct::Dismiss, "Rien")
        .await;
    assert!(matches!(denied, Err(SteeringError::Denied(_))));
}

async fn verifying_ones_own_claim_is_refused(db: Db) {
    let world = world(db).await;
    let review = world.unfavourable().await;
    let id = world.recommended(review, "2026-06-01").await;
    // Somebody with both hats.
    let Some(person) = world.team.person_id() else {
        panic!()
    };
    let grants = [&world.team, &world.officer].map(|one| one.grants.as_ref().clone());
    let both = Actor::person(person, "Tim Team", grants.concat());
    for answer in [Answer::Accept, Answer::Start, Answer::Claim] {
        world.answer(&both, id, answer).await.unwrap();
    }
    let refused = world.answer(&both, id, Answer::Verify).await;
    assert!(
        matches!(refused, Err(SteeringError::Mistakes(_))),
        "{refused:?}"
    );
    world
        .answer(&world.officer, id, Answer::Verify)
        .await
        .unwrap();
}

async fn bad_input_is_answered(db: Db) {
    let world = world(db).await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    for path in [
        "/steering/reviews?after=x",
        "/steering/reviews?state=nothing",
        "/steering/reviews/not-an-id",
        "/steering/recommendations?after=9999-99-99~x&axis=zz",
        "/steering/alerts?rule=zz&after=1~2",
        "/steering/decisions?kind=zz",
        "/steering/reviews/new?product=zz&kind=zz&alert=zz",
        "/steering/recommendations/new?review=zz",
        "/steering/published?after=zz",
        "/api/v1/steering/recommendations?status=zz",
        "/products/00000000-0000-0000-0000-000000000000/steering",
    ] {
        let answer = world.app.get(path, &cookies).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
    }
    let long = "x".repeat(20_000);
    let fields = [
        ("product", "zz"),
        ("kind", "article-3"),
        ("on-day", "31"),
        ("on-month", "2"),
        ("on-year", "2026"),
        ("foreseen", "12 M$"),
        ("effect", "zz"),
        ("reason", long.as_str()),
    ];
    let page = "/steering/reviews/new";
    let answer = world.app.post(page, page, &cookies, &fields).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.contains("12 M$"), "what was typed is kept");
}

/// A clock that ran out at once would be a favourable opinion that nobody gave.
async fn a_ministry_cannot_backdate_what_it_gives(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    world
        .step(&world.officer, id, ReviewAct::Ask, "2026-03-02")
        .await;
    world.wait_until("2026-05-04");
    let steering = &world.steering;
    for (actor, on) in [(&world.team, "2026-05-03"), (&world.officer, "2026-03-10")] {
        let version = world.version(id).await;
        let form = step(on, "Voici");
        let refused = steering
            .step(actor, id, version, ReviewAct::Inform, &form)
            .await;
        assert!(matches!(refused, Err(SteeringError::Mistakes(_))), "{on}");
    }
    world
        .step(&world.officer, id, ReviewAct::Inform, "2026-05-02")
        .await;
}
