//! A platform of tests: its tokens say so, and gateways of production refuse them.

use std::sync::Arc;

use gateway::{Gateway, GatewaySettings, Kept, LoggedAlarms, TraceSink};
use identity::domain::ClientForm;
use jose::Limits;
use jose::claims::Claims;
use jose::jwk::JwkSet;
use jose::jws::{Typ, verify_any};
use kit_db::Db;
use kit_http::StatusCode;
use ports::exchange::Trace;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::get;
use super::market::{AUDIENCE, Market, PERSON, WHY, key};
use crate::app::migrations;

kit_db::on_both_databases!(migrations() => tokens_of_a_test_platform_are_worth_nothing_in_production);

/// Keeps nothing: what is asked here is whether a call goes through.
struct Nowhere;

impl TraceSink for Nowhere {
    fn append(&self, _: Vec<Trace>) -> Kept<'_> {
        Box::pin(async { Ok(()) })
    }
}

/// A gateway of an environment that knows all else of what is in force.
async fn gateway_of(market: &Market, environment: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = GatewaySettings {
        public_url: url.clone(),
        threads: 1,
        ..GatewaySettings::default()
    };
    let source = market.platform.source.clone();
    let gateway = Gateway::new(settings, source, Arc::new(Nowhere), Arc::new(LoggedAlarms));
    let mut snapshot = market.platform.exchange.snapshot().await.unwrap();
    environment.clone_into(&mut snapshot.environment);
    let now = market.platform.source.now();
    gateway.put_in_force(snapshot, now).unwrap();
    tokio::spawn(gateway.serve(listener, std::future::pending()));
    url
}

/// What a token says, its signature checked against the published keys.
pub(super) async fn claims(market: &Market, token: &str) -> Claims {
    let published = get(&market.app, "/api/v2/jwks", "").await;
    let keys = JwkSet::parse(published.body.as_bytes()).unwrap();
    let keys = keys.verification_keys(jose::Algorithm::Es256);
    let verified = verify_any(token, &keys, Typ::Exactly("at+jwt"), &Limits::SIGNED).unwrap();
    verified.claims().unwrap()
}

async fn tokens_of_a_test_platform_are_worth_nothing_in_production(db: Db) {
    let market = Market::open(&db, "test").await;
    let form = ClientForm {
        name: "Logiciel de la cantine".to_owned(),
        scopes: vec!["openid".to_owned()],
        acts_for_itself: true,
        ..ClientForm::default()
    };
    let service = market.service(form).await;
    let key = key();
    let asked = [("grant_type", "client_credentials"), ("resource", AUDIENCE)];
    let answer = market.token(&service, Some(&key), &asked).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    let token = told["access_token"].as_str().unwrap();
    let said = claims(&market, token).await;
    assert_eq!(said.text("environment"), Some("test"));
    assert_eq!(said.text("aud"), Some(AUDIENCE));
    let query = format!("{PERSON}&{WHY}");
    let (of_tests, of_production) = (
        gateway_of(&market, "test").await,
        gateway_of(&market, "production").await,
    );
    let (status, refused) = market.call(&of_production, &query, token, &key).await;
    assert_eq!((status, &refused["code"]), (401, &json!("token-invalid")));
    assert!(market.asked.lock().unwrap().is_empty(), "nobody was asked");
    let (status, given) = market.call(&of_tests, &query, token, &key).await;
    assert_eq!(status, 200, "{given}");
    assert_eq!(given["data"]["quotientFamilial"], 850);
}
