//! What a good call comes to.

use crate::support::*;
use serde_json::json;

#[tokio::test]
async fn a_call_is_masked_enveloped_and_traced() {
    let world = World::new().await;
    let answered = world.call().await;
    assert_eq!(answered.status, 200, "{answered:?}");
    let id = answered.header("x-request-id").unwrap().to_owned();
    assert_eq!(
        answered.json(),
        json!({
            "data": {"quotient": 850, "members": [{"first": "Ada"}]},
            "links": {},
            "meta": {"request": id, "api": "Quotient familial", "producer": "Caisse de démonstration"},
        })
    );
    assert_eq!(answered.header("content-type"), Some("application/json"));
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    assert_eq!(answered.header("ratelimit-limit"), Some("1000"));
    assert_eq!(answered.header("ratelimit-remaining"), Some("999"));
    assert_eq!(answered.header("ratelimit-reset"), Some("50"));
    let traces = world.traces();
    let [trace] = traces.as_slice() else {
        panic!("{traces:?}")
    };
    assert_eq!(trace.request.to_string(), id);
    assert_eq!(trace.accreditation, Some((ACCREDITATION, 3)));
    assert_eq!(trace.requester.as_deref(), Some(TOWN_SIRET));
    assert_eq!(trace.purpose.as_deref(), Some("CANTINE"));
    assert_eq!(trace.object.as_deref(), Some("Dossier 12"));
    assert_eq!(trace.recipient.as_deref(), Some(TOWN_SIRET));
    assert_eq!(
        (trace.status, trace.pieces_saved, trace.operation),
        (200, 2, HOUSEHOLD)
    );
    assert_eq!(trace.bytes, 44);
    assert_eq!(trace.subject.as_deref().map(str::len), Some(64));
    world.end().await;
}

#[tokio::test]
async fn the_producer_sees_what_it_needs_and_nothing_else() {
    let world = World::new().await;
    let token = world.token();
    let target = format!("{PATH}?annee=2026&{WHY}");
    let headers =
        format!("Authorization: Bearer {token}\r\nCookie: a=b\r\nX-Forwarded-For: 1.2.3.4\r\n");
    let answered = world.with_headers(&target, &headers).await;
    assert_eq!(answered.status, 200);
    let asked = world.asked();
    let lower = asked[0].to_ascii_lowercase();
    assert!(
        asked[0].starts_with("GET /base/v1/foyers/1234567?annee=2026 HTTP/1.1\r\n"),
        "{}",
        asked[0]
    );
    assert!(lower.contains(&format!(
        "x-request-id: {}",
        answered.header("x-request-id").unwrap()
    )));
    assert!(lower.contains("accept-encoding: identity"));
    for secret in [
        "authorization",
        "cookie",
        "forwarded",
        "cantine",
        "dossier",
        TOWN_SIRET,
    ] {
        assert!(!lower.contains(secret), "{secret}");
    }
    world.end().await;
}

