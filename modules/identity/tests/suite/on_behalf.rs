//! Tokens with which a service calls the data exchange on behalf of a citizen who signed in to it.

use jose::Limits;
use jose::claims::Claims;
use jose::jwk::{JwkSet, SigningKey};
use jose::jws::{Typ, verify_any};
use kit_db::Db;
use serde_json::{Value, json};

use crate::accredited::{EXCHANGE, TOWN};
use crate::citizen_world::{As, citizens_form, journal, tokens};
use crate::keyed::{key, proof};
use crate::world::{
    Browser, Reply, Service, Tokens, World, form, migrations, root, world_with_mocks,
};

kit_db::on_both_databases!(migrations() =>
    a_citizens_token_becomes_one_of_the_exchange, what_the_citizen_did_not_agree_to_is_in_no_token,
    a_citizen_who_agreed_to_nothing_of_it_gives_no_token, a_token_without_a_key_is_refused,
    a_token_of_another_service_is_refused, an_ended_session_or_agreement_gives_no_token,
    agents_are_called_for_by_nobody, another_actor_is_refused,
    scopes_that_nobody_offers_are_not_registered, the_citizen_reads_what_is_looked_up,
);

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const SURE: As<'static> = As {
    person: "elodie",
    level: "eidas2",
    case: "usual",
};

fn behalf_form() -> identity::domain::ClientForm {
    let mut form = citizens_form();
    form.exchange_scopes = "quotient".into();
    form.advanced.exchanges = true;
    form.advanced.reaches = EXCHANGE.into();
    form
}

/// A service, and the tokens of a citizen who agreed to these scopes.
async fn signed_in(world: &World, scope: &str) -> (Service, Browser, Tokens) {
    let service = world.service(&behalf_form()).await;
    let mut browser = Browser::default();
    let asked = [("scope", scope), ("acr_values", "eidas2")];
    let got = tokens(&mut browser, world, &service, &asked, SURE).await;
    (service, browser, got)
}

async fn exchange(
    world: &World,
    service: &Service,
    key: Option<&SigningKey>,
    id: &str,
    more: &[(&str, &str)],
) -> Reply {
    let town = TOWN.to_string();
    let mut form = vec![
        ("grant_type", TOKEN_EXCHANGE),
        ("resource", EXCHANGE),
        ("accreditation", town.as_str()),
        ("subject_token_type", ACCESS),
    ];
    form.extend_from_slice(more);
    let basic = service.basic();
    let mut headers = vec![("authorization", basic.as_str())];
    let proof = key.map(|key| proof(world, key, "/api/v2/token", "POST", None, id));
    headers.extend(proof.as_deref().map(|proof| ("dpop", proof)));
    world.call("/api/v2/token", &headers, &form).await
}

async fn claims(world: &World, reply: &Reply) -> Claims {
    let answer = reply.json();
    let token = answer["access_token"].as_str();
    let token = token.unwrap_or_else(|| panic!("{}", reply.body));
    let published = world.read("/api/v2/jwks", &[]).await;
    let keys = JwkSet::parse(published.body.as_bytes()).unwrap();
    let keys = keys.verification_keys(jose::Algorithm::Es256);
    let verified = verify_any(token, &keys, Typ::Exactly("at+jwt"), &Limits::SIGNED).unwrap();
    verified.claims().unwrap()
}

fn citizen(claims: &Claims) -> Value {
    serde_json::from_str(claims.text("citizen").unwrap()).unwrap()
}

async fn a_citizens_token_becomes_one_of_the_exchange(db: Db) {
    let world = world_with_mocks(db).await;
    let (service, _, got) = signed_in(&world, "openid identite_pivot quotient").await;
    let key = key();
    let subject = [("subject_token", got.access.as_str())];
    let reply = exchange(&world, &service, Some(&key), "1", &subject).await;
    let told = claims(&world, &reply).await;
    assert_eq!(reply.json()["token_type"], "DPoP");
    assert_eq!(reply.json()["issued_token_type"], ACCESS);
    assert_eq!(told.text("aud"), Some(EXCHANGE));
    assert_eq!(told.text("environment"), Some("test"));
    assert_eq!(told.text("scope"), Some("quotient"));
    let client = service.new.client_id.as_str();
    assert_eq!(told.text("client_id"), Some(client));
    assert_eq!(told.get("act"), Some(&json!({ "sub": client })));
    let thumbprint = key.public().thumbprint();
    assert_eq!(told.get("cnf"), Some(&json!({ "jkt": thumbprint })));
    let of_service = world.claims(&got.id).await;
    assert_eq!(told.text("sub"), of_service.text("sub"));
    let citizen = citizen(&told);
    assert_eq!(citizen["level"], 2);
    assert_eq!(citizen["identity"]["birthdate"], "1962-08-24");
    assert_ne!(citizen["citizen"].as_str(), told.text("sub"));
    assert!(!journal(&world).await.contains("1962-08-24"));
    // It ends with the citizen's token at the latest.
    let (iat, exp) = (told.instant("iat").unwrap(), told.instant("exp").unwrap());
    assert!(exp.unwrap() - iat.unwrap() <= 300);
    // It opens nothing here.
    let token = reply.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(world.userinfo(&token).await.error(), "invalid_token");
}

