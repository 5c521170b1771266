//! Rules, alerts and contests by program: the same acts as on their pages, each refusal a problem that
//! names what is wrong.

use http::{Method, Request, StatusCode};
use kit_db::Db;
use kit_http::Body;
use ports::exchange::Trace;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::citizen_world::{cookie, elodie, sure};
use crate::rules::{form, ruled};
use crate::world::{TOWN_SIRET, World, migrations, world};

kit_db::on_both_databases!(migrations() =>
    a_rule_is_added_changed_and_switched_by_program, wrong_rules_are_refused_field_by_field,
    an_alert_is_read_and_handled_by_program, a_contest_is_read_and_answered_by_program,
    programs_of_others_are_refused,
);

const RULES: &str = "/api/v1/exchange/rules";
const ALERTS: &str = "/api/v1/exchange/alerts";
const CONTESTS: &str = "/api/v1/exchange/contests";

pub(crate) async fn asked(
    world: &World,
    method: Method,
    path: &str,
    cookies: &str,
    body: Option<Value>,
) -> (u16, Value) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("cookie", cookies)
        .header("accept", "application/json")
        .header("accept-language", "fr");
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let answer = world.send(request.body(body).unwrap()).await;
    let read = serde_json::from_str(&answer.body);
    (
        answer.status.as_u16(),
        read.unwrap_or_else(|_| panic!("{path}: {} {}", answer.status, answer.body)),
    )
}

pub(crate) async fn read(world: &World, path: &str, cookies: &str) -> Value {
    let (status, told) = asked(world, Method::GET, path, cookies, None).await;
    assert_eq!(status, 200, "{path}: {told}");
    told
}

/// The fields that a refusal names.
pub(crate) fn fields(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|one| one["field"].as_str().unwrap())
        .collect()
}

fn volume(limit: u64, effect: &str) -> Value {
    json!({ "name": "Volume", "kind": "volume", "window": "hour", "limit": limit, "effect": effect })
}

