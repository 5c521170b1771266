//! Pages of conferences and ministries.

use kit_db::Db;
use steering::domain::ConferenceAct;

use crate::world::{World, migrations, world};

kit_db::on_both_databases!(migrations() =>
    every_page_of_a_conference_opens, an_agenda_is_made_by_its_page,
    a_project_is_found_by_its_name_among_all,
    the_next_conference_begins_with_what_was_decided, a_ministry_has_its_page,
    programs_read_conferences, sixty_products_are_one_document, others_see_nothing,
);

const OFFICER: &str = "olga.officer@x.example";

async fn opens(world: &World, cookies: &str, path: &str) -> String {
    let page = world.app.get(path, cookies).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    for word in page.body.split(|c: char| !c.is_alphanumeric() && c != '-') {
        let is_key = word.starts_with("steering-") && word.matches('-').count() > 1;
        assert!(!is_key, "{path} shows the key {word}");
    }
    assert!(
        !page.body.contains('⟦'),
        "{path} has a word that nobody wrote"
    );
    page.body
}

async fn every_page_of_a_conference_opens(db: Db) {
    let world = world(db).await;
    world.estimate("2026-03-01", "52.4", "6").await;
    world.unfavourable().await;
    world.steering.keep_house().await.unwrap();
    let cookies = world.signed_in(OFFICER).await;
    let planned = world.planned().await;
    let one = format!("/steering/conferences/{planned}");
    let project = world.project;
    for path in [
        "/steering/conferences".to_owned(),
        "/steering/conferences?state=planned".to_owned(),
        format!("/steering/conferences/new?ministry={}", world.ministry),
        one.clone(),
        format!("{one}/edit"),
        format!("{one}/agenda"),
        format!("{one}/drop/{project}"),
        format!("{one}/acts/prepare"),
        format!("{one}/acts/cancel"),
        "/steering/ministries".to_owned(),
        format!("/steering/ministries/{}", world.ministry),
        format!("/products/{project}/steering"),
    ] {
        opens(&world, &cookies, &path).await;
    }
    let (_, points) = world.conference(planned).await;
    let point = format!("{one}/points/{}", points[0].id);
    // A mission names the point from which it was asked.
    let at_point = world
        .app
        .get(&format!("/steering/conferences/{}", points[0].id), &cookies)
        .await;
    assert_eq!(
        (at_point.status.as_u16(), at_point.location),
        (303, point.clone())
    );
    world.act(planned, ConferenceAct::Prepare).await;
    world.wait_until("2026-06-17");
    world.act(planned, ConferenceAct::Hold).await;
    // Sessions don't last three months.
    let cookies = world.signed_in(OFFICER).await;
    for path in ["minutes", "decision", "recommendation", "brigade"] {
        opens(&world, &cookies, &format!("{point}/{path}")).await;
    }
    let file = opens(&world, &cookies, &point).await;
    for said in [
        "Dossier tel qu’il était le 20\u{a0}mars 2026",
        "Aucune source ne le dit",
        "Écoconception",
        "Défavorable",
        "Portefeuille, dernière estimation",
    ] {
        assert!(file.contains(said), "{said}: {file}");
    }
    let document = world
        .app
        .get(&format!("{one}/conference.pdf"), &cookies)
        .await;
    assert_eq!(document.status, 200);
    assert!(document.body.starts_with("%PDF"));
}

async fn an_agenda_is_made_by_its_page(db: Db) {
    let world = world(db).await;
    world.estimate("2026-03-01", "52.4", "6").await;
    let cookies = world.signed_in(OFFICER).await;
    let new = "/steering/conferences/new";
    let ministry = world.ministry.to_string();
    let fields = [
        ("ministry", ministry.as_str()),
        ("kind", "ordinary"),
        ("day-day", "16"),
        ("day-month", "6"),
        ("day-year", "2026"),
        ("hour", "25 h"),
        ("place", "Salle 3"),
        ("people-directorate", "Olga Officer, cheffe"),
        ("people-ministry", "Dora Director, directrice"),
    ];
    let wrong = world.app.post(new, new, &cookies, &fields).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("25 h") && wrong.body.contains("Salle 3"));
    let mut fields = fields;
    fields[5] = ("hour", "14 h 30");
    let done = world.app.post(new, new, &cookies, &fields).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let agenda = format!("{}/agenda", done.location);
    let shown = opens(&world, &cookies, &agenda).await;
    for said in [
        "Refonte du cadastre marin (5 points)",
        "Le coût a dérivé de",
        "Comment les projets sont proposés",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let project = world.project.to_string();
    let take = [("act", "take"), ("product", project.as_str())];
    let taken = world.app.post(&agenda, &agenda, &cookies, &take).await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    let quiet = world
        .another_project("Annuaire des phares")
        .await
        .to_string();
    let add = [("act", "take"), ("product", quiet.as_str()), ("note", "")];
    let bare = world.app.post(&agenda, &agenda, &cookies, &add).await;
    assert_eq!(bare.status, 422, "no datum proposes it");
    let add = [
        ("act", "take"),
        ("product", quiet.as_str()),
        ("note", "Modèle"),
    ];
    assert_eq!(
        world
            .app
            .post(&agenda, &agenda, &cookies, &add)
            .await
            .status,
        303
    );
    let shown = opens(&world, &cookies, &agenda).await;
    assert!(
        shown.contains("Monter «\u{a0}Annuaire des phares\u{a0}»"),
        "{shown}"
    );
    assert!(!shown.contains("Monter «\u{a0}Refonte"), "the first one");
}

