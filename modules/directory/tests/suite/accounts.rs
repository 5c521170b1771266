//! Guesses and strangers, devices, addresses, sessions.

use directory::{Directory, Followed, SignIn, SignedIn, Visit};
use jiff::SignedDuration;
use kit_db::Db;
use kit_journal::Journal;
use ports::{Accounts as _, PersonId};

use super::{PASSWORD, World, actor, ada, links, mails, words, world};

const ADA: &str = "ada@x.example";

kit_db::on_both_databases!(super::migrations() =>
    strangers_cannot_lock_somebody_out, guessing_is_slowed,
    an_unknown_address_is_answered_like_a_known_one, a_device_that_guesses_is_no_longer_known,
    tries_at_the_same_moment_are_all_counted, a_mail_link_lets_a_stranger_in,
    a_mail_tells_of_a_new_device_and_ends_its_session, an_address_is_verified_by_a_mail,
    another_address_counts_once_it_is_verified,
    nobody_learns_here_who_has_an_account, what_has_ended_is_forgotten,
);

/// A browser at an address, which doesn't know anybody yet.
pub(crate) fn visit(address: &str) -> Visit {
    let agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0";
    Visit::new(agent, address.parse().unwrap(), words())
}

async fn try_at(directory: &Directory, password: &str, visit: &Visit) -> SignIn {
    directory.sign_in_at(ADA, password, visit).await.unwrap()
}

pub(crate) async fn enter(directory: &Directory, visit: &Visit) -> SignedIn {
    match try_at(directory, PASSWORD, visit).await {
        SignIn::Done(session) => session,
        other => panic!("{other:?}"),
    }
}

/// Guesses from many networks until strangers are shut out.
async fn besiege(world: &World) {
    for network in 0..200 {
        let stranger = visit(&format!("198.51.{network}.1"));
        for _ in 0..5 {
            if try_at(&world.directory, "no", &stranger).await == SignIn::OtherWay {
                return;
            }
        }
        world.clock.advance(SignedDuration::from_mins(16));
    }
    panic!("guessing goes on and on");
}

async fn strangers_cannot_lock_somebody_out(db: Db) {
    let world = world(&db);
    let id = ada(&world.directory).await;
    let home = visit("192.0.2.1");
    let device = enter(&world.directory, &home).await.device.unwrap();
    let home = home.device(Some(&device));
    besiege(&world).await;
    // The browser that she uses notices nothing, wherever she takes it.
    enter(&world.directory, &home).await;
    enter(
        &world.directory,
        &visit("203.0.113.9").device(Some(&device)),
    )
    .await;
    // Even a right password is none of a stranger's any more.
    let stranger = visit("203.0.113.7");
    assert_eq!(
        try_at(&world.directory, PASSWORD, &stranger).await,
        SignIn::OtherWay
    );
    // Somebody else's device is a stranger's.
    let other = "ab".repeat(32);
    let stranger = stranger.device(Some(&other));
    assert_eq!(
        try_at(&world.directory, PASSWORD, &stranger).await,
        SignIn::OtherWay
    );
    let history = Journal::of_subject(&db, "person", id, None, 50)
        .await
        .unwrap();
    let shut = history
        .iter()
        .filter(|entry| entry.action == "directory.account.shut_to_strangers");
    assert_eq!(shut.count(), 1, "an operator can see it");
    // And in a day it is over.
    world.clock.advance(SignedDuration::from_hours(24));
    enter(&world.directory, &visit("203.0.113.7")).await;
}

