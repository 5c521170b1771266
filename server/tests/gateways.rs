//! Three gateways of one platform on `PostgreSQL`: what is stopped is stopped at all of them, also at
//! one that was cut off meanwhile.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod support;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use support::exchange::{
    GatewayProcess, Keys, Market, PRODUCER_EMAIL, Wire, call, fetch_control_keys, fill, producer,
};
use support::{Browser, Served, form, gouvernail};

/// For how long a gateway goes on without the platform, in these tests.
const CUT_OFF: Duration = Duration::from_secs(3);
/// Within which a stop is in force. What is promised is a second; machines that run tests may be busy
/// with other things.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// A platform and three gateways, the last of them behind a wire that can be cut.
struct Three {
    platform: Served,
    gateways: Vec<GatewayProcess>,
    wire: Wire,
    market: Market,
    _folder: tempfile::TempDir,
}

fn three(per_minute: u32) -> Three {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = runtime.block_on(kit_db::testing::postgres_url());
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let mut migrate = gouvernail(&place("platform"), Some(&url), &["migrate"]);
    let quiet = std::process::Stdio::null();
    assert!(migrate.stdout(quiet).status().unwrap().success());
    let market = runtime.block_on(fill(&url, &producer(), per_minute));
    let folders: Vec<PathBuf> = ["one", "two", "three"].map(place).into();
    let keys = Keys::made(place("gateways.jwks"), &folders);
    let platform = Served::start(&place("platform"), Some(&url), &[&keys.setting()]);
    fetch_control_keys(&platform.address, &place("control.jwks"));
    let wire = Wire::to(&platform.address);
    let controls = [&platform.address, &platform.address, &wire.address];
    let cut_off = CUT_OFF.as_secs().to_string();
    let name = format!("http://{}", platform.address);
    let gateways = folders.iter().zip(controls).map(|(folder, control)| {
        let more = ["--control-name", &name, "--cut-off-seconds", &cut_off];
        GatewayProcess::start(folder, control, &place("control.jwks"), &more)
    });
    Three {
        gateways: gateways.collect(),
        platform,
        wire,
        market,
        _folder: folder,
    }
}

impl Three {
    fn call(&self, gateway: usize) -> String {
        call(&self.gateways[gateway].address, &self.market.key)
            .unwrap()
            .word
    }

    /// Calls a gateway on and on until it answers so; gives when it did so first. All that it answered
    /// before is `before`.
    fn becomes(&self, gateway: usize, before: &str, after: &str, within: Duration) -> Instant {
        let begun = Instant::now();
        loop {
            let word = self.call(gateway);
            if word == after {
                return Instant::now();
            }
            assert_eq!(word, before, "gateway {gateway}");
            let late = begun.elapsed();
            assert!(late < within, "gateway {gateway}: {word} after {late:?}");
            // An address may call so often only.
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The producer stops all calls to the API, on its page.
    fn stop(&self) {
        let mut nour = Browser::signed_in_as(&self.platform.address, PRODUCER_EMAIL);
        let api = self.market.api;
        let path = format!("/exchange/stops/new?kind=api&target={api}");
        let page = nour.get(&path).unwrap();
        let mut form = form::read(&page.body, "/exchange/stops/new");
        form.set("producer", &self.market.producer.to_string());
        form.set("reason", "Trop d’appels la nuit.");
        let answer = nour.post("/exchange/stops/new", &form).unwrap();
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
}

#[test]
fn a_stop_reaches_every_gateway_and_one_that_was_cut_off_when_it_comes_back() {
    let mut three = three(100_000);
    for gateway in 0..3 {
        let started = Duration::from_secs(30);
        three.becomes(gateway, "gateway-cut-off", "data", started);
    }
    three.wire.cut();
    let cut = Instant::now();
    three.stop();
    let stopped = Instant::now();
    for gateway in 0..2 {
        let heard = three.becomes(gateway, "data", "flow-stopped", STOP_WITHIN);
        assert!(heard < stopped + STOP_WITHIN);
    }
    // The third one doesn't know: it goes on for its time, and no longer.
    let refused = three.becomes(2, "data", "gateway-cut-off", CUT_OFF * 4);
    assert!(refused > cut, "it went on while it was cut off");
    assert_eq!(three.call(0), "flow-stopped");
    three.wire.mend();
    let mended = Duration::from_secs(30);
    three.becomes(2, "gateway-cut-off", "flow-stopped", mended);
    // It never answered with data after it came back; and all three run still.
    for (gateway, process) in three.gateways.iter_mut().enumerate() {
        assert!(process.is_running(), "gateway {gateway}");
    }
}
