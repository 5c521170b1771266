//! Reviews: one question, then more within the hour; counted once, told to impact, nobody known.

use std::net::IpAddr;

use impact::IndicatorForm;
use kit_db::Db;
use kit_journal::{Filter, Journal};
use observatory::domain::{Criterion, DetailsForm, Satisfaction};
use observatory::{ObservatoryError, ReviewFilter};
use ports::ProductId;
use uuid::Uuid;

use crate::world::{World, migrations, mistakes, root, world};

kit_db::on_both_databases!(migrations() =>
    a_form_sent_twice_is_one_review, a_review_is_completed_once_within_the_hour,
    what_names_somebody_is_never_stored, one_address_gives_thirty_reviews_an_hour,
    a_closed_procedure_takes_none, satisfaction_becomes_a_figure_that_nobody_types,
    comments_are_erased_by_the_team_and_after_two_years, the_journal_knows_no_review,
);

const REVIEW: Uuid = Uuid::from_u128(0x7e51);

async fn given(world: &World, id: Uuid, how: Satisfaction) {
    let from: IpAddr = "192.0.2.7".parse().unwrap();
    let done = world
        .observatory
        .review(Some(from), world.procedure, id, how);
    done.await.unwrap();
}

/// Reviews, answers about ease and their score: of today.
async fn counted(world: &World) -> (i64, i64, Option<i64>) {
    let results = world
        .observatory
        .results(&world.team, world.procedure)
        .await;
    let results = results.unwrap();
    let of = |wanted| {
        *results
            .figures
            .iter()
            .find(|one| one.criterion == wanted)
            .unwrap()
    };
    (
        of(Criterion::Satisfaction).answers.unwrap(),
        of(Criterion::Simplicity).answers.unwrap(),
        of(Criterion::Satisfaction).value,
    )
}

async fn a_form_sent_twice_is_one_review(db: Db) {
    let world = world(db).await;
    given(&world, REVIEW, Satisfaction::Good).await;
    given(&world, REVIEW, Satisfaction::Bad).await;
    given(&world, Uuid::from_u128(2), Satisfaction::Medium).await;
    assert_eq!(counted(&world).await, (2, 0, Some(7_500)));
}

async fn a_review_is_completed_once_within_the_hour(db: Db) {
    let world = world(db).await;
    given(&world, REVIEW, Satisfaction::Bad).await;
    let form = DetailsForm {
        ease: "4".into(),
        help: "not-reached".into(),
        ..DetailsForm::default()
    };
    let wrong = DetailsForm {
        ease: "9".into(),
        ..DetailsForm::default()
    };
    let refused = world.observatory.complete(REVIEW, &wrong).await;
    assert_eq!(
        mistakes(refused),
        [("ease".into(), "observatory-mistake-whole")]
    );
    world.wait_minutes(59);
    world.observatory.complete(REVIEW, &form).await.unwrap();
    let again = world.observatory.complete(REVIEW, &form).await;
    assert!(matches!(again, Err(ObservatoryError::Closed)));
    assert_eq!(counted(&world).await, (1, 1, Some(0)));
    given(&world, Uuid::from_u128(2), Satisfaction::Good).await;
    world.wait_minutes(61);
    let late = world.observatory.complete(Uuid::from_u128(2), &form).await;
    assert!(matches!(late, Err(ObservatoryError::Closed)));
    let nobody = world.observatory.complete(Uuid::from_u128(3), &form).await;
    assert!(matches!(nobody, Err(ObservatoryError::NotFound)));
}

async fn what_names_somebody_is_never_stored(db: Db) {
    let world = world(db).await;
    given(&world, REVIEW, Satisfaction::Bad).await;
    let form = DetailsForm {
        comment: "Rappelez-moi au 06 12 34 56 78 ou jeanne@site.example".into(),
        ..DetailsForm::default()
    };
    world.observatory.complete(REVIEW, &form).await.unwrap();
    let all = world
        .observatory
        .reviews(
            &world.team,
            world.procedure,
            ReviewFilter::default(),
            (jiff::Timestamp::MAX, Uuid::max()),
            10,
        )
        .await
        .unwrap();
    let details = &all[0].answers.details;
    assert_eq!(details.comment, "Rappelez-moi au [masqué] ou [masqué]");
    assert!(details.is_masked);
}

async fn one_address_gives_thirty_reviews_an_hour(db: Db) {
    let world = world(db).await;
    let from: IpAddr = "192.0.2.9".parse().unwrap();
    let give = async |number: u128, from| {
        let id = Uuid::from_u128(number);
        let how = Satisfaction::Bad;
        world
            .observatory
            .review(Some(from), world.procedure, id, how)
            .await
    };
    for number in 1..=30 {
        give(number, from).await.unwrap();
    }
    let refused = give(31, from).await;
    assert!(matches!(
        refused,
        Err(ObservatoryError::Flood {
            retry_after_seconds: 1..
        })
    ));
    give(32, "192.0.2.10".parse().unwrap()).await.unwrap();
    assert_eq!(counted(&world).await.0, 31);
    // A subscriber's whole network of IPv6 counts as one.
    for number in 1..=31_u32 {
        let from: IpAddr = format!("2001:db8::{number:x}").parse().unwrap();
        let given = give(100 + u128::from(number), from).await;
        assert_eq!(given.is_ok(), number <= 30, "{from}");
    }
}

