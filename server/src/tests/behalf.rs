//! Calls on behalf of a citizen, whole: the sign-in, the agreement, the token, the gateway, the
//! producer, the trace, what each side reads of it, and the end.

use std::sync::Arc;

use exchange::{AgreementEnds, KeptTrace, Side, TraceFilter};
use gateway::domain::PseudonymKey;
use identity::domain::{AdvancedForm, ClientForm};
use identity::{NewService, SessionEnds};
use jose::jwk::SigningKey;
use kit_db::Db;
use kit_http::StatusCode;
use kit_journal::{Subscriber, Subscribers};
use ports::{CITIZEN_COOKIE, Citizens as _};
use pseudonym::{BehalfKey, hex};
use serde_json::{Value, json};

use super::citizen::{Browser, between};
use super::environment::claims;
use super::market::{AUDIENCE, Market, PERSON, TOWN_SIRET, WHY, key, system, until};
use crate::app::migrations;

kit_db::on_both_databases!(migrations() =>
    a_citizen_is_called_for_reads_it_and_ends_it, what_was_not_agreed_to_is_told_to_nobody,
    whoever_is_not_sure_enough_is_called_for_by_nobody,
);

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const ALL: &str = "openid identite_pivot cnp_quotient cnp_adresse";

/// A service of citizens that looks up what they agree to.
async fn service(market: &Market) -> NewService {
    let form = ClientForm {
        name: "Mes aides".to_owned(),
        audience: "citizens".to_owned(),
        scopes: vec!["openid".to_owned(), "identite_pivot".to_owned()],
        exchange_scopes: "cnp_quotient cnp_adresse".to_owned(),
        advanced: AdvancedForm {
            exchanges: true,
            reaches: AUDIENCE.to_owned(),
            ..AdvancedForm::default()
        },
        ..ClientForm::default()
    };
    market.service(form).await
}

fn member(body: &str, name: &str) -> String {
    let told: Value = serde_json::from_str(body).unwrap();
    let found = told[name].as_str();
    found.unwrap_or_else(|| panic!("{body}")).to_owned()
}

/// The citizen's token: she signs in to the service and agrees to these scopes.
async fn agreed(
    market: &Market,
    browser: &mut Browser,
    service: &NewService,
    scope: &str,
    level: &str,
) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &service.client_id)
        .append_pair("redirect_uri", "https://s.example/cb")
        .append_pair("scope", scope)
        .append_pair("acr_values", level)
        .append_pair("state", "st")
        .append_pair("nonce", "no")
        .finish();
    let code = browser.sign_in(&format!("/api/v2/authorize?{query}")).await;
    let grant = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://s.example/cb"),
    ];
    let answer = market.token(service, None, &grant).await;
    member(&answer.body, "access_token")
}

/// What the platform answers when the service exchanges the citizen's token.
async fn exchanged(
    market: &Market,
    service: &NewService,
    key: &SigningKey,
    citizens: &str,
) -> (StatusCode, String) {
    let accreditation = market.accreditation.to_string();
    let grant = [
        ("grant_type", TOKEN_EXCHANGE),
        ("resource", AUDIENCE),
        ("subject_token", citizens),
        ("subject_token_type", ACCESS),
        ("accreditation", accreditation.as_str()),
    ];
    let answer = market.token(service, Some(key), &grant).await;
    (answer.status, answer.body)
}

async fn traces(market: &Market, side: Side, count: usize) -> Vec<KeptTrace> {
    let exchange = &market.platform.exchange;
    let (filter, actor) = (TraceFilter::default(), system());
    until(async || {
        let found = exchange.search_traces(&actor, &side, &filter, None, 10);
        let mut found = found.await.unwrap();
        // Without a token it was asked before, to see whether it answers.
        found.retain(|one| one.trace.problem.as_deref() != Some("token-missing"));
        (found.len() >= count).then_some(found)
    })
    .await
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(found, _)| *found == name);
    found.map(|(_, value)| value.to_owned())
}

