//! Missions: bookings, days, extensions, reports, recommendations.

use brigade::BrigadeError;
use brigade::domain::{
    AnswerForm, ExtensionForm, MissionAct, MissionState, Mistake, PeriodForm, RecommendForm,
    RequestState,
};
use jiff::civil::date;
use kit_db::Db;

use crate::world::{migrations, typed, world};

kit_db::on_both_databases!(migrations() =>
    a_mission_is_led_to_its_end, overbooking_by_two_at_once_is_refused,
    what_is_cancelled_is_free_again, days_before_the_mission_and_in_the_future_are_refused,
    days_over_the_agreed_ones_need_an_extension, an_extension_that_no_longer_fits_is_refused,
    an_absence_shows_as_overbooking, a_report_that_is_late_is_told_once, outcomes_are_counted,
);

fn mistakes<T: std::fmt::Debug>(result: Result<T, BrigadeError>) -> Vec<Mistake> {
    match result {
        Err(BrigadeError::Mistakes(mistakes)) => mistakes,
        other => panic!("{other:?}"),
    }
}

async fn a_mission_is_led_to_its_end(db: Db) {
    let world = world(db).await;
    let brigade = &world.brigade;
    let request = world.asked().await;
    let id = world
        .propose(request, &[(world.experts[0], "cloud", "5")])
        .await
        .unwrap();
    let view = brigade.request(&world.director, request).await.unwrap();
    assert_eq!(view.request.state, RequestState::Accepted);
    let mails = world.mails().await;
    for to in ["dora.director@x.example", "lea@brigade.example"] {
        assert!(
            mails.iter().any(|(address, _)| address == to),
            "{to}: {mails:?}"
        );
    }
    // The directorate can't agree in the ministry's place, nor start before it did.
    let denied = world.act(&world.officer, id, MissionAct::Agree).await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
    let early = world.act(&world.officer, id, MissionAct::Start).await;
    assert!(matches!(early, Err(BrigadeError::Impossible)));
    world
        .act(&world.director, id, MissionAct::Agree)
        .await
        .unwrap();
    world
        .act(&world.officer, id, MissionAct::Start)
        .await
        .unwrap();
    world
        .record(&world.lea, id, ("2026-03-02", "2"))
        .await
        .unwrap();
    let form = RecommendForm {
        text: "Éteindre les serveurs qui dorment".into(),
        axis: "finance".into(),
        owner: "Équipe".into(),
        due: typed("2026-06-30"),
    };
    brigade.recommend(&world.officer, id, &form).await.unwrap();
    let unread = world.report(&world.stranger, id).await;
    assert!(matches!(unread, Err(BrigadeError::Denied(_))));
    world.report(&world.lea, id).await.unwrap();
    world
        .act(&world.officer, id, MissionAct::Close)
        .await
        .unwrap();
    let view = brigade.mission(&world.director, id).await.unwrap();
    assert_eq!(view.mission.state, MissionState::Closed);
    assert_eq!(
        (view.assignments[0].half_days, view.assignments[0].spent),
        (10, 2)
    );
    assert_eq!(view.recommendations.len(), 1);
    let acts: Vec<&str> = view.events.iter().map(|one| one.act.as_str()).collect();
    assert_eq!(
        acts,
        ["propose", "agree", "start", "recommend", "report", "close"]
    );
    let entries = kit_journal::Journal::after(&world.db, 0, 1_000)
        .await
        .unwrap();
    for action in [
        "brigade.mission.propose",
        "brigade.mission.act",
        "brigade.day.record",
    ] {
        assert!(entries.iter().any(|one| one.action == action), "{action}");
    }
}

