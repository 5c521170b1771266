//! Pages, as people see and use them.

use kit_db::Db;
use startups::domain::{PriorityForm, PublicationForm};

use crate::world::{World, decision, migrations, typed, world};

kit_db::on_both_databases!(migrations() =>
    every_page_opens, a_review_is_led_by_its_pages, two_people_editing_at_once_see_each_other,
    documents_are_read_by_those_who_read_their_pages, another_ministry_reads_nothing, the_api_answers, the_gate_is_told_in_the_form,
);

async fn told(world: &World) -> (uuid::Uuid, uuid::Uuid, uuid::Uuid) {
    let review = world.submitted(world.startup).await;
    let form = decision("continue", "2026-03-02");
    let decided = world.decide(&world.officer, review, &form).await.unwrap();
    let form = PriorityForm {
        title: "Eau potable".into(),
        from: typed("2026-01-01"),
        ..PriorityForm::default()
    };
    let priority = world
        .startups
        .add_priority(&world.officer, &form)
        .await
        .unwrap();
    (review, decided, priority)
}

async fn every_page_opens(db: Db) {
    let world = world(db).await;
    let (review, decided, priority) = told(&world).await;
    let open = world
        .startups
        .open_review(&world.team, world.idea)
        .await
        .unwrap();
    let form = PublicationForm {
        on: typed("2026-03-02"),
        ..PublicationForm::default()
    };
    world
        .startups
        .plan(&world.officer, decided, 1, &form)
        .await
        .unwrap();
    let cookies = world.signed_in("olga.officer@x.example").await;
    let product = world.startup;
    for path in [
        "/start-ups/live".to_owned(),
        "/start-ups/live?overdue=yes&phase=construction".to_owned(),
        format!("/products/{product}/start-up"),
        "/start-ups/reviews?state=decided".to_owned(),
        format!("/start-ups/reviews/{review}"),
        format!("/start-ups/reviews/{review}/review.pdf"),
        format!("/start-ups/reviews/{open}/preparation"),
        format!("/start-ups/reviews/{review}/give-back"),
        format!("/start-ups/reviews/{open}/decision"),
        "/start-ups/decisions?kind=continue".to_owned(),
        format!("/start-ups/decisions/{decided}"),
        format!("/start-ups/decisions/{decided}/decision.pdf"),
        format!("/start-ups/decisions/{decided}/follow-up"),
        format!("/start-ups/decisions/{decided}/publication"),
        format!("/start-ups/decisions/{decided}/investment"),
        "/start-ups/published".to_owned(),
        format!("/start-ups/published/{decided}"),
        format!("/products/{product}/national-impact"),
        format!("/products/{product}/national-impact/data/answer"),
        format!("/products/{product}/national-impact/threshold"),
        "/start-ups/priorities".to_owned(),
        "/start-ups/priorities/new".to_owned(),
        format!("/start-ups/priorities/{priority}"),
        format!("/start-ups/priorities/{priority}/edit"),
        format!("/start-ups/priorities/{priority}/products?q=eau"),
        "/start-ups/cohorts?on=2026-03-01".to_owned(),
    ] {
        let page = world.app.get(&path, &cookies).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            !page.body.contains('⟦'),
            "{path} has a word that nobody wrote"
        );
    }
    for path in ["/start-ups/cohorts?on=hier", "/start-ups/live?phase=nulle"] {
        assert_eq!(world.app.get(path, &cookies).await.status, 422, "{path}");
    }
    let shown = world.app.get("/start-ups/published", "").await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("Eau claire"));
}

async fn a_review_is_led_by_its_pages(db: Db) {
    let world = world(db).await;
    let team = world.signed_in("tim.team@x.example").await;
    let start = format!("/products/{}/start-up", world.idea);
    let opened = world
        .app
        .post(&start, &format!("{start}/review"), &team, &[])
        .await;
    assert_eq!(opened.status, 303);
    let form = opened.location;
    let page = form.trim_end_matches("/preparation").to_owned();
    let fields = [
        ("version", "1"),
        ("learnt", "Les pêcheurs consultent le matin."),
        ("users", "340"),
        ("spent", "12 000,50"),
        ("plan", "Construire."),
        ("reached-usable", "no"),
        ("reached-used", "no"),
        ("reached-useful", "no"),
        ("reached-impactful", "no"),
    ];
    let kept = world.app.post(&form, &form, &team, &fields).await;
    assert_eq!((kept.status.as_u16(), &kept.location), (303, &page));
    let submit = format!("{page}/submit");
    let lacks = world
        .app
        .post(&page, &submit, &team, &[("version", "2")])
        .await;
    assert_eq!(lacks.status, 422);
    assert!(lacks.body.contains("efficient"), "{}", lacks.body);
    let mut fields = fields.to_vec();
    fields[0] = ("version", "2");
    fields.push(("reached-efficient", "no"));
    assert_eq!(
        world.app.post(&form, &form, &team, &fields).await.status,
        303
    );
    let done = world
        .app
        .post(&page, &submit, &team, &[("version", "3")])
        .await;
    assert_eq!(done.status, 303, "{}", done.body);
    let shown = world.app.get(&page, &team).await;
    assert!(shown.body.contains("au comité") && shown.body.contains("12\u{202f}000,50"));
    let denied = world.app.get(&format!("{page}/decision"), &team).await;
    assert_eq!(denied.status, 403);
}

