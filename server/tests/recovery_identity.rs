//! Power cuts while people sign in and out and services renew their tokens: the program is killed
//! again and again. No refresh token works twice, no session comes back after a sign-out that was
//! acknowledged, no key is lost.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::sync::{Barrier, Mutex};
use std::time::Duration;

use jose::jwk::JwkSet;
use jose::jws::{Typ, verify_any};
use kit_db::{Db, DbOptions, Statement};
use support::service::{PUBLIC_URL, QUIET, Service, Tokens, register};
use support::{Browser, Served, add_administrator, form, gouvernail, wait_until};

/// Kills on each of the two databases.
const KILLS: u64 = 20;
const REFRESHERS: usize = 2;

#[test]
fn sign_in_survives_kills_on_sqlite() {
    kill_while_signing_in(None);
}

#[test]
fn sign_in_survives_kills_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    kill_while_signing_in(Some(runtime.block_on(kit_db::testing::postgres_url())));
}

/// What is known of a service's refresh tokens, from kill to kill.
struct Chain {
    browser: Browser,
    last: Tokens,
    /// A renewal was sent, and then nothing came back.
    is_cut: bool,
}

/// What was acknowledged.
#[derive(Default)]
struct Known {
    /// How many times each refresh token was answered by tokens.
    answered: BTreeMap<String, u32>,
    /// Sessions that were signed out of, with what a service held of them.
    left: Vec<(Browser, Tokens)>,
    /// Sign-outs that were sent without an answer.
    left_cut: u64,
    keys: BTreeSet<String>,
    id_tokens: Vec<String>,
    /// Renewals without an answer, and of those the ones that had been done.
    cut: u64,
    cut_done: u64,
}

impl Known {
    fn answered(&mut self, token: &str, now: &Tokens) {
        let times = self.answered.entry(token.to_owned()).or_default();
        *times += 1;
        assert_eq!(*times, 1, "a refresh token was used twice");
        self.id_tokens.push(now.id.clone());
    }
}

fn kill_while_signing_in(database: Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let named = database.as_deref();
    let mut migrate = gouvernail(&data, named, &["migrate"]);
    assert!(migrate.stdout(Stdio::null()).status().unwrap().success());
    add_administrator(&data, named);
    let embedded = format!("sqlite:{}", data.join("gouvernail.sqlite").display());
    let url = database.clone().unwrap_or(embedded);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let service = runtime.block_on(register(&url, "Guichet", "ES256"));
    let start = || Served::start(&data, named, &[PUBLIC_URL, QUIET]);
    let mut served = start();
    let mut officer = Browser::signed_in(&served.address);
    let mut chains: Vec<Chain> = (0..REFRESHERS)
        .map(|_| {
            let browser = Browser::signed_in(&served.address);
            begin(browser, &served.address, &service)
        })
        .collect();
    let known = Mutex::new(Known::default());
    for kill in 0..KILLS {
        let address = served.address.clone();
        // Two use one token at once: it is nobody's afterwards.
        let raced = begin(officer.clone(), &address, &service).last;
        let before = {
            let known = known.lock().unwrap();
            (known.answered.len() as u64, known.left.len())
        };
        let together = Barrier::new(REFRESHERS + 4);
        std::thread::scope(|scope| {
            for chain in &mut chains {
                scope.spawn(|| {
                    together.wait();
                    renew_until_cut(chain, &address, &service, &known);
                });
            }
            for _ in 0..2 {
                scope.spawn(|| {
                    together.wait();
                    if let Ok(Ok(tokens)) = service.refresh(&address, &raced.refresh) {
                        known.lock().unwrap().answered(&raced.refresh, &tokens);
                    }
                });
            }
            scope.spawn(|| {
                together.wait();
                come_and_go_until_cut(&address, &service, &known);
            });
            let mut rotating = officer.clone();
            let (together, known) = (&together, &known);
            scope.spawn(move || {
                together.wait();
                rotate_until_cut(&mut rotating, known);
            });
            // Counted in answers: a slow machine is killed as often in the middle of something.
            let so_far = || {
                let known = known.lock().unwrap();
                (known.answered.len() as u64, known.left.len())
            };
            let (renewed, left) = before;
            let wants_sign_out = kill % 4 == 0;
            wait_until(|| {
                let now = so_far();
                now.0 > renewed + kill % 5 && (now.1 > left || !wants_sign_out)
            });
            std::thread::sleep(Duration::from_millis(kill * 37 % 100));
            served.kill();
        });
        served = start();
        officer.address.clone_from(&served.address);
        let mut known = known.lock().unwrap();
        check(&mut known, &served.address, &service, 5);
        for chain in &mut chains {
            chain.browser.address.clone_from(&served.address);
            go_on(chain, &served.address, &service, &mut known);
        }
        runtime.block_on(each_chain_has_one_end(&url));
    }
    let mut known = known.into_inner().unwrap();
    check(&mut known, &served.address, &service, usize::MAX);
    is_refused_later(&known, &served.address, &service);
    assert!(
        known.answered.len() > KILLS as usize && known.cut > 0 && !known.left.is_empty(),
        "{} renewals answered, {} cut of which {} were done, {} sign-outs answered, {} cut, {} keys",
        known.answered.len(),
        known.cut,
        known.cut_done,
        known.left.len(),
        known.left_cut,
        known.keys.len()
    );
}

/// Signs in to the service with a session.
fn begin(mut browser: Browser, address: &str, service: &Service) -> Chain {
    let code = service.authorize(&mut browser, &[]).unwrap().unwrap();
    Chain {
        last: service.exchange(address, &code).unwrap().unwrap(),
        browser,
        is_cut: false,
    }
}

