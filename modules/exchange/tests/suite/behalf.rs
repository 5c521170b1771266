//! Calls on behalf of citizens: what producers open, what gateways are told, who is sealed in a token,
//! and what the citizen sees.

use std::sync::Arc;

use exchange::domain::Fact;
use exchange::{AccessFilter, AgreementEnds, ExchangeError, OperationForm, ScopeForm};
use jiff::SignedDuration;
use kit_access::Actor;
use kit_db::Db;
use kit_journal::{Change, Journal, Subscribers};
use kit_time::Clock as _;
use ports::exchange::{Accreditations as _, BehalfRequest, OnBehalf, SealedCitizen};
use pseudonym::{BehalfKey, PseudonymKey};
use serde_json::json;
use uuid::Uuid;

use crate::citizen_world::{SUBJECT, elodie, marc, operation_form, sure};
use crate::world::{Published, World, migrations, request, world};

kit_db::on_both_databases!(migrations() =>
    a_producer_opens_an_operation_and_gateways_are_told,
    a_person_named_in_the_path_is_not_called_on_behalf,
    a_published_scope_never_begins_to_tell_the_identity,
    an_accreditation_for_other_modalities_seals_nobody,
    who_is_sealed_opens_with_the_gateways_key, an_ended_session_reaches_gateways,
    an_agreement_taken_back_reaches_gateways, what_ran_out_is_forgotten,
    a_citizen_sees_calls_on_its_behalf, the_catalogue_says_what_is_called_on_behalf,
);

const SERVICE: Uuid = Uuid::from_u128(41);
const SESSION: Uuid = Uuid::from_u128(42);
const SIGN_IN: Uuid = Uuid::from_u128(43);

fn opened() -> OperationForm {
    OperationForm {
        citizen_calls: "open".into(),
        level_min: "3".into(),
        ..operation_form(&SUBJECT)
    }
}

/// An accreditation by these modalities, for an operation that is open to calls on behalf.
async fn accredited(world: &World, modalities: &[&str]) -> (Uuid, Published) {
    let published = world.by_status().await;
    let exchange = &world.exchange;
    exchange
        .describe_operation(&world.producer, published.operation, &opened())
        .await
        .unwrap();
    let mut form = request(&[published.api], &["cnp_montant"]);
    form.modalities = modalities.iter().map(|one| (*one).to_owned()).collect();
    let id = world.submitted(form).await;
    world.approve(id).await;
    (id, published)
}

/// A token that identity would give for the town's only client.
async fn sealed(world: &World, accreditation: Uuid) -> Option<String> {
    let client = world.client(Some(world.town)).await;
    let exchange = &world.exchange;
    exchange
        .name_client(&world.requester, accreditation, &client)
        .await
        .unwrap();
    seal(world, &client).await
}

async fn seal(world: &World, client: &str) -> Option<String> {
    let port = world.exchange.accreditations_port();
    let grant = port.of_client(client, None).await.unwrap().unwrap();
    let request = BehalfRequest {
        grant,
        token: "t1".into(),
        service: SERVICE,
        session: SESSION,
        citizen: SealedCitizen {
            citizen: elodie().citizen,
            sign_in: SIGN_IN,
            level: 2,
            identity: None,
        },
        until: world.clock.now() + SignedDuration::from_secs(300),
    };
    port.on_behalf(request).await.unwrap()
}

/// Something that identity writes into the journal, and what follows from it.
async fn journal(world: &World, change: Change<'_>) {
    // A seed of its own each time, for an id of its own.
    let seed = 99 + Journal::head(&world.db).await.unwrap().unsigned_abs();
    let source = kit_time::Source::with_clock(world.clock.clone(), seed);
    let mut tx = world.db.begin().await.unwrap();
    let actor = Actor::system("identity");
    Journal::new(source)
        .append(&mut tx, &actor, change)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let ends = Arc::new(AgreementEnds(world.exchange.clone()));
    Subscribers::new(world.db.clone(), vec![ends])
        .run_once()
        .await
        .unwrap();
}

async fn a_producer_opens_an_operation_and_gateways_are_told(db: Db) {
    let world = world(db).await;
    let (_, published) = accredited(&world, &["citizen-session"]).await;
    let snapshot = world.exchange.snapshot().await.unwrap();
    let mut apis = snapshot.apis.iter();
    let api = apis.find(|api| api.id == published.api).unwrap();
    let operation = &api.operations[0];
    assert_eq!(
        (operation.on_behalf, operation.level_min),
        (OnBehalf::Open, 3)
    );
    assert!(snapshot.accreditations[0].on_behalf);
    let key = snapshot.behalf.unwrap().key;
    assert_eq!(key.len(), 64);
    let again = world.exchange.snapshot().await.unwrap().behalf.unwrap();
    assert_eq!(
        again.key, key,
        "producers know people by names made from it"
    );
}

