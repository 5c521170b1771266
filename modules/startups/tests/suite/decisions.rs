//! Decisions, investments, national impact, priorities.

use jiff::civil::date;
use kit_db::Db;
use startups::StartupsError;
use startups::domain::{
    AnswerForm, CheckForm, Criterion, FollowUpForm, Gap, InvestmentForm, NationalResult,
    PriorityForm, PublicationForm, ReviewState, ThresholdForm,
};

use crate::world::{decision, migrations, mistakes, typed, world};

kit_db::on_both_databases!(migrations() =>
    acceleration_changes_the_phase_once, the_gate_refuses_construction_without_a_promise,
    a_stop_keeps_what_it_avoids, a_decision_before_its_review_is_refused,
    money_follows_a_decision, a_follow_up_comes_after_its_decision,
    what_is_hidden_never_comes_out, a_decision_never_changes, national_impact_is_computed,
    priorities_show_their_gaps,
);

async fn acceleration_changes_the_phase_once(db: Db) {
    let world = world(db).await;
    let id = world.submitted(world.startup).await;
    let form = decision("accelerate", "2026-03-02");
    let decided = world.decide(&world.committee, id, &form).await.unwrap();
    let product = world.portfolio.product(world.startup).await.unwrap();
    let phase = product
        .description
        .phase
        .map(portfolio::domain::Phase::code);
    assert_eq!(phase, Some("acceleration"));
    assert_eq!(product.description.phase_since, Some(date(2026, 3, 2)));
    let kept = world.portfolio.decided_fields(world.startup).await.unwrap();
    assert!(
        kept.contains(&"phases".to_owned()),
        "an import doesn't undo it"
    );
    let (one, _) = world
        .startups
        .decision(&world.committee, decided)
        .await
        .unwrap();
    assert_eq!(
        one.phases,
        ("construction".to_owned(), "acceleration".to_owned())
    );
    assert_eq!(one.figures["indicators"][0]["latest"][0], 100.0);
    let twice = world.decide(&world.committee, id, &form).await;
    assert!(matches!(twice, Err(StartupsError::Impossible)));
    let (review, _, of_review) = world.startups.review(&world.officer, id).await.unwrap();
    assert_eq!(
        (review.state, of_review),
        (ReviewState::Decided, Some(decided))
    );
}

async fn the_gate_refuses_construction_without_a_promise(db: Db) {
    let world = world(db).await;
    let id = world.submitted(world.idea).await;
    let form = decision("accelerate", "2026-03-02");
    let refused = mistakes(world.decide(&world.officer, id, &form).await);
    assert_eq!(
        refused,
        [("kind".to_owned(), "startups-mistake-gate-indicator")]
    );
    let product = world.portfolio.product(world.idea).await.unwrap();
    let phase = product
        .description
        .phase
        .map(portfolio::domain::Phase::code);
    assert_eq!(phase, Some("investigation"), "nothing is kept of a refusal");
    let (review, ..) = world.startups.review(&world.officer, id).await.unwrap();
    assert_eq!(review.state, ReviewState::Committee);
    world.promise(world.idea, "used", "60").await;
    world.decide(&world.officer, id, &form).await.unwrap();
    let product = world.portfolio.product(world.idea).await.unwrap();
    let phase = product
        .description
        .phase
        .map(portfolio::domain::Phase::code);
    assert_eq!(phase, Some("construction"));
}

async fn a_stop_keeps_what_it_avoids(db: Db) {
    let world = world(db).await;
    let id = world.submitted(world.startup).await;
    let form = decision("stop", "2026-03-02");
    let decided = world.decide(&world.officer, id, &form).await.unwrap();
    let (one, _) = world
        .startups
        .decision(&world.officer, decided)
        .await
        .unwrap();
    assert_eq!(one.decision.avoided_cents, Some(12_000_000));
    assert_eq!(one.phases.1, "abandoned");
    let file = world
        .startups
        .startup(&world.officer, world.startup)
        .await
        .unwrap();
    assert_eq!(file.product.due_on, None, "nothing more is due");
    let opened = world.startups.open_review(&world.team, world.startup).await;
    assert!(matches!(opened, Err(StartupsError::Impossible)));
    let invested = world
        .startups
        .invest(&world.officer, decided, &investment("1"))
        .await;
    assert!(matches!(invested, Err(StartupsError::Impossible)));
}