fn renew_until_cut(chain: &mut Chain, address: &str, service: &Service, known: &Mutex<Known>) {
    while let Ok(answer) = service.refresh(address, &chain.last.refresh) {
        // A refresh token that was given is good.
        let now = answer.unwrap();
        known.lock().unwrap().answered(&chain.last.refresh, &now);
        chain.last = now;
    }
    chain.is_cut = true;
}

/// Signs in, lets a service know, and signs out.
fn come_and_go_until_cut(address: &str, service: &Service, known: &Mutex<Known>) {
    loop {
        let mut browser = Browser::new(address);
        let Ok(page) = browser.get("/sign-in") else {
            return;
        };
        let mut fields = form::read(&page.body, "/sign-in");
        fields.set("email", support::EMAIL);
        fields.set("password", support::PASSWORD);
        if browser.post("/sign-in", &fields).is_err() {
            return;
        }
        let Ok(Ok(code)) = service.authorize(&mut browser, &[]) else {
            return;
        };
        let Ok(Ok(tokens)) = service.exchange(address, &code) else {
            return;
        };
        let Ok(page) = browser.get("/account") else {
            return;
        };
        let fields = form::read(&page.body, "/sign-out");
        // What a thief of the cookie keeps.
        let kept = browser.clone();
        let mut known = known.lock().unwrap();
        match browser.post("/sign-out", &fields) {
            Ok(answer) => {
                assert_eq!(answer.status, 303, "{}", answer.body);
                known.left.push((kept, tokens));
            }
            Err(_) => {
                known.left_cut += 1;
                return;
            }
        }
    }
}

/// Makes new keys; remembers those that were shown.
fn rotate_until_cut(officer: &mut Browser, known: &Mutex<Known>) {
    // Each is kept for a day: a hundred at most are shown.
    for _ in 0..2 {
        let Ok(page) = officer.get("/services") else {
            return;
        };
        let fields = form::read(&page.body, "/services/keys");
        let Ok(answer) = officer.post("/services/keys", &fields) else {
            return;
        };
        assert_eq!(answer.status, 303, "{}", answer.body);
        let Ok(shown) = officer.get("/api/v2/jwks") else {
            return;
        };
        known.lock().unwrap().keys.extend(kids(&shown.body));
    }
}

fn kids(jwks: &str) -> BTreeSet<String> {
    let jwks: serde_json::Value = serde_json::from_str(jwks).unwrap();
    let keys = jwks["keys"].as_array().unwrap();
    let kids = keys.iter().map(|key| key["kid"].as_str().unwrap());
    kids.map(str::to_owned).collect()
}

/// What holds right after a start, of the latest sign-outs.
fn check(known: &mut Known, address: &str, service: &Service, latest: usize) {
    let shown = Browser::new(address).get("/api/v2/jwks").unwrap().body;
    let now = kids(&shown);
    let lost: Vec<_> = known.keys.difference(&now).collect();
    assert!(lost.is_empty(), "keys that were shown are lost: {lost:?}");
    known.keys = now;
    let set = JwkSet::parse(shown.as_bytes()).unwrap();
    let keys = set.verification_keys(jose::Algorithm::Es256);
    let typ = Typ::AbsentOr(&["JWT"]);
    for token in known.id_tokens.iter().rev().take(20) {
        verify_any(token, &keys, typ, &jose::Limits::SIGNED).unwrap();
    }
    for (browser, tokens) in known.left.iter_mut().rev().take(latest) {
        browser.address.clear();
        browser.address.push_str(address);
        let back = service.authorize(browser, &[("prompt", "none")]).unwrap();
        assert_eq!(back.err().as_deref(), Some("login_required"));
        assert!(!service.is_active(address, &tokens.access));
        let renewed = service.refresh(address, &tokens.refresh).unwrap();
        assert_eq!(renewed.err().as_deref(), Some("invalid_grant"));
    }
}

/// The chain goes on where it was; if a renewal was cut it may have been done, and then its token
/// is used up.
fn go_on(chain: &mut Chain, address: &str, service: &Service, known: &mut Known) {
    let used = chain.last.refresh.clone();
    match service.refresh(address, &used).unwrap() {
        Ok(now) => {
            known.answered(&used, &now);
            chain.last = now;
            known.cut += u64::from(chain.is_cut);
            // The one before the last is refused, and with it, as it was copied, all that followed.
            assert!(service.refresh(address, &used).unwrap().is_err());
            assert!(
                service
                    .refresh(address, &chain.last.refresh)
                    .unwrap()
                    .is_err()
            );
        }
        Err(error) => {
            assert!(
                chain.is_cut,
                "an acknowledged refresh token is lost: {error}"
            );
            known.cut += 1;
            known.cut_done += 1;
        }
    }
    let browser = chain.browser.clone();
    *chain = begin(browser, address, service);
}

/// Every refresh token that was ever answered is refused now.
fn is_refused_later(known: &Known, address: &str, service: &Service) {
    for token in known.answered.keys() {
        let answer = service.refresh(address, token).unwrap();
        assert_eq!(answer.err().as_deref(), Some("invalid_grant"));
    }
}

/// Of all refresh tokens of one sign-in one is unused at most: two would mean that one before them
/// was used twice.
async fn each_chain_has_one_end(url: &str) {
    let db = Db::open(&DbOptions::new(url)).await.unwrap();
    let ends = Statement::new(
        "test.ends",
        "SELECT COUNT(*) AS n FROM oidc_token WHERE is_refresh = TRUE AND used_at IS NULL
         GROUP BY authorization_id ORDER BY n DESC",
    );
    let ends = ends.query().all(&db, |row| row.get::<i64>("n")).await;
    let ends = ends.unwrap();
    assert!(ends.iter().all(|ends| *ends == 1), "{ends:?}");
    db.close().await;
}
