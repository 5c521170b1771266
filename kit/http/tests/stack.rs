//! The stack, in process: every answer's headers, each failure's two faces, proofs of origin.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use kit_access::{Actor, Grant, Holders, Permission, Reach, Role};
use kit_http::{
    Authenticated, Authenticator, Credentials, Cx, Failure, Fields, Json, Path, Query, RateLimits,
    Routes, Site, Upload, UploadLimit, stack,
};
use kit_time::Source;
use kit_ui::{Catalogue, Locale, Stylesheet};
use serde::Deserialize;
use tower::ServiceExt as _;

const READ: Permission = Permission {
    name: "t.row.read",
    holders: Holders::Everybody,
};
const EDIT: Permission = Permission {
    name: "t.row.edit",
    holders: Holders::Roles(&[Role("officer")]),
};

struct OneOfficer;

impl Authenticator for OneOfficer {
    fn authenticate<'f>(&'f self, credentials: &'f Credentials) -> Authenticated<'f> {
        Box::pin(async move {
            let officer = Grant {
                role: "officer".into(),
                reach: Reach::State,
            };
            match credentials
                .session
                .as_deref()
                .or(credentials.bearer.as_deref())
            {
                Some("good") => Ok(Actor::person(
                    uuid::Uuid::from_u128(1),
                    "Ada",
                    vec![officer],
                )),
                Some("broken") => Err("the database is away".into()),
                _ => Ok(Actor::anonymous()),
            }
        })
    }
}

#[derive(Deserialize)]
struct Numbers {
    n: u32,
}

fn app() -> Router {
    let routes = routes();
    let site = Site {
        protocol_paths: routes.protocol_paths(),
        catalogue: Arc::new(Catalogue::new([]).unwrap()),
        navigation: Vec::new(),
        service_name: "Gouvernail".into(),
        public_url: "http://127.0.0.1".into(),
        stylesheet: Stylesheet::Own,
        locale: Locale::Fr,
        source: Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), 1),
        authenticator: Arc::new(OneOfficer),
        rate_limits: RateLimits::per_minute(10_000, 10),
        trusted_proxies: 0,
        table_files: Arc::new(kit_http::NoTableFiles),
    };
    stack(
        Arc::new(site),
        routes.router.layer(axum::Extension(UploadLimit(1_000))),
    )
}

fn routes() -> kit_http::ModuleRoutes {
    Routes::new("t")
        .get("/rows", &READ, |Query(q): Query<Numbers>| async move {
            format!("{}", q.n)
        })
        .get("/rows/{id}", &READ, |Path(id): Path<u32>| async move {
            format!("row {id}")
        })
        .get("/token", &READ, |cx: Cx| async move {
            cx.csrf_token.to_string()
        })
        .get("/panic", &READ, || async { panic!("as asked") as () })
        .get("/secret", &EDIT, |cx: Cx| async move {
            format!("{:?}", cx.actor.person_id())
        })
        .post("/rows", &EDIT, |fields: Fields| async move {
            fields.text("name").to_owned()
        })
        .post(
            "/api/v1/rows",
            &EDIT,
            |Json(body): Json<Numbers>| async move {
                if body.n == 7 {
                    return Err(Failure::Conflict("sept est pris".into()));
                }
                Ok(format!("{}", body.n))
            },
        )
        .post("/upload", &READ, |upload: Upload| async move {
            format!("{} {}", upload.file_name, upload.size_bytes)
        })
        .protocol(
            axum::http::Method::POST,
            "/protocol",
            &READ,
            |fields: Fields| async move { fields.text("name").to_owned() },
        )
        .with_state(())
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

async fn send(request: Request<Body>) -> Answer {
    let response = app().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    for path in ["/rows?n=1", "/nowhere", "/panic", "/secret"] {
        let answer = send(get(path)).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'"),
            "{path}"
        );
        assert_eq!(
            answer.headers["x-content-type-options"], "nosniff",
            "{path}"
        );
        assert_eq!(answer.headers["x-request-id"].len(), 32, "{path}");
        assert!(answer.headers.contains_key("cache-control"), "{path}");
    }
}

#[tokio::test]
async fn a_failure_is_a_page_to_a_person_and_a_problem_to_a_program() {
    let page = send(get("/nowhere")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(
        page.body.contains("<h1>Page introuvable</h1>"),
        "{}",
        page.body
    );
    let problem = send(get("/api/v1/nowhere")).await;
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&problem.body).unwrap();
    assert_eq!(problem["type"], "urn:gouvernail:problem:not-found");
    assert_eq!(problem["status"], 404);
}

#[tokio::test]
async fn a_wrong_parameter_names_its_field() {
    let mut request = get("/rows?n=x");
    request
        .headers_mut()
        .insert("accept", "application/json".parse().unwrap());
    let answer = send(request).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["errors"][0]["field"], "n");
    assert_eq!(send(get("/rows/x")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(get("/rows/3")).await.body, "row 3");
}

#[tokio::test]
async fn a_panic_is_an_incident_without_its_words() {
    let answer = send(get("/panic")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.body.contains("as asked"));
    let incident = answer.headers["x-request-id"].to_str().unwrap();
    assert!(answer.body.contains(incident));
}

