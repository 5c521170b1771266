//! Calls that were traced and flows that are stopped, by program; and a stop that is narrowed to one API.

use exchange::ExchangeError;
use exchange::domain::StopForm;
use http::{Method, StatusCode};
use jiff::SignedDuration;
use kit_db::Db;
use kit_time::Clock as _;
use ports::exchange::{StopTarget, Trace};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::citizen_world::cookie;
use crate::programs::{asked, fields, read};
use crate::traces::some;
use crate::world::{FUND_SIRET, TOWN_SIRET, World, migrations, world};

kit_db::on_both_databases!(migrations() =>
    a_producer_reads_calls_to_its_data_by_program, a_requester_reads_its_own_without_pseudonyms,
    calls_of_others_are_refused, a_stop_is_narrowed_to_one_api, a_narrowed_stop_is_made_on_its_page,
    a_flow_is_stopped_and_goes_on_by_program, a_requester_reads_what_may_touch_it,
);

const TRACES: &str = "/api/v1/exchange/traces";
const STOPS: &str = "/api/v1/exchange/stops";

/// Ten calls of the town to the fund, the last of them hidden from its person.
async fn called(world: &World) -> Vec<Trace> {
    let (quotient, _) = world.two_apis().await;
    let mut traces = some(world, &quotient, 10);
    traces[9].hidden_until = Some(world.clock.now() + SignedDuration::from_hours(48));
    let exchange = &world.exchange;
    exchange.keep_traces("log/a:b", 0, &traces).await.unwrap();
    traces
}

fn numbers(page: &Value) -> Vec<i64> {
    let calls = page["calls"].as_array().unwrap();
    calls
        .iter()
        .map(|one| one["log_index"].as_i64().unwrap())
        .collect()
}

async fn a_producer_reads_calls_to_its_data_by_program(db: Db) {
    let world = world(db).await;
    let traces = called(&world).await;
    let paul = world.signed_in("paul.prod@x.example").await;
    let of = format!("{TRACES}?producer={}", world.fund);
    // Page after page: each once, the latest first.
    let mut path = format!("{of}&limit=4");
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        let page = read(&world, &path, &paul).await;
        seen.extend(numbers(&page));
        pages += 1;
        let Some(next) = page["next"].as_str() else {
            break;
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("after", next);
        path = format!("{of}&limit=4&{}", query.finish());
    }
    assert_eq!(seen, (0..10).rev().collect::<Vec<_>>());
    assert_eq!(pages, 3);
    let all = read(&world, &of, &paul).await;
    assert_eq!(
        (&all["from"], &all["to"]),
        (&json!("2026-02-01"), &json!("2026-03-02"))
    );
    let last = &all["calls"][0];
    assert_eq!(
        last["hidden_until"].as_str().unwrap(),
        "2026-03-04T08:00:00Z"
    );
    assert_eq!(last["on_behalf"], true);
    assert_eq!(last["subject"], "ab".repeat(32));
    assert_eq!(last["requester_name"], "Commune de Valclair");
    assert_eq!(
        (&last["status"], &last["problem"]),
        (&json!(502), &json!("producer-unavailable"))
    );
    assert_eq!(last["request"], json!(traces[9].request));
    assert_eq!(all["calls"][1]["hidden_until"], Value::Null);
    // The filters of the page.
    let pseudonym = "ab".repeat(32);
    let api = traces[0].api;
    for (narrowed, count) in [
        ("purpose=cantine".to_owned(), 5),
        (format!("requester={TOWN_SIRET}"), 10),
        (format!("requester={FUND_SIRET}"), 0),
        (format!("subject={pseudonym}"), 10),
        (format!("subject={}", "cd".repeat(32)), 0),
        (format!("api={api}&purpose=creche"), 5),
        (format!("api={}", Uuid::from_u128(7)), 0),
        ("from=2026-03-01&to=2026-03-01".to_owned(), 0),
        ("from=2026-03-02&to=2026-03-02".to_owned(), 10),
        ("to=9999-12-31&from=9999-12-01".to_owned(), 0),
        ("after=x".to_owned(), 10),
    ] {
        let page = read(&world, &format!("{of}&{narrowed}"), &paul).await;
        assert_eq!(numbers(&page).len(), count, "{narrowed}");
    }
    for (wrong, field) in [
        ("from=2024-01-01", "from"),
        ("from=2026-03-02&to=2026-03-01", "from"),
        ("to=yesterday", "to"),
        ("limit=201", "limit"),
        ("limit=0", "limit"),
        ("subject=x", "subject"),
        ("requester=12", "requester"),
        ("api=x", "api"),
        ("purpose=a%00b", "purpose"),
        ("after=%00", "after"),
        ("more=1", "more"),
    ] {
        let path = format!("{of}&{wrong}");
        let (status, problem) = asked(&world, Method::GET, &path, &paul, None).await;
        assert_eq!((status, fields(&problem)), (422, vec![field]), "{wrong}");
    }
    // The page is more patient, and fails no more than this.
    let patient = "/exchange/traces?purpose=a%00b&after=1:1:%00&from=9999-12-01&to=9999-12-31";
    assert_eq!(world.get(patient, &paul).await.status, StatusCode::OK);
}

