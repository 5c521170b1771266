//! Attacks by those who may call, each by its name.

use std::sync::atomic::Ordering;

use gateway::AlarmKind;
use jose::jwk::{KeyKind, SigningKey};
use ports::exchange::{Stop, StopTarget};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_recipient_that_equals_the_queried_body_is_refused() {
    let mut world = World::new().await;
    world.change(|snapshot| {
        snapshot.accreditations[0].recipients =
            vec![PRODUCER_SIRET.to_owned(), TOWN_SIRET.to_owned()];
    });
    let with = |recipient: &str| format!("{PATH}?context=CANTINE&object=a&recipient={recipient}");
    let answered = world.get(&with(PRODUCER_SIRET), &world.token()).await;
    assert_eq!(
        (answered.status, answered.code().as_str()),
        (422, "recipient-is-producer")
    );
    assert_eq!(answered.json()["source"]["parameter"], "recipient");
    let other = world.get(&with("55208131766522"), &world.token()).await;
    assert_eq!(
        (other.status, other.code().as_str()),
        (403, "recipient-not-allowed")
    );
    assert_eq!(
        world
            .get(&with("55208131766523"), &world.token())
            .await
            .code(),
        "parameter-invalid"
    );
    assert_eq!(
        world.get(&with(TOWN_SIRET), &world.token()).await.status,
        200
    );
    let purpose = world
        .get(
            &format!("{PATH}?context=AUTRE&object=a&recipient={TOWN_SIRET}"),
            &world.token(),
        )
        .await;
    assert_eq!(purpose.code(), "purpose-not-granted");
    let none = world.get(PATH, &world.token()).await;
    assert_eq!(
        (none.status, none.code().as_str()),
        (422, "parameter-missing")
    );
    world.end().await;
}

