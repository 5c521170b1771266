//! The life of an accreditation, through the module's acts.

use exchange::domain::{Act, ApiStatus, RequestState, Standing, Step};
use exchange::{Details, ExchangeError, NewRequest};
use jiff::SignedDuration;
use kit_db::Db;

use crate::world::{EDITOR_SIRET, TAX_SIRET, migrations, request, root, terms, world};

kit_db::on_both_databases!(migrations() =>
    one_request_for_two_producers_is_approved, a_draft_keeps_mistakes_and_all,
    changes_are_asked_for_and_made, a_refused_extension_leaves_the_version,
    an_approved_extension_replaces_it, renewal_keeps_all_in_one_act, a_version_never_changes,
    a_transfer_takes_clients_away, a_copy_is_a_new_request, decisions_are_measured,
    a_stale_decision_is_refused, an_editor_acts_until_it_is_taken_back,
    a_withdrawn_api_is_not_asked_for,
);

fn keys(error: ExchangeError) -> Vec<&'static str> {
    match error {
        ExchangeError::Mistakes(mistakes) => mistakes.into_iter().map(|one| one.key).collect(),
        error => panic!("{error}"),
    }
}

async fn one_request_for_two_producers_is_approved(db: Db) {
    let world = world(db).await;
    let (id, quotient, revenu) = world.accredited().await;
    let one = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    assert_eq!(one.life.request, RequestState::Approved);
    assert_eq!(one.number, 1);
    let snapshot = world.exchange.snapshot().await.unwrap();
    let [grant] = snapshot.accreditations.as_slice() else {
        panic!("one grant")
    };
    assert_eq!((grant.id, grant.version, grant.per_minute), (id, 1, 20));
    let granted: Vec<_> = grant
        .apis
        .iter()
        .map(|one| (one.api, one.scopes.clone()))
        .collect();
    assert!(granted.contains(&(quotient.api, vec!["cnp_quotient".to_owned()])));
    assert!(granted.contains(&(revenu.api, vec!["impots_revenu".to_owned()])));
    // Those whom it concerns were told: the desk of the request, the author and contacts of the
    // decision, and the producer.
    let told: Vec<String> = world.mails().await.into_iter().map(|(to, _)| to).collect();
    for address in [
        "ines.inst@x.example",
        "rosa.req@x.example",
        "contact0@town.example",
        "paul.prod@x.example",
    ] {
        assert!(told.iter().any(|to| to == address), "{address}: {told:?}");
    }
    assert!(
        !told.iter().any(|to| to == "contact2@town.example"),
        "the officer isn't bothered"
    );
}

async fn a_draft_keeps_mistakes_and_all(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let new = NewRequest {
        requester: world.town,
        api: Some(quotient.api),
    };
    let id = world
        .exchange
        .begin_request(&world.requester, new)
        .await
        .unwrap();
    let one = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    assert_eq!(
        one.form.legal_text, "CRPA, article L114-8",
        "the producer's proposal"
    );
    let mut form = request(&[quotient.api], &["cnp_quotient"]);
    form.recipients = "13002526500031".into();
    form.retention_months = "60".into();
    let mistakes = world
        .exchange
        .save_step(&world.requester, id, 1, Step::Legal, form.clone())
        .await
        .unwrap();
    let found: Vec<_> = mistakes.iter().map(|one| (one.field, one.key)).collect();
    assert_eq!(
        found,
        [
            ("recipients", "exchange-mistake-siret"),
            ("retention_reason", "exchange-mistake-missing")
        ]
    );
    let one = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    assert_eq!(one.form, form, "nothing typed is lost");
    let refused = world.try_act(&world.requester, id, Act::Submit, "").await;
    assert_eq!(keys(refused.unwrap_err()).len(), 2);
    // A draft is its author's: neither the desk nor the producer sees it.
    for actor in [&world.instructor, &world.producer] {
        let hidden = world.exchange.accreditation(actor, id).await;
        assert!(matches!(hidden, Err(ExchangeError::NotFound)));
    }
    let mut huge = form;
    huge.description = "x".repeat(200_000);
    let version = world.version(id).await;
    let huge = world
        .exchange
        .save_step(&world.requester, id, version, Step::Project, huge)
        .await;
    assert_eq!(keys(huge.unwrap_err()), ["exchange-mistake-form-bytes"]);
}

