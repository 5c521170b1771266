//! The gateway of the data exchange, measured from outside beside nginx and `HAProxy`: the same load
//! on each, one after the other.
//!
//! `cargo xtask bench --gateway` builds what is needed and runs it; `README.md` says what each number
//! means.

#![allow(clippy::print_stdout, clippy::disallowed_methods)] // a measuring tool reads the clock and talks

mod load;
mod peers;
mod serve;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use load::{at_rate, wrk};
use peers::Peers;

pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Measures the gateway.
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Debug, Subcommand)]
enum Mode {
    /// Measure all, and print a table.
    Measure {
        /// A folder for files of the measure, emptied first; traces are kept on its disk.
        #[arg(long)]
        data: PathBuf,
        /// Seconds of each measure.
        #[arg(long, default_value_t = 8)]
        seconds: u64,
        /// Connections.
        #[arg(long, default_value_t = 32)]
        connections: usize,
        /// Rounds of which the median is told.
        #[arg(long, default_value_t = 1)]
        rounds: usize,
    },
    /// Be the gateway under measure: what [`serve`] needs stands in this folder.
    Serve {
        /// The folder.
        #[arg(long)]
        data: PathBuf,
        /// The port that it listens on.
        #[arg(long)]
        port: u16,
        /// The port of the producer.
        #[arg(long)]
        upstream: u16,
    },
}

/// The path below the producer's address.
pub(crate) const BELOW: &str = "/v1/foyers/1234567";
/// What every call of the gateway says.
pub(crate) const CALL: &str = "/caf/quotient-familial/v1/foyers/1234567?context=CANTINE&object=Dossier%2012\
                               &recipient=21750001600019";

#[tokio::main]
async fn main() -> Result<(), Failed> {
    match Options::parse().mode {
        Mode::Serve {
            data,
            port,
            upstream,
        } => serve::serve(&data, port, upstream).await,
        Mode::Measure {
            data,
            seconds,
            connections,
            rounds,
        } => measure(&data, Duration::from_secs(seconds), connections, rounds).await,
    }
}

/// One of those that are measured.
struct Way {
    name: &'static str,
    port: u16,
    path: &'static str,
    per_second: Vec<f64>,
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
    half_p50_ms: Vec<f64>,
    half_p99_ms: Vec<f64>,
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

async fn measure(
    data: &std::path::Path,
    time: Duration,
    connections: usize,
    rounds: usize,
) -> Result<(), Failed> {
    let peers = Peers::start(data).await?;
    let way = |name, port, path| Way {
        name,
        port,
        path,
        per_second: Vec::new(),
        p50_ms: Vec::new(),
        p99_ms: Vec::new(),
        half_p50_ms: Vec::new(),
        half_p99_ms: Vec::new(),
    };
    let mut ways = [
        way("the producer, directly", peers.upstream, BELOW),
        way("nginx, proxy_pass", peers.nginx, BELOW),
        way("HAProxy, jwt_verify, a log line", peers.haproxy, BELOW),
        way("this gateway, all on", peers.gateway, CALL),
    ];
    let warm = Duration::from_secs(1);
    for way in &ways {
        wrk(way.port, way.path, &peers.token, connections, warm)?;
    }
    for _ in 0..rounds {
        for way in &mut ways {
            let told = wrk(way.port, way.path, &peers.token, connections, time)?;
            way.per_second.push(told.per_second);
            way.p50_ms.push(told.p50_ms);
            way.p99_ms.push(told.p99_ms);
        }
    }
    let half = ways.last().map_or(0.0, |way| median(&way.per_second) / 2.0);
    for _ in 0..rounds {
        for way in &mut ways {
            let told = at_rate(way.port, way.path, &peers.token, connections, half, time)?;
            way.half_p50_ms.push(told.p50_ms);
            way.half_p99_ms.push(told.p99_ms);
        }
    }
    let nginx = median(&ways[1].per_second);
    let direct_p99 = median(&ways[0].half_p99_ms);
    println!(
        "| | requests a second | of nginx | p50 ms | p99 ms | p50 ms at {half:.0}/s | p99 ms | added p99 ms |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for way in &ways {
        println!(
            "| {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
            way.name,
            median(&way.per_second),
            median(&way.per_second) / nginx,
            median(&way.p50_ms),
            median(&way.p99_ms),
            median(&way.half_p50_ms),
            median(&way.half_p99_ms),
            median(&way.half_p99_ms) - direct_p99,
        );
    }
    println!("traces kept: {}", peers.end()?);
    Ok(())
}
