//! Products that a person adds and changes.

use std::sync::Arc;

use kit_access::{Actor, Grant, Reach};
use kit_db::Db;
use kit_journal::Journal;
use portfolio::{PortfolioError, ProductForm};
use ports::roles::DIGITAL_DIRECTOR;
use uuid::Uuid;

use crate::support::{SECOND, World, both, counts, edition, id_of, import, migrations, officer};

kit_db::on_both_databases!(migrations() =>
    a_product_is_added_and_changed, an_import_leaves_what_a_person_decided,
    two_people_at_once_lose_nothing, a_directors_reach_ends_with_the_ministry,
);

fn form(title: &str) -> ProductForm {
    ProductForm {
        kind: "product".into(),
        title: title.into(),
        mission: "Trouver une aide en un geste.".into(),
        policy_priority: "Accès aux droits".into(),
        link: "https://aides.example".into(),
        values: [
            "P129".into(),
            "DINUM\nANCT".into(),
            "citoyens".into(),
            String::new(),
            "Rust".into(),
        ],
        phases: vec![
            ["build".into(), "1/2/2024".into(), "1/6/2024".into()],
            ["trial".into(), "1/6/2024".into(), String::new()],
        ],
        ..ProductForm::default()
    }
}

fn fields(refused: Result<impl std::fmt::Debug, PortfolioError>) -> Vec<String> {
    match refused {
        Err(PortfolioError::Mistakes(mistakes)) => {
            mistakes.into_iter().map(|m| m.field.into_owned()).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn current(world: &World, id: Uuid) -> (i64, ProductForm) {
    let product = world.portfolio.product(id).await.unwrap();
    let entry = &Journal::of_subject(&world.db, "product", id, None, 50)
        .await
        .unwrap();
    let after = entry.iter().find_map(|entry| entry.after.clone()).unwrap();
    let attributes: Vec<(String, String)> =
        serde_json::from_value(after["attributes"].clone()).unwrap();
    let phases = serde_json::from_value::<Vec<(_, _, _)>>(after["phases"].clone()).unwrap();
    let form = ProductForm::of(&product.description, &attributes, &phases);
    (product.version, form)
}

async fn a_product_is_added_and_changed(db: Db) {
    let world = both(&db).await;
    let portfolio = &world.portfolio;
    let id = portfolio
        .add_product(&officer(), &form("Portail des aides"))
        .await
        .unwrap();
    let twice = portfolio
        .add_product(&officer(), &form("PORTAIL  DES AIDES"))
        .await;
    assert_eq!(fields(twice), ["title"], "a name is one product's");
    let (version, mut edited) = current(&world, id).await;
    assert_eq!(edited.values[1], "ANCT\nDINUM");
    edited.phases[1][2] = "01/01/2025".into();
    edited
        .phases
        .push(["rollout".into(), "01/01/2025".into(), String::new()]);
    edited.title = "Portail national des aides".into();
    portfolio
        .edit_product(&officer(), id, version, &edited)
        .await
        .unwrap();
    assert_eq!(
        portfolio.decided_fields(id).await.unwrap(),
        ["phase", "phase_since", "phases", "title"]
    );
    let (version, same) = current(&world, id).await;
    assert_eq!(same, edited);
    edited.title = "Vitam".into();
    let taken = portfolio
        .edit_product(&officer(), id, version, &edited)
        .await;
    assert_eq!(fields(taken), ["title"]);
    // The former name still finds it.
    let former = portfolio
        .add_product(&officer(), &form("Portail des aides"))
        .await;
    assert_eq!(fields(former), ["title"]);
}

async fn an_import_leaves_what_a_person_decided(db: Db) {
    let world = both(&db).await;
    let portfolio = &world.portfolio;
    let id = id_of(&world, "SOURCE").await;
    let product = portfolio.product(id).await.unwrap();
    let mut edited = ProductForm::of(&product.description, &[], &[]);
    edited.area = "Ressources humaines".into();
    edited.phases = vec![["rollout".into(), "01/06/2017".into(), String::new()]];
    portfolio
        .edit_product(&officer(), id, product.version, &edited)
        .await
        .unwrap();
    let again = import(&world, &edition("2017-06-01", &SECOND), false).await;
    assert_eq!(counts(&again), [5, 0, 0, 5, 0], "nothing is undone");
    let area = |product: portfolio::Product| product.description.area;
    assert_eq!(
        area(portfolio.product(id).await.unwrap()),
        "Ressources humaines"
    );
    portfolio.give_back(&officer(), id).await.unwrap();
    let given = import(&world, &edition("2017-06-01", &SECOND), false).await;
    assert_eq!(counts(&given), [5, 0, 1, 4, 0]);
    assert_eq!(area(portfolio.product(id).await.unwrap()), "Archives");
}

async fn two_people_at_once_lose_nothing(db: Db) {
    let world = both(&db).await;
    let id = world
        .portfolio
        .add_product(&officer(), &form("Portail"))
        .await
        .unwrap();
    let (version, edited) = current(&world, id).await;
    let first = ProductForm {
        mission: "La première correction.".into(),
        ..edited.clone()
    };
    let second = ProductForm {
        mission: "La seconde correction.".into(),
        ..edited
    };
    world
        .portfolio
        .edit_product(&officer(), id, version, &first)
        .await
        .unwrap();
    let stale = world
        .portfolio
        .edit_product(&officer(), id, version, &second)
        .await;
    assert!(matches!(stale, Err(PortfolioError::Stale)));
    let product = world.portfolio.product(id).await.unwrap();
    assert_eq!(product.description.mission, first.mission);
}

async fn a_directors_reach_ends_with_the_ministry(db: Db) {
    let world = both(&db).await;
    let (source, vitam) = (id_of(&world, "SOURCE").await, id_of(&world, "Vitam").await);
    let of = |id| world.portfolio.product(id);
    let (source, vitam) = (of(source).await.unwrap(), of(vitam).await.unwrap());
    let own = source.description.ministry_id.unwrap();
    let grant = Grant {
        role: DIGITAL_DIRECTOR.0.to_owned(),
        reach: Reach::Organisations(Arc::new([own].into())),
    };
    let director = Actor::person(Uuid::from_u128(7), "Inès Morel", vec![grant]);
    let edit = |product: &portfolio::Product, ministry: Option<Uuid>| {
        let mut form = ProductForm::of(&product.description, &[], &[]);
        form.mission = "Corrigée".into();
        form.ministry = ministry.map(|id| id.to_string()).unwrap_or_default();
        (product.id, product.version, form)
    };
    let try_it = |(id, version, form): (Uuid, i64, ProductForm)| {
        let (portfolio, director) = (world.portfolio.clone(), director.clone());
        async move { portfolio.edit_product(&director, id, version, &form).await }
    };
    let other = vitam.description.ministry_id;
    for refused in [
        edit(&vitam, other),
        edit(&source, other),
        edit(&source, None),
    ] {
        let refused = try_it(refused).await;
        assert!(
            matches!(refused, Err(PortfolioError::Denied(_))),
            "{refused:?}"
        );
    }
    try_it(edit(&source, Some(own))).await.unwrap();
}