async fn a_project_is_found_by_its_name_among_all(db: Db) {
    let world = world(db).await;
    let id = world.planned().await;
    for number in 1..=51 {
        world.another_project(&format!("Service n° {number}")).await;
    }
    let quiet = world.another_project("Annuaire des phares").await;
    let cookies = world.signed_in(OFFICER).await;
    let one = format!("/steering/conferences/{id}");
    let add = format!("{one}/add");
    assert!(
        opens(&world, &cookies, &format!("{one}/agenda"))
            .await
            .contains(&add)
    );
    // All of them, page by page.
    let first = opens(&world, &cookies, &add).await;
    assert!(first.contains("Annuaire des phares"), "{first}");
    let (_, next) = first.split_once("add?q=&#38;after=").unwrap();
    let next = next.split('"').next().unwrap();
    let second = opens(&world, &cookies, &format!("{add}?q=&after={next}")).await;
    assert!(!second.contains("Annuaire des phares"), "{second}");
    // By words of its name; what is on the agenda is no link.
    let found = opens(&world, &cookies, &format!("{add}?q=ANNUAIRE+phares")).await;
    let take = format!("{one}/take/{quiet}");
    assert!(
        found.contains(&take) && !found.contains("Service n°"),
        "{found}"
    );
    let found = opens(&world, &cookies, &format!("{add}?q=cadastre")).await;
    assert!(found.contains("Déjà à l’ordre du jour"), "{found}");
    assert!(
        !found.contains(&format!("{one}/take/{}", world.project)),
        "{found}"
    );
    let empty = opens(&world, &cookies, &format!("{add}?q=zzz")).await;
    assert!(empty.contains("Aucun produit ne porte ce nom."), "{empty}");
    // No datum proposes it: the note is needed, and nothing is lost.
    let long = "a".repeat(2_001);
    for (note, said) in [
        ("", "Ce champ est nécessaire."),
        (long.as_str(), long.as_str()),
    ] {
        let refused = world
            .app
            .post(&take, &take, &cookies, &[("note", note)])
            .await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains(said), "{}", refused.body);
    }
    let note = [("note", "Modèle pour les autres")];
    let done = world.app.post(&take, &take, &cookies, &note).await;
    assert_eq!(
        (done.status.as_u16(), done.location),
        (303, format!("{one}/agenda"))
    );
    let agenda = opens(&world, &cookies, &format!("{one}/agenda")).await;
    assert!(agenda.contains("Modèle pour les autres"), "{agenda}");
    let nothing = format!("{one}/take/{}", uuid::Uuid::from_u128(7));
    assert_eq!(world.app.get(&nothing, &cookies).await.status, 404);
    let stranger = world.signed_in("stan.stranger@x.example").await;
    for path in [add, take] {
        assert_eq!(world.app.get(&path, &stranger).await.status, 403, "{path}");
    }
}

