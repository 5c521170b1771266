//! The pages, as a requester, a producer and an instructor go through them.

use kit_db::Db;

use crate::world::{TOWN_SIRET, migrations, request, world};

kit_db::on_both_databases!(migrations() =>
    a_request_goes_from_page_to_page, a_decision_is_made_on_its_page,
    a_producer_edits_and_stops_on_pages, open_data_names_no_person,
);

async fn a_request_goes_from_page_to_page(db: Db) {
    let world = world(db).await;
    let (quotient, revenu) = world.two_apis().await;
    let cookies = world.signed_in("rosa.req@x.example").await;
    let town = world.town.to_string();
    let begun = world
        .post("/exchange/requests/new", &cookies, &[("requester", &town)])
        .await;
    let base = begun.location.trim_end_matches("/form/data").to_owned();
    let id: uuid::Uuid = base.rsplit('/').next().unwrap().parse().unwrap();
    let (api, other) = (quotient.api.to_string(), revenu.api.to_string());
    let send = async |step: &str, fields: &[(&str, &str)]| {
        let version = world.version(id).await.to_string();
        let mut all = vec![("version", version.as_str())];
        all.extend(fields);
        world
            .post(&format!("{base}/form/{step}"), &cookies, &all)
            .await
    };
    // First the APIs, then their scopes.
    let chosen = send("data", &[("apis", &api), ("apis", &other)]).await;
    assert_eq!(chosen.location, format!("{base}/form/data"));
    let page = world.get(&format!("{base}/form/data"), &cookies).await;
    assert!(page.body.contains("cnp_quotient") && page.body.contains("impots_revenu"));
    let data = [
        ("apis", api.as_str()),
        ("apis", &other),
        ("scopes", "cnp_quotient"),
        ("scopes", "impots_revenu"),
    ];
    assert_eq!(
        send("data", &data).await.location,
        format!("{base}/form/project")
    );
    // A mistake loses nothing, and says which limit.
    let wrong = send("project", &[("title", "Cantine"), ("per_minute", "9000")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("1 – 60") && wrong.body.contains("value=\"Cantine\""));
    let again = world.get(&format!("{base}/form/project"), &cookies).await;
    assert!(
        again.body.contains("value=\"Cantine\""),
        "kept in the draft too"
    );
    let project = [
        ("title", "Cantine"),
        ("description", "Calculer."),
        ("purposes", "cantine : Tarif"),
        ("expected_start-day", "1"),
        ("expected_start-month", "9"),
        ("expected_start-year", "2026"),
        ("per_minute", "20"),
        ("per_day", "500"),
    ];
    assert_eq!(
        send("project", &project).await.location,
        format!("{base}/form/legal")
    );
    let legal = world.get(&format!("{base}/form/legal"), &cookies).await;
    assert!(
        legal.body.contains("CRPA, article L114-8"),
        "proposed by the producers"
    );
    let law = [
        ("legal_nature", "exchange"),
        ("legal_text", "CRPA, article L114-8"),
        ("recipients", TOWN_SIRET),
        ("retention_months", "12"),
    ];
    assert_eq!(
        send("legal", &law).await.location,
        format!("{base}/form/technical")
    );
    let technical = [("asks_modalities", "yes"), ("modalities", "identifier")];
    assert_eq!(
        send("technical", &technical).await.location,
        format!("{base}/form/contacts")
    );
    let missing = world.get(&format!("{base}/form/check"), &cookies).await;
    assert!(missing.body.contains("Compléter"));
    let contacts = [
        ("business_name", "Ada"),
        ("business_mail", "ada@town.example"),
        ("technical_name", "Bo"),
        ("technical_mail", "bo@town.example"),
        ("dpo_name", "Cy"),
        ("dpo_mail", "cy@town.example"),
        ("controller_name", "Di"),
        ("controller_mail", "di@town.example"),
    ];
    assert_eq!(
        send("contacts", &contacts).await.location,
        format!("{base}/form/check")
    );
    let checked = send("check", &[]).await;
    assert_eq!(checked.location, base, "{}", checked.body);
    let page = world.get(&base, &cookies).await;
    assert_eq!(page.status, 200);
    for shown in [
        "À instruire",
        "Cantine",
        "Demande envoyée",
        "Direction des impôts",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    assert!(!page.body.contains('⟦'), "a word is missing");
    // Once sent, the form leads back.
    let closed = world.get(&format!("{base}/form/data"), &cookies).await;
    assert_eq!(closed.location, base);
}

async fn a_decision_is_made_on_its_page(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let id = world
        .submitted(request(&[quotient.api], &["cnp_quotient"]))
        .await;
    let cookies = world.signed_in("ines.inst@x.example").await;
    let base = format!("/exchange/requests/{id}");
    let queue = world.get("/exchange/queue", &cookies).await;
    assert!(queue.body.contains(&base));
    for filter in ["?who=me", "?kind=renewal", "?late=yes"] {
        let narrowed = world
            .get(&format!("/exchange/queue{filter}"), &cookies)
            .await;
        assert!(!narrowed.body.contains(&base), "{filter}");
    }
    for act in ["approve", "ask-changes", "refuse"] {
        let page = world.get(&format!("{base}/acts/{act}"), &cookies).await;
        assert_eq!(page.status, 200, "{act}");
        assert!(!page.body.contains('⟦'));
    }
    assert_eq!(
        world
            .get(&format!("{base}/acts/resume"), &cookies)
            .await
            .status,
        409
    );
    assert_eq!(
        world.get(&format!("{base}/acts/zz"), &cookies).await.status,
        404
    );
    let instructor = "/exchange/requests/new";
    assert_eq!(world.get(instructor, &cookies).await.status, 403);
    // Its token comes from a page that it sees.
    let token = world.get(&base, &cookies).await.token();
    let version = world.version(id).await.to_string();
    let post = async |act: &str, fields: &[(&str, &str)]| {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf_token", &token)
            .append_pair("version", &version);
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let request = http::Request::post(format!("{base}/acts/{act}"))
            .header("cookie", &cookies)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(kit_http::Body::from(body.finish()));
        world.send(request.unwrap()).await
    };
    let unexplained = post("refuse", &[]).await;
    assert_eq!(unexplained.status, 422);
    let wrong = post(
        "approve",
        &[("months", "61"), ("per_minute", "10"), ("per_day", "100")],
    )
    .await;
    assert!(wrong.status == 422 && wrong.body.contains("1 – 60"));
    let approved = post(
        "approve",
        &[("months", "12"), ("per_minute", "10"), ("per_day", "100")],
    )
    .await;
    assert_eq!(approved.location, base, "{}", approved.body);
    let snapshot = world.exchange.snapshot().await.unwrap();
    assert_eq!(snapshot.accreditations[0].per_minute, 10);
    assert_eq!(
        snapshot.accreditations[0].valid_until.to_string(),
        "2027-03-02T08:00:00Z"
    );
}

async fn a_producer_edits_and_stops_on_pages(db: Db) {
    let world = world(db).await;
    let (id, quotient, revenu) = world.accredited().await;
    let cookies = world.signed_in("paul.prod@x.example").await;
    let list = world.get("/exchange/producer", &cookies).await;
    assert!(list.body.contains("cnp/quotient") && !list.body.contains("impots/revenu"));
    assert!(
        list.body.contains(&format!("/exchange/requests/{id}")),
        "it sees who has its data"
    );
    let seen = world
        .get(&format!("/exchange/requests/{id}"), &cookies)
        .await;
    assert_eq!(seen.status, 200);
    for path in [
        format!("/exchange/producer/apis/{}", quotient.api),
        format!("/exchange/producer/apis/{}/edit", quotient.api),
        format!("/exchange/producer/apis/{}/import", quotient.api),
        format!("/exchange/producer/apis/{}/scopes", quotient.api),
        format!("/exchange/producer/operations/{}", quotient.operation),
        "/exchange/producer/new".to_owned(),
        "/exchange/stops/new".to_owned(),
    ] {
        let page = world.get(&path, &cookies).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains('⟦'), "{path}");
    }
    let foreign = format!("/exchange/producer/apis/{}", revenu.api);
    assert_eq!(world.get(&foreign, &cookies).await.status, 403);
    let edit = format!("/exchange/producer/apis/{}/edit", quotient.api);
    let wrong = world
        .post(
            &edit,
            &cookies,
            &[("version", "3"), ("name", ""), ("timeout_ms", "20000")],
        )
        .await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("100 – 10000"));
    let fund = world.fund.to_string();
    let api = quotient.api.to_string();
    let stop = [
        ("producer", fund.as_str()),
        ("kind", "api"),
        ("target", &api),
    ];
    assert_eq!(
        world
            .post("/exchange/stops/new", &cookies, &stop)
            .await
            .status,
        422
    );
    let mut with_reason = stop.to_vec();
    with_reason.push(("reason", "Incident en cours."));
    let stopped = world
        .post("/exchange/stops/new", &cookies, &with_reason)
        .await;
    assert_eq!(stopped.location, "/exchange/stops");
    let stop = world.exchange.snapshot().await.unwrap().stops[0].id;
    let page = world
        .get(&format!("/exchange/stops/{stop}"), &cookies)
        .await;
    assert_eq!(page.status, 200);
    let resumed = world
        .post(
            &format!("/exchange/stops/{stop}"),
            &cookies,
            &[("reason", "Fini.")],
        )
        .await;
    assert_eq!(resumed.location, "/exchange/stops");
}

async fn open_data_names_no_person(db: Db) {
    let world = world(db).await;
    world.accredited().await;
    for path in [
        "/exchange/active",
        "/exchange/accreditations.csv",
        "/api/v1/exchange/accreditations",
    ] {
        let page = world.get(path, "").await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains("Tarif de la cantine"), "{path}");
        for hidden in ["Ada", "contact0@", "Rosa", "Inès"] {
            assert!(!page.body.contains(hidden), "{path}: {hidden}");
        }
    }
}