async fn guessing_is_slowed(db: Db) {
    let World {
        clock, directory, ..
    } = world(&db);
    ada(&directory).await;
    let stranger = visit("198.51.100.1");
    for _ in 0..5 {
        assert_eq!(try_at(&directory, "no", &stranger).await, SignIn::Refused);
    }
    let waits = |signed: SignIn| matches!(signed, SignIn::Wait(_));
    assert!(
        waits(try_at(&directory, PASSWORD, &stranger).await),
        "even with the right one"
    );
    let neighbour = visit("198.51.100.77");
    assert!(
        waits(try_at(&directory, "no", &neighbour).await),
        "the same network"
    );
    enter(&directory, &visit("192.0.2.1")).await;
    clock.advance(SignedDuration::from_secs(60));
    assert_eq!(try_at(&directory, "no", &stranger).await, SignIn::Refused);
    clock.advance(SignedDuration::from_secs(60));
    assert!(
        waits(try_at(&directory, "no", &stranger).await),
        "two minutes now"
    );
    clock.advance(SignedDuration::from_secs(60));
    enter(&directory, &stranger).await;
    // What she has typed rightly is forgotten.
    for _ in 0..5 {
        assert_eq!(try_at(&directory, "no", &stranger).await, SignIn::Refused);
    }
}

async fn an_unknown_address_is_answered_like_a_known_one(db: Db) {
    let World { directory, .. } = world(&db);
    ada(&directory).await;
    let stranger = visit("198.51.100.1");
    for _ in 0..8 {
        let known = directory.sign_in_at(ADA, "no", &stranger).await.unwrap();
        let unknown = directory
            .sign_in_at("nobody@x.example", "no", &stranger)
            .await;
        assert_eq!(unknown.unwrap(), known);
        let wrong = directory.sign_in_at("no address", "no", &stranger).await;
        assert_eq!(wrong.unwrap(), known);
    }
}

async fn a_device_that_guesses_is_no_longer_known(db: Db) {
    let World {
        clock, directory, ..
    } = world(&db);
    ada(&directory).await;
    let home = visit("192.0.2.1");
    let device = enter(&directory, &home).await.device.unwrap();
    let home = home.device(Some(&device));
    for _ in 0..10 {
        assert_eq!(try_at(&directory, "no", &home).await, SignIn::Refused);
        clock.advance(SignedDuration::from_mins(15));
    }
    // Its cookie may be in other hands: from here on its failures are a stranger's.
    for _ in 0..5 {
        assert_eq!(try_at(&directory, "no", &home).await, SignIn::Refused);
    }
    assert!(matches!(
        try_at(&directory, "no", &home).await,
        SignIn::Wait(_)
    ));
}

async fn tries_at_the_same_moment_are_all_counted(db: Db) {
    let World { directory, .. } = world(&db);
    ada(&directory).await;
    let mut tries = Vec::new();
    for _ in 0..8 {
        let directory = directory.clone();
        tries.push(tokio::spawn(async move {
            try_at(&directory, "no", &visit("198.51.100.1")).await
        }));
    }
    let mut refused = 0;
    for one in tries {
        refused += usize::from(one.await.unwrap() == SignIn::Refused);
    }
    assert_eq!(refused, 5, "no more than one after the other");
}

async fn a_mail_link_lets_a_stranger_in(db: Db) {
    let world = world(&db);
    ada(&world.directory).await;
    besiege(&world).await;
    let elsewhere = visit("203.0.113.7");
    assert_eq!(
        try_at(&world.directory, PASSWORD, &elsewhere).await,
        SignIn::OtherWay
    );
    world.directory.ask_reset(ADA, &words()).await.unwrap();
    let link = &links(&world.jobs, "/password/").await[0];
    let chosen = world
        .directory
        .use_reset(link, "un autre mot de passe", &elsewhere);
    let device = chosen.await.unwrap().unwrap().unwrap().device;
    let told = mails(&world.jobs).await;
    assert!(
        told.iter()
            .any(|(subject, _)| subject == "Votre compte a changé")
    );
    let elsewhere = elsewhere.device(device.as_deref());
    let signed = try_at(&world.directory, "un autre mot de passe", &elsewhere).await;
    assert!(matches!(signed, SignIn::Done(_)));
}