async fn a_decision_before_its_review_is_refused(db: Db) {
    let world = world(db).await;
    let id = world.submitted(world.startup).await;
    for on in ["2026-03-01", "2026-03-03"] {
        let refused = mistakes(
            world
                .decide(&world.officer, id, &decision("continue", on))
                .await,
        );
        assert_eq!(refused[0].0, "on");
    }
}

fn investment(amount: &str) -> InvestmentForm {
    InvestmentForm {
        amount: amount.into(),
        from: typed("2026-03-02"),
        to: typed("2026-09-01"),
        fund: "FAST".into(),
    }
}

async fn money_follows_a_decision(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let id = world.submitted(world.startup).await;
    let decided = world
        .decide(&world.officer, id, &decision("continue", "2026-03-02"))
        .await
        .unwrap();
    let denied = startups
        .invest(&world.team, decided, &investment("1"))
        .await;
    assert!(matches!(denied, Err(StartupsError::Denied(_))));
    let foreign = mistakes(
        startups
            .invest(&world.officer, decided, &investment("10 000 CHF"))
            .await,
    );
    assert_eq!(
        foreign,
        [("amount".to_owned(), "startups-mistake-currency")]
    );
    startups
        .invest(&world.committee, decided, &investment("250 000"))
        .await
        .unwrap();
    let wrong = startups
        .invest(&world.committee, decided, &investment("1"))
        .await
        .unwrap();
    startups
        .withdraw(&world.committee, wrong, "Saisie deux fois")
        .await
        .unwrap();
    let twice = startups.withdraw(&world.committee, wrong, "Encore").await;
    assert!(matches!(twice, Err(StartupsError::Impossible)));
    let file = startups.startup(&world.team, world.startup).await.unwrap();
    assert_eq!(file.product.invested_cents, 25_000_000);
    assert_eq!(file.investments.len(), 2, "what was withdrawn stays");
}

async fn a_follow_up_comes_after_its_decision(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let id = world.submitted(world.startup).await;
    let decided = world
        .decide(&world.officer, id, &decision("continue", "2026-03-02"))
        .await
        .unwrap();
    let form = |on: &str| FollowUpForm {
        on: typed(on),
        outcome: "Deux départements ouverts".into(),
    };
    for on in ["2026-03-01", "2026-03-03"] {
        let refused = mistakes(
            startups
                .follow_up(&world.officer, decided, 1, &form(on))
                .await,
        );
        assert_eq!(refused[0].0, "on");
    }
    let done = form("2026-03-02");
    startups
        .follow_up(&world.officer, decided, 1, &done)
        .await
        .unwrap();
    let twice = startups.follow_up(&world.officer, decided, 2, &done).await;
    assert!(matches!(twice, Err(StartupsError::Impossible)));
}

