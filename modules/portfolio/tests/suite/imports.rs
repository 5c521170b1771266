//! Editions and start-ups on their way in, and names that are near.

use jiff::civil::date;
use kit_db::Db;
use kit_journal::Journal;
use portfolio::domain::GroupBy;
use portfolio::{Fate, ImportFile, ListFilter, PortfolioError, Sort};

use crate::support::{
    FIRST, SECOND, both, counts, edition, id_of, import, migrations, officer, world,
};

kit_db::on_both_databases!(migrations() =>
    importing_twice_changes_nothing, editions_come_in_any_order, a_dry_run_keeps_nothing,
    bad_rows_are_told_and_good_ones_go_in, a_near_name_waits_for_an_answer,
    an_answer_can_be_taken_back, a_ministry_keeps_its_organisation_through_its_names,
    start_ups_are_imported,
);

async fn importing_twice_changes_nothing(db: Db) {
    let world = world(&db);
    let first = edition("2016-11-03", &FIRST);
    assert_eq!(
        counts(&import(&world, &first, false).await),
        [5, 5, 0, 0, 0]
    );
    let head = Journal::head(&db).await.unwrap();
    assert_eq!(
        counts(&import(&world, &first, false).await),
        [5, 0, 0, 5, 0]
    );
    assert_eq!(
        Journal::head(&db).await.unwrap(),
        head,
        "nothing happened, nothing is told"
    );
    let second = edition("01/06/2017", &SECOND);
    assert_eq!(
        counts(&import(&world, &second, false).await),
        [5, 1, 3, 0, 1]
    );
    assert_eq!(
        counts(&import(&world, &second, false).await),
        [5, 0, 0, 5, 0]
    );
}

async fn editions_come_in_any_order(db: Db) {
    let world = world(&db);
    import(&world, &edition("01/06/2017", &SECOND), false).await;
    import(&world, &edition("2016-11-03", &FIRST), false).await;
    let report = world
        .portfolio
        .report(date(2016, 11, 3), date(2017, 6, 1))
        .await
        .unwrap();
    assert_eq!(report.cohort.products, 3);
    assert_eq!(report.cohort.cost.compared, 2, "framing doesn't count");
    // VITAM: 26.3 to 39.45, +50 %. SOURCE: 100 to 90, -10 %.
    assert!((report.cohort.cost.mean_slip_rate.unwrap() - 0.2).abs() < 1e-12);
    let vitam = id_of(&world, "vitam").await;
    let told = world.portfolio.estimates(vitam).await.unwrap();
    assert_eq!(told.len(), 2);
    let product = world.portfolio.product(vitam).await.unwrap();
    assert_eq!(
        product.description.title, "Vitam",
        "the newest edition describes it"
    );
}

async fn a_dry_run_keeps_nothing(db: Db) {
    let world = world(&db);
    let outcome = import(&world, &edition("2016-11-03", &FIRST), true).await;
    assert_eq!(counts(&outcome), [5, 5, 0, 0, 0]);
    assert_eq!(
        outcome.lines[0],
        ("FRANCE CONNECT".to_owned(), Fate::Created)
    );
    let page = world
        .portfolio
        .list(&ListFilter::default(), (Sort::Title, false), None, 10)
        .await
        .unwrap();
    assert!(page.products.is_empty());
    assert_eq!(Journal::head(&db).await.unwrap(), 0);
}

async fn bad_rows_are_told_and_good_ones_go_in(db: Db) {
    let world = world(&db);
    let rows = [
        ["MI", "A", "Déploiement", "1", "1"],
        ["MI", "", "Déploiement", "1", "1"],
        ["MI", "B", "Rumeur", "-3", "80"],
        ["MI", "C", "Déploiement", "cher", "longtemps"],
        ["MI", "a", "Déploiement", "2", "1"],
        ["MI", "D", "Déploiement", "200000", "0"],
    ];
    let outcome = import(&world, &edition("2016-11-03", &rows), false).await;
    assert_eq!(counts(&outcome), [6, 1, 0, 0, 0]);
    let told: Vec<_> = outcome
        .rejected
        .iter()
        .map(|r| {
            (
                r.line,
                r.column.as_str(),
                r.value.as_str(),
                r.reason.as_str(),
            )
        })
        .collect();
    let (name, cost) = ("Nom du projet", "Coût estimé");
    let (years, phase) = ("Durée prévisionnelle en année", "Phase du projet en cours");
    assert_eq!(
        told,
        [
            (3, name, "", "missing"),
            (4, cost, "-3", "negative"),
            (4, years, "80", "too-large"),
            (4, phase, "Rumeur", "unknown-phase"),
            (5, cost, "cher", "not-an-amount"),
            (5, years, "longtemps", "not-a-number"),
            (6, name, "a", "duplicate-of-line-2"),
            (7, cost, "200000", "too-large"),
            (7, years, "0", "zero"),
        ]
    );
    let file = ImportFile {
        name: "x.csv",
        bytes: b"a;b\n1;2\n",
    };
    let refused = world
        .portfolio
        .import_panorama(&officer(), file, None, false)
        .await;
    assert!(matches!(refused, Err(PortfolioError::Edition(_))));
}