async fn what_the_citizen_did_not_agree_to_is_in_no_token(db: Db) {
    let world = world_with_mocks(db).await;
    let (service, _, got) = signed_in(&world, "openid quotient").await;
    let key = key();
    let subject = ("subject_token", got.access.as_str());
    let reply = exchange(&world, &service, Some(&key), "1", &[subject]).await;
    let told = claims(&world, &reply).await;
    assert_eq!(citizen(&told)["identity"], Value::Null);
    // The accreditation has it, the agreement doesn't.
    let wider = [subject, ("scope", "quotient income")];
    let refused = exchange(&world, &service, Some(&key), "2", &wider).await;
    assert_eq!(refused.error(), "invalid_scope");
}

async fn a_citizen_who_agreed_to_nothing_of_it_gives_no_token(db: Db) {
    let world = world_with_mocks(db).await;
    let (service, _, got) = signed_in(&world, "openid identite_pivot").await;
    let subject = [("subject_token", got.access.as_str())];
    let refused = exchange(&world, &service, Some(&key()), "1", &subject).await;
    assert_eq!(refused.error(), "invalid_scope");
}

async fn a_token_without_a_key_is_refused(db: Db) {
    let world = world_with_mocks(db).await;
    let (service, _, got) = signed_in(&world, "openid quotient").await;
    let subject = [("subject_token", got.access.as_str())];
    let refused = exchange(&world, &service, None, "1", &subject).await;
    assert_eq!(refused.error(), "invalid_request");
}

async fn a_token_of_another_service_is_refused(db: Db) {
    let world = world_with_mocks(db).await;
    let (_, _, got) = signed_in(&world, "openid quotient").await;
    let mut other = behalf_form();
    other.name = "Un autre".into();
    let other = world.service(&other).await;
    let subject = [("subject_token", got.access.as_str())];
    let refused = exchange(&world, &other, Some(&key()), "1", &subject).await;
    assert_eq!(refused.error(), "invalid_request");
    // An identity token is no agreement to call.
    let named = [("subject_token", got.id.as_str())];
    let refused = exchange(&world, &other, Some(&key()), "2", &named).await;
    assert_eq!(refused.error(), "invalid_request");
}

async fn an_ended_session_or_agreement_gives_no_token(db: Db) {
    let world = world_with_mocks(db).await;
    let (service, mut browser, got) = signed_in(&world, "openid quotient").await;
    let page = browser.get(&world, "/citizen").await;
    let id = service.new.id.to_string();
    browser
        .submit(&world, &page, "/citizen/withdraw", &[("service", &id)])
        .await;
    let subject = [("subject_token", got.access.as_str())];
    let refused = exchange(&world, &service, Some(&key()), "1", &subject).await;
    assert_eq!(refused.error(), "invalid_request");
    // Who took back what is in the journal, by its id: others end what they hold.
    assert!(journal(&world).await.contains("\"person\""));
    let asked = [("scope", "openid quotient"), ("acr_values", "eidas2")];
    let got = tokens(&mut browser, &world, &service, &asked, SURE).await;
    let page = browser.get(&world, "/citizen").await;
    browser
        .submit(&world, &page, "/citizen/sign-out", &[])
        .await;
    let subject = [("subject_token", got.access.as_str())];
    let refused = exchange(&world, &service, Some(&key()), "2", &subject).await;
    assert_eq!(refused.error(), "invalid_request");
}

async fn agents_are_called_for_by_nobody(db: Db) {
    let world = world_with_mocks(db).await;
    let mut agents = form();
    agents.advanced.exchanges = true;
    agents.advanced.reaches = EXCHANGE.into();
    let service = world.service(&agents).await;
    let got = world.tokens(&mut Browser::default(), &service, &[]).await;
    let subject = [("subject_token", got.access.as_str())];
    let refused = exchange(&world, &service, Some(&key()), "1", &subject).await;
    assert_eq!(refused.error(), "invalid_target");
}

async fn another_actor_is_refused(db: Db) {
    let world = world_with_mocks(db).await;
    let (service, _, got) = signed_in(&world, "openid quotient").await;
    let subject = [
        ("subject_token", got.access.as_str()),
        ("actor_token", got.access.as_str()),
        ("actor_token_type", ACCESS),
    ];
    let refused = exchange(&world, &service, Some(&key()), "1", &subject).await;
    assert_eq!(refused.error(), "invalid_request");
}

async fn scopes_that_nobody_offers_are_not_registered(db: Db) {
    let world = world_with_mocks(db).await;
    for (scopes, is_agents) in [("unknown_scope", false), ("quotient", true), ("Q", false)] {
        let mut form = behalf_form();
        form.exchange_scopes = scopes.into();
        if is_agents {
            form.audience = "agents".into();
            form.scopes = vec!["openid".into()];
        }
        let refused = world.identity.register(&root(), &form).await.unwrap_err();
        let identity::IdentityError::Mistakes(mistakes) = refused else {
            panic!("{refused:?}")
        };
        let fields: Vec<_> = mistakes.iter().map(|one| one.field).collect();
        assert_eq!(fields, ["exchange_scopes"], "{scopes}");
    }
}

async fn the_citizen_reads_what_is_looked_up(db: Db) {
    let world = world_with_mocks(db).await;
    let service = world.service(&behalf_form()).await;
    let mut browser = Browser::default();
    let asked = [("scope", "openid quotient"), ("acr_values", "eidas2")];
    tokens(&mut browser, &world, &service, &asked, SURE).await;
    // Asked once more, the page says what, and who holds it.
    let again = [asked[0], asked[1], ("prompt", "consent")];
    let page = browser.get(&world, &service.address(&again)).await;
    for told in ["Quotient familial", "Caisse de démonstration"] {
        assert!(page.body.contains(told), "{}", page.body);
    }
}
