//! Proofs that a control plane wants of a gateway's log.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use kit_ledger::sealed_entry;
use ports::{ProofAnswer, REPORT_PROOFS_MAX};
use serde_json::json;
use tracelog::{Checkpoint, InclusionText, leaf_hash, verify_inclusion};

use crate::reports::{Plane, log, reporter, trace};
use crate::support::start;

/// The proofs of the last report.
fn brought(plane: &Plane) -> Vec<ProofAnswer> {
    let reports = plane.reports.lock().unwrap();
    reports.last().unwrap().1.proofs.clone()
}

fn want(plane: &Plane, places: &[u64]) {
    *plane.wanted.lock().unwrap() = places.to_vec();
}

#[tokio::test]
async fn what_is_wanted_comes_with_the_next_report_and_holds() {
    let log = log(300).await;
    let plane = Plane::default();
    let mut one = reporter(&log.ledger);
    want(&plane, &[0, 257]);
    one.once(&plane, None).await.unwrap();
    assert!(brought(&plane).is_empty(), "nobody had asked");
    // The answer is lost: it comes again.
    *plane.lost.lock().unwrap() = 1;
    assert!(one.once(&plane, Some(0)).await.is_err());
    want(&plane, &[]);
    one.once(&plane, Some(0)).await.unwrap();
    let proofs = brought(&plane);
    assert_eq!(proofs.len(), 2);
    for told in &proofs {
        let proof = told.proof.as_ref().unwrap();
        let salt = pseudonym::from_hex(&proof.salt).unwrap();
        let leaf = leaf_hash(&sealed_entry(&salt, proof.row.as_bytes()));
        let inclusion = InclusionText::parse(proof.inclusion.as_bytes()).unwrap();
        let said: Checkpoint = inclusion.checkpoint.text().parse().unwrap();
        assert_eq!(
            (inclusion.index, said.origin.as_str()),
            (told.index, "g.example/log/traces")
        );
        verify_inclusion(&leaf, told.index, said.size, &inclusion.proof, &said.root).unwrap();
    }
    let row: serde_json::Value =
        serde_json::from_str(&proofs[1].proof.as_ref().unwrap().row).unwrap();
    assert_eq!(row["request"], json!(trace(257, start()).request));
    // It was told: it isn't told again.
    one.once(&plane, Some(300)).await.unwrap();
    assert!(brought(&plane).is_empty());
}

#[tokio::test]
async fn what_was_erased_or_never_was_is_said_and_what_isnt_sealed_waits() {
    let log = log(100).await;
    let plane = Plane {
        kept_since: Some(start() + SignedDuration::from_hours(60)),
        ..Plane::default()
    };
    let mut one = reporter(&log.ledger);
    one.once(&plane, Some(0)).await.unwrap();
    assert_eq!(log.ledger.first(), 60);
    let entry = serde_json::to_vec(&trace(100, start())).unwrap();
    log.ledger.append(entry).await.unwrap();
    want(&plane, &[59, 60, 100, 101, u64::MAX]);
    one.once(&plane, Some(100)).await.unwrap();
    one.once(&plane, Some(101)).await.unwrap();
    let told = |plane: &Plane| -> Vec<(u64, bool)> {
        let proofs = brought(plane).into_iter();
        proofs.map(|one| (one.index, one.proof.is_some())).collect()
    };
    let without = [(59, false), (60, true), (101, false), (u64::MAX, false)];
    assert_eq!(told(&plane), without);
    log.ledger.seal().await.unwrap();
    want(&plane, &[100]);
    one.once(&plane, Some(101)).await.unwrap();
    one.once(&plane, Some(101)).await.unwrap();
    assert_eq!(told(&plane), [(100, true)]);
}

#[tokio::test]
async fn a_report_stays_below_its_limit_whatever_is_wanted() {
    let log = log(0).await;
    for number in 0..40 {
        let mut one = trace(number, start());
        // Quotes take two bytes in JSON, and four in JSON within JSON.
        one.legal_basis = Some("\"".repeat(30_000));
        let entry = serde_json::to_vec(&one).unwrap();
        log.ledger.append(entry).await.unwrap();
    }
    log.ledger.seal().await.unwrap();
    let plane = Plane::default();
    let mut one = reporter(&log.ledger);
    let all: Vec<u64> = (0..40).collect();
    want(&plane, &all);
    one.once(&plane, Some(40)).await.unwrap();
    let (told, _) = one.once(&plane, Some(0)).await.unwrap();
    let reports = plane.reports.lock().unwrap();
    let (_, last) = reports.last().unwrap();
    assert!((1..=REPORT_PROOFS_MAX).contains(&last.proofs.len()));
    assert!(told.next > 0, "traces are brought all the same");
    // Signed it is in base64, a third longer.
    let bytes = serde_json::to_vec(last).unwrap().len();
    assert!(bytes * 4 / 3 < 1 << 20, "{bytes}");
}

#[tokio::test]
async fn a_proof_comes_at_once_though_nothing_is_called() {
    let log = log(3).await;
    let plane = Arc::new(Plane::default());
    want(&plane, &[1]);
    let (to, reporter) = (plane.clone(), reporter(&log.ledger));
    let working = tokio::spawn(async move { reporter.work(&*to).await });
    let comes = async {
        loop {
            let reports = plane.reports.lock().unwrap().clone();
            if reports.iter().any(|(_, one)| !one.proofs.is_empty()) {
                return reports.len();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // A gateway that nobody calls tells every ten seconds that it lives.
    let reports = tokio::time::timeout(Duration::from_secs(8), comes).await;
    assert!(reports.unwrap() <= 3);
    working.abort();
}
