//! Tranches, clauses and reviews.

use contracts::ContractsError;
use contracts::domain::{
    Act, CheckForm, Doctrine, PaymentForm, ReviewForm, TrancheAct, TrancheState,
};
use kit_db::Db;
use ports::{FundingHold, ProductActs as _, ProductId};

use crate::world::{because, migrations, typed, world};

kit_db::on_both_databases!(migrations() =>
    a_tranche_released_twice, a_release_needs_its_figure_and_a_person, nothing_is_released_while_held,
    a_payment_has_a_reference_of_its_own, what_waits_is_told, a_review_freezes_its_figures,
    a_clause_is_checked_with_evidence,
);

fn key<T: std::fmt::Debug>(refused: Result<T, ContractsError>) -> &'static str {
    match refused {
        Err(ContractsError::Mistakes(all)) => all[0].key,
        other => panic!("{other:?}"),
    }
}

async fn a_tranche_released_twice(db: Db) {
    let world = world(db).await;
    let id = world.in_force(None).await;
    world.observe("2026-03-01", "65").await;
    let seen = world.tranche_version(id, 1).await;
    world.release(&world.second, id, 1).await.unwrap();
    let none = because("");
    for version in [seen, seen + 1] {
        let again = world
            .contracts
            .release(&world.second, id, 1, version, &none)
            .await;
        assert_eq!(key(again), "contracts-mistake-released");
    }
    let all = world.contracts.standings(&world.officer, id).await.unwrap();
    let basis = all[0].tranche.basis.clone().unwrap();
    let figure = basis.figure.unwrap();
    assert_eq!(
        (figure.value, figure.source.as_str()),
        (65.0, "Tableau de bord")
    );
    assert_eq!(figure.as_of.to_string(), "2026-03-01");
    assert_eq!(basis.needed, Some(60.0));
}

async fn a_release_needs_its_figure_and_a_person(db: Db) {
    let world = world(db).await;
    let id = world.in_force(None).await;
    assert_eq!(
        key(world.release(&world.officer, id, 1).await),
        "contracts-mistake-unmet"
    );
    world.observe("2026-03-01", "65").await;
    assert_eq!(
        key(world.release(&world.officer, id, 2).await),
        "contracts-mistake-unmet"
    );
    let denied = world.release(&world.director, id, 1).await;
    assert!(matches!(denied, Err(ContractsError::Denied(_))));
    let root = crate::world::root();
    let machine = world.release(&root, id, 1).await;
    assert!(matches!(machine, Err(ContractsError::Impossible)));
    // Somebody of the directorate who signed for the ministry.
    let person = world.director.person_id().unwrap();
    let grants = world.officer.grants.to_vec();
    let both = kit_access::Actor::person(person, "Dora Director", grants);
    assert_eq!(
        key(world.release(&both, id, 1).await),
        "contracts-mistake-own-ministry"
    );
    world.release(&world.officer, id, 1).await.unwrap();
}

async fn nothing_is_released_while_held(db: Db) {
    let world = world(db).await;
    let id = world.in_force(None).await;
    world.observe("2026-03-01", "65").await;
    *world.holds.0.lock().unwrap() = Some(FundingHold {
        since: "2026-03-01".parse().unwrap(),
        reason: "Recommandation en retard".into(),
    });
    assert_eq!(
        key(world.release(&world.officer, id, 1).await),
        "contracts-mistake-funding-held"
    );
    *world.holds.0.lock().unwrap() = None;
    let seen = world.tranche_version(id, 1).await;
    let hold = |reason| (TrancheAct::Hold, because(reason));
    let (act, none) = hold("");
    let refused = world
        .contracts
        .hold(&world.officer, id, 1, seen, act, &none)
        .await;
    assert_eq!(key(refused), "contracts-mistake-missing");
    let (act, why) = hold("Audit en cours");
    world
        .contracts
        .hold(&world.officer, id, 1, seen, act, &why)
        .await
        .unwrap();
    assert_eq!(
        key(world.release(&world.officer, id, 1).await),
        "contracts-mistake-held"
    );
}

