//! From where a gateway knows what is in force, and what it does when nobody tells it.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::support::*;
use gateway::{Newer, SignedSnapshot, SnapshotError, SnapshotSource};
use jose::jwk::{KeyKind, SigningKey};

/// A control plane that gives what a test laid out, then nothing, then fails.
struct Laid(Mutex<VecDeque<Option<SignedSnapshot>>>);

impl SnapshotSource for Laid {
    fn newer(&self, _: Option<u64>) -> Newer<'_> {
        let next = self.0.lock().unwrap().pop_front();
        Box::pin(async move { next.ok_or_else(|| SnapshotError::Source("unplugged".into())) })
    }
}

fn laid(all: impl IntoIterator<Item = Option<SignedSnapshot>>) -> Laid {
    Laid(Mutex::new(all.into_iter().collect()))
}

#[tokio::test]
async fn a_gateway_that_is_cut_off_goes_on_for_an_hour_and_then_refuses() {
    let world = World::new().await;
    let follower = world.follower(None);
    world.advance(3_600);
    assert_eq!(world.call().await.status, 200);
    world.advance(1);
    let cut_off = world.call().await;
    assert_eq!(
        (cut_off.status, cut_off.code().as_str()),
        (503, "gateway-cut-off")
    );
    assert!(cut_off.header("retry-after").is_some());
    assert!(follower.once(&laid([])).await.is_err());
    assert_eq!(world.call().await.status, 503);
    // Told that nothing changed, it knows again.
    follower.once(&laid([None])).await.unwrap();
    assert_eq!(world.call().await.status, 200);
    assert!(world.asked().len() == 2);
    world.end().await;
}

#[tokio::test]
async fn a_snapshot_of_a_lower_number_is_refused() {
    let mut world = World::new().await;
    let old = world.signed();
    world.change(|snapshot| snapshot.stops = vec![stop(ports::exchange::StopTarget::Api(API))]);
    let follower = world.follower(None);
    let refused = follower.once(&laid([Some(old)])).await.unwrap_err();
    assert!(
        matches!(refused, SnapshotError::Older { found: 1, known: 2 }),
        "{refused:?}"
    );
    assert_eq!(world.call().await.code(), "flow-stopped");
    world.end().await;
}

#[tokio::test]
async fn a_snapshot_that_the_control_plane_did_not_sign_is_refused() {
    let mut world = World::new().await;
    world.snapshot.number = 9;
    let stranger = SigningKey::generate(KeyKind::EdDsa)
        .unwrap()
        .with_kid(world.control.kid());
    let good = world.signed();
    let mut changed = good.clone();
    let at = changed.0.find('.').unwrap() + 20;
    let other = if &changed.0[at..=at] == "A" { "B" } else { "A" };
    changed.0.replace_range(at..=at, other);
    // A key of another kind under the same name, as an issuer of tokens has.
    let typed = SignedSnapshot::sign(&world.snapshot, &world.issuer).unwrap();
    let follower = world.follower(None);
    for wrong in [
        SignedSnapshot::sign(&world.snapshot, &stranger).unwrap(),
        changed,
        typed,
        SignedSnapshot(String::new()),
        SignedSnapshot("a.b.c".to_owned()),
    ] {
        let refused = follower.once(&laid([Some(wrong)])).await.unwrap_err();
        assert!(
            matches!(refused, SnapshotError::Signature(_)),
            "{refused:?}"
        );
    }
    assert_eq!(world.gateway.number(), Some(1));
    follower.once(&laid([Some(good)])).await.unwrap();
    assert_eq!(world.gateway.number(), Some(9));
    world.end().await;
}

#[tokio::test]
async fn a_gateway_begins_with_its_copy_and_what_is_left_of_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("snapshot.jws");
    let mut world = World::new().await;
    world.snapshot.number = 5;
    let signed = world.signed();
    let follower = world.follower(Some(copy.clone()));
    follower.begin().unwrap();
    follower.once(&laid([Some(signed)])).await.unwrap();
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&copy).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    let again = World::set_up(
        settings(),
        producer(|_| answer_of("{}")).await,
        |snapshot| snapshot.number = 0,
    )
    .await;
    again.advance(3_500);
    let keys = vec![world.control.verification_key().unwrap()];
    gateway::Follower::new(again.gateway.clone(), keys, Some(copy.clone()))
        .begin()
        .unwrap();
    assert_eq!(again.gateway.number(), Some(5));
    assert_eq!(again.gateway.heard_at(), Some(start()));
    // A copy that somebody changed isn't believed.
    std::fs::write(&copy, "a.b.c").unwrap();
    assert!(follower.begin().is_err());
    world.end().await;
    again.end().await;
}

#[tokio::test]
async fn what_of_a_snapshot_cannot_be_used_is_left_out_alone() {
    let mut world = World::new().await;
    world.change(|snapshot| {
        let mut broken = snapshot.apis[0].clone();
        broken.id = uuid::Uuid::from_u128(50);
        broken.prefix = "autre/api".to_owned();
        broken.upstreams = vec!["ftp://x".to_owned()];
        snapshot.apis.push(broken);
        let mut broken = snapshot.accreditations[0].clone();
        broken.id = uuid::Uuid::from_u128(51);
        broken.addresses = vec!["everywhere".to_owned()];
        snapshot.accreditations.push(broken);
    });
    assert_eq!(world.call().await.status, 200);
    let answered = world
        .get(&format!("/autre/api/v1/foyers/1?{WHY}"), &world.token())
        .await;
    assert_eq!(answered.code(), "unknown-path");
    world.end().await;
}