/// What follows from the journal, which the platform does every second by itself.
async fn follow(market: &Market) {
    let all: Vec<Arc<dyn Subscriber>> = vec![
        Arc::new(SessionEnds(market.platform.identity.clone())),
        Arc::new(AgreementEnds(market.platform.exchange.clone())),
    ];
    let subscribers = Subscribers::new(market.platform.db.clone(), all);
    subscribers.run_once().await.unwrap();
}

async fn a_citizen_is_called_for_reads_it_and_ends_it(db: Db) {
    let market = Market::open(&db, "production").await;
    let (service, key) = (service(&market).await, key());
    let gateway = market.gateway().await;
    let mut browser = Browser::new(&market.app, "eidas2");
    let citizens = agreed(&market, &mut browser, &service, ALL, "eidas2").await;
    let (status, body) = exchanged(&market, &service, &key, &citizens).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let token = member(&body, "access_token");
    let said = claims(&market, &token).await;
    let acts = json!({ "sub": service.client_id });
    assert_eq!(said.get("act"), Some(&acts));
    assert!(!body.contains("Fonteneau"), "who it is, is sealed");

    let (status, given) = market.call(&gateway, WHY, &token, &key).await;
    assert_eq!(status, 200, "{given}");
    assert_eq!(given["data"]["quotientFamilial"], 850);
    assert_eq!(given["data"]["adresse"]["commune"], "Valclair");

    // The producer: its own name for her, how sure, and who she is, since she agreed.
    let port = market.platform.identity.citizens_port();
    let cookie = browser.cookie(CITIZEN_COOKIE).to_owned();
    let she = port.of_cookie(&cookie).await.unwrap().unwrap();
    let snapshot = market.platform.exchange.snapshot().await.unwrap();
    let of_exchange = BehalfKey::parse(&snapshot.behalf.unwrap().key).unwrap();
    let asked = market.asked.lock().unwrap().last().unwrap().clone();
    let subject = of_exchange.subject(market.producer.as_bytes(), she.citizen.as_bytes());
    assert_eq!(header(&asked, "citizen-subject"), Some(hex(&subject)));
    assert_eq!(header(&asked, "citizen-level").as_deref(), Some("eidas2"));
    assert!(header(&asked, "citizen-identity").is_some());
    for kept in [&she.citizen.to_string(), said.text("sub").unwrap(), WHY] {
        assert!(!asked.contains(kept), "{kept} in {asked}");
    }

    // The trace says so to the producer and to the requester.
    let of_producer = Side::Producer(market.producer);
    let found = traces(&market, of_producer.clone(), 1).await;
    let of_api = PseudonymKey::parse(&snapshot.apis[0].pseudonym_key).unwrap();
    let pseudonym = hex(&of_api.citizen(she.citizen.as_bytes()));
    assert_eq!(found[0].trace.subject, Some(pseudonym));
    assert!(found[0].trace.on_behalf);
    let own = traces(&market, Side::Requester(TOWN_SIRET.to_owned()), 1).await;
    assert!(own[0].trace.on_behalf);
    assert_eq!(own[0].trace.subject, None);
    let exchange = &market.platform.exchange;
    let filter = TraceFilter::default();
    let file = exchange.traces_csv(&system(), &of_producer, &filter).await;
    let file = String::from_utf8(file.unwrap()).unwrap();
    let mut lines = file.trim_end().lines();
    assert!(lines.next().unwrap().ends_with("on_behalf"));
    assert!(lines.next().unwrap().ends_with("true"), "{file}");

    // One in which the town named her by itself has no such mark.
    let itself = ClientForm {
        name: "Logiciel de la cantine".to_owned(),
        scopes: vec!["openid".to_owned()],
        acts_for_itself: true,
        ..ClientForm::default()
    };
    let itself = market.service(itself).await;
    let grant = [("grant_type", "client_credentials"), ("resource", AUDIENCE)];
    let answer = market.token(&itself, Some(&key), &grant).await;
    let plain = member(&answer.body, "access_token");
    let hers = PERSON.replace("Elodie", &she.given_names.replace(' ', "%20"));
    let query = format!("{hers}&{WHY}");
    let called = until(async || {
        // The gateway hears of the client a moment later.
        let (status, told) = market.call(&gateway, &query, &plain, &key).await;
        (status == 200 || told["code"] != "client-not-allowed").then_some((status, told))
    });
    let (status, told) = called.await;
    assert_eq!(status, 200, "{told}");

    // What she reads: both, one of them in her name.
    let page = until(async || {
        let page = browser.get("/citizen/accesses").await;
        (page.body.matches("/citizen/access?").count() == 2).then_some(page)
    })
    .await;
    assert_eq!(
        page.body.matches("en votre nom").count(),
        1,
        "{}",
        page.body
    );
    let file = browser.get("/citizen/accesses.json").await;
    let told: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(told[0]["on_behalf"], false);
    assert_eq!(told[1]["on_behalf"], true);
    let href = page.body.rsplit("/citizen/access?").next().unwrap();
    let href = href.split('"').next().unwrap().replace("&#38;", "&");
    let one = browser.get(&format!("/citizen/access?{href}")).await;
    assert!(one.body.contains("vous étiez connecté"), "{}", one.body);

    // Her session's end ends it, at the gateway and at the token endpoint.
    let page = browser.get("/citizen").await;
    assert_ne!(
        between(&page.body, "name=\"csrf_token\" value=\"", "\""),
        ""
    );
    browser.submit(&page, "/citizen/sign-out", &[]).await;
    follow(&market).await;
    let ended = until(async || {
        let (status, told) = market.call(&gateway, WHY, &token, &key).await;
        (status != 200).then_some((status, told))
    });
    let (status, told) = ended.await;
    assert_eq!((status, &told["code"]), (403, &json!("consent-ended")));
    let (status, body) = exchanged(&market, &service, &key, &citizens).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
}