async fn a_mail_tells_of_a_new_device_and_ends_its_session(db: Db) {
    let World {
        clock,
        directory,
        jobs,
    } = world(&db);
    ada(&directory).await;
    let home = visit("192.0.2.1");
    let first = enter(&directory, &home).await;
    clock.advance(SignedDuration::from_mins(1));
    let home = home.device(first.device.as_deref());
    enter(&directory, &home).await;
    assert_eq!(
        links(&jobs, "/not-me/").await.len(),
        1,
        "told once a device"
    );
    let text = jobs.newest(None, 1).await.unwrap()[0].payload["text"].clone();
    let text = text.as_str().unwrap();
    assert!(
        text.contains("Firefox, Linux") && text.contains("192.0.2.0/24"),
        "{text}"
    );
    assert!(
        !text.contains("Mozilla") && !text.contains("192.0.2.1"),
        "no more than that"
    );
    clock.advance(SignedDuration::from_mins(1));
    let thief = enter(&directory, &visit("198.51.100.1")).await;
    let alarm = links(&jobs, "/not-me/").await[0].clone();
    assert!(!directory.raise_alarm("0", &words()).await.unwrap());
    assert!(directory.raise_alarm(&alarm, &words()).await.unwrap());
    assert!(
        actor(&directory, &thief.token).await.is_anonymous(),
        "its session ended"
    );
    assert_eq!(
        links(&jobs, "/password/").await.len(),
        1,
        "a new password is offered"
    );
    assert!(
        !directory.raise_alarm(&alarm, &words()).await.unwrap(),
        "once"
    );
    // The thief's browser is a stranger's again: another mail tells of it.
    clock.advance(SignedDuration::from_mins(1));
    let again = visit("198.51.100.1").device(thief.device.as_deref());
    enter(&directory, &again).await;
    assert_eq!(links(&jobs, "/not-me/").await.len(), 3);
    // A week later the links are over.
    let alarm = links(&jobs, "/not-me/").await[0].clone();
    clock.advance(SignedDuration::from_hours(7 * 24));
    assert!(!directory.raise_alarm(&alarm, &words()).await.unwrap());
}

async fn is_verified(directory: &Directory, id: uuid::Uuid) -> (String, bool) {
    let account = directory.accounts_port().account(PersonId(id)).await;
    let account = account.unwrap().unwrap();
    (account.email, account.email_verified)
}

async fn an_address_is_verified_by_a_mail(db: Db) {
    let World {
        clock,
        directory,
        jobs,
    } = world(&db);
    let id = ada(&directory).await;
    assert_eq!(is_verified(&directory, id).await, (ADA.to_owned(), false));
    for sent in [true, true, true, false] {
        let is_sent = directory.send_verification(id, &words()).await.unwrap();
        assert_eq!(is_sent, sent, "three at a time");
    }
    let sent = links(&jobs, "/email/").await;
    clock.advance(SignedDuration::from_hours(24));
    let late = directory.follow_email_link(&sent[0]).await.unwrap();
    assert_eq!(late, Followed::Over);
    assert!(directory.send_verification(id, &words()).await.unwrap());
    let link = links(&jobs, "/email/").await[0].clone();
    assert_eq!(
        directory.follow_email_link(&link).await.unwrap(),
        Followed::Done
    );
    assert_eq!(is_verified(&directory, id).await, (ADA.to_owned(), true));
    assert_eq!(
        directory.follow_email_link(&link).await.unwrap(),
        Followed::Over,
        "once"
    );
    assert!(
        !directory.send_verification(id, &words()).await.unwrap(),
        "no need"
    );
    // An invitation and a new password are mails that were followed, too.
    let id = directory
        .add_person(&super::ROOT(), "Bo", "bo@x.example", None)
        .await
        .unwrap();
    directory.invite(id, &words()).await.unwrap();
    let link = links(&jobs, "/password/").await[0].clone();
    clock.advance(SignedDuration::from_hours(71));
    let chosen = directory
        .use_reset(&link, PASSWORD, &Visit::default())
        .await;
    assert!(chosen.unwrap().unwrap().is_ok());
    assert!(is_verified(&directory, id).await.1);
}

