//! What producers that are broken, or broken into, do to a gateway.

use crate::support::*;
use gateway::GatewaySettings;

#[tokio::test]
async fn slow_producers_are_cut_off() {
    let half =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"quo"
            .to_vec();
    for reply in [Vec::new(), half] {
        let producer = producer(move |_| reply.clone()).await;
        let world = World::set_up(settings(), producer, |snapshot| {
            snapshot.apis[0].timeout_ms = 100;
        })
        .await;
        let answered = world.call().await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (504, "producer-timeout")
        );
        assert_eq!(answered.json()["producer"], "Caisse de démonstration");
        assert!(answered.header("retry-after").is_some());
        assert_eq!(
            world.traces()[0].problem.as_deref(),
            Some("producer-timeout")
        );
        world.end().await;
    }
}

#[tokio::test]
async fn a_compressed_bomb_from_a_producer_is_not_unpacked() {
    for encoding in ["gzip", "br", "identity, gzip", "deflate"] {
        let reply = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\nContent-Length: 3\r\n\r\nabc"
        );
        let world = World::with(move |_| reply.clone().into_bytes()).await;
        let answered = world.call().await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (502, "producer-answer-invalid"),
            "{encoding}"
        );
        assert!(
            world.asked()[0]
                .to_ascii_lowercase()
                .contains("accept-encoding: identity")
        );
        world.end().await;
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    // Announced, or found out while it streams.
    let announced =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
            .to_vec();
    let world = World::with(move |_| announced.clone()).await;
    assert_eq!(world.call().await.code(), "producer-answer-invalid");
    world.end().await;

    let mut endless =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"quotient\":[0".to_vec();
    endless.extend(b",1234567".repeat(300_000));
    let world = World::with(move |_| endless.clone()).await;
    let answered = world.call().await;
    assert_eq!(answered.status, 200, "it had begun");
    assert!(!answered.is_whole);
    world.end().await;
    // Of what is left out nothing is held, however much comes.
    let mut hidden = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"x\":[0".to_vec();
    hidden.extend(b",1234567".repeat(300_000));
    let world = World::with(move |_| hidden.clone()).await;
    assert_eq!(world.call().await.code(), "producer-answer-invalid");
    world.end().await;
}

#[tokio::test]
async fn a_wrong_content_type_from_a_producer_is_refused() {
    for kind in [
        "text/html",
        "application/xml",
        "text/json",
        "application/jsonp",
        "",
    ] {
        let world = World::with(move |_| typed(kind, HOUSEHOLD_ANSWER)).await;
        let answered = world.call().await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (502, "producer-answer-invalid"),
            "{kind}"
        );
        world.end().await;
    }
    for kind in [
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/hal+json",
    ] {
        let world = World::with(move |_| typed(kind, HOUSEHOLD_ANSWER)).await;
        assert_eq!(world.call().await.status, 200, "{kind}");
        world.end().await;
    }
}

#[tokio::test]
async fn invalid_json_from_a_producer_is_refused() {
    let deep = format!(r#"{{"income":{}}}"#, "[".repeat(1_000));
    for body in [
        "{\"quotient\": 850,}",
        "{\"quotient\": 850",
        "",
        "<html>",
        r#"{"quotient": 1, "quotient": 2}"#,
        r#"{"quotient": 1} {"quotient": 2}"#,
        r#"{"quotient": NaN}"#,
        deep.as_str(),
    ] {
        let answer = answer_of(body);
        let world = World::with(move |_| answer.clone()).await;
        let answered = world.call().await;
        assert_eq!(
            (answered.status, answered.code().as_str()),
            (502, "producer-answer-invalid"),
            "{body:.40}"
        );
        world.end().await;
    }
    // Too late to refuse: the connection is closed before the end, and no one takes it for whole.
    let items = vec!["\"0123456789\""; 5_000].join(",");
    let answer = answer_of(&format!(r#"{{"quotient":[{items}],"#));
    let world = World::with(move |_| answer.clone()).await;
    let answered = world.call().await;
    assert_eq!((answered.status, answered.is_whole), (200, false));
    assert_eq!(world.traces().len(), 1, "what left is traced");
    world.end().await;
}

#[tokio::test]
async fn answers_that_two_programs_read_in_two_ways_are_refused() {
    for reply in [
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}abc",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}",
        "nonsense\r\n\r\n",
    ] {
        let world = World::with(move |_| reply.as_bytes().to_vec()).await;
        let answered = world.call().await;
        assert_eq!(answered.status, 502, "{reply:?}: {answered:?}");
        world.end().await;
    }
    // Its headers end with it.
    let answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=b\r\nX-Evil: 1\r\nContent-Length: 2\r\n\r\n{}".to_vec();
    let world = World::with(move |_| answer.clone()).await;
    let answered = world.call().await;
    assert_eq!(answered.status, 200);
    assert!(answered.header("set-cookie").is_none() && answered.header("x-evil").is_none());
    world.end().await;
    // A head without end.
    let mut huge = b"HTTP/1.1 200 OK\r\n".to_vec();
    huge.extend(b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(5_000));
    let world = World::with(move |_| huge.clone()).await;
    assert_eq!(world.call().await.code(), "producer-failed");
    world.end().await;
}

#[tokio::test]
async fn an_answer_of_another_call_never_comes_out() {
    // The producer answers twice: the second answer isn't taken for that of the next call.
    let twice = [
        answer_of(r#"{"quotient": 1}"#),
        answer_of(r#"{"quotient": 666}"#),
    ]
    .concat();
    let world = World::with(move |_| twice.clone()).await;
    for _ in 0..3 {
        let answered = world.call().await;
        assert_ne!(answered.json()["data"]["quotient"], 666, "{answered:?}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_request_is_signed_for_producers_that_check() {
    let key =
        std::sync::Arc::new(jose::jwk::SigningKey::generate(jose::jwk::KeyKind::EdDsa).unwrap());
    let settings = GatewaySettings {
        upstream_key: Some(key.clone()),
        ..settings()
    };
    let producer = producer(|_| answer_of(HOUSEHOLD_ANSWER)).await;
    let authority = producer.address.to_string();
    let world = World::set_up(settings, producer, |snapshot| {
        snapshot.apis[0].proof = ports::exchange::UpstreamProof::Signature;
    })
    .await;
    assert_eq!(world.call().await.status, 200);
    let asked = world.asked()[0].clone();
    let header = |name: &str| {
        let mut lines = asked.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .unwrap()
            .1
            .to_owned()
    };
    // Checked as a producer would: from what came over the wire alone.
    let parameters = header("signature-input")
        .strip_prefix("gateway=")
        .unwrap()
        .to_owned();
    let base = format!(
        "\"@method\": GET\n\"@authority\": {authority}\n\"@path\": /base/v1/foyers/1234567\n\"@query\": ?\n\
         \"x-request-id\": {}\n\"@signature-params\": {parameters}",
        header("x-request-id")
    );
    let signature = header("signature");
    let encoded = signature
        .strip_prefix("gateway=:")
        .unwrap()
        .strip_suffix(':')
        .unwrap();
    let signature =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, encoded).unwrap();
    assert!(
        key.verification_key()
            .unwrap()
            .verifies(base.as_bytes(), &signature)
    );
    assert!(
        !key.verification_key()
            .unwrap()
            .verifies(base.replace("foyers", "autres").as_bytes(), &signature)
    );
    world.end().await;
}
