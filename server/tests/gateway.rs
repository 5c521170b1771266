//! The exchange's gateways as their operators run them: in the platform's process, and as a program of
//! their own on another machine.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod support;

use std::time::{Duration, Instant};

use serde_json::Value;
use support::exchange::{GatewayProcess, Keys, fetch_control_keys};
use support::{Browser, Served};

/// Calls what nobody offers until the problem has this code.
fn answers_by(address: &str, code: &str) {
    let begun = Instant::now();
    loop {
        let answer = Browser::new(address).get("/nobody/offers/this");
        let read = answer
            .ok()
            .and_then(|answer| serde_json::from_str::<Value>(&answer.body).ok());
        if read.as_ref().is_some_and(|problem| problem["code"] == code) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{read:?}");
        std::thread::yield_now();
    }
}

#[test]
fn a_gateway_on_another_machine_learns_what_is_in_force_and_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let keys = Keys::made(place("gateways.jwks"), &[place("gateway")]);
    let mut platform = Served::start(&place("platform"), None, &[&keys.setting()]);
    let browser = &mut Browser::new(&platform.address);
    fetch_control_keys(&platform.address, &place("control.jwks"));
    // A stranger hears nothing.
    assert_eq!(
        browser.get("/exchange/gateway/snapshot").unwrap().status,
        401
    );

    let control = platform.address.clone();
    let start = || GatewayProcess::start(&place("gateway"), &control, &place("control.jwks"), &[]);
    let started = start();
    answers_by(&started.address, "unknown-path");
    drop(started);
    // Cut off, it begins with its copy.
    platform.kill();
    let again = start();
    answers_by(&again.address, "unknown-path");
    drop(again);
    // Without one it refuses.
    std::fs::remove_file(place("gateway").join("snapshot.jws")).unwrap();
    let blind = start();
    answers_by(&blind.address, "gateway-cut-off");
}

#[test]
fn the_platform_answers_calls_in_its_own_process() {
    let folder = tempfile::tempdir().unwrap();
    // Free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let setting = format!("exchange.gateway_listen={address}");
    let _platform = Served::start(folder.path(), None, &[&setting]);
    answers_by(&address, "unknown-path");
}