async fn a_rule_is_added_changed_and_switched_by_program(db: Db) {
    let ruled = ruled(db).await;
    let world = &ruled.world;
    let cookies = world.signed_in("paul.prod@x.example").await;
    let body = json!({ "api": ruled.api.api, "rule": volume(5, "suspend-api") });
    let (status, added) = asked(world, Method::POST, RULES, &cookies, Some(body)).await;
    assert_eq!(status, 201, "{added}");
    let path = format!("{RULES}/{}", added["id"].as_str().unwrap());
    assert_eq!(
        (&added["on_since"], &added["version"]),
        (&Value::Null, &json!(1))
    );
    assert_eq!(read(world, &path, &cookies).await, added);
    // At hours that are expected, from the day on that it acts.
    let hours = json!({ "name": "La nuit", "kind": "hours", "window": "day", "limit": 0,
        "from_hour": 7, "to_hour": 20, "days": [1, 5], "effect": "alert" });
    let body = json!({ "version": 1, "rule": hours });
    let (status, changed) = asked(world, Method::PUT, &path, &cookies, Some(body.clone())).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!(
        (&changed["days"], &changed["effect"]),
        (&json!([1, 5]), &json!("alert"))
    );
    let (status, late) = asked(world, Method::PUT, &path, &cookies, Some(body)).await;
    assert_eq!((status, late["status"].as_u64()), (409, Some(409)));
    let switch = json!({ "version": 2, "on": true });
    let to = format!("{path}/switch");
    let (status, on) = asked(world, Method::POST, &to, &cookies, Some(switch)).await;
    assert_eq!(status, 200, "{on}");
    assert!(on["on_since"].is_string());
    // The list: by cursor, by whether they act.
    for limit in [6, 7] {
        let body = json!({ "api": ruled.api.api, "rule": volume(limit, "alert") });
        let (status, _) = asked(world, Method::POST, RULES, &cookies, Some(body)).await;
        assert_eq!(status, 201);
    }
    let of = format!("{RULES}?producer={}", world.fund);
    let mut found = Vec::new();
    let mut next = Some(String::new());
    while let Some(after) = next {
        let after = if after.is_empty() {
            after
        } else {
            format!("&after={after}")
        };
        let page = read(world, &format!("{of}&limit=1{after}"), &cookies).await;
        found.extend(page["rules"].as_array().unwrap().clone());
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(found.len(), 3);
    let acts = read(world, &format!("{of}&state=on"), &cookies).await;
    assert_eq!(acts["rules"].as_array().unwrap().len(), 1);
}

async fn wrong_rules_are_refused_field_by_field(db: Db) {
    let ruled = ruled(db).await;
    let world = &ruled.world;
    let cookies = world.signed_in("paul.prod@x.example").await;
    for (changed, field) in [
        (json!({ "name": " " }), "rule.name"),
        (json!({ "limit": 0 }), "rule.limit"),
        (json!({ "limit": -1 }), "rule.limit"),
        (json!({ "kind": "moon" }), "rule.kind"),
        (json!({ "kind": "errors" }), "rule.limit"),
        (json!({ "kind": "hours", "days": [8] }), "rule.days"),
        (json!({ "effect": "x" }), "rule.effect"),
        (json!({ "operation": Uuid::from_u128(7) }), "rule.operation"),
        (json!({ "more": 1 }), "rule.more"),
    ] {
        let mut rule = volume(200, "alert");
        for (name, value) in changed.as_object().unwrap() {
            rule[name] = value.clone();
        }
        let body = json!({ "api": ruled.api.api, "rule": rule });
        let (status, problem) = asked(world, Method::POST, RULES, &cookies, Some(body)).await;
        assert_eq!(status, 422, "{changed}: {problem}");
        assert!(fields(&problem).contains(&field), "{changed}: {problem}");
    }
    let elsewhere = json!({ "api": Uuid::from_u128(7), "rule": volume(5, "alert") });
    let (status, problem) = asked(world, Method::POST, RULES, &cookies, Some(elsewhere)).await;
    assert_eq!((status, fields(&problem)), (422, vec!["api"]));
    for wrong in [
        "?state=x",
        "?limit=0",
        "?limit=201",
        "?producer=x",
        "?more=1",
    ] {
        let path = format!("{RULES}{wrong}");
        let (status, problem) = asked(world, Method::GET, &path, &cookies, None).await;
        assert_eq!(status, 422, "{wrong}: {problem}");
    }
}

async fn an_alert_is_read_and_handled_by_program(db: Db) {
    let ruled = ruled(db).await;
    let world = &ruled.world;
    ruled
        .rule(&form(ruled.api.api, "volume", "5", "suspend-api"))
        .await;
    ruled.called("one", 0, 0..6).await;
    assert_eq!(ruled.watch().await, 1);
    let cookies = world.signed_in("paul.prod@x.example").await;
    let of = format!("{ALERTS}?producer={}&state=open", world.fund);
    let found = read(world, &of, &cookies).await;
    let one = &found["alerts"][0];
    assert_eq!((&one["value"], &one["source"]), (&json!(6), &json!("rule")));
    assert!(one["why"].as_str().unwrap().contains("à elle seule"));
    assert!(one["stop"].is_string());
    let path = format!("{ALERTS}/{}", one["id"].as_str().unwrap());
    assert_eq!(read(world, &path, &cookies).await, *one);
    // The requester reads it, among its own, and says nothing of it.
    let rosa = world.signed_in("rosa.req@x.example").await;
    let own = read(world, &format!("{ALERTS}?own={TOWN_SIRET}"), &rosa).await;
    assert_eq!(own["alerts"].as_array().unwrap().len(), 1);
    let act = format!("{path}/handle");
    let resumed = || json!({ "how": "resumed", "reason": "Reprise convenue." });
    let (status, _) = asked(world, Method::POST, &act, &rosa, Some(resumed())).await;
    assert_eq!(status, 403);
    for (wrong, field) in [
        (json!({ "how": "later" }), "how"),
        (json!({ "how": "resumed" }), "reason"),
        (
            json!({ "how": "closed", "reason": "x".repeat(1_001) }),
            "reason",
        ),
    ] {
        let (status, problem) = asked(world, Method::POST, &act, &cookies, Some(wrong)).await;
        assert_eq!((status, fields(&problem)), (422, vec![field]));
    }
    let (status, told) = asked(world, Method::POST, &act, &cookies, Some(resumed())).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(
        (&told["handled_as"], &told["state"]),
        (&json!("resumed"), &json!("handled"))
    );
    assert_eq!(ruled.stops().await, 0, "the flow goes on");
    let (status, _) = asked(world, Method::POST, &act, &cookies, Some(resumed())).await;
    assert_eq!(status, 409, "once");
    let found = read(world, &of, &cookies).await;
    assert_eq!(found["alerts"], json!([]));
}

async fn a_contest_is_read_and_answered_by_program(db: Db) {
    let world = world(db).await;
    let (id, status) = world.accredited_by_status().await;
    let subject = world.about_elodie(&status).await;
    let trace: Trace = world.trace_of(&status, id, &subject);
    world
        .exchange
        .keep_traces("log", 0, &[trace])
        .await
        .unwrap();
    let contest = exchange::domain::ContestForm {
        body: "Je n’ai pas d’enfant.".into(),
        mail: "elodie@courriel.example".into(),
    };
    let who = sure(elodie());
    let made = world.exchange.contest(&who, ("log", 0), &contest);
    made.await.unwrap();
    let cookies = world.signed_in("paul.prod@x.example").await;
    let found = read(&world, CONTESTS, &cookies).await;
    let one = &found["contests"][0];
    assert_eq!(
        (&one["state"], &one["is_mailed"]),
        (&json!("open"), &json!(true))
    );
    for kept in ["elodie@courriel.example", &elodie().citizen.to_string()] {
        assert!(!found.to_string().contains(kept), "{found}");
    }
    let path = format!("{CONTESTS}/{}", one["id"].as_str().unwrap());
    assert_eq!(read(&world, &path, &cookies).await, *one);
    let act = format!("{path}/answer");
    let wrong = json!({ "state": "open", "answer": " " });
    let (status, problem) = asked(&world, Method::POST, &act, &cookies, Some(wrong)).await;
    assert_eq!((status, fields(&problem)), (422, vec!["state", "answer"]));
    let answer = json!({ "state": "unfounded", "answer": "C’est l’autre parent." });
    let (status, told) = asked(&world, Method::POST, &act, &cookies, Some(answer.clone())).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(
        (&told["state"], &told["is_mailed"]),
        (&json!("unfounded"), &json!(false))
    );
    let (status, _) = asked(&world, Method::POST, &act, &cookies, Some(answer)).await;
    assert_eq!(status, 409, "once");
    // A citizen's session opens nothing here.
    let (status, _) = asked(&world, Method::GET, CONTESTS, &cookie("elodie"), None).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED.as_u16());
}

