//! Editions: made once after each quarter, never changed.

use jiff::civil::date;
use kit_db::Db;
use observatory::domain::{Criterion, DeclarationForm, Declared, Level, Quarter};
use observatory::{EditionRow, ObservatoryError};
use ports::ProductId;

use crate::world::{World, form, migrations, world};

kit_db::on_both_databases!(migrations() =>
    an_edition_is_made_once_two_weeks_after_its_quarter, only_the_scope_is_told_of,
    an_edition_keeps_what_it_said, what_grew_old_counts_no_more, two_processes_make_one_edition,
);

async fn rows(world: &World, quarter: &str) -> Vec<EditionRow> {
    let quarter = quarter.parse().unwrap();
    let rows = world.observatory.edition_rows(quarter, None, None, 100);
    rows.await.unwrap()
}

fn figure(row: &EditionRow, wanted: Criterion) -> (Option<i64>, Level) {
    let found = row.figures.iter().find(|one| one.criterion == wanted);
    let found = found.unwrap();
    (found.value, found.level)
}

async fn declare(world: &World, declared: Declared, value: &str, on: &str) {
    let form = DeclarationForm {
        value: value.into(),
        as_of: kit_acts::typed(on.parse().unwrap()),
        until: kit_acts::typed(date(2026, 12, 31)),
        evidence: "https://aides.example/preuve".into(),
    };
    let done = world
        .observatory
        .declare(&world.team, world.procedure, declared, &form);
    done.await.unwrap();
}

async fn an_edition_is_made_once_two_weeks_after_its_quarter(db: Db) {
    let world = world(db).await;
    world.give("2026-02-10", [80, 20, 10]).await;
    world.wait_until("2026-04-15");
    world.observatory.keep_house().await.unwrap();
    // What stood due before is a quarter in which nobody could have been asked.
    assert_eq!(world.observatory.editions().await.unwrap(), []);
    world.wait_until("2026-04-16");
    for _ in 0..2 {
        world.observatory.keep_house().await.unwrap();
    }
    let all = world.observatory.editions().await.unwrap();
    let quarters: Vec<String> = all.iter().map(|one| one.quarter.to_string()).collect();
    assert_eq!(quarters, ["2026-q1"]);
    let rows = rows(&world, "2026-q1").await;
    assert_eq!(
        figure(&rows[0], Criterion::Satisfaction),
        (Some(8_182), Level::Green)
    );
    let standing = world
        .observatory
        .edition("2026-q1".parse().unwrap())
        .await
        .unwrap();
    let (_, counts) = standing
        .levels
        .iter()
        .find(|(criterion, _)| *criterion == Criterion::Satisfaction)
        .unwrap();
    assert_eq!((counts.green, counts.red, counts.grey), (1, 0, 0));
    let none = world.observatory.edition("2026-q2".parse().unwrap()).await;
    assert!(matches!(none, Err(ObservatoryError::NotFound)));
}

async fn only_the_scope_is_told_of(db: Db) {
    let world = world(db).await;
    let product = ProductId(world.product);
    let small = form("Réserver une salle", "200 000");
    let add = world
        .observatory
        .add_procedure(&world.team, product, &small);
    add.await.unwrap();
    let mut aid = form("Demander une bourse", "900");
    aid.opens_aid = "yes".into();
    let add = world.observatory.add_procedure(&world.team, product, &aid);
    add.await.unwrap();
    let closed = form("Ancienne demande", "900 000");
    let add = world
        .observatory
        .add_procedure(&world.team, product, &closed);
    let closed = add.await.unwrap();
    let close = world.observatory.set_open(&world.team, closed, 1, false);
    close.await.unwrap();
    world.wait_until("2026-04-20");
    world.observatory.keep_house().await.unwrap();
    let names: Vec<String> = rows(&world, "2026-q1")
        .await
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert_eq!(names, ["Demander une aide", "Demander une bourse"]);
    // Page by page they come in the same order.
    let quarter: Quarter = "2026-q1".parse().unwrap();
    let first = world
        .observatory
        .edition_rows(quarter, Some(world.ministry), None, 1);
    let first = first.await.unwrap();
    let next = world
        .observatory
        .edition_rows(quarter, Some(world.ministry), Some(first[0].procedure), 5)
        .await
        .unwrap();
    assert_eq!(
        (first[0].name.as_str(), next[0].name.as_str(), next.len()),
        ("Demander une aide", "Demander une bourse", 1)
    );
}

async fn an_edition_keeps_what_it_said(db: Db) {
    let world = world(db).await;
    declare(&world, Declared::Uptime, "99,95", "2026-02-20").await;
    world.give("2026-02-10", [100, 0, 0]).await;
    world.wait_until("2026-04-20");
    world.observatory.keep_house().await.unwrap();
    let before = rows(&world, "2026-q1").await;
    assert_eq!(
        figure(&before[0], Criterion::Uptime),
        (Some(99_950), Level::Green)
    );
    // A correction, a new name, late reviews: the next edition says so, this one doesn't.
    declare(&world, Declared::Uptime, "90", "2026-02-20").await;
    world.give("2026-02-10", [0, 0, 500]).await;
    let version = world.version(world.procedure).await;
    let renamed = form("Demander l’aide", "300 000");
    let edit = world
        .observatory
        .edit_procedure(&world.team, world.procedure, version, &renamed);
    edit.await.unwrap();
    assert_eq!(rows(&world, "2026-q1").await, before);
    assert!(
        !world
            .observatory
            .make_edition("2026-q1".parse().unwrap())
            .await
            .unwrap()
    );
    let standing = world.observatory.standing(world.procedure).await.unwrap();
    let values: Vec<i64> = standing.iter().map(|one| one.declaration.value).collect();
    assert_eq!(values, [90_000], "the later of two of one day counts");
}

async fn what_grew_old_counts_no_more(db: Db) {
    let world = world(db).await;
    declare(&world, Declared::Accessibility, "100", "2023-03-31").await;
    declare(&world, Declared::Security, "yes", "2026-01-15").await;
    world.wait_until("2026-04-20");
    world.observatory.keep_house().await.unwrap();
    let first = rows(&world, "2026-q1").await;
    assert_eq!(figure(&first[0], Criterion::Accessibility).1, Level::Green);
    assert_eq!(
        figure(&first[0], Criterion::Security),
        (Some(1), Level::Green)
    );
    world.wait_until("2027-01-20");
    world
        .observatory
        .make_edition("2026-q4".parse().unwrap())
        .await
        .unwrap();
    let later = rows(&world, "2026-q4").await;
    assert_eq!(figure(&later[0], Criterion::Accessibility).1, Level::Red);
    assert_eq!(
        figure(&later[0], Criterion::Security).1,
        Level::Green,
        "on its last day"
    );
}

async fn two_processes_make_one_edition(db: Db) {
    let world = world(db).await;
    world.wait_until("2026-04-20");
    let quarter: Quarter = "2026-q1".parse().unwrap();
    let (one, two) = tokio::join!(
        world.observatory.make_edition(quarter),
        world.observatory.make_edition(quarter),
    );
    assert!(one.unwrap() ^ two.unwrap());
    assert_eq!(rows(&world, "2026-q1").await.len(), 1);
}
