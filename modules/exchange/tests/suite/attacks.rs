//! Attacks, each by its name.

use exchange::domain::{Act, Step};
use exchange::{ExchangeError, NewApi, NewRequest};
use kit_db::Db;
use ports::roles::{ADMINISTRATOR, DATA_REQUESTER};

use crate::world::{QUOTIENT, TOWN_SIRET, migrations, person, request, world};

kit_db::on_both_databases!(migrations() =>
    accrediting_oneself_is_refused, another_organisations_request_is_hidden,
    naming_somebody_elses_client_is_refused, forging_an_act_through_its_page_is_refused,
    markup_in_a_request_stays_text, a_remote_reference_is_never_followed,
    a_line_break_in_a_title_forges_no_mail, a_request_in_anothers_name_is_refused,
    a_key_of_another_accreditation_is_not_revoked,
);

async fn accrediting_oneself_is_refused(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    // Somebody who holds both roles.
    let chief = person(&world.directory, "Chloé Chef", ADMINISTRATOR, None).await;
    let new = NewRequest {
        requester: world.town,
        api: None,
    };
    let id = world.exchange.begin_request(&chief, new).await.unwrap();
    let form = request(&[quotient.api], &["cnp_quotient"]);
    world
        .exchange
        .save_step(&chief, id, 1, Step::Data, form)
        .await
        .unwrap();
    world.act(&chief, id, Act::Submit, "").await;
    for act in [world.approval(), Act::Refuse] {
        let refused = world.try_act(&chief, id, act, "Parce que.").await;
        let Err(ExchangeError::Mistakes(mistakes)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(mistakes[0].key, "exchange-mistake-own-request");
    }
    // A requester can't decide at all, nor a producer.
    for actor in [&world.requester, &world.producer] {
        let denied = world.try_act(actor, id, world.approval(), "").await;
        assert!(
            matches!(denied, Err(ExchangeError::Denied(_))),
            "{denied:?}"
        );
    }
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

async fn another_organisations_request_is_hidden(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let stranger = person(
        &world.directory,
        "Sam Autre",
        DATA_REQUESTER,
        Some(world.tax),
    )
    .await;
    let hidden = world.exchange.accreditation(&stranger, id).await;
    assert!(matches!(hidden, Err(ExchangeError::NotFound)));
    let said = world.exchange.say(&stranger, id, "Bonjour").await;
    assert!(matches!(said, Err(ExchangeError::NotFound)));
    let cookies = world.signed_in("sam.autre@x.example").await;
    for path in ["", "/form/data", "/acts/revoke", "/versions/1"] {
        let path = format!("/exchange/requests/{id}{path}");
        assert_eq!(world.get(&path, &cookies).await.status, 404, "{path}");
    }
    let key = world.exchange.make_key(&stranger, id, "x").await;
    assert!(matches!(key, Err(ExchangeError::NotFound)));
}

async fn naming_somebody_elses_client_is_refused(db: Db) {
    let world = world(db).await;
    let (id, _, _) = world.accredited().await;
    let foreign = world.client(Some(world.tax)).await;
    let nobodys = world.client(None).await;
    for client in [
        foreign.as_str(),
        &nobodys,
        "inconnu",
        "",
        "'; DROP TABLE x; --",
    ] {
        let refused = world
            .exchange
            .name_client(&world.requester, id, client)
            .await;
        assert!(
            matches!(refused, Err(ExchangeError::Mistakes(_))),
            "{client}"
        );
    }
    assert!(
        world.exchange.snapshot().await.unwrap().accreditations[0]
            .clients
            .is_empty()
    );
}

async fn forging_an_act_through_its_page_is_refused(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let id = world
        .submitted(request(&[quotient.api], &["cnp_quotient"]))
        .await;
    let cookies = world.signed_in("rosa.req@x.example").await;
    let version = world.version(id).await.to_string();
    let fields = [
        ("version", version.as_str()),
        ("months", "60"),
        ("per_minute", "100000"),
        ("per_day", "100000000"),
        ("keys", "yes"),
    ];
    let path = format!("/exchange/requests/{id}/acts/approve");
    assert_eq!(world.post(&path, &cookies, &fields).await.status, 403);
    let path = format!("/exchange/requests/{id}/acts/expire");
    assert_eq!(world.post(&path, &cookies, &fields).await.status, 404);
    let path = format!("/exchange/requests/{id}/assign");
    assert_eq!(
        world
            .post(&path, &cookies, &[("instructor", "")])
            .await
            .status,
        403
    );
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

async fn markup_in_a_request_stays_text(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let evil = "<script>alert(1)</script>";
    let mut form = request(&[quotient.api], &["cnp_quotient"]);
    form.title = evil.into();
    form.description = evil.into();
    let id = world.submitted(form).await;
    world
        .exchange
        .say(&world.requester, id, evil)
        .await
        .unwrap();
    world.approve(id).await;
    let cookies = world.signed_in("rosa.req@x.example").await;
    for path in [
        format!("/exchange/requests/{id}"),
        format!("/exchange/requests/{id}/versions/1"),
        "/exchange/requests".to_owned(),
        "/exchange/active".to_owned(),
    ] {
        let page = world.get(&path, &cookies).await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains(evil), "{path}");
    }
}

async fn a_remote_reference_is_never_followed(db: Db) {
    let world = world(db).await;
    let document = QUOTIENT.replace("type: integer", "$ref: 'http://127.0.0.1:1/x.json#/a'");
    let new = NewApi {
        producer: world.fund,
        prefix: "cnp/piege",
        document: document.as_bytes(),
    };
    let Err(ExchangeError::Document(mistake)) = world.exchange.add_api(&world.producer, new).await
    else {
        panic!("refused")
    };
    assert_eq!(mistake.problem.code(), "remote-reference");
}

async fn a_line_break_in_a_title_forges_no_mail(db: Db) {
    let world = world(db).await;
    let (quotient, _) = world.two_apis().await;
    let mut form = request(&[quotient.api], &["cnp_quotient"]);
    form.title = "Cantine\r\nBcc: all@x.example".into();
    world.submitted(form).await;
    let jobs = world.jobs.newest_of("mail.send", 10).await.unwrap();
    assert!(!jobs.is_empty());
    for job in jobs {
        let subject = job.payload["subject"].as_str().unwrap();
        assert!(!subject.contains(['\r', '\n']) && !subject.contains("Bcc"));
        assert!(!job.payload["text"].as_str().unwrap().contains('\r'));
    }
}

async fn a_request_in_anothers_name_is_refused(db: Db) {
    let world = world(db).await;
    let new = NewRequest {
        requester: world.tax,
        api: None,
    };
    let denied = world.exchange.begin_request(&world.requester, new).await;
    assert!(matches!(denied, Err(ExchangeError::Denied(_))));
    // An organisation without a number can't be accredited.
    let form = directory::domain::OrganisationForm {
        kind: "other".into(),
        name: "Sans numéro".into(),
        ..directory::domain::OrganisationForm::default()
    };
    let root = crate::world::root();
    let nameless = world
        .directory
        .add_organisation(&root, &form)
        .await
        .unwrap();
    let new = NewRequest {
        requester: nameless,
        api: None,
    };
    let refused = world.exchange.begin_request(&root, new).await;
    assert!(matches!(refused, Err(ExchangeError::Mistakes(_))));
}

async fn a_key_of_another_accreditation_is_not_revoked(db: Db) {
    let world = world(db.clone()).await;
    let (quotient, _) = world.two_apis().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut form = request(&[quotient.api], &["cnp_quotient"]);
        form.wants_keys = true;
        form.keys_reason = "Ancien logiciel.".into();
        form.recipients = TOWN_SIRET.into();
        let id = world.submitted(form).await;
        world.approve(id).await;
        ids.push(id);
    }
    world
        .exchange
        .make_key(&world.requester, ids[0], "Une")
        .await
        .unwrap();
    let stored = kit_db::Statement::new("test.key", "SELECT id FROM exchange_key");
    let key: uuid::Uuid = stored.query().one(&db, |row| row.get("id")).await.unwrap();
    let wrong = world
        .exchange
        .revoke_key(&world.requester, ids[1], key)
        .await;
    assert!(matches!(wrong, Err(ExchangeError::NotFound)));
    let snapshot = world.exchange.snapshot().await.unwrap();
    let hashes: usize = snapshot
        .accreditations
        .iter()
        .map(|one| one.key_hashes.len())
        .sum();
    assert_eq!(hashes, 1);
}
