//! What a ledger costs: durable appends, sealing, proofs.
//!
//! `cargo xtask bench --ledger` builds it and runs it; `README.md` says what each number means.

#![allow(clippy::print_stdout, clippy::disallowed_methods)] // a measuring tool reads the clock and talks

use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Parser;
use kit_files::Files;
use kit_ledger::{Ledger, LedgerOptions, LogKeys};
use kit_time::Source;
use tokio::task::JoinSet;
use tracelog::{
    Digest, KeyKind, Signer, TilePath, Tiles, leaf_hash, node_hash, prove_inclusion,
    verify_inclusion,
};

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Measures a ledger on this machine's disk.
#[derive(Debug, Parser)]
struct Options {
    /// A folder for the spool and the tiles, emptied first.
    #[arg(long)]
    data: PathBuf,
    /// Seconds of each measure of appends.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Bytes of an entry.
    #[arg(long, default_value_t = 500)]
    entry_bytes: usize,
    /// Entries that are sealed in the measure of sealing.
    #[arg(long, default_value_t = 200_000)]
    sealed: u64,
    /// Entries of the log of which proofs are made.
    #[arg(long, default_value_t = 100_000_000)]
    proved: u64,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failed> {
    let options = Options::parse();
    if options.data.exists() {
        std::fs::remove_dir_all(&options.data)?;
    }
    std::fs::create_dir_all(&options.data)?;
    disk(&options.data)?;
    for writers in [1, 32, 256] {
        appends(&options, writers).await?;
    }
    sealing(&options).await?;
    proofs(options.proved)?;
    std::fs::remove_dir_all(&options.data)?;
    Ok(())
}

/// What the disk does by itself: one write of 4 KiB made durable after the other.
fn disk(folder: &Path) -> Result<(), Failed> {
    let file = std::fs::File::create_new(folder.join("probe"))?;
    file.write_all_at(&vec![0; 4 << 20], 0)?;
    file.sync_all()?;
    let mut took = Vec::new();
    for at in 0..1_000 {
        let begun = Instant::now();
        file.write_all_at(&[7; 4_096], at * 4_096)?;
        file.sync_data()?;
        took.push(begun.elapsed());
    }
    let (p50, p99) = percentiles(&mut took);
    println!("disk: 4 KiB made durable: p50 {p50:.2?}, p99 {p99:.2?}");
    Ok(())
}

async fn open(folder: &Path) -> Result<Ledger, Failed> {
    let files = Files::folder(&folder.join("files"))?;
    let signer = Signer::from_seed("bench.example/log", KeyKind::Note, &[1; 32])?;
    let options = LedgerOptions::new("log", folder.join("spool"));
    let keys = LogKeys::one(signer, [2; 32]);
    Ok(Ledger::open(files, options, keys, Source::system()).await?)
}

/// Writers that each append one entry after the other, while all is sealed beside.
async fn appends(options: &Options, writers: usize) -> Result<(), Failed> {
    let folder = options.data.join(format!("appends-{writers}"));
    let ledger = open(&folder).await?;
    let sealing = tokio::spawn(ledger.clone().keep_sealing());
    let entry = Bytes::from(vec![b'x'; options.entry_bytes]);
    let begun = Instant::now();
    let until = begun + Duration::from_secs(options.seconds);
    let mut tasks = JoinSet::new();
    for _ in 0..writers {
        let (ledger, entry) = (ledger.clone(), entry.clone());
        tasks.spawn(async move {
            let mut took = Vec::new();
            while Instant::now() < until {
                let begun = Instant::now();
                ledger.append(entry.clone()).await?;
                took.push(begun.elapsed());
            }
            Ok::<_, kit_ledger::LedgerError>(took)
        });
    }
    let mut took = Vec::new();
    while let Some(done) = tasks.join_next().await {
        took.extend(done??);
    }
    let each_second = took.len() as f64 / begun.elapsed().as_secs_f64();
    let behind = ledger.durable() - ledger.tree().size();
    let (p50, p99) = percentiles(&mut took);
    println!(
        "{writers:>3} writers: {each_second:>9.0} durable entries/s, p50 {p50:.2?}, p99 {p99:.2?}; \
         {behind} not sealed at the end; memory at most {} MiB",
        memory_max()
    );
    sealing.abort();
    ledger.seal().await?;
    Ok(())
}

async fn sealing(options: &Options) -> Result<(), Failed> {
    let folder = options.data.join("sealing");
    let ledger = open(&folder).await?;
    let entry = Bytes::from(vec![b'x'; options.entry_bytes]);
    let mut waiting = JoinSet::new();
    for _ in 0..options.sealed {
        let (ledger, entry) = (ledger.clone(), entry.clone());
        waiting.spawn(async move { ledger.append(entry).await });
        while waiting.len() >= 1_000 {
            waiting.join_next().await.transpose()?.transpose()?;
        }
    }
    while let Some(done) = waiting.join_next().await {
        done??;
    }
    let begun = Instant::now();
    let size = ledger.seal().await?;
    let took = begun.elapsed();
    println!(
        "sealing: {size} entries in {took:.2?}, {:.0}/s; memory at most {} MiB",
        size as f64 / took.as_secs_f64(),
        memory_max()
    );
    let mut took = Vec::new();
    for at in 0..2_000_u64 {
        let index = at.wrapping_mul(7_919) % size;
        let begun = Instant::now();
        ledger.prove_inclusion(index).await?;
        took.push(begun.elapsed());
    }
    let (p50, p99) = percentiles(&mut took);
    println!("proof of inclusion from {size} entries in a folder: p50 {p50:.2?}, p99 {p99:.2?}");
    Ok(())
}

/// Proofs from a log of which every entry is the same: then each hash of a level is too, and tiles
/// are made without the log, and still lead to its root.
fn proofs(size: u64) -> Result<(), Failed> {
    let mut perfect = vec![leaf_hash(b"the same")];
    for height in 0..63 {
        let below = perfect[height];
        perfect.push(node_hash(&below, &below));
    }
    let tiles: Vec<Vec<u8>> = (0..8)
        .map(|level| perfect[8 * level].0.repeat(256))
        .collect();
    let read = |path: &TilePath| {
        let tracelog::TileKind::Hashes(level) = path.kind() else {
            return Err("no entries here");
        };
        let tile = tiles.get(usize::from(level)).ok_or("no such level")?;
        Ok(tile[..usize::from(path.width()) * 32].to_vec())
    };
    let root = Tiles::new(size, &read).root()?;
    let (mut took, mut checked) = (Vec::new(), Vec::new());
    for at in 0..5_000_u64 {
        let index = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size;
        let begun = Instant::now();
        let proof: Vec<Digest> = prove_inclusion(&Tiles::new(size, &read), index)?;
        took.push(begun.elapsed());
        let begun = Instant::now();
        verify_inclusion(&perfect[0], index, size, &proof, &root)?;
        checked.push(begun.elapsed());
    }
    let (p50, p99) = percentiles(&mut took);
    println!(
        "proof of inclusion from {size} entries, tiles in memory: p50 {p50:.2?}, p99 {p99:.2?}"
    );
    let (p50, p99) = percentiles(&mut checked);
    println!(
        "its check: p50 {p50:.2?}, p99 {p99:.2?}; memory at most {} MiB",
        memory_max()
    );
    Ok(())
}

fn percentiles(took: &mut [Duration]) -> (Duration, Duration) {
    took.sort_unstable();
    let at = |share: f64| {
        let rank = (took.len() as f64 * share) as usize;
        took.get(rank.min(took.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    };
    (at(0.5), at(0.99))
}

/// The most memory that the process had so far, in MiB.
fn memory_max() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1_024
}
