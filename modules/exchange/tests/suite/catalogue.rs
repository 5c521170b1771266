//! What producers offer.

use exchange::domain::openapi::DocumentProblem;
use exchange::domain::{ApiStatus, Sensitivity};
use exchange::{ApiFilter, ExchangeError, NewApi, ScopeForm};
use kit_db::Db;
use uuid::Uuid;

use crate::world::{QUOTIENT, REVENU, api_form, migrations, root, world};

kit_db::on_both_databases!(migrations() =>
    statements_prepare, an_api_is_imported_described_and_published, a_producer_keeps_its_own_alone,
    a_newer_document_is_shown_before_it_is_taken, the_catalogue_is_searched_and_paged,
    a_published_scope_is_never_widened, a_prefix_and_a_scope_are_taken_once,
);

async fn statements_prepare(db: Db) {
    for statement in exchange::statements() {
        db.prepare(&statement)
            .await
            .unwrap_or_else(|error| panic!("{error}: {}", statement.sql));
    }
}

fn keys(error: ExchangeError) -> Vec<&'static str> {
    match error {
        ExchangeError::Mistakes(mistakes) => mistakes.into_iter().map(|one| one.key).collect(),
        error => panic!("{error}"),
    }
}

async fn an_api_is_imported_described_and_published(db: Db) {
    let world = world(db).await;
    let exchange = &world.exchange;
    let new = NewApi {
        producer: world.fund,
        prefix: "cnp/quotient",
        document: QUOTIENT.as_bytes(),
    };
    let api = exchange.add_api(&world.producer, new).await.unwrap();
    // Not before it is described, has a scope, and says who is asked about.
    let lacks = exchange
        .set_status(&world.producer, api, ApiStatus::Published)
        .await;
    assert_eq!(
        keys(lacks.unwrap_err()),
        [
            "exchange-mistake-no-scope",
            "exchange-mistake-no-subject",
            "exchange-mistake-profile"
        ]
    );
    exchange
        .change_api(&world.producer, api, 1, &api_form("Quotient"))
        .await
        .unwrap();
    let wrong = ScopeForm {
        tells_identity: false,
        code: "cnp_quotient".into(),
        label: "Quotient".into(),
        fields: vec![("getQuotient".into(), "salaire".into())],
    };
    let refused = exchange.add_scope(&world.producer, api, &wrong).await;
    assert_eq!(keys(refused.unwrap_err()), ["exchange-mistake-field"]);
    let right = ScopeForm {
        fields: vec![("getQuotient".into(), "quotient".into())],
        ..wrong
    };
    exchange
        .add_scope(&world.producer, api, &right)
        .await
        .unwrap();
    let operation = world.operation_of(api).await;
    let unknown = exchange
        .change_operation(&world.producer, operation, &["query:numero".into()], 1)
        .await;
    assert_eq!(keys(unknown.unwrap_err()), ["exchange-mistake-parameter"]);
    exchange
        .change_operation(&world.producer, operation, &["path:numero".into()], 1)
        .await
        .unwrap();
    // A draft is nobody's but its producer's.
    let hidden = world.get(&format!("/exchange/apis/{api}"), "").await;
    assert_eq!(hidden.status, 404);
    exchange
        .set_status(&world.producer, api, ApiStatus::Published)
        .await
        .unwrap();
    let page = world.get(&format!("/exchange/apis/{api}"), "").await;
    assert_eq!(page.status, 200);
    for shown in [
        "GET /cnp/quotient/v1/foyers/{numero}",
        "cnp_quotient",
        "enfants.*.prenom",
        "L114-8",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    // Where the producer answers isn't for everybody.
    assert!(!page.body.contains("api.fund.example"));
    let stale = exchange
        .change_api(&world.producer, api, 1, &api_form("Autre"))
        .await;
    assert!(matches!(stale, Err(ExchangeError::Stale)));
}

async fn a_producer_keeps_its_own_alone(db: Db) {
    let world = world(db).await;
    let exchange = &world.exchange;
    let (quotient, revenu) = world.two_apis().await;
    let new = NewApi {
        producer: world.tax,
        prefix: "impots/autre",
        document: REVENU.as_bytes(),
    };
    assert!(matches!(
        exchange.add_api(&world.producer, new).await,
        Err(ExchangeError::Denied(_))
    ));
    let api = revenu.api;
    let form = api_form("Pris");
    let changed = exchange.change_api(&world.producer, api, 3, &form).await;
    assert!(matches!(changed, Err(ExchangeError::Denied(_))));
    let status = exchange
        .set_status(&world.producer, api, ApiStatus::Withdrawn)
        .await;
    assert!(matches!(status, Err(ExchangeError::Denied(_))));
    for actor in [&world.requester, &world.instructor] {
        let denied = exchange
            .send_document(actor, quotient.api, QUOTIENT.as_bytes())
            .await;
        assert!(matches!(denied, Err(ExchangeError::Denied(_))));
    }
}

async fn a_newer_document_is_shown_before_it_is_taken(db: Db) {
    let world = world(db).await;
    let exchange = &world.exchange;
    let (quotient, _) = world.two_apis().await;
    let newer = QUOTIENT
        .replace("version: 1.0.0", "version: 1.1.0")
        .replace("prenom", "usage");
    let import = exchange
        .send_document(&world.producer, quotient.api, newer.as_bytes())
        .await
        .unwrap();
    let cookies = world.signed_in("paul.prod@x.example").await;
    let page = world
        .get(&format!("/exchange/producer/imports/{import}"), &cookies)
        .await;
    assert_eq!(page.status, 200);
    for shown in [
        "enfants.*.prenom",
        "enfants.*.usage",
        "1.1.0",
        "La portée perd un champ",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    let before = exchange.snapshot().await.unwrap();
    let children = |snapshot: &ports::exchange::Snapshot| {
        let api = snapshot
            .apis
            .iter()
            .find(|api| api.id == quotient.api)
            .unwrap();
        api.operations[0]
            .scopes
            .iter()
            .any(|scope| scope.scope == "cnp_enfants")
    };
    assert!(children(&before), "nothing changed yet");
    let taken = exchange
        .take_document(&world.producer, import, "Prénoms d’usage")
        .await
        .unwrap();
    assert_eq!(taken, quotient.api);
    let after = exchange.snapshot().await.unwrap();
    assert!(after.number > before.number && !children(&after));
    // The operation is the same one.
    assert_eq!(world.operation_of(quotient.api).await, quotient.operation);
    let again = exchange.take_document(&world.producer, import, "").await;
    assert!(matches!(again, Err(ExchangeError::NotFound)));
    let page = world
        .get(&format!("/exchange/apis/{}", quotient.api), "")
        .await;
    assert!(page.body.contains("Prénoms d’usage"));
}

async fn the_catalogue_is_searched_and_paged(db: Db) {
    let world = world(db).await;
    world.two_apis().await;
    let exchange = &world.exchange;
    let found = async |filter: ApiFilter| {
        let page = exchange.apis(&filter, ("", Uuid::nil()), 10).await.unwrap();
        page.into_iter()
            .map(|(api, _)| api.prefix)
            .collect::<Vec<_>>()
    };
    let text = |text: &str| ApiFilter {
        text: text.into(),
        ..ApiFilter::default()
    };
    assert_eq!(found(ApiFilter::default()).await.len(), 2);
    assert_eq!(found(text("QUOTIÉNT")).await, ["cnp/quotient"]);
    assert_eq!(found(text("direction impots")).await, ["impots/revenu"]);
    assert_eq!(found(text("100%")).await, Vec::<String>::new());
    let of_fund = ApiFilter {
        producer: Some(world.fund),
        sensitivity: Some(Sensitivity::Personal),
        status: Some(ApiStatus::Published),
        ..ApiFilter::default()
    };
    assert_eq!(found(of_fund).await, ["cnp/quotient"]);
    let first = world.get("/api/v1/exchange/apis?limit=1", "").await;
    let first: serde_json::Value = serde_json::from_str(&first.body).unwrap();
    let mut next = form_urlencoded::Serializer::new(String::new());
    next.append_pair("limit", "1")
        .append_pair("after", first["next"].as_str().unwrap());
    let second = world
        .get(&format!("/api/v1/exchange/apis?{}", next.finish()), "")
        .await;
    let second: serde_json::Value = serde_json::from_str(&second.body).unwrap();
    assert_ne!(first["apis"][0]["id"], second["apis"][0]["id"]);
    assert!(second["next"].is_null());
    for (path, status) in [
        ("/exchange?status=zz", 422),
        ("/exchange?after=zz", 200),
        ("/exchange?producer=zz", 422),
        ("/api/v1/exchange/apis?limit=0", 422),
        (
            "/api/v1/exchange/apis/00000000-0000-0000-0000-000000000000",
            404,
        ),
        (
            "/api/v1/exchange/once-only?from=2026-01-01&to=2020-01-01",
            422,
        ),
        ("/exchange/dcat.jsonld", 200),
    ] {
        assert_eq!(world.get(path, "").await.status, status, "{path}");
    }
    let dcat = world.get("/exchange/dcat.jsonld", "").await;
    let dcat: serde_json::Value = serde_json::from_str(&dcat.body).unwrap();
    assert_eq!(dcat["dcat:service"].as_array().unwrap().len(), 2);
}

async fn a_published_scope_is_never_widened(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let statement = kit_db::Statement::new(
        "test.scope",
        "SELECT id FROM exchange_scope WHERE code = $1",
    );
    let scope: Uuid = statement
        .bind("cnp_enfants")
        .one(&world.db, |row| row.get("id"))
        .await
        .unwrap();
    let form = |path: &str| ScopeForm {
        tells_identity: false,
        code: String::new(),
        label: "Enfants".into(),
        fields: vec![("getQuotient".into(), path.into())],
    };
    for wider in ["enfants", "enfants.*", "enfants.*.naissance", "quotient"] {
        let refused = world
            .exchange
            .change_scope(&world.producer, scope, &form(wider))
            .await;
        assert_eq!(
            keys(refused.unwrap_err()),
            ["exchange-mistake-scope-wider"],
            "{wider}"
        );
    }
    let same = world
        .exchange
        .change_scope(&world.producer, scope, &form("enfants.*.prenom"))
        .await;
    assert_eq!(same.unwrap(), quotient.api);
    let removed = world.exchange.remove_scope(&world.producer, scope).await;
    assert_eq!(keys(removed.unwrap_err()), ["exchange-mistake-scope-used"]);
}

async fn a_prefix_and_a_scope_are_taken_once(db: Db) {
    let world = world(db).await;
    world.two_apis().await;
    let new = NewApi {
        producer: world.fund,
        prefix: "impots/revenu",
        document: REVENU.as_bytes(),
    };
    let taken = world.exchange.add_api(&world.producer, new).await;
    assert_eq!(keys(taken.unwrap_err()), ["exchange-mistake-prefix-taken"]);
    let other = NewApi {
        prefix: "cnp/revenu",
        ..new
    };
    let api = world.exchange.add_api(&root(), other).await.unwrap();
    let form = ScopeForm {
        tells_identity: false,
        code: "impots_revenu".into(),
        label: "Revenu".into(),
        fields: vec![("getRevenu".into(), "revenu".into())],
    };
    let taken = world.exchange.add_scope(&world.producer, api, &form).await;
    assert_eq!(keys(taken.unwrap_err()), ["exchange-mistake-scope-taken"]);
    let bad = NewApi {
        document: b"{\"openapi\":\"3.0.0\"}",
        prefix: "cnp/x2",
        ..new
    };
    match world.exchange.add_api(&world.producer, bad).await {
        Err(ExchangeError::Document(mistake)) => {
            assert_eq!(
                (mistake.place.as_str(), mistake.problem),
                ("info", DocumentProblem::Missing)
            );
        }
        other => panic!("{other:?}"),
    }
}