async fn a_requester_reads_its_own_without_pseudonyms(db: Db) {
    let world = world(db).await;
    called(&world).await;
    let rosa = world.signed_in("rosa.req@x.example").await;
    let of = format!("{TRACES}?own={TOWN_SIRET}");
    let all = read(&world, &of, &rosa).await;
    assert_eq!(numbers(&all).len(), 10);
    assert!(!all.to_string().contains(&"ab".repeat(32)));
    assert_eq!(all["calls"][0]["subject"], Value::Null);
    assert!(
        all["calls"][0]["hidden_until"].is_string(),
        "as on its page"
    );
    let path = format!("{of}&subject={}", "ab".repeat(32));
    let (status, problem) = asked(&world, Method::GET, &path, &rosa, None).await;
    assert_eq!((status, fields(&problem)), (422, vec!["subject"]));
    let path = format!("{of}&producer={}", world.fund);
    let (status, problem) = asked(&world, Method::GET, &path, &rosa, None).await;
    assert_eq!((status, fields(&problem)), (422, vec!["own"]));
}

async fn calls_of_others_are_refused(db: Db) {
    let world = world(db).await;
    called(&world).await;
    let rosa = world.signed_in("rosa.req@x.example").await;
    let paul = world.signed_in("paul.prod@x.example").await;
    let ines = world.signed_in("ines.inst@x.example").await;
    let of_fund = format!("producer={}", world.fund);
    let of_town = format!("own={TOWN_SIRET}");
    for (query, cookies, status) in [
        (of_fund.clone(), "", 401),
        (of_fund.clone(), cookie("elodie").as_str(), 401),
        (of_fund.clone(), rosa.as_str(), 403),
        (of_fund.clone(), ines.as_str(), 403),
        (of_town.clone(), paul.as_str(), 403),
        (format!("producer={}", world.tax), paul.as_str(), 403),
        (format!("own={FUND_SIRET}"), rosa.as_str(), 403),
        ("own=99999999999999".to_owned(), rosa.as_str(), 404),
        (String::new(), paul.as_str(), 422),
    ] {
        let path = format!("{TRACES}?{query}");
        let (found, problem) = asked(&world, Method::GET, &path, cookies, None).await;
        assert_eq!(found, status, "{query}: {problem}");
        assert!(problem["calls"].is_null());
    }
}

fn form(world: &World, kind: &str, target: impl ToString, api: Option<Uuid>) -> StopForm {
    StopForm {
        producer: world.fund.to_string(),
        kind: kind.into(),
        target: target.to_string(),
        api: api.map(|id| id.to_string()).unwrap_or_default(),
        reason: "Volume anormal cette nuit.".into(),
    }
}

/// The fields that a refusal names.
fn refused<T: std::fmt::Debug>(outcome: Result<T, ExchangeError>) -> Vec<&'static str> {
    match outcome {
        Err(ExchangeError::Mistakes(mistakes)) => mistakes.iter().map(|one| one.field).collect(),
        other => panic!("{other:?}"),
    }
}

