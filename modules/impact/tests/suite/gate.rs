//! No product goes into construction without a promise that can be measured.

use impact::IndicatorForm;
use kit_db::Db;
use portfolio::{ImportFile, PortfolioError, ProductForm};
use ports::{ImpactGap, ImpactGate as _, ProductId};

use crate::support::{World, migrations, officer, promise, world};

kit_db::on_both_databases!(migrations() =>
    gaps_are_told_one_by_one, construction_needs_a_promise, what_was_built_already_may_go_on,
    imports_are_not_asked,
);

async fn gaps(world: &World, product: ProductId) -> Vec<ImpactGap> {
    let mut tx = world.db.begin().await.unwrap();
    world.impact.port().gaps(&mut tx, product).await.unwrap()
}

async fn gaps_are_told_one_by_one(db: Db) {
    use ImpactGap::{Baseline, Date, Indicator, Target};
    let world = world(&db);
    let product = world.product("Portail").await;
    assert_eq!(
        gaps(&world, product).await,
        [Indicator, Baseline, Target, Date]
    );
    let mut form = IndicatorForm {
        baseline: String::new(),
        baseline_on: String::new(),
        ..promise()
    };
    let id = world.add(product, &form).await.unwrap();
    assert_eq!(gaps(&world, product).await, [Baseline, Target, Date]);
    for (version, wanting) in [(1, vec![Target, Date]), (2, vec![Date]), (3, vec![])] {
        form = IndicatorForm {
            target: if version > 1 { "80" } else { "" }.into(),
            due_on: if version > 2 { "2026-12-31" } else { "" }.into(),
            ..promise()
        };
        world
            .impact
            .edit_indicator(&officer(), id, version, &form)
            .await
            .unwrap();
        assert_eq!(gaps(&world, product).await, wanting);
    }
    world
        .impact
        .set_in_use(&officer(), id, 4, false)
        .await
        .unwrap();
    assert_eq!(gaps(&world, product).await.len(), 4, "it must be in use");
}

fn start_up(phases: &[[&str; 3]]) -> ProductForm {
    ProductForm {
        kind: "start-up".into(),
        title: "Aides en un geste".into(),
        phases: phases.iter().map(|row| row.map(str::to_owned)).collect(),
        ..ProductForm::default()
    }
}

fn refused<T: std::fmt::Debug>(answer: Result<T, PortfolioError>) -> (String, &'static str) {
    match answer {
        Err(PortfolioError::Mistakes(mut mistakes)) => {
            let mistake = mistakes.remove(0);
            (mistake.field.into_owned(), mistake.key)
        }
        other => panic!("{other:?}"),
    }
}

const INVESTIGATION: [&str; 3] = ["investigation", "01/09/2025", "01/02/2026"];
const CONSTRUCTION: [&str; 3] = ["construction", "01/02/2026", ""];

async fn construction_needs_a_promise(db: Db) {
    let world = world(&db);
    let portfolio = &world.portfolio;
    let begun = start_up(&[INVESTIGATION, CONSTRUCTION]);
    let at_once = portfolio.add_product(&officer(), &begun).await;
    let no_indicator = ("phase-1".to_owned(), "portfolio-mistake-gate-indicator");
    assert_eq!(refused(at_once), no_indicator);
    let framed = start_up(&[["investigation", "01/09/2025", ""]]);
    let id = portfolio.add_product(&officer(), &framed).await.unwrap();
    let edit = async |form: &ProductForm| {
        let version = portfolio.product(id).await.unwrap().version;
        let officer = officer();
        portfolio.edit_product(&officer, id, version, form).await
    };
    assert_eq!(refused(edit(&begun).await), no_indicator);
    // What is left out is not built either: a later phase asks the same.
    let later = start_up(&[INVESTIGATION, ["acceleration", "01/02/2026", ""]]);
    assert_eq!(refused(edit(&later).await), no_indicator);
    // To stop needs no promise.
    let stopped = start_up(&[INVESTIGATION, ["investigation-abandoned", "01/02/2026", ""]]);
    edit(&stopped).await.unwrap();
    edit(&framed).await.unwrap();
    let dateless = IndicatorForm {
        due_on: String::new(),
        ..promise()
    };
    let product = ProductId(id);
    let indicator = world.add(product, &dateless).await.unwrap();
    let (field, key) = refused(edit(&begun).await);
    assert_eq!(
        (field.as_str(), key),
        ("phase-1", "portfolio-mistake-gate-date")
    );
    world
        .impact
        .edit_indicator(&officer(), indicator, 1, &promise())
        .await
        .unwrap();
    edit(&begun).await.unwrap();
}

async fn what_was_built_already_may_go_on(db: Db) {
    let world = world(&db);
    let portfolio = &world.portfolio;
    let csv = "Ministère porteur ;Nom du projet;Début;Durée prévisionnelle en année;\
        Phase du projet en cours;Coût estimé;Zone fonctionnelle;Financement [programme(s)];\
        Date de publication\n\
        MCC;VITAM;01/07/2013;5;Conception / Réalisation;26,3;Archives;P129;2016-11-03\n";
    let file = ImportFile {
        name: "panorama.csv",
        bytes: csv.as_bytes(),
    };
    portfolio
        .import_panorama(&officer(), file, None, false)
        .await
        .unwrap();
    let filter = portfolio::ListFilter::default();
    let sort = (portfolio::Sort::Title, false);
    let page = portfolio.list(&filter, sort, None, 1).await.unwrap();
    let product = &page.products[0];
    // It was in construction before anybody asked: its page can be corrected, and it can go on.
    let mut form = ProductForm::of(&product.description, &[], &[]);
    form.phases = vec![
        ["build".into(), "03/11/2016".into(), "01/01/2026".into()],
        ["trial".into(), "01/01/2026".into(), String::new()],
    ];
    portfolio
        .edit_product(&officer(), product.id, product.version, &form)
        .await
        .unwrap();
    portfolio.give_back(&officer(), product.id).await.unwrap();
}

async fn imports_are_not_asked(db: Db) {
    let world = world(&db);
    let csv = "Ministère porteur ;Nom du projet;Début;Durée prévisionnelle en année;\
        Phase du projet en cours;Coût estimé;Zone fonctionnelle;Financement [programme(s)];\
        Date de publication\n";
    for (phase, on) in [("Cadrage", "2016-11-03"), ("Déploiement", "2017-06-01")] {
        let csv = format!("{csv}MCC;VITAM;01/07/2013;5;{phase};26,3;Archives;P129;{on}\n");
        let file = ImportFile {
            name: "panorama.csv",
            bytes: csv.as_bytes(),
        };
        let imported = world
            .portfolio
            .import_panorama(&officer(), file, None, false)
            .await
            .unwrap();
        assert!(imported.rejected.is_empty());
    }
}
