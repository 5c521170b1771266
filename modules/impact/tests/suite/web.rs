//! Pages and API, as browsers and programs see them.

use std::sync::Arc;

use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use kit_access::{Actor, Grant, Reach};
use kit_db::Db;
use kit_http::{
    Authenticated, Authenticator, Body, Credentials, NoTableFiles, RateLimits, Router, Site, stack,
};
use kit_ui::{Catalogue, Locale, Stylesheet};
use ports::roles::PORTFOLIO_OFFICER;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::support::{World, migrations, officer, promise, world};

kit_db::on_both_databases!(migrations() =>
    a_program_records_a_figure_once, the_api_refuses_what_it_does_not_know,
    the_second_person_sees_what_the_first_saved, a_file_is_tried_then_recorded,
    nobody_writes_without_a_grant, a_key_sends_figures_of_one_indicator,
);

/// Whoever sends the token `officer` is one.
struct ByToken;

impl Authenticator for ByToken {
    fn authenticate<'f>(&'f self, credentials: &'f Credentials) -> Authenticated<'f> {
        Box::pin(async move {
            let role = match credentials.bearer.as_deref() {
                Some("officer") => PORTFOLIO_OFFICER.0,
                Some("reader") => "reader",
                _ => return Ok(Actor::anonymous()),
            };
            let grant = Grant {
                role: role.to_owned(),
                reach: Reach::State,
            };
            Ok(Actor::person(Uuid::from_u128(7), "Inès Morel", vec![grant]))
        })
    }
}

fn app(world: &World) -> Router {
    let routes = world.impact.routes();
    let site = Site {
        protocol_paths: routes.protocol_paths(),
        catalogue: Arc::new(Catalogue::new(impact::WORDS).unwrap()),
        navigation: Vec::new(),
        service_name: "Gouvernail".into(),
        public_url: "https://g.example".into(),
        stylesheet: Stylesheet::Own,
        locale: Locale::Fr,
        source: world.source.clone(),
        authenticator: Arc::new(ByToken),
        rate_limits: RateLimits::per_minute(100_000, 100_000),
        trusted_proxies: 1,
        table_files: Arc::new(NoTableFiles),
    };
    stack(Arc::new(site), routes.router)
}

struct Sent {
    status: StatusCode,
    body: String,
    cookie: String,
}

async fn send(app: &Router, request: http::request::Builder, body: impl Into<Body>) -> Sent {
    let answer = app.clone().oneshot(request.body(body.into()).unwrap());
    let (parts, body) = answer.await.unwrap().into_parts();
    let cookie = parts.headers.get("set-cookie");
    let cookie = cookie.and_then(|value| value.to_str().ok()?.split(';').next());
    let cookie = cookie.unwrap_or_default().to_owned();
    let bytes = body.collect().await.unwrap().to_bytes();
    Sent {
        status: parts.status,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        cookie,
    }
}

fn request(method: Method, path: &str, token: &str) -> http::request::Builder {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-forwarded-for", "192.0.2.1")
        .header("accept-language", "fr");
    if token.is_empty() {
        request
    } else {
        request.header("authorization", format!("Bearer {token}"))
    }
}

async fn get(app: &Router, path: &str) -> Sent {
    send(app, request(Method::GET, path, "officer"), "").await
}

async fn post(app: &Router, path: &str, token: &str, body: &Value) -> (StatusCode, Value) {
    let request = request(Method::POST, path, token).header("content-type", "application/json");
    let sent = send(app, request, body.to_string()).await;
    (
        sent.status,
        serde_json::from_str(&sent.body).unwrap_or_default(),
    )
}

