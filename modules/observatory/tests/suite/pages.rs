//! Pages and the API, as people and programs use them.

use kit_db::Db;
use uuid::Uuid;

use crate::world::{World, migrations, world};

kit_db::on_both_databases!(migrations() =>
    every_page_opens, a_user_gives_a_review_without_an_account, a_team_declares_and_erases_by_its_pages,
    another_ministry_reads_no_answers, the_api_answers,
);

async fn told(world: &World) {
    world.give("2026-02-10", [80, 20, 10]).await;
    world.wait_until("2026-04-20");
    world.observatory.keep_house().await.unwrap();
}

async fn every_page_opens(db: Db) {
    let world = world(db).await;
    let cookies = world.signed_in("tim.team@x.example").await;
    let empty = world.app.get("/observatory", "").await;
    assert_eq!(empty.status, 200);
    told(&world).await;
    let (id, product) = (world.procedure, world.product);
    let cookies_now = world.signed_in("tim.team@x.example").await;
    for path in [
        "/observatory".to_owned(),
        format!("/observatory?quarter=2026-q1&ministry={}", world.ministry),
        format!("/observatory/procedures/{id}"),
        format!("/observatory/procedures/{id}/review"),
        format!("/observatory/procedures/{id}/declarations/security"),
        "/observatory/thanks".to_owned(),
        format!("/observatory/thanks?procedure={id}"),
    ] {
        for cookies in ["", cookies_now.as_str()] {
            let page = world.app.get(&path, cookies).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(
                !page.body.contains('⟦'),
                "{path} has a word that nobody wrote"
            );
        }
    }
    for path in [
        "/observatory/procedures".to_owned(),
        "/observatory/procedures?scope=yes".to_owned(),
        format!("/observatory/procedures/{id}/results"),
        format!("/observatory/procedures/{id}/results?satisfaction=bad&comment=yes"),
        format!("/observatory/procedures/{id}/edit"),
        format!("/observatory/procedures/{id}/declarations/security/new"),
        format!("/observatory/procedures/{id}/declarations/uptime/new"),
        format!("/products/{product}/procedures"),
        format!("/products/{product}/procedures/new"),
    ] {
        let page = world.app.get(&path, &cookies_now).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            !page.body.contains('⟦'),
            "{path} has a word that nobody wrote"
        );
        let nobody = world.app.get(&path, "").await;
        assert_ne!(nobody.status, 200, "{path}");
    }
    drop(cookies);
    for (path, status) in [
        ("/observatory?quarter=2026-q7", 422),
        ("/observatory?quarter=2020-q1", 404),
        (
            "/observatory/procedures/00000000-0000-0000-0000-000000000001",
            404,
        ),
    ] {
        assert_eq!(
            world.app.get(path, "").await.status.as_u16(),
            status,
            "{path}"
        );
    }
}

async fn a_user_gives_a_review_without_an_account(db: Db) {
    let world = world(db).await;
    let path = format!("/observatory/procedures/{}/review", world.procedure);
    let asked = world.app.get(&path, "").await;
    assert!(asked.body.contains("comment ça s’est passé"));
    // The cookie that proves that a form comes from the page.
    let own = asked.cookies[0].clone();
    let silent = world.app.post(&path, &path, &own, &[("review", "x")]).await;
    assert_eq!(silent.status, 422);
    assert!(silent.body.contains("Choisissez une des trois réponses"));
    let id = Uuid::from_u128(77).to_string();
    let fields = [("review", id.as_str()), ("satisfaction", "good")];
    let given = world.app.post(&path, &path, &own, &fields).await;
    let more = format!("/observatory/reviews/{id}/more");
    assert_eq!((given.status.as_u16(), &given.location), (303, &more));
    let wrong = [("ease", "7"), ("comment", "Très clair")];
    let again = world.app.post(&more, &more, &own, &wrong).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("Très clair"), "what was typed stays");
    let fields = [("ease", "5"), ("help", "no"), ("comment", "Très clair")];
    let done = world.app.post(&more, &more, &own, &fields).await;
    assert_eq!(done.status, 303);
    assert!(done.location.starts_with("/observatory/thanks"));
    let later = world.app.get(&more, &own).await;
    assert_eq!(later.status, 303, "a review is completed once");
    let team = world.signed_in("tim.team@x.example").await;
    let results = format!("/observatory/procedures/{}/results", world.procedure);
    let shown = world.app.get(&results, &team).await;
    assert!(shown.body.contains("Très clair"));
}