#[tokio::test]
async fn one_person_is_one_pseudonym_by_any_way() {
    let world = World::new().await;
    let target = format!("/caf/quotient-familial/v1/recherche?{WHY}&annee=2026");
    assert_eq!(
        world.post(&target, r#"{"nom": "Dupont"}"#).await.status,
        200
    );
    assert_eq!(
        world
            .post(&target, r#"{"autre": 1, "nom": " DUPONT"}"#)
            .await
            .status,
        200
    );
    assert_eq!(
        world.post(&target, r#"{"nom": "Durand"}"#).await.status,
        200
    );
    let subjects: Vec<_> = world
        .traces()
        .into_iter()
        .map(|trace| trace.subject)
        .collect();
    assert_eq!(subjects[0], subjects[1]);
    assert_ne!(subjects[0], subjects[2]);
    assert!(world.asked()[0].ends_with(r#"{"nom": "Dupont"}"#));
    world.end().await;
}

#[tokio::test]
async fn connections_are_kept_on_both_sides() {
    let world = World::new().await;
    let mut stream = world.connect().await;
    let request = format!(
        "GET {PATH}?{WHY} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\r\n",
        world.token()
    );
    for _ in 0..5 {
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
            .await
            .unwrap();
        assert_eq!(read_answer(&mut stream).await.status, 200);
    }
    assert_eq!(
        world
            .producer
            .connections
            .load(std::sync::atomic::Ordering::SeqCst),
        1
    );
    world.end().await;
}

#[tokio::test]
async fn a_connection_that_the_producer_closed_is_replaced() {
    let world = World::with(|_| [b"CLOSE".as_slice(), &answer_of(HOUSEHOLD_ANSWER)].concat()).await;
    for _ in 0..5 {
        assert_eq!(world.call().await.status, 200);
    }
    world.end().await;
}

#[tokio::test]
async fn quotas_are_told_and_held() {
    let mut world = World::new().await;
    world.change(|snapshot| snapshot.accreditations[0].per_minute = 2);
    assert_eq!(world.call().await.header("ratelimit-remaining"), Some("1"));
    assert_eq!(world.call().await.header("ratelimit-remaining"), Some("0"));
    let spent = world.call().await;
    assert_eq!(
        (spent.status, spent.code().as_str()),
        (429, "quota-of-minute")
    );
    assert_eq!(spent.header("retry-after"), Some("50"));
    assert_eq!(spent.header("ratelimit-limit"), Some("2"));
    world.advance(50);
    assert_eq!(world.call().await.status, 200);
    world.change(|snapshot| snapshot.accreditations[0].per_day = 3);
    assert_eq!(world.call().await.code(), "quota-of-day");
    world.change(|snapshot| snapshot.per_address_per_minute = 2);
    let spent = world.call().await;
    assert_eq!(spent.code(), "quota-of-address", "{spent:?}");
    world.end().await;
}

#[tokio::test]
async fn a_large_answer_streams() {
    let items: Vec<String> = (0..5_000)
        .map(|one| format!(r#"{{"first":"{one}","nir":"x"}}"#))
        .collect();
    let body = format!(r#"{{"members":[{}],"quotient":1}}"#, items.join(","));
    let length = body.len() as u64;
    let world = World::with(move |_| answer_of(&body)).await;
    let answered = world.call().await;
    assert!(answered.is_whole);
    assert_eq!(answered.header("transfer-encoding"), Some("chunked"));
    let data = &answered.json()["data"];
    assert_eq!(data["members"].as_array().map(Vec::len), Some(5_000));
    assert_eq!(data["members"][4_999], json!({"first": "4999"}));
    assert_eq!(world.traces()[0].bytes, length);
    world.end().await;
}

#[tokio::test]
async fn what_producers_refuse_is_told_apart() {
    for (status, expected, code) in [
        ("404 Not Found", 404, "not-found"),
        ("400 Bad Request", 422, "refused-by-producer"),
        ("401 Unauthorized", 502, "producer-failed"),
        ("409 Conflict", 409, "conflict"),
        ("451 Legal", 451, "legal-reasons"),
        ("429 Too Many", 503, "producer-unavailable"),
        ("500 Oh", 502, "producer-failed"),
        ("302 Found", 502, "producer-failed"),
        ("206 Partial Content", 502, "producer-failed"),
    ] {
        let world = World::with(move |_| status_of(status)).await;
        let answered = world.call().await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (expected, code),
            "{status}"
        );
        assert_eq!(answered.json()["producer"], "Caisse de démonstration");
        assert_eq!(
            answered.header("content-type"),
            Some("application/problem+json")
        );
        assert!(!String::from_utf8_lossy(&answered.body).contains("secret"));
        let trace = &world.traces()[0];
        assert_eq!(
            (trace.status, trace.problem.as_deref()),
            (expected, Some(code))
        );
        assert_eq!((trace.bytes, trace.pieces_saved), (0, 0));
        world.end().await;
    }
}

#[tokio::test]
async fn a_producer_that_fails_rests_and_another_address_answers() {
    let world = World::with(|_| status_of("500 Oh")).await;
    for _ in 0..5 {
        assert_eq!(world.call().await.code(), "producer-failed");
    }
    let rests = world.call().await;
    assert_eq!(rests.code(), "producer-unavailable");
    assert_eq!(rests.header("retry-after"), Some("1"));
    assert_eq!(world.asked().len(), 5);
    world.advance(1);
    assert_eq!(world.call().await.code(), "producer-failed", "a trial");
    world.end().await;

    let well = producer(|_| answer_of(HOUSEHOLD_ANSWER)).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = nobody.local_addr().unwrap();
    drop(nobody);
    let alive = well.address;
    let world = World::set_up(settings(), well, move |snapshot| {
        snapshot.apis[0].upstreams = vec![format!("http://{dead}"), format!("http://{alive}")];
    })
    .await;
    for _ in 0..3 {
        assert_eq!(world.call().await.status, 200);
    }
    world.end().await;
}

#[tokio::test]
async fn calls_under_way_are_finished_when_the_gateway_ends() {
    let world = World::new().await;
    let mut stream = world.connect().await;
    let request = format!(
        "GET {PATH}?{WHY} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\r\n",
        world.token()
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    assert_eq!(read_answer(&mut stream).await.status, 200);
    // The connection is kept by the client; the gateway ends all the same.
    soon(world.end()).await;
    assert_eq!(read_answer(&mut stream).await.status, 0);
}