#[tokio::test]
async fn nobody_is_let_in_without_the_permission() {
    let answer = send(get("/secret?a=1&b=2")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.headers["location"],
        "/sign-in?return_to=%2Fsecret%3Fa%3D1%26b%3D2"
    );
    for (token, status) in [("good", 200), ("bad", 401), ("broken", 503)] {
        let mut request = get("/secret");
        let header = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert("authorization", header);
        request
            .headers_mut()
            .insert("accept", "application/json".parse().unwrap());
        assert_eq!(send(request).await.status.as_u16(), status, "{token}");
    }
}

fn form(cookie: Option<&str>, body: String) -> Request<Body> {
    let mut cookies = "__Host-session=good".to_owned();
    if let Some(cookie) = cookie {
        cookies.push_str(&format!("; __Host-form={cookie}"));
    }
    Request::post("/rows")
        .header("cookie", cookies)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap()
}

async fn token_of(cookie: &str) -> String {
    let mut request = get("/token");
    request
        .headers_mut()
        .insert("cookie", format!("__Host-form={cookie}").parse().unwrap());
    send(request).await.body
}

#[tokio::test]
async fn a_form_is_accepted_from_our_own_pages_only() {
    let cookie = "a".repeat(64);
    let token = token_of(&cookie).await;
    let good = format!("name=+x+&csrf_token={token}");
    let accepted = send(form(Some(&cookie), good.clone())).await;
    assert_eq!(
        (accepted.status, accepted.body.as_str()),
        (StatusCode::OK, "x")
    );
    let other = "b".repeat(64);
    for (why, request) in [
        ("without the token", form(Some(&cookie), "name=x".into())),
        ("without the cookie", form(None, good.clone())),
        ("with another cookie", form(Some(&other), good.clone())),
    ] {
        assert_eq!(send(request).await.status, StatusCode::FORBIDDEN, "{why}");
    }
    let mut foreign = form(Some(&cookie), good.clone());
    foreign
        .headers_mut()
        .insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(send(foreign).await.status, StatusCode::FORBIDDEN);
    let mut disguised = form(Some(&cookie), good);
    disguised
        .headers_mut()
        .insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(
        send(disguised).await.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
}

#[tokio::test]
async fn a_program_with_a_token_needs_no_form() {
    let request = |body: &str| {
        Request::post("/api/v1/rows")
            .header("authorization", "Bearer good")
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap()
    };
    assert_eq!(send(request("{\"n\":3}")).await.body, "3");
    let conflict = send(request("{\"n\":7}")).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.body.contains("sept est pris"));
    for (body, field) in [
        ("{\"n\":-1}", "n"),
        ("{}", "."),
        ("", "."),
        ("{\"n\":1}x", "body"),
    ] {
        let answer = send(request(body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["errors"][0]["field"], field, "{body}");
    }
    let large = format!("{{\"n\":{}1}}", " ".repeat(2_000_000));
    assert_eq!(
        send(request(&large)).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

fn upload(cookie: &str, token: &str, size: usize) -> Request<Body> {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"csrf_token\"\r\n\r\n{token}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../a.csv\"\r\n\r\n{}\r\n\
         --b--\r\n",
        "x".repeat(size)
    );
    Request::post("/upload")
        .header("cookie", format!("__Host-form={cookie}"))
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test]
async fn an_upload_has_a_limit_and_a_proof() {
    let cookie = "a".repeat(64);
    let token = token_of(&cookie).await;
    assert_eq!(send(upload(&cookie, &token, 900)).await.body, "a.csv 900");
    assert_eq!(
        send(upload(&cookie, &token, 1_001)).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(
        send(upload(&cookie, "wrong", 10)).await.status,
        StatusCode::FORBIDDEN
    );
    let mut cut = upload(&cookie, &token, 10);
    *cut.body_mut() = Body::from("--b\r\nContent-Disposition: form-data; name=\"file\"");
    assert_eq!(send(cut).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let first = send(get("/rows?n=1")).await;
    let tag = first.headers["etag"].clone();
    let mut again = get("/rows?n=1");
    again.headers_mut().insert("if-none-match", tag);
    let again = send(again).await;
    assert_eq!(
        (again.status, again.body.as_str()),
        (StatusCode::NOT_MODIFIED, "")
    );
}

#[test]
fn the_table_lists_each_route_with_its_permission() {
    let routes = Routes::new("t")
        .get("/rows", &READ, || async {})
        .post("/rows", &EDIT, || async {})
        .with_state(());
    insta::assert_snapshot!(routes.permission_table(), @r"
    GET /rows | t.row.read | everybody
    POST /rows | t.row.edit | officer
    ");
}

#[tokio::test]
async fn a_protocol_is_called_from_elsewhere_and_nothing_else_is() {
    let foreign = |path: &str| {
        Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "https://elsewhere.example")
            .header("sec-fetch-site", "cross-site")
            .body(Body::from("name=x"))
            .unwrap()
    };
    let answer = send(foreign("/protocol")).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "x"));
    assert_eq!(send(foreign("/rows")).await.status, StatusCode::FORBIDDEN);
}
