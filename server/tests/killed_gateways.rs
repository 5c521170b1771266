//! Power cuts while calls are answered: gateways are killed again and again. Each call that was
//! answered has its trace on the platform's pages, once; the sealed log is what was signed.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod support;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use kit_db::{Db, DbOptions, Statement};
use support::exchange::{
    GatewayProcess, Keys, Market, PRODUCER_EMAIL, call, fetch_control_keys, fill, producer,
};
use support::service::QUIET;
use support::{Browser, Served, gouvernail, wait_until};
use tracelog::{KeyKind, Signer};
use uuid::Uuid;

/// Kills of each of the two: a gateway of its own, and one in the platform's process.
const KILLS: u64 = 50;
const CALLERS: usize = 3;
/// How often the log is verified: after so many kills.
const VERIFIED_EVERY: u64 = 10;
static TRACED: Statement = Statement::new("test.traced", "SELECT request_id FROM exchange_trace");
static COUNTED: Statement = Statement::new(
    "test.counted",
    "SELECT CAST(COALESCE(SUM(calls), 0) AS BIGINT) AS n FROM exchange_day",
);

/// What is killed.
trait Killed {
    fn address(&self) -> String;
    fn kill(&mut self);
    fn start_again(&mut self);
}

/// The database, and the log of a gateway below `log`.
struct Kept {
    runtime: tokio::runtime::Runtime,
    db: Db,
    market: Market,
    log: PathBuf,
}

impl Kept {
    /// Migrates and fills a database.
    fn fill(data: &Path, named: Option<&str>, log: PathBuf) -> Self {
        let mut migrate = gouvernail(data, named, &["migrate"]);
        assert!(migrate.stdout(Stdio::null()).status().unwrap().success());
        let embedded = format!("sqlite:{}", data.join("gouvernail.sqlite").display());
        let url = named.map_or(embedded, str::to_owned);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let market = runtime.block_on(fill(&url, &producer(), 1_000_000));
        let db = runtime.block_on(Db::open(&DbOptions::new(&url))).unwrap();
        Self {
            runtime,
            db,
            market,
            log,
        }
    }

    fn traced(&self) -> Vec<Uuid> {
        let all = TRACED.query().all(&self.db, |row| row.get("request_id"));
        self.runtime.block_on(all).unwrap()
    }

    fn counted(&self) -> usize {
        let all = COUNTED.query().one(&self.db, |row| row.get::<i64>("n"));
        usize::try_from(self.runtime.block_on(all).unwrap()).unwrap()
    }

    /// Checks the sealed log with its key and its files alone; gives its entries.
    fn verify(&self) -> usize {
        let seed = std::fs::read_to_string(self.log.join("log-key")).unwrap();
        let byte = |at: usize| u8::from_str_radix(&seed[at..at + 2], 16).unwrap();
        let seed: Vec<u8> = (0..64).step_by(2).map(byte).collect();
        let seed: [u8; 32] = seed.try_into().unwrap();
        let signer = Signer::from_seed("exchange.example/log/traces", KeyKind::Note, &seed);
        let key = signer.unwrap().verifier().to_string();
        let checked = Command::new(env!("CARGO_BIN_EXE_gouvernail"))
            .args(["verify-log", "--entries", "--key", &key])
            .arg(self.log.join("files/log/traces"))
            .output()
            .unwrap();
        let told = String::from_utf8(checked.stdout).unwrap();
        assert!(checked.status.success(), "{told}{:?}", checked.stderr);
        let mut lines = told.lines();
        let entries = lines.find_map(|line| line.strip_prefix("entries  "));
        let entries = entries.unwrap().split(' ').next().unwrap();
        entries.parse().unwrap()
    }
}

/// Calls on and on; gives what was answered when nothing more is.
fn call_until_cut(address: &str, key: &str, answered: &Mutex<Vec<Uuid>>) {
    loop {
        match call(address, key) {
            Ok(called) if called.word == "data" => {
                answered.lock().unwrap().push(called.request);
            }
            // Refusals of a gateway that begins are none of a call.
            Ok(called) => assert_eq!(called.word, "gateway-cut-off"),
            Err(_) => return,
        }
    }
}