async fn a_team_declares_and_erases_by_its_pages(db: Db) {
    let world = world(db).await;
    let team = world.signed_in("tim.team@x.example").await;
    let form = format!(
        "/observatory/procedures/{}/declarations/accessibility/new",
        world.procedure
    );
    let fields = [
        ("value", "187"),
        ("as_of-day", "1"),
        ("as_of-month", "3"),
        ("as_of-year", "2026"),
        ("evidence", "https://aides.example/accessibilite"),
    ];
    let refused = world.app.post(&form, &form, &team, &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("n’est pas un pourcentage"));
    let mut fields = fields;
    fields[0].1 = "87,5";
    let done = world.app.post(&form, &form, &team, &fields).await;
    assert_eq!(done.status, 303);
    let page = format!("/observatory/procedures/{}", world.procedure);
    let shown = world.app.get(&page, "").await;
    assert!(shown.body.contains("87,5\u{a0}%"));
    let id = Uuid::from_u128(77);
    let how = observatory::domain::Satisfaction::Bad;
    world
        .observatory
        .review(None, world.procedure, id, how)
        .await
        .unwrap();
    let details = observatory::domain::DetailsForm {
        comment: "Madame Durand n’a pas répondu".into(),
        ..Default::default()
    };
    world.observatory.complete(id, &details).await.unwrap();
    let erase = format!("/observatory/reviews/{id}/erase");
    let silent = world
        .app
        .post(&erase, &erase, &team, &[("reason", "")])
        .await;
    assert_eq!(silent.status, 422);
    let done = world
        .app
        .post(&erase, &erase, &team, &[("reason", "nomme quelqu’un")])
        .await;
    assert_eq!(done.status, 303);
    let results = world.app.get(&done.location, &team).await;
    assert!(!results.body.contains("Durand"));
    assert!(results.body.contains("Commentaire effacé le"));
}

async fn another_ministry_reads_no_answers(db: Db) {
    let world = world(db).await;
    let stranger = world.signed_in("stan.stranger@x.example").await;
    let reader = world.signed_in("rita.reader@x.example").await;
    let results = format!("/observatory/procedures/{}/results", world.procedure);
    let edit = format!("/observatory/procedures/{}/edit", world.procedure);
    assert_eq!(world.app.get(&results, &stranger).await.status, 403);
    assert_eq!(world.app.get(&results, &reader).await.status, 200);
    assert_eq!(world.app.get(&edit, &reader).await.status, 403);
    let api = format!("/api/v1/observatory/procedures/{}/reviews", world.procedure);
    assert_eq!(world.app.get(&api, &stranger).await.status, 403);
}

async fn the_api_answers(db: Db) {
    let world = world(db).await;
    told(&world).await;
    let json = async |path: &str, cookies: &str| -> serde_json::Value {
        let answer = world.app.get(path, cookies).await;
        assert_eq!(answer.status, 200, "{path}");
        serde_json::from_str(&answer.body).unwrap()
    };
    let editions = json("/api/v1/observatory/editions", "").await;
    assert_eq!(editions["editions"][0]["quarter"], "2026-q1");
    let edition = json("/api/v1/observatory/editions/2026-q1", "").await;
    assert_eq!(
        edition["procedures"][0]["figures"][0]["criterion"],
        "satisfaction"
    );
    assert_eq!(edition["procedures"][0]["figures"][0]["value"], 8_182);
    assert_eq!(edition["goals"][0]["share"], 100_000);
    let one = format!("/api/v1/observatory/procedures/{}", world.procedure);
    assert_eq!(json(&one, "").await["name"], "Demander une aide");
    let team = world.signed_in("tim.team@x.example").await;
    let reviews = json(&format!("{one}/reviews?satisfaction=bad"), &team).await;
    assert_eq!(reviews["reviews"].as_array().unwrap().len(), 10);
    for path in [
        "/api/v1/observatory/editions/2026-q9".to_owned(),
        "/api/v1/observatory/procedures/00000000-0000-0000-0000-000000000001".to_owned(),
    ] {
        assert_eq!(world.app.get(&path, "").await.status, 404, "{path}");
    }
}
