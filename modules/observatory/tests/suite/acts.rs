//! Acts on procedures, who may do them, and what steering is told.

use jiff::civil::{Date, date};
use kit_db::Db;
use kit_ui::Locale;
use observatory::ObservatoryError;
use observatory::domain::{DeclarationForm, Declared, ProcedureForm};
use portfolio::ProductForm;
use ports::{Audience, OrganisationId, ProductActs as _, ProductId};
use uuid::Uuid;

use crate::world::{World, form, migrations, mistakes, root, world};

kit_db::on_both_databases!(migrations() =>
    only_who_may_edits_and_declares, two_people_editing_at_once, a_procedure_follows_its_product,
    steering_is_told_what_grows_old, steering_reads_facts_and_what_happened, mistakes_name_their_field,
);

fn declaration(value: &str, on: Date, until: Date) -> DeclarationForm {
    DeclarationForm {
        value: value.into(),
        as_of: kit_acts::typed(on),
        until: kit_acts::typed(until),
        evidence: "Décision du 2 mars".into(),
    }
}

async fn declare(world: &World, declared: Declared, value: &str, until: Date) {
    let form = declaration(value, date(2026, 3, 1), until);
    let done = world
        .observatory
        .declare(&world.team, world.procedure, declared, &form);
    done.await.unwrap();
}

async fn only_who_may_edits_and_declares(db: Db) {
    let world = world(db).await;
    let one = form("Autre", "");
    let told = declaration("12", date(2026, 3, 1), date(2027, 3, 1));
    for actor in [&world.reader, &world.stranger] {
        let (observatory, id) = (&world.observatory, world.procedure);
        let product = ProductId(world.product);
        let added = observatory.add_procedure(actor, product, &one).await;
        let edited = observatory.edit_procedure(actor, id, 1, &one).await;
        let closed = observatory.set_open(actor, id, 1, false).await;
        let declared = observatory
            .declare(actor, id, Declared::EcoDesign, &told)
            .await;
        for denied in [added.map(drop), edited, closed, declared.map(drop)] {
            assert!(
                matches!(denied, Err(ObservatoryError::Denied(_))),
                "{denied:?}"
            );
        }
    }
    let read = world
        .observatory
        .results(&world.reader, world.procedure)
        .await;
    assert!(read.is_ok());
    let denied = world
        .observatory
        .results(&world.stranger, world.procedure)
        .await;
    assert!(matches!(denied, Err(ObservatoryError::Denied(_))));
    let own = world
        .observatory
        .procedures(&world.stranger, (None, false), None, 10);
    assert_eq!(own.await.unwrap(), []);
    let all = world
        .observatory
        .procedures(&world.officer, (None, true), None, 10);
    assert_eq!(all.await.unwrap().len(), 1);
}

async fn two_people_editing_at_once(db: Db) {
    let world = world(db).await;
    let edit = async |version, name: &str| {
        let form = form(name, "300 000");
        world
            .observatory
            .edit_procedure(&world.team, world.procedure, version, &form)
            .await
    };
    edit(1, "Premier").await.unwrap();
    assert!(matches!(
        edit(1, "Second").await,
        Err(ObservatoryError::Stale)
    ));
    let stands = world.observatory.procedure(world.procedure).await.unwrap();
    assert_eq!(
        (stands.procedure.name.as_str(), stands.version),
        ("Premier", 2)
    );
    let close = world
        .observatory
        .set_open(&world.team, world.procedure, 1, false)
        .await;
    assert!(matches!(close, Err(ObservatoryError::Stale)));
}

async fn a_procedure_follows_its_product(db: Db) {
    let world = world(db).await;
    let product = world.portfolio.product(world.product).await.unwrap();
    let form = ProductForm {
        kind: "product".into(),
        title: "Guichet unique des aides".into(),
        ministry: world.ministry.to_string(),
        ..ProductForm::default()
    };
    let actor = root();
    let edit = world
        .portfolio
        .edit_product(&actor, world.product, product.version, &form);
    edit.await.unwrap();
    world.follow().await;
    let one = world.observatory.procedure(world.procedure).await.unwrap();
    assert_eq!(one.product_title, "Guichet unique des aides");
}

