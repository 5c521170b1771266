//! Tokens for the data exchange: who gets one, what it says, and what can't be done with it.

use http::StatusCode;
use jose::Limits;
use jose::claims::Claims;
use jose::jwk::{JwkSet, SigningKey};
use jose::jws::{Typ, verify_any};
use kit_db::Db;
use ports::Answered;
use ports::exchange::{Accreditations, BehalfRequest, ScopeTold, TokenGrant};
use serde_json::json;
use uuid::Uuid;

use crate::certificates::{PROXY, call_from, certificate, known_by};
use crate::keyed::{asserting, assertion, key, proof, signed};
use crate::world::{ISSUER, Reply, Service, World, form, migrations, world};

kit_db::on_both_databases!(migrations() =>
    a_client_with_a_key_gets_a_token_that_gateways_check, a_secret_alone_gets_no_token,
    a_certificate_binds_its_token, a_token_is_for_the_exchange_alone,
    a_token_for_the_exchange_opens_nothing_here, a_token_is_of_an_accreditation_in_force,
);

pub(crate) const EXCHANGE: &str = "https://g.example/exchange";
pub(crate) const TOWN: Uuid = Uuid::from_u128(71);

/// One accreditation that anybody may name, as far as these tests go.
pub(crate) struct OneAccreditation;

impl Accreditations for OneAccreditation {
    fn audience(&self) -> &str {
        EXCHANGE
    }

    fn environment(&self) -> &'static str {
        "test"
    }

    fn of_client<'f>(
        &'f self,
        _: &'f str,
        accreditation: Option<Uuid>,
    ) -> Answered<'f, Option<TokenGrant>> {
        let granted = (accreditation == Some(TOWN)).then(|| TokenGrant {
            accreditation: TOWN,
            version: 3,
            scopes: vec!["quotient".to_owned(), "income".to_owned()],
            requester: "21750001600019".to_owned(),
        });
        Box::pin(async move { Ok(granted) })
    }

    fn scopes<'f>(&'f self, codes: &'f [String]) -> Answered<'f, Vec<ScopeTold>> {
        let known = codes.iter().filter(|code| *code == "quotient");
        let told = known.map(|code| ScopeTold {
            code: code.clone(),
            label: "Quotient familial".to_owned(),
            producer: "Caisse de démonstration".to_owned(),
        });
        let told = told.collect();
        Box::pin(async move { Ok(told) })
    }

    /// What would be sealed, in the open.
    fn on_behalf(&self, request: BehalfRequest) -> Answered<'_, Option<String>> {
        Box::pin(async move { Ok(serde_json::to_string(&request.citizen).ok()) })
    }
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

async fn by_key(
    world: &World,
    key: &SigningKey,
    service: &Service,
    id: &str,
    more: &[(&str, &str)],
) -> Reply {
    let token = signed(key, &assertion(world, service, id));
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", token.as_str()),
    ];
    form.extend(more);
    world.call("/api/v2/token", &[], &form).await
}

fn town() -> String {
    TOWN.to_string()
}

/// The claims of a token, checked with the keys that are published, as a gateway does.
async fn claims(world: &World, reply: &Reply) -> Claims {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let answer = reply.json();
    assert_eq!(answer["expires_in"], 300);
    let published = world.read("/api/v2/jwks", &[]).await;
    let keys = JwkSet::parse(published.body.as_bytes()).unwrap();
    let keys = keys.verification_keys(jose::Algorithm::Es256);
    let token = answer["access_token"].as_str().unwrap();
    let verified = verify_any(token, &keys, Typ::Exactly("at+jwt"), &Limits::SIGNED).unwrap();
    verified.claims().unwrap()
}

async fn a_client_with_a_key_gets_a_token_that_gateways_check(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let town = town();
    let more = [("resource", EXCHANGE), ("accreditation", town.as_str())];
    let reply = by_key(&world, &key, &service, "1", &more).await;
    let told = claims(&world, &reply).await;
    assert_eq!(told.text("iss"), Some(ISSUER));
    assert_eq!(told.text("aud"), Some(EXCHANGE));
    assert_eq!(told.text("sub"), Some(service.new.client_id.as_str()));
    assert_eq!(told.text("client_id"), Some(service.new.client_id.as_str()));
    assert_eq!(told.text("environment"), Some("test"));
    assert_eq!(told.text("scope"), Some("quotient income"));
    assert_eq!(
        told.get("accreditation"),
        Some(&json!({ "id": town, "version": 3 }))
    );
    assert_eq!(told.get("cnf"), None);
    let now = world.seconds();
    assert_eq!(
        (told.instant("iat"), told.instant("exp")),
        (Ok(Some(now)), Ok(Some(now + 300)))
    );
    let again = by_key(&world, &key, &service, "2", &more).await;
    assert_ne!(claims(&world, &again).await.text("jti"), told.text("jti"));
    assert_eq!(again.json()["token_type"], "Bearer");
    // All of its scopes, or none asked for.
    let all = [more[0], more[1], ("scope", "income quotient")];
    claims(&world, &by_key(&world, &key, &service, "3", &all).await).await;
    let one = [more[0], more[1], ("scope", "quotient")];
    assert_eq!(
        by_key(&world, &key, &service, "4", &one).await.error(),
        "invalid_scope"
    );
}

