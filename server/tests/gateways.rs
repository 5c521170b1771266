//! Three gateways of one platform on `PostgreSQL`: what is stopped is stopped at all of them, also at
//! one that was cut off meanwhile.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod support;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use support::citizen;
use support::exchange::{
    GatewayProcess, Keys, Market, PRODUCER_EMAIL, Wire, call, call_about_elodie,
    fetch_control_keys, fill, producer,
};
use support::{Answer, Browser, Served, form, gouvernail, wait_until};

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
    /// The folder of the first gateway.
    first: PathBuf,
    /// Begins a gateway, also one that was killed.
    begin: Box<dyn Fn(usize) -> GatewayProcess>,
    _folder: tempfile::TempDir,
}

fn three(per_day: u64) -> Three {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = runtime.block_on(kit_db::testing::postgres_url());
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let mut migrate = gouvernail(&place("platform"), Some(&url), &["migrate"]);
    let quiet = std::process::Stdio::null();
    assert!(migrate.stdout(quiet).status().unwrap().success());
    let market = runtime.block_on(fill(&url, &producer(), per_day));
    let folders: Vec<PathBuf> = ["one", "two", "three"].map(place).into();
    let keys = Keys::made(place("gateways.jwks"), &folders);
    let settings = [keys.setting(), "identity.mock_providers=on".to_owned()];
    let settings = settings.each_ref().map(String::as_str);
    let platform = Served::start(&place("platform"), Some(&url), &settings);
    fetch_control_keys(&platform.address, &place("control.jwks"));
    let wire = Wire::to(&platform.address);
    let name = format!("http://{}", platform.address);
    let first = folders[0].clone();
    let controls = [&platform.address, &platform.address, &wire.address].map(Clone::clone);
    let keys = place("control.jwks");
    let begin = move |gateway: usize| {
        let cut_off = CUT_OFF.as_secs().to_string();
        let more = ["--control-name", &name, "--cut-off-seconds", &cut_off];
        GatewayProcess::start(&folders[gateway], &controls[gateway], &keys, &more)
    };
    Three {
        gateways: (0..3).map(&begin).collect(),
        begin: Box::new(begin),
        platform,
        wire,
        market,
        first,
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
    let mut three = three(1_000_000);
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

impl Three {
    /// The producer's rule: more than `limit` calls in a day stop the flow. Gives its page.
    fn rule(&self, nour: &mut Browser, limit: &str) {
        let api = self.market.api;
        let page = nour.get(&format!("/exchange/rules/new?api={api}")).unwrap();
        let mut form = form::read(&page.body, "/exchange/rules/new");
        for (name, value) in [
            ("name", "Trop d’appels"),
            ("kind", "volume"),
            ("window", "day"),
            ("limit", limit),
            ("effect", "suspend"),
        ] {
            form.set(name, value);
        }
        let added = nour.post("/exchange/rules/new", &form).unwrap();
        assert_eq!(added.status, 303, "{}", added.body);
        let path = added.header("location").next().unwrap().to_owned();
        let page = nour.get(&path).unwrap();
        let switch = format!("{path}/switch");
        let form = form::read(&page.body, &switch);
        assert_eq!(nour.post(&switch, &form).unwrap().status, 303);
    }
}

#[test]
fn a_rule_stops_a_flow_at_every_gateway_until_somebody_lets_it_go_on() {
    let three = three(1_000_000);
    for gateway in 0..3 {
        three.becomes(gateway, "gateway-cut-off", "data", Duration::from_secs(30));
    }
    let mut nour = Browser::signed_in_as(&three.platform.address, PRODUCER_EMAIL);
    three.rule(&mut nour, "40");
    // Each gateway alone stays below the limit, which is of all of them.
    let within = Duration::from_secs(30);
    for _ in 0..15 {
        for gateway in 0..3 {
            let word = three.call(gateway);
            assert!(word == "data" || word == "flow-stopped", "{word}");
        }
    }
    for gateway in 0..3 {
        three.becomes(gateway, "data", "flow-stopped", within);
    }
    let list = nour.get("/exchange/alerts").unwrap().body;
    let place = list.split("href=\"/exchange/alerts/").nth(1).unwrap();
    let id = place.split('"').next().unwrap();
    let path = format!("/exchange/alerts/{id}");
    let page = nour.get(&path).unwrap();
    assert!(page.body.contains("Trop d’appels"));
    let form = form::read(&page.body, &path);
    let form = form::Form::of(&[
        ("csrf_token", form.text("csrf_token")),
        ("how", "resumed"),
        ("reason", "C’était un essai."),
    ]);
    let resumed = nour.post(&path, &form).unwrap();
    assert_eq!(resumed.status, 303, "{}", resumed.body);
    // That day has fired: it isn't stopped again.
    for gateway in 0..3 {
        three.becomes(gateway, "flow-stopped", "data", within);
    }
}

/// The day of UTC: quotas of a day begin anew with it.
fn today() -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC
        .to_datetime(jiff::Timestamp::now())
        .date()
}

#[test]
fn a_quota_of_a_day_holds_over_all_gateways() {
    const LIMIT: u64 = 60;
    const OF_FIRST: u64 = 40;
    let mut three = three(LIMIT);
    for gateway in 0..3 {
        wait_until(|| three.call(gateway) != "gateway-cut-off");
    }
    // What was called so far was called today, unless midnight came.
    loop {
        let day = today();
        let told = shared(&mut three, LIMIT, OF_FIRST);
        if today() == day {
            let (of_second, of_third) = told;
            assert!(of_second <= LIMIT - OF_FIRST, "{of_second}");
            assert!(of_third <= OF_FIRST, "{of_third}");
            return;
        }
    }
}

/// Calls the first gateway, then the others until they refuse; gives how many calls these took.
fn shared(three: &mut Three, limit: u64, of_first: u64) -> (u64, u64) {
    for _ in 0..of_first {
        if three.call(0) != "data" {
            break;
        }
    }
    // A gateway hears of the others' calls in the second in which it is called.
    let until_refused = |three: &Three, gateway: usize| {
        let mut taken = 0;
        let begun = Instant::now();
        loop {
            let market = &three.market;
            let called = call(&three.gateways[gateway].address, &market.key).unwrap();
            match called.word.as_str() {
                "data" => taken += 1,
                "quota-of-day" => return taken,
                other => assert_eq!(other, "gateway-cut-off"),
            }
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{taken} of {limit}"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let of_second = until_refused(three, 1);
    let of_third = until_refused(three, 2);
    // One that begins anew knows what it counted before, a second later.
    three.gateways[1].kill();
    three.gateways[1] = (three.begin)(1);
    let again = until_refused(three, 1);
    assert!(again < limit, "{again}");
    (of_second, of_third)
}

/// Asks for a page until it says something.
fn comes(browser: &mut Browser, path: &str, word: &str) -> Answer {
    let begun = Instant::now();
    loop {
        let page = browser.get(path).unwrap();
        if page.body.contains(word) {
            return page;
        }
        let late = begun.elapsed();
        assert!(late < Duration::from_mins(1), "{word}: {}", page.body);
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_proof_comes_from_a_gateway_on_another_machine_and_is_checked_by_its_key_alone() {
    let three = three(1_000_000);
    three.becomes(0, "gateway-cut-off", "data", Duration::from_secs(30));
    let gateway = &three.gateways[0];
    let called = call_about_elodie(&gateway.address, &three.market.key).unwrap();
    assert_eq!(called.word, "data");
    let mut elodie = citizen::signed_in(&three.platform.address);
    let list = comes(&mut elodie, "/citizen/accesses", "/citizen/access?log=");
    let path = citizen::link(&list.body, "/citizen/access?log=").unwrap();
    let page = elodie.get(&path).unwrap();
    // Its log is no file of the platform: it is asked for, and comes with one of the next reports.
    let form = form::read(&page.body, "/citizen/access/proof");
    let asked = elodie.post("/citizen/access/proof", &form).unwrap();
    assert_eq!(asked.status, 303, "{}", asked.body);
    let page = comes(&mut elodie, &path, "La preuve est arrivée");
    let file = citizen::link(&page.body, "/citizen/access/proof?log=").unwrap();
    let file = elodie.get(&file).unwrap();
    assert_eq!(file.status, 200);
    let told: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    assert!(
        told["row"]
            .as_str()
            .unwrap()
            .contains(&called.request.to_string())
    );

    let kept = three.first.join("preuve.json");
    let verify = |content: &str, key: &str| {
        std::fs::write(&kept, content).unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_gouvernail"))
            .args(["verify-proof", "--key", key])
            .arg(&kept)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), text + &errors)
    };
    let (status, told) = verify(&file.body, &gateway.log_key);
    assert_eq!(status, Some(0), "{told}");
    assert!(told.ends_with("the row stands in the log\n"), "{told}");
    // Another row, or the key of another gateway's log.
    let forged = file.body.replace("cantine", "impots");
    let (status, told) = verify(&forged, &gateway.log_key);
    assert_eq!(status, Some(3), "{told}");
    let (status, told) = verify(&file.body, &three.gateways[1].log_key);
    assert_eq!(status, Some(3), "{told}");
}
