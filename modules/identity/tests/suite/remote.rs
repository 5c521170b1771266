//! What services publish: their keys and the lists of their sectors. And where nobody makes us ask.

use std::sync::{Arc, Mutex};

use http::StatusCode;
use identity::IdentityError;
use identity::domain::ClientForm;
use jiff::SignedDuration;
use kit_db::Db;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::keyed::{assertion, for_itself, jwks, key, signed};
use crate::world::{Browser, Service, World, form, migrations, root, world};

kit_db::on_both_databases!(migrations() =>
    keys_at_an_address_are_fetched_kept_and_renewed, a_sector_is_what_its_list_says,
    ssrf_through_jwks_uri, ssrf_through_sector_identifier_uri, ssrf_through_request_uri,
);

/// Addresses where nobody may make us ask.
const INSIDE: [&str; 9] = [
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.5/keys",
    "https://192.168.1.1/keys",
    "https://[::1]/keys",
    "https://[fd00::1]/keys",
    "https://0.0.0.0/keys",
    "https://2130706433/keys",
    "https://user@s.example/keys",
    "file:///etc/passwd",
];

/// A server that answers with the text of the moment, and counts how often it is asked.
struct Published {
    address: String,
    text: Arc<Mutex<String>>,
    asked: Arc<Mutex<usize>>,
}

async fn published(text: &str) -> Published {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/published", listener.local_addr().unwrap());
    let text = Arc::new(Mutex::new(text.to_owned()));
    let asked = Arc::new(Mutex::new(0));
    let (told, count) = (text.clone(), asked.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            *count.lock().unwrap() += 1;
            let body = told.lock().unwrap().clone();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    Published {
        address,
        text,
        asked,
    }
}

fn with_keys_at(address: &str) -> ClientForm {
    let mut form = form();
    form.auth_method = "private_key_jwt".into();
    form.acts_for_itself = true;
    form.advanced.jwks_uri = address.into();
    form
}

async fn works(world: &World, service: &Service, key: &jose::jwk::SigningKey, id: &str) -> bool {
    let token = signed(key, &assertion(world, service, id));
    for_itself(world, &token).await.status == StatusCode::OK
}

async fn keys_at_an_address_are_fetched_kept_and_renewed(db: Db) {
    let world = world(db).await;
    let (old, new) = (key(), key());
    let site = published(&jwks(&[&old])).await;
    let asked = || *site.asked.lock().unwrap();
    let service = world.service(&with_keys_at(&site.address)).await;
    assert!(works(&world, &service, &old, "1").await);
    assert!(works(&world, &service, &old, "2").await);
    assert_eq!(asked(), 1, "from memory the second time");
    // The service changes its key: the first assertion by it makes us look anew.
    *site.text.lock().unwrap() = jwks(&[&new]);
    world.clock.advance(SignedDuration::from_secs(31));
    assert!(works(&world, &service, &new, "3").await);
    assert!(
        !works(&world, &service, &old, "4").await,
        "the former one is gone"
    );
    let before = asked();
    for n in 0..5 {
        let stranger = key();
        assert!(!works(&world, &service, &stranger, &format!("s{n}")).await);
    }
    assert_eq!(
        asked(),
        before,
        "strangers don't make us ask again and again"
    );
    // What isn't a set of keys opens nothing.
    *site.text.lock().unwrap() = "<html>".into();
    world.clock.advance(SignedDuration::from_mins(20));
    assert!(!works(&world, &service, &new, "5").await);
}

async fn mistake(world: &World, form: &ClientForm) -> (&'static str, &'static str) {
    match world.identity.register(&root(), form).await {
        Err(IdentityError::Mistakes(mistakes)) => (mistakes[0].field, mistakes[0].key),
        other => panic!("{other:?}"),
    }
}

async fn a_sector_is_what_its_list_says(db: Db) {
    let world = world(db).await;
    let mut two = form();
    two.redirect_uris = "https://s.example/cb\nhttps://t.example/cb".into();
    assert_eq!(
        two.check().unwrap_err()[0].field,
        "redirect_uris",
        "two hosts"
    );
    let list = json!(["https://s.example/cb", "https://t.example/cb"]);
    let site = published(&list.to_string()).await;
    two.advanced.sector_identifier_uri = site.address.clone();
    let service = world.service(&two).await;
    let mut one = form();
    one.redirect_uris = "https://s.example/cb".into();
    one.advanced.sector_identifier_uri = site.address.clone();
    let other = world.service(&one).await;
    let mut browser = Browser::default();
    let mut names = Vec::new();
    for service in [&service, &other, &world.service(&form()).await] {
        let tokens = world.tokens(&mut browser, service, &[]).await;
        let claims = world.claims(&tokens.id).await;
        names.push(claims.text("sub").unwrap().to_owned());
    }
    assert_eq!(names[0], names[1], "one sector, one name");
    assert_ne!(names[0], names[2]);
    world.clock.advance(SignedDuration::from_secs(31));
    for wrong in ["[\"https://s.example/cb\"]", "{}", "[1]", ""] {
        *site.text.lock().unwrap() = wrong.into();
        world.clock.advance(SignedDuration::from_secs(31));
        let found = mistake(&world, &two).await;
        assert_eq!(
            found,
            ("sector_identifier_uri", "identity-mistake-sector-list"),
            "{wrong}"
        );
    }
}

async fn ssrf_through_jwks_uri(db: Db) {
    let world = world(db).await;
    for inside in INSIDE {
        assert_eq!(
            mistake(&world, &with_keys_at(inside)).await.0,
            "jwks_uri",
            "{inside}"
        );
    }
}

async fn ssrf_through_sector_identifier_uri(db: Db) {
    let world = world(db).await;
    for inside in INSIDE {
        let mut form = form();
        form.advanced.sector_identifier_uri = inside.into();
        let found = mistake(&world, &form).await;
        assert_eq!(found.0, "sector_identifier_uri", "{inside}");
    }
}

async fn ssrf_through_request_uri(db: Db) {
    let world = world(db).await;
    let site = published("{}").await;
    let service = world.service(&form()).await;
    let mut browser = Browser::default();
    let reachable = site.address.as_str();
    for address in INSIDE
        .into_iter()
        .chain([reachable, "https://s.example/request.jwt"])
    {
        let back = browser
            .sign_in_to(&world, &service, &[("request_uri", address)])
            .await;
        assert_eq!(back["error"], "request_uri_not_supported", "{address}");
        let pushed = service
            .call(&world, "/api/v2/par", &[("request_uri", address)])
            .await;
        assert_eq!(pushed.error(), "invalid_request", "{address}");
    }
    assert_eq!(*site.asked.lock().unwrap(), 0, "nobody was asked");
}
