//! Pages, as people see and use them.

use kit_db::Db;

use crate::world::{migrations, world};

kit_db::on_both_databases!(migrations() =>
    every_page_opens, two_people_editing_at_once_see_each_other, a_review_is_led_by_its_pages,
);

async fn every_page_opens(db: Db) {
    let world = world(db).await;
    world.estimate("2026-03-01", "52.4", "6").await;
    let review = world.unfavourable().await;
    let one = world.recommended(review, "2026-04-01").await;
    world.wait_until("2026-06-01");
    world.steering.keep_house().await.unwrap();
    let cookies = world.signed_in("olga.officer@x.example").await;
    let project = world.project;
    for path in [
        "/steering".to_owned(),
        "/steering/reviews".to_owned(),
        "/steering/reviews/new".to_owned(),
        format!("/steering/reviews/new?product={project}&kind=article-4"),
        format!("/steering/reviews/{review}"),
        format!("/steering/reviews/{review}/publication"),
        "/steering/recommendations?overdue=yes&axis=delivery".to_owned(),
        format!("/steering/recommendations/new?review={review}"),
        format!("/steering/recommendations/{one}"),
        format!("/steering/recommendations/{one}/acts/move-due"),
        format!("/steering/recommendations/{one}/acts/judge"),
        "/steering/alerts?rule=cost".to_owned(),
        "/steering/decisions".to_owned(),
        format!("/steering/decisions/new?product={project}&review={review}"),
        "/steering/agenda".to_owned(),
        format!("/products/{project}/steering"),
        format!("/products/{project}/steering/confidence/independent"),
        "/steering/published".to_owned(),
        format!("/steering/published/reviews/{review}"),
    ] {
        let page = world.app.get(&path, &cookies).await;
        assert_eq!(page.status, 200, "{path}");
        for word in page.body.split(|c: char| !c.is_alphanumeric() && c != '-') {
            let is_key = word.starts_with("steering-") && word.matches('-').count() > 1;
            assert!(!is_key, "{path} shows the key {word}");
        }
    }
    let morning = world.app.get("/steering", &cookies).await;
    for said in [
        "Découper le projet en lots",
        "avis défavorable",
        "Le coût a dérivé de",
        "À l’ordre du jour de la conférence",
    ] {
        assert!(morning.body.contains(said), "{said}: {}", morning.body);
    }
}

async fn two_people_editing_at_once_see_each_other(db: Db) {
    let world = world(db).await;
    let form = world.review_form("article-3");
    let id = world
        .steering
        .announce(&world.director, &form, None)
        .await
        .unwrap();
    let path = format!("/steering/reviews/{id}/file");
    let (one, two) = (
        world.signed_in("dora.director@x.example").await,
        world.signed_in("tim.team@x.example").await,
    );
    let first = [("version", "1"), ("cost", "40 M€")];
    let done = world.app.post(&path, &path, &one, &first).await;
    assert_eq!(done.status, 303);
    let second = [("version", "1"), ("cost", "41 M€")];
    let shown = world.app.post(&path, &path, &two, &second).await;
    assert_eq!(shown.status, 422);
    assert!(shown.body.contains("Dora Director"), "{}", shown.body);
    assert!(shown.body.contains("41 M€"), "what was typed is kept");
    let again = [("version", "2"), ("cost", "41 M€")];
    assert_eq!(world.app.post(&path, &path, &two, &again).await.status, 303);
}

async fn a_review_is_led_by_its_pages(db: Db) {
    let world = world(db).await;
    let id = world.running().await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    let page = format!("/steering/reviews/{id}");
    let shown = world.app.get(&page, &cookies).await;
    assert!(shown.body.contains("Il reste 31 jours"), "{}", shown.body);
    let ask = format!("{page}/acts/ask");
    let fields = [
        ("version", "4"),
        ("on-day", "2"),
        ("on-month", "3"),
        ("on-year", "2026"),
        ("reason", "Le coût par option manque"),
    ];
    let done = world.app.post(&ask, &ask, &cookies, &fields).await;
    assert_eq!((done.status.as_u16(), done.location), (303, page.clone()));
    let shown = world.app.get(&page, &cookies).await;
    assert!(shown.body.contains("Le coût par option manque"));
    assert!(shown.body.contains("Le délai est suspendu"));
}
