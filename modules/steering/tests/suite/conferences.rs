//! Conferences: the agenda, the frozen files, the minutes and who adopts them.

use std::sync::Arc;

use kit_access::Actor;
use kit_db::Db;
use steering::domain::{
    ConferenceAct, ConferenceForm, ConferenceState, DecisionForm, PublicationForm, Reason,
};
use steering::{AlertAct, SteeringError, Way};
use uuid::Uuid;

use crate::acts::{Called, Other, alerted};
use crate::conference_world::{form, minutes, reorient};
use crate::world::{migrations, typed, world};

kit_db::on_both_databases!(migrations() =>
    one_ordinary_conference_a_year, a_conference_in_the_past_is_refused,
    the_data_proposes_and_an_officer_decides, files_stay_as_they_stood,
    nothing_is_held_before_its_files_are_frozen, minutes_are_not_adopted_by_one_side_alone,
    a_decision_before_the_conference_is_refused, two_people_writing_at_once,
    adopted_minutes_never_change, a_ministry_writes_and_adopts_but_does_not_decide,
    a_moved_conference_tells_both_sides, other_modules_are_read_and_the_brigade_is_sent,
    what_alerts_put_on_the_agenda_is_closed_by_adoption,
);

fn field(result: Result<impl std::fmt::Debug, SteeringError>) -> String {
    match result {
        Err(SteeringError::Mistakes(mistakes)) => mistakes[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

async fn one_ordinary_conference_a_year(db: Db) {
    let world = world(db).await;
    let (steering, officer, ministry) = (&world.steering, &world.officer, world.ministry);
    let first = steering
        .plan_conference(officer, ministry, &form("2026-06-16"))
        .await
        .unwrap();
    let second = steering
        .plan_conference(officer, ministry, &form("2026-11-16"))
        .await;
    assert_eq!(field(second), "day");
    let another = ConferenceForm {
        kind: "extraordinary".into(),
        ..form("2026-11-16")
    };
    let bare = steering.plan_conference(officer, ministry, &another).await;
    assert_eq!(field(bare), "reason");
    let another = ConferenceForm {
        reason: "Un projet s’arrête en cours d’année".into(),
        ..another
    };
    steering
        .plan_conference(officer, ministry, &another)
        .await
        .unwrap();
    // Next year's is planned; it can't come into this year.
    let next = steering
        .plan_conference(officer, ministry, &form("2027-06-16"))
        .await
        .unwrap();
    let back = ConferenceForm {
        reason: "Plus tôt".into(),
        ..form("2026-10-16")
    };
    let moved = steering.edit_conference(officer, next, 1, &back).await;
    assert_eq!(field(moved), "day");
    // One that is cancelled leaves its year free.
    world
        .do_it(officer, first, ConferenceAct::Cancel)
        .await
        .unwrap();
    steering
        .edit_conference(officer, next, 1, &back)
        .await
        .unwrap();
}

async fn a_conference_in_the_past_is_refused(db: Db) {
    let world = world(db).await;
    for day in ["2026-03-01", "2030-03-01"] {
        let refused = world
            .steering
            .plan_conference(&world.officer, world.ministry, &form(day))
            .await;
        assert_eq!(field(refused), "day", "{day}");
    }
    let nobody = Uuid::from_u128(7);
    let refused = world
        .steering
        .plan_conference(&world.officer, nobody, &form("2026-06-16"))
        .await;
    assert!(matches!(refused, Err(SteeringError::NotFound)));
}

async fn the_data_proposes_and_an_officer_decides(db: Db) {
    let world = world(db).await;
    world.estimate("2026-03-01", "52.4", "6").await;
    world.unfavourable().await;
    world.steering.keep_house().await.unwrap();
    let quiet = world.another_project("Annuaire des phares").await;
    let (steering, officer) = (&world.steering, &world.officer);
    let id = steering
        .plan_conference(officer, world.ministry, &form("2026-06-16"))
        .await
        .unwrap();
    let bare = steering.drop_point(officer, id, world.project, " ").await;
    assert_eq!(field(bare), "reason");
    steering
        .drop_point(officer, id, world.project, "Vu en comité le mois dernier")
        .await
        .unwrap();
    let (_, points) = world.conference(id).await;
    assert!(points[0].dropped.is_some() && points[0].is_proposed);
    assert_eq!(points[0].why[0], Reason::Opinion);
    let found = points[0].why.iter().any(|one| one.code() == "cost");
    assert!(found, "{:?}", points[0].why);
    // It comes back without a word: the data says why. What no datum proposes needs one.
    steering
        .take_point(officer, id, world.project, "")
        .await
        .unwrap();
    let bare = steering.take_point(officer, id, quiet, "").await;
    assert_eq!(field(bare), "note");
    let second = steering
        .take_point(officer, id, quiet, "Modèle à suivre")
        .await
        .unwrap();
    let twice = steering.take_point(officer, id, quiet, "Encore").await;
    assert!(matches!(twice, Err(SteeringError::Impossible)));
    for _ in 0..2 {
        steering
            .move_point(officer, id, second, Way::Up)
            .await
            .unwrap();
    }
    let (_, points) = world.conference(id).await;
    let order: Vec<Uuid> = points.iter().map(|one| one.product).collect();
    assert_eq!(order, [quiet, world.project]);
    // A product of another ministry isn't spoken of.
    let foreign = world.project_of_others("Cartes des refuges").await;
    let refused = steering.take_point(officer, id, foreign, "Voisin").await;
    assert_eq!(field(refused), "product");
}

async fn files_stay_as_they_stood(db: Db) {
    let world = world(db).await;
    world.unfavourable().await;
    let id = world.planned().await;
    world
        .do_it(&world.officer, id, ConferenceAct::Prepare)
        .await
        .unwrap();
    world.estimate("2026-03-20", "80", "9").await;
    let (one, points) = world.conference(id).await;
    let file = points[0].file.as_ref().unwrap();
    assert_eq!(file.cost_cents, Some(4_000_000_000));
    assert_eq!(file.as_of.to_string(), "2026-03-20");
    assert_eq!(file.reviews.len(), 1);
    assert_eq!(file.security, "Pièce security");
    assert_eq!(file.indicators, None, "nothing measures promises here");
    assert_eq!(one.life.frozen_on.unwrap().to_string(), "2026-03-20");
    let late = world
        .steering
        .drop_point(&world.officer, id, world.project, "Trop tard")
        .await;
    assert!(matches!(late, Err(SteeringError::Impossible)));
    for sql in [
        "UPDATE steering_conference_point SET file = '{}'",
        "UPDATE steering_conference_point SET file = NULL",
        "UPDATE steering_conference_point SET why = '[]'",
        "DELETE FROM steering_conference_point",
        "DELETE FROM steering_conference",
        "UPDATE steering_conference_step SET reason = 'Autre'",
        "DELETE FROM steering_conference_step",
    ] {
        let mut tx = world.db.begin().await.unwrap();
        assert!(tx.script(sql).await.is_err(), "{sql}");
    }
}

async fn nothing_is_held_before_its_files_are_frozen(db: Db) {
    let world = world(db).await;
    let (steering, officer) = (&world.steering, &world.officer);
    let empty = steering
        .plan_conference(officer, world.ministry, &form("2026-06-16"))
        .await
        .unwrap();
    let refused = world.do_it(officer, empty, ConferenceAct::Prepare).await;
    assert_eq!(field(refused), "act");
    steering
        .take_point(officer, empty, world.project, "Le plus cher")
        .await
        .unwrap();
    world.wait_until("2026-06-16");
    let early = world.do_it(officer, empty, ConferenceAct::Hold).await;
    assert!(matches!(early, Err(SteeringError::Impossible)), "no file");
    world
        .do_it(officer, empty, ConferenceAct::Prepare)
        .await
        .unwrap();
    let stale = steering
        .act_on_conference(officer, empty, 1, ConferenceAct::Hold, "")
        .await;
    assert!(matches!(stale, Err(SteeringError::Stale)));
    world
        .do_it(officer, empty, ConferenceAct::Hold)
        .await
        .unwrap();
    let cancelled = world.do_it(officer, empty, ConferenceAct::Cancel).await;
    assert!(matches!(cancelled, Err(SteeringError::Impossible)));
}

async fn minutes_are_not_adopted_by_one_side_alone(db: Db) {
    let world = world(db).await;
    let ids = world.held().await;
    let (officer, director) = (&world.officer, &world.director);
    let unwritten = world
        .do_it(officer, ids.0, ConferenceAct::AdoptDirectorate)
        .await;
    assert_eq!(field(unwritten), "act");
    let form = minutes("Le comité a tout dit", "On attend l’avis du Budget");
    world
        .steering
        .write_minutes(officer, ids, 1, &form)
        .await
        .unwrap();
    world
        .do_it(officer, ids.0, ConferenceAct::AdoptDirectorate)
        .await
        .unwrap();
    let (one, _) = world.conference(ids.0).await;
    assert_eq!(one.life.state, ConferenceState::Held);
    let twice = world
        .do_it(officer, ids.0, ConferenceAct::AdoptDirectorate)
        .await;
    assert!(matches!(twice, Err(SteeringError::Impossible)));
    let alone = world
        .do_it(officer, ids.0, ConferenceAct::AdoptMinistry)
        .await;
    assert!(matches!(alone, Err(SteeringError::Denied(_))));
    // Somebody with both hats adopts once.
    let grants = [officer, director].map(|one| one.grants.as_ref().clone());
    let both = Actor::person(officer.person_id().unwrap(), "Olga", grants.concat());
    let same = world
        .do_it(&both, ids.0, ConferenceAct::AdoptMinistry)
        .await;
    assert_eq!(field(same), "act");
    // What changes was adopted by nobody.
    world.write(director, ids, "Le ministère précise").await;
    let (one, points) = world.conference(ids.0).await;
    assert_eq!(one.life.directorate, None);
    assert_eq!(points[0].written_by, "Dora Director");
}

async fn a_decision_before_the_conference_is_refused(db: Db) {
    let world = world(db).await;
    let ids = world.held().await;
    let decide = async |form: &DecisionForm| {
        world
            .steering
            .decide_point(&world.officer, ids, 1, form)
            .await
    };
    for on in ["2026-06-15", "2026-06-18"] {
        assert_eq!(field(decide(&reorient(on)).await), "on", "{on}");
    }
    let stop = DecisionForm {
        kind: "stop".into(),
        ..reorient("2026-06-16")
    };
    assert_eq!(field(decide(&stop).await), "avoided");
    let stop = DecisionForm {
        avoided: "12,3".into(),
        kept_assets: "Le code, publié".into(),
        ..stop
    };
    let id = decide(&stop).await.unwrap();
    let (one, _) = world.steering.decision(&world.officer, id).await.unwrap();
    assert_eq!(one.avoided_cents, Some(1_230_000_000));
    assert_eq!(one.figures["as_of"], "2026-06-17");
    let (_, points) = world.conference(ids.0).await;
    assert_eq!(points[0].decision, Some(id));
    let both = minutes("Dit", "Rien de décidé");
    let refused = world
        .steering
        .write_minutes(&world.officer, ids, points[0].version, &both)
        .await;
    assert_eq!(field(refused), "undecided");
}

async fn two_people_writing_at_once(db: Db) {
    let world = world(db).await;
    let ids = world.held().await;
    let steering = &world.steering;
    let first = minutes("Le premier texte", "");
    steering
        .write_minutes(&world.officer, ids, 1, &first)
        .await
        .unwrap();
    let second = steering
        .write_minutes(&world.director, ids, 1, &minutes("Le second", ""))
        .await;
    assert!(matches!(second, Err(SteeringError::Stale)));
    let cookies = world.signed_in("dora.director@x.example").await;
    let page = format!("/steering/conferences/{}/points/{}/minutes", ids.0, ids.1);
    let fields = [("version", "1"), ("discussion", "Le second")];
    let shown = world.app.post(&page, &page, &cookies, &fields).await;
    assert_eq!(shown.status, 422);
    for said in ["Olga Officer", "Le premier texte", "Le second"] {
        assert!(shown.body.contains(said), "{said}: {}", shown.body);
    }
    let fields = [("version", "2"), ("discussion", "Les deux")];
    assert_eq!(
        world.app.post(&page, &page, &cookies, &fields).await.status,
        303
    );
}

async fn adopted_minutes_never_change(db: Db) {
    let world = world(db).await;
    let ids = world.closed().await;
    let (one, points) = world.conference(ids.0).await;
    assert_eq!(one.life.state, ConferenceState::Closed);
    let steering = &world.steering;
    let late = steering
        .write_minutes(
            &world.officer,
            ids,
            points[0].version,
            &minutes("Autre", ""),
        )
        .await;
    assert!(matches!(late, Err(SteeringError::Impossible)));
    for sql in [
        "UPDATE steering_conference SET place = 'Ailleurs'",
        "UPDATE steering_conference SET state = 'held'",
        "UPDATE steering_conference_point SET discussion = 'Autre'",
    ] {
        let mut tx = world.db.begin().await.unwrap();
        assert!(tx.script(sql).await.is_err(), "{sql}");
    }
    // A correction is an addition, with its day and its author.
    let version = one.version;
    let text = "Lire 13 M€ au lieu de 12 M€.";
    steering
        .act_on_conference(&world.officer, ids.0, version, ConferenceAct::Add, text)
        .await
        .unwrap();
    let (_, _, steps) = steering.conference(&world.officer, ids.0).await.unwrap();
    let last = steps.last().unwrap();
    assert_eq!((last.act.as_str(), last.reason.as_str()), ("add", text));
    // Published with its redactions; nothing of them comes out.
    let public = format!("/steering/published/conferences/{}", ids.0);
    assert_eq!(
        world.app.get(&public, "").await.status,
        404,
        "not before its day"
    );
    let (one, _) = world.conference(ids.0).await;
    let form = PublicationForm {
        on: typed("2026-06-17"),
        reason: String::new(),
        redactions: "12 M€ | Secret des affaires".into(),
    };
    steering
        .publish_conference(&world.officer, ids.0, one.version, &form)
        .await
        .unwrap();
    let page = world.app.get(&public, "").await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Le prix de […] est contesté"));
    assert!(page.body.contains("Lire 13 M€"), "additions too");
    for hidden in ["12 M€", "Bruno Budget", "Réorienter", "Découper"] {
        assert!(!page.body.contains(hidden), "{hidden}");
    }
    // The decision and the recommendation come out on their own day.
    world.wait_until("2026-07-20");
    let page = world.app.get(&public, "").await;
    assert!(page.body.contains("Réorienter") && page.body.contains("Découper"));
    assert!(!page.body.contains("12 M€"), "{}", page.body);
    let published = world.app.get("/steering/published", "").await;
    assert!(published.body.contains("Ministère du Littoral"));
}

async fn a_ministry_writes_and_adopts_but_does_not_decide(db: Db) {
    let world = world(db).await;
    let steering = &world.steering;
    let planned = steering
        .plan_conference(&world.director, world.ministry, &form("2026-06-16"))
        .await;
    assert!(matches!(planned, Err(SteeringError::Denied(_))));
    let ids = world.held().await;
    for actor in [&world.director, &world.team] {
        let denied = steering
            .decide_point(actor, ids, 1, &reorient("2026-06-16"))
            .await;
        assert!(matches!(denied, Err(SteeringError::Denied(_))));
        let denied = world
            .do_it(actor, ids.0, ConferenceAct::AdoptDirectorate)
            .await;
        assert!(matches!(denied, Err(SteeringError::Denied(_))));
    }
    let form = minutes("Je n’étais pas là", "");
    let denied = steering.write_minutes(&world.team, ids, 1, &form).await;
    assert!(matches!(denied, Err(SteeringError::Denied(_))));
    for actor in [&world.stranger, &Actor::anonymous()] {
        let denied = steering.conference(actor, ids.0).await;
        assert!(matches!(denied, Err(SteeringError::Denied(_))));
        let denied = steering.write_minutes(actor, ids, 1, &form).await;
        assert!(matches!(denied, Err(SteeringError::Denied(_))));
    }
    let unwired = steering.send_brigade(&world.officer, ids, "Vite").await;
    assert!(
        matches!(unwired, Err(SteeringError::Impossible)),
        "no brigade"
    );
}

async fn a_moved_conference_tells_both_sides(db: Db) {
    let world = world(db).await;
    let id = world.planned().await;
    let (one, _) = world.conference(id).await;
    let moved = ConferenceForm {
        reason: "Remaniement".into(),
        ..form("2026-09-08")
    };
    world
        .steering
        .edit_conference(&world.officer, id, one.version, &moved)
        .await
        .unwrap();
    let mails = world.mails().await;
    for to in ["olga.officer@x.example", "dora.director@x.example"] {
        for what in ["est prévue", "est déplacée"] {
            let found = mails.iter().any(|(address, subject)| {
                address == to && subject.contains(what) && subject.contains("Littoral")
            });
            assert!(found, "{to} {what}: {mails:?}");
        }
    }
}

async fn other_modules_are_read_and_the_brigade_is_sent(db: Db) {
    let mut world = world(db).await.with_others(vec![Arc::new(Other)]);
    let called = Arc::new(Called::default());
    world.steering = world.steering.clone().with_brigade(called.clone());
    let ids = world.held().await;
    let (_, points) = world.conference(ids.0).await;
    let file = points[0].file.as_ref().unwrap();
    for facts in &file.facts {
        assert_eq!(facts[0].label, "Soutien engagé");
    }
    let steering = &world.steering;
    let denied = steering.send_brigade(&world.director, ids, "Vite").await;
    assert!(matches!(denied, Err(SteeringError::Denied(_))));
    steering
        .send_brigade(&world.officer, ids, "Débloquer l’accessibilité")
        .await
        .unwrap();
    let twice = steering.send_brigade(&world.officer, ids, "Encore").await;
    assert!(matches!(twice, Err(SteeringError::Impossible)));
    let calls = called.0.lock().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].origin, ("conference", ids.1));
    assert_eq!(calls[0].product.0, world.project);
}

async fn what_alerts_put_on_the_agenda_is_closed_by_adoption(db: Db) {
    let world = world(db).await;
    let alert = alerted(&world).await;
    let why = "Trancher le périmètre";
    world
        .steering
        .act_on_alert(
            &world.officer,
            alert.id,
            alert.version,
            AlertAct::Agenda,
            why,
        )
        .await
        .unwrap();
    let cookies = world.signed_in("olga.officer@x.example").await;
    let list = world.app.get("/steering/agenda", &cookies).await;
    assert!(list.body.contains(why));
    let ids = world.closed().await;
    let (_, points) = world.conference(ids.0).await;
    assert_eq!(points[0].why[0].code(), "agenda");
    let cookies = world.signed_in("olga.officer@x.example").await;
    let list = world.app.get("/steering/agenda", &cookies).await;
    assert!(!list.body.contains(why), "{}", list.body);
}