async fn what_is_hidden_never_comes_out(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let id = world.submitted(world.startup).await;
    let decided = world
        .decide(&world.officer, id, &decision("continue", "2026-03-02"))
        .await
        .unwrap();
    let early = startups.published_decision(decided).await;
    assert!(
        matches!(early, Err(StartupsError::NotFound)),
        "not before its day"
    );
    let form = PublicationForm {
        on: typed("2026-03-02"),
        reason: String::new(),
        redactions: "12 communes | Négociation en cours".into(),
    };
    startups
        .plan(&world.officer, decided, 1, &form)
        .await
        .unwrap();
    let told = startups.published_decision(decided).await.unwrap();
    assert_eq!(told.decision.reasons, "L’usage croît, […] attendent.");
    let all = format!("{told:?}");
    for secret in ["12 communes", "Olga", "Les communes veulent"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    assert!(all.contains("Négociation en cours"), "why is told");
}

async fn a_decision_never_changes(db: Db) {
    let world = world(db).await;
    let id = world.submitted(world.startup).await;
    world
        .decide(&world.officer, id, &decision("continue", "2026-03-02"))
        .await
        .unwrap();
    for sql in [
        "UPDATE startups_decision SET reasons = 'Autre'",
        "DELETE FROM startups_decision",
        "UPDATE startups_event SET reason = 'Autre'",
        "DELETE FROM startups_event",
    ] {
        let mut tx = world.db.begin().await.unwrap();
        assert!(tx.script(sql).await.is_err(), "{sql}");
    }
}

async fn national_impact_is_computed(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let product = world.startup;
    let result = async || {
        startups
            .national(&world.team, product)
            .await
            .unwrap()
            .result
    };
    assert_eq!(result().await, NationalResult::Unknown);
    let answer = AnswerForm {
        met: "yes".into(),
        evidence: "Audit du 3 février".into(),
        link: "https://audit.example/eau-claire".into(),
    };
    let check = CheckForm {
        check: "met".into(),
        comment: "Lu".into(),
    };
    for criterion in Criterion::ALL {
        startups
            .answer(&world.team, product, *criterion, 0, &answer)
            .await
            .unwrap();
        for actor in [&world.team, &world.committee] {
            let denied = startups.check(actor, product, *criterion, 1, &check).await;
            assert!(
                matches!(denied, Err(StartupsError::Denied(_))),
                "the directorate alone"
            );
        }
        startups
            .check(&world.officer, product, *criterion, 1, &check)
            .await
            .unwrap();
    }
    assert_eq!(result().await, NationalResult::Unknown, "no threshold yet");
    let threshold = |value: &str, indicator: uuid::Uuid| ThresholdForm {
        indicator: indicator.to_string(),
        value: value.into(),
        reason: "Un quart des plages".into(),
    };
    let indicator = world.indicator(product).await;
    let unknown = threshold("3", uuid::Uuid::from_u128(3));
    let refused = mistakes(
        startups
            .set_threshold(&world.officer, product, 0, &unknown)
            .await,
    );
    assert_eq!(refused[0].0, "indicator");
    let high = threshold("150", indicator);
    startups
        .set_threshold(&world.officer, product, 0, &high)
        .await
        .unwrap();
    assert_eq!(result().await, NationalResult::NotNational);
    world.measure(indicator, "150", "2026-03-01").await;
    assert_eq!(result().await, NationalResult::National);
    // An answer that changes has to be checked anew.
    let data = Criterion::Data;
    let stale = startups
        .answer(&world.team, product, data, 1, &answer)
        .await;
    assert!(matches!(stale, Err(StartupsError::Stale)));
    startups
        .answer(&world.team, product, data, 2, &answer)
        .await
        .unwrap();
    assert_eq!(result().await, NationalResult::Unknown);
}

async fn priorities_show_their_gaps(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let form = |title: &str| PriorityForm {
        title: title.into(),
        ministry: world.ministry.to_string(),
        from: typed("2026-01-01"),
        ..PriorityForm::default()
    };
    let denied = startups
        .add_priority(&world.team, &form("Eau potable"))
        .await;
    assert!(matches!(denied, Err(StartupsError::Denied(_))));
    let id = startups
        .add_priority(&world.officer, &form("Eau potable"))
        .await
        .unwrap();
    let again = startups
        .add_priority(&world.officer, &form("  eau POTABLE "))
        .await;
    assert_eq!(mistakes(again)[0].0, "title");
    let gaps = async || {
        let (file, _) = startups.priority(&world.team, id).await.unwrap();
        file.gaps
            .into_iter()
            .map(|(gap, _)| gap)
            .collect::<Vec<_>>()
    };
    assert_eq!(gaps().await, [Gap::NoProduct]);
    startups
        .serve(&world.officer, id, world.idea, true)
        .await
        .unwrap();
    assert_eq!(gaps().await, [Gap::NoIndicator]);
    startups
        .serve(&world.officer, id, world.startup, true)
        .await
        .unwrap();
    startups
        .serve(&world.officer, id, world.idea, false)
        .await
        .unwrap();
    assert!(gaps().await.is_empty());
    world.wait_until("2027-03-02");
    assert_eq!(gaps().await, [Gap::NoFigure, Gap::MissedTarget]);
    let edited = startups
        .edit_priority(&world.officer, id, 1, &form("Eau du robinet"))
        .await;
    edited.unwrap();
    let stale = startups
        .edit_priority(&world.officer, id, 1, &form("Eau"))
        .await;
    assert!(matches!(stale, Err(StartupsError::Stale)));
}
