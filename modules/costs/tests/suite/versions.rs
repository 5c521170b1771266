//! Versions: added, never changed; imported whole or not at all; published without hidden lines.

use costs::{CostsError, ListFilter, PublicationForm, VersionForm};
use kit_db::{Db, Statement};
use portfolio::ProductForm;
use ports::ProductId;

use crate::world::{LINES, World, form, migrations, mistakes, root, world};

kit_db::on_both_databases!(migrations() =>
    a_version_is_added_and_read, a_version_never_changes, two_people_at_once_are_told,
    amounts_in_several_currencies_are_refused, a_grant_reaches_its_ministry_alone,
    a_file_is_kept_whole_or_not_at_all, the_cost_by_user_follows_the_count,
    a_list_is_read_page_by_page, a_publication_hides_what_is_decided,
    a_products_name_is_followed, statements_prepare,
);

async fn a_version_is_added_and_read(db: Db) {
    let world = world(db).await;
    assert_eq!(world.add(0, &form()).await.unwrap(), 1);
    let told = world.costs.told(&world.reader, world.product, None).await;
    let told = told.unwrap();
    assert_eq!(told.summary.life.total_cents, 4_000_000_050);
    assert_eq!(told.summary.life.per_year_cents, 400_000_005);
    assert_eq!(told.summary.portfolio_scope_cents, 2_700_000_000);
    let estimate = told.version.estimate.unwrap();
    assert_eq!(estimate.0, 4_000_000_000);
    assert_eq!(
        (told.version.author.as_str(), told.per_count),
        ("Tim Team", None)
    );
    let moved = told.version.content.moved();
    assert_eq!(
        (moved[0].low_cents, moved[0].high_cents),
        (3_600_000_050, 4_400_000_050)
    );
    // The old one stays readable.
    let second = VersionForm {
        lines: LINES.replace("20 M€", "22 M€"),
        reason: "Le lot 1 est plus cher".into(),
        ..form()
    };
    assert_eq!(world.add(1, &second).await.unwrap(), 2);
    let first = world
        .costs
        .told(&world.reader, world.product, Some(1))
        .await;
    assert_eq!(first.unwrap().version.total_cents, 4_000_000_050);
    let none = world
        .costs
        .told(&world.reader, world.product, Some(3))
        .await;
    assert!(matches!(none, Err(CostsError::NotFound)), "{none:?}");
}

async fn a_version_never_changes(db: Db) {
    let world = world(db).await;
    world.add(0, &form()).await.unwrap();
    for sql in [
        "UPDATE costs_version SET total_cents = 1",
        "DELETE FROM costs_version",
    ] {
        let changing = Statement::new("test.change", sql);
        assert!(changing.query().execute(&world.db).await.is_err(), "{sql}");
    }
}

async fn two_people_at_once_are_told(db: Db) {
    let world = world(db).await;
    world.add(0, &form()).await.unwrap();
    let again = world.add(0, &form()).await;
    assert!(matches!(again, Err(CostsError::Stale)), "{again:?}");
    let (one, two) = (form(), form());
    let both = tokio::join!(world.add(1, &one), world.add(1, &two));
    let kept = [&both.0, &both.1].into_iter().filter(|one| one.is_ok());
    assert_eq!(kept.count(), 1, "{both:?}");
}

async fn amounts_in_several_currencies_are_refused(db: Db) {
    let world = world(db).await;
    let wrong = VersionForm {
        lines: LINES.replace("2 000 000", "2 000 000 $"),
        ..form()
    };
    let told = mistakes(world.add(0, &wrong).await);
    assert_eq!(told, [("amount".to_owned(), "currency")]);
}

async fn a_grant_reaches_its_ministry_alone(db: Db) {
    let world = world(db).await;
    world.add(0, &form()).await.unwrap();
    let (costs, product) = (&world.costs, world.product);
    for actor in [
        &world.stranger,
        &world.reader,
        &kit_access::Actor::anonymous(),
    ] {
        let added = costs.add_version(actor, product, 1, &form()).await;
        assert!(matches!(added, Err(CostsError::Denied(_))), "{added:?}");
    }
    let read = costs.told(&world.stranger, product, None).await;
    assert!(matches!(read, Err(CostsError::Denied(_))), "{read:?}");
    let publication = PublicationForm {
        on: "2026-03-02".into(),
        redactions: String::new(),
    };
    let published = costs
        .publish(&world.team, product, 1, 0, &publication)
        .await;
    assert!(
        matches!(published, Err(CostsError::Denied(_))),
        "{published:?}"
    );
    let filter = ListFilter::default();
    let (seen, _) = costs.list(&world.stranger, filter, None, 10).await.unwrap();
    assert!(seen.is_empty());
    for actor in [&world.officer, &world.director, &world.team, &world.reader] {
        let (seen, _) = costs.list(actor, filter, None, 10).await.unwrap();
        assert_eq!(seen.len(), 1);
    }
    let of_other = ListFilter {
        ministry: Some(world.ministry),
        ..filter
    };
    let denied = costs.list(&world.stranger, of_other, None, 10).await;
    assert!(matches!(denied, Err(CostsError::Denied(_))), "{denied:?}");
}

async fn import(
    world: &World,
    seen: i64,
    csv: &str,
    is_dry_run: bool,
) -> Result<costs::Imported, CostsError> {
    let (told, bytes) = (form(), csv.as_bytes().to_vec());
    let what = (seen, &told);
    let imported = world
        .costs
        .import_lines(&world.team, world.product, what, bytes, is_dry_run);
    imported.await
}