async fn a_stop_is_narrowed_to_one_api(db: Db) {
    let world = world(db).await;
    let (id, quotient, revenu) = world.accredited().await;
    let status = world.by_status().await;
    let (exchange, paul) = (&world.exchange, &world.producer);
    let one = Some(quotient.api);
    // An API of somebody else, one that the accreditation doesn't name, one that isn't there.
    for api in [revenu.api, status.api, Uuid::from_u128(7)] {
        let form = form(&world, "accreditation", id, Some(api));
        assert_eq!(refused(exchange.stop(paul, &form).await), ["api"]);
    }
    let narrow = form(&world, "accreditation", id, one);
    let stop = exchange.stop(paul, &narrow).await.unwrap();
    let snapshot = exchange.snapshot().await.unwrap();
    let [told] = snapshot.stops.as_slice() else {
        panic!("one stop")
    };
    assert_eq!(told.target, StopTarget::Accreditation(id));
    assert_eq!((told.producer, told.api), (Some(world.fund), one));
    // The same again is nothing new; all of the producer's data is more.
    assert_eq!(refused(exchange.stop(paul, &narrow).await), ["target"]);
    let wide = form(&world, "accreditation", id, None);
    let all = exchange.stop(paul, &wide).await.unwrap();
    exchange.resume(paul, stop, "Reprise.").await.unwrap();
    // What is stopped whole isn't stopped in part.
    assert_eq!(refused(exchange.stop(paul, &narrow).await), ["target"]);
    exchange.resume(paul, all, "Reprise.").await.unwrap();
    for (kind, target) in [("requester", TOWN_SIRET), ("purpose", "cantine")] {
        let form = form(&world, kind, target, one);
        exchange.stop(paul, &form).await.unwrap();
    }
    for (kind, target) in [("api", quotient.api), ("operation", quotient.operation)] {
        let form = form(&world, kind, target, one);
        assert_eq!(refused(exchange.stop(paul, &form).await), ["api"]);
    }
    let stops = exchange.snapshot().await.unwrap().stops;
    assert_eq!(stops.len(), 2);
    assert!(stops.iter().all(|stop| stop.api == one));
    let mails = world.jobs.newest_of("mail.send", 200).await.unwrap();
    let says = |text: &Value| text.as_str().unwrap().contains("pour l’API «");
    assert!(mails.iter().any(|mail| says(&mail.payload["text"])));
    let unkept = StopForm {
        reason: "Volume\0".into(),
        ..form(&world, "api", quotient.api, None)
    };
    assert_eq!(refused(exchange.stop(paul, &unkept).await), ["reason"]);
}

async fn a_narrowed_stop_is_made_on_its_page(db: Db) {
    let world = world(db).await;
    let (id, quotient, revenu) = world.accredited().await;
    let cookies = world.signed_in("paul.prod@x.example").await;
    let (id, fund) = (id.to_string(), world.fund.to_string());
    let [own, other] = [quotient.api, revenu.api].map(|api| api.to_string());
    let page = world.get("/exchange/stops/new", &cookies).await;
    assert!(page.body.contains("Pour une seule API"));
    assert!(page.body.contains(&format!("<option value=\"{own}\"")));
    assert!(!page.body.contains(&format!("<option value=\"{other}\"")));
    let send = async |kind: &str, target: &str, api: &str| {
        let fields = [
            ("producer", fund.as_str()),
            ("kind", kind),
            ("target", target),
            ("api", api),
            ("reason", "Volume anormal."),
        ];
        world.post("/exchange/stops/new", &cookies, &fields).await
    };
    let again = send("accreditation", &id, &other).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("n’est pas de ce producteur"));
    let again = send("api", &own, &own).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = send("accreditation", &id, &own).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let page = world.get("/exchange/stops", &cookies).await;
    assert!(page.body.contains("pour l’API «"), "{}", page.body);
}