async fn what_was_not_agreed_to_is_told_to_nobody(db: Db) {
    let market = Market::open(&db, "production").await;
    let (service, key) = (service(&market).await, key());
    let gateway = market.gateway().await;
    let mut browser = Browser::new(&market.app, "eidas2");
    let less = "openid identite_pivot cnp_quotient";
    let citizens = agreed(&market, &mut browser, &service, less, "eidas2").await;
    let (_, body) = exchanged(&market, &service, &key, &citizens).await;
    let token = member(&body, "access_token");
    let (status, given) = market.call(&gateway, WHY, &token, &key).await;
    assert_eq!(status, 200, "{given}");
    assert_eq!(given["data"], json!({ "quotientFamilial": 850 }));
    let asked = market.asked.lock().unwrap().last().unwrap().clone();
    assert!(header(&asked, "citizen-subject").is_some());
    assert_eq!(header(&asked, "citizen-identity"), None, "no scope says so");
    // A name in the parameters would be of somebody else.
    let query = format!("{PERSON}&{WHY}");
    let (status, told) = market.call(&gateway, &query, &token, &key).await;
    assert_eq!((status, &told["code"]), (422, &json!("parameter-invalid")));
}

async fn whoever_is_not_sure_enough_is_called_for_by_nobody(db: Db) {
    let market = Market::open(&db, "production").await;
    let (service, key) = (service(&market).await, key());
    let gateway = market.gateway().await;
    let mut browser = Browser::new(&market.app, "eidas1");
    let citizens = agreed(&market, &mut browser, &service, ALL, "eidas1").await;
    let (_, body) = exchanged(&market, &service, &key, &citizens).await;
    let token = member(&body, "access_token");
    let (status, told) = market.call(&gateway, WHY, &token, &key).await;
    assert_eq!((status, &told["code"]), (403, &json!("level-too-low")));
    assert!(market.asked.lock().unwrap().is_empty(), "nobody was asked");
    let found = traces(&market, Side::Producer(market.producer), 1).await;
    assert!(found[0].trace.on_behalf, "also of what was refused");
}
