//! What must not work.

use brigade::BrigadeError;
use brigade::domain::{MissionAct, PeriodForm, RequestAct};
use kit_access::Actor;
use kit_db::Db;
use uuid::Uuid;

use crate::world::{LEA, World, expert, migrations, reason, typed, world};

kit_db::on_both_databases!(migrations() =>
    another_ministry_sees_and_does_nothing, a_ministry_never_reads_addresses_and_absences,
    bad_input_is_answered, an_expert_records_its_own_days_alone, a_report_is_a_document,
    events_never_change, an_address_and_an_account_belong_to_one_expert,
);

async fn another_ministry_sees_and_does_nothing(db: Db) {
    let world = world(db).await;
    let mission = world.running().await;
    let request = world.asked().await;
    let brigade = &world.brigade;
    for actor in [&world.stranger, &Actor::anonymous(), &world.lea] {
        let denied = brigade.request(actor, request).await;
        assert!(matches!(denied, Err(BrigadeError::Denied(_))));
        let denied = brigade.mission(actor, mission).await;
        assert!(matches!(denied, Err(BrigadeError::Denied(_))));
        let denied = brigade.ask(actor, &world.request_form()).await;
        assert!(matches!(denied, Err(BrigadeError::Denied(_))));
        let withdraw = RequestAct::Withdraw;
        let denied = brigade
            .act_on_request(actor, request, 1, withdraw, &reason("Non"))
            .await;
        assert!(matches!(denied, Err(BrigadeError::Denied(_))));
        let denied = world.act(actor, mission, MissionAct::Cancel).await;
        assert!(matches!(denied, Err(BrigadeError::Denied(_))));
    }
    let cookies = world.signed_in("stan.stranger@x.example").await;
    for path in ["/brigade/requests", "/brigade/missions"] {
        let page = world.app.get(path, &cookies).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("cadastre"), "{path}");
        let asked = format!("{path}?ministry={}", world.ministry);
        assert_eq!(world.app.get(&asked, &cookies).await.status, 403);
    }
    for path in [
        format!("/brigade/requests/{request}"),
        format!("/brigade/missions/{mission}"),
        format!("/brigade/missions/{mission}/days"),
        format!("/brigade/missions/{mission}/file"),
        format!("/api/v1/brigade/missions/{mission}"),
        "/brigade/board".to_owned(),
        "/brigade/experts".to_owned(),
        "/brigade/figures".to_owned(),
        "/api/v1/brigade/board".to_owned(),
    ] {
        assert_eq!(world.app.get(&path, &cookies).await.status, 403, "{path}");
    }
}

async fn a_ministry_never_reads_addresses_and_absences(db: Db) {
    let world = world(db).await;
    let mission = world.running().await;
    let form = PeriodForm {
        from: typed("2026-04-06"),
        to: typed("2026-04-10"),
        days_week: "0".into(),
    };
    let lea = world.experts[0];
    let brigade = &world.brigade;
    let denied = brigade.add_period(&world.director, lea, &form).await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
    let denied = brigade.expert(&world.director, lea).await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
    brigade
        .add_period(&world.officer, lea, &form)
        .await
        .unwrap();
    let cookies = world.signed_in("dora.director@x.example").await;
    for path in [
        format!("/brigade/missions/{mission}"),
        "/brigade/missions".to_owned(),
        format!("/api/v1/brigade/missions/{mission}"),
        "/api/v1/brigade/missions".to_owned(),
    ] {
        let page = world.app.get(&path, &cookies).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("brigade.example"), "{path}");
    }
    let entries = kit_journal::Journal::after(&world.db, 0, 1_000)
        .await
        .unwrap();
    for entry in entries {
        let told = format!("{entry:?}");
        assert!(!told.contains("lea@brigade.example"), "{told}");
        assert!(!told.contains("2026-04-06"), "{told}");
    }
}

