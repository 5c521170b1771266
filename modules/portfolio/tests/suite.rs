//! The portfolio on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::Arc;

use directory::{Directory, SessionLimits};
use jiff::civil::date;
use kit_access::Actor;
use kit_db::{Db, Migration, Statement};
use kit_jobs::Jobs;
use kit_journal::Journal;
use kit_time::Source;
use portfolio::domain::GroupBy;
use portfolio::{
    EstimateForm, Fate, ImportFile, ImportOutcome, ListFilter, Portfolio, PortfolioError,
    RebaselineForm, Sort,
};
use uuid::Uuid;

fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
    ]
    .concat()
}

kit_db::on_both_databases!(migrations() =>
    importing_twice_changes_nothing, editions_come_in_any_order, a_dry_run_keeps_nothing,
    bad_rows_are_told_and_good_ones_go_in, a_near_name_waits_for_an_answer,
    an_answer_can_be_taken_back, a_ministry_keeps_its_organisation_through_its_names,
    an_estimate_is_added_and_never_changes, a_new_baseline_leaves_the_first_visible,
    start_ups_are_imported, the_list_is_paged_without_gaps, the_report_follows_what_comes_in,
    only_an_officer_imports, statements_prepare,
);

struct World {
    db: Db,
    portfolio: Portfolio,
}

fn world(db: &Db) -> World {
    let source = Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), 1);
    let jobs = Jobs::new(db.clone(), source.clone());
    let limits = SessionLimits::default();
    let directory = Directory::new(
        db.clone(),
        source.clone(),
        jobs,
        limits,
        "https://g.example",
    );
    let port = Arc::new(directory.organisations_port());
    World {
        db: db.clone(),
        portfolio: Portfolio::new(db.clone(), source, port),
    }
}

fn officer() -> Actor {
    Actor::system("test")
}

const HEADER: &str = "Ministère porteur ;Nom du projet;Début;Durée prévisionnelle en année;\
    Phase du projet en cours;Coût estimé;Zone fonctionnelle;Financement [programme(s)];Date de publication\n";

/// Rows: ministry, name, phase, cost, years.
fn edition(on: &str, rows: &[[&str; 5]]) -> String {
    rows.iter().fold(
        HEADER.to_owned(),
        |mut csv, [ministry, name, phase, cost, years]| {
            csv.push_str(&format!(
                "{ministry};{name};01/07/2013;{years};{phase};{cost};Archives;P129;{on}\n"
            ));
            csv
        },
    )
}

const FIRST: [[&str; 5]; 5] = [
    ["SPM", "FRANCE CONNECT", "Déploiement", "7", "3,75"],
    ["MCC", "VITAM", "Conception / Réalisation", "26,3", "5"],
    ["MINDEF", "SOURCE", "Expérimentation", "100", "4"],
    ["MEF", "CHORUS", "Cadrage", "En cadrage", "En cadrage"],
    ["MEF", "PAYSAGE", "Déploiement", "10", "2"],
];
const SECOND: [[&str; 5]; 5] = [
    [
        "SPM",
        "FRANCE CONNECT PHASE II",
        "Conception / Réalisation",
        "12",
        "2",
    ],
    ["MC", "Vitam", "Déploiement", "39.45", "6"],
    ["MAr", "SOURCE", "Déploiement", "90", "4.4"],
    ["MEF", "CHORUS", "Conception / Réalisation", "50", "3"],
    ["MEN", "OP@LE", "Cadrage", "NA", "NA"],
];

async fn import(world: &World, csv: &str, dry_run: bool) -> ImportOutcome {
    let file = ImportFile {
        name: "panorama.csv",
        bytes: csv.as_bytes(),
    };
    world
        .portfolio
        .import_panorama(&officer(), file, None, dry_run)
        .await
        .unwrap()
}

async fn both(db: &Db) -> World {
    let world = world(db);
    import(&world, &edition("2016-11-03", &FIRST), false).await;
    import(&world, &edition("01/06/2017", &SECOND), false).await;
    world
}

fn counts(outcome: &ImportOutcome) -> [usize; 5] {
    [
        outcome.read,
        outcome.created,
        outcome.updated,
        outcome.unchanged,
        outcome.to_review,
    ]
}

async fn id_of(world: &World, name: &str) -> Uuid {
    let filter = ListFilter {
        text: names::normalise(name),
        ..ListFilter::default()
    };
    let page = world
        .portfolio
        .list(&filter, (Sort::Title, false), None, 10)
        .await
        .unwrap();
    let wanted = names::normalise(name);
    let found = page
        .products
        .iter()
        .find(|p| names::normalise(&p.description.title) == wanted);
    found.unwrap_or_else(|| panic!("{name}")).id
}

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
    answer(Some(true)).await;
    answer(None).await;
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

#[test]
fn both_languages_have_the_same_words() {
    let [(_, fr), (_, en)] = portfolio::WORDS;
    let mut sources = String::new();
    for folder in ["src", "src/pages"] {
        for file in std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
        {
            sources.push_str(&std::fs::read_to_string(file).unwrap_or_default());
        }
    }
    let built = [
        "product-kind-",
        "phase-",
        "band-",
        "action-",
        "reason-",
        "portfolio-figure-",
        "portfolio-attribute-",
        "portfolio-by-",
        "portfolio-waterfall-",
        "portfolio-groups-",
        "portfolio-rejected-",
        "portfolio-line-",
        "portfolio-near-",
        "portfolio-import-",
    ];
    let mistakes = kit_ui::locale_mistakes(fr, en, &sources, &built);
    assert_eq!(mistakes, Vec::<String>::new());
}