async fn changes_are_asked_for_and_made(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let id = world
        .submitted(request(&[quotient.api], &["cnp_quotient"]))
        .await;
    let unexplained = world
        .try_act(&world.instructor, id, Act::AskChanges, " ")
        .await;
    assert_eq!(keys(unexplained.unwrap_err()), ["exchange-mistake-missing"]);
    world
        .act(&world.instructor, id, Act::AskChanges, "Précisez l’usage.")
        .await;
    let one = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    assert_eq!(one.life.request, RequestState::ToChange);
    let first = one.submitted_at;
    let mut form = one.form.clone();
    form.purposes = "cantine : Tarif des repas de la cantine municipale".into();
    let version = world.version(id).await;
    world
        .exchange
        .save_step(&world.requester, id, version, Step::Project, form)
        .await
        .unwrap();
    world.clock.advance(SignedDuration::from_hours(48));
    world.act(&world.requester, id, Act::Submit, "").await;
    let one = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    assert_eq!(
        one.submitted_at, first,
        "the time goes on from the first sending"
    );
    // 4 March and fifteen working days.
    assert_eq!(one.due_on.unwrap().to_string(), "2026-03-25");
    world.approve(id).await;
    // What impact is measured from: of each API, a decision and its days.
    let filter = kit_journal::Filter {
        action: Some("exchange.decision.count".into()),
        ..kit_journal::Filter::default()
    };
    let told = kit_journal::Journal::browse(&world.db, &filter, None, 10);
    let told = told.await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].subject.id, quotient.api.to_string());
    let after = told[0].after.as_ref().unwrap();
    assert_eq!(
        (after["decided"].as_i64(), after["days"].as_i64()),
        (Some(1), Some(2))
    );
}

async fn a_refused_extension_leaves_the_version(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let before = world.exchange.snapshot().await.unwrap().accreditations;
    world.act(&world.requester, id, Act::Reopen, "").await;
    let mut form = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap()
        .form;
    form.scopes.push("cnp_enfants".into());
    let version = world.version(id).await;
    world
        .exchange
        .save_step(&world.requester, id, version, Step::Data, form)
        .await
        .unwrap();
    world.act(&world.requester, id, Act::Submit, "").await;
    world
        .act(
            &world.instructor,
            id,
            Act::Refuse,
            "Pas nécessaire à l’usage dit.",
        )
        .await;
    let after = world.exchange.snapshot().await.unwrap().accreditations;
    assert_eq!(before, after);
    let one = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    assert_eq!(one.life.request, RequestState::Refused);
    assert_eq!(one.life.granted.unwrap().standing, Standing::InForce);
    assert!(
        one.form.scopes.contains(&"cnp_enfants".to_owned()),
        "what was typed is kept"
    );
}

async fn an_approved_extension_replaces_it(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    world.act(&world.requester, id, Act::Reopen, "").await;
    let mut form = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap()
        .form;
    form.scopes.push("cnp_enfants".into());
    let version = world.version(id).await;
    world
        .exchange
        .save_step(&world.requester, id, version, Step::Data, form)
        .await
        .unwrap();
    // Nothing more flows before the decision.
    let scopes = async || {
        let snapshot = world.exchange.snapshot().await.unwrap();
        let grant = snapshot.accreditations[0].clone();
        let scopes: Vec<String> = grant.apis.into_iter().flat_map(|one| one.scopes).collect();
        (grant.version, scopes.contains(&"cnp_enfants".to_owned()))
    };
    assert_eq!(scopes().await, (1, false));
    world.act(&world.requester, id, Act::Submit, "").await;
    assert_eq!(scopes().await, (1, false));
    world.approve(id).await;
    assert_eq!(scopes().await, (2, true));
}

