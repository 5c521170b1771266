//! Signing in: a password, then a second factor where the account has one.

use jiff::{SignedDuration, Timestamp};
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::{
    self, DEVICE_MAX, Failures, STRANGERS_MAX, Trier, Verdict, judge, totp_step,
    typed_recovery_code,
};
use crate::store::brokered::{self, Brokered};
use crate::store::devices;
use crate::store::guards::{self, Spot};
use crate::store::people::{self, Person};
use crate::store::sessions::{self, NewSession};
use crate::store::{factors, passkeys};
use crate::visit::{Visit, hash_of};
use crate::{Directory, DirectoryError, password};

/// How long a browser is remembered after a sign-in: the longest that browsers keep a cookie.
pub(crate) const DEVICE_LIVES: SignedDuration = SignedDuration::from_hours(400 * 24);
/// How long a right password waits for the second factor.
const TICKET_LIVES: SignedDuration = SignedDuration::from_mins(5);
/// Tries at the second factor after one right password.
const TICKET_TRIES: i64 = 5;

/// Wrong codes of strangers after the right password at which the person is told: somebody else knows
/// the password.
const TOLD_AT: u32 = 5;

/// A password, alone.
pub(crate) const BY_PASSWORD: &str = "pwd";
/// A password and a code of an application (RFC 8176).
const BY_CODE: &str = "pwd otp";
/// A password and a recovery code, for which RFC 8176 has no name of its own.
const BY_RECOVERY: &str = "pwd mfa";

/// An attempt's outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// A session began.
    Done(SignedIn),
    /// The password is right; the second factor is asked for. What finds the attempt again: 64
    /// hexadecimal digits.
    SecondFactor(String),
    /// Address or password don't fit; which one isn't said.
    Refused,
    /// Too many failures here: not before then.
    Wait(Timestamp),
    /// Too many failures of strangers: by a link in the mailbox or by a passkey only.
    OtherWay,
}

/// A second factor's outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondFactor {
    /// A session began.
    Done(SignedIn),
    /// The code doesn't fit, or was used before.
    Refused,
    /// The attempt is over: it took too long, or too many tries.
    Over,
    /// Too many failures here: not before then.
    Wait(Timestamp),
    /// Too many failures of strangers.
    OtherWay,
}

/// A session that began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session's id, which is no secret.
    pub id: Uuid,
    /// The session cookie's value: 64 hexadecimal digits.
    pub token: String,
    /// How long that cookie lives, in seconds.
    pub max_age_seconds: u64,
    /// The device cookie's value, when it was done in a browser: 64 hexadecimal digits.
    pub device: Option<String>,
}

/// A try that was counted, and where: it is given back when it succeeds.
#[derive(Debug)]
pub(crate) struct Turn {
    spots: Vec<Spot>,
    is_known: bool,
}

/// Whose failures are counted.
#[derive(Debug, Clone, Copy)]
enum Guarded<'a> {
    /// An address's password, whether somebody has the address or not.
    Password(&'a str),
    /// A person's second factor.
    SecondFactor(Uuid),
}

fn hash_parts(kind: &str, value: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(kind.as_bytes());
    hasher.update([0]);
    hasher.update(value);
    hasher.finalize().into()
}

/// Stands for all strangers together.
const EVERYWHERE: [u8; 32] = [0; 32];

