//! Local accounts: choosing a password, and who acts.

use jiff::SignedDuration;
use kit_access::{Actor, Grant, Reach};
use kit_db::{DbError, Tx};
use kit_http::{Authenticated, Authenticator, Credentials};
use kit_jobs::NewJob;
use kit_journal::Change;
use kit_ui::Words;
use std::sync::Arc;
use uuid::Uuid;

use crate::domain::{self, PasswordMistake};
use crate::store::people::Person;
use crate::store::{devices, emails, organisations, people, sessions};
use crate::visit::{Visit, hash_of};
use crate::{Directory, DirectoryError, MAIL_JOB, password};

/// A session's sign of life is written at most this often.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// How long a link to choose a new password works.
const RESET_LIVES: SignedDuration = SignedDuration::from_hours(1);
/// How long the link of an invitation works: people are away for a weekend.
const INVITATION_LIVES: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Links that work at the same time: more would only fill the mailbox, where the others are.
const RESETS_MAX: i64 = 5;

/// A password that was chosen by a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The device cookie's value: whoever reads the mailbox of the account is no stranger. None
    /// outside of a browser.
    pub device: Option<String>,
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

    /// Hands a mail to the worker, in the transaction that causes it.
    pub(crate) async fn send_mail(
        &self,
        tx: &mut Tx,
        to: &str,
        subject: &str,
        text: &str,
    ) -> Result<(), DirectoryError> {
        let mail = serde_json::json!({ "to": to, "subject": subject, "text": text });
        self.jobs.enqueue(tx, NewJob::new(MAIL_JOB, mail)).await?;
        Ok(())
    }

    /// Sends a link to choose a new password, when the address has an account. The answer is the
    /// same when it hasn't.
    pub async fn ask_reset(&self, email: &str, words: &Words) -> Result<(), DirectoryError> {
        let Some(email) = domain::email(email) else {
            return Ok(());
        };
        let person = people::by_email(&self.db, &email)
            .await?
            .filter(|person| !person.disabled);
        let Some(person) = person else { return Ok(()) };
        let mut tx = self.db.begin().await?;
        self.send_reset(&mut tx, &person, words).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Sends a link to choose a first password.
    pub async fn invite(&self, person: Uuid, words: &Words) -> Result<(), DirectoryError> {
        let person = self.person_of(person).await?;
        let mut tx = self.db.begin().await?;
        let link = self.new_reset(&mut tx, person.id, INVITATION_LIVES).await?;
        let subject = words.text("directory-mail-invitation-subject");
        let args = [
            ("name", person.name.as_str().into()),
            ("link", link.as_str().into()),
        ];
        let text = words.text_with("directory-mail-invitation-text", &args);
        self.send_mail(&mut tx, &person.email, &subject, &text)
            .await?;
        let change =
            Change::new("directory.person.invite", "person", person.id).of(person.organisation_id);
        let actor = Actor::system("directory");
        self.journal.append(&mut tx, &actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn new_reset(
        &self,
        tx: &mut Tx,
        person: Uuid,
        lives: SignedDuration,
    ) -> Result<String, DirectoryError> {
        let token = self.new_token();
        let expires = self.source.now() + lives;
        sessions::begin_reset(tx, &hash_of(&token), person, expires).await?;
        Ok(format!("{}/password/{token}", self.public_url))
    }

    pub(crate) async fn send_reset(
        &self,
        tx: &mut Tx,
        person: &Person,
        words: &Words,
    ) -> Result<(), DirectoryError> {
        let now = self.source.now();
        if sessions::live_resets(tx, person.id, now).await? >= RESETS_MAX {
            return Ok(());
        }
        let link = self.new_reset(tx, person.id, RESET_LIVES).await?;
        let subject = words.text("directory-mail-reset-subject");
        let args = [("link", link.as_str().into())];
        let text = words.text_with("directory-mail-reset-text", &args);
        self.send_mail(tx, &person.email, &subject, &text).await?;
        let change = Change::new("directory.password.ask_reset", "person", person.id)
            .of(person.organisation_id);
        let actor = Actor::system("sign-in");
        self.journal.append(tx, &actor, change).await?;
        Ok(())
    }

    /// Whether a link to choose a new password still works.
    pub async fn reset_works(&self, token: &str) -> Result<bool, DbError> {
        let found = sessions::find_reset(&self.db, &hash_of(token), self.source.now()).await?;
        Ok(found.is_some())
    }

    /// Sets the password of a link's account, ends its sessions and forgets its other devices; the
    /// address is verified thereby. `None` when the link no longer works.
    pub async fn use_reset(
        &self,
        token: &str,
        new_password: &str,
        visit: &Visit,
    ) -> Result<Option<Result<Chosen, PasswordMistake>>, DirectoryError> {
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
        people::verify_email(&mut tx, person.id, &person.email, now).await?;
        let (device, _) = self.know_device(&mut tx, person.id, visit).await?;
        if let Some(words) = &visit.words {
            self.mail_factor(&mut tx, &person, "password-changed", words)
                .await?;
        }
        tx.commit().await?;
        Ok(Some(Ok(Chosen { device })))
    }

    async fn store_password(
        &self,
        tx: &mut Tx,
        person: &Person,
        hash: &str,
    ) -> Result<(), DirectoryError> {
        sessions::use_resets(tx, person.id).await?;
        // Whoever asked for another address, or made a browser known, may not have been the owner.
        emails::use_all(tx, person.id).await?;
        devices::remove_all(tx, person.id).await?;
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