async fn renewal_keeps_all_in_one_act(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let granted = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    world.clock.advance(SignedDuration::from_hours(24 * 700));
    world.act(&world.requester, id, Act::Renew, "").await;
    let one = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    assert_eq!(one.life.request, RequestState::Submitted);
    let (before, after) = (&granted.form, &one.form);
    assert_eq!(
        (&before.title, &before.apis.len()),
        (&after.title, &after.apis.len())
    );
    assert_eq!(before.contacts, after.contacts);
    world.approve(id).await;
    let renewed = world
        .exchange
        .accreditation(&world.requester, id)
        .await
        .unwrap();
    let (old, new) = (granted.life.granted.unwrap(), renewed.life.granted.unwrap());
    assert!(new.valid_until > old.valid_until && new.version == 2);
}

async fn a_version_never_changes(db: Db) {
    let world = world(db.clone()).await;
    let (id, _, _) = world.accredited().await;
    for sql in [
        "UPDATE exchange_version SET content = '{}' WHERE accreditation_id = $1",
        "DELETE FROM exchange_version WHERE accreditation_id = $1",
    ] {
        let changed = kit_db::Statement::new("test.change", sql)
            .bind(id)
            .execute(&db)
            .await;
        assert!(changed.is_err(), "{sql}");
    }
}

async fn a_transfer_takes_clients_away(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let client = world.client(Some(world.town)).await;
    world
        .exchange
        .name_client(&world.requester, id, &client)
        .await
        .unwrap();
    let details = Details {
        reason: "Fusion de communes.".into(),
        terms: None,
        to: TAX_SIRET.into(),
    };
    let version = world.version(id).await;
    world
        .exchange
        .act(&world.instructor, id, version, Act::Transfer, &details)
        .await
        .unwrap();
    let snapshot = world.exchange.snapshot().await.unwrap();
    let grant = &snapshot.accreditations[0];
    assert_eq!((grant.version, grant.requester.id), (2, world.tax));
    assert!(grant.clients.is_empty());
    let gone = world.exchange.accreditation(&world.requester, id).await;
    assert!(matches!(gone, Err(ExchangeError::NotFound)));
}

async fn a_copy_is_a_new_request(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    world
        .act(
            &world.instructor,
            id,
            Act::Revoke,
            "Usage contraire à la demande.",
        )
        .await;
    assert!(
        world
            .exchange
            .snapshot()
            .await
            .unwrap()
            .accreditations
            .is_empty()
    );
    for act in [Act::Reopen, Act::Renew] {
        let refused = world.try_act(&world.requester, id, act, "").await;
        assert!(matches!(refused, Err(ExchangeError::Impossible(_))));
    }
    let copy = world
        .exchange
        .copy_request(&world.requester, id)
        .await
        .unwrap();
    let copied = world
        .exchange
        .accreditation(&world.requester, copy)
        .await
        .unwrap();
    assert_eq!(
        (copied.number, copied.life.request),
        (2, RequestState::Draft)
    );
    assert_eq!(copied.title, "Tarif de la cantine");
    world.act(&world.requester, copy, Act::Submit, "").await;
}