async fn the_next_conference_begins_with_what_was_decided(db: Db) {
    let world = world(db).await;
    world.closed().await;
    let next = world
        .steering
        .plan_conference(
            &world.officer,
            world.ministry,
            &crate::conference_world::form("2027-06-15"),
        )
        .await
        .unwrap();
    let cookies = world.signed_in("dora.director@x.example").await;
    let page = opens(&world, &cookies, &format!("/steering/conferences/{next}")).await;
    for said in [
        "Ce que la conférence précédente a décidé",
        "Réorienter",
        "Livrer un premier lot",
        "pas encore constaté",
        "Découper le projet en lots",
        "Proposée",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Prévoir une conférence"));
}

async fn a_ministry_has_its_page(db: Db) {
    let world = world(db).await;
    world.estimate("2026-03-01", "52.4", "6").await;
    let review = world.unfavourable().await;
    world.recommended(review, "2026-04-01").await;
    world.planned().await;
    world.wait_until("2026-06-01");
    world.steering.keep_house().await.unwrap();
    let cookies = world.signed_in("dora.director@x.example").await;
    let path = format!("/steering/ministries/{}", world.ministry);
    let page = opens(&world, &cookies, &path).await;
    for said in [
        "Ministère du Littoral",
        "Conférence du 16\u{a0}juin 2026 à préparer",
        "Recommandation en retard",
        "Refonte du cadastre marin",
        "download=products.csv",
        "52,4",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let list = opens(&world, &cookies, "/steering/ministries").await;
    assert!(list.contains("Ministère du Littoral") && !list.contains("Sommets"));
    let morning = world.signed_in(OFFICER).await;
    let morning = opens(&world, &morning, "/steering").await;
    assert!(morning.contains("Conférence du 16\u{a0}juin 2026 à préparer"));
}

async fn programs_read_conferences(db: Db) {
    let world = world(db).await;
    let ids = world.closed().await;
    let cookies = world.signed_in(OFFICER).await;
    let read = async |path: &str| {
        let answer = world.app.get(path, &cookies).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str::<serde_json::Value>(&answer.body).unwrap()
    };
    let all = read("/api/v1/steering/conferences?state=closed").await;
    assert_eq!(all["conferences"][0]["id"], ids.0.to_string());
    let one = format!("/api/v1/steering/conferences/{}", ids.0);
    assert_eq!(read(&one).await["state"], "closed");
    let agenda = read(&format!("{one}/agenda")).await;
    assert_eq!(agenda["points"][0]["file"]["cost_cents"], 4_000_000_000_i64);
    let minutes = read(&format!("{one}/minutes")).await;
    assert_eq!(minutes["points"][0]["decision"]["kind"], "reorient");
    assert_eq!(minutes["recommendations"][0]["status"], "proposed");
    assert_eq!(minutes["adopted_by_ministry_on"], "2026-06-17");
    let wrong = world
        .app
        .get("/api/v1/steering/conferences?state=zz", &cookies)
        .await;
    assert_eq!(wrong.status, 422);
}

/// What the largest ministries have.
async fn sixty_products_are_one_document(db: Db) {
    let world = world(db).await;
    let id = world.planned().await;
    for number in 1..60 {
        let product = world.another_project(&format!("Service n° {number}")).await;
        world
            .steering
            .take_point(&world.officer, id, product, "Revue annuelle")
            .await
            .unwrap();
    }
    world.act(id, ConferenceAct::Prepare).await;
    let cookies = world.signed_in(OFFICER).await;
    let path = format!("/steering/conferences/{id}/conference.pdf");
    let document = world.app.get(&path, &cookies).await;
    assert_eq!(document.status, 200);
    assert!(document.body.len() > 50_000, "{}", document.body.len());
}

async fn others_see_nothing(db: Db) {
    let world = world(db).await;
    let ids = world.closed().await;
    let cookies = world.signed_in("stan.stranger@x.example").await;
    let one = format!("/steering/conferences/{}", ids.0);
    for path in [
        one.clone(),
        format!("{one}/points/{}", ids.1),
        format!("{one}/conference.pdf"),
        format!("{one}/acts/add"),
        format!("/steering/conferences?ministry={}", world.ministry),
        format!("/steering/ministries/{}", world.ministry),
        format!("/api/v1/steering/conferences/{}/minutes", ids.0),
    ] {
        assert_eq!(world.app.get(&path, &cookies).await.status, 403, "{path}");
        assert_ne!(world.app.get(&path, "").await.status, 200, "{path}");
    }
    for path in ["/steering/conferences", "/steering/ministries"] {
        let page = opens(&world, &cookies, path).await;
        assert!(!page.contains("Littoral"), "{path}");
    }
    for path in [
        "/steering/conferences/not-an-id",
        "/steering/conferences?after=x&state=zz",
        "/steering/ministries?after=x",
        "/steering/ministries/00000000-0000-0000-0000-000000000000",
        "/steering/published?conferences=zz",
    ] {
        let answer = world.app.get(path, &cookies).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
    }
}
