//! Pages and API, as browsers and programs see them.

use std::collections::HashMap;
use std::sync::Arc;

use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use kit_access::Actor;
use kit_db::Db;
use kit_http::{
    Authenticated, Authenticator, Body, Credentials, NoTableFiles, RateLimits, Router, Site, stack,
};
use kit_ui::{Catalogue, Locale, Stylesheet};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::world::{LINES, World, form, migrations, world};

kit_db::on_both_databases!(migrations() =>
    every_page_opens, the_calculator_keeps_its_inputs_in_the_address,
    lines_are_typed_in_rows, a_bad_input_names_its_field_and_its_limits, the_second_person_sees_what_the_first_saved,
    a_version_is_made_and_published_by_its_pages, the_api_reads_costs,
);

/// Whoever sends the name of somebody is that one.
struct ByToken(HashMap<&'static str, Actor>);

impl Authenticator for ByToken {
    fn authenticate<'f>(&'f self, credentials: &'f Credentials) -> Authenticated<'f> {
        Box::pin(async move {
            let known = credentials
                .bearer
                .as_deref()
                .and_then(|name| self.0.get(name));
            Ok(known.cloned().unwrap_or_else(Actor::anonymous))
        })
    }
}

fn app(world: &World) -> Router {
    let routes = world.costs.routes();
    let actors = [
        ("officer", world.officer.clone()),
        ("director", world.director.clone()),
        ("team", world.team.clone()),
        ("stranger", world.stranger.clone()),
    ];
    let site = Site {
        protocol_paths: routes.protocol_paths(),
        catalogue: Arc::new(Catalogue::new(costs::WORDS).unwrap()),
        navigation: Vec::new(),
        service_name: "Gouvernail".into(),
        public_url: "https://g.example".into(),
        stylesheet: Stylesheet::Own,
        locale: Locale::Fr,
        source: world.source.clone(),
        authenticator: Arc::new(ByToken(actors.into())),
        rate_limits: RateLimits::per_minute(100_000, 100_000),
        trusted_proxies: 1,
        table_files: Arc::new(NoTableFiles),
    };
    stack(Arc::new(site), routes.router)
}

async fn send(app: &Router, method: Method, path: &str, who: &str, body: String) -> (u16, String) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-forwarded-for", "192.0.2.1")
        .header("accept-language", "fr");
    if !who.is_empty() {
        request = request.header("authorization", format!("Bearer {who}"));
    }
    if !body.is_empty() {
        request = request.header("content-type", "application/x-www-form-urlencoded");
    }
    let answer = app.clone().oneshot(request.body(Body::from(body)).unwrap());
    let (parts, body) = answer.await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (parts.status.as_u16(), text)
}

async fn get(app: &Router, path: &str, who: &str) -> (u16, String) {
    send(app, Method::GET, path, who, String::new()).await
}