async fn a_program_records_a_figure_once(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    let app = app(&world);
    let path = format!("/api/v1/indicators/{id}/observations");
    let told = json!({ "value": "42.5", "as_of": "2026-02-28", "source": "tableau" });
    let (status, answer) = post(&app, &path, "officer", &told).await;
    assert_eq!(
        (status, answer),
        (StatusCode::CREATED, json!({ "number": 1, "is_new": true }))
    );
    let (status, answer) = post(&app, &path, "officer", &told).await;
    assert_eq!(
        (status, answer),
        (StatusCode::OK, json!({ "number": 1, "is_new": false }))
    );
    let other = json!({ "value": "43", "as_of": "2026-02-28", "source": "tableau" });
    let (status, answer) = post(&app, &path, "officer", &other).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    let shown: Value = serde_json::from_str(&get(&app, &path).await.body).unwrap();
    assert_eq!(shown["observations"][0]["value"], "42.5");
    assert_eq!(shown["next"], Value::Null);
    let path = format!("/api/v1/indicators/{id}");
    let one: Value = serde_json::from_str(&get(&app, &path).await.body).unwrap();
    assert_eq!(one["standing"], "behind");
    assert_eq!(one["latest"], "42.5");
    let list = get(&app, "/api/v1/indicators?standing=behind").await;
    let list: Value = serde_json::from_str(&list.body).unwrap();
    assert_eq!(list["indicators"][0], one);
}

async fn the_api_refuses_what_it_does_not_know(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    let app = app(&world);
    for wrong in [
        "/api/v1/indicators?colour=red",
        "/api/v1/indicators?standing=good",
        "/api/v1/indicators?limit=501",
        &format!("/api/v1/indicators/{id}/observations?after=-1"),
    ] {
        let answer = get(&app, wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let none = format!("/api/v1/indicators/{}", Uuid::from_u128(1));
    assert_eq!(get(&app, &none).await.status, StatusCode::NOT_FOUND);
    let path = format!("/api/v1/indicators/{id}/observations");
    for (wrong, field) in [
        (
            json!({ "value": "NaN", "as_of": "2026-02-28", "source": "s" }),
            "value",
        ),
        (
            json!({ "value": "1", "as_of": "2026-03-02", "source": "s" }),
            "as_of",
        ),
        (
            json!({ "value": "1", "as_of": "2026-02-28", "source": "" }),
            "source",
        ),
        (
            json!({ "value": "1", "as_of": "2026-02-28", "source": "s", "unit": "jours" }),
            "unit",
        ),
    ] {
        let (status, answer) = post(&app, &path, "officer", &wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert_eq!(answer["errors"][0]["field"], field, "{answer}");
    }
    let unknown = json!({ "value": "1", "as_of": "2026-02-28", "source": "s", "colour": "red" });
    let (status, _) = post(&app, &path, "officer", &unknown).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let number = json!({ "value": 1.5, "as_of": "2026-02-28", "source": "s" });
    let (status, _) = post(&app, &path, "officer", &number).await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a float isn't exact"
    );
}

fn fields(form: &impact::IndicatorForm, version: i64) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form.fields() {
        if let Some(field) = name.strip_suffix("_on") {
            let day: Vec<&str> = value.split('-').rev().collect();
            for (part, typed) in ["day", "month", "year"].into_iter().zip(day) {
                body.append_pair(&format!("{field}_on-{part}"), typed);
            }
        } else {
            body.append_pair(name, value);
        }
    }
    body.append_pair("version", &version.to_string());
    body.finish()
}

async fn the_second_person_sees_what_the_first_saved(db: Db) {
    let world = world(&db);
    let (product, id) = world.indicator(&promise()).await;
    let app = app(&world);
    let path = format!("/indicators/{id}/edit");
    let edit = async |form: &impact::IndicatorForm, version| {
        let request = request(Method::POST, &path, "officer")
            .header("content-type", "application/x-www-form-urlencoded");
        send(&app, request, fields(form, version)).await
    };
    let mut first = promise();
    first.owner = "Service des usagers".into();
    let saved = edit(&first, 1).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let mut second = promise();
    second.target = "90".into();
    let stale = edit(&second, 1).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.body.contains("Service des usagers"), "{}", stale.body);
    assert!(stale.body.contains("value=\"90\""), "what was typed stays");
    assert!(stale.body.contains("name=\"version\" value=\"2\""));
    // With the first's change in view, saving again is a choice.
    assert_eq!(edit(&second, 2).await.status, StatusCode::SEE_OTHER);
    let page = get(&app, &format!("/indicators/{id}")).await;
    assert!(page.body.contains("80 devient 90"), "{}", page.body);
    let of_product = get(&app, &format!("/products/{product}/indicators")).await;
    assert!(of_product.body.contains("Démarches terminées en ligne"));
    for page in [&page, &of_product, &stale] {
        assert!(!page.body.contains('⟦'), "a word that nobody wrote");
    }
}

