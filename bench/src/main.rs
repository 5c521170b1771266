//! What the program costs at full size: it is filled, started, asked and measured from outside.
//!
//! `cargo xtask bench` builds and runs it on both databases; `README.md` beside it says what each
//! number means.

#![allow(clippy::print_stdout, clippy::disallowed_methods)] // a measuring tool reads the clock and talks

mod fill;
mod load;
mod process;
mod report;
mod session;

use std::path::PathBuf;

use clap::Parser;
use kit_db::{Db, DbOptions};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] kit_db::DbError),
    /// A file, a process or a connection failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The officer who asks can't be made.
    #[error(transparent)]
    Directory(#[from] directory::DirectoryError),
    /// The program didn't answer as it should.
    #[error("{0}")]
    Program(String),
}

/// Fills a database, starts the program on it and measures it.
#[derive(Debug, Parser)]
struct Options {
    /// The program.
    #[arg(long)]
    program: PathBuf,
    /// `sqlite:PATH` or `postgres://…`.
    #[arg(long)]
    database: String,
    /// A folder for the program's files.
    #[arg(long)]
    data: PathBuf,
    /// How many products there are.
    #[arg(long, default_value_t = 100_000)]
    products: u32,
    /// How many estimates there are in all.
    #[arg(long, default_value_t = 2_000_000)]
    estimates: u32,
    /// How many recommendations there are in all.
    #[arg(long, default_value_t = 1_000_000)]
    recommendations: u32,
    /// How many figures of indicators there are in all; none leaves steering empty and unmeasured.
    #[arg(long, default_value_t = 50_000_000)]
    observations: u32,
    /// Rounds of which the median is told.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Requests of each kind in a round.
    #[arg(long, default_value_t = 200)]
    requests: usize,
    /// Connections that ask at once.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Where the numbers are also written, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BenchError> {
    let options = Options::parse();
    std::fs::create_dir_all(&options.data)?;
    process::migrate(&options.program, &options.database, &options.data)?;
    let db = Db::open(&DbOptions::new(&options.database)).await?;
    let size = fill::Size {
        products: options.products,
        estimates_each: (options.estimates / options.products.max(1)).max(1),
    };
    let filled = fill::fill(&db, size).await?;
    let steering = (options.observations > 0).then_some(fill::steering::SteeringSize {
        products: options.products,
        recommendations: options.recommendations,
        observations: options.observations,
    });
    let mut cookie = String::new();
    if let Some(size) = steering {
        let source = kit_time::Source::system();
        fill::steering::fill(&db, size, source.today()).await?;
        cookie = session::officer(&db, source).await?;
    }
    db.close().await;
    let mut measured = report::Measured::new(&options.database, &filled, steering);
    let mut program = process::start(&options.program, &options.database, &options.data).await?;
    measured.ready_ms = program.ready_ms;
    // The first question of a report waits until every estimate was read; that is told apart, and
    // rest is when they are all in memory.
    measured.first_overview_ms = load::once(&program.address, "/").await?;
    let mut cases = load::cases(&program.address, &filled).await?;
    if let Some(size) = steering {
        cases.extend(load::steering_cases(&filled, size, &cookie));
    }
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    measured.rest_kib = program.memory()?;
    for case in &cases {
        let mut rounds = Vec::new();
        for round in 0..options.rounds {
            rounds.push(
                load::run(
                    &program.address,
                    case,
                    options.connections,
                    options.requests,
                    round,
                )
                .await?,
            );
        }
        measured.add(case, rounds);
        println!("{}", measured.last_line());
    }
    measured.peak_kib = program.memory_peak()?;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    measured.after_kib = program.memory()?;
    program.stop()?;
    println!("\n{}", measured.table());
    if let Some(path) = &options.json {
        std::fs::write(path, measured.json())?;
    }
    Ok(())
}
