//! Second factors: codes of an application, recovery codes, passkeys.

use aws_lc_rs::hmac;
use directory::{
    Directory, DirectoryError, NewPasskey, PasskeySignIn, SecondFactor, SignIn, SignedIn,
};
use jiff::{SignedDuration, Timestamp};
use kit_db::Db;
use kit_journal::Journal;
use ports::{Accounts as _, PersonId};
use uuid::Uuid;

use super::accounts::{enter, visit};
use super::browser::Authenticator;
use super::{PASSWORD, ROOT, World, actor, ada, mails, words, world};

kit_db::on_both_databases!(super::migrations() =>
    a_code_is_asked_for_after_the_password, a_code_is_good_once, a_second_factor_has_few_tries,
    guessing_codes_is_slowed_for_strangers_only, an_attempt_ends, a_recovery_code_is_good_once,
    a_second_factor_is_confirmed_by_a_code, a_passkey_signs_in, a_challenge_is_answered_once,
    a_passkey_of_another_origin_or_person_is_refused, a_copied_passkey_is_noticed,
    an_administrator_removes_lost_factors,
);

const START: &str = "2026-03-01T08:00:00Z";

/// The code of an application, computed apart from the program.
pub(crate) fn code(secret: &[u8], now: Timestamp) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &(now.as_second() / 30).to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let number = u32::from_be_bytes(tag[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn at(seconds: i64) -> Timestamp {
    START.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

/// Sets an application up at the start; gives its secret and the recovery codes.
async fn enrol(directory: &Directory, id: Uuid) -> (Vec<u8>, Vec<String>) {
    directory.begin_totp(id).await.unwrap();
    let secret = directory.waiting_totp(id).await.unwrap().unwrap();
    let first = code(&secret, at(0));
    let codes = directory.confirm_totp(id, &first, &words()).await.unwrap();
    (secret, codes.unwrap())
}

/// The ticket of a right password.
async fn ticket(directory: &Directory, address: &str) -> String {
    let there = visit(address);
    let signed = directory.sign_in_at("ada@x.example", PASSWORD, &there);
    match signed.await.unwrap() {
        SignIn::SecondFactor(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn done(step: SecondFactor) -> SignedIn {
    match step {
        SecondFactor::Done(session) => session,
        other => panic!("{other:?}"),
    }
}

async fn methods(directory: &Directory, session: &SignedIn) -> Vec<String> {
    let port = directory.accounts_port();
    port.session(&session.token).await.unwrap().unwrap().methods
}

async fn a_code_is_asked_for_after_the_password(db: Db) {
    let World {
        clock, directory, ..
    } = world(&db);
    let id = ada(&directory).await;
    let has = || async {
        let port = directory.accounts_port();
        port.has_second_factor(PersonId(id)).await.unwrap()
    };
    assert!(!has().await);
    let (secret, codes) = enrol(&directory, id).await;
    assert!(has().await);
    assert_eq!(codes.len(), 10);
    clock.advance(SignedDuration::from_secs(30));
    let ticket = ticket(&directory, "192.0.2.1").await;
    assert!(
        actor(&directory, &ticket).await.is_anonymous(),
        "no session yet"
    );
    let here = visit("192.0.2.1");
    let wrong = directory
        .second_factor(&ticket, "000000", &here)
        .await
        .unwrap();
    assert_eq!(wrong, SecondFactor::Refused);
    let typed = code(&secret, at(30));
    let session = done(
        directory
            .second_factor(&ticket, &typed, &here)
            .await
            .unwrap(),
    );
    assert_eq!(
        actor(&directory, &session.token).await.person_id(),
        Some(id)
    );
    assert_eq!(methods(&directory, &session).await, ["pwd", "otp"]);
    // And it ends with the application.
    directory.remove_totp(id, &words()).await.unwrap();
    assert!(!has().await);
    enter(&directory, &here).await;
}

async fn a_code_is_good_once(db: Db) {
    let World {
        clock, directory, ..
    } = world(&db);
    let id = ada(&directory).await;
    let (secret, _) = enrol(&directory, id).await;
    let here = visit("192.0.2.1");
    let first = ticket(&directory, "192.0.2.1").await;
    let replay = directory
        .second_factor(&first, &code(&secret, at(0)), &here)
        .await;
    assert_eq!(
        replay.unwrap(),
        SecondFactor::Refused,
        "it confirmed the application"
    );
    clock.advance(SignedDuration::from_secs(30));
    let typed = code(&secret, at(30));
    // Two browsers with the same code: one of them enters.
    let second = ticket(&directory, "192.0.2.1").await;
    let (a, b) = tokio::join!(
        directory.second_factor(&first, &typed, &here),
        directory.second_factor(&second, &typed, &here),
    );
    let entered = [a.unwrap(), b.unwrap()].into_iter();
    let entered = entered.filter(|step| matches!(step, SecondFactor::Done(_)));
    assert_eq!(entered.count(), 1);
}

async fn a_second_factor_has_few_tries(db: Db) {
    let World {
        clock, directory, ..
    } = world(&db);
    let id = ada(&directory).await;
    let (secret, _) = enrol(&directory, id).await;
    clock.advance(SignedDuration::from_secs(30));
    let ticket = ticket(&directory, "192.0.2.1").await;
    // From several networks, so that the tries of this attempt alone count.
    for network in 1..=5 {
        let there = visit(&format!("198.51.{network}.1"));
        let wrong = directory.second_factor(&ticket, "000000", &there).await;
        assert_eq!(wrong.unwrap(), SecondFactor::Refused);
    }
    let right = code(&secret, at(30));
    let over = directory
        .second_factor(&ticket, &right, &visit("192.0.2.1"))
        .await;
    assert_eq!(over.unwrap(), SecondFactor::Over);
}

async fn guessing_codes_is_slowed_for_strangers_only(db: Db) {
    let World {
        clock,
        directory,
        jobs,
    } = world(&db);
    let id = ada(&directory).await;
    let home = visit("192.0.2.1");
    let device = enter(&directory, &home).await.device.unwrap();
    let home = home.device(Some(&device));
    let (secret, _) = enrol(&directory, id).await;
    clock.advance(SignedDuration::from_secs(30));
    // Somebody who knows the password.
    let thief = visit("198.51.100.1");
    let held = ticket(&directory, "198.51.100.1").await;
    for _ in 0..5 {
        directory
            .second_factor(&held, "000000", &thief)
            .await
            .unwrap();
    }
    let held = ticket(&directory, "198.51.100.1").await;
    let slowed = directory
        .second_factor(&held, "000000", &thief)
        .await
        .unwrap();
    assert!(matches!(slowed, SecondFactor::Wait(_)), "{slowed:?}");
    let texts = jobs.newest(None, 50).await.unwrap();
    let told = texts.iter().filter(|job| {
        job.payload
            .to_string()
            .contains("connaît votre mot de passe")
    });
    assert_eq!(told.count(), 1, "she learns that somebody has it");
    let own = ticket(&directory, "192.0.2.1").await;
    let typed = code(&secret, at(30));
    done(directory.second_factor(&own, &typed, &home).await.unwrap());
}

async fn an_attempt_ends(db: Db) {
    let World {
        clock, directory, ..
    } = world(&db);
    let id = ada(&directory).await;
    let (secret, codes) = enrol(&directory, id).await;
    let here = visit("192.0.2.1");
    let held = ticket(&directory, "192.0.2.1").await;
    clock.advance(SignedDuration::from_mins(5));
    let late = directory
        .second_factor(&held, &code(&secret, at(300)), &here)
        .await;
    assert_eq!(late.unwrap(), SecondFactor::Over);
    let none = directory
        .second_factor("0", &codes[0], &here)
        .await
        .unwrap();
    assert_eq!(none, SecondFactor::Over);
    // A closed account enters by no factor.
    let held = ticket(&directory, "192.0.2.1").await;
    directory.set_disabled(&ROOT(), id, true).await.unwrap();
    let closed = directory
        .second_factor(&held, &codes[0], &here)
        .await
        .unwrap();
    assert_eq!(closed, SecondFactor::Over);
}

async fn a_recovery_code_is_good_once(db: Db) {
    let World {
        clock,
        directory,
        jobs,
    } = world(&db);
    let id = ada(&directory).await;
    let (_, codes) = enrol(&directory, id).await;
    clock.advance(SignedDuration::from_mins(1));
    let here = visit("192.0.2.1");
    let held = ticket(&directory, "192.0.2.1").await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    let session = done(directory.second_factor(&held, &typed, &here).await.unwrap());
    assert_eq!(methods(&directory, &session).await, ["pwd", "mfa"]);
    let told = mails(&jobs).await;
    assert!(
        told.iter()
            .any(|(subject, _)| subject.contains("code de secours")),
        "{told:?}"
    );
    let held = ticket(&directory, "192.0.2.1").await;
    let again = directory
        .second_factor(&held, &codes[3], &here)
        .await
        .unwrap();
    assert_eq!(again, SecondFactor::Refused);
    let renewed = directory
        .renew_recovery_codes(id, &words())
        .await
        .unwrap()
        .unwrap();
    let old = directory
        .second_factor(&held, &codes[4], &here)
        .await
        .unwrap();
    assert_eq!(old, SecondFactor::Refused);
    done(
        directory
            .second_factor(&held, &renewed[0], &here)
            .await
            .unwrap(),
    );
    // They go with the last second factor.
    directory.remove_totp(id, &words()).await.unwrap();
    assert_eq!(
        directory.renew_recovery_codes(id, &words()).await.unwrap(),
        None
    );
}

async fn a_second_factor_is_confirmed_by_a_code(db: Db) {
    let World {
        clock, directory, ..
    } = world(&db);
    let id = ada(&directory).await;
    directory.begin_totp(id).await.unwrap();
    let secret = directory.waiting_totp(id).await.unwrap().unwrap();
    let wrong = directory
        .confirm_totp(id, "000000", &words())
        .await
        .unwrap();
    assert_eq!(wrong, None);
    enter(&directory, &visit("192.0.2.1")).await;
    clock.advance(SignedDuration::from_mins(15));
    assert_eq!(
        directory.waiting_totp(id).await.unwrap(),
        None,
        "it waited too long"
    );
    let late = directory
        .confirm_totp(id, &code(&secret, at(900)), &words())
        .await;
    assert_eq!(late.unwrap(), None);
    directory.begin_totp(id).await.unwrap();
    let second = directory.waiting_totp(id).await.unwrap().unwrap();
    assert_ne!(second, secret);
    let confirmed = directory
        .confirm_totp(id, &code(&second, at(900)), &words())
        .await;
    assert!(confirmed.unwrap().is_some());
    // One that is in use isn't replaced by beginning again.
    directory.begin_totp(id).await.unwrap();
    assert_eq!(directory.waiting_totp(id).await.unwrap(), None);
}

async fn add(directory: &Directory, id: Uuid, device: &mut Authenticator) -> Vec<String> {
    let asked = directory
        .ask_new_passkey(id, "Gouvernail")
        .await
        .unwrap()
        .unwrap();
    let answer = device.create(&asked.options);
    let new = NewPasskey {
        name: "Téléphone",
        answer: &answer,
        cookie: &asked.cookie,
    };
    directory.add_passkey(id, new, &words()).await.unwrap()
}

async fn use_it(directory: &Directory, device: &mut Authenticator) -> PasskeySignIn {
    let asked = directory.ask_passkey().await.unwrap().unwrap();
    let answer = device.get(&asked.options);
    let here = visit("192.0.2.1");
    let signed = directory.sign_in_by_passkey(&answer, &asked.cookie, &here);
    signed.await.unwrap()
}

async fn a_passkey_signs_in(db: Db) {
    let World { directory, .. } = world(&db);
    let id = ada(&directory).await;
    let mut device = Authenticator::new(1);
    assert_eq!(
        use_it(&directory, &mut device).await,
        PasskeySignIn::Refused
    );
    assert_eq!(
        add(&directory, id, &mut device).await.len(),
        10,
        "with recovery codes"
    );
    assert!(
        add(&directory, id, &mut Authenticator::new(2))
            .await
            .is_empty(),
        "the first time"
    );
    let PasskeySignIn::Done(session) = use_it(&directory, &mut device).await else {
        panic!("it is refused");
    };
    assert_eq!(
        actor(&directory, &session.token).await.person_id(),
        Some(id)
    );
    assert_eq!(methods(&directory, &session).await, ["hwk", "user", "mfa"]);
    // A password alone is no longer enough.
    ticket(&directory, "192.0.2.1").await;
    directory.set_disabled(&ROOT(), id, true).await.unwrap();
    assert_eq!(
        use_it(&directory, &mut device).await,
        PasskeySignIn::Refused
    );
}

async fn a_challenge_is_answered_once(db: Db) {
    let World {
        clock, directory, ..
    } = world(&db);
    let id = ada(&directory).await;
    let mut device = Authenticator::new(1);
    add(&directory, id, &mut device).await;
    let here = visit("192.0.2.1");
    let asked = directory.ask_passkey().await.unwrap().unwrap();
    let other = directory.ask_passkey().await.unwrap().unwrap();
    let answer = device.get(&asked.options);
    let refused = PasskeySignIn::Refused;
    // Another browser's cookie: its challenge is another one.
    let foreign = directory
        .sign_in_by_passkey(&answer, &other.cookie, &here)
        .await;
    assert_eq!(foreign.unwrap(), refused);
    let done = directory
        .sign_in_by_passkey(&answer, &asked.cookie, &here)
        .await;
    assert!(matches!(done.unwrap(), PasskeySignIn::Done(_)));
    let replay = directory
        .sign_in_by_passkey(&answer, &asked.cookie, &here)
        .await;
    assert_eq!(replay.unwrap(), refused);
    let asked = directory.ask_passkey().await.unwrap().unwrap();
    let answer = device.get(&asked.options);
    clock.advance(SignedDuration::from_mins(5));
    let late = directory
        .sign_in_by_passkey(&answer, &asked.cookie, &here)
        .await;
    assert_eq!(late.unwrap(), refused);
    // A challenge to add a passkey signs nobody in.
    let asked = directory.ask_new_passkey(id, "G").await.unwrap().unwrap();
    let mut options = asked.options.clone();
    options["userVerification"] = "required".into();
    let answer = device.get(&options);
    let crossed = directory
        .sign_in_by_passkey(&answer, &asked.cookie, &here)
        .await;
    assert_eq!(crossed.unwrap(), refused);
    // Nothing that is sent makes a failure of ours.
    for answer in ["", "{}", "[]", "{\"id\":\"a\",\"clientData\":\"%\"}"] {
        let asked = directory.ask_passkey().await.unwrap().unwrap();
        let nonsense = directory
            .sign_in_by_passkey(answer, &asked.cookie, &here)
            .await;
        assert_eq!(nonsense.unwrap(), refused);
    }
}

async fn a_passkey_of_another_origin_or_person_is_refused(db: Db) {
    let World { directory, .. } = world(&db);
    let id = ada(&directory).await;
    let bo = directory
        .add_person(&ROOT(), "Bo", "bo@x.example", None)
        .await
        .unwrap();
    let mut device = Authenticator::new(1);
    // The challenge of one person makes no passkey of another.
    let asked = directory.ask_new_passkey(bo, "G").await.unwrap().unwrap();
    let answer = device.create(&asked.options);
    let new = NewPasskey {
        name: "x",
        answer: &answer,
        cookie: &asked.cookie,
    };
    let crossed = directory.add_passkey(id, new, &words()).await;
    assert!(matches!(crossed, Err(DirectoryError::Mistakes(m)) if m[0].field == "answer"));
    add(&directory, id, &mut device).await;
    device.origin = "https://evil.example";
    assert_eq!(
        use_it(&directory, &mut device).await,
        PasskeySignIn::Refused
    );
    device.origin = "https://g.example";
    device.of(bo);
    assert_eq!(
        use_it(&directory, &mut device).await,
        PasskeySignIn::Refused
    );
    // The same credential can't be put on two accounts.
    let asked = directory.ask_new_passkey(bo, "G").await.unwrap().unwrap();
    let answer = device.create(&asked.options);
    let new = NewPasskey {
        name: "x",
        answer: &answer,
        cookie: &asked.cookie,
    };
    assert!(directory.add_passkey(bo, new, &words()).await.is_err());
}

async fn a_copied_passkey_is_noticed(db: Db) {
    let World { directory, .. } = world(&db);
    let id = ada(&directory).await;
    let mut device = Authenticator::new(1);
    add(&directory, id, &mut device).await;
    assert!(matches!(
        use_it(&directory, &mut device).await,
        PasskeySignIn::Done(_)
    ));
    assert!(matches!(
        use_it(&directory, &mut device).await,
        PasskeySignIn::Done(_)
    ));
    device.count -= 1;
    assert_eq!(
        use_it(&directory, &mut device).await,
        PasskeySignIn::Suspect
    );
    let history = Journal::of_subject(&db, "person", id, None, 50)
        .await
        .unwrap();
    assert!(
        history
            .iter()
            .any(|entry| entry.action == "directory.passkey.suspect")
    );
    // The one whose counter is ahead goes on.
    assert!(matches!(
        use_it(&directory, &mut device).await,
        PasskeySignIn::Done(_)
    ));
}

async fn an_administrator_removes_lost_factors(db: Db) {
    let World {
        directory, jobs, ..
    } = world(&db);
    let id = ada(&directory).await;
    enrol(&directory, id).await;
    add(&directory, id, &mut Authenticator::new(1)).await;
    let nobody = kit_access::Actor::anonymous();
    let denied = directory.reset_factors(&nobody, id, &words()).await;
    assert!(matches!(denied, Err(DirectoryError::Denied(_))));
    directory
        .reset_factors(&ROOT(), id, &words())
        .await
        .unwrap();
    enter(&directory, &visit("192.0.2.1")).await;
    assert!(
        mails(&jobs)
            .await
            .iter()
            .any(|(_, to)| to == "ada@x.example")
    );
}
