//! The whole, in process: every route with its permission, every page for everybody.

mod behalf;
mod citizen;
mod environment;
mod market;
mod paths;

use kit_db::testing::TestDb;
use kit_db::{Db, Engine};
use kit_http::{Body, Method, Router, StatusCode};
use kit_time::Source;
use tower::ServiceExt as _;

use crate::app::{Platform, migrations};
use crate::pages;
use crate::settings::{self, Settings};

use paths::{begun_by_nobody, concrete, is_for_programs, is_of_steering, is_one_of_the_account};

fn told(demo: bool) -> Settings {
    let flags = [
        "server.public_url=https://g.example",
        "limits.requests_per_minute=1000000",
    ];
    let data = std::path::Path::new("/nowhere");
    let config = settings::read(data, None, Vec::new(), flags.map(str::to_owned).to_vec()).unwrap();
    Settings {
        demo,
        mock_providers: demo,
        ..Settings::of(data, &config).unwrap()
    }
}

fn platform(db: &Db) -> Platform {
    let source = Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), 1);
    Platform::on(
        told(true),
        db.clone(),
        source,
        kit_files::Files::in_memory(),
    )
    .unwrap()
}

kit_db::on_both_databases!(migrations() =>
    every_page_answers_everybody, every_refusal_is_clear, a_product_is_told_whole, an_officer_sees_every_page,
    every_statement_prepares, every_table_is_a_file_too,
);

struct Answer {
    status: StatusCode,
    location: String,
    cookies: Vec<String>,
    body: String,
}

async fn send(app: &Router, request: axum::http::Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let text = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let cookies = parts
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok()?.split(';').next().map(str::to_owned))
        .collect();
    // A page that leads on by itself is a redirection too.
    let refresh = text("refresh");
    let location = match refresh.strip_prefix("0; url=") {
        Some(address) => address.to_owned(),
        None => text("location"),
    };
    let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Answer {
        status: parts.status,
        location,
        cookies,
        body,
    }
}

fn request(method: Method, path: &str, cookies: &str) -> axum::http::request::Builder {
    axum::http::Request::builder()
        .method(method)
        .uri(path)
        .header("cookie", cookies)
        .header("accept-language", "fr")
}

async fn get(app: &Router, path: &str, cookies: &str) -> Answer {
    send(
        app,
        request(Method::GET, path, cookies)
            .body(Body::empty())
            .unwrap(),
    )
    .await
}

/// The cookies of somebody who has signed in through the page.
async fn signed_in(app: &Router) -> String {
    let page = get(app, "/sign-in", "").await;
    let form = page.cookies[0].clone();
    let token = page
        .body
        .split("name=\"csrf_token\" value=\"")
        .nth(1)
        .unwrap();
    let token = token.split('"').next().unwrap();
    let body = format!(
        "csrf_token={token}&email={}&password={}&return_to=%2Fimports",
        crate::demo::OFFICER_EMAIL,
        crate::demo::OFFICER_PASSWORD.replace(' ', "+")
    );
    let sent = request(Method::POST, "/sign-in", &form)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    let answer = send(app, sent).await;
    assert_eq!(
        (answer.status, answer.location.as_str()),
        (StatusCode::SEE_OTHER, "/imports")
    );
    format!("{form}; {}", answer.cookies[0])
}

async fn filled(db: &Db) -> (Platform, Router) {
    let platform = platform(db);
    Box::pin(crate::demo::fill(&platform)).await.unwrap();
    // A statistics page that nobody asks: it has a state to show.
    let indicator = concrete(&platform, "/indicators/{id}").await;
    let indicator = indicator
        .trim_start_matches("/indicators/")
        .parse()
        .unwrap();
    let page = impact::PollForm {
        url: "https://stats.service.example/api.json".to_owned(),
        value_pointer: "/total".to_owned(),
        rhythm: "daily".to_owned(),
        ..impact::PollForm::default()
    };
    let actor = kit_access::Actor::system("test");
    let set = platform.impact.set_poll(&actor, indicator, 0, &page).await;
    set.unwrap();
    let app = platform.router().unwrap();
    (platform, app)
}

