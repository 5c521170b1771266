//! Funds, calls and applications.

use contracts::ContractsError;
use contracts::domain::{Act, ApplicationAct, ApplicationState, DecisionForm};
use impact::IndicatorForm;
use kit_db::Db;
use portfolio::ProductForm;
use ports::ProductId;

use crate::world::{World, migrations, root, world};

kit_db::on_both_databases!(migrations() =>
    two_selections_at_once_never_pass_the_envelope, an_application_needs_a_complete_indicator,
    a_terminated_contract_gives_back_what_is_not_paid, a_call_has_its_days,
);

fn granting(granted: &str) -> DecisionForm {
    DecisionForm {
        reasons: "Le meilleur impact".into(),
        granted: granted.into(),
    }
}

/// Another product of the ministry, with an indicator.
async fn another(world: &World, title: &str) -> (uuid::Uuid, uuid::Uuid) {
    let form = ProductForm {
        kind: "product".into(),
        title: title.into(),
        ministry: world.ministry.to_string(),
        ..ProductForm::default()
    };
    let product = world.portfolio.add_product(&root(), &form).await.unwrap();
    let form = IndicatorForm {
        name: "Délai".into(),
        measured: "Jours de réponse".into(),
        unit: "jours".into(),
        direction: "less".into(),
        rhythm: "monthly".into(),
        level: "useful".into(),
        baseline: "60".into(),
        baseline_on: "2026-01-01".into(),
        target: "20".into(),
        due_on: "2026-12-31".into(),
        origin: "hand".into(),
        ..IndicatorForm::default()
    };
    let id = world
        .impact
        .add_indicator(&root(), ProductId(product), &form)
        .await
        .unwrap();
    (product, id)
}

async fn two_selections_at_once_never_pass_the_envelope(db: Db) {
    let world = world(db).await;
    let (fund, call) = world.fund().await;
    let mut ids = Vec::new();
    let own = (world.product, world.indicator);
    for of in [
        own,
        another(&world, "Un").await,
        another(&world, "Deux").await,
    ] {
        ids.push(world.apply(call, of, "600 000").await.unwrap());
    }
    world.wait_until("2026-04-01");
    let form = granting("600 000");
    let select = |id| {
        world
            .contracts
            .decide(&world.officer, id, 1, ApplicationAct::Select, &form)
    };
    let (first, second, third) = tokio::join!(select(ids[0]), select(ids[1]), select(ids[2]));
    let done = [first, second, third];
    assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1, "{done:?}");
    let (fund, _) = world.contracts.fund(&world.reader, fund).await.unwrap();
    assert_eq!(
        (fund.committed_cents, fund.left_cents()),
        (60_000_000, 40_000_000)
    );
}

async fn an_application_needs_a_complete_indicator(db: Db) {
    let world = world(db).await;
    let (_, call) = world.fund().await;
    let form = IndicatorForm {
        name: "Sans cible".into(),
        measured: "Rien encore".into(),
        unit: "%".into(),
        direction: "more".into(),
        rhythm: "monthly".into(),
        level: "used".into(),
        origin: "hand".into(),
        ..IndicatorForm::default()
    };
    let product = ProductId(world.product);
    let bare = world
        .impact
        .add_indicator(&root(), product, &form)
        .await
        .unwrap();
    for indicator in [bare, uuid::Uuid::nil()] {
        let refused = world.apply(call, (world.product, indicator), "1 000").await;
        let Err(ContractsError::Mistakes(all)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(all[0].field, "indicator");
    }
    let own = (world.product, world.indicator);
    world.apply(call, own, "1 000").await.unwrap();
    assert!(matches!(
        world.apply(call, own, "1 000").await,
        Err(ContractsError::Mistakes(_))
    ));
}

async fn a_terminated_contract_gives_back_what_is_not_paid(db: Db) {
    let world = world(db).await;
    let (fund, call) = world.fund().await;
    let own = (world.product, world.indicator);
    let application = world.apply(call, own, "600 000").await.unwrap();
    world.wait_until("2026-04-01");
    let form = granting("600 000");
    let select = ApplicationAct::Select;
    world
        .contracts
        .decide(&world.officer, application, 1, select, &form)
        .await
        .unwrap();
    let id = world.in_force(Some(application)).await;
    let left = async || {
        let (fund, _) = world.contracts.fund(&world.officer, fund).await.unwrap();
        (fund.committed_cents, fund.paid_cents)
    };
    assert_eq!(
        left().await,
        (50_000_050, 0),
        "what the contract does not take comes back"
    );
    world.observe("2026-03-31", "65").await;
    world.release(&world.officer, id, 1).await.unwrap();
    let payment = contracts::domain::PaymentForm {
        on: crate::world::typed("2026-04-01"),
        reference: "EJ-7".into(),
    };
    let seen = world.tranche_version(id, 1).await;
    world
        .contracts
        .pay(&world.officer, id, 1, seen, &payment)
        .await
        .unwrap();
    assert_eq!(left().await, (50_000_050, 30_000_000));
    world.step(id, Act::Terminate).await.unwrap();
    assert_eq!(left().await, (30_000_000, 30_000_000));
    let (one, _) = world
        .contracts
        .application(&world.officer, application)
        .await
        .unwrap();
    assert_eq!(one.state, ApplicationState::Lapsed);
}

async fn a_call_has_its_days(db: Db) {
    let world = world(db).await;
    let (_, call) = world.fund().await;
    let own = (world.product, world.indicator);
    let id = world.apply(call, own, "1 000").await.unwrap();
    let form = granting("1 000");
    let early = ApplicationAct::Select;
    let refused = world
        .contracts
        .decide(&world.officer, id, 1, early, &form)
        .await;
    assert!(
        matches!(refused, Err(ContractsError::Mistakes(_))),
        "{refused:?}"
    );
    world.wait_until("2026-04-01");
    let late = another(&world, "Tard").await;
    assert!(matches!(
        world.apply(call, late, "1 000").await,
        Err(ContractsError::Mistakes(_))
    ));
    let more = granting("1 001");
    let refused = world
        .contracts
        .decide(&world.officer, id, 1, early, &more)
        .await;
    assert!(matches!(refused, Err(ContractsError::Mistakes(_))));
}
