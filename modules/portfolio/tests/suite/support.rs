//! A small world: two editions of a panorama, as they really differ.

use std::sync::Arc;

use directory::{Directory, SessionLimits};
use kit_access::Actor;
use kit_db::{Db, Migration};
use kit_jobs::Jobs;
use kit_time::Source;
use portfolio::{ImportFile, ImportOutcome, ListFilter, Portfolio, Sort};
use uuid::Uuid;

pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
    ]
    .concat()
}

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) jobs: Jobs,
    pub(crate) portfolio: Portfolio,
}

pub(crate) fn world(db: &Db) -> World {
    let source = Source::fixed("2026-03-01T08:00:00Z".parse().unwrap(), 1);
    let jobs = Jobs::new(db.clone(), source.clone());
    let limits = SessionLimits::default();
    let directory = Directory::new(
        db.clone(),
        source.clone(),
        jobs.clone(),
        limits,
        "https://g.example",
    );
    let port = Arc::new(directory.organisations_port());
    World {
        db: db.clone(),
        portfolio: Portfolio::new(
            db.clone(),
            source,
            port,
            jobs.clone(),
            kit_files::Files::in_memory(),
        ),
        jobs,
    }
}

pub(crate) fn officer() -> Actor {
    Actor::system("test")
}

pub(crate) const HEADER: &str = "Ministère porteur ;Nom du projet;Début;Durée prévisionnelle en année;\
    Phase du projet en cours;Coût estimé;Zone fonctionnelle;Financement [programme(s)];Date de publication\n";

/// Rows: ministry, name, phase, cost, years.
pub(crate) fn edition(on: &str, rows: &[[&str; 5]]) -> String {
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

pub(crate) const FIRST: [[&str; 5]; 5] = [
    ["SPM", "FRANCE CONNECT", "Déploiement", "7", "3,75"],
    ["MCC", "VITAM", "Conception / Réalisation", "26,3", "5"],
    ["MINDEF", "SOURCE", "Expérimentation", "100", "4"],
    ["MEF", "CHORUS", "Cadrage", "En cadrage", "En cadrage"],
    ["MEF", "PAYSAGE", "Déploiement", "10", "2"],
];
pub(crate) const SECOND: [[&str; 5]; 5] = [
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

pub(crate) async fn import(world: &World, csv: &str, dry_run: bool) -> ImportOutcome {
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

pub(crate) async fn both(db: &Db) -> World {
    let world = world(db);
    import(&world, &edition("2016-11-03", &FIRST), false).await;
    import(&world, &edition("01/06/2017", &SECOND), false).await;
    world
}

pub(crate) fn counts(outcome: &ImportOutcome) -> [usize; 5] {
    [
        outcome.read,
        outcome.created,
        outcome.updated,
        outcome.unchanged,
        outcome.to_review,
    ]
}

pub(crate) async fn id_of(world: &World, name: &str) -> Uuid {
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