async fn a_payment_has_a_reference_of_its_own(db: Db) {
    let world = world(db).await;
    let id = world.in_force(None).await;
    world.observe("2026-03-01", "90").await;
    let form = PaymentForm {
        on: typed("2026-03-02"),
        reference: "EJ-2026-1".into(),
    };
    let seen = world.tranche_version(id, 1).await;
    let early = world
        .contracts
        .pay(&world.officer, id, 1, seen, &form)
        .await;
    assert!(matches!(early, Err(ContractsError::Impossible)));
    for number in [1, 2] {
        world.release(&world.officer, id, number).await.unwrap();
    }
    let seen = world.tranche_version(id, 1).await;
    world
        .contracts
        .pay(&world.officer, id, 1, seen, &form)
        .await
        .unwrap();
    let seen = world.tranche_version(id, 2).await;
    let twice = world
        .contracts
        .pay(&world.officer, id, 2, seen, &form)
        .await;
    assert_eq!(key(twice), "contracts-mistake-reference");
}

async fn what_waits_is_told(db: Db) {
    let world = world(db).await;
    let acts = world.contracts.acts_port();
    let needs = async || {
        let today = kit_time::Source::with_clock(world.clock.clone(), 1).today();
        let all = acts
            .needs(None, kit_ui::Locale::Fr, today, 50)
            .await
            .unwrap();
        all.into_iter().map(|one| one.what).collect::<Vec<_>>()
    };
    let id = world.to_sign(None).await;
    assert!(needs().await[0].starts_with("Deux signatures"));
    world
        .sign(&world.director, id, contracts::domain::Side::Ministry)
        .await
        .unwrap();
    assert!(needs().await[0].starts_with("Une signature"));
    world
        .sign(&world.officer, id, contracts::domain::Side::Directorate)
        .await
        .unwrap();
    assert!(needs().await.is_empty());
    world.observe("2026-03-01", "65").await;
    world.contracts.keep_house().await.unwrap();
    assert!(needs().await[0].contains("tranche à libérer"));
    world.release(&world.officer, id, 1).await.unwrap();
    assert!(needs().await.is_empty());
    world.wait_until("2026-09-02");
    assert!(needs().await[0].starts_with("Revue"));
    let product = ProductId(world.product);
    let today = "2026-09-02".parse().unwrap();
    let facts = acts
        .facts(product, kit_ui::Locale::Fr, today)
        .await
        .unwrap();
    assert!(
        facts.iter().any(|one| one.value.contains("500")),
        "{facts:?}"
    );
}

async fn a_review_freezes_its_figures(db: Db) {
    let world = world(db).await;
    let id = world.in_force(None).await;
    world.observe("2026-03-01", "45").await;
    let form = ReviewForm {
        on: typed("2026-03-02"),
        outcome: "suspend".into(),
        findings: "Rien n’avance".into(),
    };
    let seen = world.version(id).await;
    world
        .contracts
        .review(&world.officer, id, seen, &form)
        .await
        .unwrap();
    world.observe("2026-03-02", "90").await;
    let file = world.contracts.contract(&world.officer, id).await.unwrap();
    assert_eq!(file.reviews[0].figures["indicators"][0]["latest"][0], 45.0);
    assert!(
        file.tranches
            .iter()
            .all(|one| one.tranche.state == TrancheState::Held)
    );
    assert_eq!(
        file.contract.next_review_on.unwrap().to_string(),
        "2026-09-02"
    );
    let future = ReviewForm {
        on: typed("2026-03-03"),
        ..form
    };
    let seen = world.version(id).await;
    let refused = world
        .contracts
        .review(&world.officer, id, seen, &future)
        .await;
    assert_eq!(key(refused), "contracts-mistake-future");
    let early = world.step(id, Act::End).await;
    assert_eq!(key(early), "contracts-mistake-not-ended");
}

async fn a_clause_is_checked_with_evidence(db: Db) {
    let world = world(db).await;
    let id = world.in_force(None).await;
    let check = async |state: &str, evidence: &str, version| {
        let form = CheckForm {
            state: state.into(),
            evidence: evidence.into(),
        };
        let doctrine = Doctrine::Accessibility;
        world
            .contracts
            .check(&world.officer, id, doctrine, version, &form)
            .await
    };
    assert_eq!(key(check("met", "", 0).await), "contracts-mistake-missing");
    check("met", "Audit publié", 0).await.unwrap();
    assert!(matches!(
        check("not-met", "Non", 0).await,
        Err(ContractsError::Stale)
    ));
    check("not-met", "Non", 1).await.unwrap();
}