async fn steering_is_told_what_grows_old(db: Db) {
    let world = world(db).await;
    declare(&world, Declared::Security, "yes", date(2026, 4, 30)).await;
    declare(&world, Declared::Accessibility, "80", date(2026, 4, 30)).await;
    let port = world.observatory.acts_port();
    let needs = async |ministry: Option<Uuid>, today: Date| {
        let ministry = ministry.map(OrganisationId);
        let all = port.needs(ministry, Locale::Fr, today, 10).await.unwrap();
        all.into_iter()
            .map(|one| (one.what, one.due))
            .collect::<Vec<_>>()
    };
    assert_eq!(needs(None, date(2026, 2, 28)).await, []);
    let soon = needs(Some(world.ministry), date(2026, 3, 2)).await;
    assert_eq!(
        soon,
        [(
            "Demander une aide\u{a0}: Homologation de sécurité est à renouveler avant le 30\u{a0}avril 2026".to_owned(),
            Some(date(2026, 4, 30))
        )]
    );
    let late = needs(None, date(2026, 5, 1)).await;
    assert!(late[0].0.contains("n’est plus à jour depuis"), "{late:?}");
    assert_eq!(needs(Some(Uuid::from_u128(4)), date(2026, 5, 1)).await, []);
}

async fn steering_reads_facts_and_what_happened(db: Db) {
    let world = world(db).await;
    declare(&world, Declared::Accessibility, "46,5", date(2026, 4, 30)).await;
    declare(&world, Declared::EcoDesign, "58", date(2026, 4, 30)).await;
    declare(&world, Declared::Security, "yes", date(2026, 12, 31)).await;
    world.give("2026-03-01", [90, 10, 10]).await;
    let port = world.observatory.acts_port();
    let product = ProductId(world.product);
    let today = date(2026, 3, 2);
    let facts = port.facts(product, Locale::Fr, today).await.unwrap();
    let told: Vec<(String, String)> = facts
        .into_iter()
        .map(|one| (one.label, one.value))
        .collect();
    let fact =
        |label: &str, value: &str| (format!("{label} — Demander une aide"), value.to_owned());
    assert_eq!(
        told,
        [
            fact("Satisfaction", "8,6\u{a0}/\u{a0}10 (objectif atteint)"),
            fact("Accessibilité", "46,5\u{a0}% (insuffisant)"),
            fact("Écoconception", "58,0\u{a0}%"),
            fact("Sécurité", "homologuée (objectif atteint)"),
        ]
    );
    for audience in [Audience::Everybody, Audience::Entitled] {
        let entries = port
            .timeline(product, audience, Locale::Fr, today, 10)
            .await
            .unwrap();
        assert_eq!(entries.len(), 4);
        let names_people = entries.iter().any(|one| one.by.is_some());
        assert_eq!(names_people, audience == Audience::Entitled);
    }
}

async fn mistakes_name_their_field(db: Db) {
    let world = world(db).await;
    let product = ProductId(world.product);
    let wrong = ProcedureForm {
        name: String::new(),
        address: "javascript:alert(1)".into(),
        users: "beaucoup".into(),
        ..ProcedureForm::default()
    };
    let refused = world
        .observatory
        .add_procedure(&world.team, product, &wrong)
        .await;
    let fields: Vec<String> = mistakes(refused)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(fields, ["name", "address", "users"]);
    let later = declaration("12", date(2026, 3, 3), date(2027, 3, 1));
    let refused = world
        .observatory
        .declare(&world.team, world.procedure, Declared::EcoDesign, &later)
        .await;
    assert_eq!(
        mistakes(refused),
        [("as_of".into(), "observatory-mistake-future")]
    );
    let nobody =
        world
            .observatory
            .add_procedure(&world.team, ProductId(Uuid::from_u128(3)), &wrong);
    assert!(matches!(nobody.await, Err(ObservatoryError::NotFound)));
}
