//! People contest accesses; producers and the directorate answer.

use exchange::ExchangeError;
use exchange::domain::ContestForm;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use kit_db::Db;
use kit_time::Clock as _;
use ports::exchange::Trace;
use ports::roles::DATA_PRODUCER;
use uuid::Uuid;

use crate::citizen_world::{cookie, elodie, marc, sure};
use crate::world::{World, migrations, person, root, world};

kit_db::on_both_databases!(migrations() =>
    a_contest_is_made_once_and_answered, anothers_access_cannot_be_contested,
    contests_are_their_producers, a_flood_of_contests_is_refused, contests_go_with_traces,
);

/// A world with one call about Élodie, and its place.
async fn called(db: Db) -> World {
    let world = world(db).await;
    let (id, status) = world.accredited_by_status().await;
    let subject = world.about_elodie(&status).await;
    let traces: Vec<Trace> = (0..25)
        .map(|_| world.trace_of(&status, id, &subject))
        .collect();
    world.exchange.keep_traces("log", 0, &traces).await.unwrap();
    world
}

fn form(body: &str, mail: &str) -> ContestForm {
    ContestForm {
        body: body.into(),
        mail: mail.into(),
    }
}

const LATEST: (Timestamp, Uuid) = (Timestamp::MAX, Uuid::max());

async fn send(
    world: &World,
    path: &str,
    cookies: &str,
    page: &str,
    fields: &[(&str, &str)],
) -> crate::world::Answer {
    let shown = world.get(page, cookies).await;
    let mut all = cookies.to_owned();
    for set in &shown.cookies {
        all.push_str(&format!("; {set}"));
    }
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("csrf_token", &shown.token());
    for (name, value) in fields {
        body.append_pair(name, value);
    }
    world.post_raw(path, &all, body.finish()).await
}