async fn bad_input_is_answered(db: Db) {
    let world = world(db).await;
    let request = world.asked().await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    for path in [
        "/brigade/requests?after=x&state=zz",
        "/brigade/requests?product=zz",
        "/brigade/requests/not-an-id",
        "/brigade/requests/new?product=zz",
        "/brigade/missions?expertise=%27zz&after=1~2",
        "/brigade/board?from=zz",
        "/brigade/board?from=9999-12-31&expertise=zz",
        "/brigade/experts?after=zz",
        "/brigade/experts?after=00000000-0000-0000-0000-000000000000",
        "/brigade/calendars/zz",
        "/api/v1/brigade/requests?state=zz",
        "/api/v1/brigade/board?from=2026-02-30",
    ] {
        let answer = world.app.get(path, &cookies).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
    }
    let long = "x".repeat(20_000);
    let fields = [
        ("product", world.project.to_string()),
        ("need", long),
        ("wanted-cloud", "2,3".to_owned()),
        ("wanted-zz", "1".to_owned()),
        ("from-day", "31".to_owned()),
        ("from-month", "2".to_owned()),
        ("from-year", "2026".to_owned()),
        ("impact", String::new()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let page = format!("/brigade/requests/new?product={}", world.project);
    let answer = world
        .app
        .post(&page, "/brigade/requests/new", &cookies, &fields)
        .await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.contains("2,3"), "what was typed is kept");
    for said in ["31/2/2026", "4000 caractères", "entre 0,5 et 200"] {
        assert!(answer.body.contains(said), "{said}: {}", answer.body);
    }
    // Nobody, somebody unknown, somebody without the skill, more than there is.
    let brigade = &world.brigade;
    let [lea, _, nour] = world.experts;
    for goes in [
        vec![],
        vec![(Uuid::nil(), "cloud", "1")],
        vec![(nour, "cloud", "1")],
        vec![(lea, "cloud", "0")],
        vec![(lea, "cloud", "1"), (lea, "security", "1")],
    ] {
        let refused = world.propose(request, &goes).await;
        assert!(
            matches!(refused, Err(BrigadeError::Mistakes(_))),
            "{goes:?}"
        );
    }
    let refused = world.propose(request, &[(lea, "cloud", "200")]).await;
    assert!(matches!(refused, Err(BrigadeError::Overbooked(_))));
    let form = World::mission_form(&[(lea, "cloud", "1")]);
    let stale = brigade
        .propose_mission(&world.officer, request, 9, &form)
        .await;
    assert!(matches!(stale, Err(BrigadeError::Stale)));
}

async fn an_expert_records_its_own_days_alone(db: Db) {
    let world = world(db).await;
    let request = world.asked().await;
    let [lea, marc, _] = world.experts;
    let id = world
        .propose(request, &[(lea, "cloud", "1"), (marc, "cloud", "1")])
        .await
        .unwrap();
    world
        .act(&world.director, id, MissionAct::Agree)
        .await
        .unwrap();
    world
        .act(&world.officer, id, MissionAct::Start)
        .await
        .unwrap();
    let form = brigade::domain::DayForm {
        expert: marc.to_string(),
        on: typed("2026-03-02"),
        half_days: "1".into(),
    };
    let denied = world.brigade.record_day(&world.lea, id, &form).await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
    let cookies = world.signed_in("lea.expert@x.example").await;
    let page = format!("/brigade/missions/{id}/days");
    let shown = world.app.get(&page, &cookies).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("Léa Expert") && !shown.body.contains("Marc Martin"));
    let mine = world.app.get("/brigade/mine", &cookies).await;
    assert!(mine.body.contains("Migration du cadastre"));
    assert_eq!(
        world
            .app
            .get(&format!("/brigade/missions/{id}"), &cookies)
            .await
            .status,
        403
    );
    let expert = lea.to_string();
    let fields = [
        ("expert", expert.as_str()),
        ("on-day", "2"),
        ("on-month", "3"),
        ("on-year", "2026"),
        ("half_days", "1"),
    ];
    assert_eq!(
        world.app.post(&page, &page, &cookies, &fields).await.status,
        303
    );
}

async fn a_report_is_a_document(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    let brigade = &world.brigade;
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    for (name, bytes) in [("a.pdf", html), ("b.pdf", vec![0; 11 * 1024 * 1024])] {
        let refused = brigade.attach(&world.officer, id, name, bytes).await;
        assert!(matches!(refused, Err(BrigadeError::Mistakes(_))), "{name}");
    }
    let denied = brigade
        .attach(&world.director, id, "a.pdf", b"%PDF-1.7".to_vec())
        .await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
    for text in ["%PDF-1.7 un", "%PDF-1.7 deux"] {
        let bytes = text.as_bytes().to_vec();
        brigade
            .attach(&world.lea, id, "../\u{7}rapport.pdf", bytes)
            .await
            .unwrap();
    }
    let cookies = world.signed_in("dora.director@x.example").await;
    let path = format!("/brigade/missions/{id}/file");
    let file = world.app.get(&path, &cookies).await;
    assert_eq!(file.status, 200);
    assert_eq!(
        file.body, "%PDF-1.7 deux",
        "the new one takes the place of the former one"
    );
    let (kind, _) = brigade.report_bytes(&world.director, id).await.unwrap();
    assert_eq!(kind.content_type(), "application/pdf");
}

async fn events_never_change(db: Db) {
    let world = world(db).await;
    world.asked().await;
    for sql in [
        "UPDATE brigade_event SET reason = 'Autre'",
        "DELETE FROM brigade_event",
    ] {
        let mut tx = world.db.begin().await.unwrap();
        assert!(tx.script(sql).await.is_err(), "{sql}");
    }
}

async fn an_address_and_an_account_belong_to_one_expert(db: Db) {
    let world = world(db).await;
    let brigade = &world.brigade;
    let twice = expert("Autre", "LEA@brigade.example", "2", &["cloud"], "");
    let refused = brigade.add_expert(&world.officer, &twice).await;
    assert!(matches!(refused, Err(BrigadeError::Mistakes(_))));
    for (account, key) in [
        ("Lea.Expert@X.example", "brigade-mistake-account-taken"),
        ("personne@x.example", "brigade-mistake-account"),
        ("lea.expert", "brigade-mistake-email"),
    ] {
        let another = expert("Autre", "autre@brigade.example", "2", &["cloud"], account);
        let refused = brigade.add_expert(&world.officer, &another).await;
        let Err(BrigadeError::Mistakes(mistakes)) = refused else {
            panic!("{account}: {refused:?}");
        };
        assert_eq!(
            (mistakes[0].field.as_str(), mistakes[0].key),
            ("account", key)
        );
        // Who can't keep experts is told the same of every address.
        let denied = brigade.add_expert(&world.director, &another).await;
        assert!(matches!(denied, Err(BrigadeError::Denied(_))), "{account}");
    }
    let change = expert("Léa Neuve", "lea@brigade.example", "4", &["cloud"], LEA);
    let lea = world.experts[0];
    brigade
        .change_expert(&world.officer, lea, 1, &change)
        .await
        .unwrap();
    let stale = brigade.change_expert(&world.officer, lea, 1, &change).await;
    assert!(matches!(stale, Err(BrigadeError::Stale)));
    let denied = brigade
        .change_expert(&world.director, lea, 2, &change)
        .await;
    assert!(matches!(denied, Err(BrigadeError::Denied(_))));
}
