//! Two processes on one `PostgreSQL` are one platform: sessions, codes, tokens, keys and services are
//! the same at both.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod support;

use std::time::{Duration, Instant};

use jose::jwk::JwkSet;
use jose::jws::{Typ, verify_any};
use support::service::{PUBLIC_URL, QUIET, Service, register};
use support::{Browser, Served, add_administrator, form, gouvernail};

/// Two processes, and an officer signed in at the first.
struct Pair {
    url: String,
    one: Served,
    other: Served,
    officer: Browser,
    _folder: tempfile::TempDir,
}

fn pair() -> Pair {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = runtime.block_on(kit_db::testing::postgres_url());
    let folder = tempfile::tempdir().unwrap();
    let named = Some(url.as_str());
    let data = ["one", "other"].map(|name| folder.path().join(name));
    let mut migrate = gouvernail(&data[0], named, &["migrate"]);
    let quiet = std::process::Stdio::null();
    assert!(migrate.stdout(quiet).status().unwrap().success());
    add_administrator(&data[0], named);
    let [one, other] = data.map(|data| Served::start(&data, named, &[PUBLIC_URL, QUIET]));
    let officer = Browser::signed_in(&one.address);
    Pair {
        url,
        one,
        other,
        officer,
        _folder: folder,
    }
}

impl Pair {
    fn service(&self, name: &str, algorithm: &str) -> Service {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(register(&self.url, name, algorithm))
    }

    /// The officer's browser, sent to the other process.
    fn elsewhere(&self) -> Browser {
        let mut browser = self.officer.clone();
        browser.address.clone_from(&self.other.address);
        browser
    }
}

/// A process believes for a second what it read of keys and services.
fn within_a_second(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    loop {
        let late = begun.elapsed();
        if holds() {
            return;
        }
        assert!(late < Duration::from_secs(1), "not yet after {late:?}");
    }
}

#[test]
fn a_code_of_one_is_redeemed_at_the_other_once() {
    let mut pair = pair();
    let service = pair.service("Guichet", "ES256");
    let (one, other) = (pair.one.address.clone(), pair.other.address.clone());
    let code = service.authorize(&mut pair.officer, &[]).unwrap().unwrap();
    let tokens = service.exchange(&other, &code).unwrap().unwrap();
    assert!(service.is_active(&one, &tokens.access));
    // Used at both at once: one answers.
    let renewed = std::thread::scope(|scope| {
        let tries = [&one, &other].map(|address| {
            let (service, token) = (&service, &tokens.refresh);
            scope.spawn(move || service.refresh(address, token).unwrap())
        });
        let answers = tries.map(|attempt| attempt.join().unwrap());
        answers.into_iter().flatten().count()
    });
    assert_eq!(renewed, 1);
    let again = service.exchange(&one, &code).unwrap();
    assert_eq!(again.err().as_deref(), Some("invalid_grant"));
    assert!(
        !service.is_active(&other, &tokens.access),
        "the code was copied"
    );
}

#[test]
fn signing_out_at_one_is_seen_at_the_other_at_once() {
    let mut pair = pair();
    let service = pair.service("Guichet", "ES256");
    let other = pair.other.address.clone();
    let mut elsewhere = pair.elsewhere();
    let code = service.authorize(&mut elsewhere, &[]).unwrap().unwrap();
    let tokens = service.exchange(&other, &code).unwrap().unwrap();
    assert!(service.is_active(&other, &tokens.access));
    let page = pair.officer.get("/account").unwrap();
    let fields = form::read(&page.body, "/sign-out");
    assert_eq!(pair.officer.post("/sign-out", &fields).unwrap().status, 303);
    assert!(!service.is_active(&other, &tokens.access));
    assert!(service.refresh(&other, &tokens.refresh).unwrap().is_err());
    let back = service.authorize(&mut elsewhere, &[("prompt", "none")]);
    assert_eq!(back.unwrap().err().as_deref(), Some("login_required"));
}

#[test]
fn keys_of_one_are_accepted_and_shown_at_the_other() {
    let mut pair = pair();
    let (one, other) = (pair.one.address.clone(), pair.other.address.clone());
    let shown = |address: &str| Browser::new(address).get("/api/v2/jwks").unwrap().body;
    // Both know the keys that there are before.
    within_a_second(|| shown(&one) == shown(&other));
    let page = pair.officer.get("/services").unwrap();
    let fields = form::read(&page.body, "/services/keys");
    let rotated = pair.officer.post("/services/keys", &fields).unwrap();
    assert_eq!(rotated.status, 303);
    within_a_second(|| shown(&one) == shown(&other));
    // The first key of an algorithm signs at once.
    let service = pair.service("Guichet", "PS256");
    let code = service.authorize(&mut pair.officer, &[]).unwrap().unwrap();
    let tokens = service.exchange(&one, &code).unwrap().unwrap();
    within_a_second(|| shown(&one) == shown(&other));
    let set = JwkSet::parse(shown(&other).as_bytes()).unwrap();
    let keys = set.verification_keys(jose::Algorithm::Ps256);
    let typ = Typ::AbsentOr(&["JWT"]);
    verify_any(&tokens.id, &keys, typ, &jose::Limits::SIGNED).unwrap();
    // It proves at the other one whose session is meant: nobody is asked.
    let mut elsewhere = pair.elsewhere();
    let query = form::Form::of(&[("id_token_hint", &tokens.id)]).encoded();
    let left = elsewhere
        .get(&format!("/api/v2/session/end?{query}"))
        .unwrap();
    assert!(
        !left.body.contains("<form action=\"/connect"),
        "{}",
        left.body
    );
    let back = service.authorize(&mut pair.officer, &[("prompt", "none")]);
    assert_eq!(back.unwrap().err().as_deref(), Some("login_required"));
}

#[test]
fn a_service_suspended_at_one_is_refused_at_the_other_within_a_second() {
    let mut pair = pair();
    let service = pair.service("Guichet", "ES256");
    let other = pair.other.address.clone();
    let mut elsewhere = pair.elsewhere();
    let code = service.authorize(&mut elsewhere, &[]).unwrap().unwrap();
    let tokens = service.exchange(&other, &code).unwrap().unwrap();
    let list = pair.officer.get("/services").unwrap().body;
    let page = list.split("href=\"/services/").skip(1);
    let id = page
        .filter_map(|rest| rest.split('"').next())
        .find(|id| id.len() == 36)
        .unwrap();
    let page = pair.officer.get(&format!("/services/{id}")).unwrap();
    let action = format!("/services/{id}/suspended");
    let fields = form::read(&page.body, &action);
    assert_eq!(pair.officer.post(&action, &fields).unwrap().status, 303);
    within_a_second(|| {
        let is_refused = service.authorize(&mut elsewhere, &[]).unwrap().is_err();
        is_refused && service.refresh(&other, &tokens.refresh).unwrap().is_err()
    });
}