#[tokio::test]
async fn a_token_used_from_another_address_is_refused() {
    let mut world = World::new().await;
    world.change(|snapshot| snapshot.accreditations[0].addresses = vec!["192.0.2.0/24".to_owned()]);
    assert_eq!(world.call().await.code(), "address-not-allowed");
    // What the caller says of itself is not believed.
    let headers = format!(
        "Authorization: Bearer {}\r\nX-Forwarded-For: 192.0.2.1\r\n",
        world.token()
    );
    let target = format!("{PATH}?{WHY}");
    assert_eq!(
        world.with_headers(&target, &headers).await.code(),
        "address-not-allowed"
    );
    world.change(|snapshot| snapshot.accreditations[0].addresses = vec!["127.0.0.0/8".to_owned()]);
    assert_eq!(world.call().await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn clock_jumps_make_nothing_good_again() {
    let mut world = World::new().await;
    world.change(|snapshot| snapshot.accreditations[0].per_minute = 3);
    let key = SigningKey::generate(KeyKind::Es256).unwrap();
    let bound = world.sign(
        &world
            .claims()
            .with("cnf", json!({ "jkt": key.public().thumbprint() })),
    );
    let proof = world.proof(&key, "j1", &bound);
    let headers = format!("Authorization: DPoP {bound}\r\nDPoP: {proof}\r\n");
    let target = format!("{PATH}?{WHY}");
    let token = world.token();
    assert_eq!(world.with_headers(&target, &headers).await.status, 200);
    // Put back: the proof stays used, and the minute isn't begun anew.
    world.advance(-3_600);
    assert_eq!(
        world.with_headers(&target, &headers).await.code(),
        "proof-invalid"
    );
    assert_eq!(world.get(&target, &token).await.status, 200);
    assert_eq!(world.get(&target, &token).await.status, 200);
    assert_eq!(world.get(&target, &token).await.code(), "quota-of-minute");
    // Put forward and back: the token that ran out stays so.
    world.advance(3_600 + 301);
    assert_eq!(world.get(&target, &token).await.code(), "token-expired");
    world.advance(-301);
    assert_eq!(world.get(&target, &token).await.code(), "token-expired");
    world.end().await;
}

#[tokio::test]
async fn a_trace_sink_that_fails_gives_no_data() {
    let items = format!("[{}]", vec!["\"0123456789\""; 5_000].join(","));
    let long = format!(r#"{{"quotient":{items}}}"#);
    for body in [HOUSEHOLD_ANSWER.to_owned(), long] {
        let world = World::with(move |_| answer_of(&body)).await;
        world.sink.fails.store(true, Ordering::SeqCst);
        let answered = world.call().await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (503, "trace-unavailable")
        );
        assert!(!String::from_utf8_lossy(&answered.body).contains("quotient\""));
        assert!(answered.header("retry-after").is_some());
        // What is refused anyway says why.
        let refused = world.get(PATH, &world.token()).await;
        assert_eq!(refused.code(), "parameter-missing");
        world.sink.fails.store(false, Ordering::SeqCst);
        assert_eq!(world.call().await.status, 200);
        assert_eq!(world.traces().len(), 1);
        world.end().await;
    }
}

#[tokio::test]
async fn enumeration_of_identities_is_stopped() {
    let world = World::new().await;
    let target = |one: u32| format!("/caf/quotient-familial/v1/foyers/{one}?{WHY}");
    for one in 1..=8 {
        assert_eq!(
            world.get(&target(one), &world.token()).await.status,
            200,
            "{one}"
        );
    }
    let answered = world.get(&target(9), &world.token()).await;
    assert_eq!(
        (answered.status, answered.code().as_str()),
        (403, "suspended")
    );
    assert_eq!(answered.header("retry-after"), Some("3590"));
    let kinds: Vec<AlarmKind> = world
        .bells
        .0
        .lock()
        .unwrap()
        .iter()
        .map(|alarm| alarm.kind)
        .collect();
    assert_eq!(kinds, [AlarmKind::ManyPeople, AlarmKind::Suspended]);
    assert_eq!(world.asked().len(), 8);
    world.advance(3_590);
    assert_eq!(world.get(&target(9), &world.token()).await.status, 200);
    world.end().await;

    let world = World::with(|_| status_of("404 Not Found")).await;
    for one in 1..=3 {
        assert_eq!(world.get(&target(one), &world.token()).await.status, 404);
    }
    assert_eq!(
        world.get(&target(4), &world.token()).await.code(),
        "suspended",
        "numbers are tried"
    );
    world.end().await;
}

#[tokio::test]
async fn a_stopped_flow_gives_nothing() {
    let mut world = World::new().await;
    for target in [
        StopTarget::Api(API),
        StopTarget::Operation(HOUSEHOLD),
        StopTarget::Accreditation(ACCREDITATION),
        StopTarget::Requester(TOWN_SIRET.to_owned()),
        StopTarget::Purpose("CANTINE".to_owned()),
    ] {
        world.change(|snapshot| snapshot.stops = vec![stop(target.clone())]);
        let answered = world.call().await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (403, "flow-stopped"),
            "{target:?}"
        );
        assert!(
            answered.json()["detail"]
                .as_str()
                .unwrap()
                .ends_with("Fuite présumée")
        );
    }
    // Another producer's stop, another operation's.
    world.change(|snapshot| {
        let mut other = stop(StopTarget::Purpose("CANTINE".to_owned()));
        other.producer = Some(uuid::Uuid::from_u128(77));
        snapshot.stops = vec![other, stop(StopTarget::Operation(SEARCH))];
    });
    assert_eq!(world.call().await.status, 200);
    // The directorate's holds for everybody's data.
    world.change(|snapshot| {
        let mut all = stop(StopTarget::Requester(TOWN_SIRET.to_owned()));
        all.producer = None;
        snapshot.stops = vec![all];
    });
    assert_eq!(world.call().await.code(), "flow-stopped");
    world.change(|snapshot| snapshot.stops.clear());
    assert_eq!(world.call().await.status, 200);
    assert_eq!(world.asked().len(), 2);
    world.end().await;
}

#[tokio::test]
async fn a_subject_hidden_by_a_second_member_is_refused() {
    let world = World::new().await;
    let target = format!("/caf/quotient-familial/v1/recherche?{WHY}&annee=2026");
    for body in [
        r#"{"nom": "Public", "nom": "Secret"}"#,
        r#"{"nom": "Public", "n\u006fm": "Secret"}"#,
        "{\"nom\": \"Public\"} {}",
        "not json",
        "",
    ] {
        let answered = world.post(&target, body).await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (400, "malformed-request"),
            "{body}"
        );
    }
    assert_eq!(
        world
            .post(&format!("/caf/quotient-familial/v1/recherche?{WHY}"), "{}")
            .await
            .code(),
        "parameter-missing"
    );
    let large = format!(r#"{{"nom": "{}"}}"#, "a".repeat(2 << 20));
    assert_eq!(world.post(&target, &large).await.code(), "body-too-large");
    assert!(world.asked().is_empty());
    world.end().await;
}

#[tokio::test]
async fn a_stop_of_one_api_leaves_the_producers_others() {
    let mut world = World::new().await;
    let of_api = |api| Stop {
        api: Some(api),
        ..stop(StopTarget::Accreditation(ACCREDITATION))
    };
    world.change(|snapshot| snapshot.stops = vec![of_api(uuid::Uuid::from_u128(77))]);
    assert_eq!(world.call().await.status, 200, "another API");
    world.change(|snapshot| snapshot.stops = vec![of_api(API)]);
    assert_eq!(world.call().await.code(), "flow-stopped");
    // What an older program writes, and what it reads of a newer one's: a stop of all of them.
    let whole = stop(StopTarget::Accreditation(ACCREDITATION));
    let written = serde_json::to_value(&whole).unwrap();
    assert!(written.get("api").is_none());
    let mut narrow = serde_json::to_value(of_api(API)).unwrap();
    narrow.as_object_mut().unwrap().remove("api");
    assert_eq!(serde_json::from_value::<Stop>(narrow).unwrap(), whole);
    world.end().await;
}
