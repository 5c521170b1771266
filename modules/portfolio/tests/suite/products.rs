//! Estimates, baselines, lists and reports.

use jiff::civil::date;
use kit_access::Actor;
use kit_db::{Db, Statement};
use kit_journal::Journal;
use kit_ui::Locale;
use portfolio::{
    EstimateForm, ImportFile, ListFilter, Portfolio, PortfolioError, RebaselineForm, Sort,
};
use uuid::Uuid;

use crate::support::{FIRST, World, both, edition, id_of, import, migrations, officer, world};
use ports::{Audience, ProductActs as _, ProductId, Products as _, Slipping};

kit_db::on_both_databases!(migrations() =>
    an_estimate_is_added_and_never_changes, a_new_baseline_leaves_the_first_visible,
    the_list_is_paged_without_gaps, the_report_follows_what_comes_in, only_an_officer_imports,
    steering_sees_products, estimates_and_forecasts_are_acts, statements_prepare,
);

fn estimate(year: &str, cost: &str) -> EstimateForm {
    EstimateForm {
        as_of: ["1".into(), "6".into(), year.into()],
        cost: cost.into(),
        duration: "4,5".into(),
        phase: String::new(),
        source: "comité de pilotage".into(),
    }
}

async fn an_estimate_is_added_and_never_changes(db: Db) {
    let world = both(&db).await;
    let id = id_of(&world, "SOURCE").await;
    let add = |form: EstimateForm| {
        let portfolio = world.portfolio.clone();
        async move { portfolio.add_estimate(&officer(), id, &form).await }
    };
    add(estimate("2019", "150 M€")).await.unwrap();
    let product = world.portfolio.product(id).await.unwrap();
    assert_eq!(product.cost_cents, Some(15_000_000_000));
    assert!((product.cost_slip.unwrap() - 0.5).abs() < 1e-12);
    for (form, field) in [
        (estimate("2019", "151"), "as_of"),
        (estimate("2015", "1"), "as_of"),
        (estimate("2030", "1"), "as_of"),
        (estimate("19x9", "1"), "as_of"),
        (estimate("2020", "-1"), "cost"),
        (estimate("2020", "cher"), "cost"),
        (
            EstimateForm {
                duration: "100".into(),
                ..estimate("2020", "1")
            },
            "duration",
        ),
        (
            EstimateForm {
                source: " ".into(),
                ..estimate("2020", "1")
            },
            "source",
        ),
        (
            EstimateForm {
                duration: String::new(),
                ..estimate("2020", "")
            },
            "cost",
        ),
    ] {
        let refused = add(form).await;
        assert!(matches!(refused, Err(PortfolioError::Mistakes(m)) if m[0].field == field));
    }
    for sql in ["UPDATE estimate SET cost_cents = 1", "DELETE FROM estimate"] {
        let tampered = Statement::composed("t", sql.to_owned())
            .query()
            .execute(&world.db)
            .await;
        assert!(format!("{:?}", tampered.unwrap_err()).contains("estimates never change"));
    }
}

async fn a_new_baseline_leaves_the_first_visible(db: Db) {
    let world = both(&db).await;
    let id = id_of(&world, "SOURCE").await;
    let mut form = RebaselineForm {
        effective_on: ["1".into(), "1".into(), "2018".into()],
        cost: "120".into(),
        duration: String::new(),
        reason: "trop court".into(),
    };
    let refused = world.portfolio.rebaseline(&officer(), id, &form).await;
    assert!(matches!(refused, Err(PortfolioError::Mistakes(m)) if m[0].field == "reason"));
    form.reason = "Le périmètre a doublé par décision du comité du 12 décembre 2017.".into();
    world
        .portfolio
        .rebaseline(&officer(), id, &form)
        .await
        .unwrap();
    let product = world.portfolio.product(id).await.unwrap();
    assert_eq!(
        product.baseline_cents,
        Some(10_000_000_000),
        "the first one is still compared"
    );
    let history = Journal::of_subject(&db, "product", id, None, 10)
        .await
        .unwrap();
    assert_eq!(history[0].action, "portfolio.baseline.set");
    assert_eq!(
        history[0].after.as_ref().unwrap()["reason"],
        form.reason.as_str()
    );
}

