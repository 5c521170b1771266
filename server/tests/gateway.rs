//! The exchange's gateways as their operators run them: in the platform's process, and as a program of
//! their own on another machine.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Browser, Served};

/// A gateway in a process of its own; killed when dropped.
struct Gateway {
    child: Child,
    address: String,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Gateway {
    fn start(folder: &Path, platform: &str, keys: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gouvernail"))
            .args([
                "gateway",
                "--listen",
                "127.0.0.1:0",
                "--public-url",
                "http://exchange.example",
            ])
            .args([
                "--control",
                &format!("http://{platform}"),
                "--threads",
                "1",
                "--data",
            ])
            .arg(folder)
            .arg("--control-keys")
            .arg(keys)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(
            lines
                .next()
                .unwrap()
                .unwrap()
                .contains("\"crv\":\"Ed25519\"")
        );
        let line = lines.next().unwrap().unwrap();
        let address = line.strip_prefix("listening on ").unwrap().to_owned();
        Self { child, address }
    }
}

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
    std::fs::create_dir(place("gateway")).unwrap();
    let key = gateway::own_key(&place("gateway").join("gateway-key.pem")).unwrap();
    let known = json!({ "keys": [Value::Object(key.jwk().to_members())] });
    std::fs::write(place("gateways.jwks"), known.to_string()).unwrap();
    let setting = format!("exchange.gateway_keys={}", place("gateways.jwks").display());
    let mut platform = Served::start(&place("platform"), None, &[&setting]);
    let browser = &mut Browser::new(&platform.address);
    let published = browser.get("/exchange/gateway/keys").unwrap();
    std::fs::write(place("control.jwks"), &published.body).unwrap();
    // A stranger hears nothing.
    assert_eq!(
        browser.get("/exchange/gateway/snapshot").unwrap().status,
        401
    );

    let started = Gateway::start(&place("gateway"), &platform.address, &place("control.jwks"));
    answers_by(&started.address, "unknown-path");
    drop(started);
    // Cut off, it begins with its copy.
    platform.kill();
    let again = Gateway::start(&place("gateway"), &platform.address, &place("control.jwks"));
    answers_by(&again.address, "unknown-path");
    drop(again);
    // Without one it refuses.
    std::fs::remove_file(place("gateway").join("snapshot.jws")).unwrap();
    let blind = Gateway::start(&place("gateway"), &platform.address, &place("control.jwks"));
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
