//! The measures at full size, on both databases.

use crate::postgres::Postgres;
use crate::run::{cargo, command, run};
use crate::{root, setup};

/// Builds the program as it is shipped and measures it; `arguments` go to the measure, less
/// `--only sqlite` and `--only postgres`. `--sign-in` measures sign-in beside its peer instead,
/// `--gateway` the gateway beside nginx and `HAProxy`,
/// `--ledger` the durable and sealed logs.
pub(crate) fn bench(arguments: &[String]) -> Result<(), String> {
    let mut arguments = arguments.to_vec();
    if arguments.first().is_some_and(|first| first == "--sign-in") {
        return sign_in(&arguments[1..]);
    }
    if arguments.first().is_some_and(|first| first == "--gateway") {
        return gateway(&arguments[1..]);
    }
    if arguments.first().is_some_and(|first| first == "--ledger") {
        return ledger(&arguments[1..]);
    }
    let only = match arguments.iter().position(|argument| argument == "--only") {
        Some(at) if at + 1 < arguments.len() => {
            let only = arguments.remove(at + 1);
            arguments.remove(at);
            Some(only)
        }
        Some(_) => return Err("--only needs sqlite or postgres".to_owned()),
        None => None,
    };
    build()?;
    let folder = root().join("target/bench");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let wanted = |engine: &str| only.as_deref().is_none_or(|only| only == engine);
    if wanted("sqlite") {
        let file = folder.join("gouvernail.sqlite");
        measure("sqlite", &format!("sqlite:{}", file.display()), &arguments)?;
    }
    if wanted("postgres") {
        // Its own server, as for the tests: it waits for no disk, so writes are faster than in
        // earnest; the measures read.
        let postgres = Postgres::start()?;
        measure("postgres", &postgres.url(), &arguments)?;
    }
    Ok(())
}

fn build() -> Result<(), String> {
    setup::assets(false)?;
    cargo(&[
        "build",
        "--release",
        "--package",
        "server",
        "--package",
        "bench",
    ])
}

fn ledger(arguments: &[String]) -> Result<(), String> {
    setup::assets(false)?;
    cargo(&[
        "build",
        "--release",
        "--package",
        "bench",
        "--bin",
        "ledger",
    ])?;
    let mut bench = command(root().join("target/release/ledger"));
    bench
        .arg("--data")
        .arg(root().join("target/bench/ledger"))
        .args(arguments);
    run(&mut bench)
}

fn sign_in(arguments: &[String]) -> Result<(), String> {
    build()?;
    let peer = root().join("bench/peer");
    setup::npm_install(&peer)?;
    let postgres = Postgres::start()?;
    let release = root().join("target/release");
    let mut bench = command(release.join("sign-in"));
    bench
        .arg("--program")
        .arg(release.join("gouvernail"))
        .arg("--peer")
        .arg(peer)
        .args(["--postgres", &postgres.url()])
        .arg("--data")
        .arg(root().join("target/bench/sign-in"))
        .args(arguments);
    run(&mut bench)
}

/// Needs wrk, nginx and `HAProxy` of the machine.
fn gateway(arguments: &[String]) -> Result<(), String> {
    cargo(&["build", "--release", "--package", "bench"])?;
    let mut bench = command(root().join("target/release/gateway"));
    bench
        .arg("measure")
        .arg("--data")
        .arg(root().join("target/bench/gateway"))
        .args(arguments);
    run(&mut bench)
}

fn measure(engine: &str, database: &str, arguments: &[String]) -> Result<(), String> {
    let release = root().join("target/release");
    let folder = root().join("target/bench");
    let mut bench = command(release.join("bench"));
    bench
        .arg("--program")
        .arg(release.join("gouvernail"))
        .args(["--database", database])
        .arg("--data")
        .arg(folder.join(engine))
        .arg("--json")
        .arg(folder.join(format!("{engine}.json")))
        .args(arguments);
    run(&mut bench)
}