async fn overbooking_by_two_at_once_is_refused(db: Db) {
    let world = world(db).await;
    let (one, two) = (world.asked().await, world.asked().await);
    let goes = [(world.experts[0], "cloud", "15")];
    let (first, second) = tokio::join!(world.propose(one, &goes), world.propose(two, &goes));
    let (done, refused) = if first.is_ok() {
        (first, second)
    } else {
        (second, first)
    };
    let Err(BrigadeError::Overbooked(found)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((found.wanted, found.free), (30, 10));
    assert_eq!(found.name, "Léa Expert");
    assert_eq!(found.taken.len(), 1, "the first is shown");
    assert_eq!(
        (found.taken[0].mission, found.taken[0].half_days),
        (done.unwrap(), 30)
    );
    let open = [one, two];
    let mut accepted = 0;
    for id in open {
        let view = world.brigade.request(&world.officer, id).await.unwrap();
        accepted += usize::from(view.request.state == RequestState::Accepted);
        assert_eq!(
            view.missions.len(),
            usize::from(view.request.state == RequestState::Accepted)
        );
    }
    assert_eq!(accepted, 1, "nothing of the second is kept");
}

async fn what_is_cancelled_is_free_again(db: Db) {
    let world = world(db).await;
    let (one, two) = (world.asked().await, world.asked().await);
    let goes = [(world.experts[0], "cloud", "20")];
    let id = world.propose(one, &goes).await.unwrap();
    let full = world.propose(two, &goes).await;
    assert!(matches!(full, Err(BrigadeError::Overbooked(_))));
    // The ministry refuses what was proposed.
    world
        .act(&world.director, id, MissionAct::Cancel)
        .await
        .unwrap();
    world.propose(two, &goes).await.unwrap();
    // Nothing happens to it any more, and another mission answers the same request.
    for act in [MissionAct::Agree, MissionAct::Start, MissionAct::Close] {
        let actor = if act == MissionAct::Agree {
            &world.director
        } else {
            &world.officer
        };
        let refused = world.act(actor, id, act).await;
        assert!(matches!(refused, Err(BrigadeError::Impossible)));
    }
    let marc = [(world.experts[1], "cloud", "2,5")];
    world.propose(one, &marc).await.unwrap();
}

async fn days_before_the_mission_and_in_the_future_are_refused(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    world.wait_until("2026-03-10");
    for (on, key) in [
        ("2026-03-01", "brigade-mistake-before"),
        ("2026-03-11", "brigade-mistake-future"),
        ("2026-03-07", "brigade-mistake-not-worked"),
    ] {
        let wrong = mistakes(world.record(&world.lea, id, (on, "1")).await);
        assert_eq!((wrong[0].field.as_str(), wrong[0].key), ("on", key));
    }
    let refused = world.record(&world.lea, id, ("2026-03-03", "3")).await;
    assert_eq!(mistakes(refused)[0].field, "half_days");
    let denied = world.record(&world.director, id, ("2026-03-03", "1")).await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
    world
        .record(&world.lea, id, ("2026-03-03", "1"))
        .await
        .unwrap();
    // A correction takes its place; none takes the day away.
    world
        .record(&world.officer, id, ("2026-03-03", "2"))
        .await
        .unwrap();
    world
        .record(&world.officer, id, ("2026-03-03", "0"))
        .await
        .unwrap();
    let view = world.brigade.mission(&world.officer, id).await.unwrap();
    assert!(view.days.is_empty());
    // Not after its end.
    world.wait_until("2026-04-02");
    let wrong = mistakes(world.record(&world.lea, id, ("2026-04-01", "1")).await);
    assert_eq!(wrong[0].key, "brigade-mistake-after");
}

async fn days_over_the_agreed_ones_need_an_extension(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    world.wait_until("2026-03-20");
    for on in [
        "2026-03-02",
        "2026-03-03",
        "2026-03-04",
        "2026-03-05",
        "2026-03-06",
    ] {
        world.record(&world.lea, id, (on, "2")).await.unwrap();
    }
    let wrong = mistakes(world.record(&world.lea, id, ("2026-03-09", "1")).await);
    assert_eq!(wrong[0].key, "brigade-mistake-too-much");
    let form = ExtensionForm {
        expert: world.experts[0].to_string(),
        days: "1,5".into(),
        to: typed("2026-04-03"),
        reason: "La reprise des données".into(),
    };
    let brigade = &world.brigade;
    let version = brigade
        .mission(&world.officer, id)
        .await
        .unwrap()
        .mission
        .version;
    let denied = brigade
        .propose_extension(&world.director, id, version, &form)
        .await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
    let extension = brigade
        .propose_extension(&world.officer, id, version, &form)
        .await
        .unwrap();
    let still = mistakes(world.record(&world.lea, id, ("2026-03-09", "1")).await);
    assert_eq!(
        still[0].key, "brigade-mistake-too-much",
        "not before it is agreed"
    );
    let denied = brigade
        .answer_extension(&world.officer, id, extension, true)
        .await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
    brigade
        .answer_extension(&world.director, id, extension, true)
        .await
        .unwrap();
    let twice = brigade
        .answer_extension(&world.director, id, extension, true)
        .await;
    assert!(matches!(twice, Err(BrigadeError::Impossible)));
    world
        .record(&world.lea, id, ("2026-03-09", "2"))
        .await
        .unwrap();
    let view = brigade.mission(&world.officer, id).await.unwrap();
    assert_eq!(view.mission.period.1, date(2026, 4, 3));
    assert_eq!(
        (view.assignments[0].half_days, view.assignments[0].spent),
        (13, 12)
    );
}

async fn an_extension_that_no_longer_fits_is_refused(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    let form = ExtensionForm {
        expert: world.experts[0].to_string(),
        days: "10".into(),
        to: typed("2026-03-27"),
        reason: "Davantage".into(),
    };
    let brigade = &world.brigade;
    let extension = brigade
        .propose_extension(&world.officer, id, 3, &form)
        .await
        .unwrap();
    let request = world.asked().await;
    let goes = [(world.experts[0], "cloud", "12")];
    let other = world.propose(request, &goes).await.unwrap();
    let refused = brigade
        .answer_extension(&world.director, id, extension, true)
        .await;
    let Err(BrigadeError::Overbooked(found)) = refused else {
        panic!("{refused:?}")
    };
    assert!(found.taken.iter().any(|one| one.mission == other));
    brigade
        .answer_extension(&world.director, id, extension, false)
        .await
        .unwrap();
}

async fn an_absence_shows_as_overbooking(db: Db) {
    let world = world(db).await;
    let request = world.asked().await;
    let goes = [(world.experts[0], "cloud", "20")];
    world.propose(request, &goes).await.unwrap();
    let brigade = &world.brigade;
    let week = async || {
        let board = brigade
            .board(&world.officer, date(2026, 3, 4), None)
            .await
            .unwrap();
        assert_eq!(board.weeks.len(), 12);
        let row = board.rows.iter().find(|row| row.expert == world.experts[0]);
        row.unwrap().weeks[1]
    };
    assert_eq!(week().await, (10, 10));
    let form = PeriodForm {
        from: typed("2026-03-09"),
        to: typed("2026-03-11"),
        days_week: "0".into(),
    };
    let period = brigade
        .add_period(&world.officer, world.experts[0], &form)
        .await
        .unwrap();
    assert_eq!(week().await, (10, 4), "taken and worked");
    brigade
        .remove_period(&world.officer, world.experts[0], period)
        .await
        .unwrap();
    assert_eq!(week().await, (10, 10));
    let some = brigade.board(&world.officer, date(2026, 3, 4), Some("accessibility"));
    assert_eq!(some.await.unwrap().rows.len(), 1);
}

async fn a_report_that_is_late_is_told_once(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    world.wait_until("2026-03-28");
    let before = world.mails().await.len();
    world.brigade.keep_house().await.unwrap();
    world.brigade.keep_house().await.unwrap();
    // The officer and the expert.
    assert_eq!(world.mails().await.len(), before + 2);
    world.report(&world.officer, id).await.unwrap();
}

async fn outcomes_are_counted(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    world
        .record(&world.lea, id, ("2026-03-02", "2"))
        .await
        .unwrap();
    let late = world.asked().await;
    world.wait_until("2026-03-13");
    let why = AnswerForm {
        reason: "Non".into(),
        ..AnswerForm::default()
    };
    let act = brigade::domain::RequestAct::Decline;
    world
        .brigade
        .act_on_request(&world.officer, late, 1, act, &why)
        .await
        .unwrap();
    world.asked().await;
    let form = RecommendForm {
        text: "Éteindre les serveurs qui dorment".into(),
        axis: "finance".into(),
        owner: "Équipe".into(),
        due: typed("2026-06-30"),
    };
    world
        .brigade
        .recommend(&world.officer, id, &form)
        .await
        .unwrap();
    world.report(&world.officer, id).await.unwrap();
    world
        .act(&world.officer, id, MissionAct::Close)
        .await
        .unwrap();
    let found = world.brigade.outcomes(&world.officer).await.unwrap();
    assert_eq!(
        (found.answered, found.answered_in_time, found.waiting),
        (2, 1, 0)
    );
    assert_eq!(found.waited_days_median, Some(5.5));
    let cloud = found.days["cloud"];
    assert_eq!((cloud.asked, cloud.agreed, cloud.spent), (30, 10, 2));
    assert_eq!(found.verified, Some((1, 0)));
    world.recommended.0.lock().unwrap()[0].1.status = "verified";
    let found = world.brigade.outcomes(&world.officer).await.unwrap();
    assert_eq!(found.verified, Some((1, 1)));
    let denied = world.brigade.outcomes(&world.director).await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
}
