//! Imports that people start in a page.

use std::io::Write as _;

use kit_access::Actor;
use kit_db::Db;
use kit_jobs::{JobState, Worker};
use portfolio::{NewRun, PortfolioError, Run, SourceKind};
use zip::write::SimpleFileOptions;

use crate::support::{FIRST, World, edition, migrations, officer, world};

kit_db::on_both_databases!(migrations() =>
    an_import_is_kept_and_done_later, a_trial_keeps_nothing, a_wrong_file_is_refused_as_a_whole,
    an_archive_of_start_ups_is_read, only_an_officer_starts_one,
);

async fn done(world: &World, kind: SourceKind, dry_run: bool, bytes: &[u8]) -> Run {
    let new = NewRun {
        kind,
        file_name: "fichier".into(),
        published_on: None,
        dry_run,
    };
    let id = world
        .portfolio
        .start_import(&officer(), new, bytes.to_vec())
        .await
        .unwrap();
    let waiting = world.portfolio.run(id).await.unwrap();
    assert_eq!(waiting.state, JobState::Queued);
    let worker = Worker::new(world.jobs.clone(), world.portfolio.handlers());
    assert_eq!(worker.run_due().await.unwrap(), 1);
    world.portfolio.run(id).await.unwrap()
}

async fn an_import_is_kept_and_done_later(db: Db) {
    let world = world(&db);
    let csv = edition("2016-11-03", &FIRST);
    let run = done(&world, SourceKind::Panorama, false, csv.as_bytes()).await;
    assert_eq!(run.state, JobState::Done);
    let result = run.result.unwrap();
    assert_eq!((result.read, result.created), (5, 5));
    assert_eq!(result.lines.len(), 5);
    let again = done(&world, SourceKind::Panorama, false, csv.as_bytes()).await;
    assert_eq!(again.result.unwrap().unchanged, 5);
    let listed = world.portfolio.runs().await.unwrap();
    assert_eq!(listed.len(), 2, "they are found again");
}

async fn a_trial_keeps_nothing(db: Db) {
    let world = world(&db);
    let csv = edition("2016-11-03", &FIRST);
    let run = done(&world, SourceKind::Panorama, true, csv.as_bytes()).await;
    assert_eq!(run.result.unwrap().created, 5);
    let kept = done(&world, SourceKind::Panorama, false, csv.as_bytes()).await;
    assert_eq!(kept.result.unwrap().created, 5, "the trial kept nothing");
}

async fn a_wrong_file_is_refused_as_a_whole(db: Db) {
    let world = world(&db);
    for (kind, bytes) in [
        (SourceKind::Panorama, &b"%PDF-1.7"[..]),
        (SourceKind::BetaGouv, b"not an archive"),
    ] {
        let run = done(&world, kind, false, bytes).await;
        assert_eq!(run.state, JobState::Done, "trying again can't help");
        assert!(run.result.unwrap().refused.is_some());
    }
}

async fn an_archive_of_start_ups_is_read(db: Db) {
    let world = world(&db);
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in [
        (
            "main/content/_incubators/dinum.md",
            "---\ntitle: Incubateur\n---\n",
        ),
        (
            "main/content/_startups/aides.md",
            "---\ntitle: Aides\nmission: Trouver\nincubator: dinum\nphases:\n\
             \x20 - name: investigation\n    start: 2024-01-01\n---\nTexte.\n",
        ),
    ] {
        writer
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let run = done(&world, SourceKind::BetaGouv, false, &bytes).await;
    let result = run.result.unwrap();
    assert_eq!((result.read, result.created), (2, 2), "{result:?}");
}

async fn only_an_officer_starts_one(db: Db) {
    let world = world(&db);
    let new = NewRun {
        kind: SourceKind::Panorama,
        file_name: String::new(),
        published_on: None,
        dry_run: true,
    };
    let nobody = Actor::anonymous();
    let refused = world.portfolio.start_import(&nobody, new, Vec::new()).await;
    assert!(matches!(refused, Err(PortfolioError::Denied(_))));
}