async fn a_near_name_waits_for_an_answer(db: Db) {
    let world = both(&db).await;
    let near = world.portfolio.near_matches().await.unwrap();
    assert_eq!(near.len(), 1);
    assert_eq!(near[0].product_title, "FRANCE CONNECT PHASE II");
    assert_eq!(near[0].candidate_title, "FRANCE CONNECT");
    let pair = (near[0].product_id, near[0].candidate_id);
    world
        .portfolio
        .answer_near_match(&officer(), pair.0, pair.1, Some(true))
        .await
        .unwrap();
    assert!(world.portfolio.near_matches().await.unwrap().is_empty());
    let report = world
        .portfolio
        .report(date(2016, 11, 3), date(2017, 6, 1))
        .await
        .unwrap();
    assert_eq!(
        report.cohort.products, 4,
        "the same project stayed in the list"
    );
    let told = world.portfolio.estimates(pair.1).await.unwrap();
    assert_eq!(told.len(), 2, "its history is one");
    let product = world.portfolio.product(pair.1).await.unwrap();
    assert!((product.cost_slip.unwrap() - 5.0 / 7.0).abs() < 1e-12);
    let again = import(&world, &edition("01/06/2017", &SECOND), false).await;
    assert_eq!(counts(&again), [5, 0, 0, 5, 0], "the answer is remembered");
    let third = edition("2018-06-01", &SECOND);
    assert_eq!(
        counts(&import(&world, &third, false).await),
        [5, 0, 5, 0, 0]
    );
}

async fn an_answer_can_be_taken_back(db: Db) {
    let world = both(&db).await;
    let near = world.portfolio.near_matches().await.unwrap().remove(0);
    let answer = |same| {
        let portfolio = world.portfolio.clone();
        let (product, candidate) = (near.product_id, near.candidate_id);
        async move {
            portfolio
                .answer_near_match(&officer(), product, candidate, same)
                .await
                .unwrap();
        }
    };
    let count = || async { world.portfolio.count().await.unwrap() };
    let apart = count().await;
    answer(Some(true)).await;
    assert_eq!(count().await, apart - 1, "two names of one product");
    answer(None).await;
    assert_eq!(count().await, apart);
    assert_eq!(
        world.portfolio.near_matches().await.unwrap().len(),
        1,
        "it is asked again"
    );
    let product = world.portfolio.product(near.candidate_id).await.unwrap();
    assert_eq!(
        product.cost_slip,
        Some(0.0),
        "each has its own history again"
    );
    answer(Some(false)).await;
    let third = edition(
        "2018-06-01",
        &[[
            "SPM",
            "France connect phase II bis",
            "Déploiement",
            "9",
            "1",
        ]],
    );
    import(&world, &third, false).await;
    let near = world.portfolio.near_matches().await.unwrap();
    assert!(
        near.iter()
            .all(|n| n.product_title != "FRANCE CONNECT PHASE II"),
        "{near:?}"
    );
}

async fn a_ministry_keeps_its_organisation_through_its_names(db: Db) {
    let world = both(&db).await;
    let groups = world
        .portfolio
        .groups(date(2017, 6, 1), GroupBy::Ministry)
        .await
        .unwrap();
    assert_eq!(
        groups.len(),
        5,
        "SPM, MC, MAr, MEF, MEN: no second one for a new acronym"
    );
    let bands = world
        .portfolio
        .groups(date(2017, 6, 1), GroupBy::Band)
        .await
        .unwrap();
    assert!(
        bands
            .iter()
            .any(|band| band.key == "20-100" && band.figures.products == 2)
    );
}

async fn start_ups_are_imported(db: Db) {
    let world = world(&db);
    let file = |part: &str, slug: &str, text: &str| {
        (part.to_owned(), slug.to_owned(), text.as_bytes().to_vec())
    };
    let startup = "---\ntitle: Essai\nincubator: anct\nsponsors:\n  - /organisations/dinum\nphases:\n\
        \x20 - name: investigation\n    start: 2021-01-01\n  - name: construction\n    start: 2021-06-01\n\
        stats_url: https://essai.example/stats\n---\n";
    let files = [
        file(
            "incubators",
            "anct",
            "---\ntitle: Incubateur des territoires\n---\n",
        ),
        file(
            "organisations",
            "dinum",
            "---\nname: Direction du numérique\n---\n",
        ),
        file("startups", "essai", startup),
        file("startups", "casse", "title: x"),
    ];
    let outcome = world
        .portfolio
        .import_beta_gouv(&officer(), &files, false)
        .await
        .unwrap();
    assert_eq!(counts(&outcome), [4, 3, 0, 0, 0]);
    assert_eq!(outcome.rejected[0].column, "startups/casse: front-matter");
    let again = world
        .portfolio
        .import_beta_gouv(&officer(), &files, false)
        .await
        .unwrap();
    assert_eq!(counts(&again), [4, 0, 0, 3, 0]);
    let renamed = startup.replace("title: Essai", "title: Essai réussi");
    let changed = [file("startups", "essai", &renamed)];
    let outcome = world
        .portfolio
        .import_beta_gouv(&officer(), &changed, false)
        .await
        .unwrap();
    assert_eq!(outcome.updated, 1, "the slug is its identity, not its name");
    let funnel = world.portfolio.funnel(date(2022, 1, 1)).await.unwrap();
    assert_eq!(
        (funnel.all, funnel.live, funnel.transparency.stats),
        (1, 1, 1)
    );
}