async fn every_page_answers_everybody(db: Db) {
    let (platform, app) = filled(&db).await;
    for route in platform
        .routes()
        .table
        .iter()
        .filter(|route| route.method == Method::GET && !route.is_protocol)
    {
        let path = concrete(&platform, &route.path).await;
        let answer = get(&app, &path, "").await;
        let open = route.permission.holders == kit_access::Holders::Everybody;
        let expected = if let Some(status) = begun_by_nobody(&path) {
            status
        } else if open && is_of_steering(&path) {
            StatusCode::NOT_FOUND
        } else if open {
            StatusCode::OK
        } else if is_for_programs(&path) {
            // A program isn't sent to a page.
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::SEE_OTHER
        };
        assert_eq!(answer.status, expected, "{path}");
        assert!(
            !answer.body.contains('⟦'),
            "{path} has a word that nobody wrote"
        );
        assert!(
            open || is_for_programs(&path) || answer.location.starts_with("/sign-in?return_to="),
            "{path}"
        );
    }
}

async fn an_officer_sees_every_page(db: Db) {
    let (platform, app) = filled(&db).await;
    let cookies = signed_in(&app).await;
    for route in platform
        .routes()
        .table
        .iter()
        .filter(|route| route.method == Method::GET && !route.is_protocol)
    {
        let path = concrete(&platform, &route.path).await;
        let answer = get(&app, &path, &cookies).await;
        let expected = if path == "/sign-in" {
            StatusCode::SEE_OTHER
        } else if is_one_of_the_account(&path) || is_of_steering(&path) {
            StatusCode::NOT_FOUND
        } else if path.starts_with("/brigade/") && path.ends_with("/recommend") {
            // Only where somebody keeps recommendations.
            if platform.brigade.recommends() {
                StatusCode::OK
            } else {
                StatusCode::NOT_FOUND
            }
        } else {
            begun_by_nobody(&path).unwrap_or(StatusCode::OK)
        };
        assert_eq!(answer.status, expected, "{path}: {}", answer.body);
        assert!(
            !answer.body.contains('⟦'),
            "{path} has a word that nobody wrote"
        );
    }
}

async fn every_table_is_a_file_too(db: Db) {
    let (platform, app) = filled(&db).await;
    let cookies = signed_in(&app).await;
    let mut files = 0;
    for route in platform.routes().table.iter().filter(|route| {
        route.method == Method::GET && !route.is_protocol && !route.path.starts_with("/api")
    }) {
        let path = concrete(&platform, &route.path).await;
        let page = get(&app, &path, &cookies).await;
        let tables = page.body.matches("<caption").count();
        let empty = page.body.matches("gv-empty").count();
        let offered: Vec<String> = page
            .body
            .split("fr-link--download\" href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"))
            .collect();
        // A table without a row has nothing to take away.
        assert!(
            offered.len() >= 3 * (tables - empty.min(tables)),
            "{path}: {offered:?}"
        );
        for address in offered {
            let file = get(&app, &address, &cookies).await;
            assert_eq!(file.status, StatusCode::OK, "{address}");
            assert!(!file.body.starts_with("<!doctype"), "{address}");
            if address.contains("json") {
                let told: serde_json::Value = serde_json::from_str(&file.body).unwrap();
                let rows = ["rows", "products", "indicators", "costs"];
                let rows = rows.into_iter().find_map(|name| told[name].as_array());
                assert!(rows.is_some_and(|rows| !rows.is_empty()), "{address}");
            }
            files += 1;
        }
    }
    assert!(files > 50, "{files}");
    for wrong in ["none.csv", "products.exe", "x", "slips.csv.csv"] {
        let address = format!("/slips?download={wrong}");
        let answer = get(&app, &address, "").await;
        let expected = if wrong.contains('.') { 404 } else { 200 };
        assert_eq!(answer.status.as_u16(), expected, "{address}");
    }
    // What a page refuses, its files refuse too.
    let refused = get(&app, "/people?download=people.csv", "").await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
}