fn kill_while_calls_are_answered(kept: &Kept, killed: &mut impl Killed) -> usize {
    let mut all = HashSet::new();
    for kill in 0..KILLS {
        let address = killed.address();
        let answered = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..CALLERS {
                let (address, key) = (address.as_str(), kept.market.key.as_str());
                scope.spawn(|| call_until_cut(address, key, &answered));
            }
            // Counted in answers: a slow machine is killed as often in the middle of something.
            wait_until(|| answered.lock().unwrap().len() as u64 > kill % 7);
            std::thread::sleep(Duration::from_millis(kill * 13 % 40));
            killed.kill();
        });
        killed.start_again();
        let answered = answered.into_inner().unwrap();
        assert!(!answered.is_empty(), "kill {kill}");
        all.extend(answered.iter().copied());
        let missing = || {
            let traced: HashSet<Uuid> = kept.traced().into_iter().collect();
            all.iter().filter(|id| !traced.contains(id)).count()
        };
        wait_until(|| missing() == 0);
        assert_eq!(missing(), 0, "calls without a trace after kill {kill}");
        if kill % VERIFIED_EVERY == 0 {
            kept.verify();
        }
    }
    let traced = kept.traced();
    let once: HashSet<Uuid> = traced.iter().copied().collect();
    assert_eq!(once.len(), traced.len(), "a call was traced twice");
    all.len()
}

/// What the pages show is what was answered; the log holds each trace once.
fn pages_count_each_once(kept: &Kept, platform: &str) {
    // Calls whose answers were cut have traces as well: all that the log holds come to the pages.
    let settled = || {
        let traced = kept.traced().len();
        traced == kept.verify() && traced == kept.counted()
    };
    wait_until(settled);
    let traced = kept.traced().len();
    assert_eq!(kept.verify(), traced);
    assert_eq!(kept.counted(), traced);
    let mut nour = Browser::signed_in_as(platform, PRODUCER_EMAIL);
    let file = nour.get("/exchange/traces.csv").unwrap();
    let shown = file.body.lines().count() - 1;
    assert!(shown <= traced);
    // Calls that showed no valid key are everybody's; there are none.
    assert_eq!(shown, traced);
}

struct Remote {
    process: GatewayProcess,
    folder: PathBuf,
    platform: String,
    keys: PathBuf,
}

impl Remote {
    fn start(folder: &Path, platform: &str, keys: &Path) -> GatewayProcess {
        GatewayProcess::start(folder, platform, keys, &["--set", QUIET])
    }
}

impl Killed for Remote {
    fn address(&self) -> String {
        self.process.address.clone()
    }

    fn kill(&mut self) {
        self.process.kill();
    }

    fn start_again(&mut self) {
        self.process = Self::start(&self.folder, &self.platform, &self.keys);
    }
}

#[test]
fn a_gateway_killed_fifty_times_loses_no_trace_and_counts_none_twice() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = runtime.block_on(kit_db::testing::postgres_url());
    let place = tempfile::tempdir().unwrap();
    let (data, folder) = (place.path().join("platform"), place.path().join("gateway"));
    let kept = Kept::fill(&data, Some(&url), folder.clone());
    let of_gateway = Keys::made(
        place.path().join("gateways.jwks"),
        std::slice::from_ref(&folder),
    );
    let platform = Served::start(&data, Some(&url), &[&of_gateway.setting(), QUIET]);
    let keys = place.path().join("control.jwks");
    fetch_control_keys(&platform.address, &keys);
    let process = Remote::start(&folder, &platform.address, &keys);
    let mut killed = Remote {
        process,
        folder,
        platform: platform.address.clone(),
        keys,
    };
    let answered = kill_while_calls_are_answered(&kept, &mut killed);
    pages_count_each_once(&kept, &platform.address);
    assert!(answered as u64 > KILLS, "{answered} calls answered");
}

struct Inside {
    served: Served,
    data: PathBuf,
    listen: String,
}

impl Inside {
    fn start(data: &Path, listen: &str) -> Served {
        let listening = format!("exchange.gateway_listen={listen}");
        let named = "exchange.gateway_url=http://exchange.example";
        Served::start(data, None, &[&listening, named, QUIET])
    }
}

impl Killed for Inside {
    fn address(&self) -> String {
        self.listen.clone()
    }

    fn kill(&mut self) {
        self.served.kill();
    }

    fn start_again(&mut self) {
        self.served = Self::start(&self.data, &self.listen);
    }
}

#[test]
fn a_platform_killed_fifty_times_loses_no_trace_of_its_own_gateway() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("platform");
    let kept = Kept::fill(&data, None, data.join("gateway"));
    // Free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap().to_string();
    drop(free);
    let served = Inside::start(&data, &listen);
    let mut killed = Inside {
        served,
        data,
        listen,
    };
    let answered = kill_while_calls_are_answered(&kept, &mut killed);
    pages_count_each_once(&kept, &killed.served.address);
    assert!(answered as u64 > KILLS, "{answered} calls answered");
}