async fn a_file_is_tried_then_recorded(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    let app = app(&world);
    let path = format!("/indicators/{id}/import");
    let page = get(&app, &path).await;
    let token = page.body.split("name=\"csrf_token\" value=\"").nth(1);
    let token = token.and_then(|rest| rest.split('"').next()).unwrap();
    let upload = async |mode: &str, csv: &str| {
        let part = |head: &str, text: &str| {
            format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n")
        };
        let body = [
            part("name=\"csrf_token\"", token),
            part("name=\"mode\"", mode),
            part("name=\"file\"; filename=\"chiffres.csv\"", csv),
            "--x--\r\n".to_owned(),
        ]
        .concat();
        let request = request(Method::POST, &path, "officer")
            .header("cookie", &page.cookie)
            .header("content-type", "multipart/form-data; boundary=x");
        send(&app, request, body).await
    };
    let wrong = upload("import", "date;valeur\n31/01/2026;douze\n").await;
    assert_eq!(
        wrong.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        wrong.body
    );
    assert!(wrong.body.contains("douze"));
    let no_table = upload("import", "\u{0}\u{1}").await;
    assert_eq!(no_table.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = "date;valeur\n31/01/2026;41,5\n28/02/2026;46\n";
    let tried = upload("try", right).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.body);
    assert!(
        world
            .impact
            .observations(id, 0, 9)
            .await
            .unwrap()
            .is_empty()
    );
    let kept = upload("import", right).await;
    assert_eq!(kept.status, StatusCode::OK);
    assert_eq!(world.impact.observations(id, 0, 9).await.unwrap().len(), 2);
    for page in [wrong, no_table, tried, kept] {
        assert!(!page.body.contains('⟦'), "a word that nobody wrote");
    }
}

async fn nobody_writes_without_a_grant(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    let app = app(&world);
    let path = format!("/api/v1/indicators/{id}/observations");
    let told = json!({ "value": "42.5", "as_of": "2026-02-28", "source": "tableau" });
    let (status, _) = post(&app, &path, "reader", &told).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = post(&app, &path, "nobody", &told).await;
    assert!(
        matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN),
        "{status}"
    );
    assert!(
        world
            .impact
            .observations(id, 0, 9)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_key_sends_figures_of_one_indicator(db: Db) {
    let world = world(&db);
    let (product, id) = world.indicator(&promise()).await;
    let mut form = promise();
    form.name = "Autre".into();
    let other = world.add(product, &form).await.unwrap();
    let app = app(&world);
    let key = world.impact.new_key(&officer(), id).await.unwrap();
    let told = json!({ "value": "42.5", "as_of": "2026-02-28", "source": "tableau" });
    let path = format!("/api/v1/indicators/{id}/figures");
    let elsewhere = format!("/api/v1/indicators/{other}/figures");
    for (path, token) in [(&path, ""), (&path, "gvi_00"), (&elsewhere, key.as_str())] {
        let (status, _) = post(&app, path, token, &told).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path} {token}");
    }
    let (status, _) = post(&app, &path, &key, &told).await;
    assert_eq!(status, StatusCode::CREATED);
    let (status, _) = post(&app, &path, &key, &told).await;
    assert_eq!(status, StatusCode::OK);
    // The key opens nothing else.
    let by_hand = format!("/api/v1/indicators/{id}/observations");
    let (status, _) = post(&app, &by_hand, &key, &told).await;
    assert_ne!(status, StatusCode::OK);
    let second = world.impact.new_key(&officer(), id).await.unwrap();
    let (status, _) = post(&app, &path, &key, &told).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "replaced");
    world.impact.remove_key(&officer(), id).await.unwrap();
    let (status, _) = post(&app, &path, &second, &told).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "taken away");
    let entries = kit_journal::Journal::of_subject(&db, "indicator", id, None, 50);
    let said = format!("{:?}", entries.await.unwrap());
    assert!(!said.contains("gvi_"), "no secret in the journal");
    let page = get(&app, &format!("/indicators/{id}/key")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains('⟦'), "a word that nobody wrote");
    let compared = format!("/indicators/{id}/compare?from-day=1&from-month=2&from-year=2026");
    for path in [
        &compared,
        &format!("{compared}&other={other}"),
        &compared.replace("2026", "x"),
    ] {
        let page = get(&app, path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains('⟦'), "a word that nobody wrote");
    }
}