async fn programs_of_others_are_refused(db: Db) {
    let ruled = ruled(db).await;
    let world = &ruled.world;
    let theirs = form(ruled.api.api, "volume", "5", "alert");
    let id = ruled.rule(&theirs).await;
    let rosa = world.signed_in("rosa.req@x.example").await;
    let paul = world.signed_in("paul.prod@x.example").await;
    for (path, cookies, status) in [
        (format!("{RULES}/{id}"), "", 401),
        (format!("{RULES}/{id}"), rosa.as_str(), 403),
        (
            format!("{RULES}?producer={}", world.tax),
            paul.as_str(),
            403,
        ),
        (RULES.to_owned(), paul.as_str(), 403),
        (ALERTS.to_owned(), rosa.as_str(), 403),
        (
            format!("{ALERTS}?producer={}", world.fund),
            rosa.as_str(),
            403,
        ),
        (format!("{ALERTS}?own=99999999999999"), rosa.as_str(), 404),
        (format!("{ALERTS}?own=x"), rosa.as_str(), 422),
        (
            format!("{CONTESTS}?producer={}", world.tax),
            paul.as_str(),
            403,
        ),
        (format!("{CONTESTS}/{id}"), paul.as_str(), 404),
    ] {
        let (found, problem) = asked(world, Method::GET, &path, cookies, None).await;
        assert_eq!(found, status, "{path}: {problem}");
        assert_eq!(problem["status"], status, "{path}: {problem}");
    }
    // A form isn't JSON, and no cookie alone changes anything.
    let path = format!("{RULES}/{id}/switch");
    let sent = world
        .post_raw(&path, &paul, "version=2&on=false".into())
        .await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN);
}
