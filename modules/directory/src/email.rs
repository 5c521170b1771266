//! The address of an account: showing that its mailbox is read, and giving another one.

use jiff::SignedDuration;
use kit_access::Actor;
use kit_db::{DbError, Tx};
use kit_journal::Change;
use kit_ui::Words;
use uuid::Uuid;

use crate::domain::{self, Mistake};
use crate::store::emails::{self, EmailLink};
use crate::store::people::Person;
use crate::store::{people, sessions};
use crate::visit::hash_of;
use crate::{Directory, DirectoryError};

/// How long a link works.
const LINK_LIVES: SignedDuration = SignedDuration::from_hours(24);
/// Links of one account that work at the same time.
const LINKS_MAX: i64 = 3;

/// What became of a link that was followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// The address is the account's, and verified.
    Done,
    /// Somebody else has it in the meantime.
    Taken,
    /// The link no longer works.
    Over,
}

impl Directory {
    /// Mails a link to the account's own address. Gives whether it was: not when it is verified
    /// already, nor while enough links work.
    pub async fn send_verification(
        &self,
        person: Uuid,
        words: &Words,
    ) -> Result<bool, DirectoryError> {
        let person = self.person_of(person).await?;
        if person.email_verified_at.is_some() {
            return Ok(false);
        }
        let mut tx = self.db.begin().await?;
        let is_sent = self
            .send_link(&mut tx, &person, &person.email, words)
            .await?;
        tx.commit().await?;
        Ok(is_sent)
    }

    async fn send_link(
        &self,
        tx: &mut Tx,
        person: &Person,
        email: &str,
        words: &Words,
    ) -> Result<bool, DirectoryError> {
        let now = self.source.now();
        if emails::live(tx, person.id, now).await? >= LINKS_MAX {
            return Ok(false);
        }
        let token = self.new_token();
        let link = EmailLink {
            person: person.id,
            email: email.to_owned(),
        };
        emails::begin(tx, &hash_of(&token), &link, now + LINK_LIVES).await?;
        // An address that somebody has gets no mail. Its link is kept and counted like any other,
        // so that not even the limit tells who has an account.
        let whose = people::by_email(&mut *tx, email).await?;
        if whose.is_none_or(|owner| owner.id == person.id) {
            let link = format!("{}/email/{token}", self.public_url);
            let subject = words.text("directory-mail-verify-subject");
            let args = [("link", link.as_str().into())];
            let text = words.text_with("directory-mail-verify-text", &args);
            self.send_mail(tx, email, &subject, &text).await?;
        }
        let change = Change::new("directory.email.ask_verification", "person", person.id)
            .of(person.organisation_id);
        let actor = Actor::person(person.id, &person.name, Vec::new());
        self.journal.append(tx, &actor, change).await?;
        Ok(true)
    }

    /// Asks for another address: a link goes to it, and a warning to the one that the account has.
    /// The account keeps its address until the link is followed. For an address that somebody has
    /// the answer is the same: nobody learns here who has an account.
    pub async fn change_email(
        &self,
        person: Uuid,
        email: &str,
        words: &Words,
    ) -> Result<(), DirectoryError> {
        let mistake = |key| {
            let field = "email";
            DirectoryError::Mistakes(vec![Mistake { field, key }])
        };
        let email = domain::email(email).ok_or_else(|| mistake("directory-mistake-email"))?;
        let person = self.person_of(person).await?;
        if person.email == email {
            return Err(mistake("directory-mistake-email-same"));
        }
        let mut tx = self.db.begin().await?;
        if emails::live(&mut tx, person.id, self.source.now()).await? >= LINKS_MAX {
            return Err(mistake("directory-mistake-email-wait"));
        }
        self.send_link(&mut tx, &person, &email, words).await?;
        let subject = words.text("directory-mail-change-subject");
        let link = format!("{}/password", self.public_url);
        let args = [("link", link.as_str().into())];
        let text = words.text_with("directory-mail-change-text", &args);
        self.send_mail(&mut tx, &person.email, &subject, &text)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The address that a link would verify, while it works.
    pub(crate) async fn email_of_link(&self, token: &str) -> Result<Option<String>, DbError> {
        let now = self.source.now();
        let found = emails::find(&self.db, &hash_of(token), now).await?;
        Ok(found.map(|link| link.email))
    }

    /// Follows a link: its address is the account's from now on, and verified.
    pub async fn follow_email_link(&self, token: &str) -> Result<Followed, DirectoryError> {
        let now = self.source.now();
        let mut tx = self.db.begin().await?;
        let found = emails::find(&mut tx, &hash_of(token), now).await?;
        let Some(link) = found else {
            return Ok(Followed::Over);
        };
        let person = people::find(&mut tx, link.person).await?;
        let Some(person) = person.filter(|person| !person.disabled) else {
            return Ok(Followed::Over);
        };
        if person.email == link.email {
            people::verify_email(&mut tx, person.id, &link.email, now).await?;
        } else if people::change_email(&mut tx, person.id, &link.email, now).await? {
            // What was mailed to the former address opens nothing any more.
            sessions::use_resets(&mut tx, person.id).await?;
        } else {
            return Ok(Followed::Taken);
        }
        emails::use_all(&mut tx, person.id).await?;
        let change = Change::new("directory.email.verify", "person", person.id)
            .of(person.organisation_id)
            .after(serde_json::json!({ "changed": person.email != link.email }));
        let actor = Actor::person(person.id, &person.name, Vec::new());
        self.journal.append(&mut tx, &actor, change).await?;
        tx.commit().await?;
        Ok(Followed::Done)
    }
}
