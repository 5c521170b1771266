//! A person sees who looked at its data, and nobody else's.

use exchange::{AccessFilter, ExchangeError, NewApi, Visitor};
use http::StatusCode;
use jiff::SignedDuration;
use kit_db::Db;
use kit_time::Clock as _;
use ports::exchange::Trace;

use crate::citizen_world::{STATUS, SUBJECT, cookie, elodie, marc, operation_form, sure};
use crate::world::{migrations, root, world};

kit_db::on_both_databases!(migrations() =>
    a_person_sees_its_own_accesses_in_words, nobody_sees_what_is_anothers,
    what_is_hidden_is_not_there_until_its_time, calls_by_former_parameters_are_found,
    a_long_list_goes_on_and_is_taken_away, pages_ask_for_a_sure_citizen,
    what_the_page_cannot_show_is_named, an_operation_is_described_on_its_page,
    an_inquiry_is_hidden_by_a_decision_that_says_why,
);

const ALL: AccessFilter = AccessFilter {
    producer: None,
    from: None,
    to: None,
};

async fn a_person_sees_its_own_accesses_in_words(db: Db) {
    let world = world(db).await;
    let (id, status) = world.accredited_by_status().await;
    let subject = world.about_elodie(&status).await;
    let given = world.trace_of(&status, id, &subject);
    let refused = Trace {
        status: 403,
        problem: Some("flow-stopped".into()),
        at: given.at + SignedDuration::from_secs(5),
        ..given.clone()
    };
    let exchange = &world.exchange;
    exchange
        .keep_traces("log", 0, &[given, refused])
        .await
        .unwrap();
    let found = exchange
        .accesses(&sure(elodie()), &ALL, None, 10)
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    let one = &found[1];
    assert_eq!(one.requester, "Commune de Valclair");
    assert_eq!(one.producer, "Caisse nationale des prestations");
    assert_eq!(
        (one.api.as_str(), one.operation.as_str()),
        ("Prestations", "Prestations d’une personne")
    );
    assert_eq!(one.purpose, "Tarif de la cantine");
    assert_eq!(one.allowed, ["Montant perçu"]);
    assert_eq!(one.outcome.code(), "given");
    assert_eq!(found[0].outcome.code(), "nothing");
    let of = |producer| AccessFilter {
        producer: Some(producer),
        ..ALL
    };
    let by = async |filter: AccessFilter| {
        let found = exchange.accesses(&sure(elodie()), &filter, None, 10).await;
        found.unwrap().len()
    };
    assert_eq!(by(of(world.fund)).await, 2);
    assert_eq!(by(of(world.tax)).await, 0);
    let from = Some(world.clock.now() + SignedDuration::from_secs(1));
    assert_eq!(by(AccessFilter { from, ..ALL }).await, 1);
    assert_eq!(by(AccessFilter { to: from, ..ALL }).await, 1);
    let page = world.get("/citizen/accesses", &cookie("elodie")).await;
    for words in [
        "Commune de Valclair",
        "Tarif de la cantine",
        "CRPA, article L114-8",
        "Montant perçu",
        "Données transmises",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(
        !page.body.contains(&subject),
        "pseudonyms are the producer's"
    );
    let page = world
        .get("/citizen/access?log=log&index=0", &cookie("elodie"))
        .await;
    for words in [
        "Dossier 12",
        "montant",
        "21750001600019",
        "Place dans le journal",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(!page.body.contains("adresse</"), "what wasn't granted");
}

async fn nobody_sees_what_is_anothers(db: Db) {
    let world = world(db).await;
    let (id, status) = world.accredited_by_status().await;
    let subject = world.about_elodie(&status).await;
    let trace = world.trace_of(&status, id, &subject);
    let unnamed = Trace {
        subject: None,
        ..trace.clone()
    };
    let exchange = &world.exchange;
    exchange
        .keep_traces("log", 0, &[trace, unnamed])
        .await
        .unwrap();
    let other = sure(marc());
    let found = exchange.accesses(&other, &ALL, None, 10).await.unwrap();
    assert_eq!(found, []);
    for index in [0, 1, 2, -1, i64::MAX] {
        let found = exchange.access(&other, "log", index).await;
        assert!(matches!(found, Err(ExchangeError::NotFound)), "{index}");
        let page = format!("/citizen/access?log=log&index={index}");
        let page = world.get(&page, &cookie("marc")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
    let found = exchange.access(&sure(elodie()), "log", 1).await;
    assert!(
        matches!(found, Err(ExchangeError::NotFound)),
        "about nobody"
    );
    let files = world.get("/citizen/accesses.json", &cookie("marc")).await;
    assert_eq!(files.body, "[]");
}

async fn what_is_hidden_is_not_there_until_its_time(db: Db) {
    let world = world(db).await;
    let (id, status) = world.accredited_by_status().await;
    let subject = world.about_elodie(&status).await;
    let until = world.clock.now() + SignedDuration::from_hours(24 * 30);
    let hidden = Trace {
        hidden_until: Some(until),
        ..world.trace_of(&status, id, &subject)
    };
    let exchange = &world.exchange;
    exchange.keep_traces("log", 0, &[hidden]).await.unwrap();
    let who = sure(elodie());
    let seen = async || {
        let listed = exchange.accesses(&who, &ALL, None, 10).await.unwrap().len();
        let one = exchange.access(&who, "log", 0).await.is_ok();
        let taken = exchange.all_accesses(&who, &ALL).await.unwrap().len();
        let file = world.get("/citizen/accesses.csv", &cookie("elodie")).await;
        (listed, one, taken, file.body.lines().count() - 1)
    };
    assert_eq!(seen().await, (0, false, 0, 0));
    let page = world
        .get("/citizen/access?log=log&index=0", &cookie("elodie"))
        .await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    // The producer sees it, with its mark.
    let producer = world.signed_in("paul.prod@x.example").await;
    let page = world.get("/exchange/traces", &producer).await;
    assert!(
        page.body.contains("caché à la personne jusqu’au 1"),
        "1 April"
    );
    world.clock.advance(SignedDuration::from_hours(24 * 30));
    assert_eq!(seen().await, (1, true, 1, 1), "at its very end");
    let page = world.get("/citizen/accesses", &cookie("elodie")).await;
    assert!(page.body.contains("ne vous était pas montré avant"));
}

async fn calls_by_former_parameters_are_found(db: Db) {
    let world = world(db).await;
    let (id, status) = world.accredited_by_status().await;
    let exchange = &world.exchange;
    let before = world.about_elodie(&status).await;
    // Fewer parameters: people can't be known again by them. What was called before stays theirs.
    let fewer = operation_form(&SUBJECT[..2]);
    exchange
        .describe_operation(&world.producer, status.operation, &fewer)
        .await
        .unwrap();
    let unknowable = world.called(&status, &["Fonteneau", "Élodie"]).await;
    // A newer document without one of the parameters: the facts of the others are carried.
    let form = operation_form(&SUBJECT);
    exchange
        .describe_operation(&world.producer, status.operation, &form)
        .await
        .unwrap();
    let newer = STATUS.replace("naissance", "dateNaissance");
    let import = exchange
        .send_document(&root(), status.api, newer.as_bytes())
        .await
        .unwrap();
    exchange
        .take_document(&root(), import, "Un nom")
        .await
        .unwrap();
    let renamed: Vec<_> = SUBJECT
        .iter()
        .map(|(code, fact)| match *code {
            "query:naissance" => ("query:dateNaissance", *fact),
            code => (code, *fact),
        })
        .collect();
    exchange
        .describe_operation(&world.producer, status.operation, &operation_form(&renamed))
        .await
        .unwrap();
    let after = world.about_elodie(&status).await;
    assert_ne!(before, after);
    let traces = [&before, &unknowable, &after].map(|of| world.trace_of(&status, id, of));
    exchange.keep_traces("log", 0, &traces).await.unwrap();
    let found = exchange.accesses(&sure(elodie()), &ALL, None, 10).await;
    let places: Vec<i64> = found.unwrap().iter().map(|one| one.kept.index).collect();
    assert_eq!(places, [2, 0]);
}

async fn a_long_list_goes_on_and_is_taken_away(db: Db) {
    let world = world(db).await;
    let (id, status) = world.accredited_by_status().await;
    let subject = world.about_elodie(&status).await;
    let traces: Vec<Trace> = (0..60)
        .map(|second| Trace {
            at: world.clock.now() + SignedDuration::from_secs(second / 2),
            object: Some(format!("=dossier {second}")),
            ..world.trace_of(&status, id, &subject)
        })
        .collect();
    world
        .exchange
        .keep_traces("log/a:b", 0, &traces)
        .await
        .unwrap();
    let mut path = "/citizen/accesses".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = world.get(&path, &cookie("elodie")).await;
        assert_eq!(page.status, StatusCode::OK);
        let links = page.body.split("/citizen/access?log=log%2Fa%3Ab").skip(1);
        let places = links.filter_map(|rest| rest.split("index=").nth(1)?.split('"').next());
        seen.extend(places.map(|place| place.parse::<i64>().unwrap()));
        let next = page.body.split("href=\"").skip(1).find_map(|rest| {
            let href = rest.split('"').next()?;
            href.contains("after=")
                .then(|| href.replace("&#38;", "&").replace("&amp;", "&"))
        });
        match next {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(
        seen,
        (0..60).rev().collect::<Vec<_>>(),
        "each once, the latest first"
    );
    let file = world.get("/citizen/accesses.csv", &cookie("elodie")).await;
    assert_eq!(file.body.lines().count(), 61);
    assert!(file.body.contains("'=dossier 3"), "formulas are disarmed");
    let file = world.get("/citizen/accesses.json", &cookie("elodie")).await;
    let all: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 60);
    assert_eq!(all[0]["allowed"][0], "Montant perçu");
    assert_eq!(all[0].get("subject"), None);
}

async fn pages_ask_for_a_sure_citizen(db: Db) {
    let world = world(db).await;
    let pages = [
        "/citizen/accesses",
        "/citizen/accesses.csv",
        "/citizen/accesses.json",
        "/citizen/access?log=log&index=0",
    ];
    let officer = world.signed_in("ines.inst@x.example").await;
    for path in pages {
        for nobody in [String::new(), cookie("stranger"), officer.clone()] {
            let answer = world.get(path, &nobody).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert!(answer.location.starts_with("/citizen/sign-in?return_to="));
        }
        let answer = world.get(path, &cookie("unsure")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(
            answer.body.contains("Il faut une identité plus sûre"),
            "{path}"
        );
    }
    let exchange = &world.exchange;
    assert_eq!(
        exchange.visitor(Some("unsure")).await.unwrap(),
        Visitor::Unsure
    );
    assert_eq!(exchange.visitor(None).await.unwrap(), Visitor::Nobody);
    for query in ["from=yesterday", "to=2026-02-30", "producer=x"] {
        let answer = world
            .get(&format!("/citizen/accesses?{query}"), &cookie("elodie"))
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
    let answer = world
        .get("/citizen/accesses?after=x:y:z", &cookie("elodie"))
        .await;
    assert!(answer.body.contains("Aucune demande ne vous concerne"));
}

async fn what_the_page_cannot_show_is_named(db: Db) {
    let world = world(db).await;
    world.two_apis().await;
    let status = world.by_status().await;
    let draft = NewApi {
        producer: world.fund,
        prefix: "cnp/secret",
        document: crate::world::REVENU.as_bytes(),
    };
    world.exchange.add_api(&root(), draft).await.unwrap();
    let page = async || world.get("/citizen/unseen", "").await.body;
    let body = page().await;
    assert!(body.contains("Quotient d’un foyer") && body.contains("getRevenu"));
    assert!(!body.contains("Prestations d’une personne"));
    assert!(!body.contains("Revenu fiscal"), "a draft is its producer's");
    let mut form = operation_form(&SUBJECT);
    form.hidden_days = "90".into();
    form.hidden_reason = "La consultation révèle un testament.".into();
    let exchange = &world.exchange;
    exchange
        .describe_operation(&world.producer, status.operation, &form)
        .await
        .unwrap();
    let body = page().await;
    assert!(body.contains("La consultation révèle un testament."));
    let snapshot = exchange.snapshot().await.unwrap();
    let mut operations = snapshot.apis.iter().flat_map(|api| &api.operations);
    let told = operations.find(|one| one.id == status.operation).unwrap();
    assert_eq!(told.hidden_days, 90);
}

async fn an_operation_is_described_on_its_page(db: Db) {
    let world = world(db).await;
    let status = world.by_status().await;
    let cookies = world.signed_in("paul.prod@x.example").await;
    let path = format!("/exchange/producer/operations/{}", status.operation);
    let page = world.get(&path, &cookies).await;
    assert!(page.body.contains("Les personnes verront ces accès"));
    let send = async |more: &[(&str, &str)]| {
        let mut fields = vec![
            ("subject", "query:nom"),
            ("subject", "query:dossier"),
            ("fact-0", "family-name"),
            ("pieces_saved", "1"),
        ];
        fields.extend(more);
        world.post(&path, &cookies, &fields).await
    };
    let again = send(&[("hidden_days", "400"), ("hidden_reason", "Un acte")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("0 – 365") && again.body.contains("Un acte"));
    let again = send(&[("hidden_days", "4")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = send(&[("fact-4", "shoe-size")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send(&[]).await.status, StatusCode::SEE_OTHER);
    let page = world.get(&path, &cookies).await;
    assert!(page.body.contains("Les personnes ne verront pas ces accès"));
    // A change that says nothing of facts leaves them.
    let subject: Vec<String> = SUBJECT.iter().map(|(code, _)| (*code).into()).collect();
    world
        .exchange
        .change_operation(&world.producer, status.operation, &subject, 3)
        .await
        .unwrap();
    let page = world.get(&path, &cookies).await;
    assert!(page.body.contains("Les personnes verront ces accès"));
    let form = operation_form(&SUBJECT);
    let other = world
        .exchange
        .describe_operation(&world.requester, status.operation, &form)
        .await;
    assert!(matches!(
        other,
        Err(ExchangeError::Denied(_) | ExchangeError::NotFound)
    ));
}

async fn an_inquiry_is_hidden_by_a_decision_that_says_why(db: Db) {
    let world = world(db).await;
    let status = world.by_status().await;
    let form = crate::world::request(&[status.api], &["cnp_montant"]);
    let id = world.submitted(form).await;
    let cookies = world.signed_in("ines.inst@x.example").await;
    let path = format!("/exchange/requests/{id}/acts/approve");
    let decide = async |days: &str, reason: &str| {
        let token = world.get(&path, &cookies).await.token();
        let version = world.version(id).await.to_string();
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("csrf_token", token.as_str()),
            ("version", version.as_str()),
            ("months", "12"),
            ("per_minute", "20"),
            ("per_day", "1000"),
            ("hidden_days", days),
            ("reason", reason),
        ] {
            body.append_pair(name, value);
        }
        world.post_raw(&path, &cookies, body.finish()).await.status
    };
    assert_eq!(decide("60", "").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        decide("366", "LPF, article L81").await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        decide("soixante", "LPF").await,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        decide("60", "LPF, article L81").await,
        StatusCode::SEE_OTHER
    );
    let snapshot = world.exchange.snapshot().await.unwrap();
    assert_eq!(snapshot.accreditations[0].hidden_days, 60);
    let version = world
        .get(&format!("/exchange/requests/{id}/versions/1"), &cookies)
        .await;
    assert!(version.body.contains("60 — LPF, article L81"));
}
