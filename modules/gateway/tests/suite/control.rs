//! A control plane and gateways on other machines: who is told what, and how soon.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use gateway::{
    Desk, Follower, GatewaySettings, Made, RemoteControl, SNAPSHOT_PATH, SnapshotMaker,
    SnapshotSource, Told,
};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use jose::jwk::{KeyKind, SigningKey};
use kit_time::Source;
use ports::exchange::{Snapshot, StopTarget};
use tokio::net::TcpListener;

use crate::support::*;

/// What is in force, as a test lays it out.
struct Laid(Mutex<Snapshot>);

impl SnapshotMaker for Laid {
    fn number(&self) -> Made<'_, u64> {
        let number = self.0.lock().unwrap().number;
        Box::pin(async move { Ok(number) })
    }

    fn snapshot(&self) -> Made<'_, Snapshot> {
        let snapshot = self.0.lock().unwrap().clone();
        Box::pin(async move { Ok(snapshot) })
    }
}

/// A control plane that answers over HTTP, unless it is unplugged.
struct Plane {
    laid: Arc<Laid>,
    desk: Arc<Desk>,
    url: String,
    is_unplugged: Arc<AtomicBool>,
}

fn ed25519() -> SigningKey {
    SigningKey::generate(KeyKind::EdDsa).unwrap()
}

async fn plane(world: &World, control: SigningKey, gateways: &[&SigningKey]) -> Plane {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let laid = Arc::new(Laid(Mutex::new(world.snapshot.clone())));
    let keys = gateways.iter().map(|key| key.verification_key().unwrap());
    let source = Source::with_clock(world.clock.clone(), 3);
    let desk = Arc::new(Desk::new(
        laid.clone(),
        Arc::new(control),
        keys.collect(),
        &url,
        source,
    ));
    let is_unplugged = Arc::new(AtomicBool::new(false));
    let (answering, unplugged) = (desk.clone(), is_unplugged.clone());
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let (desk, unplugged) = (answering.clone(), unplugged.clone());
            let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                let (desk, unplugged) = (desk.clone(), unplugged.clone());
                async move { Ok::<_, Infallible>(answer(&desk, &unplugged, &request).await) }
            });
            tokio::spawn(async move {
                drop(
                    Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(tcp), service)
                        .await,
                );
            });
        }
    });
    Plane {
        laid,
        desk,
        url,
        is_unplugged,
    }
}

async fn answer(
    desk: &Desk,
    unplugged: &AtomicBool,
    request: &Request<hyper::body::Incoming>,
) -> Response<Full<Bytes>> {
    assert_eq!(request.uri().path(), SNAPSHOT_PATH);
    let query = request.uri().query().unwrap_or_default();
    let number = |name: &str| -> Option<u64> {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(key, _)| *key == name);
        found.map(|(_, number)| number.parse().unwrap())
    };
    let wait = number("wait_ms").map(Duration::from_millis);
    let shown = request
        .headers()
        .get("authorization")
        .map(|value| value.to_str().unwrap());
    let told = desk.answer(shown, number("known"), wait).await.unwrap();
    let (status, body) = match told {
        _ if unplugged.load(Ordering::SeqCst) => (StatusCode::BAD_GATEWAY, String::new()),
        Told::Stranger => (StatusCode::UNAUTHORIZED, String::new()),
        Told::Same => (StatusCode::NO_CONTENT, String::new()),
        Told::Newer(signed) => (StatusCode::OK, signed.0),
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
}

fn remote(world: &World, plane: &Plane, key: SigningKey) -> RemoteControl {
    let source = Source::with_clock(world.clock.clone(), 4);
    RemoteControl::new(
        &GatewaySettings::default(),
        &plane.url,
        Arc::new(key),
        source,
    )
    .unwrap()
}

fn follower(world: &World, plane_key: &SigningKey) -> Follower {
    Follower::new(
        world.gateway.clone(),
        vec![plane_key.verification_key().unwrap()],
        None,
    )
}

