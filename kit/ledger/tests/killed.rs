//! A process that is killed while it appends: what it acknowledged is in the log, once.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stdout)] // a test

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use kit_files::Files;
use kit_ledger::{Ledger, LedgerOptions, LogKeys, sealed_entry};
use kit_time::Source;
use tracelog::{Checkpoint, EntryBundle, KeyKind, Note, Signer, TilePath, audit};

const PREFIX: &str = "log/traces";
const ROUNDS: u64 = 20;
const AT_ONCE: u64 = 16;
/// Tells the test below that it is the process that will be killed.
const FOLDER: &str = "LEDGER_TEST_FOLDER";
const ROUND: &str = "LEDGER_TEST_ROUND";

fn signer() -> Signer {
    Signer::from_seed("g.example/log", KeyKind::Note, &[1; 32]).unwrap()
}

async fn open(folder: &Path) -> Ledger {
    let files = Files::folder(&folder.join("files")).unwrap();
    let mut options = LedgerOptions::new(PREFIX, folder.join("spool"));
    options.seal_every = std::time::Duration::from_millis(5);
    let keys = LogKeys::one(signer(), [9; 32]);
    let opened = Ledger::open(files, options, keys, Source::system()).await;
    opened.unwrap()
}

/// Runs in the process that is killed; otherwise it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_until_it_is_killed() {
    let (Ok(folder), Ok(round)) = (std::env::var(FOLDER), std::env::var(ROUND)) else {
        return;
    };
    let ledger = open(Path::new(&folder)).await;
    tokio::spawn(ledger.clone().keep_sealing());
    let writers = (0..AT_ONCE).map(|writer| {
        let (ledger, round) = (ledger.clone(), round.clone());
        tokio::spawn(async move {
            for at in 0_u64.. {
                let row = format!("{round}-{writer}-{at}-{}", "x".repeat((at % 700) as usize));
                let index = ledger.append(row.clone()).await.unwrap();
                println!("\nkept {index} {row} .");
            }
        })
    });
    futures_util::future::join_all(writers).await;
}

/// Starts the process, kills it after so many acknowledged rows, and gives those that it told.
fn killed(folder: &Path, round: u64, after: usize) -> Vec<(u64, String)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "appends_until_it_is_killed", "--nocapture"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut kept = Vec::new();
    for line in lines.map_while(Result::ok) {
        let words: Vec<&str> = line.split(' ').collect();
        if let ["kept", index, row, "."] = words[..] {
            kept.push((index.parse().unwrap(), row.to_owned()));
        }
        if kept.len() == after {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    kept
}

#[tokio::test]
async fn killed_twenty_times_each_acknowledged_row_is_in_the_log_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = BTreeMap::new();
    for round in 0..ROUNDS {
        let after = 1 + (round * 97 % 400) as usize;
        let told = killed(folder.path(), round, after);
        assert!(told.len() >= after, "round {round}: {} rows", told.len());
        for (index, row) in told {
            assert_eq!(
                kept.insert(index, row),
                None,
                "index {index} was given twice"
            );
        }
    }
    let ledger = open(folder.path()).await;
    let size = ledger.seal().await.unwrap();
    assert_eq!(size, ledger.durable());
    let mut leaves = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while (leaves.len() as u64) < size {
        for row in ledger.read_from(leaves.len() as u64, 5_000).await.unwrap() {
            let text = String::from_utf8(row.entry.to_vec()).unwrap();
            assert_eq!(row.index, leaves.len() as u64);
            if let Some(told) = kept.remove(&row.index) {
                assert_eq!(told, text, "{}", row.index);
            }
            leaves.push(sealed_entry(&row.salt, &row.entry));
            assert!(seen.insert(text), "index {} stands there twice", row.index);
        }
    }
    assert!(kept.is_empty(), "acknowledged and lost: {kept:?}");
    let below = folder.path().join("files").join(PREFIX);
    let note = Note::parse(&std::fs::read(below.join("checkpoint")).unwrap()).unwrap();
    let keys = [signer().verifier().clone()];
    let said = Checkpoint::verified(&note, &keys).unwrap();
    let read = |path: &TilePath| std::fs::read(below.join(path.to_string()));
    audit(said.size, &said.root, true, &read).unwrap();
    // What is in the log is what the spool holds.
    for (at, leaves) in leaves.chunks(256).enumerate() {
        let path = TilePath::new(tracelog::TileKind::Entries, at as u64, leaves.len() as u16);
        let bytes = read(&path.unwrap()).unwrap();
        let sealed = EntryBundle::exactly(&bytes, leaves.len()).unwrap();
        assert!(
            sealed
                .iter()
                .zip(leaves)
                .all(|(sealed, leaf)| *sealed == leaf)
        );
    }
}
