//! The console: an operation tried from its page.

use http::StatusCode;
use kit_db::Db;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::world::{Answer, Published, TOWN_SIRET, World, api_form, migrations, root, world};

kit_db::on_both_databases!(migrations() =>
    a_trial_is_masked_and_gives_its_command, an_example_stands_in_for_a_producer_without_trials,
    real_data_is_never_reached_by_a_trial, a_mistake_of_a_trial_is_named,
    an_inner_address_is_not_reached_by_a_trial,
);

/// A producer that answers one JSON text to one call; gives its address and what it was asked.
async fn producer(body: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = vec![0; 8_192];
        let length = stream.read(&mut read).await.unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&read[..length]).into_owned()
    });
    (address, asked)
}

async fn offer(world: &World, api: Uuid, test_url: &str, upstreams: &str) {
    let filter = exchange::ApiFilter::default();
    let all = world
        .exchange
        .apis(&filter, ("", Uuid::nil()), 10)
        .await
        .unwrap();
    let version = all
        .iter()
        .find(|(one, _)| one.id == api)
        .unwrap()
        .0
        .row_version;
    let form = exchange::domain::ApiForm {
        test_url: test_url.into(),
        upstreams: upstreams.into(),
        proof: "none".into(),
        ..api_form("Quotient familial")
    };
    world
        .exchange
        .change_api(&root(), api, version, &form)
        .await
        .unwrap();
}

async fn try_it(world: &World, published: &Published, number: &str, scopes: &[&str]) -> Answer {
    let cookies = world.signed_in("rosa.req@x.example").await;
    let path = format!("/exchange/operations/{}/try", published.operation);
    let mut fields = vec![
        ("parameter-0", number),
        ("context", "cantine"),
        ("object", "Dossier 12"),
        ("recipient", TOWN_SIRET),
    ];
    fields.extend(scopes.iter().map(|code| ("scopes", *code)));
    world.post(&path, &cookies, &fields).await
}

async fn a_trial_is_masked_and_gives_its_command(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let (address, asked) =
        producer(r#"{"quotient":850,"adresse":"1 rue d’ici","enfants":[{"prenom":"Ada"}]}"#).await;
    let offered = format!("{address}/essai");
    offer(&world, quotient.api, &offered, "https://api.fund.example").await;
    let answer = try_it(&world, &quotient, "12 34", &["cnp_quotient"]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("850"), "{}", answer.body);
    assert!(!answer.body.contains("rue d’ici") && !answer.body.contains("Ada"));
    assert!(
        answer
            .body
            .contains("/cnp/quotient/v1/foyers/12%2034?context=cantine")
    );
    let asked = asked.await.unwrap();
    assert!(
        asked.starts_with("GET /essai/v1/foyers/12%2034 HTTP/1.1"),
        "{asked}"
    );
    let asked = asked.to_lowercase();
    assert!(
        !asked.contains("authorization") && !asked.contains("signature"),
        "{asked}"
    );
    assert!(
        !asked.contains("cantine"),
        "the producer never sees the purpose"
    );
}

async fn an_example_stands_in_for_a_producer_without_trials(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let answer = try_it(&world, &quotient, "1234567", &["cnp_enfants"]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("exemple") && answer.body.contains("prenom"));
    assert!(
        !answer.body.contains("naissance&#34;"),
        "a field that no chosen scope opens"
    );
}

async fn real_data_is_never_reached_by_a_trial(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let (address, asked) = producer("{}").await;
    offer(
        &world,
        quotient.api,
        &format!("{address}/api/"),
        &format!("{address}/api"),
    )
    .await;
    let answer = try_it(&world, &quotient, "1234567", &["cnp_quotient"]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!asked.is_finished(), "nobody called");
    asked.abort();
}

async fn a_mistake_of_a_trial_is_named(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    for (number, scopes, named) in [
        ("", &["cnp_quotient"][..], "parameter-0"),
        ("..", &["cnp_quotient"], "parameter-0"),
        ("1", &["impots_revenu"], "scopes"),
    ] {
        let answer = try_it(&world, &quotient, number, scopes).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{named}");
        assert!(
            answer.body.contains(&format!("#{named}")),
            "{named}: {}",
            answer.body
        );
    }
}

async fn an_inner_address_is_not_reached_by_a_trial(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let inner = "http://169.254.169.254/latest";
    offer(&world, quotient.api, inner, "https://api.fund.example").await;
    let answer = try_it(&world, &quotient, "1234567", &["cnp_quotient"]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("n’a pas répondu"), "{}", answer.body);
}
