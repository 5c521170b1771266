//! Local accounts: signing in and out, choosing a new password.

use jiff::{SignedDuration, Timestamp};
use kit_access::{Actor, Grant, Reach};
use kit_db::{DbError, Tx};
use kit_http::{Authenticated, Authenticator, Credentials};
use kit_jobs::NewJob;
use kit_journal::Change;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use uuid::Uuid;

use crate::domain::{self, PasswordMistake};
use crate::store::people::Person;
use crate::store::sessions::Session;
use crate::store::{organisations, people, sessions};
use crate::{Directory, DirectoryError, MAIL_JOB, password};

/// A session's sign of life is written at most this often.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// How long a link to choose a new password works.
const RESET_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// An attempt's outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// A session began.
    Done(SignedIn),
    /// Address or password don't fit; which one isn't said.
    Refused,
    /// The account rests until then after too many attempts.
    Locked(Timestamp),
}

/// A session that began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The cookie's value: 64 hexadecimal digits.
    pub token: String,
    /// How long the cookie lives, in seconds.
    pub max_age_seconds: u64,
}

/// A link to choose a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetLink(pub String);

pub(crate) fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Directory {
    pub(crate) fn new_token(&self) -> String {
        use std::fmt::Write as _;
        self.source
            .random::<32>()
            .iter()
            .fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
    }

    /// Tries to sign in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<SignIn, DirectoryError> {
        self.sign_in_again(email, password, None).await
    }

    /// Tries to sign in where the session of `cookie` may be open: the same person's goes on under
    /// a new cookie, proved anew; another person's ends.
    pub async fn sign_in_again(
        &self,
        email: &str,
        password: &str,
        cookie: Option<&str>,
    ) -> Result<SignIn, DirectoryError> {
        let now = self.source.now();
        let person = match domain::email(email) {
            Some(email) => people::by_email(&self.db, &email).await?,
            None => None,
        };
        if let Some(until) = person
            .as_ref()
            .and_then(|p| p.locked_until)
            .filter(|at| *at > now)
        {
            return Ok(SignIn::Locked(until));
        }
        let stored = person
            .as_ref()
            .filter(|p| !p.disabled)
            .and_then(|p| p.password_hash.clone());
        let password: String = password.chars().take(domain::PASSWORD_CHARS_MAX).collect();
        let fits = password::verify(password, stored).await?;
        match person {
            Some(person) if fits => self.begin_session(&person, cookie).await.map(SignIn::Done),
            Some(person) => self.count_failure(&person).await,
            None => Ok(SignIn::Refused),
        }
    }

    async fn begin_session(
        &self,
        person: &Person,
        cookie: Option<&str>,
    ) -> Result<SignedIn, DirectoryError> {
        let now = self.source.now();
        let token = self.new_token();
        let mut tx = self.db.begin().await?;
        people::succeeded(&mut tx, person.id).await?;
        let expires = now + self.limits.absolute;
        let before = match cookie {
            Some(cookie) => sessions::end(&mut tx, &hash_of(cookie)).await?,
            None => None,
        };
        let id = match before {
            Some((id, same)) if same == person.id => id,
            Some((id, other)) => {
                self.tell_end(&mut tx, id, other).await?;
                self.source.new_id()
            }
            None => self.source.new_id(),
        };
        sessions::begin(&mut tx, (&hash_of(&token), id), person.id, now, expires).await?;
        let change =
            Change::new("directory.session.begin", "person", person.id).of(person.organisation_id);
        let actor = Actor::person(person.id, &person.name, Vec::new());
        self.journal.append(&mut tx, &actor, change).await?;
        tx.commit().await?;
        let max_age_seconds = self.limits.absolute.as_secs().unsigned_abs();
        Ok(SignedIn {
            token,
            max_age_seconds,
        })
    }

    async fn count_failure(&self, person: &Person) -> Result<SignIn, DirectoryError> {
        let mut tx = self.db.begin().await?;
        let attempts = people::failed(&mut tx, person.id).await?;
        let rest = domain::lock_after(attempts).map(|rest| self.source.now() + rest);
        if let Some(until) = rest {
            people::lock(&mut tx, person.id, until).await?;
            let change = Change::new("directory.account.lock", "person", person.id)
                .of(person.organisation_id)
                .after(serde_json::json!({ "attempts": attempts, "until": until.to_string() }));
            self.journal
                .append(&mut tx, &Actor::system("sign-in"), change)
                .await?;
        }
        tx.commit().await?;
        Ok(rest.map_or(SignIn::Refused, SignIn::Locked))
    }

    /// Ends the session of a cookie.
    pub async fn sign_out(&self, token: &str) -> Result<(), DirectoryError> {
        let mut tx = self.db.begin().await?;
        if let Some((id, person)) = sessions::end(&mut tx, &hash_of(token)).await? {
            self.tell_end(&mut tx, id, person).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Ends a session by its id; gives whether there was one.
    pub(crate) async fn end_session(&self, id: Uuid) -> Result<bool, DirectoryError> {
        let mut tx = self.db.begin().await?;
        let Some(person) = sessions::end_one(&mut tx, id).await? else {
            return Ok(false);
        };
        self.tell_end(&mut tx, id, person).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends every session of a person.
    pub(crate) async fn end_sessions(
        &self,
        tx: &mut Tx,
        person: Uuid,
    ) -> Result<(), DirectoryError> {
        for id in sessions::end_all(tx, person).await? {
            self.tell_end(tx, id, person).await?;
        }
        Ok(())
    }

    /// Says in the journal that a session ended: what other modules opened with it ends too.
    pub(crate) async fn tell_end(
        &self,
        tx: &mut Tx,
        id: Uuid,
        person: Uuid,
    ) -> Result<(), DirectoryError> {
        let change = Change::new("directory.session.end", "session", id)
            .after(serde_json::json!({ "person": person }));
        let actor = Actor::system("sign-out");
        self.journal.append(tx, &actor, change).await?;
        Ok(())
    }

    /// The live session of a cookie.
    pub(crate) async fn session_of(&self, cookie: &str) -> Result<Option<Session>, DbError> {
        let now = self.source.now();
        sessions::find(&self.db, &hash_of(cookie), now, now - self.limits.idle).await
    }

    /// Whether a session is live.
    pub(crate) async fn is_live(&self, id: Uuid) -> Result<bool, DbError> {
        let now = self.source.now();
        sessions::is_live(&self.db, id, now).await
    }

    /// Removes sessions that have ended; called now and then.
    pub async fn forget_expired_sessions(&self) -> Result<u64, DbError> {
        sessions::forget_expired(&self.db, self.source.now()).await
    }

    /// Sends a link to choose a new password, when the address has an account. The answer is the
    /// same when it hasn't.
    pub async fn ask_reset(
        &self,
        email: &str,
        subject: &str,
        text: impl FnOnce(&str) -> String,
    ) -> Result<(), DirectoryError> {
        let Some(email) = domain::email(email) else {
            return Ok(());
        };
        let person = people::by_email(&self.db, &email)
            .await?
            .filter(|person| !person.disabled);
        let Some(person) = person else { return Ok(()) };
        let mut tx = self.db.begin().await?;
        let ResetLink(link) = self.new_reset(&mut tx, person.id).await?;
        let mail =
            serde_json::json!({ "to": person.email, "subject": subject, "text": text(&link) });
        self.jobs
            .enqueue(&mut tx, NewJob::new(MAIL_JOB, mail))
            .await?;
        let change = Change::new("directory.password.ask_reset", "person", person.id)
            .of(person.organisation_id);
        self.journal
            .append(&mut tx, &Actor::system("sign-in"), change)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn new_reset(&self, tx: &mut Tx, person: Uuid) -> Result<ResetLink, DirectoryError> {
        let token = self.new_token();
        let expires = self.source.now() + RESET_LIFETIME;
        sessions::begin_reset(tx, &hash_of(&token), person, expires).await?;
        Ok(ResetLink(format!("{}/password/{token}", self.public_url)))
    }

    /// Whether a link to choose a new password still works.
    pub async fn reset_works(&self, token: &str) -> Result<bool, DbError> {
        let found = sessions::find_reset(&self.db, &hash_of(token), self.source.now()).await?;
        Ok(found.is_some())
    }

    /// Sets the password of a link's account and ends its sessions. `None` when the link no longer
    /// works.
    pub async fn use_reset(
        &self,
        token: &str,
        new_password: &str,
    ) -> Result<Option<Result<(), PasswordMistake>>, DirectoryError> {
        let now = self.source.now();
        let Some(person) = sessions::find_reset(&self.db, &hash_of(token), now).await? else {
            return Ok(None);
        };
        let Some(person) = people::find(&self.db, person).await? else {
            return Ok(None);
        };
        if let Err(mistake) = domain::check_password(new_password, &person.email) {
            return Ok(Some(Err(mistake)));
        }
        let hash = password::hash(new_password.to_owned(), self.source.random()).await?;
        let mut tx = self.db.begin().await?;
        // The link may have been used while the password was hashed.
        if sessions::find_reset(&mut tx, &hash_of(token), now)
            .await?
            .is_none()
        {
            return Ok(None);
        }
        self.store_password(&mut tx, &person, &hash).await?;
        tx.commit().await?;
        Ok(Some(Ok(())))
    }

    async fn store_password(
        &self,
        tx: &mut Tx,
        person: &Person,
        hash: &str,
    ) -> Result<(), DirectoryError> {
        sessions::use_resets(tx, person.id).await?;
        people::set_password(tx, person.id, hash).await?;
        self.end_sessions(tx, person.id).await?;
        let actor = Actor::person(person.id, &person.name, Vec::new());
        let change =
            Change::new("directory.password.set", "person", person.id).of(person.organisation_id);
        self.journal.append(tx, &actor, change).await?;
        Ok(())
    }

    /// Sets a person's password from the command line; ends its sessions.
    pub async fn set_password(
        &self,
        person: Uuid,
        new_password: &str,
    ) -> Result<Result<(), PasswordMistake>, DirectoryError> {
        let person = people::find(&self.db, person)
            .await?
            .ok_or(DirectoryError::NotFound)?;
        if let Err(mistake) = domain::check_password(new_password, &person.email) {
            return Ok(Err(mistake));
        }
        let hash = password::hash(new_password.to_owned(), self.source.random()).await?;
        let mut tx = self.db.begin().await?;
        self.store_password(&mut tx, &person, &hash).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// The actor of a person, with its grants unfolded over the tree.
    pub async fn actor_of(&self, person: &Person) -> Result<Actor, DbError> {
        let stored = people::grants(&self.db, person.id).await?;
        let needs_tree = stored.iter().any(|grant| grant.organisation_id.is_some());
        let nodes = if needs_tree {
            organisations::nodes(&self.db).await?
        } else {
            Vec::new()
        };
        let grants = stored
            .into_iter()
            .map(|grant| Grant {
                role: grant.role,
                reach: grant.organisation_id.map_or(Reach::State, |id| {
                    Reach::Organisations(Arc::new(domain::subtree(&nodes, id)))
                }),
            })
            .collect();
        Ok(Actor::person(person.id, &person.name, grants))
    }

    async fn actor_of_session(&self, token: &str) -> Result<Actor, DbError> {
        let now = self.source.now();
        let hash = hash_of(token);
        let seen_after = now - self.limits.idle;
        let Some(session) = sessions::find(&self.db, &hash, now, seen_after).await? else {
            return Ok(Actor::anonymous());
        };
        let person = people::find(&self.db, session.person)
            .await?
            .filter(|person| !person.disabled);
        let Some(person) = person else {
            return Ok(Actor::anonymous());
        };
        if now.duration_since(session.seen_at) > SEEN_EVERY {
            sessions::see(&self.db, &hash, now).await?;
        }
        self.actor_of(&person).await
    }
}

impl Authenticator for Directory {
    fn authenticate<'f>(&'f self, credentials: &'f Credentials) -> Authenticated<'f> {
        Box::pin(async move {
            match &credentials.session {
                Some(token) => Ok(self.actor_of_session(token).await?),
                None => Ok(Actor::anonymous()),
            }
        })
    }
}
