//! Pages, as people see and use them.

use kit_db::Db;

use crate::world::{expert, migrations, world};

kit_db::on_both_databases!(migrations() =>
    every_page_opens, an_account_is_linked_by_its_address, a_closed_account_stays_linked,
    a_mission_is_proposed_by_pages,
    two_people_answering_see_each_other,
);

async fn every_page_opens(db: Db) {
    let world = world(db).await;
    let mission = world.running().await;
    let request = world.asked().await;
    world
        .record(&world.lea, mission, ("2026-03-02", "2"))
        .await
        .unwrap();
    let cookies = world.signed_in("olga.officer@x.example").await;
    let (project, lea) = (world.project, world.experts[0]);
    for path in [
        "/brigade/requests".to_owned(),
        "/brigade/requests?state=open&origin=ministry".to_owned(),
        "/brigade/requests/new".to_owned(),
        format!("/brigade/requests/new?product={project}"),
        format!("/brigade/requests/{request}"),
        format!("/brigade/requests/{request}/mission?who={lea}:cloud"),
        format!("/brigade/requests/{request}/acts/decline"),
        format!("/brigade/requests/{request}/acts/put-off"),
        "/brigade/missions?expertise=cloud&state=running".to_owned(),
        format!("/brigade/missions/{mission}"),
        format!("/brigade/missions/{mission}/acts/cancel"),
        format!("/brigade/missions/{mission}/days"),
        format!("/brigade/missions/{mission}/extension"),
        format!("/brigade/missions/{mission}/report"),
        format!("/brigade/missions/{mission}/recommend"),
        format!("/brigade/missions/{mission}/calendar"),
        "/brigade/experts?expertise=cloud".to_owned(),
        "/brigade/experts/new".to_owned(),
        format!("/brigade/experts/{lea}"),
        format!("/brigade/experts/{lea}/change"),
        format!("/brigade/experts/{lea}/calendar"),
        "/brigade/expertises".to_owned(),
        "/brigade/board?from=2026-03-02&expertise=cloud".to_owned(),
        "/brigade/figures".to_owned(),
        "/brigade/mine".to_owned(),
    ] {
        let page = world.app.get(&path, &cookies).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        for word in page.body.split(|c: char| !c.is_alphanumeric() && c != '-') {
            let is_key = word.starts_with("brigade-") && word.matches('-').count() > 1;
            assert!(!is_key, "{path} shows the key {word}");
        }
        assert!(!page.body.contains('⟦'), "{path}");
    }
    let shown = world
        .app
        .get(&format!("/brigade/requests/{request}"), &cookies)
        .await;
    for said in ["Léa Expert", "15 jours libres sur 20 jours", "charge"] {
        assert!(shown.body.contains(said), "{said}: {}", shown.body);
    }
    for path in [
        "/api/v1/brigade/requests".to_owned(),
        "/api/v1/brigade/missions?state=running".to_owned(),
        format!("/api/v1/brigade/missions/{mission}"),
        "/api/v1/brigade/board?from=2026-03-02".to_owned(),
    ] {
        let answer = world.app.get(&path, &cookies).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body.starts_with('{'), "{path}");
    }
}

async fn an_account_is_linked_by_its_address(db: Db) {
    let world = world(db).await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    let marc = format!("/brigade/experts/{}", world.experts[1]);
    let page = format!("{marc}/change");
    let fields = |account: &'static str| {
        [
            ("version", "1"),
            ("name", "Marc Martin"),
            ("email", "marc@brigade.example"),
            ("account", account),
            ("employer", "agent"),
            ("days_week", "3"),
            ("skill-cloud", "confirmed"),
            ("in_use", "yes"),
        ]
    };
    let unknown = fields("personne@x.example");
    let refused = world.app.post(&page, &page, &cookies, &unknown).await;
    assert_eq!(refused.status, 422);
    let said = "Aucun compte ouvert n’a cette adresse\u{a0}: personne@x.example";
    for said in [said, "id=\"account-error\"", "value=\"personne@x.example\""] {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
    let known = fields("Tim.Team@x.example");
    let done = world.app.post(&page, &page, &cookies, &known).await;
    assert_eq!(done.status, 303, "{}", done.body);
    for (path, said) in [
        (marc, "Tim Team (tim.team@x.example)"),
        ("/brigade/experts".to_owned(), "Tim Team"),
        (page, "value=\"tim.team@x.example\""),
    ] {
        let shown = world.app.get(&path, &cookies).await;
        assert!(shown.body.contains(said), "{path}: {}", shown.body);
    }
}

async fn a_closed_account_stays_linked(db: Db) {
    let world = world(db).await;
    let (officer, lea) = (&world.officer, world.experts[0]);
    let person = world.lea.person_id().unwrap();
    let close = async |is_closed| {
        let root = kit_access::Actor::system("test");
        let done = world.directory.set_disabled(&root, person, is_closed).await;
        done.unwrap();
    };
    close(true).await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    let page = format!("/brigade/experts/{lea}");
    let shown = world.app.get(&page, &cookies).await;
    assert!(shown.body.contains("Fermé"), "{}", shown.body);
    // Its address is shown nowhere: a change with an empty field takes nothing away.
    let change = expert("Léa Neuve", "lea@brigade.example", "4", &["cloud"], "");
    let brigade = &world.brigade;
    brigade
        .change_expert(officer, lea, 1, &change)
        .await
        .unwrap();
    close(false).await;
    let shown = world.app.get(&page, &cookies).await;
    assert!(
        shown.body.contains("lea.expert@x.example"),
        "{}",
        shown.body
    );
    // Of an open account it does.
    brigade
        .change_expert(officer, lea, 2, &change)
        .await
        .unwrap();
    let (one, _) = brigade.expert(officer, lea).await.unwrap();
    assert_eq!(one.person, None);
}

async fn a_mission_is_proposed_by_pages(db: Db) {
    let world = world(db).await;
    let first = world.asked().await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    let who = format!("{}:cloud", world.experts[0]);
    let fields = [
        ("version", "1"),
        ("title", "Migration"),
        ("objective", "Préparer"),
        ("criterion", "Un plan"),
        ("from-day", "2"),
        ("from-month", "3"),
        ("from-year", "2026"),
        ("to-day", "27"),
        ("to-month", "3"),
        ("to-year", "2026"),
        ("who-0", who.as_str()),
        ("days-0", "15"),
    ];
    let page = format!("/brigade/requests/{first}/mission");
    let done = world.app.post(&page, &page, &cookies, &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(done.location.starts_with("/brigade/missions/"));
    // The same person for another request: refused, and the first mission is named.
    let second = world.asked().await;
    let page = format!("/brigade/requests/{second}/mission");
    let refused = world.app.post(&page, &page, &cookies, &fields).await;
    assert_eq!(refused.status, 422);
    for said in ["Léa Expert", "Migration", "15 jours", "5 jours libres"] {
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
    }
}

async fn two_people_answering_see_each_other(db: Db) {
    let world = world(db).await;
    let id = world.asked().await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    let page = format!("/brigade/requests/{id}/acts/decline");
    let first = [("version", "1"), ("reason", "Personne n’est libre")];
    let done = world.app.post(&page, &page, &cookies, &first).await;
    assert_eq!(done.status, 303);
    let second = [("version", "1"), ("reason", "Trop tôt")];
    let shown = world.app.post(&page, &page, &cookies, &second).await;
    assert_eq!(shown.status, 422);
    for said in ["Olga Officer", "Personne n’est libre", "Trop tôt"] {
        assert!(shown.body.contains(said), "{said}: {}", shown.body);
    }
}
