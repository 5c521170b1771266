//! Six-monthly reviews: when they are due, what the team tells, what is frozen.

use jiff::civil::date;
use kit_db::Db;
use startups::StartupsError;
use startups::domain::{Level, PreparationForm, ReviewState, questioned};

use crate::world::{decision, migrations, mistakes, world};

kit_db::on_both_databases!(migrations() =>
    a_review_is_announced_and_told_overdue_once, an_incomplete_review_is_not_handed_over,
    figures_are_frozen_when_handed_over, two_people_editing_at_once, strangers_see_nothing,
    the_next_review_is_due_six_months_after_the_last, a_gap_between_levels_is_a_question,
);

async fn a_review_is_announced_and_told_overdue_once(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let file = startups
        .startup(&world.officer, world.startup)
        .await
        .unwrap();
    assert_eq!(file.product.due_on, Some(date(2026, 3, 1)));
    assert_eq!(file.reviews[0].state, ReviewState::Due);
    assert!(file.reviews[0].is_overdue(date(2026, 3, 2)));
    let to_team = async || {
        let all = world.mails().await;
        let of_team = all.into_iter().filter(|(to, _)| to == "tim.team@x.example");
        of_team.map(|(_, subject)| subject).collect::<Vec<_>>()
    };
    assert_eq!(
        to_team().await.len(),
        2,
        "announced, and overdue since yesterday"
    );
    startups.keep_house().await.unwrap();
    assert_eq!(to_team().await.len(), 2, "each once");
    // The other start-up is due on 1 August: it is announced in July.
    world.wait_until("2026-07-01");
    startups.keep_house().await.unwrap();
    assert_eq!(to_team().await.len(), 2);
    world.wait_until("2026-07-02");
    startups.keep_house().await.unwrap();
    assert_eq!(to_team().await.len(), 3);
}

async fn an_incomplete_review_is_not_handed_over(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let id = startups
        .open_review(&world.team, world.startup)
        .await
        .unwrap();
    let again = startups
        .open_review(&world.team, world.startup)
        .await
        .unwrap();
    assert_eq!(id, again, "one review at a time");
    let early = startups.submit(&world.team, id, 1).await;
    assert!(
        matches!(early, Err(StartupsError::Impossible)),
        "nothing was prepared"
    );
    let decided = world
        .decide(&world.officer, id, &decision("continue", "2026-03-02"))
        .await;
    assert!(matches!(decided, Err(StartupsError::Impossible)));
    let form = PreparationForm {
        learnt: "Peu".into(),
        ..PreparationForm::default()
    };
    startups.prepare(&world.team, id, 1, &form).await.unwrap();
    let lacks = mistakes(startups.submit(&world.team, id, 2).await);
    let fields: Vec<&str> = lacks.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "plan",
            "users",
            "spent",
            "reached-usable",
            "reached-used",
            "reached-useful",
            "reached-impactful",
            "reached-efficient"
        ]
    );
}

async fn figures_are_frozen_when_handed_over(db: Db) {
    let world = world(db).await;
    let id = world.submitted(world.startup).await;
    let indicator = world.indicator(world.startup).await;
    world.measure(indicator, "180", "2026-03-01").await;
    let (one, ..) = world.startups.review(&world.officer, id).await.unwrap();
    let figures = one.figures.unwrap();
    assert_eq!(figures["indicators"][0]["latest"][0], 100.0);
    assert_eq!(figures["as_of"], "2026-03-02");
    let file = world
        .startups
        .startup(&world.officer, world.startup)
        .await
        .unwrap();
    assert_eq!(file.product.spent_cents, 9_000_000);
    // Given back, it is prepared again with the figures of then.
    let startups = &world.startups;
    let back = startups.give_back(&world.team, id, 3, "Trop court").await;
    assert!(
        matches!(back, Err(StartupsError::Denied(_))),
        "the team doesn't judge itself"
    );
    startups
        .give_back(&world.committee, id, 3, "Le budget manque")
        .await
        .unwrap();
    startups.submit(&world.team, id, 4).await.unwrap();
    let (one, ..) = startups.review(&world.officer, id).await.unwrap();
    assert_eq!(one.figures.unwrap()["indicators"][0]["latest"][0], 180.0);
}

async fn two_people_editing_at_once(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let id = startups
        .open_review(&world.team, world.startup)
        .await
        .unwrap();
    let form = world.prepared(world.startup).await;
    startups.prepare(&world.team, id, 1, &form).await.unwrap();
    let second = startups.prepare(&world.officer, id, 1, &form).await;
    assert!(matches!(second, Err(StartupsError::Stale)));
}

async fn strangers_see_nothing(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let id = world.submitted(world.startup).await;
    let seen = startups.review(&world.stranger, id).await;
    assert!(matches!(seen, Err(StartupsError::Denied(_))));
    let seen = startups.startup(&world.stranger, world.startup).await;
    assert!(matches!(seen, Err(StartupsError::Denied(_))));
    let opened = startups.open_review(&world.stranger, world.idea).await;
    assert!(matches!(opened, Err(StartupsError::Denied(_))));
    let version = world.version(id).await;
    let form = decision("stop", "2026-03-02");
    for actor in [&world.stranger, &world.team] {
        let decided = startups.decide(actor, id, version, &form).await;
        assert!(matches!(decided, Err(StartupsError::Denied(_))));
    }
}

async fn the_next_review_is_due_six_months_after_the_last(db: Db) {
    let world = world(db).await;
    world.wait_until("2026-08-31");
    let id = world.submitted(world.startup).await;
    let form = startups::domain::DecisionForm {
        next_by: crate::world::typed("2026-12-01"),
        ..decision("continue", "2026-08-31")
    };
    world.decide(&world.committee, id, &form).await.unwrap();
    let file = world
        .startups
        .startup(&world.officer, world.startup)
        .await
        .unwrap();
    assert_eq!(file.product.last_review_on, Some(date(2026, 8, 31)));
    assert_eq!(
        file.product.due_on,
        Some(date(2027, 2, 28)),
        "the last day of a short month"
    );
    assert_eq!(file.product.level, Some(Level::Used));
}

async fn a_gap_between_levels_is_a_question(db: Db) {
    let world = world(db).await;
    let startups = &world.startups;
    let id = startups
        .open_review(&world.team, world.startup)
        .await
        .unwrap();
    let mut form = world.prepared(world.startup).await;
    let reached = form.levels.get("used").cloned().unwrap();
    form.levels.insert("impactful".into(), reached);
    form.levels.get_mut("used").unwrap().reached = "no".into();
    startups.prepare(&world.team, id, 1, &form).await.unwrap();
    startups.submit(&world.team, id, 2).await.unwrap();
    let (one, ..) = startups.review(&world.officer, id).await.unwrap();
    assert_eq!(
        questioned(&one.prepared.levels),
        [Level::Used, Level::Useful]
    );
}