fn fields(form: &costs::VersionForm, seen: i64) -> String {
    let day: Vec<&str> = form.as_of.split('-').collect();
    let seen = seen.to_string();
    let pairs = [
        ("seen", seen.as_str()),
        ("as_of-day", day[2]),
        ("as_of-month", day[1]),
        ("as_of-year", day[0]),
        ("first_year", &form.first_year),
        ("years", &form.years),
        ("discount", &form.discount),
        ("indicator", &form.indicator),
        ("count_of", &form.count_of),
        ("reason", &form.reason),
        ("lines", &form.lines),
        ("assumptions", &form.assumptions),
    ];
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

fn no_bare_key(path: &str, page: &str) {
    assert!(!page.contains('⟦'), "{path}: a word that nobody wrote");
    for word in page.split(|c: char| !c.is_alphanumeric() && c != '-') {
        let is_key = word.starts_with("costs-") && word.matches('-').count() > 1;
        assert!(!is_key, "{path} shows the key {word}");
    }
}

async fn every_page_opens(db: Db) {
    let world = world(db).await;
    let app = app(&world);
    let product = world.product;
    let (status, empty) = get(&app, &format!("/products/{product}/costs"), "team").await;
    assert_eq!(status, 200);
    assert!(empty.contains("pas encore de coût complet"), "{empty}");
    let second = costs::VersionForm {
        indicator: world.users().await.to_string(),
        discount: "2,5".into(),
        lines: LINES.replace("20 M€", "22 M€"),
        ..form()
    };
    world.add(0, &form()).await.unwrap();
    world.add(1, &second).await.unwrap();
    for path in [
        "/costs".to_owned(),
        "/costs?stale=yes".to_owned(),
        format!("/costs?ministry={}", world.ministry),
        "/costs.csv".to_owned(),
        "/costs.xlsx".to_owned(),
        "/costs.json".to_owned(),
        "/costs/agents-or-contractors".to_owned(),
        "/costs/published".to_owned(),
        format!("/products/{product}/costs"),
        format!("/products/{product}/costs/1"),
        format!("/products/{product}/costs/new"),
        format!("/products/{product}/costs/import"),
        format!("/products/{product}/costs/compare"),
        format!("/products/{product}/costs/compare?from=2&to=1"),
        format!("/products/{product}/costs/2/publication"),
        format!("/products/{product}/costs/2/lines.csv"),
        format!("/products/{product}/costs/2/lines.xlsx"),
    ] {
        let (status, page) = get(&app, &path, "director").await;
        assert_eq!(status, 200, "{path}");
        no_bare_key(&path, &page);
    }
    let (_, page) = get(&app, &format!("/products/{product}/costs"), "team").await;
    for said in [
        "ne couvre que la construction et deux années de fonctionnement",
        "40\u{202f}000\u{202f}000",
        "De 520\u{a0}€ à 780\u{a0}€",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    for (path, status) in [
        ("/costs".to_owned(), 303),
        (format!("/products/{product}/costs"), 303),
        (format!("/products/{product}/costs/published"), 404),
        ("/costs/agents-or-contractors".to_owned(), 200),
        ("/costs/published".to_owned(), 200),
    ] {
        assert_eq!(get(&app, &path, "").await.0, status, "{path}");
    }
    let (status, _) = get(&app, &format!("/products/{product}/costs"), "stranger").await;
    assert_eq!(status, 403);
}

async fn the_calculator_keeps_its_inputs_in_the_address(db: Db) {
    let world = world(db).await;
    let app = app(&world);
    let path =
        "/costs/agents-or-contractors?daily_rate=300&gross_salary=60%20000%20%E2%82%AC&years=4";
    let (status, page) = get(&app, path, "").await;
    assert_eq!(status, 200, "{page}");
    assert!(
        page.contains("value=\"300\"") && page.contains("pendant 4 ans"),
        "{page}"
    );
    assert!(
        page.contains("prestataires coûtent") && page.contains("ordre de grandeur")
            || page.contains("Ordre de grandeur"),
        "{page}"
    );
    assert!(page.contains("la réponse est une autre"), "{page}");
    no_bare_key(path, &page);
    let api = "/api/v1/costs/comparison?daily_rate=300&gross_salary=60000&years=4";
    let (status, answer) = get(&app, api, "").await;
    assert_eq!(status, 200, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let sum = |way: &str| {
        let parts = answer["parts"].as_array().unwrap().iter();
        let own = parts.filter(|part| part["way"] == way);
        own.map(|part| part["cents"].as_i64().unwrap()).sum::<i64>()
    };
    assert_eq!(answer["agents_cents"], sum("agents"));
    assert_eq!(answer["contractors_cents"], sum("contractors"));
}

async fn a_bad_input_names_its_field_and_its_limits(db: Db) {
    let world = world(db).await;
    let app = app(&world);
    let (status, page) = get(&app, "/costs/agents-or-contractors?years=21", "").await;
    assert_eq!(status, 422);
    assert!(
        page.contains("1 – 20") && page.contains("value=\"21\""),
        "{page}"
    );
    no_bare_key("calculator", &page);
    let (status, answer) = get(&app, "/api/v1/costs/comparison?years=21&vat=x", "").await;
    assert_eq!(status, 422);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let told = [&answer["errors"][0]["field"], &answer["errors"][1]["field"]];
    assert_eq!(told, ["years", "vat"], "{answer}");
    let (status, _) = get(&app, "/api/v1/costs/comparison?colour=red", "").await;
    assert_eq!(status, 422);
    let product = world.product;
    let wrong = costs::VersionForm {
        lines: format!("{LINES}\ncafé;2027;x;12 USD"),
        ..form()
    };
    let path = format!("/products/{product}/costs");
    let (status, page) = send(&app, Method::POST, &path, "team", fields(&wrong, 0)).await;
    assert_eq!(status, 422);
    for said in ["Ligne 6, colonne", "autre monnaie", "café;2027;x;12 USD"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    no_bare_key(&path, &page);
}

async fn lines_are_typed_in_rows(db: Db) {
    let world = world(db).await;
    let app = app(&world);
    world.add(0, &form()).await.unwrap();
    let path = format!("/products/{}/costs", world.product);
    let (status, page) = get(&app, &format!("{path}/new"), "team").await;
    assert_eq!(status, 200);
    no_bare_key(&path, &page);
    for said in [
        "name=\"year-4\" value=\"2030\"",
        "<option value=\"hosting\" selected>",
        "name=\"amount-7\" value=\"\"",
        "formaction=\"",
        "/costs#kind-8\"",
        "/costs/paste\"",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("name=\"year-8\""), "three empty rows");
    let new = costs::VersionForm {
        lines: String::new(),
        reason: "Des lignes typées une par une".into(),
        ..form()
    };
    let with = |rows: &[(&str, &str, &str, &str)], more: bool| {
        let mut body = fields(&new, 1).replace("&lines=", "");
        let mut rest = form_urlencoded::Serializer::new(String::new());
        for (place, (kind, year, label, amount)) in (1..).zip(rows) {
            rest.append_pair(&format!("kind-{place}"), kind);
            rest.append_pair(&format!("year-{place}"), year);
            rest.append_pair(&format!("label-{place}"), label);
            rest.append_pair(&format!("amount-{place}"), amount);
        }
        if more {
            rest.append_pair("more", "1");
        }
        body.push('&');
        body + &rest.finish()
    };
    let good = ("hosting", "2027", "Nuage", "1,2 M€");
    let blank = ("", "", "", "");
    let wrong = [good, blank, ("security", "27", "Audit", "12 USD")];
    // More rows: nothing is kept, nothing is lost, nothing is refused yet.
    let (status, page) = send(&app, Method::POST, &path, "team", with(&wrong, true)).await;
    assert_eq!(status, 200);
    for said in ["value=\"12 USD\"", "name=\"year-13\"", "une par une"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("year-3-error") && !page.contains("name=\"year-14\""));
    let (status, page) = send(&app, Method::POST, &path, "team", with(&wrong, false)).await;
    assert_eq!(status, 422);
    no_bare_key(&path, &page);
    for said in [
        "id=\"year-3-error\"",
        "href=\"#amount-3\"",
        "Ligne 3, colonne",
        "entre 1990 et 2100",
        "value=\"Audit\"",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let none = send(&app, Method::POST, &path, "team", with(&[blank], false)).await;
    assert_eq!(none.0, 422);
    assert!(none.1.contains("id=\"kind-1-error\""), "{}", none.1);
    let right = [good, blank, ("security", "2027", "Audit", "12 000")];
    let (status, page) = send(&app, Method::POST, &path, "team", with(&right, false)).await;
    assert_eq!(status, 303, "{page}");
    let (_, page) = get(&app, &format!("{path}/2"), "team").await;
    assert!(
        page.contains("Audit") && page.contains("1\u{202f}212\u{202f}000"),
        "{page}"
    );
}

async fn the_second_person_sees_what_the_first_saved(db: Db) {
    let world = world(db).await;
    let app = app(&world);
    let path = format!("/products/{}/costs", world.product);
    let add = async |form: &costs::VersionForm, seen, who: &str| {
        send(&app, Method::POST, &path, who, fields(form, seen)).await
    };
    assert_eq!(add(&form(), 0, "team").await.0, 303);
    let first = costs::VersionForm {
        lines: LINES.replace("20 M€", "22 M€"),
        reason: "Le lot 1 est plus cher".into(),
        ..form()
    };
    assert_eq!(add(&first, 1, "director").await.0, 303);
    let second = costs::VersionForm {
        reason: "Une autre raison de faire une version".into(),
        ..form()
    };
    let (status, page) = add(&second, 1, "team").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY.as_u16());
    for said in [
        "Dora Director",
        "Le lot 1 est plus cher",
        "+2\u{202f}000\u{202f}000",
        "Une autre raison de faire une version",
        "name=\"seen\" value=\"2\"",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    no_bare_key(&path, &page);
    assert_eq!(add(&second, 2, "team").await.0, 303);
}

async fn a_version_is_made_and_published_by_its_pages(db: Db) {
    let world = world(db).await;
    let app = app(&world);
    let own = format!("/products/{}/costs", world.product);
    let made = send(&app, Method::POST, &own, "team", fields(&form(), 0)).await;
    assert_eq!(made.0, 303);
    let body = "seen=0&on-day=2&on-month=3&on-year=2026&redactions=1+%7C+Prix+prot%C3%A9g%C3%A9+par+le+secret";
    let path = format!("{own}/1/publication");
    let denied = send(&app, Method::POST, &path, "team", body.into()).await;
    assert_eq!(denied.0, 403);
    let (status, page) = send(&app, Method::POST, &path, "director", body.into()).await;
    assert_eq!(status, 303, "{page}");
    let (status, page) = get(&app, &format!("{own}/published"), "").await;
    assert_eq!(status, 200);
    assert!(page.contains("Prix protégé par le secret"), "{page}");
    assert!(
        !page.contains("Lot 1") && !page.contains("40\u{202f}000\u{202f}000"),
        "{page}"
    );
    assert!(page.contains("20,0\u{a0}M€"), "{page}");
    assert!(!page.contains("40,0\u{a0}M€"), "{page}");
    no_bare_key(&path, &page);
    let (_, list) = get(&app, "/costs/published", "").await;
    assert!(list.contains("Refonte du cadastre marin"), "{list}");
    let stale = send(&app, Method::POST, &path, "director", body.into()).await;
    assert_eq!(stale.0, 422);
    assert!(
        stale.1.contains("Quelqu’un a décidé entre-temps"),
        "{}",
        stale.1
    );
}

async fn the_api_reads_costs(db: Db) {
    let world = world(db).await;
    let app = app(&world);
    world.add(0, &form()).await.unwrap();
    let read = async |path: &str| {
        let (status, body) = get(&app, path, "team").await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str::<Value>(&body).unwrap()
    };
    let product = world.product;
    let list = read("/api/v1/costs?limit=1").await;
    assert_eq!(list["costs"][0]["total_cents"], 4_000_000_050_i64);
    let versions = read(&format!("/api/v1/products/{product}/costs")).await;
    assert_eq!(versions["versions"][0]["number"], 1);
    let one = read(&format!("/api/v1/products/{product}/costs/1")).await;
    assert_eq!(one["lines"].as_array().unwrap().len(), 4);
    assert_eq!(
        one["assumptions"][0]["total_at_low_cents"],
        3_600_000_050_i64
    );
    for (path, who, status) in [
        (format!("/api/v1/products/{product}/costs/1"), "", 401),
        (
            format!("/api/v1/products/{product}/costs/1"),
            "stranger",
            403,
        ),
        (format!("/api/v1/products/{product}/costs/2"), "team", 404),
        ("/api/v1/costs?limit=501".to_owned(), "team", 422),
    ] {
        assert_eq!(get(&app, &path, who).await.0, status, "{path} {who}");
    }
}