async fn a_secret_alone_gets_no_token(db: Db) {
    let world = world(db).await;
    let mut form = form();
    form.acts_for_itself = true;
    let service = world.service(&form).await;
    let (basic, town) = (service.basic(), town());
    let asked = [
        ("grant_type", "client_credentials"),
        ("resource", EXCHANGE),
        ("accreditation", town.as_str()),
    ];
    let own = [("authorization", basic.as_str())];
    let refused = world.call("/api/v2/token", &own, &asked).await;
    assert_eq!(refused.error(), "unauthorized_client");
    // Bound to a key it does, and the token is of no use without that key.
    let key = key();
    let shown = proof(&world, &key, "/api/v2/token", "POST", None, "p1");
    let headers = [own[0], ("dpop", shown.as_str())];
    let bound = world.call("/api/v2/token", &headers, &asked).await;
    assert_eq!(bound.json()["token_type"], "DPoP");
    let told = claims(&world, &bound).await;
    assert_eq!(
        told.get("cnf"),
        Some(&json!({ "jkt": key.public().thumbprint() }))
    );
}

async fn a_certificate_binds_its_token(db: Db) {
    let world = world(db).await;
    let cert = certificate("guichet");
    let service = known_by(&world, "dns:guichet.example").await;
    let town = town();
    let asked = [
        ("grant_type", "client_credentials"),
        ("client_id", service.new.client_id.as_str()),
        ("resource", EXCHANGE),
        ("accreditation", town.as_str()),
    ];
    let shown = [
        ("client-cert", cert.header.as_str()),
        ("client-verify", "SUCCESS"),
    ];
    let post = http::Method::POST;
    let reply = call_from(&world, PROXY, post, "/api/v2/token", &shown, &asked).await;
    let told = claims(&world, &reply).await;
    let bound = told.get("cnf").and_then(|cnf| cnf.get("x5t#S256"));
    assert_eq!(bound.and_then(|one| one.as_str()).map(str::len), Some(43));
}

async fn a_token_is_for_the_exchange_alone(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let town = town();
    let both = [
        ("resource", EXCHANGE),
        ("resource", ISSUER),
        ("accreditation", town.as_str()),
    ];
    assert_eq!(
        by_key(&world, &key, &service, "1", &both).await.error(),
        "invalid_target"
    );
    // Another resource gives what it gave before: a token that gateways don't know.
    let other = [("resource", ISSUER), ("accreditation", town.as_str())];
    let reply = by_key(&world, &key, &service, "2", &other).await;
    assert!(!reply.json()["access_token"].as_str().unwrap().contains('.'));
    let near = [
        ("resource", "https://g.example/exchange/"),
        ("accreditation", town.as_str()),
    ];
    assert_eq!(
        by_key(&world, &key, &service, "3", &near).await.error(),
        "invalid_target"
    );
}

async fn a_token_for_the_exchange_opens_nothing_here(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let town = town();
    let more = [("resource", EXCHANGE), ("accreditation", town.as_str())];
    let reply = by_key(&world, &key, &service, "1", &more).await.json();
    let token = reply["access_token"].as_str().unwrap();
    assert_eq!(world.userinfo(token).await.error(), "invalid_token");
}

async fn a_token_is_of_an_accreditation_in_force(db: Db) {
    let world = world(db).await;
    let key = key();
    let service = asserting(&world, &key).await;
    let other = Uuid::from_u128(72).to_string();
    for (at, (named, error)) in [
        (None, "invalid_target"),
        (Some(other.as_str()), "invalid_target"),
        (Some("town"), "invalid_request"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut more = vec![("resource", EXCHANGE)];
        more.extend(named.map(|named| ("accreditation", named)));
        let reply = by_key(&world, &key, &service, &at.to_string(), &more).await;
        assert_eq!(reply.error(), error, "{named:?}");
    }
}
