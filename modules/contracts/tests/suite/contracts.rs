//! Drafting, negotiating and signing.

use ::contracts::ContractsError;
use ::contracts::domain::{Act, Kind, PublicationForm, Side, State, sha256};
use kit_db::Db;
use ports::{Audience, ProductActs as _, ProductId};

use crate::world::{World, because, migrations, typed, world};

kit_db::on_both_databases!(migrations() =>
    both_sides_sign_what_the_journal_names, a_contract_signed_by_somebody_without_the_right,
    nobody_signs_for_both_sides, a_change_of_text_voids_a_signature_openly,
    an_amendment_stands_once_both_signed, amounts_in_several_currencies_are_refused,
    two_people_editing_at_once, the_same_document_again, what_is_hidden_never_comes_out,
    a_text_never_changes,
);

fn mistakes<T: std::fmt::Debug>(refused: Result<T, ContractsError>) -> Vec<(String, &'static str)> {
    match refused {
        Err(ContractsError::Mistakes(all)) => {
            all.into_iter().map(|one| (one.field, one.key)).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn state(world: &World, id: uuid::Uuid) -> State {
    let file = world.contracts.contract(&world.officer, id).await.unwrap();
    file.contract.state
}

async fn both_sides_sign_what_the_journal_names(db: Db) {
    let world = world(db).await;
    let id = world.to_sign(None).await;
    world
        .sign(&world.director, id, Side::Ministry)
        .await
        .unwrap();
    assert_eq!(state(&world, id).await, State::ToSign);
    world
        .sign(&world.officer, id, Side::Directorate)
        .await
        .unwrap();
    let file = world.contracts.contract(&world.reader, id).await.unwrap();
    assert_eq!(file.contract.state, State::InForce);
    let current = file.current().unwrap();
    assert_eq!(current.sha256, sha256(&current.terms.canonical()));
    assert_eq!(file.signatures.len(), 2);
    assert_eq!(file.tranches.len(), 2);
    assert_eq!(file.contract.amount_cents, 50_000_050);
    let entries = kit_journal::Journal::after(&world.db, 0, 1_000)
        .await
        .unwrap();
    let signed: Vec<_> = entries
        .iter()
        .filter(|one| one.action == "contracts.signature.give")
        .collect();
    assert_eq!(signed.len(), 2);
    assert!(
        signed
            .iter()
            .all(|one| format!("{one:?}").contains(&current.sha256))
    );
    let jobs = world.jobs.newest_of("mail.send", 200).await.unwrap();
    assert!(
        jobs.iter()
            .any(|job| job.payload["to"] == "dora.director@x.example")
    );
}

async fn a_contract_signed_by_somebody_without_the_right(db: Db) {
    let world = world(db).await;
    let id = world.to_sign(None).await;
    for (actor, side) in [
        (&world.officer, Side::Ministry),
        (&world.director, Side::Directorate),
        (&world.stranger, Side::Ministry),
        (&world.reader, Side::Ministry),
        (&world.reader, Side::Directorate),
    ] {
        let refused = world.sign(actor, id, side).await;
        assert!(
            matches!(refused, Err(ContractsError::Denied(_))),
            "{refused:?}"
        );
    }
    // Holds the right, and is not whom the text names.
    let refused = mistakes(world.sign(&world.second, id, Side::Directorate).await);
    assert_eq!(
        refused,
        [("side".to_owned(), "contracts-mistake-signatory")]
    );
    // The platform signs nothing.
    let root = crate::world::root();
    let refused = world.sign(&root, id, Side::Ministry).await;
    assert!(matches!(refused, Err(ContractsError::Impossible)));
    let file = world.contracts.contract(&world.officer, id).await.unwrap();
    assert_eq!(file.signatures, []);
}

async fn nobody_signs_for_both_sides(db: Db) {
    let world = world(db).await;
    let id = world.to_sign(None).await;
    world
        .sign(&world.officer, id, Side::Directorate)
        .await
        .unwrap();
    // The same person, with both roles by now.
    let grants = [&world.officer, &world.director];
    let grants = grants.iter().flat_map(|one| one.grants.iter().cloned());
    let person = world.officer.person_id().unwrap();
    let both = kit_access::Actor::person(person, "Dora Director", grants.collect());
    let refused = mistakes(world.sign(&both, id, Side::Ministry).await);
    assert_eq!(refused[0].1, "contracts-mistake-same-person");
}

async fn a_change_of_text_voids_a_signature_openly(db: Db) {
    let world = world(db).await;
    let id = world.to_sign(None).await;
    world
        .sign(&world.director, id, Side::Ministry)
        .await
        .unwrap();
    let mut text = world.text();
    text.set("purpose", "Passer toutes les demandes en ligne");
    let seen = world.version(id).await;
    let note = because("Toutes");
    world
        .contracts
        .propose(&world.officer, id, seen, &text, &note)
        .await
        .unwrap();
    let file = world.contracts.contract(&world.officer, id).await.unwrap();
    assert_eq!(file.contract.state, State::Negotiation);
    assert!(file.signatures[0].voided.is_some());
    assert!(file.events.iter().any(|event| event.act == "void"));
    // The other side's signature alone is not enough.
    world.step(id, Act::Settle).await.unwrap();
    world
        .sign(&world.officer, id, Side::Directorate)
        .await
        .unwrap();
    assert_eq!(state(&world, id).await, State::ToSign);
    world
        .sign(&world.director, id, Side::Ministry)
        .await
        .unwrap();
    assert_eq!(state(&world, id).await, State::InForce);
}

async fn an_amendment_stands_once_both_signed(db: Db) {
    let world = world(db).await;
    let id = world.in_force(None).await;
    world.step(id, Act::Amend).await.unwrap();
    let mut text = world.text();
    text.set("tranche2_amount", "150 000");
    let seen = world.version(id).await;
    let note = because("");
    world
        .contracts
        .propose(&world.director, id, seen, &text, &note)
        .await
        .unwrap();
    world.step(id, Act::Settle).await.unwrap();
    world
        .sign(&world.director, id, Side::Ministry)
        .await
        .unwrap();
    let file = world.contracts.contract(&world.officer, id).await.unwrap();
    assert_eq!((file.contract.in_force, file.contract.latest), (Some(1), 2));
    assert_eq!(file.tranches[1].tranche.amount_cents, 20_000_050);
    world
        .sign(&world.officer, id, Side::Directorate)
        .await
        .unwrap();
    let file = world.contracts.contract(&world.officer, id).await.unwrap();
    assert_eq!(file.contract.in_force, Some(2));
    assert_eq!(file.contract.state, State::InForce);
    assert_eq!(file.tranches[1].tranche.amount_cents, 15_000_000);
    assert!(file.signatures.iter().all(|one| one.voided.is_none()));
}

async fn amounts_in_several_currencies_are_refused(db: Db) {
    let world = world(db).await;
    for amount in ["300 000 $", "10 000 CHF", "12 GBP"] {
        let mut text = world.text();
        text.set("tranche2_amount", amount);
        let refused = world
            .contracts
            .draft(&world.officer, world.product, Kind::Money, None, &text)
            .await;
        let refused = mistakes(refused);
        assert_eq!(
            refused[0],
            ("tranche2_amount".to_owned(), "contracts-mistake-currency")
        );
    }
}

async fn two_people_editing_at_once(db: Db) {
    let world = world(db).await;
    let id = world.drafted(None).await;
    let seen = world.version(id).await;
    let none = because("");
    let mut text = world.text();
    text.set("purpose", "Un");
    world
        .contracts
        .propose(&world.officer, id, seen, &text, &none)
        .await
        .unwrap();
    text.set("purpose", "Deux");
    let refused = world
        .contracts
        .propose(&world.director, id, seen, &text, &none)
        .await;
    assert!(matches!(refused, Err(ContractsError::Stale)));
}

async fn the_same_document_again(db: Db) {
    let world = world(db).await;
    let id = world.in_force(None).await;
    let document = async || {
        let told = world
            .contracts
            .document(&world.officer, id, 1)
            .await
            .unwrap();
        kit_pdf::render(&told).unwrap()
    };
    let first = document().await;
    world.wait_until("2026-06-01");
    assert_eq!(document().await, first);
    let told = world
        .contracts
        .document(&world.officer, id, 1)
        .await
        .unwrap();
    let file = world.contracts.contract(&world.officer, id).await.unwrap();
    let hash = &file.signatures[0].sha256;
    assert_eq!(*hash, file.signatures[1].sha256);
    assert!(
        format!("{:?}", told.blocks).contains(hash),
        "what signatures name is printed"
    );
}

async fn what_is_hidden_never_comes_out(db: Db) {
    let world = world(db).await;
    let id = world.in_force(None).await;
    let path = format!("/contracts/published/{id}");
    assert_eq!(
        world.app.get(&path, "").await.status,
        404,
        "not before its day"
    );
    let acts = world.contracts.acts_port();
    let told = async |audience| {
        let today = "2026-03-02".parse().unwrap();
        let product = ProductId(world.product);
        let all = acts.timeline(product, audience, kit_ui::Locale::Fr, today, 100);
        all.await.unwrap()
    };
    assert!(told(Audience::Everybody).await.is_empty());
    assert!(told(Audience::Entitled).await.len() > 3);
    let form = PublicationForm {
        on: typed("2026-03-02"),
        reason: String::new(),
        redactions: "demandes | Secret des affaires".into(),
    };
    let seen = world.version(id).await;
    world
        .contracts
        .plan(&world.officer, id, seen, &form)
        .await
        .unwrap();
    for path in [
        "/contracts/published".to_owned(),
        path,
        "/api/v1/contracts/published".to_owned(),
    ] {
        let page = world.app.get(&path, "").await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("les demandes en ligne"), "{path}");
    }
    assert_eq!(told(Audience::Everybody).await.len(), 1);
    assert!(told(Audience::Everybody).await[0].by.is_none());
    assert_ne!(
        world.app.get(&format!("/contracts/{id}"), "").await.status,
        200
    );
}

async fn a_text_never_changes(db: Db) {
    let world = world(db).await;
    world.in_force(None).await;
    for sql in [
        "UPDATE contracts_version SET terms = '{}'",
        "DELETE FROM contracts_version",
        "UPDATE contracts_signature SET sha256 = ''",
        "DELETE FROM contracts_signature",
        "UPDATE contracts_event SET reason = 'Autre'",
    ] {
        let mut tx = world.db.begin().await.unwrap();
        assert!(tx.script(sql).await.is_err(), "{sql}");
    }
}