async fn a_contest_is_made_once_and_answered(db: Db) {
    let world = called(db.clone()).await;
    let path = "/citizen/access?log=log&index=0";
    let text = "Je n’ai pas d’enfant à la cantine de Valclair.";
    let fields = |body| {
        [
            ("log", "log"),
            ("index", "0"),
            ("body", body),
            ("mail", "Elodie@courriel.example"),
        ]
    };
    let again = send(
        &world,
        "/citizen/access",
        &cookie("elodie"),
        path,
        &fields(""),
    )
    .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.body.contains("Elodie@courriel.example"),
        "nothing is lost"
    );
    let sent = send(
        &world,
        "/citizen/access",
        &cookie("elodie"),
        path,
        &fields(text),
    )
    .await;
    assert_eq!(
        (sent.status, sent.location.as_str()),
        (StatusCode::SEE_OTHER, path)
    );
    let page = world.get(path, &cookie("elodie")).await;
    assert!(page.body.contains("Contestation en attente de réponse"));
    let twice = world
        .exchange
        .contest(&sure(elodie()), ("log", 0), &form(text, ""))
        .await;
    assert!(matches!(twice, Err(ExchangeError::Mistakes(_))));
    let mails = world.mails().await;
    let told = mails
        .iter()
        .filter(|(_, subject)| subject.contains("contesté"));
    let told: Vec<&str> = told.map(|(to, _)| to.as_str()).collect();
    assert!(told.contains(&"paul.prod@x.example") && told.contains(&"ines.inst@x.example"));

    let paul = world.signed_in("paul.prod@x.example").await;
    let list = world.get("/exchange/contests", &paul).await;
    assert!(list.body.contains("Contestation en attente"));
    let all = world
        .exchange
        .contests(&world.producer, world.fund, LATEST, 10)
        .await
        .unwrap();
    let id = all[0].id;
    let path = format!("/exchange/contests/{id}");
    let page = world.get(&path, &paul).await;
    assert!(page.body.contains(text));
    assert!(
        !page.body.to_lowercase().contains("elodie@courriel.example"),
        "the address isn't shown"
    );
    let answer = "L’enfant est inscrit par son autre parent.";
    let again = send(&world, &path, &paul, &path, &[("answer", answer)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("state", "unfounded"), ("answer", answer)];
    let sent = send(&world, &path, &paul, &path, &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let late = world
        .exchange
        .answer_contest(&world.instructor, id, "founded", "Si.")
        .await;
    assert!(matches!(late, Err(ExchangeError::Stale)));
    let mails = world.mails().await;
    let mut to_her = mails
        .iter()
        .filter(|(to, _)| to == "elodie@courriel.example");
    assert_eq!(to_her.next().unwrap().1, "Réponse à votre contestation");
    let kept = world
        .exchange
        .contest_of(&world.producer, id)
        .await
        .unwrap();
    assert_eq!(kept.mail, "", "the address is forgotten");
    let page = world
        .get("/citizen/access?log=log&index=0", &cookie("elodie"))
        .await;
    assert!(page.body.contains("Contestation non fondée") && page.body.contains(answer));

    let journal = kit_journal::Journal::after(&db, 0, 1_000).await.unwrap();
    let journal = format!("{journal:?}");
    assert!(
        journal.contains("exchange.contest.make") && journal.contains("exchange.contest.answer")
    );
    for personal in [
        "enfant",
        "courriel.example",
        "Fonteneau",
        &elodie().citizen.to_string(),
    ] {
        assert!(!journal.contains(personal), "{personal}");
    }
}

async fn anothers_access_cannot_be_contested(db: Db) {
    let world = called(db).await;
    let made = world
        .exchange
        .contest(&sure(marc()), ("log", 0), &form("C’est moi.", ""))
        .await;
    assert!(matches!(made, Err(ExchangeError::NotFound)));
    let page = "/citizen/access?log=log&index=0";
    let fields = [("log", "log"), ("index", "0"), ("body", "C’est moi.")];
    // With the proof of origin of her own page, under his cookie.
    let shown = world.get(page, &cookie("elodie")).await;
    let body = format!("csrf_token={}&log=log&index=0&body=x", shown.token());
    let cookies = format!("{}; {}", cookie("marc"), shown.cookies.join("; "));
    let answer = world.post_raw("/citizen/access", &cookies, body).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let nobody = format!("csrf_token={}&log=log&index=0&body=x", shown.token());
    let answer = world
        .post_raw("/citizen/access", &shown.cookies.join("; "), nobody)
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.location.starts_with("/citizen/sign-in"));
    let without = world
        .post_raw(
            "/citizen/access",
            &cookie("elodie"),
            "log=log&index=0&body=x".into(),
        )
        .await;
    assert_eq!(
        without.status,
        StatusCode::FORBIDDEN,
        "a form of another site"
    );
    let all = world
        .exchange
        .contests(&root(), world.fund, LATEST, 10)
        .await;
    assert_eq!(all.unwrap(), []);
    let sent = send(&world, "/citizen/access", &cookie("elodie"), page, &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
}

async fn contests_are_their_producers(db: Db) {
    let world = called(db).await;
    let exchange = &world.exchange;
    let id = exchange
        .contest(&sure(elodie()), ("log", 3), &form("Non.", ""))
        .await
        .unwrap();
    let other = person(&world.directory, "Tina Tax", DATA_PRODUCER, Some(world.tax)).await;
    for stranger in [&other, &world.requester] {
        assert!(
            exchange
                .contests(stranger, world.fund, LATEST, 10)
                .await
                .is_err()
        );
        let found = exchange.contest_of(stranger, id).await;
        assert!(matches!(found, Err(ExchangeError::NotFound)));
        let answered = exchange
            .answer_contest(stranger, id, "founded", "Oui.")
            .await;
        assert!(matches!(answered, Err(ExchangeError::NotFound)));
    }
    let rosa = world.signed_in("rosa.req@x.example").await;
    let page = world.get("/exchange/contests", &rosa).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    // The directorate answers for any producer.
    exchange
        .answer_contest(&world.instructor, id, "founded", "Oui.")
        .await
        .unwrap();
    let all = exchange
        .contests(&world.producer, world.fund, LATEST, 10)
        .await
        .unwrap();
    assert_eq!(all[0].answer.as_ref().unwrap().1, "Inès Inst");
}

async fn a_flood_of_contests_is_refused(db: Db) {
    let world = called(db).await;
    let exchange = &world.exchange;
    for index in 0..20 {
        exchange
            .contest(&sure(elodie()), ("log", index), &form("Non.", ""))
            .await
            .unwrap();
    }
    let made = exchange
        .contest(&sure(elodie()), ("log", 20), &form("Non.", ""))
        .await;
    assert!(matches!(made, Err(ExchangeError::Mistakes(mistakes)) if mistakes[0].value == "20"));
    let first = exchange
        .contests(&world.producer, world.fund, LATEST, 8)
        .await
        .unwrap();
    let last = &first[7];
    let rest = exchange
        .contests(&world.producer, world.fund, (last.created_at, last.id), 50)
        .await
        .unwrap();
    assert_eq!((first.len(), rest.len()), (8, 12));
}

async fn contests_go_with_traces(db: Db) {
    let world = called(db).await;
    let exchange = &world.exchange;
    exchange
        .contest(&sure(elodie()), ("log", 0), &form("Non.", ""))
        .await
        .unwrap();
    let count = async || {
        let all = exchange
            .contests(&world.producer, world.fund, LATEST, 10)
            .await;
        all.unwrap().len()
    };
    exchange.keep_house().await.unwrap();
    assert_eq!(count().await, 1);
    world
        .clock
        .advance(SignedDuration::from_hours(24 * 366 * 3 + 24));
    assert!(world.clock.now() > Timestamp::UNIX_EPOCH);
    exchange.keep_house().await.unwrap();
    assert_eq!(count().await, 0);
}