async fn a_closed_procedure_takes_none(db: Db) {
    let world = world(db).await;
    let version = world.version(world.procedure).await;
    let close = world
        .observatory
        .set_open(&world.team, world.procedure, version, false);
    close.await.unwrap();
    let refused = world
        .observatory
        .review(None, world.procedure, REVIEW, Satisfaction::Good)
        .await;
    assert!(matches!(refused, Err(ObservatoryError::Closed)));
    let nothing = world
        .observatory
        .review(None, Uuid::from_u128(9), REVIEW, Satisfaction::Good)
        .await;
    assert!(matches!(nothing, Err(ObservatoryError::NotFound)));
}

async fn satisfaction_becomes_a_figure_that_nobody_types(db: Db) {
    let world = world(db).await;
    let add = async |name: &str, origin: &str| {
        let form = IndicatorForm {
            name: name.into(),
            measured: "Ce que disent les usagers".into(),
            unit: "sur 10".into(),
            direction: "more".into(),
            rhythm: "monthly".into(),
            level: "useful".into(),
            origin: origin.into(),
            subject: world.procedure.to_string(),
            ..IndicatorForm::default()
        };
        let product = ProductId(world.product);
        world
            .impact
            .add_indicator(&root(), product, &form)
            .await
            .unwrap()
    };
    let satisfaction = add("Satisfaction", "satisfaction").await;
    let number = add("Avis", "reviews").await;
    world.give("2026-03-03", [3, 1, 0]).await;
    world.observatory.keep_house().await.unwrap();
    // What is told once isn't told again; what came later is.
    world.observatory.keep_house().await.unwrap();
    world.give("2026-03-03", [0, 0, 1]).await;
    world.observatory.keep_house().await.unwrap();
    world.follow().await;
    world.wait_until("2026-04-04");
    world.impact.keep_house().await.unwrap();
    let figures = async |id| {
        let told = world.impact.told(id).await.unwrap();
        let rows = told.figures.iter();
        rows.map(|row| (row.as_of.to_string(), row.value.unwrap().to_string()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        figures(satisfaction).await,
        [("2026-03-31".to_owned(), "7".to_owned())]
    );
    assert_eq!(
        figures(number).await,
        [("2026-03-31".to_owned(), "5".to_owned())]
    );
}

async fn comments_are_erased_by_the_team_and_after_two_years(db: Db) {
    let world = world(db).await;
    let comment = async |id: u128| {
        let id = Uuid::from_u128(id);
        given(&world, id, Satisfaction::Medium).await;
        let form = DetailsForm {
            comment: "Merci à Jeanne du guichet".into(),
            ..DetailsForm::default()
        };
        world.observatory.complete(id, &form).await.unwrap();
        id
    };
    let (named, kept) = (comment(1).await, comment(2).await);
    let erase =
        async |actor, id, reason: &str| world.observatory.erase_comment(actor, id, reason).await;
    for actor in [&world.reader, &world.stranger] {
        let denied = erase(actor, named, "nomme quelqu’un").await;
        assert!(matches!(denied, Err(ObservatoryError::Denied(_))));
    }
    let silent = erase(&world.team, named, " ").await;
    assert_eq!(
        mistakes(silent),
        [("reason".into(), "observatory-mistake-missing")]
    );
    for _ in 0..2 {
        let done = erase(&world.team, named, "nomme quelqu’un").await;
        assert_eq!(done.unwrap(), world.procedure);
    }
    let comments = async || {
        let before = (jiff::Timestamp::MAX, Uuid::max());
        let all = world
            .observatory
            .reviews(
                &world.team,
                world.procedure,
                ReviewFilter::default(),
                before,
                10,
            )
            .await
            .unwrap();
        let mut all: Vec<_> = all
            .into_iter()
            .map(|one| {
                (
                    one.id,
                    one.answers.details.comment.is_empty(),
                    one.erased_on.is_some(),
                )
            })
            .collect();
        all.sort();
        all
    };
    assert_eq!(
        comments().await,
        [(named, true, true), (kept, false, false)]
    );
    world.wait_until("2028-03-02");
    world.observatory.keep_house().await.unwrap();
    assert_eq!(
        comments().await,
        [(named, true, true), (kept, false, false)]
    );
    world.wait_until("2028-03-03");
    world.observatory.keep_house().await.unwrap();
    assert_eq!(comments().await, [(named, true, true), (kept, true, true)]);
}

async fn the_journal_knows_no_review(db: Db) {
    let world = world(db).await;
    given(&world, REVIEW, Satisfaction::Good).await;
    world.observatory.keep_house().await.unwrap();
    let filter = Filter {
        action: Some("observatory.review.count".into()),
        ..Filter::default()
    };
    let entries = Journal::browse(&world.db, &filter, None, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    let after = entries[0].after.as_ref().unwrap();
    assert_eq!(
        after,
        &serde_json::json!({ "day": "2026-03-02", "reviews": 1, "points": 10 })
    );
    assert!(!format!("{entries:?}").contains(&REVIEW.to_string()));
}