async fn a_product_is_told_whole(db: Db) {
    let (platform, app) = filled(&db).await;
    let id = concrete(&platform, "/api/v1/products/{id}").await;
    let listed = get(&app, "/api/v1/products?kind=start-up&limit=1", "").await;
    let listed: serde_json::Value = serde_json::from_str(&listed.body).unwrap();
    let start_up = listed["products"][0]["id"].as_str().unwrap();
    let whole = async |path: &str| -> serde_json::Value {
        serde_json::from_str(&get(&app, path, "").await.body).unwrap()
    };
    let project = whole(&id).await;
    let estimates = project["estimates"].as_array().unwrap();
    assert!(estimates.len() > 1 && estimates.iter().any(|one| one["counts"] == true));
    assert!(project["phases"][0]["started_on"].is_string());
    let start_up = whole(&format!("/api/v1/products/{start_up}")).await;
    assert_eq!(start_up["product"]["kind"], "start-up");
    assert!(!start_up["users"].as_array().unwrap().is_empty());
    let again = whole("/api/v1/products?q=ATLAS%20Portail&limit=1").await;
    let moved = again["products"][0]["id"].as_str().unwrap();
    let moved = whole(&format!("/api/v1/products/{moved}")).await;
    let reason = moved["new_baselines"][0]["reason"].as_str().unwrap();
    assert!(!reason.is_empty(), "a new baseline has its reason");
}

async fn every_refusal_is_clear(db: Db) {
    let (platform, app) = filled(&db).await;
    for (path, status) in [
        ("/nowhere", 404),
        ("/products/zz", 404),
        ("/products/00000000-0000-0000-0000-000000000000", 404),
        ("/products?ministry=zz", 422),
        ("/products?phase=zz", 422),
        ("/products?after=zz", 200),
        ("/cohorts?from=hier", 422),
        ("/cohorts?from=2026-01-01&to=2020-01-01", 200),
        ("/slips?on=hier", 422),
        ("/start-ups?on=2026-02-30", 422),
        ("/journal?before=x", 422),
        ("/api/v1/products?limit=501", 422),
        ("/api/v1/products?kind=zz", 422),
        ("/api/v1/reports/slips", 422),
        ("/api/v1/reports/slips?from=2026-01-01&to=2020-01-01", 422),
        ("/api/v1/journal?limit=0", 422),
        ("/api/v1/organisations?kind=kingdom", 422),
    ] {
        let answer = get(&app, path, "").await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
    }
    // Whoever has no right is refused on every route that changes something, and nothing changes.
    let mut changing = Vec::new();
    for route in platform.routes().table {
        if route.method == Method::POST {
            changing.push((concrete(&platform, &route.path).await, route));
        }
    }
    let head = kit_journal::Journal::head(&db).await.unwrap();
    for (path, route) in changing {
        let sent = request(Method::POST, &path, "")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("csrf_token=x"))
            .unwrap();
        let answer = send(&app, sent).await;
        if route.is_protocol {
            // It proves by itself who calls, or changes nothing.
            assert!(answer.status.as_u16() < 500, "{path}");
            continue;
        }
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(kit_journal::Journal::head(&db).await.unwrap(), head);
}

async fn every_statement_prepares(db: Db) {
    let all = [
        kit_journal::statements(),
        kit_jobs::statements(),
        kit_ledger::statements(),
        directory::statements(),
        portfolio::statements(),
        impact::statements(),
        identity::statements(),
        exchange::statements(),
        steering::statements(),
        brigade::statements(),
        startups::statements(),
        costs::statements(),
        observatory::statements(),
        contracts::statements(),
    ];
    for statement in all.concat() {
        db.prepare(&statement)
            .await
            .unwrap_or_else(|error| panic!("{error}: {}", statement.sql));
    }
}

#[tokio::test]
async fn every_route_demands_its_permission() {
    let test = TestDb::new(Engine::Sqlite, &migrations()).await;
    insta::assert_snapshot!("routes", platform(&test.db).routes().permission_table());
}

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = pages::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/pages"] {
        for file in std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
        {
            sources.push_str(&std::fs::read_to_string(file).unwrap_or_default());
        }
    }
    let built = ["job-", "open-data-", "outbox-"];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}

#[test]
fn the_api_is_described() {
    let description: serde_json::Value =
        serde_json::from_str(&pages::openapi_json().unwrap()).unwrap();
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().unwrap();
    for path in [
        "/api/v1/products",
        "/api/v1/products/{id}",
        "/api/v1/reports/slips",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
}