async fn another_address_counts_once_it_is_verified(db: Db) {
    let World {
        clock,
        directory,
        jobs,
    } = world(&db);
    let id = ada(&directory).await;
    let taken = directory
        .add_person(&super::ROOT(), "Bo", "bo@x.example", None)
        .await
        .unwrap();
    directory
        .change_email(id, " Ada@Y.example", &words())
        .await
        .unwrap();
    assert_eq!(is_verified(&directory, id).await.0, ADA, "not yet");
    let told = mails(&jobs).await;
    let told_to = |to: &str| told.iter().any(|(_, mailed)| mailed == to);
    assert!(told_to("ada@y.example") && told_to(ADA), "{told:?}");
    // An address that somebody has: the same answer, and no link.
    directory
        .change_email(id, "bo@x.example", &words())
        .await
        .unwrap();
    assert!(
        !mails(&jobs)
            .await
            .iter()
            .any(|(_, to)| to == "bo@x.example")
    );
    let wrong = directory.change_email(id, "x", &words()).await;
    assert!(wrong.is_err());
    directory.ask_reset(ADA, &words()).await.unwrap();
    let reset = links(&jobs, "/password/").await[0].clone();
    let link = links(&jobs, "/email/").await[0].clone();
    assert_eq!(
        directory.follow_email_link(&link).await.unwrap(),
        Followed::Done
    );
    assert_eq!(
        is_verified(&directory, id).await,
        ("ada@y.example".to_owned(), true)
    );
    assert!(
        !directory.reset_works(&reset).await.unwrap(),
        "the old mailbox opens nothing"
    );
    assert_eq!(is_verified(&directory, taken).await.0, "bo@x.example");
    // Somebody takes the address while the link is on its way.
    clock.advance(SignedDuration::from_mins(1));
    directory
        .change_email(id, "new@x.example", &words())
        .await
        .unwrap();
    let link = links(&jobs, "/email/").await[0].clone();
    directory
        .add_person(&super::ROOT(), "Cy", "new@x.example", None)
        .await
        .unwrap();
    assert_eq!(
        directory.follow_email_link(&link).await.unwrap(),
        Followed::Taken
    );
    assert_eq!(is_verified(&directory, id).await.0, "ada@y.example");
    // A new password calls the change off: it may not have been the owner's.
    clock.advance(SignedDuration::from_mins(1));
    directory
        .change_email(id, "evil@x.example", &words())
        .await
        .unwrap();
    let link = links(&jobs, "/email/").await[0].clone();
    directory
        .set_password(id, "encore un mot de passe")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        directory.follow_email_link(&link).await.unwrap(),
        Followed::Over
    );
}

async fn nobody_learns_here_who_has_an_account(db: Db) {
    let World { directory, .. } = world(&db);
    let id = ada(&directory).await;
    let bo = directory
        .add_person(&super::ROOT(), "Bo", "bo@x.example", None)
        .await
        .unwrap();
    // Ada asks for an address that Bo has, Bo for one that nobody has: the same, to the limit.
    for tries in 0..5 {
        let taken = directory.change_email(id, "bo@x.example", &words()).await;
        let free = directory.change_email(bo, "free@x.example", &words()).await;
        assert_eq!(taken.is_ok(), free.is_ok(), "{tries}");
        assert_eq!(taken.is_ok(), tries < 3);
    }
}

async fn what_has_ended_is_forgotten(db: Db) {
    let world = world(&db);
    let id = ada(&world.directory).await;
    enter(&world.directory, &visit("192.0.2.1")).await;
    try_at(&world.directory, "no", &visit("198.51.100.1")).await;
    world
        .directory
        .send_verification(id, &words())
        .await
        .unwrap();
    world.directory.ask_reset(ADA, &words()).await.unwrap();
    world.directory.ask_passkey().await.unwrap().unwrap();
    world.clock.advance(SignedDuration::from_hours(401 * 24));
    assert_eq!(world.directory.forget_expired_sessions().await.unwrap(), 1);
}