async fn a_person_named_in_the_path_is_not_called_on_behalf(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let form = OperationForm {
        citizen_calls: "only".into(),
        ..operation_form(&[("path:numero", Fact::FamilyName)])
    };
    let refused = world
        .exchange
        .describe_operation(&world.producer, quotient.operation, &form)
        .await;
    let Err(ExchangeError::Mistakes(mistakes)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(mistakes[0].field, "citizen_calls");
}

async fn a_published_scope_never_begins_to_tell_the_identity(db: Db) {
    let world = world(db).await;
    let published = world.by_status().await;
    let whole = world.exchange.snapshot().await.unwrap();
    assert!(
        whole
            .apis
            .iter()
            .all(|api| api.operations[0].scopes.iter().all(|s| !s.tells_identity))
    );
    let scopes = world
        .exchange
        .scopes(&world.producer, published.api)
        .await
        .unwrap();
    let form = ScopeForm {
        tells_identity: true,
        code: String::new(),
        label: "Montant".into(),
        fields: vec![("getPrestations".into(), "montant".into())],
    };
    let refused = world
        .exchange
        .change_scope(&world.producer, scopes[0].id, &form)
        .await;
    let Err(ExchangeError::Mistakes(mistakes)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(mistakes[0].field, "tells_identity");
}

async fn an_accreditation_for_other_modalities_seals_nobody(db: Db) {
    let world = world(db).await;
    let (id, _) = accredited(&world, &["parameters"]).await;
    assert_eq!(sealed(&world, id).await, None);
    let snapshot = world.exchange.snapshot().await.unwrap();
    assert!(!snapshot.accreditations[0].on_behalf);
}

async fn who_is_sealed_opens_with_the_gateways_key(db: Db) {
    let world = world(db).await;
    let (id, _) = accredited(&world, &["citizen-session"]).await;
    let sealed = sealed(&world, id).await.unwrap();
    let snapshot = world.exchange.snapshot().await.unwrap();
    let key = BehalfKey::parse(&snapshot.behalf.unwrap().key).unwrap();
    let opened = key.open("t1", &sealed).unwrap();
    let citizen: SealedCitizen = serde_json::from_slice(&opened).unwrap();
    assert_eq!(citizen.citizen, elodie().citizen);
    assert!(!sealed.contains(&elodie().citizen.to_string()));
    assert_eq!(key.open("t2", &sealed), None);
}

async fn an_ended_session_reaches_gateways(db: Db) {
    let world = world(db).await;
    let (id, _) = accredited(&world, &["citizen-session"]).await;
    sealed(&world, id).await.unwrap();
    let before = world.exchange.snapshot_number().await.unwrap();
    let other = Change::new(
        "identity.citizen_session.end",
        "session",
        Uuid::from_u128(7),
    );
    journal(&world, other).await;
    assert_eq!(world.exchange.snapshot_number().await.unwrap(), before);
    let ends = Change::new("identity.citizen_session.end", "session", SESSION);
    journal(&world, ends).await;
    assert!(world.exchange.snapshot_number().await.unwrap() > before);
    let snapshot = world.exchange.snapshot().await.unwrap();
    assert_eq!(snapshot.behalf.unwrap().ended, [SIGN_IN]);
}

async fn an_agreement_taken_back_reaches_gateways(db: Db) {
    let world = world(db).await;
    let (id, _) = accredited(&world, &["citizen-session"]).await;
    let client = world.client(Some(world.town)).await;
    world
        .exchange
        .name_client(&world.requester, id, &client)
        .await
        .unwrap();
    seal(&world, &client).await.unwrap();
    for (person, ended) in [(marc(), 0), (elodie(), 1)] {
        let taken = Change::new("identity.consent.withdraw", "service", SERVICE)
            .after(json!({ "person": person.citizen }));
        journal(&world, taken).await;
        let snapshot = world.exchange.snapshot().await.unwrap();
        assert_eq!(snapshot.behalf.unwrap().ended.len(), ended);
    }
    // What ended begins no more.
    assert_eq!(seal(&world, &client).await, None);
}

async fn what_ran_out_is_forgotten(db: Db) {
    let world = world(db).await;
    let (id, _) = accredited(&world, &["citizen-session"]).await;
    sealed(&world, id).await.unwrap();
    let ends = Change::new("identity.sign_in.revoke", "sign-in", SIGN_IN);
    journal(&world, ends).await;
    let ended = || async {
        let snapshot = world.exchange.snapshot().await.unwrap();
        snapshot.behalf.unwrap().ended.len()
    };
    assert_eq!(ended().await, 1);
    world.clock.advance(SignedDuration::from_secs(361));
    assert_eq!(ended().await, 0);
}

async fn a_citizen_sees_calls_on_its_behalf(db: Db) {
    let world = world(db).await;
    let (id, published) = accredited(&world, &["citizen-session"]).await;
    let snapshot = world.exchange.snapshot().await.unwrap();
    let mut apis = snapshot.apis.iter();
    let api = apis.find(|api| api.id == published.api).unwrap();
    let key = PseudonymKey::parse(&api.pseudonym_key).unwrap();
    let subject = pseudonym::hex(&key.citizen(elodie().citizen.as_bytes()));
    let trace = world.trace_of(&published, id, &subject);
    world
        .exchange
        .keep_traces("log", 0, &[trace])
        .await
        .unwrap();
    let all = AccessFilter::default();
    let seen = |who| {
        let (exchange, who) = (world.exchange.clone(), sure(who));
        async move { exchange.accesses(&who, &all, None, 10).await.unwrap() }
    };
    let found = seen(elodie()).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].requester, "Commune de Valclair");
    assert_eq!(found[0].outcome.code(), "given");
    assert!(seen(marc()).await.is_empty());
}

async fn the_catalogue_says_what_is_called_on_behalf(db: Db) {
    let world = world(db).await;
    let (_, published) = accredited(&world, &["citizen-session"]).await;
    let page = world
        .get(&format!("/exchange/apis/{}", published.api), "")
        .await;
    assert!(page.body.contains("à partir du niveau Élevé (eidas3)"));
    let path = format!("/api/v1/exchange/apis/{}", published.api);
    let answer = world.get(&path, "").await;
    let answer: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer["operations"][0]["citizen_calls"], "open");
    assert_eq!(answer["operations"][0]["level_min"], 3);
}
