//! Figures: appended, corrected, never changed.

use impact::{CorrectionForm, ImpactError, ObservationForm};
use kit_db::{Db, Statement};
use ports::Standing;

use crate::support::{figure, migrations, mistakes, officer, only, promise, world};

kit_db::on_both_databases!(migrations() =>
    a_figure_is_recorded_once, an_observation_never_changes, corrections_keep_what_they_correct,
    refusals_name_what_is_wrong, a_table_is_all_or_nothing, an_older_figure_is_not_the_latest,
);

async fn a_figure_is_recorded_once(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    let told = figure("28/02/2026", "42,5");
    let first = world.impact.add_observation(&officer(), id, &told).await;
    assert!(first.unwrap().is_new);
    let again = world
        .impact
        .add_observation(&officer(), id, &figure("2026-02-28", "42.50"))
        .await
        .unwrap();
    assert_eq!((again.number, again.is_new), (1, false));
    let other = world
        .impact
        .add_observation(&officer(), id, &figure("2026-02-28", "43"))
        .await;
    assert_eq!(mistakes(other), only("as_of", "duplicate"));
    // Another source may say something else of the same day: what is told last counts.
    let second = ObservationForm {
        source: "Enquête".into(),
        ..figure("2026-02-28", "44")
    };
    world
        .impact
        .add_observation(&officer(), id, &second)
        .await
        .unwrap();
    let told = world.impact.told(id).await.unwrap();
    assert_eq!(told.figures.len(), 1);
    assert_eq!(told.indicator.latest.unwrap().value.to_string(), "44");
    assert_eq!(
        world.impact.observations(id, 0, 100).await.unwrap().len(),
        2
    );
}

async fn an_observation_never_changes(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    world.observe(id, "2026-02-28", "42").await;
    for sql in [
        "UPDATE impact_observation SET value = 1",
        "DELETE FROM impact_observation",
    ] {
        let statement = Statement::composed("test.change", sql.to_owned());
        let refused = statement.query().execute(&db).await.unwrap_err();
        assert!(
            format!("{refused:?}").contains("observations never change"),
            "{refused:?}"
        );
    }
}

async fn corrections_keep_what_they_correct(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    world.observe(id, "2026-01-31", "43").await;
    world.observe(id, "2026-02-28", "20").await;
    let standing = async || world.impact.told(id).await.unwrap().standing;
    assert_eq!(standing().await, Standing::Behind);
    let correct = async |number, value: &str| {
        let form = CorrectionForm {
            value: value.into(),
            is_withdrawn: value.is_empty(),
            reason: "Une région manquait.".into(),
            ..CorrectionForm::default()
        };
        let officer = officer();
        world
            .impact
            .correct_observation(&officer, id, number, &form)
            .await
    };
    assert_eq!(correct(2, "52").await.unwrap(), 3);
    assert_eq!(standing().await, Standing::OnTrack);
    // Somebody corrected it already: the second is told so.
    assert!(matches!(correct(2, "53").await, Err(ImpactError::Stale)));
    assert!(matches!(correct(9, "53").await, Err(ImpactError::NotFound)));
    assert_eq!(correct(3, "81").await.unwrap(), 4);
    assert_eq!(standing().await, Standing::Reached);
    // Taken away: the figure before it is the latest again.
    assert_eq!(correct(4, "").await.unwrap(), 5);
    let told = world.impact.told(id).await.unwrap();
    assert_eq!(told.indicator.latest.unwrap().value.to_string(), "43");
    let kept: Vec<_> = world
        .impact
        .observations(id, 1, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|row| {
            let value = row.value.map(|value| value.to_string());
            (
                row.number,
                value.unwrap_or_default(),
                row.corrects,
                row.counts,
            )
        })
        .collect();
    let row = |number, value: &str, corrects, counts| (number, value.to_owned(), corrects, counts);
    assert_eq!(
        kept,
        [
            row(2, "20", None, false),
            row(3, "52", Some(2), false),
            row(4, "81", Some(3), false),
            row(5, "", Some(4), true),
        ]
    );
    assert_eq!(told.corrections.len(), 3);
    // What was taken away can be told again, as a correction.
    assert_eq!(correct(5, "60").await.unwrap(), 6);
}

async fn refusals_name_what_is_wrong(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    let refused = async |form: ObservationForm| {
        mistakes(world.impact.add_observation(&officer(), id, &form).await)
    };
    let future = refused(figure("2026-03-02", "1")).await;
    assert_eq!(future, only("as_of", "date-future"));
    let unit = ObservationForm {
        unit: "dossiers".into(),
        ..figure("2026-02-28", "1")
    };
    assert_eq!(refused(unit).await, only("unit", "unit-differs"));
    let nan = refused(figure("2026-02-28", "NaN")).await;
    assert_eq!(nan, only("value", "number"));
    assert!(
        world
            .impact
            .observations(id, 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_table_is_all_or_nothing(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    let import = async |csv: &str, is_dry_run| {
        let bytes = csv.as_bytes().to_vec();
        let officer = officer();
        world
            .impact
            .import_observations(&officer, id, bytes, "figures.csv", is_dry_run)
            .await
            .unwrap()
    };
    let wrong = "Date;Valeur;Unité;Qualité\n31/01/2026;41,2;%;mesuré\n28/02/2026;NaN;%;\n\
                 31/03/2026;45;%;\n31/01/2026;41,3;dossiers;\n";
    let outcome = import(wrong, false).await;
    let refused: Vec<_> = outcome
        .refused
        .iter()
        .map(|one| {
            (
                one.line,
                one.column.as_str(),
                one.value.as_str(),
                one.mistake.code(),
            )
        })
        .collect();
    assert_eq!(
        refused,
        [
            (3, "Valeur", "NaN", "number"),
            (4, "Date", "31/03/2026", "date-future"),
            (5, "Unité", "dossiers", "unit-differs"),
        ]
    );
    assert!(!outcome.is_kept);
    assert!(
        world
            .impact
            .observations(id, 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let right = "date,value\n2026-01-31,41.2\n2026-02-28,45\n";
    let tried = import(right, true).await;
    assert_eq!((tried.read, tried.added, tried.is_kept), (2, 2, false));
    assert!(
        world
            .impact
            .observations(id, 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let kept = import(right, false).await;
    assert_eq!((kept.added, kept.is_kept), (2, true));
    let again = import(right, false).await;
    assert_eq!((again.added, again.known), (0, 2));
    let told = world.impact.told(id).await.unwrap();
    assert_eq!(told.figures[0].source, "figures.csv");
    assert_eq!(told.standing, Standing::Behind);
}

async fn an_older_figure_is_not_the_latest(db: Db) {
    let world = world(&db);
    let (_, id) = world.indicator(&promise()).await;
    world.observe(id, "2026-02-28", "50").await;
    world.observe(id, "2025-11-30", "38").await;
    let told = world.impact.told(id).await.unwrap();
    assert_eq!(told.indicator.latest.unwrap().value.to_string(), "50");
    assert_eq!(told.gaps.len(), 1, "December and January");
    assert_eq!(told.gaps[0].periods, 2);
}