async fn reaches(world: &World, number: u64) {
    while world.gateway.number() != Some(number) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_stop_reaches_three_gateways_within_a_second_and_one_that_was_cut_off_when_it_comes_back()
{
    let control = ed25519();
    let public = control.jwk();
    let worlds = [World::new().await, World::new().await, World::new().await];
    let keys = [ed25519(), ed25519(), ed25519()];
    let known: Vec<&SigningKey> = keys.iter().collect();
    let plane_of_two = plane(
        &worlds[0],
        SigningKey::from_pkcs8(jose::Algorithm::EdDsa, &control.to_pkcs8().unwrap()).unwrap(),
        &known,
    )
    .await;
    // The third asks another door of the same control plane, which gets unplugged.
    let door = plane(
        &worlds[0],
        SigningKey::from_pkcs8(jose::Algorithm::EdDsa, &control.to_pkcs8().unwrap()).unwrap(),
        &known,
    )
    .await;
    assert_eq!(public, control.jwk());
    for (at, (world, key)) in worlds.iter().zip(keys).enumerate() {
        let remote = remote(world, if at < 2 { &plane_of_two } else { &door }, key);
        let follower = follower(world, &control);
        tokio::spawn(async move { follower.follow(&remote).await });
    }
    door.is_unplugged.store(true, Ordering::SeqCst);
    for laid in [&plane_of_two.laid, &door.laid] {
        let mut laid = laid.0.lock().unwrap();
        laid.number = 2;
        laid.stops = vec![stop(StopTarget::Api(API))];
    }
    let both = async {
        reaches(&worlds[0], 2).await;
        reaches(&worlds[1], 2).await;
    };
    tokio::time::timeout(Duration::from_secs(1), both)
        .await
        .expect("within a second");
    assert_eq!(worlds[2].gateway.number(), Some(1));
    door.is_unplugged.store(false, Ordering::SeqCst);
    soon(reaches(&worlds[2], 2)).await;
    for world in worlds {
        world.end().await;
    }
}

#[tokio::test]
async fn a_stranger_is_told_nothing() {
    let (world, control, own) = (World::new().await, ed25519(), ed25519());
    let plane = plane(&world, control, &[&own]).await;
    let refused = remote(&world, &plane, ed25519())
        .newer(None)
        .await
        .unwrap_err();
    let why = std::error::Error::source(&refused).unwrap().to_string();
    assert!(why.contains("doesn't know"), "{why}");
    let good = remote(&world, &plane, own);
    assert!(good.newer(None).await.unwrap().is_some());
    for shown in [
        None,
        Some("Bearer "),
        Some("Bearer a.b.c"),
        Some("Basic a:b"),
    ] {
        assert!(
            matches!(
                plane.desk.answer(shown, None, None).await.unwrap(),
                Told::Stranger
            ),
            "{shown:?}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn snapshots_are_asked_over_https_but_on_this_machine() {
    let key = Arc::new(ed25519());
    for (url, is_taken) in [
        ("https://control.example", true),
        ("http://127.0.0.1:8080", true),
        ("http://control.example", false),
        ("http://127.0.0.1.evil.example", false),
        ("ftp://control.example", false),
        ("control", false),
    ] {
        let source = Source::fixed(start(), 1);
        let made = RemoteControl::new(&GatewaySettings::default(), url, key.clone(), source);
        assert_eq!(made.is_ok(), is_taken, "{url}");
    }
}

#[tokio::test]
async fn a_gateway_beside_the_control_plane_asks_it_without_a_network() {
    let (world, control) = (World::new().await, ed25519());
    let follower = follower(&world, &control);
    let plane = plane(&world, control, &[]).await;
    follower.once(&*plane.desk).await.unwrap();
    plane.laid.0.lock().unwrap().number = 7;
    follower.once(&*plane.desk).await.unwrap();
    assert_eq!(world.gateway.number(), Some(7));
    // Nothing new: it is heard all the same.
    world.advance(60);
    follower.once(&*plane.desk).await.unwrap();
    assert_eq!(world.gateway.heard_at(), Some(world.now()));
    world.end().await;
}