async fn a_flow_is_stopped_and_goes_on_by_program(db: Db) {
    let world = world(db).await;
    let (id, quotient, revenu) = world.accredited().await;
    let paul = world.signed_in("paul.prod@x.example").await;
    let send = async |path: &str, cookies: &str, body: Value| {
        asked(&world, Method::POST, path, cookies, Some(body)).await
    };
    let narrow = json!({ "producer": world.fund, "kind": "accreditation", "target": id,
        "api": quotient.api, "reason": "Volume anormal." });
    let (status, made) = send(STOPS, &paul, narrow.clone()).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(
        (&made["kind"], &made["target"]),
        (&json!("accreditation"), &json!(id))
    );
    assert_eq!(made["api"], json!(quotient.api));
    assert_eq!(made["ended_at"], Value::Null);
    let path = format!("{STOPS}/{}", made["id"].as_str().unwrap());
    assert_eq!(read(&world, &path, &paul).await, made);
    for (changed, field) in [
        (json!({ "kind": "moon" }), "kind"),
        (json!({ "kind": "api" }), "api"),
        (json!({ "kind": "api", "target": quotient.api }), "api"),
        (json!({ "target": "x" }), "target"),
        (json!({ "api": revenu.api }), "api"),
        (json!({ "reason": " " }), "reason"),
        (json!({ "reason": "a\u{0}b" }), "reason"),
        (json!({ "reason": "x".repeat(1_001) }), "reason"),
        (json!({ "more": 1 }), "more"),
        // Stopped already.
        (json!({}), "target"),
    ] {
        let mut body = narrow.clone();
        for (name, value) in changed.as_object().unwrap() {
            body[name] = value.clone();
        }
        let (status, problem) = send(STOPS, &paul, body).await;
        assert_eq!(status, 422, "{changed}: {problem}");
        assert!(fields(&problem).contains(&field), "{changed}: {problem}");
    }
    let for_all = json!({ "kind": "purpose", "target": "cantine", "reason": "Non." });
    let (status, _) = send(STOPS, &paul, for_all).await;
    assert_eq!(status, 403, "a producer stops its own data alone");
    let rosa = world.signed_in("rosa.req@x.example").await;
    let (status, _) = send(STOPS, &rosa, narrow.clone()).await;
    assert_eq!(status, 403);
    let resume = format!("{path}/resume");
    for wrong in [json!({ "reason": "" }), json!({ "reason": "\u{0}" })] {
        let (status, problem) = send(&resume, &paul, wrong).await;
        assert_eq!((status, fields(&problem)), (422, vec!["reason"]));
    }
    let why = || json!({ "reason": "Reprise convenue." });
    let (status, told) = send(&resume, &paul, why()).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(told["end_reason"], "Reprise convenue.");
    assert!(told["ended_at"].is_string());
    let (status, _) = send(&resume, &paul, why()).await;
    assert_eq!(status, 409, "once");
    let nobody = format!("{STOPS}/{}/resume", Uuid::from_u128(7));
    assert_eq!(send(&nobody, &paul, why()).await.0, 404);
    let list = read(&world, STOPS, &paul).await;
    assert_eq!((&list["stops"][0], &list["next"]), (&told, &Value::Null));
    let (status, _) = asked(&world, Method::GET, STOPS, "", None).await;
    assert_eq!(status, 401);
}

async fn a_requester_reads_what_may_touch_it(db: Db) {
    let world = world(db).await;
    let (id, quotient, _) = world.accredited().await;
    let (exchange, paul) = (&world.exchange, &world.producer);
    // Those of others come first: they don't make the list end.
    let own = form(&world, "accreditation", id, Some(quotient.api));
    let own = exchange.stop(paul, &own).await.unwrap();
    let api = form(&world, "api", quotient.api, None);
    let api = exchange.stop(paul, &api).await.unwrap();
    world.clock.advance(SignedDuration::from_secs(1));
    let theirs = form(&world, "requester", crate::world::EDITOR_SIRET, None);
    let theirs = exchange.stop(paul, &theirs).await.unwrap();
    let rosa = world.signed_in("rosa.req@x.example").await;
    let first = read(&world, &format!("{STOPS}?limit=1"), &rosa).await;
    let next = first["next"].as_str().unwrap();
    let second = read(&world, &format!("{STOPS}?limit=1&after={next}"), &rosa).await;
    assert_eq!(second["next"], Value::Null);
    let mut seen = [&first, &second].map(|page| page["stops"][0]["id"].clone());
    seen.sort_by_key(ToString::to_string);
    let mut wanted = [json!(own), json!(api)];
    wanted.sort_by_key(ToString::to_string);
    assert_eq!(seen, wanted);
    let path = format!("{STOPS}/{theirs}");
    let (status, _) = asked(&world, Method::GET, &path, &rosa, None).await;
    assert_eq!(status, 404);
}
