//! Each parser with its seeds, then with changed ones for a short bounded time. What is tried first
//! is the same at every run; a faster machine tries more of it.
//!
//! `GOUVERNAIL_FUZZ_SECONDS=600 cargo test -p fuzz` tries for longer, each target for as long.

#![allow(clippy::unwrap_used, clippy::panic)] // a test fails by panicking
#![allow(clippy::print_stdout)] // a finding is shown
#![allow(clippy::disallowed_methods)] // the time that may be spent is that of a clock

use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

use fuzz::{Mutator, TARGETS, Target};

/// Seconds for all targets together, unless more is asked for.
const SECONDS: f64 = 16.0;
/// Most changed inputs of a target in a short run.
const INPUTS_MAX: u64 = 1_000_000;

fn seeds_of(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target.name);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no seeds", folder.display());
    files
        .into_iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect()
}

/// Whether these bytes find something; if so they are printed.
fn finds(target: &Target, bytes: &[u8]) -> bool {
    let check = target.check;
    let is_found = catch_unwind(|| check(bytes)).is_err();
    if is_found {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let hex = hex.concat();
        println!(
            "{}: {}\n  in hexadecimal: {hex}",
            target.name,
            bytes.escape_ascii()
        );
    }
    is_found
}

#[test]
fn no_bytes_find_a_panic_in_a_parser() {
    let longer = std::env::var("GOUVERNAIL_FUZZ_SECONDS").ok();
    let longer: Option<f64> = longer.map(|seconds| seconds.parse().unwrap());
    let seconds = longer.unwrap_or(SECONDS / TARGETS.len() as f64);
    let mut found = Vec::new();
    for (at, target) in TARGETS.iter().enumerate() {
        let begun = Instant::now();
        let mut seeds = seeds_of(target);
        seeds.push(Vec::new());
        let mut is_found = seeds.iter().any(|seed| finds(target, seed));
        let mut mutator = Mutator::new(20_261_125 + at as u64, target.words);
        let mut tried = 0_u64;
        while !is_found
            && begun.elapsed() < Duration::from_secs_f64(seconds)
            && (longer.is_some() || tried < INPUTS_MAX)
        {
            is_found = finds(target, &mutator.next(&seeds));
            tried += 1;
        }
        println!(
            "{}: {tried} inputs in {:.1} s",
            target.name,
            begun.elapsed().as_secs_f64()
        );
        if is_found {
            found.push(target.name);
        }
    }
    assert!(found.is_empty(), "{found:?}: the inputs are above");
}

/// A seed that its parser refuses leads nowhere.
#[test]
fn seeds_are_read() {
    let of = |name: &str| {
        let target = TARGETS.iter().find(|target| target.name == name).unwrap();
        seeds_of(target)
    };
    let snapshots = of("snapshot");
    assert!(
        snapshots
            .iter()
            .all(|bytes| { serde_json::from_slice::<ports::exchange::Snapshot>(bytes).is_ok() })
    );
    assert!(
        of("proof")
            .iter()
            .any(|bytes| tracelog::InclusionText::parse(bytes).is_ok())
    );
    assert!(
        of("note")
            .iter()
            .any(|bytes| tracelog::Note::parse(bytes).is_ok())
    );
    assert!(
        of("keys")
            .iter()
            .any(|bytes| jose::jwk::JwkSet::parse(bytes).is_ok())
    );
    let limits = tabular::Limits::default();
    let is_read = |bytes: &Vec<u8>| tabular::read(bytes, &limits, &|_| true).is_ok();
    assert!(of("table").iter().all(is_read));
}

#[test]
fn a_seed_draws_the_same_changes() {
    let seeds = [b"seed one".to_vec(), b"another".to_vec()];
    let draw = || -> Vec<_> {
        let mut mutator = Mutator::new(7, &["word"]);
        (0..100).map(|_| mutator.next(&seeds)).collect()
    };
    assert_eq!(draw(), draw());
    assert!(draw().iter().any(|one| !seeds.contains(one)));
}

/// cargo-fuzz has a binary for each target.
#[test]
fn each_target_has_its_binary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("libfuzzer");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for target in TARGETS {
        let name = target.name;
        let binary = folder.join(format!("fuzz_targets/{name}.rs"));
        let source = std::fs::read_to_string(binary).unwrap();
        assert!(
            source.contains(&format!("fuzz::check(\"{name}\", bytes)")),
            "{name}"
        );
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