async fn two_people_editing_at_once_see_each_other(db: Db) {
    let world = world(db).await;
    let id = world
        .startups
        .open_review(&world.team, world.startup)
        .await
        .unwrap();
    let path = format!("/start-ups/reviews/{id}/preparation");
    let (one, two) = (
        world.signed_in("tim.team@x.example").await,
        world.signed_in("cleo.committee@x.example").await,
    );
    let first = [("version", "1"), ("learnt", "Un")];
    assert_eq!(world.app.post(&path, &path, &one, &first).await.status, 303);
    let second = [("version", "1"), ("learnt", "Deux")];
    let shown = world.app.post(&path, &path, &two, &second).await;
    assert_eq!(shown.status, 422);
    assert!(shown.body.contains("Tim Team"), "{}", shown.body);
    assert!(shown.body.contains("Deux"), "what was typed is kept");
}

async fn documents_are_read_by_those_who_read_their_pages(db: Db) {
    let world = world(db).await;
    let (review, decided, _) = told(&world).await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    let inside = [
        (format!("/start-ups/reviews/{review}"), "review.pdf"),
        (format!("/start-ups/decisions/{decided}"), "decision.pdf"),
    ];
    for (page, file) in &inside {
        let path = format!("{page}/{file}");
        let shown = world.app.get(page, &cookies).await;
        assert!(shown.body.contains(&path), "{path}");
        let document = world.app.get(&path, &cookies).await;
        assert!(document.body.starts_with("%PDF"), "{path}");
        assert_ne!(world.app.get(&path, "").await.status, 200, "{path}");
    }
    // What a team still writes is no document.
    let open = world
        .startups
        .open_review(&world.team, world.idea)
        .await
        .unwrap();
    let shown = world
        .app
        .get(&format!("/start-ups/reviews/{open}"), &cookies)
        .await;
    assert!(!shown.body.contains("review.pdf"));
    let none = format!("/start-ups/reviews/{open}/review.pdf");
    assert_eq!(world.app.get(&none, &cookies).await.status, 404);
    // Anybody reads the published one, from its day on.
    let page = format!("/start-ups/published/{decided}");
    let path = format!("{page}/decision.pdf");
    assert_eq!(world.app.get(&path, "").await.status, 404, "not yet");
    let form = PublicationForm {
        on: typed("2026-03-02"),
        ..PublicationForm::default()
    };
    world
        .startups
        .plan(&world.officer, decided, 1, &form)
        .await
        .unwrap();
    assert!(world.app.get(&page, "").await.body.contains(&path));
    let document = world.app.get(&path, "").await;
    assert_eq!(document.status, 200);
    assert!(document.body.starts_with("%PDF"));
    assert_eq!(world.app.get(&path, "").await.body, document.body);
}

async fn another_ministry_reads_nothing(db: Db) {
    let world = world(db).await;
    let (review, decided, priority) = told(&world).await;
    let cookies = world.signed_in("stan.stranger@x.example").await;
    for path in [
        "/start-ups/live",
        "/start-ups/reviews",
        "/start-ups/decisions",
    ] {
        let page = world.app.get(path, &cookies).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("Eau claire"), "{path}");
    }
    for path in [
        format!("/products/{}/start-up", world.startup),
        format!("/products/{}/national-impact", world.startup),
        format!("/start-ups/reviews/{review}"),
        format!("/start-ups/reviews/{review}/review.pdf"),
        format!("/start-ups/decisions/{decided}"),
        format!("/start-ups/decisions/{decided}/decision.pdf"),
        format!("/start-ups/priorities/{priority}/edit"),
    ] {
        assert_eq!(world.app.get(&path, &cookies).await.status, 403, "{path}");
    }
    let hidden = world
        .app
        .get(&format!("/start-ups/published/{decided}"), "")
        .await;
    assert_eq!(hidden.status, 404, "not before its day");
}

async fn the_api_answers(db: Db) {
    let world = world(db).await;
    told(&world).await;
    let cookies = world.signed_in("cleo.committee@x.example").await;
    for (path, said) in [
        (
            "/api/v1/start-ups/reviews?state=decided",
            "\"spent_cents\":9000000",
        ),
        (
            "/api/v1/start-ups/decisions",
            "\"phase_after\":\"construction\"",
        ),
        ("/api/v1/start-ups/priorities", "\"no-product\""),
    ] {
        let answer = world.app.get(path, &cookies).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body.contains(said), "{path}: {}", answer.body);
        assert_eq!(world.app.get(path, "").await.status, 401, "{path}");
    }
    let none = world
        .app
        .get("/api/v1/start-ups/published/decisions", "")
        .await;
    assert!(none.body.contains("\"decisions\":[]"));
    let wrong = world
        .app
        .get("/api/v1/start-ups/reviews?state=nul", &cookies)
        .await;
    assert_eq!(wrong.status, 422);
}

async fn the_gate_is_told_in_the_form(db: Db) {
    let world = world(db).await;
    let id = world.submitted(world.idea).await;
    let cookies = world.signed_in("olga.officer@x.example").await;
    let path = format!("/start-ups/reviews/{id}/decision");
    let fields = [
        ("version", "3"),
        ("kind", "accelerate"),
        ("on-day", "2"),
        ("on-month", "3"),
        ("on-year", "2026"),
        ("committee", "Comité"),
        ("reasons", "Prometteur"),
        ("next", "Construire"),
        ("next_by-day", "1"),
        ("next_by-month", "9"),
        ("next_by-year", "2026"),
    ];
    let refused = world.app.post(&path, &path, &cookies, &fields).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("le produit n’a aucun indicateur"),
        "{}",
        refused.body
    );
    assert!(
        refused.body.contains("Prometteur"),
        "what was typed is kept"
    );
}