async fn the_list_is_paged_without_gaps(db: Db) {
    let world = world(&db);
    let costs: Vec<String> = (0..57).map(|n| format!("{}", 1 + n % 7)).collect();
    let titles: Vec<String> = (0..57).map(|n| format!("Projet {n:02}")).collect();
    let rows: Vec<[&str; 5]> = titles
        .iter()
        .zip(&costs)
        .map(|(title, cost)| ["MI", title.as_str(), "Déploiement", cost.as_str(), "1"])
        .collect();
    import(&world, &edition("2016-11-03", &rows), false).await;
    for sort in Sort::ALL {
        for descending in [false, true] {
            let mut seen = Vec::new();
            let mut cursor: Option<String> = None;
            loop {
                let page = world
                    .portfolio
                    .list(
                        &ListFilter::default(),
                        (sort, descending),
                        cursor.as_deref(),
                        10,
                    )
                    .await
                    .unwrap();
                seen.extend(page.products);
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            let ids: std::collections::HashSet<Uuid> = seen.iter().map(|p| p.id).collect();
            assert_eq!((seen.len(), ids.len()), (57, 57), "{sort:?} {descending}");
            if sort == Sort::Cost {
                let costs: Vec<_> = seen.iter().map(|p| p.cost_cents).collect();
                let mut sorted = costs.clone();
                sorted.sort();
                if descending {
                    sorted.reverse();
                }
                assert_eq!(costs, sorted);
            }
        }
    }
    let wrong = world
        .portfolio
        .list(
            &ListFilter::default(),
            (Sort::Cost, false),
            Some("zz.top"),
            10,
        )
        .await
        .unwrap();
    assert_eq!(
        wrong.products.len(),
        10,
        "a cursor that was tampered with begins again"
    );
    let filter = ListFilter {
        text: "projet 1%_".into(),
        ..ListFilter::default()
    };
    let narrowed = world
        .portfolio
        .list(&filter, (Sort::Title, false), None, 100)
        .await
        .unwrap();
    assert_eq!(narrowed.products.len(), 15, "wildcards are taken away");
}

async fn the_report_follows_what_comes_in(db: Db) {
    let world = world(&db);
    let report = || world.portfolio.report(date(2016, 11, 3), date(2019, 6, 1));
    assert_eq!(report().await.unwrap().cohort.products, 0);
    import(&world, &edition("2016-11-03", &FIRST), false).await;
    let first = report().await.unwrap();
    assert_eq!(
        (first.cohort.products, first.cohort.cost.mean_slip_rate),
        (5, Some(0.0))
    );
    assert_eq!(first.decomposition.published_change, Some(0.0));
    let id = id_of(&world, "SOURCE").await;
    world
        .portfolio
        .add_estimate(&officer(), id, &estimate("2019", "200"))
        .await
        .unwrap();
    let after = report().await.unwrap();
    assert_eq!(
        after.cohort.cost.mean_slip_rate,
        Some(0.25),
        "one of four doubled"
    );
    let other = World {
        db: db.clone(),
        jobs: world.jobs.clone(),
        portfolio: world_portfolio(&db),
    };
    assert_eq!(
        other
            .portfolio
            .report(date(2016, 11, 3), date(2019, 6, 1))
            .await
            .unwrap(),
        after,
        "a process that starts now sees the same"
    );
}

fn world_portfolio(db: &Db) -> Portfolio {
    world(db).portfolio
}

async fn only_an_officer_imports(db: Db) {
    let world = both(&db).await;
    let nobody = Actor::anonymous();
    let file = ImportFile {
        name: "x",
        bytes: b"",
    };
    let refused = world
        .portfolio
        .import_panorama(&nobody, file, None, false)
        .await;
    assert!(matches!(refused, Err(PortfolioError::Denied(_))));
    let id = id_of(&world, "SOURCE").await;
    let refused = world
        .portfolio
        .add_estimate(&nobody, id, &estimate("2019", "1"))
        .await;
    assert!(matches!(refused, Err(PortfolioError::Denied(_))));
    let form = RebaselineForm::default();
    let refused = world.portfolio.rebaseline(&nobody, id, &form).await;
    assert!(matches!(refused, Err(PortfolioError::Denied(_))));
    let refused = world
        .portfolio
        .answer_near_match(&nobody, id, id, Some(true))
        .await;
    assert!(matches!(refused, Err(PortfolioError::Denied(_))));
}

async fn statements_prepare(db: Db) {
    for statement in portfolio::statements() {
        db.prepare(&statement).await.unwrap();
    }
}

async fn steering_sees_products(db: Db) {
    let world = both(&db).await;
    let port = world.portfolio.products_port();
    let id = ProductId(id_of(&world, "SOURCE").await);
    let seen = port.product(id).await.unwrap().unwrap();
    assert_eq!((seen.id, seen.title.as_str()), (id, "SOURCE"));
    let mut tx = db.begin().await.unwrap();
    let in_tx = port.product_in(&mut tx, id).await.unwrap();
    drop(tx);
    assert_eq!(in_tx, Some(seen.clone()));
    let named = port.products("source", None, None, 10).await.unwrap();
    assert!(named.products.contains(&seen) && named.next.is_none());
    let first = port.slipping(Slipping::Cost, None, None, 1).await.unwrap();
    let second = port
        .slipping(Slipping::Cost, None, first.next.as_deref(), 200)
        .await
        .unwrap();
    let slips: Vec<_> = (first.products.iter().chain(&second.products))
        .map(|product| product.cost_slip.unwrap_or(-9.0))
        .collect();
    assert!(slips.len() > 1 && slips.is_sorted_by(|a, b| a >= b));
    let stale = port.stale(date(2030, 1, 1), None, 1).await.unwrap();
    assert_eq!(stale.len(), 1);
    let nobody = port.product(ProductId(Uuid::nil())).await.unwrap();
    assert_eq!(nobody, None);
}

async fn estimates_and_forecasts_are_acts(db: Db) {
    let world = both(&db).await;
    let id = ProductId(id_of(&world, "SOURCE").await);
    let acts = world.portfolio.acts_port().unwrap();
    let until = async |on| {
        let told = acts.timeline(id, Audience::Everybody, Locale::Fr, on, 100);
        told.await.unwrap()
    };
    let all = until(date(2030, 1, 1)).await;
    assert!(all.len() > 1 && all.is_sorted_by(|a, b| a.on >= b.on));
    assert!(
        all[0].what.starts_with("Estimation\u{a0}: "),
        "{:?}",
        all[0]
    );
    let before_the_last = until(all[0].on.yesterday().unwrap()).await;
    assert!(before_the_last.len() < all.len());
    assert_eq!(until(date(1990, 1, 1)).await, []);
    let facts = acts.facts(id, Locale::Fr, date(2030, 1, 1)).await.unwrap();
    assert!(facts[0].value.contains("P80"), "{facts:?}");
    let nobody = ProductId(Uuid::nil());
    let none = acts.facts(nobody, Locale::Fr, date(2030, 1, 1)).await;
    assert_eq!(none.unwrap(), []);
}
