//! The relay between a platform and a host of another network, over real connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kit_access::Actor;
use kit_db::Db;
use kit_egress::{Authorization, EgressError, Request};
use kit_time::Source;

use crate::app::{Platform, migrations};
use crate::cli::Relay;
use crate::relay::Worker;
use crate::settings::{self, Settings};

kit_db::on_both_databases!(migrations() => the_relay_has_no_other_reach, only_the_relay_takes_requests);

fn platform(db: &Db, relay: Option<(String, Vec<String>)>) -> Platform {
    let flags = [
        "server.public_url=https://g.example",
        "egress.allowed=localhost",
    ];
    let data = std::path::Path::new("/nowhere");
    let config = settings::read(data, None, Vec::new(), flags.map(str::to_owned).to_vec()).unwrap();
    let settings = Settings {
        relay,
        ..Settings::of(data, &config).unwrap()
    };
    let files = kit_files::Files::in_memory();
    Platform::on(settings, db.clone(), Source::system(), files).unwrap()
}

/// Serves `app` and gives where.
async fn served(app: kit_http::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(kit_http::serve(listener, app, std::future::pending()));
    address
}

/// A host that tells what it was asked, and how often it was asked.
async fn inner_host() -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let app = kit_http::Router::new().fallback(move |request: axum::extract::Request| async move {
        count.fetch_add(1, Ordering::SeqCst);
        let path = request.uri().path().to_owned();
        let proof = request.headers().get("authorization").cloned();
        let body = axum::body::to_bytes(request.into_body(), 10_000)
            .await
            .unwrap();
        axum::Json(serde_json::json!({
            "path": path,
            "proof": proof.map(|value| value.to_str().unwrap().to_owned()),
            "body": String::from_utf8_lossy(&body),
        }))
    });
    (served(app).await, asked)
}

async fn service(platform: &Platform, name: &str) -> (String, String) {
    let form = identity::domain::ClientForm {
        name: name.to_owned(),
        purpose: "Joindre le réseau intérieur".to_owned(),
        profile: "standard".to_owned(),
        auth_method: "client_secret_basic".to_owned(),
        redirect_uris: "https://relais.example/".to_owned(),
        scopes: vec!["openid".to_owned()],
        subject_type: "pairwise".to_owned(),
        id_token_algorithm: "ES256".to_owned(),
        acts_for_itself: true,
        ..identity::domain::ClientForm::default()
    };
    let actor = Actor::system("test");
    let new = platform.identity.register(&actor, &form).await.unwrap();
    (new.client_id, new.secret.unwrap().0)
}

async fn the_relay_has_no_other_reach(db: Db) {
    let (client_id, secret) = service(&platform(&db, None), "Relais").await;
    let relayed = (client_id.clone(), vec!["localhost".to_owned()]);
    let platform = platform(&db, Some(relayed));
    let address = served(platform.router().unwrap()).await;
    let (inner, asked) = inner_host().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{secret}\n")).unwrap();
    let told = Relay {
        platform: address,
        client_id,
        client_secret_file: file,
        allow: vec![format!("{inner}/oidc").parse().unwrap()],
        platform_network: vec!["localhost".parse().unwrap()],
        authorities: None,
        at_once: 1,
    };
    let worker = Arc::new(Worker::new(&told).unwrap());
    let working = tokio::spawn(worker.work());
    let request = Request::post_form(&format!("{inner}/oidc/token"), &[("code", "7")])
        .authorization(Authorization::client("us", "known"));
    let answer = platform.egress.send(request).await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(told["path"], "/oidc/token");
    assert_eq!(told["body"], "code=7");
    assert_eq!(told["proof"], "Basic dXM6a25vd24=", "us:known");
    for outside in ["/admin", "/oidc/../admin", "/oidc/..%2fadmin"] {
        let refused = platform
            .egress
            .get(&format!("{inner}{outside}"), "*/*")
            .await;
        let Err(EgressError::Unreachable { reason, .. }) = refused else {
            panic!("{outside}: {refused:?}");
        };
        assert!(reason.contains("doesn't allow"), "{reason}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "nothing else was asked");
    working.abort();
}

async fn only_the_relay_takes_requests(db: Db) {
    let (client_id, _) = service(&platform(&db, None), "Relais").await;
    let (other, secret) = service(&platform(&db, None), "Autre").await;
    let platform = platform(&db, Some((client_id, vec!["localhost".to_owned()])));
    let address = served(platform.router().unwrap()).await;
    let outside = kit_egress::EgressSettings {
        allowed: vec!["localhost".parse().unwrap()],
        ..kit_egress::EgressSettings::default()
    };
    let outside = kit_egress::Egress::new(outside, Source::system()).unwrap();
    let form = [("grant_type", "client_credentials")];
    let who = Authorization::client(&other, &secret);
    let token = format!("{address}/api/v2/token");
    let token = outside.post_form(&token, &form, Some(who)).await.unwrap();
    let token: serde_json::Value = serde_json::from_slice(&token.body).unwrap();
    let token = token["access_token"].as_str().unwrap();
    let calls = format!("{address}/api/v2/relay/calls");
    let one = format!("{calls}/00000000-0000-0000-0000-000000000000");
    for (url, body) in [
        (&calls, "{}"),
        (&one, "{}"),
        (&one, r#"{"failed":{"reason":"x"}}"#),
    ] {
        for presented in [None, Some("no-token"), Some(token)] {
            let mut request = Request::post(url, "application/json", body);
            if let Some(presented) = presented {
                request = request.authorization(Authorization::Bearer(presented.to_owned()));
            }
            let answer = outside.send(request).await.unwrap();
            assert_eq!(answer.status, 401, "{url} {presented:?}");
        }
    }
}