async fn a_file_is_kept_whole_or_not_at_all(db: Db) {
    let world = world(db).await;
    let wrong = format!("{LINES}\ncafé;2027;x;12\nhosting;2050;y;1 CHF");
    let refused = import(&world, 0, &wrong, false).await.unwrap();
    let told: Vec<_> = refused
        .mistakes
        .iter()
        .map(|one| (one.line, one.field.as_str(), one.code()))
        .collect();
    let expected = [(Some(6), "kind", "kind"), (Some(7), "amount", "currency")];
    assert_eq!(
        (told.as_slice(), refused.number),
        (expected.as_slice(), None)
    );
    let none = world.costs.told(&world.team, world.product, None).await;
    assert!(matches!(none, Err(CostsError::NotFound)));
    let tried = import(&world, 0, LINES, true).await.unwrap();
    assert_eq!((tried.lines, tried.number), (4, None));
    assert_eq!(tried.total_cents, Some(4_000_000_050));
    let kept = import(&world, 0, LINES, false).await.unwrap();
    assert_eq!(kept.number, Some(1));
    let no_table = import(&world, 1, "\u{0}\u{1}", false).await;
    assert!(
        matches!(no_table, Err(CostsError::Table(_))),
        "{no_table:?}"
    );
    let stale = import(&world, 0, LINES, false).await;
    assert!(matches!(stale, Err(CostsError::Stale)), "{stale:?}");
}

async fn the_cost_by_user_follows_the_count(db: Db) {
    let world = world(db).await;
    let users = world.users().await;
    let counted = VersionForm {
        indicator: users.to_string(),
        ..form()
    };
    world.add(0, &counted).await.unwrap();
    let told = world
        .costs
        .told(&world.reader, world.product, None)
        .await
        .unwrap();
    // 4 000 000,05 € a year by 200 000 users.
    assert_eq!(told.per_count.unwrap().cents, Some(2_000));
    let gone = VersionForm {
        indicator: uuid::Uuid::from_u128(9).to_string(),
        ..form()
    };
    world.add(1, &gone).await.unwrap();
    let told = world
        .costs
        .told(&world.reader, world.product, None)
        .await
        .unwrap();
    assert_eq!(told.per_count.unwrap().cents, None, "unknown");
}

async fn a_list_is_read_page_by_page(db: Db) {
    let world = world(db).await;
    world.add(0, &form()).await.unwrap();
    for (number, ministry) in [(1, world.ministry), (2, world.other), (3, world.ministry)] {
        let product = ProductForm {
            kind: "product".into(),
            title: format!("Produit {number}"),
            ministry: ministry.to_string(),
            ..ProductForm::default()
        };
        let id = world
            .portfolio
            .add_product(&root(), &product)
            .await
            .unwrap();
        let (root, form) = (root(), form());
        let added = world.costs.add_version(&root, ProductId(id), 0, &form);
        added.await.unwrap();
    }
    for (actor, is) in [(&world.officer, 4), (&world.team, 3)] {
        let (mut titles, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = world
                .costs
                .list(actor, ListFilter::default(), cursor.as_deref(), 1);
            let (files, next) = page.await.unwrap();
            titles.extend(files.into_iter().map(|file| file.title));
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(titles.len(), is);
        assert!(titles.is_sorted(), "{titles:?}");
    }
    let stale = ListFilter {
        is_stale: true,
        ..ListFilter::default()
    };
    let list = world
        .costs
        .list(&world.officer, stale, None, 10)
        .await
        .unwrap();
    assert!(list.0.is_empty());
    world.wait_days(366);
    let list = world
        .costs
        .list(&world.officer, stale, None, 10)
        .await
        .unwrap();
    assert_eq!(list.0.len(), 4);
}

async fn a_publication_hides_what_is_decided(db: Db) {
    let world = world(db).await;
    world.add(0, &form()).await.unwrap();
    let decide = async |seen: i64, on: &str, redactions: &str| {
        let form = PublicationForm {
            on: on.into(),
            redactions: redactions.into(),
        };
        let published = world
            .costs
            .publish(&world.director, world.product, 1, seen, &form);
        published.await
    };
    let past = decide(0, "2026-03-01", "").await;
    assert_eq!(mistakes(past), [("on".to_owned(), "past")]);
    decide(
        0,
        "2026-03-10",
        "1 | Prix protégé par le secret des affaires",
    )
    .await
    .unwrap();
    let stale = decide(0, "2026-03-10", "").await;
    assert!(matches!(stale, Err(CostsError::Stale)), "{stale:?}");
    let none = decide(1, "2026-03-10", "9 | une raison assez longue").await;
    assert_eq!(
        mistakes(none),
        [("redactions".to_owned(), "redaction-line")]
    );
    world.wait_days(8);
    let closed = decide(1, "2026-04-10", "").await;
    assert_eq!(mistakes(closed), [("on".to_owned(), "open")]);
}

async fn a_products_name_is_followed(db: Db) {
    let world = world(db).await;
    world.add(0, &form()).await.unwrap();
    let detail = portfolio::ProductForm {
        kind: "large-project".into(),
        title: "Cadastre marin".into(),
        ministry: world.other.to_string(),
        ..ProductForm::default()
    };
    let changed = world
        .portfolio
        .edit_product(&root(), world.product.0, 1, &detail)
        .await;
    changed.unwrap();
    let following = std::sync::Arc::new(costs::Following(world.costs.clone()));
    let subscribers = kit_journal::Subscribers::new(world.db.clone(), vec![following]);
    subscribers.run_once().await.unwrap();
    let list = world
        .costs
        .list(&world.stranger, ListFilter::default(), None, 10);
    let (files, _) = list.await.unwrap();
    assert_eq!(files[0].title, "Cadastre marin");
}

async fn statements_prepare(db: Db) {
    for statement in costs::statements() {
        db.prepare(&statement).await.unwrap();
    }
}