impl Directory {
    /// Signs in outside of any browser: for programs and tests.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<SignIn, DirectoryError> {
        self.sign_in_at(email, password, &Visit::default()).await
    }

    /// Tries to sign in. An address that nobody has goes the same way as one that somebody has: the
    /// same questions to the database, the same work, the same answers. Where a session of the same person is open, it goes on under a new cookie,
    /// proved anew; another person's ends.
    pub async fn sign_in_at(
        &self,
        email: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<SignIn, DirectoryError> {
        let address = domain::email(email);
        let person = match &address {
            Some(email) => people::by_email(&self.db, email).await?,
            None => None,
        };
        let typed: String = match address {
            Some(address) => address,
            None => email.chars().take(domain::EMAIL_CHARS_MAX).collect(),
        };
        let id = person.as_ref().map(|person| person.id);
        let turn = match self.take_turn(Guarded::Password(&typed), id, visit).await? {
            Ok(turn) => turn,
            Err(Verdict::Wait(until)) => return Ok(SignIn::Wait(until)),
            Err(_) => return Ok(SignIn::OtherWay),
        };
        let stored = person
            .as_ref()
            .filter(|person| !person.disabled)
            .and_then(|person| person.password_hash.clone());
        let password: String = password.chars().take(domain::PASSWORD_CHARS_MAX).collect();
        let fits = password::verify(password, stored).await?;
        let Some(person) = person.filter(|_| fits) else {
            return Ok(SignIn::Refused);
        };
        let mut tx = self.db.begin().await?;
        give_back(&mut tx, &turn).await?;
        let signed = if self.has_second_factor(&mut tx, person.id).await? {
            let ticket = self.new_token();
            let expires = self.source.now() + TICKET_LIVES;
            let hash = hash_of(&ticket);
            factors::begin_ticket(&mut tx, &hash, person.id, TICKET_TRIES, expires).await?;
            SignIn::SecondFactor(ticket)
        } else {
            let session = self.begin_session(&mut tx, &person, BY_PASSWORD, None, visit);
            SignIn::Done(session.await?)
        };
        tx.commit().await?;
        Ok(signed)
    }

    /// Whose sign-in waits for a second factor.
    pub(crate) async fn ticket(&self, ticket: &str) -> Result<Option<Uuid>, DirectoryError> {
        let now = self.source.now();
        Ok(factors::find_ticket(&self.db, &hash_of(ticket), now).await?)
    }

    /// Tries a code of the application, or a recovery code, after a right password.
    pub async fn second_factor(
        &self,
        ticket: &str,
        typed: &str,
        visit: &Visit,
    ) -> Result<SecondFactor, DirectoryError> {
        let Some(person) = self.ticket(ticket).await? else {
            return Ok(SecondFactor::Over);
        };
        let guarded = Guarded::SecondFactor(person);
        let turn = match self.take_turn(guarded, Some(person), visit).await? {
            Ok(turn) => turn,
            Err(Verdict::Wait(until)) => return Ok(SecondFactor::Wait(until)),
            Err(_) => return Ok(SecondFactor::OtherWay),
        };
        let now = self.source.now();
        let mut tx = self.db.begin().await?;
        let hash = hash_of(ticket);
        let Some(person) = factors::try_ticket(&mut tx, &hash, now).await? else {
            return Ok(SecondFactor::Over);
        };
        let person = people::find(&mut tx, person).await?;
        let Some(person) = person.filter(|person| !person.disabled) else {
            return Ok(SecondFactor::Over);
        };
        let Some(methods) = self.proved_by(&mut tx, &person, typed, visit).await? else {
            // The try stays taken.
            tx.commit().await?;
            return Ok(SecondFactor::Refused);
        };
        if !factors::use_ticket(&mut tx, &hash).await? {
            return Ok(SecondFactor::Over);
        }
        give_back(&mut tx, &turn).await?;
        let session = self.begin_session(&mut tx, &person, methods, None, visit);
        let session = session.await?;
        tx.commit().await?;
        Ok(SecondFactor::Done(session))
    }

    /// What a code proves, which is thereby used up.
    async fn proved_by(
        &self,
        tx: &mut Tx,
        person: &Person,
        typed: &str,
        visit: &Visit,
    ) -> Result<Option<&'static str>, DirectoryError> {
        if let Some(code) = typed_recovery_code(typed) {
            let is_one = self.use_recovery_code(tx, person, &code, visit).await?;
            return Ok(is_one.then_some(BY_RECOVERY));
        }
        let totp = factors::totp(&mut *tx, person.id).await?;
        let Some(totp) = totp.filter(|totp| totp.confirmed_at.is_some()) else {
            return Ok(None);
        };
        let now = self.source.now().as_second();
        let step = totp_step(&totp.secret, typed, totp.last_step, now);
        let is_new = match step {
            Some(step) => factors::use_step(tx, person.id, step).await?,
            None => false,
        };
        Ok(is_new.then_some(BY_CODE))
    }

    /// Begins a session, proved by `methods` (RFC 8176, separated by blanks) and by what a provider
    /// `said`, and tells the person by mail when the browser is a new one.
    pub(crate) async fn begin_session(
        &self,
        tx: &mut Tx,
        person: &Person,
        methods: &str,
        said: Option<Brokered<'_>>,
        visit: &Visit,
    ) -> Result<SignedIn, DirectoryError> {
        let now = self.source.now();
        let token = self.new_token();
        let before = match &visit.session {
            Some(cookie) => sessions::end(tx, &hash_of(cookie)).await?,
            None => None,
        };
        let id = match before {
            Some((id, same)) if same == person.id => id,
            Some((id, other)) => {
                self.tell_end(tx, id, other).await?;
                self.source.new_id()
            }
            None => self.source.new_id(),
        };
        let (device, is_new) = self.know_device(tx, person.id, visit).await?;
        let new = NewSession {
            token_hash: hash_of(&token),
            id,
            person: person.id,
            now,
            expires: now + self.limits.absolute,
            methods,
            browser: &visit.browser,
            network: &visit.network,
            device_hash: device.as_deref().map(hash_of),
        };
        let mut told = serde_json::json!({ "new_device": is_new });
        match said {
            Some(said) => {
                brokered::begin(tx, &new, said).await?;
                told["provider"] = said.provider.into();
                told["level"] = said.level.into();
            }
            None => {
                sessions::begin(tx, &new).await?;
                told["methods"] = methods.into();
            }
        }
        let change = Change::new("directory.session.begin", "person", person.id)
            .of(person.organisation_id)
            .after(told);
        let actor = Actor::person(person.id, &person.name, Vec::new());
        self.journal.append(tx, &actor, change).await?;
        if is_new {
            self.tell_new_device(tx, person, &new, visit).await?;
        }
        Ok(SignedIn {
            id,
            token,
            max_age_seconds: self.limits.absolute.as_secs().unsigned_abs(),
            device,
        })
    }

    /// Notes the browser as one of this person's; gives its cookie, if it is a browser, and whether
    /// it is new to the account.
    pub(crate) async fn know_device(
        &self,
        tx: &mut Tx,
        person: Uuid,
        visit: &Visit,
    ) -> Result<(Option<String>, bool), DirectoryError> {
        if visit.words.is_none() {
            return Ok((None, false));
        }
        let now = self.source.now();
        // A cookie that we never gave names no device, or whoever planted it would know it too.
        let cookie = match &visit.device {
            Some(cookie) if devices::is_used(tx, &hash_of(cookie)).await? => cookie.clone(),
            _ => self.new_token(),
        };
        let hash = hash_of(&cookie);
        let is_known = devices::is_known(&mut *tx, &hash, person).await?;
        devices::see(tx, &hash, person, now).await?;
        Ok((Some(cookie), !is_known))
    }

    /// Counts a try before it is made, so that tries at the same moment don't pass as one; or says
    /// why it can't be made.
    async fn take_turn(
        &self,
        guarded: Guarded<'_>,
        person: Option<Uuid>,
        visit: &Visit,
    ) -> Result<Result<Turn, Verdict>, DirectoryError> {
        let now = self.source.now();
        let account = match guarded {
            Guarded::Password(address) => hash_parts("address", address.as_bytes()),
            Guarded::SecondFactor(person) => hash_parts("second factor", person.as_bytes()),
        };
        let spot = |place| Spot { account, place };
        let mut tx = self.db.begin().await?;
        let mut known = None;
        if let Some(hash) = visit.device_hash() {
            // Nobody's address is looked up like somebody's.
            let whose = person.unwrap_or_default();
            if devices::is_known(&mut tx, &hash, whose).await? {
                let own = spot(hash_parts("device", &hash));
                let failures = guards::hold(&mut tx, &own, now).await?;
                if failures.count_at(now) < DEVICE_MAX {
                    known = Some((own, failures));
                } else {
                    devices::remove(&mut tx, &hash, whose).await?;
                    let change = Change::new("directory.device.forget", "person", whose)
                        .after(serde_json::json!({ "failures": failures.count }));
                    let actor = Actor::system("sign-in");
                    self.journal.append(&mut tx, &actor, change).await?;
                }
            }
        }
        let (trier, counted) = match known {
            Some((own, failures)) => (Trier::Known(failures), vec![(own, failures)]),
            None => {
                let network = spot(hash_parts("network", visit.network.as_bytes()));
                let all = spot(EVERYWHERE);
                let here = guards::hold(&mut tx, &network, now).await?;
                let everywhere = guards::hold(&mut tx, &all, now).await?;
                let trier = Trier::Stranger { here, everywhere };
                (trier, vec![(network, here), (all, everywhere)])
            }
        };
        let verdict = judge(trier, now);
        if verdict != Verdict::Try {
            tx.commit().await?;
            return Ok(Err(verdict));
        }
        for (spot, failures) in &counted {
            let count = failures.count_at(now) + 1;
            let failures = Failures {
                count,
                last_at: now,
            };
            guards::fail(&mut tx, spot, failures).await?;
            if spot.place == EVERYWHERE
                && count == TOLD_AT
                && let Guarded::SecondFactor(person) = guarded
                && let Some(words) = &visit.words
                && let Some(person) = people::find(&mut tx, person).await?
            {
                self.mail_factor(&mut tx, &person, "password-known", words)
                    .await?;
            }
            // Told once; of an address that nobody has there is no subject to tell of.
            if spot.place == EVERYWHERE
                && count == STRANGERS_MAX
                && let Some(person) = person
            {
                let change = Change::new("directory.account.shut_to_strangers", "person", person)
                    .after(serde_json::json!({ "failures": count }));
                let actor = Actor::system("sign-in");
                self.journal.append(&mut tx, &actor, change).await?;
            }
        }
        tx.commit().await?;
        Ok(Ok(Turn {
            spots: counted.into_iter().map(|(spot, _)| spot).collect(),
            is_known: known.is_some(),
        }))
    }

    /// Whether an account has a second factor.
    pub(crate) async fn has_second_factor(
        &self,
        tx: &mut Tx,
        person: Uuid,
    ) -> Result<bool, DirectoryError> {
        let totp = factors::totp(&mut *tx, person).await?;
        let is_confirmed = totp.is_some_and(|totp| totp.confirmed_at.is_some());
        Ok(is_confirmed || passkeys::count(tx, person).await? > 0)
    }
}

/// A try that succeeded was none of a stranger. It doesn't undo the failures of others: whoever
/// guesses would get new tries each time that the owner signs in.
async fn give_back(tx: &mut Tx, turn: &Turn) -> Result<(), DirectoryError> {
    for spot in &turn.spots {
        if turn.is_known || spot.place != EVERYWHERE {
            guards::clear(tx, spot).await?;
        } else {
            guards::take_back(tx, spot).await?;
        }
    }
    Ok(())
}