async fn decisions_are_measured(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    for days in [2, 4, 30] {
        let id = world
            .submitted(request(&[quotient.api], &["cnp_quotient"]))
            .await;
        world.clock.advance(SignedDuration::from_hours(24 * days));
        world.approve(id).await;
    }
    let waiting = world
        .submitted(request(&[quotient.api], &["cnp_quotient"]))
        .await;
    world.clock.advance(SignedDuration::from_hours(24 * 40));
    world
        .exchange
        .assign(&world.instructor, waiting, None)
        .await
        .unwrap();
    let cookies = world.signed_in("ines.inst@x.example").await;
    let page = world.get("/exchange/queue", &cookies).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for shown in [
        "4,0 jours",
        "30,0 jours",
        "40,0 jours",
        "En retard",
        "Inès Inst",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    assert!(!page.body.contains('⟦'));
}

async fn a_stale_decision_is_refused(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let id = world
        .submitted(request(&[quotient.api], &["cnp_quotient"]))
        .await;
    let seen = world.version(id).await;
    // The author takes it back, widens it and sends it again while the instructor reads.
    world.act(&world.requester, id, Act::Withdraw, "").await;
    world.act(&world.requester, id, Act::Reopen, "").await;
    world.act(&world.requester, id, Act::Submit, "").await;
    let details = Details {
        terms: Some(terms()),
        ..Details::default()
    };
    let act = world.approval();
    let stale = world
        .exchange
        .act(&world.instructor, id, seen, act, &details)
        .await;
    assert!(matches!(stale, Err(ExchangeError::Stale)));
    assert!(
        world
            .exchange
            .snapshot()
            .await
            .unwrap()
            .accreditations
            .is_empty()
    );
}

async fn an_editor_acts_until_it_is_taken_back(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let mut form = request(&[quotient.api], &["cnp_quotient"]);
    form.editor = EDITOR_SIRET.into();
    let id = world.submitted(form).await;
    world.approve(id).await;
    let role = ports::roles::DATA_REQUESTER;
    let editor =
        crate::world::person(&world.directory, "Edith Edit", role, Some(world.editor)).await;
    let client = world.client(Some(world.editor)).await;
    world
        .exchange
        .name_client(&editor, id, &client)
        .await
        .unwrap();
    let grant = world.exchange.snapshot().await.unwrap().accreditations[0].clone();
    assert_eq!(grant.editor.unwrap().siret, EDITOR_SIRET);
    assert_eq!(grant.clients, std::slice::from_ref(&client));
    // It uses; it doesn't decide for the requester.
    let denied = world.try_act(&editor, id, Act::Reopen, "").await;
    assert!(matches!(denied, Err(ExchangeError::Denied(_))));
    let version = world.version(id).await;
    world
        .exchange
        .take_back_delegation(&world.requester, id, version)
        .await
        .unwrap();
    let grant = world.exchange.snapshot().await.unwrap().accreditations[0].clone();
    assert_eq!((grant.editor, grant.clients.len()), (None, 0));
    let gone = world.exchange.accreditation(&editor, id).await;
    assert!(matches!(gone, Err(ExchangeError::NotFound)));
}

async fn a_withdrawn_api_is_not_asked_for(db: Db) {
    let world = world(db).await;
    let (id, quotient, revenu) = world.accredited().await;
    let exchange = &world.exchange;
    exchange
        .set_status(&root(), quotient.api, ApiStatus::Deprecated)
        .await
        .unwrap();
    // Who has it keeps it, and may renew it.
    world.act(&world.requester, id, Act::Renew, "").await;
    world.approve(id).await;
    let new = NewRequest {
        requester: world.town,
        api: None,
    };
    let other = exchange.begin_request(&world.requester, new).await.unwrap();
    let form = request(&[quotient.api], &["cnp_quotient"]);
    let mistakes = exchange
        .save_step(&world.requester, other, 1, Step::Data, form)
        .await
        .unwrap();
    assert!(
        mistakes
            .iter()
            .any(|one| one.key == "exchange-mistake-api-closed")
    );
    exchange
        .set_status(&root(), quotient.api, ApiStatus::Withdrawn)
        .await
        .unwrap();
    let snapshot = exchange.snapshot().await.unwrap();
    let apis: Vec<_> = snapshot.apis.iter().map(|api| api.id).collect();
    assert_eq!(apis, [revenu.api]);
    let granted: Vec<_> = snapshot.accreditations[0]
        .apis
        .iter()
        .map(|one| one.api)
        .collect();
    assert_eq!(granted, [revenu.api]);
}
